"""Wishes about one cell: pin it, follow it, show what it says strongest, and where else the network says the same."""

from viewer.core.cell import Cell
from viewer.core.packet import FramePacket
from viewer.session.cells import SIMILARITY, cell_at, centre_of, channel_at, in_order, is_similarity, vector_of
from viewer.session.session import Session
from viewer.session.side import Side
from viewer.session.state import ViewState
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.channels import Channels
from viewer.session.wishes.taps import Taps

_USUAL = "absmean"


class Cells:
    """Knows which cell the user means; it is asked for while somebody looks.

    Args:
        session: Whose maps it is in.
        asking: Puts questions to the engine.
        taps: Changes how maps are made.
        channels: Shows single channels.
    """

    def __init__(self, session: Session, asking: Asking, taps: Taps, channels: Channels) -> None:
        self._session, self._asking, self._taps, self._channels = session, asking, taps, channels
        self._wants_strongest = False
        self._aims = False
        session.watch(self._follow)

    def pick(self, key: str, x: float, y: float) -> None:
        """Pin the cell that a tile shows at a source pixel, and turn to its page."""
        cell = cell_at(self._session.plan, key, x, y)
        if cell is not None:
            self._pin(cell)
            self._session.update(side=Side.CELL)

    def pick_strongest(self, key: str, x: float, y: float) -> None:
        """Pin the cell, and show what is strongest there once that is known; of a mosaic, the channel that is there."""
        channel = channel_at(self._session.plan, key, x, y)
        if channel is not None:
            self._channels.show_channel(key, channel)
            return
        cell = cell_at(self._session.plan, key, x, y)
        if cell is not None:
            self._wants_strongest = True
            self._pin(cell)
            self._ask()
            self._strengthen(self._session.packet)

    def unpin(self) -> None:
        """Follow no cell any more."""
        self._wants_strongest = False
        if is_similarity(self._session.state):
            self.toggle_similarity()
        self._session.update(pinned=None)

    def toggle_similarity(self) -> None:
        """Show on every tapped stage how alike cells are to the pinned one; or the maps of before again."""
        state = self._session.state
        if is_similarity(state):
            self._taps.set_reducer(state.reducer_before or _USUAL)
            self._session.update(reducer_before="")
            return
        if self._aim():
            self._session.update(reducer_before=state.taps.reducer)

    def saw(self, packet: FramePacket) -> None:
        """A frame came, perhaps with what was waited for."""
        self._strengthen(packet)
        if self._aims and vector_of(self._session.state, packet) is not None:
            self._aims = False
            if is_similarity(self._session.state):
                self._aim()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _aim(self) -> bool:
        """Let the maps show similarity to the pinned cell; tells whether its place is known."""
        centre = centre_of(self._session.state, self._session.packet)
        if centre is not None:
            self._taps.set_reducer(f"{SIMILARITY}{round(centre[0], 1):g},{round(centre[1], 1):g}")
        return centre is not None

    def _pin(self, cell: Cell) -> None:
        self._aims = is_similarity(self._session.state) and cell != self._session.state.pinned
        self._session.update(pinned=cell)

    def _strengthen(self, packet: FramePacket | None) -> None:
        vector = vector_of(self._session.state, packet) if self._wants_strongest else None
        if vector is not None:
            self._wants_strongest = False
            self._channels.show_channel(vector.stage.node, int(in_order(vector)[0]))
            self._ask()

    def _follow(self, _before: ViewState, _state: ViewState) -> None:
        self._ask()

    def _ask(self) -> None:
        """Ask for the cell while its page is open, or while its strongest channel is waited for."""
        state = self._session.state
        is_looked_at = state.side is Side.CELL or self._wants_strongest
        self._asking.ask(cell=state.pinned if is_looked_at else None)
