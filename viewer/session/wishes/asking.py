"""Wishes to know more of every frame than its boxes and maps; and the page of the right panel that tells it."""

from dataclasses import replace
from typing import Any

from viewer.core.inquiry import Inquiry
from viewer.core.messages import SetInquiry
from viewer.session.session import Session
from viewer.session.side import Side


class Asking:
    """Puts questions to the engine.

    Args:
        session: Whose frames they are about.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def asked(self) -> Inquiry:
        """What is asked now."""
        return self._session.state.inquiry

    def ask(self, **changes: Any) -> None:
        """Ask something else in these fields of the inquiry, and the rest as before."""
        inquiry = replace(self.asked, **changes)
        if inquiry != self.asked:
            # Sent first: who watches the state may ask something else at once, which is to arrive after this.
            self._session.send(SetInquiry(inquiry))
            self._session.update(inquiry=inquiry)

    def show_side(self, side: Side) -> None:
        """Turn the right panel to this page."""
        self._session.update(side=side)

    # --- the engine's side ------------------------------------------------------------------------------------------

    def ask_again(self) -> None:
        """Tell an engine that knows nothing yet what is asked."""
        if self.asked:
            self._session.send(SetInquiry(self.asked))
