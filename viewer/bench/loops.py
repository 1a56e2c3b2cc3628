"""Whole loops: from the file to packets, ours and what others do, on the same frames in turn."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING

import torch

from viewer.assembly import build_pipeline, open_configured_detector, open_configured_source
from viewer.bench.effort import Effort
from viewer.bench.forwards import choose_taps
from viewer.bench.measure import Figure, flat, take_turns, timed_ms
from viewer.bench.peers import Missing, NaiveHooks, eigencam, predict_fps
from viewer.bench.subject import Subject
from viewer.core.frame import Frame
from viewer.pipeline import Pipeline, ReadAhead
from viewer.render.compose import Composer
from viewer.session.resolve import resolve
from viewer.session.state import ViewState

if TYPE_CHECKING:
    from viewer.core.packet import FramePacket

_FEW = 8
_COMPOSED = 20
_CANVAS_WH = (1280, 720)


@dataclass(frozen=True, slots=True)
class Compared:
    """Loops that took turns.

    Attributes:
        figures: Frames a second and milliseconds by name.
        ratios: What was promised, by name.
        skipped: Peers that are not installed, and how to get them.
    """

    figures: dict[str, Figure]
    ratios: dict[str, float]
    skipped: tuple[str, ...]


def compare_loops(subject: Subject, effort: Effort, *, taps: int, peers: bool, forward_ms: float) -> Compared:
    """Run our loop with and without taps and, if asked, what others do.

    Args:
        subject: What to run on.
        effort: How often each has a turn, and for how many frames.
        taps: How many stages ours and the hooks of others tap.
        peers: Whether others are run.
        forward_ms: Median of the bare forward, for the cost of the naive hooks against it.
    """
    figures: dict[str, Figure] = {}
    with ExitStack() as stack:
        pipeline = stack.enter_context(build_pipeline(subject.config, image_hw=subject.info.image_hw))
        tapped = tuple(stage.node for stage in choose_taps(pipeline.stages, taps))
        frames = effort.loop_frames
        loop = _Loop(subject, pipeline, tapped, frames)
        contestants: dict[str, Callable[[], Sequence[float]]] = {
            f"loop with {taps} taps": lambda: [loop.fps(tapped)],
            "loop without taps": lambda: [loop.fps(())],
        }
        naive = None
        if peers:
            naive = stack.enter_context(_naive(subject, taps, frames // 2))
            contestants |= {
                "ultralytics predict": lambda: [predict_fps(subject, frames)],
                "naive hooks": lambda: [naive.fps()],
            }
            if torch.get_num_threads() > 1 and subject.config.device in ("auto", "cpu"):
                threads = torch.get_num_threads()
                contestants[f"ultralytics predict, made to use {threads} threads"] = lambda: [
                    predict_fps(subject, frames, threads=threads)
                ]
            contestants["ultralytics visualize"] = lambda: [predict_fps(subject, _FEW, visualize=True)]
        for name, taken in take_turns(effort.loop_rounds, contestants).items():
            figures[name] = Figure.of(flat(taken), "fps")
        figures |= loop.parts()
        ours = figures[f"loop with {taps} taps"].median
        ratios: dict[str, float] = {}
        skipped: list[str] = []
        if naive is not None:
            naive_ms = Figure.of(naive.spent_ms, "ms")
            figures[f"cost of {taps} naive hooks"] = naive_ms
            ratios["fps_over_predict"] = ours / figures["ultralytics predict"].median
            ratios["fps_over_naive_hook"] = ours / figures["naive hooks"].median
            ratios["fps_over_visualize"] = ours / figures["ultralytics visualize"].median
            ratios["naive_over_forward"] = naive_ms.median / forward_ms
            try:
                with eigencam(subject, choose_taps(pipeline.stages, taps)) as explain:
                    explain()
                    figures["EigenCAM"] = Figure.of([1 / explain() for _ in range(3)], "fps")
                    ratios["fps_over_eigencam"] = ours / figures["EigenCAM"].median
            except Missing as missing:
                skipped.append(str(missing))
    return Compared(figures, ratios, tuple(skipped))


class _Loop:
    """Our headless loop: decode a thread ahead, network, taps, suppression; and, apart from it, composing."""

    def __init__(self, subject: Subject, pipeline: Pipeline, tapped: tuple[str, ...], frames: int) -> None:
        self._frames = frames
        self._subject = subject
        self._pipeline = pipeline
        self._tapped = tapped
        self._parts: list[dict[str, float]] = []
        # No loop of a user's keeps its frames, and memory that is given out anew costs a millisecond a frame.
        self._shown: deque[FramePacket] = deque(maxlen=_COMPOSED)

    def fps(self, nodes: tuple[str, ...]) -> float:
        """Frames a second with these stages tapped."""
        settings = self._subject.config.model_copy(update={"tap": nodes}).tap_settings
        self._pipeline.set_taps(settings)
        with open_configured_source(self._subject.config) as source, ReadAhead(source) as frames:
            packets = self._pipeline.stream(islice(endless(frames, self._subject.frames), self._frames + 2))
            for _ in range(2):
                next(packets)
            began_s = perf_counter()
            parts: list[dict[str, float]] = []
            for packet in packets:
                if nodes:
                    parts.append(packet.timings.as_dict())
                    self._shown.append(packet)
            fps = self._frames / (perf_counter() - began_s)
        self._parts += parts
        return fps

    def parts(self) -> dict[str, Figure]:
        """Medians of each part of a frame in the loop with taps, and of composing it into a picture."""
        figures = {f"part: {name}": Figure.of([part[name] for part in self._parts], "ms") for name in self._parts[0]}
        pipeline, composer = self._pipeline, Composer(_CANVAS_WH)
        state = ViewState(detector=pipeline.info, stages=pipeline.stages, tapped=self._tapped)
        spent = [timed_ms(lambda packet=packet: composer.compose(resolve(state, packet))) for packet in self._shown]
        return figures | {"part: compose": Figure.of(spent, "ms")}


class _NaiveLoop:
    """Decode a thread ahead, our network without taps, and the hooks of the web."""

    def __init__(self, subject: Subject, hooks: NaiveHooks, frames: int) -> None:
        self._frames = frames
        self._subject = subject
        self._hooks = hooks
        self.spent_ms: list[float] = []

    def fps(self) -> float:
        """Frames a second."""
        with open_configured_source(self._subject.config) as source, ReadAhead(source) as frames:
            again = islice(endless(frames, self._subject.frames), self._frames + 2)
            for _ in range(2):
                self._hooks.run(next(again))
            began_s = perf_counter()
            for frame in again:
                self._hooks.run(frame)
                self.spent_ms.append(self._hooks.spent_ms)
            return self._frames / (perf_counter() - began_s)


@contextmanager
def _naive(subject: Subject, taps: int, frames: int) -> Iterator[_NaiveLoop]:
    from viewer.inference import TappedNetwork

    config = subject.config
    detector = open_configured_detector(config)
    stages, module = choose_taps(detector.stages, taps), detector.module
    bare = config.model_copy(update={"tap": ()}).tap_settings
    with Pipeline(TappedNetwork(detector, bare, graph=False), config.thresholds()) as pipeline:
        hooks = NaiveHooks(module, stages, pipeline.process)
        try:
            yield _NaiveLoop(subject, hooks, frames)
        finally:
            hooks.close()


def endless(frames: Iterator[Frame], again: Sequence[Frame]) -> Iterator[Frame]:
    """The frames of the source, and should it be short, decoded ones again."""
    yield from frames
    yield from cycle(again)
