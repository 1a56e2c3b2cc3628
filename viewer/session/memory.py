"""What was opened, noted for the next time: the lists of the open page, and the session that can be continued."""

from dataclasses import replace

from viewer.config.recents import LastSession, Recents, RecentsFile
from viewer.config.schema import DEMO
from viewer.core.messages import DetectorReady, Event, SourceOpened
from viewer.session.export_choice import ExportChoice, choice_kept
from viewer.session.present import present_config
from viewer.session.restoring import settings_of
from viewer.session.session import Session
from viewer.session.wanted import remembered


class Memory:
    """Notes what a session opens.

    Args:
        session: Whose state shows it.
        file: Where it is kept; None keeps nothing.
    """

    def __init__(self, session: Session, file: RecentsFile | None) -> None:
        self._session, self._file = session, file

    def note(self, event: Event) -> None:
        """Note what was opened, as soon as it turns out to be usable."""
        config, recents = self._session.config, self._session.state.recents
        if isinstance(event, SourceOpened) and (source := remembered(config.source)):
            recents = recents.with_source(source)
        if isinstance(event, DetectorReady) and (model := remembered(config.model)):
            recents = recents.with_model(model)
        self._save(recents)

    def note_session(self) -> None:
        """Note what is open, to be continued; the demo alone is always there and needs no continuing."""
        config, state = self._session.config, self._session.state
        names = remembered(config.source), remembered(config.model)
        if state.source is None or not any(names):
            return
        index = 0 if state.source.is_live else self._session.index
        span = state.transport.span
        last = LastSession(
            names[0] or DEMO,
            names[1] or DEMO,
            index,
            config.weights,
            config.decode,
            settings_of(present_config(config, state)),
            None if span is None else (span.begin, span.end),
        )
        self._save(replace(state.recents, last=last))

    def note_export(self, choice: ExportChoice) -> None:
        """Note what was chosen for an export."""
        recents = replace(self._session.state.recents, export=choice_kept(choice))
        self._session.update(recents=recents)
        if self._file is not None:
            self._file.save(recents)

    def note_fold(self, heading: str, is_open: bool) -> None:
        """Note that the user opened a part of a panel, or folded it."""
        recents = self._session.state.recents
        self._save(replace(recents, folds={**recents.folds, heading: is_open}))

    def _save(self, recents: Recents) -> None:
        if self._file is not None and recents != self._session.state.recents:
            self._session.update(recents=recents)
            self._file.save(recents)
