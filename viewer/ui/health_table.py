"""A row for each watched stage with the numbers of its health, lit up where one is above its limit."""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.core.health import HealthCheck, HealthLimits, Measure, StageHealth
from viewer.session.health_recall import SEEN_BEFORE, Recalled
from viewer.session.health_words import NAMES, how_computed, told
from viewer.ui import tokens
from viewer.ui.health_marks import GRAVE, event_colour
from viewer.ui.health_strip import stage_colour
from viewer.ui.paths import elided_path
from viewer.ui.tips import tip
from viewer.ui.tooltips import wrapped

COLUMNS = (Measure.MEAN, Measure.STD, Measure.MAX, Measure.ZEROS, Measure.DEAD, Measure.DRIFT)
"""Numbers that have a column; what is saturated or not finite colours the stage's name."""

_TITLES = {
    Measure.MEAN: "mean",
    Measure.STD: "std",
    Measure.MAX: "max",
    Measure.ZEROS: "zero %",
    Measure.DEAD: "dead",
    Measure.DRIFT: "drift",
}
_WEIGHTS = dict(zip(COLUMNS, (36, 36, 36, 42, 32, 34), strict=True))
"""Shares of the width."""
_TIGHT = dict(zip(COLUMNS, (38, 33, 34, 35, 40, 36), strict=True))
"""The same beside long names and in narrow panels, where no unit stands in a head."""
_WIDE = 264
"""From this width on there is room for a unit; the tooltip names it in any case."""
_ROW = 22
_LEFT, _RIGHT = 2 * tokens.UNIT, tokens.UNIT + 4
_NAME = 44
_LONG_NAME = 76
"""Room of stages' names, and where a name is a path."""
_CHIP = 14
_Index = QModelIndex | QPersistentModelIndex


def spans(width: float, name_px: int = _NAME) -> dict[Measure, tuple[float, float]]:
    """Where each column begins and ends behind the names, for heads and rows alike."""
    begin = _LEFT + name_px
    weights = _WEIGHTS if name_px == _NAME and width >= _WIDE else _TIGHT
    room = (width - begin - _RIGHT) / sum(weights.values())
    edges = [begin + room * part for part in accumulate(weights.values(), initial=0)]
    return dict(zip(COLUMNS, pairwise(edges), strict=True))


class HealthTable(QWidget):
    """Heads over rows."""

    stage_wished = Signal(str)
    """Tell the numbers of the stage of this node in full."""

    def __init__(self) -> None:
        super().__init__()
        self.list = HealthList()
        self.list.stage_wished.connect(self.stage_wished)
        self._heads = {measure: QLabel(_TITLES[measure]) for measure in COLUMNS}
        self._row = QWidget()
        self._row.setFixedHeight(tokens.ROW)
        for head in self._heads.values():
            head.setParent(self._row)
            head.setObjectName("faint")
            head.setFont(tokens.font(tokens.TEXT_SMALL))
            head.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._row)
        column.addWidget(self.list)

    def show_health(
        self,
        health: tuple[Recalled, ...],
        limits: HealthLimits,
        check: HealthCheck,
        chosen: str | None,
        tapped: tuple[str, ...],
    ) -> None:
        """Show these stages.

        Args:
            health: How they are in the frame that is shown.
            limits: What lights a number up.
            check: How they were looked at.
            chosen: Node of the row that is marked.
            tapped: All tapped nodes, which give the rows their colours.
        """
        for measure, head in self._heads.items():
            head.setToolTip(how_computed(measure, check))
        places = {node: place for place, node in enumerate(tapped)}
        rows = tuple(
            Row(each, each.crossed(limits), places.get(node, 0), node == chosen)
            for each in health
            for node in (each.health.stage.node,)
        )
        before = self.list.name_px
        self.list.show_rows(rows, check)
        if self.list.name_px != before:
            self._place_heads()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_heads()

    def _place_heads(self) -> None:
        taken = self.list.name_px
        for measure, (left, right) in spans(self.width(), taken).items():
            self._heads[measure].setGeometry(round(left), 0, round(right - left), tokens.ROW)
        is_wide = self.width() - taken >= _WIDE - _NAME
        self._heads[Measure.ZEROS].setText(_TITLES[Measure.ZEROS] if is_wide else "zero")


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        recalled: The stage now, with what is known of it from before.
        crossed: Numbers above their limits.
        place: Of its colour.
        chosen: Whether it is marked.
    """

    recalled: Recalled
    crossed: tuple[Measure, ...]
    place: int
    chosen: bool

    @property
    def health(self) -> StageHealth:
        """The stage now."""
        return self.recalled.health

    def told(self, measure: Measure) -> str:
        """A number as the table shows it; a share of dead channels as their number."""
        if measure is Measure.DEAD and self.recalled.dead is not None:
            return str(self.recalled.dead)
        words = told(self.recalled.value(measure), measure)
        return words.removesuffix(" %")  # its head says so

    @property
    def words(self) -> str:
        """The row in words."""
        numbers = ", ".join(f"{NAMES[measure]} {self.in_full(measure)}" for measure in COLUMNS)
        over = "".join(f", {NAMES[measure]} above its limit" for measure in self.crossed)
        return f"{self.health.stage.title}: {numbers}{self.muted}{over}"

    def in_full(self, measure: Measure) -> str:
        """A number with its unit, and when it is from if not from now."""
        when = f" {SEEN_BEFORE}" if measure in self.recalled.earlier else ""
        return f"{told(self.recalled.value(measure), measure)}{when}"

    @property
    def muted(self) -> str:
        """How many channels somebody silenced, to be added to a sentence; empty where none is."""
        return f", {self.health.muted} muted" if self.health.muted else ""


class HealthList(QListView):
    """The rows; a click or arrow keys choose one."""

    stage_wished = Signal(str)
    """Choose the stage of this node."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = HealthRows()
        self.name_px = _NAME
        self._check = HealthCheck(())
        self.setModel(self.rows)
        self.setItemDelegate(_RowPainter(self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Health of stages")
        tip(self, "Click, or ↑ and ↓, to read all numbers of a stage  ( F6 walks here )")
        self.clicked.connect(lambda index: self.stage_wished.emit(self.rows.at(index.row()).health.stage.node))
        self.setFixedHeight(0)

    def show_rows(self, rows: tuple[Row, ...], check: HealthCheck) -> None:
        """Show these; the list is as high as its rows."""
        self._check = check
        metrics = QFontMetrics(tokens.font())
        widest = max((metrics.horizontalAdvance(row.health.stage.title) for row in rows), default=0)
        self.name_px = _NAME if widest <= _NAME - _CHIP else _LONG_NAME
        self.rows.replace(rows)
        self.setFixedHeight(_ROW * len(rows))

    def tip_at(self, place: QPoint) -> str:
        """What is said about the number under a point."""
        index = self.indexAt(place)
        if not index.isValid():
            return ""
        row = self.rows.at(index.row())
        for measure, (left, right) in spans(self.width(), self.name_px).items():
            if left <= place.x() < right:
                muted = row.muted if measure is Measure.DEAD else ""
                return f"{how_computed(measure, self._check)}: {row.in_full(measure)}{muted}"
        grave = "".join(f"\n{NAMES[measure]}: above its limit" for measure in row.crossed)
        stage = row.health.stage
        return f"{stage.title} ({stage.node}), {row.health.channels} channels of {row.health.dtype}{grave}"

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), wrapped(self.tip_at(event.pos()) or self.toolTip()), self)
            return True
        return super().viewportEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.rows.rowCount():
            event.ignore()
            return
        row = min(max(self.rows.chosen + step, 0), self.rows.rowCount() - 1)
        self.stage_wished.emit(self.rows.at(row).health.stage.node)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(tokens.ACCENT))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
            painter.end()


