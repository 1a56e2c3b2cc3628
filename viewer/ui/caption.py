"""The line under a snapshot that says what it shows, for pictures travel further than the file beside them."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.ui import tokens

CAPTION = 24
"""Height of the line in logical pixels."""


def captioned(picture: QImage, text: str) -> QImage:
    """The picture with a line under it.

    Args:
        picture: With its device pixel ratio.
        text: What it says; what has no room ends in dots.
    """
    ratio = picture.devicePixelRatio()
    whole = QImage(picture.width(), picture.height() + round(CAPTION * ratio), QImage.Format.Format_RGB32)
    whole.setDevicePixelRatio(ratio)
    whole.fill(QColor(tokens.PANEL))
    width, height = picture.width() / ratio, picture.height() / ratio
    painter = QPainter(whole)
    painter.drawImage(0, 0, picture)
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    painter.setPen(QColor(tokens.INK_SOFT))
    room = QRectF(tokens.UNIT, height, width - 2 * tokens.UNIT, CAPTION)
    words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
    painter.end()
    return whole
