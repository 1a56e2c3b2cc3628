"""Presets and options: one schema, clear refusals."""

from pathlib import Path

import pytest

from viewer.config import Config, load_config
from viewer.config.load import preset_names
from viewer.core import DetectorInfo, Suppression
from viewer.core.errors import ConfigError
from viewer.core.tapping import Limits, LimitsMode


def detector(names: tuple[str, ...], classes: int | None = None) -> DetectorInfo:
    return DetectorInfo("mine", "Net", names, 0, (), "cpu", "fp32", Suppression.GREEDY, classes=classes)


def test_the_later_wins(tmp_path: Path):
    preset = tmp_path / "mine.yaml"
    preset.write_text("conf: 0.4\nmax-det: 7\ntap: [P3, model.6]\n")
    config = load_config(str(preset), {"conf": "0.6", "iou": None})
    assert (config.conf, config.iou, config.max_det, config.tap) == (0.6, 0.7, 7, ("P3", "model.6"))


@pytest.mark.parametrize("name", ["demo", "dashcam", "live-camera"])
def test_presets_that_ship_are_valid(name: str):
    assert name in preset_names()
    assert isinstance(load_config(name), Config)


def test_a_single_tap_needs_no_list(tmp_path: Path):
    preset = tmp_path / "one.yaml"
    preset.write_text("tap: P4\nlimits: 0:2.5\n")
    settings = load_config(str(preset)).tap_settings
    assert settings.nodes == ("P4",)
    assert (settings.limits.mode, settings.limits.high) == (LimitsMode.FIXED, 2.5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("conff: 0.3", "unknown key 'conff' in .*did you mean 'conf'"),
        ("conf: 2", "conf is 2 in .*less than or equal to 1"),
        ("limits: 3:1", "limits '3:1' not understood"),
        ("- a\n- b", "must hold 'key: value' lines"),
        ("a: [1", "is not valid YAML"),
        ("a: 2020-99-99", "is not valid YAML"),
        ("[" * 5000, "is not valid YAML"),
        ("size: big", "size is 'big'"),
    ],
)
def test_a_broken_preset_is_one_line(tmp_path: Path, content: str, message: str):
    preset = tmp_path / "broken.yaml"
    preset.write_text(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(str(preset))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("0", "imgsz is '0', but should be greater than or equal to 32"),
        ("-32", "imgsz is '-32', but should be greater than or equal to 32"),
        ("99999", "imgsz is '99999', but should be less than or equal to 4096"),
        ("abc", "imgsz is 'abc', but should be a valid integer"),
    ],
)
def test_sizes_that_are_none_are_refused_with_what_would_do(given: str, says: str):
    with pytest.raises(ConfigError) as caught:
        load_config(None, {"imgsz": given})
    assert str(caught.value) == f"{says} (longest side of the model's input in pixels)"


def test_unknown_presets_are_suggested():
    with pytest.raises(ConfigError, match="did you mean 'dashcam'"):
        load_config("dashcan")
    with pytest.raises(ConfigError, match=r"no preset none\.yaml"):
        load_config("none.yaml")


def test_an_empty_preset_is_the_defaults(tmp_path: Path):
    preset = tmp_path / "empty.yaml"
    preset.write_text("# nothing yet\n")
    assert load_config(str(preset)) == Config()


def test_numbers_and_cameras_are_read_as_meant(tmp_path: Path):
    preset = tmp_path / "numbers.yaml"
    preset.write_text("source: 0\nconf: .5\nalpha: 5e-1\nmax_det: 12\nloop: false\n")
    config = load_config(str(preset))
    assert (config.source, config.conf, config.alpha, config.max_det, config.loop) == ("0", 0.5, 0.5, 12, False)


def test_colour_maps_are_checked_before_anything_is_opened():
    with pytest.raises(ConfigError, match="did you mean 'inferno'"):
        load_config(None, {"colormap": "infernoo"})


