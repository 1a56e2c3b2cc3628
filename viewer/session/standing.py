"""Which of its few states a session is in, in one word and one line: what the foot of the window says first."""

from dataclasses import dataclass

from viewer.core.frame import Link
from viewer.core.messages import FailedPart
from viewer.session.state import EnginePhase, Level, ViewState

SLOW = 0.5
"""Playing at less than this part of the rate that is wanted is slow."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A state that has a name.

    Attributes:
        word: The name.
        text: What it means and what can be done, in one line.
        level: How loud.
    """

    word: str
    text: str
    level: Level = Level.INFO


def standing(state: ViewState) -> Standing:
    """The state a session is in; of several that hold the one that explains the others."""
    return _without_engine(state) or _of_source(state) or _of_transport(state)


def _without_engine(state: ViewState) -> Standing | None:
    match state.phase:
        case EnginePhase.EMPTY:
            return Standing("Empty", "Nothing is open; Ctrl+O opens something")
        case EnginePhase.LOST:
            return Standing("Engine lost", "The engine ended; Ctrl+R starts another at this frame", Level.ERROR)
        case EnginePhase.STARTING | EnginePhase.LOADING:
            return Standing("Loading", "The source opens and the model loads; Ctrl+. gives up")
        case _:
            return None


def _of_source(state: ViewState) -> Standing | None:
    if FailedPart.SOURCE in state.failed:
        return Standing("No source", "The source failed; Ctrl+R tries again, Ctrl+O opens another", Level.ERROR)
    if state.report is not None and state.report.status.link is Link.LOST:
        return Standing("Reconnecting", "The source sends no frames; it is connected again by itself", Level.WARNING)
    if FailedPart.MODEL in state.failed:
        return Standing("No model", "The model was refused; the video plays without. Ctrl+O opens another", Level.ERROR)
    if state.failed:
        return Standing("Failed", "Ctrl+R starts the engine again", Level.ERROR)
    return None


def _of_transport(state: ViewState) -> Standing:
    transport = state.transport
    if not transport.playing:
        if state.search is not None and not state.search.over:
            return Standing("Searching", "Frames are looked at one by one; Esc stops at the one that is shown")
        if transport.at_end:
            return Standing("End of file", "Space plays from the start, Shift+L loops")
        return Standing("Paused", "Space plays")
    if _is_slow(state):
        text = "The network is slower than the source; a smaller model, fewer taps or a GPU make it faster"
        return Standing("Slow", text, Level.WARNING)
    if transport.backwards:
        return Standing("Backwards", "K pauses, L plays on, J is faster")
    return Standing("Live" if state.source is not None and state.source.is_live else "Playing", "Space pauses")


def _is_slow(state: ViewState) -> bool:
    source, report = state.source, state.report
    if source is None or not source.fps or report is None or not report.inference_fps:
        return False
    speed = 1.0 if source.is_live else state.transport.speed
    return report.inference_fps < SLOW * float(source.fps) * min(speed, 1.0)
