"""Maps of more than one number a cell: colours of three, and mosaics of channels side by side."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """One of the three numbers that are drawn red, green and blue.

    Attributes:
        name: `PC1`.
        limits: Its values at code 1 and 255, in activation units.
    """

    name: str
    limits: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a mosaic.

    Attributes:
        channel: Number of the channel it belongs to.
        row: Within that channel's part.
        column: Within that channel's part.
    """

    channel: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Channels side by side, row by row, all of a size; the last places may be empty.

    Attributes:
        channels: Number of the channel in each place that is not empty.
        columns: Places in a row.
    """

    channels: tuple[int, ...]
    columns: int

    @property
    def rows(self) -> int:
        """Rows of places."""
        return -(-len(self.channels) // self.columns)

    @property
    def empty(self) -> int:
        """Places at the end without a channel."""
        return self.rows * self.columns - len(self.channels)

    def spot_at(self, row: int, column: int, map_hw: tuple[int, ...]) -> Spot | None:
        """What lies at a cell of the whole mosaic; None in an empty place.

        Args:
            row: Of the cell.
            column: Of the cell.
            map_hw: Rows and columns of the whole mosaic.
        """
        height, width = map_hw[0] // self.rows, map_hw[1] // self.columns
        place = row // height * self.columns + column // width
        if place >= len(self.channels):
            return None
        return Spot(self.channels[place], row % height, column % width)


def mosaic_of(channels: tuple[int, ...]) -> Mosaic:
    """The arrangement of so many channels with as nearly as many rows as columns as can be."""
    columns = next(side for side in range(1, len(channels) + 1) if side * side >= len(channels))
    return Mosaic(channels, columns)
