"""Saved stages on disk: kept as people can read them, and never lost to a slip in the file."""

import pytest
import yaml

from viewer.core.errors import SinkError
from viewer.session.preset_store import PresetStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "taps.yaml"


def test_presets_are_kept_by_architecture_as_readable_yaml(path) -> None:
    store = PresetStore(path)
    assert store.presets("YOLO11 detect") == {}
    store.save("YOLO11 detect", "night", ("model.4", "model.16"))
    store.save("CenterNet", "night", ())
    store.save("YOLO11 detect", "Straße", ("model.2",))
    assert PresetStore(path).presets("YOLO11 detect") == {"night": ("model.4", "model.16"), "Straße": ("model.2",)}
    assert "night: [model.4, model.16]" in path.read_text(encoding="utf-8")
    assert "Straße" in path.read_text(encoding="utf-8")
    store.delete("YOLO11 detect", "night")
    store.delete("YOLO11 detect", "never there")
    assert yaml.safe_load(path.read_text()) == {"CenterNet": {"night": []}, "YOLO11 detect": {"Straße": ["model.2"]}}
    assert [file.name for file in path.parent.iterdir()] == ["taps.yaml"]


def test_what_another_window_saved_meanwhile_is_kept(path) -> None:
    one, other = PresetStore(path), PresetStore(path)
    one.save("A", "first", ("x",))
    other.save("A", "second", ("y",))
    assert one.presets("A") == {"first": ("x",), "second": ("y",)}


@pytest.mark.parametrize(
    "text", ["A: {night: [x", "- a list", "A: night", "A: {night: model.4}", "A: {night: [1, 2]}", "\x00", "A: &a [*a]"]
)
def test_a_broken_file_is_set_aside_and_said_and_another_begun(path, text) -> None:
    path.parent.mkdir()
    path.write_text(text)
    (path.parent / "taps.broken.yaml").write_text("older")
    store = PresetStore(path)
    assert store.presets("A") == {}
    assert str(path) in store.trouble
    assert "taps.broken_2.yaml" in store.trouble
    assert (path.parent / "taps.broken_2.yaml").read_text() == text
    store.save("A", "night", ("x",))
    assert store.presets("A") == {"night": ("x",)}
    assert (path.parent / "taps.broken.yaml").read_text() == "older"


def test_bytes_that_are_no_text_are_a_broken_file_too(path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\xfa")
    store = PresetStore(path)
    assert store.presets("A") == {}
    assert store.trouble
    assert not path.exists()


def test_a_place_that_cannot_be_written_is_one_line(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    store = PresetStore(tmp_path / "file" / "taps.yaml")
    assert store.presets("A") == {}
    with pytest.raises(SinkError, match=r"taps\.yaml"):
        store.save("A", "night", ("x",))


def test_an_empty_file_is_no_trouble(path) -> None:
    path.parent.mkdir()
    path.write_text("")
    store = PresetStore(path)
    assert store.presets("A") == {}
    assert store.trouble == ""
