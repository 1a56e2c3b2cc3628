"""Three principal components as a colour: numpy's, steady on video, on a host and on a device alike."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from viewer.taps import parse_reducer
from viewer.taps.colours import orthonormal


@pytest.fixture(params=[True, False], ids=["looking", "blind"], autouse=True)
def _as_on_a_host_and_on_a_device(request, monkeypatch) -> None:
    """A device may not be asked for values while it runs; what is done instead has to come to the same."""
    monkeypatch.setattr("viewer.taps.colours.may_look", lambda _: request.param)
    monkeypatch.setattr("viewer.taps.sound.may_look", lambda _: request.param)


def clip(frames: int, *, channels: int = 24, hw: tuple[int, int] = (12, 20), weights=(3.0, 1.0, 0.7, 0.3)):
    """Activations that drift smoothly along four directions, with noise and an offset."""
    generator = torch.Generator().manual_seed(5)
    rows, columns = torch.meshgrid(torch.arange(hw[0]), torch.arange(hw[1]), indexing="ij")
    directions = torch.randn(5, channels, generator=generator)
    for frame in range(frames):
        patterns = (
            torch.exp(-((columns - 3 - 0.1 * frame) ** 2 + (rows - 4) ** 2) / 8),
            torch.sin(rows / 3 + 0.05 * frame),
            torch.cos(columns / 4 - 0.04 * frame),
            torch.sin(columns * rows / 15 + 0.03 * frame),
        )
        strong = [weight * pattern for weight, pattern in zip(weights, patterns, strict=True)]
        made = sum(direction[:, None, None] * one for direction, one in zip(directions, strong, strict=False))
        yield made + directions[4, :, None, None] + torch.randn(channels, *hw, generator=generator) * 0.03


def by_svd(activation: torch.Tensor) -> np.ndarray:
    cells = activation.flatten(1).double().numpy().T
    left, values, _ = np.linalg.svd(cells - cells.mean(0), full_matrices=False)
    return (left[:, :3] * values[:3]).T.reshape(3, *activation.shape[1:])


def reduced(reducer, activation: torch.Tensor) -> np.ndarray:
    out = torch.empty(reducer.map_shape(activation))
    reducer.reduce(activation, out)
    return out.numpy().copy()


def apart(got: np.ndarray, want: np.ndarray) -> list[float]:
    """How far each of three maps differs, as a part of its span, whichever way numpy's points."""
    return [
        float(np.abs(one - other * np.sign((one * other).sum())).max() / np.ptp(other))
        for one, other in zip(got, want, strict=True)
    ]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_every_frame_has_numpys_three_components_in_their_order_and_with_their_signs(layout):
    reducer, before = parse_reducer("pca-rgb"), None
    for number, activation in enumerate(clip(25)):
        got = reduced(reducer, activation[None].to(memory_format=layout)[0])
        assert max(apart(got, by_svd(activation))) < (0.02 if number == 0 else 0.01)
        assert before is None or min((got * before).sum((1, 2))) > 0
        before = got


def test_directions_that_change_places_in_strength_keep_their_colours():
    reducer, maps = parse_reducer("pca-rgb"), []
    generator = torch.Generator().manual_seed(6)
    directions, _ = torch.linalg.qr(torch.randn(24, 3, generator=generator))
    patterns, _ = torch.linalg.qr(torch.cat([torch.ones(240, 1), torch.randn(240, 3, generator=generator)], 1))
    for step in np.linspace(0, 1, 30).tolist():  # the second fades while the third grows
        cells = directions @ (torch.tensor([3.0, 1.4 - step, 0.5 + step])[:, None] * patterns[:, 1:].T)
        maps.append(reduced(reducer, cells.view(24, 12, 20)))
    for one, other in pairwise(maps):
        cosines = (one * other).sum((1, 2)) / np.linalg.norm(one, axis=(1, 2)) / np.linalg.norm(other, axis=(1, 2))
        assert min(cosines) > 0.8
    spans = np.ptp(maps[0], axis=(1, 2)), np.ptp(maps[-1], axis=(1, 2))
    assert spans[0][0] > spans[0][1] > spans[0][2]
    assert spans[1][1] < spans[1][2]


