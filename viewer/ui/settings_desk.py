"""Where settings take effect: wishes go to the preferences, and what follows from them into the window."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QApplication, QWidget

from viewer.session import Level, Notice
from viewer.session.palette import Action
from viewer.session.preferences import Preferences
from viewer.ui.keys import NATIVE, rebind
from viewer.ui.settings_page import THEME_WORDS, SettingsPage
from viewer.ui.theme import wear
from viewer.ui.tips import retell


class SettingsDesk:
    """Wires a page to preferences.

    Args:
        window: What is to wear the theme and tell the keys.
        page: What shows the settings.
        preferences: What keeps them; None keeps them nowhere.
        changed: Called after a change, when everything is to be shown anew.
    """

    def __init__(
        self, window: QWidget, page: SettingsPage, preferences: Preferences | None, changed: Callable[[], object]
    ) -> None:
        self.preferences = preferences or Preferences(NATIVE)
        self._window, self._page, self._changed = window, page, changed
        stored = self.preferences
        page.theme_wished.connect(lambda name: self._take(stored.set_theme(name)))
        page.folder_wished.connect(self._set_folder)
        page.folder_make_wished.connect(lambda text: self._set_folder(text, make=True))
        page.defaults.default_wished.connect(self._set_default)
        page.keys.keymap_wished.connect(lambda keymap: self._take(stored.set_keymap(keymap)))
        page.reset_wished.connect(lambda: self._take(stored.reset()))
        self._take("")

    def next_theme(self) -> None:
        """Wear the next theme."""
        self._take(self.preferences.next_theme())

    def wear(self, theme: str) -> None:
        """Wear this theme, and say so wherever a theme is named."""
        self._take(self.preferences.set_theme(theme))

    def theme_actions(self) -> list[Action]:
        """Each theme that is not worn, to be worn by its name."""
        return [
            Action(f"Theme: {word.lower()}", "Window", "", partial(self.wear, name))
            for name, word in THEME_WORDS.items()
            if name != self.preferences.theme
        ]

    def notice(self) -> Notice | None:
        """What the user should know of the file with the settings."""
        problem = self.preferences.problem
        return Notice(Level.WARNING, problem) if problem else None

    def _set_folder(self, text: str, *, make: bool = False) -> None:
        problem = self.preferences.set_folder(text, make=make)
        self._page.refuse_folder(problem, can_make=self.preferences.can_make)
        self._take("")

    def _set_default(self, key: str, text: str) -> None:
        before = self.preferences.settings
        problem = self.preferences.set_default(key, text)
        is_refused = self.preferences.settings is before
        self._page.defaults.refuse(key, problem if is_refused else "")
        self._take("" if is_refused else problem)

    def _take(self, problem: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            wear(app, self.preferences.theme)
        rebind(self.preferences.keymap)
        retell(self._window)
        self._page.show_preferences(self.preferences, problem)
        self._changed()
