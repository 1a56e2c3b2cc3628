"""Which taps give way, when, and when they come back: a policy on a clock and with timings that the test makes up."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from tests.support.tiny import TinyDetector
from viewer.core import Frame, Limits, LimitsMode, Role, Shed, SourceInfo, SourceKind, Stage, TapSettings, Thresholds
from viewer.core.errors import TapError
from viewer.core.messages import Transport
from viewer.inference import TappedNetwork
from viewer.pipeline import FrameCost, GivingWay, Pipeline, Shedding, period_ms

THIRTY_FPS_MS = 1000 / 30


def stage(node: str, channels: int, side: int) -> Stage:
    return Stage(node, Role.NECK, 8, channels, (side, side))


STAGES = (stage("small", 256, 20), stage("large", 64, 80), stage("middle", 128, 40))
LARGEST_FIRST = ("large", "middle", "small")
COST_MS = {"large": 8.0, "middle": 4.0, "small": 2.0}


@dataclass
class Machine:
    """Runs frames under a policy: the network's own time, plus what the tapped stages cost."""

    policy: Shedding
    alone_ms: float
    cost_ms: dict[str, float]
    period_ms: float = THIRTY_FPS_MS
    can_skip: bool = True
    now_s: float = 0.0
    odd: bool = False
    jitter_ms: Callable[[], float] = lambda: 0.0

    def run(self, seconds: float) -> list[Shed]:
        """Play for so long; returns each state that was entered."""
        entered: list[Shed] = []
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            shed = self.policy.shed
            self.odd = shed.every_second and not self.odd
            nodes = [] if self.odd else [node for node in self.cost_ms if node not in shed.nodes]
            tap_ms = {node: self.cost_ms[node] for node in nodes}
            taps_ms = None if self.odd else sum(tap_ms.values())
            frame_ms = self.alone_ms + (taps_ms or 0.0) + self.jitter_ms()
            self.now_s += max(frame_ms, self.period_ms) / 1000
            cost = FrameCost(frame_ms, taps_ms, tap_ms)
            if self.policy.note(cost, period_ms=self.period_ms, can_skip=self.can_skip, now_s=self.now_s):
                entered.append(self.policy.shed)
        return entered


def machine(alone_ms: float, cost_ms: dict[str, float] | None = None, **options) -> Machine:
    return Machine(Shedding(STAGES), alone_ms, dict(cost_ms or COST_MS), **options)


def nodes(states: Iterable[Shed]) -> list[tuple[str, ...]]:
    return [state.nodes for state in states]


def test_nothing_is_shed_where_the_rate_is_held():
    assert machine(18.0).run(60) == []


def test_the_largest_map_goes_first_and_no_more_than_needed():
    assert machine(22.0).run(60) == [Shed(("large",), False, pytest.approx(30))]
    assert nodes(machine(28.0).run(60)) == [("large",), ("large", "middle")]


def test_what_is_left_is_made_for_every_second_frame_and_nothing_goes_further():
    costly = {"large": 8.0, "middle": 4.0, "small": 6.0}
    states = machine(27.0, costly).run(60)
    assert nodes(states) == [("large",), ("large", "middle"), ("large", "middle")]
    assert [state.every_second for state in states] == [False, False, True]
    assert machine(31.0, dict.fromkeys(costly, 30.0)).run(60)[-1] == states[-1]


def test_a_device_that_cannot_skip_keeps_its_last_map_whole():
    states = machine(27.0, dict.fromkeys(COST_MS, 20.0), can_skip=False).run(60)
    assert nodes(states) == [("large",), ("large", "middle")]
    assert not states[-1].every_second


@pytest.mark.parametrize("alone_ms", [34.0, 40.0, 300.0])
def test_a_network_that_is_too_slow_alone_keeps_its_maps(alone_ms):
    assert machine(alone_ms).run(60) == []


def test_taps_that_cost_next_to_nothing_stay():
    assert machine(32.5, dict.fromkeys(COST_MS, 0.5)).run(60) == []


def test_they_come_back_in_the_opposite_order_after_some_seconds_of_slack():
    slow = machine(27.0, {"large": 8.0, "middle": 4.0, "small": 6.0})
    slow.run(20)
    assert slow.policy.shed.every_second
    slow.alone_ms = 8.0
    began_s = slow.now_s
    states = slow.run(60)
    assert nodes(states) == [("large", "middle"), ("large",), ()]
    assert not any(state.every_second for state in states)
    assert slow.now_s - began_s > 9, "three returns of three seconds each"
    assert not slow.policy.shed


def test_slack_that_does_not_last_brings_nothing_back():
    slow = machine(22.0)
    slow.run(10)
    for _ in range(10):
        slow.alone_ms = 5.0
        assert slow.run(2) == []
        slow.alone_ms = 22.0
        assert slow.run(2) == []


