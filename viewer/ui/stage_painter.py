"""One row of the list of stages, painted: a heading that folds, or a stage with its check box and its numbers.

A model has up to a few hundred stages, so rows are painted by a delegate; a widget each would cost seconds.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from viewer.core.stage import Stage
from viewer.session.stage_tree import Group, Heading
from viewer.ui import tokens
from viewer.ui.paths import elided_path
from viewer.ui.section import paint_chevron
from viewer.ui.stage_rows import STAGE_ROLE, StageRows, describe_shape

_ROW_HEIGHT = 40
_SHARE_WIDTH = 32
_TIME_ROOM = 52
"""What the widest time of a stage takes, and the space beside it."""
_TAP_ROOM = 38
"""The same for the time of its tap."""
_Index = QModelIndex | QPersistentModelIndex


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
        paint_row_ground(painter, rect, state)
        if isinstance(item, Heading) and isinstance(model, StageRows):
            _paint_heading(painter, rect, item, model.tapped_in(item))
        elif isinstance(item, Stage) and isinstance(model, StageRows):
            checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            paint_check(painter, QRectF(rect.left() + 16, rect.top() + 7, 14, 14), checked=checked)
            _paint_stage(painter, rect.adjusted(40, 0, -16, 0), item, model, checked=checked)
        painter.restore()


def _paint_heading(painter: QPainter, rect: QRectF, heading: Heading, tapped: int) -> None:
    """A chevron, the group's name, a question mark where there is something to explain, how many are tapped."""
    chevron = QPointF(rect.left() + 2 * tokens.UNIT + 4, rect.center().y())
    paint_chevron(painter, chevron, QColor(tokens.INK_FAINT), folded=heading.folded)
    painter.setFont(_heading_font())
    middle = Qt.AlignmentFlag.AlignVCenter
    words = heading.group.upper()
    text = rect.adjusted(2 * tokens.UNIT + 16, 0, -2 * tokens.UNIT, 0)
    painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, words)
    mark = question_mark(rect, heading)
    if not mark.isEmpty():
        painter.setPen(QPen(QColor(tokens.INK_FAINT), 1))
        painter.drawEllipse(mark)
        painter.setFont(tokens.font(tokens.TEXT_SMALL - 1, strong=True))
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, "?")
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    painter.setPen(QColor(tokens.ACCENT if tapped else tokens.INK_FAINT))
    painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, f"{tapped} of {len(heading.nodes)}")


def question_mark(row: QRectF, heading: Heading) -> QRectF:
    """Where the question mark of a heading lies; empty where there is nothing to explain."""
    if heading.group is not Group.SUGGESTED:
        return QRectF()
    words = QFontMetrics(_heading_font()).horizontalAdvance(heading.group.upper())
    return QRectF(row.left() + 2 * tokens.UNIT + 16 + words + 8, row.center().y() - 6, 12, 12)


def _heading_font() -> QFont:
    return tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6)


def paint_row_ground(painter: QPainter, rect: QRectF, state: QStyle.StateFlag) -> None:
    """Lighten the row under the pointer, and frame the one that has the focus."""
    if state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, tokens.ink(tokens.RAISED, 0.7))
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(tokens.ACCENT), 1))
        painter.drawRoundedRect(rect.adjusted(4.5, 0.5, -4.5, -0.5), tokens.RADIUS, tokens.RADIUS)


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
    others = rows.nodes_of(stage.role)
    title = elided_path(stage.title, others, metrics, upper.width() - numbers)
    painter.drawText(upper, middle | left, title)
    if stage.name:
        begin = upper.adjusted(metrics.horizontalAdvance(title) + tokens.UNIT, 0, -numbers, 0)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        painter.setPen(QColor(tokens.INK_FAINT))
        node = elided_path(stage.node, others, painter.fontMetrics(), begin.width())
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
    painter.fillRect(bar, QColor(tokens.HOVER))
    part = stage.share / rows.widest_share if rows.widest_share else 0.0
    painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * part, bar.height()), QColor(tokens.INK_SOFT))
