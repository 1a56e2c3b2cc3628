"""Where the labels of boxes stand in a picture: one rule for the window and for composed pictures.

Sizes and boxes go in, places come out, all in pixels of one picture, whichever fonts and painters there are.
"""

from collections.abc import Callable, Iterator, Sequence

Sides = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the picture."""

MOST_LABELS = 60
_MOST_COVERED = 0.25
"""Part of a picture's width that a label takes at most where no other boxes have labels."""
_OUTSIDE = 2
"""How far a label keeps off the line of a box that stands out."""
_MIDDLE = 2
"""How far around the middle of an object labels of others keep off."""


def standing_places(
    boxes: Sequence[Sides],
    size: Callable[[int], tuple[float, float]],
    shown: Sides,
    taken: Sequence[Sides] = (),
    ratio: float = 1.0,
) -> Iterator[tuple[int, float, float]]:
    """Find labels their places, the best first: over its box, under it or in it, wherever no better label stands.

    One that finds no place is left out; half a label under another is read as something else, and one over the middle
    of a better object as that one's.

    Args:
        boxes: The best first; of more than `MOST_LABELS` the rest gets none.
        size: Width and height of the label of a box, by its place in `boxes`; asked for those that are seen only.
        shown: What is seen of the picture; no label reaches out of it.
        taken: What no label may cover.
        ratio: Device pixels a pixel; labels begin at whole ones.

    Yields:
        The place of a box in `boxes`, and the left and top of its label.
    """
    least_x, least_y, most_x, most_y = shown
    covered = list(taken)
    # Plain numbers: a hundred rectangles of a toolkit's own, made and asked from Python, took longer than the drawing.
    for number, (left, top, right, bottom) in enumerate(boxes[:MOST_LABELS]):
        if left >= most_x or right <= least_x or top >= most_y or bottom <= least_y:
            continue
        width, height = size(number)
        x = on_grid(max(least_x, min(left - 1, most_x - width)), ratio)
        for wished in (top - height, bottom + 1, max(top, least_y)):
            y = on_grid(wished, ratio)
            sides = (x, y, x + width, y + height)
            if y >= least_y and sides[3] <= most_y and not overlaps(sides, covered):
                covered.append(sides)
                yield number, x, y
                break
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        covered.append((middle_x - _MIDDLE, middle_y - _MIDDLE, middle_x + _MIDDLE, middle_y + _MIDDLE))


def outstanding_place(
    box: Sides, size: tuple[float, float], shown: Sides, written: Sequence[Sides] = (), ratio: float = 1.0
) -> tuple[float, float]:
    """The place of the label of a box that stands out: over it, else under it, else inside it.

    Args:
        box: The box; some of it is seen.
        size: Width and height of its label.
        shown: What is seen of the picture.
        written: Labels of other boxes that stand out, which it covers only where nothing else is left.
        ratio: Device pixels a pixel.

    Returns:
        Left and top.
    """
    width, height = size
    least_x, least_y, most_x, most_y = shown
    x = on_grid(max(least_x, min(box[0] - 1, most_x - width)), ratio)
    places = (box[1] - height - _OUTSIDE, box[3] + _OUTSIDE, max(box[1], least_y))
    inside = [y for y in places if y >= least_y and y + height <= most_y]
    fallback = max(least_y, min(places[-1], most_y - height))
    wished = [on_grid(y, ratio) for y in (*inside, fallback)]
    free = (y for y in wished if not overlaps((x, y, x + width, y + height), written))
    return x, next(free, wished[0])


def words_aside(caption: str, brief: str, room: float, width: Callable[[str], float]) -> str:
    """What is written at a box that stands out in a picture whose boxes have no labels, for the frame tells the rest.

    Args:
        caption: All there is to say.
        brief: The same without a name.
        room: What is seen of the width of the picture.
        width: Of a label with these words.

    Returns:
        The caption, what is brief, or nothing: in a small picture a label would cover what it is the label of.
    """
    return next((words for words in (caption, brief) if width(words) <= _MOST_COVERED * room), "")


def on_grid(position: float, ratio: float) -> float:
    """The nearest position that begins a pixel of the screen, so that a picture is copied and not resampled."""
    return round(position * ratio) / ratio


def overlaps(area: Sides, others: Sequence[Sides]) -> bool:
    """Whether an area covers a part of any other."""
    left, top, right, bottom = area
    return any(left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in others)
