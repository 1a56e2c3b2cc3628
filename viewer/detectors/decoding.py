"""What raw outputs mean, for formats that carry a network but not how its numbers become boxes.

Each preset is a `Decoder` with the name a user gives to `--decode`. `guess_decoder` looks at the outputs of a dry run
and picks one, which the adapter says in its notes; `find_decoder` takes the user's word. Everything is computed on
the device, without waiting for it and with fixed shapes.

Two things differ between exports of one kind and are told by the numbers themselves, on every frame: box coordinates
that all stay below 2 are shares of the input, not pixels; class scores of an SSD that add up to one hold the
background first.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from viewer.core.dense import DenseLevel
from viewer.core.errors import DetectorError, did_you_mean
from viewer.core.suppression import Suppression
from viewer.detectors.dense import cells_of, cut
from viewer.detectors.rows import corners, pack_best

Picked = tuple[Tensor, ...]
"""The outputs a decoder reads, in its own order."""

_FEW = 1000
"""Rows up to which an output may be a list of chosen boxes; a dense head at a usual size has more."""
SHARES_BELOW = 2.0
"""Least number that is no share of the input: a box at its edge may reach over it, by less than its whole size."""
_LEVELS = ((8, 16, 32), (4, 8, 16, 32), (8, 16, 32, 64), (8, 16), (16, 32))
_ANCHORS_A_CELL = range(1, 10)
_BINS = 16
_DENSE_FAMILY = re.compile(r"yolov?(8|9|11|12)[a-z]?", re.IGNORECASE)
"""Models whose exports `yolo` reads. A suggestion by spelling would lead to `yolov5`, which reads other columns."""
_EITHER_FAMILY = re.compile(r"yolov?(10|26)[a-z]?", re.IGNORECASE)
"""Models with an end-to-end head beside the dense one, of which an export has either."""


class UnknownOutputsError(DetectorError):
    """Outputs look like nothing known."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """One way in which outputs become boxes.

    Attributes:
        name: What `--decode` calls it.
        reads: Shapes and columns it expects, for messages and notes.
        suppression: What its rows still need.
        pick: Finds its outputs among all of them by shape; None where they are not there.
        is_likely: Whether the numbers of a dry run look like this kind; asked of what `pick` found.
        pack: From what `pick` found and the input's height and width to (1024, 7) rows.
        classes: Of how many classes there are scores in what `pick` found, which may wait for the device; None where it
            holds labels instead.
        dense: From what `pick` found and the input's height and width to what is said of every cell, as
            `viewer.core.protocols.ScoringDetector` tells it; None where the outputs have no cells.
    """

    name: str
    reads: str
    suppression: Suppression
    pick: Callable[[Sequence[Tensor]], Picked | None]
    is_likely: Callable[[Picked], bool]
    pack: Callable[[Picked, tuple[int, int]], Tensor]
    classes: Callable[[Picked], int | None] = lambda _picked: None
    dense: Callable[[Picked, tuple[int, int]], tuple[DenseLevel, ...]] | None = None

    def note(self, *, guessed: bool) -> str:
        """One line for `DetectorInfo.notes`: how outputs are read, and that another way can be asked for."""
        return f"decoded as {self.name}" + (", guessed from its outputs (--decode says otherwise)" if guessed else "")

    def count(self, outputs: Any) -> int | None:
        """How many classes the outputs of a network tell apart; None where they hold labels, or cannot be read."""
        picked = self.pick(tensors_of(outputs))
        return None if picked is None else self.classes(picked)

    def rows(self, outputs: Any, input_hw: tuple[int, int]) -> Tensor:
        """Read one frame's outputs.

        Args:
            outputs: Whatever the network returned: a tensor, or a nest of tuples, lists and mappings of tensors.
            input_hw: Height and width of the model's input in pixels.

        Returns:
            (1024, 7) float32 on the outputs' device; see `viewer.core.protocols.Detector.candidates`.

        Raises:
            DetectorError: If outputs of these shapes are not among them.
        """
        return self.pack(self._picked(outputs), input_hw)

    def levels(self, outputs: Any, input_hw: tuple[int, int]) -> tuple[DenseLevel, ...]:
        """What one frame's outputs say of every cell; none where they have no cells, or how many cannot be told.

        Raises:
            DetectorError: If outputs of these shapes are not among them.
        """
        return () if self.dense is None else self.dense(self._picked(outputs), input_hw)

    def _picked(self, outputs: Any) -> Picked:
        picked = self.pick(tensors_of(outputs))
        if picked is None:
            raise DetectorError(f"decode {self.name!r} reads {self.reads}, but the outputs are {describe(outputs)}")
        return picked


def find_decoder(name: str) -> Decoder:
    """The preset of a name, or of a model family whose exports it reads.

    Raises:
        DetectorError: If there is none; the message suggests the nearest, or lists them.
    """
    if _DENSE_FAMILY.fullmatch(name):
        return DECODERS["yolo"]
    if _EITHER_FAMILY.fullmatch(name):
        raise DetectorError(
            f"no decode {name!r}: its exports differ; give --decode end2end where the output is (1, N, 6), and yolo "
            "where it is (1, 4 + classes, anchors)"
        )
    if name not in DECODERS:
        hint = did_you_mean(name, DECODERS) or f"; give one of {', '.join(DECODERS)}, or a .py file that has decode()"
        raise DetectorError(f"no decode {name!r}{hint}")
    return DECODERS[name]


def guess_decoder(outputs: Any) -> Decoder:
    """The preset that outputs of a dry run look like, by their shapes and, where shapes are not enough, their numbers.

    Args:
        outputs: Whatever the network returned for one picture of the size it will run at. This waits for the device.

    Raises:
        UnknownOutputsError: If they look like none.
    """
    tensors = tensors_of(outputs)
    for decoder in DECODERS.values():
        picked = decoder.pick(tensors)
        if picked is not None and decoder.is_likely(picked):
            return decoder
    raise UnknownOutputsError(
        f"cannot tell how outputs {describe(outputs)} become boxes; give --decode with one of {', '.join(DECODERS)}, "
        "or a .py file that has decode()"
    )


def tensors_of(outputs: Any) -> list[Tensor]:
    """The tensors in a nest of tuples, lists and mappings, in order."""
    return list(_leaves(outputs))


def describe(outputs: Any) -> str:
    """Shapes of all tensors in a nest, in words."""
    shapes = [str(tuple(tensor.shape)) for tensor in _leaves(outputs)]
    return ", ".join(shapes) if shapes else "no tensors at all"


def _leaves(outputs: Any) -> Iterator[Tensor]:
    if isinstance(outputs, Tensor):
        yield outputs
    elif isinstance(outputs, Mapping):
        for value in outputs.values():
            yield from _leaves(value)
    elif isinstance(outputs, (tuple, list)):
        for value in outputs:
            yield from _leaves(value)


# What is where ------------------------------------------------------------------------------------------------------


def _lists(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [t for t in tensors if t.ndim == 3 and t.shape[0] == 1 and t.is_floating_point()]


def _mask_columns(tensors: Sequence[Tensor]) -> int:
    """How many columns of each row are mask coefficients: one a prototype, where there is one set of prototypes."""
    prototypes = [t for t in tensors if t.ndim == 4]
    return prototypes[0].shape[1] if len(prototypes) == 1 else 0


def _pick_dense(tensors: Sequence[Tensor]) -> Picked | None:
    """A dense head with one column an anchor, or one row an anchor; mask coefficients are cut off."""
    for table in _lists(tensors):
        narrow = 1 if table.shape[1] < table.shape[2] else 2
        used = table.shape[narrow] - _mask_columns(tensors)
        if used >= 5 and table.shape[1] != table.shape[2]:
            return (table.narrow(narrow, 0, used)[0],)
    return None


def _pick_rows_first(least: int) -> Callable[[Sequence[Tensor]], Picked | None]:
    def pick(tensors: Sequence[Tensor]) -> Picked | None:
        for table in _lists(tensors):
            used = table.shape[2] - _mask_columns(tensors)
            if used >= least and table.shape[1] > 1:
                return (table[0, :, :used],)
        return None

    return pick


def _pick_chosen(tensors: Sequence[Tensor]) -> Picked | None:
    for table in _lists(tensors):
        if table.shape[2] == 6 + _mask_columns(tensors):
            return (table[0, :, :6],)
    return None


def _pick_pair(*, boxes_first: bool) -> Callable[[Sequence[Tensor]], Picked | None]:
    """Boxes and class scores of as many rows; which is which where there are four classes is told by their order."""

    def pick(tensors: Sequence[Tensor]) -> Picked | None:
        lists = _lists(tensors)
        ordered = lists if boxes_first else lists[::-1]
        for boxes in ordered:
            others = [t for t in lists if t is not boxes and t.shape[1] == boxes.shape[1]]
            if boxes.shape[2] == 4 and others:
                return boxes[0], others[0][0]
        return None

    return pick


def _pick_levels(bins: int) -> Callable[[Sequence[Tensor]], Picked | None]:
    """Maps of several levels as (channels, H, W), finest first; the axis on which all are alike is the channels."""

    def pick(tensors: Sequence[Tensor]) -> Picked | None:
        maps = [t for t in tensors if t.ndim == 4 and t.shape[0] == 1 and t.is_floating_point()]
        for axis in (1, 3):
            if len(maps) > 1 and len({t.shape[axis] for t in maps}) == 1 and maps[0].shape[axis] > 4 * bins:
                levels = [t[0].movedim(axis - 1, 0) for t in maps]
                if len({level.shape[1] for level in levels}) == len(levels):
                    return tuple(sorted(levels, key=lambda level: -level.shape[1]))
        return None

    return pick


# What the numbers look like -----------------------------------------------------------------------------------------


def _are_shares(boxes: Tensor) -> bool:
    return bool((boxes.abs() < SHARES_BELOW).all())


def _are_whole(values: Tensor) -> bool:
    return bool((values == values.round()).all())


def _are_scores(values: Tensor) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _is_few_with_classes(picked: Picked) -> bool:
    return len(picked[0]) <= _FEW and _are_whole(picked[0][:, 5]) and _are_scores(picked[0][:, 4])


def _looks_like_end2end(picked: Picked) -> bool:
    table = picked[0]
    # Rows of zeros stand where nothing was found, so only what is there can look like shares.
    return _is_few_with_classes(picked) and not (_are_shares(table[:, :4]) and bool(table[:, :4].any()))


def _looks_like_rtdetr(picked: Picked) -> bool:
    table = picked[0]
    rows, columns = table.shape
    if not columns < rows <= _FEW or not _are_shares(table[:, :4]):
        return False
    return _is_few_with_classes(picked) if columns == 6 else _are_scores(table[:, 4:])


def _looks_like_yolo(picked: Picked) -> bool:
    columns, anchors = picked[0].shape
    return columns < anchors and _are_scores(picked[0][4:])


def _looks_like_yolov5(picked: Picked) -> bool:
    anchors, columns = picked[0].shape
    return columns < anchors and _are_scores(picked[0][:, 4:])


def _mostly_no_object(picked: Picked) -> bool:
    logits = picked[1]
    return float((logits.argmax(1) == logits.shape[1] - 1).float().mean()) > 0.5


def _mostly_no_class(picked: Picked) -> bool:
    """Whether class logits say no nearly everywhere, as a head's do and features do not."""
    return all(float(level[4 * _BINS :].float().median()) < -1 for level in picked)


