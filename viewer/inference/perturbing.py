"""What a scene and a camera can do to a picture, done on the network's device at the picture's own resolution.

Perturbations follow each other as on the way through a camera: what stands in the way and rain are in the scene, then
the lens blurs, exposure, contrast and gamma are set, the sensor adds noise, and the codec comes last. Each ends within
0..255; levels are rounded once, before the codec or at the end. What is random is seeded by the frame's number, so that
a frame that is seen again looks the same; noise differs between kinds of devices, rain does not.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from viewer.core.perturbation import OCCLUDER_GREY, Kind, Perturbation
from viewer.render.camera import through_jpeg, through_lens

_MIDDLE_GREY = 127.5
_STREAKS = 2000
"""Of full rain, on a million pixels."""
_STREAK_LEVEL = 230.0
_SLANT = 0.18
_STREAK_SHARE = 1 / 18
"""Length of a usual streak as a share of the picture's height."""
_ORDER = {kind: place for place, kind in enumerate(Kind)}


@torch.inference_mode()
def perturb(
    rgb: NDArray[np.uint8], perturbations: Iterable[Perturbation], *, index: int, device: torch.device
) -> NDArray[np.uint8]:
    """Perturb a picture.

    Args:
        rgb: (H, W, 3) uint8.
        perturbations: One a kind at most, in any order.
        index: Number of the frame.
        device: Where to do it.

    Returns:
        (H, W, 3) uint8, C-contiguous and read-only, on the host.
    """
    picture = torch.from_numpy(rgb.copy()).to(device).float()
    for one in sorted(perturbations, key=lambda one: _ORDER[one.kind]):
        picture = _WAYS[one.kind](picture, one, index).clamp_(0, 255)
    levels = picture.round_().to(torch.uint8).cpu().contiguous().numpy()
    levels.setflags(write=False)
    return levels


def _brighten(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    """Levels v become v b: light of b times the strength."""
    return picture.mul_(one.amount)


def _contrast(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    """Levels v become 127.5 + c (v - 127.5)."""
    return picture.sub_(_MIDDLE_GREY).mul_(one.amount).add_(_MIDDLE_GREY)


def _gamma(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    """Levels v become 255 (v / 255)^g."""
    return picture.div_(255).pow_(one.amount).mul_(255)


def _blur(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    """Convolution with a Gaussian of this standard deviation, cut at three of it; edges go on as they end."""
    if picture.device.type == "cpu":  # OpenCV's is twenty times as fast there
        return torch.from_numpy(through_lens(picture.numpy(), one.amount))
    return blurred(picture, one.amount)


def blurred(picture: Tensor, sigma_px: float) -> Tensor:
    """The same on any device, rows and columns one after the other.

    Args:
        picture: (H, W, 3) float.
        sigma_px: Standard deviation in pixels, > 0.
    """
    reach = math.ceil(3 * sigma_px)
    offsets = torch.arange(-reach, reach + 1, device=picture.device, dtype=torch.float32)
    weights = torch.exp(-((offsets / sigma_px) ** 2) / 2)
    weights /= weights.sum()
    wide = functional.pad(picture.permute(2, 0, 1)[:, None], (reach, reach, reach, reach), mode="replicate")
    rows = functional.conv2d(wide, weights.view(1, 1, -1, 1))
    return functional.conv2d(rows, weights.view(1, 1, 1, -1))[:, 0].permute(1, 2, 0)


def _noise(picture: Tensor, one: Perturbation, index: int) -> Tensor:
    """Levels v become v + s n, with n from the standard normal distribution, for each pixel and colour its own."""
    generator = torch.Generator(picture.device).manual_seed(_seed(one.kind, index))
    noise = torch.randn(picture.shape, generator=generator, device=picture.device)
    return picture.add_(noise, alpha=one.amount)


def _jpeg(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    levels = picture.round().to(torch.uint8).cpu().contiguous().numpy()
    return torch.from_numpy(through_jpeg(levels, round(one.amount))).to(picture.device).float()


def _rain(picture: Tensor, one: Perturbation, index: int) -> Tensor:
    """Levels v become v + a (230 - v), with a the opacity of the densest of the streaks over a pixel.

    Streaks are straight, slant by 0.18 columns a row, begin anywhere and differ in length (half to one and a half of an
    18th of the picture's height) and in opacity (0.15 to 0.5).
    """
    height, width, _ = picture.shape
    count = round(one.amount / 100 * _STREAKS * height * width / 1e6)
    generator = torch.Generator().manual_seed(_seed(one.kind, index))
    begins = torch.rand((4, count), generator=generator).to(picture.device)
    length = height * _STREAK_SHARE
    steps = torch.arange(math.ceil(1.5 * length), device=picture.device)[:, None]
    lengths, opacity = length * (0.5 + begins[2]), 0.15 + 0.35 * begins[3]
    y = begins[0] * (height + length) - length + steps
    x = begins[1] * (width + _SLANT * height) - _SLANT * y
    # Wider pictures have wider streaks, so that they look alike at any resolution.
    across = torch.arange(max(1, round(height / 540)), device=picture.device)[:, None, None]
    columns, rows = (x + across).long(), y.long().expand(len(across), -1, -1)
    shown = (steps < lengths) & (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    places = (rows * width + columns)[shown]
    densest = torch.zeros(height * width, device=picture.device)
    densest.scatter_reduce_(0, places, opacity.expand_as(columns)[shown], reduce="amax")
    return picture.lerp_(torch.full_like(picture, _STREAK_LEVEL), densest.view(height, width, 1))


def _occlude(picture: Tensor, one: Perturbation, _index: int) -> Tensor:
    """Grey 114 in all pixels whose centre is in the rectangle."""
    if one.rect is not None:
        height, width, _ = picture.shape
        sides = zip(one.rect, (width, height, width, height), strict=True)
        left, top, right, bottom = (math.ceil(min(max(edge, 0.0), side) - 0.5) for edge, side in sides)
        picture[top:bottom, left:right] = OCCLUDER_GREY
    return picture


def _seed(kind: Kind, index: int) -> int:
    return index * len(_ORDER) + _ORDER[kind]


_WAYS: dict[Kind, Callable[[Tensor, Perturbation, int], Tensor]] = {
    Kind.OCCLUDE: _occlude,
    Kind.RAIN: _rain,
    Kind.BLUR: _blur,
    Kind.BRIGHTNESS: _brighten,
    Kind.CONTRAST: _contrast,
    Kind.GAMMA: _gamma,
    Kind.NOISE: _noise,
    Kind.JPEG: _jpeg,
}
