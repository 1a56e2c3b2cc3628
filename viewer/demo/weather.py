"""What the air and the lens do to a finished picture: wet road, rain, low sun, bloom, exposure, sensor noise."""

import math
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from viewer.demo.camera import Camera
from viewer.demo.canvas import Canvas
from viewer.demo.light import Conditions, Light

_FRAME_RATE_HZ = 25.0
_BLOOM_FROM = 205


def wet_road(canvas: Canvas, conditions: Conditions, *, road: MatLike) -> None:
    """Mirror the scene in the wet ground; changes the picture, leaves the labels.

    Args:
        canvas: with the finished scene.
        conditions: its rain sets the strength.
        road: (H, W) uint8, 255 where ground is what the pixel shows.
    """
    if conditions.rain < 0.05:
        return
    horizon = round(canvas.camera.horizon_px)
    low = canvas.camera.height_px - horizon
    source = canvas.rgb[max(0, horizon - low) : horizon]
    mirrored = cv2.resize(source[::-1], (canvas.camera.width_px, low))
    smeared = cv2.blur(cv2.resize(mirrored, None, fx=0.5, fy=0.5), (3, 25))
    mirror = cv2.resize(smeared, (canvas.camera.width_px, low)).astype(np.float32)
    fall = np.linspace(0.75, 0.28, low, dtype=np.float32)[:, None]
    share = (fall * conditions.rain * 0.75 * (road[horizon:].astype(np.float32) / 255))[..., None]
    window = canvas.rgb[horizon:]
    window[:] = (window * (1 - share) + mirror * share).astype(np.uint8)


