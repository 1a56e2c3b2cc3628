"""Every model that cannot be used is refused with one clear line, and none of its code runs."""

import pickle
import re
import zipfile
from pathlib import Path

import pytest
import torch

from tests.detectors.makers import Bomb, save_classifier, save_torchscript
from viewer.core.errors import DetectorError, DeviceError, UntrustedCheckpointError
from viewer.detectors import choose_device, open_detector
from viewer.detectors.ultralytics import files
from viewer.detectors.ultralytics.adapter import UltralyticsDetector


def refused(model, error=DetectorError, **options):
    with pytest.raises(error) as caught:
        open_detector(str(model), device="cpu", imgsz=64, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "models_folder", lambda: tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_missing_file_suggests_its_neighbour(folder):
    (folder / "dashcam.pt").write_bytes(b"x")
    assert "no model file" in refused(folder / "dashcan.pt")
    assert "did you mean 'dashcam.pt'?" in refused(folder / "dashcan.pt")
    assert "no model file" in refused(folder / "nowhere" / "best.pt")


def test_missing_description_suggests_a_known_one(folder):
    assert "did you mean 'yolo11n" in refused("yolo11n-segg.yaml")
    assert "no model description" in refused(folder / "nothing-like-it.yaml")


def test_other_kinds_of_file(folder):
    for name in ("model.xyz", "yolo11n", ""):
        assert "give an ultralytics checkpoint (.pt) or model description (.yaml)" in refused(name)
    (folder / "dir.pt").mkdir()
    assert "is a folder" in refused(folder / "dir.pt")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("best.pth", "best.pth holds weights without a network; give the network as the model, torchvision:NAME or a"),
        ("best.pth.tar", "holds weights without a network; .* and this file with --weights$"),
        ("last.CKPT", "last.CKPT holds weights without a network"),
        ("model.safetensors", r"holds weights without a network; load them in the build\(\) of a .py file"),
        ("model.weights.h5", "holds weights without a network"),
        ("model.onnx.data", "holds the weights of an ONNX file; give the .onnx file that lies beside it$"),
        (
            "model.engine",
            r"is a TensorRT engine, whose inside cannot be tapped; give .* a checkpoint \(.pt\) or an ONNX",
        ),
        ("model.tflite", "is a TensorFlow Lite model, which runs in its own engine alone; export .* to ONNX$"),
        ("model.mlpackage", "is a Core ML model"),
        ("model.xml", "is an OpenVINO model"),
        ("model.torchscript", "is a TorchScript export"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"weights": "x.pth", "decode": "yolo"}])
def test_formats_that_cannot_be_tapped_say_what_to_give_instead(name, says, options):
    assert re.search(says, refused(name, **options))


def test_a_name_that_lacks_its_prefix_or_suffix_is_completed(folder):
    for name in ("best.onnx", "best.txt", "rest.onnx", "setup.py"):
        (folder / name).touch()
    assert refused("best") == "cannot open model 'best'; did you mean 'best.onnx'?"
    assert refused("best.onx") == "cannot open model 'best.onx'; did you mean 'best.onnx'?"
    assert refused("ssd300_vgg16") == "cannot open model 'ssd300_vgg16'; did you mean 'torchvision:ssd300_vgg16'?"
    (folder / "best.pt").touch()
    assert refused(folder / "best").endswith("did you mean 'best.onnx' or 'best.pt'?")


def test_what_lies_there_comes_before_what_a_library_has(folder):
    assert refused("retinanet_resnet50") == (
        "cannot open model 'retinanet_resnet50'; did you mean 'torchvision:retinanet_resnet50_fpn'?"
    )
    (folder / "retinanet_resnet50.onnx").touch()
    assert refused("retinanet_resnet50").endswith("; did you mean 'retinanet_resnet50.onnx'?")


def test_only_builders_that_there_are_complete_a_name(folder):
    assert folder
    for name in ("fcos_of_our_own_making", "ssd_trained_at_night"):
        assert "did you mean" not in refused(name)


def test_a_version_in_a_name_is_no_suffix(folder):
    for name in ("best.onnx", "best.v2.onnx"):
        (folder / name).touch()
    assert refused("best.v2").endswith("; did you mean 'best.v2.onnx'?")


