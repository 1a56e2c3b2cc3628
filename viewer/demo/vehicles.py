"""Cars and trucks: painted from a few profile points, with glass, lamps and wheels where they are near enough."""

import math

import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Colour, mix, scale
from viewer.demo.solid import Brush, Profile, circle
from viewer.demo.world import Actor

_TYRE: Colour = (24, 24, 26)
_GLASS: Colour = (58, 74, 90)
_TRIM: Colour = (38, 39, 42)
_DETAIL_PX = 26.0

# position and height of: nose foot, nose, bonnet's end, roof's front, roof's rear, tail's top, tail, tail's foot
_CARS: dict[str, tuple[tuple[float, float], ...]] = {
    "hatch": (
        (1.96, 0.26),
        (2.02, 0.62),
        (1.20, 0.93),
        (0.42, 1.45),
        (-1.20, 1.44),
        (-1.86, 0.98),
        (-1.97, 0.80),
        (-1.92, 0.30),
    ),
    "saloon": (
        (2.24, 0.26),
        (2.32, 0.62),
        (1.28, 0.92),
        (0.46, 1.42),
        (-0.96, 1.41),
        (-1.72, 1.02),
        (-2.32, 0.95),
        (-2.28, 0.30),
    ),
    "suv": (
        (2.14, 0.34),
        (2.22, 0.80),
        (1.32, 1.10),
        (0.66, 1.72),
        (-1.74, 1.70),
        (-2.10, 1.14),
        (-2.22, 0.98),
        (-2.18, 0.36),
    ),
    "estate": (
        (2.24, 0.26),
        (2.32, 0.62),
        (1.30, 0.92),
        (0.48, 1.45),
        (-1.80, 1.44),
        (-2.22, 1.00),
        (-2.34, 0.84),
        (-2.28, 0.30),
    ),
}
_HALF = (0.80, 0.86, 0.84, 0.66, 0.64, 0.82, 0.86, 0.84)
_TRUCK_LENGTH_M = 7.4


def footprint(actor: Actor) -> tuple[float, float, float]:
    """Half width, half length and height of a vehicle, metres."""
    if actor.kind == "truck":
        return 1.2 * actor.size, _TRUCK_LENGTH_M / 2 * actor.size, 3.3 * actor.size
    points = _CARS[actor.style]
    return 0.86 * actor.size, points[1][0] * actor.size, points[3][1] * actor.size


def paint_car(brush: Brush, actor: Actor, *, braking: bool) -> None:
    """Draw a car at the brush's place; its size scales the whole."""
    size = actor.size
    points = _CARS[actor.style]
    body = Profile(
        tuple(z * size for z, _ in points), tuple(y * size for _, y in points), tuple(half * size for half in _HALF)
    )
    paint = actor.colours[0]
    near = brush.metre_px > _DETAIL_PX
    axles = (points[1][0] * 0.62 * size, points[6][0] * 0.62 * size)
    radius = (0.37 if actor.style == "suv" else 0.33) * size
    ahead = brush.sees((0, 0, 1), (0, 0.4, body.z[0]))
    _undercarriage(brush, body, axles, radius)
    if near and not ahead:
        _mirrors(brush, body, paint)
    for index in body.visible_strips(brush):
        normal = body.normal(index)
        glow = 1.0 + 0.22 * max(0.0, normal[1])
        colour = brush.shade(scale(paint, glow), normal)
        brush.canvas.fill(brush.outline(body.strip(index)), colour)
        if index in (2, 4):
            _screen(brush, body, index, normal)
        elif index == 0 and near:
            _front(brush, body, normal)
        elif index == 6 and near:
            _rear(brush, body, normal, braking=braking)
        elif index == 6:
            _tail_lamps(brush, body, braking=braking)
    for sign in (-1, 1):
        if brush.sees((sign, 0.0, 0.0), (sign * 0.86 * size, 0.6, 0.0)):
            _car_side(brush, body, sign, paint, axles, radius)
    if near and ahead:
        _mirrors(brush, body, paint)


