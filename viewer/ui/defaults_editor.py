"""The part of the settings in which options get other defaults: every key of a preset, with what it means.

The folder for snapshots is asked for apart, as a folder.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.config import Config
from viewer.config.settings import defaults_allowed
from viewer.session.preferences import FOLDER, written
from viewer.ui import tokens

_FIELD_WIDTH = 128


class DefaultsEditor(QScrollArea):
    """A field an option; an empty one stands for what Featscope comes with, which it shows in grey."""

    default_wished = Signal(str, str)
    """Let this option stand at this from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.fields = {key: _Field(key, self._show_field) for key in defaults_allowed() if key != FOLDER}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Defaults of options")
        rows = self._rows()
        self.setWidget(rows)
        rows.setAutoFillBackground(False)
        for key, field in self.fields.items():
            field.editingFinished.connect(lambda key=key: self._on_typed(key))

    def show_defaults(self, texts: Callable[[str], str]) -> None:
        """Bring every field that is not being typed into to what holds.

        Args:
            texts: The default of an option as typed; empty where there is none.
        """
        for key, field in self.fields.items():
            field.held = texts(key)
            if not field.hasFocus():
                field.setText(field.held)
                field.setCursorPosition(0)

    def _on_typed(self, key: str) -> None:
        field = self.fields[key]
        if field.text().strip() != field.held:
            self.default_wished.emit(key, field.text().strip())

    def _show_field(self, field: QWidget) -> None:
        self.ensureWidgetVisible(field, 0, tokens.ROW)

    def _rows(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, tokens.UNIT, 0)
        grid.setHorizontalSpacing(2 * tokens.UNIT)
        grid.setVerticalSpacing(tokens.UNIT)
        for row, (key, field) in enumerate(self.fields.items()):
            name = QLabel(key)
            name.setFixedHeight(tokens.FIELD_HEIGHT)
            meaning = QLabel(Config.model_fields[key].description or "")
            meaning.setObjectName("faint")
            meaning.setFont(tokens.font(tokens.TEXT_SMALL))
            meaning.setWordWrap(True)
            cell = QVBoxLayout()
            cell.setContentsMargins(0, 5, 0, 0)
            cell.addWidget(meaning, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(cell, row, 2)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(len(self.fields), 1)
        return box


class _Field(QLineEdit):
    """Scrolls itself into sight when the focus walks to it; what was refused goes when it walks on."""

    def __init__(self, key: str, show: Callable[[QWidget], None]) -> None:
        super().__init__()
        self.held = ""
        self._show = show
        builtin = Config.model_fields[key].default
        self.setFixedWidth(_FIELD_WIDTH)
        self.setPlaceholderText(tokens.NONE if builtin is None else written(builtin))
        self.setAccessibleName(f"Default of {key}")
        self.setToolTip(f"{key}: {Config.model_fields[key].description}. Empty: as it comes")

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show(self)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.setText(self.held)
            self.setCursorPosition(0)
