"""How outputs become candidate rows: by a preset, by a user's `decode`, or as a dry run's outputs suggest."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.dense import DenseLevel
from viewer.core.errors import DetectorError
from viewer.core.geometry import Letterbox
from viewer.core.suppression import Suppression
from viewer.detectors.custom.definition import Definition, load_definition
from viewer.detectors.decoding import (
    SHARES_BELOW,
    Decoder,
    UnknownOutputsError,
    find_decoder,
    guess_decoder,
    tensors_of,
)
from viewer.detectors.rows import CANDIDATES, pack_best

NO_DECODE = "no decode"
"""`DetectorInfo.warning` of a network whose outputs nobody can read: its maps are real, its lack of boxes is not."""

_WANTED = "return boxes (N, 4) as corners in input pixels, scores (N,), labels (N,)"
_SLACK = 1e-3
_NOTABLE = 0.25
"""Least score of boxes that are looked at: under it heads may answer anything."""
_SEVERAL = 3
"""Boxes that cannot all be specks in the upper left corner by chance."""
_NO_CORNERS = ": centre and size? return corners, left, top, right, bottom"
_SHARES = ": shares of the input? multiply them by its width and height, letterbox.input_hw[1] and [0]"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The way in which one detector's outputs are read.

    Attributes:
        pack: From the network's outputs and the letterbox of the frame to (1024, 7) rows on the device.
        suppression: What the rows still need.
        source: What gives the rows, as a message begins: `mine.py:12: decode()`.
        note: One line for the detector's notes; empty where there is nothing to say.
        classes: How many classes there are rows of; None where the outputs do not tell.
        preset: Name of the preset that reads them; empty where a user's code does, or nothing.
        warning: What no picture may be shown without; see `DetectorInfo.warning`.
        dense: From outputs and letterbox to what is said of every cell; None where that cannot be told.
    """

    pack: Callable[[Any, Letterbox], Tensor]
    suppression: Suppression
    source: str
    note: str = ""
    classes: int | None = None
    preset: str = ""
    warning: str = ""
    dense: Callable[[Any, Letterbox], tuple[DenseLevel, ...]] | None = None

    def check(self, rows: NDArray[np.float32]) -> None:
        """Refuse what is no score, and no box; what is not finite is no matter here, `read_rows` counts it.

        Args:
            rows: (1024, 7) on the host, so that looking at every frame holds up no device.

        Raises:
            DetectorError: If a score lies outside of 0..1, or the boxes are no corners in pixels.
        """
        self._check_scores(rows[:, 4])
        corners = rows[(rows[:, 4] > _NOTABLE) & np.isfinite(rows).all(1), :4]
        begin, end = corners[:, :2], corners[:, 2:]
        # A few of them may be slips of a sound network; they cover nothing and are dropped.
        if len(corners) and 2 * np.count_nonzero((end < begin).any(1)) >= len(corners):
            raise DetectorError(f"{self.source} gives boxes that end before they begin{self._advice(_NO_CORNERS)}")
        if _are_shares(corners):
            raise DetectorError(f"{self.source} gives boxes that all lie within two pixels{self._advice(_SHARES)}")

    def _advice(self, own: str) -> str:
        """What to do, to somebody whose own code it is or to one who chose a preset."""
        return "; give another --decode" if self.preset else own

    def _check_scores(self, scores: NDArray[np.float32]) -> None:
        is_wrong = (scores < -_SLACK) | (scores > 1 + _SLACK)
        wrong = scores[is_wrong & np.isfinite(scores)]
        if wrong.size:
            raise DetectorError(
                f"{self.source} gives a score of {wrong[0]:.3g}; scores must be 0 to 1, such as the sigmoid of logits"
            )


def _are_shares(corners: NDArray[np.float32]) -> bool:
    """Whether boxes (N, 4) that cover something all lie about 0..1, enough of them to be no chance."""
    solid = corners[(corners[:, 2:] > corners[:, :2]).all(1)]
    return len(solid) >= _SEVERAL and bool((np.abs(solid) < SHARES_BELOW).all())


def is_user_file(decode: str | None) -> bool:
    """Whether `--decode` names a file rather than a preset."""
    return decode is not None and PurePath(decode).suffix.lower() == ".py"


def load_reader(decode: str | None) -> Definition | None:
    """Run the file that `--decode` names; None where it names a preset or nothing.

    Raises:
        DetectorError: If the file has no `decode`, or its code fails.
    """
    if decode is None or not is_user_file(decode):
        return None
    definition = load_definition(decode)
    definition.require("decode")
    return definition