def test_empty_text_and_truncated_files(folder, checkpoint):
    whole = checkpoint("yolo11n.yaml").read_bytes()
    for name, content, complaint in [
        ("empty.pt", b"", "is empty"),
        ("text.pt", b"this is no checkpoint at all", "is not a PyTorch checkpoint"),
        ("truncated.pt", whole[: len(whole) // 2], "is truncated"),
        ("pickle.pt", b"\x80\x04nonsense that is no pickle", "pickle.pt"),
    ]:
        (folder / name).write_bytes(content)
        assert complaint in refused(folder / name)


def test_damaged_inside(folder, checkpoint):
    whole = bytearray(checkpoint("yolo11n.yaml").read_bytes())
    start = whole.index(b"data.pkl") + 200
    whole[start : start + 4000] = bytes(4000)
    (folder / "damaged.pt").write_bytes(whole)
    assert "damaged.pt" in refused(folder / "damaged.pt")


def test_zip_that_is_no_checkpoint(folder):
    with zipfile.ZipFile(folder / "photos.pt", "w") as archive:
        archive.writestr("a/photo.jpg", b"jpeg")
    assert "is a zip archive" in refused(folder / "photos.pt")


@pytest.mark.parametrize("legacy", [False, True])
def test_pickle_bomb_does_not_go_off(folder, legacy):
    witness, path = folder / "witness", folder / "bomb.pt"
    torch.save({"model": Bomb(str(witness))}, path, _use_new_zipfile_serialization=not legacy)
    message = refused(path, UntrustedCheckpointError)
    assert "--trust-checkpoint" in message
    assert not witness.exists()


def test_plain_pickle_bomb_does_not_go_off(folder):
    witness, path = folder / "witness", folder / "bomb.pt"
    path.write_bytes(pickle.dumps(Bomb(str(witness))))
    assert "--trust-checkpoint" in refused(path, UntrustedCheckpointError)
    assert not witness.exists()


def test_trust_loads_the_rest(folder, checkpoint):
    content = torch.load(checkpoint("yolo11n.yaml"), weights_only=False)
    content["extra"] = Bomb(str(folder / "witness"))
    torch.save(content, folder / "custom.pt")
    message = refused(folder / "custom.pt", UntrustedCheckpointError)
    assert "mkdir" in message
    detector = open_detector(str(folder / "custom.pt"), device="cpu", imgsz=64, trust_checkpoint=True)
    assert detector.info.architecture == "YOLO11 detect"


def test_networks_saved_by_an_old_torch_still_run(folder, checkpoint):
    content = torch.load(checkpoint("yolo11n.yaml"), weights_only=False)
    for module in content["model"].modules():
        module.__dict__.pop("recompute_scale_factor", None)
    torch.save({"model": None, "ema": content["model"], "train_args": {}}, folder / "old.pt")
    detector = open_detector(str(folder / "old.pt"), device="cpu", imgsz=64)
    assert detector.info.precision == "fp32"


def test_torchscript(folder):
    save_torchscript(folder / "exported.pt")
    assert "is a TorchScript export" in refused(folder / "exported.pt")


def test_weights_without_a_network(folder):
    torch.save(torch.nn.Conv2d(3, 2, 1).state_dict(), folder / "weights.pt")
    assert "holds weights but no network" in refused(folder / "weights.pt")
    torch.save({"model": torch.nn.Conv2d(3, 2, 1).state_dict()}, folder / "wrapped.pt")
    assert "holds weights but no network" in refused(folder / "wrapped.pt")


def test_networks_without_boxes(folder):
    save_classifier(folder / "cls.pt")
    assert "is a classification model" in refused(folder / "cls.pt")
    assert "ends in Classify" in refused("yolo11n-cls.yaml")
    torch.save({"model": torch.nn.Conv2d(3, 2, 1)}, folder / "layer.pt")
    assert "no boxes" in refused(folder / "layer.pt")


BACKBONE = "nc: 3\nbackbone:\n  - [-1, 1, Conv, [16, 3, 2]]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b\n", "is not a model description: it is no YAML of 'key: value' lines"),
        ("hello", "is not a model description: it is no YAML of 'key: value' lines"),
        ("a: [1, 2\nb: }", "is not a model description: it is no YAML of 'key: value' lines"),
        ("", "is not a model description: it has no backbone and no head; give one such as yolo11n.yaml"),
        (BACKBONE, "is not a model description: it has no head; give one such as yolo11n.yaml"),
        (BACKBONE + "head: [[-1, 1]]\n", "its head is no list of [from, repeats, module, arguments]"),
        (BACKBONE + "head: 3\n", "its head is no list of [from, repeats, module, arguments]"),
        (
            BACKBONE.replace("Conv", "NoSuchModule") + "head:\n  - [-1, 1, Detect, [nc]]\n",
            "is not a model description that ultralytics can build: KeyError: 'NoSuchModule'",
        ),
        (
            BACKBONE + "head:\n  - [[99], 1, Detect, [nc]]\n",
            "is not a model description that ultralytics can build: IndexError: list index out of range",
        ),
    ],
)
def test_descriptions_that_cannot_be_built_are_one_line_of_ours(folder, text, says):
    (folder / "odd.yaml").write_text(text)
    assert refused(folder / "odd.yaml").endswith(says)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("no module named 'x'. Fix it with pip install x", "no module named 'x'."),
        ("'a.yaml' is not valid. Verify YAML with https://example.org/yaml-formatter", "'a.yaml' is not valid."),
        ("ask at https://example.org", "ValueError"),
        ("bad head\nsecond line", "bad head"),
    ],
)
def test_what_a_library_advises_for_itself_is_left_out(folder, monkeypatch, said, left):
    def fail(*_args, **_options):
        raise ValueError(said)

    (folder / "odd.yaml").write_text(BACKBONE + "head:\n  - [-1, 1, Detect, [nc]]\n")
    monkeypatch.setattr("ultralytics.nn.tasks.DetectionModel", fail)
    assert refused(folder / "odd.yaml").endswith(f"can build: ValueError: {left}")


