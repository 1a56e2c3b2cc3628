"""The page about one cell: where it is, what it can see, what its channels say, and how its map is spread."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.core.alteration import UNALTERED
from viewer.core.channels import OneChannel
from viewer.core.packet import FramePacket
from viewer.core.reducer_names import read_reducer
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.cells import Fact, MapValues, facts_of, in_order, is_similarity, map_values, vector_of
from viewer.session.channels import maps_shown, stage_named
from viewer.session.wanted import short_name
from viewer.ui import tokens
from viewer.ui.channel_bars import ChannelBars, ChannelProfile, value_text
from viewer.ui.channel_menu import ChannelMenu
from viewer.ui.controls import IconButton
from viewer.ui.histogram import Histogram
from viewer.ui.line import Line
from viewer.ui.scroll import Scroll
from viewer.ui.section import Section
from viewer.ui.tips import tip, with_keys

_EMPTY = (
    "Click a cell of a map to see what each channel says there, frame after frame, or mark one with Alt and the arrow "
    "keys and pin it with {pin_cell}. {gallery} shows all channels of a stage."
)
_VALUE = "The map's value in this cell, in the units of its reducer"
_FACTS = 4
_BUTTON = 26
_MOST_WORDS = 150
"""Width of a reducer's name beside a value, in pixels."""


