"""Explanations against autograd through the whole network, by the published formula, and against answers known."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.detectors.conftest import save_lively
from tests.support.tiny import TinyDetector
from viewer.core import Boxes, Frame, Role, Stage, TapSettings, Thresholds
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.cam import CamQuestion, CamTarget, CamWork, Lost
from viewer.core.chase import Chase
from viewer.core.errors import InquiryError
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.pointed import pointed_at
from viewer.core.region import Region
from viewer.detectors import open_detector
from viewer.inference import TappedNetwork
from viewer.inference.entry import HostEntry
from viewer.inference.studies import explain as explain_module
from viewer.inference.studies.breaking import breakable
from viewer.inference.studies.explain import CamStudy

BEST = CamQuestion(CamTarget())
SIZE_HW = (64, 96)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def picture(index: int = 0, image_hw: tuple[int, int] = SIZE_HW) -> Frame:
    """Coarse noise, which a network makes more of than of fine."""
    rgb = np.random.default_rng(index).integers(0, 256, (image_hw[0] // 8, image_hw[1] // 8, 3), dtype=np.uint8)
    rgb = rgb.repeat(8, 0).repeat(8, 1)
    return Frame(rgb, index, index / 25, 0.0)


def lively(description: str, folder, **options):
    """A calibrated network, whose scores say something of the picture."""
    path = folder / "lively.pt"
    save_lively(description, path)
    detector = open_detector(str(path), device="cpu", imgsz=96, **options)
    head = detector.module.model[-1]
    for level in head.one2one_cv3 if head.end2end else head.cv3:
        level[-1].weight *= 0.2  # so that no score of a small picture is as good as 1, where nothing could raise it
    return detector


@pytest.fixture(scope="module")
def yolo(tmp_path_factory):
    detector = lively("yolo11n.yaml", tmp_path_factory.mktemp("yolo11"))
    yield detector
    detector.close()


def explain(detector, question, frames=(0,)):
    """The last frame's answer, and the detector alone again."""
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(cam=question))
    for index in frames:
        inference = network.infer(picture(index))
    hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in detector.module.modules())
    network.set_inquiry(NOTHING)
    fewer = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in detector.module.modules())
    assert fewer < hooks
    network._taps.close()
    assert inference.findings.refusals == ()
    return inference.findings.cam, inference


class Whole:
    """The whole network in autograd's hands, from the pixels on: what each stage returned, and the raw scores."""

    def __init__(self, detector, nodes):
        letterbox = detector.letterbox(SIZE_HW)
        entry = HostEntry(letterbox, detector.dtype)
        entry.load(picture().rgb)
        self.letterbox, self.made = letterbox, {}
        head = detector.module.model[-1]
        head.shape = None
        handles = [
            detector.module.get_submodule(node).register_forward_hook(
                lambda _m, _i, output, node=node: self.made.__setitem__(node, output)
            )
            for node in nodes
        ]
        with torch.enable_grad():
            outputs = detector.module(entry.images().clone().requires_grad_())
        for handle in handles:
            handle.remove()
        raw = outputs[-1]
        self.logits = raw.get("one2one" if head.end2end else "one2many", raw)["scores"][0]

    def cam(self, label, anchor, node, *, of_logit=False):
        """ReLU of the sum over channels of activation times positive gradient."""
        score = self.logits[label, anchor] if of_logit else self.logits[label, anchor].sigmoid()
        activation = self.made[node]
        (gradient,) = torch.autograd.grad(score, activation, retain_graph=True, allow_unused=True)
        if gradient is None:
            return torch.zeros(activation.shape[2:])
        return (gradient.clamp(min=0) * activation).sum(1)[0].clamp(min=0).detach()


def values(found) -> np.ndarray:
    """What the codes stand for."""
    return (found.codes.astype(np.float64) - 1) / 254 * found.limits[1]


