"""The actions with their keys as a list: what it says, and how a line is painted."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from viewer.session.key_edit import KeyEdit
from viewer.ui import tokens
from viewer.ui.keys import BINDINGS, Binding, key_text

LINE_ROLE = Qt.ItemDataRole.UserRole
_ROW = 28
_Index = QModelIndex | QPersistentModelIndex


class KeyRows(QAbstractListModel):
    """One line a group and one an action."""

    def __init__(self, edit: KeyEdit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.edit = edit
        self._lines: list[str | Binding] = []
        for title, group in BINDINGS.items():
            bindable = [binding for binding in group if binding.is_bindable]
            self._lines += [title, *bindable] if bindable else []

    def show_edit(self, edit: KeyEdit) -> None:
        """Bring keys to what holds."""
        self.edit = edit
        self.dataChanged.emit(self.index(0), self.index(len(self._lines) - 1))

    def row_of(self, action: str) -> QModelIndex:
        """Where an action stands."""
        return next(
            self.index(row)
            for row, line in enumerate(self._lines)
            if isinstance(line, Binding) and line.action == action
        )

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._lines)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line if isinstance(line, str) else f"{line.text}: {self.keys_text(line.action)}"
        return None

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        named = isinstance(self._lines[index.row()], Binding)
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if named else Qt.ItemFlag.NoItemFlags

    def keys_text(self, action: str) -> str:
        """What is said of its keys in words."""
        return ", ".join(map(key_text, self.edit.keymap.keys(action))) or "no key"


class KeyPainter(QStyledItemDelegate):
    """Paints a group's name, or an action with its keys as little caps at the right."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        line, model = index.data(LINE_ROLE), index.model()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = rect.adjusted(tokens.UNIT, 0, -tokens.UNIT, 0)
        if isinstance(line, str):
            painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
            painter.setPen(QColor(tokens.INK_FAINT))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, line.upper())
        elif isinstance(model, KeyRows):
            state = option.state  # pyright: ignore[reportAttributeAccessIssue] - stub lacks state
            _paint_ground(painter, rect, state)
            _paint_action(painter, inner, line, model.edit)
        painter.restore()


def _paint_ground(painter: QPainter, rect: QRectF, state: QStyle.StateFlag) -> None:
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.ACCENT_DEEP if chosen else tokens.RAISED))
        painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), tokens.RADIUS, tokens.RADIUS)
    if chosen and state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QColor(tokens.ACCENT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.5, 1.5, -0.5, -1.5), tokens.RADIUS, tokens.RADIUS)


def _paint_action(painter: QPainter, inner: QRectF, binding: Binding, edit: KeyEdit) -> None:
    right = inner.right()
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    if edit.action == binding.action:
        right = _paint_cap(painter, "press a key", inner, right, edge=tokens.ACCENT)
    for key in reversed(edit.keymap.keys(binding.action)):
        right = _paint_cap(painter, key_text(key), inner, right, edge=tokens.EDGE)
    for key in edit.keymap.conflicts(binding.action):
        right = _paint_cap(painter, f"{key_text(key)} is taken", inner, right, edge=tokens.WARN)
    painter.setFont(tokens.font(strong=edit.keymap.is_changed(binding.action)))
    painter.setPen(QColor(tokens.INK))
    room = QRectF(inner.left(), inner.top(), right - inner.left() - tokens.UNIT, inner.height())
    text = painter.fontMetrics().elidedText(binding.text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


def _paint_cap(painter: QPainter, text: str, inner: QRectF, right: float, *, edge: str) -> float:
    width = max(20, painter.fontMetrics().horizontalAdvance(text) + 12)
    cap = QRectF(right - width + 0.5, inner.center().y() - 9.5, width - 1, 19)
    painter.setPen(QColor(edge))
    painter.setBrush(QColor(tokens.RAISED))
    painter.drawRoundedRect(cap, tokens.RADIUS, tokens.RADIUS)
    painter.setPen(QColor(tokens.INK))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, text)
    return right - width - 4
