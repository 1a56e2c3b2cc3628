"""Opening something else while what is open plays on: a second engine is tried beside the first.

Why a second engine and not a change inside the first: whatever goes wrong with a new file, address or model (it is
refused, it hangs, it takes the process down with it) happens to an engine that nobody watches yet. Giving up is ending
that process, what was there before was never touched, and a restart after a crash and an opening are one way. The
price is that two engines lie in memory until the new one is ready. Where there is too little for both, the user may let
the old one go first.

A device that only one can hold, a camera for one, is the exception: there the old engine goes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from viewer.config import Config
from viewer.core.messages import DetectorReady, Event, Failed, FailedPart, Loading, SourceOpened
from viewer.session.state import EnginePhase, ViewState
from viewer.session.wanted import Wanted

if TYPE_CHECKING:
    from viewer.engine.port import EnginePort


class Verdict(Enum):
    """What has become of a trial."""

    OPEN = auto()
    READY = auto()
    REFUSED = auto()


class Connect(Protocol):
    """Makes engines."""

    def __call__(self, config: Config, *, index: int, playing: bool) -> "EnginePort":
        """An engine that is not started yet, for what it is to open, the frame to begin with, and whether to play."""
        ...


@dataclass(slots=True)
class Trial:
    """An engine that is being tried.

    Attributes:
        wanted: What it is to open.
        config: What it was given.
        engine: Started.
        impatient: Whether it takes over with its first frame, because nothing worth keeping is shown.
        alone: Whether the old engine was ended for it.
        events: What it has said so far.
    """

    wanted: Wanted
    config: Config
    engine: "EnginePort"
    impatient: bool
    alone: bool
    events: list[Event]

    def follow(self) -> Verdict:
        """Take what it has to say."""
        alive = self.engine.is_alive  # asked first, so that its last words are heard
        self.events += self.engine.take_events()
        verdict = judge(self.wanted, self.events, impatient=self.impatient)
        return Verdict.REFUSED if verdict is Verdict.OPEN and not alive else verdict

    @property
    def loading(self) -> Loading | None:
        """What it is busy with."""
        return next((event for event in reversed(self.events) if isinstance(event, Loading)), None)

    @property
    def refusal(self) -> str:
        """Why it was refused, in one line."""
        failure = self._failure
        return f"the engine ended while it opened {self.wanted.text}" if failure is None else failure.text

    @property
    def wants_room(self) -> bool:
        """Whether it ran out of memory beside another engine."""
        failure = self._failure
        return not self.alone and failure is not None and bool(failure.memory_of)

    @property
    def _failure(self) -> Failed | None:
        """What it was refused for."""
        failures = (event for event in self.events if isinstance(event, Failed))
        return next((failed for failed in failures if _is_fatal(self.wanted, failed)), None)


def judge(wanted: Wanted, events: Sequence[Event], *, impatient: bool = False) -> Verdict:
    """Whether an engine may take over: what was asked for is there, and the rest is settled, well or not.

    A model that was refused before is no reason to refuse a new video, nor the other way round.

    Args:
        wanted: What was asked for.
        events: What the engine has said.
        impatient: A first frame is enough.
    """
    if any(isinstance(event, Failed) and _is_fatal(wanted, event) for event in events):
        return Verdict.REFUSED
    failed = {event.part for event in events if isinstance(event, Failed)}
    has_source = any(isinstance(event, SourceOpened) for event in events)
    has_model = any(isinstance(event, DetectorReady) for event in events)
    if impatient and has_source:
        return Verdict.READY
    settled = (has_source or FailedPart.SOURCE in failed) and (has_model or FailedPart.MODEL in failed)
    return Verdict.READY if settled else Verdict.OPEN


def is_exclusive(wanted: Wanted, state: ViewState) -> bool:
    """Whether what is open must be let go first: a live source is asked for that this session holds already."""
    source = state.source
    return source is not None and source.is_live and wanted.source in (None, source.uri)


def has_nothing_to_keep(state: ViewState) -> bool:
    """Whether no engine shows anything that a new one would interrupt."""
    return state.phase in (EnginePhase.EMPTY, EnginePhase.LOST) or FailedPart.SOURCE in state.failed


class Retired:
    """Engines on their way out; ending one can take a second or two, which is nobody's time to wait."""

    def __init__(self) -> None:
        self._threads: list[Thread] = []

    def retire(self, engine: "EnginePort") -> None:
        """End an engine without waiting for it; nobody uses it any more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = Thread(target=engine.close, name="featscope-retiring")
        thread.start()
        self._threads.append(thread)

    @property
    def are_gone(self) -> bool:
        """Whether all have ended."""
        return not any(thread.is_alive() for thread in self._threads)

    def join(self) -> None:
        """Wait until all have ended."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()


def _is_fatal(wanted: Wanted, failed: Failed) -> bool:
    asked = {FailedPart.SOURCE: wanted.source, FailedPart.MODEL: wanted.model}
    return failed.part is FailedPart.ENGINE or asked.get(failed.part) is not None
