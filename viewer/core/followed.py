"""An object named by its class and by where it is in one frame, as an option says it: `car@150:300,200,420,280`."""

from dataclasses import dataclass
from math import isfinite
from typing import Self

from viewer.core.errors import ConfigError
from viewer.core.overlap import Xyxy


@dataclass(frozen=True, slots=True)
class Followed:
    """Which object is meant.

    Attributes:
        label: Its class, by name or number.
        index: A frame in which it is seen, counted from 0.
        xyxy: Where it is in that frame, corners in source pixels.
    """

    label: str
    index: int
    xyxy: Xyxy

    @classmethod
    def parse(cls, word: str) -> Self:
        """Read the word of an option.

        Raises:
            ConfigError: If it does not name a class, a frame and a box.
        """
        name, _, corners = word.rpartition(":")
        label, _, index = name.rpartition("@")
        try:
            left, top, right, bottom = map(float, corners.split(","))
            is_box = all(map(isfinite, (left, top, right, bottom))) and left < right and top < bottom
        except ValueError:
            is_box, left, top, right, bottom = False, 0.0, 0.0, 0.0, 0.0
        if not is_box or not label or not (index.isascii() and index.isdigit()):
            raise ConfigError(f"--follow {word} is no object; give CLASS@FRAME:BOX, such as car@150:300,200,420,280")
        return cls(label, int(index), (left, top, right, bottom))

    def __str__(self) -> str:
        return f"{self.label}@{self.index}:{','.join(f'{edge:.2f}' for edge in self.xyxy)}"
