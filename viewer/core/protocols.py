"""The ports between packages: what a source, a detector, an inference and a sink promise each other.

Adapters stand behind these, one a framework or file kind, and the contract suites in `tests/contracts` run over all
of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.cam import CamWork
from viewer.core.dense import DenseLevel
from viewer.core.detector import DetectorInfo
from viewer.core.frame import Frame, SourceInfo, SourceStatus
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import Findings, Inquiry
from viewer.core.packet import TapMap, Timings
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage
from viewer.core.sweep import SweepMap, SweepWish
from viewer.core.tapping import TapSettings


class Source(Protocol):
    """An iterator of frames that owns a file, a device or a connection.

    The end of the pictures ends the iteration. One thread reads; `interrupt`, `status` and `close` may be used from
    any thread. A live source's iteration blocks until a frame newer than the last one is there.
    """

    @property
    def info(self) -> SourceInfo:
        """What is known of the source; it does not change while the source is open."""
        ...

    @property
    def status(self) -> SourceStatus:
        """How it stands now."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...

    def __next__(self) -> Frame:
        """The next frame.

        Raises:
            StopIteration: At the end.
            SourceInterruptedError: If `interrupt` or `close` was called while it waited.
            SourceError: If the data cannot be read on.
        """
        ...

    def seek(self, index: int) -> None:
        """Make frame `index` the next one.

        Raises:
            SeekError: If there is no such frame, or the source is live; the position is unchanged.
        """
        ...

    def index_at(self, pts_s: float) -> int:
        """Number of the frame shown at a media time, clamped to the source.

        Raises:
            SeekError: If the source is live.
        """
        ...

    def quick_index(self, index: int) -> int:
        """Number of a frame near `index` that can be read at once, without decoding a way to it.

        Belongs to the thread that reads, for it depends on what was read last.

        Raises:
            SeekError: If there is no frame `index`, or the source is live.
        """
        ...

    def interrupt(self) -> None:
        """Make a blocked `__next__` return at once with `SourceInterruptedError`; later reads work again."""
        ...

    def close(self) -> None:
        """Give back the file, device or connection and end every thread; twice is harmless."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Detector(Protocol):
    """A loaded network that is driven part by part, so that taps can stand in its way.

    Tensors are typed `Any` because this module knows no framework; they never leave `detectors`, `taps` and
    `inference`.
    """

    @property
    def info(self) -> DetectorInfo:
        """What is known of it."""
        ...

    @property
    def module(self) -> Any:
        """The `torch.nn.Module` that runs, fused if it ever will be, in eval mode, on `device`."""
        ...

    @property
    def device(self) -> Any:
        """The `torch.device` it lives on."""
        ...

    @property
    def dtype(self) -> Any:
        """The `torch.dtype` of its input."""
        ...

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every tappable stage in the order of execution, found by a dry run when the detector was loaded."""
        ...

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        """How a picture of this size enters the model."""
        ...

    def forward(self, images: Any) -> Any:
        """Run the network.

        Args:
            images: (1, 3, H, W) tensor of `dtype` on `device`, RGB, 0..1, already letterboxed.

        Returns:
            Whatever the network returns.
        """
        ...

    def candidates(self, outputs: Any) -> Any:
        """The best candidates, on the device, without waiting for it.

        Returns:
            (K, 7) float32 tensor on the device, K fixed, best score first: x1, y1, x2, y2 in input pixels, score,
            label, stride of the level (0 unknown). Oriented heads return (K, 8): centre x, centre y, width, height,
            score, label, stride, rotation in radians. Rows of score 0 are fill.
        """
        ...

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        """Turn the downloaded rows of `candidates` into boxes in source pixels, fill left out."""
        ...

    def close(self) -> None:
        """Drop the weights; twice is harmless."""
        ...