@pytest.mark.parametrize("preset", ["x" * 300, f"{'x' * 300}.yaml", "~nosuchuser/x.yaml", "."])
def test_a_name_that_can_be_no_preset_is_one_line(preset: str):
    with pytest.raises(ConfigError, match=r"File name too long|no home folder|Is a directory") as caught:
        load_config(preset)
    assert "\n" not in str(caught.value)


def test_a_preset_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "mine.yaml").touch()
    for look in ("read_text", "exists"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, look, refuse)
            with pytest.raises(ConfigError, match=r"mine\.yaml: Permission denied"):
                load_config(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("text", ["0:inf", "-inf:inf", "-inf:0", "nan:1", "0:nan", "0:1e999", "1:1", "1", ":", "0:1:2"])
def test_limits_that_span_no_colours_are_refused(text: str):
    with pytest.raises(ConfigError, match="give frame, running or LOW:HIGH"):
        Limits.parse(text)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("reducer", "men", "no reducer 'men'; did you mean 'mean'"),
        ("reducer", "channel:x", "no reducer 'channel:x'"),
        ("device", "tpu", "unknown device 'tpu'"),
        ("device", "cdua", "did you mean 'cuda'"),
    ],
)
def test_words_that_need_no_network_to_be_refused(option: str, value: str, message: str):
    with pytest.raises(ConfigError, match=message):
        load_config(None, {option: value})
    assert load_config(None, {"reducer": "channel:7", "device": "cuda:3"}).reducer == "channel:7"


def test_classes_are_found_by_name_or_number():
    config = load_config(None, {"classes": ["car", "0"]})
    assert config.thresholds(detector(("person", "car", "bus"))).classes == {0, 1}
    assert config.thresholds().classes is None


def test_unknown_classes_are_refused_with_a_suggestion():
    config = load_config(None, {"classes": ["cat", "7"]})
    with pytest.raises(ConfigError, match="no class 'cat' in this model; did you mean 'car'"):
        config.thresholds(detector(("person", "car", "bus")))
    with pytest.raises(ConfigError, match="no class 'zebra' in this model; give one of person, car, bus, or a number"):
        load_config(None, {"classes": ["zebra"]}).thresholds(detector(("person", "car", "bus")))
    with pytest.raises(ConfigError, match="give one of 13 names, or a number"):
        load_config(None, {"classes": ["zebra"]}).thresholds(detector(tuple("0123456789abc")))
    with pytest.raises(ConfigError, match="from 0 to 9"):
        load_config(None, {"classes": ["10"]}).thresholds(detector(tuple("0123456789")))
    with pytest.raises(ConfigError, match="from 0 to 2"):
        load_config(None, {"classes": ["7"]}).thresholds(detector(("person", "car", "bus")))


@pytest.mark.parametrize(
    ("word", "classes", "says"),
    [
        ("car", None, "no class 'car' in this model, which has no names for its classes; give a number$"),
        ("car", 3, "no class 'car' in this model, which has no names for its classes; give a number from 0 to 2$"),
        ("3", 3, "no class '3' in this model, which has no names for its classes; give a number from 0 to 2$"),
        ("99999999999999999999", None, "give a number$"),
        ("-1", None, "give a number$"),
    ],
)
def test_a_model_without_names_takes_the_numbers_that_it_can_give(word: str, classes: int | None, says: str):
    with pytest.raises(ConfigError, match=says):
        load_config(None, {"classes": [word]}).thresholds(detector((), classes))
    assert load_config(None, {"classes": ["2"]}).thresholds(detector((), classes)).classes == {2}


def test_a_class_may_be_a_bare_number_in_a_preset(tmp_path):
    (tmp_path / "one.yaml").write_text("classes: 2\n")
    assert load_config(str(tmp_path / "one.yaml")).thresholds(detector(("person", "car", "bus"))).classes == {2}


def test_two_precisions_exclude_each_other():
    with pytest.raises(ConfigError, match="half and bf16 exclude each other"):
        load_config(None, {"half": True, "bf16": True})
