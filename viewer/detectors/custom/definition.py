"""A user's file, read: what it defines of the contract, and in one line what is missing or of the wrong kind."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor

from viewer.core.errors import DetectorError
from viewer.core.nearby import mentions
from viewer.userfile.blame import blamed, line_of
from viewer.userfile.running import find_file, run_file

FIELDS: dict[str, str] = {
    "build": "a function build(device) that returns the network",
    "decode": "a function decode(outputs, letterbox) that returns boxes, scores, labels",
    "preprocess": "a function preprocess(images) that returns what the network takes",
    "fuse": "a function fuse(network) that returns the network with normalisation folded into convolutions",
    "names": "a list of class names, or a dict from class number to name",
    "input_size": "a number of pixels, or height and width, of 8 to 8192 pixels",
    "resize": "'letterbox' or 'stretch'",
    "stride": "a number of pixels that the input's sides must be multiples of",
    "suppress": "True or False",
    "stages": "a dict from short name to module path, or a list of module paths, none twice",
}
"""Every name a file may define, and what it must be."""

_SYNONYMS: dict[str, str] = {
    **dict.fromkeys(("model", "network", "net", "build_model", "get_model", "create_model", "make_model"), "build"),
    **dict.fromkeys(("postprocess", "post_process", "postprocessing", "decode_outputs"), "decode"),
    **dict.fromkeys(("pre_process", "preprocessing"), "preprocess"),
    **dict.fromkeys(("class_names", "classes", "labels", "label_names", "categories"), "names"),
    **dict.fromkeys(("imgsz", "img_size", "image_size", "input_shape", "input_hw"), "input_size"),
    **dict.fromkeys(("resize_mode", "stretch"), "resize"),
    **dict.fromkeys(("suppression", "use_nms"), "suppress"),
    **dict.fromkeys(("taps", "tap_layers"), "stages"),
}
"""What other projects call the same things, but for words that a file is as likely to import, such as `nms`."""

_LOOKS_LIKE_ONE = mentions(r"\b(build|decode)\b")
_FUNCTIONS = {"build": 1, "decode": 2, "preprocess": 1, "fuse": 1}
_PIXELS = range(8, 8193)


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What a user's file defines.

    Attributes:
        path: The file.
        functions: Those of `build`, `decode`, `preprocess` and `fuse` that it has.
        names: Class names by number; empty where not given.
        input_hw: Height and width of the network's input; None where it is free.
        stretch: Whether pictures are stretched to the input instead of letterboxed.
        stride: Multiple that the input's sides must be of; None pads to a whole square.
        suppress: Whether boxes that overlap a better one of their class are taken out.
        stages: Module paths to tap by default, with their short names; None where not given.
        strays: Names it defines that look like misspelt ones of the contract, with what they look like.
    """

    path: Path
    functions: Mapping[str, Callable[..., Any]]
    names: tuple[str, ...] = ()
    input_hw: tuple[int, int] | None = None
    stretch: bool = False
    stride: int | None = None
    suppress: bool = True
    stages: Mapping[str, str] | None = None
    strays: tuple[tuple[str, str], ...] = ()

    def call(self, name: str, *arguments: Any) -> Any:
        """Call one of its functions, which it must have.

        Raises:
            DetectorError: If it raises anything.
        """
        function = self.functions[name]
        with blamed(self.path, f"{name}()", error=DetectorError, definition=function):
            return function(*arguments)

    def prepare(self, images: Tensor) -> Any:
        """What its `preprocess` makes of (1, 3, H, W) images; the images themselves where it has none.

        Raises:
            DetectorError: If it fails, or returns what no network takes.
        """
        if "preprocess" not in self.functions:
            return images
        made = self.call("preprocess", images)
        kind = type(made)
        if made is None or kind.__module__ == "numpy":
            what = "None" if made is None else f"{kind.__module__}.{kind.__name__}"
            raise DetectorError(
                f"{self.place_of('preprocess')}: preprocess() returned {what}; return a tensor (1, 3, H, W)"
            )
        return made

    def require(self, name: str) -> None:
        """Make sure that it has a function.

        Raises:
            DetectorError: If not; the message names a likely misspelling, and what else there is.
        """
        if name in self.functions:
            return
        meant = next((f"; did you mean {stray!r} to be it?" for stray, near in self.strays if near == name), "")
        has = f"; it has {', '.join(self.functions)}" if self.functions and not meant else ""
        raise DetectorError(f"{self.path.name} does not define {name}: write {FIELDS[name]}{meant or has}")

    def place_of(self, name: str) -> str:
        """Where one of its functions begins, for messages."""
        return line_of(self.functions.get(name), self.path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found in the file and what was not, one line each."""
        return (
            f"runs the code of {self.path.name}",
            *(f"{name}: found" for name in self.functions),
            *([] if "decode" in self.functions else ["decode: not given"]),
            f"names: {len(self.names)} classes" if self.names else "names: not given, classes are numbered",
            f"resize: {'stretched to the input' if self.stretch else 'letterboxed'}",
            f"suppress: {'boxes over a better one of their class go' if self.suppress else 'every box stays'}",
            *(f"{stray} means nothing here; did you mean {near}?" for stray, near in self.strays),
        )

    @property
    def input_note(self) -> str:
        """What decides the size of the network's input."""
        if self.input_hw is None:
            return "input_size: not given, --imgsz decides"
        height, width = self.input_hw
        return f"input_size: {height} high, {width} wide, whatever --imgsz says"


def load_definition(name: str) -> Definition:
    """Run a user's file and read what it defines.

    Args:
        name: Path as typed.

    Raises:
        DetectorError: If it is not there, cannot be run, or defines something of the wrong kind.
    """
    path = find_file(name, DetectorError, _LOOKS_LIKE_ONE)
    module = run_file(path, DetectorError, role="detector")
    defined = {key: value for key, value in vars(module).items() if key in FIELDS and value is not None}
    functions = {key: _checked_function(path, key, defined[key]) for key in _FUNCTIONS if key in defined}
    settings = {key: _SETTINGS[key](defined[key]) for key in _SETTINGS if key in defined}
    for key, value in settings.items():
        if value is _WRONG:
            given = defined[key]
            raise DetectorError(f"{path.name}: {key} is {_short(given)}; give {FIELDS[key]}")
    return Definition(
        path=path,
        functions=functions,
        names=settings.get("names", ()),
        input_hw=settings.get("input_size"),
        stretch=settings.get("resize", False),
        stride=settings.get("stride"),
        suppress=settings.get("suppress", True),
        stages=settings.get("stages"),
        strays=tuple(_strays(module)),
    )


def _checked_function(path: Path, name: str, value: object) -> Callable[..., Any]:
    if not callable(value):
        raise DetectorError(f"{path.name}: {name} is {_short(value)}; give {FIELDS[name]}")
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):  # some built-in functions have none
        return value
    try:
        signature.bind(*[None] * _FUNCTIONS[name])
    except TypeError:
        if name == "build" and not signature.parameters:  # the network is moved to the device in any case
            return lambda _device: value()
        shown = f"{name}{signature}"
        raise DetectorError(f"{line_of(value, path)}: {shown} does not fit; give {FIELDS[name]}") from None
    return value


