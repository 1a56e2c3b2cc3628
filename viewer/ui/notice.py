"""What the window has to say without stopping anybody: a bar over the pictures, words where there is no picture."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.messages import FailedPart
from viewer.session import EnginePhase, Level, Notice, Remedy, ViewState
from viewer.session.relief import Relief
from viewer.ui import tokens
from viewer.ui.outcome import room_button
from viewer.ui.tips import tip, with_keys
from viewer.ui.words import sentence

_TICK_MS = 40
_LAP_MS = 1600
_RUNNER = 0.25
"""Part of the strip that runs along it while nobody knows how far the engine is."""
_COLOURS = {Level.INFO: "ACCENT", Level.WARNING: "WARN", Level.ERROR: "BAD"}
"""By name, for a notice may outlive a theme."""
_MENDED_BY_ANOTHER = (FailedPart.SOURCE, FailedPart.MODEL, FailedPart.ENGINE)
"""What failed may not fail with another source or model, of which one may need less."""


_RELIEFS = {
    Relief.FEWER_TAPS: "Start a new engine at this frame that taps the coarser half of the stages",
    Relief.SMALLER_INPUT: "Start a new engine at this frame whose input is half as wide; small objects may be missed",
    Relief.HALF: "Start a new engine at this frame that computes in 16-bit floats",
}
NO_RELIEFS: Mapping[Relief, str] = {}


class NoticeBar(QFrame):
    """One line with its remedy; gone when there is nothing to say."""

    restart_wished = Signal()
    open_wished = Signal()
    room_wished = Signal()
    """Let go of what is open, beside which there was no memory, and open what was refused."""
    relief_wished = Signal(Relief)
    """Need less memory in this way."""
    dismiss_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._colour = _COLOURS[Level.INFO]
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.restart = QPushButton("Restart engine")
        self.restart.setObjectName("primary")
        tip(self.restart, "Start a new engine at this frame  ( {restart_engine} )")
        self.open = QPushButton("Open …")
        tip(self.open, "Open something else  ( {open} )")
        self.dismiss = QPushButton("Dismiss")
        tip(self.dismiss, "Hide this message  ( {escape} )")
        self.copy = QPushButton("Copy details")
        self.copy.setToolTip("Copy this message and where in the program it arose")
        self.reliefs = {relief: QPushButton() for relief in Relief}
        for relief, button in self.reliefs.items():
            button.setAccessibleName(f"Start anew with {relief}")
            button.setToolTip(_RELIEFS[relief])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setVisible(False)
            button.clicked.connect(lambda _, relief=relief: self.relief_wished.emit(relief))
        self.room = room_button()
        self.room.setVisible(False)
        for button in (self.copy, self.restart, self.open, self.dismiss):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT + 4, tokens.UNIT, tokens.UNIT, tokens.UNIT)
        row.setSpacing(tokens.UNIT)
        said = QVBoxLayout()
        said.setSpacing(tokens.UNIT // 2)
        said.addWidget(self.text)
        ways = QHBoxLayout()  # below the words, for which a narrow window has no room beside all buttons
        ways.setSpacing(tokens.UNIT)
        for button in self.reliefs.values():
            ways.addWidget(button)
        ways.addStretch(1)
        said.addLayout(ways)
        row.addLayout(said, 1)
        row.addWidget(self.copy)
        row.addWidget(self.room)
        row.addWidget(self.restart)
        row.addWidget(self.open)
        row.addWidget(self.dismiss)
        self._detail = ""
        self.copy.clicked.connect(self._copy)
        self.room.clicked.connect(lambda _: self.room_wished.emit())
        self.restart.clicked.connect(self.restart_wished)
        self.open.clicked.connect(self.open_wished)
        self.dismiss.clicked.connect(self.dismiss_wished)
        self.setVisible(False)

    def show_state(
        self, state: ViewState, *, beside_page: bool = False, reliefs: Mapping[Relief, str] = NO_RELIEFS
    ) -> None:
        """Say the state's notice, or nothing.

        Args:
            state: What holds.
            beside_page: Whether the open page is seen, which then says itself what was refused.
            reliefs: What is offered where memory ran out, with its words.
        """
        refused = Notice(Level.ERROR, state.refusal, Remedy.OPEN) if state.refusal and not beside_page else None
        notice = refused or state.notice
        if notice is not None:
            self._colour = _COLOURS[notice.level]
            self.text.setText(sentence(notice.text))
            self._detail = notice.detail
            self.copy.setVisible(bool(notice.detail))
            # One's own file may have been mended meanwhile, so a refused model is offered once more, but second.
            self._offer(self.restart, notice.remedy is Remedy.RESTART, otherwise=notice.part is FailedPart.MODEL)
            needs_room = refused is not None and state.wants_room
            self.room.setVisible(needs_room)
            is_first = notice.remedy is Remedy.OPEN and not needs_room
            self._offer(self.open, is_first, otherwise=needs_room or notice.part in _MENDED_BY_ANOTHER)
            for relief, button in self.reliefs.items():
                button.setText(reliefs.get(relief, ""))
                button.setVisible(relief in reliefs and refused is None)
            self.update()
        self.setVisible(notice is not None)

    def _offer(self, button: QPushButton, is_remedy: bool, *, otherwise: bool) -> None:
        """Show a step as the first one, as another one, or not at all."""
        button.setVisible(is_remedy or otherwise)
        name = "primary" if is_remedy else ""
        if button.objectName() != name:
            button.setObjectName(name)
            button.style().unpolish(button)
            button.style().polish(button)

    def _copy(self) -> None:
        QApplication.clipboard().setText(f"{self.text.text()}\n\n{self._detail}")

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.RAISED))
        painter.fillRect(self.rect(), tokens.ink(self._colour, 0.12))
        painter.fillRect(QRectF(0, 0, 4, self.height()), tokens.ink(self._colour))
        painter.end()


class Placeholder(QWidget):
    """Stands where the pictures will be: what is awaited, or why there is none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._text = "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_state(self, state: ViewState, *, has_frame: bool) -> None:
        """Say what holds; nothing once there is a frame."""
        if state.phase is EnginePhase.EMPTY and state.opening is None:
            title = "Nothing is open"
            text = with_keys("{open} opens a video, a camera, an address or a model; or drop one here")
        elif state.phase is EnginePhase.LOST or state.failed - {FailedPart.TAPS}:
            title = "No model" if state.failed == {FailedPart.MODEL} else "No picture"
            text = (
                "The message above says why."
                if state.notice
                else with_keys("{restart_engine} starts the engine again.")
            )
        else:
            name = state.opening.text if state.opening else state.source.name if state.source else ""
            title, text = "Opening the source …", name
        self.setVisible(not has_frame)
        if (title, text) != (self._title, self._text):
            self._title, self._text = title, text
            self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.CANVAS))
        centre = QRectF(self.rect()).center().y()
        painter.setFont(tokens.font(tokens.TEXT_TITLE + 2, strong=True))
        painter.setPen(QColor(tokens.INK_SOFT))
        middle = Qt.AlignmentFlag.AlignHCenter
        painter.drawText(QRectF(0, centre - 24, self.width(), 24), middle, self._title)
        painter.setFont(tokens.font())
        painter.setPen(QColor(tokens.INK_FAINT))
        painter.drawText(QRectF(0, centre + 4, self.width(), 24), middle, self._text)
        painter.end()


