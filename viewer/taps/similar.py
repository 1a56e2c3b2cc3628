"""Where a stage sees what it saw at one place: cosine similarity to the vector of a cell that was picked once.

The vector is held from the frame in which it was picked, so that what was pointed at is found again frame after frame,
wherever it goes. Every stage holds its own vector of that place.
"""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from viewer.core.geometry import Letterbox
from viewer.core.stage import Stage
from viewer.taps.reducers import Reducer, WithMemory, may_look
from viewer.taps.sound import cells_and_lengths, unit


@dataclass(slots=True)
class _Held:
    """What a graph reads and writes, so none of it is ever replaced for an activation of the same shape.

    Attributes:
        shape: (C, H, W) of the activation.
        cell: (1,) int64, number of the cell the vector is taken from, row by row.
        query: (C,) float32, the vector at length 1; zeros where it has none.
    """

    shape: torch.Size
    cell: Tensor
    query: Tensor


class Similarity(WithMemory):
    """Cosine between each cell's channels and those of one cell: 1 alike, 0 nothing in common, -1 opposite.

    Held from the first frame since the place was set, or since the stage was tapped, in which that cell is finite;
    pictures of another size are compared with the same vector. A cell without any activation is like nothing: 0.

    Args:
        at_xy: Pixel of the source; one beyond the picture stands for the nearest in it.
        stride: Input pixels for each cell of the stage it follows.
    """

    warm_up_frames = 0
    is_live = True

    def __init__(self, at_xy: tuple[float, float], *, stride: int = 1) -> None:
        super().__init__()
        self.at_xy = at_xy
        self._stride = stride
        self._letterbox: Letterbox | None = None
        self._held: _Held | None = None

    @property
    def name(self) -> str:
        """What the user calls it."""
        return f"similarity:{self.at_xy[0]:g},{self.at_xy[1]:g}"

    def for_stage(self, stage: Stage) -> Self:
        """Hold a vector of this stage."""
        return type(self)(self.at_xy, stride=stage.stride)

    def aim(self, letterbox: Letterbox) -> None:
        """Know where the place lies in the model's input."""
        self._letterbox = letterbox

    @torch.inference_mode()
    def take_over(self, other: Reducer) -> None:
        """Another place is another number in the same buffer; its vector is taken from the next frame."""
        if isinstance(other, Similarity):
            self.at_xy = other.at_xy
            if self._held is not None and self._held.shape:  # inherited, it has none before a frame
                self._held.cell.fill_(self._cell(self._held.shape))
            self.forget()

    @property
    def vector(self) -> tuple[Tensor, Tensor] | None:
        """The vector that is held, (C,), and whether it is one already, 0 or 1; None before the first frame."""
        return None if self._held is None or self._switch is None else (self._held.query, self._switch)

    @torch.inference_mode()
    def inherit(self, other: Reducer) -> None:
        """Go on with the vector that another one of the same place holds of the same stage."""
        theirs = other.vector if isinstance(other, Similarity) and other.at_xy == self.at_xy else None
        mine = self.vector
        if theirs is None:
            return
        if mine is None:
            # Of no shape yet: the first activation says which cell the place is in.
            cell = torch.zeros(1, dtype=torch.int64, device=theirs[0].device)
            self._held, self._switch = _Held(torch.Size(), cell, theirs[0].clone()), theirs[1].clone()
        elif mine[0].shape == theirs[0].shape:
            for present, held in zip(mine, theirs, strict=True):
                present.copy_(held)

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the similarities, -1..1; a cell that is not finite stays so."""
        cells, lengths = cells_and_lengths(activation)
        held, switch = self._buffers(activation, cells.kept)
        # Told whether there is one already, a host leaves out looking for one.
        if not (may_look(activation) and switch > 0):
            picked, has_none = unit(cells.kept.index_select(1, held.cell)[:, 0])
            is_sound = cells.sound.index_select(0, held.cell)[0]
            takes = (switch == 0) & is_sound
            held.query.copy_(torch.where(takes, torch.where(has_none, 0.0, picked), held.query))
            switch.copy_((switch > 0) | is_sound)
        along = torch.mv(cells.kept.T, held.query)
        cosines = torch.where(lengths > 0, along / lengths, 0.0).clamp_(-1.0, 1.0)
        out.copy_(cells.marked(cosines).view_as(out))

    def _buffers(self, activation: Tensor, kept: Tensor) -> tuple[_Held, Tensor]:
        if self._held is None or self._switch is None or len(self._held.query) != len(kept):
            cell = torch.tensor([self._cell(activation.shape)], device=activation.device)
            self._held = _Held(activation.shape, cell, kept.new_zeros(len(kept)))
            self._switch = kept.new_zeros(())
        elif self._held.shape != activation.shape:  # the vector still means what it meant
            self._held.shape = activation.shape
            self._held.cell.fill_(self._cell(activation.shape))
        return self._held, self._switch

    def _cell(self, shape: torch.Size) -> int:
        """Number of the cell over the place; the middle one where nobody said how pictures lie in the input."""
        rows, columns = shape[1:]
        if self._letterbox is None:
            return rows // 2 * columns + columns // 2
        height, width = self._letterbox.image_hw
        x, y = min(self.at_xy[0], math.nextafter(width, 0)), min(self.at_xy[1], math.nextafter(height, 0))
        rect = self._letterbox.rect_of_map((rows, columns), self._stride)
        row = math.floor((y - rect.y) / rect.height * rows)
        column = math.floor((x - rect.x) / rect.width * columns)
        return min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)
