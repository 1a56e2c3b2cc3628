"""A file of one's own: the README's example as printed, what may be left out, and what is said when it goes wrong."""

import json
import re
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch

from tests.conftest import square_column
from tests.detectors.makers import Bomb
from viewer.cli import main
from viewer.core import Role, Suppression, Thresholds
from viewer.core.errors import DetectorError, DeviceError, UntrustedCheckpointError
from viewer.core.frame import Frame
from viewer.core.tapping import TapSettings
from viewer.detectors import open_detector
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline
from viewer.sources import open_source

README = Path(__file__).parents[2] / "README.md"
BUILD = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.AvgPool2d(2))
        self.fpn = nn.Conv2d(4, 6, 1)
        self.head = nn.Conv2d(6, 5, 1)

    def forward(self, images):
        return self.head(self.fpn(self.backbone(images))).sigmoid()

def build(device):
    torch.manual_seed(0)
    return Net()
"""
DECODE = """
def decode(outputs, letterbox):
    table = outputs.flatten(2)[0]
    begin, size = table[:2].T * letterbox.input_hw[0], table[2:4].T * letterbox.input_hw[0]
    return torch.cat([begin, begin + size], 1), table[4], torch.zeros_like(table[4])
"""


@pytest.fixture
def write(tmp_path):
    """Writes a file and gives its path."""

    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(dedent(text))
        return str(path)

    return write


def load(path, **options):
    return open_detector(path, device="cpu", imgsz=64, **options)


def refused(path, error=DetectorError, **options):
    with pytest.raises(error) as caught:
        load(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def run(detector, seed=0, hw=(64, 64)):
    images = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(seed)).to(detector.dtype)
    return detector.candidates(detector.forward(images))


# The README -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def example(write):
    blocks = re.findall(r"```python\n(# my_detector\.py\n.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].splitlines()) < 30
    return write(blocks[0], "my_detector.py")


def test_the_example_of_the_readme_finds_the_bright_square_of_every_frame(example, clip):
    detector = open_detector(example, device="cpu")
    thresholds = Thresholds(conf=0.5)
    with Pipeline(TappedNetwork(detector, TapSettings()), thresholds) as pipeline, open_source(str(clip)) as source:
        for frame in source:
            packet = pipeline.process(frame)
            column = square_column(frame.rgb)
            boxes = packet.detections.xyxy
            assert len(boxes) >= 6
            assert (boxes[:, 0] >= column * 4 - 4).all()
            assert (boxes[:, 2] <= column * 4 + 12).all()
            assert boxes[:, 1].min() == pytest.approx(24, abs=4)
            assert boxes[:, 3].max() == pytest.approx(48, abs=4)
            assert [tap.stage.stride for tap in packet.taps] == [8]


def test_stages_explains_what_it_found_in_the_example(example, capsys):
    assert main(["stages", example, "--device", "cpu"]) == 0
    shown = capsys.readouterr().out
    for note in (
        "runs the code of my_detector.py",
        "build: found",
        "decode: found",
        "names: 1 classes",
        "input_size:",
        "resize: ",
        "suppress: ",
        "stages: found by running, 2 maps, defaults guessed by path and stride",
    ):
        assert note in shown
    assert main(["stages", example, "--device", "cpu", "--json"]) == 0
    stages = json.loads(capsys.readouterr().out)["stages"]
    assert [(stage["node"], stage["stride"], stage["default"]) for stage in stages] == [
        ("backbone.0", 4, False),
        ("backbone", 8, True),
    ]


# What may be left out or said ----------------------------------------------------------------------------------------


def test_only_what_is_missing_is_guessed(write):
    detector = load(write(BUILD + DECODE))
    info = detector.info
    assert info.names == ()
    assert info.suppression is Suppression.GREEDY
    assert "names: not given, classes are numbered" in info.notes
    assert "input_size: not given, --imgsz decides" in info.notes
    assert "resize: letterboxed" in info.notes
    assert "suppress: boxes over a better one of their class go" in info.notes
    assert detector.letterbox((30, 60)).input_hw == (64, 64)
    rows = run(detector)
    assert rows.shape == (1024, 7)
    assert (rows[:64, 4] > 0).all()
    assert (rows[64:] == 0).all()


def test_everything_can_be_said(write):
    detector = load(
        write(
            BUILD
            + DECODE
            + """
