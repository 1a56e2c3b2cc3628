"""What the user changes for good: theme, defaults, keys. Every change is checked, kept and written at once.

The window shows what stands here and hands over wishes, as it does with the `Controller`; a wish that is refused leaves
everything as it was and comes back as a line to show.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from viewer.config.chosen_paths import MissingFolderError, check_file, check_folder
from viewer.config.settings import (
    Settings,
    check_defaults,
    load_settings,
    parsed_default,
    save_settings,
)
from viewer.core.errors import ConfigError
from viewer.session.keymap import KeyMap

THEMES = ("dark", "light", "contrast")

FOLDER = "snapshots"
"""The option that says where snapshots and exports go."""


class Preferences:
    """The settings in use.

    Args:
        keys: Keys that each action comes with.
        path: Where the settings are kept; None keeps them nowhere.
        theme: What to wear instead of the theme that is kept, until the user chooses one.
        spell: Turns a key as typed into the window's spelling, an unknown one into an empty text.

    Attributes:
        settings: What stands now.
        keymap: The keys that follow from it.
        problem: What the user should know of the file; empty if all is well.
        can_make: Whether the folder that was refused last would do if it were made.
    """

    def __init__(
        self,
        keys: Mapping[str, tuple[str, ...]],
        path: Path | None = None,
        *,
        theme: str | None = None,
        spell: Callable[[str], str] = str,
    ) -> None:
        self.path = path
        self.problem = ""
        self.can_make = False
        self.settings = Settings()
        self.keymap = KeyMap(keys)
        self._theme = theme
        if path is not None:
            self.settings, self.problem = load_settings(path, keys, spell)
            self.keymap = KeyMap(keys, self.settings.keys)

    @property
    def theme(self) -> str:
        """What is worn."""
        return self._theme or self.settings.theme

    # --- wishes -----------------------------------------------------------------------------------------------------

    def set_theme(self, theme: str) -> str:
        """Wear this theme from now on."""
        self._theme = None
        return self._change(theme=theme)

    def next_theme(self) -> str:
        """Wear the next of the themes."""
        return self.set_theme(THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)])

    def set_folder(self, text: str, *, make: bool = False) -> str:
        """Put snapshots and exports here; an empty text means where they go by themselves.

        Args:
            text: As typed.
            make: Make the folder if it is not there.
        """
        self.can_make = False
        kept = {name: value for name, value in self.settings.defaults.items() if name != FOLDER}
        if text.strip():
            try:
                check_folder(text.strip(), make=make)
                kept[FOLDER] = text.strip()
            except ConfigError as error:
                self.can_make = isinstance(error, MissingFolderError)
                return str(error)
        return self._change(defaults=kept)

    def set_default(self, key: str, text: str) -> str:
        """Let an option stand at this unless a run says otherwise; an empty text means as it comes."""
        kept = {name: value for name, value in self.settings.defaults.items() if name != key}
        try:
            if text.strip():
                kept[key] = parsed_default(key, text)
                check_defaults({key: kept[key]})
                check_file(key, kept[key])
                check_defaults(kept)
        except ConfigError as error:
            return str(error)
        return self._change(defaults=kept)

    def default_text(self, key: str) -> str:
        """The default as it would be typed; empty if the user set none."""
        value = self.settings.defaults.get(key)
        return "" if value is None else written(value)

    def set_keymap(self, keymap: KeyMap) -> str:
        """Take these keys."""
        self.keymap = keymap
        return self._change(keys=dict(keymap.changed))

    def reset(self) -> str:
        """Everything as it comes."""
        self.settings, self.keymap, self._theme = Settings(), KeyMap(self.keymap.native), None
        return self._write()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _change(self, **changes: Any) -> str:
        self.settings = Settings(**{**self.settings.model_dump(), **changes})
        return self._write()

    def _write(self) -> str:
        if self.path is None:
            return ""
        try:
            save_settings(self.path, self.settings)
        except ConfigError as error:
            return f"{error}; what you changed holds until you close the window"
        return ""


def written(value: object) -> str:
    """A value of an option as one types it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType] - whatever YAML holds
        return f"[{', '.join(map(written, items))}]"
    return str(value)
