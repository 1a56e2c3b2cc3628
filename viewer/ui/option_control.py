"""The control of an option, chosen by what the schema says of it: a new option gets one without a word here.

Whatever it is, it holds a default as one would type it, and an empty text where the user set none; what the option
then is stands in it all the same, and the way back to it is there only while another was set.
"""

import json
import types
import typing
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QWidget
from typing_extensions import override

from viewer.config import Config
from viewer.session.preferences import written
from viewer.ui import tokens
from viewer.ui.chooser import Chooser
from viewer.ui.controls import Choice, IconButton, Slider
from viewer.ui.stage_painter import paint_check

_WIDTH = 208
_NUMBER_WIDTH = 64
_CHOOSE_WIDTH = 48
_BOX = 14
_MOST_STEPS = 1000
_ARROWS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
_YES_NO = {"yes": "true", "no": "false"}
_UNSET = "as it comes"


class OptionControl(QWidget):
    """What one option is set with, and a button that takes it back.

    Args:
        key: The option, a field of `Config`.
    """

    wished = Signal(str)
    """Let the option stand at this, as typed; empty: as it comes."""
    entered = Signal()
    """The keys came to it."""
    left = Signal()
    """They went elsewhere; what was refused is forgotten."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key, self.held = key, ""
        self.builtin = Config.model_fields[key].default
        self.reset = IconButton("undo", f"{key}: as it comes", f"{key}: as it comes", size=24)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(False)
        self.reset.clicked.connect(lambda _: self.wished.emit(""))
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(tokens.UNIT // 2)
        self.setFixedHeight(tokens.FIELD_HEIGHT)
        self.setFixedWidth(_WIDTH + 24 + tokens.UNIT // 2)

    @property
    def focus(self) -> QWidget:
        """What takes the keys of it first."""
        raise NotImplementedError

    def show_text(self, text: str) -> None:
        """Show a default as typed; an empty one for what the option comes with."""
        self.held = text
        self.reset.setVisible(bool(text))
        self.bring()

    def bring(self) -> None:
        """Bring the control to what is held."""
        raise NotImplementedError

    def wish(self, text: str) -> None:
        """Ask for this, if it is another."""
        if text != self.held:
            self.wished.emit(text)

    def _add(self, *widgets: QWidget) -> None:
        """Put these before the button that takes it back."""
        field = Config.model_fields[self.key]
        for widget in widgets:
            widget.installEventFilter(self)
            self._line.addWidget(widget, 0 if isinstance(widget, Chooser) else 1)
            if not isinstance(widget, Chooser):
                widget.setAccessibleName(f"Default of {self.key}")
                widget.setToolTip(f"{self.key}: {field.description}")
        self._line.addWidget(self.reset)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.entered.emit()
        elif event.type() == QEvent.Type.FocusOut and not self._has_popup():
            self.left.emit()
        return super().eventFilter(watched, event)

    def _has_popup(self) -> bool:
        return any(box.view().isVisible() for box in self.findChildren(QComboBox))


class TextControl(OptionControl):
    """A line to type in; for a path also a button that opens a dialog.

    Args:
        key: The option.
        is_path: Whether it may be a path.
    """

    def __init__(self, key: str, *, is_path: bool = False) -> None:
        super().__init__(key)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tokens.NONE if self.builtin is None else written(self.builtin))
        self._add(self.field)
        if is_path:
            self.choose = Chooser(key, ("All files (*)",), word="…")
            self.choose.setFixedWidth(_CHOOSE_WIDTH)
            self._line.insertWidget(1, self.choose)
            self.choose.installEventFilter(self)
            # Quoted, for a path may have signs that mean something in YAML.
            self.choose.picked.connect(lambda path: self.wish(json.dumps(path, ensure_ascii=False)))
        self.field.editingFinished.connect(lambda: self.wish(self.field.text().strip()))
        self.left.connect(self.bring)

    @property
    @override
    def focus(self) -> QWidget:
        return self.field

    @override
    def bring(self) -> None:
        if not self.field.hasFocus():
            self.field.setText(self.held)
            self.field.setCursorPosition(0)


class NumberControl(TextControl):
    """A slider over the range of a number, and the number to be typed or stepped with the arrow keys.

    Args:
        key: The option.
        low: The least it can be.
        high: The most; None where nothing is, which leaves no slider.
        step: What an arrow key changes it by.
    """

    def __init__(self, key: str, low: float, high: float | None, step: float) -> None:
        super().__init__(key)
        self._low, self._high, self._step = low, high, step
        self.slider: Slider | None = None
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        if high is not None:
            self.slider = Slider(round((high - low) / step), f"Default of {key}")
            self.slider.setToolTip(self.field.toolTip())
            self.slider.installEventFilter(self)
            self.field.setFixedWidth(_NUMBER_WIDTH)
            self._line.insertWidget(0, self.slider, 1)
            self.slider.valueChanged.connect(self._moved)
            self.slider.sliderReleased.connect(lambda: self.wish(self.field.text()))

    @override
    def bring(self) -> None:
        super().bring()
        if self.slider is not None and not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round((self._value(self.held) - self._low) / self._step))
            self.slider.blockSignals(False)

    def _value(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float(self.builtin)

    def _moved(self, place: int) -> None:
        text = f"{round(self._low + place * self._step, 4):g}"
        self.field.setText(text)
        if self.slider is not None and not self.slider.isSliderDown():
            self.wish(text)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = _ARROWS.get(Qt.Key(event.key()))
            if steps is not None:
                value = round(self._value(self.field.text() or self.held) + steps * self._step, 4)
                high = value if self._high is None else self._high
                self.field.setText(f"{min(max(value, self._low), high):g}")
                self.wish(self.field.text())
                return True
        return super().eventFilter(watched, event)


class CheckControl(OptionControl):
    """Yes or no."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.box = _Check()
        self.box.setFixedHeight(tokens.FIELD_HEIGHT)
        self._add(self.box)
        self.box.clicked.connect(lambda on: self.wish(written(bool(on))))

    @property
    @override
    def focus(self) -> QWidget:
        return self.box

    @override
    def bring(self) -> None:
        is_on = self.held == "true" if self.held else bool(self.builtin)
        self.box.setChecked(is_on)
        self.box.setText("yes" if is_on else "no")


