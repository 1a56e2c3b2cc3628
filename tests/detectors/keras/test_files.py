"""Keras files that hold code, are of another kind, or need what is not here; and those that open."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch

from tests.detectors.keras.makers import DECODE, flat, keras, nested, save, subclassed
from viewer.core import Suppression
from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.detectors import open_detector


def refused(path, kind=DetectorError, **options):
    with pytest.raises(kind) as caught:
        open_detector(str(path), device="cpu", imgsz=64, **options)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def decode(tmp_path):
    path = tmp_path / "decode.py"
    path.write_text(DECODE)
    return str(path)


def edited(source, path, change):
    """A copy of an archive whose config was changed by hand."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(path, "w") as copy:
        for name in whole.namelist():
            data = whole.read(name)
            copy.writestr(name, change(data.decode()) if name == "config.json" else data)
    return path


@pytest.mark.parametrize("make", [flat, nested, subclassed])
def test_a_saved_model_opens_with_its_stages(tmp_path, decode, make):
    path = save(make(), tmp_path / "mine.keras")
    detector = open_detector(str(path), device="cpu", imgsz=64, decode=decode)
    assert detector.info.name == "mine"
    assert detector.info.architecture == f"Keras {make.__name__}"
    assert detector.info.names == ("bright",)
    assert detector.info.suppression is Suppression.GREEDY
    assert "layers tapped by hooks" in detector.info.notes
    assert detector.info.parameters == sum(p.numel() for p in detector.module.parameters()) == 11
    assert not any(p.requires_grad for p in detector.module.parameters())
    assert detector.letterbox((32, 64)).input_hw == ((32, 64) if make is subclassed else (64, 64))
    rows = detector.candidates(detector.forward(torch.rand(1, 3, 64, 64)))
    assert rows.shape == (1024, 7)
    assert (rows[:64, 4] > 0).all()
    model = detector.module.model
    detector.close()
    detector.close()
    assert sum(len(layer._forward_hooks) for layer in model._flatten_layers()) == 0


def lambda_model(witness):
    inputs = keras.Input((64, 64, 3))
    code = f"__import__('os').mkdir({str(witness)!r})"
    poison = eval(f"lambda x: (x, {code})[0]")
    return keras.Model(inputs, keras.layers.Lambda(poison, output_shape=(64, 64, 3))(inputs))


def test_a_poisoned_lambda_layer_is_refused_and_nothing_runs(tmp_path, decode):
    witness = tmp_path / "witness"
    model = lambda_model(witness)
    path = save(model, tmp_path / "bomb.keras")
    witness.rmdir() if witness.exists() else None
    message = refused(path, UntrustedCheckpointError, decode=decode)
    assert "holds code of its own" in message
    assert "--trust-checkpoint" in message
    assert not witness.exists()
    with pytest.raises(DetectorError):  # trusted, it runs: the folder shows that the poison was real
        open_detector(str(path), device="cpu", imgsz=64, decode="yolo", trust_checkpoint=True)
    assert witness.exists()


@pytest.mark.parametrize(
    "function",
    [
        {"module": "os", "class_name": "function", "config": "mkdir", "registered_name": "mkdir"},
        {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
        {
            "module": "keras.src.utils.file_utils",
            "class_name": "function",
            "config": "get_file",
            "registered_name": "x",
        },
    ],
)
def test_functions_named_from_elsewhere_are_not_called(tmp_path, monkeypatch, function):
    witness = tmp_path / "witness"
    source = save(lambda_model(witness), tmp_path / "source.keras")
    witness.rmdir() if witness.exists() else None
    monkeypatch.chdir(tmp_path)

    def point_elsewhere(text):
        config = json.loads(text)
        layer = next(one for one in config["config"]["layers"] if one["class_name"] == "Lambda")
        layer["config"]["function"] = function
        layer["config"]["arguments"] = {"mode": 0o700}
        return json.dumps(config)

    path = edited(source, tmp_path / "elsewhere.keras", point_elsewhere)
    before = {entry.name for entry in tmp_path.iterdir()}
    assert "elsewhere.keras" in refused(path)
    assert {entry.name for entry in tmp_path.iterdir()} == before


def test_classes_that_keras_does_not_have_are_named(tmp_path):
    source = save(flat(), tmp_path / "source.keras")

    def rename(text):
        return text.replace('"class_name": "UpSampling2D"', '"class_name": "SwinBlock"').replace(
            '"module": "keras.layers"', '"module": "my_team.layers"'
        )

    message = refused(edited(source, tmp_path / "team.keras", rename))
    assert "open it from a .py file whose build() imports that" in message


def test_a_model_for_tensorflow_alone(tmp_path):
    source = save(flat(), tmp_path / "source.keras")

    def need_tensorflow(text):
        config = json.loads(text)
        layer = next(one for one in config["config"]["layers"] if one["class_name"] == "UpSampling2D")
        layer |= {"class_name": "TFSMLayer", "config": {"filepath": str(tmp_path), "name": "up"}, "build_config": {}}
        return json.dumps(config)

    path = edited(source, tmp_path / "tf.keras", need_tensorflow)
    for trust in (False, True):
        message = refused(path, trust_checkpoint=trust)
        assert "needs TensorFlow, and Keras runs on torch here; export it to ONNX instead" in message
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"x")
    assert "is a TensorFlow SavedModel, which runs in TensorFlow alone; export it to ONNX" in refused(folder)