def test_when_a_busy_machine_is_free_again_taps_are_taken_to_be_cheaper_too():
    busy = machine(20.0, {"large": 20.0, "middle": 6.0, "small": 6.0})
    assert nodes(busy.run(20)) == [("large",)]
    busy.alone_ms = 7.0
    busy.cost_ms = {"large": 7.0, "middle": 2.0, "small": 2.0}
    assert nodes(busy.run(20)) == [()]


def test_a_tap_does_not_come_back_to_where_it_would_only_just_fit():
    slow = machine(22.0)
    slow.run(10)
    slow.alone_ms = THIRTY_FPS_MS * 0.92 - sum(COST_MS.values())
    assert slow.run(60) == []


def test_a_load_that_comes_and_goes_is_answered_more_and_more_rarely():
    swinging = machine(22.0)
    changes = 0
    for _ in range(60):  # ten minutes
        swinging.alone_ms = 22.0
        changes += len(swinging.run(5))
        swinging.alone_ms = 10.0
        changes += len(swinging.run(5))
    assert changes < 12


def test_noise_about_the_limit_does_not_make_it_swing():
    rng = np.random.default_rng(3)
    noisy = machine(THIRTY_FPS_MS * 0.97 - sum(COST_MS.values()), jitter_ms=lambda: float(rng.normal(0, 3)))
    states = noisy.run(300)
    assert len(states) <= 2


def test_a_network_that_became_too_slow_gets_its_maps_back():
    slow = machine(22.0)
    slow.run(10)
    slow.alone_ms = 60.0
    assert nodes(slow.run(30)) == [()]


def test_single_slow_frames_shed_nothing():
    count = 0

    def hiccup() -> float:
        nonlocal count
        count += 1
        return 200.0 if count % 5 == 0 else 0.0

    assert machine(15.0, jitter_ms=hiccup).run(30) == []


def test_after_a_pause_it_looks_afresh_and_keeps_what_it_decided():
    slow = machine(22.0)
    slow.run(10)
    slow.alone_ms = 8.0
    slow.run(2.5)
    slow.policy.rest()
    slow.now_s += 100
    assert slow.run(2.5) == []
    assert slow.policy.shed.nodes == ("large",)
    assert nodes(slow.run(5)) == [()]


def test_without_taps_or_with_one_there_is_little_to_decide():
    assert Machine(Shedding(()), 50.0, {}).run(10) == []
    alone = Machine(Shedding(STAGES[:1]), 30.0, {"small": 6.0})
    assert alone.run(30) == [Shed((), True, pytest.approx(30))]


def test_taps_whose_clocks_are_off_are_scaled_to_what_they_cost_together():
    """On a card the clocks of single taps were read before the graph was captured."""
    policy = Shedding(STAGES)
    for number in range(13):
        policy.note(
            FrameCost(36.0, 14.0, {node: 10 * ms for node, ms in COST_MS.items()}),
            period_ms=THIRTY_FPS_MS,
            can_skip=True,
            now_s=number / 30,
        )
    assert policy.shed.nodes == ("large",)


VIDEO = SourceInfo("x", "x", SourceKind.VIDEO, (1, 1), Fraction(25), 10, 0.4)
CAMERA = SourceInfo("x", "x", SourceKind.CAMERA, (1, 1), Fraction(25))


@pytest.mark.parametrize(
    ("source", "transport", "expected"),
    [
        (VIDEO, Transport(playing=True), 40.0),
        (VIDEO, Transport(playing=True, speed=0.5), 80.0),
        (VIDEO, Transport(playing=True, speed=2.0), None),
        (VIDEO, Transport(playing=False), None),
        (CAMERA, Transport(playing=True, speed=2.0), 40.0),
        (CAMERA, Transport(playing=False), None),
        (replace(CAMERA, fps=None), Transport(playing=True), None),
    ],
)
def test_the_time_a_frame_may_take(source, transport, expected):
    assert period_ms(source, transport) == expected


# --- on a real network --------------------------------------------------------------------------------------------


