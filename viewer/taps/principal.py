"""The one direction of an activation's channels along which its cells differ most, followed from frame to frame.

Muhammad and Yeasin, "Eigen-CAM: Class Activation Map using Principal Components" (IJCNN 2020), project an activation
on the first singular vector of its centred cells. Decomposing it anew for every frame has two faults on video: it costs
seconds, and the sign of a singular vector is arbitrary, so that maps invert from one frame to the next. Here the
direction of the frame before is kept and turned by power iteration towards that of the new frame. Multiplying by a
covariance never turns a vector by more than a right angle, so the sign cannot flip; and a vector that starts near its
end is there in a few steps.
"""

import math

import torch
from torch import Tensor

from viewer.taps.reducers import WithMemory, may_look
from viewer.taps.sound import Cells, cells_of, unit

_STEPS = 4
"""Most power iterations a frame. On video one or two are enough; after a cut four bring a map within a grey level."""
_ROUNDING = 1e-5
"""Contrast, as a share of the strength, that is no contrast."""
_AT_REST = 0.01
"""A turn, in radians, after which another iteration shows nothing; looked at only where looking holds nothing up."""


class PrincipalComponent(WithMemory):
    """Each cell's coordinate along the first principal component of a stage's channels, in activation units.

    Centred: 0 is the mean cell. Its sign begins such that cells that respond strongly are positive, and stays.
    """

    name = "pca"
    warm_up_frames = 0

    def __init__(self) -> None:
        super().__init__()
        self._axis: Tensor | None = None  # (C,) float32, of length 1; the switch says whether its sign is settled

    @property
    def memory(self) -> tuple[Tensor, ...]:
        """The direction, so that its sign stays whatever else is chosen or asked."""
        return () if self._axis is None or self._switch is None else (self._axis, self._switch)

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the coordinates; a cell that is not finite stays so and does not count for the others."""
        cells, looks = cells_of(activation), may_look(activation)
        if self._axis is None or self._switch is None or len(self._axis) != len(cells.kept):
            self._axis = cells.kept.new_full((len(cells.kept),), len(cells.kept) ** -0.5)
            self._switch = cells.kept.new_zeros(())
            self._take_what_is_left()
        if looks and self._switch > 0:
            axis = self._axis
        else:
            seed, has_seed = strong_minus_weak(cells)
            axis = torch.where((self._switch > 0) | ~has_seed, self._axis, seed)
            self._switch.copy_((self._switch > 0) | has_seed)
        for _ in range(_STEPS):
            before, axis = axis, (_turned_here if looks else _turned)(cells, axis)
            if looks and torch.linalg.vector_norm(axis - before) < _AT_REST:
                break
        self._axis.copy_(axis)
        out.copy_(cells.marked(_coordinates(cells, axis)).view_as(out))


def _turned(cells: Cells, axis: Tensor) -> Tensor:
    """An axis after one power iteration; a flat map has no direction and leaves it as it was.

    Lengths are brought to 1 after each of the two products, so that neither large nor small activations leave the
    range of float32, which their fourth power soon would.
    """
    along, is_flat = unit(_coordinates(cells, axis))
    turned, is_nothing = unit(torch.mv(cells.kept, along))
    return torch.where(is_flat | is_nothing, axis, turned)


def _turned_here(cells: Cells, axis: Tensor) -> Tensor:
    """The same on a CPU, where to look at a length costs less than to carry along what becomes of none."""
    along = _coordinates(cells, axis)
    length = float(torch.linalg.vector_norm(along))
    if not 0 < length < math.inf:
        return axis
    turned = torch.mv(cells.kept, along / length)
    length = float(torch.linalg.vector_norm(turned))
    return turned / length if 0 < length < math.inf else axis


def _coordinates(cells: Cells, axis: Tensor) -> Tensor:
    """Each cell's place along an axis, less that of the mean cell; 0 where a cell does not count."""
    return cells.centred(torch.mv(cells.kept.T, axis))


def strong_minus_weak(cells: Cells) -> tuple[Tensor, Tensor]:
    """Where to begin: from weak cells to strong ones; and whether there is a difference between them."""
    strength = cells.kept.abs().mean(0)
    contrast = cells.centred(strength)
    is_flat = torch.linalg.vector_norm(contrast) <= _ROUNDING * torch.linalg.vector_norm(strength)
    seed, is_nothing = unit(torch.mv(cells.kept, unit(contrast)[0]))
    return seed, ~(is_flat | is_nothing)
