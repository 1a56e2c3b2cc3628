"""An exported program is tapped where the network it came from would have been, and finds what that finds."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.detectors.makers import save_torchscript
from tests.detectors.test_parity import assert_same, detect
from tests.support.programs import SIZE, Spotter, edited, save_program, spotter, tampered
from viewer.cli import main
from viewer.core import Role, Suppression
from viewer.core.errors import DetectorError
from viewer.detectors import open_detector
from viewer.detectors.roles import find_stages_of

MAPS = ["backbone.0", "backbone.1", "backbone.2", "backbone", "shared", "shared@2", "down", "head", "head@2"]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return str(save_program(tmp_path_factory.mktemp("program") / "spotter.pt2"))


@pytest.fixture
def images():
    return torch.rand((1, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(6))


def load(path, **options):
    return open_detector(str(path), device="cpu", imgsz=SIZE, **options)


def refused(path, **options):
    with pytest.raises(DetectorError) as caught:
        load(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def save(path, network, *inputs, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(network.eval(), inputs, **options), str(path))
    return path


def activations(module, nodes, run):
    """What hooks on these nodes see during one run, copied since an in-place operation may follow."""
    seen, counts, handles = {}, {}, []

    def watch(path):
        def hook(_module, _inputs, output):
            counts[path] = counts.get(path, 0) + 1
            seen[path if counts[path] == 1 else f"{path}@{counts[path]}"] = output.clone()

        handles.append(module.get_submodule(path).register_forward_hook(hook))

    for path in dict.fromkeys(node.partition("@")[0] for node in nodes):
        watch(path)
    with torch.inference_mode():
        run()
    for handle in handles:
        handle.remove()
    return {node: seen[node] for node in nodes}


# What is found -------------------------------------------------------------------------------------------------------


def test_stages_bear_the_paths_of_the_modules_they_came_from(program):
    detector = load(program)
    nodes = [stage.node for stage in detector.stages]
    assert [node for node in nodes if node in MAPS] == MAPS
    functional = [stage for stage in detector.stages if stage.node not in MAPS]
    assert {stage.kind for stage in functional} == {"upsample_nearest2d", "add", "sigmoid"}
    kinds = {stage.node: (stage.kind, stage.stride, stage.channels, stage.role) for stage in detector.stages}
    assert kinds["backbone.1"] == ("BatchNorm2d", 4, 8, Role.BACKBONE)
    assert kinds["backbone"] == ("Sequential", 8, 8, Role.BACKBONE)
    assert kinds["shared@2"] == ("Conv2d", 8, 8, Role.BACKBONE)  # it grows coarser once more after it
    assert kinds["head@2"] == ("Conv2d", 16, 7, Role.HEAD)
    assert detector.info.architecture == "Spotter"


def test_hooks_see_what_they_would_have_seen_in_the_network(program, images):
    detector, network = load(program), spotter()
    found = activations(detector.module, MAPS, lambda: detector.forward(images))
    expected = activations(network, MAPS, lambda: network(images))
    for node in MAPS:
        torch.testing.assert_close(found[node], expected[node], msg=node)
    # The norm's own values, not those that the activation writes over them.
    assert (found["backbone.1"] < 0).any()
    assert (found["backbone.2"] >= 0).all()


def test_outputs_are_those_of_the_network(program, images):
    detector = load(program)
    with torch.inference_mode():
        torch.testing.assert_close(detector.forward(images), spotter()(images))
    assert detector.info.suppression is Suppression.GREEDY
    assert "decoded as yolo, guessed from its outputs (--decode says otherwise)" in detector.info.notes
    assert detector.info.parameters == sum(p.numel() for p in spotter().parameters())


def test_a_yolo_finds_what_the_adapter_finds_and_is_tapped_in_the_same_places(checkpoint, frames, tmp_path):
    original = open_detector(str(checkpoint("yolo11n.yaml")), device="cpu", imgsz=160, rectangular=False)
    for part in original.module.modules():
        if hasattr(part, "export"):
            part.export, part.format = True, "torchscript"  # predictions alone, as ultralytics exports them
    images = torch.rand(1, 3, 160, 160)
    path = save(tmp_path / "yolo.pt2", original.module, images)
    exported = open_detector(str(path), device="cpu")
    reference = open_detector(str(checkpoint("yolo11n.yaml")), device="cpu", imgsz=160, rectangular=False)
    count = 0
    for name in ("landscape", "odd-portrait"):
        found, expected = (detect(one, frames[name], conf=0.25) for one in (exported, reference))
        count += assert_same(found, (expected.xyxy, expected.scores, expected.labels, None))
        assert (found.strides == expected.strides).all()
    assert count >= 5
    defaults = [
        {stage.name: (stage.node, stage.role) for stage in one.stages if stage.default} for one in (exported, reference)
    ]
    assert defaults[0] == defaults[1]


class Block(nn.Module):
    """Ends in an activation that lies elsewhere too."""

    def __init__(self, act):
        super().__init__()
        self.conv, self.act = nn.Conv2d(4, 4, 1), act

    def forward(self, images):
        return self.act(self.conv(images))


class Padded(nn.Module):
    """Halves as TensorFlow does, with more padding at the end than at the beginning; sums levels between modules.

    Its blocks share the activation of its backbone.
    """

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(3 if i == 0 else 4, 4, 3, 2) for i in range(4))
        self.act, self.off = nn.ReLU(inplace=True), nn.Dropout()
        self.mix = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Dropout())
        self.merge, self.predict = Block(self.act), nn.Conv2d(4, 8, 1)

    def forward(self, images):
        maps = [images]
        for down in self.down:
            maps.append(self.off(self.act(down(nn.functional.pad(maps[-1], (0, 1, 0, 1))))))
        coarse = self.mix(nn.functional.pad(maps[4], (0, 2, 1, 1)))
        fine = self.merge(maps[3][:, :4] + nn.functional.interpolate(coarse, scale_factor=2.0))
        return [torch.cat([level, level.sigmoid()], 1) for level in (self.predict(fine), self.predict(coarse))]


CALLED_AS = {"act@5": "merge.act"}
"""Of a shared module a network knows the path it has first, a program the one it was called by."""


class Cut(nn.Module):
    """Runs all its parts but the last one in a loop, as ultralytics' RT-DETR does."""

    def __init__(self):
        super().__init__()
        self.parts = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.ReLU()), nn.Conv2d(4, 4, 1), nn.Sigmoid())

    def forward(self, images):
        for part in self.parts[:-1]:
            images = part(images)
        return self.parts[-1](images)


