"""What dropping files on the window would do, said while they hover."""

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.session.offers import Offer, offer_of
from viewer.ui import tokens

_INSET = 2 * tokens.UNIT


class DropVeil(QWidget):
    """Lies over the pictures while something hovers."""

    wished = Signal(object)
    """Open this `Wanted`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Drop to open")
        self.setVisible(False)

    def hover(self, data: QMimeData) -> Offer:
        """Say what a drop of this would do."""
        self.offer = offer_in(data)
        self.setVisible(True)
        self.raise_()
        self.update()
        return self.offer

    def take(self, data: QMimeData) -> None:
        """Something was let go here."""
        offer = offer_in(data)
        self.leave()
        if offer.wanted is not None:
            self.wished.emit(offer.wanted)

    def leave(self) -> None:
        """Nothing hovers any more."""
        self.offer = None
        self.setVisible(False)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.offer is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), tokens.ink(tokens.CANVAS, 0.8))
        colour = tokens.BAD if self.offer.wanted is None else tokens.ACCENT
        painter.setPen(QPen(QColor(colour), 2, Qt.PenStyle.DashLine))
        frame = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        painter.drawRoundedRect(frame, 2 * tokens.RADIUS, 2 * tokens.RADIUS)
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        left, width, centre = frame.left() + _INSET, frame.width() - 2 * _INSET, frame.center().y()
        painter.setFont(tokens.font(tokens.TEXT_TITLE + 2, strong=True))
        painter.setPen(QColor(tokens.INK))
        painter.drawText(QRectF(left, centre - 48, width, 48), middle, self.offer.text)
        painter.setFont(tokens.font())
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(QRectF(left, centre, width, 48), middle, self.offer.detail)
        painter.end()


def offer_in(data: QMimeData) -> Offer:
    """What dropped data offers: its local files."""
    return offer_of([url.toLocalFile() for url in data.urls() if url.isLocalFile()])
