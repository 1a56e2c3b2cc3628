"""Where each tile, its header and its panes lie in the window: asked by whatever paints them or points at them."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF

from viewer.core.geometry import Rect
from viewer.render.grid import tile_areas
from viewer.render.panes import panes
from viewer.render.plan import RenderPlan, TilePlan
from viewer.render.views import MapView
from viewer.session.state import Viewport
from viewer.session.viewport import picture_rect
from viewer.ui import tokens
from viewer.ui.painter import Place

_GAP = 4


@dataclass(frozen=True, slots=True)
class PanePlace:
    """A part of a tile.

    Attributes:
        place: Where it lies, and the picture in it.
        whole: What the picture is fitted to; the pane may show a part of it only.
        frame: Whether it shows the frame.
        map: Whether it shows the map.
    """

    place: Place
    whole: QRectF
    frame: bool
    map: bool


@dataclass(frozen=True, slots=True)
class TilePlace:
    """A tile and where it lies, in logical pixels of the canvas.

    Attributes:
        tile: What it shows.
        header: The strip above.
        place: All below the header.
        panes: Its parts, from left to right.
    """

    tile: TilePlan
    header: QRectF
    place: Place
    panes: tuple[PanePlace, ...]

    @property
    def outline(self) -> QRectF:
        """Header and all below it."""
        return self.header.united(self.place.area)

    def pane_at(self, point: QPointF) -> PanePlace | None:
        """The pane under a point of the canvas."""
        return next((pane for pane in self.panes if pane.place.area.contains(point)), None)

    def divider_x(self) -> float | None:
        """Where frame and map are parted by a divider that can be dragged; None where they are not."""
        return self.panes[1].place.area.left() if self.tile.view is MapView.SWIPE else None


def tile_places(plan: RenderPlan, viewport: Viewport, width: int, height: int) -> list[TilePlace]:
    """Place everything a plan shows on a canvas of this size."""
    if plan.frame is None:
        return []
    image_hw = plan.frame.image_hw
    areas = tile_areas(plan, (width, height), image_hw, gap=_GAP, header=tokens.TILE_HEADER)
    return [
        TilePlace(tile, *_cut(area, tile.view, plan.divider, viewport, image_hw))
        for tile, area in zip(plan.tiles, areas, strict=True)
    ]


@lru_cache(maxsize=64)
def _cut(
    rect: Rect, view: MapView, divider: float, viewport: Viewport, image_hw: tuple[int, int]
) -> tuple[QRectF, Place, tuple[PanePlace, ...]]:
    """Header, picture and panes of a tile, which lie where they are while frames run."""
    header = QRectF(rect.x, rect.y, rect.width, tokens.TILE_HEADER)
    below = Rect(rect.x, header.bottom(), rect.width, max(0.0, rect.height - tokens.TILE_HEADER))
    parts = tuple(
        PanePlace(_place(pane.area, pane.whole, viewport, image_hw), _qt(pane.whole), pane.frame, pane.map)
        for pane in panes(view, below, divider)
    )
    return header, _place(below, below, viewport, image_hw), parts


def _place(area: Rect, whole: Rect, viewport: Viewport, image_hw: tuple[int, int]) -> Place:
    picture = picture_rect(viewport, (whole.width, whole.height), image_hw)
    return Place(_qt(area), QRectF(whole.x + picture.x, whole.y + picture.y, picture.width, picture.height), image_hw)


def _qt(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.width, rect.height)
