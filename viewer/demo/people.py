"""Pedestrians and cyclists: jointed figures in three dimensions, drawn as tapered limbs."""

import math
from collections.abc import Sequence

import numpy as np

from viewer.demo.canvas import Colour, mix, scale
from viewer.demo.solid import Brush, circle
from viewer.demo.world import Actor

Joint = tuple[float, float, float]
_STRIDE_RAD_PER_M = 2 * math.pi / 1.45
_LEAST_PX = 0.55
_LIT_EDGE_PX_PER_M = 26


def paint_person(brush: Brush, actor: Actor, *, walked_m: float, moving: bool) -> None:
    """Draw a pedestrian mid-stride.

    Args:
        brush: its place and heading.
        actor: colours are top, legs, skin, hair; the style is a silhouette.
        walked_m: way covered so far, which sets the stride.
        moving: whether it walks; a standing figure keeps its legs together.
    """
    tall = 1.74 * actor.size
    swing = math.sin(actor.phase + walked_m * _STRIDE_RAD_PER_M) * 0.42 if moving else 0.06
    lift = math.cos(actor.phase + walked_m * _STRIDE_RAD_PER_M) if moving else 0.0
    top, legs, skin, hair = actor.colours
    limbs = _Limbs(brush, tall)
    hip, knee = 0.52 * tall, 0.28 * tall
    for sign in (-1, 1):
        angle = sign * swing
        bend = max(0.0, sign * lift) * 0.55
        side = sign * 0.055 * tall
        thigh = (side, hip - (hip - knee) * math.cos(angle), knee * 0.9 * math.sin(angle))
        foot = (side, thigh[1] - knee * math.cos(angle - bend) + 0.02 * tall, thigh[2] + knee * math.sin(angle - bend))
        limbs.limb(((side, hip, 0.0), thigh), (0.055, 0.042), legs)
        limbs.limb((thigh, foot), (0.042, 0.03), legs)
        limbs.limb((foot, (foot[0], foot[1] - 0.005, foot[2] + 0.07 * tall)), (0.024, 0.02), (44, 38, 36))
        reach = -angle * 0.8
        shoulder = (sign * 0.115 * tall, 0.81 * tall, 0.0)
        elbow = (sign * 0.135 * tall, 0.64 * tall, 0.17 * tall * math.sin(reach))
        hand = (sign * 0.13 * tall, 0.50 * tall, elbow[2] + 0.13 * tall * math.sin(reach + 0.3))
        limbs.limb((shoulder, elbow), (0.036, 0.03), scale(top, 0.9))
        limbs.limb((elbow, hand), (0.03, 0.022), scale(top, 0.85))
        limbs.limb((hand, hand), (0.022, 0.022), skin)
    low = {"coat": 0.36, "skirt": 0.42}.get(actor.style, 0.52)
    flare = {"coat": 0.085, "skirt": 0.1}.get(actor.style, 0.062)
    lower = legs if actor.style == "skirt" else top
    if low < 0.5:
        limbs.trunk(((0.04, low, flare), (0.06, 0.56, 0.07)), lower)
    limbs.trunk(((0.05, 0.53, 0.06), (0.085, 0.79, 0.052)), top)
    limbs.limb(((0.0, 0.82 * tall, 0.0), (0.0, 0.88 * tall, 0.01)), (0.03, 0.028), scale(skin, 0.86))
    limbs.head((0.0, 0.93 * tall, 0.015 * tall), 0.062, skin, hair)
    if actor.style == "bag":
        side = 0.15 * tall
        limbs.limb(
            ((side, 0.55 * tall, -0.02), (side, 0.48 * tall, 0.05)), (0.06, 0.065), mix(legs, (120, 84, 52), 0.6)
        )
    limbs.draw()


