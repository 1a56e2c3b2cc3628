"""Settings: a file people can read, refusals that help, and nothing in it that can keep the window shut."""

from pathlib import Path

import pytest

from viewer.config import load_config
from viewer.config.settings import (
    Settings,
    as_yaml,
    check_defaults,
    load_settings,
    parsed_default,
    read_settings,
    save_settings,
)
from viewer.core.errors import ConfigError

ACTIONS = ("snapshot", "boxes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "there" / "settings.yaml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_no_file_is_how_everybody_starts(path: Path):
    assert load_settings(path, ACTIONS) == (Settings(), "")
    assert not path.parent.exists()


def test_what_is_saved_is_read_and_says_what_it_means(path: Path):
    settings = Settings(
        theme="light",
        defaults={"snapshots": "~/Bilder für mich", "conf": 0.4, "tap": ["P3", "P4"], "limits": "0:2.5", "loop": False},
        keys={"snapshot": ("F9", "Ctrl+S"), "boxes": ()},
    )
    save_settings(path, settings)
    assert load_settings(path, ACTIONS) == (settings, "")
    text = path.read_text()
    for field in Settings.model_fields.values():
        assert f"# {field.description}." in text
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.yaml"]


def test_what_is_left_out_and_what_is_left_empty_stand_as_they_come(path: Path):
    write(path, "theme: light\nkeys:\ndefaults:\n")
    assert read_settings(path, ACTIONS) == Settings(theme="light")


def test_one_key_needs_no_list_and_a_digit_no_quotes(path: Path):
    write(path, "keys: {snapshot: 5, boxes: [F9, 6]}\ndefaults: {max-det: 7}")
    settings = read_settings(path, ACTIONS)
    assert settings.keys == {"snapshot": ("5",), "boxes": ("F9", "6")}
    assert settings.defaults == {"max_det": 7}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("them: light", "unknown key 'them' in .*; did you mean 'theme'"),
        ("theme: pink", "theme is 'pink' in .*dark, light or contrast"),
        ("defaults: {conff: 0.3}", "unknown key 'conff' in .*under defaults; did you mean 'conf'"),
        ("defaults: {conf: 2}", "conf is 2 in .*under defaults, but"),
        ("defaults: {limits: '3:1'}", "limits '3:1' not understood"),
        ("defaults: {trust_checkpoint: true}", "trust_checkpoint cannot be a default"),
        ("defaults: 3", "defaults is 3 in"),
        ("keys: {snapshoot: F9}", "unknown action 'snapshoot' in .*; did you mean 'snapshot'"),
        ("keys: {snapshot: F99x}", "no key 'F99x' for snapshot in .*; write it like Space"),
        ("keys: {snapshot: [[F9]]}", "keys is"),
        ("a: [1", "is not valid YAML"),
        ("\x00", "is not valid YAML"),
        ("just words", "must hold 'key: value' lines"),
    ],
)
def test_a_broken_file_is_said_in_one_line_and_set_aside(path: Path, content: str, message: str):
    write(path, content)
    settings, problem = load_settings(path, ACTIONS, lambda key: "" if "x" in key else key)
    assert settings == Settings()
    assert problem.endswith("; it is kept as settings.broken.yaml, and Featscope starts with what it comes with")
    with pytest.raises(ConfigError, match=message):
        raise ConfigError(problem)
    assert "\n" not in problem
    assert not path.exists()
    assert (path.parent / "settings.broken.yaml").read_text() == content


def test_an_older_broken_file_is_kept_as_well(path: Path):
    for number in (1, 2, 3):
        write(path, f"a: [{number}")
        load_settings(path, ACTIONS)
    names = {"settings.broken.yaml": "a: [1", "settings.broken-2.yaml": "a: [2", "settings.broken-3.yaml": "a: [3"}
    assert {entry.name: entry.read_text() for entry in path.parent.iterdir()} == names


def test_a_folder_in_the_files_place_is_no_end_of_the_world(path: Path):
    path.mkdir(parents=True)
    settings, problem = load_settings(path, ACTIONS)
    assert settings == Settings()
    assert "cannot read" in problem


def test_what_cannot_be_renamed_stays(path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object):
        raise PermissionError(13, "Permission denied")

    write(path, "a: [1")
    monkeypatch.setattr(Path, "rename", refuse)
    settings, problem = load_settings(path, ACTIONS)
    assert settings == Settings()
    assert "it stays where it is" in problem
    assert path.exists()


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object):
        raise OSError(28, "No space left on device")

    save_settings(path, Settings(theme="light"))
    before = path.read_text()
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ConfigError, match=r"cannot write settings to .*No space left on device; make room"):
        save_settings(path, Settings())
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def test_defaults_are_weaker_than_a_preset_and_that_than_the_command_line(tmp_path: Path):
    preset = write(tmp_path / "p" / "mine.yaml", "iou: 0.5\nmax_det: 9\n")
    defaults = {"conf": 0.4, "iou": 0.3, "max_det": 5}
    check_defaults(defaults)
    config = load_config(str(preset), {"max_det": 2, "conf": None}, defaults=defaults)
    assert (config.conf, config.iou, config.max_det, config.alpha) == (0.4, 0.5, 2, 0.55)


def test_values_are_typed_as_in_yaml():
    typed = {
        ("conf", "0.4"): 0.4,
        ("tap", "[P3, P4]"): ["P3", "P4"],
        ("tap", "P3"): "P3",
        ("loop", "false"): False,
        ("limits", "0:2.5"): "0:2.5",
        ("max_det", "12"): 12,
    }
    assert {given: parsed_default(*given) for given in typed} == typed
    with pytest.raises(ConfigError, match="is not valid YAML"):
        parsed_default("tap", "[P3")


@pytest.mark.parametrize("text", ["clip #1.mp4", "a: b.mp4", "0", "no", "[", "1:30"])
def test_a_text_is_kept_as_it_stands_whatever_it_would_be_in_yaml(text: str):
    assert parsed_default("source", text) == text
    assert parsed_default("weights", f'  "{text}"') == text


def test_the_first_lines_say_who_writes_the_file():
    assert as_yaml(Settings()).startswith("# Settings of Featscope.")
