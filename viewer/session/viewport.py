"""Zoom and pan as arithmetic on one small value that all tiles share, so that they move as one.

A viewport knows fractions of the picture, not pixels: the same value fits tiles of any size. `picture_rect` and
`source_point` are the only way between a tile's pixels and the picture's.
"""

from dataclasses import replace

from viewer.core.geometry import Rect
from viewer.render.layout import snug_rect
from viewer.session.state import Viewport

MAX_ZOOM = 32.0
"""Enough to see single pixels of the source."""


def zoomed(viewport: Viewport, factor: float, anchor_xy: tuple[float, float]) -> Viewport:
    """Zoom about a point that stays where it is on the screen.

    Args:
        viewport: Where it stands.
        factor: Above 1 enlarges.
        anchor_xy: The point, as fractions of the picture's width and height.

    Returns:
        The anchor keeps its place unless a limit of zoom or the picture's edge forbids it.
    """
    zoom = min(max(viewport.zoom * factor, 1.0), MAX_ZOOM)
    keep = viewport.zoom / zoom
    x, y = (anchor + (centre - anchor) * keep for anchor, centre in zip(anchor_xy, viewport.centre_xy, strict=True))
    return clamped(Viewport(zoom, (x, y)))


def panned(viewport: Viewport, dx: float, dy: float) -> Viewport:
    """Move the centre by fractions of the picture's width and height; positive goes right and down in the picture."""
    x, y = viewport.centre_xy
    return clamped(replace(viewport, centre_xy=(x + dx, y + dy)))


def clamped(viewport: Viewport) -> Viewport:
    """The nearest viewport that shows no more beside the picture than zoom 1 does."""
    zoom = min(max(viewport.zoom, 1.0), MAX_ZOOM)
    margin = 0.5 / zoom
    x, y = (min(max(centre, margin), 1 - margin) for centre in viewport.centre_xy)
    return Viewport(zoom, (x, y))


def picture_rect(viewport: Viewport, tile_wh: tuple[float, float], image_hw: tuple[int, int]) -> Rect:
    """Where the whole picture lies, in tile pixels.

    Args:
        viewport: What to show.
        tile_wh: Width and height of the tile in pixels.
        image_hw: Height and width of the picture in source pixels.

    Returns:
        Not rounded; reaches beyond the tile, with a negative origin, where the picture is enlarged.
    """
    fitted = snug_rect(image_hw, Rect(0, 0, *tile_wh))
    width, height = fitted.width * viewport.zoom, fitted.height * viewport.zoom
    x, y = viewport.centre_xy
    return Rect(tile_wh[0] / 2 - x * width, tile_wh[1] / 2 - y * height, width, height)


def picture_fraction(
    viewport: Viewport, tile_wh: tuple[float, float], image_hw: tuple[int, int], point_xy: tuple[float, float]
) -> tuple[float, float]:
    """Fractions of the picture under a tile point, outside 0..1 beside the picture; the anchor `zoomed` wants."""
    rect = picture_rect(viewport, tile_wh, image_hw)
    return (point_xy[0] - rect.x) / rect.width, (point_xy[1] - rect.y) / rect.height


def source_point(
    viewport: Viewport, tile_wh: tuple[float, float], image_hw: tuple[int, int], point_xy: tuple[float, float]
) -> tuple[float, float]:
    """Source pixel coordinates under a tile point; the inverse of `picture_rect`."""
    x, y = picture_fraction(viewport, tile_wh, image_hw, point_xy)
    return x * image_hw[1], y * image_hw[0]
