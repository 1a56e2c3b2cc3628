"""How the stages of a detector stand in a list: the rows behind it, and the painting of one row.

A model has up to a few hundred stages, so rows are painted by a delegate; a widget each would cost seconds.
"""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from viewer.core.stage import Role, Stage
from viewer.session.costs import FRAMES, Costs
from viewer.ui import tokens

STAGE_ROLE = Qt.ItemDataRole.UserRole + 1
_ROW_HEIGHT = 40
_SHARE_WIDTH = 32
_TIME_ROOM = 52
"""What the widest time of a stage takes, and the space beside it."""
_TAP_ROOM = 38
"""The same for the time of its tap."""
_Index = QModelIndex | QPersistentModelIndex
_GROUPS = (
    ("Suggested", lambda stage: stage.default),
    ("Backbone", lambda stage: stage.role is Role.BACKBONE and not stage.default),
    ("Neck", lambda stage: stage.role is Role.NECK and not stage.default),
    ("Head", lambda stage: stage.role is Role.HEAD and not stage.default),
)


class StageRows(QAbstractListModel):
    """Stages under headings: those chosen for the user first, the others by their part of the network."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Stage | str] = []
        self._stages: tuple[Stage, ...] = ()
        self._tapped: frozenset[str] = frozenset()
        self._shed: frozenset[str] = frozenset()
        self._costs = Costs()
        self.widest_share = 0.0

    def set_stages(self, stages: tuple[Stage, ...], tapped: tuple[str, ...]) -> None:
        """Show these stages, checked where they are tapped."""
        if stages != self._stages:
            self.beginResetModel()
            self._stages = stages
            self.widest_share = max((stage.share for stage in stages), default=0.0)
            self._rows = []
            for title, belongs in _GROUPS:
                members = [stage for stage in stages if belongs(stage)]
                self._rows += [title, *members] if members else []
            self._tapped = frozenset(tapped)
            self.endResetModel()
        elif frozenset(tapped) != self._tapped:
            self._tapped = frozenset(tapped)
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def set_costs(self, costs: Costs, shed: frozenset[str]) -> None:
        """Show what stages and taps take, and which of the tapped are left out for speed."""
        if (costs, shed) != (self._costs, self._shed):
            self._costs, self._shed = costs, shed
            if self._rows:
                self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def stage_text(self, stage: Stage) -> str:
        """What the stage takes of a frame's time: in milliseconds once that is measured, until then its share."""
        if not self.widest_share:
            return tokens.NONE  # of an exported program no stage's time can be told
        if not self._costs.forward_ms:
            return f"{stage.share * 100:.1f}%"
        return f"{_number(stage.share * self._costs.forward_ms)} ms"

    def tap_text(self, stage: Stage) -> str:
        """What its tap adds: `+0.04`, in milliseconds; empty where it is not tapped."""
        if stage.node not in self._tapped:
            return ""
        if stage.node in self._shed:
            return "shed"
        spent_ms = self._costs.of(stage.node)
        return "" if spent_ms is None else f"+{_number(spent_ms)}"

    def is_shed(self, stage: Stage) -> bool:
        """Whether it is tapped by wish and left out for speed."""
        return stage.node in self._tapped & self._shed

    def row_of(self, node: str) -> int:
        """Row of a stage; -1 if there is none."""
        return next((row for row, item in enumerate(self._rows) if isinstance(item, Stage) and item.node == node), -1)

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._rows[index.row()]
        if role == STAGE_ROLE:
            return item
        if isinstance(item, str):
            return item if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item.node in self._tapped else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{item.title} {item.node}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._tooltip(item))
        return None

    def _tooltip(self, stage: Stage) -> list[str]:
        lines = [f"{stage.node} · {stage.kind}", f"{stage.role}, stride {stage.stride}, {describe_shape(stage)} values"]
        if self.widest_share:
            lines.append(f"{stage.share:.1%} of the forward time, measured when the network was loaded")
        else:
            lines.append("Its time cannot be told from that of the others in a network of this format")
        if self.widest_share and (forward_ms := self._costs.forward_ms):
            took = f"{stage.share * forward_ms:.2f} ms of {forward_ms:.1f} ms"
            lines.append(f"{took}: that share of the forward's median over the last {FRAMES} frames")
        spent_ms = self._costs.of(stage.node)
        if self.is_shed(stage):
            lines.append("Left out for the moment, so that playing holds the source's rate")
        elif stage.node in self._tapped and spent_ms is not None:
            lines.append(f"Its tap adds {spent_ms:.3f} ms a frame: time in its hook, median over the last {FRAMES}")
        return [*lines, "Click to show or hide its map"]

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable


