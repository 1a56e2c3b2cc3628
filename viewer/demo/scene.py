"""The street at a moment: `Scene.frame(t)` gives the picture and what is truly in it.

Everything is drawn from far to near. Right after an object is drawn the label buffer shows all of it, and at the end
only what nothing nearer has covered: the ratio of the two is its visibility.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.demo.buildings import paint_building
from viewer.demo.camera import Camera
from viewer.demo.canvas import NOTHING, Box, Canvas
from viewer.demo.furniture import paint_pole, paint_signal, paint_tree
from viewer.demo.ground import Footprint, paint_ground, paint_sky
from viewer.demo.light import Conditions, Light, resolve_light
from viewer.demo.people import paint_cyclist, paint_person
from viewer.demo.signs import paint_sign
from viewer.demo.solid import Brush
from viewer.demo.vehicles import footprint, paint_car, paint_truck
from viewer.demo.weather import through_the_lens, wet_road
from viewer.demo.world import CLASS_NAMES, FACADE_M, Actor, Plant, Pole, World, build_world

MIN_HEIGHT_PX = 16
MIN_WIDTH_PX = 6
MIN_VISIBILITY = 0.3
_GROUND = 255
_REACH_M = 92.0
_SCENERY_REACH_M = 150.0
_MIN_DISTANCE_M = 1.2


@dataclass(frozen=True, slots=True)
class Annotation:
    """One object that can be seen.

    `xyxy` bounds its visible pixels; `visibility` is the share of its pixels inside the picture that nothing hides;
    `track` stays with the object over the whole clip.
    """

    label: int
    name: str
    xyxy: tuple[float, float, float, float]
    visibility: float
    track: int


@dataclass(frozen=True, slots=True, eq=False)
class SceneFrame:
    """A picture and its ground truth.

    `rgb` is (H, W, 3) uint8 and `labels` (H, W) uint8, both read-only; a label is 0 or, less one, the index of the
    object in `drawn`, which lists the track of everything drawn.
    """

    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    drawn: tuple[int, ...]
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An object on the canvas, with all of its pixels before anything nearer was drawn."""

    actor: Actor
    brush: Brush
    pixels: int
    bounds: Box | None


class Scene:
    """One street from a seed, seen from the camera car."""

    def __init__(self, seed: int) -> None:
        self.world: World = build_world(seed)

    def camera(self, t: float) -> Camera:
        """Where the dashcam is and looks at t seconds: in its lane, with the car's slight unrest."""
        world = self.world
        along = world.ego.along(t)
        after, before = world.ego.along(t + 0.1), world.ego.along(max(t - 0.1, 0.0))
        pace = min(1.0, (after - along) / 0.6)
        dive_px = 1.1 * (after - 2 * along + before) / 0.01 if t > 0.1 else 0.0
        x, z = world.street.place(along, world.ego.across)
        yaw = 0.75 * world.street.heading(along + 9) + 0.25 * world.street.heading(along)
        unrest = 0.9 * math.sin(7.1 * t) + 0.6 * math.sin(11.3 * t + 1) + 0.5 * math.sin(17.9 * t + 2)
        return Camera(x=x, z=z, yaw=yaw + 0.0012 * pace * math.sin(2.3 * t), horizon_px=252.0 + pace * unrest + dive_px)

    def frame(self, t: float, conditions: Conditions) -> SceneFrame:
        """Draw the street; the same seed, time and conditions give the same frame.

        Args:
            t: seconds from the start.
            conditions: of weather and light.
        """
        canvas = Canvas(self.camera(t))
        light = resolve_light(conditions)
        paint_sky(canvas, light, conditions, t)
        things = self._things(canvas, light, t)
        prints = [mark for _, thing, brush in things if (mark := _footprint(thing, brush)) is not None]
        paint_ground(canvas, light, self.world, conditions, prints)
        canvas.labels[:] = _GROUND
        self._houses(canvas, light)
        drawn: list[_Drawn] = []
        for _, thing, brush in things:
            canvas.ident = NOTHING
            if isinstance(thing, Pole):
                paint_pole(brush, thing)
            elif isinstance(thing, Plant):
                paint_tree(brush, thing)
            elif len(drawn) < _GROUND - 1:
                canvas.ident = len(drawn) + 1
                self._paint(brush, thing, t)
                drawn.append(_Drawn(thing, brush, *canvas.count(canvas.ident)))
        canvas.ident = NOTHING
        wet_road(canvas, conditions, road=cv2.inRange(canvas.labels, _GROUND, _GROUND))
        _lamps(canvas, light, drawn)
        _bonnet(canvas, light)
        canvas.labels[canvas.labels == _GROUND] = NOTHING
        annotations = tuple(
            note for ident, item in enumerate(drawn, 1) if (note := _annotate(canvas, ident, item)) is not None
        )
        rgb = through_the_lens(canvas.rgb, canvas.camera, light, conditions, t, self.world.seed)
        rgb.setflags(write=False)
        canvas.labels.setflags(write=False)
        return SceneFrame(rgb, canvas.labels, tuple(item.actor.track for item in drawn), annotations)

    def _things(self, canvas: Canvas, light: Light, t: float) -> list[tuple[float, Actor | Plant | Pole, Brush]]:
        """Everything near enough that stands on the ground, far things first."""
        street = self.world.street
        camera = canvas.camera
        found: list[tuple[float, Actor | Plant | Pole, Brush]] = []

        def keep(thing: Actor | Plant | Pole, along: float, across: float, facing: float, reach: float) -> None:
            x, z = street.place(along, across)
            distance = camera.depth(x, z)
            if _MIN_DISTANCE_M < distance < reach:
                heading = street.heading(along) + facing
                found.append((distance, thing, Brush(canvas, light, x, z, heading, distance)))

        for actor in self.world.actors:
            along, across = actor.motion.at(t)
            if abs(across) < FACADE_M - 0.2 or abs(along - self.world.junction) < 6:
                keep(actor, along, across, actor.facing, _REACH_M)
        for plant in self.world.plants:
            keep(plant, plant.along, plant.across, 0.0, _SCENERY_REACH_M)
        for pole in self.world.poles:
            keep(pole, pole.along, pole.across, 0.0, _SCENERY_REACH_M)
        return sorted(found, key=lambda item: -item[0])

    def _houses(self, canvas: Canvas, light: Light) -> None:
        canvas.ident = NOTHING
        z = canvas.camera.z
        ahead = [
            house for house in self.world.buildings if z - 5 < house.along + house.length and house.along < z + 210
        ]
        for house in sorted(ahead, key=lambda house: -house.along):
            paint_building(canvas, light, self.world.street, house)

    def _paint(self, brush: Brush, actor: Actor, t: float) -> None:
        way = actor.motion.travelled_s(t) * math.hypot(actor.motion.along_mps, actor.motion.across_mps)
        if actor.kind == "car":
            paint_car(brush, actor, braking=0 < actor.motion.along_mps < 5)
        elif actor.kind == "truck":
            paint_truck(brush, actor, braking=0 < actor.motion.along_mps < 5)
        elif actor.kind == "person":
            paint_person(brush, actor, walked_m=way, moving=actor.motion.moving(t))
        elif actor.kind == "cyclist":
            paint_cyclist(brush, actor, ridden_m=way)
        elif actor.kind == "traffic light":
            paint_signal(brush, actor, lit=self._lit(actor, t))
        else:
            paint_sign(brush, actor)

    def _lit(self, actor: Actor, t: float) -> str:
        ego = self.world.ego
        if actor.style == "open":
            return "green"
        if ego.red(t):
            return "red"
        return "amber" if ego.stop_s - 6.5 < t < ego.stop_s else "green"


