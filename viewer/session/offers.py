"""What can be opened, in words: what a drop would do before it is let go, what was open before, which models are known.

Only names are looked at, whether something is a folder, and what a file of Python defines: hovering must cost nothing,
and what is in any other file the engine finds out when it opens it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.config.recents import Recents
from viewer.config.schema import DEMO
from viewer.session.own_file import OwnFile, read_own_file
from viewer.session.wanted import Wanted, short_name, to_continue, understood
from viewer.sources.suffixes import IMAGE_SUFFIXES

_CONTAINERS = ("mp4", "m4v", "mkv", "avi", "mov", "ts", "m2ts", "mts", "webm", "mpg", "mpeg", "wmv", "flv", "y4m")
_RAW_STREAMS = ("h264", "264", "h265", "265", "hevc")
VIDEO_SUFFIXES = frozenset(f".{name}" for name in (*_CONTAINERS, *_RAW_STREAMS))
"""Lower-case suffixes that are taken for videos without being opened."""

MODEL_SUFFIXES = frozenset({".pt", ".pt2", ".onnx", ".keras", ".py", ".yaml", ".yml", ".h5", ".torchscript"})
"""Lower-case suffixes that are taken for models; of those that cannot be opened the engine says what to do."""

KNOWN_MODELS = (
    "yolo11n.pt",
    "yolo11s.pt",
    "yolo11n-seg.pt",
    "yolo11n-pose.pt",
    "rtdetr-l.pt",
    "torchvision:fasterrcnn_resnet50_fpn_v2",
    "torchvision:fcos_resnet50_fpn",
    "torchvision:ssdlite320_mobilenet_v3_large",
)
"""Models with a name, downloaded once when they are asked for."""

_DROPPABLE = "drop a video, an image, a folder of images, or a model (.pt .pt2 .onnx .keras .py .yaml)"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a drop, or a row of a list, would do.

    Attributes:
        wanted: What would be opened; None where nothing can be.
        text: It in words, or why nothing can be.
        detail: Where it lies, or what it is.
    """

    wanted: Wanted | None
    text: str
    detail: str = ""


def offer_of(
    paths: Sequence[str],
    is_folder: Callable[[str], bool] = lambda path: Path(path).is_dir(),
    look: Callable[[str], OwnFile] = read_own_file,
) -> Offer:
    """What dropping these files would do: one source, one model, or one of each.

    Args:
        paths: As the desktop names them.
        is_folder: Whether one is a folder.
        look: What a file of Python holds.
    """
    sources: list[str] = []
    models: list[str] = []
    for path in paths:
        suffix = Path(path).suffix.lower()
        if suffix in MODEL_SUFFIXES:
            models.append(path)
        elif suffix in VIDEO_SUFFIXES or suffix in IMAGE_SUFFIXES or is_folder(path):
            sources.append(path)
        else:
            return Offer(None, f"No way to open {short_name(path)}", _DROPPABLE)
    if not paths or len(sources) > 1 or len(models) > 1:
        return Offer(None, "One at a time" if paths else "Nothing to open", _DROPPABLE)
    wanted = understood(Wanted(sources[0] if sources else None, models[0] if models else None), look)
    return Offer(wanted, _deed(wanted), "This is code: it is run, and you are asked first" if wanted.code else "")


def recent_sources(recents: Recents) -> list[Offer]:
    """What was watched before, the last session first."""
    offers = [Offer(Wanted(source), short_name(source), _place(source)) for source in recents.sources]
    offers.append(Offer(Wanted(DEMO), DEMO, "a street, comes with Featscope"))
    if recents.last is None:
        return offers
    last = to_continue(recents.last)
    at = f"frame {last.index}" if last.index else "from the start"
    words = f"Continue with {short_name(last.source or '')}"
    return [Offer(last, words, f"{short_name(last.model or '')} · {at}"), *offers]


def recent_models(recents: Recents) -> list[Offer]:
    """Models that were used before, and the one that comes along."""
    used = [Offer(Wanted(model=model), short_name(model), _place(model)) for model in recents.models]
    return [*used, Offer(Wanted(model=DEMO), DEMO, "comes with Featscope")]


def published_models(recents: Recents) -> list[Offer]:
    """Models with a name that were never used: opening one downloads it."""
    return [Offer(Wanted(model=name), name, _what(name)) for name in KNOWN_MODELS if name not in recents.models]


def _deed(wanted: Wanted) -> str:
    if wanted.reducer is not None:
        path, _, name = wanted.reducer.rpartition(":")
        which = "one of its reducers" if wanted.instead else f"its reducer {name}"
        return f"Make maps with {short_name(path)}, {which}"
    if wanted.instead:
        return f"Open {short_name(wanted.model or '')}, which holds a model and reducers"
    if wanted.source is None:
        return f"Load {short_name(wanted.model or '')} as the model"
    with_model = f" with {short_name(wanted.model)}" if wanted.model is not None else ""
    return f"Open {short_name(wanted.source)}{with_model}"


def _place(name: str) -> str:
    if "://" in name:
        return "network"
    if name.isdigit() or name.startswith("/dev/"):
        return "camera"
    parent = Path(name).parent
    return "" if str(parent) == "." else str(parent)


def _what(name: str) -> str:
    return "built in, weights downloaded once" if name.startswith("torchvision:") else "downloaded once"
