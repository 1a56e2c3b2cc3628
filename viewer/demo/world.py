"""Everything that exists in one street and how it moves, drawn by lot from a seed.

Nothing here knows about pixels. Positions are given along the street (`along`, metres from its start) and across
it (`across`, metres right of the centre line); `Street.place` turns them into world coordinates.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Colour

CLASS_NAMES = ("car", "truck", "person", "cyclist", "traffic light", "traffic sign")
DURATION_S = 20.0

LANE_M = 3.3
KERB_M = 5.7
FACADE_M = 9.6
CROSS_HALF_M = 4.4
STREET_END_M = 380.0

Kind = Literal["car", "truck", "person", "cyclist", "traffic light", "traffic sign"]

CAR_STYLES = ("hatch", "saloon", "suv", "estate")
SIGN_STYLES = ("limit", "warning", "stop", "parking", "priority", "no entry")

_PAINTS: tuple[Colour, ...] = (
    (188, 44, 40),
    (34, 74, 148),
    (226, 228, 230),
    (44, 48, 54),
    (120, 128, 136),
    (196, 160, 60),
    (38, 104, 88),
    (150, 62, 34),
    (92, 142, 190),
    (232, 222, 200),
    (86, 34, 52),
    (74, 84, 66),
    (222, 120, 44),
)
_HI_VIS: tuple[Colour, ...] = ((206, 238, 56), (255, 132, 32), (244, 236, 70))
"""What cyclists wear in this town: seen from behind and far away, nothing else tells them from people on foot."""
_CLOTHES: tuple[Colour, ...] = (
    (190, 52, 48),
    (46, 66, 110),
    (230, 226, 216),
    (50, 52, 58),
    (90, 110, 74),
    (214, 168, 70),
    (120, 70, 110),
    (70, 130, 150),
    (160, 110, 80),
    (206, 130, 150),
    (106, 112, 122),
    (236, 140, 60),
)
_SKINS: tuple[Colour, ...] = ((236, 196, 168), (214, 164, 130), (168, 116, 84), (112, 76, 56))
_HAIRS: tuple[Colour, ...] = ((46, 34, 28), (96, 64, 40), (176, 134, 78), (26, 24, 26), (140, 136, 132))
_WALLS: tuple[Colour, ...] = (
    (176, 112, 88),
    (206, 186, 156),
    (186, 190, 190),
    (150, 96, 80),
    (222, 206, 176),
    (160, 168, 176),
    (198, 150, 116),
    (140, 132, 128),
    (214, 196, 190),
    (176, 184, 160),
)


@dataclass(frozen=True, slots=True)
class Motion:
    """Straight motion that begins at `start_s`, with an ease where something sets off from rest."""

    along: float
    across: float
    along_mps: float = 0.0
    across_mps: float = 0.0
    start_s: float = 0.0

    def travelled_s(self, t: float) -> float:
        """Seconds of full speed that the way covered until t is worth."""
        since = max(t - self.start_s, 0.0)
        return since - 0.8 * (1 - math.exp(-since / 0.8)) if self.start_s > 0 else since

    def at(self, t: float) -> tuple[float, float]:
        """Along and across, in metres, at t seconds."""
        since = self.travelled_s(t)
        return self.along + self.along_mps * since, self.across + self.across_mps * since

    def moving(self, t: float) -> bool:
        """Whether it is under way at t seconds."""
        return t > self.start_s and (self.along_mps != 0 or self.across_mps != 0)


@dataclass(frozen=True, slots=True)
class Actor:
    """A thing that ground truth names.

    `facing` is its heading in radians from the street's direction, clockwise from above. `style` and the numbers
    mean what the painter of its kind says.
    """

    kind: Kind
    track: int
    motion: Motion
    facing: float
    style: str
    colours: tuple[Colour, ...]
    size: float = 1.0
    phase: float = 0.0
    height_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Building:
    """A block of one house: its facade runs along the street, its end faces whoever comes along."""

    along: float
    length: float
    side: int
    height: float
    depth: float
    wall: Colour
    trim: Colour
    shop: Colour
    storey_m: float
    window_m: float
    seed: int


@dataclass(frozen=True, slots=True)
class Plant:
    """A tree, by the sprite it wears."""

    along: float
    across: float
    height: float
    sprite: int


@dataclass(frozen=True, slots=True)
class Pole:
    """A lamp post, or the pole of a sign or a traffic light; `arm_m` reaches over the road."""

    along: float
    across: float
    height: float
    arm_m: float = 0.0
    lamp: bool = False


@dataclass(frozen=True, slots=True)
class Street:
    """A gently winding street: a sheared straight one, which is all that a dashcam's view needs."""

    sway_m: float
    wave_m: float
    start: float

    def centre(self, along: float) -> float:
        """World x of the centre line, metres."""
        return self.sway_m * (math.sin(along / self.wave_m + self.start) - math.sin(self.start))

    def heading(self, along: float) -> float:
        """Direction of the street, radians from the z axis."""
        return math.atan(self.sway_m / self.wave_m * math.cos(along / self.wave_m + self.start))

    def place(self, along: float, across: float) -> tuple[float, float]:
        """World x and z of a point on the street."""
        return self.centre(along) + across, along

    def ground(
        self,
        along: NDArray[np.floating],
        across: NDArray[np.floating] | float,
        height: NDArray[np.floating] | float = 0.0,
    ) -> NDArray[np.float64]:
        """World points (..., 3) for arrays of along and across that broadcast."""
        along, across, height = np.broadcast_arrays(along, across, height)
        centre = self.sway_m * (np.sin(along / self.wave_m + self.start) - math.sin(self.start))
        return np.stack((centre + across, height, along), axis=-1).astype(np.float64)


