"""What each operation of PyTorch does to receptive fields: a rule a kind, looked up by the operation's name.

A rule is given the operation's arguments by name and what is known of its operands, and says what is known of the
result. Formulas are those of `viewer.core.field.Span.through`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from viewer.core.field import Span
from viewer.inference.fields.resampling import RESAMPLING
from viewer.inference.fields.step import Step, is_map, resized, trace_of
from viewer.inference.fields.trace import Everything, Known, Lost, Trace, joined, relocated


def followed(step: Step) -> Known:
    """What is known of the result of an operation."""
    if any(isinstance(known, Everything) for _, known in step.known):
        return Everything()
    lost = next((known for _, known in step.known if isinstance(known, Lost)), None)
    if lost is not None:
        return lost
    rule = _cellwise if step.is_pointwise else RULES.get(step.name)
    return Lost(step.name) if rule is None else rule(step)


def _pair(value: Any) -> tuple[int, int]:
    sides = list(value) if isinstance(value, list | tuple) else [value]
    return (sides[0], sides[-1])


# --- cells stay where they are --------------------------------------------------------------------------------------


def _cellwise(step: Step) -> Known:
    return joined([known for _, known in step.known])


def _along(step: Step) -> Known:
    """Values along one dimension are mixed or picked: fine beside the cells, and within them everything."""
    trace, before = trace_of(step), step.known[0][0]
    places = {place if place < 0 else place - before.ndim for place in _dimensions(step.given, before.ndim)}
    if places & set(trace.axes):
        return Everything()
    gone = sorted(places) if step.made.ndim < before.ndim else []
    return replace(_joined_trace(step), axes=_without(trace.axes, gone))


def _joined_trace(step: Step) -> Trace:
    known = joined([known for _, known in step.known])
    return known if isinstance(known, Trace) else trace_of(step)


def _dimensions(given: Mapping[str, Any], ndim: int) -> list[int]:
    wanted = given.get("dim", given.get("dims"))
    if wanted is None or wanted == []:
        return list(range(ndim))
    return list(wanted) if isinstance(wanted, list | tuple) else [wanted]


def _without(axes: tuple[int, int], gone: Sequence[int]) -> tuple[int, int]:
    """Places from the last dimension once some are gone."""
    row, column = (axis + sum(place > axis for place in gone) for axis in axes)
    return row, column


def _cat(step: Step) -> Known:
    trace = trace_of(step)
    place = step.given["dim"]
    if (place if place < 0 else place - step.made.ndim) in trace.axes:
        return Lost("cat along rows or columns")
    return _cellwise(step)


def _slice(step: Step) -> Known:
    trace, before = trace_of(step), step.known[0][0]
    place = step.given["dim"]
    place = place if place < 0 else place - before.ndim
    if place not in trace.axes:
        return trace
    if trace.is_flat:
        return Lost("slice of flattened cells")
    start = step.given["start"] or 0
    start = max(0, start + before.shape[place]) if start < 0 else start
    part = {"step": step.given["step"], "first": start, "last": start}
    is_row = place == trace.axes[0]
    rows = trace.rows.through(**part) if is_row else trace.rows
    columns = trace.columns if is_row else trace.columns.through(**part)
    return resized(step, trace, rows, columns)


def _picked(step: Step) -> Known:
    """`select` and `unbind`: one dimension goes."""
    trace, before = trace_of(step), step.known[0][0]
    place = step.given["dim"]
    place = place if place < 0 else place - before.ndim
    if place in trace.axes:
        return Lost(f"{step.name} of a row or column")
    return replace(trace, axes=_without(trace.axes, [place]))


def _split(step: Step) -> Known:
    trace, before = trace_of(step), step.known[0][0]
    place = step.given["dim"]
    place = place if place < 0 else place - before.ndim
    return Lost("split of rows or columns") if place in trace.axes else trace


def _viewed(step: Step) -> Known:
    found = relocated(trace_of(step), step.known[0][0].shape, step.made.shape)
    return Lost(step.name) if found is None else found


def _permuted(step: Step) -> Known:
    trace, ndim = trace_of(step), step.made.ndim
    if step.name == "permute":
        order = [place % ndim for place in step.given["dims"]]
    else:
        order = list(range(ndim))
        one, other = (0, 1) if step.name == "t" else (step.given["dim0"], step.given["dim1"])
        if ndim > 1:
            order[one], order[other] = order[other], order[one]
    row, column = (order.index(axis % ndim) - ndim for axis in trace.axes)
    return replace(trace, axes=(row, column))


def _multiplied(step: Step) -> Known:
    """A product of matrices; with weights it looks at each cell alone, as long as cells are not what it sums over."""
    trace, before = trace_of(step), step.known[0][0]
    if len(step.known) > 1:
        return Everything()  # attention: what stands here decides how much of what stands there
    names = [name for name in ("self", "mat1", "input", "mat2", "weight", "other") if name in step.given]
    left = step.given["mat1"] if step.name in ("addmm", "baddbmm") else step.given[names[0]]
    is_left = left is before or step.given.get("batch1") is before
    summed = -1 if is_left else -2
    return Everything() if summed in trace.axes else trace


# --- cells are made of several ---------------------------------------------------------------------------------------


def _convolved(step: Step) -> Known:
    trace, given = trace_of(step), step.given
    if len(step.known) > 1 or not is_map(trace) or given["weight"].ndim != 4:
        return Lost(step.name)
    kernel, stride = given["weight"].shape[2:], _pair(given["stride"])
    padding, dilation = _pair(given["padding"]), _pair(given["dilation"])
    spans = [
        _window(span, k, s, p, d, is_transposed=bool(given.get("transposed")))
        for span, k, s, p, d in zip((trace.rows, trace.columns), kernel, stride, padding, dilation, strict=True)
    ]
    return resized(step, trace, spans[0], spans[1])


def _window(span: Span, k: int, s: int, p: int, d: int, *, is_transposed: bool = False) -> Span:
    if is_transposed:  # cell o is made of the cells i with o = s * i - p + d * j, 0 <= j < k
        return span.through(step=1 / s, first=(p - d * (k - 1)) / s, last=p / s)
    return span.through(step=s, first=-p, last=d * (k - 1) - p)


def _pooled(step: Step) -> Known:
    trace, given = trace_of(step), step.given
    if not is_map(trace):
        return Lost(step.name)
    kernel, padding = _pair(given["kernel_size"]), _pair(given["padding"])
    stride = _pair(given["stride"]) if given["stride"] else kernel
    dilation = _pair(given.get("dilation", 1))
    spans = [
        _window(span, k, s, p, d)
        for span, k, s, p, d in zip((trace.rows, trace.columns), kernel, stride, padding, dilation, strict=True)
    ]
    return resized(step, trace, spans[0], spans[1])


def _pooled_to(step: Step) -> Known:
    """To a size: window i reaches from floor(i * n / m) to ceil((i + 1) * n / m), as in PyTorch's AdaptivePooling."""
    trace = trace_of(step)
    if not is_map(trace):
        return Lost(step.name)
    spans: list[Span] = []
    for span, before, after in zip((trace.rows, trace.columns), trace.hw, step.made.shape[-2:], strict=True):
        if after == 1 and before > 1:
            return Everything()
        share = before / after
        slack = 0 if before % after == 0 else 1
        spans.append(span.through(step=share, first=-slack, last=math.ceil(share) - 1 + slack))
    return resized(step, trace, spans[0], spans[1])


