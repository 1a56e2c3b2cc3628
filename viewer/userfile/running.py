"""Finds a user's file and runs it as a module of its own, with the files beside it within reach."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType

from viewer.core.errors import ViewerError
from viewer.core.nearby import meant, neighbours
from viewer.core.paths import expanded, path_errors
from viewer.userfile.blame import blamed

_numbers = count()
_folders: dict[str, str] = {}
"""For each role, the folder of the file that was opened last for it, where we put it into `sys.path`."""
_loaded_beside: dict[str, set[str]] = {}
"""Modules that came from there."""


def find_file(name: str, error: type[ViewerError], looks_like_one: Callable[[Path], bool]) -> Path:
    """Where a user's file lies.

    Args:
        name: Path as typed.
        error: What to raise.
        looks_like_one: Whether a file beside it may have been meant.

    Raises:
        ViewerError: Of the kind of `error`, if it is not there; the message suggests the nearest.
    """
    path = expanded(name, error)
    with path_errors(error, f"cannot open {name}"):
        if path.is_file():
            return path.resolve()
        if path.is_dir():
            raise error(f"{name!r} is a folder; give the .py file in it")
        near = meant(path, neighbours(path, looks_like_one))
    raise error(f"no file {name!r}{near or '; give the path of a .py file'}")


def run_file(path: Path, error: type[ViewerError], *, role: str) -> ModuleType:
    """Run a file as a module of its own; files beside it can be imported, as when Python runs it.

    Args:
        path: The file.
        error: What to raise.
        role: What it is to us. Files beside the last one of that role are forgotten: they may have been edited.

    Raises:
        ViewerError: Of the kind of `error`, if it cannot be run; the message names the line.
    """
    name = f"featscope_user_{next(_numbers)}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise error(f"{path} cannot be imported as Python; give a .py file")
    module = importlib.util.module_from_spec(spec)
    _step_into(path.parent, role)
    with _others_aside(path.parent, role):
        before = set(sys.modules)
        sys.modules[name] = module
        try:
            with blamed(path, "running it", error=error):
                spec.loader.exec_module(module)
        finally:  # what came before a fault may be mended as well
            new = set(sys.modules) - before
            _loaded_beside[role] = {other for other in new if _lies_in(sys.modules[other], path.parent)}
    return module


def _step_into(folder: Path, role: str) -> None:
    """Let files of a folder be imported in place of those of the role's last one.

    Files of the last folder may have been edited, or bear the same names in another project. The folder stands at the
    end, so that a file of the user's never takes the place of an installed package.
    """
    for stale in _loaded_beside.pop(role, ()):
        sys.modules.pop(stale, None)
    last = _folders.pop(role, None)
    if last is not None and last not in _folders.values() and last in sys.path:
        sys.path.remove(last)
    if str(folder) not in sys.path or str(folder) in _folders.values():
        _folders[role] = str(folder)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


@contextmanager
def _others_aside(folder: Path, role: str) -> Iterator[None]:
    """A context in which files beside a user's other file are out of the way: `utils.py` lies in many a project.

    Afterwards both files hold their own, and whoever imports that name later gets the newer.
    """
    names = [name for other, loaded in _loaded_beside.items() if other != role for name in loaded]
    modules = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    places = {other for known, other in _folders.items() if known != role and other != str(folder)}
    path = sys.path.copy()
    sys.path[:] = [place for place in sys.path if place not in places]
    try:
        yield
    finally:
        sys.path[:] = [*path, *(place for place in sys.path if place not in path)]
        for name, module in modules.items():
            sys.modules.setdefault(name, module)


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(folder) and "site-packages" not in Path(file).parts
