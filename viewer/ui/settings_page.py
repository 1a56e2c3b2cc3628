"""The settings, laid over the pictures while the video plays on: look, defaults, keys."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.session.preferences import FOLDER, THEMES, Preferences
from viewer.ui import tokens
from viewer.ui.chooser import Chooser
from viewer.ui.controls import Choice, IconButton
from viewer.ui.defaults_editor import DefaultsEditor
from viewer.ui.key_editor import KeyEditor
from viewer.ui.page import Page
from viewer.ui.tips import tip

_WIDTH, _HEIGHT = 720, 640
THEME_WORDS: dict[str, str] = dict(zip(THEMES, ("Dark", "Light", "High contrast"), strict=True))


class SettingsPage(Page):
    """A card with a part for each kind of setting; what the user wants goes out as wishes."""

    theme_wished = Signal(str)
    folder_wished = Signal(str)
    folder_make_wished = Signal(str)
    """The same, and make it if it is not there."""
    reset_wished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Settings", _WIDTH, height=_HEIGHT)
        self.theme = Choice("Theme", "", tuple(THEME_WORDS.values()))
        tip(self.theme, "Colours of the window  ( {theme} for the next )")
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder for snapshots and exports")
        self.folder.setPlaceholderText("Featscope in your pictures folder")
        self.folder.setToolTip("Where snapshots and exported videos go, from the next start on  ( Enter )")
        self.choose = Chooser("Folder for snapshots and exports")
        self.folder_says = QLabel()
        self.folder_says.setObjectName("trouble")
        self.folder_says.setWordWrap(True)
        self.folder_make = QPushButton("Create folder")
        self.folder_make.setToolTip("Make this folder, and put snapshots and exports there")
        self.folder_make.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.defaults = DefaultsEditor()
        self.keys = KeyEditor()
        self.reset = QPushButton("Reset all settings")
        self.reset.setToolTip("Theme, defaults and keys as they come")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button = IconButton("close", "Close settings", "Back to the pictures  ( {escape} )")
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setObjectName("faint")
        self._folder = ""
        self.stack = QStackedWidget()
        self.tabs: dict[str, QPushButton] = {}
        self._lay_out()
        self.refuse_folder("", can_make=False)
        self.show_part("General")
        self.theme.chosen.connect(self._on_theme)
        self.folder.editingFinished.connect(self._on_folder)
        self.choose.picked.connect(self._chosen)
        self.folder_make.clicked.connect(lambda _: self.folder_make_wished.emit(self.folder.text()))
        self.reset.clicked.connect(self.reset_wished)
        self.close_button.clicked.connect(self.put_away)

    @override
    def put_away(self) -> None:
        self.keys.cancel()
        self.refuse_folder("", can_make=False)
        self.folder.setText(self._folder)
        super().put_away()

    @override
    def take_focus(self) -> None:
        title = next(name for name, tab in self.tabs.items() if tab.isChecked())
        if title == "Defaults":
            self.defaults.take_focus()
        else:
            (self.theme if title == "General" else self.keys.list).setFocus(Qt.FocusReason.TabFocusReason)
        if title == "Keys" and self.keys.chosen is None:
            self.keys.list.setCurrentIndex(self.keys.list.rows.index(1))

    def show_preferences(self, preferences: Preferences, problem: str = "") -> None:
        """Bring everything to what holds, and say what was refused."""
        self.theme.set_word(THEME_WORDS[preferences.theme])
        self._folder = preferences.default_text(FOLDER)
        self.choose.begins_at = self._folder
        if not self.folder.hasFocus() and not self.folder_says.text():
            self.folder.setText(self._folder)
        self.defaults.show_defaults(preferences.default_text)
        self.keys.show_keymap(preferences.keymap)
        self.says.setText(problem or _where(preferences.path))
        self.says.setObjectName("trouble" if problem else "faint")
        self.says.style().polish(self.says)

    def refuse_folder(self, problem: str, *, can_make: bool) -> None:
        """Say at the field why a folder will not do, or no more.

        Args:
            problem: One line; empty where it does.
            can_make: Whether to offer to make it.
        """
        self.folder_says.setText(problem)
        self.folder_says.setVisible(bool(problem))
        self.folder_make.setVisible(can_make)

    def show_part(self, title: str) -> None:
        """Turn to this part."""
        for name, tab in self.tabs.items():
            tab.setChecked(name == title)
        self.stack.setCurrentIndex(list(self.tabs).index(title))
        if self.isVisible():
            self.take_focus()

    def _on_theme(self, word: str) -> None:
        self.theme_wished.emit(next(name for name, shown in THEME_WORDS.items() if shown == word))

    def _chosen(self, folder: str) -> None:
        self.folder.setText(folder)
        self._on_folder()

    def _on_folder(self) -> None:
        if self.folder.text().strip() != self._folder:
            self.folder_wished.emit(self.folder.text())
        elif self.folder_says.text():
            self.refuse_folder("", can_make=False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Escape leaves the waiting for a key first.
        if event.key() != Qt.Key.Key_Escape or not self.keys.cancel():
            super().keyPressEvent(event)

    # --- putting together -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        title = QLabel("Settings")
        title.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(title)
        head.addSpacing(2 * tokens.UNIT)
        for name, part in (("General", self._general()), ("Defaults", self._defaults()), ("Keys", self.keys)):
            self.tabs[name] = self._tab(name)
            head.addWidget(self.tabs[name])
            self.stack.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.close_button)
        self.column.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, 2 * tokens.UNIT)
        self.column.addLayout(head)
        self.column.addWidget(self.stack, 1)
        self.column.addWidget(self.says)

    def _tab(self, name: str) -> QPushButton:
        tab = QPushButton(name)
        tab.setObjectName("tab")
        tab.setCheckable(True)
        tab.setToolTip(f"Settings: {name}")
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tab.clicked.connect(lambda _: self.show_part(name))
        return tab

    def _general(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, tokens.UNIT, 0, 0)
        grid.setHorizontalSpacing(2 * tokens.UNIT)
        grid.setVerticalSpacing(2 * tokens.UNIT)
        self.theme.setFixedWidth(176)
        grid.addWidget(_soft("Theme"), 0, 0)
        grid.addWidget(self.theme, 0, 1)
        grid.addWidget(_soft("Snapshots, exports"), 1, 0)
        place = QHBoxLayout()
        place.setSpacing(tokens.UNIT)
        place.addWidget(self.folder, 1)
        place.addWidget(self.choose)
        grid.addLayout(place, 1, 1)
        said = QHBoxLayout()
        said.setSpacing(tokens.UNIT)
        said.addWidget(self.folder_says, 1)
        said.addWidget(self.folder_make)
        grid.addLayout(said, 2, 1)
        grid.addWidget(_soft("Everything"), 3, 0)
        grid.addWidget(self.reset, 3, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(4, 1)
        return box

    def _defaults(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        note = _soft("From the next start on, where neither a preset nor the command says otherwise.")
        note.setWordWrap(True)
        column.addWidget(note)
        column.addWidget(self.defaults, 1)
        return box


def _soft(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("soft")
    return label


def _where(path: Path | None) -> str:
    return "" if path is None else f"Kept in {path}"