# How it becomes rows ------------------------------------------------------------------------------------------------


def _in_pixels(boxes: Tensor, input_hw: tuple[int, int]) -> Tensor:
    """(N, 4) boxes in input pixels, whether they come so or as shares of the input."""
    are_shares = (boxes.abs() < SHARES_BELOW).all()
    return torch.where(are_shares, boxes * _size(boxes, input_hw), boxes)


def _size(like: Tensor, input_hw: tuple[int, int]) -> Tensor:
    """(4,) width, height, width, height on the device, without a copy from the host."""
    size = torch.empty(4, dtype=torch.float32, device=like.device)
    size[0::2], size[1::2] = float(input_hw[1]), float(input_hw[0])
    return size


def _grid(count: int, input_hw: tuple[int, int]) -> tuple[int, tuple[int, ...]] | None:
    """Anchors a cell and strides, finest first, where the number of anchors tells them; None where it does not."""
    fitting: list[tuple[int, tuple[int, ...]]] = []
    for strides in _LEVELS:
        cells = sum(rows * columns for _, rows, columns in cells_of(strides, input_hw))
        per_cell, rest = divmod(count, cells)
        if rest == 0 and per_cell in _ANCHORS_A_CELL:
            fitting.append((per_cell, strides))
    # Four anchors a cell at strides 16 and 32 are as many as one at 8 and 16; fewer a cell are likelier.
    return min(fitting) if fitting else None


