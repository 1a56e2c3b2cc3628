"""How many input pixels a cell of a map stands for, which only makes sense of a map whose cells tile the input.

A shape alone must not be stretched to fit: a map of 32x32 cells with a border of one is 34x34, and 512 pixels over 34
is very nearly 15. Networks halve, so only a power of two may leave a cell of rounding at the edge; any other number of
pixels (a patch of 14, a stride of 3) has to come out even. A border that gives an even number by chance is told by
what made the map, see `viewer.detectors.flow`.
"""

import math


def stride_of(map_hw: tuple[int, int], input_hw: tuple[int, int]) -> int | None:
    """Input pixels per cell of a map that covers the input; None of one that does not, such as a padded one.

    Powers of two go first: SSD's coarsest maps of 300 pixels have 10 cells of 32 that stick out, not of 30.

    Args:
        map_hw: Rows and columns.
        input_hw: Height and width of the input in pixels.
    """
    if max(map_hw) == 1:
        return None
    power = math.log2(max(1.0, input_hw[1] / map_hw[1]))
    for stride in (1 << math.ceil(power), 1 << math.floor(power)):
        if all(cells in (size // stride, -(-size // stride)) for cells, size in zip(map_hw, input_hw, strict=True)):
            return stride
    even = input_hw[1] // map_hw[1]
    return even if even and all(n * even == size for n, size in zip(map_hw, input_hw, strict=True)) else None
