"""Pictures for people: what is drawn for a frame, where, and in which colours.

`plan` holds the values that say completely what to draw; `layout` places tiles, `colormap` and `labels` give colours,
`palette` the colours of everything around the pictures, `timecode` the words for a moment. These need numpy and cmap
alone, and the window paints from them with its own toolkit.

`compose` turns plans into pixels with OpenCV, for video files and snapshots without a window, by way of `overlay`,
`boxes`, `header` and `text`; `letterbox` makes a network's input. They are imported by their own names and never from
here, because the window's process must not load OpenCV.
"""

from viewer.render.colormap import COLORMAPS, lut
from viewer.render.labels import class_rgb, ink_on
from viewer.render.layout import fit_rect, tile_rects
from viewer.render.plan import BoxPlan, OverlayPlan, RenderPlan, Rgb, TilePlan
from viewer.render.timecode import timecode

__all__ = [
    "COLORMAPS",
    "BoxPlan",
    "OverlayPlan",
    "RenderPlan",
    "Rgb",
    "TilePlan",
    "class_rgb",
    "fit_rect",
    "ink_on",
    "lut",
    "tile_rects",
    "timecode",
]