def _undercarriage(brush: Brush, body: Profile, axles: tuple[float, float], radius: float) -> None:
    half = body.half[0]
    dark = brush.flat((18, 18, 20))
    ahead = brush.sees((0, 0, 1), (0, 0.4, body.z[0]))
    near_axle, end = (axles[0], body.z[0]) if ahead else (axles[1], body.z[-1])
    foot = body.y[0] + 0.06
    brush.canvas.fill(
        brush.outline(
            np.array([(-half, 0.16, end * 0.96), (half, 0.16, end * 0.96), (half, foot, end), (-half, foot, end)])
        ),
        dark,
    )
    for sign in (-1, 1):
        outer, inner = sign * (half + 0.02), sign * (half - 0.2)
        z = near_axle + math.copysign(radius * 0.8, near_axle)
        brush.canvas.fill(
            brush.outline(np.array([(outer, 0, z), (inner, 0, z), (inner, radius * 1.5, z), (outer, radius * 1.5, z)])),
            brush.flat(_TYRE),
        )


def _screen(brush: Brush, body: Profile, index: int, normal: tuple[float, float, float]) -> None:
    sky = mix(_GLASS, brush.light.zenith, 0.34 if normal[2] > 0 else 0.2)
    colour = brush.flat(sky, 0.8)
    brush.canvas.fill(brush.outline(body.strip(index, inset=0.07, low=0.07, high=0.95)), colour)
    if brush.metre_px > _DETAIL_PX:
        bright = mix(colour, (236, 242, 248), 0.22)
        brush.canvas.fill(brush.outline(body.strip(index, inset=0.1, low=0.62, high=0.93)), bright)


def _front(brush: Brush, body: Profile, normal: tuple[float, float, float]) -> None:
    canvas = brush.canvas
    half, z = body.half[1], body.z[1] + 0.01
    low, high = body.y[0], body.y[1]
    grille = np.array(
        [
            (-half * 0.5, low + 0.14, z),
            (half * 0.5, low + 0.14, z),
            (half * 0.56, high - 0.06, z),
            (-half * 0.56, high - 0.06, z),
        ]
    )
    canvas.fill(brush.outline(grille), brush.shade((30, 31, 34), normal))
    _plate(brush, z, low + 0.1)
    lamp = mix((214, 222, 228), (255, 250, 226), brush.light.lamps)
    for sign in (-1, 1):
        box = np.array(
            [
                (sign * half * 0.62, high - 0.16, z),
                (sign * half * 0.97, high - 0.13, z - 0.1),
                (sign * half * 0.97, high + 0.03, z - 0.1),
                (sign * half * 0.64, high - 0.01, z),
            ]
        )
        canvas.fill(brush.outline(box), brush.light.far(lamp, brush.distance_m))


def _rear(brush: Brush, body: Profile, normal: tuple[float, float, float], *, braking: bool) -> None:
    half, z = body.half[6], body.z[6] - 0.01
    low = body.y[7]
    bumper = np.array([(-half, low, z), (half, low, z), (half * 0.98, low + 0.2, z), (-half * 0.98, low + 0.2, z)])
    brush.canvas.fill(brush.outline(bumper), brush.shade(_TRIM, normal))
    _plate(brush, z - 0.01, low + 0.24)
    _tail_lamps(brush, body, braking=braking)


def _plate(brush: Brush, z: float, y: float) -> None:
    plate = np.array([(-0.26, y, z), (0.26, y, z), (0.26, y + 0.11, z), (-0.26, y + 0.11, z)])
    brush.canvas.fill(brush.outline(plate), brush.flat((230, 230, 222)))


