"""How the stages of a detector stand in a list: the rows behind it, and the painting of one row.

A model has up to a few hundred stages, so rows are painted by a delegate; a widget each would cost seconds.
"""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from viewer.core.stage import Stage
from viewer.session.costs import FRAMES, Costs
from viewer.session.stage_tree import WHY_SUGGESTED, Group, Heading, Row, stage_rows, why
from viewer.ui import tokens

STAGE_ROLE = Qt.ItemDataRole.UserRole + 1
_ROW_HEIGHT = 40
_SHARE_WIDTH = 32
_TIME_ROOM = 52
"""What the widest time of a stage takes, and the space beside it."""
_TAP_ROOM = 38
"""The same for the time of its tap."""
_Index = QModelIndex | QPersistentModelIndex


class StageRows(QAbstractListModel):
    """Stages under headings that fold: those chosen for the user first, the others by their part of the network."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._folded: frozenset[Group] = frozenset()
        self._search = ""
        self._stages: tuple[Stage, ...] = ()
        self._tapped: frozenset[str] = frozenset()
        self._shed: frozenset[str] = frozenset()
        self._costs = Costs()
        self.widest_share = 0.0

    def set_stages(self, stages: tuple[Stage, ...], tapped: tuple[str, ...]) -> None:
        """Show these stages, checked where they are tapped."""
        if stages != self._stages:
            self._stages = stages
            self.widest_share = max((stage.share for stage in stages), default=0.0)
            self._tapped = frozenset(tapped)
            self._rebuild()
        elif frozenset(tapped) != self._tapped:
            self._tapped = frozenset(tapped)
            self._all_changed()

    def fold(self, group: Group, folded: bool) -> None:
        """Hide the stages of a group, or show them."""
        self._folded = self._folded | {group} if folded else self._folded - {group}
        self._rebuild()

    def search(self, text: str) -> None:
        """Show what is meant by this only; everything where it is empty."""
        if text != self._search:
            self._search = text
            self._rebuild()

    def tapped_in(self, heading: Heading) -> int:
        """How many stages of a group are tapped."""
        return len(self._tapped & set(heading.nodes))

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._rows = stage_rows(self._stages, self._folded, self._search)
        self.endResetModel()

    def set_costs(self, costs: Costs, shed: frozenset[str]) -> None:
        """Show what stages and taps take, and which of the tapped are left out for speed."""
        if (costs, shed) != (self._costs, self._shed):
            self._costs, self._shed = costs, shed
            self._all_changed()

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

    def row_of_group(self, group: Group) -> int:
        """Row of a heading; -1 if there is none."""
        return next(
            (row for row, item in enumerate(self._rows) if isinstance(item, Heading) and item.group is group), -1
        )

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._rows[index.row()]
        if role == STAGE_ROLE:
            return item
        if isinstance(item, Heading):
            return self._heading_data(item, role)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item.node in self._tapped else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{item.title} {item.node}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._tooltip(item))
        return None

    def _heading_data(self, heading: Heading, role: int) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{heading.group}, {self.tapped_in(heading)} of {len(heading.nodes)} tapped"
        if role == Qt.ItemDataRole.ToolTipRole:
            does = "Click to show them  ( → )" if heading.folded else "Click to fold  ( ← )"
            return f"{WHY_SUGGESTED}\n{does}" if heading.group is Group.SUGGESTED else does
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
        reason = why(stage)
        return [*lines, *([reason] if reason else []), "Click to show or hide its map  ( Space )"]

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], Heading):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
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
        heading = isinstance(index.data(STAGE_ROLE), Heading)
        return QSize(option.rect.width(), tokens.ROW + 4 if heading else _ROW_HEIGHT)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks rect
        item = index.data(STAGE_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        model = index.model()
        state = option.state  # pyright: ignore[reportAttributeAccessIssue] - stub lacks state
        if state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, tokens.ink(tokens.RAISED, 0.7))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRoundedRect(rect.adjusted(4.5, 0.5, -4.5, -0.5), tokens.RADIUS, tokens.RADIUS)
        if isinstance(item, Heading) and isinstance(model, StageRows):
            _paint_heading(painter, rect, item, model.tapped_in(item))
        elif isinstance(item, Stage) and isinstance(model, StageRows):
            checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            paint_check(painter, QRectF(rect.left() + 16, rect.top() + 7, 14, 14), checked=checked)
            _paint_stage(painter, rect.adjusted(40, 0, -16, 0), item, model, checked=checked)
        painter.restore()


def _paint_heading(painter: QPainter, rect: QRectF, heading: Heading, tapped: int) -> None:
    """A chevron, the group's name, a question mark where there is something to explain, how many are tapped."""
    x, y = rect.left() + 2 * tokens.UNIT + 4, rect.center().y()
    painter.setPen(QPen(QColor(tokens.INK_FAINT), 1.5))
    points = ((-1.75, -3.5), (1.75, 0), (-1.75, 3.5)) if heading.folded else ((-3.5, -1.75), (0, 1.75), (3.5, -1.75))
    painter.drawPolyline(QPolygonF([QPointF(x + across, y + down) for across, down in points]))
    painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
    middle = Qt.AlignmentFlag.AlignVCenter
    words = heading.group.upper()
    text = rect.adjusted(2 * tokens.UNIT + 16, 0, -2 * tokens.UNIT, 0)
    painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, words)
    if heading.group is Group.SUGGESTED:
        mark = QPointF(text.left() + painter.fontMetrics().horizontalAdvance(words) + 14, y)
        painter.setPen(QPen(QColor(tokens.INK_FAINT), 1))
        painter.drawEllipse(mark, 6, 6)
        painter.setFont(tokens.font(tokens.TEXT_SMALL - 1, strong=True))
        painter.drawText(QRectF(mark.x() - 6, mark.y() - 6, 12, 12), Qt.AlignmentFlag.AlignCenter, "?")
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    painter.setPen(QColor(tokens.ACCENT if tapped else tokens.INK_FAINT))
    painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, f"{tapped} of {len(heading.nodes)}")


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