@dataclass(frozen=True)
class Ego:
    """The way of the camera car: it drives, stops at a red light, waits and drives on."""

    speed_mps: float
    stop_s: float
    wait_s: float
    across: float = LANE_M / 2
    _grid: NDArray[np.float64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        times = np.arange(0.0, DURATION_S + 1.0, 0.01)
        speed = 1 - _smooth((times - self.stop_s + 3.2) / 3.2) + _smooth((times - self.stop_s - self.wait_s) / 4.0)
        way = np.concatenate(([0.0], np.cumsum(speed * self.speed_mps * 0.01)))
        way.setflags(write=False)
        object.__setattr__(self, "_grid", way)

    def along(self, t: float) -> float:
        """Metres driven at t seconds."""
        return float(np.interp(t * 100.0, np.arange(len(self._grid)), self._grid))

    def red(self, t: float) -> bool:
        """Whether the light ahead holds the car."""
        return self.stop_s - 5.0 < t < self.stop_s + self.wait_s - 0.2


@dataclass(frozen=True)
class World:
    """One street with all that stands and moves in it."""

    seed: int
    street: Street
    ego: Ego
    junction: float
    crossings: tuple[float, ...]
    actors: tuple[Actor, ...]
    buildings: tuple[Building, ...]
    plants: tuple[Plant, ...]
    poles: tuple[Pole, ...]


def build_world(seed: int) -> World:
    """Lay out a street; the same seed gives the same street."""
    rng = np.random.default_rng(seed)
    street = Street(
        sway_m=float(rng.uniform(1.0, 3.2)), wave_m=float(rng.uniform(55, 85)), start=float(rng.uniform(0, 6.28))
    )
    ego = Ego(
        speed_mps=float(rng.uniform(8.0, 9.5)), stop_s=float(rng.uniform(7.8, 8.6)), wait_s=float(rng.uniform(4.2, 4.6))
    )
    junction = ego.along(ego.stop_s + 0.5) + 14.5
    crossings = (junction - 7.2, junction + 7.2, junction + float(rng.uniform(62, 80)))
    cast = _Cast(rng, ego, junction)
    cast.signals(crossings)
    cast.signs(crossings)
    cast.parked(crossings)
    cast.traffic()
    cast.crossing_traffic()
    cast.pedestrians(crossings)
    cast.cyclists()
    return World(
        seed=seed,
        street=street,
        ego=ego,
        junction=junction,
        crossings=crossings,
        actors=tuple(cast.actors),
        buildings=_buildings(rng, junction),
        plants=_plants(rng, junction, crossings),
        poles=(*cast.poles, *_lamp_posts(junction)),
    )


class _Cast:
    """Draws actors by lot and keeps them out of one another's way."""

    def __init__(self, rng: np.random.Generator, ego: Ego, junction: float) -> None:
        self.rng = rng
        self.ego = ego
        self.junction = junction
        self.actors: list[Actor] = []
        self.poles: list[Pole] = []
        self._times = np.arange(0.0, DURATION_S + 0.5, 0.25)
        self._ways: list[tuple[float, NDArray[np.float64], float]] = []

    def add(
        self,
        kind: Kind,
        motion: Motion,
        facing: float,
        style: str,
        colours: tuple[Colour, ...],
        size: float = 1.0,
        height_m: float = 0.0,
    ) -> None:
        phase = float(self.rng.uniform(0, 6.28))
        self.actors.append(Actor(kind, len(self.actors) + 1, motion, facing, style, colours, size, phase, height_m))

    def pick(self, colours: tuple[Colour, ...]) -> Colour:
        red, green, blue = colours[int(self.rng.integers(len(colours)))]
        shift = self.rng.uniform(0.86, 1.1)
        return min(255.0, red * shift), min(255.0, green * shift), min(255.0, blue * shift)

    def choose(self, styles: tuple[str, ...]) -> str:
        return styles[int(self.rng.integers(len(styles)))]

    def vehicle(self, motion: Motion, facing: float, *, truck: bool) -> None:
        if truck:
            colours = (self.pick(_PAINTS), self.pick(_PAINTS), self.pick(_PAINTS))
            style = self.choose(("box", "box", "tarp", "tanker"))
            self.add("truck", motion, facing, style, colours, float(self.rng.uniform(0.9, 1.12)))
        else:
            self.add(
                "car",
                motion,
                facing,
                self.choose(CAR_STYLES),
                (self.pick(_PAINTS),),
                float(self.rng.uniform(0.94, 1.08)),
            )

    def signals(self, crossings: tuple[float, ...]) -> None:
        near, far = crossings[0] - 2.2, crossings[1] + 2.0
        for along, across, height, arm in (
            (near, KERB_M + 0.5, 2.5, 0.0),
            (near, -KERB_M - 0.5, 2.5, 0.0),
            (far, KERB_M + 0.5, 5.2, -3.6),
            (crossings[2] - 2.2, KERB_M + 0.5, 2.5, 0.0),
            (crossings[2] - 2.2, -KERB_M - 0.5, 2.5, 0.0),
        ):
            self.add(
                "traffic light",
                Motion(along, across + arm),
                0.0,
                "junction" if along < far + 1 else "open",
                (),
                1.0,
                height,
            )
            self.poles.append(Pole(along + 0.12, across, height + 0.9, arm))

    def signs(self, crossings: tuple[float, ...]) -> None:
        spots = [crossings[0] - 14, crossings[2] - 10, *self.rng.uniform(12, 330, 21)]
        for along in spots:
            if self.near_junction(along, 7):
                continue
            side = 1 if self.rng.random() < 0.68 else -1
            across = side * (KERB_M + float(self.rng.uniform(0.4, 0.8)))
            height = float(self.rng.uniform(2.2, 2.6))
            size = float(self.rng.uniform(0.9, 1.15))
            style = self.choose(SIGN_STYLES)
            self.add("traffic sign", Motion(float(along), across), 0.0, style, (), size, height)
            self.poles.append(Pole(float(along) + 0.06, across, height + 0.3))

    def near_junction(self, along: float, margin: float) -> bool:
        return abs(along - self.junction) < CROSS_HALF_M + margin

    def parked(self, crossings: tuple[float, ...]) -> None:
        for side in (1, -1):
            along = float(self.rng.uniform(8, 16))
            while along < 300:
                clear = not self.near_junction(along, 9) and all(abs(along - spot) > 8 for spot in crossings)
                if clear and self.rng.random() < 0.66:
                    truck = bool(self.rng.random() < 0.1)
                    facing = 0.0 if side > 0 else math.pi
                    self.vehicle(Motion(along, side * (KERB_M - (1.35 if truck else 1.12))), facing, truck=truck)
                    along += 4.0 if truck else 0.0
                along += float(self.rng.uniform(5.6, 9.5))

    def free(self, lane: float, way: NDArray[np.float64], gap: float) -> bool:
        """Whether a lane's traffic, the camera car and the red light leave room for a way over the time grid."""
        if lane > 0:
            own = np.array([self.ego.along(t) for t in self._times])
            if (np.abs(way - own) < gap + 6).any():
                return False
        held = (self._times > self.ego.stop_s - 1.5) & (self._times < self.ego.stop_s + self.ego.wait_s + 1.5)
        if (np.abs(way - self.junction) < CROSS_HALF_M + 6.5)[held].any():
            return False
        return all(other != lane or not (np.abs(way - line) < gap + room).any() for other, line, room in self._ways)

    def traffic(self) -> None:
        """Cars and trucks of both directions, by rejection: a way that would touch another is drawn again."""
        for _ in range(90):
            onward = self.rng.random() < 0.36
            truck = bool(self.rng.random() < 0.2)
            lane = 1.0 if onward else -1.0
            speed = float(self.rng.uniform(3.0, 11.0)) if onward else -float(self.rng.uniform(5.5, 9.5))
            begin = float(self.rng.uniform(10, 200)) if onward else float(self.rng.uniform(30, 380))
            way = begin + speed * self._times
            gap = 7.5 if truck else 4.5
            if self.free(lane, way, gap):
                self._ways.append((lane, way, gap))
                across = lane * LANE_M / 2 + float(self.rng.uniform(-0.15, 0.15))
                self.vehicle(Motion(begin, across, speed), 0.0 if onward else math.pi, truck=truck)

    def crossing_traffic(self) -> None:
        """Side traffic while the light is red: a truck first, then cars, from both sides."""
        for delay_s, way, truck in ((0.4, 1, True), (1.5, -1, False), (2.0, 1, False), (2.7, -1, True)):
            speed = float(self.rng.uniform(7.0, 8.5)) * way
            # It drives on its right, and passes the middle of the street that long after the camera car has stopped.
            along = self.junction - 2.1 * way
            across = 0.8 * way - speed * (self.ego.stop_s + delay_s)
            self.vehicle(Motion(along, across, 0.0, speed), way * math.pi / 2, truck=truck)

    def walker(self, motion: Motion, facing: float) -> None:
        colours = (self.pick(_CLOTHES), self.pick(_CLOTHES), self.pick(_SKINS), self.pick(_HAIRS))
        style = self.choose(("plain", "plain", "coat", "bag", "skirt"))
        self.add("person", motion, facing, style, colours, float(self.rng.uniform(0.9, 1.06)))

    def pedestrians(self, crossings: tuple[float, ...]) -> None:
        for side in (1, -1):
            for begin in self.rng.uniform(6, 290, 26):
                across = side * float(self.rng.uniform(KERB_M + 1.0, FACADE_M - 0.9))
                pace = float(self.rng.uniform(0.9, 1.6)) * (1 if self.rng.random() < 0.5 else -1)
                if self.rng.random() < 0.18:
                    pace = 0.0
                way = begin + pace * self._times
                if (np.abs(way - self.junction) < CROSS_HALF_M + 1.5).any():
                    continue
                facing = (0.0 if pace > 0 else math.pi) if pace else float(self.rng.uniform(0, 6.28))
                self.walker(Motion(float(begin), across, pace), facing)
        for index in range(6):
            way = 1 if index % 2 else -1
            along = crossings[0] + float(self.rng.uniform(-1.1, 1.1))
            start = self.ego.stop_s + (-3.4 + 0.3 * index if way > 0 else -0.6 + 0.3 * index)
            begin = -way * (KERB_M + float(self.rng.uniform(0.6, 1.4)))
            self.walker(Motion(along, begin, 0.0, way * float(self.rng.uniform(1.6, 1.9)), start), way * math.pi / 2)
        for side in (1, -1):
            # Between parked cars, looking whether the road is free.
            for begin in self.rng.uniform(15, 260, 5):
                if not self.near_junction(float(begin), 4):
                    self.walker(Motion(float(begin), side * (KERB_M + 0.25)), -side * math.pi / 2)

    def cyclists(self) -> None:
        for lane, count in ((1.0, 9), (-1.0, 9)):
            for begin in self.rng.uniform(14, 240, count):
                speed = float(self.rng.uniform(3.0, 5.5)) * lane
                way = float(begin) + speed * self._times
                held = (self._times > self.ego.stop_s - 1.5) & (self._times < self.ego.stop_s + self.ego.wait_s + 1.5)
                if (np.abs(way - self.junction) < CROSS_HALF_M + 5)[held].any():
                    continue
                colours = (self.pick(_HI_VIS), self.pick(_CLOTHES), self.pick(_SKINS), self.pick(_PAINTS))
                across = lane * float(self.rng.uniform(3.1, 3.4))
                self.add(
                    "cyclist",
                    Motion(float(begin), across, speed),
                    0.0 if lane > 0 else math.pi,
                    "upright",
                    colours,
                    float(self.rng.uniform(0.94, 1.06)),
                )


def _buildings(rng: np.random.Generator, junction: float) -> tuple[Building, ...]:
    houses: list[Building] = []
    gap = (junction - CROSS_HALF_M - 4.4, junction + CROSS_HALF_M + 4.4)
    for side in (1, -1):
        along = -30.0
        while along < STREET_END_M:
            length = float(rng.uniform(9, 19))
            if along < gap[0] < along + length + 5:
                length = gap[0] - along
            corner = abs(along - gap[1]) < 0.01
            if rng.random() > 0.07 or corner:
                wall = _WALLS[int(rng.integers(len(_WALLS)))]
                bright = float(rng.uniform(0.88, 1.08))
                houses.append(
                    Building(
                        along=along,
                        length=length,
                        side=side,
                        height=float(rng.uniform(7.5, 19)),
                        depth=42.0 if corner else 12.0,
                        wall=(wall[0] * bright, wall[1] * bright, wall[2] * bright),
                        trim=(236, 230, 218) if rng.random() < 0.6 else (96, 88, 84),
                        shop=_PAINTS[int(rng.integers(len(_PAINTS)))],
                        storey_m=float(rng.uniform(2.9, 3.5)),
                        window_m=float(rng.uniform(1.9, 3.0)),
                        seed=int(rng.integers(1 << 30)),
                    )
                )
            along += length
            if gap[0] - 0.01 <= along < gap[1]:
                along = gap[1]
    return tuple(houses)


def _plants(rng: np.random.Generator, junction: float, crossings: tuple[float, ...]) -> tuple[Plant, ...]:
    plants: list[Plant] = []
    for side in (1, -1):
        for along in np.arange(6.0, STREET_END_M, 11.0):
            spot = float(along + rng.uniform(-2.5, 2.5))
            clear = abs(spot - junction) > 13 and all(abs(spot - crossing) > 6 for crossing in crossings)
            if clear and rng.random() < 0.55:
                plants.append(Plant(spot, side * (KERB_M + 1.0), float(rng.uniform(4.6, 7.4)), int(rng.integers(6))))
    return tuple(plants)


def _lamp_posts(junction: float) -> tuple[Pole, ...]:
    return tuple(
        Pole(float(along), side * (KERB_M + 0.6), 7.2, -side * 1.9, lamp=True)
        for side, first in ((1, 18.0), (-1, 32.0))
        for along in np.arange(first, STREET_END_M, 28.0)
        if abs(along - junction) > 8
    )


def _smooth(share: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(share, 0, 1)
    return held * held * (3 - 2 * held)
