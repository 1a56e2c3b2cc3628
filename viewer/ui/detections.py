"""The list of what was found in the frame, painted by one widget because it changes thirty times a second."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget
from typing_extensions import override

from viewer.render.plan import BoxPlan
from viewer.ui import tokens

_ROW = 22
_SCORE_WIDTH = 34


class DetectionList(QScrollArea):
    """Scrolls over the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = _Rows()
        self.setWidget(self.rows)
        self.setWidgetResizable(True)
        self.rows.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Detections")

    def show_boxes(self, boxes: tuple[BoxPlan, ...], *, searched: bool) -> None:
        """List these, the best first.

        Args:
            boxes: The worst first, as plans hold them.
            searched: Whether a detector has seen the frame at all.
        """
        self.rows.show_boxes(tuple(reversed(boxes)), "Nothing found" if searched else "")


class _Rows(QWidget):
    """One line a detection: colour of its class, name, score."""

    def __init__(self) -> None:
        super().__init__()
        self._boxes: tuple[BoxPlan, ...] = ()
        self._instead = ""

    def show_boxes(self, boxes: tuple[BoxPlan, ...], instead: str) -> None:
        """Draw these from the top, or a word instead of none."""
        if (boxes, instead) == (self._boxes, self._instead):
            return
        self._instead = instead
        if len(boxes) != len(self._boxes):
            self.setMinimumHeight(len(boxes) * _ROW)
        self._boxes = boxes
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(tokens.font())
        first = max(0, event.rect().top() // _ROW)
        last = min(len(self._boxes), event.rect().bottom() // _ROW + 1)
        for row in range(first, last):
            self._paint_row(painter, self._boxes[row], QRectF(0, row * _ROW, self.width(), _ROW))
        if not self._boxes:
            painter.setPen(QColor(tokens.INK_FAINT))
            room = QRectF(2 * tokens.UNIT, 0, self.width(), _ROW)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._instead)
        painter.end()

    def _paint_row(self, painter: QPainter, box: BoxPlan, room: QRectF) -> None:
        name, _, score = box.text.rpartition(" ")
        inner = room.adjusted(2 * tokens.UNIT, 0, -2 * tokens.UNIT, 0)
        painter.fillRect(QRectF(inner.left(), inner.center().y() - 5, 10, 10), QColor(*box.rgb))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.INK))
        words = inner.adjusted(18, 0, -_SCORE_WIDTH, 0)
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, text)
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, score)
