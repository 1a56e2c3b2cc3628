"""A detector with its taps attached: what the pipeline calls once a frame."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.detector import DetectorInfo
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.packet import TapMap, Timings
from viewer.core.protocols import Detector, Inference, ShapingDetector
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage, find_stages
from viewer.core.tapping import TapSettings
from viewer.detectors.devices import memory_guarded
from viewer.inference.clock import Stopwatch
from viewer.inference.download import Download
from viewer.inference.entry import Entry
from viewer.taps import TapSet, parse_reducer

_START, _LOADED, _FORWARDED, _REDUCED, _DOWN = range(5)


class TappedNetwork:
    """Drives a detector part by part, with hooks on the stages that are tapped.

    All methods belong to one thread, the one that runs the network.

    Args:
        detector: Loaded detector; this object closes it.
        settings: What to tap at first.

    Raises:
        TapError: If a stage or reducer of `settings` is unknown; the detector is closed then.
    """

    def __init__(self, detector: Detector, settings: TapSettings) -> None:
        self._detector = detector
        self._entry = Entry(detector.device, detector.dtype)
        self._download = Download(detector.device)
        self._watch = Stopwatch(detector.device, 5)
        self._settings = settings
        self._outputs: Any = None  # of the last frame, for its shapes
        try:
            self._taps = self._attach(settings)
        except BaseException:
            detector.close()
            raise

    @property
    def info(self) -> DetectorInfo:
        """What is known of the detector."""
        return self._detector.info

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that could be tapped."""
        return self._detector.stages

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that are tapped now, in the order of execution."""
        return self._taps.stages

    @torch.inference_mode()
    def infer(self, frame: Frame) -> Inference:
        """Run one frame through.

        Args:
            frame: Picture in source pixels, any size.

        Returns:
            Maps and candidates on the host; nothing in it refers to the device.

        Raises:
            DeviceError: If the device ran out of memory.
            TapError: If a tap stayed silent.
        """
        with memory_guarded(self._detector.device):
            return self._infer(frame)

    def _infer(self, frame: Frame) -> Inference:
        detector, taps, watch = self._detector, self._taps, self._watch
        letterbox = detector.letterbox(frame.image_hw)
        watch.mark(_START)
        images = self._entry.load(frame.rgb, letterbox)
        watch.mark(_LOADED)
        taps.begin()
        outputs = detector.forward(images)
        candidates = detector.candidates(outputs)
        self._outputs = outputs if detector.info.shapes else None
        hooks_ms = taps.reduce_ms
        watch.mark(_FORWARDED)
        arena = taps.finish(candidates.numel())
        watch.mark(_REDUCED)
        arena.extra.copy_(candidates.flatten())
        self._download.start(arena.packed)
        watch.mark(_DOWN)
        packed = self._download.wait()
        packed.setflags(write=False)
        figures, rows = arena.read(packed)
        boxes = detector.read_candidates(rows.reshape(candidates.shape), letterbox)
        maps = tuple(
            TapMap(stage, taps.reducer.name, f.codes, f.limits, f.mean, f.max, f.nonfinite)
            for stage, f in zip(taps.stages, figures, strict=True)
        )
        if detector.device.type != "cpu":
            hooks_ms = 0.0  # a hook only enqueues there; its work is part of the forward on the device's clock
        timings = Timings(
            letterbox=watch.between_ms(_START, _LOADED),
            forward=watch.between_ms(_LOADED, _FORWARDED) - hooks_ms,
            reduce=watch.between_ms(_FORWARDED, _REDUCED) + hooks_ms,
            download=watch.between_ms(_REDUCED, _DOWN),
        )
        return Inference(letterbox, boxes, maps, timings)

    @torch.inference_mode()
    def shapes(self, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes | None:
        """Masks or poses of detections of the frame inferred last; None if the detector knows neither.

        Raises:
            DeviceError: If the device ran out of memory.
        """
        detector = self._detector
        if not isinstance(detector, ShapingDetector) or self._outputs is None:
            return None
        with memory_guarded(self._detector.device):
            return detector.shapes(self._outputs, rows, detections, letterbox)

    def set_taps(self, settings: TapSettings) -> None:
        """Change what is tapped from the next frame on.

        A change of limits alone keeps the hooks and the storage.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        if (settings.nodes, settings.reducer) == (self._settings.nodes, self._settings.reducer):
            self._taps.set_limits(settings.limits)
        else:
            fresh = self._attach(settings)
            self._taps.close()
            self._taps = fresh
        self._settings = settings

    def close(self) -> None:
        """Remove every hook and drop the weights; twice is harmless."""
        self._taps.close()
        self._outputs = None
        self._detector.close()

    def _attach(self, settings: TapSettings) -> TapSet:
        stages = self._detector.stages
        if settings.nodes is None:
            chosen = tuple(stage for stage in stages if stage.default)
        else:
            wanted = {stage.node for stage in find_stages(settings.nodes, stages, model=self.info.name)}
            chosen = tuple(stage for stage in stages if stage.node in wanted)
        return TapSet(
            self._detector.module,
            chosen,
            parse_reducer(settings.reducer),
            limits=settings.limits,
            device=self._detector.device,
        )
