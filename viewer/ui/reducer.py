"""How channels become one map: one of a few words, or a single channel by its number."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.core.reducer_names import REDUCERS
from viewer.core.stage import Stage
from viewer.ui import tokens
from viewer.ui.controls import Choice, NumberField

_CHANNEL = "channel"
_TOOLTIP = (
    "How the channels of a stage become one map:\n"
    "absmean: mean of the magnitudes\n"
    "mean, max, rms: over the channels as they are\n"
    "pca: where cells lie along the direction in which they differ most\n"
    "difference: to the frame before\n"
    "reference: to the frame that was shown when this was chosen\n"
    "channel …: one channel alone, by its number"
)


class ReducerControl(QWidget):
    """A choice, and beside it a number as long as one channel is shown."""

    chosen = Signal(str)
    """Reduce this way: a word, or `channel:K`."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0
        self.kind = Choice("Reducer", _TOOLTIP, (*REDUCERS, f"{_CHANNEL} …"))
        self.channel = NumberField("Channel", "", low=0)
        self.channel.setFixedWidth(56)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.UNIT)
        row.addWidget(self.kind, 1)
        row.addWidget(self.channel)
        self.kind.chosen.connect(self._on_kind)
        self.channel.entered.connect(self._on_channel)
        self.show_reducer(REDUCERS[0], ())

    def show_reducer(self, reducer: str, tapped: Sequence[Stage]) -> None:
        """Bring choice and number to what holds.

        Args:
            reducer: Its name.
            tapped: The stages it is for; the one with the fewest channels says which numbers there are.
        """
        kind, colon, number = reducer.partition(":")
        self.kind.set_word(f"{_CHANNEL} …" if colon else kind)
        self.channel.setVisible(bool(colon))
        if colon:
            self._last = int(number)
            self.channel.set_value(self._last)
        if tapped:
            narrowest = min(tapped, key=lambda stage: stage.channels)
            last = narrowest.channels - 1
            self.channel.set_bounds(0, last)
            self.channel.setToolTip(f"Number of the channel, 0 to {last}: as many as {narrowest.title} has")

    def _on_kind(self, word: str) -> None:
        self.chosen.emit(word if word in REDUCERS else f"{_CHANNEL}:{self._last}")

    def _on_channel(self, number: float) -> None:
        self.chosen.emit(f"{_CHANNEL}:{round(number)}")