def _footprint(thing: Actor | Plant | Pole, brush: Brush) -> Footprint | None:
    if brush.distance_m > 70:
        return None
    if isinstance(thing, Actor) and thing.kind in ("car", "truck"):
        half, length, height = footprint(thing)
    elif isinstance(thing, Actor) and thing.kind in ("person", "cyclist"):
        half, length, height = (0.2, 0.2, 1.7) if thing.kind == "person" else (0.16, 0.85, 1.6)
    elif isinstance(thing, Plant):
        half, length, height = 0.5, 0.5, thing.height * 0.6
    else:
        return None
    local = np.array([(-half, 0, -length), (half, 0, -length), (half, 0, length), (-half, 0, length)])
    return Footprint(brush.world(local)[:, [0, 2]], height)


def _lamps(canvas: Canvas, light: Light, drawn: list[_Drawn]) -> None:
    """Let head and tail lamps shine where the day is dark enough and the lamp itself can be seen."""
    if light.lamps < 0.3:
        return
    camera = canvas.camera
    for ident, item in enumerate(drawn, 1):
        actor, brush = item.actor, item.brush
        if actor.kind not in ("car", "truck") or brush.distance_m > 75 or abs(math.sin(actor.facing)) > 0.5:
            continue
        half, length, _ = footprint(actor)
        oncoming = math.cos(actor.facing) < 0
        end = length if oncoming else -length
        for sign in (-1, 1):
            view = camera.to_view(brush.world(np.array((sign * half * 0.8, 0.66, end))))
            if view[2] < 1:
                continue
            u, v = camera.view_to_px(view)
            if not (0 <= u < camera.width_px and 0 <= v < camera.height_px and canvas.labels[int(v), int(u)] == ident):
                continue
            colour = (255, 244, 214) if oncoming else (255, 52, 36)
            canvas.glow(
                (u, v), (0.8 if oncoming else 0.42) * brush.metre_px + 3, colour, 0.75 * (light.lamps - 0.3) / 0.7
            )


def _bonnet(canvas: Canvas, light: Light) -> None:
    """Show the edge of the camera car's own bonnet, which mirrors the sky."""
    width, height = canvas.camera.width_px, canvas.camera.height_px
    u = np.linspace(0, width, 41)
    for drop, level in ((0.0, 0.34), (7.0, 0.26), (16.0, 0.2)):
        edge = height - 26 + drop + 20 * ((u - width / 2) / (width / 2)) ** 2
        outline = np.concatenate((np.stack((u, edge), -1), [(width, height + 4), (0, height + 4)]))
        sky = light.zenith
        canvas.fill(outline, light.lit((sky[0] * 0.5 + 40, sky[1] * 0.5 + 40, sky[2] * 0.5 + 40), level))


def _annotate(canvas: Canvas, ident: int, item: _Drawn) -> Annotation | None:
    if item.bounds is None or item.bounds[3] - item.bounds[1] < MIN_HEIGHT_PX:
        return None
    visible, box = canvas.count(ident, item.bounds)
    if box is None or visible < MIN_VISIBILITY * item.pixels:
        return None
    if box[3] - box[1] < MIN_HEIGHT_PX or box[2] - box[0] < MIN_WIDTH_PX:
        return None
    return Annotation(
        label=CLASS_NAMES.index(item.actor.kind),
        name=item.actor.kind,
        xyxy=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        visibility=round(visible / item.pixels, 3),
        track=item.actor.track,
    )
