"""How large the pictures of a film are: so that its tiles lie as they do in the window, with nothing left empty."""

from viewer.render.grid import tile_areas
from viewer.render.plan import RenderPlan
from viewer.render.scale import Scale

FILM_WH = (1920, 1080)
"""Most width and height of a film, in pixels."""

_LEAST_WH = (320, 180)
_ROUNDS = 3
"""How often a size is cut to its tiles; sizes of words go with it, so the first cut is not quite the last."""


def film_size(plan: RenderPlan, area_wh: tuple[float, float], most_wh: tuple[int, int] = FILM_WH) -> tuple[int, int]:
    """The largest size at which tiles are arranged as in an area of the window and reach the edges.

    What arrangement of tiles is the best is decided by the proportions of the area they have; cut to the tiles, it is
    still the best one, and nothing is left beside it.

    Args:
        plan: What is shown.
        area_wh: Width and height of the area that the window has for it, in any pixels.
        most_wh: Most width and height of the film in pixels.

    Returns:
        Even numbers, as most video needs them.
    """
    if plan.frame is None or not plan.tiles or min(area_wh) < 1:
        return most_wh
    size_wh = _fitted(area_wh, most_wh)
    for _ in range(_ROUNDS):
        size_wh = _fitted(_cut(plan, size_wh, plan.frame.image_hw), most_wh)
    return size_wh


def _cut(plan: RenderPlan, size_wh: tuple[int, int], image_hw: tuple[int, int]) -> tuple[float, float]:
    """A size without what is left empty around the tiles."""
    scale = Scale.of(size_wh)
    frame_wh = 2 * scale.margin, 2 * scale.margin + scale.footer
    area_wh = size_wh[0] - frame_wh[0], size_wh[1] - frame_wh[1]
    tiles = tile_areas(plan, area_wh, image_hw, gap=scale.gap, header=scale.header)
    width = max(tile.x + tile.width for tile in tiles) - min(tile.x for tile in tiles)
    height = max(tile.y + tile.height for tile in tiles) - min(tile.y for tile in tiles)
    return (width + frame_wh[0], height + frame_wh[1]) if width and height else size_wh


def _fitted(wh: tuple[float, float], most_wh: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of these proportions."""
    factor = min(most / side for most, side in zip(most_wh, wh, strict=True))
    width, height = (max(least, 2 * round(side * factor / 2)) for least, side in zip(_LEAST_WH, wh, strict=True))
    return width, height