def _number(spent_ms: float) -> str:
    """Milliseconds in the room of `99.99`, which is what the columns have."""
    return f"{spent_ms:.2f}" if spent_ms < 99.995 else f"{spent_ms:.1f}" if spent_ms < 999.95 else f"{spent_ms:.0f}"


def describe_shape(stage: Stage) -> str:
    """Channels, rows and columns of a stage's output."""
    return tokens.TIMES.join(map(str, (stage.channels, *stage.map_hw)))


class StagePainter(QStyledItemDelegate):
    """Paints a stage as two lines: check box, its time, what its tap adds, a bar for its share of the forward."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        heading = isinstance(index.data(STAGE_ROLE), str)
        return QSize(option.rect.width(), tokens.ROW + 4 if heading else _ROW_HEIGHT)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        item = index.data(STAGE_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(item, str):
            painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
            painter.setPen(QColor(tokens.INK_FAINT))
            text = rect.adjusted(2 * tokens.UNIT, 4, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, item.upper())
        else:
            state = option.state  # pyright: ignore[reportAttributeAccessIssue] - stub lacks state
            checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            if state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(rect, tokens.ink(tokens.RAISED, 0.7))
            if state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QPen(QColor(tokens.ACCENT), 1))
                painter.drawRoundedRect(rect.adjusted(4.5, 0.5, -4.5, -0.5), tokens.RADIUS, tokens.RADIUS)
            paint_check(painter, QRectF(rect.left() + 16, rect.top() + 7, 14, 14), checked=checked)
            model = index.model()
            if isinstance(model, StageRows):
                _paint_stage(painter, rect.adjusted(40, 0, -16, 0), item, model, checked=checked)
        painter.restore()


def paint_check(painter: QPainter, box: QRectF, *, checked: bool) -> None:
    """Draw a check box."""
    painter.setPen(QPen(QColor(tokens.ACCENT if checked else tokens.INK_FAINT), 1.25))
    painter.setBrush(QColor(tokens.ACCENT) if checked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if checked:
        painter.setPen(
            QPen(QColor(tokens.CANVAS), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        x, y = box.left(), box.top()
        painter.drawPolyline(
            QPolygonF([QPointF(x + 3.5, y + 7.25), QPointF(x + 6, y + 9.75), QPointF(x + 10.5, y + 4.75)])
        )
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_stage(painter: QPainter, room: QRectF, stage: Stage, rows: StageRows, *, checked: bool) -> None:
    upper = QRectF(room.left(), room.top() + 5, room.width(), 17)
    lower = QRectF(room.left(), room.top() + 21, room.width(), 15)
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(tokens.font(tokens.TEXT_BODY, strong=bool(stage.name)))
    painter.setPen(QColor(tokens.INK if checked else tokens.INK_SOFT))
    metrics = painter.fontMetrics()
    tap = rows.tap_text(stage)
    numbers = _TIME_ROOM + (_TAP_ROOM if tap else 0)
    title = metrics.elidedText(stage.title, Qt.TextElideMode.ElideLeft, int(upper.width()) - numbers)
    painter.drawText(upper, middle | left, title)
    if stage.name:
        begin = upper.adjusted(metrics.horizontalAdvance(title) + tokens.UNIT, 0, -numbers, 0)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        painter.setPen(QColor(tokens.INK_FAINT))
        node = painter.fontMetrics().elidedText(stage.node, Qt.TextElideMode.ElideLeft, int(begin.width()))
        painter.drawText(begin, middle | left, node)
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    painter.setPen(QColor(tokens.INK_FAINT))
    painter.drawText(lower, middle | left, f"stride {stage.stride}   {describe_shape(stage)}")
    painter.setPen(QColor(tokens.INK_SOFT))
    painter.drawText(upper, middle | right, rows.stage_text(stage))
    if tap:
        painter.setPen(QColor(tokens.WARN if rows.is_shed(stage) else tokens.ACCENT))
        painter.drawText(upper.adjusted(0, 0, -_TIME_ROOM, 0), middle | right, tap)
    bar = QRectF(room.right() - _SHARE_WIDTH, lower.center().y() - 1.5, _SHARE_WIDTH, 3)
    painter.fillRect(bar, QColor(tokens.RAISED))
    part = stage.share / rows.widest_share if rows.widest_share else 0.0
    painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * part, bar.height()), QColor(tokens.INK_SOFT))
