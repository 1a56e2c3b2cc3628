"""Stages carry the role, stride and name a user expects, and looking for them leaves no hook behind."""

import pytest
import torch
from torch import nn

from viewer.core import Role, find_stages
from viewer.detectors import find_maps, open_detector


def count_hooks(module):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def named(detector):
    return {stage.name: (stage.node, stage.role, stage.stride) for stage in detector.stages if stage.name}


def test_defaults_of_yolo11():
    detector = open_detector("yolo11n.yaml", device="cpu")
    assert named(detector) == {
        "C3": ("model.4", Role.BACKBONE, 8),
        "C4": ("model.6", Role.BACKBONE, 16),
        "C5": ("model.10", Role.BACKBONE, 32),
        "P3": ("model.16", Role.NECK, 8),
        "P4": ("model.19", Role.NECK, 16),
        "P5": ("model.22", Role.NECK, 32),
        "A5": ("model.10.m.0.attn.attention", Role.BACKBONE, 32),
    }
    assert {s.name for s in detector.stages if s.default} == {"C3", "C4", "C5", "P3", "P4", "P5"}
    assert [s.node for s in detector.stages if s.role is Role.HEAD] == [
        *(f"model.23.cv2.{level}.2" for level in range(3)),
        *(f"model.23.cv3.{level}.2" for level in range(3)),
    ]
    p4 = next(s for s in detector.stages if s.name == "P4")
    assert (p4.map_hw, p4.channels, p4.kind) == ((24, 40), 128, "C3k2")
    assert all(0 < s.share < 1 for s in detector.stages)


@pytest.mark.parametrize(
    ("description", "names"),
    [
        ("yolov8n-p2.yaml", ["C3", "C4", "C5", "P2", "P3", "P4", "P5"]),
        ("yolo26n-p6.yaml", ["A6", "C3", "C4", "C5", "P3", "P4", "P5", "P6"]),
        ("yolov3-tiny.yaml", ["C3", "C4", "C5", "P4", "P5"]),
    ],
)
def test_names_follow_the_levels(description, names):
    detector = open_detector(description, device="cpu", imgsz=320)
    assert sorted(named(detector)) == names
    assert detector.letterbox((720, 1280)).input_hw[0] % max(detector.info.strides) == 0


def test_a_backbone_block_that_enters_the_head_is_named_once(checkpoint):
    detector = open_detector(str(checkpoint("rtdetr-small.yaml")), device="cpu", imgsz=160)
    assert named(detector) == {
        "P3": ("model.2", Role.BACKBONE, 8),
        "P4": ("model.9", Role.NECK, 16),
        "P5": ("model.6", Role.NECK, 32),
        "C4": ("model.3", Role.BACKBONE, 16),
        "C5": ("model.4", Role.BACKBONE, 32),
        "A5": ("model.5.attention", Role.NECK, 32),
    }


def test_the_last_part_of_a_block_is_another_name_of_it():
    detector = open_detector("yolo11n.yaml", device="cpu", imgsz=96)
    stages = {stage.node: stage for stage in detector.stages}
    assert find_stages(["model.4.cv2", "model.23.cv2.0"], detector.stages, model="yolo11n") == (
        stages["model.4"],
        stages["model.23.cv2.0.2"],
    )
    assert count_hooks(detector.module) == 0


def test_maps_that_cannot_be_drawn_in_place_are_no_stages():
    detector = open_detector("yolov3-tiny.yaml", device="cpu", imgsz=320)
    assert "ZeroPad2d" in {type(block).__name__ for block in detector.module.model}
    assert "ZeroPad2d" not in {stage.kind for stage in detector.stages}


def test_a_head_without_a_one_to_one_branch_says_so():
    detector = open_detector("yolo11n.yaml", device="cpu", imgsz=64, end_to_end=True)
    assert "no one-to-one branch: suppression is used" in detector.info.notes


@pytest.mark.slow
@pytest.mark.parametrize(
    "description",
    [
        *(
            "yolov3.yaml",
            "yolov3-spp.yaml",
            "yolov5n-p6.yaml",
            "yolov6n.yaml",
            "yolov8n-ghost.yaml",
            "yolov8n-pose-p6.yaml",
        ),
        *("yolov8n-rtdetr.yaml", "yolov9c-seg.yaml", "yolov9e.yaml", "yolov10b.yaml", "yolo12n-obb.yaml"),
        *("yolo26n-p2.yaml", "yolo26n-seg.yaml", "yolo26n-pose.yaml", "rtdetr-l.yaml", "rtdetr-resnet50.yaml"),
    ],
)
def test_every_family_opens_with_its_levels(description):
    detector = open_detector(description, device="cpu", imgsz=128)
    levels = {f"P{stride.bit_length() - 1}": stride for stride in detector.info.strides}
    found = {stage.name: stage.stride for stage in detector.stages if stage.default}
    assert found == {"C3": 8, "C4": 16, "C5": 32} | levels
    assert len(detector.candidates(detector.forward(torch.zeros(1, 3, 128, 128)))) in (300, 1024)


class Shared(nn.Module):
    """One convolution that runs twice, a tuple output and an in-place activation."""

    def __init__(self):
        super().__init__()
        self.twice = nn.Conv2d(3, 3, 3, padding=1)
        self.pair = Pair()
        self.flat = nn.Flatten()

    def forward(self, x):
        y = self.twice(nn.functional.max_pool2d(self.twice(x), 2))
        return self.flat(self.pair(y)[0])


class Pair(nn.Module):
    def forward(self, x):
        return x, x


def test_a_module_called_twice_is_two_maps():
    module = Shared().eval()
    with torch.inference_mode():
        found = find_maps(dict(module.named_modules()), lambda: module(torch.zeros(1, 3, 8, 12)))
    assert [(one.node, one.kind, one.channels, one.map_hw) for one in found] == [
        ("twice", "Conv2d", 3, (8, 12)),
        ("twice@2", "Conv2d", 3, (4, 6)),
    ]
    assert count_hooks(module) == 0


def test_a_module_under_two_paths_is_found_once():
    conv = nn.Conv2d(3, 2, 1)
    found = find_maps({"a": conv, "b": conv}, lambda: conv(torch.zeros(1, 3, 4, 4)))
    assert [one.node for one in found] == ["a"]


@pytest.mark.parametrize("failing_run", [1, 2, 3])
def test_no_hook_is_left_when_the_network_fails(failing_run):
    module, runs = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU()), []

    def run():
        runs.append(module(torch.zeros(1, 3, 4, 4)))
        if len(runs) == failing_run:
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        find_maps(dict(module.named_children()), run)
    assert count_hooks(module) == 0


def test_at_least_one_timed_run():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        find_maps({}, lambda: None, repeats=0)
