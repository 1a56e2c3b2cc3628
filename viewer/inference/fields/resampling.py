"""What resizing a map does to receptive fields: which cells a cell between cells is read from.

With n cells before and m after, nearest neighbour puts cell o at o * n / m, the other kinds at (o + 0.5) * n / m - 0.5.
Where a factor f is given PyTorch takes 1 / f for n / m, which differs if it makes no whole number of cells. With
corners aligned cell o lies at o * (n - 1) / (m - 1). Formulas: PyTorch, aten/src/ATen/native/UpSample.h,
`area_pixel_compute_source_index` and what stands around it; for the antialiased kinds cpu/UpSampleKernel.cpp,
`_compute_indices_min_size_weights_aa`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.inference.fields.step import Step, is_map, resized, trace_of
from viewer.inference.fields.trace import Known, Lost

if TYPE_CHECKING:
    from viewer.core.field import Span

Reach = Callable[[float], tuple[float, float]]
"""From input cells for each output cell to the first and last that output cell 0 is made of, relative to it."""


def _nearest(share: float) -> tuple[float, float]:
    """Cell floor(o * share)."""
    return _least_of_floor(share), 0.0


def _nearest_exact(share: float) -> tuple[float, float]:
    """Cell floor((o + 0.5) * share)."""
    if share.is_integer():
        return share // 2, share // 2
    return (_least_of_floor(share), 0.0) if (1 / share).is_integer() else (share / 2 - 1, share / 2)


def _least_of_floor(share: float) -> float:
    """By how much floor(o * share) may lie below o * share, as a number below 0."""
    if share.is_integer():
        return 0.0
    return share - 1 if (1 / share).is_integer() else -1.0


def _around(cells: int) -> Reach:
    """So many cells to each side."""
    return lambda share: ((share - 1) / 2 - cells, (share - 1) / 2 + cells)


def _averaged(cells: int) -> Reach:
    """The same antialiased: where the map becomes smaller, as many cells more."""

    def reach(share: float) -> tuple[float, float]:
        support = cells * max(1.0, share)
        return (share - 1) / 2 - support, (share - 1) / 2 + support

    return reach


def _by(reach: Reach, aligned: int = 0) -> Callable[[Step], Known]:
    """A rule.

    Args:
        reach: Of a cell.
        aligned: Cells to each side where corners are aligned, for kinds that can.
    """

    def follow(step: Step) -> Known:
        trace = trace_of(step)
        if not is_map(trace):
            return Lost(step.name)
        spans: list[Span] = []
        sides = zip((trace.rows, trace.columns), trace.hw, step.made.shape[-2:], _factors(step), strict=True)
        for span, before, after, factor in sides:
            if before == after and factor in (None, 1.0):
                spans.append(span)
            elif step.given.get("align_corners"):
                share = (before - 1) / (after - 1) if after > 1 else 0.0
                spans.append(span.through(step=share, first=-aligned, last=aligned))
            else:
                share = 1 / factor if factor else before / after
                first, last = reach(share)
                spans.append(span.through(step=share, first=first, last=last))
        return resized(step, trace, spans[0], spans[1])

    return follow


def _factors(step: Step) -> tuple[float | None, float | None]:
    """By which the sides are scaled, where that is told beside their sizes."""
    both = step.given.get("scale_factors") or (step.given.get("scales_h"), step.given.get("scales_w"))
    return both[0], both[1]


RESAMPLING: dict[str, Callable[[Step], Known]] = {
    "upsample_nearest2d": _by(_nearest),
    "_upsample_nearest_exact2d": _by(_nearest_exact),
    "upsample_bilinear2d": _by(_around(1), aligned=1),
    "upsample_bicubic2d": _by(_around(2), aligned=2),
    "_upsample_bilinear2d_aa": _by(_averaged(1), aligned=1),
    "_upsample_bicubic2d_aa": _by(_averaged(2), aligned=2),
}
"""Rules by name of the operation."""
