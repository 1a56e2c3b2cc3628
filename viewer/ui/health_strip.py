"""One number of every stage over time, under the timeline and on its scale, while stages are watched."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.core.health import Measure
from viewer.session import ViewState
from viewer.session.health_lines import Line, Lines, lines_of
from viewer.session.health_log import HealthEvent
from viewer.session.health_words import NAMES, UNITS, events_text, how_computed, scale_text, told
from viewer.session.history import History
from viewer.ui import tokens
from viewer.ui.health_marks import events_at, paint_marks
from viewer.ui.line_graph import LineGraph, Stroke
from viewer.ui.timeline import NAMES_WIDTH, SIDE

_HEIGHT = 68
_MARGIN = 5
_MARKS_Y = _MARGIN + 1.0
_CLICK = "Click to go to a frame, or on a mark to go where the limit was crossed"


class HealthStrip(QWidget):
    """Lines in the colours that stages have in the table; a click goes to a frame."""

    frame_wished = Signal(int)
    """Go to this frame."""

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None
        self._lines: Lines | None = None
        self._drawn_for: tuple[object, ...] = ()
        self._pixmap = QPixmap()
        self._graph = LineGraph(self, _MARGIN)
        self._index = -1
        self._chosen: str | None = None
        self._nodes: tuple[str, ...] = ()
        self._measure = Measure.DRIFT
        self._hover: float | None = None
        self._can_seek = False
        self._events: tuple[HealthEvent, ...] = ()
        self._under: tuple[HealthEvent, ...] = ()
        self.setFixedHeight(_HEIGHT)
        self.setMouseTracking(True)
        self.setAccessibleName("Health over time")
        self.setVisible(False)

    @property
    def lines(self) -> Lines | None:
        """What is drawn."""
        return self._lines

    @property
    def hover_text(self) -> str:
        """What is said about the mark or the frame under the pointer; empty where nothing is known of it."""
        if self._under:
            return events_text(self._under)
        if self._hover is None or self._history is None:
            return ""
        index = self._index_at(self._hover)
        values = self._history.health.at(index, self._measure)
        words = " · ".join(f"{title} {told(value, self._measure)}" for title, value in values.items())
        return f"frame {index} · {f'{axis_title(self._measure)}: {words}' if words else 'not watched'}"

    def show_health(self, state: ViewState, history: History | None) -> None:
        """Bring the lines to what was seen so far; hidden while nothing is watched."""
        is_watched = state.inquiry.health is not None
        self.setVisible(is_watched)
        if history is None or len(history) < 2 or not is_watched:
            return
        self._history, self._chosen, self._nodes = history, state.health.node, state.tapped
        self._can_seek = not history.is_live
        measure = state.health.measure
        if measure is not self._measure or not self.toolTip():
            self._measure = measure
            self.setToolTip(f"{how_computed(measure, state.health.check)}\n{_CLICK}")
        limits, width = state.health.limits, max(1, round(self._room() * self.devicePixelRatioF()))
        key = (history, history.first, history.health.revision, measure, limits, width, self._chosen, self._nodes)
        if key != self._drawn_for:
            self._drawn_for = key
            self._lines = lines_of(history.health, measure, limits, first=history.first, width=width)
            self._pixmap = QPixmap()
            self.update()

    def show_events(self, events: tuple[HealthEvent, ...]) -> None:
        """Mark where the number that is drawn crossed its limit; the timeline marks all."""
        drawn = tuple(event for event in events if event.measure is self._measure)
        if drawn != self._events:
            self._events, self._under = drawn, ()
            self.update()

    def point_of_event(self, event: HealthEvent) -> QPointF:
        """Where the mark of an event is, in pixels of this widget."""
        return QPointF(self.x_of(event.index), _MARKS_Y)

    def show_index(self, index: int) -> None:
        """Say where playing stands."""
        if index != self._index:
            self._index = index
            self.update()

    def x_of(self, index: int) -> float:
        """Where a frame lies in this widget."""
        first, last = self._ends()
        return self._left() + min(max((index - first) / max(1, last - first), 0.0), 1.0) * self._room()

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._lines is not None:
            if self._pixmap.isNull():
                self._pixmap = self._picture(self._lines)
            painter.drawPixmap(0, 0, self._pixmap)
            painter.setFont(tokens.font(tokens.TEXT_SMALL))
            painter.fillRect(QRectF(round(self.x_of(self._index)), 0, 1, self.height()), tokens.ink(tokens.INK, 0.5))
            paint_marks(painter, self._events, self.x_of, _MARKS_Y)
            if self._hover is not None:
                self._paint_hover(painter)
        painter.end()

    def _picture(self, lines: Lines) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter, lines)
        drawn = sorted(
            (line for line in lines.lines if line.node in self._nodes), key=lambda line: line.node == self._chosen
        )
        size = QSize(self._room(), _HEIGHT)
        strokes = [self._stroke(line) for line in drawn]
        graph = self._graph.picture(size, ratio, strokes, (lines.low, lines.high), lines.limit, QColor(tokens.WARN))
        painter.drawPixmap(QPointF(self._left(), 0), graph)
        painter.end()
        return pixmap

    def _stroke(self, line: Line) -> Stroke:
        is_chosen = line.node == self._chosen
        colour = tokens.ink(
            stage_colour(self._nodes.index(line.node)), 1.0 if self._chosen in (None, line.node) else 0.75
        )
        return Stroke(line.at, line.values, colour, 2.0 if is_chosen else 1.25)

    def _paint_scale(self, painter: QPainter, lines: Lines) -> None:
        left, right = self._left(), self._left() + self._room()
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        names = QRectF(SIDE, 0, NAMES_WIDTH - tokens.UNIT, 0)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(names.adjusted(0, _HEIGHT / 2 - 8, 0, _HEIGHT / 2 + 8), side, _SHORT[lines.measure])
        painter.setPen(QColor(tokens.INK_FAINT))
        for value, y in ((lines.high, _MARGIN), (lines.low, _HEIGHT - _MARGIN)):
            painter.fillRect(QRectF(left, round(y), right - left, 1), QColor(tokens.LINE))
            middle = min(max(y, 8), _HEIGHT - 8)
            painter.drawText(names.adjusted(0, middle - 8, 0, middle + 8), side, scale_text(value, lines.measure))

    def _paint_hover(self, painter: QPainter) -> None:
        x = self._left() + (self._hover or 0.0) * self._room()
        painter.fillRect(QRectF(round(x), 0, 1, self.height()), QColor(tokens.INK_SOFT))
        text = self.hover_text
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        beside = x + tokens.UNIT if x + tokens.UNIT + width < self.width() - 4 else x - tokens.UNIT - width
        label = QRectF(round(max(beside, 4.0)), 4, width, 18)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.RAISED))
        painter.drawRoundedRect(label, 3, 3)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    # --- places and mouse -------------------------------------------------------------------------------------------

    def _left(self) -> float:
        return SIDE + NAMES_WIDTH

    def _room(self) -> int:
        return max(1, self.width() - 2 * SIDE - NAMES_WIDTH)

    def _ends(self) -> tuple[int, int]:
        history = self._history
        return (0, 1) if history is None else (history.first, history.first + len(history) - 1)

    def _index_at(self, fraction: float) -> int:
        first, last = self._ends()
        return first + round(fraction * (last - first))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = min(max((event.position().x() - self._left()) / self._room(), 0.0), 1.0)
        self._under = events_at(self._events, event.position(), self.x_of, _MARKS_Y)
        leads_on = bool(self._under) and self._can_seek
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads_on else Qt.CursorShape.ArrowCursor)
        self.update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._can_seek:
            self.mouseMoveEvent(event)
            self.frame_wished.emit(self._under[0].index if self._under else self._index_at(self._hover or 0.0))

    @override
    def leaveEvent(self, _event: QEvent) -> None:
        self._hover, self._under = None, ()
        self.update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._pixmap = QPixmap()
        super().changeEvent(event)


_SHORT = NAMES | {Measure.DEAD: "dead", Measure.DIED: "died", Measure.STD: "std"}


def stage_colour(place: int) -> str:
    """Colour of the stage that is tapped at this place; after the last one they begin again."""
    return tokens.SERIES[place % len(tokens.SERIES)]


def axis_title(measure: Measure) -> str:
    """What is drawn, with its unit."""
    return f"{NAMES[measure]}, {UNITS[measure]}"