_WRONG: Any = object()


def _names(value: object) -> Any:
    if isinstance(value, Mapping):
        if not all(isinstance(key, int) and key >= 0 for key in value):
            return _WRONG
        return tuple(str(value.get(number, f"class {number}")) for number in range(max(value, default=-1) + 1))
    return tuple(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else _WRONG


def _input_hw(value: object) -> Any:
    size = (value, value) if isinstance(value, int) else value
    if not isinstance(size, Sequence) or len(size) != 2:
        return _WRONG
    return tuple(size) if all(isinstance(side, int) and side in _PIXELS for side in size) else _WRONG


def _stretch(value: object) -> Any:
    return {"letterbox": False, "stretch": True}.get(value, _WRONG) if isinstance(value, str) else _WRONG


def _stride(value: object) -> Any:
    return value if isinstance(value, int) and 1 <= value <= 256 else _WRONG


def _flag(value: object) -> Any:
    return value if isinstance(value, bool) else _WRONG


def _stages(value: object) -> Any:
    """Short name by module path, empty where only paths are given."""
    if isinstance(value, Mapping):
        pairs = [(path, name) for name, path in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = [(path, "") for path in value]
    else:
        return _WRONG
    is_text = all(isinstance(text, str) for pair in pairs for text in pair)
    return dict(pairs) if is_text and len(dict(pairs)) == len(pairs) else _WRONG


_SETTINGS: dict[str, Callable[[object], Any]] = {
    "names": _names,
    "input_size": _input_hw,
    "resize": _stretch,
    "stride": _stride,
    "suppress": _flag,
    "stages": _stages,
}


def _strays(module: ModuleType) -> list[tuple[str, str]]:
    """Public lower-case names of the file that are nearly one of the contract which it does not define, or mean it."""
    missing = [field for field in FIELDS if not hasattr(module, field)]
    own = [
        name
        for name, value in vars(module).items()
        if name.islower() and name not in FIELDS and not name.startswith("_") and not isinstance(value, ModuleType)
    ]
    return [(name, near) for name in own if (near := _meant_field(name, missing)) is not None]


def _meant_field(name: str, missing: Sequence[str]) -> str | None:
    if _SYNONYMS.get(name) in missing:
        return _SYNONYMS[name]
    return next(iter(get_close_matches(name, missing, n=1, cutoff=0.8)), None)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