class Slow:
    """A pipeline over a network whose answers are known, and a clock that the test's costs move."""

    def __init__(self, cost_ms: float = 30.0, alone_ms: float = 20.0) -> None:
        self.module = (detector := TinyDetector()).module
        self.network = TappedNetwork(detector, TapSettings())
        self.pipeline = Pipeline(self.network, Thresholds())
        self.now_s, self.cost_ms, self.alone_ms = 0.0, cost_ms, alone_ms
        self.playing = True
        self.changes: list[Shed] = []
        self.index = -1
        self._process = self.pipeline.process
        self.pipeline.process = self._slowly
        self.giving_way = GivingWay(
            self.pipeline,
            TapSettings(),
            period_ms=lambda: 100.0 if self.playing else None,
            on_change=lambda: self.changes.append(self.giving_way.shed),
            clock=lambda: self.now_s,
        )

    def _slowly(self, frame: Frame, *, with_taps: bool = True):
        packet = self._process(frame, with_taps=with_taps)
        taps = tuple(replace(tap, cost_ms=self.cost_ms) for tap in packet.taps)
        reduce_ms = self.cost_ms * len(taps)
        self.now_s += (self.alone_ms + reduce_ms) / 1000
        return replace(packet, taps=taps, timings=replace(packet.timings, reduce=reduce_ms))

    def frame(self, index: int):
        self.index = index
        rgb = np.full((180, 320, 3), 10 + index % 200, np.uint8)
        return self.giving_way.process(Frame(rgb, index, index / 10, 0.0))

    def play(self, frames: int) -> list:
        return [self.frame(self.index + 1) for _ in range(frames)]

    def tapped(self) -> list[str]:
        return [stage.node for stage in self.network.tapped]


@pytest.fixture
def slow():
    slow = Slow()
    yield slow
    slow.pipeline.close()


def test_shed_stages_lose_their_hooks_and_packets_say_so(slow):
    packets = slow.play(60)
    assert slow.giving_way.shed.nodes == ("stem", "down.0")
    assert slow.tapped() == ["down.1", "down.2"]
    assert [stage.node for stage in slow.giving_way.tapped] == ["stem", "down.0", "down.1", "down.2"]
    assert [tap.stage.node for tap in packets[-1].taps] == ["down.1", "down.2"]
    assert packets[-1].shed == slow.giving_way.shed == slow.changes[-1]
    assert not packets[0].shed


def test_every_second_frame_carries_the_map_of_the_one_before(slow):
    slow.cost_ms, slow.alone_ms = 70.0, 60.0
    slow.play(100)
    assert slow.giving_way.shed == Shed(("stem", "down.0", "down.1"), True, 10.0)
    packets = slow.play(6)
    ages = [packet.taps[0].age for packet in packets]
    assert ages in ([0, 1] * 3, [1, 0] * 3)
    first = ages.index(0)
    np.testing.assert_array_equal(packets[first].taps[0].codes, packets[first + 1].taps[0].codes)
    assert packets[ages.index(1)].timings.reduce == 0
    assert all(packet.detections is not None and packet.letterbox is not None for packet in packets)


def test_a_frame_after_a_seek_has_a_map_of_its_own(slow):
    slow.cost_ms, slow.alone_ms = 70.0, 60.0
    slow.play(100)
    for index in (500, 20, 300):
        assert slow.frame(index).taps[0].age == 0


def test_standing_brings_everything_back_and_playing_goes_on_where_it_was(slow):
    slow.play(60)
    shed = slow.giving_way.shed
    slow.playing = False
    packet = slow.frame(7)
    assert len(packet.taps) == 4
    assert not packet.shed
    assert not slow.changes[-1]
    slow.playing = True
    assert slow.frame(8).shed == shed
    assert slow.tapped() == ["down.1", "down.2"]


def test_a_new_wish_is_granted_in_full_and_found_out_anew(slow):
    slow.play(60)
    slow.giving_way.set_taps(TapSettings(("stem", "down.2")))
    assert slow.tapped() == ["stem", "down.2"]
    assert not slow.giving_way.shed
    assert [tap.stage.node for tap in slow.frame(200).taps] == ["stem", "down.2"]


def test_new_limits_change_nothing_about_what_is_shed(slow):
    slow.play(60)
    shed, fixed = slow.giving_way.shed, Limits(LimitsMode.FIXED, 0, 2)
    slow.giving_way.set_taps(TapSettings(limits=fixed))
    assert slow.giving_way.shed == shed
    packet = slow.frame(slow.index + 1)
    assert [tap.limits for tap in packet.taps] == [(0.0, 2.0)] * 2
    slow.playing = False
    assert [tap.limits for tap in slow.frame(3).taps] == [(0.0, 2.0)] * 4


def test_a_wish_that_cannot_be_granted_leaves_all_as_it_was(slow):
    slow.play(60)
    shed = slow.giving_way.shed
    with pytest.raises(TapError):
        slow.giving_way.set_taps(TapSettings(("nothing",)))
    assert slow.giving_way.shed == shed
    assert [tap.stage.node for tap in slow.frame(100).taps] == ["down.1", "down.2"]


def test_no_hook_is_left(slow):
    slow.play(60)
    assert sum(len(module._forward_hooks) for module in slow.module.modules()) == 2
    slow.pipeline.close()
    assert not any(module._forward_hooks for module in slow.module.modules())
