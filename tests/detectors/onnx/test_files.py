"""ONNX files that are none, that reach out of their folder, or that take or give what cannot be fed or read."""

import builtins
import sys

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from tests.detectors.onnx.makers import brightness_pyramid, constant, model_of, saved
from viewer.core import Suppression
from viewer.core.errors import DetectorError
from viewer.detectors import open_detector


def refused(path, **options):
    with pytest.raises(DetectorError) as caught:
        open_detector(str(path), device="cpu", **{"imgsz": 64, **options})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def pyramid(tmp_path):
    return saved(brightness_pyramid(), tmp_path / "pyramid.onnx")


def with_outside_weights(path, location):
    model = brightness_pyramid()
    tensor = next(one for one in model.graph.initializer if one.name == "twice")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "16"}.items():
        tensor.external_data.add(key=key, value=value)
    return saved(model, path)


def test_missing_empty_and_damaged_files(tmp_path, pyramid):
    assert "did you mean 'pyramid.onnx'?" in refused(tmp_path / "pyramids.onnx")
    (tmp_path / "dir.onnx").mkdir()
    assert "is a folder" in refused(tmp_path / "dir.onnx")
    for name, content in [("empty", b""), ("text", b"no model at all"), ("half", pyramid.read_bytes()[:700])]:
        (tmp_path / f"{name}.onnx").write_bytes(content)
        assert "is no ONNX model" in refused(tmp_path / f"{name}.onnx")


@pytest.mark.parametrize("kind", ["above", "absolute", "windows", "link"])
def test_weights_outside_the_folder_are_refused_unread(tmp_path, monkeypatch, kind):
    folder = tmp_path / "models"
    folder.mkdir()
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.array([1, 1, 2, 2], np.float32).tobytes())
    (folder / "link.bin").symlink_to(secret)
    location = {"above": "../secret.bin", "absolute": str(secret), "windows": "..\\secret.bin", "link": "link.bin"}
    path = with_outside_weights(folder / "m.onnx", location[kind])
    opened = []
    real = builtins.open
    monkeypatch.setattr(builtins, "open", lambda file, *a, **k: (opened.append(str(file)), real(file, *a, **k))[1])
    monkeypatch.setattr(
        onnx.external_data_helper, "load_external_data_for_tensor", lambda *_: pytest.fail("weights were read")
    )
    assert "outside its folder; nothing of it was read" in refused(path)
    assert not any("secret" in name or "link" in name for name in opened)


def test_weights_beside_the_file_are_read(tmp_path):
    path = with_outside_weights(tmp_path / "m.onnx", "weights.bin")
    assert "'weights.bin', which is not there" in refused(path)
    (tmp_path / "weights.bin").write_bytes(np.array([1, 1, 2, 2], np.float32).tobytes())
    assert open_detector(str(path), device="cpu").info.name == "m"
    (tmp_path / "weights.bin").write_bytes(b"short")
    assert "keeps weights in another file, which cannot be read" in refused(path)


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        ({"shape": (1, 64, 64, 3)}, "takes images (1, 64, 64, 3) where (1, 3, H, W) is fed; channels last"),
        ({"shape": (1, 4, 64, 64)}, "export it for colour pictures"),
        ({"shape": (8, 3, 64, 64)}, "takes batches of 8 pictures"),
        ({"shape": (3, 64, 64)}, "takes images (3, 64, 64) of float; export it with a float (1, 3, H, W) input"),
        ({"kind": TensorProto.UINT8}, "of uint8; export it with a float"),
    ],
)
def test_inputs_that_cannot_be_fed(tmp_path, picture, complaint):
    node = helper.make_node("Identity", ["images"], ["out"])
    assert complaint in refused(saved(model_of([node], ["out"], **picture), tmp_path / "m.onnx"))


def test_more_than_one_input(tmp_path):
    model = brightness_pyramid()
    model.graph.input.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, (1, 2)))
    assert "takes 2 inputs (images, orig_target_sizes)" in refused(saved(model, tmp_path / "m.onnx"))


def test_a_node_that_fails_is_named(tmp_path):
    nodes = [
        helper.make_node("Relu", ["images"], ["a"], name="/early/Relu"),
        helper.make_node("Reshape", ["a", "shape"], ["out"], name="/head/Reshape"),
    ]
    model = model_of(nodes, ["out"], constants=[constant("shape", [1, 12, 1024])], hw=("h", "w"))
    path = saved(model, tmp_path / "m.onnx")
    message = refused(path, imgsz=96)
    assert message.startswith("m.onnx fails at node head.Reshape (Reshape): ")
    assert message.endswith("export it again for one picture of this size, or give --imgsz 64, at which it runs")
    model.graph.initializer[0].CopyFrom(constant("shape", [1, 12, 1000]))
    assert refused(saved(model, path), imgsz=96).endswith("export it again for one picture of this size")
    model.graph.initializer[0].CopyFrom(constant("shape", [1, 12, 1024]))
    saved(model, path)
    detector = open_detector(str(path), device="cpu", imgsz=64, decode="yolo")
    assert detector.letterbox((32, 64)).input_hw == (64, 64)  # no other size runs, whatever the picture's


