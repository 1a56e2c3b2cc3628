"""The table of what was found in the frame: heads that sort, rows that light up their boxes.

Rows are painted by a delegate, for they change five times a second; the model only says what they are, so that arrow
keys, scrolling and screen readers work as in any list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.render.plan import BoxPlan
from viewer.session.order import SortBy, Sorting, StableOrder, in_order
from viewer.ui import tokens
from viewer.ui.marks import Marks
from viewer.ui.tips import tip

BOX_ROLE = Qt.ItemDataRole.UserRole + 1
_ROW = 22
_MARGIN = 2 * tokens.UNIT
_CHIP = 18
"""What the colour of a class takes, and the space beside it."""
_WIDE = 264
"""From this width on there is room for the stride."""
_PAGE = 10
_WIDTHS = {SortBy.SCORE: 44, SortBy.SIZE: 80, SortBy.STRIDE: 44}
_TITLES = {SortBy.CLASS: "Class", SortBy.SCORE: "Score", SortBy.SIZE: "Size px", SortBy.STRIDE: "Stride"}
_TOOLTIPS = {
    SortBy.CLASS: "Sort by class",
    SortBy.SCORE: "Sort by score",
    SortBy.SIZE: "Sort by area; width and height are in pixels of the source",
    SortBy.STRIDE: "Sort by the stride of the head level that made the box; empty where the detector does not say",
}
_CALM = (
    "\nWhile frames run, rows keep their order; none moves while an object is followed or the pointer is on the list."
    "\nThe order is exact, with its arrow, as soon as the picture stands and the pointer is elsewhere"
)
_Index = QModelIndex | QPersistentModelIndex


def columns(width: float) -> dict[SortBy, tuple[float, float]]:
    """Where each column begins and ends, for heads and rows alike; the stride is left out where there is no room."""
    right, spans = width - _MARGIN, {}
    shown = (SortBy.STRIDE, SortBy.SIZE, SortBy.SCORE) if width >= _WIDE else (SortBy.SIZE, SortBy.SCORE)
    for column in shown:
        spans[column] = (right - _WIDTHS[column], right)
        right -= _WIDTHS[column]
    return {SortBy.CLASS: (float(_MARGIN), right), **spans}


class DetectionTable(QWidget):
    """Heads over a list."""

    sort_wished = Signal(SortBy)
    """Sort by this column; the same again turns the order round."""

    def __init__(self) -> None:
        super().__init__()
        self.list = DetectionList()
        self.heads = {by: _Head(by) for by in SortBy}
        self._order = StableOrder()
        self._again: Callable[[], None] | None = None
        self._row = QWidget()
        self._row.setFixedHeight(tokens.ROW)
        for by, head in self.heads.items():
            head.setParent(self._row)
            head.clicked.connect(lambda _=False, by=by: self.sort_wished.emit(by))
        self.list.pointer_left.connect(self._sort_again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._row)
        column.addWidget(self.list, 1)

    def show_boxes(
        self, boxes: Sequence[BoxPlan], sorting: Sorting, *, playing: bool, instead: str, following: bool = False
    ) -> None:
        """List these; no row moves while the pointer is on the list.

        Args:
            boxes: In any order.
            sorting: The order wanted.
            playing: Whether frames run, so that rows keep their order.
            instead: What to say where there is none.
            following: Whether one of them is followed, so that rows keep their place while frames run.
        """
        held = self.list.is_under_pointer or (playing and following)
        listed = self._order.listed(boxes, sorting, playing=playing, held=held)
        is_exact = not playing and listed == in_order(boxes, sorting)
        for by, head in self.heads.items():
            head.show_sorting(sorting if sorting.by is by else None, exact=is_exact)
        self.list.show_boxes(listed, instead)
        self._again = lambda: self.show_boxes(boxes, sorting, playing=playing, instead=instead, following=following)

    def _sort_again(self) -> None:
        if self._again is not None:
            self._again()

    @override
    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        spans = columns(self.width())
        for by, head in self.heads.items():
            head.setVisible(by in spans)
            left, right = spans.get(by, (0.0, 0.0))
            head.setGeometry(round(left) - 4, 0, round(right - left) + 4, tokens.ROW)


class _Head(QAbstractButton):
    """The head of a column: its name, and an arrow if rows are sorted by it."""

    def __init__(self, by: SortBy) -> None:
        super().__init__()
        self._by = by
        self._sorting: Sorting | None = None
        self._exact = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._explain()
        self.setAccessibleName(f"Sort by {by}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_sorting(self, sorting: Sorting | None, *, exact: bool) -> None:
        """Mark it as what rows are sorted by, or not.

        Args:
            sorting: The order; None where another column gives it.
            exact: Whether rows are in it, rather than kept in place while frames run.
        """
        if (sorting, exact) != (self._sorting, self._exact):
            self._sorting, self._exact = sorting, exact
            self._explain()
            self.update()

    @property
    def arrow(self) -> str:
        """What points in the direction of the order; empty while rows are not in it."""
        if self._sorting is None or not self._exact:
            return ""
        return "\N{DOWNWARDS ARROW}" if self._sorting.falling else "\N{UPWARDS ARROW}"

    def _explain(self) -> None:
        calm = "" if self._sorting is None or self._exact else _CALM
        self.setToolTip(f"{_TOOLTIPS[self._by]}  ( F6 walks here, Space sorts ){calm}")

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTHS.get(self._by, 64), tokens.ROW)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -2.5), tokens.RADIUS, tokens.RADIUS)
        marked = self._sorting is not None
        painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=marked))
        painter.setPen(QColor(tokens.INK if marked or self.underMouse() else tokens.INK_FAINT))
        arrow = self.arrow
        align = Qt.AlignmentFlag.AlignLeft if self._by is SortBy.CLASS else Qt.AlignmentFlag.AlignRight
        words = f"{_TITLES[self._by]} {arrow}" if self._by is SortBy.CLASS else f"{arrow} {_TITLES[self._by]}"
        painter.drawText(self.rect().adjusted(4, 0, 0, 0), align | Qt.AlignmentFlag.AlignVCenter, words.strip())
        painter.end()


class DetectionList(QListView):
    """The rows; arrow keys or a click choose one."""

    box_chosen = Signal(object)
    """Follow this `BoxPlan`; None for a click beside all rows."""
    box_pointed = Signal(object)
    """The pointer is on the row of this `BoxPlan`, or on none."""
    pointer_left = Signal()
    """The pointer is on the list no more."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = DetectionRows()
        self.is_under_pointer = False
        self.instead = ""
        self._pointed: BoxPlan | None = None
        self._chosen_row = -1
        self.setModel(self.rows)
        self.setItemDelegate(_RowPainter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setMinimumHeight(3 * _ROW)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Detections")
        tip(
            self,
            "Click, or ↑ and ↓, to follow an object  ( {follow_next} next, {follow_previous} previous, Esc lets go )\n"
            "No row moves while the pointer is on the list, or while frames run and an object is followed",
        )

    def show_boxes(self, boxes: tuple[BoxPlan, ...], instead: str) -> None:
        """List these from the top, or say a word instead of none."""
        self.rows.set_boxes(boxes)
        if instead != self.instead:
            self.instead = instead
            self.viewport().update()

    def show_marks(self, marks: Marks) -> None:
        """Mark the rows of the boxes that stand out, and keep the chosen one in sight.

        The list is not moved under a hand that is on it, except to another row that was chosen meanwhile.
        """
        if self.rows.set_marks(marks):
            self.viewport().update()
        row = self.rows.row_of(marks.chosen)
        is_another = row >= 0 and row != self._chosen_row
        if row >= 0 or marks.ghost is None:
            self._chosen_row = row  # one that is lost comes back to its row
        if is_another:
            self.setCurrentIndex(self.rows.index(row))
        self._reveal(even_under_hand=is_another)

    def _reveal(self, *, even_under_hand: bool = False) -> None:
        """Bring the chosen row into sight."""
        row, bar = self.rows.row_of(self.rows.marks.chosen), self.verticalScrollBar()
        is_held = self.is_under_pointer or bar.underMouse() or bar.isSliderDown()
        if row >= 0 and (even_under_hand or not is_held):
            self.scrollTo(self.rows.index(row))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Up: -1, keys.Key_Down: 1, keys.Key_PageUp: -_PAGE, keys.Key_PageDown: _PAGE}
        step = steps.get(Qt.Key(event.key()))
        count = self.rows.rowCount()
        if step is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif count:
            row = self.rows.row_of(self.rows.marks.chosen)
            self.box_chosen.emit(self.rows.box_at(min(max(row + step, 0), count - 1)))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.box_chosen.emit(self._box_under(event))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.is_under_pointer = True
        self._point(self._box_under(event))

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)
        super().leaveEvent(event)
        self.is_under_pointer = False
        self.pointer_left.emit()
        self._reveal()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.is_under_pointer = True
        super().wheelEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reveal()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rows.rowCount() and self.instead:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(tokens.INK_FAINT))
            room = QRectF(_MARGIN, 4, self.width() - 2 * _MARGIN, 3 * _ROW)
            painter.drawText(room, Qt.TextFlag.TextWordWrap, self.instead)
            painter.end()

    def _box_under(self, event: QMouseEvent) -> BoxPlan | None:
        index = self.indexAt(event.position().toPoint())
        return self.rows.box_at(index.row()) if index.isValid() else None

    def _point(self, box: BoxPlan | None) -> None:
        if box is not self._pointed:
            self._pointed = box
            self.box_pointed.emit(box)


