"""What a file of Python holds for Featscope: read, not run, so that a file can be asked about before it may run."""

import ast
import warnings
from dataclasses import dataclass
from pathlib import Path

_MOST_BYTES = 1 << 20
"""Nobody's detector is that long; reading more would be felt while a file hovers."""


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What is defined in it.

    Attributes:
        builds: Whether it builds a network.
        reducers: Names of its classes that reduce.
    """

    builds: bool = False
    reducers: tuple[str, ...] = ()


def read_own_file(path: str) -> OwnFile:
    """Look what a file defines; one that cannot be read, or is no Python, defines nothing."""
    try:
        with Path(path).expanduser().open("rb") as file:
            text = file.read(_MOST_BYTES)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old spellings; who runs the file may say so
            tree = ast.parse(text)
    # A line of zeros, an unknown encoding, brackets without end: who runs the file tells what is wrong with it.
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return OwnFile()
    names = {name for statement in tree.body for name in _named_by(statement)}
    classes = [statement for statement in tree.body if isinstance(statement, ast.ClassDef)]
    return OwnFile("build" in names, tuple(found.name for found in classes if _reduces(found)))


def _named_by(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case _:
            return []


def _reduces(found: ast.ClassDef) -> bool:
    has_method = any(isinstance(part, ast.FunctionDef) and part.name == "reduce" for part in found.body)
    bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in found.bases]
    return has_method or "Reducer" in bases
