"""Precision, memory format, fusing, input size and kept classes do what they say, up to what a run writes."""

import json

import cv2
import numpy as np
import pytest
import torch

from tests.detectors.test_parity import detect
from tests.support.variants import variants
from viewer.cli import main
from viewer.core.frame import Frame
from viewer.core.resources import resource
from viewer.core.tapping import Limits, LimitsMode, TapSettings
from viewer.detectors import open_detector
from viewer.detectors.ultralytics.heads import first_tensor
from viewer.inference import TappedNetwork
from viewer.sources import open_source

SIZE = 320


@pytest.fixture
def lively(checkpoint):
    return str(checkpoint("yolo11n.yaml"))


@pytest.fixture(scope="module")
def trained():
    return str(resource("assets/demo.pt"))


@pytest.fixture(scope="module")
def street():
    with open_source(str(resource("assets/demo.mp4"))) as source:
        source.seek(100)
        return next(source)


def matched(found, reference, tolerance_px):
    """How many boxes of the reference have one of the same class in `found` at the same place."""
    apart = np.abs(found.xyxy[:, None] - reference.xyxy[None]).max(2) + 1e6 * (
        found.labels[:, None] != reference.labels[None]
    )
    return int((apart.min(0) < tolerance_px).sum())


def test_bf16_finds_what_fp32_finds(trained, street):
    exact, rounded = (open_detector(trained, device="cpu", imgsz=SIZE, precision=p) for p in ("fp32", "bf16"))
    assert rounded.info.precision == "bf16"
    wide = {name for name, weight in rounded.module.named_parameters() if weight.dtype != torch.bfloat16}
    assert {name.rpartition(".dfl.")[1] for name in wide} == {".dfl."}
    sure, all_found = detect(exact, street.rgb, conf=0.3), detect(rounded, street.rgb, conf=0.2)
    assert len(sure) >= 5
    assert matched(all_found, sure, 6) >= 0.8 * len(sure)


def test_boxes_of_bf16_do_not_snap_to_its_grid(trained, street):
    exact, rounded = (open_detector(trained, device="cpu", imgsz=640, precision=p) for p in ("fp32", "bf16"))
    sure, all_found = detect(exact, street.rgb, conf=0.3), detect(rounded, street.rgb, conf=0.2)
    assert len(sure) >= 8
    assert matched(all_found, sure, 0.6) == len(sure)


@pytest.mark.parametrize(
    "name",
    variants(
        ["yolo11n-seg.yaml", "yolo11n-pose.yaml", "yolo11n-obb.yaml", "yolo26n.yaml", "yolov10n.yaml"],
        quick=["yolo11n-pose.yaml", "yolo26n.yaml"],
    ),
)
def test_every_head_decodes_wide(checkpoint, name):
    detector = open_detector(str(checkpoint(name)), device="cpu", imgsz=SIZE, precision="bf16")
    outputs = detector.forward(torch.rand(1, 3, SIZE, SIZE).to(torch.bfloat16))
    assert first_tensor(outputs).dtype == torch.float32
    assert detector.candidates(outputs).isfinite().all()


def test_maps_of_bf16_are_those_of_fp32(trained, street):
    settings = TapSettings(limits=Limits(LimitsMode.FRAME))
    taps = []
    for precision in ("fp32", "bf16"):
        network = TappedNetwork(open_detector(trained, device="cpu", imgsz=SIZE, precision=precision), settings)
        taps.append(network.infer(street).taps)
        network.close()
    for exact, rounded in zip(*taps, strict=True):
        assert rounded.mean == pytest.approx(exact.mean, rel=0.05)
        codes = exact.codes.astype(float).ravel(), rounded.codes.astype(float).ravel()
        assert np.corrcoef(*codes)[0, 1] > 0.98


@pytest.mark.parametrize("channels_last", [True, False, None])
def test_memory_format_changes_the_weights_and_nothing_else(lively, frames, channels_last):
    detector = open_detector(lively, device="cpu", imgsz=SIZE, channels_last=channels_last)
    weight = detector.module.get_submodule("model.1.conv").weight
    assert weight.is_contiguous(memory_format=torch.channels_last) is (channels_last is not False)
    found = detect(detector, frames["landscape"], conf=0.3)
    other = detect(open_detector(lively, device="cpu", imgsz=SIZE), frames["landscape"], conf=0.3)
    np.testing.assert_allclose(found.xyxy, other.xyxy, atol=0.05)
    np.testing.assert_allclose(found.scores, other.scores, atol=1e-3)


