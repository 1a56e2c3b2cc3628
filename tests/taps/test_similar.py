"""Likeness to a cell that was picked: by brute force, held over frames, of each stage its own."""

import numpy as np
import pytest
import torch
from torch import nn

from viewer.core.geometry import Letterbox
from viewer.core.stage import Role, Stage
from viewer.core.tapping import Limits, LimitsMode
from viewer.taps import TapSet, parse_reducer

LETTERBOX = Letterbox.fit((60, 100), (64, 64), rectangular=False)  # 38 rows of picture, 13 of padding above
STAGE = Stage("s", Role.BACKBONE, 8, 6, (8, 8))


@pytest.fixture(params=[True, False], ids=["looking", "blind"], autouse=True)
def _as_on_a_host_and_on_a_device(request, monkeypatch) -> None:
    """A device may not be asked for values while it runs; what is done instead has to come to the same."""
    monkeypatch.setattr("viewer.taps.similar.may_look", lambda _: request.param)
    monkeypatch.setattr("viewer.taps.sound.may_look", lambda _: request.param)


def picked(name: str = "similarity:50,30"):
    """What follows one stage, told where pictures lie."""
    reducer = parse_reducer(name).for_stage(STAGE)
    reducer.aim(LETTERBOX)
    return reducer


def activations(count: int, hw: tuple[int, int] = (8, 8), seed: int = 3) -> list[torch.Tensor]:
    return list(torch.randn(count, 6, *hw, generator=torch.Generator().manual_seed(seed)))


def cosines(activation: torch.Tensor, query: torch.Tensor) -> np.ndarray:
    """One cell after the other."""
    rows, columns = activation.shape[1:]
    made = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            cell = activation[:, row, column].double()
            made[row, column] = (cell @ query.double() / cell.norm() / query.double().norm()).item()
    return made


def reduced(reducer, activation: torch.Tensor) -> np.ndarray:
    out = torch.empty(reducer.map_shape(activation))
    reducer.reduce(activation, out)
    return out.numpy().copy()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_vector_of_the_first_frame_is_compared_with_every_frame(layout):
    reducer, frames = picked(), activations(3)
    for number, activation in enumerate(frames):
        got = reduced(reducer, activation[None].to(memory_format=layout)[0])
        # Source pixel (50, 30) is input pixel (32, 13 + 19.2): row 4, column 4.
        assert got == pytest.approx(cosines(activation, frames[0][:, 4, 4]), abs=1e-5)
        assert number or got[4, 4] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("at", "cell"), [("0,0", (1, 0)), ("99,59", (6, 7)), ("12.5,0", (1, 1)), ("500,500", (6, 7)), ("50,5", (2, 4))]
)
def test_the_place_is_one_of_the_source_picture(at, cell):
    activation = activations(1)[0]
    got = reduced(picked(f"similarity:{at}"), activation)
    assert np.unravel_index(got.argmax(), got.shape) == cell


def test_another_place_changes_buffers_and_takes_its_vector_from_the_next_frame():
    reducer, (first, second, third) = picked(), activations(3)
    reduced(reducer, first)
    query, switch = reducer.vector
    reducer.take_over(parse_reducer("similarity:0,0"))
    assert reduced(reducer, second)[1, 0] == pytest.approx(1.0)
    assert reduced(reducer, third) == pytest.approx(cosines(third, second[:, 1, 0]), abs=1e-5)
    assert reducer.vector[0] is query
    assert reducer.vector[1] is switch
    assert reducer.name == "similarity:0,0"


def test_being_forgotten_takes_the_vector_anew():
    reducer, (first, second) = picked(), activations(2)
    reduced(reducer, first)
    reducer.forget()
    assert reduced(reducer, second)[4, 4] == pytest.approx(1.0)


def test_pictures_of_another_size_are_compared_with_the_same_vector():
    reducer, first = picked(), activations(1)[0]
    reduced(reducer, first)
    larger = activations(1, (16, 12), seed=9)[0]
    assert reduced(reducer, larger) == pytest.approx(cosines(larger, first[:, 4, 4]), abs=1e-5)


def test_a_cell_that_is_not_finite_stays_so_and_is_not_held():
    reducer, (first, second) = picked(), activations(2)
    first[2, 4, 4] = torch.nan
    assert np.isnan(reduced(reducer, first)).sum() == 1
    assert reduced(reducer, second) == pytest.approx(cosines(second, second[:, 4, 4]), abs=1e-5)


