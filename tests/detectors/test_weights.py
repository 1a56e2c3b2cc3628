"""Files of weights: found in what training scripts save, and refused in one line that says what to give instead."""

import io
import sys
import types

import numpy as np
import pytest
import torch

from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.detectors.weights import read_state

STATE = {"conv.weight": torch.ones(2), "conv.bias": torch.zeros(2)}
OTHER = {"conv.weight": torch.zeros(2)}
GIVE = "; give what torch.save(model.state_dict(), FILE) wrote"


def read(tmp_path, content, *, trust=False):
    torch.save(content, tmp_path / "saved.pth")
    return read_state(tmp_path / "saved.pth", trust=trust)


def refused(path, error=DetectorError, *, trust=False):
    with pytest.raises(error) as caught:
        read_state(path, trust=trust)
    message = str(caught.value)
    assert "\n" not in message
    return message


# Where the weights lie -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        {"model": {"state_dict": STATE, "config": {}}, "epoch": 3},
        {"state_dict": {"model": STATE}},
        {"model": {"net": STATE}},
        {"model": {"state_dict": STATE}, "running": OTHER},
        {"epoch": 3, "ema": STATE, "running": OTHER},
    ],
    ids=["twice", "twice the other way", "unusual inside", "another beside", "usual before unusual"],
)
def test_weights_are_found_where_scripts_keep_them(tmp_path, content):
    found = read(tmp_path, content)
    assert found.keys() == STATE.keys()
    assert all(torch.equal(found[key], STATE[key]) for key in STATE)


@pytest.mark.parametrize(
    ("content", "inside"),
    [
        ({"model": {"state_dict": {"model": STATE}}}, " but 'model'"),
        ({"model": {"a": STATE, "b": OTHER}}, " but 'model'"),
        ({"parts": {"state_dict": STATE}}, " but 'parts'"),
        ({}, ""),
    ],
    ids=["thrice", "two inside", "unusual outside", "nothing"],
)
def test_weights_are_not_guessed_at(tmp_path, content, inside):
    with pytest.raises(DetectorError, match=f"holds no state dict{inside}; save one with"):
        read(tmp_path, content)


# What is no file of weights ------------------------------------------------------------------------------------------


def npz():
    buffer = io.BytesIO()
    np.savez(buffer, conv=np.ones(2))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pth", b"", "is empty"),
        ("a.safetensors", b"", "is empty"),
        ("a.pth", b"hello", "is not a PyTorch file"),
        ("a.pth", b"PK\x03\x04 torn", "is no state dict that PyTorch can read; it may be damaged"),
        ("a.safetensors", b"\x40\0\0\0\0\0\0\0{}", "holds weights in another format than PyTorch's"),
        ("a.npz", npz(), "holds weights in another format than PyTorch's"),
        ("a.ENGINE", b"ftrt", "is a TensorRT engine"),
        ("a.tflite", b"\0\0\0\0TFL3", "is a TensorFlow Lite model"),
        ("a.onnx.data", b"\0\0\0\0", "holds the weights of an ONNX file"),
    ],
)
def test_files_of_other_kinds_say_what_to_give(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(path) == f"{path} {says}{GIVE}"


def test_an_ending_does_not_keep_weights_from_being_read(tmp_path):
    torch.save(STATE, tmp_path / "weights.pb")
    assert read_state(tmp_path / "weights.pb").keys() == STATE.keys()


# Code that a file names ----------------------------------------------------------------------------------------------


@pytest.fixture
def named(tmp_path, monkeypatch):
    """A checkpoint whose network is of a class in the module `somebodys_project`, and that module."""
    project = types.ModuleType("somebodys_project")
    project.Net = type("Net", (torch.nn.Identity,), {"__module__": project.__name__})
    monkeypatch.setitem(sys.modules, project.__name__, project)
    torch.save({"model": project.Net()}, tmp_path / "theirs.pth")
    return tmp_path / "theirs.pth", project


def test_a_library_that_is_not_there_is_named(named, monkeypatch):
    path, _ = named
    monkeypatch.delitem(sys.modules, "somebodys_project")
    assert "(somebodys_project.Net), which could run code" in refused(path, UntrustedCheckpointError)
    assert refused(path, trust=True) == (
        f"{path} needs somebodys_project, which is not installed; install it or save model.state_dict() alone"
    )


def test_a_library_that_is_another_version_is_no_damage(named):
    path, project = named
    del project.Net
    message = refused(path, trust=True)
    assert message.startswith(f"{path} needs code that is not here as it was when the file was saved (")
    assert "'Net'" in message
    assert message.endswith("; install that version or save model.state_dict() alone")