names = {0: "car", 2: "bus"}
input_size = (96, 160)
resize = "stretch"
suppress = False
stages = {"C4": "backbone.2", "mine": "head"}

def preprocess(images):
    assert images.shape == (1, 3, 96, 160)
    return images * 0
"""
        )
    )
    assert detector.info.names == ("car", "class 1", "bus")
    assert detector.info.suppression is Suppression.NONE
    letterbox = detector.letterbox((720, 1280))
    assert (letterbox.resized_hw, letterbox.top) == ((96, 160), 0)
    assert torch.equal(run(detector, 1, (96, 160)), run(detector, 2, (96, 160)))
    chosen = {stage.name: (stage.node, stage.role) for stage in detector.stages if stage.default}
    assert chosen == {"C4": ("backbone.2", Role.BACKBONE), "mine": ("head", Role.HEAD)}


def test_a_stride_lets_the_input_be_as_small_as_the_picture_allows(write):
    detector = load(write(BUILD + DECODE + "stride = 16"))
    assert detector.letterbox((360, 640)).input_hw == (48, 64)
    assert run(detector, hw=(48, 64)).shape == (1024, 7)


def test_without_decode_outputs_are_read_by_a_preset(write):
    dense = BUILD.replace(".sigmoid()", ".sigmoid().flatten(2)")
    detector = load(write(dense))
    assert "decode: not given" in detector.info.notes
    assert "decoded as yolo, guessed from its outputs (--decode says otherwise)" in detector.info.notes
    detector = load(write(dense + DECODE), decode="yolo")
    assert "decoded as yolo" in detector.info.notes


def test_outputs_that_nobody_can_read_show_their_maps_without_boxes_and_say_so(write, frames):
    detector = load(write(BUILD))
    assert detector.info.warning == "no decode"
    note = next(note for note in detector.info.notes if note.startswith("no boxes: "))
    assert "mine.py does not define decode(outputs, letterbox), and cannot tell how outputs (1, 5, 8, 8)" in note
    assert "give --decode with one of ssd, " in note
    with Pipeline(TappedNetwork(detector, TapSettings()), Thresholds(conf=0.0)) as pipeline:
        packet = pipeline.process(Frame(frames["landscape"], 0, 0.0, 0.0))
        assert len(packet.candidates) == 0
        assert len(packet.taps) == 2
    assert load(write(BUILD + DECODE)).info.warning == ""


def test_stages_and_render_of_outputs_that_nobody_can_read_end_with_a_note(write, tmp_path, clip, capsys):
    path = write(BUILD)
    assert main(["stages", path, "--imgsz", "64", "--device", "cpu"]) == 0
    shown = capsys.readouterr().out
    assert "no boxes: mine.py does not define decode" in shown
    assert "backbone" in shown
    packets = tmp_path / "o.jsonl"
    order = ["render", str(clip), "--model", path, "--imgsz", "64", "--device", "cpu", "--max-frames", "2"]
    assert main([*order, "--packets", str(packets)]) == 0
    assert "no boxes: mine.py does not define decode" in capsys.readouterr().err
    records = [json.loads(line) for line in packets.read_text().splitlines()]
    assert [(record["detections"], len(record["taps"])) for record in records] == [([], 2)] * 2


def test_another_file_can_read_the_outputs(write):
    reader = write("def decode(outputs, letterbox):\n    return [[1, 2, 3, 4]], [0.5], [7]", "reader.py")
    rows = run(load(write(BUILD + DECODE), decode=reader))
    assert rows[0].tolist() == [1, 2, 3, 4, 0.5, 7, 0]
    assert rows[1, 4] == 0


@pytest.mark.parametrize("empty", ["[], [], []", "torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.long)"])
def test_no_box_at_all_is_fine(write, empty):
    path = write(BUILD + f"def decode(outputs, letterbox):\n    return {empty}")
    assert run(load(path)).abs().sum() == 0


def test_strides_of_boxes_come_along(write):
    path = write(BUILD + DECODE.replace("zeros_like(table[4])", "zeros_like(table[4]), torch.full_like(table[4], 8)"))
    assert run(load(path))[0, 6] == 8


def test_fuse_is_used_unless_told_otherwise(write):
    path = write(
        BUILD
        + DECODE
        + """
def fuse(network):
    conv, bn, *rest = network.backbone
    network.backbone = nn.Sequential(nn.utils.fuse_conv_bn_eval(conv, bn), *rest)
    return network
