"""What is said of the object the user chose, in words: they are what he writes into his report."""

from viewer.core.region import LEAST_SCORE
from viewer.core.suppression import Thresholds
from viewer.session.follow import Fate, Focus

_TIMES = "\N{MULTIPLICATION SIGN}"


def title_of(focus: Focus) -> str:
    """Class and whether it is there: `car 0.87`, `car, lost after 137`."""
    found = focus.found
    if focus.fate is Fate.FOUND and focus.box is not None:
        return f"{focus.name} {focus.box.score:.2f}"
    if found is None or focus.index == found.index:
        # It never was, or it is the slider that took it away and not the film.
        return f"{focus.name}, not detected"
    when = "lost after" if focus.index > found.index else "not before"
    return f"{focus.name}, {when} {found.index}"


def lines_of(focus: Focus, thresholds: Thresholds) -> tuple[str, ...]:
    """What else is known, a line each: its score where it was last found, and what stands there now."""
    if focus.fate is Fate.FOUND and focus.box is not None:
        width, height = focus.box.size_px
        stride = f" · stride {focus.box.stride}" if focus.box.stride else ""
        return (f"{width}{_TIMES}{height} px{stride} · frame {focus.index}",)
    was = () if focus.found is None else (f"score {focus.found.score:.2f} in frame {focus.found.index}",)
    return (*was, _now(focus, thresholds))


def _suppressed(focus: Focus, thresholds: Thresholds) -> str:
    judgement = focus.judgement
    if judgement is None or not judgement.place:
        return f"but a better {focus.name} overlaps it"
    return f"suppressed by detection {judgement.place}, IoU {judgement.iou:.2f} > {thresholds.iou:.2f}"


def _now(focus: Focus, thresholds: Thresholds) -> str:
    score = "" if focus.box is None else f"{focus.box.score:.2f}"
    match focus.fate:
        case Fate.UNDER:
            return f"{score} here, under the threshold {thresholds.conf:.2f}"
        case Fate.SUPPRESSED:
            return f"{score} here, {_suppressed(focus, thresholds)}"
        case Fate.CLASS_OFF:
            return f"{score} here, but its class is switched off"
        case Fate.CUT_OFF:
            return f"{score} here, but not among the {thresholds.max_det} best"
        case Fate.RENAMED if focus.box is not None:
            return f"detected here as {focus.box.text}"
        case Fate.FAR:
            return "this frame is too far away to tell"
        case _:
            return f"no {focus.name} here that scores {LEAST_SCORE} or more"