def test_descriptions_run_no_code(folder):
    witness = folder / "witness"
    (folder / "evil.yaml").write_text(
        f"nc: 3\nactivation: open({str(witness)!r}, 'w')\nbackbone:\n  - [-1, 1, Conv, [8, 3, 2]]\n"
        "head:\n  - [[0], 1, Detect, [nc]]\n"
    )
    assert "is not a model description" in refused(folder / "evil.yaml")
    assert not witness.exists()


def test_unreachable_download_says_where_to_put_the_file(folder, monkeypatch):
    def unreachable(*_args, **_options):
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    message = refused("yolo11n.pt")
    assert "yolo11n.pt is not here and cannot be downloaded (no route to host)" in message
    assert str(folder) in message
    assert str(folder / "models") in message
    assert list((folder / "models").iterdir()) == []


def test_input_size_and_precision(folder):
    assert folder
    with pytest.raises(DetectorError, match="input size 8 is not usable"):
        open_detector("yolo11n.yaml", device="cpu", imgsz=8)
    assert "needs a GPU" in refused("yolo11n.yaml", DeviceError, precision="fp16")


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    for name, complaint in [
        ("cuda", "device 'cuda' asked, but"),
        ("mps", "no Apple GPU here"),
        ("cudda", "unknown device 'cudda'; did you mean 'cuda'?"),
        ("gpu", "unknown device 'gpu'; did you mean 'cuda'?"),
        ("cpu:1", "unknown device 'cpu:1'; give auto"),
        ("cuda:x", "unknown device 'cuda:x'; give auto"),
    ]:
        with pytest.raises(DeviceError, match=complaint.replace("?", r"\?")):
            choose_device(name)


def test_auto_prefers_cuda_then_mps(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("auto") == torch.device("cuda", 0)
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="no device 'cuda:2'; this machine has cuda:0 to cuda:1"):
        choose_device("cuda:2")


@pytest.mark.parametrize("suffix", [".pt", ".yaml"])
def test_names_that_can_be_no_file(folder, suffix):
    assert folder
    assert "File name too long; give a shorter one" in refused("x" * 300 + suffix)
    assert "no home folder for ~nosuchuser" in refused(f"~nosuchuser/best{suffix}")


