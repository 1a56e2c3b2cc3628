"""Sizes of everything around the pictures, from the size of the whole image, so that text is readable in each."""

from dataclasses import dataclass
from typing import Self

BETWEEN = "\N{EN DASH}"
"""Between the least and the greatest value where there is no bar of colours, in films and in the window."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Lengths in pixels.

    Attributes:
        margin: Around all tiles.
        gap: Between tiles.
        header: Height of a tile's header.
        footer: Height of the strip at the bottom.
        title: Font of titles.
        small: Font of all other words around the pictures.
        label: Font of boxes' labels.
    """

    margin: int
    gap: int
    header: int
    footer: int
    title: int
    small: int
    label: int

    @classmethod
    def of(cls, size_wh: tuple[int, int]) -> Self:
        """Sizes for an image of this width and height."""
        unit = min(max(min(size_wh[0] / 16, size_wh[1] / 9) / 120, 0.55), 3.0)
        return cls(
            margin=round(14 * unit),
            gap=round(10 * unit),
            header=max(18, round(30 * unit)),
            footer=max(20, round(34 * unit)),
            title=max(12, round(18 * unit)),
            small=max(11, round(14.5 * unit)),
            label=max(11, round(16 * unit)),
        )
