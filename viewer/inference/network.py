"""A detector with its taps attached: what the pipeline calls once a frame."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.cam import CamWork
from viewer.core.detector import CAPTURING, DetectorInfo
from viewer.core.errors import ReducerError, ViewerError
from viewer.core.field import ReceptiveField
from viewer.core.frame import Frame
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import Findings, Inquiry
from viewer.core.many import Band, mosaic_of
from viewer.core.packet import TapMap, empty_cells
from viewer.core.protocols import Detector, Inference, ShapingDetector
from viewer.core.reducer_names import check_place
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage, find_stages
from viewer.core.sweep import SweepMap, SweepWish
from viewer.core.tapping import TapSettings
from viewer.detectors.devices import memory_guarded
from viewer.detectors.rows import rows_kept
from viewer.inference.activations import read_activations
from viewer.inference.device_lane import DeviceLane
from viewer.inference.entry import PADDING
from viewer.inference.host_lane import HostLane
from viewer.inference.inquirer import STUDIES, Inquirer
from viewer.inference.lane import Lane
from viewer.inference.runtime import CudaRuntime, Runtime
from viewer.inference.study import Seen, Study
from viewer.inference.sweep import Sweep
from viewer.taps import Reducer, TapFigures, TapSet, parse_reducer


@dataclass(frozen=True, slots=True)
class Ticket:
    """A frame under way.

    Attributes:
        frame: The frame.
        letterbox: Where the model's input lies in it.
        lane: The lane it is in; taps may change meanwhile.
        place: Its place there.
    """

    frame: Frame
    letterbox: Letterbox
    lane: Lane
    place: int


_NOTHING_FOUND = Findings()


class TappedNetwork:
    """Drives a detector part by part, with hooks on the stages that are tapped.

    All methods belong to one thread, the one that runs the network.

    Args:
        detector: Loaded detector; this object closes it.
        settings: What to tap at first.
        runtime: The device's queues, for detectors on a GPU; None takes what suits the detector's device.
        graph: Whether a GPU may run from a captured graph.
        gflops: What a forward takes, as in `DetectorInfo.gflops`.
        fields: What cells can depend on, as in `DetectorInfo.fields`.
        studies: What can be asked of every frame.

    Raises:
        TapError: If a stage or reducer of `settings` is unknown; the detector is closed then.
    """

    def __init__(
        self,
        detector: Detector,
        settings: TapSettings,
        *,
        runtime: Runtime | None = None,
        graph: bool = True,
        gflops: float = 0.0,
        fields: tuple[ReceptiveField, ...] = (),
        studies: Sequence[type[Study]] = STUDIES,
    ) -> None:
        self._detector = detector
        self._runtime = runtime or (CudaRuntime(detector.device) if detector.device.type == "cuda" else None)
        self._graph = graph
        self._gflops, self._fields = gflops, fields
        self._inquirer = Inquirer(detector, studies)
        self._settings = settings
        self._lane: Lane | None = None
        self._lane_is_for: Letterbox | None = None
        self._coming: _Coming | None = None
        self._reduced: Frame | None = None  # the last one whose maps were wanted
        self._before: TapSet | None = None  # closed, but what it held the next lane may go on with
        try:
            self._taps = self._attach(settings, parse_reducer(settings.reducer))
        except BaseException:
            detector.close()
            raise

    @property
    def info(self) -> DetectorInfo:
        """What is known of the detector, and how it runs."""
        return replace(self._detector.info, execution=self.execution, gflops=self._gflops, fields=self._fields)

    @property
    def execution(self) -> str:
        """How the network runs: `eager`, `graph`, or `eager: ` and why no graph; empty before the first frame."""
        # Read by other threads too, so each attribute is looked at once.
        lane, coming = self._lane, self._coming
        running = "" if lane is None else lane.execution
        return running if coming is None or coming.is_ready else f"{running}{CAPTURING}"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that could be tapped."""
        return self._detector.stages

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that were asked for last, in the order of execution."""
        return self._taps.stages

    @property
    def lane(self) -> Lane | None:
        """The way frames take now, for those who measure it; None before the first."""
        return self._lane

    @property
    def depth(self) -> int:
        """How many frames may be under way at once: as many as the device overlaps.

        Masks, poses and answers are made of what the network returned last, which the next frame overwrites.
        """
        alone = self._runtime is None or self._detector.info.shapes or self._inquirer.asked
        return 1 if alone else DeviceLane.depth

    @property
    def can_skip_taps(self) -> bool:
        """Whether a frame can be run without its maps: not on a GPU, where they cost next to nothing."""
        return self._runtime is None

    def infer(self, frame: Frame, *, with_taps: bool = True) -> Inference:
        """Run one frame through.

        Args:
            frame: Picture in source pixels, any size.
            with_taps: Whether to make maps; they may be made all the same, in the first frame for one.

        Returns:
            Maps and candidates on the host; nothing in it refers to the device.

        Raises:
            DeviceError: If the device ran out of memory.
            TapError: If a tap stayed silent.
        """
        return self.collect(self.submit(frame, with_taps=with_taps))

    def submit(self, frame: Frame, *, with_taps: bool = True) -> Ticket:
        """Send a frame on its way; on a GPU this returns while it is under way.

        At most `depth` frames may be, and they are collected in the order they were submitted.

        Raises:
            DeviceError: If the device ran out of memory.
            TapError: If a tap stayed silent.
        """
        with memory_guarded(self._detector.device):
            letterbox = self._detector.letterbox(frame.image_hw)
            lane = self._lane_for(letterbox)
            lane.stand(on=self._reduced is not None and _is_same(frame, self._reduced))
            if with_taps:
                self._reduced = frame
            altering = self._inquirer.altering
            if altering is not None:
                frame = altering.prepare(frame, letterbox, lambda rgb: lane.aside(rgb, self._candidates))
            return Ticket(frame, letterbox, lane, lane.submit(frame.rgb, with_taps=with_taps))

    def collect(self, ticket: Ticket) -> Inference:
        """Wait for a frame and take what came of it.

        Raises:
            DeviceError: If the device ran out of memory.
        """
        with memory_guarded(self._detector.device):
            result = ticket.lane.collect(ticket.place)
        taps, arena = ticket.lane.frame_pass.taps, ticket.lane.frame_pass.arena
        figures, rows = arena.read(result.packed)
        shape = ticket.lane.frame_pass.rows_shape
        boxes = self._detector.read_candidates(rows.reshape(shape), ticket.letterbox)
        # Of a frame without taps the arena holds what an earlier one left.
        made = () if result.tap_ms is None else zip(taps.stages, figures, result.tap_ms, strict=True)
        maps = tuple(tap_map(stage, taps.reducer, f, cost_ms) for stage, f, cost_ms in made)
        began_s = perf_counter()
        findings = self._findings(ticket, rows.reshape(shape), boxes)
        before = findings.alteration
        before_ms = 0.0 if before is None else before.took_ms
        timings = replace(result.timings, inquire=before_ms + (perf_counter() - began_s) * 1000)
        altered = None if self._inquirer.altering is None else ticket.frame
        return Inference(ticket.letterbox, boxes, maps, timings, findings, altered)

    def sweep(self, frame: Frame, wish: SweepWish) -> Iterator[SweepMap]:
        """Find out which parts of a frame a detection needs, a masked picture at a time; see `viewer.inference.sweep`.

        What is altered stays so.

        Raises:
            DeviceError: If the device ran out of memory.
        """
        letterbox, altering = self._detector.letterbox(frame.image_hw), self._inquirer.altering
        rgb = (frame if altering is None else altering.perturbed(frame)).rgb
        sweep = Sweep(wish, frame.index, letterbox.input_hw)
        for _ in range(wish.masks):
            with memory_guarded(self._detector.device):
                self._inquirer.begin()
                rows = self._lane_for(letterbox).aside(rgb, lambda images: self._candidates(sweep.masked(images)))
            yield sweep.weigh(self._detector.read_candidates(rows, letterbox))

    def _candidates(self, images: Tensor) -> Tensor:
        return self._detector.candidates(self._detector.forward(images))

    @torch.inference_mode()
    def shapes(self, rows: NDArray[np.intp], detections: Boxes, letterbox: Letterbox) -> Shapes | None:
        """Masks or poses of detections of the frame collected last; None if the detector knows neither.

        Raises:
            DeviceError: If the device ran out of memory.
        """
        detector = self._detector
        outputs = None if self._lane is None else self._lane.frame_pass.outputs
        if not isinstance(detector, ShapingDetector) or outputs is None:
            return None
        with memory_guarded(detector.device):
            return detector.shapes(outputs, rows, detections, letterbox)

    def warm_up(self, image_hw: tuple[int, int]) -> None:
        """Run two grey pictures, so that what is compiled, captured or sought out once holds up no frame.

        Args:
            image_hw: Height and width of the frames to come; a graph is captured for one size.

        Raises:
            TapError: If a reducer looks outside such pictures, or a tap stayed silent.
        """
        check_place(self._settings.reducer, image_hw, ReducerError)
        grey = Frame(np.full((*image_hw, 3), PADDING, np.uint8), 0, 0.0, 0.0)
        for _ in range(2):  # the first lays the storage out that the second writes into
            self.infer(grey)
        self._reduced = None
        if self._lane is not None:
            self._lane.start_over()  # limits shall not begin with grey

    def set_taps(self, settings: TapSettings) -> None:
        """Change what is tapped, from the next frame on or, where a graph has to be captured, a moment later.

        Limits and other live parameters change at once, in buffers that the hooks and the graph read. Other changes
        attach new hooks; a graph that runs goes on serving until the new one is ready.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        self._settle_coming()
        same_stages = settings.nodes == self._settings.nodes
        if same_stages and settings.reducer == self._settings.reducer:
            self._set_limits(settings)
        else:
            self._require_place(settings.reducer)
            reducer = parse_reducer(settings.reducer)
            if same_stages and self._taps.could_adopt(reducer):
                self._adopt(reducer)
                self._set_limits(settings)
            else:
                self._change_taps(settings, reducer)
        self._settings = settings

    def set_inquiry(self, inquiry: Inquiry) -> None:
        """Ask this of every frame from the next on.

        Questions are answered frame by frame with hooks, which a captured graph has none of: a GPU runs eagerly as
        long as something is asked.

        Raises:
            InquiryError: If it cannot be asked of this network; what was asked before stands.
        """
        if inquiry == self._inquirer.asked:
            return
        self._settle_coming()
        was_asked = bool(self._inquirer.asked)
        self._inquirer.ask(inquiry)
        if self._runtime is not None and was_asked != bool(inquiry):
            self._drop_lane()
        elif self._lane is not None:
            self._lane.frame_pass.inquirer = self._inquirer if inquiry else None

    @property
    def explaining(self) -> CamWork | None:
        """How far the merged map of the frame under way is; None while none is in the making. Any thread may ask."""
        return self._inquirer.explaining

    def expect(self, inquiry: Inquiry) -> None:
        """Give up what is worked out slowly for another question than this one, which comes; any thread may say so."""
        self._inquirer.expect(inquiry)

    def activations(
        self, frame: Frame, nodes: Sequence[str], *, as_tensors: bool = False, is_perturbed: bool = False
    ) -> tuple[Any, ...]:
        """The raw output of stages for one frame, which runs once more for it; none may be under way.

        Args:
            frame: The picture.
            nodes: Stages by node or short name.
            as_tensors: Whether to leave them where they are, as the network's own type.
            is_perturbed: Whether the picture is a packet's, with what perturbs it in it.

        Returns:
            (C, H, W) copies: tensors on the model's device, or numpy arrays of its type, float32 for bfloat16, which
            numpy does not know.

        Raises:
            InquiryError: If there is no such stage, or it gives no (N, C, H, W) activation.
            DeviceError: If the device ran out of memory.
        """
        self._settle_coming()
        altering = self._inquirer.altering
        with memory_guarded(self._detector.device):
            frame = frame if is_perturbed or altering is None else altering.perturbed(frame)
            read = read_activations(self._detector, self._taps, self._inquirer, frame, nodes)
            if as_tensors:
                return read
            return tuple((each.float() if each.dtype == torch.bfloat16 else each).cpu().numpy() for each in read)

    def close(self) -> None:
        """Remove every hook and drop the weights; twice is harmless."""
        self._inquirer.close()
        if self._coming is not None:
            self._coming.join()
            self._coming = None
        if self._lane is not None:
            self._lane.close()
        self._taps.close()
        self._detector.close()

    def _set_limits(self, settings: TapSettings) -> None:
        if self._lane is None:
            self._taps.set_limits(settings.limits)
        else:
            self._lane.set_limits(settings.limits)

    def _adopt(self, reducer: Reducer) -> None:
        if self._lane is None:
            self._taps.adopt(reducer)
        else:
            self._lane.adopt(reducer)

    def _require_place(self, reducer: str) -> None:
        """Refuse a place outside the pictures, once their size is known."""
        if self._lane_is_for is not None:
            check_place(reducer, self._lane_is_for.image_hw, ReducerError)

    def _change_taps(self, settings: TapSettings, reducer: Reducer) -> None:
        fresh = self._attach(settings, reducer)
        old, self._taps = self._taps, fresh
        if self._lane is not None and self._lane.execution == "graph" and self._lane_is_for is not None:
            # The running graph needs no hooks, so the new ones may be tried out beside it.
            letterbox = self._lane_is_for
            self._coming = _Coming(lambda: self._open_lane(fresh, letterbox, old))
            return
        old.close()
        if self._lane is not None:  # two changes may come without a frame between
            self._lane, self._before = None, old

    def _lane_for(self, letterbox: Letterbox) -> Lane:
        if self._coming is not None and self._coming.is_ready:
            self._settle_coming()
        if letterbox != self._lane_is_for:
            self._settle_coming()
        if self._lane is not None and letterbox != self._lane_is_for:
            self._drop_lane()
        if self._lane is None:
            self._lane, self._lane_is_for = self._open_lane(self._taps, letterbox, self._before), letterbox
            self._before = None
        return self._lane

    def _drop_lane(self) -> None:
        """Let the next frame open another lane, with hooks of its own: a graph took these off."""
        if self._lane is not None:
            self._lane.close()
            self._taps.close()
            before, self._taps = self._taps, self._attach(self._settings, self._taps.reducer)
            self._lane, self._before = None, before

    def _settle_coming(self) -> None:
        """Take over the lane that was made beside the running one, waiting for it if need be."""
        coming, self._coming = self._coming, None
        if coming is None:
            return
        old, self._lane = self._lane, None  # should it have failed, the next frame opens one and meets the error
        self._lane = coming.result()
        if old is not None:
            old.close()

    def _open_lane(self, taps: TapSet, letterbox: Letterbox, before: TapSet | None = None) -> Lane:
        """A way for frames of one size.

        Args:
            taps: Hooks on the network.
            letterbox: Where pictures go in its input.
            before: Those that they take the place of.
        """
        asked = bool(self._inquirer.asked)
        taps.aim(letterbox)
        lane: Lane
        if self._runtime is None:
            lane = HostLane(self._detector, taps, letterbox)
        else:
            capture = self._graph and not asked
            lane = DeviceLane(self._runtime, self._detector, taps, letterbox, capture=capture)
            if asked and self._graph:
                lane.execution = "eager: what is asked of each frame needs hooks"
        lane.frame_pass.inquirer = self._inquirer if asked else None
        if before is not None:
            lane.inherit(before)
        return lane

    def _findings(self, ticket: Ticket, rows: NDArray[np.float32], boxes: Boxes) -> Findings:
        """What was found of what is asked."""
        ran = ticket.lane.frame_pass
        if ran.inquirer is None or ran.rows is None or not self._inquirer.asked:
            return _NOTHING_FOUND
        unrecorded = ran.inquirer.unrecorded
        seen = Seen(ticket.frame, ticket.letterbox, ran.outputs, ran.rows, boxes, rows_kept(rows), unrecorded)
        ran.rows = None
        with memory_guarded(self._detector.device):
            return self._inquirer.findings(seen)

    def _attach(self, settings: TapSettings, reducer: Reducer) -> TapSet:
        stages = self._detector.stages
        if settings.nodes is None:
            chosen = tuple(stage for stage in stages if stage.default)
        else:
            name = self._detector.info.name
            wanted = {stage.node for stage in find_stages(settings.nodes, stages, model=name)}
            chosen = tuple(stage for stage in stages if stage.node in wanted)
        return TapSet(
            self._detector.module,
            chosen,
            reducer,
            limits=settings.limits,
            device=self._detector.device,
        )