@pytest.mark.parametrize("suffix", [".pt", ".yaml"])
def test_a_model_that_may_not_be_read(folder, monkeypatch, suffix):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    path = folder / f"mine{suffix}"
    path.write_text("nc: 3\nbackbone: []\nhead: []\n")
    for holder, attribute in ((Path, "is_file"), (Path, "open") if suffix == ".pt" else ("builtins", "open")):
        with monkeypatch.context() as patch:
            if holder == "builtins":
                refused(path)  # so that everything else that reads files on first use has done so
                patch.setattr("builtins.open", refuse)
            else:
                patch.setattr(holder, attribute, refuse)
            assert "Permission denied; its owner can allow it" in refused(path)


def test_an_archive_with_a_damaged_directory(folder, checkpoint):
    whole = bytearray(checkpoint("yolo11n.yaml").read_bytes())
    start = whole.rindex(b"PK\x01\x02")
    whole[start : start + 4] = b"nope"
    (folder / "damaged.pt").write_bytes(whole)
    assert "damaged.pt is damaged" in refused(folder / "damaged.pt")


def test_a_network_saved_whole_is_no_damaged_checkpoint(folder):
    torch.save(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)), folder / "whole.pt")
    for trust in (True, False):
        message = refused(folder / "whole.pt", trust_checkpoint=trust)
        assert "whole.pt holds Sequential, a whole network, and is not an ultralytics checkpoint; give a .py" in message


def test_a_damaged_file_of_a_published_name_is_kept(folder, checkpoint):
    with (
        zipfile.ZipFile(checkpoint("yolo11n.yaml")) as whole,
        zipfile.ZipFile(folder / "yolo11n.pt", "w") as damaged,
    ):
        for name in whole.namelist():
            if not name.endswith("/data/1"):
                damaged.writestr(name, whole.read(name))
    assert "yolo11n.pt is damaged" in refused("yolo11n.pt")
    assert (folder / "yolo11n.pt").exists()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
    ids=["cuda", "mps", "cpu", "python"],
)
def test_too_little_memory_is_one_line(folder, checkpoint, monkeypatch, error):
    def fail(*_args, **_options):
        raise error

    path = checkpoint("yolo11n.yaml")
    assert folder
    for holder, name in (("ultralytics.nn.tasks", "torch_safe_load"), (UltralyticsDetector, "forward")):
        with monkeypatch.context() as patch:
            patch.setattr(*((f"{holder}.{name}", fail) if isinstance(holder, str) else (holder, name, fail)))
            assert "cpu ran out of memory; use a smaller --imgsz" in refused(path, DeviceError)


@pytest.mark.parametrize("part", ["forward", "fuse"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError("sizes must match\nat line 3"), "RuntimeError: sizes must match;"),
        (AttributeError("no 'bn'"), "AttributeError: no 'bn'"),
        (KeyError("scores"), "KeyError: 'scores'"),
        (AssertionError(), "AssertionError;"),
    ],
)
def test_a_network_that_does_not_run_is_one_line_with_its_reason(checkpoint, monkeypatch, part, error, says):
    def fail(*_args, **_options):
        raise error

    path = checkpoint("yolo11n.yaml")
    if part == "fuse":
        monkeypatch.setattr("ultralytics.nn.tasks.DetectionModel.fuse", fail)
    else:
        monkeypatch.setattr(UltralyticsDetector, "forward", fail)
    with pytest.raises(DetectorError) as caught:
        open_detector(str(path), device="cpu", imgsz=64)
    line = str(caught.value)
    assert "\n" not in line
    assert f"{path} does not run" in line
    assert says in line
    assert caught.value.__cause__ is error


def test_a_network_built_from_its_description_is_marked_and_a_trained_one_is_not(checkpoint):
    built, loaded = (
        open_detector(str(m), device="cpu", imgsz=64) for m in ("yolo11n.yaml", checkpoint("yolo11n.yaml"))
    )
    assert built.info.warning == "random weights"
    assert "random weights, built from yolo11n.yaml" in built.info.notes
    assert loaded.info.warning == ""


@pytest.mark.parametrize("option", ["weights", "decode"])
def test_options_that_mean_nothing_to_a_model_are_refused_rather_than_ignored(option):
    line = refused("yolo11n.yaml", DetectorError, **{option: "any"})
    assert f"--{option} means nothing to yolo11n.yaml" in line
    assert ("random weights" in line) is (option == "weights")
