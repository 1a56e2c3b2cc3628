"""The maps of many predictions of one frame, merged, without a way back through the whole head for each.

The raw score of a cell is made from few cells around it. So the branch that makes scores runs once more, over small
windows around the cells of the chosen predictions, all at once, and one way back through these windows tells what
speaks for each. What a level is made from before the head is found by going back from there, as for any stage.

A window at the border of the map ends where the map ends, so convolutions see the same padding. That a window was
large enough is looked up: the score in its cell must come out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from viewer.inference.studies.layercam import cells_of, merged

Window = tuple[slice, slice]
_NEARLY = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A level of the head.

    Attributes:
        stride: Input pixels for each cell.
        first: Number of its first anchor.
        branch: Makes its raw scores from its activation, (N, C, h, w) to (N, classes, h, w).
        reached: What its scores are made from: activations of the levels before it, and its own last.
    """

    stride: int
    first: int
    branch: nn.Module
    reached: list[Tensor]

    @property
    def own(self) -> Tensor:
        """(1, C, h, w) the activation that enters the head."""
        return self.reached[-1]

    @property
    def map_hw(self) -> tuple[int, int]:
        """Rows and columns, one anchor a cell."""
        return self.own.shape[2], self.own.shape[3]


def merge_apart(raw: Tensor, slopes: Tensor, levels: Sequence[Level], input_hw: tuple[int, int]) -> Tensor | None:
    """The merged map of predictions of a dense head, see `layercam.merged`.

    Args:
        raw: (1, classes, anchors) what the head said before it became scores.
        slopes: The same shape: gradients of the chosen scores with respect to it, of each at its own anchor.
        levels: Of all anchors.
        input_hw: Height and width of the model's input in pixels.

    Returns:
        (H, W) float32 in 0..1; None where nothing is chosen, or scores are made otherwise than by the branches.
    """
    chosen = slopes[0].any(0).nonzero()[:, 0].tolist()
    whole = torch.zeros(input_hw, device=raw.device)
    for level in levels:
        end = level.first + level.map_hw[0] * level.map_hw[1]
        anchors = [anchor for anchor in chosen if level.first <= anchor < end]
        if anchors and not _merge_level(whole, raw.detach()[0], slopes[0], level, anchors):
            return None
    return whole if chosen else None


def _merge_level(whole: Tensor, raw: Tensor, slopes: Tensor, level: Level, anchors: list[int]) -> bool:
    """Lay the maps of some anchors of a level over the others; tells whether that was possible."""
    cells = [divmod(anchor - level.first, level.map_hw[1]) for anchor in anchors]
    reach = _reach_of(level.branch)
    windows = [_window(cell, reach, level.map_hw) for cell in cells]
    with torch.inference_mode(mode=False), torch.enable_grad():
        own = level.own.detach()
        patches = torch.cat([own[:, :, rows, columns] for rows, columns in windows]).requires_grad_()
        said = level.branch(patches)
        at = [
            (row - rows.start, column - columns.start)
            for (row, column), (rows, columns) in zip(cells, windows, strict=True)
        ]
        place = torch.arange(len(anchors)), slice(None), [row for row, _ in at], [column for _, column in at]
        again = said[place]  # (N, classes)
        if not torch.allclose(again.detach().float(), raw.T[anchors].float(), rtol=_NEARLY, atol=_NEARLY):
            return False
        (gradients,) = torch.autograd.grad(again, patches, slopes.T[anchors].to(again.dtype))
    maps = (gradients.float().relu() * patches.detach().float()).sum(1).relu_()
    for found, window in zip(maps, windows, strict=True):
        _lay(whole, found, level.stride, window, level.map_hw)
    if level.reached[:-1]:
        _merge_before(whole, level, gradients, windows)
    return True


def _merge_before(whole: Tensor, level: Level, gradients: Tensor, windows: Sequence[Window]) -> None:
    """The same at the levels that this one is made from."""
    before = level.reached[:-1]
    each: list[tuple[Tensor | None, ...]] = []
    for gradient, (rows, columns) in zip(gradients, windows, strict=True):
        wanted = torch.zeros_like(level.own)
        wanted[0, :, rows, columns] = gradient
        each.append(torch.autograd.grad(level.own, before, wanted, retain_graph=True, allow_unused=True))
    maps = [
        cells_of(activation, torch.cat([one for one in found if one is not None]))
        for activation, found in zip(before, zip(*each, strict=True), strict=True)
        if found[0] is not None
    ]
    if maps:
        torch.maximum(whole, merged(maps, (whole.shape[0], whole.shape[1])), out=whole)


def _reach_of(branch: nn.Module) -> int:
    """How many cells to each side its scores are made from: convolutions one after the other add up."""
    convolutions = [part for part in branch.modules() if isinstance(part, nn.Conv2d)]
    return sum(max(part.dilation[axis] * (part.kernel_size[axis] // 2) for axis in (0, 1)) for part in convolutions)


def _window(cell: tuple[int, int], reach: int, map_hw: tuple[int, int]) -> Window:
    """Rows and columns around a cell, as many everywhere."""
    rows, columns = (_span(at, reach, size) for at, size in zip(cell, map_hw, strict=True))
    return rows, columns


def _span(at: int, reach: int, size: int) -> slice:
    count = min(size, 2 * reach + 1)
    start = min(max(0, at - reach), size - count)
    return slice(start, start + count)


def _lay(whole: Tensor, cells: Tensor, stride: int, window: Window, map_hw: tuple[int, int]) -> None:
    """Put the map of one prediction over what is there, spread as bilinear interpolation of a whole map would.

    Args:
        whole: (H, W), changed in place.
        cells: (h, w) of the window.
        stride: Pixels of `whole` for each cell.
        window: Where they lie in the map, which is zero elsewhere.
        map_hw: Rows and columns of the map.
    """
    rows, columns = window
    # A cell more on each side, of nothing, into which the map fades; at the border there is none to fade into.
    up, left = min(1, rows.start), min(1, columns.start)
    down, right = min(1, map_hw[0] - rows.stop), min(1, map_hw[1] - columns.stop)
    alone = torch.nn.functional.pad(cells, (left, right, up, down))[None, None]
    spread = torch.nn.functional.interpolate(alone, scale_factor=float(stride), mode="bilinear", align_corners=False)
    shares = spread[0, 0] / spread.amax().clamp_(min=1e-7)
    top, begin = (rows.start - up) * stride, (columns.start - left) * stride
    part = whole[top : top + shares.shape[0], begin : begin + shares.shape[1]]
    torch.maximum(part, shares, out=part)