@dataclass(frozen=True, slots=True)
class _Row:
    box: BoxPlan
    chosen: bool
    pointed: bool


class DetectionRows(QAbstractListModel):
    """One row a box."""

    def __init__(self) -> None:
        super().__init__()
        self._boxes: tuple[BoxPlan, ...] = ()
        self.marks = Marks()

    @property
    def boxes(self) -> tuple[BoxPlan, ...]:
        """Those of all rows, from the top."""
        return self._boxes

    def set_boxes(self, boxes: tuple[BoxPlan, ...]) -> None:
        """Show these; the list keeps its scroll position, as rows come and go at its end only."""
        before, now = len(self._boxes), len(boxes)
        if boxes == self._boxes:
            return
        if now > before:
            self.beginInsertRows(QModelIndex(), before, now - 1)
            self._boxes = boxes
            self.endInsertRows()
        elif now < before:
            self.beginRemoveRows(QModelIndex(), now, before - 1)
            self._boxes = boxes
            self.endRemoveRows()
        self._boxes = boxes
        if boxes:
            self.dataChanged.emit(self.index(0), self.index(now - 1))

    def set_marks(self, marks: Marks) -> bool:
        """Mark these; returns whether that is new."""
        changed = marks != self.marks
        self.marks = marks
        return changed

    def box_at(self, row: int) -> BoxPlan:
        """The box of a row."""
        return self._boxes[row]

    def row_of(self, box: BoxPlan | None) -> int:
        """Row of a box; -1 if it is not listed."""
        return next((row for row, other in enumerate(self._boxes) if other.is_same(box)), -1)

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._boxes)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        box = self._boxes[index.row()]
        if role == BOX_ROLE:
            return _Row(box, box.is_same(self.marks.chosen), box.is_same(self.marks.pointed))
        if role == Qt.ItemDataRole.DisplayRole:
            stride = f", stride {box.stride}" if box.stride else ""
            under = ", under the threshold" if box.under else ""
            return f"{box.text}, {size_text(box)} pixels{stride}{under}"
        return None