def _tail_lamps(brush: Brush, body: Profile, *, braking: bool) -> None:
    half, z, high = body.half[6], body.z[6] - 0.02, body.y[6]
    lit = braking or brush.light.lamps > 0.4
    colour = (255, 60, 44) if lit else (150, 22, 24)
    for sign in (-1, 1):
        box = np.array(
            [
                (sign * half * 0.66, high - 0.17, z),
                (sign * half * 1.0, high - 0.17, z + 0.06),
                (sign * half * 0.98, high + 0.02, z + 0.06),
                (sign * half * 0.7, high, z),
            ]
        )
        brush.canvas.fill(brush.outline(box), brush.light.far(colour, brush.distance_m))


def _car_side(brush: Brush, body: Profile, sign: int, paint: Colour, axles: tuple[float, float], radius: float) -> None:
    canvas = brush.canvas
    outline = body.side(sign)
    normal = (sign * 0.98, 0.2, 0.0)
    lower = outline[[0, 1, 2, 5, 6, 7]]
    canvas.fill(brush.outline(outline[[2, 3, 4, 5]]), brush.shade(scale(paint, 0.98), (sign * 0.9, 0.43, 0.0)))
    canvas.fill(brush.outline(lower), brush.shade(paint, normal))
    if brush.metre_px < 12:
        canvas.fill(brush.outline(_inset(outline[[2, 3, 4, 5]], 0.8)), brush.flat(_GLASS, 0.8))
        return
    x = sign * body.half[1]
    sill = np.array(
        [
            (x, outline[0, 1], body.z[0] * 0.96),
            (x, outline[0, 1] + 0.2, body.z[0]),
            (x, outline[7, 1] + 0.2, body.z[7]),
            (x, outline[7, 1], body.z[7]),
        ]
    )
    canvas.fill(brush.outline(sill), brush.shade(scale(paint, 0.62), normal))
    shoulder = np.array(
        [
            (x, body.y[1] + 0.06, body.z[1] - 0.1),
            (x, body.y[2] - 0.08, body.z[2]),
            (x, body.y[5] - 0.10, body.z[5]),
            (x, body.y[6] - 0.12, body.z[6] + 0.1),
            (x, body.y[5] - 0.17, body.z[5]),
            (x, body.y[2] - 0.16, body.z[2]),
        ]
    )
    canvas.fill(brush.outline(shoulder), brush.shade(mix(paint, (255, 255, 255), 0.25), normal))
    _side_windows(brush, body, sign)
    for z in axles:
        arch = circle((x, radius * 1.02, z), radius * 1.2, count=14, start=0.0, sweep=math.pi)
        canvas.fill(brush.outline(arch), brush.flat((16, 16, 18)))
        wheel(brush, (x + sign * 0.01, radius, z), radius)


def wheel(brush: Brush, centre: tuple[float, float, float], radius: float) -> None:
    """Draw a wheel seen from its side: tyre, rim and hub."""
    canvas = brush.canvas
    canvas.fill(brush.outline(circle(centre, radius)), brush.flat(_TYRE))
    if brush.metre_px > 14:
        canvas.fill(brush.outline(circle(centre, radius * 0.66)), brush.flat((158, 162, 168)))
        canvas.fill(brush.outline(circle(centre, radius * 0.46)), brush.flat((92, 96, 102)))
        canvas.fill(brush.outline(circle(centre, radius * 0.18, count=10)), brush.flat((176, 180, 186)))


