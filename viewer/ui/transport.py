"""The row under the timeline: play and step, speed and loop, and where we are, as frame number and as time."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.core.frame import Frame
from viewer.session import EnginePhase, Level, ViewState, timecode
from viewer.session.standing import Standing, standing
from viewer.ui import tokens
from viewer.ui.controls import Choice, IconButton, Readout
from viewer.ui.finder import Finder
from viewer.ui.goto import GotoField

SPEED_WORDS = tuple(f"{speed}{tokens.TIMES}" for speed in ("0.1", "0.25", "0.5", "1", "2", "4", "8"))


class TransportBar(QWidget):
    """Buttons that wish; numbers that tell."""

    speed_wished = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.back = IconButton("previous", "Previous frame", "Go one frame back  ( {previous_frame} )")
        self.play = IconButton("play", "Play", "Play or pause  ( {play_or_pause} )", size=36)
        self.forward = IconButton("next", "Next frame", "Go one frame on  ( {next_frame} )")
        self.loop = IconButton("loop", "Loop", "Start again at the end  ( {loop} )", checkable=True)
        self.loop_begin = IconButton("loop_begin", "Loop begins here", "Begin the loop here  ( {loop_begin} )", size=24)
        self.loop_end = IconButton("loop_end", "Loop ends here", "End the loop here  ( {loop_end} )", size=24)
        self.loop_clear = IconButton("clear", "Loop the whole file", "Loop the whole file  ( {loop_all} )", size=24)
        self.finder = Finder()
        speed_tip = f"Playing speed  ( {{slower}} slower, {{faster}} faster, {{normal_speed}} 1{tokens.TIMES} )"
        self.speed = Choice("Speed", speed_tip, SPEED_WORDS)
        self.goto = GotoField()
        self._frame = Readout("Frame number", "0000000 / 0000000")
        self._time = Readout("Timecode", "00:00:00.000", size_px=tokens.TEXT_TITLE)
        self.standing = Readout("State", "Reconnecting", colour="INK_SOFT")
        self._lay_out()
        # What is typed takes the place of what it will change: a narrow window has room for one of them.
        self.goto.came.connect(lambda: self._frame.setVisible(False))
        self.goto.left.connect(lambda: self._frame.setVisible(True))
        self.speed.chosen.connect(
            lambda word: self.speed_wished.emit(float(word.strip(f"{tokens.MINUS}{tokens.TIMES}")))
        )

    def show_state(self, state: ViewState, frame: Frame | None) -> None:
        """Bring buttons and numbers to what holds."""
        transport, source = state.transport, state.source
        self._show_standing(standing(state))
        seekable = source is not None and not source.is_live
        moves = source is not None and state.phase is not EnginePhase.LOST  # else a hand on it would do nothing
        for widget in (self.loop, self.speed, self.loop_begin, self.loop_end):
            widget.setEnabled(seekable)
        for widget in (self.back, self.forward):
            widget.setEnabled(seekable and moves)
        self.loop_clear.setEnabled(seekable and transport.span is not None)
        self.finder.show_state(state)
        self.play.setEnabled(moves)
        if transport.playing:
            self.play.draw("pause", "Pause")
        else:
            self.play.draw("play", "Play")
        self.loop.setChecked(transport.loop)
        sign = tokens.MINUS if transport.backwards else ""
        if not transport.backwards:
            self._forget_backwards()
        self.speed.set_word(f"{sign}{transport.speed:g}{tokens.TIMES}")
        self.show_place(state, frame)

    def show_place(self, state: ViewState, frame: Frame | None) -> None:
        """Bring only the numbers to the frame that is shown."""
        if frame is not None:
            count = state.source.frame_count if state.source else None
            self._frame.set_text(f"{frame.index} / {count - 1}" if count else f"{frame.index}")
            self._time.set_text(timecode(frame.pts_s))

    @property
    def frame_text(self) -> str:
        """The frame number as shown."""
        return self._frame.text

    @property
    def time_text(self) -> str:
        """The timecode as shown."""
        return self._time.text

    def _forget_backwards(self) -> None:
        """Speeds backwards stand in the list only while they are played: chosen there, one would be played on."""
        for row in range(self.speed.count() - 1, -1, -1):
            if self.speed.itemText(row).startswith(tokens.MINUS):
                self.speed.removeItem(row)

    def _show_standing(self, now: Standing) -> None:
        colour = {Level.INFO: "INK_SOFT", Level.WARNING: "WARN", Level.ERROR: "BAD"}[now.level]
        self.standing.set_text(now.word, colour)
        if self.standing.toolTip() != now.text:
            self.standing.setToolTip(now.text)

    def _lay_out(self) -> None:
        self.setFixedHeight(44)
        self.speed.setFixedWidth(92)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 4)
        row.setSpacing(4)
        for widget in (self.back, self.play, self.forward):
            row.addWidget(widget)
        row.addSpacing(2 * tokens.UNIT)
        row.addWidget(self._time)
        row.addSpacing(2 * tokens.UNIT)
        row.addWidget(self._frame)
        row.addWidget(self.goto)
        row.addWidget(self.standing)
        row.addStretch(1)
        row.addWidget(self.finder)
        row.addSpacing(2 * tokens.UNIT)
        for widget in (self.loop_begin, self.loop, self.loop_end, self.loop_clear):
            row.addWidget(widget)
        row.addWidget(self.speed)
