"""Maps of what changed: against the frame before, and against a held one."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import nn

from viewer.core.stage import Role, Stage
from viewer.core.tapping import Limits, LimitsMode
from viewer.taps import TapSet, parse_reducer

STAGE = Stage("0", Role.BACKBONE, 1, 3, (4, 5))


@pytest.fixture(params=[True, False], ids=["looking", "blind"], autouse=True)
def _as_on_a_host_and_on_a_device(request, monkeypatch) -> None:
    """A device may not be asked for values while it runs; what is done instead has to come to the same."""
    monkeypatch.setattr("viewer.taps.change.may_look", lambda _: request.param)


def picture(value: float) -> torch.Tensor:
    """The same everywhere but in one cell, where two channels differ in sign so that their mean tells nothing."""
    image = torch.ones(1, 3, 4, 5)
    image[0, 0, 1, 2], image[0, 1, 1, 2] = 1 + value, 1 - value
    return image


def maps(
    reducer: str,
    values: list[float],
    *,
    limits: LimitsMode = LimitsMode.FRAME,
    restart_at: int = -1,
    stands: Sequence[bool] = (),
):
    net = nn.Sequential(nn.Identity())
    taps = TapSet(net, [STAGE], parse_reducer(reducer), limits=Limits(limits), device=torch.device("cpu"))
    with taps, torch.inference_mode():
        for number, value in enumerate(values):
            if number == restart_at:
                taps.start_over()
            if stands:
                taps.stand(on=stands[number])
            taps.begin()
            net(picture(value))
            arena = taps.finish(0)
            yield arena.slots[0].numpy().copy(), arena.read(arena.packed.numpy().copy())[0][0].limits
            if not taps.is_standing:
                arena.settle()


def test_difference_is_to_the_frame_before():
    peaks = [values[1, 2] for values, _ in maps("difference", [0.0, 3.0, 3.0, 1.5])]
    assert peaks == pytest.approx([0.0, 2.0, 0.0, 1.0])  # two of three channels moved by 3, 0 and 1.5


def test_only_what_changed_is_not_zero():
    *_, (values, _) = maps("difference", [0.0, 3.0])
    assert np.count_nonzero(values) == 1


def test_reference_holds_the_first_frame():
    peaks = [values[1, 2] for values, _ in maps("reference", [1.5, 3.0, 3.0, 1.5])]
    assert peaks == pytest.approx([0.0, 1.0, 1.0, 0.0])


@pytest.mark.parametrize("reducer", ["difference", "reference"])
def test_starting_over_makes_the_next_frame_the_first(reducer):
    peaks = [values[1, 2] for values, _ in maps(reducer, [0.0, 3.0, 6.0, 3.0], restart_at=2)]
    assert peaks == pytest.approx([0.0, 2.0, 0.0, 2.0])


def test_running_limits_begin_with_the_first_frame_that_has_something_to_say():
    limits = [limit for _, limit in maps("difference", [0.0, 3.0, 6.0, 9.0], limits=LimitsMode.RUNNING)]
    assert limits[0] == (0.0, 0.0)
    assert limits[1] == pytest.approx((0.0, 2.0))
    assert limits[3] == pytest.approx((0.0, 2.0))


def test_a_frame_that_broke_does_not_break_those_after_the_next():
    peaks = [values[1, 2] for values, _ in maps("difference", [0.0, float("inf"), 0.0, 3.0])]
    assert not np.isfinite(peaks[1])
    assert not np.isfinite(peaks[2])
    assert peaks[3] == pytest.approx(2.0)


def test_each_stage_is_compared_with_itself():
    net = nn.Sequential(nn.Identity(), Doubled())
    stages = [Stage("0", Role.BACKBONE, 1, 3, (4, 5)), Stage("1", Role.NECK, 1, 3, (4, 5))]
    limits = Limits(LimitsMode.FRAME)
    taps = TapSet(net, stages, parse_reducer("difference"), limits=limits, device=torch.device("cpu"))
    with taps, torch.inference_mode():
        for value in (0.0, 3.0):
            taps.begin()
            net(picture(value))
            arena = taps.finish(0)
        peaks = [float(slot[1, 2]) for slot in arena.slots]
    assert peaks == pytest.approx([2.0, 4.0])


class Doubled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * x


def test_a_cell_that_is_broken_in_the_held_frame_is_held_from_the_next():
    peaks = [values[1, 2] for values, _ in maps("reference", [float("nan"), 3.0, 3.0, 1.5])]
    assert peaks[2:] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(("reducer", "peaks"), [("difference", [0, 0, 2, 2, 1]), ("reference", [0, 0, 2, 2, 3])])
def test_a_frame_run_again_is_compared_with_what_it_was_compared_with(reducer: str, peaks: list[float]) -> None:
    values, stands = [0.0, 0.0, 3.0, 3.0, 4.5], [False, True, False, True, False]
    assert [made[1, 2] for made, _ in maps(reducer, values, stands=stands)] == pytest.approx(peaks)


def test_running_limits_begin_with_the_first_frame_that_is_compared() -> None:
    values, stands = [0.0, 0.0, 0.0, 3.0], [False, True, True, False]
    *_, (_, limits) = maps("difference", values, limits=LimitsMode.RUNNING, stands=stands)
    assert limits == pytest.approx((0.0, 2.0))
