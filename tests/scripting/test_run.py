"""Featscope from a script: packets, raw activations and inspections of the demo, without a window."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import viewer
from viewer.core.channels import Gallery, OneChannel
from viewer.core.errors import ConfigError, InquiryError, SeekError, SinkError, TapError
from viewer.core.health import HealthCheck
from viewer.core.inquiry import Inquiry
from viewer.core.region import Region

SMALL = {"imgsz": 160, "conf": 0.01, "tap": ["P3", "C5"]}


@pytest.fixture(scope="module")
def run():
    with viewer.open("demo", **SMALL) as opened:
        yield opened


def test_importing_featscope_loads_neither_a_framework_nor_a_toolkit() -> None:
    script = (
        "import sys, viewer; viewer.__version__; print(sorted(viewer.__all__) == sorted(set(dir(viewer)) & "
        "set(viewer.__all__)), sorted({'numpy', 'torch', 'cv2', 'av', 'PySide6', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "True []"


def test_packets_come_in_order_and_iterating_goes_on_after_a_frame_that_was_asked_for(run) -> None:
    assert [packet.frame.index for packet, _ in zip(run, range(3), strict=False)] == [0, 1, 2]
    packet = run.process(run.frame(120))
    assert packet.frame.index == 120
    assert [tap.stage.name for tap in packet.taps] == ["C5", "P3"]
    assert next(iter(run)).frame.index == 121


def test_an_activation_is_what_the_stage_returns_and_the_callers_own(run) -> None:
    packet = run.process(run.frame(60))
    activation = run.activation("P3")
    p3 = next(tap for tap in packet.taps if tap.stage.name == "P3")
    assert activation.shape == (p3.stage.channels, *p3.codes.shape)
    assert activation.dtype == np.float32
    # The map of the packet is made of this very activation.
    low, high = p3.limits
    np.testing.assert_allclose(
        np.clip(np.abs(activation).mean(0), low, high), viewer.tap_values(p3), atol=(high - low) / 250
    )
    activation[:] = 0
    assert run.activation("P3").any()


def test_reading_an_activation_changes_nothing_for_the_frames_that_follow() -> None:
    def maps(*, read: bool) -> list[np.ndarray]:
        with viewer.open("demo", reducer="difference", **SMALL) as opened:
            taken = []
            for index in (10, 11, 12):
                taken += [tap.codes for tap in opened.process(opened.frame(index)).taps]
                if read:
                    opened.activations("P3", "model.0")
            return taken

    for read, bare in zip(maps(read=True), maps(read=False), strict=True):
        np.testing.assert_array_equal(read, bare)


def test_a_tensor_can_take_part_in_autograd_and_no_hook_is_left(run) -> None:
    run.process(run.frame(5))
    network = run._pipeline._network
    before = sum(len(module._forward_hooks) for module in network._detector.module.modules())
    tensor = run.activation("C5", tensor=True)
    assert isinstance(tensor, torch.Tensor)
    assert not tensor.is_inference()
    tensor.requires_grad_().sum().backward()
    with pytest.raises(InquiryError):
        run.activation("P99")
    assert sum(len(module._forward_hooks) for module in network._detector.module.modules()) == before


def test_pixels_of_ones_own_go_through_as_well(run) -> None:
    pixels = run.frame(30).rgb.copy()
    packet = run.process(pixels)
    np.testing.assert_array_equal(packet.detections.xyxy, run.process(run.frame(30)).detections.xyxy)
    np.testing.assert_array_equal(run.activation("P3", pixels), run.activation("P3"))
    with pytest.raises(viewer.ViewerError, match=r"shape \(4, 4\) and type uint8 is no picture"):
        run.process(np.zeros((4, 4), np.uint8))


def test_pixels_of_ones_own_are_frames_that_follow_each_other() -> None:
    with viewer.open("demo", health=True, **SMALL) as watched:
        pixels = [watched.frame(index).rgb.copy() for index in range(3)]
        packets = [watched.process(each) for each in pixels]
    assert [packet.frame.index for packet in packets] == [0, 1, 2]
    assert [packet.findings.health[0].frames for packet in packets] == [1, 2, 3]


def test_an_activation_is_of_the_picture_as_it_is_disturbed() -> None:
    with viewer.open("demo", perturb=["brightness:0.3"], **SMALL) as dim:
        frame = dim.frame(30)
        packet = dim.process(frame)
        shown = dim.activation("P3")
        np.testing.assert_array_equal(dim.activation("P3", frame), shown)
        np.testing.assert_array_equal(dim.activation("P3", packet), shown)
        again = dim.process(packet)  # is dimmed once, not twice
    np.testing.assert_array_equal(again.frame.rgb, packet.frame.rgb)
    tap = next(tap for tap in packet.taps if tap.stage.name == "P3")
    assert np.abs(shown).mean() == pytest.approx(tap.mean, rel=1e-4)


def test_an_inspection_holds_pictures_maps_and_numbers_that_agree_with_the_packet(run, tmp_path: Path) -> None:
    packet = run.process(run.frame(120))
    folder = run.save_inspection(packet, tmp_path / "inspection-120", size=(640, 360))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["schema"], manifest["version"]) == ("featscope-inspection", 1)
    assert set(manifest["files"]) == {"frame.png", "tiles.png", "maps.npz", "inspection.json"}
    for name, said in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (said["bytes"], said["sha256"])
    np.testing.assert_array_equal(cv2.imread(str(folder / "frame.png"))[..., ::-1], packet.frame.rgb)
    assert cv2.imread(str(folder / "tiles.png")).shape == (360, 640, 3)
    maps = np.load(folder / "maps.npz")
    for tap in packet.taps:
        np.testing.assert_array_equal(maps[f"{tap.stage.node}.codes"], tap.codes)
        np.testing.assert_array_equal(maps[f"{tap.stage.node}.limits"], np.float32(tap.limits))
        assert maps[f"{tap.stage.node}.values"][1, 2] == pytest.approx(tap.value_at(1, 2), rel=1e-5)
    record = json.loads((folder / "inspection.json").read_text())
    assert record["index"] == 120
    assert len(record["detections"]) == len(packet.detections) > 0
    assert len(record["candidates"]) == len(packet.candidates)
    assert record["detections"][0]["name"] in run.detector.names
    assert (record["source"]["kind"], record["model"]["name"]) == ("video", run.detector.name)
    assert record["findings"] == {}
    assert [path.name for path in tmp_path.iterdir()] == ["inspection-120"]


def test_findings_are_written_down_whatever_they_are(tmp_path: Path) -> None:
    with viewer.open("demo", health=True, **SMALL) as watched:
        folder = watched.save_inspection(watched.process(watched.frame(3)), tmp_path / "watched", size=(320, 180))
    found = json.loads((folder / "inspection.json").read_text())["findings"]
    assert [each["stage"]["name"] for each in found["health"]] == ["C5", "P3"]
    assert found["health"][0]["dtype"] == "float32"
    assert found["health"][0]["drift"] is None


def test_every_answer_but_health_leaves_arrays(tmp_path: Path) -> None:
    asked = {"cell": "P3:2,3", "look_at": "300,200,420,280", "score_map": "0", "explain": "all", "mute": ["P3:4"]}
    with viewer.open("demo", health=True, **asked, **SMALL) as watched:
        inquiry = watched._inquiry
        watched.ask(replace(inquiry, channel=OneChannel("P3", 1), gallery=Gallery("P3", 0, 4)))
        packet = watched.process(watched.frame(120))
        folder = watched.save_inspection(packet, tmp_path / "asked", size=(320, 180))
        watched.ask(Inquiry(health=inquiry.health))
        bare = watched.save_inspection(watched.process(watched.frame(120)), tmp_path / "bare", size=(320, 180))
    answers = set(json.loads((folder / "inspection.json").read_text())["findings"])
    with np.load(folder / "findings.npz") as arrays:
        assert {name.partition(".")[0] for name in arrays} == answers - {"health"}
    assert answers == {"cell", "channel", "gallery", "region", "score_map", "health", "cam", "alteration"}
    assert not (bare / "findings.npz").exists()


def test_nothing_is_left_where_an_inspection_cannot_be_written(run, tmp_path: Path, monkeypatch) -> None:
    packet = run.process(run.frame(1))
    taken = tmp_path / "taken"
    taken.mkdir()
    with pytest.raises(SinkError, match="it is there already; name another folder"):
        run.save_inspection(packet, taken)
    with pytest.raises(SinkError, match="there is no folder"):
        run.save_inspection(packet, tmp_path / "nowhere" / "here")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(SinkError, match="No space left on device; nothing was left behind"):
        run.save_inspection(packet, tmp_path / "full", size=(320, 180))
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_what_cannot_be_done_is_said_in_one_line(run, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key 'tapp'; did you mean 'tap'"):
        viewer.open("demo", tapp=["P3"])
    with pytest.raises(TapError, match="no stage 'P33'"):
        viewer.open("demo", tap=["P33"])
    with pytest.raises(SeekError):
        run.frame(10**6)
    with pytest.raises(ConfigError, match="model None is neither a path nor a name"):
        viewer.open("demo", None)
    with pytest.raises(viewer.ViewerError, match="this is no picture"):
        run.process([[1, 2], [3]])
    with pytest.raises(InquiryError, match="is no place"):
        run.ask(viewer.Inquiry(region=Region((20, 20, 10, 30))))
    with pytest.raises(viewer.ViewerError, match=r"size \(0, 0\) not understood"):
        run.save_inspection(run.process(run.frame(1)), tmp_path / "kept", size=(0, 0))
    assert not list(tmp_path.iterdir())
    with pytest.raises(
        ConfigError, match=r"no row 999, column 1 in P3, which has rows 0 to \d+ and columns 0 to \d+ for this"
    ):
        viewer.open("demo", cell="P3:999,1", **SMALL)
    with pytest.raises(
        ConfigError, match=r"--look-at 9999,9 lies outside the picture, which is \d+x\d+ pixels; give X"
    ):
        viewer.open("demo", look_at="9999,9", **SMALL)
    closed = viewer.open("demo", **SMALL)
    with pytest.raises(viewer.ViewerError, match="no frame was processed yet"):
        closed.activation("P3")
    closed.close()
    closed.close()
    with pytest.raises(viewer.ViewerError, match="this run is closed"):
        closed.process(np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize("index", [1.5, np.float32(3), "7", None, True, np.True_, [3], float("nan")], ids=repr)
def test_what_is_no_number_of_a_frame_is_refused_by_one_line(run, index) -> None:
    with pytest.raises(viewer.ViewerError, match=r"is no number of a frame; give a whole number, counted from 0$"):
        run.frame(index)


def test_frames_are_counted_from_0_in_any_whole_number(run) -> None:
    assert run.frame(np.int64(3)).index == 3
    with pytest.raises(SeekError, match=r"no frame -1 in .*; it has frames 0 to \d+$"):
        run.frame(-1)


@pytest.mark.parametrize(
    "picture", [None, "frame.png", [[1, 2], [3]], 5, object()], ids=["None", "path", "lists", "number", "object"]
)
def test_what_is_no_picture_is_refused_by_one_line(run, picture) -> None:
    with pytest.raises(viewer.ViewerError, match=r"no picture.*; give \(H, W, 3\) uint8 RGB$"):
        run.process(picture)


def test_other_stages_can_be_tapped_on_the_way() -> None:
    with viewer.open("demo", health=True, **SMALL) as opened:
        opened.tap("C3", reducer="max")
        packet = opened.process(opened.frame(2))
        assert [(tap.stage.name, tap.reducer) for tap in packet.taps] == [("C3", "max")]
        assert [health.stage.name for health in packet.findings.health] == ["C3"]
        opened.ask(viewer.Inquiry(health=HealthCheck(("model.16",))))
        opened.tap("C4")
        assert [health.stage.name for health in opened.process(packet).findings.health] == ["P3"]
        opened.ask(viewer.Inquiry())
        opened.tap("C3")
        assert opened.process(packet).findings.health == ()
