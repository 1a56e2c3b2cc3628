"""Files of weights: found in what training scripts save."""

import pytest
import torch

from viewer.core.errors import DetectorError
from viewer.detectors.weights import read_state

STATE = {"conv.weight": torch.ones(2), "conv.bias": torch.zeros(2)}
OTHER = {"conv.weight": torch.zeros(2)}


def read(tmp_path, content, *, trust=False):
    torch.save(content, tmp_path / "saved.pth")
    return read_state(tmp_path / "saved.pth", trust=trust)


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
