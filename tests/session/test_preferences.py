"""Preferences: every change is checked, written at once, and read by the next run."""

from pathlib import Path

import pytest

from viewer.config import Settings
from viewer.session.keymap import KeyMap
from viewer.session.preferences import FOLDER, THEMES, Preferences

KEYS = {"play": ("Space",), "next": (".",)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.yaml"


def again(preferences: Preferences) -> Preferences:
    return Preferences(KEYS, preferences.path)


def test_what_is_changed_is_there_in_the_next_run(path: Path):
    preferences = Preferences(KEYS, path)
    assert preferences.set_theme("light") == ""
    assert preferences.set_default("conf", "0.4") == ""
    assert preferences.set_default("tap", "[P3, model.6]") == ""
    assert preferences.set_keymap(preferences.keymap.bound("next", "N")) == ""
    later = again(preferences)
    assert later.settings == preferences.settings
    assert later.keymap.keys("next") == ("N",)
    assert (later.default_text("conf"), later.default_text("tap")) == ("0.4", "[P3, model.6]")
    assert later.problem == ""


def test_an_empty_default_is_none(path: Path):
    preferences = Preferences(KEYS, path)
    preferences.set_default("loop", "false")
    assert preferences.default_text("loop") == "false"
    preferences.set_default("loop", " ")
    assert again(preferences).settings == Settings()


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [("conf", "2", "less than or equal to 1"), ("iou", "[1", "not valid YAML"), ("colormap", "jot", "colour map")],
)
def test_a_refused_default_changes_nothing(path: Path, key: str, text: str, message: str):
    preferences = Preferences(KEYS, path)
    assert message in preferences.set_default(key, text)
    assert preferences.settings == Settings()
    assert not path.exists()


def test_two_defaults_that_exclude_each_other_are_refused(path: Path):
    preferences = Preferences(KEYS, path)
    assert preferences.set_default("half", "true") == ""
    assert "exclude each other" in preferences.set_default("bf16", "true")
    assert preferences.settings.defaults == {"half": True}


def test_the_folder_is_a_default_that_is_checked_as_one(path: Path):
    preferences = Preferences(KEYS, path)
    path.parent.mkdir(exist_ok=True)
    assert "is not there; create it" in preferences.set_folder(f" {path.parent}/a: new ")
    assert preferences.can_make
    assert preferences.set_folder(f" {path.parent}/a: new ", make=True) == ""
    assert not preferences.can_make
    assert again(preferences).settings.defaults == {FOLDER: f"{path.parent}/a: new"}
    path.with_name("file").touch()
    assert "is no folder" in preferences.set_folder(str(path.with_name("file")))
    assert "no folder /nowhere/at to make all in" in preferences.set_folder("/nowhere/at/all")
    assert preferences.default_text(FOLDER) == f"{path.parent}/a: new"
    preferences.set_folder(" ")
    assert again(preferences).settings == Settings()


def test_a_theme_for_one_run_is_not_kept(path: Path):
    preferences = Preferences(KEYS, path, theme="contrast")
    preferences.set_default("conf", "0.4")
    assert (preferences.theme, again(preferences).theme) == ("contrast", "dark")
    preferences.set_theme("light")
    assert (preferences.theme, again(preferences).theme) == ("light", "light")


def test_themes_come_round():
    preferences = Preferences(KEYS)
    seen = []
    for _ in THEMES:
        seen.append(preferences.settings.theme)
        preferences.next_theme()
    assert (tuple(seen), preferences.settings.theme) == (THEMES, THEMES[0])


def test_reset_brings_everything_back(path: Path):
    preferences = Preferences(KEYS, path)
    preferences.set_theme("light")
    preferences.set_keymap(preferences.keymap.bound("next", "N"))
    preferences.reset()
    assert again(preferences).settings == Settings()
    assert preferences.keymap == KeyMap(KEYS)


def test_what_cannot_be_written_holds_until_the_end_and_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    preferences = Preferences(KEYS, tmp_path / "file" / "settings.yaml")
    assert "holds until you close the window" in preferences.set_theme("light")
    assert preferences.settings.theme == "light"


def test_a_broken_file_is_a_problem_to_show(path: Path):
    path.write_text("theme: [")
    preferences = Preferences(KEYS, path)
    assert "is not valid YAML" in preferences.problem
    assert preferences.settings == Settings()


def test_a_path_with_signs_of_yaml_in_it_can_be_a_default(tmp_path: Path) -> None:
    clip = tmp_path / "street #1: night.mp4"
    clip.touch()
    preferences = Preferences({}, tmp_path / "settings.yaml")
    assert preferences.set_default("source", str(clip)) == ""
    assert Preferences({}, tmp_path / "settings.yaml").default_text("source") == str(clip)
