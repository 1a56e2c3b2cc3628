"""`featscope render`: the window's pictures into a video file, without a window and without Qt."""

import argparse
import itertools
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from viewer.commands.command import Command
from viewer.commands.loading import loading
from viewer.commands.options import ASKING_OPTIONS, RUN_OPTIONS, add_options, config_from
from viewer.commands.watched import Watched
from viewer.config.schema import EXPLAIN_MISSED, Config
from viewer.core.errors import ConfigError
from viewer.core.frame import Frame, SourceInfo
from viewer.core.packet import FramePacket
from viewer.core.paths import is_device, path_errors

_MOST_REFUSALS = 5
_NO_PICTURES = "pictures to be seen in; give --out OUT.mp4"
_NO_LINES = "a file to be written to; give --packets OUT.jsonl"
_NO_RATE_FPS = Fraction(25)  # for sources that do not say how fast they are


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="what to watch, or 'demo'")
    parser.add_argument("--out", metavar="OUT.mp4", type=Path, help="video to write (.mp4, .mkv, .mov, .avi, .webm)")
    parser.add_argument("--packets", metavar="OUT.jsonl", type=Path, help="write one JSON object a frame")
    parser.add_argument(
        "--overwrite", "--force", action="store_true", help="replace outputs that are there; otherwise they are kept"
    )
    parser.add_argument("--start", metavar="FRAME", type=int, default=0, help="first frame of a file (default: 0)")
    parser.add_argument("--max-frames", metavar="N", type=int, help="stop after this many frames")
    parser.add_argument("--canvas", metavar="WxH", default="1280x720", help="size of the pictures (default: 1280x720)")
    parser.add_argument(
        "--watched",
        action="store_true",
        help="for programs that run this one: progress as lines of JSON on standard output, and an end without output "
        "when standard input ends",
    )
    add_options(parser, (*RUN_OPTIONS, *ASKING_OPTIONS))


@dataclass(slots=True)
class _Tally:
    """What the closing line says."""

    frames: int = 0
    started_s: float = 0.0
    spent_ms: dict[str, list[float]] = field(default_factory=dict)
    lost_boxes: int = 0
    broken_frames: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, packet: FramePacket, compose_ms: float, write_ms: float) -> None:
        self.frames += 1
        lost = packet.candidates.nonfinite
        self.lost_boxes += lost
        broken = [*(["boxes"] if lost else []), *(tap.stage.title for tap in packet.taps if tap.nonfinite)]
        self.broken_frames.update(broken)
        self.refusals.update(packet.findings.refusals)
        parts = {**packet.timings.as_dict(), "compose": compose_ms, "write": write_ms}
        for part, spent_ms in parts.items():
            self.spent_ms.setdefault(part, []).append(spent_ms)

    def broken_line(self) -> str:
        """What was not finite, and in how many frames; empty where nothing was."""
        of_boxes = f"{self.lost_boxes} boxes" if self.lost_boxes > 1 else "1 box"
        parts = [
            f"{of_boxes if what == 'boxes' else what} in {frames} {'frame' if frames == 1 else 'frames'}"
            for what, frames in self.broken_frames.items()
        ]
        return f"not finite: {', '.join(parts)}" if parts else ""

    def refused_lines(self) -> list[str]:
        """What was asked and has no answer, in how many frames, most frames first."""
        most = self.refusals.most_common(_MOST_REFUSALS)
        return [f"{why} ({frames} of {self.frames} frames)" for why, frames in most]

    def closing_line(self) -> str:
        if not self.frames:
            return "0 frames"
        elapsed_s = perf_counter() - self.started_s
        # Medians: the first frame warms everything up and would colour a mean over few.
        typical = {part: median(spent) for part, spent in self.spent_ms.items()}
        # What took no time at all did not happen: masks of a detector that makes none, pictures nobody asked for.
        parts = " · ".join(f"{part} {ms:.1f}" for part, ms in typical.items() if ms)
        forward, taps_ms = typical["forward"], typical["reduce"]
        taps = f"taps {taps_ms:.2f} ms, {taps_ms / forward * 100:.1f} % of the forward" if forward else ""
        frames = "1 frame" if self.frames == 1 else f"{self.frames} frames"
        return f"{frames} · {self.frames / elapsed_s:.1f} fps · median ms a frame: {parts} · {taps}"


