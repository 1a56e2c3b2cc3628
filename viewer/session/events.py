"""What an engine's event changes in the view state: pure, so each rule can be read and tested alone."""

from dataclasses import replace

from viewer.core.frame import Link
from viewer.core.inquiry import NOTHING
from viewer.core.messages import DetectorReady, Event, Failed, FailedPart, Loading, Report, SourceOpened, Transport
from viewer.session.arrange import order_named
from viewer.session.costs import Costs
from viewer.session.picked import ChannelPick
from viewer.session.state import EnginePhase, Level, Notice, Remedy, Viewport, ViewState
from viewer.session.sweeping import SweepState
from viewer.session.why_choice import WhyChoice

HANGING_S = 10.0
"""A frame that takes longer than this in the network may never come out of it."""


def after_event(state: ViewState, event: Event) -> ViewState:
    """The state once an event is known.

    Which taps stand is settled by `viewer.session.wish` and not here. Events of the shared ring never come this far.
    Of an engine that is gone nothing counts any more but what ended it.
    """
    if state.phase is EnginePhase.LOST and not isinstance(event, Failed):
        return state
    match event:
        case Loading():
            phase = EnginePhase.LOADING if state.phase is EnginePhase.STARTING else state.phase
            return replace(state, phase=phase, loading=event)
        case SourceOpened(info):
            return replace(_recovered(state), source=info)
        case DetectorReady(info, stages, classes):
            # What failed before keeps its message; a detector alone shows nothing.
            phase = state.phase if state.phase is EnginePhase.FAILED else EnginePhase.READY
            thresholds = state.thresholds if classes is None else replace(state.thresholds, classes=classes)
            after = replace(state, phase=phase, loading=None, detector=info, stages=stages, thresholds=thresholds)
            after = replace(after, order=order_named(state.order, stages))
            # Class numbers of another detector mean other things.
            same = state.detector is None or state.detector.names == info.names
            return after if same else replace(after, seen=frozenset(), focus=None, pointed=None)
        case Transport():
            # A source that failed at one place of a file may well play at another.
            return replace(_recovered(state) if event.playing else state, transport=event)
        case Report():
            return replace(state, report=event, notice=_trouble_notice(state, event))
        case Failed():
            return _after_failure(state, event)
        case _:
            return state


def after_death(state: ViewState, frame_index: int | None) -> ViewState:
    """The state once the engine process is gone.

    Args:
        state: Before.
        frame_index: Number of the frame that stays on the screen; None where there is none.
    """
    kept = "" if frame_index is None else f"; frame {frame_index} is kept"
    notice = Notice(Level.ERROR, f"The engine ended unexpectedly{kept}", Remedy.RESTART)
    if state.notice is not None and state.notice.level is Level.ERROR:
        # What it said before it ended tells more than that it ended.
        notice = replace(state.notice, remedy=Remedy.RESTART)
    return _standing(replace(state, phase=EnginePhase.LOST, loading=None, notice=notice, sweep=_done(state.sweep)))


def after_restart(state: ViewState) -> ViewState:
    """The state while a new engine starts: what the user chose stays, what the old engine said goes."""
    starting = EnginePhase.STARTING
    return replace(
        state,
        phase=starting,
        failed=frozenset(),
        loading=None,
        notice=None,
        report=None,
        sweep=None,
        why=replace(state.why, never=()),
    )


def after_opening(state: ViewState, *, new_source: bool) -> ViewState:
    """The state once another engine has taken over and before its words are heard: what the old one said goes.

    Args:
        state: Before.
        new_source: Whether it shows another source; the same one keeps its zoom and its loop.
    """
    return replace(
        after_restart(state),
        source=None,
        detector=None,
        stages=(),
        tapped=(),
        costs=Costs(),
        seen=frozenset(),
        focus=None,
        pointed=None,
        inquiry=NOTHING,
        lookout=False,
        picked=None,
        miss=None,
        score_strides=(),
        pinned=None,
        reducer_before="",
        why=WhyChoice(),
        pick=ChannelPick(),
        occluding=False,
        sweep=None,
        search=None,
        behind_s=None,
        maximised=None,
        viewport=Viewport() if new_source else state.viewport,
        transport=replace(state.transport, span=None if new_source else state.transport.span),
        opening=None,
        refusal="",
    )


def after_cancel(state: ViewState) -> ViewState:
    """The state once loading was given up and nothing was there before."""
    return replace(after_opening(state, new_source=True), phase=EnginePhase.EMPTY, transport=Transport())


def _done(sweep: SweepState | None) -> SweepState | None:
    """What is known of a frame stays with it; what was to be found out is not."""
    return None if sweep is None or sweep.is_running else sweep


def _recovered(state: ViewState) -> ViewState:
    """Frames come, so the source works; a network that could not be loaded does not get better by that."""
    if FailedPart.SOURCE not in state.failed:
        return state
    failed = state.failed - {FailedPart.SOURCE}
    ours = state.notice is not None and state.notice.part is FailedPart.SOURCE
    ready = EnginePhase.LOADING if state.detector is None else EnginePhase.READY
    phase = EnginePhase.FAILED if failed else ready
    return replace(state, phase=phase, failed=failed, notice=None if ours else state.notice)


def _after_failure(state: ViewState, failed: Failed) -> ViewState:
    if failed.part in (FailedPart.TAPS, FailedPart.INQUIRY):
        # Frames run on with the taps that stood before, and with what was asked before.
        notice = Notice(Level.WARNING, failed.text, part=failed.part, detail=failed.detail)
        return state if state.phase is EnginePhase.LOST else replace(state, loading=None, notice=notice)
    # The same model once more is refused once more.
    remedy = Remedy.OPEN if failed.part is FailedPart.MODEL else Remedy.RESTART
    notice = Notice(Level.ERROR, failed.text, remedy, failed.part, failed.detail, failed.memory_of)
    if state.phase is EnginePhase.LOST:
        return replace(state, notice=notice)
    after = replace(state, phase=EnginePhase.FAILED, failed=state.failed | {failed.part}, loading=None, notice=notice)
    # Without a network the video plays on; whether it does is the engine's to say.
    return after if failed.part is FailedPart.MODEL else _standing(after)


def _standing(state: ViewState) -> ViewState:
    return replace(state, transport=replace(state.transport, playing=False))


def _trouble_notice(state: ViewState, report: Report) -> Notice | None:
    """Say once that frames fail to come, follow the words of it, and take the notice back when they come again.

    A notice that the user dismissed stays away until the next trouble; one about something worse is left alone.
    """
    before = None if state.report is None else _trouble(state, state.report)
    now = _trouble(state, report)
    shown = state.notice
    ours = shown is not None and before is not None and shown.text == before.text
    if now is None:
        return None if ours else shown
    if ours or (before is None and (shown is None or shown.level is not Level.ERROR)):
        return now
    return shown


def _trouble(state: ViewState, report: Report) -> Notice | None:
    if report.status.link is Link.LOST:
        name = state.source.name if state.source else "the source"
        return Notice(Level.WARNING, report.status.text or f"{name} sends no frames")
    if report.busy_s > HANGING_S:
        text = f"One frame has been in the network for {report.busy_s:.0f} s; restart the engine if it hangs"
        return Notice(Level.WARNING, text, Remedy.RESTART)
    return None
