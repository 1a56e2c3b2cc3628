"""A list of things to choose from: a line, what explains it, and a key at its end. Recents, cameras and commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from viewer.ui import tokens

_HEIGHT = 28
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to choose.

    Attributes:
        text: What it is.
        detail: Explains it, quietly, behind it.
        key: Shown at the end of the line.
    """

    text: str
    detail: str = ""
    key: str = ""


class Rows(QListView):
    """Shows rows; Enter picks one, and so does a click, or a double click where a click only tells what is meant.

    Args:
        name: What the list is called.
        most: Rows that are seen at once.
        by_click: Whether one click picks.
    """

    picked = Signal(int)
    """The user chose the row of this number."""
    meant = Signal(int)
    """The user clicked the row of this number, where that does not pick it."""

    def __init__(self, name: str, most: int = 5, *, by_click: bool = True) -> None:
        super().__init__()
        self._most = most
        self._rows = _RowsModel()
        self.setModel(self._rows)
        self.setItemDelegate(_RowDelegate(self))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.clicked.connect(lambda index: (self.picked if by_click else self.meant).emit(index.row()))
        if not by_click:
            self.doubleClicked.connect(lambda index: self.picked.emit(index.row()))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these, the first one marked."""
        if tuple(rows) != self._rows.rows:
            self._rows.replace(tuple(rows))
            self.mark(0)
            self.updateGeometry()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows.rows

    @property
    def marked(self) -> int:
        """Number of the row that Enter picks; -1 without rows."""
        return self.currentIndex().row()

    def mark(self, row: int) -> None:
        """Mark the row of this number, the nearest there is."""
        last = len(self._rows.rows) - 1
        self.setCurrentIndex(self._rows.index(min(max(row, 0), last), 0) if last >= 0 else QModelIndex())

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.mark(self.marked)  # what Enter would pick is to be seen

    def pick(self) -> None:
        """Choose the marked row."""
        if self.marked >= 0:
            self.picked.emit(self.marked)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pick()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            super().keyPressEvent(event)
        else:
            event.ignore()  # letters search nothing here

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT * min(max(len(self._rows.rows), 1), self._most))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)


class _RowsModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def replace(self, rows: tuple[Row, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index | None = None) -> int:
        return len(self.rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return "\n".join(word for word in (row.text, row.detail) if word)
        return row if role == Qt.ItemDataRole.UserRole else None


class _RowDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(160, _HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - the stubs leave options' fields out
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue] - as above
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.ACCENT_DEEP))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.HOVER))
        _paint(
            painter,
            row,
            rect.adjusted(tokens.UNIT, 0, -tokens.UNIT, 0),
            selected=bool(state & QStyle.StateFlag.State_Selected),
        )


def _paint(painter: QPainter, row: Row, room: QRect, *, selected: bool) -> None:
    painter.setFont(tokens.font())
    metrics = QFontMetrics(tokens.font())
    middle = Qt.AlignmentFlag.AlignVCenter
    if row.key:
        painter.setPen(QColor(tokens.INK if selected else tokens.ACCENT))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, row.key)
        room = room.adjusted(0, 0, -metrics.horizontalAdvance(row.key) - 2 * tokens.UNIT, 0)
    text = metrics.elidedText(row.text, Qt.TextElideMode.ElideMiddle, room.width())
    painter.setPen(QColor(tokens.INK))
    painter.drawText(room, middle, text)
    room = room.adjusted(metrics.horizontalAdvance(text) + 2 * tokens.UNIT, 0, 0, 0)
    if room.width() > 4 * tokens.UNIT:
        painter.setPen(QColor(tokens.INK if selected else tokens.INK_FAINT))
        # The end of a path tells more than its beginning.
        painter.drawText(
            room,
            middle | Qt.AlignmentFlag.AlignRight,
            metrics.elidedText(row.detail, Qt.TextElideMode.ElideLeft, room.width()),
        )
