"""The light of a moment: what colour a surface shows, given where it faces and how far away it is."""

import math
from dataclasses import dataclass

from viewer.demo.canvas import Colour, mix

_HAZE_LENGTH_M = 170.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the day does to the picture; every value but the hour runs from 0 (none) to 1 (full)."""

    hour: float = 13.0
    sun_side: float = 0.6
    glare: float = 0.0
    rain: float = 0.0
    cloud: float = 0.25
    exposure: float = 1.0


@dataclass(frozen=True, slots=True)
class Light:
    """Sun, sky and air, resolved from the conditions.

    `sun` is the unit vector towards the sun in world axes; `direct` and `ambient` are factors on a surface's own
    colour; `lamps` says how strongly artificial light shows, 0 by day to 1 at dusk.
    """

    sun: tuple[float, float, float]
    direct: float
    ambient: float
    warmth: Colour
    zenith: Colour
    horizon: Colour
    haze_length_m: float
    lamps: float

    def shade(self, colour: Colour, normal: tuple[float, float, float], distance_m: float) -> Colour:
        """Colour of a lit surface seen through the air.

        Args:
            colour: RGB of the surface, 0 to 255.
            normal: unit vector in world axes.
            distance_m: from the lens.
        """
        facing = max(0.0, normal[0] * self.sun[0] + normal[1] * self.sun[1] + normal[2] * self.sun[2])
        level = self.ambient * (0.82 + 0.18 * normal[1]) + self.direct * facing
        return self.far(self.lit(colour, level), distance_m)

    def lit(self, colour: Colour, level: float) -> Colour:
        """Colour under a given light level, tinted by the hour, not yet hazed."""
        warm = self.warmth
        return (
            min(255.0, colour[0] * level * warm[0]),
            min(255.0, colour[1] * level * warm[1]),
            min(255.0, colour[2] * level * warm[2]),
        )

    def flat(self, colour: Colour, distance_m: float, level: float = 1.0) -> Colour:
        """Colour of a surface whose facing does not matter."""
        return self.far(self.lit(colour, level * (self.ambient + 0.55 * self.direct)), distance_m)

    def haze(self, distance_m: float) -> float:
        """Share of the air's colour at a distance, 0 to 1."""
        return 1.0 - math.exp(-max(0.0, distance_m - 6.0) / self.haze_length_m)

    def far(self, colour: Colour, distance_m: float) -> Colour:
        """Fade a colour with distance."""
        return mix(colour, self.horizon, self.haze(distance_m))


# hour: zenith, horizon, warmth, direct, ambient, sun elevation in degrees, lamps
_DAY: tuple[tuple[float, Colour, Colour, Colour, float, float, float, float], ...] = (
    (6.5, (96, 122, 168), (236, 196, 168), (1.06, 0.97, 0.92), 0.34, 0.52, 9.0, 0.7),
    (8.5, (92, 146, 204), (226, 222, 210), (1.05, 1.00, 0.95), 0.52, 0.60, 24.0, 0.1),
    (13.0, (72, 136, 206), (206, 224, 236), (1.00, 1.00, 1.00), 0.56, 0.64, 52.0, 0.0),
    (17.0, (84, 138, 200), (232, 220, 200), (1.06, 1.00, 0.92), 0.54, 0.58, 26.0, 0.1),
    (19.0, (92, 108, 160), (246, 192, 146), (1.12, 0.96, 0.84), 0.42, 0.48, 10.0, 0.6),
    (20.0, (52, 66, 112), (196, 148, 142), (0.96, 0.92, 1.00), 0.14, 0.42, 5.0, 1.0),
)


def resolve_light(conditions: Conditions) -> Light:
    """Derive the light from the conditions; pure."""
    hour = min(max(conditions.hour, _DAY[0][0]), _DAY[-1][0])
    after = next(index for index, key in enumerate(_DAY) if key[0] >= hour)
    low, high = _DAY[max(after - 1, 0)], _DAY[after]
    share = 0.0 if high[0] == low[0] else (hour - low[0]) / (high[0] - low[0])
    grey = max(conditions.cloud * 0.55, conditions.rain * 0.95)
    zenith = mix(mix(low[1], high[1], share), (150, 158, 168), grey)
    horizon = mix(mix(low[2], high[2], share), (190, 196, 202), grey)
    warmth = mix(mix(low[3], high[3], share), (0.96, 0.98, 1.02), grey)
    direct = _between(low[4], high[4], share) * (1 - 0.9 * grey)
    ambient = _between(low[5], high[5], share) * (1 - 0.12 * conditions.rain) + 0.14 * grey
    elevation = math.radians(_between(low[6], high[6], share))
    azimuth = conditions.sun_side * math.pi / 2
    flat = math.cos(elevation)
    sun = (flat * math.sin(azimuth), math.sin(elevation), -0.3 * flat * math.cos(azimuth))
    length = math.sqrt(sum(part * part for part in sun))
    return Light(
        sun=(sun[0] / length, sun[1] / length, sun[2] / length),
        direct=direct,
        ambient=ambient,
        warmth=warmth,
        zenith=zenith,
        horizon=horizon,
        haze_length_m=_HAZE_LENGTH_M / (1 + 1.8 * conditions.rain + 0.8 * conditions.glare),
        lamps=max(_between(low[7], high[7], share), 0.6 * conditions.rain),
    )


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
