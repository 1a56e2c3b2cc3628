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
from viewer.taps.reducers import Reducer

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

    def for_stage(self, stage: Stage) -> Self:  # noqa: ARG002 - every stage is followed by an object of its own
        """Follow one stage."""
        return type(self)()

    def check(self, stage: Stage) -> None:
        """Suits every stage."""

    def take_over(self, other: Reducer) -> bool:  # noqa: ARG002 - the answer does not depend on it
        """Nothing about it can be changed."""
        return False

    def forget(self) -> None:
        """Keeps its direction: it is followed to wherever the next frame has it."""

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the coordinates; a cell that is not finite stays so and does not count for the others."""
        cells = activation.flatten(1).float()
        sound = cells.sum(0).isfinite()
        kept = torch.where(sound, cells, 0.0)
        share = sound / sound.sum().clamp_min(1)
        kept_axis = self._axis
        if kept_axis is None or len(kept_axis) != len(cells):
            kept_axis = self._axis = _strong_minus_weak(kept, share)
        axis = kept_axis
        for _ in range(_STEPS):
            turned = torch.mv(kept, _coordinates(kept, share, axis))
            length = torch.linalg.vector_norm(turned)
            # A flat map has no direction: that of the frame before stands.
            axis = torch.where(length > 0, turned / length, axis)
        kept_axis.copy_(axis)
        projected = torch.where(sound, _coordinates(kept, share, axis), torch.nan)
        out.copy_(projected.view_as(out))


def _coordinates(kept: Tensor, share: Tensor, axis: Tensor) -> Tensor:
    """Each cell's place along an axis, less that of the mean cell; 0 where a cell does not count."""
    along = torch.mv(kept.T, axis)
    return torch.where(share > 0, along - torch.dot(along, share), 0.0)


def _strong_minus_weak(kept: Tensor, share: Tensor) -> Tensor:
    """Where to begin: from weak cells to strong ones."""
    strength = kept.abs().mean(0)
    return torch.mv(kept, (strength - torch.dot(strength, share)) * share) + 1e-12
