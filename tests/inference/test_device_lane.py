"""The way through a GPU, its order and its buffers, on a stand-in that does everything late; and on a real one."""

import threading

import numpy as np
import pytest
import torch

from tests.inference.late_runtime import LateRuntime
from tests.support.tiny import TinyDetector
from viewer.core import Frame, Limits, LimitsMode, TapSettings, Thresholds
from viewer.core.errors import DeviceError, TapError
from viewer.inference import TappedNetwork
from viewer.inference.device_lane import DEPTH
from viewer.inference.runtime import CudaRuntime
from viewer.pipeline import Pipeline


def late(seed: int = 0, refuses: str = "") -> tuple[TinyDetector, LateRuntime]:
    """A detector on the host whose work is done as late as it may be."""
    detector = TinyDetector()
    return detector, LateRuntime(detector.module, seed, refuses)


EACH_FRAME = TapSettings(limits=Limits(LimitsMode.FRAME))
CUDA = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
BACKENDS = [
    pytest.param(lambda: late(1), id="late"),
    pytest.param(lambda: (TinyDetector("cuda"), None), id="cuda", marks=CUDA),
]


def frames(count: int, hw: tuple[int, int] = (90, 160), seed: int = 0) -> list[Frame]:
    """Pictures of noise with a bright square that moves."""
    rng = np.random.default_rng(seed)
    made = []
    for index in range(count):
        rgb = rng.integers(0, 90, (*hw, 3), dtype=np.uint8)
        x = 5 + index * 7 % (hw[1] - 40)
        rgb[20:60, x : x + 30] = 250
        rgb.setflags(write=False)
        made.append(Frame(rgb, index, index / 25, 0.0))
    return made


def wanted(settings: TapSettings, pictures: list[Frame], device: str = "cpu") -> list:
    """What a CPU makes of them, one after the other."""
    with Pipeline(TappedNetwork(TinyDetector(device), settings), Thresholds(conf=0.5)) as pipeline:
        return [pipeline.process(picture) for picture in pictures]


def assert_same(packet, want) -> None:
    assert packet.frame.index == want.frame.index
    assert [tap.stage.node for tap in packet.taps] == [tap.stage.node for tap in want.taps]
    for one, other in zip(packet.taps, want.taps, strict=True):
        assert np.abs(one.codes.astype(int) - other.codes.astype(int)).max() <= 2
        assert one.limits == pytest.approx(other.limits, abs=0.01)
    np.testing.assert_allclose(packet.detections.xyxy, want.detections.xyxy, atol=0.5)


@pytest.mark.parametrize("make", BACKENDS)
@pytest.mark.parametrize("graph", [True, False])
def test_frames_under_way_never_share_a_buffer_however_slow_the_consumer(make, graph):
    detector, runtime = make()
    pictures = frames(12)
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime, graph=graph)
    kept = []
    with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
        network.warm_up((90, 160))
        # A slow consumer: the frames after each are under way or done before it looks at it again.
        kept.extend((packet, [tap.codes.copy() for tap in packet.taps]) for packet in pipeline.stream(pictures))
    assert network.execution == ("graph" if graph else "eager")
    for (packet, then), want in zip(kept, wanted(EACH_FRAME, pictures), strict=True):
        assert_same(packet, want)
        for tap, codes in zip(packet.taps, then, strict=True):
            np.testing.assert_array_equal(tap.codes, codes)


@pytest.mark.parametrize("make", BACKENDS)
@pytest.mark.parametrize("reducer", ["pca", "difference", "reference"])
def test_reducers_that_remember_begin_with_the_first_frame_and_not_with_the_warm_up(make, reducer):
    settings = TapSettings(reducer=reducer, limits=Limits(LimitsMode.FRAME))
    pictures = frames(4)
    detector, runtime = make()
    packets = []
    for network in (TappedNetwork(TinyDetector(), settings), TappedNetwork(detector, settings, runtime=runtime)):
        with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
            network.warm_up((90, 160))
            packets.append([pipeline.process(picture) for picture in pictures])
    for host, other in zip(*packets, strict=True):
        assert_same(other, host)
    first = [tap.limits for tap in packets[0][0].taps]
    if reducer == "pca":
        assert all(high > abs(low) for low, high in first)  # what is strong in it is positive
    else:
        assert all(limits == (0.0, 0.0) for limits in first)  # grey would differ from it
    assert all(tap.limits[1] > 0 for tap in packets[0][1].taps)


@pytest.mark.parametrize("seed", range(8))
def test_the_order_in_which_streams_take_turns_changes_nothing(seed):
    pictures = frames(9, seed=seed)
    detector, runtime = late(seed)
    network = TappedNetwork(detector, TapSettings(), runtime=runtime)
    with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
        got = list(pipeline.stream(pictures))
    for packet, want in zip(got, wanted(TapSettings(), pictures), strict=True):
        assert_same(packet, want)


def test_one_event_a_frame_is_waited_for():
    detector, runtime = late()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    with Pipeline(network, Thresholds()) as pipeline:
        network.warm_up((720, 1280))
        before, replays = runtime.waits, runtime.replays
        assert len(list(pipeline.stream(frames(10, (720, 1280))))) == 10
    assert (runtime.waits - before, runtime.replays - replays) == (10, 10)


