"""Sliders of what can befall the picture, each with its unit and a way back."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.core.overlap import Xyxy
from viewer.core.perturbation import KNOBS, Kind, Knob, Perturbation
from viewer.ui import tokens
from viewer.ui.controls import IconButton, Slider
from viewer.ui.line import Line
from viewer.ui.tips import tip

_NAME_PX = 80
_VALUE_PX = 56
_DRAW = (
    "Drag over the picture to cover it with grey 114. Edges and corners of the rectangle resize it, a drag within "
    "moves it, Esc takes a drag back. While this is pressed arrows move it as well, Ctrl with arrows resizes it, Shift "
    "makes that ten pixels; , and . still step  ( {occlude} )"
)


class KnobRow(QWidget):
    """A name, a slider, an amount with its unit, and a button that takes it off."""

    changed = Signal(float)
    """The user chose this amount."""

    def __init__(self, knob: Knob) -> None:
        super().__init__()
        self._knob = knob
        self.slider = Slider(round((knob.high - knob.low) / knob.step), knob.name, self)
        self.name = _name(knob.name)
        self.value = _value()
        self.reset = IconButton(
            "undo", f"Take {knob.name} off", f"Take {knob.name} off  ( F6 walks here, Space )", size=20
        )
        _keep_room(self.reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.UNIT // 2)
        for widget, stretch in ((self.name, 0), (self.slider, 1), (self.value, 0), (self.reset, 0)):
            row.addWidget(widget, stretch)
        self.setFixedHeight(tokens.ROW)
        tooltip = f"{knob.text}; off at {knob.off:g} {knob.unit}".rstrip() + "  ( F6 walks here, arrows )"
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
        self.reset.setVisible(not is_off)

    def _moved(self, step: int) -> None:
        amount = round(self._knob.low + step * self._knob.step, 4)
        self.value.setText(amount_text(self._knob, amount))
        self.changed.emit(amount)


class OccluderRow(QWidget):
    """What covers a part of the picture: a button to draw it with the mouse, its size, and a way back."""

    held = Signal(bool)
    """Let drags over the picture draw it, or not."""
    cleared = Signal()
    """Cover nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.draw = QPushButton("Draw")
        self.draw.setCheckable(True)
        self.draw.setObjectName("flat")
        self.draw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.draw.setAccessibleName("Cover a rectangle of the picture")
        tip(self.draw, _DRAW)
        whom = "Cover the box of the followed object, or of the best while none is  ( {occlude_object} )"
        self.object = IconButton("boxes", "Cover the followed object", whom, size=20)
        self.value = Line(tokens.TEXT_BODY, right=True)
        self.reset = _reset("Cover nothing")
        _keep_room(self.reset)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.UNIT // 2)
        for widget in (_name("Occluder"), self.draw, self.object):
            line.addWidget(widget)
        line.addWidget(self.value, 1)
        line.addWidget(self.reset)
        self.setFixedHeight(tokens.ROW)
        self.draw.clicked.connect(self.held)
        self.reset.clicked.connect(lambda _: self.cleared.emit())
        self.show_rect(None, held=False)

    def show_rect(self, rect: Xyxy | None, *, held: bool) -> None:
        """Show what is covered, and whether drags belong to it."""
        self.draw.setChecked(held)
        self.reset.setEnabled(rect is not None)
        self.reset.setVisible(rect is not None)
        if rect is None:
            self.value.say("off")
            return
        left, top, right, bottom = rect
        size = f"{right - left:.0f}{tokens.TIMES}{bottom - top:.0f} px"
        self.value.say(size)
        self.value.setToolTip(f"Width and height of what is covered, in source pixels: {size}")


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
    """An amount with its unit, `3.50 px`; `off` where it changes nothing."""
    if amount == knob.off:
        return "off"
    decimals = 0 if knob.step >= 1 else 2
    return f"{amount:.{decimals}f} {knob.unit}".rstrip()


def _name(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("soft")
    label.setFixedWidth(_NAME_PX)
    return label


def _value() -> QLabel:
    label = QLabel()
    label.setObjectName("soft")
    label.setMinimumWidth(_VALUE_PX)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label


def _reset(text: str) -> IconButton:
    return IconButton("undo", text, f"{text}  ( F6 walks here, Space )", size=20)


def _keep_room(button: IconButton) -> None:
    """Let what stands beside it stay where it is while it is not there."""
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
