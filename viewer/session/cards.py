"""What there is to know of the open source and the loaded model, as names and words. The views only print it."""

from viewer.core.detector import DetectorInfo
from viewer.core.frame import SourceInfo
from viewer.render.timecode import timecode
from viewer.session.state import ViewState

Card = tuple[tuple[str, str], ...]
"""Pairs of a name and what it is; what is not known is left out."""

_TIMES = "\N{MULTIPLICATION SIGN}"
_TURNS = {90: "a quarter turn", 180: "half a turn", 270: "three quarters of a turn"}


def source_card(source: SourceInfo) -> Card:
    """What is known of a source."""
    height, width = source.image_hw
    frames = "" if source.frame_count is None else f"{source.frame_count:,}".replace(",", "\N{NO-BREAK SPACE}")
    return _known(
        ("Name", source.name),
        ("From", source.uri if source.uri != source.name else ""),
        ("Kind", f"{source.kind}, live" if source.is_live else str(source.kind)),
        ("Codec", source.codec),
        ("Size", f"{width}{_TIMES}{height} px"),
        ("Rotation", f"{_TURNS[source.rotation]}, honoured" if source.rotation in _TURNS else ""),
        ("Pixels", source.pixel_format),
        ("Rate", f"{float(source.fps):.6g} fps" if source.fps else ""),
        ("Frames", frames),
        ("Length", timecode(source.duration_s) if source.duration_s is not None else ""),
    )


def model_card(detector: DetectorInfo, execution: str = "") -> Card:
    """What is known of a model.

    Args:
        detector: As it was loaded.
        execution: How it runs now, as in `DetectorInfo.execution`.
    """
    how, _, why = (execution or detector.execution).partition(":")
    return _known(
        ("Name", detector.name),
        ("Architecture", detector.architecture),
        ("Parameters", _large(detector.parameters) if detector.parameters else ""),
        ("Operations", f"{detector.gflops:.3g} GFLOP a frame" if detector.gflops else ""),
        ("Classes", _classes(detector.names)),
        ("Head", f"strides {', '.join(map(str, detector.strides))}" if detector.strides else ""),
        ("Beside boxes", ", ".join(detector.shapes)),
        ("Device", detector.device),
        ("Precision", detector.precision),
        ("Runs", {"graph": "graph, one launch a frame", "eager": "eager, operation by operation"}.get(how, how)),
        ("No graph", why.strip()),
        *(("Note" if number == 0 else "", note) for number, note in enumerate(detector.notes)),
    )


def cards(state: ViewState) -> dict[str, Card]:
    """Both cards by title; one that has nothing to tell says so."""
    execution = state.report.execution if state.report else ""
    return {
        "Source": source_card(state.source) if state.source else (("", "No source is open"),),
        "Model": model_card(state.detector, execution) if state.detector else (("", "No model is loaded"),),
    }


def _known(*pairs: tuple[str, str]) -> Card:
    return tuple((name, text) for name, text in pairs if text)


def _large(count: int) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {letter}"
    return str(count)


def _classes(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:4])
    return f"{len(names)}: {shown} …" if len(names) > 4 else f"{len(names)}: {shown}"
