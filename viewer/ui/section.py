"""A part of a panel under a heading that folds, so that a low window can give the room to what is worked with."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.paths import elided_path


class Section(QWidget):
    """A heading, and what is under it while it is open.

    Args:
        title: The heading.
        content: What folds.
        beside: What stands at the right of the heading, whether it is open or not.
        margin: Free space left and right of the content, in logical pixels.
    """

    opened_by_hand = Signal()
    decided = Signal(str, bool)
    """The user opened the part of this title, or folded it."""

    def __init__(self, title: str, content: QWidget, *beside: QWidget, margin: int = 2 * tokens.UNIT) -> None:
        super().__init__()
        self.title, self.heading = title, _Heading(title)
        self._content = content
        self._by_hand = False
        row = QHBoxLayout()
        row.setContentsMargins(2 * tokens.UNIT - margin, 0, 2 * tokens.UNIT - margin, 0)
        row.setSpacing(4)
        row.addWidget(self.heading, 1)
        for widget in beside:
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, tokens.UNIT // 2, margin, tokens.UNIT)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(content)
        self.heading.toggled.connect(content.setVisible)
        self.heading.clicked.connect(self._decide)

    @property
    def is_open(self) -> bool:
        """Whether its content is to be seen."""
        return self.heading.isChecked()

    def name(self, path: str, after: str, others: Sequence[str]) -> None:
        """Head it with the path of a stage, which is cut where there is little room; see `elided_path`.

        Args:
            path: The stage's.
            after: What follows it, whole.
            others: Those it is to be told from.
        """
        self.heading.path, self.heading.others = path, tuple(others)
        self.heading.setText(path + after)

    def suggest(self, is_open: bool) -> None:
        """Open or fold it for the room there is, unless the user has decided."""
        if not self._by_hand:
            self.heading.setChecked(is_open)

    def decide(self, is_open: bool) -> None:
        """Open or fold it as the user once did."""
        self._by_hand = True
        self.heading.setChecked(is_open)

    def _decide(self) -> None:
        self._by_hand = True
        self.decided.emit(self.title, self.is_open)
        if self.is_open:
            self.opened_by_hand.emit()


class _Heading(QAbstractButton):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.path = ""
        self.others: tuple[str, ...] = ()
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self.setToolTip(f"Fold or show {title.lower()}  ( Space, with F6 on it )")
        self.setFixedHeight(tokens.ROW)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(tokens.INK_SOFT if self.underMouse() else tokens.INK_FAINT)
        painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
        painter.setPen(colour)
        room = QRectF(self.rect()).adjusted(16, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._shown(painter.fontMetrics(), room.width()))
        paint_chevron(painter, QPointF(4, self.height() / 2), colour, folded=not self.isChecked())
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS, tokens.RADIUS)
        painter.end()

    def _shown(self, metrics: QFontMetrics, room: float) -> str:
        """The words, less of the path among them where they do not fit."""
        if not self.path:
            return self.text().upper()
        # Only words are set in capitals: the path of a stage is code, and `Conv` is not `conv`.
        after = self.text().removeprefix(self.path).upper()
        if metrics.horizontalAdvance(self.path + after) <= room:
            return self.path + after
        return elided_path(self.path, self.others, metrics, room - metrics.horizontalAdvance(after)) + after


def paint_chevron(painter: QPainter, centre: QPointF, colour: QColor, *, folded: bool) -> None:
    """Draw the sign of a thing that folds: it points to the right where it is folded, down where it is open."""
    painter.setPen(QPen(colour, 1.5))
    corners = ((-1.75, -3.5), (1.75, 0), (-1.75, 3.5)) if folded else ((-3.5, -1.75), (0, 1.75), (3.5, -1.75))
    painter.drawPolyline(QPolygonF([centre + QPointF(x, y) for x, y in corners]))
