"""Everything known about one frame, immutable and small enough to cross a process boundary."""

from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import Findings
from viewer.core.many import Band, Mosaic
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.core.tapping import Shed

NOT_FINITE = 0
"""Code of a cell whose value is not finite; finite values take codes 1 to 255."""


@dataclass(frozen=True, slots=True, eq=False)
class TapMap:
    """The reduced activation of one stage for one frame.

    Attributes:
        stage: Where it was tapped.
        reducer: Name of the reducer that collapsed its channels.
        codes: (h, w) uint8, read-only. 0 marks a cell that is not finite; 1 to 255 stand for `limits` in equal
            steps. (One code is set aside so that a broken value can never be mistaken for a low one, and no second
            array has to come down with the map.) A map in colour has (h, w, 3), each with the limits of its band.
        limits: The values drawn as code 1 and 255, in activation units; those that enclose all of a map in colour.
        mean: Mean of the finite cells, in activation units; of a map in colour that of its first band.
        max: Largest finite cell, in activation units; likewise.
        nonfinite: Number of cells that are infinite or not a number.
        cost_ms: What reducing it took, in milliseconds; on a GPU that runs from a graph, when it was last measured.
        age: Frames that came since the one it was made of; 0 for a map of this frame.
        bands: What is drawn red, green and blue; empty for a map of one number a cell.
        mosaic: Which channels lie side by side in it; None for a map that lies over the picture.
        nothing_yet: Why it is empty: its reducer compares frames, and there is none to compare with yet. Empty where
            it holds something.
    """

    stage: Stage
    reducer: str
    codes: NDArray[np.uint8]
    limits: tuple[float, float]
    mean: float
    max: float
    nonfinite: int
    cost_ms: float = 0.0
    age: int = 0
    bands: tuple[Band, ...] = ()
    mosaic: Mosaic | None = None
    nothing_yet: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether no cell is finite, so that there are no limits either."""
        cells = self.codes.shape[0] * self.codes.shape[1]
        return self.nonfinite >= cells - empty_cells(self.mosaic, self.codes.shape)

    def value_at(self, row: int, column: int) -> float:
        """The cell's value in activation units, exact to a 254th of the limits; nan where it was not finite.

        Of a map in colour that of its first band.
        """
        return self.values_at(row, column)[0]

    def values_at(self, row: int, column: int) -> tuple[float, ...]:
        """All numbers of a cell, as `value_at`: one, or one a band."""
        codes = self.codes[row, column].reshape(-1).tolist()
        limits = [band.limits for band in self.bands] or [self.limits]
        return tuple(value_of(code, low, high) for code, (low, high) in zip(codes, limits, strict=True))


def value_of(code: int, low: float, high: float) -> float:
    """The value that a code stands for between these limits; nan for a cell that was not finite."""
    return float("nan") if code == NOT_FINITE else low + (code - 1) / 254 * (high - low)


def empty_cells(mosaic: Mosaic | None, map_hw: tuple[int, ...]) -> int:
    """Cells of a map that belong to no channel: those of a mosaic's empty places."""
    if mosaic is None:
        return 0
    return mosaic.empty * (map_hw[0] // mosaic.rows) * (map_hw[1] // mosaic.columns)


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent on one frame, a part each. The parts do not overlap.

    Attributes:
        decode: Reading and decoding.
        letterbox: Resize, pad, upload and scaling.
        forward: The network without its taps.
        reduce: The taps: reducers, limits, statistics.
        download: Bringing maps and candidates to the host.
        suppress: Thresholds and non-maximum suppression.
        shape: Masks or poses of what they leave.
        inquire: Answering what was asked beside boxes and maps, less what it adds to the forward.
    """

    decode: float = 0.0
    letterbox: float = 0.0
    forward: float = 0.0
    reduce: float = 0.0
    download: float = 0.0
    suppress: float = 0.0
    shape: float = 0.0
    inquire: float = 0.0

    @property
    def inference(self) -> float:
        """All but decoding."""
        return self.letterbox + self.forward + self.reduce + self.download + self.suppress + self.shape + self.inquire

    def as_dict(self) -> dict[str, float]:
        """Part by name, in the order of the way through the program."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Counters:
    """What a player did with the frames of its source since it was opened.

    Attributes:
        processed: Frames that went through the detector.
        dropped: Frames of a live source replaced by a newer one before they were processed.
        repeated: Frames shown again because nothing newer was there (a redraw while paused).
        late: Frames of a playing file that were finished after the next one was due.
        undisplayed: Packets that a busy window did not take.
    """

    processed: int = 0
    dropped: int = 0
    repeated: int = 0
    late: int = 0
    undisplayed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FramePacket:
    """One frame and all that was found in it.

    Attributes:
        frame: The picture.
        letterbox: Where the model's input lies in it; None as long as no detector has seen it.
        detections: Boxes after thresholds and suppression, in source pixels.
        candidates: Best boxes before them, in source pixels.
        taps: One reduced map a tapped stage.
        timings: Milliseconds by part.
        finished_s: `time.perf_counter()` when the packet was made; minus `frame.arrived_s` it is the latency.
        thresholds: What chose the detections among the candidates; None where nothing did.
        shapes: Masks or poses of the detections; None where the detector makes neither.
        shed: What was left out of the taps for speed.
        findings: What was found of what was asked beside boxes and maps.
    """

    frame: Frame
    letterbox: Letterbox | None = None
    detections: Boxes = field(default_factory=Boxes.empty)
    candidates: Boxes = field(default_factory=Boxes.empty)
    taps: tuple[TapMap, ...] = ()
    timings: Timings = field(default_factory=Timings)
    finished_s: float = 0.0
    thresholds: Thresholds | None = None
    shapes: Shapes | None = None
    shed: Shed = field(default_factory=Shed)
    findings: Findings = field(default_factory=Findings)
