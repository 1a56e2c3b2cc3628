"""What can befall a picture before a network sees it: light, lens, sensor, codec, rain, something in the way."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from viewer.core.errors import ConfigError, ViewerError, did_you_mean
from viewer.core.overlap import Xyxy

OCCLUDER_GREY = 114
"""Grey level of what covers a part of the picture: that of a letterbox's padding, which networks know as nothing."""

_LEAST_SIDE_PX = 1.0


class Kind(StrEnum):
    """One perturbation, in the order in which a scene meets them on its way through a camera."""

    OCCLUDE = "occlude"
    RAIN = "rain"
    BLUR = "blur"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    GAMMA = "gamma"
    NOISE = "noise"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class Knob:
    """How much of a perturbation there can be.

    Attributes:
        name: On the screen.
        unit: What the amount is counted in; empty for a mere exponent.
        low: Least amount.
        high: Greatest amount.
        off: The amount that changes nothing.
        step: What a slider moves by.
        text: What it does, with its formula, for a tooltip.
    """

    name: str
    unit: str
    low: float
    high: float
    off: float
    step: float
    text: str


KNOBS: dict[Kind, Knob] = {
    Kind.BRIGHTNESS: Knob(
        "Brightness",
        "\N{MULTIPLICATION SIGN}",
        0.1,
        3.0,
        1.0,
        0.05,
        "Exposure: every grey level times this, cut off at 255",
    ),
    Kind.CONTRAST: Knob(
        "Contrast",
        "\N{MULTIPLICATION SIGN}",
        0.0,
        3.0,
        1.0,
        0.05,
        "Distance from the middle grey 127.5 times this, cut off at 0 and 255",
    ),
    Kind.GAMMA: Knob("Gamma", "", 0.2, 4.0, 1.0, 0.05, "255 (v / 255) to this power: under 1 lifts shadows"),
    Kind.BLUR: Knob("Blur", "px", 0.0, 12.0, 0.0, 0.25, "Gaussian blur, its standard deviation in source pixels"),
    Kind.NOISE: Knob(
        "Noise",
        "levels",
        0.0,
        80.0,
        0.0,
        1.0,
        "Gaussian noise, its standard deviation in grey levels of 255; the same whenever the same frame is seen",
    ),
    Kind.JPEG: Knob("JPEG quality", "%", 1.0, 100.0, 100.0, 1.0, "Written as a JPEG of this quality and read again"),
    Kind.RAIN: Knob(
        "Rain",
        "%",
        0.0,
        100.0,
        0.0,
        1.0,
        "Bright slanted streaks, at 100 % 2000 a million pixels; the same whenever the same frame is seen",
    ),
}
"""What has an amount; an occluder has a rectangle instead. In the order of the sliders."""


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One of them.

    Attributes:
        kind: Which.
        amount: How much, see `KNOBS`; of an occluder nothing.
        rect: What an occluder covers, left, top, right, bottom in source pixels; None for all others.
    """

    kind: Kind
    amount: float = 0.0
    rect: Xyxy | None = None

    def __bool__(self) -> bool:
        if self.kind is not Kind.OCCLUDE:
            return self.amount != KNOBS[self.kind].off
        if self.rect is None:
            return False
        left, top, right, bottom = self.rect
        return right - left >= _LEAST_SIDE_PX and bottom - top >= _LEAST_SIDE_PX

    def __str__(self) -> str:
        """As `parse` reads it."""
        if self.rect is not None:
            return f"{self.kind}:{','.join(f'{edge:.6g}' for edge in self.rect)}"
        return f"{self.kind}:{self.amount:.6g}"

    @classmethod
    def parse(cls, text: str, error: type[ViewerError] = ConfigError) -> "Perturbation":
        """Read `brightness:1.4` or `occlude:LEFT,TOP,RIGHT,BOTTOM`.

        Raises:
            ViewerError: Of the kind of `error`, if it is neither, or an amount is out of bounds.
        """
        word, _, value = text.partition(":")
        if word not in tuple(Kind):
            hint = did_you_mean(word, tuple(Kind)) or f"; there are {', '.join(Kind)}"
            raise error(f"no perturbation {word!r}{hint}")
        kind = Kind(word)
        numbers = _numbers(value)
        if kind is Kind.OCCLUDE:
            if len(numbers) != 4 or not all(map(isfinite, numbers)) or not cls(kind, rect=numbers):
                raise error(f"{text!r} covers nothing; give occlude:LEFT,TOP,RIGHT,BOTTOM in pixels of the picture")
            return cls(kind, rect=numbers)
        knob = KNOBS[kind]
        if len(numbers) != 1 or not knob.low <= numbers[0] <= knob.high:
            raise error(f"{text!r} not understood; give {kind}:{knob.low:g} to {kind}:{knob.high:g}")
        return cls(kind, numbers[0])


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        return ()
