"""Small pictures of channels in rows; a click, or Enter on the one that arrow keys chose, wishes for it."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from viewer.core.channels import PAGE, RankBy, Thumbnails
from viewer.ui import tokens
from viewer.ui.channel_bars import value_text
from viewer.ui.painter import premultiplied
from viewer.ui.tooltips import wrapped

COLUMNS = 6
_GAP = tokens.UNIT
_CAPTION = 18
_USUAL = 0.6
"""Height of a picture to its width before one is known."""
_UNITS = {RankBy.MEAN: "mean {} activation", RankBy.VARIANCE: "variance {} activation²", RankBy.BOX: "correlation {}"}


class ThumbnailGrid(QWidget):
    """A page of channels, as high as its width asks for."""

    channel_wished = Signal(int)
    """Show the channel of this number."""
    page_wished = Signal(int)
    """Show the channels behind these (+1) or before them (-1)."""
    menu_wished = Signal(int, QPoint)
    """Offer what can be done to the channel of this number, at this point of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._thumbnails: Thumbnails | None = None
        self._lut: NDArray[np.uint8] = np.zeros((256, 4), np.uint8)
        self._shown: int | None = None
        self._done: Mapping[int, str] = {}
        self._pointed = -1
        self._current = 0
        self._aspect = _USUAL
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Channels")
        self.setToolTip(
            "Click a channel, or arrows and Enter, to see it in the stage's tile; right button, or the menu key, to "
            "mute, solo or scale it; PgUp, PgDn: other pages"
        )

    def show_thumbnails(
        self,
        found: Thumbnails | None,
        lut: NDArray[np.uint8],
        shown: int | None,
        *,
        done: Mapping[int, str] = MappingProxyType({}),
        aspect: float = _USUAL,
    ) -> None:
        """Show these.

        Args:
            found: The page; None as long as there is none.
            lut: (256, 4) colours of the codes.
            shown: The channel whose map is seen; None if none is.
            done: What is done to channels, in a word, by number.
            aspect: Height to width of what they lie over.
        """
        self._thumbnails, self._lut, self._shown, self._done = found, lut, shown, done
        if aspect != self._aspect:
            self._aspect = aspect
            self.updateGeometry()
        self.update()

    @property
    def count(self) -> int:
        """Channels on this page."""
        return 0 if self._thumbnails is None else len(self._thumbnails.channels)

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        picture = (width - (COLUMNS - 1) * _GAP) / COLUMNS * self._aspect
        rows = PAGE // COLUMNS
        return math.ceil(rows * (picture + _CAPTION) + (rows - 1) * _GAP)

    @override
    def sizeHint(self) -> QSize:
        return QSize(640, self.heightForWidth(640))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(320, 160)

    def place_of(self, number: int) -> QRectF:
        """Where the picture of this place and its caption lie."""
        width = (self.width() - (COLUMNS - 1) * _GAP) / COLUMNS
        rows = PAGE // COLUMNS
        most = (self.height() - (rows - 1) * _GAP) / rows
        height = min(width * self._aspect + _CAPTION, most)
        row, column = divmod(number, COLUMNS)
        return QRectF(column * (width + _GAP), row * (height + _GAP), width, height)

    def _at(self, point: QPointF) -> int:
        return next((number for number in range(self.count) if self.place_of(number).contains(point)), -1)

    # --- hands ------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._current = number
            self._wish(number)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointed = self._at(event.position())
        if pointed != self._pointed:
            self._pointed = pointed
            self.update()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        number = self._current if by_key else self._at(QPointF(event.pos()))
        if self._thumbnails is not None and 0 <= number < self.count:
            point = self.mapToGlobal(self.place_of(number).center().toPoint()) if by_key else event.globalPos()
            self.menu_wished.emit(int(self._thumbnails.channels[number]), point)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = -1
        self.update()
        super().leaveEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Right: 1, keys.Key_Up: -COLUMNS, keys.Key_Down: COLUMNS}
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._current = min(max(self._current + step, 0), max(0, self.count - 1))
            self.update()
        elif event.key() in (keys.Key_PageUp, keys.Key_PageDown):
            self.page_wished.emit(1 if event.key() == keys.Key_PageDown else -1)
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space):
            self._wish(self._current)
        else:
            event.ignore()

    def _wish(self, number: int) -> None:
        if self._thumbnails is not None and number < self.count:
            self.channel_wished.emit(int(self._thumbnails.channels[number]))

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._thumbnails is not None:
            number = self._at(QPointF(event.pos()))
            if number >= 0:
                QToolTip.showText(event.globalPos(), wrapped(f"{self._words(number)}\n{self.toolTip()}"), self)
                return True
        return super().event(event)

    def _words(self, number: int) -> str:
        found = self._thumbnails
        if found is None:
            return ""
        score = _UNITS[found.by].format(value_text(float(found.scores[number])))
        low, high = (value_text(float(limit)) for limit in found.limits[number])
        return f"Channel {found.channels[number]}: {score}; drawn from {low} to {high}"

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        if self._thumbnails is None:
            painter.setPen(QColor(tokens.INK_FAINT))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Waiting for the next frame …")
        for number in range(self.count):
            self._paint_one(painter, number)
        painter.end()

    def _paint_one(self, painter: QPainter, number: int) -> None:
        found = self._thumbnails
        if found is None:
            return
        place = self.place_of(number)
        picture = place.adjusted(0, 0, 0, -_CAPTION)
        _paint_picture(painter, found.codes[number], self._lut, picture)
        channel = int(found.channels[number])
        is_current = self.hasFocus() and number == self._current
        if channel == self._shown or is_current or number == self._pointed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.INK if number == self._pointed else tokens.ACCENT), 2))
            painter.drawRect(picture.adjusted(1, 1, -1, -1))
        caption = QRectF(place.left(), picture.bottom(), place.width(), _CAPTION)
        painter.setPen(QColor(tokens.INK))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(caption, middle | Qt.AlignmentFlag.AlignLeft, str(channel))
        done = self._done.get(channel)
        painter.setPen(QColor(tokens.INK_FAINT if done is None else tokens.WARN))
        words = value_text(float(found.scores[number])) if done is None else done
        painter.drawText(caption, middle | Qt.AlignmentFlag.AlignRight, words)


def _paint_picture(painter: QPainter, codes: NDArray[np.uint8], lut: NDArray[np.uint8], place: QRectF) -> None:
    """A map alone, hatched where it is not finite, as tiles are."""
    painter.fillRect(place, QColor(tokens.CANVAS))
    if not codes.all():
        painter.fillRect(place, QBrush(QColor(tokens.INK_SOFT), Qt.BrushStyle.BDiagPattern))
    colours = premultiplied(lut)[codes]
    height, width = codes.shape
    image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image, QRectF(0, 0, width, height))
