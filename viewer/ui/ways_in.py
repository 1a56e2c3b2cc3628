"""The ways in on the open page, one widget each: path, camera, address, model. They wish; the session decides."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.session import Wanted
from viewer.ui import tokens
from viewer.ui.cameras import CameraSearch, FoundCamera
from viewer.ui.chooser import Chooser
from viewer.ui.keys import binding_of
from viewer.ui.preview import CameraPreview
from viewer.ui.rows import Row, Rows

_AUTO = "its own"


class WayIn(QWidget):
    """A line to type in, a button that takes it, and words below."""

    wished = Signal(object)
    """Open this `Wanted`."""
    touched = Signal()
    """Something else stands in the line."""
    left_empty = Signal()
    """Enter, and nothing stands in the line."""
    moved = Signal(int)
    """Mark another row of the list, so many below."""

    def __init__(self, name: str, example: str, hint: str) -> None:
        super().__init__()
        self._offered: tuple[str, Wanted] | None = None
        self.field = Field(name, example)
        self.take = QPushButton("Open")
        self.take.setObjectName("primary")
        self.take.setToolTip("Open what is written here  ( Enter )")
        self.take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.line = QHBoxLayout()
        self.line.setSpacing(tokens.UNIT)
        self.line.addWidget(self.field, 1)
        self.line.addWidget(self.take)
        words = QLabel(hint)
        words.setObjectName("faint")
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addLayout(self.line)
        column.addWidget(words)
        column.addStretch(1)
        self.field.returnPressed.connect(self._enter)
        self.field.moved.connect(self.moved)
        self.field.textChanged.connect(lambda _: self.touched.emit())
        self.take.clicked.connect(self._wish)

    def wanted(self, text: str) -> Wanted:
        """What the words in the field ask for."""
        return Wanted(source=text)

    def fill(self, text: str, wanted: Wanted) -> None:
        """Write what was offered; as long as nobody changes it, it stands for all that the offer says."""
        self._offered = (text, wanted)
        self.field.setText(text)
        self.take_focus()

    def take_focus(self) -> None:
        """Take the keys, ready to type something else."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _enter(self) -> None:
        if self.field.text().strip():
            self._wish()
        else:
            self.left_empty.emit()

    def _wish(self) -> None:
        text = self.field.text().strip()
        if self._offered is not None and text == self._offered[0]:
            self.wished.emit(self._offered[1])
        elif text:
            self.wished.emit(self.wanted(text))


class Field(QLineEdit):
    """A line to type in that leaves Escape to the page, and to the window the key that brings the commands."""

    moved = Signal(int)
    """The arrow down (1) or up (-1), which mean nothing in a line."""

    def __init__(self, name: str, example: str) -> None:
        super().__init__()
        self.setPlaceholderText(example)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}, as on the command line  ( Enter opens )")

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        binding = binding_of(event)
        is_palette = binding is not None and binding.command == "palette" and not event.text().isprintable()
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F6) or is_palette:
            event.ignore()  # the palette's Ctrl+K would empty the rest of the line
            return
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self.moved.emit(step)
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # by now a question may have the focus, and one press must not answer it as well


class PathIn(WayIn):
    """A path, typed or chosen in the desktop's own way.

    Args:
        name: What is asked for.
        example: Shown while nothing is typed.
        hint: Words below.
        filters: Kinds of files as Qt spells them; none asks for a folder.
        is_model: Whether it is a model that is asked for.
    """

    def __init__(
        self, name: str, example: str, hint: str, filters: tuple[str, ...] = (), *, is_model: bool = False
    ) -> None:
        super().__init__(name, example, hint)
        self._is_model = is_model
        self.choose = Chooser(name, filters)
        self.line.insertWidget(1, self.choose)
        self.choose.picked.connect(self._chosen)

    @override
    def wanted(self, text: str) -> Wanted:
        return Wanted(model=text) if self._is_model else Wanted(source=text)

    def _chosen(self, path: str) -> None:
        self.field.setText(path)
        self._wish()


class CameraIn(QWidget):
    """Cameras that are there; of the marked one the sizes it offers."""

    wished = Signal(object)
    """Open this `Wanted`."""

    def __init__(self, search: CameraSearch, preview: CameraPreview) -> None:
        super().__init__()
        self.search, self.preview = search, preview
        self._cameras: tuple[FoundCamera, ...] = ()
        self.cameras = Rows("Cameras", most=3)
        self.sizes = Rows("Picture sizes", most=4)
        self.words = QLabel("Looking for cameras …")
        self.words.setObjectName("faint")
        self.words.setWordWrap(True)
        self.again = QPushButton("Look again")
        self.again.setToolTip("Look for cameras again")
        self.again.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        row = QHBoxLayout()
        row.setSpacing(2 * tokens.UNIT)
        lists = QVBoxLayout()
        lists.setSpacing(tokens.UNIT)
        lists.addWidget(self.cameras)
        lists.addWidget(self.sizes)
        lists.addStretch(1)
        row.addLayout(lists, 1)
        row.addWidget(preview, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addLayout(foot)
        column.addStretch(1)
        search.found.connect(self._show)
        self.cameras.selectionModel().currentChanged.connect(lambda *_: self._show_sizes())
        self.cameras.picked.connect(lambda _: self._wish())
        self.sizes.picked.connect(lambda _: self._wish())
        self.sizes.selectionModel().currentChanged.connect(lambda *_: self._watch())
        self.again.clicked.connect(self._look)
        self._show(())

    def take_focus(self) -> None:
        """Take the keys: the cameras do, or what looks for some."""
        (self.cameras if self._cameras else self.again).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.search.end()
        self.preview.show_camera(None)

    def _look(self) -> None:
        self.words.setText("Looking for cameras …")
        self.search.look()

    def _show(self, cameras: tuple[FoundCamera, ...]) -> None:
        self._cameras = cameras
        rows = [
            Row(camera.name or f"Camera {camera.index}", camera.path or f"number {camera.index}") for camera in cameras
        ]
        self.cameras.show_rows(rows)
        self.cameras.setVisible(bool(cameras))
        self.words.setText(
            "Enter opens the marked camera in the marked size."
            if cameras
            else "No camera was found. Plug one in; on Linux your user must be in the group 'video'."
        )
        self._show_sizes()

    def _show_sizes(self) -> None:
        camera = self._marked()
        modes = camera.modes if camera is not None else ()
        sizes = [
            Row(f"{width}{tokens.TIMES}{height}", f"up to {fps:g} fps" if fps else "") for width, height, fps in modes
        ]
        self.sizes.show_rows([Row("Size and rate", _AUTO), *sizes])
        self.sizes.setVisible(bool(modes))
        self._watch()

    def _watch(self) -> None:
        """Look through the marked camera, in the marked size."""
        wanted = self._wanted() if self.isVisible() else None
        self.preview.setVisible(bool(self._cameras))
        self.preview.show_camera(wanted)

    def _marked(self) -> FoundCamera | None:
        row = self.cameras.marked
        return self._cameras[row] if 0 <= row < len(self._cameras) else None

    def _wish(self) -> None:
        wanted = self._wanted()
        if wanted is not None:
            self.preview.let_go(lambda: self.wished.emit(wanted))

    def _wanted(self) -> Wanted | None:
        camera = self._marked()
        if camera is None:
            return None
        size = fps = None
        if self.sizes.marked > 0:
            width, height, rate = camera.modes[self.sizes.marked - 1]
            size, fps = f"{width}x{height}", rate or None
        return Wanted(str(camera.index), size=size, fps=fps)
