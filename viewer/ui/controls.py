"""The few controls the panels are built of: slider with its number, number field, choice, icon button, heading.

Each has a tooltip that names its key (see `viewer.ui.tips`), an accessible name, and takes focus from the keyboard
only, so that a click on a slider does not take the arrow keys away from the video.
"""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.icons import icon
from viewer.ui.tips import tip
from viewer.ui.tooltips import wrapped

_STEPS = {
    Qt.Key.Key_Up.value: 1,
    Qt.Key.Key_Down.value: -1,
    Qt.Key.Key_PageUp.value: 10,
    Qt.Key.Key_PageDown.value: -10,
}
_NOTCH = 120
"""What Qt counts for one notch of a wheel."""
_WORD_EDGES, _ICON_GAP = 2, 4
"""What Qt leaves free around the word of a box, and beside its icon."""


def heading(text: str) -> QLabel:
    """A section's name, small and quiet."""
    label = QLabel(text.upper())
    label.setObjectName("faint")
    label.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
    label.setFixedHeight(tokens.ROW)
    return label


class Slider(QSlider):
    """A horizontal slider that goes where it is clicked."""

    def __init__(self, steps: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setFixedHeight(tokens.ROW - tokens.UNIT)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    @override
    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a panel must not change what the pointer happens to pass over.
        event.ignore()

    def _follow(self, event: QMouseEvent) -> None:
        handle = 12
        position = round(event.position().x() - handle / 2)
        value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), position, self.width() - handle)
        self.setValue(value)


