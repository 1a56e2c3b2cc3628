"""The part of the settings in which options get other defaults: every key of a preset, with what it means.

The folder for snapshots is asked for apart, as a folder. The controls, of which there are more than in the rest of the
window, are made when somebody first looks at them.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.config import Config
from viewer.config.settings import defaults_allowed
from viewer.session.preferences import FOLDER
from viewer.ui import tokens
from viewer.ui.option_control import OptionControl, control_of


class DefaultsEditor(QScrollArea):
    """A control an option, each after its kind; one that nobody set shows what Featscope comes with."""

    default_wished = Signal(str, str)
    """Let this option stand at this from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.controls: dict[str, OptionControl] = {}
        self.says: dict[str, QLabel] = {}
        self._texts: Callable[[str], str] = lambda _key: ""
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Defaults of options")

    @override
    def showEvent(self, event: QShowEvent) -> None:
        if not self.controls:
            self._fill()
        super().showEvent(event)

    def show_defaults(self, texts: Callable[[str], str]) -> None:
        """Bring every control that is not being typed into to what holds.

        Args:
            texts: The default of an option as typed; empty where there is none.
        """
        self._texts = texts
        for key, control in self.controls.items():
            control.show_text(texts(key))

    def refuse(self, key: str, problem: str) -> None:
        """Say beside an option why it cannot stand at what was wished; an empty text says nothing."""
        self.says[key].setText(problem)
        self.says[key].setVisible(bool(problem))

    def take_focus(self) -> None:
        """Give the keys to the first option."""
        next(iter(self.controls.values())).focus.setFocus(Qt.FocusReason.TabFocusReason)

    def _fill(self) -> None:
        self.controls = {key: control_of(key) for key in defaults_allowed() if key != FOLDER}
        self.says = {key: QLabel() for key in self.controls}
        rows = self._rows()
        self.setWidget(rows)
        rows.setAutoFillBackground(False)
        for key, control in self.controls.items():
            control.wished.connect(partial(self.default_wished.emit, key))
            control.entered.connect(partial(self.ensureWidgetVisible, control, 0, tokens.ROW))
            control.left.connect(partial(self.refuse, key, ""))
        self.show_defaults(self._texts)

    def _rows(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, tokens.UNIT, 0)
        grid.setHorizontalSpacing(tokens.UNIT)
        grid.setVerticalSpacing(tokens.UNIT)
        for row, (key, control) in enumerate(self.controls.items()):
            name = QLabel(key)
            name.setFixedHeight(tokens.FIELD_HEIGHT)
            meaning, says = QLabel(Config.model_fields[key].description or ""), self.says[key]
            meaning.setObjectName("faint")
            says.setObjectName("trouble")
            says.setVisible(False)
            cell = QVBoxLayout()
            cell.setContentsMargins(0, 5, 0, 0)
            for words in (says, meaning):
                words.setFont(tokens.font(tokens.TEXT_SMALL))
                words.setWordWrap(True)
                cell.addWidget(words, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(control, row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(cell, row, 2)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(len(self.controls), 1)
        return box
