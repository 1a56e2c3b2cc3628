"""Health by known answers: planted dead channels, zeros, broken values and steps in the means of channels."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.support.tiny import TinyDetector
from viewer.core import Frame
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.errors import InquiryError
from viewer.core.health import HealthCheck, HealthLimits, Measure, crossed
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.stage import Role, Stage
from viewer.core.tapping import TapSettings
from viewer.inference import TappedNetwork
from viewer.inference.studies import channel_sums as sums_module
from viewer.inference.studies.channel_sums import Row, channel_sums
from viewer.inference.studies.health_tracker import HealthTracker, Watched
from viewer.session.health_log import HealthLog, beside

STAGE = Stage("a", Role.BACKBONE, 8, 6, (4, 5))
LAYOUTS = {"planes": torch.contiguous_format, "cells": torch.channels_last}


def planted(seed: int = 0, channels: int = 6, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """(1, C, 4, 5) with a channel of zeros, one of near zeros, and values of both signs and of a large mean."""
    values = torch.randn(1, channels, 4, 5, generator=torch.Generator().manual_seed(seed))
    values[0, 1] = 0
    values[0, 2] = -0.004
    values[0, 3] += 40
    values[0, 4, 0, 0] = 0
    return values.to(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("compiled", [True, False])
def test_channels_are_summed_up_as_numpy_does(layout: str, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not compiled:
        monkeypatch.setattr(sums_module, "host_kernels", lambda: None)
    activation = planted().to(memory_format=LAYOUTS[layout])
    sums = channel_sums(activation[0], 0.01).numpy()
    cells = activation[0].flatten(1).numpy().astype(np.float64)
    np.testing.assert_allclose(sums[Row.MEAN], cells.mean(1), atol=1e-6, rtol=1e-6)
    np.testing.assert_allclose(sums[Row.DEVIATION], cells.std(1), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(sums[Row.LOW], cells.min(1))
    np.testing.assert_allclose(sums[Row.HIGH], cells.max(1))
    assert sums[Row.ZEROS].tolist() == (cells == 0).sum(1).tolist()
    assert sums[Row.NEAR_ZEROS].tolist() == (abs(cells) <= 0.01).sum(1).tolist()
    assert not sums[Row.SATURATED :].any()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("compiled", [True, False])
def test_broken_values_are_counted_and_left_out(layout: str, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not compiled:
        monkeypatch.setattr(sums_module, "host_kernels", lambda: None)
    activation = planted()
    activation[0, 0, 0, :3] = torch.tensor([float("nan"), float("inf"), -float("inf")])
    activation[0, 5] = float("nan")
    activation[0, 4, 1, 1] = torch.finfo(torch.float32).max
    sums = channel_sums(activation.to(memory_format=LAYOUTS[layout])[0], 0.01).numpy()
    assert sums[Row.NONFINITE].tolist() == [3, 0, 0, 0, 0, 20]
    assert sums[Row.SATURATED].tolist() == [2, 0, 0, 0, 1, 0]
    finite = activation[0, 0].flatten()[3:].double()
    assert sums[Row.MEAN, 0] * 20 == pytest.approx(finite.sum().item(), rel=1e-5)
    assert (sums[Row.LOW, 0], sums[Row.HIGH, 0]) == (finite.min().item(), finite.max().item())
    assert (sums[Row.LOW, 5], sums[Row.HIGH, 5]) == (np.inf, -np.inf)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [3e18, 1e19, 1e20, 1e38])
def test_deviations_of_values_whose_squares_are_too_large_are_known(
    size: float, dtype: torch.dtype, compiled: bool, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(sums_module, "host_kernels", lambda: None)
    activation = planted()
    activation[0, 0] = torch.linspace(-1, 1, 20).view(4, 5) * size
    activation[0, 5] = size
    activation = activation.to(dtype).to(memory_format=LAYOUTS[layout])
    values = activation[0].double().numpy()
    sums = channel_sums(activation[0], 0.01).numpy()
    np.testing.assert_allclose(sums[Row.DEVIATION], values.std((1, 2)), rtol=1e-5, atol=1e-6 * size)
    np.testing.assert_allclose(sums[Row.DEVIATION, 1:5], values[1:5].std((1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(sums[Row.MEAN], values.mean((1, 2)), rtol=1e-5, atol=1e-6 * size)
    (health,) = HealthTracker(HealthCheck(("a",)), (watched(),)).see(0, sums)
    assert health.std == pytest.approx(values.std(), rel=1e-5)
    assert not health.nonfinite


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_floats_saturate_at_their_own_largest_value(dtype: torch.dtype) -> None:
    activation = planted(dtype=dtype)
    activation[0, 0, 0, 0] = torch.finfo(dtype).max
    activation[0, 0, 0, 1] = float("inf")
    activation[0, 0, 0, 2] = torch.finfo(dtype).max / 2
    sums = channel_sums(activation[0], 0.01)
    assert (sums[Row.SATURATED, 0], sums[Row.NONFINITE, 0]) == (2, 1)


def watched(channels: int = 6, cells: int = 20, stage: Stage = STAGE) -> Watched:
    return Watched(stage, channels, cells, "float32")


def sums_of(*activations: torch.Tensor) -> np.ndarray:
    return torch.cat([channel_sums(each[0], 0.01) for each in activations], 1).numpy()


def test_a_stage_is_told_as_numpy_tells_it() -> None:
    activation, other = planted(), planted(1, channels=9)
    activation[0, 0, 0, 0] = float("nan")
    tracker = HealthTracker(HealthCheck(("a", "b")), [watched(), watched(9)])
    told, second = tracker.see(0, sums_of(activation, other))
    values = activation.double().flatten()
    finite = values[values.isfinite()]
    assert told.mean == pytest.approx(finite.mean().item(), rel=1e-6)
    assert told.std == pytest.approx(finite.std(correction=0).item(), rel=1e-5)
    assert told.max == finite.max().item()
    assert (told.nonfinite, told.broken) == (1, (0,))
    assert told.zeros == pytest.approx(21 / 120)
    assert told.near_zeros == pytest.approx((finite.abs() <= 0.01).sum().item() / 120)
    assert second.mean == pytest.approx(other.double().mean().item(), rel=1e-6)
    assert second.channels == 9


def test_a_channel_is_dead_once_it_was_quiet_in_all_of_the_last_frames() -> None:
    tracker = HealthTracker(HealthCheck(("a",), dead_frames=3), [watched()])
    loud = planted()
    loud[0, 2] = 1.0
    dead = []
    for index, activation in enumerate((planted(0), planted(1), planted(2), loud, planted(3), planted(4), planted(5))):
        dead.append(tracker.see(index, sums_of(activation))[0].dead)
    assert dead == [None, None, (1, 2), (1,), (1,), (1,), (1, 2)]


def test_a_frame_that_stands_still_counts_once() -> None:
    tracker = HealthTracker(HealthCheck(("a",), dead_frames=3, warm_up_frames=1), [watched()])
    tracker.see(0, sums_of(planted(0)))
    told = [tracker.see(1, sums_of(planted(1)))[0] for _ in range(5)]
    assert {each.frames for each in told} == {2}
    assert len({each.drift for each in told}) == 1
    assert told[-1].dead is None


def test_neither_a_loud_channel_nor_a_crowd_of_dead_ones_changes_what_is_dead() -> None:
    tracker = HealthTracker(HealthCheck(("a",), dead_frames=1), [watched(100)])
    activation = torch.zeros(1, 100, 4, 5)
    activation[0, :10] = torch.randn(10, 4, 5, generator=torch.Generator().manual_seed(0))
    activation[0, 0] *= 50
    (told,) = tracker.see(0, sums_of(activation))
    assert told.dead == tuple(range(10, 100))


def drifts(means: list[np.ndarray], **check: int) -> list[float]:
    tracker = HealthTracker(HealthCheck(("a",), **check), [watched(len(means[0]), 4)])
    told = []
    for index, mean in enumerate(means):
        activation = torch.from_numpy(mean.astype(np.float32)).view(1, -1, 1, 1).expand(1, len(mean), 2, 2)
        told.append(tracker.see(index, sums_of(activation.contiguous()))[0].drift)
    return told


def test_drift_is_the_published_average_and_stands_out_at_a_step() -> None:
    rng = np.random.default_rng(3)
    means = [1 + 0.2 * rng.normal(size=50) for _ in range(80)]
    for mean in means[70:]:
        mean += 2.0  # ten deviations
    told = drifts(means, warm_up_frames=10, reference_frames=40)
    mean, variance, expected = np.zeros(50), np.zeros(50), []
    for number, new in enumerate(map(np.float32, means)):
        scale = np.sqrt(variance + variance.mean() / 100 + (mean**2).mean() / 10000)
        expected.append((abs(new - mean) / scale).mean() if number >= 10 else math.nan)
        weight = max(1 / (number + 1), 2 / 41)
        apart = new - mean
        mean = mean + weight * apart
        variance = (1 - weight) * (variance + weight * apart**2)
    np.testing.assert_allclose(told, expected, rtol=1e-4)
    assert all(math.isnan(each) for each in told[:10])
    assert 0.6 < np.mean(told[30:70]) < 1.1
    assert told[70] > 8 > 4 > max(told[20:70])
    assert told[79] < told[70]


def test_a_channel_that_hardly_moves_does_not_shout_at_a_trifle() -> None:
    still = [np.ones(10) for _ in range(20)]
    still[-1] = np.ones(10) + 1e-4
    assert drifts(still, warm_up_frames=5)[-1] < 0.1


def test_limits_are_crossed_by_more_and_by_nothing_unknown() -> None:
    tracker = HealthTracker(HealthCheck(("a",)), [watched()])
    activation = planted()
    activation[0, 0, 0, 0] = float("inf")
    (told,) = tracker.see(0, sums_of(activation))
    limits = HealthLimits(zeros=told.near_zeros - 0.01)
    assert crossed(told, limits) == (Measure.NONFINITE, Measure.SATURATED, Measure.ZEROS)
    assert Measure.ZEROS not in crossed(told, HealthLimits(zeros=told.near_zeros))


def frame(index: int, level: int = 90) -> Frame:
    rng = np.random.default_rng(index)
    return Frame(rng.integers(0, level, (320, 320, 3)).astype(np.uint8), index, index / 25, 0.0)


class HalfDead(TinyDetector):
    """Its second channel can be silenced."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = False
        self.module.stem.register_forward_hook(self._silence)

    def _silence(self, _module: nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        return torch.stack((output[:, 0], output[:, 1] * 0), 1) if self.silent else output


def hooks(detector: TinyDetector) -> int:
    return sum(len(module._forward_hooks) for module in detector.module.modules())


def test_a_network_tells_its_health_while_it_is_asked_and_has_no_hook_otherwise() -> None:
    detector = HalfDead()
    bare = hooks(detector)
    network = TappedNetwork(detector, TapSettings(("stem",)))
    tapped = hooks(detector)
    assert network.infer(frame(0)).findings.health == ()
    network.set_inquiry(Inquiry(health=HealthCheck(("stem", "down.1"), dead_frames=2)))
    assert hooks(detector) == tapped + 2
    detector.silent = True
    network.infer(frame(1))
    stem, deep = network.infer(frame(2)).findings.health
    assert (stem.stage.node, deep.stage.node) == ("stem", "down.1")
    assert stem.dead == deep.dead == (1,)
    assert stem.zeros == 0.5
    assert (stem.frames, stem.channels, stem.dtype) == (2, 2, "float32")
    network.set_inquiry(NOTHING)
    assert hooks(detector) == tapped
    assert network.infer(frame(3)).findings.health == ()
    network.close()
    assert hooks(detector) == bare


def test_another_run_begins_anew_and_an_unknown_stage_is_refused() -> None:
    detector = TinyDetector()
    network = TappedNetwork(detector, TapSettings(("stem",)))
    check = HealthCheck(("stem",))
    network.set_inquiry(Inquiry(health=check))
    for index in range(3):
        told = network.infer(frame(index)).findings.health[0]
    assert told.frames == 3
    with pytest.raises(InquiryError, match="no stage 'stam' in tiny; did you mean 'stem'"):
        network.set_inquiry(Inquiry(health=HealthCheck(("stam",))))
    assert network.infer(frame(3)).findings.health[0].frames == 4
    network.set_inquiry(Inquiry(health=HealthCheck(("stem",), run=1)))
    assert network.infer(frame(4)).findings.health[0].frames == 1
    network.close()


def run_of(network: TappedNetwork, indices: Iterable[int]) -> dict[int, float]:
    """Drift of the stem in each of these frames, in this order."""
    return {index: network.infer(frame(index)).findings.health[0].drift for index in indices}


@pytest.fixture
def watched_network() -> Iterator[TappedNetwork]:
    network = TappedNetwork(TinyDetector(), TapSettings(("stem",)))
    network.set_inquiry(Inquiry(health=HealthCheck(("stem",), dead_frames=4, warm_up_frames=3)))
    yield network
    network.close()


@pytest.mark.parametrize("jump", [(40,), (7,), (11,), (0,)], ids=["forward", "step back", "over one", "wrap"])
def test_a_jump_begins_anew_and_drift_is_not_known_until_enough_frames_followed(
    watched_network: TappedNetwork, jump: tuple[int]
) -> None:
    run_of(watched_network, range(9))
    after = run_of(watched_network, range(jump[0], jump[0] + 5))
    assert [math.isnan(drift) for drift in after.values()] == [True, True, True, False, False]
    watched_network.set_inquiry(Inquiry(health=HealthCheck(("stem",), dead_frames=4, warm_up_frames=3, run=1)))
    assert run_of(watched_network, after)[jump[0] + 4] == after[jump[0] + 4]  # however they were reached


def test_dead_channels_are_not_known_right_after_a_jump(watched_network: TappedNetwork) -> None:
    run_of(watched_network, range(6))
    told = watched_network.infer(frame(80)).findings.health[0]
    assert (told.frames, told.dead) == (1, None)


def test_frames_that_a_live_source_passed_over_break_no_run(watched_network: TappedNetwork) -> None:
    for index in (0, 4, 5, 30, 31):
        told = watched_network.infer(replace(frame(index), live=True)).findings.health[0]
    assert told.frames == 5
    assert watched_network.infer(replace(frame(2000), live=True)).findings.health[0].frames == 1


def test_visits_and_the_wrap_of_a_loop_change_no_event(watched_network: TappedNetwork) -> None:
    log = HealthLog(20)

    def look(index: int) -> None:
        level = 250 if index in (9, 10, 16) else 90
        log.add(index, watched_network.infer(frame(index, level)).findings.health)

    for index in range(20):
        look(index)
    before = log.events(HealthLimits())
    assert {event.index for event in before if event.measure is Measure.DRIFT} == {9}
    at = 19
    for step in (1, 1, -1, 1):
        event = beside(before, at, step)
        assert event is not None
        at = event.index
        for _ in range(2):  # a frame that stands is run again
            look(at)
        assert log.events(HealthLimits()) == before
    for index in (18, 19, 0, 1, 2):
        look(index)
    assert log.events(HealthLimits()) == before


def test_a_channel_dies_in_the_frame_in_which_it_becomes_dead_if_it_was_alive() -> None:
    tracker = HealthTracker(HealthCheck(("a",), dead_frames=3), [watched()])
    silent = planted()
    silent[0, 5] = 0
    flickering = planted()
    flickering[0, 1] = 1.0  # never loud for long
    seen = [planted(0), flickering, planted(1), planted(2), silent, silent, silent, silent, planted(3)]
    told = [tracker.see(index, sums_of(activation))[0] for index, activation in enumerate(seen)]
    assert [each.died for each in told] == [(), (), (), (), (), (), (5,), (), ()]
    assert [each.dead for each in told[4:]] == [(1, 2), (1, 2), (1, 2, 5), (1, 2, 5), (1, 2)]
    assert told[6].value(Measure.DIED) == 1
    assert math.isnan(told[1].value(Measure.DIED))


@pytest.mark.parametrize(
    ("edits", "muted", "dead"),
    [
        ((), 0, (1,)),
        ((ChannelEdit("stem", 0),), 1, (1,)),
        ((ChannelEdit("stem", 1),), 1, ()),
        ((ChannelEdit("stem", 0, 0.5),), 0, (1,)),
        ((ChannelEdit("stem", 0, 1.0, solo=True),), 1, ()),
        ((ChannelEdit("stem", 1, 1.0, solo=True),), 1, (1,)),
    ],
    ids=["nothing", "the living", "the dead", "halved", "solo of the living", "solo of the dead"],
)
def test_what_somebody_silenced_is_not_dead(edits: tuple[ChannelEdit, ...], muted: int, dead: tuple[int, ...]) -> None:
    detector = HalfDead()
    network = TappedNetwork(detector, TapSettings(("stem",)))
    check = HealthCheck(("stem",), dead_frames=3, warm_up_frames=3)
    network.set_inquiry(Inquiry(health=check))
    detector.silent = True
    for index in range(4):
        network.infer(frame(index))
    network.set_inquiry(Inquiry(health=check, alteration=Alteration(edits)))
    for index in range(4, 8):
        told = network.infer(frame(index)).findings.health[0]
    network.close()
    assert (told.muted, told.dead, told.died) == (muted, dead, ())
    assert told.value(Measure.DEAD) == len(dead) / (2 - muted)


def test_a_mute_is_no_drift_and_neither_is_its_end() -> None:
    network = TappedNetwork(TinyDetector(), TapSettings(("stem",)))
    check = HealthCheck(("stem",), dead_frames=3, warm_up_frames=3)
    drift = []
    for index in range(30):
        edits = (ChannelEdit("stem", 0),) if 10 <= index < 20 else ()
        network.set_inquiry(Inquiry(health=check, alteration=Alteration(edits)))
        drift.append(network.infer(frame(index)).findings.health[0].drift)
    network.close()
    assert max(drift[5:]) < HealthLimits().drift
