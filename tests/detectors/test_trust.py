"""Checkpoints that try to run code when they are opened: each is refused with one line, and nothing ran."""

import io
import json
import os
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from tests.detectors.makers import Bomb
from tests.support.programs import edited, save_program, tampered
from viewer.cli import main
from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.detectors import open_detector

MODEL, WEIGHTS = "models/model.json", "data/weights/model_weights_config.json"
CONSTANTS, SAMPLES = "data/constants/model_constants_config.json", "data/sample_inputs/model.pt"


class Shell:
    """Runs a command when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self):
        return os.system, (f"mkdir {self.witness}",)


@pytest.fixture
def witness(tmp_path):
    """A folder that stands only if foreign code has run."""
    return tmp_path / "witness"


def refused(path, witness, **options):
    with pytest.raises(UntrustedCheckpointError) as caught:
        open_detector(str(path), device="cpu", imgsz=64, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert "--trust-checkpoint" in message
    assert not witness.exists()
    return message


# Checkpoints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("bomb", [Shell, Bomb], ids=["os.system", "mkdir"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda bomb: bomb,
        lambda bomb: {"model": bomb},
        lambda bomb: {"model": None, "train_args": {"data": [{"deep": OrderedDict(inside=(1, bomb))}]}},
        lambda bomb: {"state_dict": {"layer.weight": torch.zeros(2), "layer.bias": bomb}},
    ],
    ids=["whole", "model", "nested", "in a state dict"],
)
def test_a_checkpoint_that_runs_code_is_refused(tmp_path, witness, wrap, bomb, legacy):
    path = tmp_path / "poisoned.pt"
    torch.save(wrap(bomb(witness)), path, _use_new_zipfile_serialization=not legacy)
    refused(path, witness)


def test_the_bombs_are_live(tmp_path, witness):
    for bomb in (Shell(witness), Bomb(str(witness))):
        torch.save({"model": bomb}, tmp_path / "poisoned.pt")
        with pytest.raises(DetectorError):  # what it leaves is no network, but by then it has run
            open_detector(str(tmp_path / "poisoned.pt"), device="cpu", trust_checkpoint=True)
        witness.rmdir()


def test_a_state_dict_is_no_network_and_says_so(tmp_path):
    torch.save({"model.0.conv.weihgt": torch.zeros(3)}, tmp_path / "weights.pt")
    with pytest.raises(DetectorError, match="holds weights but no network"):
        open_detector(str(tmp_path / "weights.pt"), device="cpu")


def test_the_command_line_says_it_in_one_line(tmp_path, witness, capsys):
    torch.save({"model": Shell(witness)}, tmp_path / "poisoned.pt")
    for arguments in (["stages", str(tmp_path / "poisoned.pt")], ["render", "demo", "--out", str(tmp_path / "o.mp4")]):
        model = ["--model", str(tmp_path / "poisoned.pt")] if arguments[0] == "render" else []
        assert main([*arguments, *model]) == 2
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert "posix.system, which could run code when loaded" in line
        assert not witness.exists()


# Exported programs ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return save_program(tmp_path_factory.mktemp("program") / "program.pt2")


def pickled(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def poison_samples(members, witness):
    members[SAMPLES] = pickled(((Bomb(str(witness)),), {}))


def poison_weight(members, witness):
    table = json.loads(members[WEIGHTS])
    entry = next(iter(table["config"].values()))
    entry["use_pickle"] = True
    members[f"data/weights/{entry['path_name']}"] = pickled(Bomb(str(witness)))
    members[WEIGHTS] = json.dumps(table).encode()


def poison_constant(members, witness):
    entry = next(iter(json.loads(members[WEIGHTS])["config"].values()))
    entry |= {"path_name": "opaque_obj_0", "use_pickle": True}
    members["data/constants/opaque_obj_0"] = pickle.dumps(Bomb(str(witness)))
    members[CONSTANTS] = json.dumps({"config": {"x": entry}}).encode()


def poison_size(members, witness):
    def change(value):
        sizes = next(iter(value["graph_module"]["graph"]["tensor_values"].values()))["sizes"]
        sizes[0] = {"as_expr": {"expr_str": f"__import__('os').mkdir({str(witness)!r})", "hint": None}}

    edited(MODEL, change)(members)


def poison_name(members, witness):
    code = json.dumps(f'images=__import__("os").mkdir({str(witness)!r})').encode()
    members[MODEL] = members[MODEL].replace(b'"images"', code)


LIVE = [poison_samples, poison_weight, poison_constant, poison_size, poison_name]


@pytest.mark.parametrize("poison", LIVE)
def test_a_program_that_runs_code_is_refused(program, tmp_path, witness, poison):
    path = tampered(program, tmp_path / "poisoned.pt2", lambda members: poison(members, witness))
    message = refused(path, witness)
    assert "holds" in message


@pytest.mark.parametrize("poison", LIVE)
def test_those_programs_are_live(program, tmp_path, witness, poison):
    path = tampered(program, tmp_path / "poisoned.pt2", lambda members: poison(members, witness))
    with pytest.raises(DetectorError) if poison is not poison_samples else io.BytesIO():
        open_detector(str(path), device="cpu", trust_checkpoint=True)
    assert witness.exists()


def other_library(members):
    members["data/aotinductor/model/model.so"] = b"\x7fELF"


def other_operator(value):
    value["graph_module"]["graph"]["nodes"][0]["target"] = "torch.os.system"


def file_operator(value):
    value["graph_module"]["graph"]["nodes"][0]["target"] = "torch.ops.aten.from_file.default"


def other_import(value):
    context = json.dumps({"__enum__": True, "fqn": "antigravity:X", "name": "a"})
    spec = json.dumps([1, {"type": "collections.OrderedDict", "context": context, "children_spec": []}])
    value["graph_module"]["module_call_graph"][0]["signature"]["out_spec"] = spec


def code_for_a_size(value):
    sizes = next(iter(value["graph_module"]["graph"]["tensor_values"].values()))["sizes"]
    sizes[0] = {"as_expr": {"expr_str": "Symbol('a').__class__", "hint": None}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (other_library, "more than a network (data/aotinductor/model/model.so)"),
        (edited(MODEL, other_operator), "'torch.os.system' where only a name"),
        (edited(MODEL, file_operator), "'torch.ops.aten.from_file.default' where only a name"),
        (edited(MODEL, other_import), "collections.OrderedDict"),
        (edited(MODEL, code_for_a_size), "__class__"),
    ],
    ids=["library", "operator", "file", "import", "size"],
)
def test_whatever_else_a_program_could_reach_is_refused(program, tmp_path, witness, change, complaint):
    path = tampered(program, tmp_path / "poisoned.pt2", change)
    assert complaint.replace('"', "") in refused(path, witness).replace('"', "").replace("\\", "")


def test_guards_are_not_executed(program, tmp_path, witness):
    def change(value):
        value["guards_code"] = [f"__import__('os').mkdir({str(witness)!r})"]

    path = tampered(program, tmp_path / "guarded.pt2", edited(MODEL, change))
    detector = open_detector(str(path), device="cpu")
    detector.forward(torch.zeros(1, 3, 64, 64))
    assert not witness.exists()