@pytest.mark.parametrize("network", [Padded(), Cut()], ids=["padded", "cut"])
def test_what_a_file_of_ones_own_has_tapped_is_tapped_in_the_program_too(network, tmp_path):
    reader = "def decode(outputs, letterbox):\n    return [], [], []\n"
    (tmp_path / "reader.py").write_text(reader)
    path = save(tmp_path / "network.pt2", network, torch.rand(1, 3, SIZE, SIZE))
    exported = load(path, decode=str(tmp_path / "reader.py"))
    with torch.inference_mode():
        images = torch.rand(1, 3, SIZE, SIZE)
        own = find_stages_of(network, lambda: network(images), input_hw=(SIZE, SIZE), model="own")
    found = {stage.node: stage for stage in exported.stages}
    assert [(s.node, s.role, s.stride, s.name, s.default) for s in own] == [
        (s.node, s.role, s.stride, s.name, s.default) for s in exported.stages if s.node in {one.node for one in own}
    ]
    for stage in own:
        assert [CALLED_AS.get(alias, alias) for alias in stage.aliases] == [*found[stage.node].aliases]
    modules = {type(module).__name__ for module in network.modules()}
    for stage in exported.stages:
        assert stage.stride in (2, 4, 8, 16)
        assert stage.kind in {*modules, "upsample_nearest2d", "add", "cat", "sigmoid"}


# What can be said ----------------------------------------------------------------------------------------------------


def test_the_size_is_that_of_the_export(program):
    detector = open_detector(program, device="cpu", imgsz=640)
    assert detector.letterbox((90, 160)).input_hw == (SIZE, SIZE)
    assert f"input {SIZE} high, {SIZE} wide, fixed in the file" in detector.info.notes


def test_a_free_size_is_that_asked_for(tmp_path):
    sides = {2: torch.export.Dim.AUTO, 3: torch.export.Dim.AUTO}
    path = save_program(tmp_path / "free.pt2", dynamic_shapes={"images": sides}, strict=False)
    detector = open_detector(str(path), device="cpu", imgsz=150)
    assert "input size free, --imgsz decides" in detector.info.notes
    assert detector.letterbox((90, 160)).input_hw == (160, 160)
    assert detector.candidates(detector.forward(torch.zeros(1, 3, 160, 160))).shape == (1024, 7)


def test_a_file_can_read_the_outputs_and_prepare_the_images(program, tmp_path, images):
    (tmp_path / "reader.py").write_text(
        "names, resize, suppress, stages = ['spot'], 'stretch', False, {'C2': 'backbone.0'}\n"
        "def preprocess(images):\n    return images * 0\n"
        "def decode(outputs, letterbox):\n    assert outputs.shape == (1, 7, 80)\n"
        "    return [[0, 0, 8, 8]], [float(outputs[0, 4, 0])], [0]\n"
    )
    detector = load(program, decode=str(tmp_path / "reader.py"))
    with torch.inference_mode():
        expected = spotter()(images * 0)[0, 4, 0]
    rows = detector.candidates(detector.forward(images))
    torch.testing.assert_close(rows[0], torch.tensor([0, 0, 8, 8, float(expected), 0, 0]))
    assert detector.info.names == ("spot",)
    assert detector.info.suppression is Suppression.NONE
    assert [(s.name, s.node) for s in detector.stages if s.default] == [("C2", "backbone.0")]
    assert detector.letterbox((90, 160)).top == 0
    assert "runs the code of reader.py" in detector.info.notes