def size_text(box: BoxPlan) -> str:
    """Width and height of a box."""
    width, height = box.size_px
    return f"{width}{tokens.TIMES}{height}"


class _RowPainter(QStyledItemDelegate):
    """Paints a row: colour of the class, its name, score, size and stride."""

    def __init__(self, rows: QListView) -> None:
        super().__init__(rows)
        self._list = rows

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: _Row = index.data(BOX_ROLE)
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        # A bar to scroll with stands in the margin, so that cells keep under their heads.
        rect.setWidth(self._list.width())
        painter.save()
        if row.chosen or row.pointed:
            painter.fillRect(rect, QColor(tokens.HOVER if row.chosen else tokens.RAISED))
        if row.chosen:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(tokens.ACCENT))
        _paint_cells(painter, row.box, rect)
        painter.restore()


def _paint_cells(painter: QPainter, box: BoxPlan, rect: QRectF) -> None:
    middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
    spans = columns(rect.width())
    begin, end = spans.pop(SortBy.CLASS)
    chip = QRectF(begin, rect.center().y() - 5, 10, 10)
    if box.under:
        # Dots of the class's colour alone are lost on a light panel.
        painter.fillRect(chip, tokens.ink(QColor(*box.rgb).name(), 0.35))
        painter.setPen(QPen(QColor(tokens.INK_FAINT), 1, Qt.PenStyle.DotLine))
        painter.drawRect(chip.adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        painter.fillRect(chip, QColor(*box.rgb))
    painter.setFont(tokens.font())
    painter.setPen(QColor(tokens.INK_FAINT if box.under else tokens.INK))
    words = QRectF(begin + _CHIP, rect.top(), end - begin - _CHIP, rect.height())
    name = painter.fontMetrics().elidedText(box.name, Qt.TextElideMode.ElideRight, int(words.width()))
    painter.drawText(words, middle, name)
    painter.setPen(QColor(tokens.INK_FAINT if box.under else tokens.INK_SOFT))
    texts = {
        SortBy.SCORE: f"{box.score:.2f}",
        SortBy.SIZE: size_text(box),
        SortBy.STRIDE: str(box.stride) if box.stride else tokens.NONE,
    }
    for by, (left, edge) in spans.items():
        painter.drawText(QRectF(left, rect.top(), edge - left, rect.height()), middle | right, texts[by])