@runtime_checkable
class ShapingDetector(Protocol):
    """A detector that also knows masks or poses, and says so in `info.shapes`.

    They cost more than boxes, so they are made for the few boxes that are left when all thresholds are applied.
    """

    def shapes(self, outputs: Any, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes:
        """Masks or poses of a frame's detections.

        Args:
            outputs: What `forward` returned for the frame.
            rows: (M,) rows of the detections among the boxes that `read_candidates` returned.
            detections: Those M boxes in source pixels, clipped to the picture.
            letterbox: Where the model's input lay in the picture.
        """
        ...


@runtime_checkable
class ScoringDetector(Protocol):
    """A detector that can tell what its head says of every class in every cell, before anything is dropped.

    It is asked only while somebody wants to know, after `forward` and for what that returned last.
    """

    @property
    def scoring_head(self) -> str:
        """Which head gives the scores, in words; empty where this network's head has no cells, as RT-DETR's."""
        ...

    def dense_scores(self, outputs: Any) -> tuple[DenseLevel, ...]:
        """What the head says of every cell.

        Args:
            outputs: What `forward` returned last.

        Returns:
            One for each level, finest first; none where `scoring_head` is empty, or where the cells of these outputs
            cannot be told.
        """
        ...


@runtime_checkable
class BranchedDetector(Protocol):
    """A detector whose head makes the scores of each level from one activation by a branch of its own."""

    def raw_scores(self, outputs: Any) -> Any | None:
        """What becomes the scores of candidates.

        Args:
            outputs: What `forward` returned last.

        Returns:
            (1, classes, anchors) tensor, level after level, finest first, one anchor a cell; gradients lead from
            candidates to it where they are recorded. None where this head does not work like that.
        """
        ...

    @property
    def score_branches(self) -> Any:
        """The `torch.nn.Module` of each level, finest first: from (N, C, h, w) to (N, classes, h, w) raw scores."""
        ...


@runtime_checkable
class RescoringDetector(Protocol):
    """A detector that looks at many regions and can score a few of them again."""

    def scores_again(self, outputs: Any, rows: NDArray[np.intp]) -> Any | None:
        """Scores of some candidates, made anew from what the head looks at.

        A thousand regions go through the head at once, and so would every way back to what one score is made from;
        made anew from its own region alone, that way takes a thousandth of it.

        Args:
            outputs: What `forward` returned last.
            rows: Rows of what `candidates` made of it.

        Returns:
            (len(rows),) tensor, equal to the scores of these rows but for rounding; gradients lead from it where they
            are recorded. None where this head does not work like that.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """What one pass through the network brought down to the host.

    Attributes:
        letterbox: Where the model's input lay in the frame.
        candidates: Best boxes before thresholds, in source pixels.
        taps: One map a tapped stage, in the order of execution; none for a frame that ran without taps.
        timings: `letterbox`, `forward`, `reduce` and `download` filled in.
        findings: What was found of what was asked.
        altered: The frame with its picture changed, where that is asked for; None where it ran as it came.
    """

    letterbox: Letterbox
    candidates: Boxes
    taps: tuple[TapMap, ...]
    timings: Timings
    findings: Findings = field(default_factory=Findings)
    altered: Frame | None = None


class Network(Protocol):
    """A detector with its taps attached, as the pipeline sees it."""

    @property
    def info(self) -> DetectorInfo:
        """What is known of the detector."""
        ...

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that could be tapped."""
        ...

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that are tapped now."""
        ...

    @property
    def depth(self) -> int:
        """How many frames may be under way at once."""
        ...

    @property
    def can_skip_taps(self) -> bool:
        """Whether frames can be run without their maps."""
        ...

    def infer(self, frame: Frame, *, with_taps: bool = True) -> Inference:
        """Run one frame through, without making maps where that is asked for and possible."""
        ...

    def submit(self, frame: Frame) -> Any:
        """Send a frame on its way; at most `depth` may be.

        Returns:
            A ticket for `collect`; frames are collected in the order they were submitted.
        """
        ...

    def collect(self, ticket: Any) -> Inference:
        """Wait for a frame and take what came of it."""
        ...

    def shapes(self, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes | None:
        """Masks or poses of detections of the frame inferred last; see `ShapingDetector.shapes`.

        Returns:
            None if the detector knows neither.
        """
        ...

    def set_taps(self, settings: TapSettings) -> None:
        """Change what is tapped from the next frame on.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        ...

    def set_inquiry(self, inquiry: Inquiry) -> None:
        """Ask this of every frame from the next on.

        Raises:
            InquiryError: If it cannot be asked of this network; what was asked before stands.
        """
        ...

    @property
    def explaining(self) -> CamWork | None:
        """How far the merged map of the frame under way is; None while none is in the making. Any thread may ask."""
        ...

    def expect(self, inquiry: Inquiry) -> None:
        """Give up what is worked out slowly for another question than this one, which comes; any thread may say so."""
        ...

    def activations(
        self, frame: Frame, nodes: Sequence[str], *, as_tensors: bool = False, is_perturbed: bool = False
    ) -> tuple[Any, ...]:
        """The raw output of stages for one frame, which runs once more for it; none may be under way.

        Args:
            frame: The picture.
            nodes: Stages by node or short name.
            as_tensors: Whether to leave them on the device.
            is_perturbed: Whether the picture is a packet's, with what perturbs it in it.

        Returns:
            (C, H, W) copies, tensors or numpy arrays.

        Raises:
            InquiryError: If there is no such stage, or it gives no (N, C, H, W) activation.
        """
        ...

    def sweep(self, frame: Frame, wish: SweepWish) -> Iterator[SweepMap]:
        """Find out which parts of a frame a detection needs, a masked picture at a time.

        Frames may be run between two of them.

        Returns:
            What is known after each; the last is done.
        """
        ...

    def close(self) -> None:
        """Remove every hook and drop the weights; twice is harmless."""
        ...


class Sink(Protocol):
    """An output file in the making. Leaving its `with` block by an exception leaves nothing behind."""

    def close(self) -> None:
        """Finish the file and put it in its place; twice is harmless."""
        ...

    def abort(self) -> None:
        """Remove whatever was written."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None: ...