def through_the_lens(
    rgb: NDArray[np.uint8], camera: Camera, light: Light, conditions: Conditions, t: float, seed: int
) -> NDArray[np.uint8]:
    """Turn a clean drawing into what a dashcam records; pure.

    Args:
        rgb: (H, W, 3) uint8.
        camera: that saw it.
        light: of the moment.
        conditions: of the moment.
        t: media time in seconds.
        seed: of the noise.

    Returns:
        (H, W, 3) uint8, a new picture.
    """
    rng = np.random.default_rng((seed, round(t * 1000)))
    picture = cv2.GaussianBlur(rgb, (3, 3), 0.55)
    if conditions.rain > 0:
        picture = _rain(picture, conditions.rain, t)
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    bright = cv2.subtract(small, np.full_like(small, _BLOOM_FROM))
    halo = cv2.GaussianBlur(bright, (0, 0), 7)
    gain = 0.5 + 1.6 * conditions.glare
    picture = cv2.addWeighted(picture, 1.0, cv2.resize(halo, (picture.shape[1], picture.shape[0])), gain, 0)
    if conditions.glare > 0:
        picture = _glare(picture, camera, light, conditions.glare)
    picture = cv2.LUT(picture, _curve(conditions))
    picture = cv2.multiply(picture, _vignette(picture.shape[1], picture.shape[0]), dtype=cv2.CV_8U)
    noise = np.roll(_noise(), (int(rng.integers(256)), int(rng.integers(256))), axis=(0, 1))
    rows, columns = -(-picture.shape[0] // 256), -(-picture.shape[1] // 256)
    field = np.tile(noise, (rows, columns, 1))[: picture.shape[0], : picture.shape[1]]
    strength = 0.8 + 0.7 * light.lamps
    return np.asarray(cv2.addWeighted(picture, 1.0, field, strength, -128.0 * strength), np.uint8)


def _curve(conditions: Conditions) -> NDArray[np.uint8]:
    """Exposure and contrast as a table of 256 values."""
    value = np.arange(256, dtype=np.float32) / 255 * conditions.exposure
    contrast = 1.12 - 0.34 * conditions.rain - 0.3 * conditions.glare
    toned = 0.5 + (value - 0.5) * contrast + 0.02 + 0.05 * conditions.rain
    # A soft shoulder keeps highlights from clipping into flat white.
    toned = np.where(toned > 0.8, 0.8 + 0.2 * np.tanh((toned - 0.8) / 0.2), toned)
    return np.clip(toned * 255, 0, 255).astype(np.uint8)


def _glare(picture: MatLike, camera: Camera, light: Light, strength: float) -> MatLike:
    """Add the low sun: a veil over everything, a disc with a wide halo, a streak across the glass."""
    height, width = picture.shape[:2]
    # The street bends, so the sun that lights it from the side can come to stand over its end.
    azimuth, elevation = math.copysign(0.2, light.sun[0]), 0.4 * math.asin(light.sun[1])
    reach = camera.focal_px
    at = (width / 2 + reach * math.tan(azimuth - camera.yaw), camera.horizon_px - reach * math.tan(elevation))
    at = (at[0], max(at[1], 30.0))
    across = (np.arange(0, width, 4, dtype=np.float32) - np.float32(at[0]))[None]
    down = (np.arange(0, height, 4, dtype=np.float32) - np.float32(at[1]))[:, None]
    distance = np.sqrt(across**2 + down**2)
    glow = 190 * np.exp(-distance / 150) + 118 * np.exp(-distance / 420) + 240 * np.exp(-((distance / 46) ** 2))
    glow += 70 * np.exp(-np.abs(down + 0.22 * across) / 10) * np.exp(-distance / 300)
    veil = cv2.resize(glow * strength, (width, height))[..., None] * np.array((1.0, 0.95, 0.82), np.float32)
    washed = picture * np.float32(1 - 0.32 * strength) + np.float32(34 * strength) + veil
    return np.clip(washed, 0, 255).astype(np.uint8)


def _rain(picture: MatLike, strength: float, t: float) -> MatLike:
    """Grey the picture, blur it a little and let two layers of streaks fall through it."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    picture = cv2.addWeighted(picture, 1 - 0.38 * strength, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), 0.38 * strength, 0)
    soft = cv2.GaussianBlur(picture, (0, 0), 1.6)
    picture = cv2.addWeighted(picture, 1 - 0.55 * strength, soft, 0.55 * strength, 10 * strength)
    frame = round(t * _FRAME_RATE_HZ)
    for layer, (fall, drift) in enumerate(((173, 29), (97, 13))):
        tile = np.roll(_streaks(layer), (frame * fall % 1024, frame * drift % 1024), axis=(0, 1))[:height, :width]
        picture = cv2.addWeighted(picture, 1.0, cv2.cvtColor(tile, cv2.COLOR_GRAY2RGB), 0.55 * strength, 0)
    return picture


@lru_cache(maxsize=2)
def _streaks(layer: int) -> NDArray[np.uint8]:
    """A tile of falling drops, (1024, 1024) uint8."""
    rng = np.random.default_rng(40 + layer)
    tile = np.zeros((1024, 1024), np.uint8)
    count, length = ((520, 52), (1100, 26))[layer]
    for x, y, share in rng.random((count, 3)):
        start = (int(x * 1024), int(y * 1024))
        reach = int(length * (0.6 + 0.8 * share))
        end = (start[0] - reach // 7, start[1] + reach)
        level = int(40 + 80 * share)
        for right in (0, 1024):
            for down in (0, -1024):
                cv2.line(
                    tile, (start[0] + right, start[1] + down), (end[0] + right, end[1] + down), level, 1, cv2.LINE_AA
                )
    return np.asarray(cv2.GaussianBlur(tile, (3, 5), 0), np.uint8)


@lru_cache(maxsize=2)
def _vignette(width: int, height: int) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, width, dtype=np.float32)[None]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    fall = 1 - 0.2 * np.clip(across**2 * 0.8 + down**2 * 0.7 - 0.25, 0, 1.4)
    return np.repeat(fall[..., None], 3, axis=2).astype(np.float32)


@lru_cache(maxsize=1)
def _noise() -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    grain = rng.normal(128, 1.7, (256, 256, 1)) + rng.normal(0, 0.8, (256, 256, 3))
    return np.clip(np.rint(grain), 0, 255).astype(np.uint8)
