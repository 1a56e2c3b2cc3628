"""How one tile shows frame and map: over one another, the map alone, side by side, or parted by a divider.

Window and composed pictures cut their tiles by the same rule, so a film shows what the window showed.
"""

from dataclasses import dataclass, replace

from viewer.core.geometry import Rect
from viewer.render.views import MapView


@dataclass(frozen=True, slots=True)
class Pane:
    """A part of a tile.

    Attributes:
        area: What is painted, in pixels of the tile.
        whole: What the picture is fitted to, in the same pixels; `area` may show a part of it only.
        frame: Whether the frame is shown.
        map: Whether the map is.
    """

    area: Rect
    whole: Rect
    frame: bool
    map: bool


def panes(view: MapView, area: Rect, divider: float = 0.5, *, gap: int = 2) -> tuple[Pane, ...]:
    """Cut a tile.

    Args:
        view: What it shows.
        area: Of the tile below its header, in any pixels.
        divider: Where a swipe parts frame and map, 0 at the left edge and 1 at the right.
        gap: Pixels between frame and map side by side.

    Returns:
        From left to right, none over another.
    """
    if view is MapView.SIDE:
        width = max(0.0, (area.width - gap) // 2)
        left = replace(area, width=width)
        right = replace(area, x=area.x + area.width - width, width=width)
        return Pane(left, left, frame=True, map=False), Pane(right, right, frame=False, map=True)
    if view is MapView.SWIPE:
        cut = round(min(max(divider, 0.0), 1.0) * area.width)
        left = replace(area, width=cut)
        right = replace(area, x=area.x + cut, width=area.width - cut)
        return Pane(left, area, frame=True, map=False), Pane(right, area, frame=False, map=True)
    return (Pane(area, area, frame=view is MapView.OVERLAY, map=True),)
