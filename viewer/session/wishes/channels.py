"""Wishes for single channels: one in the place of a stage's map, and a gallery of them."""

from dataclasses import replace

from viewer.core.channels import Gallery, OneChannel, RankBy
from viewer.core.packet import FramePacket
from viewer.session.channels import box_of, stage_meant, stage_named
from viewer.session.session import Session
from viewer.session.state import Level, Notice, ViewState
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.taps import Taps

_NO_BOX = "No box to compare channels with: click an object first, one that is on the screen"


class Channels:
    """Asks for channels.

    Args:
        session: Whose stages they are of.
        asking: Puts questions to the engine.
        taps: Taps the stage of a channel where nobody does.
    """

    def __init__(self, session: Session, asking: Asking, taps: Taps) -> None:
        self._session, self._asking, self._taps = session, asking, taps
        session.watch(self._follow)

    # --- one --------------------------------------------------------------------------------------------------------

    def show_channel(self, node: str, number: int) -> None:
        """Show this channel in the place of the stage's map; the other stages keep theirs."""
        state = self._session.state
        stage = stage_named(state, node)
        if stage is None:
            return
        if node not in state.tapped:
            self._taps.toggle_tap(node, True)
        self._asking.ask(channel=OneChannel(node, number % stage.channels, state.taps.limits))

    def browse_channels(self, step: int) -> None:
        """Show the channel that many numbers further on, round the end; nothing happens while none is shown."""
        shown = self._session.state.inquiry.channel
        if shown is not None:
            self.show_channel(shown.node, shown.number + step)

    def leave_channel(self) -> None:
        """Show the stage's map again."""
        self._asking.ask(channel=None)

    # --- many -------------------------------------------------------------------------------------------------------

    def open_gallery(self, node: str | None = None) -> None:
        """Show the channels of a stage, of the one that is meant where none is named."""
        node = stage_meant(self._session.state) if node is None else node
        shown = self._session.state.inquiry.gallery
        if node is None:
            self._session.update(notice=Notice(Level.INFO, "No stage is tapped; tap one to see its channels"))
        else:
            self._ask(Gallery(node) if shown is None else replace(shown, node=node, page=0))

    def take_channel(self, number: int) -> None:
        """Show this channel of the gallery's stage, and the pictures again."""
        shown = self._session.state.inquiry.gallery
        if shown is not None:
            self.show_channel(shown.node, number)
            self.close_gallery()

    def close_gallery(self) -> None:
        """Look at many channels no more."""
        self._asking.ask(gallery=None)

    def rank_channels(self, by: RankBy) -> None:
        """Put the channels in another order."""
        shown = self._session.state.inquiry.gallery
        if shown is not None:
            self._ask(replace(shown, by=by, page=0))

    def turn_gallery(self, pages: int) -> None:
        """Show the channels behind these (+1) or before them (-1)."""
        shown, packet = self._session.state.inquiry.gallery, self._session.packet
        if shown is not None:
            found = packet.findings.gallery if packet is not None else None
            last = found.pages - 1 if found is not None else shown.page + pages
            self._ask(replace(shown, page=min(max(shown.page + pages, 0), last)))

    def saw(self, packet: FramePacket) -> None:
        """A frame came, in which the box may lie elsewhere."""
        shown = self._session.state.inquiry.gallery
        if shown is not None and shown.by is RankBy.BOX and packet.letterbox is not None:
            box = box_of(self._session.state, self._session.plan, shown.node)
            if box is not None:
                self._asking.ask(gallery=replace(shown, box=box))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _ask(self, gallery: Gallery) -> None:
        if gallery.by is RankBy.BOX:
            box = box_of(self._session.state, self._session.plan, gallery.node) or gallery.box
            if box is None:
                self._session.update(notice=Notice(Level.INFO, _NO_BOX))
                return
            gallery = replace(gallery, box=box)
        self._asking.ask(gallery=gallery)

    def _follow(self, before: ViewState, state: ViewState) -> None:
        """A channel has the limits of the other maps, and goes with its stage's tile."""
        shown = state.inquiry.channel
        if shown is None:
            return
        if shown.node in before.tapped and shown.node not in state.tapped:
            self.leave_channel()
        elif shown.limits != state.taps.limits:
            self._asking.ask(channel=replace(shown, limits=state.taps.limits))
