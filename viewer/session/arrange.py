"""The user's order of tiles, kept as a wish about all stages, so that it outlives taps that come and go.

A tile that is moved takes its place among all stages there are, tapped or not. A stage that is tapped later then
appears where it belongs and moves no other.
"""

from collections.abc import Iterable, Sequence

from viewer.core.stage import Stage

DETECTIONS_TILE = "detections"
"""Key of the first tile; no node is called that, for nodes are paths of modules."""


def order_named(names: Sequence[str], stages: Sequence[Stage]) -> tuple[str, ...]:
    """The order of all tiles in which those that somebody named stand first.

    Args:
        names: Keys of tiles; stages also by alias or short name. None leaves the natural order, and one that no stage
            has may be that of a tile that comes later.
        stages: All stages of the model.
    """
    node_of = {alias: stage.node for stage in stages for alias in (*stage.aliases, stage.name)}
    node_of |= {stage.node: stage.node for stage in stages}
    first = [node_of.get(name, name) for name in names]
    return tuple(dict.fromkeys((*first, DETECTIONS_TILE, *(stage.node for stage in stages)))) if first else ()


def arranged(keys: Sequence[str], order: Iterable[str]) -> tuple[str, ...]:
    """Put keys into the user's order.

    Args:
        keys: Those that there are, in their natural order.
        order: The user's, which may have others and lack some.

    Returns:
        Every key once; one that the user's order lacks stands behind the one it naturally follows.
    """
    there = set(keys)
    result = [key for key in dict.fromkeys(order) if key in there]
    known = set(result)
    for place, key in enumerate(keys):
        if key not in known:
            result.insert(result.index(keys[place - 1]) + 1 if place else 0, key)
    return tuple(result)


def moved(keys: Sequence[str], order: Iterable[str], key: str, target: str) -> tuple[str, ...]:
    """Give a tile the place of another, which makes room on the side it came from.

    Args:
        keys: All that there could be, in their natural order.
        order: The user's so far.
        key: What is moved.
        target: Whose place it takes.

    Returns:
        The user's new order; the one before where either is unknown or both are one.
    """
    before = arranged(keys, order)
    if key == target or key not in before or target not in before:
        return before
    place = before.index(target)
    without = [other for other in before if other != key]
    return (*without[:place], key, *without[place:])


def tile_beside(shown: Sequence[str], key: str, steps: int) -> str:
    """The tile some steps on, the first or last one where there are not as many."""
    place = shown.index(key) + steps
    return shown[min(max(place, 0), len(shown) - 1)]


def page_of(count: int, places: int, page: int) -> tuple[int, int]:
    """The page nearest to the one that is wished for, and how many there are.

    Args:
        count: Tiles.
        places: Tiles on a page.
        page: 0 for the first.
    """
    pages = max(1, -(-count // places))
    return min(max(page, 0), pages - 1), pages