class NumberSlider(QWidget):
    """A number between bounds: its name, its value, and a slider under both, or between them if `inline`.

    The value can be typed as well, and be one between two steps of the slider.
    """

    changed = Signal(float)
    """The user chose another number."""
    left = Signal()
    """Enter or Escape in the number: the keys belong to somebody else."""

    def __init__(
        self,
        name: str,
        tooltip: str,
        *,
        low: float = 0.0,
        high: float = 1.0,
        steps: int = 100,
        decimals: int = 2,
        inline: bool = False,
    ) -> None:
        super().__init__()
        self._low, self._high, self._steps = low, high, steps
        self._tooltip = tooltip
        step = (high - low) / steps
        self.slider = Slider(steps, name, self)
        self.field = NumberField(f"{name}, as a number", "", low=low, high=high, step=step, decimals=decimals)
        self.field.setObjectName("value")
        self._typing = f"{tooltip}\nType {low:g} to {high:g}, Enter takes it; ↑ and ↓ change it by {step:g}"
        self._lay_out(name, inline=inline)
        self._explain("")
        self.field.set_value(low)
        self.slider.valueChanged.connect(self._on_moved)
        self.field.entered.connect(self._on_entered)
        self.field.left.connect(self.left)

    def set_value(self, value: float) -> None:
        """Show this number; nothing is signalled. The user's own hand on the slider wins."""
        if not self.slider.isSliderDown():
            self._move(value)
            self.field.set_value(value)

    def set_off(self, reason: str) -> None:
        """Take no hand where the number does nothing, and say why; empty takes it again."""
        if bool(reason) == self.isEnabled():
            self.setEnabled(not reason)
            self._explain(reason)

    def _explain(self, reason: str) -> None:
        self.setToolTip(reason or self._tooltip)
        self.field.setToolTip(reason or self._typing)

    def _move(self, value: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round((value - self._low) / (self._high - self._low) * self._steps))
        self.slider.blockSignals(False)

    def _on_moved(self, step: int) -> None:
        value = self._low + step / self._steps * (self._high - self._low)
        self.field.set_value(value)
        self.changed.emit(value)

    def _on_entered(self, value: float) -> None:
        self._move(value)
        self.changed.emit(value)

    def _lay_out(self, name: str, *, inline: bool) -> None:
        title = QLabel(name, self)
        title.setObjectName("soft")
        self.field.setFixedWidth(48)
        line = QHBoxLayout()
        line.addWidget(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        if inline:
            title.setFixedWidth(80)
            line.setSpacing(tokens.UNIT)
            line.addWidget(self.slider, 1)
            self.setFixedHeight(tokens.ROW)
        else:
            line.addStretch()
            column.addWidget(self.slider)
        line.addWidget(self.field)


class NumberField(QLineEdit):
    """A number to be typed: Enter or leaving takes it, Escape brings back the one before.

    Args:
        name: What it is called.
        tooltip: What it is, from where to where.
        low: The least it can be.
        high: The most.
        step: What an arrow key changes it by, and a notch of a wheel while it has the keys; tenfold for Page Up and
            Down. 0 for neither.
        decimals: Digits after the point that are always shown; more where the number has more.
    """

    entered = Signal(float)
    """The user typed another number."""
    left = Signal()
    """Enter or Escape: the keys belong to somebody else."""

    def __init__(
        self,
        name: str,
        tooltip: str,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        step: float = 0.0,
        decimals: int = 0,
    ) -> None:
        super().__init__()
        self._low, self._high = low, high
        self._step, self._decimals = step, decimals
        self._value = 0.0
        self._wheel = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.editingFinished.connect(self._take)
        self.returnPressed.connect(self.left)

    def set_bounds(self, low: float, high: float) -> None:
        """Take no number beyond these; the one that is shown stays."""
        self._low, self._high = low, high

    def set_value(self, value: float) -> None:
        """Show this number unless another is being typed; nothing is signalled."""
        if value != self._value or not self.text():
            self._value = value
            if not self.hasFocus() or (self._step and not self.isModified()):
                self._print()

    def _take(self) -> None:
        if not self.isModified():
            return  # another number may have been shown meanwhile
        try:
            value = float(self.text().replace(",", "."))
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            self._value = min(max(value, self._low), self._high)
            self.entered.emit(self._value)
        self._print()

    def _turn(self, steps: int) -> None:
        """Change it by that many steps, to a whole number of them."""
        self._take()
        value = round(round(self._value / self._step + steps) * self._step, 9)
        value = min(max(value, self._low), self._high)
        if value != self._value:
            self._value = value
            self._print()
            self.entered.emit(value)

    def _words(self) -> str:
        if not self._decimals:
            return f"{self._value:g}"
        fixed = f"{self._value:.{self._decimals}f}"
        exact = f"{self._value:.4g}"
        return fixed if len(fixed) >= len(exact) or "e" in exact else exact

    def _print(self) -> None:
        self.setText(self._words())
        self.setCursorPosition(0)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = _STEPS.get(event.key())
        if event.key() == Qt.Key.Key_Escape:
            self._print()
            self.left.emit()
        elif self._step and steps is not None:
            self._turn(steps)
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._step and self.hasFocus():
            self._wheel += event.angleDelta().y()
            notches = int(self._wheel / _NOTCH)
            self._wheel -= notches * _NOTCH
            self._turn(notches)
            event.accept()
        else:
            event.ignore()  # scrolling a panel must not change what the pointer happens to pass over


class Choice(QComboBox):
    """One of a few words."""

    chosen = Signal(str)
    """The user chose this one."""

    def __init__(self, name: str, tooltip: str, words: Sequence[str], icons: Sequence[QIcon] = ()) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        tip(self, tooltip)
        self.setIconSize(QSize(32, 8))
        for row, word in enumerate(words):
            self.addItem(icons[row] if icons else QIcon(), word)
        self.textActivated.connect(self.chosen)

    def set_word(self, word: str) -> None:
        """Show this word, one that is not on the list as well; nothing is signalled."""
        if word == self.currentText():
            return
        if self.findText(word) < 0:
            self.addItem(word)
        self.setCurrentText(word)

    @property
    def shown(self) -> str:
        """The word as it is seen, less its middle where there is no room for it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return str(option.currentText)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks it

    @property
    def hint(self) -> str:
        """Its tooltip, under the whole word where that is cut."""
        return self.toolTip() if self.shown == self.currentText() else f"{self.currentText()}\n{self.toolTip()}"

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), wrapped(self.hint), self)
            return True
        return super().event(event)

    @override
    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        text: str = option.currentText  # pyright: ignore[reportAttributeAccessIssue] - stub lacks it
        room = self.word_room(option)
        option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)  # pyright: ignore[reportAttributeAccessIssue] - stub lacks it

    def word_room(self, option: QStyleOptionComboBox) -> int:
        """What the word has beside its icon and the arrow, in logical pixels, where the box looks as in `option`."""
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _WORD_EDGES
        return room if self.itemIcon(self.currentIndex()).isNull() else room - self.iconSize().width() - _ICON_GAP

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Letters belong to the player, not to a search in the list, unless words can be typed.
        if event.text().isprintable() and event.text().strip() and not self.isEditable():
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.INK_SOFT), 1.5))
        x, y = self.width() - 14.0, self.height() / 2
        painter.drawPolyline(QPolygonF([QPointF(x - 3.5, y - 1.75), QPointF(x, y + 1.75), QPointF(x + 3.5, y - 1.75)]))
        painter.end()


class IconButton(QToolButton):
    """A button with a drawn icon."""

    def __init__(self, drawing: str, name: str, tooltip: str, *, checkable: bool = False, size: int = 32) -> None:
        super().__init__()
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(size, size)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tip(self, tooltip)
        self._drawing = ""
        self.draw(drawing, name)

    def draw(self, drawing: str, name: str) -> None:
        """Change the icon and what the button is called."""
        if drawing != self._drawing:
            self._drawing = drawing
            self.setIcon(icon(drawing))
            self.setAccessibleName(name)


class WordButton(IconButton):
    """A button that can be down, with a word beside its icon, which alone would have to be guessed."""

    def __init__(self, drawing: str, word: str, name: str, tooltip: str) -> None:
        super().__init__(drawing, name, tooltip, checkable=True)
        self.setText(word)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(word) + self.iconSize().width() + 3 * tokens.UNIT)


class Readout(QWidget):
    """A number that changes with every frame: painted in a place of fixed width, so nothing around it moves.

    Args:
        name: What it is called.
        widest: The widest text that is usual.
        colour: Of its ink, by name, so that it follows the theme.
        size_px: Height of its digits.
        align: Where in its place it stands.
        ground: The colour it stands on, by name. It is painted here: Qt would else paint the bar, the window and all
            that lies between under every new number.
    """

    def __init__(
        self,
        name: str,
        widest: str,
        *,
        colour: str = "INK",
        size_px: int = tokens.TEXT_BODY,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        ground: str = "PANEL",
    ) -> None:
        super().__init__()
        self._text = ""
        self._colour = colour
        self._ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._align = align | Qt.AlignmentFlag.AlignVCenter
        self.setFont(tokens.font(size_px))
        self.setAccessibleName(name)
        metrics = self.fontMetrics()
        self.setFixedSize(metrics.horizontalAdvance(widest) + 2, max(tokens.ROW, metrics.height()))

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def set_text(self, text: str, colour: str | None = None) -> None:
        """Say this from now on."""
        if text != self._text or (colour or self._colour) != self._colour:
            self._text = text
            self._colour = colour or self._colour
            # It grows for what is wider than expected and stays so: a number cut short is a wrong number.
            needed = self.fontMetrics().horizontalAdvance(text) + 2
            if needed > self.width():
                self.setFixedWidth(needed)
            self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.ink(self._ground))
        painter.setPen(tokens.ink(self._colour))
        painter.drawText(self.rect(), self._align, self._text)
        painter.end()
