"""Where the values of the first and the last colour come from, and what they are when the user holds them."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QWidget

from viewer.core.tapping import Limits, LimitsMode
from viewer.ui import tokens
from viewer.ui.controls import Choice, NumberField
from viewer.ui.range_bar import RangeBar

_WORDS = {LimitsMode.FRAME: "per frame", LimitsMode.RUNNING: "running", LimitsMode.FIXED: "fixed"}
_TOOLTIP = (
    "Values of the first and the last colour:\n"
    "per frame: of each frame and stage alone\n"
    "running: averaged over frames, so that colours stay calm\n"
    "fixed: the same for all frames and stages, so that they can be compared;\n"
    "begins with the span of the values of all maps that are shown now"
)

_BAR_TOOLTIP = (
    "Drag a handle: its value gets the first or the last colour, in all stages and frames alike\n"
    "← → move it (Shift: finely), ↑ ↓ take the other one"
)


class LimitsControl(QWidget):
    """A choice, and under it two handles and two numbers as long as the limits are fixed."""

    mode_wished = Signal(LimitsMode)
    """Take limits from there."""
    limits_wished = Signal(Limits)
    """Hold these."""

    def __init__(self) -> None:
        super().__init__()
        self._limits = Limits()
        self.mode = Choice("Limits", _TOOLTIP, tuple(_WORDS.values()))
        self.low = NumberField("Value of the first colour", "Value of the first colour, in activation units")
        self.high = NumberField("Value of the last colour", "Value of the last colour, in activation units")
        self.bar = RangeBar("Range of the colours", _BAR_TOOLTIP)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(tokens.UNIT)
        grid.addWidget(self.mode, 0, 0, 1, 2)
        for column, field in enumerate((self.low, self.high)):
            field.setMinimumWidth(0)
            grid.addWidget(field, 2, column)
        grid.addWidget(self.bar, 1, 0, 1, 2)
        self.low.entered.connect(self._on_low)
        self.high.entered.connect(self._on_high)
        self.mode.chosen.connect(self._on_chosen)
        self.bar.moved.connect(lambda low, high: self.limits_wished.emit(Limits(LimitsMode.FIXED, low, high)))
        self.show_limits(self._limits)

    def show_limits(self, limits: Limits) -> None:
        """Bring choice and numbers to what holds."""
        self._limits = limits
        self.mode.set_word(_WORDS[limits.mode])
        for field, value in ((self.low, limits.low), (self.high, limits.high)):
            field.set_value(value)
            field.setVisible(limits.mode is LimitsMode.FIXED)
        self.bar.setVisible(limits.mode is LimitsMode.FIXED)

    def show_span(self, span: tuple[float, float], colours: QImage) -> None:
        """Give the handles their room.

        Args:
            span: Values at the ends of the bar.
            colours: Of the maps, one pixel high.
        """
        self.bar.show_range(span, self._limits.low, self._limits.high, colours)

    def _on_chosen(self, word: str) -> None:
        self.mode_wished.emit(next(mode for mode, name in _WORDS.items() if name == word))

    # One end put beyond the other takes it along; else a range above the present one could be typed in one order only.

    def _on_low(self, low: float) -> None:
        high = self._limits.high if low < self._limits.high else low + self._width
        self.limits_wished.emit(Limits(LimitsMode.FIXED, low, high))

    def _on_high(self, high: float) -> None:
        low = self._limits.low if self._limits.low < high else high - self._width
        self.limits_wished.emit(Limits(LimitsMode.FIXED, low, high))

    @property
    def _width(self) -> float:
        return self._limits.high - self._limits.low
