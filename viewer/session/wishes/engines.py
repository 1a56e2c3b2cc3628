"""Wishes to open something else, to give that up, and to start an engine anew: settles which engine is shown."""

from collections.abc import Callable
from dataclasses import replace

from viewer.config.schema import Config
from viewer.core.errors import ConfigError
from viewer.core.messages import Event, SetLoop, SetSpeed, SetThresholds, SetThrottle
from viewer.session.events import after_cancel, after_opening, after_restart
from viewer.session.next_config import config_for
from viewer.session.relief import Relief, relieved
from viewer.session.restoring import restored
from viewer.session.search import Target
from viewer.session.session import Session
from viewer.session.state import EnginePhase, Opening
from viewer.session.trial import Connect, Retired, Trial, Verdict, has_nothing_to_keep, is_exclusive
from viewer.session.wanted import Wanted, understood
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.playing import Playing
from viewer.session.wishes.seeking import Seeking
from viewer.session.wishes.taps import Taps


class Engines:
    """Tries engines, lets one take the place of another, and ends them.

    Args:
        session: Whose engine it is.
        playing: Plays on after another model came.
        seeking: Goes back to the frame that was shown.
        taps: Are asked anew of every engine.
        asking: The same.
        connect: Makes engines.
        take: Takes what an engine said while it was tried.
    """

    def __init__(
        self,
        session: Session,
        playing: Playing,
        seeking: Seeking,
        taps: Taps,
        asking: Asking,
        *,
        connect: Connect,
        take: Callable[[Event], None],
    ) -> None:
        self._session, self._playing, self._seeking = session, playing, seeking
        self._taps, self._asking = taps, asking
        self._connect, self._take = connect, take
        self._wake: Callable[[], None] = lambda: None
        self._trial: Trial | None = None
        self._crowded: tuple[Wanted, Config] | None = None
        """What was refused for want of memory beside the engine that runs."""
        self._retired = Retired()

    # --- wishes -----------------------------------------------------------------------------------------------------

    def open(self, wanted: Wanted, *, may_run: bool = False) -> None:
        """Open another source, another model, or both; what is open plays on until that is there.

        What cannot be opened is said in `ViewState.refusal`, and nothing else changes.

        Args:
            wanted: What to open.
            may_run: Whether the user said that code in it may be run; until then `ViewState.asking` asks.
        """
        if wanted.code and not may_run:
            self._session.update(asking=understood(wanted), refusal="")
            return
        try:
            config = config_for(wanted, self._session.config, self._session.state)
        except ConfigError as error:
            self._session.update(asking=None, refusal=str(error), wants_room=False)
            return
        self._give_up_trial()
        self._try(wanted, config)

    def make_room(self) -> None:
        """Let go of what is open and open what found no memory beside it; refused again, what was open starts anew."""
        crowded, self._crowded = self._crowded, None
        if crowded is not None and self._trial is None:
            self._try(*crowded, alone=True)

    def cancel(self) -> None:
        """Give up what is being opened or loaded and go back to what was there before."""
        session = self._session
        if self._trial is not None:
            self._give_up_trial()
        elif session.state.phase in (EnginePhase.STARTING, EnginePhase.LOADING):
            session.keep_packet()
            self._retired.retire(session.engine)
            session.drop_packet()
            session.show(after_cancel(session.state))

    def answer(self, yes: bool, *, instead: int = 0) -> None:
        """Whether what `ViewState.asking` asks about may be run.

        Args:
            yes: Whether it may.
            instead: 0 for itself, 1 for the first of what its file can be opened as as well.
        """
        asking = self._session.state.asking
        if asking is not None and instead:
            asking = asking.instead[instead - 1]
        self._session.update(asking=None)
        if yes and asking is not None and asking.reducer is not None:
            self._taps.set_reducer(asking.reducer, may_run=True)
        elif yes and asking is not None:
            self.open(asking, may_run=True)

    def leave_question(self) -> None:
        """The user turned to something else: what was asked is answered with no, what was refused is read."""
        self._session.update(refusal="", asking=None)

    def restart_engine(self) -> None:
        """Start a new engine at the frame that is shown, with everything the user has set since.

        It plays only if the old one did, or was to play as soon as it was ready.
        """
        session = self._session
        if self._trial is not None and self._trial.alone:
            return  # the engine that is being tried is all there is
        session.request.drop()
        session.keep_packet()
        was_empty = session.state.phase is EnginePhase.EMPTY
        session.show(after_restart(session.state))
        if was_empty:
            self._start_another()
            return
        session.engine.restart(index=session.index, playing=session.resume_playing)
        self._tell_settings()
        self._taps.ask_again()
        self._asking.ask_again()
        if self._trial is not None:
            self._throttle(on=True)

    def relieve(self, relief: Relief) -> None:
        """Start a new engine at the frame that is shown, which needs less memory in this way."""
        session = self._session
        if self._trial is not None:
            return  # what is being opened settles it
        session.keep_packet()
        self._retired.retire(session.engine)
        state, session.config = relieved(relief, session.state, session.config)
        session.show(after_restart(state))
        self._start_another()

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self, wake: Callable[[], None]) -> None:
        """Start the first engine; `wake` is called from another thread whenever there is something to take."""
        self._wake = wake
        if self._session.state.phase is not EnginePhase.EMPTY:
            self._session.engine.start(wake)
            self._asking.ask_again()

    def close(self) -> None:
        """End all of them."""
        if self._trial is not None:
            self._retired.retire(self._trial.engine)
            self._trial = None
        self._session.engine.close()
        self._retired.join()

    @property
    def has_none(self) -> bool:
        """Whether no engine is there that could say anything."""
        is_alone = self._trial is not None and self._trial.alone
        return is_alone or self._session.state.phase in (EnginePhase.LOST, EnginePhase.EMPTY)

    def follow_trial(self) -> None:
        """See what has become of the engine that is tried."""
        trial = self._trial
        if trial is None:
            return
        verdict = trial.follow()
        if verdict is Verdict.READY:
            self._adopt(trial)
        elif verdict is Verdict.REFUSED:
            self._give_up_trial()
            self._crowded = (trial.wanted, trial.config) if trial.wants_room else None
            self._session.update(refusal=trial.refusal, wants_room=trial.wants_room)
        else:
            self._session.update(opening=Opening(trial.wanted.text, trial.loading))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _try(self, wanted: Wanted, config: Config, *, alone: bool = False) -> None:
        session = self._session
        impatient = has_nothing_to_keep(session.state)
        alone = (alone or is_exclusive(wanted, session.state)) and not self.has_none
        if alone:
            session.keep_packet()
            self._retired.retire(session.engine)
        # The same file is not played on twice at once: it is shown anew, at the frame where it stands by then.
        is_file_again = wanted.source is None and session.is_file and not impatient
        index = session.index if wanted.source is None else wanted.index
        engine = self._connect(config, index=index, playing=not is_file_again)
        self._trial = Trial(wanted, config, engine, impatient, alone, [])
        self._throttle(on=True)
        session.update(opening=Opening(wanted.text), asking=None, refusal="")
        engine.start(self._wake)

    def _adopt(self, trial: Trial) -> None:
        """Let the engine that was tried take the place of the one that is shown."""
        session = self._session
        self._trial = None
        before, index = session.state, session.index
        if not trial.alone:
            session.keep_packet()
            self._retired.retire(session.engine)
        session.engine, session.config = trial.engine, trial.config
        session.request.drop()
        self._taps.begin_anew()
        session.resume_playing = before.transport.playing or trial.wanted.source is not None or trial.impatient
        state = after_opening(before, new_source=trial.wanted.source is not None)
        if trial.wanted.model is not None:
            thresholds = replace(state.thresholds, classes=None)
            # The number of a class means another one now.
            state = replace(state, taps=trial.config.tap_settings, thresholds=thresholds, target=Target())
        session.show(restored(state, trial.wanted, trial.config))
        wished = session.state.transport
        for event in trial.events:
            self._take(event)
        # It said where it stands before it was told how to play.
        told = replace(session.state.transport, speed=wished.speed, loop=wished.loop, span=wished.span)
        session.update(transport=told)
        self._tell_settings()
        if trial.wanted.source is None and session.is_file:
            self._seeking.seek(index)  # it may have played on since
            if before.transport.playing:
                self._playing.play()

    def _give_up_trial(self) -> None:
        trial, self._trial = self._trial, None
        if trial is None:
            return
        self._retired.retire(trial.engine)
        self._session.update(opening=None)
        if trial.alone:
            self._session.show(after_restart(self._session.state))
            self._start_another()
        else:
            self._throttle(on=False)

    def _throttle(self, *, on: bool) -> None:
        """Let what plays leave the machine to what is opened: it loads slowly beside a network at full load."""
        if not self.has_none:
            self._session.send(SetThrottle(on))

    def _start_another(self) -> None:
        session = self._session
        session.request.drop()
        session.engine = self._connect(session.config, index=session.index, playing=session.resume_playing)
        session.engine.start(self._wake)
        self._tell_settings()
        self._taps.ask_again()
        self._asking.ask_again()

    def _tell_settings(self) -> None:
        state = self._session.state
        self._session.send(SetSpeed(state.transport.speed))
        self._session.send(SetLoop(state.transport.loop, state.transport.span))
        self._session.send(SetThresholds(state.thresholds))