def test_a_cell_without_activation_is_like_nothing():
    activation = activations(1)[0]
    activation[:, 0, 0] = 0
    assert reduced(picked(), activation)[0, 0] == 0
    assert not reduced(picked(), torch.zeros(6, 8, 8)).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_reckoned_in_single(dtype):
    activation = (activations(1)[0] * 300).to(dtype)  # squares of these leave the range of fp16
    assert reduced(picked(), activation) == pytest.approx(cosines(activation, activation[:, 4, 4]), abs=1e-5)


def test_one_channel_is_alike_or_opposite():
    got = reduced(picked(), torch.linspace(-1, 1, 64).view(1, 8, 8))
    assert np.unique(got).tolist() == [-1.0, 1.0]


class Two(nn.Module):
    """A stage, and one of half its size with other channels."""

    def __init__(self) -> None:
        super().__init__()
        self.fine, self.coarse = nn.Identity(), nn.AvgPool2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.coarse(self.fine(x) ** 2)


FINE, COARSE = Stage("fine", Role.BACKBONE, 8, 6, (8, 8)), Stage("coarse", Role.NECK, 16, 6, (4, 4))


def tapped(net: nn.Module, *stages: Stage, name: str = "similarity:50,30") -> TapSet:
    limits = Limits(LimitsMode.FRAME)
    taps = TapSet(net, stages, parse_reducer(name), limits=limits, device=torch.device("cpu"))
    taps.aim(LETTERBOX)
    return taps


def run(taps: TapSet, net: nn.Module, activation: torch.Tensor) -> dict[str, np.ndarray]:
    with torch.inference_mode():
        taps.begin()
        net(activation[None])
        arena = taps.finish(0)
    return {stage.node: slot.numpy().copy() for stage, slot in zip(taps.stages, arena.slots, strict=True)}


def test_every_stage_holds_its_own_vector_and_takes_it_along_when_others_are_tapped():
    net, (first, second, third) = Two(), activations(3)
    with tapped(net, FINE, COARSE) as taps:
        maps = run(taps, net, first)
        assert maps["fine"][4, 4] == maps["coarse"][2, 2] == pytest.approx(1.0)
    with tapped(net, COARSE) as fewer:
        fewer.inherit(taps)
        run(fewer, net, second)
    with tapped(net, FINE, COARSE) as again:
        again.inherit(fewer)
        maps = run(again, net, third)
    assert maps["fine"] == pytest.approx(cosines(third, first[:, 4, 4]), abs=1e-5)
    pooled = nn.functional.avg_pool2d(torch.stack([first, third]) ** 2, 2)
    assert maps["coarse"] == pytest.approx(cosines(pooled[1], pooled[0][:, 2, 2]), abs=1e-5)


def test_another_place_takes_no_vector_along():
    net, (first, second) = Two(), activations(2)
    with tapped(net, FINE) as taps:
        run(taps, net, first)
    with tapped(net, FINE, name="similarity:0,0") as other:
        other.inherit(taps)
        assert run(other, net, second)["fine"][1, 0] == pytest.approx(1.0)


def test_another_place_may_be_chosen_before_a_vector_that_was_taken_along_met_a_frame():
    net, (first, second) = Two(), activations(2)
    with tapped(net, FINE) as taps:
        run(taps, net, first)
    with tapped(net, FINE) as other:
        other.inherit(taps)
        other.adopt(parse_reducer("similarity:0,0"))
        assert run(other, net, second)["fine"][1, 0] == pytest.approx(1.0)


def test_a_set_that_could_adopt_does_so_for_every_stage():
    net, (first, second) = Two(), activations(2)
    with tapped(net, FINE, COARSE) as taps:
        run(taps, net, first)
        assert not taps.could_adopt(parse_reducer("absmean"))
        assert taps.could_adopt(parse_reducer("similarity:0,0"))
        taps.adopt(parse_reducer("similarity:0,0"))
        maps = run(taps, net, second)
    assert taps.reducer.name == "similarity:0,0"
    assert maps["fine"][1, 0] == maps["coarse"][0, 0] == pytest.approx(1.0)