class LoadingStrip(QWidget):
    """A slim strip under the pictures while an engine is busy with something, with a button that gives it up."""

    cancel_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._fraction: float | None = None
        self._phase = 0.0
        # Or the pictures beneath would be painted again with every step of the runner.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setFixedHeight(tokens.ROW + 4)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setObjectName("flat")
        tip(self.cancel, "Give up and go back to what was there before  ( {cancel_opening} )")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self.cancel_wished)
        self.setVisible(False)

    def show_state(self, state: ViewState) -> None:
        """Say what the engine is busy with, or nothing."""
        waiting = state.phase in (EnginePhase.STARTING, EnginePhase.LOADING)
        text = state.loading.text if state.loading else "Starting the engine …" if waiting else ""
        fraction = state.loading.fraction if state.loading else None
        if state.opening is not None:
            text = f"Opening {state.opening.text}"
            if state.opening.loading is not None:
                text, fraction = f"{text}: {state.opening.loading.text}", state.opening.loading.fraction
        text = text[:1].upper() + text[1:]  # what loads it says it as a part of a sentence
        if fraction is not None:
            text = f"{text} \N{MIDDLE DOT} {fraction * 100:.0f} %"
        self.cancel.setVisible(waiting or state.opening is not None)
        if (text, fraction) != (self._text, self._fraction):
            self._text, self._fraction = text, fraction
            self.update()
        self.setVisible(bool(text))
        if bool(text and fraction is None) != self._timer.isActive():
            (self._timer.stop if self._timer.isActive() else self._timer.start)()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.cancel.sizeHint().width()
        self.cancel.setGeometry(self.width() - width - tokens.UNIT, 2, width, self.height() - 6)

    def _tick(self) -> None:
        self._phase = (self._phase + _TICK_MS / _LAP_MS) % 1
        self.update(0, self.height() - 2, self.width(), 2)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.PANEL))
        groove = QRectF(0, self.height() - 2, self.width(), 2)
        painter.fillRect(groove, QColor(tokens.RAISED))
        if self._fraction is None:
            begin = self._phase * (1 + _RUNNER) - _RUNNER
            done = QRectF(begin * self.width(), groove.top(), _RUNNER * self.width(), 2)
        else:
            done = QRectF(0, groove.top(), self._fraction * self.width(), 2)
        painter.fillRect(done, QColor(tokens.ACCENT))
        painter.setPen(QColor(tokens.INK_SOFT))
        room = QRectF(self.rect()).adjusted(2 * tokens.UNIT, 0, -2 * tokens.UNIT, -2)
        if self.cancel.isVisible():
            room.setRight(self.cancel.x() - tokens.UNIT)
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