def choose_reading(
    outputs: Any, letterbox: Letterbox, *, decode: str | None = None, definition: Definition | None = None
) -> Reading:
    """Choose how outputs are read, and try it on those of a dry run.

    Args:
        outputs: What the network returned for some picture.
        letterbox: That of this picture.
        decode: Name of a preset the user asked for; it wins over the file.
        definition: The user's file, whose `decode` is taken if it has one.

    Returns:
        The reading; where nobody says how outputs are read and they look like nothing known, one without boxes, whose
        note says so: the network's maps can be looked at all the same.

    Raises:
        DetectorError: If the preset is unknown, or what comes out is not boxes, scores and labels.
    """
    if definition is not None and "decode" in definition.functions and (decode is None or is_user_file(decode)):
        suppression = Suppression.GREEDY if definition.suppress else Suppression.NONE
        own = _UserDecode(definition, of_any_format=is_user_file(decode))
        reading = Reading(own, suppression, f"{definition.place_of('decode')}: decode()")
    else:
        try:
            decoder = find_decoder(decode) if decode is not None else guess_decoder(outputs)
        except UnknownOutputsError as error:
            return _no_boxes(error, definition)
        note = decoder.note(guessed=decode is None)
        classes = decoder.count(outputs)
        source = f"decode {decoder.name!r}"
        dense = _dense(decoder)
        reading = Reading(_preset(decoder), decoder.suppression, source, note, classes, decoder.name, dense=dense)
    rows = reading.pack(outputs, letterbox).cpu().numpy()
    reading.check(rows)
    _require_names(rows, definition, reading.source)
    return reading


def _require_names(rows: NDArray[np.float32], definition: Definition | None, whose: str) -> None:
    """Refuse classes beyond the names that the file gives; counting from one or from zero is easily confused."""
    if definition is None or not definition.names:
        return
    label, count = int(np.nan_to_num(rows[:, 5]).max()), len(definition.names)
    if label >= count:
        raise DetectorError(
            f"{whose} gives a label of {label}, and names has {count}: 0 to {count - 1}; give every class its name, "
            "and count from 0"
        )


def _no_boxes(error: UnknownOutputsError, definition: Definition | None) -> Reading:
    """A reading that finds nothing, and says what would make it find something."""
    lacking = f"{definition.path.name} does not define decode(outputs, letterbox), and " if definition else ""

    def pack(outputs: Any, _letterbox: Letterbox) -> Tensor:
        tensors = tensors_of(outputs)
        return torch.zeros((CANDIDATES, 7), device=tensors[0].device if tensors else None)

    return Reading(pack, Suppression.NONE, "no decode", f"no boxes: {lacking}{error}", warning=NO_DECODE)


def _preset(decoder: Decoder) -> Callable[[Any, Letterbox], Tensor]:
    return lambda outputs, letterbox: decoder.rows(outputs, letterbox.input_hw)


def _dense(decoder: Decoder) -> Callable[[Any, Letterbox], tuple[DenseLevel, ...]] | None:
    if decoder.dense is None:
        return None
    return lambda outputs, letterbox: decoder.levels(outputs, letterbox.input_hw)


class _UserDecode:
    """Calls a file's `decode` and packs what it returns, whatever the number of boxes.

    Args:
        definition: The file.
        of_any_format: Whether it reads a network that is not its own. Some formats hand even one output over in a tuple
            or list; a `decode` that reads several formats gets it as a tensor from all of them.
    """

    def __init__(self, definition: Definition, *, of_any_format: bool = False) -> None:
        self._definition = definition
        self._of_any_format = of_any_format

    def __call__(self, outputs: Any, letterbox: Letterbox) -> Tensor:
        given = outputs
        if self._of_any_format and isinstance(outputs, (tuple, list)) and len(outputs) == 1:
            given = outputs[0]
        found = self._definition.call("decode", given, letterbox)
        if not isinstance(found, (tuple, list)) or len(found) not in (3, 4):
            kind = f"{len(found)} things" if isinstance(found, (tuple, list)) else type(found).__name__
            raise self._wrong(f"returned {kind}")
        boxes, scores, labels, *strides = (self._tensor(part) for part in found)
        scores, labels, *strides = (part.to(boxes.device) for part in (scores, labels, *strides))
        if boxes.numel() == 0:
            boxes = boxes.reshape(0, 4)
        rows = (len(boxes),)
        if boxes.shape[1:] != (4,) or any(part.shape != rows for part in (scores, labels, *strides)):
            shapes = ", ".join(str(tuple(part.shape)) for part in (boxes, scores, labels, *strides))
            raise self._wrong(f"returned {shapes}")
        return pack_best(boxes, scores, labels, *strides)

    def _tensor(self, part: Any) -> Tensor:
        if isinstance(part, Tensor):
            return part
        try:
            return torch.as_tensor(part)
        except (TypeError, ValueError, RuntimeError) as error:
            raise self._wrong(f"returned a {type(part).__name__} that is no tensor") from error

    def _wrong(self, what: str) -> DetectorError:
        return DetectorError(f"{self._definition.place_of('decode')}: decode() {what}; {_WANTED}")
