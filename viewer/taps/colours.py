"""The three directions in which a stage's cells differ most, as red, green and blue, followed from frame to frame.

What `principal` does for one direction, for three at once: the directions of the frame before span a block that is
multiplied by the new frame's covariance and made orthonormal again, a few times (orthogonal iteration; Golub and Van
Loan, "Matrix Computations", section 8.2.4). The block then spans the right space; which directions in it are the
principal ones, the covariance within the block tells (Rayleigh-Ritz, section 8.1). It is three by three and is made
diagonal by Jacobi's rotations (section 8.5). Each direction then takes the colour of the one before that it is nearest
to, so that two do not change places when the weaker becomes the stronger. On a GPU none of it looks at a value, as
torch's own decompositions do, so that a graph can be captured of it; on a CPU those are twenty times as fast.
"""

from itertools import permutations

import torch
from torch import Tensor

from viewer.taps.principal import strong_minus_weak
from viewer.taps.reducers import WithMemory, may_look
from viewer.taps.sound import Cells, cells_of, unit

_STEPS = 3
"""Multiplications by the covariance a frame. On video one is enough; after a cut three come near in the first frame."""
_AT_REST = 0.003
"""A turn of the block, in radians, after which another one shows nothing; asked for only where that stops nothing."""
_SETTLING = 6.0
"""Frames after the first in which directions may still be put in order; from then on they keep their colours."""
_NOTHING_LEFT = 1e-5
"""Share of a direction beside those before it that is rounding and no direction."""
_PAIRS = ((0, 1), (0, 2), (1, 2))


