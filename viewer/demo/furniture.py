"""What stands at the kerb: traffic lights, poles, lamp posts and trees."""

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Colour, mix
from viewer.demo.solid import Brush
from viewer.demo.world import Actor, Plant, Pole

_METAL: Colour = (96, 102, 108)
_LAMPS: tuple[tuple[str, Colour, Colour], ...] = (
    ("red", (255, 64, 48), (70, 24, 22)),
    ("amber", (255, 190, 60), (72, 54, 22)),
    ("green", (70, 240, 150), (20, 58, 44)),
)
_SPRITE_PX = 320


def paint_signal(brush: Brush, actor: Actor, *, lit: str) -> None:
    """Draw a traffic light's housing; `lit` names the burning lamp. Its pole is scenery."""
    low, high = actor.height_m, actor.height_m + 0.96
    canvas = brush.canvas
    for sign in (-1, 1):
        if brush.sees((sign, 0, 0), (sign * 0.17, low, 0)):
            x = sign * 0.17
            canvas.fill(
                brush.outline(np.array([(x, low, 0), (x, high, 0), (x, high, 0.2), (x, low, 0.2)])),
                brush.flat((26, 28, 28)),
            )
    canvas.fill(
        brush.outline(np.array([(-0.17, low, 0), (0.17, low, 0), (0.17, high, 0), (-0.17, high, 0)])),
        brush.flat((44, 47, 47)),
    )
    for index, (name, bright, dark) in enumerate(_LAMPS):
        spot = brush.spot((0.0, high - 0.17 - 0.31 * index, -0.02))
        if spot is None:
            return
        radius = 0.115 * brush.metre_px
        on = name == lit
        canvas.disc(spot, radius * 1.12, brush.flat((18, 19, 19)))
        canvas.disc(spot, radius, brush.light.far(bright, brush.distance_m * 0.4) if on else brush.flat(dark, 0.9))
        if on:
            canvas.disc(spot, radius * 0.5, mix(bright, (255, 255, 255), 0.45))
            canvas.glow(spot, radius * 3.4, bright, 0.42 + 0.2 * brush.light.lamps)


def paint_pole(brush: Brush, pole: Pole) -> None:
    """Draw a post with its arm; a lamp post burns when the light is low."""
    foot = brush.spot((0.0, 0.0, 0.0))
    top = brush.spot((0.0, pole.height, 0.0))
    if foot is None or top is None:
        return
    canvas = brush.canvas
    width = max(0.6, (0.11 if pole.lamp or pole.arm_m else 0.06) * brush.metre_px)
    colour = brush.flat(_METAL)
    across = np.array([width / 2, 0.0])
    low, high = np.array(foot), np.array(top)
    canvas.fill(np.array([low - across, low + across, high + across * 0.75, high - across * 0.75]), colour)
    canvas.fill(
        np.array([low - across, low - across * 0.3, high - across * 0.3, high - across * 0.75]),
        mix(colour, (255, 255, 255), 0.14),
    )
    if pole.arm_m:
        end = brush.spot((pole.arm_m, pole.height + (0.25 if pole.lamp else 0.0), 0.0))
        if end is None:
            return
        canvas.stroke(np.array([top, end]), colour, width_px=max(1.0, width * 0.6))
        if pole.lamp:
            canvas.stroke(
                np.array([end, (end[0] + 0.5 * brush.metre_px * math.copysign(1, -pole.arm_m), end[1])]),
                brush.flat((70, 74, 80)),
                width_px=max(1.0, width * 1.3),
            )
            if brush.light.lamps > 0.25:
                canvas.disc(end, max(1.0, 0.14 * brush.metre_px), (255, 232, 190))
                canvas.glow(end, 1.3 * brush.metre_px, (255, 206, 140), 0.6 * brush.light.lamps)


def paint_tree(brush: Brush, plant: Plant) -> None:
    """Draw a tree from its sprite."""
    foot, top = brush.spot((0.0, 0.0, 0.0)), brush.spot((0.0, plant.height, 0.0))
    if foot is None or top is None or brush.distance_m < 2.5:
        return
    tall = foot[1] - top[1]
    light = brush.light
    level = light.ambient + 0.5 * light.direct
    tint = (level * light.warmth[0], level * light.warmth[1], level * light.warmth[2])
    brush.canvas.sprite(
        tree_sprite(plant.sprite),
        (foot[0] - tall * 0.42, top[1], foot[0] + tall * 0.42, foot[1]),
        tint,
        light.horizon,
        light.haze(brush.distance_m),
    )


@lru_cache(maxsize=8)
def tree_sprite(kind: int) -> NDArray[np.uint8]:
    """Grow one tree: a trunk, boughs and a crown of many leaf clusters lit from above, (h, w, 4) RGBA uint8."""
    rng = np.random.default_rng(1000 + kind)
    height, width = _SPRITE_PX, int(_SPRITE_PX * 0.84)
    rgba = np.zeros((height, width, 4), np.uint8)
    bark = (92, 74, 60, 255)
    middle = width / 2
    trunk = np.array(
        [(middle - 6, height), (middle + 6, height), (middle + 3.5, height * 0.5), (middle - 3.5, height * 0.5)]
    )
    cv2.fillPoly(rgba, [np.rint(trunk * 16).astype(np.int32)], bark, cv2.LINE_AA, 4)
    for _ in range(6):
        end = (int(middle + rng.uniform(-70, 70)), int(height * rng.uniform(0.22, 0.42)))
        cv2.line(rgba, (int(middle), int(height * 0.56)), end, bark, 4, cv2.LINE_AA)
    leaf = np.array(
        ((86, 128, 56), (104, 140, 60), (70, 116, 62), (140, 142, 62), (92, 134, 76), (158, 124, 58))[kind % 6]
    )
    centre = np.array((middle, height * 0.36))
    spread = np.array((width * 0.37, height * 0.29))
    blobs = []
    for _ in range(520):
        angle, reach = rng.uniform(0, 2 * math.pi), math.sqrt(rng.uniform(0, 1))
        wobble = 0.86 + 0.14 * math.sin(3 * angle + kind)
        blobs.append(centre + spread * reach * wobble * np.array((math.cos(angle), math.sin(angle))))
    blobs.sort(key=lambda blob: -blob[1] + rng.uniform(-40, 40))
    for blob in blobs:
        rise = (centre[1] + spread[1] - blob[1]) / (2 * spread[1])
        bright = 0.52 + 0.62 * rise + rng.uniform(-0.1, 0.12) + 0.1 * (blob[0] - middle) / middle
        colour = np.clip(leaf * bright, 0, 255)
        radius = rng.uniform(5, 12)
        cv2.ellipse(
            rgba,
            (int(blob[0]), int(blob[1])),
            (int(radius), int(radius * 0.72)),
            float(rng.uniform(0, 180)),
            0,
            360,
            (*(float(part) for part in colour), 255.0),
            -1,
            cv2.LINE_AA,
        )
    rgba.setflags(write=False)
    return rgba
