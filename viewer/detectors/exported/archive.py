"""Reading a `.pt2` file without running what it may bring along.

`torch.export.load` unpickles parts of the file, loads compiled libraries from it, evaluates its size expressions,
executes its guards and looks its operators up by name from `torch` downwards, so a crafted file can run anything
(torch/_export/serde/serialize.py and torch/export/pt2_archive/_package.py, 2.15). Everything in the file is therefore
held against a list of what an export of a network needs before any of it is used.
"""

import ast
import io
import json
import logging
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.export.pt2_archive import PT2ArchiveReader

from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.core.paths import path_errors
from viewer.detectors.exported.torchscript import is_torchscript, torchscript_error

_MEMBERS = re.compile(
    r"models/\w+\.json|data/(weights|constants|sample_inputs)/[\w.]+|archive_format|archive_version|version|byteorder"
    r"|\.data/(version|serialization_id)|extra/.*"
)
_CONFIGS = re.compile(r"data/(weights|constants)/\w+_config\.json")
_OPERATORS = re.compile(
    r"torch\.ops\.(aten|prims|torchvision|higher_order|quantized_decomposed)\.(?!from_file)(?!__)\w+(\.(?!__)\w+)?"
    r"|torch\.ops\.aten\.__(and|or|xor|lshift|rshift)__(\.(?!__)\w+)?"
    r"|torch\.sym_\w+"
    r"|_operator\.(add|sub|mul|floordiv|truediv|mod|pow|neg|pos|abs|and_|or_|xor|not_|lshift|rshift|getitem"
    r"|eq|ne|lt|le|gt|ge)"
    r"|math\.(ceil|floor|trunc|sqrt)"
)
_NAME = re.compile(r"[\w.:+-]*")
_SIZE_FUNCTIONS = re.compile(r"[A-Z]\w*")
"""Functions of sizes all begin so: `FloorDiv`, `Symbol`. None that sympy knows by such a name runs a plain name."""
_TEXT = frozenset({"metadata", "as_string", "as_strings", "guards_code"})
"""Keys of what never becomes code: descriptions, string arguments, and guards, which are thrown away."""
_IMPORTERS = ("__enum__", "default_factory_module")
"""Marks in a structure of inputs or outputs that make torch import a module of the file's choice."""
_CUSTOM = "data/constants/(custom|opaque)_obj"


def load_archive(path: Path, *, trust: bool) -> ExportedProgram:
    """Read the program of a file.

    Args:
        path: A file that exists.
        trust: Read it without looking first.

    Raises:
        UntrustedCheckpointError: If it holds what could run code and `trust` is not set; none of it has run.
        DetectorError: If it cannot be read.
    """
    with path_errors(DetectorError, f"cannot read {path}"):
        content = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        what = "is empty" if not content else "is no exported program, or only a part of one"
        raise DetectorError(f"{path} {what}; save one with torch.export.save(program, FILE)")
    if is_torchscript(io.BytesIO(content)):
        raise torchscript_error(path)
    import torchvision  # noqa: F401 - its operators must be known before a program that uses them is read

    with _reading(path), _quiet():
        if not trust:
            suspect = _suspect(content)
            if suspect:
                raise UntrustedCheckpointError(
                    f"{path} holds {suspect}, which could run code when loaded; if you trust where it comes from, add "
                    "--trust-checkpoint"
                )
        program = torch.export.load(io.BytesIO(content))
    if not trust:
        program._guards_code = []  # noqa: SLF001 - they are source code, and what they check is checked by the adapter
    return program


def _suspect(content: bytes) -> str:
    """What in a file could run code, in words; empty if nothing."""
    with PT2ArchiveReader(io.BytesIO(content)) as archive:
        names = archive.get_file_names()
        for name in names:
            if re.match(_CUSTOM, name):
                return f"an object of a class of its own ({name})"
            if not _MEMBERS.fullmatch(name):
                return f"more than a network ({name})"
        return next(filter(None, (_suspect_member(archive, name) for name in names)), "")


def _suspect_member(archive: PT2ArchiveReader, name: str) -> str:
    if name.endswith(".pt"):
        return "" if _is_plain_pickle(archive.read_bytes(name)) else f"a pickle of more than tensors ({name})"
    if not name.endswith(".json"):
        return ""
    value = json.loads(archive.read_string(name))
    folder = name.rpartition("/")[0]
    for path in _pickled(value) if _CONFIGS.fullmatch(name) else ():
        if not _is_plain_pickle(archive.read_bytes(f"{folder}/{path}")):
            return f"a pickle of more than tensors ({path})"
    strange = next(_strange(value), None)
    return "" if strange is None else f"{strange!r:.80} where only a name or a number belongs"


def _is_plain_pickle(data: bytes) -> bool:
    if not data:
        return True
    try:
        torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except pickle.UnpicklingError:
        return False
    return True


def _pickled(config: Any) -> Iterator[str]:
    """Files in a table of weights that are pickles."""
    for entry in config["config"].values():
        if entry["use_pickle"]:
            yield entry["path_name"]


def _strange(value: Any, key: str = "") -> Iterator[str]:
    """Strings anywhere in a description that are not of the kind their place asks for."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not _NAME.fullmatch(name):
                yield name
            if name == "as_custom_obj":
                yield name
            if name not in _TEXT:
                yield from _strange(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strange(inner, key)
    elif isinstance(value, str) and not _is_fit(value, key):
        yield value


def _is_fit(text: str, key: str) -> bool:
    match key:
        case "target" | "as_operator":
            return _OPERATORS.fullmatch(text) is not None or text.isidentifier()
        case "expr_str":
            return _is_size(text)
        case "in_spec" | "out_spec":
            return _is_structure(json.loads(text), strict=key == "in_spec")
        case _:
            return _NAME.fullmatch(text) is not None


def _is_size(text: str) -> bool:
    """Whether an expression is made of numbers, symbols and functions of sizes only; sympy evaluates it as Python."""
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.keyword)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if _SIZE_FUNCTIONS.fullmatch(name):
                continue
            case ast.Name(id=name) if not name.startswith("_"):
                continue
            case ast.Constant(value=bool() | int() | float()):
                continue
            case ast.Constant(value=str(name)) if name.isidentifier() and not name.startswith("_"):
                continue
        if not isinstance(node, (*allowed, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)):
            return False
    return True


def _is_structure(value: Any, *, strict: bool) -> bool:
    """Whether the structure of inputs or outputs imports nothing; the names of inputs also become code."""
    if isinstance(value, dict):
        return all(name not in _IMPORTERS and _is_structure(inner, strict=strict) for name, inner in value.items())
    if isinstance(value, list):
        return all(_is_structure(inner, strict=strict) for inner in value)
    if not isinstance(value, str):
        return True
    if value[:1] in ("{", "[", '"'):
        return _is_structure(json.loads(value), strict=strict)
    return not any(mark in value for mark in _IMPORTERS) and (not strict or _NAME.fullmatch(value) is not None)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn the many ways in which reading fails into one line."""
    try:
        yield
    except (DetectorError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        said = str(error).strip().splitlines()
        what = said[0] if said else type(error).__name__
        raise DetectorError(
            f"{path} cannot be read as an exported program ({what}); save it again with torch.export.save of the torch "
            f"in use here, {torch.__version__}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch from writing tracebacks to the terminal about what it then raises anyway."""
    loggers = [logging.getLogger(name) for name in ("torch.export", "torch._export", "torch.export.pt2_archive")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
