"""Which classes are kept: a list to check, of those seen so far, with how many of each are in the frame."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.session.classes import ClassRow, class_order
from viewer.ui import tokens
from viewer.ui.stage_painter import paint_check, paint_row_ground

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_ROW = 22
_HEIGHT = 6 * _ROW
"""It does not grow with the classes that come, or all around it would move."""
_MANY = 8
"""With more classes than this there is a field to search them."""
_ONLY_WIDTH = 40
_MARGIN = 2 * tokens.UNIT
_Index = QModelIndex | QPersistentModelIndex


class ClassFilter(QWidget):
    """A field to search if there are many, over the list."""

    left = Signal()
    """Enter or Escape in the field: the keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.list = ClassList()
        self.search = _Search()
        self.search.textChanged.connect(lambda _: self._show(anew=True))
        self.search.left.connect(self.left)
        self._rows: tuple[ClassRow, ...] = ()
        self._others: tuple[ClassRow, ...] = ()
        self._order: tuple[int, ...] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        field = QVBoxLayout()
        field.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        field.addWidget(self.search)
        column.addLayout(field)
        column.addWidget(self.list, 1)
        self.setFixedHeight(_HEIGHT)
        self._show(anew=True)

    def show_rows(
        self, rows: tuple[ClassRow, ...], others: tuple[ClassRow, ...] = (), *, playing: bool = False
    ) -> None:
        """List these classes, those that the search leaves.

        Args:
            rows: By name.
            others: Classes that only the search brings.
            playing: Whether frames run. No class moves then, nor while a hand is on the list.
        """
        is_held = playing or self.list.underMouse() or self.list.hasFocus()
        if (rows, others) != (self._rows, self._others) or not is_held:
            self._rows, self._others = rows, others
            self._show(anew=not is_held)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show(anew=True)

    def _show(self, *, anew: bool) -> None:
        rows = class_order(self._rows, None if anew else self._order)
        self._order = tuple(row.label for row in rows) or None
        words = self.search.text().strip().casefold()
        count = len(rows) + len(self._others)
        self.search.setVisible(count > _MANY or bool(words))
        self.search.setPlaceholderText(f"Search all {count} classes" if self._others else "Search classes")
        shown = tuple(row for row in (*rows, *(self._others if words else ())) if words in row.name.casefold())
        self.list.rows.set_rows(shown)


class _Search(QLineEdit):
    """Enter keeps what was typed, Escape empties it; both give the keys back."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search classes")
        self.setAccessibleName("Search classes")
        self.setToolTip("Show classes with these letters; Esc shows all")

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ClassList(QListView):
    """The classes: a click or Space keeps one or leaves it out, a click on `only` or Enter keeps it alone."""

    switch_wished = Signal(int, bool)
    """Keep the class of this number, or leave it out."""
    only_wished = Signal(int)
    """Keep it alone; all again if it is alone already."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = _ClassRows()
        self.setModel(self.rows)
        self.setItemDelegate(_ClassPainter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Classes")

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, index = Qt.Key, self.currentIndex()
        if event.key() in (keys.Key_Up, keys.Key_Down, keys.Key_PageUp, keys.Key_PageDown):
            super().keyPressEvent(event)
        elif index.isValid() and event.key() == keys.Key_Space:
            self._switch(index)
        elif index.isValid() and event.key() in (keys.Key_Return, keys.Key_Enter):
            self.only_wished.emit(self.rows.row_at(index).label)
        else:
            event.ignore()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        if event.position().x() > self.viewport().width() - _MARGIN - _ONLY_WIDTH:
            self.only_wished.emit(self.rows.row_at(index).label)
        else:
            self._switch(index)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()

    def _switch(self, index: QModelIndex) -> None:
        row = self.rows.row_at(index)
        self.switch_wished.emit(row.label, not row.kept)


class _ClassRows(QAbstractListModel):
    """One row a class."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ClassRow, ...] = ()

    def set_rows(self, rows: tuple[ClassRow, ...]) -> None:
        """Show these; a list of the same classes keeps its current row."""
        if rows == self._rows:
            return
        if [row.label for row in rows] == [row.label for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row_at(self, index: _Index) -> ClassRow:
        """The class of a row."""
        return self._rows[index.row()]

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if row.kept else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.name}, {row.count} in this frame" if row.seen else f"{row.name}, not seen so far"
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                f"{row.name}: {f'{row.count} in this frame' if row.seen else 'not seen so far'}\n"
                "Click or Space to keep or leave out its objects; only, or Enter, to keep no others"
            )
        return None


class _ClassPainter(QStyledItemDelegate):
    """Paints a class: check box, colour, name, and its count, or `only` under the pointer."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        state = option.state  # pyright: ignore[reportAttributeAccessIssue] - stub lacks state
        row: ClassRow = index.data(ROW_ROLE)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_row_ground(painter, rect, state)
        _paint_class(painter, row, rect.adjusted(_MARGIN, 0, -_MARGIN, 0), over=over)
        painter.restore()


def _paint_class(painter: QPainter, row: ClassRow, room: QRectF, *, over: bool) -> None:
    middle = Qt.AlignmentFlag.AlignVCenter
    paint_check(painter, QRectF(room.left(), room.center().y() - 7, 14, 14), checked=row.kept)
    painter.fillRect(QRectF(room.left() + 24, room.center().y() - 5, 10, 10), QColor(*row.rgb))
    painter.setFont(tokens.font())
    painter.setPen(QColor(tokens.INK if row.kept and row.seen else tokens.INK_FAINT))
    words = room.adjusted(42, 0, -_ONLY_WIDTH, 0)
    name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(words.width()))
    painter.drawText(words, middle, name)
    painter.setPen(QColor(tokens.ACCENT if over else tokens.INK_SOFT if row.kept and row.seen else tokens.INK_FAINT))
    painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, "only" if over else str(row.count))
