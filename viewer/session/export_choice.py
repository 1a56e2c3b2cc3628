"""What an export is to be, before it begins: which frames, what of each, where to; and what that will come to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from viewer.render.film import FILM_WH, film_size
from viewer.render.plan import RenderPlan
from viewer.render.views import Grid, MapView
from viewer.session.arrange import DETECTIONS_TILE, page_of
from viewer.session.cam_tile import cam_keys
from viewer.session.present import explain_word
from viewer.session.resolve import tile_keys
from viewer.session.state import ViewState
from viewer.session.sweep_tile import sweep_keys

_BYTES_A_PIXEL = 0.016
"""Of street footage with maps, as `viewer.sinks.video` writes it; a picture that stands still needs a tenth."""
_MIB = 1 << 20


class Show(StrEnum):
    """What of each frame is exported."""

    TILES = "tiles"
    FRAME = "frame"
    TILE = "tile"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the user chose.

    Attributes:
        whole: Whether all frames are exported although a loop is set.
        show: What of each.
        tile: Key of the one tile, with `Show.TILE`.
        folder: Where the video goes, as typed; empty for where exports go by themselves.
    """

    whole: bool = False
    show: Show = Show.TILES
    tile: str = ""
    folder: str = ""


def choice_kept(choice: ExportChoice) -> dict[str, Any]:
    """The choice as plain values, to be remembered."""
    return {**asdict(choice), "show": choice.show.value}


def choice_from(kept: Mapping[str, Any]) -> ExportChoice:
    """The choice that was remembered; what is not understood is as it comes."""
    whole, show = kept.get("whole"), kept.get("show")
    tile, folder = (kept.get(name) for name in ("tile", "folder"))
    return ExportChoice(
        whole is True,
        Show(show) if show in tuple(Show) else Show.TILES,
        tile if isinstance(tile, str) else "",
        folder if isinstance(folder, str) else "",
    )


def fitting(choice: ExportChoice, state: ViewState) -> ExportChoice:
    """The choice without what there is not: a tile that is not tapped any more."""
    if choice.show is Show.TILE and choice.tile not in state.tapped:
        return ExportChoice(choice.whole, folder=choice.folder)
    return choice


def frame_range(state: ViewState, *, whole: bool = False) -> tuple[int, int | None]:
    """First and last frame to export: those of the loop range, and where there is none the whole file.

    The last is None where the number of frames is not known.
    """
    span = state.transport.span
    if span is not None and not whole:
        return span.begin, span.end
    count = state.source.frame_count if state.source else None
    return 0, None if not count else count - 1


def alone_of(state: ViewState, choice: ExportChoice) -> str | None:
    """The tile that is exported alone; None where all are."""
    match choice.show:
        case Show.FRAME:
            return DETECTIONS_TILE
        case Show.TILE:
            return choice.tile
        case Show.TILES:
            return state.maximised if state.maximised in _filmed(state) else None


def _filmed(state: ViewState) -> tuple[str, ...]:
    """Tiles that every frame of a film can have: a sweep is of one frame, and so is what no option asks for."""
    of_now = (*sweep_keys(state), *(() if explain_word(state) else cam_keys(state)))
    return tuple(key for key in tile_keys(state) if key not in of_now)


def show_words(state: ViewState) -> dict[str, tuple[Show, str]]:
    """What can be chosen of each frame, by the words for it."""
    titles = {stage.node: stage.title for stage in state.stages}
    stages = {f"Tile {titles.get(node, node)}": (Show.TILE, node) for node in state.tapped}
    return {_as_shown(state): (Show.TILES, ""), "Frame with boxes": (Show.FRAME, ""), **stages}


def _as_shown(state: ViewState) -> str:
    """`Tiles as shown, page 2 of 3, divider at 30 %`, of which only what is not plain to see from here."""
    page, pages = page_of(len(tile_keys(state)), state.grid.places, state.page)
    alone = alone_of(state, ExportChoice())
    is_paged = pages > 1 and alone is None
    is_of_now = state.maximised in tile_keys(state) and alone is None
    parts = (
        "All tiles: the one that is shown is of this frame alone" if is_of_now else "Tiles as shown",
        f"page {page + 1} of {pages}" if is_paged else "",
        f"divider at {state.divider:.0%}".replace("%", " %") if state.view is MapView.SWIPE else "",
    )
    return ", ".join(part for part in parts if part)


def range_words(state: ViewState) -> dict[str, bool]:
    """Which frames can be chosen, by the words for them; whether those are all."""
    first, last = frame_range(state, whole=True)
    whole = "Whole file" if last is None else f"Whole file, frames {first} to {last}"
    span = state.transport.span
    return {whole: True} if span is None else {f"Loop, frames {span.begin} to {span.end}": False, whole: True}


def canvas_of(
    state: ViewState, plan: RenderPlan, choice: ExportChoice, area_wh: tuple[float, float]
) -> tuple[int, int]:
    """Size of the film's pictures, in which tiles lie as in the window.

    Args:
        state: What is shown.
        plan: The same, decided.
        choice: What the user chose.
        area_wh: Width and height of what the window has for tiles, in any pixels.
    """
    alone = alone_of(state, choice)
    if alone is not None:
        tiles = tuple(tile for tile in plan.tiles if tile.key == alone) or plan.tiles[:1]
        plan = replace(plan, tiles=tiles, grid=Grid.AUTO)
    return film_size(plan, area_wh)


def estimate_words(state: ViewState, choice: ExportChoice, canvas_wh: tuple[int, int] = FILM_WH) -> str:
    """What it comes to: frames, rate, length, size of the pictures and about how many bytes."""
    first, last = frame_range(state, whole=choice.whole)
    width, height = canvas_wh
    fps = state.source.fps if state.source else None
    rate = "" if not fps else f"{float(fps):g} fps"
    picture = f"{width}\N{MULTIPLICATION SIGN}{height} px"
    if last is None:
        return " · ".join(part for part in ("to its end", rate, picture) if part)
    count = last - first + 1
    length = "" if not fps else _length(count / float(fps))
    size = f"about {max(1, round(count * width * height * _BYTES_A_PIXEL / _MIB))} MB"
    return " · ".join(part for part in (f"{count} frames", length, rate, picture, size) if part)


def explain_words(state: ViewState, choice: ExportChoice) -> str:
    """Whose score the film explains; empty where it explains none."""
    question = state.inquiry.cam
    if question is None or alone_of(state, choice) not in (None, *cam_keys(state)):
        return ""
    if question.merged is not None:
        return "all detections of each frame in one map"
    if question.target.region is not None:
        return "the candidate at the place you ask about, in each frame anew"
    if state.focus is None:
        return ""
    return (
        f"the {state.focus.name} you follow, from frame {state.focus.place.index} on and back, as long as it is there"
    )


def _length(seconds: float) -> str:
    """`7.5 s`, from a minute on `2:05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"