def _padded(step: Step) -> Known:
    trace = trace_of(step)
    pads = list(step.given.get("pad") or step.given["padding"])
    if trace.is_flat or any(axis < -2 for axis in trace.axes):
        return Lost(step.name)
    left, top = (pads[2 * (-1 - axis)] if len(pads) > 2 * (-1 - axis) else 0 for axis in trace.axes[::-1])
    # Mirrored cells depend on others, but only beyond the edge, where no pixel is.
    return resized(
        step,
        trace,
        trace.rows.through(first=-top, last=-top),
        trace.columns.through(first=-left, last=-left),
    )


def _shuffled(step: Step) -> Known:
    """Channels become cells between the cells."""
    trace, factor = trace_of(step), step.given["upscale_factor"]
    spans = [
        span.through(step=1 / factor, first=-(factor - 1) / factor, last=0.0) for span in (trace.rows, trace.columns)
    ]
    return resized(step, trace, spans[0], spans[1]) if is_map(trace) else Lost(step.name)


def _normed(step: Step) -> Known:
    """By kept figures each cell alone; by those of the map itself, as instance norm does, everything."""
    by_itself = step.given.get("training") or step.given.get("use_input_stats")
    return Everything() if by_itself else _cellwise(step)


def _layer_normed(step: Step) -> Known:
    """Over the last dimensions: each cell alone, where those are its channels."""
    trace = trace_of(step)
    return Everything() if any(axis >= -len(step.given["normalized_shape"]) for axis in trace.axes) else trace