"""
    )
    fused, plain = load(path), load(path, fuse=False)
    assert "fused by its fuse()" in fused.info.notes
    assert "not fused" in plain.info.notes
    kinds = [{stage.kind for stage in detector.stages} for detector in (fused, plain)]
    assert "BatchNorm2d" not in kinds[0]
    assert "BatchNorm2d" in kinds[1]
    torch.testing.assert_close(run(fused), run(plain), atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("channels_last", [True, False])
def test_bf16_and_memory_format_reach_the_network(write, channels_last):
    exact = run(load(write(BUILD + DECODE)))
    detector = load(write(BUILD + DECODE), precision="bf16", channels_last=channels_last)
    assert detector.info.precision == "bf16"
    assert {p.dtype for p in detector.module.parameters()} == {torch.bfloat16}
    weight = detector.module.backbone[0].weight
    assert weight.is_contiguous(memory_format=torch.channels_last) is channels_last
    rows = run(detector)
    assert rows.dtype == torch.float32
    torch.testing.assert_close(rows[0, 4], exact[0, 4], atol=0.02, rtol=0)


VIEWS = {
    "network": (BUILD.replace(".sigmoid()", ".sigmoid().view(-1).view(1, 5, 64)"), DECODE.replace(".flatten(2)", "")),
    "decode": (BUILD, DECODE.replace(".flatten(2)", ".view(-1).view(1, 5, 64)")),
}


@pytest.mark.parametrize("parts", VIEWS.values(), ids=VIEWS)
def test_code_that_uses_view_is_given_the_memory_it_counts_on(write, frames, parts):
    path = write("".join(parts))
    detector, plain = load(path), load(write(BUILD + DECODE, "plain.py"))
    assert "memory: channel after channel, since the code uses view()" in detector.info.notes
    boxes = []
    for one in (detector, plain):
        network = TappedNetwork(one, TapSettings())
        boxes.append(network.infer(Frame(frames["landscape"], 0, 0.0, 0.0)).candidates)
        network.close()
    np.testing.assert_allclose(boxes[0].xyxy, boxes[1].xyxy, atol=1e-2)
    assert "mine.py:" in refused(path, channels_last=True)
    load(path, channels_last=False)


def test_files_beside_it_can_be_imported_and_projects_do_not_mix(tmp_path):
    for project, channels in (("one", 7), ("two", 9)):
        folder = tmp_path / project
        folder.mkdir()
        (folder / "blocks.py").write_text(f"channels = {channels}")
        (folder / "mine.py").write_text("from blocks import channels\n" + BUILD.replace("6", "channels") + DECODE)
        fpn = next(stage for stage in load(str(folder / "mine.py")).stages if stage.node == "fpn")
        assert fpn.channels == channels


def test_a_build_without_argument_will_do(write):
    assert load(write(BUILD.replace("build(device)", "build()") + DECODE)).info.parameters > 0


def test_what_looks_like_a_slip_is_noted(write):
    detector = load(write(BUILD + DECODE + "input_sise = 128\nclass_names = ['car']\nsize = 3"))
    assert "input_sise means nothing here; did you mean input_size?" in detector.info.notes
    assert "class_names means nothing here; did you mean names?" in detector.info.notes
    said = load(write(BUILD + DECODE + "imgsz = 128\nclass_names = names = ['car']", "both.py")).info.notes
    assert "imgsz means nothing here; did you mean input_size?" in said
    assert not any(note.startswith("class_names") for note in said)


# What goes wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = (", r"mine.py:1: running it failed: SyntaxError"),
        ("\n\nimport no_such_thing", r"mine.py:3: running it failed: ModuleNotFoundError: No module named 'no_such"),
        ("import sys\nsys.exit(3)", r"mine.py:2: running it failed: SystemExit: 3"),
        ("", r"mine.py does not define build: write a function build\(device\) that returns the network$"),
        (DECODE, r"mine.py does not define build: write a function .*; it has decode$"),
        ("def biuld(device): ...", r"mine.py does not define build: .*; did you mean 'biuld' to be it\?"),
        ("build = 3", r"mine.py: build is 3; give a function build\(device\)"),
        ("def build(device): ...", r"mine.py:1: build\(\) returned NoneType; return a torch.nn.Module"),
        ("def build(device, size): ...", r"mine.py:1: build\(device, size\) does not fit; give a function build\(dev"),
        ("\ndef build(device):\n    return {}['x']", r"mine.py:3: build\(\) failed: KeyError: 'x'"),
        (
            BUILD + "def decode(outputs): ...",
            r"mine.py:\d+: decode\(outputs\) does not fit; .* decode\(outputs, letterb",
        ),
        (
            BUILD + "def decode(o, l):\n    return o[3]",
            r"mine.py:19: decode\(\) failed: IndexError: index 3 is out",
        ),
        (
            BUILD + "def decode(o, l): ...",
            r"mine.py:18: decode\(\) returned NoneType; return boxes \(N, 4\) as corners",
        ),
        (BUILD + "def decode(o, l): return 1, 2", r"mine.py:18: decode\(\) returned 2 things; return boxes"),
        (BUILD + "def decode(o, l): return 'a', [1], [1]", r"mine.py:18: decode\(\) returned a str that is no tensor"),
        (
            BUILD + "def decode(o, l): return torch.zeros(3, 5), torch.zeros(3), torch.zeros(3)",
            r"decode\(\) returned \(3, 5\), \(3,\), \(3,\); return boxes \(N, 4\)",
        ),
        (
            BUILD + "def decode(o, l): return torch.zeros(3, 4), torch.zeros(2), torch.zeros(3)",
            r"decode\(\) returned \(3, 4\), \(2,\), \(3,\); return boxes \(N, 4\)",
        ),
        (
            BUILD + "names = ['car']\ndef decode(o, l): return [[0., 0, 1, 1]], [0.5], [1]",
            r"mine.py:19: decode\(\) gives a label of 1, and names has 1: 0 to 0; give every class its name",
        ),
        (
            BUILD + "def decode(o, l): return [[0., 0, 1, 1]], [7.25], [0]",
            r"mine.py:18: decode\(\) gives a score of 7.25; scores must be 0 to 1",
        ),
        (
            BUILD.replace("(3, 4, 3", "(2, 4, 3") + DECODE,
            r"mine.py:13: the network failed: RuntimeError: Given gro",
        ),
        (
            BUILD + DECODE + "def preprocess(images): return images.nothing",
            r"mine.py:\d+: preprocess\(\) failed: AttributeError",
        ),
        (
            BUILD + DECODE + "def preprocess(images): return images.numpy()",
            r"mine.py:\d+: preprocess\(\) returned numpy.ndarray; return a tensor \(1, 3, H, W\)$",
        ),
        (BUILD + DECODE + "def preprocess(images): ...", r"mine.py:\d+: preprocess\(\) returned None; return a tensor"),
        ("def build_model(device): ...", r"mine.py does not define build: .*; did you mean 'build_model' to be it\?"),
        (BUILD + DECODE + "names = 'car'", r"mine.py: names is 'car'; give a list of class names, or a dict"),
        (BUILD + DECODE + "names = {'car': 0}", r"mine.py: names is \{'car': 0\}; give a list"),
        (BUILD + DECODE + "input_size = 2.5", r"mine.py: input_size is 2.5; give a number of pixels, or height and"),
        (BUILD + DECODE + "input_size = (4, 64)", r"mine.py: input_size is \(4, 64\); give"),
        (BUILD + DECODE + "resize = 'crop'", r"mine.py: resize is 'crop'; give 'letterbox' or 'stretch'"),
        (BUILD + DECODE + "stride = 0", r"mine.py: stride is 0; give a number of pixels"),
        (BUILD + DECODE + "suppress = 1", r"mine.py: suppress is 1; give True or False"),
        (BUILD + DECODE + "stages = 'backbone'", r"mine.py: stages is 'backbone'; give a dict from short name"),
        (
            BUILD + DECODE + "stages = {'a': 'fpn', 'b': 'fpn'}",
            r"give a dict .* or a list of module paths, none twice$",
        ),
        (
            BUILD + DECODE + "stages = ['backbone.9']",
            r"stages of mine: no module 'backbone.9' returns a map that covers the input; did you mean 'backbone.3'\?",
        ),
        (BUILD + DECODE + "def fuse(network): ...", r"mine.py:\d+: fuse\(\) returned NoneType; return the network"),
    ],
)
def test_each_fault_is_one_line_that_names_its_place(write, text, complaint):
    assert re.search(complaint, refused(write(text)))


LATE = (
    BUILD.replace(".sigmoid()", " * 0 + images.mean()")
    + """