class PrincipalColours(WithMemory):
    """Each cell's coordinates along the first three principal components of a stage's channels, in activation units.

    Centred: 0 is the mean cell. The strongest is red when a stage is first seen, then green, then blue; directions keep
    their colours and signs from then on. Strong cells are positive at first. Of fewer than three channels there are
    fewer components, and 0 in place of the others.
    """

    name = "pca-rgb"
    warm_up_frames = 0
    bands = ("PC1", "PC2", "PC3")

    def __init__(self) -> None:
        super().__init__()
        self._axes: Tensor | None = None  # (C, up to 3) float32, orthonormal; the switch counts frames until _SETTLING
        self._anywhere = torch.empty(0)  # where to begin
        self._turns = _Turns(0)

    @property
    def memory(self) -> tuple[Tensor, ...]:
        """The directions, so that their colours and signs stay whatever else is chosen or asked."""
        return () if self._axes is None or self._switch is None else (self._axes, self._switch)

    def map_shape(self, activation: Tensor) -> tuple[int, ...]:
        """Three coordinates a cell."""
        return 3, *activation.shape[1:]

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the coordinates; a cell that is not finite stays so and does not count for the others."""
        cells = cells_of(activation)
        axes, age = self._buffers(cells.kept)
        looks = may_look(activation)
        is_known = looks and bool(age >= _SETTLING)  # nothing has to be begun or put in order then
        turned = axes if is_known else self._begun(axes, age, *strong_minus_weak(cells))
        turned = _spread(cells, turned) if looks else _spread_blind(cells, turned)
        along = _coordinates(cells, turned)
        lengths = torch.linalg.vector_norm(along, dim=1, keepdim=True)
        along = torch.where(lengths > _NOTHING_LEFT * lengths.max(), along, 0.0)  # rounding shall not look like a map
        within = along @ along.T
        turn = torch.linalg.eigh(within)[1] if looks and within.isfinite().all() else self._turns.diagonalising(within)
        turned, along = turned @ turn, turn.T @ along
        order = self._turns.matching(turned.T @ axes)
        turned, along = turned.index_select(1, order), along.index_select(0, order)
        signs = (turned * axes).sum(0)
        if not is_known:
            signs = torch.where(age > 1, signs, along @ cells.kept.abs().mean(0))  # at first, strong cells are positive
        signs = torch.where(signs < 0, -1.0, 1.0)
        turned, along = turned * signs, along * signs[:, None]
        if not is_known:  # only now: a sign is that of the direction before, wherever its place is
            order = torch.where(
                age < _SETTLING, along.square().sum(1).argsort(descending=True), self._turns.as_they_are
            )
            turned, along = turned.index_select(1, order), along.index_select(0, order)
        axes.copy_(turned)
        out[: len(along)] = cells.marked(along).view(len(along), *out.shape[1:])
        if len(along) < len(out):
            out[len(along) :] = cells.marked(torch.zeros_like(along[0])).view(out.shape[1:])

    def _begun(self, axes: Tensor, age: Tensor, seed: Tensor, has_seed: Tensor) -> Tensor:
        """What to start from, a frame older; cells all alike tell no direction, so they are no beginning."""
        begun = torch.where(age > 0, axes, self._anywhere)  # forgotten, it is as new
        begun[:, 0] = torch.where((age > 0) | ~has_seed, begun[:, 0], seed)
        age.copy_(torch.where((age > 0) | has_seed, (age + 1).clamp_max(_SETTLING), age))
        return begun

    def _buffers(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        if self._axes is None or self._switch is None or len(self._axes) != len(kept):
            count = min(3, len(kept))
            anywhere = torch.randn(len(kept), count, generator=torch.Generator().manual_seed(0))
            axes: Tensor = torch.linalg.qr(anywhere)[0]
            self._anywhere = axes.to(kept.device)
            self._axes = self._anywhere.clone()
            self._switch = kept.new_zeros(())
            self._turns = _Turns(count, kept.device)
            self._take_what_is_left()
        return self._axes, self._switch


class _Turns:
    """Jacobi's rotations for a symmetric matrix of this size, with the constants they are made of.

    Args:
        size: Rows and columns, up to 3.
        device: Where.
    """

    def __init__(self, size: int, device: torch.device | None = None) -> None:
        self._orders = torch.tensor(list(permutations(range(size))), device=device)
        self.as_they_are = torch.arange(size, device=device)
        # Where in a matrix row by row the entries lie that each order would bring onto the diagonal.
        self._diagonals = (self._orders * size + self.as_they_are).flatten()
        self._pairs: list[tuple[int, int, Tensor, Tensor]] = []
        self._still = torch.eye(size, device=device)
        for p, q in _PAIRS:
            if q < size:
                on, across = torch.zeros(size, size), torch.zeros(size, size)
                on[p, p] = on[q, q] = across[p, q] = 1.0
                across[q, p] = -1.0
                self._pairs.append((p, q, on.to(device), across.to(device)))

    def diagonalising(self, matrix: Tensor) -> Tensor:
        """The product of one sweep of rotations; near a diagonal matrix one is enough, and the next frame goes on.

        Args:
            matrix: (k, k) symmetric.

        Returns:
            (k, k) rotation R for which R^T matrix R is nearer to a diagonal one.
        """
        whole = self._still
        for p, q, on, across in self._pairs:
            off = matrix[p, q]
            slope = (matrix[q, q] - matrix[p, p]) / (2 * off)
            tangent = torch.copysign(1 / (slope.abs() + (slope * slope + 1).sqrt()), slope)
            tangent = torch.where(off == 0, 0.0, tangent)
            cosine = (tangent * tangent + 1).rsqrt()
            turn = self._still + (cosine - 1) * on + (tangent * cosine) * across
            matrix = turn.T @ matrix @ turn
            whole = whole @ turn
        return whole

    def matching(self, overlaps: Tensor) -> Tensor:
        """The order in which new directions are nearest to those before.

        Args:
            overlaps: (k, k) cosines, a row a new direction and a column one before.

        Returns:
            (k,) the new direction for the place of each one before.
        """
        shares = overlaps.abs().flatten().index_select(0, self._diagonals).view(self._orders.shape).sum(1)
        return self._orders.index_select(0, shares.argmax(keepdim=True))[0]


def orthonormal(wide: Tensor, before: Tensor) -> Tensor:
    """Columns of length 1 at right angles that span what the columns of a block span, the first one first.

    Args:
        wide: (C, k) the block.
        before: (C, k) orthonormal; stands in where a column has no direction of its own.
    """
    columns: list[Tensor] = []
    for number in range(wide.shape[1]):
        instead = before[:, number]
        column, is_nothing = unit(wide[:, number])
        column = torch.where(is_nothing, instead, column)
        if columns:
            others = torch.stack(columns, 1)
            column = _beside(column, others)
            column = torch.where(torch.linalg.vector_norm(column) > _NOTHING_LEFT, column, _beside(instead, others))
            column, is_nothing = unit(_beside(unit(column)[0], others))  # twice is enough
            column = torch.where(is_nothing, instead, column)
        columns.append(column)
    return torch.stack(columns, 1)


def _beside(column: Tensor, others: Tensor) -> Tensor:
    """What of a column is at right angles to others."""
    return column - others @ (others.T @ column)


def _coordinates(cells: Cells, axes: Tensor) -> Tensor:
    """(k, N) place of each cell along each axis, less that of the mean cell; 0 where a cell does not count."""
    return cells.centred(axes.T @ cells.kept)


def _multiplied(cells: Cells, axes: Tensor) -> Tensor:
    """Axes (C, k) times the covariance, but for a factor; not finite where the cells are all alike."""
    along, _ = unit(_coordinates(cells, axes))  # neither large nor small ones leave float32's range
    # Rows times cells: a product with so few columns takes many times as long.
    return (along @ cells.kept.T).T


def _spread(cells: Cells, axes: Tensor) -> Tensor:
    """A block that has been multiplied until it rests, orthonormal; as it was where the cells are all alike."""
    for _ in range(_STEPS):
        wide = _multiplied(cells, axes)
        if not wide.isfinite().all():
            return axes
        before, axes = axes, torch.linalg.qr(wide)[0]
        if torch.linalg.matrix_norm(axes - before @ (before.T @ axes)) < _AT_REST:
            break
    return axes


def _spread_blind(cells: Cells, axes: Tensor) -> Tensor:
    """The same, always in as many steps and without torch's own decomposition, which asks for values."""
    for _ in range(_STEPS):
        axes = orthonormal(_multiplied(cells, axes), axes)
    return axes