def test_a_preset_can_be_named(program):
    assert "decoded as yolo" in load(program, decode="yolo").info.notes
    assert "no decode 'yola'; did you mean 'yolo'?" in refused(program, decode="yola")
    assert "'end2end' reads (1, N, 6) corners" in refused(program, decode="end2end")


@pytest.mark.parametrize("options", [{"precision": "bf16"}, {"channels_last": True}, {"channels_last": False}])
def test_precision_and_memory_format(program, images, options):
    exact, detector = load(program), load(program, **options)
    rows = detector.candidates(detector.forward(images.to(detector.dtype)))
    expected = exact.candidates(exact.forward(images))
    torch.testing.assert_close(rows[0, 4], expected[0, 4], atol=0.02, rtol=0)


# What is refused -----------------------------------------------------------------------------------------------------


class Pair(nn.Module):
    def forward(self, images, other):
        return images.flatten(2) + other


class FixedType(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Spotter()

    def forward(self, images):
        return self.net(images.float())


def test_other_inputs_than_one_picture(tmp_path):
    path = save(tmp_path / "pair.pt2", Pair(), torch.rand(1, 3, 8, 8), torch.rand(1, 3, 64))
    assert "takes (1, 3, 8, 8), (1, 3, 64); export a network that takes one (1, 3, H, W) tensor" in refused(path)
    path = save(tmp_path / "batch.pt2", spotter(), torch.rand(8, 3, 64, 64))
    assert "takes (8, 3, 64, 64); export it for a batch of one RGB image, (1, 3, 64, 64)" in refused(path)
    path = save(tmp_path / "grey.pt2", nn.Conv2d(1, 1, 1), torch.rand(1, 1, 64, 64))
    assert "export it for a batch of one RGB image" in refused(path)


def test_weights_of_another_file(program):
    assert "has its weights in it; leave out --weights mine.pt" in refused(program, weights="mine.pt")


def test_outputs_that_mean_nothing_known(tmp_path):
    path = save(tmp_path / "odd.pt2", nn.Conv2d(3, 2, 1), torch.rand(1, 3, 64, 64))
    info = load(path).info
    assert info.warning == "no decode"
    assert any("cannot tell how outputs (1, 2, 64, 64) become boxes; give --decode" in note for note in info.notes)


def test_a_program_with_its_types_fixed_says_so(tmp_path):
    path = save(tmp_path / "fixed.pt2", FixedType(), torch.rand(1, 3, 64, 64))
    assert "only run in the type it was exported in; leave out --bf16" in refused(path, precision="bf16")
    assert load(path).info.precision == "fp32"


def test_files_that_are_none(program, tmp_path):
    for name, content, complaint in [
        ("empty.pt2", b"", "is empty"),
        ("text.pt2", b"no program", "is no exported program, or only a part of one"),
        ("part.pt2", Path(program).read_bytes()[:900], "is no exported program, or only a part of one"),
    ]:
        (tmp_path / name).write_bytes(content)
        assert complaint in refused(tmp_path / name)
    assert "no model file" in refused(tmp_path / "nothing.pt2")
    assert "did you mean 'empty.pt2'?" in refused(tmp_path / "emtpy.pt2")


def test_a_program_of_another_torch(program, tmp_path):
    def change(value):
        value["schema_version"]["major"] = 99

    path = tampered(Path(program), tmp_path / "future.pt2", edited("models/model.json", change))
    assert "cannot be read as an exported program" in refused(path)
    assert torch.__version__ in refused(path)


@pytest.mark.parametrize("name", ["net.torchscript", "net.pt", "net.ts", "net.pt2"])
def test_torchscript_says_what_to_export_instead(tmp_path, name, capsys):
    save_torchscript(tmp_path / name)
    assert main(["stages", str(tmp_path / name)]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "is a TorchScript export, whose inside cannot be tapped" in line
    assert "torch.export.save(torch.export.export(network, (images,)), 'network.pt2')" in line


def test_what_to_type_is_right(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"torch": torch, "network": spotter(), "images": torch.rand(1, 3, SIZE, SIZE)}
        exec("torch.export.save(torch.export.export(network, (images,)), 'network.pt2')", names)
    rows = np.asarray(load("network.pt2").candidates(load("network.pt2").forward(torch.zeros(1, 3, SIZE, SIZE))))
    assert rows.shape == (1024, 7)
