"""An export of the loop range as a video, planned: which frames, where to, with which options, and how it is told.

The work is done by `featscope render` in a process of its own, with the options that hold in the window. So playing
goes on, a film shows what that command would write, and whatever befalls the export does not befall the window.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from viewer.config.chosen_paths import check_folder
from viewer.config.schema import Config
from viewer.core.errors import ConfigError, SourceError
from viewer.core.paths import expanded
from viewer.render.film import FILM_WH
from viewer.session.export_choice import ExportChoice, alone_of, frame_range
from viewer.session.headless import tile_names
from viewer.session.state import ViewState
from viewer.session.taking import Outcome, Running, saved
from viewer.sinks.naming import free_path, plain

_AS_SHOWN = ExportChoice()
_SUFFIX = ".mp4"
_LAST_WORDS = "featscope: "


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A video to write.

    Attributes:
        path: Where it will be; nothing is there yet.
        source: As `featscope render` takes it.
        settings: All other options as JSON, which is YAML as well and so a preset.
        first: Index of the first frame.
        count: Number of frames; None for all that follow.
        canvas_wh: Width and height of its pictures.
    """

    path: Path
    source: str
    settings: str
    first: int = 0
    count: int | None = None
    canvas_wh: tuple[int, int] = FILM_WH

    def arguments(self, settings: Path) -> list[str]:
        """What the command line is, with the settings in this file."""
        # A path that looks like an option is one no more with its folder in front.
        source = f"./{self.source}" if self.source.startswith("-") else self.source
        words = ["render", source, "--config", str(settings), "--out", str(self.path)]
        words += ["--canvas", "x".join(map(str, self.canvas_wh)), "--start", str(self.first), "--watched"]
        return words if self.count is None else [*words, "--max-frames", str(self.count)]


def check_exportable(state: ViewState) -> None:
    """Refuse what cannot be read once more from its beginning.

    Raises:
        SourceError: If there is no file to take frames from.
    """
    if state.source is None:
        raise SourceError("nothing to export yet; open a video first")
    if state.source.is_live:
        raise SourceError(f"cannot export {state.source.name}: a live source cannot be read again; export a file")


def plan_export(
    state: ViewState,
    config: Config,
    folder: Path,
    choice: ExportChoice = _AS_SHOWN,
    canvas_wh: tuple[int, int] = FILM_WH,
) -> ExportOrder:
    """Decide what to write.

    Args:
        state: What is shown.
        config: The options that hold now.
        folder: Where the video goes unless the user chose a folder.
        choice: What the user chose.
        canvas_wh: Width and height of the pictures.

    Raises:
        SourceError: If there is no file to take frames from.
        SinkError: If the folder cannot be made.
        ConfigError: If nothing can be written into the one that was chosen.
    """
    check_exportable(state)
    first, last = frame_range(state, whole=choice.whole)
    stem = plain(state.source.name if state.source else "")
    if last is not None:
        stem = f"{stem}_frames{first:06d}-{last:06d}"
    settings = config.model_copy(update=_asked(state, config, choice)).model_dump(
        mode="json", exclude={"source", "snapshots"}, exclude_none=True
    )
    if choice.folder:
        check_folder(choice.folder, make=True)
        folder = expanded(choice.folder, ConfigError).absolute()
    path = free_path(folder, stem, [_SUFFIX])
    count = None if last is None else last - first + 1
    return ExportOrder(path, config.source, json.dumps(settings), first, count, canvas_wh)


def _asked(state: ViewState, config: Config, choice: ExportChoice) -> dict[str, object]:
    """Options for what is shown beside boxes and maps: tiles that are shown are exported as they are shown."""
    # The window also keeps the places of another model's stages; those are none here.
    known = tile_names(state.stages) if state.stages else frozenset(config.order)
    label, channel = state.inquiry.score_map, state.inquiry.channel
    asked: dict[str, object] = {
        "alone": alone_of(state, choice),
        "order": tuple(key for key in config.order if key in known),
    }
    if label is not None:
        asked |= {"score_map": str(label), "score_top": state.score_top}
    if channel is not None and channel.node in state.tapped:
        asked["channel"] = f"{channel.node}:{channel.number}"
    return asked


def begun(order: ExportOrder) -> Running:
    """What is said before the first frame: the network is loaded once more."""
    return Running(f"Exporting {order.path.name}: loading the network")


def progressed(order: ExportOrder, line: str) -> Running | None:
    """Read a line of the running command; None if it tells nothing of how far it is."""
    try:
        told = json.loads(line)
        done, total = int(told["frames"]), told["of"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(total, int) or total < 1:
        return Running(f"Exporting {order.path.name}: {done} frames")
    return Running(f"Exporting {order.path.name}: {done} of {total} frames", min(1.0, done / total))


def ended(order: ExportOrder, code: int, errors: str, *, cancelled: bool) -> Outcome:
    """How the command ended.

    Args:
        order: What it was to write.
        code: Its exit code.
        errors: All it wrote to standard error.
        cancelled: Whether the user ended it.
    """
    if cancelled:
        return Outcome("Export cancelled; nothing was left behind")
    if code == 0:
        return saved(order.path, "Exported", stays=True)
    lines = [line for line in errors.splitlines() if line.startswith(_LAST_WORDS)]
    reason = lines[-1].removeprefix(_LAST_WORDS) if lines else f"the export ended unexpectedly, with code {code}"
    return Outcome(f"Not exported: {reason}", failed=True)