def test_more_frames_than_places_are_refused_before_anything_is_overwritten():
    detector, runtime = late()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    pictures = frames(DEPTH + 1)
    tickets = [network.submit(picture) for picture in pictures[:DEPTH]]
    with pytest.raises(RuntimeError, match="collect one first"):
        network.submit(pictures[-1])
    first = network.collect(tickets[0])
    assert first.taps[0].codes.max() == 255
    network.close()


def test_what_cannot_be_captured_runs_eagerly_and_says_why():
    detector, runtime = late(refuses="operation not permitted when stream is capturing\nmore that nobody reads")
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    pictures = frames(5)
    with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
        got = list(pipeline.stream(pictures))
        assert pipeline.info.execution == "eager: operation not permitted when stream is capturing"
    for packet, want in zip(got, wanted(EACH_FRAME, pictures), strict=True):
        assert_same(packet, want)


def hooks_on(module: torch.nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def test_a_graph_keeps_no_hooks_and_an_eager_lane_gives_them_back():
    detector, runtime = late()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    network.infer(frames(1)[0])
    assert hooks_on(detector.module) == 0
    network.close()
    runtime.refuses = "no"
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    network.infer(frames(1)[0])
    assert hooks_on(detector.module) == 4
    network.close()
    assert hooks_on(detector.module) == 0


@pytest.mark.parametrize("make", BACKENDS)
def test_the_old_graph_serves_until_the_new_one_is_ready(make):
    detector, runtime = make()
    pictures = frames(40)
    settings = TapSettings(("down.1", "stem"), "max", Limits(LimitsMode.FRAME))
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
        assert len(pipeline.process(pictures[0]).taps) == 4
        pipeline.set_taps(settings)
        assert [stage.node for stage in pipeline.tapped] == ["stem", "down.1"]
        seen = []
        for picture in pictures[1:]:
            packet = pipeline.process(picture)
            seen.append(len(packet.taps))
            if len(packet.taps) == 2:
                break
            network._coming.join()
        assert seen[-1] == 2
        assert set(seen) <= {2, 4}
        (want,) = wanted(settings, [packet.frame])
        assert_same(packet, want)
        assert packet.taps[0].reducer == "max"
        assert pipeline.info.execution == "graph"


def test_a_capture_that_runs_out_of_memory_is_met_by_the_next_frame_and_the_one_after_recovers(monkeypatch):
    detector, runtime = late()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    pictures = frames(4)
    network.infer(pictures[0])
    opened = network._open_lane

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(network, "_open_lane", full)
    network.set_taps(TapSettings(("stem",)))
    network._coming.join()
    with pytest.raises(DeviceError, match="ran out of memory"):
        network.infer(pictures[1])
    monkeypatch.setattr(network, "_open_lane", opened)
    assert [tap.stage.node for tap in network.infer(pictures[2]).taps] == ["stem"]
    network.close()


@pytest.mark.parametrize("make", BACKENDS)
def test_limits_and_channels_change_without_a_new_capture(make):
    detector, runtime = make()
    network = TappedNetwork(detector, TapSettings(reducer="channel:0"), runtime=runtime)
    picture = frames(1)[0]
    network.infer(picture)
    captured = network._lane
    network.set_taps(TapSettings(reducer="channel:1", limits=Limits(LimitsMode.FIXED, 0.0, 0.5)))
    network.set_taps(TapSettings(reducer="channel:1", limits=Limits(LimitsMode.FIXED, 0.0, 2.0)))
    first = network.infer(picture)
    assert first.taps[0].limits == (0.0, 2.0)
    assert first.taps[0].reducer == "channel:1"
    assert network._lane is captured
    with pytest.raises(TapError, match="channels 0 to 1, not 7"):
        network.set_taps(TapSettings(reducer="channel:7"))
    assert network._lane is captured
    network.close()


@pytest.mark.parametrize("make", BACKENDS)
def test_pictures_of_another_size_get_a_graph_of_their_own(make):
    detector, runtime = make()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
        for hw in [(90, 160), (160, 90), (160, 90), (90, 160)]:
            (picture,) = frames(1, hw)
            packet = pipeline.process(picture)
            assert_same(packet, wanted(EACH_FRAME, [picture])[0])
            assert pipeline.info.execution == "graph"
    assert hooks_on(detector.module) == 0


def test_a_lane_in_the_making_is_waited_for_when_the_network_closes():
    detector, runtime = late()
    network = TappedNetwork(detector, EACH_FRAME, runtime=runtime)
    network.infer(frames(1)[0])
    network.set_taps(TapSettings(("stem",)))
    network.close()
    assert hooks_on(detector.module) == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "featscope-capture"]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_real_graph_gives_what_eager_gives():
    device = torch.device("cuda")
    pictures = frames(6, (360, 640))
    results = []
    for graph in (True, False):
        network = TappedNetwork(TinyDetector("cuda"), EACH_FRAME, runtime=CudaRuntime(device), graph=graph)
        with Pipeline(network, Thresholds(conf=0.5)) as pipeline:
            results.append(list(pipeline.stream(pictures)))
            assert pipeline.info.execution == ("graph" if graph else "eager")
    for one, other in zip(*results, strict=True):
        for a, b in zip(one.taps, other.taps, strict=True):
            assert np.abs(a.codes.astype(int) - b.codes.astype(int)).max() <= 1
        np.testing.assert_array_equal(one.detections.xyxy, other.detections.xyxy)