def paint_cyclist(brush: Brush, actor: Actor, *, ridden_m: float) -> None:
    """Draw a rider on a bicycle; colours are top, legs, skin and frame."""
    top, legs, skin, frame = actor.colours
    size = actor.size
    radius = 0.34 * size
    rear, front = (0.0, radius, -0.54 * size), (0.0, radius, 0.54 * size)
    crank, saddle, head = (0.0, 0.3 * size, -0.06), (0.0, 0.88 * size, -0.26 * size), (0.0, 0.88 * size, 0.36 * size)
    bar = (0.0, 1.02 * size, 0.38 * size)
    pen = max(1.0, 0.055 * brush.metre_px)
    for centre in (rear, front):
        _line(brush, circle(centre, radius, count=20), (26, 26, 28), pen, closed=True)
        if brush.metre_px > 30:
            _line(brush, circle(centre, radius * 0.82, count=20), (150, 154, 160), pen * 0.25, closed=True)
    for start, end in (
        (rear, crank),
        (crank, saddle),
        (saddle, head),
        (crank, head),
        (rear, saddle),
        (head, front),
        (head, bar),
    ):
        _line(brush, np.array((start, end)), frame, pen * 0.8)
    _line(brush, np.array(((-0.26, bar[1], bar[2]), (0.26, bar[1], bar[2]))), (40, 40, 44), pen * 0.7)
    turn = actor.phase + ridden_m / radius * 0.55
    tall = 1.74 * size
    limbs = _Limbs(brush, tall)
    hip = (0.0, 0.98 * size, -0.22 * size)
    for sign in (-1, 1):
        angle = turn + (math.pi if sign > 0 else 0.0)
        pedal = (sign * 0.11, crank[1] + 0.16 * math.sin(angle), crank[2] + 0.16 * math.cos(angle))
        knee = (sign * 0.1, (hip[1] + pedal[1]) / 2 + 0.12, (hip[2] + pedal[2]) / 2 + 0.28)
        limbs.limb(((sign * 0.09, hip[1], hip[2]), knee), (0.055, 0.042), legs)
        limbs.limb((knee, pedal), (0.042, 0.028), legs)
        limbs.limb((pedal, (pedal[0], pedal[1] - 0.01, pedal[2] + 0.12)), (0.024, 0.02), (44, 38, 36))
        shoulder = (sign * 0.19, 1.42 * size, 0.1 * size)
        hand = (sign * 0.23, bar[1] + 0.03, bar[2])
        elbow = (sign * 0.25, 1.2 * size, 0.2 * size)
        limbs.limb((shoulder, elbow), (0.036, 0.03), scale(top, 0.9))
        limbs.limb((elbow, hand), (0.03, 0.022), scale(top, 0.85))
    limbs.hull(
        (
            ((-0.1, hip[1], hip[2]), 0.06),
            ((0.1, hip[1], hip[2]), 0.06),
            ((-0.15, 1.42 * size, 0.1 * size), 0.055),
            ((0.15, 1.42 * size, 0.1 * size), 0.055),
        ),
        top,
    )
    limbs.head((0.0, 1.62 * size, 0.17 * size), 0.064, skin, frame)
    limbs.draw()


def _line(brush: Brush, local: np.ndarray, colour: Colour, width_px: float, *, closed: bool = False) -> None:
    view = brush.canvas.camera.to_view(brush.world(local))
    if view[:, 2].min() > 0.5:
        brush.canvas.stroke(brush.canvas.camera.view_to_px(view), brush.flat(colour), width_px=width_px, closed=closed)


_Part = tuple[float, np.ndarray, np.ndarray, Colour, bool]


def _far_first(part: _Part) -> float:
    return -part[0]


class _Limbs:
    """Collects parts of one figure and draws them from far to near, each with a lit edge."""

    def __init__(self, brush: Brush, tall: float) -> None:
        self._brush = brush
        self._tall = tall
        self._parts: list[_Part] = []

    def limb(self, joints: Sequence[Joint], radii: Sequence[float], colour: Colour) -> None:
        self.hull(tuple(zip(joints, radii, strict=True)), colour)

    def trunk(self, rings: Sequence[tuple[float, float, float]], colour: Colour) -> None:
        """Add a trunk from rings of (half width, height, radius), as shares of the figure's height."""
        tall = self._tall
        self.hull(
            tuple(((sign * half * tall, y * tall, 0.0), radius) for half, y, radius in rings for sign in (-1, 1)),
            colour,
        )

    def hull(self, discs: Sequence[tuple[Joint, float]], colour: Colour, *, last: bool = False) -> None:
        view = self._brush.canvas.camera.to_view(self._brush.world(np.array([joint for joint, _ in discs])))
        if view[:, 2].min() < 0.6:
            return
        px = self._brush.canvas.camera.view_to_px(view)
        radii = np.array([radius for _, radius in discs]) * self._tall * self._brush.metre_px
        if radii.max() < _LEAST_PX:
            return
        self._parts.append((float(view[:, 2].mean()), px, np.maximum(radii, 0.5), colour, last))

    def head(self, centre: Joint, radius: float, skin: Colour, hair: Colour) -> None:
        x, y, z = centre
        tall = self._tall
        self.hull(((centre, radius), ((x, y - 0.03 * tall, z + 0.008 * tall), radius * 0.78)), skin, last=True)
        back = 0.02 * tall
        self.hull(
            (((x, y + 0.018 * tall, z - back), radius * 1.02), ((x, y + 0.03 * tall, z), radius * 0.86)),
            hair,
            last=True,
        )

    def draw(self) -> None:
        brush = self._brush
        towards = -1.0 if brush.light.sun[0] < 0 else 1.0
        body = [part for part in self._parts if not part[4]]
        crown = [part for part in self._parts if part[4]]
        for _, px, radii, colour, _ in (*sorted(body, key=_far_first), *sorted(crown, key=_far_first)):
            brush.canvas.hull(px, radii, brush.flat(colour, 0.82))
            if brush.metre_px > _LIT_EDGE_PX_PER_M:
                shift = np.array([towards * 0.3, -0.12]) * radii[:, None]
                brush.canvas.hull(px + shift, radii * 0.62, brush.flat(colour, 1.02))