class HealthRows(QAbstractListModel):
    """One row a stage."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()

    def replace(self, rows: tuple[Row, ...]) -> None:
        """Show these."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows != self._rows:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def at(self, row: int) -> Row:
        """A row by its number."""
        return self._rows[row]

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of all stages, from which each is to be told."""
        return tuple(row.health.stage.title for row in self._rows)

    @property
    def chosen(self) -> int:
        """Number of the marked row; -1 where none is."""
        return next((number for number, row in enumerate(self._rows) if row.chosen), -1)

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        return row.words if role == Qt.ItemDataRole.DisplayRole else None


class _RowPainter(QStyledItemDelegate):
    """Paints a row: the colour and the name of the stage, and its numbers."""

    def __init__(self, rows: HealthList) -> None:
        super().__init__(rows)
        self._list = rows

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        painter.save()
        if row.chosen:
            painter.fillRect(rect, QColor(tokens.HOVER))
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(tokens.ACCENT))
        painter.fillRect(QRectF(_LEFT, rect.center().y() - 4, 8, 8), QColor(stage_colour(row.place)))
        _paint_name(painter, row, rect, self._list)
        _paint_numbers(painter, row, rect, self._list.name_px)
        painter.restore()


def _paint_name(painter: QPainter, row: Row, rect: QRectF, among: HealthList) -> None:
    is_broken = any(measure in GRAVE for measure in row.crossed)
    painter.setFont(tokens.font(strong=bool(row.crossed)))
    colour = tokens.BAD if is_broken else tokens.WARN if row.crossed else tokens.INK
    painter.setPen(QColor(colour))
    room = QRectF(_LEFT + _CHIP, rect.top(), among.name_px - _CHIP - 2, rect.height())
    title = elided_path(row.health.stage.title, among.rows.titles, painter.fontMetrics(), room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)


def _paint_numbers(painter: QPainter, row: Row, rect: QRectF, name_px: int) -> None:
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    for measure, (left, right) in spans(rect.width(), name_px).items():
        is_over = measure in row.crossed
        font = tokens.font(tokens.TEXT_SMALL, strong=is_over)
        painter.setFont(_slanted(font) if measure in row.recalled.earlier else font)
        painter.setPen(QColor(event_colour(measure) if is_over else tokens.INK_SOFT))
        painter.drawText(QRectF(left, rect.top(), right - left, rect.height()), align, row.told(measure))


def _slanted(font: QFont) -> QFont:
    """For what is from before."""
    slanted = QFont(font)
    slanted.setItalic(True)
    return slanted
