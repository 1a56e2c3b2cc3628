"""What was held of a stage goes on when taps are attached anew: other stages, a question, stages left out for speed."""

import pytest
import torch
from torch import nn

from viewer.core.stage import Role, Stage
from viewer.core.tapping import Limits
from viewer.taps import TapSet, parse_reducer

ONE, OTHER = Stage("0", Role.BACKBONE, 1, 3, (4, 5)), Stage("1", Role.NECK, 1, 3, (4, 5))


def activation(seed: int, hw: tuple[int, int] = (4, 5)) -> torch.Tensor:
    return torch.randn(3, *hw, generator=torch.Generator().manual_seed(seed))


class Net:
    """Two stages alike, and the sets of taps that take each other's place on them."""

    def __init__(self, reducer: str) -> None:
        self.module, self.reducer = nn.Sequential(nn.Identity(), nn.Identity()), reducer

    def tapped(self, *stages: Stage, before: TapSet | None = None, warm: bool = False) -> TapSet:
        taps = TapSet(self.module, stages, parse_reducer(self.reducer), limits=Limits(), device=torch.device("cpu"))
        if warm:  # as before a graph is captured
            self.run(taps, torch.zeros(3, 4, 5))
            taps.start_over()
        if before is not None:
            before.close()
            taps.inherit(before)
        return taps

    def run(self, taps: TapSet, given: torch.Tensor) -> dict[str, torch.Tensor]:
        with torch.inference_mode():
            taps.begin()
            self.module(given[None])
            arena = taps.finish(0)
        return {stage.node: slot.clone() for stage, slot in zip(taps.stages, arena.slots, strict=True)}


@pytest.mark.parametrize("warm", [False, True])
def test_a_held_frame_stays_the_one_that_was_held(warm):
    net = Net("reference")
    taps = net.tapped(ONE, OTHER)
    net.run(taps, activation(1))
    fewer = net.tapped(OTHER, before=taps, warm=warm)
    net.run(fewer, activation(2))
    again = net.tapped(ONE, OTHER, before=fewer, warm=warm)
    maps = net.run(again, activation(3))
    want = (activation(3) - activation(1)).abs().mean(0)
    assert torch.allclose(maps["0"], want)
    assert torch.allclose(maps["1"], want)
    again.close()


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("reducer", ["pca", "pca-rgb"])
def test_directions_keep_their_signs(reducer, warm):
    net = Net(reducer)
    taps = net.tapped(ONE)
    before = net.run(taps, activation(1))["0"]
    with torch.inference_mode():
        taps.by_node["0"].memory[0].neg_()  # as after a clip in which strong cells became weak ones
    fresh = net.tapped(ONE, before=taps, warm=warm)
    after = net.run(fresh, activation(1))["0"]
    assert ((after * before).sum((-2, -1)) < 0).all()
    fresh.close()


def test_a_held_frame_of_another_size_is_not_compared_with():
    net = Net("reference")
    taps = net.tapped(ONE)
    net.run(taps, activation(1))
    fresh = net.tapped(ONE, before=taps)
    assert not net.run(fresh, activation(2, (6, 5)))["0"].any()
    assert net.run(fresh, activation(3, (6, 5)))["0"].all()
    fresh.close()
