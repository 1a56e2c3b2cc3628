"""The words for what tiles show and how many there are, the same in options, presets, menus and plans."""

from enum import StrEnum


class MapView(StrEnum):
    """What of frame and map a tile shows."""

    OVERLAY = "overlay"
    MAP = "map"
    SIDE = "side"
    SWIPE = "swipe"

    def after(self) -> "MapView":
        """The next one, round and round."""
        views = tuple(MapView)
        return views[(views.index(self) + 1) % len(views)]


class Grid(StrEnum):
    """How tiles are arranged."""

    AUTO = "auto"
    ONE = "1"
    TWO = "2x2"
    THREE = "3x3"
    FOUR = "4x4"
    STRIP = "strip"

    def after(self) -> "Grid":
        """The next one, round and round."""
        grids = tuple(Grid)
        return grids[(grids.index(self) + 1) % len(grids)]

    @property
    def places(self) -> int:
        """Tiles that are shown at once; the others are on further pages."""
        return _PLACES[self]


_PLACES = {Grid.AUTO: 16, Grid.ONE: 1, Grid.TWO: 4, Grid.THREE: 9, Grid.FOUR: 16, Grid.STRIP: 9}
