"""What questions cost: reducers that look at all channels, explanations of what was found, a slider while paused.

Everything takes turns with the bare forward, or with the peer it is held against, on the same frames. Random weights
find nothing sure, so it is the best candidate of each frame that is explained.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median
from time import perf_counter

import torch

from viewer.assembly import build_pipeline, open_configured_detector, open_configured_source
from viewer.bench.effort import Effort
from viewer.bench.forwards import choose_taps
from viewer.bench.loops import endless
from viewer.bench.measure import Figure, flat, paired_difference, take_turns, timed_ms
from viewer.bench.peers import Missing, eigencam, predict_fps
from viewer.bench.subject import Subject, input_of
from viewer.bench.tapped import TappedForward
from viewer.core.cam import MOST_MERGED, CamQuestion, CamTarget
from viewer.core.detector import DetectorInfo
from viewer.core.errors import ReducerError
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.stage import Role, Stage
from viewer.core.suppression import Thresholds
from viewer.core.tapping import TapSettings
from viewer.detectors.devices import wait_for
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline, ReadAhead

_A_TURN = 6
_FEW = 8
_TAPS = 6
_SHARE = 3
"""Of the forwards that taps have: what is looked for here is not a hundredth of a forward but a tenth."""


@dataclass(slots=True)
class Measured:
    """What came out.

    Attributes:
        figures: By name.
        ratios: By name.
        skipped: What was not measured, and why.
        info: The detector that was measured; None before it was.
    """

    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    ratios: dict[str, float] = field(default_factory=dict[str, float])
    skipped: list[str] = field(default_factory=list[str])
    info: DetectorInfo | None = None


def measure_explaining(subject: Subject, effort: Effort, say: Callable[[str], None]) -> Measured:
    """Measure reducers and explanations against the bare forward, and whole loops against peers.

    Args:
        subject: What to run on.
        effort: How often each has a turn, and for how many frames.
        say: Told what is being measured.
    """
    measured = Measured()
    say("reducers and explanations against the bare forward")
    with _Questions(subject) as questions:
        questions.measure(measured, max(2, effort.rounds // _SHARE))
    say("loops in turn with EigenCAM and visualize")
    _compare(subject, effort, measured)
    return measured


class _Questions:
    """One network, asked one thing after the other; a context manager that closes it.

    Args:
        subject: Whose network and frames.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._frames = cycle(subject.frames)
        detector = self._detector = open_configured_detector(subject.config)
        self._inputs = cycle([input_of(detector, frame) for frame in subject.frames])
        self._network = TappedNetwork(detector, TapSettings(nodes=()), graph=False)

    def __enter__(self) -> "_Questions":
        return self

    def __exit__(self, *_: object) -> None:
        self._network.close()

    def measure(self, measured: Measured, rounds: int) -> None:
        """Let reducers take turns with the bare forward, then explanations with frames of which nothing is asked.

        Args:
            measured: Where the figures go.
            rounds: Forwards of each reducer.
        """
        measured.info = self._detector.info
        self._measure_reducers(measured, rounds)
        self._measure_explanations(measured, max(2, rounds // _A_TURN))

    def _measure_reducers(self, measured: Measured, rounds: int) -> None:
        detector = self._detector
        height, width = image_hw = self._subject.info.image_hw
        stages, letterbox = choose_taps(detector.stages, _TAPS), detector.letterbox(image_hw)
        ways: dict[str, Callable[[], Sequence[float]]] = {"forward": self._bare}
        with ExitStack() as stack:
            for name, spelled in {"pca": "pca", "similarity": f"similarity:{width // 2},{height // 2}"}.items():
                try:
                    tapped = stack.enter_context(TappedForward(detector, stages, spelled, letterbox))
                except ReducerError as error:
                    measured.skipped.append(f"{name}{_TAPS}_over_forward: {error}")
                    continue
                tapped.warm_up(next(self._inputs), frames=4)
                ways[name] = lambda tapped=tapped: [tapped.time_ms(next(self._inputs))]
            taken = take_turns(rounds, ways)
        bare = taken.pop("forward")
        forward = measured.figures["forward"] = Figure.of(flat(bare), "ms")
        for name, turns in taken.items():
            added = paired_difference(turns, bare)
            measured.figures[f"forward with {name} of {_TAPS} taps"] = Figure.of(flat(turns), "ms")
            measured.figures[f"cost of {name} of {_TAPS} taps"] = added
            measured.ratios[f"{name}{_TAPS}_over_forward"] = added.median / forward.median

    def _measure_explanations(self, measured: Measured, turns: int) -> None:
        deep = _deepest(self._detector.stages)
        questions = {"head": CamQuestion(CamTarget()), "deep": CamQuestion(CamTarget(), deep.node)}
        ways: dict[str, Callable[[], Sequence[float]]] = {"frame": lambda: self._asked(None)}
        for name, question in questions.items():
            ways[f"frame, one detection explained, {name}"] = lambda question=question: self._asked(question)
        taken = take_turns(turns, ways)
        measured.figures |= {name: Figure.of(flat(one), "ms") for name, one in taken.items()}
        forward_ms = measured.figures["forward"].median
        for name, ratio in (("head", "layercam1_over_forward"), ("deep", "layercam1_deep_over_forward")):
            added = paired_difference(taken[f"frame, one detection explained, {name}"], taken["frame"])
            measured.figures[f"cost of one explanation, {name}"] = added
            measured.ratios[ratio] = added.median / forward_ms

    @torch.inference_mode()
    def _bare(self) -> list[float]:
        def run() -> None:
            self._detector.forward(next(self._inputs))
            wait_for(self._detector.device)

        return [timed_ms(run)]

    def _asked(self, question: CamQuestion | None) -> list[float]:
        """Whole frames without taps, so that what is asked is all that differs.

        Where random weights score 1 to the last digit there is no evidence in the end, for the same work.
        """
        self._network.set_inquiry(NOTHING if question is None else Inquiry(cam=question))

        def run() -> None:
            self._network.infer(next(self._frames))

        run()
        spent = [timed_ms(run) for _ in range(_A_TURN)]
        self._network.set_inquiry(NOTHING)
        return spent


def _deepest(stages: Sequence[Stage]) -> Stage:
    """The last backbone stage that is tapped by default, which is as far back as most would look."""
    backbone = [stage for stage in stages if stage.role is Role.BACKBONE and stage.default]
    return (backbone or list(stages))[-1]


def _compare(subject: Subject, effort: Effort, measured: Measured) -> None:
    """Whole loops: ours with PCA against EigenCAM, ours with merged explanations against `visualize`."""
    with ExitStack() as stack:
        pipeline = stack.enter_context(build_pipeline(subject.config, image_hw=subject.info.image_hw))
        stages = choose_taps(pipeline.stages, _TAPS)
        loop = _Loop(subject, pipeline, tuple(stage.node for stage in stages))
        ways: dict[str, Callable[[], Sequence[float]]] = {
            "loop with PCA": lambda: [loop.reduced_fps(effort.loop_frames)],
            "loop with explanations merged": lambda: [loop.explained_fps(_FEW)],
            "ultralytics visualize": lambda: [predict_fps(subject, _FEW, visualize=True)],
        }
        try:
            explain = stack.enter_context(eigencam(subject, stages))
        except Missing as missing:
            measured.skipped.append(f"pca_fps_over_eigencam: {missing}")
        else:
            explain()
            ways["EigenCAM"] = lambda: [1 / explain()]
        taken = take_turns(effort.loop_rounds, ways)
    measured.figures |= {name: Figure.of(flat(one), "fps") for name, one in taken.items()}
    measured.figures["predictions explained a frame"] = Figure.of(loop.explained, "")
    for ratio, ours, theirs in (
        ("pca_fps_over_eigencam", "loop with PCA", "EigenCAM"),
        ("layercam_fps_over_visualize", "loop with explanations merged", "ultralytics visualize"),
    ):
        if theirs in taken:
            pairs = zip(flat(taken[ours]), flat(taken[theirs]), strict=True)
            measured.ratios[ratio] = median(one / other for one, other in pairs)


class _Loop:
    """Decode a thread ahead, network, taps, suppression, and what is asked."""

    def __init__(self, subject: Subject, pipeline: Pipeline, tapped: tuple[str, ...]) -> None:
        self._subject, self._pipeline, self._tapped = subject, pipeline, tapped
        self.explained: list[float] = []

    def reduced_fps(self, frames: int) -> float:
        """Frames a second with PCA of the taps."""
        self._pipeline.set_inquiry(NOTHING)
        return self._fps(TapSettings(self._tapped, "pca"), frames)

    def explained_fps(self, frames: int) -> float:
        """Frames a second with the same predictions explained as `visualize` explains: the best, none suppressed."""
        thresholds = Thresholds(conf=self._subject.config.conf, iou=1.0, max_det=MOST_MERGED)
        self._pipeline.set_inquiry(Inquiry(cam=CamQuestion(CamTarget(), merged=thresholds)))
        fps = self._fps(TapSettings(()), frames)
        self._pipeline.set_inquiry(NOTHING)
        return fps

    def _fps(self, settings: TapSettings, frames: int) -> float:
        self._pipeline.set_taps(settings)
        with open_configured_source(self._subject.config) as source, ReadAhead(source) as read:
            packets = self._pipeline.stream(islice(endless(read, self._subject.frames), frames + 2))
            for _ in range(2):
                next(packets)
            began_s = perf_counter()
            taken = list(packets)
            spent_s = perf_counter() - began_s
        self.explained += [float(len(p.findings.cam.objects)) for p in taken if p.findings.cam is not None]
        return frames / spent_s