def _everything(_step: Step) -> Known:
    return Everything()


Rule = Callable[[Step], Known]

_CELLWISE = (
    "clone", "copy_", "_to_copy", "contiguous", "detach", "detach_", "alias", "lift_fresh", "expand", "prelu",
    "_prelu_kernel", "native_dropout", "dropout", "_native_batch_norm_legit_no_training", "_batch_norm_no_update", "to",
    "hardswish", "hardswish_", "gelu_", "relu6_", "log_sigmoid_forward", "fill_", "zero_",
)  # fmt: skip
_ALONG = (
    "sum", "mean", "amax", "amin", "max", "min", "argmax", "argmin", "std", "var", "var_mean", "norm",
    "linalg_vector_norm", "_softmax", "_log_softmax", "softmax", "cumsum", "topk", "sort", "glu", "logsumexp", "prod",
)  # fmt: skip
_VIEWS = ("view", "_unsafe_view", "reshape", "_reshape_alias", "unsqueeze", "squeeze", "flatten", "unflatten")

_NORMS = (
    "batch_norm", "native_batch_norm", "cudnn_batch_norm", "miopen_batch_norm", "_native_batch_norm_legit",
)  # fmt: skip

RULES: dict[str, Rule] = {
    **dict.fromkeys(_CELLWISE, _cellwise),
    **dict.fromkeys(_NORMS, _normed),
    **dict.fromkeys(_ALONG, _along),
    **dict.fromkeys(_VIEWS, _viewed),
    **dict.fromkeys(("permute", "transpose", "t"), _permuted),
    **dict.fromkeys(("split", "split_with_sizes", "chunk", "unsafe_split", "unsafe_chunk"), _split),
    **dict.fromkeys(("select", "unbind"), _picked),
    **dict.fromkeys(("mm", "addmm", "bmm", "baddbmm", "matmul", "linear"), _multiplied),
    **dict.fromkeys(("convolution", "_convolution", "cudnn_convolution", "mkldnn_convolution"), _convolved),
    **dict.fromkeys(("max_pool2d_with_indices", "max_pool2d", "avg_pool2d", "mkldnn_max_pool2d"), _pooled),
    **dict.fromkeys(("_adaptive_avg_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d"), _pooled_to),
    **RESAMPLING,
    **dict.fromkeys(("constant_pad_nd", "reflection_pad2d", "replication_pad2d"), _padded),
    "pixel_shuffle": _shuffled,
    "cat": _cat,
    "slice": _slice,
    **dict.fromkeys(("native_layer_norm", "layer_norm"), _layer_normed),
    "native_group_norm": _everything,
    "scaled_dot_product_attention": _everything,
    "_scaled_dot_product_flash_attention_for_cpu": _everything,
    "_scaled_dot_product_flash_attention": _everything,
    "_scaled_dot_product_efficient_attention": _everything,
    "_scaled_dot_product_attention_math": _everything,
    "_native_multi_head_attention": _everything,
}


def is_pointwise(func: Any) -> bool:
    """Whether PyTorch says that an operation looks at each value alone."""
    return torch.Tag.pointwise in func.tags
