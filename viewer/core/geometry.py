"""Where a pixel of the model's input lies in the source picture, and back: the one place that knows.

Everything drawn over a frame (boxes, maps, probes) goes through `Letterbox`. Nobody redoes its arithmetic by hand,
which is how overlays end up beside the objects they belong to.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rect:
    """An axis-aligned rectangle in continuous pixel coordinates: pixel (0, 0) covers [0, 1) x [0, 1)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A source picture resized and padded to the model's input; invertible.

    Attributes:
        image_hw: Height and width of the source picture in pixels.
        input_hw: Height and width of the model's input in pixels.
        resized_hw: Height and width of the picture inside the input.
        top: Rows of padding above the picture.
        left: Columns of padding left of the picture.
        scale_xy: Input pixels for one source pixel, horizontally and vertically.
    """

    image_hw: tuple[int, int]
    input_hw: tuple[int, int]
    resized_hw: tuple[int, int]
    top: int
    left: int
    scale_xy: tuple[float, float]

    @classmethod
    def fit(
        cls, image_hw: tuple[int, int], size_hw: tuple[int, int], *, stride: int = 32, rectangular: bool = True
    ) -> "Letterbox":
        """Fit a picture into `size_hw` keeping its proportions, padded evenly on both sides.

        The rounding is that of ultralytics' `LetterBox` and `scale_boxes` (ultralytics/data/augment.py, utils/ops.py,
        8.4), so that boxes agree with its own: each side is rounded to whole pixels, which makes the two scales
        differ a little, and a left-over pixel of padding goes right and below.

        Args:
            image_hw: Source height and width in pixels, both at least 1.
            size_hw: Largest input height and width.
            stride: The model's largest stride; a rectangular input is padded to a multiple of it.
            rectangular: Pad only to the next multiple of `stride`; otherwise to the whole of `size_hw`.
        """
        height, width = image_hw
        gain = min(size_hw[0] / height, size_hw[1] / width)
        resized_hw = max(1, round(height * gain)), max(1, round(width * gain))
        pad_h, pad_w = size_hw[0] - resized_hw[0], size_hw[1] - resized_hw[1]
        if rectangular:
            pad_h, pad_w = pad_h % stride, pad_w % stride
        return cls(
            image_hw=image_hw,
            input_hw=(resized_hw[0] + pad_h, resized_hw[1] + pad_w),
            resized_hw=resized_hw,
            top=round(pad_h / 2 - 0.1),
            left=round(pad_w / 2 - 0.1),
            scale_xy=(resized_hw[1] / width, resized_hw[0] / height),
        )

    @classmethod
    def corner(cls, image_hw: tuple[int, int], *, shortest: int, longest: int, stride: int = 32) -> "Letterbox":
        """Scale a picture by its sides and pad it to the right and below, as torchvision's detectors do.

        The rounding is that of `GeneralizedRCNNTransform` (torchvision/models/detection/transform.py, 0.29): sides
        are rounded down, and boxes are scaled back by the sides as they came out.

        Args:
            image_hw: Source height and width in pixels, both at least 1.
            shortest: What the shorter side becomes, unless that makes the other too long.
            longest: The most that the longer side may become.
            stride: The input is padded to a multiple of it.
        """
        height, width = image_hw
        scale = min(shortest / min(image_hw), longest / max(image_hw))
        resized_hw = max(1, math.floor(height * scale)), max(1, math.floor(width * scale))
        return cls(
            image_hw=image_hw,
            input_hw=(math.ceil(resized_hw[0] / stride) * stride, math.ceil(resized_hw[1] / stride) * stride),
            resized_hw=resized_hw,
            top=0,
            left=0,
            scale_xy=(resized_hw[1] / width, resized_hw[0] / height),
        )

    @classmethod
    def stretch(cls, image_hw: tuple[int, int], input_hw: tuple[int, int]) -> "Letterbox":
        """Stretch a picture to the whole input, as models without letterbox expect it."""
        return cls(
            image_hw=image_hw,
            input_hw=input_hw,
            resized_hw=input_hw,
            top=0,
            left=0,
            scale_xy=(input_hw[1] / image_hw[1], input_hw[0] / image_hw[0]),
        )

    def to_image(self, xyxy: NDArray[np.float32], *, clip: bool = True) -> NDArray[np.float32]:
        """Map boxes from input pixels to source pixels.

        Args:
            xyxy: (N, 4) float32 in model input pixels.
            clip: Clip to the source picture.

        Returns:
            (N, 4) float32 in source pixels.
        """
        boxes = (xyxy - self._offset()) / self._gain()
        if clip:
            height, width = self.image_hw
            boxes = boxes.clip(0, np.array([width, height, width, height], np.float32))
        return boxes.astype(np.float32)

    def points_to_image(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map points (..., 2), x and y, from input pixels to source pixels; they may lie outside the picture."""
        offset = np.array([self.left, self.top], np.float32)
        return ((xy - offset) / np.array(self.scale_xy, np.float32)).astype(np.float32)

    def to_input(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map boxes (N, 4) from source pixels to model input pixels; the inverse of `to_image` without clipping."""
        return (xyxy * self._gain() + self._offset()).astype(np.float32)

    @property
    def map_rect(self) -> Rect:
        """The source rectangle that a whole map covers, padding included.

        Every map spans the whole model input whatever its grid, so cell (row, column) of an (h, w) map covers the
        (row, column)-th of h x w equal parts of this rectangle, in source pixels. Parts of it lie outside the picture
        where the input was padded.
        """
        scale_x, scale_y = self.scale_xy
        return Rect(
            x=-self.left / scale_x,
            y=-self.top / scale_y,
            width=self.input_hw[1] / scale_x,
            height=self.input_hw[0] / scale_y,
        )

    def rect_of_map(self, map_hw: tuple[int, int], stride: int) -> Rect:
        """The source rectangle of a map whose cells may not tile the input: 38 cells of 8 pixels lie over 300.

        Convolutions begin at the upper left, so what is too much stands out at the right and below.

        Args:
            map_hw: Rows and columns; a map that was averaged down has fewer than the stage, and spans the input.
            stride: Input pixels for each cell of the stage.
        """
        rect, (scale_x, scale_y) = self.map_rect, self.scale_xy
        width = max(self.input_hw[1], map_hw[1] * stride) / scale_x
        height = max(self.input_hw[0], map_hw[0] * stride) / scale_y
        return Rect(rect.x, rect.y, width, height)

    def cell_at(self, x: float, y: float, map_hw: tuple[int, int]) -> tuple[int, int] | None:
        """Row and column of the map cell over source pixel (x, y); None outside the map."""
        rect = self.map_rect
        row = math.floor((y - rect.y) / rect.height * map_hw[0])
        column = math.floor((x - rect.x) / rect.width * map_hw[1])
        inside = 0 <= row < map_hw[0] and 0 <= column < map_hw[1]
        return (row, column) if inside else None

    def _offset(self) -> NDArray[np.float32]:
        return np.array([self.left, self.top, self.left, self.top], np.float32)

    def _gain(self) -> NDArray[np.float32]:
        return np.array([*self.scale_xy, *self.scale_xy], np.float32)
