"""What an export is to be, asked before it begins: which frames, what of each, where to, and what that comes to."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from viewer.render.film import FILM_WH
from viewer.session import ViewState
from viewer.session.export_choice import (
    ExportChoice,
    Show,
    choice_from,
    estimate_words,
    explain_words,
    fitting,
    range_words,
    show_words,
)
from viewer.ui import tokens
from viewer.ui.chooser import Chooser
from viewer.ui.controls import Choice
from viewer.ui.page import Page

_WIDTH = 560


class ExportPage(Page):
    """Three choices, what they come to, and Enter."""

    wished = Signal(object)
    """Export this `ExportChoice`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Export as a video", _WIDTH)
        self._state = ViewState()
        self._canvas_of: Callable[[ExportChoice], tuple[int, int]] = lambda _: FILM_WH
        self.range = Choice("Frames", "Which frames are exported: those of the loop, or all", ())
        self.show_what = Choice(
            "Shown",
            "What of each frame: the tiles of this page as they stand, a swipe's divider where it is, "
            "the frame with its boxes alone, or one tile",
            (),
        )
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder for this export")
        self.folder.setToolTip("Where the video goes, made if it is not there; empty: where snapshots go")
        self.choose = Chooser("Folder for this export")
        self.comes_to = QLabel()
        self.comes_to.setObjectName("soft")
        self.comes_to.setWordWrap(True)
        self.explains = QLabel()
        self.explains.setObjectName("soft")
        self.explains.setWordWrap(True)
        self.says = QLabel()
        self.says.setObjectName("trouble")
        self.says.setWordWrap(True)
        self.begin = QPushButton("Export")
        self.begin.setObjectName("primary")
        self.begin.setToolTip("Begin to export, beside playing  ( Enter )")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Export nothing  ( Esc )")
        for button in (self.begin, self.cancel):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.range.chosen.connect(lambda _: self._tell())
        self.show_what.chosen.connect(lambda _: self._tell())
        self.folder.textEdited.connect(lambda _: self.refuse(""))
        self.choose.picked.connect(self._chosen)
        self.begin.clicked.connect(lambda _: self._wish())
        self.cancel.clicked.connect(lambda _: self.put_away())

    @property
    def choice(self) -> ExportChoice:
        """What is chosen now."""
        show, tile = show_words(self._state).get(self.show_what.currentText(), (Show.TILES, ""))
        whole = range_words(self._state).get(self.range.currentText(), False)
        # Where there is no loop, nothing is chosen, and the next loop is exported unless the user says otherwise.
        return ExportChoice(whole and len(range_words(self._state)) > 1, show, tile, self.folder.text().strip())

    def ask(
        self, state: ViewState, folder: Path, canvas_of: Callable[[ExportChoice], tuple[int, int]] = lambda _: FILM_WH
    ) -> None:
        """Show what was chosen last, as far as it is there.

        Args:
            state: What is shown.
            folder: Where exports go by themselves.
            canvas_of: Says how large the pictures of a choice would be.
        """
        self._state, self._canvas_of = state, canvas_of
        chosen = fitting(choice_from(state.recents.export), state)
        ranges, shows = range_words(state), show_words(state)
        self._fill(self.range, list(ranges), next((w for w, whole in ranges.items() if whole == chosen.whole), ""))
        self._fill(
            self.show_what, list(shows), next(w for w, what in shows.items() if what == (chosen.show, chosen.tile))
        )
        self.folder.setPlaceholderText(str(folder))
        self.folder.setText(chosen.folder)
        self.choose.begins_at = chosen.folder or str(folder)
        self.refuse("")
        self._tell()

    def refuse(self, problem: str) -> None:
        """Say why it does not begin; an empty text says nothing."""
        self.says.setText(problem)
        self.says.setVisible(bool(problem))

    @override
    def take_focus(self) -> None:
        self.begin.setFocus()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not (self.cancel.hasFocus() or self.choose.hasFocus()):
            self._wish()
        else:
            super().keyPressEvent(event)

    def _chosen(self, folder: str) -> None:
        self.folder.setText(folder)
        self.refuse("")
        self.begin.setFocus()

    def _wish(self) -> None:
        self.wished.emit(self.choice)

    def _tell(self) -> None:
        self.comes_to.setText(estimate_words(self._state, self.choice, self._canvas_of(self.choice)))
        explained = explain_words(self._state, self.choice)
        self.explains.setText(explained)
        for widget in (self.explains, self._explains_name):
            widget.setVisible(bool(explained))

    def _fill(self, field: Choice, words: list[str], chosen: str) -> None:
        field.clear()
        field.addItems(words)
        field.set_word(chosen or words[0])

    def _lay_out(self) -> None:
        title = QLabel("Export as a video")
        title.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * tokens.UNIT)
        grid.setVerticalSpacing(tokens.UNIT)
        self._explains_name = QLabel("Explains")
        place = QWidget()
        line = QHBoxLayout(place)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.UNIT)
        line.addWidget(self.folder, 1)
        line.addWidget(self.choose)
        rows: tuple[tuple[QLabel, QWidget], ...] = (
            (QLabel("Frames"), self.range),
            (QLabel("Shown"), self.show_what),
            (self._explains_name, self.explains),
            (QLabel("Folder"), place),
            (QLabel("Comes to"), self.comes_to),
        )
        for row, (label, field) in enumerate(rows):
            label.setObjectName("soft")
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.setSpacing(tokens.UNIT)
        foot.addStretch(1)
        foot.addWidget(self.begin)
        foot.addWidget(self.cancel)
        self.column.addWidget(title)
        self.column.addLayout(grid)
        self.column.addWidget(self.says)
        self.column.addLayout(foot)
