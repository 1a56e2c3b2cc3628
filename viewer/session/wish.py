"""Which taps the user wants, ahead of what the engine has confirmed.

A check box must follow the finger, while the engine takes a moment to change its taps and answers older wishes in
between. Those answers must not flip the box back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from viewer.core.messages import TapsChanged
from viewer.core.stage import Stage
from viewer.core.tapping import TapSettings
from viewer.session.state import ViewState


@dataclass(slots=True)
class TapWish:
    """The newest wish that was sent and the last taps that the engine confirmed."""

    asked: TapSettings | None = None
    confirmed: TapsChanged | None = None

    def ask(self, state: ViewState, settings: TapSettings) -> ViewState:
        """Wish for these taps; the state shows them at once."""
        self.asked = settings
        # While the stages are unknown, what is asked may be short names such as P3, and nothing is tapped anyway.
        known = settings.nodes is not None and bool(state.stages)
        tapped = in_order(settings.nodes or (), state.stages) if known else state.tapped
        return replace(state, taps=settings, tapped=tapped)

    def answered(self, state: ViewState, event: TapsChanged) -> ViewState:
        """Take the engine's answer: shown unless a newer wish is still open."""
        self.confirmed = event
        if self.asked is not None and not _grants(event, self.asked):
            return state
        self.asked = None
        return _showing(state, event)

    def refused(self, state: ViewState) -> ViewState:
        """Fall back to the taps that stand."""
        self.asked = None
        return state if self.confirmed is None else _showing(state, self.confirmed)


def in_order(nodes: Iterable[str], stages: Iterable[Stage]) -> tuple[str, ...]:
    """Nodes in the order of execution; unknown ones are left out."""
    wanted = set(nodes)
    return tuple(stage.node for stage in stages if stage.node in wanted)


def _grants(event: TapsChanged, asked: TapSettings) -> bool:
    if event.settings == asked:
        return True
    nodes = tuple(stage.node for stage in event.tapped)
    same_nodes = asked.nodes is None or set(nodes) == set(asked.nodes)
    return same_nodes and (event.settings.reducer, event.settings.limits) == (asked.reducer, asked.limits)


def _showing(state: ViewState, event: TapsChanged) -> ViewState:
    nodes = tuple(stage.node for stage in event.tapped)
    tapped = in_order(nodes, state.stages) if state.stages else nodes
    return replace(state, loading=None, taps=event.settings, tapped=tapped)