def test_missing_damaged_and_old_files(tmp_path):
    path = save(flat(), tmp_path / "mine.keras")
    assert "did you mean 'mine.keras'?" in refused(tmp_path / "mines.keras")
    (tmp_path / "dir.keras").mkdir()
    assert "is a folder" in refused(tmp_path / "dir.keras")
    (tmp_path / "text.keras").write_text("no archive")
    assert "is no Keras 3 model" in refused(tmp_path / "text.keras")
    (tmp_path / "half.keras").write_bytes(path.read_bytes()[:2000])
    assert "is no Keras 3 model" in refused(tmp_path / "half.keras")
    with zipfile.ZipFile(tmp_path / "photos.keras", "w") as archive:
        archive.writestr("photo.jpg", b"jpeg")
    assert "cannot be loaded by Keras" in refused(tmp_path / "photos.keras")
    assert (
        "in the old HDF5 format, which can hide code; load it where it was made and save it again with model.save("
        in refused(tmp_path / "old.h5")
    )


def test_another_size_than_the_models(tmp_path, decode):
    path = save(subclassed(96), tmp_path / "late.keras")
    message = refused(path, decode=decode)
    assert message.startswith("late.keras fails on a picture: Input 0")
    assert "expected shape=(None, 96, 96, 3), found shape=(1, 64, 64, 3)" in message


def test_outputs_that_cannot_be_read(tmp_path):
    info = open_detector(str(save(flat(), tmp_path / "m.keras")), device="cpu", imgsz=64).info
    assert info.warning == "no decode"
    assert any("outputs (1, 8, 8, 1) become boxes; give --decode" in note for note in info.notes)


def test_without_the_extra_the_command_is_named(tmp_path, monkeypatch):
    path = save(flat(), tmp_path / "m.keras")
    monkeypatch.setitem(sys.modules, "keras", None)
    assert refused(path) == "opening m.keras needs keras, which is not installed; run pip install 'featscope[keras]'"


def test_another_backend_is_one_line(tmp_path, monkeypatch):
    path = save(flat(), tmp_path / "m.keras")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    message = refused(path)
    assert "was imported on jax before; set KERAS_BACKEND=torch before anything imports Keras" in message


LOADING = """
import os, sys, torch
from viewer.detectors import open_detector
assert "keras" not in sys.modules
detector = open_detector(sys.argv[1], device="cpu", imgsz=64, decode=sys.argv[2])
import keras
assert keras.backend.backend() == "torch"
assert not os.path.exists(os.path.expanduser("~/.keras"))
detector.close()
"""


@pytest.mark.slow  # a process that imports Keras and torch
def test_keras_is_imported_late_on_torch_and_leaves_the_home_alone(tmp_path, decode):
    import os
    from pathlib import Path

    path = save(flat(), tmp_path / "m.keras")
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KERAS_")}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache"), "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOADING, str(path), decode],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


BUILD = (
    """
import numpy as np
from tests.detectors.keras.makers import {make}
input_size = (64, 64)
def build():
    return {make}()
"""
    + DECODE
)


@pytest.mark.parametrize("make", ["nested", "subclassed"])
def test_a_users_own_build_may_return_a_keras_model(tmp_path, make):
    (tmp_path / "mine.py").write_text(BUILD.format(make=make))
    detector = open_detector(str(tmp_path / "mine.py"), device="cpu")
    assert "layers tapped by hooks" in detector.info.notes
    assert {"backbone.p4", "up", "sum"} <= {stage.node for stage in detector.stages}
    rows = detector.candidates(detector.forward(torch.rand(1, 3, 64, 64)))
    assert np.isfinite(rows.numpy()).all()
    assert "load w.pt in build()" in refused(tmp_path / "mine.py", weights="w.pt")
    detector.close()


def test_a_model_from_build_is_fed_the_size_of_its_graph(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(BUILD.format(make="nested").replace("input_size = (64, 64)\n", ""))
    detector = open_detector(str(path), device="cpu", imgsz=96)
    assert detector.letterbox((96, 96)).input_hw == (64, 64)
