"""What every detector owes its users, whoever made the network. A new adapter is one more entry in `CASES`."""

import contextlib
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.contracts.detectors import CASES
from tests.detectors.conftest import real_frames
from tests.support.variants import variants
from viewer.core import Letterbox, Suppression, Thresholds, suppress
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.errors import DetectorError, DeviceError, ViewerError
from viewer.core.frame import Frame
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.protocols import ScoringDetector
from viewer.core.tapping import Limits, LimitsMode, TapSettings
from viewer.inference import TappedNetwork
from viewer.inference.studies.altering import AlteringStudy
from viewer.render.letterbox import letterbox_image

SOURCE_HW, SQUARE_HW = (540, 960), (960, 960)
PATCH_PX = 90


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# One of each kind of head and of each way to open a network is asked everything in every run.
_QUICK = ["yolo11", "segment", "rt-detr", "faster r-cnn", "onnx", "program", "own file"]


@pytest.fixture(scope="module", params=variants(CASES, quick=_QUICK))
def case(request):
    return CASES[request.param]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("detectors")


@pytest.fixture(scope="module")
def detector(case, folder):
    detector = case.open(folder)
    yield detector
    detector.close()


@pytest.fixture
def fresh(case, folder):
    """One to close, or to open in another way."""
    opened = []

    def make(**options):
        opened.append(case.open(folder, **options))
        return opened[-1]

    yield make
    for detector in opened:
        detector.close()


def run(detector, hw, seed=0):
    images = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(seed)).to(detector.device, detector.dtype)
    return detector.candidates(detector.forward(images))


def load(detector, rgb):
    """A picture as model input, letterboxed on the host."""
    letterbox = detector.letterbox(rgb.shape[:2])
    pixels = torch.from_numpy(letterbox_image(rgb, letterbox)).permute(2, 0, 1)[None]
    return pixels.to(detector.dtype) / 255, letterbox


def hooks_of(module):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def frame_of(rgb, index=0):
    return Frame(np.ascontiguousarray(rgb), index, index / 25, 0.0)


def sizes_of(case, detector):
    square = detector.letterbox((64, 64)).input_hw
    return [square, (96, 160), (160, 64)] if case.free else [square]


# What it says of itself ----------------------------------------------------------------------------------------------


def test_info_is_filled(case, detector):
    info = detector.info
    assert info.name
    assert info.architecture
    assert len(info.names) == case.classes
    assert info.parameters == sum(p.numel() for p in detector.module.parameters()) > 0
    assert info.strides == case.strides
    assert (info.device, info.precision) == ("cpu", "fp32")
    assert any(case.note in note for note in info.notes)
    assert (detector.device, detector.dtype) == (torch.device("cpu"), torch.float32)


