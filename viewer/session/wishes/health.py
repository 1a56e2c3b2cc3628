"""Wishes to know whether the stages are well."""

from dataclasses import replace
from typing import Any

from viewer.core.health import HealthLimits, Measure
from viewer.session.health_log import HealthEvent, beside
from viewer.session.health_view import question
from viewer.session.lookback import Lookback
from viewer.session.session import Session
from viewer.session.state import ViewState
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.seeking import Seeking


class Health:
    """Asks how the tapped stages are while somebody looks, and goes where they were not well.

    Args:
        session: Whose stages they are.
        asking: Puts the question.
        lookback: Knows the frames seen so far.
        seeking: Goes to a frame.
    """

    def __init__(self, session: Session, asking: Asking, lookback: Lookback, seeking: Seeking) -> None:
        self._session, self._asking, self._lookback, self._seeking = session, asking, lookback, seeking
        session.watch(self._state_changed)

    @property
    def events(self) -> tuple[HealthEvent, ...]:
        """Where a number crossed its limit in the frames seen so far, while that is looked at."""
        history, state = self._lookback.history, self._session.state
        if history is None or state.inquiry.health is None:
            return ()
        return history.health.events(state.health.limits)

    def set_health_limits(self, limits: HealthLimits) -> None:
        """Count numbers above these as worth a look."""
        self._update(limits=limits)

    def plot_measure(self, measure: Measure) -> None:
        """Draw this number over time."""
        self._update(measure=measure)

    def choose_stage(self, node: str) -> None:
        """Tell the numbers of this stage in full."""
        self._update(node=node)

    def keep_watching(self, keeps: bool) -> None:
        """Watch the stages while another page is open, or not."""
        self._update(keeps=keeps)

    def set_epsilon(self, epsilon: float) -> None:
        """Count values of this magnitude or less as close to zero; what was seen with another is forgotten."""
        self._begin(epsilon=epsilon)

    def begin_health_anew(self) -> None:
        """Forget quiet channels, the drift's reference and all frames seen so far, and begin with the next one."""
        self._begin(run=self._session.state.health.check.run + 1)

    def seek_health_event(self, step: int) -> None:
        """Go to the next place where a number crossed its limit, or to the one before."""
        event = beside(self.events, self._session.index, step)
        if event is not None:
            self._update(node=event.node)
            self._seeking.seek(event.index)

    def _begin(self, **changes: Any) -> None:
        if self._lookback.history is not None:
            self._lookback.history.health.begin_anew()
        self._update(check=replace(self._session.state.health.check, **changes))

    def _update(self, **changes: Any) -> None:
        self._session.update(health=replace(self._session.state.health, **changes))

    def _state_changed(self, before: ViewState, now: ViewState) -> None:
        wanted = question(now.health, now.side, now.tapped)
        if wanted != question(before.health, before.side, before.tapped) and wanted != now.inquiry.health:
            self._asking.ask(health=wanted)