def agree(found, expected) -> None:
    top = float(expected.max())
    assert found.limits == (0.0, pytest.approx(top, rel=1e-3))
    assert np.abs(values(found) - expected.numpy()).max() <= top * (0.5 / 254 + 1e-3)


@pytest.mark.parametrize("node", ["", "model.22", "model.10", "model.4"])
def test_one_box_is_explained_as_autograd_through_the_whole_network_does(yolo, node):
    nodes = ["model.4", "model.10", "model.16", "model.19", "model.22"]
    whole = Whole(yolo, nodes)
    flat = int(whole.logits.argmax())
    label, anchor = divmod(flat, whole.logits.shape[1])
    if node == "model.22" and anchor < 96 + 24:
        # A finer level is not made from the coarsest stage: its own stage is the nearest that is.
        node = "model.16" if anchor < 96 else "model.19"
    cam, inference = explain(yolo, replace(BEST, node=node))

    assert cam.map.stage.node == (node or {8: "model.16", 16: "model.19", 32: "model.22"}[cam.objects[0].stride])
    agree(cam.map, whole.cam(label, anchor, cam.map.stage.node))
    one, scores = cam.objects[0], whole.logits.detach().sigmoid()
    assert (one.label, one.score) == (label, pytest.approx(float(scores.max()), abs=1e-5))
    assert one.score == inference.candidates.scores[0]
    rows, columns = (size // one.stride for size in whole.letterbox.input_hw)
    before = sum(96 // 4**level for level in range({8: 0, 16: 1, 32: 2}[one.stride]))
    assert one.cell == divmod(anchor - before, columns)
    assert 0 <= one.cell[0] < rows
    of_cell = scores[:, anchor].topk(5)
    assert [number for number, _ in one.classes] == of_cell.indices.tolist()
    assert [score for _, score in one.classes] == pytest.approx(of_cell.values.tolist(), abs=1e-5)


@pytest.mark.parametrize("picked", [False, True])
def test_what_is_explained_at_a_place_is_the_candidate_that_the_place_means(yolo, picked):
    nodes = {8: "model.16", 16: "model.19", 32: "model.22"}
    network = TappedNetwork(yolo, TapSettings())
    best = network.infer(picture()).candidates
    place = next(row for row in range(1, len(best)) if best.labels[row] != best.labels[0])
    left, top, right, bottom = best.xyxy[place].tolist()
    x, y = (left + right) / 2, (top + bottom) / 2
    region = Region((x - 3, y - 3, x + 3, y + 3))
    network.set_inquiry(Inquiry(region=region))
    there = network.infer(picture()).findings.region
    kept = np.flatnonzero(there.rows >= 0)
    row = int(kept[-1]) if picked else pointed_at(region, there.boxes)
    label, stride = int(there.boxes.labels[row]), int(there.boxes.strides[row])
    target = CamTarget(label, region=region, stride=stride) if picked else CamTarget(region=region)
    network.set_inquiry(Inquiry(cam=CamQuestion(target)))
    inference = network.infer(picture())
    network.set_inquiry(NOTHING)
    network._taps.close()

    assert there.rows[row] > 0  # not the best of the frame, which is explained where nothing is pointed at
    cam = inference.findings.cam
    assert cam.objects[0].xyxy == pytest.approx(there.boxes.xyxy[row].tolist(), abs=0.5)
    assert (cam.objects[0].label, cam.objects[0].stride) == (label, stride)
    whole = Whole(yolo, list(nodes.values()))
    _rows, columns = (size // stride for size in whole.letterbox.input_hw)
    before = sum(96 // 4**level for level in range({8: 0, 16: 1, 32: 2}[stride]))
    anchor = before + int(there.cells[row][0]) * columns + int(there.cells[row][1])
    agree(cam.map, whole.cam(label, anchor, nodes[stride]))


def test_channels_and_their_evidence_are_sums_over_cells(yolo):
    cam, _ = explain(yolo, BEST)
    whole = Whole(yolo, [cam.map.stage.node])
    label, anchor = divmod(int(whole.logits.argmax()), whole.logits.shape[1])
    activation = whole.made[cam.map.stage.node]
    (gradient,) = torch.autograd.grad(whole.logits[label, anchor].sigmoid(), activation)
    sums = (gradient.clamp(min=0) * activation).sum((0, 2, 3)).detach()

    assert [number for number, _ in cam.channels] == sums.topk(8).indices.tolist()
    assert [value for _, value in cam.channels] == pytest.approx(sums.topk(8).values.tolist(), rel=1e-3)
    assert cam.evidence == pytest.approx(float(sums.clamp(min=0).sum()), rel=1e-3)
    reached = (gradient != 0).any(1)[0]
    assert cam.map.reach_hw == (_span(reached.any(1)), _span(reached.any(0)))
    assert max(cam.map.reach_hw) <= 5  # the head itself: two convolutions of 3x3


def _span(reached):
    places = reached.nonzero()[:, 0]
    return int(places[-1] - places[0]) + 1


@pytest.mark.parametrize("description", ["yolo11n.yaml", "yolov10n.yaml"])
def test_all_are_merged_as_ultralytics_merges_them(description, tmp_path):
    """Its formula, of ultralytics/utils/plotting.py 8.4, over autograd through the whole network."""
    detector = lively(description, tmp_path, end_to_end=description == "yolov10n.yaml")
    thresholds = Thresholds(conf=0.0, iou=0.3, max_det=6)
    cam, inference = explain(detector, CamQuestion(CamTarget(), merged=thresholds))
    inputs = ("model.16", "model.19", "model.22")
    whole = Whole(detector, inputs)
    merged = torch.zeros(whole.letterbox.input_hw)
    for one in cam.objects:
        label, anchor = _found_again(whole, one)
        for node in inputs:
            spread = nn.functional.interpolate(
                whole.cam(label, anchor, node, of_logit=True)[None, None],
                whole.letterbox.input_hw,
                mode="bilinear",
                align_corners=False,
            )[0, 0]
            merged = torch.maximum(merged, spread / spread.max().clamp(min=1e-7))
    detector.close()

    assert len(cam.objects) == 6
    assert cam.map.limits == (0.0, 1.0)
    assert cam.map.codes.shape == whole.letterbox.input_hw  # small enough to come as it is
    assert np.abs(values(cam.map) - merged.numpy()).max() <= 0.5 / 254 + 2e-3
    assert len(inference.candidates) > 6


def _found_again(whole, one):
    """Class and anchor of an object by its score, which no other has."""
    away = (whole.logits.detach()[one.label].sigmoid() - one.score).abs()
    assert away.sort().values[1] > 1e-5
    return one.label, int(away.argmin())


def test_where_thresholds_leave_nothing_the_best_is_explained(yolo):
    cam, _ = explain(yolo, CamQuestion(CamTarget(), merged=Thresholds(conf=1.0)))
    assert len(cam.objects) == 1
    assert cam.map is not None


def test_boxes_and_maps_are_the_same_while_something_is_explained(yolo):
    _, recorded = explain(yolo, BEST)
    network = TappedNetwork(yolo, TapSettings())
    plain = network.infer(picture())
    network._taps.close()

    np.testing.assert_allclose(recorded.candidates.xyxy, plain.candidates.xyxy, atol=1e-3)
    np.testing.assert_allclose(recorded.candidates.scores, plain.candidates.scores, atol=1e-5)
    for one, other in zip(recorded.taps, plain.taps, strict=True):
        assert np.abs(one.codes.astype(int) - other.codes).max() <= 1


def test_an_unknown_stage_is_refused_and_what_was_asked_stands(yolo):
    network = TappedNetwork(yolo, TapSettings())
    network.set_inquiry(Inquiry(cam=BEST))
    with pytest.raises(InquiryError, match="no stage 'P9'"):
        network.set_inquiry(Inquiry(cam=replace(BEST, node="P9")))
    assert network.infer(picture()).findings.cam.question == BEST
    network.set_inquiry(NOTHING)
    network._taps.close()


def test_a_score_that_nothing_could_raise_is_said_to_be_one():
    detector = ChangingDetector()
    detector.module.weights *= 1000
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(cam=BEST))
    (line,) = network.infer(picture(0, (64, 64))).findings.refusals
    network.close()
    assert "score is 1" in line


def test_a_stage_that_a_score_is_not_made_from_is_said_to_be_so(yolo):
    network = TappedNetwork(yolo, TapSettings())
    network.set_inquiry(Inquiry(cam=replace(BEST, node="model.23.cv2.0.2")))
    inference = network.infer(picture())
    network.set_inquiry(NOTHING)
    network._taps.close()
    assert inference.findings.cam is None
    (line,) = inference.findings.refusals
    assert line.startswith("no gradient leads from the scores of lively to model.23.cv2.0.2")
    assert inference.findings.no_gradient_at is None, "another object may be made from it"


# A network that is written down whole -------------------------------------------------------------------------------


class Changing(nn.Module):
    """A stage, something done to it in place, and a score a cell: sigmoid of the weighted sum of what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = nn.AvgPool2d(8)
        self.weights = torch.tensor([1.0, -2.0, 3.0])[:, None, None]
        self.kept = None

    def forward(self, images):
        if self.kept is None:
            self.kept = torch.ones(1) * 0.5  # made in whatever mode the first frame runs
        activation = self.stage(images)
        activation.mul_(2.0)  # in place, where a leaf of autograd may not be touched
        return ((activation * self.weights).sum(1) * self.kept).sigmoid()


class ChangingDetector(TinyDetector):
    decoded_by_numpy = False

    def __init__(self) -> None:
        super().__init__(size=64)
        self.module = Changing()
        self.stages = (Stage("stage", Role.NECK, 8, 3, (8, 8), name="P3", default=True),)
        self.info = replace(self.info, strides=(8,))

    def candidates(self, outputs):
        if self.decoded_by_numpy:
            outputs = torch.from_numpy(outputs.numpy())
        score, cell = outputs[0].flatten().topk(3)
        columns = outputs.shape[2]
        y, x = cell // columns * 8.0, cell % columns * 8.0
        return torch.stack((x, y, x + 8, y + 8, score, torch.zeros_like(x), torch.full_like(x, 8)), 1)


def test_a_map_is_what_can_be_worked_out_by_hand():
    detector = ChangingDetector()
    network = TappedNetwork(detector, TapSettings())
    frame = picture(image_hw=(64, 64))
    network.infer(frame)  # in inference mode, so that what it keeps has to be renewed
    network.set_inquiry(Inquiry(cam=BEST))
    inference = network.infer(frame)
    network.close()

    cam = inference.findings.cam
    means = (frame.rgb / np.float32(255)).reshape(8, 8, 8, 8, 3).mean((1, 3))
    scores = 1 / (1 + np.exp(-(means @ np.array([1.0, -2.0, 3.0]))))
    row, column = np.unravel_index(scores.argmax(), scores.shape)
    slope = scores.max() * (1 - scores.max())
    # Twice by what is done in place, half by what is kept; the channel that speaks against it does not count.
    expected = slope * (means[row, column] * [1.0, 0.0, 3.0]).sum()
    assert cam.map.limits[1] == pytest.approx(expected, rel=1e-4)
    assert np.argwhere(cam.map.codes > 1).tolist() == [[row, column]]
    assert cam.map.reach_hw == (1, 1)
    assert [number for number, _ in cam.channels] == [2, 0]
    assert cam.evidence == pytest.approx(expected, rel=1e-4)


def test_a_network_that_does_not_run_with_gradients_goes_on_without_them_and_says_so():
    detector = ChangingDetector()
    detector.decoded_by_numpy = True
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(cam=BEST))
    first, second = (network.infer(picture(index, (64, 64))) for index in range(2))
    network.close()

    for inference in (first, second):
        (line,) = inference.findings.refusals
        assert line.startswith("no gradient leads from the scores of tiny to P3: ")
        assert "numpy" in line
        assert inference.findings.no_gradient_at == ""
        assert len(inference.candidates) == 3
        assert len(inference.taps) == 1


def test_what_a_network_works_out_anew_before_it_is_altered_does_not_keep_it_from_being_explained():
    detector = ChangingDetector()
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(cam=BEST, alteration=Alteration((ChannelEdit("stage", 1),))))
    first, second = (network.infer(picture(index, (64, 64))) for index in range(2))
    network.close()

    for inference in (first, second):  # the frame as it is runs first, without gradients, and makes what is kept
        assert inference.findings.refusals == ()
        assert inference.findings.cam.map.limits[1] > 0


def test_a_network_that_overwrites_what_gradients_need_is_not_explained_and_runs_on():
    class Overwriting(Changing):
        def forward(self, images):
            return (self.stage(images) * self.weights).sum(1).sigmoid().mul_(0.5)

    detector = ChangingDetector()
    detector.module = Overwriting()
    network = TappedNetwork(detector, TapSettings())
    for question in (BEST, replace(BEST, merged=Thresholds(conf=0.0))):
        network.set_inquiry(Inquiry(cam=question))
        inference = network.infer(picture(0, (64, 64)))
        (line,) = inference.findings.refusals
        assert "modified by an inplace operation" in line
        assert len(line.splitlines()) == 1
        assert len(inference.candidates) == 3
    network.close()


def test_a_decoding_without_gradients_is_said_to_be_one(monkeypatch):
    detector = ChangingDetector()
    with_gradients = detector.candidates
    monkeypatch.setattr(detector, "candidates", lambda outputs: with_gradients(outputs.detach()))
    network = TappedNetwork(detector, TapSettings())
    network.set_inquiry(Inquiry(cam=BEST))
    for node in ("", "stage"):
        network.set_inquiry(Inquiry(cam=replace(BEST, node=node)))
        findings = network.infer(picture(0, (64, 64))).findings
        (line,) = findings.refusals
        assert "does not keep them (detach" in line
        assert findings.no_gradient_at == node
    network.close()


# Following an object ------------------------------------------------------------------------------------------------


def boxes(*rows) -> Boxes:
    """Candidates of (left, score, label), 100 px wide and 50 high."""
    ordered = sorted(rows, key=lambda row: -row[1])
    return Boxes(
        np.array([[x, 10, x + 100, 60] for x, _, _ in ordered], np.float32).reshape(-1, 4),
        np.array([score for _, score, _ in ordered], np.float32),
        np.array([label for *_, label in ordered], np.int32),
        np.zeros(len(ordered), np.int32),
    )


TARGET = CamTarget(1, (100.0, 10.0, 200.0, 60.0))


def test_an_object_is_followed_by_class_and_overlap():
    chase = Chase(TARGET)
    assert chase.row(boxes((110, 0.6, 1), (112, 0.9, 0), (300, 0.95, 1)), 0.0) == 2
    assert chase.row(boxes((140, 0.5, 1), (300, 0.9, 1)), 0.04) == 1
    # Had it stayed where it was chosen, it would not overlap it any more.
    assert chase.row(boxes((185, 0.5, 1)), 0.08) == 0


def test_of_the_candidates_of_one_object_the_one_that_suppression_keeps_is_meant():
    chase = Chase(TARGET)
    assert chase.row(boxes((100, 0.5, 1), (108, 0.6, 1), (104, 0.55, 1)), 0.0) == 0
    # A neighbour that scores more, half covered, is another object.
    assert Chase(TARGET).row(boxes((100, 0.5, 1), (150, 0.8, 1)), 0.0) == 1


def test_a_neighbour_of_its_class_that_scores_more_is_not_taken_for_what_was_chosen():
    chase = Chase(TARGET)
    for step in range(5):  # both move on side by side
        crowd = boxes((100 + 10 * step, 0.35, 1), (140 + 10 * step, 0.95, 1))
        assert chase.row(crowd, 0.04 * step) == 1
    # One that is under the threshold is meant as well, if it was chosen.
    assert Chase(replace(TARGET, sure_score=0.5)).row(boxes((100, 0.3, 1), (130, 0.95, 1)), 0.0) == 1


def test_where_it_was_a_candidate_that_says_little_does_not_hold_an_object_that_moved():
    chase = Chase(TARGET)
    assert chase.row(boxes((100, 0.9, 1)), 0.0) == 0
    assert chase.row(boxes((130, 0.8, 1), (100, 0.02, 1)), 0.04) == 0


def test_a_lost_object_is_looked_for_where_it_was_and_told_when_it_is_too_late():
    chase = Chase(TARGET)
    assert chase.row(boxes((100, 0.9, 1)), 0.0) == 0
    assert chase.row(boxes((100, 0.9, 0), (100, 0.005, 1)), 0.04) is Lost.NOWHERE
    assert chase.row(boxes((145, 0.9, 1)), 0.08) is Lost.NOWHERE  # 0.38 of overlap is little after a gap
    assert chase.row(boxes((120, 0.9, 1)), 0.12) == 0
    assert chase.row(boxes((120, 0.9, 1)), 2.2) is Lost.FAR
    assert chase.row(boxes((120, 0.9, 1)), 0.2) == 0


def test_a_place_is_no_object_that_is_followed_but_looked_at_in_each_frame():
    place = Region((90.0, 0.0, 210.0, 70.0))
    chase = Chase(CamTarget(region=place))
    assert chase.row(boxes((100, 0.5, 1), (400, 0.9, 1)), 0.0) == 1
    assert chase.row(boxes((100, 0.005, 1), (300, 0.9, 1)), 9.0) == 1
    assert chase.row(boxes((300, 0.9, 1)), 9.1) is Lost.NONE
    wanted = Chase(CamTarget(2, region=place, stride=0))
    assert wanted.row(boxes((100, 0.5, 1), (110, 0.1, 2)), 0.0) == 1


def test_any_candidate_can_be_meant():
    some = boxes((0, 0.9, 0), (100, 0.004, 1), (300, 0.3, 2))
    assert Chase(CamTarget()).row(some, 0.0) == 0
    assert Chase(CamTarget(label=1)).row(some, 0.0) == 2
    assert Chase(CamTarget(label=1, least_score=0.01)).row(some, 0.0) is Lost.NONE
    assert Chase(replace(TARGET, label=None)).row(some, 0.0) is Lost.NOWHERE
    assert Chase(replace(TARGET, least_score=0.5)).row(boxes((100, 0.4, 1)), 0.0) is Lost.NOWHERE
    assert Chase(CamTarget()).row(Boxes.empty(), 0.0) is Lost.NONE


# Many at once -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("description", ["yolo11n.yaml", "yolov8n.yaml", "yolo26n.yaml"])
def test_windows_around_the_cells_tell_what_a_way_back_for_each_tells(description, tmp_path, monkeypatch):
    """At the borders too, where windows end with the map."""
    detector = lively(description, tmp_path)
    question = CamQuestion(CamTarget(), merged=Thresholds())
    monkeypatch.setattr(CamStudy, "_chosen", lambda *_: np.arange(16))
    taken = []
    apart = CamStudy._apart
    monkeypatch.setattr(CamStudy, "_apart", lambda *given: (taken.append(apart(*given)), taken[-1])[1])
    quick, _ = explain(detector, question)
    assert taken[0] is not None
    monkeypatch.setattr(CamStudy, "_apart", lambda *_: None)
    slow, _ = explain(detector, question)
    detector.close()

    assert len(quick.objects) == len(slow.objects) == 16
    assert np.abs(quick.map.codes.astype(int) - slow.map.codes).max() <= 1


def test_a_branch_that_is_not_what_makes_the_scores_is_not_believed(yolo):
    network = TappedNetwork(yolo, TapSettings())
    head = yolo.module.model[-1]
    handle = head.cv3[0].register_forward_hook(lambda _m, _i, output: output + 0.5 if output.shape[0] == 1 else output)
    network.set_inquiry(Inquiry(cam=CamQuestion(CamTarget(), merged=Thresholds(conf=0.0, iou=1.0, max_det=16))))
    cam = network.infer(picture()).findings.cam
    handle.remove()
    network.set_inquiry(NOTHING)
    network._taps.close()
    assert any(one.stride == 8 for one in cam.objects)
    assert cam.map.codes.max() > 200  # each went its own way


def test_a_way_back_for_each_tells_how_far_it_is_and_ends_when_something_else_is_wanted(monkeypatch):
    question = CamQuestion(CamTarget(), merged=Thresholds(conf=0.0, iou=1.0))
    network = TappedNetwork(ChangingDetector(), TapSettings())
    network.set_inquiry(Inquiry(cam=question))
    told, wanted, cells_of = [], [question, None], explain_module.cells_of

    def watched(*given):
        told.append(network.explaining)
        if wanted:
            network.expect(Inquiry(cam=wanted.pop(0)))
        return cells_of(*given)

    monkeypatch.setattr(explain_module, "cells_of", watched)
    cam = network.infer(picture(0, (64, 64))).findings.cam
    assert told == [CamWork(0, 3), CamWork(1, 3)], "the third is not begun"
    assert (cam.lost, cam.map, network.explaining) == (Lost.OVERTAKEN, None, None)

    network.expect(Inquiry(cam=question))
    assert len(network.infer(picture(1, (64, 64))).findings.cam.objects) == 3
    assert len(told) == 5
    network.close()


def deep(steps: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """What enters a chain of operations, and a score at its end."""
    first = torch.ones(3, requires_grad=True)
    last = first
    for _ in range(steps):
        last = last.sin()
    return first, last.sum()


def test_a_way_back_asks_before_each_step_and_ends_where_it_is_told():
    first, score = deep()
    asked = []

    def go_on() -> None:
        asked.append(len(asked))
        if len(asked) == 3:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"), breakable(score, go_on):
        torch.autograd.grad(score, first, retain_graph=True)
    assert asked == [0, 1, 2]
    (again,) = torch.autograd.grad(score, first)
    assert asked == [0, 1, 2], "no hook is left"
    assert bool(again.isfinite().all())


@pytest.fixture
def rcnn():
    torch.manual_seed(0)
    name = "torchvision:fasterrcnn_mobilenet_v3_large_320_fpn"
    detector = open_detector(name, device="cpu", weights="random", imgsz=192)
    yield detector
    detector.close()


@pytest.mark.parametrize("kind", ["yolo", "rcnn"])
def test_a_single_explanation_ends_within_its_way_back_when_something_else_is_wanted(monkeypatch, request, kind):
    network = TappedNetwork(request.getfixturevalue(kind), TapSettings())
    network.set_inquiry(Inquiry(cam=BEST))
    steps = []
    go_on = CamStudy._go_on

    def watched(study: CamStudy) -> None:
        steps.append(None)
        if len(steps) == 4:
            network.expect(Inquiry(cam=CamQuestion(CamTarget(1))))
        go_on(study)

    monkeypatch.setattr(CamStudy, "_go_on", watched)
    cam = network.infer(picture()).findings.cam
    assert (cam.lost, cam.map, len(steps)) == (Lost.OVERTAKEN, None, 4)
    network.expect(Inquiry(cam=BEST))
    assert network.infer(picture()).findings.cam.map is not None
    network.set_inquiry(NOTHING)
    network._taps.close()
