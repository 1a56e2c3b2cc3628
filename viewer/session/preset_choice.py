"""Named choices of taps: which there are for the loaded network, which one holds, and what choosing one does."""

from collections.abc import Callable
from pathlib import Path

from viewer.core.errors import SinkError
from viewer.session.controller import Controller
from viewer.session.preset_store import Presets, PresetStore
from viewer.session.state import ViewState
from viewer.session.taking import Outcome

SUGGESTED = "Suggested"
"""Name of the model's own choice, which is never saved."""


class PresetChoice:
    """The presets of the network that is loaded. All methods belong to the window's thread.

    Networks of one architecture share them, for their stages have the same nodes.

    Args:
        path: Of the file they are kept in.
        controller: Taps what is chosen.
        say: Takes what the user should read.
    """

    def __init__(self, path: Path, controller: Controller, say: Callable[[Outcome], None]) -> None:
        self._store = PresetStore(path)
        self._controller, self._say = controller, say
        self._architecture = ""
        self._saved: Presets = {}
        self._meant = SUGGESTED

    @property
    def names(self) -> tuple[str, ...]:
        """What can be chosen, the model's own choice first; nothing before a network is loaded."""
        return (SUGGESTED, *sorted(self._saved, key=str.casefold)) if self._architecture else ()

    def current(self) -> str:
        """The one that holds; empty where the taps are none of them. Of two with the same stages the one last meant."""
        names = self.names
        wanted = (self._meant, *names) if self._meant in names else names
        return next((name for name in wanted if self._holds(name)), "")

    def _holds(self, name: str) -> bool:
        state = self._controller.state
        return set(state.tapped) == {stage.node for stage in state.stages} & set(self._nodes(name, state))

    def follow(self) -> None:
        """Look the presets up when another network was loaded."""
        detector = self._controller.state.detector
        architecture = detector.architecture if detector else ""
        if architecture != self._architecture:
            self._architecture = architecture
            self._look_up()

    def choose(self, name: str) -> None:
        """Tap its stages and no others."""
        state = self._controller.state
        nodes = self._nodes(name, state)
        there = {stage.node for stage in state.stages} & set(nodes)
        if nodes and not there:
            self._say(Outcome(f"No stage of {name!r} is in {self._architecture}; nothing was changed", failed=True))
            return
        self._meant = name
        self._controller.tap_only(nodes)
        if len(there) < len(nodes):
            self._say(
                Outcome(f"{len(nodes) - len(there)} of the {len(nodes)} stages of {name!r} are not in this model")
            )

    def save(self, name: str) -> bool:
        """Keep the stages that are tapped under a name.

        Returns:
            Whether they are kept; if not, the user was told why.
        """
        name, replaced = name.strip(), name.strip() in self._saved
        if not name or name.casefold() == SUGGESTED.casefold():
            self._say(Outcome(f"{name or 'An empty name'!r} cannot be used; give another name", failed=True))
            return False
        state = self._controller.state
        if not self._change(lambda: self._store.save(self._architecture, name, state.tapped)):
            return False
        self._meant = name
        did = "Replaced" if replaced else "Saved"
        count = len(state.tapped)
        self._say(Outcome(f"{did} {name!r}: {count} {'stage' if count == 1 else 'stages'} of {self._architecture}"))
        return True

    def delete(self) -> None:
        """Keep the one that holds no longer; its stages stay tapped."""
        name = self.current()
        if name in self._saved and self._change(lambda: self._store.delete(self._architecture, name)):
            self._say(Outcome(f"Deleted {name!r}; its stages stay tapped"))

    def is_saved(self, name: str) -> bool:
        """Whether this one can be deleted."""
        return name in self._saved

    def _nodes(self, name: str, state: ViewState) -> tuple[str, ...]:
        if name == SUGGESTED:
            return tuple(stage.node for stage in state.stages if stage.default)
        return self._saved.get(name, ())

    def _change(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except SinkError as error:
            self._say(Outcome(str(error), failed=True))
            return False
        self._look_up()
        return True

    def _look_up(self) -> None:
        self._saved = self._store.presets(self._architecture) if self._architecture else {}
        if self._store.trouble:
            self._say(Outcome(self._store.trouble, failed=True))
            self._store.trouble = ""
