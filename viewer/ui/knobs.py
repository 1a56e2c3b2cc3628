"""Sliders of what can befall the picture, each with its unit and a way back."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.core.perturbation import KNOBS, Kind, Knob, Perturbation
from viewer.ui import tokens
from viewer.ui.controls import IconButton, Slider

_NAME_PX = 80
_VALUE_PX = 56


class KnobRow(QWidget):
    """A name, a slider, an amount with its unit, and a button that takes it off."""

    changed = Signal(float)
    """The user chose this amount."""

    def __init__(self, knob: Knob) -> None:
        super().__init__()
        self._knob = knob
        self.slider = Slider(round((knob.high - knob.low) / knob.step), knob.name, self)
        self.name = QLabel(knob.name)
        self.value = QLabel()
        self.value.setObjectName("faint")
        self.value.setFixedWidth(_VALUE_PX)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.name.setObjectName("soft")
        self.name.setFixedWidth(_NAME_PX)
        self.reset = IconButton("undo", f"Take {knob.name.lower()} off", f"Take {knob.name.lower()} off", size=20)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.UNIT // 2)
        for widget, stretch in ((self.name, 0), (self.slider, 1), (self.value, 0), (self.reset, 0)):
            row.addWidget(widget, stretch)
        self.setFixedHeight(tokens.ROW)
        tooltip = f"{knob.text}; off at {amount_text(knob, knob.off)}  ( F6 walks here, arrows )"
        self.setToolTip(tooltip)
        self.slider.setToolTip(tooltip)
        self.slider.valueChanged.connect(self._moved)
        self.reset.clicked.connect(lambda _: self.changed.emit(knob.off))
        self.show_amount(knob.off)

    def show_amount(self, amount: float) -> None:
        """Show this amount; nothing is signalled, and the user's own hand on the slider wins."""
        knob = self._knob
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round((amount - knob.low) / knob.step))
            self.slider.blockSignals(False)
        is_off = amount == knob.off
        self.value.setText(amount_text(knob, amount))
        self.value.setEnabled(not is_off)
        self.reset.setEnabled(not is_off)

    def _moved(self, step: int) -> None:
        amount = round(self._knob.low + step * self._knob.step, 4)
        self.value.setText(amount_text(self._knob, amount))
        self.changed.emit(amount)


class Knobs(QWidget):
    """All of them."""

    changed = Signal(Kind, float)
    """Perturb the picture this much."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = {kind: KnobRow(knob) for kind, knob in KNOBS.items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for kind, row in self.rows.items():
            column.addWidget(row)
            row.changed.connect(lambda amount, kind=kind: self.changed.emit(kind, amount))

    def show_perturbations(self, perturbations: Iterable[Perturbation]) -> None:
        """Show how much there is of each."""
        amounts = {one.kind: one.amount for one in perturbations}
        for kind, row in self.rows.items():
            row.show_amount(amounts.get(kind, KNOBS[kind].off))


def amount_text(knob: Knob, amount: float) -> str:
    """An amount with its unit, `1.40 ×`; `off` where it changes nothing."""
    if amount == knob.off:
        return "off"
    decimals = 0 if knob.step >= 1 else 2
    return f"{amount:.{decimals}f} {knob.unit}".rstrip()