def test_while_their_order_is_not_settled_directions_keep_their_signs():
    for seed in range(4):
        generator = torch.Generator().manual_seed(seed)
        directions, _ = torch.linalg.qr(torch.randn(24, 3, generator=generator))
        patterns, _ = torch.linalg.qr(torch.cat([torch.ones(240, 1), torch.randn(240, 3, generator=generator)], 1))
        reducer, strengths = parse_reducer("pca-rgb"), ((3.0, 2.0, 1.0), (2.4, 2.6, 1.0))
        cells = [(directions * torch.tensor(each)) @ patterns[:, 1:].T for each in strengths]
        one, other = (reduced(reducer, each.view(24, 12, 20)) for each in cells)
        assert (one[[1, 0, 2]] * other).sum((1, 2)) == pytest.approx([2 * 2.6, 3 * 2.4, 1.0], rel=0.01)


@pytest.mark.parametrize(("dtype", "within"), [(torch.float16, 0.02), (torch.bfloat16, 0.05)])
def test_half_precision_is_reckoned_in_single(dtype, within):
    reducer = parse_reducer("pca-rgb")
    for activation in clip(3):
        got = reduced(reducer, activation.to(dtype))
    assert max(apart(got, by_svd(activation.to(dtype).float()))) < within


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_neither_large_nor_small_activations_leave_the_range(scale):
    reducer = parse_reducer("pca-rgb")
    for activation in clip(3):
        got = reduced(reducer, activation * scale)
    assert max(apart(got, by_svd(activation * scale))) < 0.01


def test_a_broken_cell_breaks_neither_the_others_nor_the_frames_after_it():
    sound, broken = parse_reducer("pca-rgb"), parse_reducer("pca-rgb")
    first, second = clip(2)
    hurt = first.clone()
    hurt[3, 2, 5] = torch.inf
    got = reduced(broken, hurt)
    assert np.isnan(got).sum() == 3
    assert np.isnan(got[:, 2, 5]).all()
    reduced(sound, first)
    assert max(apart(reduced(broken, second), reduced(sound, second))) < 0.02


@pytest.mark.parametrize("channels", [1, 2])
def test_of_fewer_than_three_channels_there_are_fewer_colours(channels):
    activation = next(clip(1, channels=channels))
    got = reduced(parse_reducer("pca-rgb"), activation)
    cells = activation.flatten(1).T
    want = torch.linalg.svdvals(cells - cells.mean(0))
    assert np.linalg.norm(got.reshape(3, -1), axis=1)[:channels] == pytest.approx(want.numpy(), rel=0.01)
    assert not got[channels:].any()


def test_a_flat_activation_gives_a_flat_map_and_is_no_beginning():
    reducer, fresh = parse_reducer("pca-rgb"), parse_reducer("pca-rgb")
    for _ in range(10):
        assert np.abs(reduced(reducer, torch.ones(24, 12, 20))).max() < 1e-5
    activation = next(clip(1))
    assert max(apart(reduced(reducer, activation), by_svd(activation))) < 0.1
    assert ((reduced(reducer, activation) * reduced(fresh, activation)).sum((1, 2)) > 0).all()


def test_one_direction_alone_is_not_shown_twice():
    direction, pattern = torch.randn(24, 1, generator=torch.Generator().manual_seed(1)), torch.arange(240.0)
    reducer = parse_reducer("pca-rgb")
    for _ in range(3):
        got = reduced(reducer, (direction * pattern).view(24, 12, 20))
    assert np.abs(got[1:]).max() < 1e-3 * np.abs(got[0]).max()


def test_after_being_forgotten_strong_cells_are_positive_again():
    reducer = parse_reducer("pca-rgb")
    activation = next(clip(1))
    first = reduced(reducer, activation)
    assert ((reduced(reducer, -activation) * first).sum((1, 2)) < 0).all()
    reducer.forget()
    assert ((reduced(reducer, -activation) * first).sum((1, 2)) > 0).all()


def test_another_size_goes_on_with_the_same_directions_and_other_channels_begin_anew():
    reducer = parse_reducer("pca-rgb")
    reduced(reducer, next(clip(1)))
    assert max(apart(reduced(reducer, (large := next(clip(1, hw=(24, 40))))), by_svd(large))) < 0.02
    assert reduced(reducer, next(clip(1, channels=8))).shape == (3, 12, 20)


def test_a_block_becomes_orthonormal_and_spans_what_it_spanned():
    wide = torch.randn(9, 3, generator=torch.Generator().manual_seed(2)) * torch.tensor([1e6, 1.0, 1e-6])
    made = orthonormal(wide, torch.eye(9, 3))
    assert (made.T @ made).numpy() == pytest.approx(np.eye(3), abs=1e-5)
    assert (made @ (made.T @ wide)).numpy() == pytest.approx(wide.numpy(), rel=1e-4, abs=1e-6)
