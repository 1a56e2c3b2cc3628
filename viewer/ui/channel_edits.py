"""Channels of stages: one in hand to mute, to hear alone or to scale, and a list of what was done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.core.alteration import ChannelEdit
from viewer.session import ViewState
from viewer.session.picked import picked_stage
from viewer.ui import tokens
from viewer.ui.controls import IconButton, NumberField, NumberSlider
from viewer.ui.stage_choice import StageChoice

_MOST_ROWS = 64
_SLIDER_FACTOR = 4.0


class ChannelEdits(QWidget):
    """A stage and a channel of it, what can be done to it, and all that is done."""

    picked = Signal(str, int)
    """Take this channel of this stage in hand."""
    mute_wished = Signal()
    solo_wished = Signal()
    """Do that to the channel in hand, or undo it."""
    factor_wished = Signal(str, int, float)
    """Multiply this channel by this."""
    restore_wished = Signal(str, int)
    """Leave this channel as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = StageChoice(
            "Stage whose channels are changed",
            "Stage whose channels are changed; opens a list to search  ( F6 walks here, Space )",
        )
        self.channel = NumberField("Channel", "Channel in hand, counted from 0  ( F6 walks here, Enter )", low=0)
        self.most = QLabel()
        self.most.setObjectName("faint")
        muting = "Mute: the channel is 0 from here on; again: as it was  ( {mute_channel} )"
        self.mute = IconButton("mute", "Mute the channel", muting, checkable=True, size=24)
        alone = "Solo: all other channels of the stage are 0; again: as it was  ( {solo_channel} )"
        self.solo = IconButton("solo", "The channel alone", alone, checkable=True, size=24)
        self.factor = NumberSlider(
            "Factor",
            "What the channel is multiplied by, 0 to 4; 1 leaves it as it is  ( F6 walks here, arrows )",
            high=_SLIDER_FACTOR,
            steps=80,
            inline=True,
        )
        self.list = QVBoxLayout()
        self._shown: tuple[tuple[str, ChannelEdit], ...] = ()
        self._pick = ("", 0)
        self.stage.node_chosen.connect(lambda node: self.picked.emit(node, self._pick[1]))
        self.channel.entered.connect(lambda number: self.picked.emit(self._pick[0], round(number)))
        self.mute.clicked.connect(lambda _: self.mute_wished.emit())
        self.solo.clicked.connect(lambda _: self.solo_wished.emit())
        self.factor.changed.connect(lambda factor: self.factor_wished.emit(*self._pick, factor))
        self._lay_out()

    def show_state(self, state: ViewState) -> None:
        """Show the channel in hand and what is done."""
        stage = picked_stage(state.pick, state.stages, state.tapped)
        self.stage.show_stages(state.stages, state.tapped, stage.node if stage else "")
        for widget in (self.channel, self.mute, self.solo, self.factor):
            widget.setEnabled(stage is not None)
        if stage is not None:
            channel = min(state.pick.channel, stage.channels - 1)
            self._pick = (stage.node, channel)
            self.channel.set_bounds(0, stage.channels - 1)
            self.channel.set_value(channel)
            self.most.setText(f"of {stage.channels}")
            edit = state.inquiry.alteration.edit_of(stage.node, channel)
            self.mute.setChecked(edit is not None and edit.factor == 0)
            self.solo.setChecked(edit is not None and edit.solo)
            self.factor.set_value(1.0 if edit is None else edit.factor)
        titles = {stage.node: stage.title for stage in state.stages} | {s.name: s.name for s in state.stages if s.name}
        self._show_edits(tuple((titles.get(e.node, e.node), e) for e in state.inquiry.alteration.edits))

    def _show_edits(self, shown: tuple[tuple[str, ChannelEdit], ...]) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self.list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for title, edit in shown[:_MOST_ROWS]:
            row = EditRow(title, edit)
            row.restore.clicked.connect(lambda _=False, edit=edit: self.restore_wished.emit(edit.node, edit.channel))
            row.taken.clicked.connect(lambda _=False, edit=edit: self.picked.emit(edit.node, edit.channel))
            self.list.addWidget(row)
        if len(shown) > _MOST_ROWS:
            more = QLabel(f"and {len(shown) - _MOST_ROWS} more")
            more.setObjectName("faint")
            self.list.addWidget(more)

    def _lay_out(self) -> None:
        self.channel.setFixedWidth(48)
        self.list.setSpacing(0)
        words = QLabel("Channel")
        words.setObjectName("soft")
        row = QHBoxLayout()
        row.setSpacing(tokens.UNIT)
        for widget in (words, self.channel, self.most):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.mute)
        row.addWidget(self.solo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT // 2)
        column.addWidget(self.stage)
        column.addLayout(row)
        column.addWidget(self.factor)
        column.addLayout(self.list)


class EditRow(QWidget):
    """What was done to one channel, and a button that undoes it."""

    def __init__(self, title: str, edit: ChannelEdit) -> None:
        super().__init__()
        words = edit_text(title, edit)
        self.taken = QPushButton(words)
        self.taken.setObjectName("flat")
        self.taken.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.taken.setAccessibleName(f"Take in hand: {words}")
        self.taken.setToolTip(f"Take channel {edit.channel} of {edit.node} in hand  ( F6 walks here, Space )")
        self.restore = IconButton(
            "clear", f"Undo: {words}", "As the network makes it  ( F6 walks here, Space )", size=20
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.taken)
        row.addStretch(1)
        row.addWidget(self.restore)
        self.setFixedHeight(tokens.ROW)


def edit_text(title: str, edit: ChannelEdit) -> str:
    """An edit in words: `P3 · channel 12 muted`."""
    return f"{title} \N{MIDDLE DOT} channel {edit.channel} {done_text(edit)}"


def done_text(edit: ChannelEdit) -> str:
    """What is done to a channel: `muted`, `solo`, or its factor."""
    if edit.solo:
        return "solo" if edit.factor == 1 else f"solo {tokens.TIMES} {edit.factor:.2f}"
    return "muted" if edit.factor == 0 else f"{tokens.TIMES} {edit.factor:.2f}"
