"""What floats over the foot of the pictures, one above the other: lines that tell of work, and a card over them.

They float, for a line that came and went in the layout would make the video jump; and none lies over another, for each
has a button that ends something.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from typing_extensions import override

if TYPE_CHECKING:
    from viewer.ui.taking_strip import TakingStrip

_MOVES = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)


class Foot(QObject):
    """Stacks what is there.

    Args:
        ground: The pictures.
        lines: As wide as the pictures, from the lowest on.
        card: Stands over the lines.
    """

    def __init__(self, ground: QWidget, lines: Sequence[QWidget], card: "TakingStrip") -> None:
        super().__init__(ground)
        self._ground, self._lines, self._card = ground, tuple(lines), card
        for line in self._lines:
            line.setParent(ground)
            line.installEventFilter(self)
        ground.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES or (watched is self._ground and event.type() == QEvent.Type.Resize):
            self._stack()
        return super().eventFilter(watched, event)

    def _stack(self) -> None:
        width, top = self._ground.width(), self._ground.height()
        for line in self._lines:
            line.setGeometry(0, top - line.height(), width, line.height())
            if not line.isHidden():
                top = line.y()
        self._card.stand_above(self._ground.height() - top)