def test_unfused_networks_find_the_same_and_show_their_norms(trained, street):
    fused, plain = (open_detector(trained, device="cpu", imgsz=SIZE, fuse=fuse) for fuse in (True, False))
    assert (fused.info.notes[0], plain.info.notes[0]) == ("fused", "not fused")
    found, other = (detect(detector, street.rgb, conf=0.3) for detector in (fused, plain))
    assert len(found) == len(other) >= 5
    np.testing.assert_allclose(found.xyxy, other.xyxy, atol=0.1)
    np.testing.assert_allclose(found.scores, other.scores, atol=2e-3)
    norms = [stage for stage in plain.stages if stage.kind == "BatchNorm2d"]
    assert {"model.0.bn", "model.2.m.0.cv1.bn"} < {stage.node for stage in norms}
    assert not any(stage.kind == "BatchNorm2d" for stage in fused.stages)
    assert [s.node for s in plain.stages if s.default] == [s.node for s in fused.stages if s.default]


def test_a_norm_and_what_it_normalises_are_tapped_apart(lively, frames):
    nodes = ("model.1.conv", "model.1.bn", "model.1")
    detector = open_detector(lively, device="cpu", imgsz=SIZE, fuse=False)
    network = TappedNetwork(detector, TapSettings(nodes, "mean", Limits(LimitsMode.FRAME)))
    conv, norm, block = network.infer(Frame(frames["landscape"], 0, 0.0, 0.0)).taps
    network.close()
    assert (conv.stage.node, norm.stage.node, block.stage.node) == nodes
    assert len({conv.mean, norm.mean, block.mean}) == 3
    assert abs(norm.mean - block.mean) > 1e-3  # the activation writes over the norm's output, after the hook


@pytest.mark.parametrize(("imgsz", "expected"), [(96, (64, 96)), (160, (96, 160)), (150, (96, 160))])
def test_the_input_is_as_large_as_asked(imgsz, expected):
    detector = open_detector("yolo11n.yaml", device="cpu", imgsz=imgsz)
    assert detector.letterbox((540, 960)).input_hw == expected


@pytest.fixture
def photo(frames, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), frames["landscape"][..., ::-1])
    return path


def rendered(photo, folder, *options):
    """Names of the detections that `render` writes."""
    packets = folder / "out.jsonl"
    told = ["--overwrite", "--packets", str(packets), "--device", "cpu", "--imgsz", "320", "--conf", "0.3"]
    assert main(["render", str(photo), *told, *options]) == 0
    lines = [json.loads(line) for line in packets.read_text().splitlines()]
    return [box["name"] for line in lines for box in line["detections"]]


def test_only_kept_classes_reach_the_packets(lively, photo, tmp_path):
    everything = rendered(photo, tmp_path, "--model", lively)
    assert len(set(everything)) >= 2
    kept, other = sorted(set(everything))[:2]
    assert rendered(photo, tmp_path, "--model", lively, "--classes", kept) == [n for n in everything if n == kept]
    both = rendered(photo, tmp_path, "--model", lively, "--classes", kept.removeprefix("thing "), "--classes", other)
    assert set(both) == {kept, other}


def test_render_tells_that_a_model_was_made_up(photo, tmp_path, capsys):
    rendered(photo, tmp_path, "--model", "yolo11n.yaml")
    assert "yolo11n: fused, random weights, built from yolo11n.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--bf16"], ["--no-fuse"], ["--channels-last"], ["--no-channels-last"]])
def test_every_option_goes_all_the_way(lively, photo, tmp_path, options, capsys):
    assert rendered(photo, tmp_path, "--model", lively, *options)
    assert main(["stages", lively, "--device", "cpu", "--imgsz", "64", *options]) == 0
    assert ("not fused" in capsys.readouterr().out) is (options == ["--no-fuse"])


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_half_finds_what_fp32_finds(trained, street):
    exact, rounded = (open_detector(trained, device="cuda", imgsz=SIZE, precision=p) for p in ("fp32", "fp16"))
    sure, all_found = detect(exact, street.rgb, conf=0.3), detect(rounded, street.rgb, conf=0.25)
    assert rounded.info.precision == "fp16"
    assert matched(all_found, sure, 2) >= 0.9 * len(sure)