class CellPage(QFrame):
    """Says nothing before a cell is pinned."""

    unpin_wished = Signal()
    """Follow the cell no more."""
    similarity_wished = Signal()
    """Show where the network says the same as here, or the maps of before."""
    gallery_wished = Signal(str)
    """Show the channels of the stage of this node."""
    channel_wished = Signal(str, int)
    """Show this channel of the stage of this node."""
    browse_wished = Signal(int)
    """Show the channel that many numbers further on."""
    mute_wished = Signal()
    solo_wished = Signal()
    """Let the channel that is shown be 0, or all others of its stage; or undo that."""
    back_wished = Signal()
    """Show the stage's map again instead of one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._node, self._alteration = "", UNALTERED
        self.empty = QLabel(with_keys(_EMPTY))
        self.empty.setObjectName("soft")
        self.empty.setWordWrap(True)
        self.title = Line(tokens.TEXT_BODY, strong=True)
        self.unpin = IconButton("clear", "Let the cell go", "Follow this cell no more  ( Esc )", size=24)
        self.facts = [(_quiet(), QLabel()) for _ in range(_FACTS)]
        self.similar = _button(
            "Similar cells",
            "On every tapped stage, how alike each cell is to what the stage says at this place in this frame: the "
            "cosine of both vectors of channels, -1 to 1; again for the maps of before  ( {similarity} )",
        )
        self.similar.setCheckable(True)
        self.gallery = _button("All channels", "The stage's channels as small pictures  ( {gallery} )")
        self.channel = _ShownChannel()
        self.profile, self.bars, self.histogram = ChannelProfile(), ChannelBars(), Histogram()
        self.value = QLabel()
        self.value.setObjectName("soft")
        self.value.setToolTip(_VALUE)
        self.menu = ChannelMenu(self)
        self._connect()
        self._lay_out()
        self._content.setVisible(False)

    def show_plan(
        self,
        state: ViewState,
        plan: RenderPlan,  # noqa: ARG002 - what is told comes with the packet
        packet: FramePacket | None,
        *,
        legible: bool = True,
    ) -> None:
        """Bring it to this frame; see `SidePage`."""
        self._alteration = state.inquiry.alteration
        self.channel.show_channel(state)
        self.similar.setChecked(is_similarity(state))
        if not legible:
            return
        vector = vector_of(state, packet)
        is_known = vector is not None and packet is not None
        self._content.setVisible(is_known)
        self.empty.setVisible(not is_known)
        if vector is None or packet is None:
            self.empty.setText(_why_empty(state, packet))
            return
        self._node = vector.stage.node
        title, node = vector.stage.title, vector.stage.node
        self.title.say(_titled(title, node), path=node, others=_nodes(state))
        self._show_facts(facts_of(state, packet))
        asked = state.inquiry.channel
        shown = asked.number if asked is not None and asked.node == self._node else None
        order = in_order(vector)
        self.profile.show_vector(order, vector.values, shown)
        self.bars.show_vector(order, vector.values, shown)
        values = map_values(vector, maps_shown(state, packet))
        self.histogram.show_values(values)
        self._show_value(values)

    def _show_value(self, values: MapValues | None) -> None:
        if values is None:
            self.value.setText("")
            return
        words = _reducer_words(values.reducer)
        # From the left, for a class's name is the end of it.
        short = self.value.fontMetrics().elidedText(words, Qt.TextElideMode.ElideLeft, _MOST_WORDS)
        self.value.setText(f"{short} {value_text(values.value)}")
        self.value.setToolTip(_VALUE if short == values.reducer else f"{values.reducer}\n{_VALUE}")

    def _show_facts(self, facts: tuple[Fact, ...]) -> None:
        for (name, value), fact in zip(self.facts, facts, strict=False):
            name.setText(fact.name)
            value.setText(fact.value)
            value.setToolTip(fact.hint)
            name.setToolTip(fact.hint)

    def _connect(self) -> None:
        self.unpin.clicked.connect(lambda _: self.unpin_wished.emit())
        self.similar.clicked.connect(lambda _: self.similarity_wished.emit())
        self.gallery.clicked.connect(lambda _: self.gallery_wished.emit(self._node))
        self.bars.menu_wished.connect(
            lambda channel, point: self.menu.offer(self._node, channel, point, self._alteration)
        )
        self.bars.channel_wished.connect(lambda number: self.channel_wished.emit(self._node, number))
        self.profile.place_wished.connect(self.bars.reveal)
        self.channel.previous.clicked.connect(lambda _: self.browse_wished.emit(-1))
        self.channel.next.clicked.connect(lambda _: self.browse_wished.emit(1))
        self.channel.mute.clicked.connect(lambda _: self.mute_wished.emit())
        self.channel.solo.clicked.connect(lambda _: self.solo_wished.emit())
        self.channel.back.clicked.connect(lambda _: self.back_wished.emit())

    def _lay_out(self) -> None:
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addLayout(self._table())
        column.addLayout(self._buttons())
        self.channels = Section("Channels, activation", self._channels(), margin=0)
        self.spread = Section("Map", self.histogram, self.value, margin=0)
        column.addWidget(self.channels, 1)
        column.addWidget(self.spread)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.empty.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, 0)
        outer.addWidget(self.channel)
        outer.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        outer.addWidget(self._content, 1)
        outer.addStretch(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Scroll(inner))

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(2 * tokens.UNIT, tokens.UNIT // 2, tokens.UNIT + 4, 0)
        row.addWidget(self.title, 1)
        row.addWidget(self.unpin)
        return row

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, tokens.UNIT)
        grid.setHorizontalSpacing(2 * tokens.UNIT)
        grid.setVerticalSpacing(4)
        for row, (name, value) in enumerate(self.facts):
            value.setFont(tokens.font(tokens.TEXT_SMALL))
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, tokens.UNIT // 2)
        row.setSpacing(tokens.UNIT)
        for button in (self.similar, self.gallery):
            row.addWidget(button, 1)
        return row

    def _channels(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.profile)
        column.addWidget(self.bars, 1)
        return box


class _ShownChannel(QFrame):
    """Which channel is seen in the place of a map, and the way on and back; hidden while none is."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Line(tokens.TEXT_BODY, strong=True)
        self.previous = IconButton(
            "find_previous", "Previous channel", "Previous channel by number  ( {previous_channel} )", size=24
        )
        self.next = IconButton("find_next", "Next channel", "Next channel by number  ( {next_channel} )", size=24)
        muting = "Let this channel be 0 and see what is found then; again: as it was  ( {mute_channel} )"
        self.mute = IconButton("mute", "Mute the channel", muting, checkable=True, size=24)
        alone = "Let all other channels of the stage be 0; again: as they were  ( {solo_channel} )"
        self.solo = IconButton("solo", "The channel alone", alone, checkable=True, size=24)
        self.back = IconButton("undo", "Back to the map", "The stage's map again  ( Esc )", size=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT, tokens.UNIT // 2, tokens.UNIT + 4, 0)
        row.setSpacing(2)
        row.addWidget(self.words, 1)
        for button in (self.previous, self.next, self.mute, self.solo, self.back):
            row.addWidget(button)
        self.setVisible(False)

    def show_channel(self, state: ViewState) -> None:
        """Name the channel that is asked for."""
        asked = state.inquiry.channel
        self.setVisible(asked is not None)
        if asked is not None:
            self.words.say(_channel_words(state, asked), path=asked.node, others=_nodes(state))
            self.words.setToolTip(_channel_hint(state, asked))
            edit = state.inquiry.alteration.edit_of(asked.node, asked.number)
            self.mute.setChecked(edit is not None and edit.factor == 0)
            self.solo.setChecked(edit is not None and edit.solo)


def _reducer_words(reducer: str) -> str:
    """What made a map, without the place or number that stands elsewhere already, as in `channel 17`."""
    name = read_reducer(reducer)
    if name.kind == "file":
        return f"{short_name(name.path)}:{name.symbol}"
    return f"channel {name.number}" if name.kind == "channel" else name.kind


def _channel_words(state: ViewState, asked: OneChannel) -> str:
    stage = stage_named(state, asked.node)
    return f"{asked.node if stage is None else stage.title}, channel {asked.number}"


def _nodes(state: ViewState) -> tuple[str, ...]:
    """All nodes, from which one is to be told."""
    return tuple(stage.node for stage in state.stages)


def _channel_hint(state: ViewState, asked: OneChannel) -> str:
    stage = stage_named(state, asked.node)
    numbers = "" if stage is None else f"; the stage has channels 0 to {stage.channels - 1}"
    return f"Shown in the stage's tile, in the place of its map{numbers}"


def _why_empty(state: ViewState, packet: FramePacket | None) -> str:
    if state.pinned is None:
        return with_keys(_EMPTY)
    refused = "" if packet is None else packet.findings.why_not("cell")
    return refused or "Waiting for the next frame …"


def _titled(title: str, node: str) -> str:
    return title if title == node else f"{title} · {node}"


def _quiet() -> QLabel:
    label = QLabel()
    label.setObjectName("soft")
    label.setFont(tokens.font(tokens.TEXT_SMALL))
    return label


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedHeight(_BUTTON)
    button.setAccessibleName(text)
    tip(button, tooltip)
    return button
