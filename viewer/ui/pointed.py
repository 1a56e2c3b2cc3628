"""What lies under a point of the tiles: which box, by its label too, and which cell of a map."""

from PySide6.QtCore import QPointF

from viewer.core.geometry import Rect
from viewer.render.plan import BoxPlan
from viewer.session.cells import cell_at, channel_at
from viewer.session.hit import boxes_at
from viewer.ui.labels import Labels
from viewer.ui.plate import Taken
from viewer.ui.tile_place import PanePlace, TilePlace
from viewer.ui.tile_view import TileView

_SLACK_PX = 3
"""How far beside a box the pointer still means it."""
_REACH_PX = 8
"""How far beside a small one, where it means nothing else: as exactly as a hand aims without slowing down."""


class PointedTiles(TileView):
    """Tiles that can be asked what is seen at a place."""

    def boxes_at(self, point: QPointF) -> tuple[BoxPlan, ...]:
        """The boxes under a point of this widget, the one that is meant first, if boxes are drawn there.

        A label stands for its box, before all boxes that lie beneath it.
        """
        for tile in self.tiles():
            pane = tile.pane_at(point)
            if pane is not None and tile.tile.show_boxes and not self._peek:
                source, _ = pane.place.transform.inverted()
                where = source.map(point)
                beneath = boxes_at(
                    self._plan,
                    (where.x(), where.y()),
                    slack_px=_SLACK_PX * source.m11(),
                    reach_px=_REACH_PX * source.m11(),
                )
                return _first(self._now(self._labels(tile, pane).box_at(point)), beneath)
        return ()

    def cell_under(self, point: QPointF, *, apart: bool = False) -> tuple[str, float, float] | None:
        """The tile and source pixel under a point of this widget, where there is a cell, or a channel among others.

        Args:
            point: Of this widget.
            apart: Whether channels side by side count, whose cells do not lie over the picture.
        """
        for tile in self.tiles():
            pane = tile.pane_at(point)
            if pane is not None:
                source, _ = pane.place.transform.inverted()
                at = tile.tile.key, source.map(point).x(), source.map(point).y()
                is_there = cell_at(self._plan, *at) or (apart and channel_at(self._plan, *at) is not None)
                return at if is_there else None
        return None

    def taken(self, tile: TilePlace) -> Taken:
        """What of a tile the words at the crosshair leave free."""
        if not tile.tile.show_boxes or self._peek:
            return Taken()
        labels = [label.area for pane in tile.panes for label in self._labels(tile, pane).all]
        box = self._marks.pointed
        if box is None:
            return Taken(tuple(labels))
        left, top, right, bottom = box.xyxy
        pointed = tile.panes[0].place.rect(Rect(left, top, right - left, bottom - top))
        return Taken(tuple(labels), pointed)

    def _labels(self, tile: TilePlace, pane: PanePlace) -> Labels:
        return self._labels_shown.of(self._plan, self._marks, pane.place, self.devicePixelRatioF(), tile.tile)

    def _now(self, box: BoxPlan | None) -> BoxPlan | None:
        """What of the plan a labelled box is; None for one that cannot be followed, as what is gone."""
        return next((other for other in (*self._plan.boxes, *self._plan.under) if other.is_same(box)), None)


def _first(box: BoxPlan | None, boxes: tuple[BoxPlan, ...]) -> tuple[BoxPlan, ...]:
    """These boxes with one of them, or another, before all."""
    return boxes if box is None else (box, *(other for other in boxes if other is not box))