def _anchor_strides(count: int, input_hw: tuple[int, int], device: torch.device) -> Tensor | None:
    """(count,) stride of each anchor where their number tells the levels, finest first; None where it does not."""
    grid = _grid(count, input_hw)
    if grid is None:
        return None
    per_cell, strides = grid
    parts = [(stride, per_cell * rows * columns) for stride, rows, columns in cells_of(strides, input_hw)]
    return torch.cat([torch.full((number,), float(stride), device=device) for stride, number in parts])


def _cut(scores: Tensor, boxes: Tensor, input_hw: tuple[int, int]) -> tuple[DenseLevel, ...]:
    """(N, classes) scores and (N, 4) corners, all cells of one anchor before those of the next, as YOLOs list them."""
    grid = _grid(len(scores), input_hw)
    if grid is None:
        return ()
    per_cell, strides = grid
    return cut(scores, boxes, cells_of(strides, input_hw), [per_cell] * len(strides), anchors_first=True)


def _pack_yolo(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    table = picked[0].float()
    table = table if table.shape[0] < table.shape[1] else table.T
    scores, labels = table[4:].max(0)
    strides = _anchor_strides(table.shape[1], input_hw, table.device)
    return pack_best(corners(_in_pixels(table[:4].T, input_hw)), scores, labels, strides)


def _dense_yolo(picked: Picked, input_hw: tuple[int, int]) -> tuple[DenseLevel, ...]:
    table = picked[0].float()
    table = table if table.shape[0] < table.shape[1] else table.T
    return _cut(table[4:].T, corners(_in_pixels(table[:4].T, input_hw)), input_hw)


def _dense_yolov5(picked: Picked, input_hw: tuple[int, int]) -> tuple[DenseLevel, ...]:
    table = picked[0].float()
    return _cut(table[:, 5:] * table[:, 4:5], corners(_in_pixels(table[:, :4], input_hw)), input_hw)


def _pack_yolov5(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    table = picked[0].float()
    classes, labels = table[:, 5:].max(1)
    strides = _anchor_strides(table.shape[0], input_hw, table.device)
    return pack_best(corners(_in_pixels(table[:, :4], input_hw)), classes * table[:, 4], labels, strides)


def _pack_end2end(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    table = picked[0].float()
    return pack_best(_in_pixels(table[:, :4], input_hw), table[:, 4], table[:, 5])


def _pack_rtdetr(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    table = picked[0].float()
    boxes = corners(table[:, :4] * _size(table, input_hw))
    if table.shape[1] == 6:
        return pack_best(boxes, table[:, 4], table[:, 5])
    return pack_best(boxes, *table[:, 4:].max(1))


def _has_background(scores: Tensor) -> Tensor:
    """Whether the first of an SSD's (N, classes) scores is that of the background, as a truth on the device."""
    return ((scores.sum(1) - 1).abs() < 0.02).all() if scores.shape[1] > 1 else scores.new_zeros(()).bool()


def _pack_ssd(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    boxes, scores = (part.float() for part in picked)
    has_background = _has_background(scores)
    is_background = (torch.arange(scores.shape[1], device=scores.device) == 0) & has_background
    best, labels = scores.masked_fill(is_background, 0).max(1)
    return pack_best(_in_pixels(boxes, input_hw), best, labels - has_background.long())


def _pack_detr(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    boxes, logits = (part.float() for part in picked)
    scores, labels = logits.softmax(1)[:, :-1].max(1)
    return pack_best(corners(boxes * _size(boxes, input_hw)), scores, labels)


def _pack_detr_sigmoid(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
    boxes, logits = (part.float() for part in picked)
    queries, classes = logits.shape
    scores, flat = logits.sigmoid().flatten().topk(queries)
    chosen = boxes.index_select(0, flat // classes) * _size(boxes, input_hw)
    return pack_best(corners(chosen), scores, flat % classes)


def _pack_levels(bins: int) -> Callable[[Picked, tuple[int, int]], Tensor]:
    def pack(picked: Picked, input_hw: tuple[int, int]) -> Tensor:
        read = [_read_level(level, input_hw, bins) for level in picked]
        boxes, scores, strides = (torch.cat(parts, -1) for parts in zip(*read, strict=True))
        best, labels = scores.max(0)
        return pack_best(boxes.T, best, labels, strides)

    return pack


def _dense_levels(bins: int) -> Callable[[Picked, tuple[int, int]], tuple[DenseLevel, ...]]:
    def dense(picked: Picked, input_hw: tuple[int, int]) -> tuple[DenseLevel, ...]:
        found: list[DenseLevel] = []
        for level in picked:
            _, rows, columns = level.shape
            boxes, scores, _ = _read_level(level, input_hw, bins)
            spread = boxes.T.reshape(1, rows, columns, 4), scores.reshape(1, -1, rows, columns)
            found.append(DenseLevel(round(input_hw[1] / columns), spread[1], spread[0]))
        return tuple(found)

    return dense


def _read_level(level: Tensor, input_hw: tuple[int, int], bins: int) -> tuple[Tensor, Tensor, Tensor]:
    """Corners (4, N), scores (classes, N) and strides (N,) of the cells of one level.

    Distances to the four sides in cells, each the mean over a distribution of bins, from the middle of a cell.

    Source: Li et al., "Generalized Focal Loss", arXiv 2006.04388, equation 6, as in ultralytics/nn/modules/block.py.
    """
    _, rows, columns = level.shape
    values = level.float().flatten(1)
    stride = input_hw[1] / columns
    sides = values[: 4 * bins].reshape(4, bins, -1)
    bin_of = torch.arange(bins, device=level.device, dtype=torch.float32)[:, None]
    left, top, right, bottom = (sides.softmax(1) * bin_of).sum(1) if bins > 1 else sides[:, 0]
    y, x = torch.meshgrid(
        torch.arange(rows, device=level.device) + 0.5, torch.arange(columns, device=level.device) + 0.5, indexing="ij"
    )
    x, y = x.flatten(), y.flatten()
    boxes = torch.stack((x - left, y - top, x + right, y + bottom)) * stride
    return boxes, values[4 * bins :].sigmoid(), torch.full_like(x, stride)


DECODERS: dict[str, Decoder] = {
    decoder.name: decoder
    for decoder in (
        Decoder(
            "ssd",
            "(1, N, 4) corners and (1, N, classes) scores",
            Suppression.GREEDY,
            _pick_pair(boxes_first=True),
            lambda picked: _are_scores(picked[1]),
            _pack_ssd,
            lambda picked: picked[1].shape[1] - int(_has_background(picked[1].float())),
        ),
        Decoder(
            "detr",
            "(1, Q, classes + 1) logits whose last is no object, softmax, and (1, Q, 4) centre, size as shares",
            Suppression.NONE,
            _pick_pair(boxes_first=False),
            lambda picked: _are_shares(picked[0]) and _mostly_no_object(picked),
            _pack_detr,
            lambda picked: picked[1].shape[1] - 1,
        ),
        Decoder(
            "detr-sigmoid",
            "(1, Q, classes) logits, sigmoid, and (1, Q, 4) centre, size as shares",
            Suppression.NONE,
            _pick_pair(boxes_first=False),
            lambda picked: _are_shares(picked[0]),
            _pack_detr_sigmoid,
            lambda picked: picked[1].shape[1],
        ),
        Decoder(
            "end2end",
            "(1, N, 6) corners, score, class",
            Suppression.NONE,
            _pick_chosen,
            _looks_like_end2end,
            _pack_end2end,
        ),
        Decoder(
            "rtdetr",
            "(1, N, 6) centre, size, score, class or (1, N, 4 + classes) centre, size, scores, all shares of the input",
            Suppression.NONE,
            _pick_rows_first(5),
            _looks_like_rtdetr,
            _pack_rtdetr,
            lambda picked: None if picked[0].shape[1] == 6 else picked[0].shape[1] - 4,
        ),
        Decoder(
            "yolo",
            "(1, 4 + classes, anchors) centre, size, class scores",
            Suppression.GREEDY,
            _pick_dense,
            _looks_like_yolo,
            _pack_yolo,
            lambda picked: min(picked[0].shape) - 4,
            _dense_yolo,
        ),
        Decoder(
            "yolov5",
            "(1, anchors, 5 + classes) centre, size, objectness, class scores",
            Suppression.GREEDY,
            _pick_rows_first(6),
            _looks_like_yolov5,
            _pack_yolov5,
            lambda picked: picked[0].shape[1] - 5,
            _dense_yolov5,
        ),
        Decoder(
            "dfl",
            "two or more (1, 64 + classes, H, W) levels, or channels last: distances in 16 bins, class logits",
            Suppression.GREEDY,
            _pick_levels(_BINS),
            _mostly_no_class,
            _pack_levels(_BINS),
            lambda picked: picked[0].shape[0] - 4 * _BINS,
            _dense_levels(_BINS),
        ),
        Decoder(
            "ltrb",
            "two or more (1, 4 + classes, H, W) levels, or channels last: distances in cells, class logits",
            Suppression.GREEDY,
            _pick_levels(1),
            lambda _: False,  # any maps look like it, so it is only taken by name
            _pack_levels(1),
            lambda picked: picked[0].shape[0] - 4,
            _dense_levels(1),
        ),
    )
}
"""Presets by name, in the order in which they are guessed."""
