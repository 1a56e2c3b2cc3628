"""What is to be drawn, decided completely: the same plan is painted by the window and by the headless renderer.

A plan holds no choice that is still open. Whoever paints it needs no knowledge of detectors, taps or settings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.cell import CellGrid
from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.core.many import Band, Mosaic
from viewer.core.packet import NOT_FINITE, empty_cells
from viewer.render.views import Grid, MapView

Rgb = tuple[int, int, int]


Point = tuple[float, float]

DASHES_PX = (7, 5)
"""Line and gap of a box that is gone."""


@dataclass(frozen=True, slots=True)
class PosePlan:
    """The pose of one object.

    Attributes:
        lines: Limbs, both ends in source pixels.
        dots: Joints in source pixels.
    """

    lines: tuple[tuple[Point, Point], ...]
    dots: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class BoxPlan:
    """One detection to draw, or one candidate that is none.

    Attributes:
        xyxy: Corners in source pixels.
        text: Label, `car 0.87`.
        rgb: Colour of its class, 0..255 each.
        corners: The four corners of an oriented box in source pixels, in turn; None where the box is upright. `xyxy`
            is then their envelope and says where the label goes.
        rings: Outline of its mask in source pixels, a ring for each part and each hole; empty where it has none.
        pose: Its joints; None where it has none.
        label: Class number; -1 where none is told.
        score: 0..1.
        stride: Of the head level that made it; 0 where the head does not say.
        under: Whether its score is under the threshold; such a box is dotted and its label hollow.
        fate: What became of it since something was altered: `new`, `gone`, or nothing.
    """

    xyxy: tuple[float, float, float, float]
    text: str
    rgb: Rgb
    corners: tuple[Point, ...] | None = None
    rings: tuple[tuple[Point, ...], ...] = ()
    pose: PosePlan | None = None
    label: int = -1
    score: float = 0.0
    stride: int = 0
    under: bool = False
    fate: str = ""

    @property
    def caption(self) -> str:
        """What is written at it."""
        return f"{self.text} {self.fate}" if self.fate else self.text

    @property
    def name(self) -> str:
        """Name of its class."""
        return self.text.rpartition(" ")[0]

    @property
    def brief(self) -> str:
        """What is written at it where there is no room for its name."""
        return self.caption.removeprefix(f"{self.name} ")

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in whole source pixels; of an oriented box, those of its envelope."""
        left, top, right, bottom = self.xyxy
        return round(right - left), round(bottom - top)

    def is_same(self, other: "BoxPlan | None") -> bool:
        """Whether both are plans of one box of one frame."""
        return other is not None and (self.label, self.under, self.xyxy) == (other.label, other.under, other.xyxy)


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPlan:
    """One map laid over the frame.

    Attributes:
        codes: (h, w) uint8 map, see `viewer.core.packet.TapMap.codes`.
        lut: (256, 4) uint8 RGBA for each code, not premultiplied; alpha carries the overlay's opacity and entry 0
            (not finite) is fully transparent.
        rect: Where the whole map lies, in source pixels; parts outside the picture are cut off.
        limits: Values of codes 1 and 255, in activation units.
        bands: What is red, green and blue in a map in colour, whose codes are (h, w, 3); the table is grey then, and
            each of the three goes through it by itself.
        mosaic: Which channels lie side by side; None for a map that lies over the picture.
        grid: The cells of the activation behind it; None where there are none to point at.
    """

    codes: NDArray[np.uint8]
    lut: NDArray[np.uint8]
    rect: Rect
    limits: tuple[float, float] = (0.0, 1.0)
    bands: tuple[Band, ...] = ()
    mosaic: Mosaic | None = None
    grid: CellGrid | None = None

    @property
    def has_broken(self) -> bool:
        """Whether a cell that belongs to the map is not finite."""
        nothing = int((self.codes == NOT_FINITE).reshape(*self.codes.shape[:2], -1).any(2).sum())
        return nothing > empty_cells(self.mosaic, self.codes.shape)

    def parts(self) -> Iterator[tuple[Rect, int | None]]:
        """Where each place of the mosaic lies, in source pixels, and which channel is in it; None in empty ones."""
        if self.mosaic is None:
            return
        width, height = self.rect.width / self.mosaic.columns, self.rect.height / self.mosaic.rows
        for place in range(self.mosaic.rows * self.mosaic.columns):
            row, column = divmod(place, self.mosaic.columns)
            channel = self.mosaic.channels[place] if place < len(self.mosaic.channels) else None
            yield Rect(self.rect.x + column * width, self.rect.y + row * height, width, height), channel


@dataclass(frozen=True, slots=True, eq=False)
class TilePlan:
    """One picture of the grid: the frame, perhaps with a map over it.

    Attributes:
        key: Stays the same for the same tile over frames: the node, or `detections`.
        title: `P3`, `Detections`.
        subtitle: `model.16 · neck · stride 8 · 64x48x80 · absmean`.
        limits_text: Values of first and last colour, `0.02` and `1.31`; None where there is no map, and for one in
            colour.
        warning: Something wrong with what is shown, `12 cells not finite`, `random weights`, or why there is no map;
            empty if nothing is.
        overlay: The map; None for the detections tile, for a stage that is left out, or while overlays are hidden.
        show_boxes: Whether boxes are drawn on it.
        show_labels: Whether the boxes on it carry their text.
        hint: What the warning means, for whoever asks; may be empty.
        view: How it shows frame and map; overlay where there is no map.
        bands: What is red, green and blue in a map in colour; empty for others.
        answers: Whether its map answers a question about what stands out: that is marked beside the map, not over it.
    """

    key: str
    title: str
    subtitle: str
    limits_text: tuple[str, str] | None
    warning: str
    overlay: OverlayPlan | None
    show_boxes: bool
    show_labels: bool = True
    hint: str = ""
    view: MapView = MapView.OVERLAY
    bands: tuple[str, ...] = ()
    answers: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RenderPlan:
    """Everything to draw for one frame.

    Attributes:
        frame: The picture; None before the first one.
        tiles: In the user's order, else the detections first, then one a tap in order of execution; one page of them.
        boxes: Detections, worst score first, so that the best are drawn on top.
        under: Candidates under the threshold, worst score first, dotted; empty unless they were asked for.
        divider: Where tiles that are swiped part frame and map, 0 at their left edge and 1 at the right.
        grid: How the tiles are arranged.
        gone: What was detected before something was altered, and is no more, worst score first; dashed.
        before: How many objects were detected before; None where nothing is altered.
        chosen: The box that stands for the object that is followed, in a picture that is composed; the window marks by
            itself, for there it also depends on the pointer.
        ghost: Where that object was last seen, in source pixels, as long as nothing stands for it.
    """

    frame: Frame | None
    tiles: tuple[TilePlan, ...]
    boxes: tuple[BoxPlan, ...]
    under: tuple[BoxPlan, ...] = ()
    divider: float = 0.5
    grid: Grid = Grid.AUTO
    gone: tuple[BoxPlan, ...] = ()
    before: int | None = None
    chosen: BoxPlan | None = None
    ghost: tuple[float, float, float, float] | None = None

    @property
    def ranked(self) -> tuple[BoxPlan, ...]:
        """Boxes in the order in which their labels find places: what is new or gone is what somebody looks for."""
        boxes = self.boxes[::-1]
        new = (box for box in boxes if box.fate)
        return (*new, *self.gone[::-1], *(box for box in boxes if not box.fate))