class _Check(QCheckBox):
    """A box as those of the stages are, with its word."""

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_check(painter, QRectF(tokens.UNIT / 2, (self.height() - _BOX) / 2, _BOX, _BOX), checked=self.isChecked())
        painter.setPen(QColor(tokens.INK))
        room = QRectF(self.rect()).adjusted(_BOX + 1.5 * tokens.UNIT, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS, tokens.RADIUS)
        painter.end()


class ChoiceControl(OptionControl):
    """One of a few words.

    Args:
        key: The option.
        words: Those that can be chosen, each with what is typed for it.
        is_open: Whether others can be typed as well.
    """

    def __init__(self, key: str, words: dict[str, str], *, is_open: bool = False) -> None:
        super().__init__(key)
        self._words, self._is_open = words, is_open
        self.choice = Choice(f"Default of {key}", "", tuple(words))
        self.choice.setEditable(is_open)
        self.choice.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._add(self.choice)
        self.choice.chosen.connect(self._chosen)
        line = self.choice.lineEdit()
        if line is not None:
            line.installEventFilter(self)
            line.setAccessibleName(f"Default of {key}")
            line.editingFinished.connect(lambda: self._typed(line.text().strip()))
            line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the box has the keys, and Tab must not stop at both
            self.left.connect(self.bring)

    @property
    @override
    def focus(self) -> QWidget:
        return self.choice

    @override
    def bring(self) -> None:
        if self._is_open and self.choice.hasFocus() and self.choice.currentText() != self.held:
            return
        text = self.held or written(self.builtin)
        line = self.choice.lineEdit()
        if line is not None:
            line.setText(text)
            return
        words = {typed: word for word, typed in self._words.items()}
        self.choice.set_word(words.get(text, _UNSET if self.builtin is None and not self.held else text))

    def _chosen(self, word: str) -> None:
        self.wish(self._words.get(word, word))

    def _typed(self, text: str) -> None:
        if text != written(self.builtin) or self.held:
            self.wish(text)


def control_of(key: str) -> OptionControl:
    """The control that fits an option's type, bounds and words."""
    field = Config.model_fields[key]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    kinds = _kinds(field.annotation)
    bounds = {
        name: getattr(mark, name) for mark in field.metadata for name in ("ge", "le", "gt") if hasattr(mark, name)
    }
    words = extra.get("words")
    if isinstance(words, list):
        return ChoiceControl(key, {str(word): str(word) for word in words}, is_open=bool(extra.get("is_open")))
    if bool in kinds:
        return ChoiceControl(key, {_UNSET: "", **_YES_NO}) if field.default is None else CheckControl(key)
    enum = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
    if enum is not None:
        return ChoiceControl(key, {member.value: member.value for member in enum})
    if (int in kinds or float in kinds) and field.default is not None and "ge" in bounds:
        return _number(key, kinds, bounds, extra.get("step"))
    return TextControl(key, is_path=bool(extra.get("is_path")))


def _number(key: str, kinds: Sequence[Any], bounds: dict[str, float], step: Any) -> NumberControl:
    low, high = bounds["ge"], bounds.get("le")
    if not isinstance(step, int | float):
        step = 1 if int in kinds else 0.01 if high is not None and high - low <= 1 else 0.1
    if high is not None and (high - low) / step > _MOST_STEPS:
        high = None  # a slider would not reach each of them
    return NumberControl(key, low, high, step)


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Types that an annotation allows, without those it is wrapped in."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return tuple(kind for part in typing.get_args(annotation) for kind in _kinds(part))
    return (annotation,)