def test_whether_another_size_can_be_asked_for_is_said(case, detector, fresh):
    half = fresh(imgsz=case.imgsz // 2)
    is_same = half.letterbox((64, 64)).input_hw == detector.letterbox((64, 64)).input_hw
    assert half.info.has_fixed_input == detector.info.has_fixed_input == is_same


def test_the_module_is_ready_to_be_driven(detector):
    assert not any(module.training for module in detector.module.modules())
    assert not any(p.requires_grad for p in detector.module.parameters())
    assert hooks_of(detector.module) == 0


# Stages --------------------------------------------------------------------------------------------------------------


def test_stages_are_modules_of_the_network(detector):
    paths = dict(detector.module.named_modules())
    assert {stage.node.partition("@")[0] for stage in detector.stages} <= set(paths)
    assert len({stage.node for stage in detector.stages}) == len(detector.stages)
    assert any(stage.default for stage in detector.stages)
    titles = [stage.name for stage in detector.stages if stage.name]
    assert len(set(titles)) == len(titles)


def activations(detector, images):
    """What every stage makes of some input, by node: each call of a module counted as the taps count it."""
    modules, counts, seen = dict(detector.module.named_modules()), Counter(), {}

    def watch(path):
        def hook(_module, _inputs, output):
            counts[path] += 1
            # Copied at once: an operation in place may follow.
            seen[path if counts[path] == 1 else f"{path}@{counts[path]}"] = output.clone()

        return modules[path].register_forward_hook(hook)

    handles = [watch(path) for path in dict.fromkeys(stage.node.partition("@")[0] for stage in detector.stages)]
    with torch.inference_mode():
        detector.candidates(detector.forward(images))
    for handle in handles:
        handle.remove()
    return seen


def test_stage_strides_hold_at_any_size(case, detector):
    for hw in sizes_of(case, detector):
        seen = activations(detector, torch.zeros(1, 3, *hw, dtype=detector.dtype))
        for stage in detector.stages:
            assert seen[stage.node].shape == (1, stage.channels, -(-hw[0] // stage.stride), -(-hw[1] // stage.stride))


def patched(x, y, image_hw):
    """A dark picture with a bright patch whose middle is (x, y)."""
    rgb = np.full((*image_hw, 3), 20, np.uint8)
    half = PATCH_PX // 2
    rgb[y - half : y + half, x - half : x + half] = 250
    return rgb


def changes(detector, rgb):
    """What a picture changes on every stage that is tapped by default, against an evenly dark one."""
    dark, _ = load(detector, np.full_like(rgb, 20))
    images, letterbox = load(detector, rgb)
    without, with_it = activations(detector, dark), activations(detector, images)
    return {s: (with_it[s.node] - without[s.node])[0] for s in detector.stages if s.default}, letterbox


def best_shift(before, after, axis):
    """By how many cells a map has to move along an axis to look most like another."""
    length = before.shape[axis]
    likeness = []
    for cells in range(length - 1):
        a, b = before.narrow(axis, 0, length - cells), after.narrow(axis, cells, length - cells)
        likeness.append(float((a * b).sum() / (a.norm() * b.norm() + 1e-9)))
    return int(np.argmax(likeness))


@pytest.mark.parametrize("axis", ["down", "right"])
def test_every_tapped_stage_follows_a_bright_patch_by_its_stride(detector, axis):
    down = axis == "down"
    step = 2 * max(stage.stride for stage in detector.stages if stage.default)  # input pixels, whole cells everywhere
    step_px = round(step / detector.letterbox(SQUARE_HW).scale_xy[0])
    start = (300, 300)
    moved = (300, 300 + step_px) if down else (300 + step_px, 300)
    before, after = (changes(detector, patched(*centre, SQUARE_HW))[0] for centre in (start, moved))
    for stage in before:
        assert best_shift(before[stage], after[stage], 1 if down else 2) == step // stage.stride, stage


@pytest.mark.parametrize("centre", [(200, 160), (480, 270), (760, 400)])
def test_a_bright_patch_lies_under_what_it_makes(detector, centre):
    # The finest stage, whose cells see little beside them; how the coarser ones move is tested above.
    seen, letterbox = changes(detector, patched(*centre, SOURCE_HW))
    stage, change = min(seen.items(), key=lambda item: item[0].stride)
    weight = change.abs().mean(0) ** 4
    rows, columns = (torch.arange(length) + 0.5 for length in weight.shape)
    y = float((weight.sum(1) * rows).sum() / weight.sum()) * stage.stride
    x = float((weight.sum(0) * columns).sum() / weight.sum()) * stage.stride
    found = letterbox.to_image(np.array([[x, y, x, y]], np.float32))[0, :2]
    assert np.abs(found - centre).max() <= PATCH_PX


# Pictures in, boxes out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("image_hw", [(540, 960), (960, 540), (61, 90), (1, 400), (64, 64)])
def test_letterbox_there_and_back(detector, image_hw):
    letterbox = detector.letterbox(image_hw)
    assert isinstance(letterbox, Letterbox)
    assert letterbox.image_hw == image_hw
    height, width = image_hw
    boxes = np.array([[0, 0, width, height], [width / 4, height / 8, width / 2, height / 3]], np.float32)
    inside = letterbox.to_input(boxes)
    assert (inside >= -1e-3).all()
    assert (inside[:, 2:] <= np.array(letterbox.input_hw[::-1]) + 1e-3).all()
    np.testing.assert_allclose(letterbox.to_image(inside, clip=False), boxes, atol=1e-2)


def test_candidates_keep_their_shape_and_order(case, detector):
    columns = 8 if detector.info.suppression is Suppression.ROTATED else 7
    shapes = set()
    for hw in sizes_of(case, detector):
        rows = run(detector, hw)[:, :columns]
        scores = rows[:, 4]
        assert rows.dtype == torch.float32
        assert torch.isfinite(rows).all()
        assert (scores[:-1] >= scores[1:]).all()
        assert ((scores >= 0) & (scores <= 1)).all()
        real = rows[scores > 0]
        assert set(real[:, 6].tolist()) <= {0.0, *map(float, case.strides)}
        assert ((real[:, 5] >= 0) & (real[:, 5] < (case.classes or 80))).all()
        shapes.add(tuple(rows.shape))
    assert shapes == {(len(rows), columns)}


def test_each_candidate_is_a_cell_of_the_head_that_says_so(case, detector):
    assert isinstance(detector, ScoringDetector)
    assert detector.scoring_head == case.cells
    for hw in sizes_of(case, detector)[:2]:
        images = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(1))
        outputs = detector.forward(images)
        rows, levels = detector.candidates(outputs), detector.dense_scores(outputs)
        if not case.cells:
            assert levels == ()
            continue
        assert [level.stride for level in levels] == list(case.strides)
        for level in levels:
            anchors, classes, *map_hw = level.scores.shape
            assert map_hw == [-(-side // level.stride) for side in hw]
            assert level.boxes.shape[:3] == (anchors, *map_hw)
            assert classes == (case.classes or classes)
            _same_numbers(level, rows[(rows[:, 6] == level.stride) & (rows[:, 4] > 0)][:20])
        best = max(float(level.scores.max()) for level in levels)
        assert best == pytest.approx(float(rows[0, 4]), abs=1e-5)


def _same_numbers(level, rows):
    """Whether each row has a cell of the level with its box, and its score for its class."""
    boxes, scores = level.boxes.flatten(0, 2), level.scores.movedim(1, 0).flatten(1)
    columns = [0, 1, 2, 3, 7] if boxes.shape[1] == 5 else [0, 1, 2, 3]
    for row in rows:
        apart = (boxes - row[columns]).abs().amax(1) + 100 * (scores[int(row[5])] - row[4]).abs()
        assert float(apart.min()) < 0.01


def test_the_same_input_gives_the_same_rows(case, detector):
    hw = sizes_of(case, detector)[0]
    assert torch.equal(run(detector, hw, seed=3), run(detector, hw, seed=3))


def test_rows_become_boxes_without_fill(case, detector):
    letterbox = detector.letterbox((90, 160))
    longer = max(letterbox.input_hw)
    assert longer == case.imgsz or (longer < case.imgsz and not case.fills)
    rows = run(detector, letterbox.input_hw).numpy().copy()
    rows[3:, 4] = 0
    boxes = detector.read_candidates(rows, letterbox)
    assert len(boxes) == 3
    rows[:] = -1  # the buffer is reused for the next frame
    assert (boxes.scores > 0).all()
    assert boxes.labels.dtype == boxes.strides.dtype == np.int32
    assert (boxes.xywhr is not None) == (detector.info.suppression is Suppression.ROTATED)


def test_detections_are_those_of_the_framework_itself(case, detector, folder):
    thresholds, total = case.thresholds(detector), 0
    for rgb in case.pictures(detector):
        images, letterbox = load(detector, rgb)
        rows = detector.candidates(detector.forward(images)).numpy()
        candidates = detector.read_candidates(rows, letterbox)
        # Frameworks keep boxes that cover nothing of the picture, of which random weights make many.
        found = suppress(candidates, thresholds, detector.info.suppression).clipped(rgb.shape[:2])
        xyxy, scores, labels = case.own(folder, rgb)
        assert len(found) == len(scores)
        np.testing.assert_allclose(found.scores, np.sort(scores)[::-1], atol=2e-3)
        for box, score, label in zip(xyxy, scores, labels, strict=True):
            apart = np.abs(found.xyxy - box).max(1) + 1e6 * (found.labels != label)
            nearest = int(apart.argmin())
            assert apart[nearest] <= case.boxes_px
            assert abs(found.scores[nearest] - score) < 2e-3 or np.sum(apart <= case.boxes_px) > 1
        total += len(scores)
    assert total >= 3


# Taps ----------------------------------------------------------------------------------------------------------------


def all_stages(detector, **options):
    nodes = tuple(stage.node for stage in detector.stages)
    return TapSettings(nodes, limits=Limits(LimitsMode.FRAME), **options)


def test_every_stage_can_be_tapped_and_fires_once_a_frame_a_call(fresh):
    detector = fresh()
    network = TappedNetwork(detector, all_stages(detector))
    calls, handles = Counter(), []
    for path in {stage.node.partition("@")[0] for stage in detector.stages}:
        module = detector.module.get_submodule(path)
        handles.append(module.register_forward_hook(lambda _m, _i, _o, path=path: calls.update([path])))
    expected = Counter(stage.node.partition("@")[0] for stage in detector.stages)
    rgb = real_frames()["landscape"]
    for index in range(3):
        calls.clear()
        taps = network.infer(frame_of(rgb, index)).taps
        assert [tap.stage for tap in taps] == list(detector.stages)
        assert all(tap.nonfinite == 0 for tap in taps)
        assert {path: calls[path] >= count for path, count in expected.items()} == dict.fromkeys(expected, True)
        single = [path for path in expected if not any(s.node.startswith(path + "@") for s in detector.stages)]
        assert {calls[path] for path in single} == {1}
    for handle in handles:
        handle.remove()
    network.close()


def test_no_hook_is_left_after_closing(fresh):
    detector = fresh()
    module = detector.module
    network = TappedNetwork(detector, all_stages(detector))
    network.infer(frame_of(real_frames()["small"]))
    assert hooks_of(module) > 0
    network.close()
    network.close()
    assert hooks_of(module) == 0


def test_tapping_changes_no_detection(fresh):
    rgb, boxes = real_frames()["landscape"], []
    for nodes in ((), None):
        network = TappedNetwork(fresh(), TapSettings(nodes))
        boxes.append(network.infer(frame_of(rgb)).candidates)
        network.close()
    assert np.array_equal(boxes[0].xyxy, boxes[1].xyxy)
    assert np.array_equal(boxes[0].scores, boxes[1].scores)


@pytest.mark.parametrize("moment", ["first", "middle", "last"])
def test_closing_during_a_frame_leaves_nothing_behind(fresh, moment):
    detector = fresh()
    module = detector.module
    network = TappedNetwork(detector, all_stages(detector))
    stages = detector.stages
    stage = {"first": stages[0], "middle": stages[len(stages) // 2], "last": stages[-1]}[moment]
    closed = threading.Event()

    def close_elsewhere(*_):
        if not closed.is_set():
            closed.set()
            closer = threading.Thread(target=network.close)
            closer.start()
            closer.join(10)

    handle = module.get_submodule(stage.node.partition("@")[0]).register_forward_hook(close_elsewhere)
    try:
        # The frame may still come out whole; the next one must be refused.
        with contextlib.suppress(ViewerError):
            network.infer(frame_of(real_frames()["landscape"]))
        with pytest.raises(ViewerError, match="is closed"):
            network.infer(frame_of(real_frames()["landscape"], 1))
    finally:
        handle.remove()
    assert closed.is_set()
    assert hooks_of(module) == 0


# Precision and end ---------------------------------------------------------------------------------------------------


def test_bfloat16(case, detector, fresh):
    if not case.bf16:
        with pytest.raises(DeviceError, match="leave out --bf16"):
            fresh(precision="bf16")
        return
    rounded = fresh(precision="bf16")
    assert rounded.info.precision == "bf16"
    assert rounded.dtype == torch.bfloat16
    # The numbers 0 to 15 with which a YOLO head makes distances of likelihoods are no weights: boxes are made wide.
    weights = [weight for name, weight in rounded.module.named_parameters() if ".dfl." not in name]
    assert {weight.dtype for weight in weights} == {torch.bfloat16}
    images, _ = load(detector, real_frames()["landscape"])
    exact = detector.candidates(detector.forward(images))
    rows = rounded.candidates(rounded.forward(images.to(torch.bfloat16)))
    assert rows.dtype == torch.float32
    assert rows.shape == exact.shape
    assert torch.isfinite(rows).all()
    torch.testing.assert_close(rows[0, 4], exact[0, 4], atol=0.15, rtol=0)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_16_bit_floats_on_a_gpu(detector, fresh, precision):
    rounded = fresh(device="cuda", precision=precision)
    assert rounded.info.precision == precision
    images, _ = load(detector, real_frames()["landscape"])
    exact = detector.candidates(detector.forward(images))
    rows = rounded.candidates(rounded.forward(images.to(rounded.device, rounded.dtype)))
    assert rows.device.type == "cuda"
    assert rows.dtype == torch.float32
    assert torch.isfinite(rows).all()
    torch.testing.assert_close(rows[0, 4].cpu(), exact[0, 4], atol=0.15, rtol=0)


def test_closing_twice_is_harmless(fresh):
    detector = fresh()
    name = detector.info.name
    detector.close()
    detector.close()
    assert detector.info.name == name
    with pytest.raises(DetectorError, match="is closed"):
        detector.module  # noqa: B018 - the property itself raises


def test_what_it_finds_is_explained_in_the_same_forward(case, detector):
    frame = frame_of(case.pictures(detector)[0])
    network = TappedNetwork(detector, TapSettings(nodes=()))
    plain, hooks = network.infer(frame).candidates, hooks_of(detector.module)
    deep = next(stage.node for stage in detector.stages if stage.default)
    for question in (
        CamQuestion(CamTarget()),
        CamQuestion(CamTarget(), deep),
        CamQuestion(CamTarget(), merged=Thresholds(max_det=2)),
    ):
        network.set_inquiry(Inquiry(cam=question))
        inference = network.infer(frame)
        assert inference.findings.refusals == ()
        cam = inference.findings.cam
        assert cam.map.limits[1] > 0
        assert cam.map.codes.max() > 200  # merged maps come averaged, and lose a little of their peaks
        assert cam.objects[0].score == pytest.approx(plain.scores[0], abs=1e-4)
        assert question.merged is not None or cam.channels[0][1] > 0
    network.set_inquiry(NOTHING)
    assert hooks_of(detector.module) == hooks


# Altering ------------------------------------------------------------------------------------------------------------


def test_a_channel_of_a_default_stage_can_be_changed_for_as_long_as_that_is_asked(detector):
    stages = [stage for stage in detector.stages if stage.default]
    stage = stages[len(stages) // 2]
    images, _ = load(detector, real_frames()["landscape"])
    study = AlteringStudy(detector)
    before = detector.candidates(detector.forward(images)).clone()
    edits = tuple(ChannelEdit(stage.node, channel) for channel in range(stage.channels))
    study.ask(Inquiry(alteration=Alteration(edits)))
    study.begin()
    altered = detector.candidates(detector.forward(images)).clone()
    assert study.find(None) is None  # the stage took part, or this were refused
    again = detector.candidates(detector.forward(images))
    study.close()
    assert not torch.allclose(altered, before, atol=1e-4)
    torch.testing.assert_close(again, before)
    assert hooks_of(detector.module) == 0
