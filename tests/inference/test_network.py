"""One frame through a network whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.support.tiny import TinyDetector
from viewer.core import Frame, Limits, LimitsMode, Shapes, TapSettings, Thresholds
from viewer.core.errors import DeviceError, TapError
from viewer.inference import TappedNetwork
from viewer.inference.entry import DeviceEntry, HostEntry
from viewer.pipeline import Pipeline
from viewer.render.letterbox import letterbox_image

EACH_FRAME = TapSettings(limits=Limits(LimitsMode.FRAME))
SHAPES = [(180, 320), (320, 180), (721, 1283), (240, 240), (90, 400), (61, 90)]
CUDA = pytest.param(
    "cuda", marks=[pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
)


def frame(rgb: np.ndarray, index: int = 0) -> Frame:
    return Frame(np.ascontiguousarray(rgb), index, index / 25, 0.0)


def spot(image_hw: tuple[int, int], at: tuple[float, float]) -> tuple[Frame, tuple[float, float]]:
    """A grey picture with a bright square an eighth of its shorter side wide; and the square's centre (x, y)."""
    height, width = image_hw
    side = max(4, min(image_hw) // 8)
    x, y = int(at[0] * (width - side)), int(at[1] * (height - side))
    rgb = np.full((height, width, 3), 60, np.uint8)
    rgb[y : y + side, x : x + side] = 250
    return frame(rgb), (x + side / 2, y + side / 2)


@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("image_hw", SHAPES)
@pytest.mark.parametrize("at", [(0.0, 0.0), (0.5, 0.5), (0.9, 0.2), (1.0, 1.0)])
def test_a_bright_square_peaks_at_the_same_place_in_every_map_and_box(image_hw, at, device):
    picture, (x, y) = spot(image_hw, at)
    with Pipeline(TappedNetwork(TinyDetector(device), EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
        packet = pipeline.process(picture)
    rect = packet.letterbox.map_rect
    for tap in packet.taps:
        rows, columns = tap.codes.shape
        peak = np.argwhere(tap.codes == tap.codes.max()).mean(0) + 0.5
        cell_wh = rect.width / columns, rect.height / rows
        assert abs(rect.x + peak[1] * cell_wh[0] - x) <= cell_wh[0]
        assert abs(rect.y + peak[0] * cell_wh[1] - y) <= cell_wh[1]
    (box,) = packet.detections.xyxy
    side = max(4, min(image_hw) // 8)
    assert abs((box[0] + box[2]) / 2 - x) <= side
    assert abs((box[1] + box[3]) / 2 - y) <= side


@pytest.mark.parametrize("image_hw", SHAPES)
def test_the_input_is_the_letterboxed_picture_scaled(image_hw):
    rng = np.random.default_rng(1)
    letterbox = TinyDetector().letterbox(image_hw)
    entry = HostEntry(letterbox, torch.float32)
    for _ in range(2):
        rgb = rng.integers(0, 256, (*image_hw, 3), dtype=np.uint8)
        entry.load(rgb)
        images = entry.images()
        want = letterbox_image(rgb, letterbox).transpose(2, 0, 1)[None] / np.float32(255)
        np.testing.assert_array_equal(images.numpy(), want.astype(np.float32))
        assert images.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("image_hw", SHAPES)
def test_letterbox_on_the_device_is_that_of_the_host(image_hw, device):
    rgb = np.random.default_rng(1).integers(0, 256, (*image_hw, 3), dtype=np.uint8)
    letterbox = TinyDetector().letterbox(image_hw)
    host, other = HostEntry(letterbox, torch.float32), DeviceEntry(letterbox, torch.float32, torch.device(device))
    host.load(rgb)
    other.raw.copy_(torch.from_numpy(rgb))
    assert (host.images() - other.images().cpu()).abs().mean().item() * 255 < 1.0


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_maps_and_figures_on_the_device_are_those_of_the_cpu():
    picture = frame(np.random.default_rng(2).integers(0, 256, (180, 320, 3), dtype=np.uint8))
    packets = []
    for device in ("cpu", "cuda"):
        with Pipeline(TappedNetwork(TinyDetector(device), EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
            pipeline.process(picture)
            packets.append(pipeline.process(picture))
    for host, device in zip(packets[0].taps, packets[1].taps, strict=True):
        assert np.abs(host.codes.astype(int) - device.codes.astype(int)).max() <= 1
        assert host.mean == pytest.approx(device.mean, rel=1e-3)
    assert packets[1].timings.forward > 0


def test_frames_of_changing_size_each_get_their_own_letterbox():
    with Pipeline(TappedNetwork(TinyDetector(), EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
        for image_hw in (*SHAPES, *SHAPES):
            packet = pipeline.process(spot(image_hw, (0.3, 0.3))[0])
            assert packet.letterbox.image_hw == image_hw
            assert packet.taps[0].codes.shape == tuple(side // 4 for side in packet.letterbox.input_hw)


def test_packets_keep_their_maps_when_the_next_frame_comes():
    with Pipeline(TappedNetwork(TinyDetector(), EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
        first = pipeline.process(spot((180, 320), (0.1, 0.1))[0])
        kept = first.taps[0].codes.copy()
        pipeline.process(spot((180, 320), (0.9, 0.9))[0])
    np.testing.assert_array_equal(first.taps[0].codes, kept)
    assert not first.taps[0].codes.flags.writeable
    assert not first.detections.xyxy.flags.writeable


def test_taps_change_while_frames_run_and_a_refused_change_changes_nothing():
    detector = TinyDetector()
    with Pipeline(TappedNetwork(detector, EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
        picture = spot((180, 320), (0.5, 0.5))[0]
        assert [tap.stage.node for tap in pipeline.process(picture).taps] == ["stem", "down.0", "down.1", "down.2"]
        pipeline.set_taps(TapSettings(("down.2", "stem"), "max"))
        assert [tap.stage.node for tap in pipeline.process(picture).taps] == ["stem", "down.2"]
        with pytest.raises(TapError, match=r"did you mean 'down\.0'"):
            pipeline.set_taps(TapSettings(("dwn.0",)))
        with pytest.raises(TapError, match="channels 0 to 1"):
            pipeline.set_taps(TapSettings(("stem",), "channel:2"))
        assert [tap.stage.node for tap in pipeline.process(picture).taps] == ["stem", "down.2"]
        pipeline.set_taps(TapSettings(()))
        packet = pipeline.process(picture)
        assert packet.taps == ()
        assert len(packet.detections) == 1
        assert sum(len(m._forward_hooks) for m in detector.module.modules()) == 0
    assert detector.closed == 1


def test_a_refused_first_tap_closes_the_detector():
    detector = TinyDetector()
    with pytest.raises(TapError, match="no stage 'P3' in tiny"):
        TappedNetwork(detector, TapSettings(("P3",)))
    assert detector.closed == 1
    assert sum(len(m._forward_hooks) for m in detector.module.modules()) == 0


def test_running_out_of_memory_is_one_line(monkeypatch):
    detector = TinyDetector()
    with Pipeline(TappedNetwork(detector, EACH_FRAME), Thresholds()) as pipeline:

        def full(_: torch.Tensor) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

        monkeypatch.setattr(detector, "forward", full)
        with pytest.raises(DeviceError, match="ran out of memory; use a smaller --imgsz"):
            pipeline.process(spot((180, 320), (0.5, 0.5))[0])
        monkeypatch.undo()
        assert pipeline.process(spot((180, 320), (0.5, 0.5))[0]).taps


def test_timings_add_up_to_the_time_that_passed():
    from time import perf_counter

    with Pipeline(TappedNetwork(TinyDetector(), EACH_FRAME), Thresholds()) as pipeline:
        picture = spot((721, 1283), (0.5, 0.5))[0]
        pipeline.process(picture)
        started = perf_counter()
        timings = pipeline.process(picture).timings
        passed_ms = (perf_counter() - started) * 1000
    assert all(part >= 0 for part in timings.as_dict().values())
    assert 0 < timings.inference <= passed_ms


@pytest.mark.parametrize(("shapes", "spent_ms"), [(("masks",), 250.0), ((), 0.0)])
def test_masks_are_booked_apart_from_suppression(monkeypatch, shapes, spent_ms):
    now = [10.0]
    monkeypatch.setattr("viewer.pipeline.pipeline.perf_counter", lambda: now[0])

    class Masking(TinyDetector):
        def shapes(self, _outputs, rows, *_):
            now[0] += 0.25
            return Shapes(rows.astype(np.int32))

    detector = Masking()
    detector.info = replace(detector.info, shapes=shapes)
    with Pipeline(TappedNetwork(detector, EACH_FRAME), Thresholds(conf=0.5)) as pipeline:
        timings = pipeline.process(spot((180, 320), (0.5, 0.5))[0]).timings
    assert (timings.suppress, timings.shape) == (0.0, spent_ms)
    assert timings.inference >= spent_ms


def test_a_frame_without_taps_has_the_same_boxes_and_moves_no_limits():
    dark, bright, mean = (frame(np.full((180, 320, 3), grey, np.uint8)) for grey in (10, 250, 128))
    with (
        Pipeline(TappedNetwork(TinyDetector(), TapSettings()), Thresholds(conf=0.01)) as pipeline,
        Pipeline(TappedNetwork(TinyDetector(), TapSettings()), Thresholds(conf=0.01)) as other,
    ):
        assert pipeline.can_skip_taps
        assert pipeline.process(dark, with_taps=False).taps, "a first frame is reduced in any case"
        bare = pipeline.process(bright, with_taps=False)
        after = pipeline.process(mean)
        other.process(dark)
        never_seen = other.process(mean)
        seen = other.process(bright)
    assert bare.taps == ()
    np.testing.assert_array_equal(bare.detections.xyxy, seen.detections.xyxy)
    assert [tap.limits for tap in after.taps] == [tap.limits for tap in never_seen.taps]
    np.testing.assert_array_equal(after.taps[0].codes, never_seen.taps[0].codes)


def test_a_frame_that_stands_keeps_its_colours_however_often_it_is_run():
    first, second = (frame(np.random.default_rng(seed).integers(0, 255, (180, 320, 3), np.uint8)) for seed in (0, 1))
    with Pipeline(TappedNetwork(TinyDetector(), TapSettings()), Thresholds(conf=0.01)) as pipeline:
        pipeline.process(replace(first, rgb=first.rgb // 4))
        shown = pipeline.process(replace(second, index=1, pts_s=0.04))
        again = [pipeline.process(shown.frame) for _ in range(3)]
    for packet in again:
        assert [tap.limits for tap in packet.taps] == [tap.limits for tap in shown.taps]
        np.testing.assert_array_equal(packet.taps[0].codes, shown.taps[0].codes)