def decode(outputs, letterbox):
    boxes, scores, labels = [[1.0, 2.0, 9.0, 9.0]], [0.5], [0]
    if outputs.mean() > 0.8:
        CHANGE
    return boxes, scores, labels
"""
)
"""A file whose dry run, on a black picture, is sound, and which does something else on a bright one."""


def on_frames(path, *greys):
    """What comes of frames of these greys, one after another."""
    with Pipeline(TappedNetwork(load(path), TapSettings()), Thresholds()) as pipeline:
        return [pipeline.process(Frame(np.full((64, 64, 3), grey, np.uint8), 0, 0.0, 0.0)) for grey in greys]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            "scores = [7.25]",
            r"^mine.py:19: decode\(\) gives a score of 7.25; scores must be 0 to 1, such as the sigmoid",
        ),
        ("scores = [-3.5]", r"^mine.py:19: decode\(\) gives a score of -3.5; scores must be 0 to 1"),
        ("scores = []", r"^mine.py:19: decode\(\) returned \(1, 4\), \(0,\), \(1,\); return boxes \(N, 4\)"),
        ("boxes = [[1, 2, 3]]", r"^mine.py:19: decode\(\) returned \(1, 3\), \(1,\), \(1,\); return boxes \(N, 4\)"),
        ("boxes = [[30, 20, 8, 8]]", r"^mine.py:19: decode\(\) gives boxes that end before they begin: centre"),
        ("return None", r"^mine.py:19: decode\(\) returned NoneType; return boxes \(N, 4\)"),
        ("boxes.none", r"^mine.py:22: decode\(\) failed: AttributeError: 'list' object has no attribute 'none'"),
    ],
)
def test_a_decode_that_goes_wrong_on_a_later_frame_is_one_line_that_names_it(write, change, complaint):
    path = write(LATE.replace("CHANGE", change))
    assert len(on_frames(path, 0, 40)[1].detections) == 1
    with pytest.raises(DetectorError) as caught:
        on_frames(path, 0, 255)
    assert re.search(complaint, str(caught.value))


BOXES = BUILD + "def decode(o, l): return {boxes}, [0.9, 0.8, 0.3, 0.1], [0, 0, 0, 0]"
CENTRES = [[300, 200, 40, 30], [150, 90, 20, 20], [20, 20, 36, 36], [200, 90, 20, 20]]
SHARES = [[-0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.2, 0.5], [0, 0, 0, 0], [0.5, 0.5, 0.7, 0.8]]


def test_centres_and_sizes_or_shares_of_the_input_in_the_place_of_corners_are_refused(write):
    assert refused(write(BOXES.format(boxes=CENTRES))) == (
        "mine.py:18: decode() gives boxes that end before they begin: centre and size? return corners, left, top, "
        "right, bottom"
    )
    shares = [box if any(box) else [0.2, 0.2, 0.3, 0.3] for box in SHARES]
    assert refused(write(BOXES.format(boxes=shares))) == (
        "mine.py:18: decode() gives boxes that all lie within two pixels: shares of the input? multiply them by its "
        "width and height, letterbox.input_hw[1] and [0]"
    )


@pytest.mark.parametrize(
    "boxes",
    [
        [CENTRES[0], [150, 90, 200, 120], [20, 20, 36, 36], CENTRES[3]],  # one slip of three that are notable
        SHARES,  # what covers nothing is a filler, and two specks may lie in a corner
        [[40, 40, 40, 40]] * 4,
    ],
)
def test_odd_boxes_of_a_sound_decode_are_let_pass(write, boxes):
    assert (run(load(write(BOXES.format(boxes=boxes))))[:4, 4] > 0).all()


def test_a_preset_that_reads_other_outputs_than_its_own_says_so(write):
    levels = BUILD.replace("return self.head(self.fpn(self.backbone(images))).sigmoid()", "RETURN").replace(
        "RETURN", "return [torch.full((1, 70, side, side), -0.5) for side in (8, 4)]"
    )
    assert refused(write(levels), decode="ltrb") == (
        "decode 'ltrb' gives boxes that end before they begin; give another --decode"
    )


@pytest.mark.parametrize(
    "change", ["scores = [float('nan')]", "scores = [float('inf')]", "boxes = [[1, 2, float('nan'), 4]]"]
)
def test_boxes_that_are_not_finite_are_counted_and_the_next_frame_is_as_before(write, change):
    _, broken, after = on_frames(write(LATE.replace("CHANGE", change)), 0, 255, 0)
    assert (len(broken.candidates), broken.candidates.nonfinite) == (0, 1)
    assert broken.taps
    assert (len(after.detections), after.candidates.nonfinite) == (1, 0)


def test_a_render_counts_what_is_not_finite_in_its_file_and_at_its_end(write, tmp_path, capsys, clip):
    broken = LATE.replace("outputs.mean() > 0.8", "FRAMES.append(1) or len(FRAMES) > 6")
    path = write("FRAMES = []\n" + broken.replace("CHANGE", "boxes[0][3] = float('nan')"))
    packets = tmp_path / "o.jsonl"
    order = ["render", str(clip), "--model", path, "--imgsz", "64", "--device", "cpu", "--max-frames", "9"]
    assert main([*order, "--packets", str(packets)]) == 0
    lost = [json.loads(line)["nonfinite"] for line in packets.read_text().splitlines()]
    assert set(lost) == {0, 1}
    assert f"not finite: {sum(lost)} boxes in {sum(lost)} frames\n" in capsys.readouterr().err


def test_a_render_that_a_decode_ends_leaves_nothing_behind(write, tmp_path, capsys, clip):
    counting = LATE.replace("outputs.mean() > 0.8", "FRAMES.append(1) or len(FRAMES) > 6")
    path = write("FRAMES = []\n" + counting.replace("CHANGE", "scores = [3.0]"))
    out, packets = tmp_path / "o.mp4", tmp_path / "o.jsonl"
    order = ["render", str(clip), "--model", path, "--imgsz", "64", "--device", "cpu"]
    assert main([*order, "--out", str(out), "--packets", str(packets)]) == 2
    said = capsys.readouterr().err
    assert said == (
        "featscope: mine.py:20: decode() gives a score of 3; scores must be 0 to 1, such as the sigmoid of logits\n"
    )
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith("o.")] == []


def test_a_fault_in_a_file_beside_it_names_that_file(write):
    write("def scale():\n    raise ValueError('no scale')", "helper.py")
    assert "helper.py:2: running it failed: ValueError: no scale" in refused(write("import helper\nhelper.scale()"))


def test_a_fault_while_frames_run_is_one_line_too(write):
    detector = load(write(BUILD + DECODE.replace("table =", "if outputs.shape[2] > 8: raise ValueError\n    table =")))
    with pytest.raises(DetectorError, match=r"^mine.py:20: decode\(\) failed: ValueError$"):
        run(detector, hw=(128, 128))


def test_what_cannot_be_captured_is_no_fault(write, monkeypatch):
    detector = load(
        write(BUILD + DECODE.replace("table =", "if outputs.shape[2] > 8: raise RuntimeError\n    table ="))
    )
    outputs = detector.forward(torch.zeros(1, 3, 128, 128))
    for question in ("is_initialized", "is_current_stream_capturing"):
        monkeypatch.setattr(f"torch.cuda.{question}", lambda: True)
    with pytest.raises(RuntimeError):  # as it is, so that whoever captures knows and runs eagerly
        detector.candidates(outputs)


def test_full_memory_is_a_matter_of_the_device(write):
    path = write(BUILD.replace("return self.head", "raise torch.OutOfMemoryError('CUDA out of memory')\n        #"))
    assert "cpu ran out of memory; use a smaller --imgsz" in refused(path, DeviceError)


def test_files_that_are_not_there(write, tmp_path):
    write(BUILD, "mine.py")
    assert "did you mean 'mine.py'?" in refused(str(tmp_path / "mime.py"))
    assert "no file" in refused(str(tmp_path / "nowhere" / "best.py"))
    (tmp_path / "folder.py").mkdir()
    assert "is a folder" in refused(str(tmp_path / "folder.py"))


def test_half_precision_needs_a_gpu(write):
    assert "needs a GPU" in refused(write(BUILD + DECODE), DeviceError, precision="fp16")


def test_the_command_line_shows_one_line_and_with_debug_the_traceback(write, capsys):
    path = write("raise ValueError('mine')")
    assert main(["stages", path]) == 2
    assert capsys.readouterr().err == "featscope: mine.py:1: running it failed: ValueError: mine\n"
    with pytest.raises(DetectorError) as caught:
        main(["stages", path, "--debug"])
    assert isinstance(caught.value.__cause__, ValueError)


# Weights -------------------------------------------------------------------------------------------------------------


def saved(write, tmp_path, change=lambda state: state):
    path, network = write(BUILD + DECODE), tmp_path / "weights.pt"
    torch.save(change({k: v + 1 for k, v in load(path, fuse=False).module.state_dict().items()}), network)
    return path, str(network)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {f"module.{key}": value for key, value in state.items()},
        lambda state: {"net": {f"lit.module.{key}": value for key, value in state.items()}, "step": 3},
    ],
    ids=["plain", "held", "prefixed", "held by another name and prefixed twice"],
)
def test_weights_are_loaded(write, tmp_path, wrapped):
    path, weights = saved(write, tmp_path, wrapped)
    plain, loaded = load(path).module.state_dict(), load(path, weights=weights).module.state_dict()
    assert all(torch.equal(loaded[key], plain[key] + 1) for key in plain)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda state: {k.replace("fpn.bias", "fpn.bais"): v for k, v in state.items()},
            "it lacks 'fpn.bias' (6,) and it has 'fpn.bais' (6,), which the network does not; probably",
        ),
        (
            lambda state: {k: v for k, v in state.items() if "head" not in k},
            "it lacks 'head.weight' (5, 6, 1, 1) and 1 more; probably weights of a part of it alone",
        ),
        (
            lambda state: state | {"fpn.bias": torch.zeros(3)},
            "mine.py: its 'fpn.bias' is (3,) where the network's is (6,); probably trained for other classes",
        ),
        (lambda _: {"weight": torch.zeros(3)}, "probably weights of another architecture"),
        (lambda state: {"a": state, "b": state}, "holds no state dict but 'a', 'b'; save one with torch.save(network"),
        (
            lambda _: {"epoch": 3},
            "holds no state dict but 'epoch'; save one with torch.save(network.state_dict(), FILE)",
        ),
        (lambda _: [1, 2], "holds no state dict"),
    ],
    ids=["wrong key", "missing", "shape", "another", "two", "none", "list"],
)
def test_weights_that_do_not_fit_are_refused(write, tmp_path, change, complaint):
    path, weights = saved(write, tmp_path, change)
    assert complaint in refused(path, weights=weights)


@pytest.mark.parametrize("legacy", [False, True])
def test_weights_run_nothing(write, tmp_path, legacy):
    witness, path = tmp_path / "witness", write(BUILD + DECODE)
    weights = tmp_path / "weights.pt"
    content = {"state_dict": {"fpn.bias": torch.zeros(6)}, "optimiser": {"state": [{"step": Bomb(str(witness))}]}}
    torch.save(content, weights, _use_new_zipfile_serialization=not legacy)
    assert "--trust-checkpoint" in refused(path, UntrustedCheckpointError, weights=str(weights))
    assert not witness.exists()


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"PK\x03\x04 cut off"])
def test_weights_that_are_none(write, tmp_path, content):
    (tmp_path / "weights.pt").write_bytes(content)
    assert "weights.pt" in refused(write(BUILD + DECODE), weights=str(tmp_path / "weights.pt"))


def test_weights_that_are_not_there_are_said_in_the_same_words_as_elsewhere(write, tmp_path):
    path = write(BUILD + DECODE)
    for name in ("wights.txt", "other.py"):
        (tmp_path / name).touch()
    line = f"no weights file '{tmp_path / 'weights.pth'}'"
    assert refused(path, weights=str(tmp_path / "weights.pth")) == f"{line}; give a state dict (.pth)"
    (tmp_path / "wights.ckpt").touch()
    assert refused(path, weights=str(tmp_path / "weights.pth")) == f"{line}; did you mean 'wights.ckpt'?"
    assert "are a folder; give the state dict (.pth) in it" in refused(path, weights=str(tmp_path))
    assert refused(path, weights="random") == "mine.py: build() decides on weights; leave out --weights random"


def test_boxes_of_a_stretched_input_land_in_the_picture(write):
    path = write(
        BUILD + "resize = 'stretch'\ndef decode(o, letterbox):\n"
        "    h, w = letterbox.input_hw\n    return [[0, 0, w, h]], [0.5], [0]"
    )
    detector = load(path)
    letterbox = detector.letterbox((100, 300))
    boxes = detector.read_candidates(run(detector).numpy(), letterbox)
    np.testing.assert_allclose(boxes.xyxy, [[0, 0, 300, 100]])