def test_a_graph_whose_parts_do_not_fit(tmp_path):
    node = helper.make_node("Concat", ["images", "other"], ["out"], axis=1)
    model = model_of([node], ["out"], constants=[constant("other", np.zeros((1, 3, 8, 9), np.float32))])
    assert "m.onnx fails at node Concat (Concat): Sizes of tensors must match" in refused(
        saved(model, tmp_path / "m.onnx")
    )


def test_outputs_that_cannot_be_read_say_what_to_give(tmp_path):
    path = saved(model_of([helper.make_node("Relu", ["images"], ["out"])], ["out"]), tmp_path / "m.onnx")
    info = open_detector(str(path), device="cpu").info
    assert info.warning == "no decode"
    assert any("cannot tell how outputs (1, 3, 64, 64) become boxes; give --decode" in note for note in info.notes)
    assert "no decode 'yollo'; did you mean 'yolo'?" in refused(path, decode="yollo")


DECODE = """
import torch
names = ["bright"]
suppress = False
stages = {"P3": "up.Add"}
def preprocess(images):
    return images * 0 + 0.25
def decode(outputs, letterbox):
    scores = outputs[0, 4]  # the graph's only output, as a tensor
    boxes = torch.tensor([[0.0, 0.0, 8.0, 8.0]]).repeat(len(scores), 1)
    return boxes, scores, torch.zeros(len(scores))
"""


def test_a_users_decode_reads_the_outputs(tmp_path, pyramid):
    (tmp_path / "mine.py").write_text(DECODE)
    detector = open_detector(str(pyramid), device="cpu", decode=str(tmp_path / "mine.py"))
    rows = detector.candidates(detector.forward(torch.rand(1, 3, 64, 64)))
    assert torch.allclose(rows[:64, 4], torch.tensor(0.5).sigmoid())
    assert rows[0, :4].tolist() == [0, 0, 8, 8]
    assert "decoded by decode() of mine.py" in detector.info.notes
    assert detector.info.names == ("bright",)
    assert detector.info.suppression is Suppression.NONE
    assert [(stage.name, stage.node) for stage in detector.stages if stage.default] == [("P3", "up.Add")]


@pytest.mark.parametrize("package", ["onnx", "onnx2torch"])
def test_without_the_extra_the_command_is_named(pyramid, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    assert refused(pyramid).endswith("run pip install 'featscope[onnx]'")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{0: 'car', 2: 'van'}", ("car", "class 1", "van")),
        ("['car', 'van']", ("car", "van")),
        ("{-1: 'car'}", ()),
        ("__import__('os').getcwd()", ()),
        ("{0: ", ()),
        ("{999999999: 'car'}", ()),
    ],
)
def test_class_names_are_read_and_never_run(tmp_path, names, expected):
    model = brightness_pyramid()
    model.metadata_props.add(key="names", value=names)
    detector = open_detector(str(saved(model, tmp_path / "m.onnx")), device="cpu")
    assert detector.info.names == expected
    assert ("no class names in the file" in detector.info.notes) == (not expected)


@pytest.mark.parametrize(("task", "columns"), [("segment", 32), ("pose", 51), ("obb", 1)])
def test_what_follows_the_class_scores_is_left_out(tmp_path, task, columns):
    """An ultralytics export of another task is read up to its class scores."""
    rng = np.random.default_rng(0)
    table = rng.uniform(0, 1, (1, 4 + 2 + columns, 84)).astype(np.float32)
    table[:, :4] *= 60
    table[:, 6:] = 99
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["table", "nothing"], ["output0"]),
    ]
    constants = [constant("table", table), constant("zero", np.float32(0))]
    model = model_of(nodes, ["output0"], constants=constants)
    for key, value in {"task": task, "names": "{0: 'a', 1: 'b'}"}.items():
        model.metadata_props.add(key=key, value=value)
    detector = open_detector(str(saved(model, tmp_path / "m.onnx")), device="cpu")
    rows = detector.candidates(detector.forward(torch.zeros(1, 3, 64, 64)))
    assert rows[0, 4] == pytest.approx(table[0, 4:6].max())
    assert ("oriented boxes are drawn upright" in detector.info.notes) == (task == "obb")
