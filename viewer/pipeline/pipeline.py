"""One frame to one packet."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Self

from viewer.core.cam import CamWork
from viewer.core.detector import DetectorInfo
from viewer.core.frame import Frame
from viewer.core.inquiry import Inquiry
from viewer.core.packet import FramePacket
from viewer.core.protocols import Inference, Network
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds, kept_rows
from viewer.core.sweep import SweepMap, SweepWish
from viewer.core.tapping import TapSettings


class Pipeline:
    """A tapped network with thresholds behind it.

    All methods belong to one thread.

    Args:
        network: Detector with taps; the pipeline closes it.
        thresholds: What turns candidates into detections.
    """

    def __init__(self, network: Network, thresholds: Thresholds) -> None:
        self._network = network
        self.thresholds = thresholds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def info(self) -> DetectorInfo:
        """What is known of the detector."""
        return self._network.info

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that could be tapped."""
        return self._network.stages

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that are tapped now, in the order of execution."""
        return self._network.tapped

    @property
    def can_skip_taps(self) -> bool:
        """Whether `process` can leave maps out."""
        return self._network.can_skip_taps

    def process(self, frame: Frame, *, with_taps: bool = True) -> FramePacket:
        """Run one frame through network, taps and suppression.

        Args:
            frame: What to run.
            with_taps: Whether to make maps; where they cannot be left out they are made all the same.

        Raises:
            DeviceError: If the device ran out of memory.
            TapError: If a tap stayed silent.
        """
        return self._finish(frame, self._network.infer(frame, with_taps=with_taps))

    def stream(self, frames: Iterable[Frame]) -> Iterator[FramePacket]:
        """Run frames through in order, as many at once as the device overlaps: throughput before latency.

        Args:
            frames: Read one by one, ahead of the packets that come back.

        Raises:
            DeviceError: If the device ran out of memory.
            TapError: If a tap stayed silent.
        """
        network = self._network
        under_way: deque[tuple[Frame, Any]] = deque()
        for frame in frames:
            under_way.append((frame, network.submit(frame)))
            if len(under_way) == network.depth:
                first, ticket = under_way.popleft()
                yield self._finish(first, network.collect(ticket))
        for frame, ticket in under_way:
            yield self._finish(frame, network.collect(ticket))

    def _finish(self, frame: Frame, inference: Inference) -> FramePacket:
        frame = inference.altered or frame
        started = perf_counter()
        method, image_hw = self.info.suppression, frame.image_hw
        rows = kept_rows(inference.candidates, self.thresholds, method, image_hw=image_hw)
        detections = inference.candidates.take(rows).clipped(image_hw)
        suppressed = finished = perf_counter()
        shapes = None
        if self.info.shapes:
            shapes = self._network.shapes(rows, detections, inference.letterbox)
            finished = perf_counter()
        timings = replace(
            inference.timings,
            decode=frame.decode_ms,
            suppress=(suppressed - started) * 1000,
            shape=(finished - suppressed) * 1000,
        )
        return FramePacket(
            frame=frame,
            letterbox=inference.letterbox,
            detections=detections,
            candidates=inference.candidates,
            thresholds=self.thresholds,
            taps=inference.taps,
            timings=timings,
            finished_s=finished,
            shapes=shapes,
            findings=inference.findings,
        )

    def set_taps(self, settings: TapSettings) -> None:
        """Change what is tapped from the next frame on.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        self._network.set_taps(settings)

    def set_inquiry(self, inquiry: Inquiry) -> None:
        """Ask this of every frame from the next on.

        Raises:
            InquiryError: If it cannot be asked of this network; what was asked before stands.
        """
        self._network.set_inquiry(inquiry)

    @property
    def explaining(self) -> CamWork | None:
        """How far the merged map of the frame under way is; None while none is in the making. Any thread may ask."""
        return self._network.explaining

    def expect(self, inquiry: Inquiry) -> None:
        """Give up what is worked out slowly for another question than this one, which comes; any thread may say so."""
        self._network.expect(inquiry)

    def activations(
        self, frame: Frame, nodes: Sequence[str], *, as_tensors: bool = False, is_perturbed: bool = False
    ) -> tuple[Any, ...]:
        """The raw output of stages for one frame, as `Network.activations`.

        Raises:
            InquiryError: If there is no such stage, or it gives no (N, C, H, W) activation.
            DeviceError: If the device ran out of memory.
        """
        return self._network.activations(frame, nodes, as_tensors=as_tensors, is_perturbed=is_perturbed)

    def sweep(self, frame: Frame, wish: SweepWish) -> Iterator[SweepMap]:
        """Find out which parts of a frame a detection needs, a masked picture at a time; frames may run between.

        Raises:
            DeviceError: If the device ran out of memory.
        """
        return self._network.sweep(frame, wish)

    def close(self) -> None:
        """Remove every hook and drop the weights; twice is harmless."""
        self._network.close()
