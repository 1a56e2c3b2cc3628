"""Stages, taps and candidates of torchvision's detectors, driven by the viewer's own network and pipeline."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from tests.support.variants import variants
from viewer.core import Frame, Letterbox, Role, Suppression, TapSettings, Thresholds
from viewer.core.errors import DetectorError
from viewer.detectors import open_detector
from viewer.detectors.recording import recording
from viewer.detectors.torchvision.builders import builder_names
from viewer.detectors.torchvision.stages import nominal_stride
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline
from viewer.render.letterbox import letterbox_image

SMALL_RCNN = "fasterrcnn_mobilenet_v3_large_320_fpn"
RCNN, DENSE, SSD = "fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn", "ssdlite320_mobilenet_v3_large"
HEADS = variants([SMALL_RCNN, DENSE, SSD], quick=[SMALL_RCNN, SSD])
NAMES = {
    RCNN: {"C3": 8, "C4": 16, "C5": 32, "P2": 4, "P3": 8, "P4": 16, "P5": 32},
    DENSE: {"C3": 8, "C4": 16, "C5": 32, "P3": 8, "P4": 16, "P5": 32, "P6": 64, "P7": 128},
    SMALL_RCNN: {"C3": 8, "C4": 16, "C5": 32, "P5": 32, "P5b": 32},
    SSD: {"C3": 8, "C4": 16, "C5": 32, "P6": 64, "P7": 128, "P8": 256, "P9": 512},
}


SPOT_PX = 12


def hooks(module):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def open_random(name, **options):
    return open_detector(f"torchvision:{name}", device="cpu", weights="random", **{"imgsz": 192, **options})


def frame(hw=(180, 320), spot=None):
    """Grey, with a white square around (x, y)."""
    rgb = np.full((*hw, 3), 90, np.uint8)
    if spot is not None:
        x, y = spot
        rgb[y - SPOT_PX : y + SPOT_PX, x - SPOT_PX : x + SPOT_PX] = 255
    return Frame(rgb, 0, 0.0, 0.0)


@pytest.mark.parametrize("name", variants(NAMES, quick=[SMALL_RCNN, SSD]))
def test_stages_have_names_roles_and_strides(name):
    detector = open_random(name)
    stages = {stage.name: stage for stage in detector.stages if stage.name}
    assert {title: stage.stride for title, stage in stages.items()} == NAMES[name]
    assert {s.name for s in detector.stages if s.default} == {n for n in NAMES[name] if n[:2] in _FROM_8_TO_32}
    assert all(s.role is (Role.BACKBONE if s.name[0] == "C" else Role.NECK) for s in stages.values())
    assert {s.role for s in detector.stages} == set(Role)
    paths = dict(detector.module.named_modules())
    assert {stage.node.partition("@")[0] for stage in detector.stages} <= set(paths)
    assert len({stage.node for stage in detector.stages}) == len(detector.stages)
    assert hooks(detector.module) == 0


def test_the_last_part_of_a_block_is_another_name_of_it():
    detector = open_random(SMALL_RCNN)
    aliases = {stage.node: stage.aliases for stage in detector.stages}
    assert "backbone.fpn.inner_blocks.0.0" in aliases["backbone.fpn.inner_blocks.0"]
    assert hooks(detector.module) == 0


_FROM_8_TO_32 = ("C3", "C4", "C5", "P3", "P4", "P5")


def test_a_head_that_runs_once_a_level_is_tapped_by_call():
    detector = open_random(RCNN)
    calls = [stage for stage in detector.stages if stage.node.startswith("rpn.head.cls_logits")]
    assert [stage.node.partition("rpn.head.cls_logits")[2] for stage in calls] == ["", "@2", "@3", "@4", "@5"]
    assert [stage.stride for stage in calls] == [4, 8, 16, 32, 64]
    nodes = ("rpn.head.cls_logits", "rpn.head.cls_logits@3")
    with Pipeline(TappedNetwork(detector, TapSettings(nodes)), Thresholds()) as pipeline:
        packet = pipeline.process(frame())
        assert hooks(detector.module) == 2 - 1  # two calls of one module
        shapes = {tap.stage.node: tap.codes.shape for tap in packet.taps}
        rows, columns = packet.letterbox.input_hw
        assert shapes == {nodes[0]: (rows // 4, columns // 4), nodes[1]: (rows // 16, columns // 16)}
        module = detector.module
    assert hooks(module) == 0


@pytest.mark.parametrize("name", HEADS)
def test_a_bright_spot_shows_where_it_is(lively, name):
    """What a spot changes most in a map lies over the spot, at every stage that is tapped by default."""
    detector = lively(name, imgsz=384)
    stages = [stage for stage in detector.stages if stage.default]
    for spot in [(200, 230), (420, 130)]:
        letterbox = detector.letterbox((360, 640))
        bare, lit = (activations(detector, stages, frame((360, 640), where), letterbox) for where in (None, spot))
        for stage, before, after in zip(stages, bare, lit, strict=True):
            change = (after - before).abs().sum(0).numpy()
            row, column = np.unravel_index(change.argmax(), change.shape)
            rect = letterbox.rect_of_map(change.shape, stage.stride)
            cell_w, cell_h = rect.width / change.shape[1], rect.height / change.shape[0]
            assert abs(rect.x + (column + 0.5) * cell_w - spot[0]) <= 2 * cell_w + SPOT_PX, stage
            assert abs(rect.y + (row + 0.5) * cell_h - spot[1]) <= 2 * cell_h + SPOT_PX, stage


def activations(detector, stages, shown, letterbox):
    modules, seen = dict(detector.module.named_modules()), {}
    handles = [
        modules[stage.node].register_forward_hook(
            lambda _m, _i, out, node=stage.node: seen.update({node: out[0].clone()})
        )
        for stage in stages
    ]
    pixels = torch.from_numpy(letterbox_image(shown.rgb, letterbox)).permute(2, 0, 1)[None]
    detector.forward(pixels / 255)
    for handle in handles:
        handle.remove()
    return [seen[stage.node] for stage in stages]


@pytest.mark.parametrize("name", HEADS)
def test_candidates_keep_their_shape_and_order(name):
    detector = open_random(name)
    assert detector.info.suppression is Suppression.GREEDY
    for hw in [(180, 320), (320, 180), (50, 60)]:
        letterbox = detector.letterbox(hw)
        rows = detector.candidates(detector.forward(torch.rand(1, 3, *letterbox.input_hw)))
        scores = rows[:, 4]
        assert rows.shape == (1024, 7)
        assert torch.isfinite(rows).all()
        assert (scores[:-1] >= scores[1:]).all()
        assert ((scores >= 0) & (scores <= 1)).all()
        real = rows[scores > 0]
        assert set(real[:, 6].tolist()) <= {float(stride) for stride in detector.info.strides}
        assert ((real[:, 5] >= 0) & (real[:, 5] < len(detector.info.names))).all()
        boxes = detector.read_candidates(rows.numpy(), letterbox)
        limit = np.array([hw[1], hw[0]] * 2) + 1e-3
        assert ((boxes.xyxy >= -1e-3) & (boxes.xyxy <= limit)).all()


@pytest.mark.parametrize("name", HEADS)
def test_bfloat16_runs_and_is_said(name):
    detector = open_random(name, precision="bf16")
    assert (detector.dtype, detector.info.precision) == (torch.bfloat16, "bf16")
    with Pipeline(TappedNetwork(detector, TapSettings()), Thresholds(conf=0.0)) as pipeline:
        packet = pipeline.process(frame())
    assert len(packet.candidates)
    assert all(tap.nonfinite == 0 for tap in packet.taps)


@pytest.mark.parametrize(
    ("name", "kind"),
    variants(
        [("maskrcnn_resnet50_fpn", "masks"), ("keypointrcnn_resnet50_fpn", "keypoints")],
        quick=[("maskrcnn_resnet50_fpn", "masks")],
    ),
)
def test_a_packet_carries_the_shapes_of_its_detections(lively, name, kind):
    detector = lively(name)
    assert detector.info.shapes == (kind,)
    with Pipeline(TappedNetwork(detector, TapSettings(())), Thresholds(conf=0.05, max_det=5)) as pipeline:
        packet = pipeline.process(frame(spot=(96, 140)))
        pipeline.thresholds = Thresholds(conf=1.0)
        none = pipeline.process(frame())
    assert len(packet.detections) == len(packet.shapes.rows) == 5
    assert packet.candidates.take(packet.shapes.rows).scores.tolist() == packet.detections.scores.tolist()
    assert len(none.shapes.rows) == 0
    if kind == "keypoints":
        assert packet.shapes.keypoints.shape == (5, 17, 3)
        assert none.shapes.keypoints.shape == (0, 17, 3)
    else:
        assert packet.shapes.keypoints is None
        assert any(packet.shapes.masks.rings(number) for number in range(5))


def test_a_score_made_again_from_its_region_alone_is_the_same_and_leads_back_the_same_way():
    torch.manual_seed(3)
    detector = open_random(SMALL_RCNN)
    images = torch.rand(1, 3, *detector.letterbox((180, 320)).input_hw)
    with recording():
        outputs = detector.forward(images.requires_grad_())
        rows = detector.candidates(outputs)
        chosen = np.array([0, 7, 40])
        again = detector.scores_again(outputs, chosen)
    features = list(outputs.features.values())
    assert again.tolist() == pytest.approx(rows[chosen, 4].tolist(), rel=1e-4)
    for place, row in enumerate(chosen):
        ways = torch.autograd.grad(rows[row, 4], features, retain_graph=True, allow_unused=True)
        short = torch.autograd.grad(again[place], features, retain_graph=True, allow_unused=True)
        assert max(float(way.abs().max()) for way in ways if way is not None) > 0
        for way, other in zip(ways, short, strict=True):
            none = torch.zeros(1) if way is None else way
            assert torch.allclose(none, torch.zeros(1) if other is None else other, rtol=1e-3, atol=1e-7)


def test_a_dense_head_has_no_regions_to_look_at_again():
    detector = open_random(SSD)
    images = torch.zeros(1, 3, *detector.letterbox((180, 320)).input_hw)
    assert detector.scores_again(detector.forward(images), np.array([0])) is None


def test_an_input_of_another_size_than_the_last_letterbox_counts_as_all_picture():
    detector = open_random(SMALL_RCNN)
    images = torch.rand((1, 3, 128, 96), generator=torch.Generator().manual_seed(0))
    detector.letterbox((180, 320))
    first = detector.candidates(detector.forward(images))
    detector.letterbox((320, 180))
    assert torch.equal(first, detector.candidates(detector.forward(images)))


@settings(max_examples=40)
@given(
    st.tuples(st.integers(1, 2500), st.integers(1, 2500)).filter(lambda hw: max(hw) / min(hw) < 20),
    st.sampled_from([(384, 640), (320, 640), (115, 192)]),
)
@example((1080, 1920), (800, 1333))
@example((2047, 1023), (800, 1333))
def test_the_letterbox_is_that_of_torchvisions_transform(hw, limits):
    shortest, longest = limits
    transform = GeneralizedRCNNTransform(shortest, longest, [0.0] * 3, [1.0] * 3).eval()
    letterbox = Letterbox.corner(hw, shortest=shortest, longest=longest)
    # One pixel is spread over the sizes, so that large pictures cost nothing.
    picture = torch.zeros(3, 1, 1).expand(3, *hw)
    images, _ = transform([picture])
    assert images.image_sizes == [letterbox.resized_hw]
    assert images.tensors.shape[2:] == letterbox.input_hw
    corners = np.array([[0, 0, *letterbox.resized_hw[::-1]]], np.float32)
    np.testing.assert_allclose(letterbox.to_image(corners), [[0, 0, hw[1], hw[0]]], atol=1e-3)


@pytest.mark.parametrize(
    ("input_px", "cells", "stride"),
    [(640, 80, 8), (300, 38, 8), (300, 19, 16), (320, 3, 128), (320, 2, 256), (96, 7, 14)],
)
def test_strides_are_powers_of_two_where_they_can_be(input_px, cells, stride):
    assert nominal_stride(input_px, cells) == stride


def test_every_builder_is_known_by_its_family():
    assert len(builder_names()) == 12


def test_closing_twice_is_harmless():
    detector = open_random(SSD)
    detector.close()
    detector.close()
    with pytest.raises(DetectorError, match=f"{SSD} is closed"):
        detector.module  # noqa: B018 - the property itself raises
    with pytest.raises(DetectorError, match="is closed"):
        detector.forward(torch.zeros(1, 3, 320, 320))


def test_the_input_size_is_said():
    assert any("torchvision's own is --imgsz 1333" in note for note in open_random(DENSE).info.notes)
    assert any(note == "input always 320x320" for note in open_random(SSD).info.notes)
    assert any("320 by 640, torchvision's own" in note for note in open_random(SMALL_RCNN, imgsz=640).info.notes)
