"""The one direction of an activation's channels along which its cells differ most, followed from frame to frame.

Muhammad and Yeasin, "Eigen-CAM: Class Activation Map using Principal Components" (IJCNN 2020), project an activation
on the first singular vector of its centred cells. Decomposing it anew for every frame has two faults on video: it costs
seconds, and the sign of a singular vector is arbitrary, so that maps invert from one frame to the next. Here the
direction of the frame before is kept and turned by power iteration towards that of the new frame. Multiplying by a
covariance never turns a vector by more than a right angle, so the sign cannot flip; and a vector that starts near its
end is there in a few steps.
"""

from typing import Self

import torch
from torch import Tensor

from viewer.core.stage import Stage
from viewer.taps.reducers import Reducer, may_look

_STEPS = 4
"""Power iterations a frame. On video one is enough; after a cut four bring a map within a grey level or two."""


class PrincipalComponent:
    """Each cell's coordinate along the first principal component of a stage's channels, in activation units.

    Centred: 0 is the mean cell. Its sign begins such that cells that respond strongly are positive, and stays.
    """

    name = "pca"
    total = None
    warm_up_frames = 0

    def __init__(self) -> None:
        self._axis: Tensor | None = None  # (C,) float32, of length 1
        self._is_followed: Tensor | None = None  # 0 or 1, where a graph can read it

    def for_stage(self, stage: Stage) -> Self:  # noqa: ARG002 - every stage is followed by an object of its own
        """Follow one stage."""
        return type(self)()

    def check(self, stage: Stage) -> None:
        """Suits every stage."""

    def take_over(self, other: Reducer) -> bool:  # noqa: ARG002 - the answer does not depend on it
        """Nothing about it can be changed."""
        return False

    @torch.inference_mode()
    def forget(self) -> None:
        """Let the next frame say which sign is positive."""
        if self._is_followed is not None:
            self._is_followed.zero_()

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the coordinates; a cell that is not finite stays so and does not count for the others."""
        cells = activation.flatten(1).float()
        sound = cells.sum(0).isfinite()
        looks = may_look(activation)
        kept = cells if looks and sound.all() else torch.where(sound, cells, 0.0)
        share = sound / sound.sum().clamp_min(1)
        if self._axis is None or self._is_followed is None or len(self._axis) != len(cells):
            self._axis = cells.new_full((len(cells),), len(cells) ** -0.5)
            self._is_followed = cells.new_zeros(())
        if looks and self._is_followed > 0:
            axis = self._axis
        else:
            seed, has_seed = _strong_minus_weak(kept, share)
            axis = torch.where((self._is_followed > 0) | ~has_seed, self._axis, seed)
            self._is_followed.copy_((self._is_followed > 0) | has_seed)
        for _ in range(_STEPS):
            axis = _turned(kept, share, axis)
        self._axis.copy_(axis)
        projected = torch.where(sound, _coordinates(kept, share, axis), torch.nan)
        out.copy_(projected.view_as(out))


def _turned(kept: Tensor, share: Tensor, axis: Tensor) -> Tensor:
    """An axis after one power iteration; a flat map has no direction and leaves it as it was.

    Lengths are brought to 1 after each of the two products, so that neither large nor small activations leave the
    range of float32, which their fourth power soon would.
    """
    along, is_flat = _unit(_coordinates(kept, share, axis))
    turned, is_nothing = _unit(torch.mv(kept, along))
    return torch.where(is_flat | is_nothing, axis, turned)


def _coordinates(kept: Tensor, share: Tensor, axis: Tensor) -> Tensor:
    """Each cell's place along an axis, less that of the mean cell; 0 where a cell does not count."""
    along = torch.mv(kept.T, axis)
    return torch.where(share > 0, along - torch.dot(along, share), 0.0)


def _unit(vector: Tensor) -> tuple[Tensor, Tensor]:
    """A vector of length 1 in the same direction, and whether it has none."""
    length = torch.linalg.vector_norm(vector)
    has_none = ~(length.isfinite() & (length > 0))
    return vector / length, has_none


def _strong_minus_weak(kept: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Where to begin: from weak cells to strong ones; and whether there is a difference between them."""
    strength = kept.abs().mean(0)
    contrast, is_flat = _unit(torch.where(share > 0, strength - torch.dot(strength, share), 0.0))
    seed, is_nothing = _unit(torch.mv(kept, contrast))
    return seed, ~(is_flat | is_nothing)