def _run(parsed: argparse.Namespace) -> int:
    config = config_from(parsed)
    size_wh = _checked(parsed)
    _require_meaning(parsed, config)

    from viewer.assembly import ask_configured, build_pipeline, find_followed, open_configured_source
    from viewer.pipeline import ReadAhead
    from viewer.render.compose import Composer
    from viewer.session.headless import headless_state
    from viewer.session.miss import miss_record
    from viewer.session.resolve import resolve
    from viewer.session.trail import Trail
    from viewer.sinks import JsonlSink, VideoSink, packet_record

    console = Console(stderr=True, highlight=False)
    tally = _Tally()
    with ExitStack() as stack:
        # A terminated run removes its unfinished files like an interrupted one.
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.default_int_handler))
        watched = Watched() if parsed.watched else None
        # Outputs come first: a folder that cannot be written to should not cost the loading of a network.
        source = stack.enter_context(open_configured_source(config))
        config.check_place(source.info.image_hw)
        if parsed.start:
            source.seek(parsed.start)
        rate = source.info.fps or _NO_RATE_FPS
        # The video is finished before the lines, so that a disk full at that moment leaves neither.
        lines = stack.enter_context(JsonlSink(parsed.packets)) if parsed.packets else None
        video = stack.enter_context(VideoSink(parsed.out, fps=rate)) if parsed.out else None
        with loading(console) as progress:
            pipeline = stack.enter_context(build_pipeline(config, image_hw=source.info.image_hw, progress=progress))
        followed = find_followed(config, pipeline, source, start=parsed.start)
        inquiry = ask_configured(config, pipeline, image_hw=source.info.image_hw, followed=followed)
        state = headless_state(
            config,
            source=source.info,
            detector=pipeline.info,
            stages=pipeline.stages,
            tapped=pipeline.tapped,
            thresholds=pipeline.thresholds,
            inquiry=inquiry,
        )
        composer, trail = Composer(size_wh), Trail(state, followed)
        bar = stack.enter_context(_bar(console))
        expected = _expected(source.info, parsed.start, parsed.max_frames)
        task = bar.add_task("Rendering", total=expected)
        frames = stack.enter_context(ReadAhead(source))
        tally.started_s = perf_counter()
        begin_s = 0.0
        for packet in pipeline.stream(_first(frames, parsed.max_frames, live=source.info.is_live)):
            processed_s = composed_s = perf_counter()
            if video is not None:
                picture = composer.compose(trail.mark(resolve(state, packet), packet))
                composed_s = perf_counter()
                if not tally.frames:
                    begin_s = packet.frame.pts_s
                # A part of a file is a film of its own, which begins when it begins.
                video.write(picture, packet.frame.pts_s - begin_s * bool(parsed.start))
            if lines is not None:
                lines.write(packet_record(packet, pipeline.info) | miss_record(state, packet))
            tally.add(packet, (composed_s - processed_s) * 1000, (perf_counter() - composed_s) * 1000)
            bar.update(task, advance=1)
            if watched is not None:
                watched.tell(tally.frames, expected)
    # Pictures made with random weights, or decoded by a guess, should not pass for others.
    console.print(f"{pipeline.info.name}: {', '.join(pipeline.info.notes)}", style="dim", soft_wrap=True)
    if broken := tally.broken_line():
        console.print(broken, style="yellow", soft_wrap=True)
    for line in tally.refused_lines():
        console.print(line, style="yellow", markup=False, soft_wrap=True)
    written = " and ".join(str(path) for path in (parsed.out, parsed.packets) if path)
    Console(highlight=False, soft_wrap=True).print(f"{written}: {tally.closing_line()}")
    return 0


def _checked(parsed: argparse.Namespace) -> tuple[int, int]:
    """Refuse what cannot work before anything is opened; returns the canvas size."""
    if parsed.out is None and parsed.packets is None:
        raise ConfigError("nothing to write; give --out OUT.mp4, --packets OUT.jsonl or both")
    if parsed.max_frames is not None and parsed.max_frames < 1:
        raise ConfigError(f"--max-frames {parsed.max_frames} is not a number of frames; give 1 or more")
    if parsed.start < 0:
        raise ConfigError(f"--start {parsed.start} is no frame; the first frame is 0")
    outputs = [path.resolve() for path in (parsed.out, parsed.packets) if path]
    if Path(parsed.source).resolve() in outputs or len(set(outputs)) != len(outputs):
        raise ConfigError("an output would overwrite the source or the other output; choose another name")
    _require_free(parsed)
    width, _, height = parsed.canvas.partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 7680 and 180 <= int(height) <= 4320):
        raise ConfigError(f"--canvas {parsed.canvas} not understood; give 320x180 to 7680x4320, such as 1920x1080")
    return int(width), int(height)


def _require_meaning(parsed: argparse.Namespace, config: Config) -> None:
    """Refuse what somebody typed and nothing would come of, for want of another option.

    Only what was typed: a preset, such as the options of a snapshot, may name a stage that nothing is explained at.
    """
    wanting = {
        "explain_at": None if config.explain else "something to explain; give --explain best, all or a class",
        "score_top": None if config.score_map else "a map to colour; give --score-map CLASS",
        "score_map": None if parsed.out else _NO_PICTURES,
        "channel": None if parsed.out else _NO_PICTURES,
        "alone": None if parsed.out else _NO_PICTURES,
        "cell": None if parsed.packets else _NO_LINES,
        "look_at": None if parsed.packets or config.explain == EXPLAIN_MISSED else _NO_LINES,
        "health": None if parsed.packets else _NO_LINES,
    }
    for key, lack in wanting.items():
        given = getattr(parsed, key)
        if lack and given not in (None, False):
            words = "--" + key.replace("_", "-") + ("" if given is True else f" {given}")
            raise ConfigError(f"{words} needs {lack}")


def _require_free(parsed: argparse.Namespace) -> None:
    """Refuse to replace a finished file unasked; devices and pipes are there to be written to."""
    if parsed.overwrite:
        return
    with path_errors(ConfigError, "cannot look for the outputs"):
        taken = [path for path in (parsed.out, parsed.packets) if path and path.is_file() and not is_device(path)]
    if taken:
        there = " and ".join(map(str, taken))
        verb = "is" if len(taken) == 1 else "are"
        raise ConfigError(f"{there} {verb} there already; give another name, or --overwrite to replace it")


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _expected(info: SourceInfo, start: int, most: int | None) -> int | None:
    if info.frame_count is None:
        return most
    left = info.frame_count - start
    return left if most is None else min(most, left)


def _first(frames: Iterator[Frame], most: int | None, *, live: bool) -> Iterator[Frame]:
    """The first frames of a source; Ctrl+C ends a live one, which has no other end, and its files are kept."""
    for _ in itertools.count() if most is None else range(most):
        try:
            frame = next(frames)
        except StopIteration:
            return
        except KeyboardInterrupt:
            if not live:
                raise
            return
        yield frame


RENDER = Command("write the pictures to a video file, without a window", _declare, _run)
