"""The strips of words above each tile and below all of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.frame import Frame
from viewer.core.packet import NOT_FINITE
from viewer.render.fill import fill
from viewer.render.palette import BAND_RGB, BORDER, SURFACE, TEXT, TEXT_MUTED, WARNING
from viewer.render.plan import Rgb, TilePlan
from viewer.render.scale import BETWEEN, Scale
from viewer.render.text import SEMIBOLD, baseline, draw_text, elided, leading_parts, text_width
from viewer.render.timecode import timecode


def draw_header(strip: NDArray[np.uint8], tile: TilePlan, scale: Scale, titles: tuple[str, ...] = ()) -> None:
    """Write a tile's title, subtitle or warning, and the values of its colours.

    Args:
        strip: (H, W, 3) uint8 RGB, changed in place.
        tile: What the tile shows.
        scale: Sizes of the fonts.
        titles: Of all tiles, from which a long one is to be told.
    """
    fill(strip, SURFACE)
    height, width = strip.shape[:2]
    pad = scale.gap
    right = width - pad
    # On a tile too narrow for both, its name matters more than its values.
    wanted = min(text_width(tile.title, scale.title, SEMIBOLD), width // 3) + 2 * pad
    narrow = width - _limits_width(tile, scale, narrow=False) < wanted
    if tile.limits_text and width - _limits_width(tile, scale, narrow=narrow) >= wanted:
        right = _draw_limits(strip, tile, scale, narrow=narrow)
    elif tile.bands and width - _bands_width(tile, scale) >= wanted:
        right = _draw_bands(strip, tile, scale)
    title = elided(tile.title, right - 2 * pad, scale.title, SEMIBOLD, titles)
    draw_text(
        strip,
        title,
        (pad, baseline(0, height, scale.title)),
        size_px=scale.title,
        rgb=TEXT,
        weight=SEMIBOLD,
    )
    x = pad + text_width(title, scale.title, SEMIBOLD) + pad
    for words, rgb in ((tile.warning, WARNING), (tile.subtitle, TEXT_MUTED)):
        x = _write(strip, words, x, right - pad, scale, rgb) if words else x


def draw_footer(strip: NDArray[np.uint8], frame: Frame | None, scale: Scale) -> None:
    """Write which frame this is and when.

    Args:
        strip: (H, W, 3) uint8 RGB, changed in place.
        frame: None before the first.
        scale: Sizes of the fonts.
    """
    fill(strip, SURFACE)
    fill(strip[:1], BORDER)
    height, width = strip.shape[:2]
    line = baseline(0, height, scale.small)
    if frame is not None:
        draw_text(strip, timecode(frame.pts_s), (scale.margin, line), size_px=scale.small, rgb=TEXT, weight=SEMIBOLD)
        # The widest time of that length, so that the number beside it does not tremble from frame to frame.
        x = scale.margin + text_width("00:00:00.000", scale.small, SEMIBOLD) + 2 * scale.gap
        draw_text(strip, f"frame {frame.index}", (x, line), size_px=scale.small, rgb=TEXT_MUTED)
    name = "Featscope"
    x = width - scale.margin - text_width(name, scale.small)
    draw_text(strip, name, (x, line), size_px=scale.small, rgb=TEXT_MUTED)


def _write(strip: NDArray[np.uint8], words: str, x: int, right: int, scale: Scale, rgb: Rgb) -> int:
    shown = leading_parts(words, right - x, scale.small)
    if not shown:
        return x
    line = baseline(0, strip.shape[0], scale.title)
    draw_text(strip, shown, (x, line), size_px=scale.small, rgb=rgb)
    return x + text_width(shown, scale.small) + scale.gap


def _limits_width(tile: TilePlan, scale: Scale, *, narrow: bool) -> int:
    low, high = tile.limits_text or ("", "")
    between = _bar_width(scale, narrow=narrow) if tile.overlay is not None else text_width(BETWEEN, scale.small)
    return text_width(low, scale.small) + text_width(high, scale.small) + between + 2 * scale.gap


def _bands_width(tile: TilePlan, scale: Scale) -> int:
    names = sum(text_width(name, scale.small) for name in tile.bands)
    return names + len(tile.bands) * (_spot_px(scale) + scale.gap // 2 + scale.gap)


def _spot_px(scale: Scale) -> int:
    return round(0.6 * scale.small)


def _draw_bands(strip: NDArray[np.uint8], tile: TilePlan, scale: Scale) -> int:
    """Say what is red, green and blue at the right end; returns where it begins."""
    height, width = strip.shape[:2]
    spot = _spot_px(scale)
    top, line = (height - spot) // 2, baseline(0, height, scale.title)
    begin = x = width - _bands_width(tile, scale)
    for name, rgb in zip(tile.bands, BAND_RGB, strict=True):
        fill(strip[top : top + spot, x : x + spot], rgb)
        x += spot + scale.gap // 2
        draw_text(strip, name, (x, line), size_px=scale.small, rgb=TEXT_MUTED)
        x += text_width(name, scale.small) + scale.gap
    return begin


def _bar_width(scale: Scale, *, narrow: bool) -> int:
    return round((1.5 if narrow else 4) * scale.small)


def _draw_limits(strip: NDArray[np.uint8], tile: TilePlan, scale: Scale, *, narrow: bool) -> int:
    """Draw `0.02 [bar] 1.31` at the right end; returns where it begins."""
    low, high = tile.limits_text or ("", "")
    height, width = strip.shape[:2]
    gap, line = scale.gap // 2, baseline(0, height, scale.title)
    begin = x = width - _limits_width(tile, scale, narrow=narrow)
    draw_text(strip, low, (x, line), size_px=scale.small, rgb=TEXT_MUTED)
    x += text_width(low, scale.small) + gap
    if tile.overlay is not None:
        bar_height = round(0.6 * scale.small)
        top = (height - bar_height) // 2
        ramp = tile.overlay.lut[NOT_FINITE + 1 :, :3]
        bar = cv2.resize(ramp[None], (_bar_width(scale, narrow=narrow), bar_height), interpolation=cv2.INTER_LINEAR)
        strip[top : top + bar_height, x : x + bar.shape[1]] = bar
        x += bar.shape[1] + gap
    else:
        draw_text(strip, BETWEEN, (x, line), size_px=scale.small, rgb=TEXT_MUTED)
        x += text_width(BETWEEN, scale.small) + gap
    draw_text(strip, high, (x, line), size_px=scale.small, rgb=TEXT_MUTED)
    return begin
