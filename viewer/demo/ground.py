"""Sky, road and pavement: the parts of the picture that nothing stands in front of when they are drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Canvas, Colour, mix, scale
from viewer.demo.light import Conditions, Light
from viewer.demo.world import CROSS_HALF_M, FACADE_M, KERB_M, LANE_M, World

_ASPHALT: Colour = (104, 105, 108)
_PAVING: Colour = (168, 162, 152)
_KERB: Colour = (196, 192, 184)
_MARKING: Colour = (232, 232, 226)
_GRASS: Colour = (104, 126, 72)
_TEXTURE_PX = 512
_TEXTURE_M = 9.0
_SIGHT_M = 190.0
_CLOUDS_PX = 2048


@dataclass(frozen=True, slots=True)
class Footprint:
    """What casts a shadow: ground corners (N, 2) as world x and z, and a height, metres."""

    corners: NDArray[np.float64]
    height: float


def paint_sky(canvas: Canvas, light: Light, conditions: Conditions, t: float) -> None:
    """Fill everything above the horizon: a gradient, drifting clouds, a far row of hills."""
    camera = canvas.camera
    rows = round(camera.horizon_px) + 4
    share = (np.linspace(0, 1, rows, dtype=np.float32) ** 1.25)[:, None, None]
    sky = np.array(light.zenith, np.float32) * (1 - share) + np.array(light.horizon, np.float32) * share
    cover = min(1.0, 0.35 + conditions.cloud)
    offset = round(camera.yaw * camera.focal_px - t * 2.0) % _CLOUDS_PX
    clouds = np.roll(_clouds(), offset, axis=1)[:rows:2, : camera.width_px : 2]
    soft = np.clip((clouds - (0.62 - 0.3 * cover)) * 3.2, 0, 1)
    alpha = cv2.resize(soft, (camera.width_px, rows))[..., None] * (0.75 * (1 - share * 0.6))
    white = np.array(light.lit((250, 250, 250), min(1.0, light.ambient + 0.62 * light.direct + 0.2)), np.float32)
    canvas.rgb[:rows] = np.clip(sky + (white - sky) * alpha, 0, 255).astype(np.uint8)
    canvas.rgb[rows:] = light.horizon
    _hills(canvas, light)


def _hills(canvas: Canvas, light: Light) -> None:
    camera = canvas.camera
    u = np.arange(-20, camera.width_px + 40, 20)
    angle = u / camera.focal_px + camera.yaw
    for height, rough, tone in ((26, 5.0, 0.72), (14, 11.0, 0.55)):
        crest = camera.horizon_px - height * (
            0.55 + 0.3 * np.sin(angle * rough) + 0.15 * np.sin(angle * rough * 2.7 + 1)
        )
        outline = np.concatenate(
            (np.stack((u, crest), -1), [(u[-1], camera.horizon_px + 5), (u[0], camera.horizon_px + 5)])
        )
        canvas.fill(outline, mix(light.lit((98, 118, 128), light.ambient + 0.3), light.horizon, tone))


def paint_ground(
    canvas: Canvas, light: Light, world: World, conditions: Conditions, footprints: Sequence[Footprint]
) -> None:
    """Draw road, markings, kerbs and pavements, then their grain and the shadows on them."""
    camera = canvas.camera
    street = world.street
    begin = camera.z + 1.8
    along = begin + (np.linspace(0, 1, 36) ** 2) * _SIGHT_M
    wet = 1.0 - 0.32 * conditions.rain

    def tone(colour: Colour, level: float = 1.0) -> Colour:
        return light.lit(scale(colour, level * wet), light.ambient + light.direct * max(0.25, light.sun[1]))

    def strip(left: float, right: float, colour: Colour, low: float = 0.0, high: float = 0.0) -> None:
        edge = np.concatenate((street.ground(along, left, low), street.ground(along[::-1], right, high)))
        canvas.fill(camera.outline(edge), colour)

    def patch(start: float, end: float, left: float, right: float, colour: Colour) -> None:
        start = max(start, begin)
        if end > start:
            rows = np.array((start, start, end, end))
            canvas.fill(camera.outline(street.ground(rows, np.array((left, right, right, left)))), colour)

    strip(-70, 70, tone(_GRASS))
    for side in (-1, 1):
        strip(side * KERB_M, side * (FACADE_M + 6), tone(_PAVING))
    _slabs(canvas, world, begin, tone(_PAVING, 0.88))
    strip(-KERB_M, KERB_M, tone(_ASPHALT))
    for side in (-1, 1):
        strip(side * (LANE_M + 0.15), side * KERB_M, tone(_ASPHALT, 0.9))
        strip(side * (KERB_M - 0.35), side * KERB_M, tone(_ASPHALT, 0.74))
        strip(side * KERB_M, side * KERB_M, tone(_KERB, 0.72), 0.0, 0.13)
        strip(side * KERB_M, side * (KERB_M + 0.22), tone(_KERB), 0.13, 0.13)
    middle = world.junction
    patch(middle - CROSS_HALF_M, middle + CROSS_HALF_M, -70, 70, tone(_ASPHALT))
    for side in (-1, 1):
        for far in (-1, 1):
            edge = middle + far * (CROSS_HALF_M + 0.1)
            patch(edge - 0.1, edge + 0.1, side * KERB_M, side * 70, tone(_KERB))
    _markings(canvas, world, begin, tone(_MARKING, 0.94))
    _finish(canvas, light, world, conditions, footprints)


def _slabs(canvas: Canvas, world: World, begin: float, colour: Colour) -> None:
    rows = np.arange(math.ceil(begin / 1.5) * 1.5, begin + 42, 1.5)
    for side in (-1, 1):
        corners = np.stack(
            [
                world.street.ground(rows + shift, side * across)
                for shift, across in ((0, KERB_M + 0.25), (0, FACADE_M), (0.05, FACADE_M), (0.05, KERB_M + 0.25))
            ],
            axis=1,
        )
        canvas.fill_each(canvas.camera.outlines(corners), colour)


def _markings(canvas: Canvas, world: World, begin: float, colour: Colour) -> None:
    reserved = [(crossing - 3.2, crossing + 2.0) for crossing in world.crossings]
    reserved.append((world.junction - 9, world.junction + 9))

    def free(start: float, end: float) -> bool:
        return all(end < low or start > high for low, high in reserved)

    dashes = np.arange(math.floor(begin / 7.5) * 7.5, begin + 120, 7.5)
    boxes = [(start, start + 3.6, -0.07, 0.07) for start in dashes if start > begin - 0.5 and free(start, start + 3.6)]
    for start in np.arange(math.floor(begin / 6.0) * 6.0, begin + 90, 6.0):
        if start > begin - 0.5 and free(start, start + 6):
            boxes.extend((start, start + 0.12, side * (LANE_M + 0.2), side * (LANE_M + 1.2)) for side in (-1, 1))
            boxes.extend((start, start + 6.0, side * (LANE_M + 0.15), side * (LANE_M + 0.27)) for side in (-1, 1))
    for crossing in world.crossings:
        boxes.extend(
            (crossing - 1.6, crossing + 1.6, across, across + 0.5)
            for across in np.arange(-KERB_M + 0.5, KERB_M - 0.5, 1.0)
        )
    stops = (world.crossings[0] - 2.9, world.crossings[2] - 2.9)
    boxes.extend((line, line + 0.4, 0.15, LANE_M) for line in stops)
    kept = np.array([(max(a, begin), b, c, d) for a, b, c, d in boxes if b > begin])
    if not len(kept):
        return
    along, across = kept[:, [0, 1, 1, 0]], kept[:, [2, 2, 3, 3]]
    canvas.fill_each(canvas.camera.outlines(world.street.ground(along, across)), colour)


def _finish(
    canvas: Canvas, light: Light, world: World, conditions: Conditions, footprints: Sequence[Footprint]
) -> None:
    """Multiply grain and shadows into the ground and fade it with distance, in one pass."""
    camera = canvas.camera
    top = round(camera.horizon_px) + 3
    x, z, fade = _ground_maps(camera.width_px, camera.height_px, camera.horizon_px, camera.focal_px, camera.height)
    step = _TEXTURE_PX / _TEXTURE_M
    grain = cv2.remap(
        _grain(),
        (x + np.float32(camera.x % _TEXTURE_M)) * step,
        np.broadcast_to((z + np.float32(camera.z % _TEXTURE_M)) * step, x.shape).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    factor = 1 + (grain - 1) * fade
    factor *= cv2.resize(_shadows(canvas, light, world, conditions, footprints), (camera.width_px, camera.height_px))[
        top:
    ]
    distance = camera.focal_px * camera.height / np.maximum(np.arange(top, camera.height_px) - camera.horizon_px, 0.5)
    haze = np.array([light.haze(float(d)) for d in distance], np.float32)[:, None, None]
    window = canvas.rgb[top:]
    picture = window * (factor[..., None] * (1 - haze)) + np.array(light.horizon, np.float32) * haze
    window[:] = np.clip(picture, 0, 255).astype(np.uint8)


def _shadows(
    canvas: Canvas, light: Light, world: World, conditions: Conditions, footprints: Sequence[Footprint]
) -> NDArray[np.float32]:
    """Shadows of houses and things on the ground: (H / 2, W / 2) factors, soft at the edges."""
    camera = canvas.camera
    shape = (camera.height_px // 2, camera.width_px // 2)
    cast, contact = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    depth = 0.52 * light.direct / (light.direct + light.ambient * 0.8 + 1e-6) * (1 - conditions.rain)
    slope = np.array((-light.sun[0], -light.sun[2])) / max(light.sun[1], 0.22)

    def drop(mask: NDArray[np.uint8], corners: NDArray[np.floating]) -> None:
        flat = np.asarray(cv2.convexHull(corners.astype(np.float32))[:, 0, :], np.float64)
        outline = camera.outline(np.stack((flat[:, 0], np.zeros(len(flat)), flat[:, 1]), -1))
        if outline is not None:
            cv2.fillPoly(mask, [np.rint(outline * 8).astype(np.int32)], 255, cv2.LINE_AA, 4)

    if depth > 0.04:
        for house in world.buildings:
            if house.along + house.length > camera.z - 20 and house.along < camera.z + 150:
                ends = np.array((house.along, house.along + house.length))
                foot = [
                    world.street.ground(ends, house.side * across)[:, [0, 2]] for across in (FACADE_M, FACADE_M + 10)
                ]
                corners = np.concatenate(foot)
                drop(cast, np.concatenate((corners, corners + slope * house.height)))
        for footprint in footprints:
            drop(cast, np.concatenate((footprint.corners, footprint.corners + slope * footprint.height * 0.85)))
    for footprint in footprints:
        drop(contact, footprint.corners)
    cast = cv2.GaussianBlur(cast, (0, 0), 1.4)
    contact = cv2.GaussianBlur(contact, (0, 0), 2.0)
    shade = (1 - cast.astype(np.float32) * (depth / 255)) * (1 - contact.astype(np.float32) * (0.55 / 255))
    return shade.astype(np.float32)


@lru_cache(maxsize=4)
def _ground_maps(
    width: int, height: int, horizon: float, focal: float, lens: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Ground position of each pixel under the horizon, relative to the camera, and how much grain it can hold."""
    rows = np.arange(round(horizon) + 3, height, dtype=np.float32)
    z = (focal * lens / (rows - horizon))[:, None]
    x = (np.arange(width, dtype=np.float32) - width / 2)[None] / focal * z
    return x.astype(np.float32), z.astype(np.float32), np.clip(1.25 - z / 26, 0.0, 1.0).astype(np.float32)


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.float32]:
    """Asphalt: fine grit over broad stains, a tile of factors around 1."""
    rng = np.random.default_rng(7)
    total = np.ones((_TEXTURE_PX, _TEXTURE_PX), np.float32)
    for cells, strength in ((256, 0.035), (96, 0.03), (24, 0.03), (7, 0.05)):
        noise = rng.standard_normal((cells, cells)).astype(np.float32)
        tiled = np.tile(noise, (3, 3))
        grown = cv2.resize(tiled, (_TEXTURE_PX * 3, _TEXTURE_PX * 3), interpolation=cv2.INTER_CUBIC)
        total += grown[_TEXTURE_PX : 2 * _TEXTURE_PX, _TEXTURE_PX : 2 * _TEXTURE_PX] * strength
    return total


@lru_cache(maxsize=1)
def _clouds() -> NDArray[np.float32]:
    """A wide strip of cloud density, 0 to 1, (300, 2048), that closes on itself."""
    rng = np.random.default_rng(11)
    total = np.zeros((300, _CLOUDS_PX), np.float32)
    for cells, strength in ((6, 0.5), (14, 0.28), (34, 0.14), (80, 0.08)):
        noise = rng.random((max(3, cells // 2), cells)).astype(np.float32)
        wide = np.concatenate((noise, noise, noise), axis=1)
        grown = cv2.resize(wide, (_CLOUDS_PX * 3, 300), interpolation=cv2.INTER_CUBIC)
        total += grown[:, _CLOUDS_PX : 2 * _CLOUDS_PX] * strength
    return total
