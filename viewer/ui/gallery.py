"""A page over the pictures with a stage's channels, the most telling first; live, and while the picture stands."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from typing_extensions import override

from viewer.core.alteration import UNALTERED, Alteration
from viewer.core.channels import PAGE, Gallery, RankBy, Thumbnails
from viewer.core.packet import FramePacket
from viewer.render.colormap import lut
from viewer.session import ViewState
from viewer.session.channels import RANKS, tapped_stages
from viewer.ui import tokens
from viewer.ui.channel_edits import done_text
from viewer.ui.channel_menu import ChannelMenu
from viewer.ui.controls import Choice, IconButton
from viewer.ui.page import Page
from viewer.ui.thumbnail_grid import ThumbnailGrid

_WIDTH = 1080


class GalleryPage(Page):
    """Small pictures, and above them of which stage and in which order."""

    stage_wished = Signal(str)
    """Show the channels of the stage of this node."""
    rank_wished = Signal(RankBy)
    """Put them in this order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Channels of a stage", _WIDTH)
        self._nodes: tuple[str, ...] = ()
        self.stage = Choice("Stage", "Whose channels", ())
        self.rank = Choice(
            "Order",
            "What puts the channels in order, the largest first, of this frame:\n"
            "mean: over all cells\n"
            "variance: over all cells\n"
            "the chosen box: correlation over all cells with the share of each that the chosen object's box covers",
            tuple(RANKS.values()),
        )
        self.previous = IconButton("page_back", "Channels before", "Channels before these  ( PgUp )", size=24)
        self.next = IconButton("page_on", "More channels", "More channels  ( PgDn )", size=24)
        self.shut = IconButton("close", "Back to the pictures", "Back to the pictures  ( Esc )", size=24)
        self.range = QLabel()
        self.range.setObjectName("soft")
        self.grid = ThumbnailGrid()
        self.menu = ChannelMenu(self)
        self._node, self._alteration = "", UNALTERED
        self.stage.chosen.connect(self._on_stage)
        self.rank.chosen.connect(self._on_rank)
        self.grid.menu_wished.connect(
            lambda channel, point: self.menu.offer(self._node, channel, point, self._alteration)
        )
        self.shut.clicked.connect(lambda _: self.put_away())
        self.column.addLayout(self._head())
        self.column.addWidget(self.grid, 1)

    @override
    def take_focus(self) -> None:
        self.grid.setFocus()

    def show_gallery(self, state: ViewState, packet: FramePacket | None) -> None:
        """Bring it to this frame."""
        asked = state.inquiry.gallery
        if asked is None:
            return
        self._show_choices(state, asked)
        self._node, self._alteration = asked.node, state.inquiry.alteration
        found = None if packet is None else packet.findings.gallery
        found = found if found is not None and found.stage.node == asked.node else None
        shown = state.inquiry.channel
        number = shown.number if shown is not None and shown.node == asked.node else None
        rect = None if packet is None or packet.letterbox is None else packet.letterbox.map_rect
        aspect = {} if rect is None else {"aspect": rect.height / rect.width}
        self.grid.show_thumbnails(
            found, lut(state.colormap, 1.0), number, done=_done(self._alteration, asked.node), **aspect
        )
        self.previous.setEnabled(found is not None and found.page > 0)
        self.next.setEnabled(found is not None and found.page < found.pages - 1)
        self.range.setText(_range(found))

    def _show_choices(self, state: ViewState, asked: Gallery) -> None:
        stages = tapped_stages(state)
        nodes = tuple(stage.node for stage in stages)
        if nodes != self._nodes:
            self._nodes = nodes
            _fill(self.stage, [stage.title for stage in stages])
        if asked.node in nodes:
            self.stage.setCurrentIndex(nodes.index(asked.node))
        self.rank.set_word(RANKS[asked.by])

    def _on_stage(self, _word: str) -> None:
        self.stage_wished.emit(self._nodes[self.stage.currentIndex()])

    def _on_rank(self, word: str) -> None:
        self.rank_wished.emit(next(by for by, name in RANKS.items() if name == word))

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(tokens.UNIT)
        title = QLabel("Channels of")
        title.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        by = QLabel("by")
        by.setObjectName("soft")
        for widget in (title, self.stage, by, self.rank):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.range, self.previous, self.next, self.shut):
            row.addWidget(widget)
        return row


def _done(alteration: Alteration, node: str) -> dict[int, str]:
    return {edit.channel: done_text(edit) for edit in alteration.edits if edit.node == node}


def _fill(choice: Choice, words: Sequence[str]) -> None:
    choice.clear()
    choice.addItems(list(words))


def _range(found: Thumbnails | None) -> str:
    if found is None:
        return ""
    first = found.page * PAGE
    return f"{first + 1} to {first + len(found.channels)} of {found.stage.channels}"
