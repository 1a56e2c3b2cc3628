"""One stage of all a network has: a field and a short list that what is typed narrows, for there may be hundreds."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QStyleOptionComboBox, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.stage import Stage
from viewer.session.stage_tree import NO_MATCH, matches
from viewer.ui import tokens
from viewer.ui.controls import Choice
from viewer.ui.paths import elided_path
from viewer.ui.rows import Row, Rows
from viewer.ui.steering import SteeringField

_WIDTH = 400
_MOST = 16
_DOT = " \N{MIDDLE DOT} "


class StageChoice(Choice):
    """A box with the stage in hand; what it opens lists the tapped stages first.

    Args:
        name: What it is called.
        tooltip: What it is for.
    """

    node_chosen = Signal(str)
    """The user chose the stage at this node."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__(name, tooltip, ())
        self.picker = StagePicker(self)
        self._stages: tuple[Stage, ...] = ()
        self._nodes: tuple[str, ...] = ()
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda row: self.node_chosen.emit(self._stages[row].node))
        self.picker.picked.connect(self.node_chosen)
        self.picker.closed.connect(self.update)

    def show_stages(self, stages: tuple[Stage, ...], tapped: tuple[str, ...], node: str) -> None:
        """Offer these stages.

        Args:
            stages: In the order of execution.
            tapped: Nodes of those to list first.
            node: Of the stage in hand.
        """
        listed = tuple(sorted(stages, key=lambda stage: stage.node not in tapped))
        if listed != self._stages:
            self._stages = listed
            self._nodes = tuple(stage.node for stage in listed)
            self.clear()
            self.addItems([_titled(stage.name, stage.node) for stage in listed])
        self.picker.offer(listed, frozenset(tapped))
        if node in self._nodes:
            self.setCurrentIndex(self._nodes.index(node))

    @override
    def showPopup(self) -> None:
        if self._stages:
            self.picker.open_below(self, self._nodes[max(self.currentIndex(), 0)])

    @override
    def hidePopup(self) -> None:
        self.picker.hide()

    @override
    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        if 0 <= self.currentIndex() < len(self._stages):
            stage = self._stages[self.currentIndex()]
            option.currentText = told(stage, self._nodes, self.fontMetrics(), self.word_room(option))  # pyright: ignore[reportAttributeAccessIssue] - stub lacks it


class StagePicker(QFrame):
    """The list, which opens beside its box and closes with Escape or a click elsewhere.

    Args:
        parent: The box.
    """

    picked = Signal(str)
    """The user chose the stage at this node."""
    closed = Signal()
    """It is seen no more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("card")
        self._stages: tuple[Stage, ...] = ()
        self._found: list[Stage] = []
        self._tapped: frozenset[str] = frozenset()
        self.rows = Rows("Stages", most=_MOST)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        hint = "Name, node, kind, role or stride, such as P3, conv neck or s16  ( ↑ ↓ choose, Enter takes it )"
        self.field = SteeringField("Search stages", "Search stages", hint, self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.UNIT, tokens.UNIT, tokens.UNIT, tokens.UNIT)
        column.setSpacing(tokens.UNIT)
        column.addWidget(self.field)
        column.addWidget(self.rows, 1)
        self.field.textChanged.connect(self._search)
        self.rows.picked.connect(self._pick)

    def offer(self, stages: tuple[Stage, ...], tapped: frozenset[str]) -> None:
        """List these from the next time it opens on."""
        if not self.isVisible():
            self._stages, self._tapped = stages, tapped

    def open_below(self, box: QWidget, node: str) -> None:
        """Open with nothing searched for.

        Args:
            box: What it opens under, or over where there is no room.
            node: Of the stage that is marked.
        """
        self.field.clear()
        self._search("")
        margins = 3 * tokens.UNIT
        height = self.field.sizeHint().height() + self.rows.sizeHint().height() + margins
        screen = box.screen().availableGeometry()
        corner = box.mapToGlobal(QPoint(box.width() - _WIDTH, box.height()))
        top = max(screen.top(), min(corner.y(), screen.bottom() - height))
        self.setGeometry(max(screen.left(), corner.x()), top, _WIDTH, height)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.rows.mark(next((row for row, stage in enumerate(self._found) if stage.node == node), 0))

    def _search(self, text: str) -> None:
        self._found = [stage for stage in self._stages if matches(stage, text)]
        nodes = tuple(stage.node for stage in self._stages)
        metrics = QFontMetrics(tokens.font())
        rows = [self._row(stage, nodes, metrics) for stage in self._found]
        self.rows.show_rows(rows or [Row(NO_MATCH)])
        self.rows.mark(0)

    def _row(self, stage: Stage, nodes: tuple[str, ...], metrics: QFontMetrics) -> Row:
        detail, key = f"stride {stage.stride}", "tapped" if stage.node in self._tapped else ""
        taken = sum(metrics.horizontalAdvance(words) + 3 * tokens.UNIT for words in (detail, key) if words)
        return Row(told(stage, nodes, metrics, _WIDTH - taken - 7 * tokens.UNIT), detail, key)

    def _pick(self, row: int) -> None:
        if row < len(self._found):
            node = self._found[row].node
            self.hide()
            self.picked.emit(node)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()


def told(stage: Stage, nodes: tuple[str, ...], metrics: QFontMetrics, room: float) -> str:
    """A stage by its short name and as much of its path as there is room for."""
    begin = f"{stage.name}{_DOT}" if stage.name else ""
    return begin + elided_path(stage.node, nodes, metrics, room - metrics.horizontalAdvance(begin))


def _titled(name: str, node: str) -> str:
    return f"{name}{_DOT}{node}" if name else node
