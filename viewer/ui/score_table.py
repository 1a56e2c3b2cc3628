"""The best scores of a place as a small table, a row a class and a column a level; a click picks one of them."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from viewer.session.missed import Miss, MissRow
from viewer.ui import tokens

_COLUMN = 40
_LEAST_NAME = 64
_CHIP = 18
_WIDE = "0.00"
_HOW = (
    "Best score, 0 to 1, of the cells of this level whose box lies in the region, before thresholds and suppression. "
    "A click, or the arrow keys after F6, tells what became of it"
)


class ScoreTable(QWidget):
    """Shows what is known of a place."""

    picked = Signal(int, int)
    """Tell of the candidate of this class number and stride."""

    def __init__(self) -> None:
        super().__init__()
        self._miss: Miss | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Best scores of the place by class and level")
        self.setToolTip(_HOW)
        self._under: tuple[int, int] | None = None

    def show_miss(self, miss: Miss | None) -> None:
        """Show this."""
        before, self._miss = self._miss, miss
        if miss != before:
            if before is None or miss is None or len(before.rows) != len(miss.rows):
                self.updateGeometry()
            self.setAccessibleDescription("" if miss is None else _in_words(miss))
            self.update()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a score stands, in pixels of this widget; row and column begin at 0 below and beside the headings."""
        columns = 0 if self._miss is None else len(self._miss.strides)
        width = self._column_width(columns)
        left = self.width() - width * (columns - column)
        return QRectF(left, tokens.ROW * (row + 1), width, tokens.ROW)

    @override
    def sizeHint(self) -> QSize:
        rows = 0 if self._miss is None else len(self._miss.rows)
        return QSize(200, tokens.ROW * (rows + 1) if rows else 0)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    # --- hand -------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pick(*cell)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._cell_at(event.position()))

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        step, now = steps.get(Qt.Key(event.key())), self._cell_of_pick()
        if step is None or now is None or self._miss is None:
            super().keyPressEvent(event)
            return
        row = min(max(now[0] + step[0], 0), len(self._miss.rows) - 1)
        column = now[1] + step[1]
        if 0 <= column < len(self._miss.strides):
            self._pick(row, column)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._miss is not None:
            cell = self._cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), _HOW if cell is None else self._told(*cell), self)
            return True
        return super().event(event)

    def _pick(self, row: int, column: int) -> None:
        miss = self._miss
        if miss is not None:
            self.picked.emit(miss.rows[row].label, miss.strides[column])

    def _hover(self, cell: tuple[int, int] | None) -> None:
        if cell != self._under:
            self._under = cell
            self.update()

    def _told(self, row: int, column: int) -> str:
        miss = self._miss
        if miss is None:
            return _HOW
        which, score = miss.rows[row], miss.rows[row].scores[column]
        where = miss.levels[column] or "this head"
        said = f"{which.name} at {where}: no box of it lies here" if score is None else f"{which.name} at {where}: "
        return said if score is None else f"{said}{score:.4f}\n{_HOW}"

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column under a point; a class name stands for its best level."""
        miss = self._miss
        row = int(point.y() // tokens.ROW) - 1
        if miss is None or not 0 <= row < len(miss.rows):
            return None
        width = self._column_width(len(miss.strides))
        column = len(miss.strides) - 1 - int((self.width() - point.x()) // width)
        return (row, column) if column >= 0 else (row, _best(miss.rows[row]))

    def _cell_of_pick(self) -> tuple[int, int] | None:
        miss = self._miss
        if miss is None or miss.picked is None:
            return None
        label, stride = miss.picked
        row = next((place for place, row in enumerate(miss.rows) if row.label == label), None)
        return None if row is None else (row, miss.strides.index(stride))

    def _column_width(self, columns: int) -> float:
        return min(_COLUMN, (self.width() - _LEAST_NAME) / max(1, columns))

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        miss = self._miss
        if miss is None or not miss.rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pick = self._cell_of_pick()
        self._paint_headings(painter, miss)
        for number, row in enumerate(miss.rows):
            self._paint_row(painter, miss, number, row, pick)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS, tokens.RADIUS)
        painter.end()

    def _paint_headings(self, painter: QPainter, miss: Miss) -> None:
        painter.setFont(tokens.font(self._size_px(miss)))
        painter.setPen(QColor(tokens.INK_FAINT))
        for column, name in enumerate(miss.levels):
            room = self.cell_rect(-1, column).adjusted(0, 0, -4, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name or "score")

    def _paint_row(
        self, painter: QPainter, miss: Miss, number: int, row: MissRow, pick: tuple[int, int] | None
    ) -> None:
        for column, score in enumerate(row.scores):
            room = self.cell_rect(number, column)
            if pick == (number, column):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.ACCENT_DEEP))
                painter.drawRoundedRect(room.adjusted(0, 2, 0, -2), tokens.RADIUS, tokens.RADIUS)
            elif self._under == (number, column):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.HOVER))
                painter.drawRoundedRect(room.adjusted(0, 2, 0, -2), tokens.RADIUS, tokens.RADIUS)
            painter.setFont(tokens.font(self._size_px(miss)))
            weak = score is None or score < 0.005
            painter.setPen(QColor(tokens.INK_FAINT if weak and pick != (number, column) else tokens.INK))
            text = tokens.NONE if score is None else f"{score:.2f}"
            painter.drawText(
                room.adjusted(0, 0, -4, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
        left = self.cell_rect(number, 0).left()
        room = QRectF(0, tokens.ROW * (number + 1), left - 4, tokens.ROW)
        painter.fillRect(QRectF(0, room.center().y() - 5, 10, 10), QColor(*row.rgb))
        painter.setFont(tokens.font())
        painter.setPen(QColor(tokens.INK_SOFT))
        name = QFontMetrics(tokens.font()).elidedText(row.name, Qt.TextElideMode.ElideRight, int(room.width() - _CHIP))
        painter.drawText(room.adjusted(_CHIP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def _size_px(self, miss: Miss) -> int:
        """Digits that fit into a column."""
        room = self._column_width(len(miss.strides)) - 6
        fits = QFontMetrics(tokens.font()).horizontalAdvance(_WIDE) <= room
        return tokens.TEXT_BODY if fits else tokens.TEXT_SMALL


def _best(row: MissRow) -> int:
    """The level at which a class scores best."""
    return max(range(len(row.scores)), key=lambda column: row.scores[column] or 0.0)


def _in_words(miss: Miss) -> str:
    """The table for those who hear it."""
    rows = [
        f"{row.name}: "
        + ", ".join(
            f"{level or 'score'} {score:.2f}"
            for level, score in zip(miss.levels, row.scores, strict=True)
            if score is not None
        )
        for row in miss.rows
    ]
    return "; ".join(rows)
