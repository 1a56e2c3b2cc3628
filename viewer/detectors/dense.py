"""A head's flat list of anchors cut into levels of cells again."""

from collections.abc import Iterable

from torch import Tensor

from viewer.core.dense import DenseLevel

Cells = tuple[int, int, int]
"""Stride, rows and columns of a level."""


def cells_of(strides: Iterable[int], input_hw: tuple[int, int]) -> tuple[Cells, ...]:
    """The levels of an input of this height and width in pixels."""
    height, width = input_hw
    return tuple((stride, -(-height // stride), -(-width // stride)) for stride in strides)


def cut(
    scores: Tensor, boxes: Tensor, levels: Iterable[Cells], per_cell: Iterable[int], *, anchors_first: bool = False
) -> tuple[DenseLevel, ...]:
    """Cut what a head says of all anchors into levels.

    Args:
        scores: (N, classes) of each anchor, level after level.
        boxes: (N, 4) or (N, 5) likewise.
        levels: Their strides and sizes, in the order of the anchors.
        per_cell: Anchors in each cell of each level.
        anchors_first: Whether a level lists all its cells for one anchor, then for the next; otherwise all anchors of
            one cell, then of the next.
    """
    found: list[DenseLevel] = []
    begin = 0
    for (stride, rows, columns), count in zip(levels, per_cell, strict=True):
        end = begin + rows * columns * count
        shape = (count, rows, columns) if anchors_first else (rows, columns, count)
        order = (0, 1, 2, 3) if anchors_first else (2, 0, 1, 3)
        spread = [part[begin:end].reshape(*shape, -1).permute(order) for part in (scores, boxes)]
        found.append(DenseLevel(stride, spread[0].permute(0, 3, 1, 2), spread[1]))
        begin = end
    return tuple(found)
