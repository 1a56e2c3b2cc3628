"""The bar of time across the window: where playing stands, what was seen so far, and a place to move by mouse."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.core import Link
from viewer.session import ViewState, timecode
from viewer.session.health_log import HealthEvent
from viewer.session.health_words import events_text
from viewer.session.history import History, Seen
from viewer.ui import tokens
from viewer.ui.health_marks import events_at, paint_marks
from viewer.ui.lanes import GAP, HEIGHT, LANE, LANES, Lanes
from viewer.ui.loopmarks import handle_at, moved, paint_loop

if TYPE_CHECKING:
    from viewer.core.looprange import LoopRange

REST_MS = 120
"""A hand that has not moved for so long rests, and wants to see exactly the frame it is on."""

SIDE = 2 * tokens.UNIT
"""Free space at both ends."""
NAMES_WIDTH = 7 * tokens.UNIT
"""Room for the names of lanes, left of them."""
_HEIGHT = 80
_LANES_Y = 22
_GROOVE_Y = 71
_EVENTS_Y = 63.5
_KNOB = 8
"""What the mark of the position takes to each side."""
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_TOOLTIP = (
    "Click or drag to go to a time · 0 to 9 jump to a tenth\n"
    "Lanes show the frames seen so far: objects, their mean score, inference time;\n"
    "red marks stand where frames were dropped or late\n"
    "I and O begin and end a loop at this frame; drag its handles, double click one to clear it  ( Shift+I )"
)


class Timeline(QWidget):
    """Scrubs through a source that has an end; says so where it has none."""

    scrubbed = Signal(float)
    """A hand moves over this part of the whole, 0..1."""
    rested = Signal(float)
    """It rests there."""
    released = Signal(float)
    """It let go there."""
    span_wished = Signal(object)
    """Loop these frames; None loops all."""
    event_wished = Signal(int)
    """Go to this frame, where a number of a stage crossed its limit."""
    live_wished = Signal()
    """Back to what happens now."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._fps = 0.0
        self._duration_s = 0.0
        self._index = -1
        self._note = ""
        self._span: LoopRange | None = None
        self._loop = False
        self._history: History | None = None
        self._events: tuple[HealthEvent, ...] = ()
        self._under: tuple[HealthEvent, ...] = ()
        self._lanes = Lanes()
        self._still = QPixmap()
        self._still_is_for: tuple[object, ...] = ()
        self._hover: float | None = None
        self._scrub: float | None = None
        self._handle = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self.setFixedHeight(_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # or Qt paints all that lies under it with each frame
        self.setMouseTracking(True)
        self.setToolTip(_TOOLTIP)
        self.setAccessibleName("Timeline")

    def show_state(self, state: ViewState) -> None:
        """Move to where playing stands."""
        source, transport = state.source, state.transport
        count = (source.frame_count or 0) if source and not source.is_live else 0
        rate = float(source.fps) if source and source.fps else 0.0
        duration_s = (source.duration_s or (count / rate if rate else 0.0)) if source else 0.0
        note = _live_note(state)
        shown = (count, rate, duration_s, note, transport.span, transport.loop)
        if shown != (self._count, self._fps, self._duration_s, self._note, self._span, self._loop):
            self._count, self._fps, self._duration_s, self._note, self._span, self._loop = shown
            self.setEnabled(count > 1 or bool(note))
            self.update()
        self._move_to(transport.index)

    def _move_to(self, index: int) -> None:
        """Let playing stand there; only what it passes is painted."""
        if index == self._index:
            return
        before_x, self._index = self._position_x(), index
        if self._note:
            self.update()  # the width stands for other frames now
        else:
            left, right = sorted((before_x, self._position_x()))
            self.update(int(left) - _KNOB, 0, int(right - left) + 2 * _KNOB + 2, self.height())

    def show_history(self, history: History | None) -> None:
        """Bring the lanes to what was seen so far."""
        self._history = history
        if self._lanes.follow(history, self._room(), self.devicePixelRatioF()):
            self.update()

    def show_events(self, events: tuple[HealthEvent, ...]) -> None:
        """Mark where numbers of stages crossed their limits."""
        if events != self._events:
            self._events, self._under = events, ()
            self.update()

    def point_of_event(self, event: HealthEvent) -> QPointF:
        """Where its mark lies in this widget."""
        return QPointF(self._x_of(event.index), _EVENTS_Y)

    def point_of(self, fraction: float) -> QPointF:
        """Where a part of the whole lies in this widget."""
        return QPointF(SIDE + NAMES_WIDTH + fraction * self._room(), _GROOVE_Y)

    @property
    def hover_text(self) -> str:
        """What is said about the frame under the pointer; empty where there is none."""
        if self._under:
            return events_text(self._under)
        return "" if self._hover is None else self._told(self._index_at(self._hover))

    def _room(self) -> int:
        return max(1, self.width() - 2 * SIDE - NAMES_WIDTH)

    def _fraction_at(self, x: float) -> float:
        return min(max((x - self.point_of(0).x()) / self._room(), 0.0), 1.0)

    def _position_x(self) -> float:
        """Where playing stands, or the hand that moves it."""
        return self._x_of(max(0, self._index)) if self._scrub is None else self.point_of(self._scrub).x()

    def _x_of(self, index: int) -> float:
        first, last = self._ends()
        return self.point_of(min(max((index - first) / max(1, last - first), 0.0), 1.0)).x()

    def _index_at(self, fraction: float) -> int:
        first, last = self._ends()
        return first + round(fraction * (last - first))

    def _ends(self) -> tuple[int, int]:
        """First and last frame that the width stands for."""
        if self._note and self._history is not None:
            return self._history.first, self._history.first + len(self._history) - 1
        return 0, max(1, self._count - 1)

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        painter.drawPixmap(0, 0, self._what_stands_still())
        if self._count > 1 or self._note:
            self._paint_lanes(painter)
            if self._note and self._count <= 1:
                self._paint_note(painter)
            self._paint_position(painter)
        painter.end()

    def _paint_lanes(self, painter: QPainter) -> None:
        if not self._lanes.fits(self._room(), self.devicePixelRatioF()):
            self._lanes.follow(self._history, self._room(), self.devicePixelRatioF())
        left = self.point_of(0).x()
        self._lanes.paint(painter, QPointF(left, _LANES_Y))
        if self._span is not None and self._count > 1:
            lanes = QRectF(left, _LANES_Y, self._room(), HEIGHT)
            paint_loop(painter, lanes, self._x_of(self._span.begin), self._x_of(self._span.end), on=self._loop)

    def _paint_note(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.GOOD if self._note == "Live" else tokens.WARN))
        painter.drawEllipse(QPointF(SIDE + 4, 12), 3.5, 3.5)
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(QRectF(SIDE + 14, 4, 400, 16), Qt.AlignmentFlag.AlignVCenter, self._note)

    def _groove(self) -> QRectF:
        left = self.point_of(0).x()
        return QRectF(left, _GROOVE_Y - 2, self.point_of(1).x() - left, 4)

    def _what_stands_still(self) -> QPixmap:
        """Names of the lanes, ticks with their times and the groove, over which the position runs."""
        ratio = self.devicePixelRatioF()
        has_lanes = self._count > 1 or bool(self._note)
        shown = (self.width(), ratio, self._duration_s, self._count > 1, has_lanes, tokens.THEME.name)
        if shown != self._still_is_for:
            self._still_is_for = shown
            self._still = QPixmap((QSizeF(self.size()) * ratio).toSize())
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(QColor(tokens.PANEL))
            painter = QPainter(self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(tokens.font(tokens.TEXT_SMALL))
            if has_lanes:
                self._paint_names(painter)
            _bar(painter, self._groove(), tokens.HOVER)
            if self._count > 1:
                self._paint_ticks(painter)
            painter.end()
        return self._still

    def _paint_names(self, painter: QPainter) -> None:
        left = self.point_of(0).x()
        painter.setPen(QColor(tokens.INK_FAINT))
        for number, name in enumerate(LANES):
            row = QRectF(SIDE, _LANES_Y + number * (LANE + GAP) - 2, NAMES_WIDTH - tokens.UNIT, LANE + 4)
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            base = _LANES_Y + number * (LANE + GAP) + LANE
            painter.fillRect(QRectF(left, base, self._room(), 1), QColor(tokens.LINE))

    def _paint_ticks(self, painter: QPainter) -> None:
        if self._duration_s <= 0:
            return
        step = next((step for step in _STEPS_S if step / self._duration_s * self._room() >= 84), self._duration_s)
        moment = 0.0
        while moment <= self._duration_s:
            x = round(self.point_of(moment / self._duration_s).x()) + 0.5
            painter.setPen(QPen(QColor(tokens.HOVER), 1))
            painter.drawLine(QPointF(x, 11), QPointF(x, 17))
            painter.setPen(QColor(tokens.INK_FAINT))
            text = short_time(moment, step)
            if x + 4 + painter.fontMetrics().horizontalAdvance(text) <= self.width() - 4:
                painter.drawText(QPointF(x + 4, 16), text)
            moment += step

    def _paint_position(self, painter: QPainter) -> None:
        groove = self._groove()
        x = self._position_x()
        _bar(painter, QRectF(groove.left(), groove.top(), x - groove.left(), groove.height()), tokens.ACCENT)
        painter.fillRect(QRectF(round(x), _LANES_Y, 1, HEIGHT), tokens.ink(tokens.INK, 0.5))
        if self._hover is not None:
            self._paint_hover(painter, self._hover)
        paint_marks(painter, self._events, self._x_of, _EVENTS_Y)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.INK))
        painter.drawEllipse(QPointF(x, _GROOVE_Y), 6.5, 6.5)

    def _paint_hover(self, painter: QPainter, fraction: float) -> None:
        x = self.point_of(fraction).x()
        painter.fillRect(QRectF(round(x), _LANES_Y, 1, _GROOVE_Y + 6 - _LANES_Y), QColor(tokens.INK_SOFT))
        text = self.hover_text
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        left = min(max(x - width / 2, 4.0), self.width() - width - 4.0)
        label = QRectF(round(left), 2, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.RAISED))
        painter.drawRoundedRect(label, 3, 3)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _told(self, index: int) -> str:
        """Where a frame is, and what was found in it."""
        seen = None if self._history is None else self._history.at(index)
        if self._note:
            last = self._ends()[1]
            place = f"{(last - index) / self._fps:.1f} s before" if self._fps and index != last else f"frame {index}"
        else:
            # The time at which that frame begins, not that under the pointer: both speak of one picture.
            place = f"{timecode(index * self._duration_s / max(1, self._count))}   frame {index}"
        return f"{place} · {_numbers(seen, live=bool(self._note))}"

    # --- mouse ------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        under = self._events_under(event.position())
        if self._note:
            self.live_wished.emit()
        elif under:
            self.event_wished.emit(under[0].index)
        elif self._count > 1:
            self._handle = self._handle_under(event.position())
            if not self._handle:
                self._go(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._fraction_at(event.position().x())
        self._under = () if self._handle or self._scrub is not None else self._events_under(event.position())
        if self._handle:
            self._drag_handle()
        elif self._scrub is not None:
            self._go(event)
        else:
            on_handle = bool(self._handle_under(event.position()))
            shape = Qt.CursorShape.PointingHandCursor if self._under else Qt.CursorShape.ArrowCursor
            self.setCursor(Qt.CursorShape.SizeHorCursor if on_handle else shape)
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._handle = ""
        self._rest.stop()
        scrub, self._scrub = self._scrub, None
        if scrub is not None:
            self.released.emit(scrub)
        self.update()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._handle_under(event.position()):
            self.span_wished.emit(None)
        else:
            self.mousePressEvent(event)

    @override
    def leaveEvent(self, _event: QEvent) -> None:
        self._hover, self._under = None, ()
        self.update()

    def _events_under(self, place: QPointF) -> tuple[HealthEvent, ...]:
        return events_at(self._events, place, self._x_of, _EVENTS_Y)

    def _handle_under(self, place: QPointF) -> str:
        if self._span is None or not _LANES_Y - 4 <= place.y() < _GROOVE_Y - tokens.UNIT:
            return ""
        return handle_at(place.x(), self._x_of(self._span.begin), self._x_of(self._span.end))

    def _drag_handle(self) -> None:
        if self._span is not None and self._hover is not None:
            span = moved(self._span, self._handle, self._index_at(self._hover))
            if span != self._span:
                self.span_wished.emit(span)

    def _go(self, event: QMouseEvent) -> None:
        fraction = self._fraction_at(event.position().x())
        if fraction != self._scrub:
            self._scrub = fraction
            self._rest.start()
            self.scrubbed.emit(fraction)
            self.update()

    def _on_rest(self) -> None:
        if self._scrub is not None:
            self.rested.emit(self._scrub)


def _live_note(state: ViewState) -> str:
    if state.source is None or not state.source.is_live:
        return ""
    if state.report is not None and state.report.status.link is Link.LOST:
        return "No signal"
    if state.behind_s is None:
        return "Live"
    return f"Paused {state.behind_s} s behind live · click or End goes back to live"


def _numbers(seen: Seen | None, *, live: bool) -> str:
    """What is known of a frame, in words."""
    if seen is None:
        return "not looked at" if live else "not seen yet"
    words = [f"{seen.inference_ms:.1f} ms"]
    if seen.count is None:
        words.insert(0, "not seen with these thresholds")
    elif seen.count:
        objects = "1 object" if seen.count == 1 else f"{seen.count} objects"
        words = [objects, f"mean score {seen.mean_score:.2f}", *words]
    else:
        words.insert(0, "no objects")
    if seen.missed:
        words.append(f"{seen.missed} dropped before" if live else f"{seen.missed} late")
    return " · ".join(words)


def _bar(painter: QPainter, rect: QRectF, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(rect, 2, 2)


def short_time(seconds: float, step: float) -> str:
    """A tick's time, as short as its step allows: `4.5`, `0:07`, `1:02:00`."""
    if step < 1:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