def _side_windows(brush: Brush, body: Profile, sign: int) -> None:
    top = body.y[3] - 0.09
    belt = max(body.y[2], body.y[5]) + 0.05
    rise = (body.y[3] - body.y[2]) or 1.0

    def at(z: float, y: float) -> tuple[float, float, float]:
        share = min(max((y - body.y[2]) / rise, 0.0), 1.0)
        return sign * (body.half[2] + (body.half[3] - body.half[2]) * share + 0.01), y, z

    front_low = body.z[2] + (body.z[3] - body.z[2]) * (belt - body.y[2]) / rise - 0.08
    rear_rise = (body.y[4] - body.y[5]) or 1.0
    rear_low = body.z[5] + (body.z[4] - body.z[5]) * (belt - body.y[5]) / rear_rise + 0.1
    front_top, rear_top = body.z[3] - 0.02, body.z[4] + 0.06
    pillar = (front_top + rear_top) / 2 - 0.05
    glass = brush.flat(mix(_GLASS, brush.light.zenith, 0.22), 0.8)
    panes: tuple[NDArray[np.float64], ...] = (
        np.array([at(front_low, belt), at(front_top, top), at(pillar + 0.05, top), at(pillar + 0.05, belt)]),
        np.array([at(pillar - 0.05, belt), at(pillar - 0.05, top), at(rear_top, top), at(rear_low, belt)]),
    )
    for pane in panes:
        brush.canvas.fill(brush.outline(pane), glass)
    if brush.metre_px > _DETAIL_PX:
        sheen = mix(glass, (240, 246, 250), 0.25)
        for pane in panes:
            brush.canvas.fill(
                brush.outline(
                    np.array([pane[1], pane[2], pane[2] * 0.45 + pane[3] * 0.55, pane[1] * 0.75 + pane[0] * 0.25])
                ),
                sheen,
            )


def _mirrors(brush: Brush, body: Profile, paint: Colour) -> None:
    z, y = body.z[2] - 0.25, body.y[2] + 0.06
    for sign in (-1, 1):
        x0, x1 = sign * body.half[2], sign * (body.half[2] + 0.17)
        box = np.array([(x0, y, z), (x1, y + 0.02, z), (x1, y + 0.14, z), (x0, y + 0.12, z)])
        brush.canvas.fill(brush.outline(box), brush.flat(scale(paint, 0.8)))


