"""The strongest channels: the right ones, in places they keep."""

import numpy as np
import pytest
import torch

from viewer.core.many import mosaic_of
from viewer.taps import parse_reducer
from viewer.taps.mosaic import MOST_CELLS, replaced, strengths_of


@pytest.fixture(params=[True, False], ids=["looking", "blind"], autouse=True)
def _as_on_a_host_and_on_a_device(request, monkeypatch) -> None:
    """A device may not be asked for values while it runs; what is done instead has to come to the same."""
    monkeypatch.setattr("viewer.taps.mosaic.may_look", lambda _: request.param)


def made_of(strengths: list[float], hw: tuple[int, int] = (2, 3)) -> torch.Tensor:
    """Channels of these mean magnitudes; each cell tells its channel and its place."""
    shape = torch.linspace(0.5, 1.5, hw[0] * hw[1]).view(hw)
    signs = torch.tensor([1.0 if number % 2 else -1.0 for number in range(len(strengths))])
    return (torch.tensor(strengths) * signs)[:, None, None] * shape / shape.mean()


def reduced(reducer, activation: torch.Tensor) -> tuple[np.ndarray, list[int]]:
    out = torch.empty(reducer.map_shape(activation))
    reducer.reduce(activation, out)
    return out.numpy().copy(), [round(channel) for channel in reducer.legend.tolist()]


def test_the_strongest_stand_row_by_row_in_their_own_values():
    activation = made_of([0.1, 5.0, 3.0, 0.2, 4.0, 1.0])
    mosaic, channels = reduced(parse_reducer("strongest:4"), activation)
    assert channels == [1, 4, 2, 5]
    assert mosaic.shape == (4, 6)
    for (row, column), channel in zip([(0, 0), (0, 3), (2, 0), (2, 3)], channels, strict=True):
        assert mosaic[row : row + 2, column : column + 3] == pytest.approx(activation[channel].numpy())


def test_places_without_a_channel_are_nan_and_few_channels_are_all_shown():
    mosaic, channels = reduced(parse_reducer("strongest:5"), made_of([1.0, 2.0, 3.0]))
    assert channels == [2, 1, 0]
    assert mosaic.shape == (4, 6)
    assert np.isnan(mosaic[2:, 3:]).all()
    assert np.isnan(mosaic).sum() == 6
    one, channels = reduced(parse_reducer("strongest"), made_of([2.0]))
    assert (one.shape, channels) == ((2, 3), [0])


def test_a_channel_stays_in_its_place_until_another_is_clearly_stronger():
    reducer = parse_reducer("strongest:3")
    assert reduced(reducer, made_of([4.0, 3.0, 2.0, 1.0]))[1] == [0, 1, 2]
    # Another order among those shown, and one that is stronger by a fifth, change nothing.
    assert reduced(reducer, made_of([2.0, 4.0, 3.0, 2.4]))[1] == [0, 1, 2]
    # By half: it takes the place of the weakest.
    assert reduced(reducer, made_of([2.0, 4.0, 3.0, 3.0]))[1] == [3, 1, 2]
    assert reduced(reducer, made_of([2.0, 4.0, 2.0, 2.2]))[1] == [3, 1, 2]
    reducer.forget()
    assert reduced(reducer, made_of([2.0, 4.0, 1.9, 2.2]))[1] == [1, 3, 0]


def test_several_places_that_become_free_are_filled_with_the_strongest_first():
    shown = torch.tensor([0, 1, 2, 3])
    strengths = torch.tensor([1.0, 9.0, 1.0, 9.0, 7.0, 8.0, 2.0])
    assert replaced(shown, strengths, has_shown=torch.tensor(True)).tolist() == [5, 1, 4, 3]
    assert replaced(shown, strengths, has_shown=torch.tensor(False)).tolist() == [1, 3, 5, 4]


def test_places_never_hold_a_channel_twice():
    generator = torch.Generator().manual_seed(4)
    shown = torch.arange(16)
    for _ in range(50):
        shown = replaced(shown, torch.rand(40, generator=generator), has_shown=torch.tensor(True))
        assert len(set(shown.tolist())) == 16


def test_a_broken_cell_does_not_make_its_channel_strong_or_weak():
    activation = made_of([1.0, 5.0, 3.0])
    activation[2, 0, 1] = torch.inf
    activation[0] = torch.nan
    assert strengths_of(activation)[1:].tolist() == pytest.approx([5.0, 3.0], rel=0.15)
    mosaic, channels = reduced(parse_reducer("strongest:3"), activation)
    assert channels == [1, 2, 0]
    assert np.isnan(mosaic[2:, :3]).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_sums_in_single(dtype):
    activation = torch.full((3, 100, 100), 300.0, dtype=dtype)  # ten thousand of them leave the range of fp16
    assert strengths_of(activation).tolist() == pytest.approx([300.0] * 3, rel=0.01)


@pytest.mark.parametrize("hw", [(48, 80), (96, 160), (300, 500)])
def test_a_mosaic_is_no_larger_than_it_may_be_and_averages_by_a_whole_factor(hw):
    activation = torch.ones(20, *hw)
    mosaic, _ = reduced(parse_reducer("strongest"), activation)
    assert max(mosaic.shape) <= MOST_CELLS
    assert mosaic.shape[1] // 4 in {-(-hw[1] // factor) for factor in range(1, 9)}
    assert mosaic == pytest.approx(1.0)


@pytest.mark.parametrize("hw", [(213, 100), (100, 213)])
def test_a_mosaic_whose_places_do_not_divide_evenly_is_not_averaged_once_more(hw):
    mosaic, channels = reduced(parse_reducer("strongest:9"), torch.ones(9, *hw))
    assert max(mosaic.shape) <= MOST_CELLS, "or its parts would no longer lie where their numbers say"
    assert len(channels) == 9


def test_another_size_keeps_the_channels():
    reducer = parse_reducer("strongest:2")
    reduced(reducer, made_of([1.0, 3.0, 2.0]))
    mosaic, channels = reduced(reducer, made_of([2.1, 3.0, 2.0], (5, 4)))
    assert (mosaic.shape, channels) == ((5, 8), [1, 2])


def test_a_cell_of_a_mosaic_tells_its_channel_and_its_place_there():
    mosaic = mosaic_of((7, 3, 9, 1, 4))
    assert (mosaic.rows, mosaic.columns, mosaic.empty) == (2, 3, 1)
    spot = mosaic.spot_at(3, 5, (4, 6))
    assert spot is None
    spot = mosaic.spot_at(3, 3, (4, 6))
    assert (spot.channel, spot.row, spot.column) == (4, 1, 1)
