"""Plans made of simple shapes, so that a test can say where everything must be."""

from collections.abc import Callable

import numpy as np
import pytest

from viewer.core import Frame, Letterbox
from viewer.render import BoxPlan, OverlayPlan, RenderPlan, TilePlan, class_rgb, lut
from viewer.render.views import Grid, MapView


def picture(image_hw: tuple[int, int]) -> np.ndarray:
    """A sky, a road and a bright sign, smooth enough to be resized without surprise."""
    height, width = image_hw
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    rgb = np.stack([60 + 60 * y, 90 + 50 * y, 150 - 90 * y], axis=-1)
    rgb[np.abs(x - 0.5) < 0.4 * (y - 0.45)] = (70, 70, 74)
    rgb[(x > 0.7) & (x < 0.78) & (y > 0.2) & (y < 0.34)] = (240, 220, 60)
    return np.rint(rgb).astype(np.uint8)


def bump(map_hw: tuple[int, int], at_yx: tuple[float, float]) -> np.ndarray:
    rows, columns = map_hw
    y, x = np.mgrid[0:rows, 0:columns]
    distance = ((y + 0.5) / rows - at_yx[0]) ** 2 + ((x + 0.5) / columns - at_yx[1]) ** 2
    return (1 + np.rint(254 * np.exp(-distance / 0.03))).astype(np.uint8)


@pytest.fixture
def make_plan() -> Callable[..., RenderPlan]:
    def make(
        taps: int = 3,
        boxes: int = 4,
        image_hw: tuple[int, int] = (270, 480),
        broken: bool = False,
        view: MapView = MapView.OVERLAY,
        grid: Grid = Grid.AUTO,
        fade: bool = False,
    ) -> RenderPlan:
        height, width = image_hw
        letterbox = Letterbox.fit(image_hw, (320, 320))
        tiles = [TilePlan("detections", "Detections", f"toy · {boxes} objects", None, "", None, show_boxes=True)]
        for number in range(taps):
            stride = (8, 16, 32)[number % 3]
            map_hw = letterbox.input_hw[0] // stride, letterbox.input_hw[1] // stride
            codes = bump(map_hw, (0.3, 0.74 - 0.1 * number))
            if broken and number == 0:
                codes[5:8, 6:10] = 0
            overlay = OverlayPlan(
                codes, lut("inferno", 0.55 if view is MapView.OVERLAY else 1.0, fade=fade), letterbox.map_rect
            )
            subtitle = f"model.{number} · neck · stride {stride} · absmean"
            warning = "12 cells not finite" if broken and number == 0 else ""
            tiles.append(
                TilePlan(
                    f"model.{number}",
                    f"P{number}",
                    subtitle,
                    ("0.02", "1.31"),
                    warning,
                    overlay,
                    show_boxes=True,
                    show_labels=False,
                    view=view,
                )
            )
        plans = [
            BoxPlan(
                (width * left, height * top, width * (left + 0.15), height * (top + 0.25)),
                f"car 0.{50 + number}",
                class_rgb(number),
            )
            for number, (left, top) in enumerate([(0.1, 0.5), (0.86, 0.3), (0.4, 0.0), (0.69, 0.18)][:boxes])
        ]
        if boxes:
            # One oriented box: a diamond, its label at the envelope.
            left, top, right, bottom = (0.15 * width, 0.1 * height, 0.3 * width, 0.35 * height)
            x, y = (left + right) / 2, (top + bottom) / 2
            diamond = ((x, top), (right, y), (x, bottom), (left, y))
            plans.append(BoxPlan((left, top, right, bottom), "plane 0.61", class_rgb(4), diamond))
        return RenderPlan(Frame(picture(image_hw), 312, 12.48, 0.0), tuple(tiles), tuple(plans), divider=0.4, grid=grid)

    return make