def _inset(outline: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    centre = outline.mean(axis=0)
    return centre + (outline - centre) * np.array([1.0, share, share])


def paint_truck(brush: Brush, actor: Actor, *, braking: bool) -> None:
    """Draw a cab-over truck; its style names the load: box, tarp or tanker."""
    size = actor.size
    half = 1.2 * size
    front = _TRUCK_LENGTH_M / 2 * size
    back = front - 1.85 * size
    cab = Profile(
        (front - 0.02, front, front - 0.06, front - 0.42, back, back),
        (0.42 * size, 1.28 * size, 1.36 * size, 2.55 * size, 2.6 * size, 0.5 * size),
        (half * 0.94, half * 0.97, half * 0.97, half * 0.88, half * 0.88, half * 0.94),
    )
    top = 3.3 * size if actor.style != "tanker" else 3.0 * size
    bottom = 0.95 * size
    load = Profile((back - 0.14, back - 0.14, -front, -front), (bottom, top, top, bottom), (half,) * 4)
    _chassis(brush, half, front, size)
    if _depth(brush, front) > _depth(brush, -front):
        _cab(brush, cab, actor, size)
        _load(brush, load, actor, braking=braking)
    else:
        _load(brush, load, actor, braking=braking)
        _cab(brush, cab, actor, size)


def _depth(brush: Brush, z: float) -> float:
    """Distance of a point on the vehicle's long axis, metres."""
    point = brush.world(np.array((0.0, 0.0, z)))
    return brush.canvas.camera.depth(float(point[0]), float(point[2]))


def _chassis(brush: Brush, half: float, front: float, size: float) -> None:
    canvas = brush.canvas
    dark = brush.flat((34, 34, 38))
    radius = 0.5 * size
    for end in (front, -front):
        canvas.fill(
            brush.outline(
                np.array(
                    [
                        (-half * 0.92, 0.35, end),
                        (half * 0.92, 0.35, end),
                        (half * 0.92, 1.0, end),
                        (-half * 0.92, 1.0, end),
                    ]
                )
            ),
            dark,
        )
        near = end * 0.72
        for sign in (-1, 1):
            outer, inner = sign * half, sign * (half - 0.34)
            z = near + math.copysign(radius, near)
            if brush.sees((0, 0, math.copysign(1, end)), (0, 0.5, end)):
                canvas.fill(
                    brush.outline(np.array([(outer, 0, z), (inner, 0, z), (inner, 0.8, z), (outer, 0.8, z)])),
                    brush.flat(_TYRE),
                )
    for sign in (-1, 1):
        if brush.sees((sign, 0, 0), (sign * half, 0.5, 0)):
            x = sign * half * 0.96
            canvas.fill(
                brush.outline(
                    np.array([(x, 0.42, front * 0.98), (x, 1.0, front * 0.98), (x, 1.0, -front), (x, 0.42, -front)])
                ),
                dark,
            )
            for z in (front * 0.68, -front * 0.42, -front * 0.74):
                wheel(brush, (sign * half, radius, z), radius)


def _cab(brush: Brush, cab: Profile, actor: Actor, size: float) -> None:
    canvas = brush.canvas
    paint = actor.colours[0]
    near = brush.metre_px > 18
    for index in cab.visible_strips(brush):
        canvas.fill(brush.outline(cab.strip(index)), brush.shade(paint, cab.normal(index)))
        if index == 2:
            glass = brush.flat(mix(_GLASS, brush.light.zenith, 0.3), 0.85)
            canvas.fill(brush.outline(cab.strip(2, inset=0.12, low=0.08, high=0.82)), glass)
            if near:
                canvas.fill(
                    brush.outline(cab.strip(2, inset=0.16, low=0.52, high=0.8)), mix(glass, (240, 246, 250), 0.2)
                )
        if index == 0 and near:
            canvas.fill(brush.outline(cab.strip(0, inset=0.3, low=0.42, high=0.9)), brush.flat((36, 37, 42)))
            canvas.fill(brush.outline(cab.strip(0, inset=0.0, low=0.0, high=0.28)), brush.flat((52, 53, 58)))
            lamp = brush.light.far(mix((214, 222, 228), (255, 250, 226), brush.light.lamps), brush.distance_m)
            z = cab.z[1] + 0.01
            for sign in (-1, 1):
                inner, outer = sign * 0.6 * size, sign * 1.08 * size
                canvas.fill(
                    brush.outline(
                        np.array(
                            [
                                (inner, 0.58 * size, z),
                                (outer, 0.58 * size, z),
                                (outer, 0.76 * size, z),
                                (inner, 0.76 * size, z),
                            ]
                        )
                    ),
                    lamp,
                )
    for sign in (-1, 1):
        if brush.sees((sign, 0, 0), (sign * cab.half[0], 1.0, cab.z[0])):
            side = cab.side(sign)
            canvas.fill(brush.outline(side), brush.shade(paint, (sign, 0, 0)))
            low, high = 1.42 * size, 2.3 * size
            x = sign * (cab.half[3] + 0.03)
            pane = np.array(
                [
                    (x, low, cab.z[0] - 0.16),
                    (x, high, cab.z[3] - 0.06),
                    (x, high, cab.z[3] - 0.85),
                    (x, low, cab.z[3] - 0.85),
                ]
            )
            canvas.fill(brush.outline(pane), brush.flat(mix(_GLASS, brush.light.zenith, 0.2), 0.8))
            if near:
                step = np.array(
                    [
                        (x, 0.45 * size, cab.z[0]),
                        (x, 0.8 * size, cab.z[0]),
                        (x, 0.8 * size, cab.z[4]),
                        (x, 0.45 * size, cab.z[4]),
                    ]
                )
                canvas.fill(brush.outline(step), brush.shade(scale(paint, 0.55), (sign, 0, 0)))


def _load(brush: Brush, load: Profile, actor: Actor, *, braking: bool) -> None:
    canvas = brush.canvas
    body, stripe = actor.colours[1], actor.colours[2]
    if actor.style == "box":
        body = mix(body, (236, 236, 232), 0.75)
    elif actor.style == "tanker":
        body = mix(body, (190, 196, 202), 0.85)
    for index in load.visible_strips(brush):
        canvas.fill(brush.outline(load.strip(index)), brush.shade(body, load.normal(index)))
        if index == 2:
            _tail(brush, load, stripe, actor.style, braking=braking)
    for sign in (-1, 1):
        if brush.sees((sign, 0, 0), (sign * load.half[0], 1.5, 0)):
            canvas.fill(brush.outline(load.side(sign)), brush.shade(body, (sign, 0, 0)))
            _livery(brush, load, sign, body, stripe, actor.style)


def _livery(brush: Brush, load: Profile, sign: int, body: Colour, stripe: Colour, style: str) -> None:
    x = sign * (load.half[0] + 0.01)
    front, rear, low, high = load.z[0], load.z[2], load.y[0], load.y[1]

    def band(start: float, end: float, bottom: float, top: float, slant: float = 0.0) -> NDArray[np.float64]:
        z0, z1 = front + (rear - front) * start, front + (rear - front) * end
        y0, y1 = low + (high - low) * bottom, low + (high - low) * top
        return np.array([(x, y0, z0), (x, y1, z0 - slant), (x, y1, z1 - slant), (x, y0, z1)])

    def put(quad: NDArray[np.float64], colour: Colour) -> None:
        brush.canvas.fill(brush.outline(quad), brush.shade(colour, (sign, 0, 0)))

    if style == "tarp":
        for share in np.linspace(0.0, 0.9, 8):
            put(band(share, share + 0.05, 0.08, 0.95), scale(body, 0.86))
        put(band(0.18, 0.82, 0.4, 0.72), mix(stripe, (240, 240, 236), 0.3))
    elif style == "tanker":
        for bottom, top, factor in ((0.0, 0.2, 0.62), (0.2, 0.45, 0.9), (0.6, 0.8, 1.18), (0.86, 1.0, 0.8)):
            put(band(0.0, 1.0, bottom, top), scale(body, factor))
        put(band(0.1, 0.9, 0.42, 0.52), stripe)
    else:
        put(band(0.0, 0.3, 0.0, 1.0, 0.5), stripe)
        put(band(0.34, 0.38, 0.0, 1.0, 0.5), scale(stripe, 0.8))
        put(band(0.5, 0.88, 0.48, 0.66), scale(stripe, 0.9))
        put(band(0.5, 0.76, 0.32, 0.4), mix(stripe, body, 0.4))
    put(band(0.0, 1.0, 0.0, 0.05), scale(body, 0.5))


def _tail(brush: Brush, load: Profile, stripe: Colour, style: str, *, braking: bool) -> None:
    canvas = brush.canvas
    half, z, low, high = load.half[0], load.z[2] - 0.01, load.y[0], load.y[1]
    frame = brush.shade((70, 72, 76), (0, 0, -1))
    if style != "tanker":
        canvas.fill(
            brush.outline(np.array([(-0.02, low, z), (0.02, low, z), (0.02, high, z), (-0.02, high, z)])), frame
        )
        mid = low + (high - low) * 0.62
        canvas.fill(
            brush.outline(
                np.array(
                    [
                        (-half * 0.7, mid, z),
                        (half * 0.7, mid, z),
                        (half * 0.7, mid + 0.4, z),
                        (-half * 0.7, mid + 0.4, z),
                    ]
                )
            ),
            brush.shade(stripe, (0, 0, -1)),
        )
    canvas.fill(
        brush.outline(np.array([(-half, low, z), (half, low, z), (half, low + 0.12, z), (-half, low + 0.12, z)])), frame
    )
    colour = (255, 60, 44) if braking or brush.light.lamps > 0.4 else (150, 24, 26)
    for sign in (-1, 1):
        inner, outer = sign * half * 0.68, sign * half * 0.98
        canvas.fill(
            brush.outline(
                np.array([(inner, low - 0.3, z), (outer, low - 0.3, z), (outer, low - 0.08, z), (inner, low - 0.08, z)])
            ),
            brush.light.far(colour, brush.distance_m),
        )