def tap_map(stage: Stage, reducer: Reducer, figures: TapFigures, cost_ms: float) -> TapMap:
    """What came down for one tap, as a value that knows what it is."""
    nothing_yet = reducer.nothing_yet if figures.legend == (0,) else ""
    mosaic = mosaic_of(figures.legend) if figures.legend and not reducer.nothing_yet else None
    named = zip(reducer.bands, figures.bands, strict=False)  # a map in colour has three of both, others none
    return TapMap(
        stage=stage,
        reducer=reducer.name,
        codes=figures.codes,
        limits=figures.limits,
        mean=figures.mean,
        max=figures.max,
        nonfinite=figures.nonfinite - empty_cells(mosaic, figures.codes.shape),
        cost_ms=cost_ms,
        bands=tuple(Band(name, limits) for name, limits in named),
        mosaic=mosaic,
        nothing_yet=nothing_yet,
    )


def _is_same(frame: Frame, other: Frame) -> bool:
    """Whether both are one frame: a picture from nowhere has number 0, as the first of a file has."""
    if frame.index != other.index or frame.pts_s != other.pts_s:
        return False
    return frame.rgb is other.rgb or np.array_equal(frame.rgb, other.rgb)


class _Coming:
    """A lane in the making, on a thread of its own.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[], Lane]) -> None:
        self._make = make
        self._lane: Lane | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="featscope-capture", daemon=True)
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """Whether `result` returns at once."""
        return not self._thread.is_alive()

    def join(self) -> None:
        """Wait until it is made or failed."""
        self._thread.join()

    def result(self) -> Lane:
        """The lane, once it is made; whatever went wrong while making it is raised here."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._lane is None:
            raise RuntimeError("the thread that makes a lane was ended")
        return self._lane

    def _run(self) -> None:
        try:
            self._lane = self._make()
        except (ViewerError, RuntimeError, MemoryError) as error:
            self._error = error
