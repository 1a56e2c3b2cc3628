"""Principal components: the same as numpy's, and without a flip on video."""

import numpy as np
import pytest
import torch

from viewer.core.stage import Role, Stage
from viewer.taps import parse_reducer


@pytest.fixture(params=[True, False], ids=["looking", "blind"], autouse=True)
def _as_on_a_host_and_on_a_device(request, monkeypatch) -> None:
    """A device may not be asked for values while it runs; what is done instead has to come to the same."""
    monkeypatch.setattr("viewer.taps.principal.may_look", lambda _: request.param)
    monkeypatch.setattr("viewer.taps.sound.may_look", lambda _: request.param)


def clip(frames: int, *, channels: int = 12, hw: tuple[int, int] = (9, 14), layout=torch.contiguous_format):
    """Activations that drift smoothly, with one strong direction, a weaker one, and noise."""
    generator = torch.Generator().manual_seed(5)
    rows, columns = torch.meshgrid(torch.arange(hw[0]), torch.arange(hw[1]), indexing="ij")
    first, second, noise = (torch.randn(channels, generator=generator) for _ in range(3))
    for frame in range(frames):
        blob = torch.exp(-((columns - 3 - 0.1 * frame) ** 2 + (rows - 4) ** 2) / 8)
        ramp = torch.sin(rows / 3 + 0.05 * frame)
        still = torch.randn(channels, *hw, generator=generator) * 0.05
        activation = first[:, None, None] * blob * 3 + second[:, None, None] * ramp * 0.6 + still + noise[:, None, None]
        yield activation[None].to(memory_format=layout)[0]


def by_svd(activation: torch.Tensor) -> np.ndarray:
    cells = activation.flatten(1).double().numpy().T
    left, values, _ = np.linalg.svd(cells - cells.mean(0), full_matrices=False)
    return (left[:, 0] * values[0]).reshape(activation.shape[1:])


def reduced(reducer, activation: torch.Tensor) -> np.ndarray:
    out = torch.empty(activation.shape[1:])
    reducer.reduce(activation, out)
    return out.numpy().copy()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_every_frame_has_numpys_first_component_and_the_sign_of_the_frame_before(layout):
    reducer = parse_reducer("pca")
    before = None
    for activation in clip(40, layout=layout):
        got, want = reduced(reducer, activation), by_svd(activation)
        want *= np.sign((got * want).sum())  # numpy's sign means nothing
        assert np.abs(got - want).max() < 0.01 * np.ptp(want)
        assert before is None or (got * before).sum() > 0
        before = got


def agree(got: np.ndarray, want: np.ndarray) -> float:
    """How far two maps differ, as a part of their span, whichever way numpy's points."""
    want = want * np.sign((got * want).sum())
    return float(np.abs(got - want).max() / np.ptp(want))


@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1.0, 1e5, 1e9])
def test_neither_large_nor_small_activations_leave_the_range(scale):
    reducer = parse_reducer("pca")
    for activation in clip(3):
        got = reduced(reducer, activation * scale)
        assert agree(got, by_svd(activation * scale)) < 0.01
        strength = activation.abs().mean(0).numpy()
        assert np.corrcoef(got.ravel(), strength.ravel())[0, 1] > 0


def test_after_being_forgotten_strong_cells_are_positive_again():
    reducer = parse_reducer("pca")
    activation = next(clip(1))
    reduced(reducer, torch.ones_like(activation))  # grey says nothing about the sign
    first = reduced(reducer, activation)
    # The opposite activation keeps the axis and so turns the signs of its cells, until it is forgotten.
    assert (reduced(reducer, -activation) * first).sum() < 0
    reducer.forget()
    assert (reduced(reducer, -activation) * first).sum() > 0


def test_after_a_cut_the_first_frame_is_right_already():
    reducer = parse_reducer("pca")
    for activation in clip(3):
        reduced(reducer, activation)
    # Other channels carry the blob, elsewhere, and the second direction is two thirds as strong as the first.
    other = torch.roll(next(clip(1)), (4, 6, 5), (0, 1, 2))
    cells = other.flatten(1)
    left, values, right = torch.linalg.svd(cells - cells.mean(1, keepdim=True), full_matrices=False)
    values[1], values[2:] = values[0] * 0.6, values[2:] * 0.1
    other = (left @ torch.diag(values) @ right).view_as(other)
    assert agree(reduced(reducer, other), by_svd(other)) < 0.03


def test_a_broken_cell_breaks_neither_the_others_nor_the_frames_after_it():
    sound, broken = parse_reducer("pca"), parse_reducer("pca")
    first, second = clip(2)
    hurt = first.clone()
    hurt[3, 2, 5] = torch.inf
    got = reduced(broken, hurt)
    assert np.isnan(got[2, 5])
    assert np.isfinite(np.delete(got.ravel(), 2 * 14 + 5)).all()
    reduced(sound, first)
    assert reduced(broken, second) == pytest.approx(reduced(sound, second), abs=0.02)


def test_a_flat_activation_gives_a_flat_map_and_no_nan():
    reducer = parse_reducer("pca")
    assert np.abs(reduced(reducer, torch.ones(4, 3, 3))).max() < 1e-6
    activation = next(clip(1, channels=4, hw=(3, 3)))
    assert np.isfinite(reduced(reducer, activation)).all()


def test_each_stage_has_a_direction_of_its_own():
    reducer = parse_reducer("pca")
    stages = [Stage(name, Role.BACKBONE, 8, channels, (3, 3)) for name, channels in (("a", 4), ("b", 6))]
    one, other = (reducer.for_stage(stage) for stage in stages)
    assert one is not other
    reduced(one, torch.rand(4, 3, 3))
    reduced(other, torch.rand(6, 3, 3))
