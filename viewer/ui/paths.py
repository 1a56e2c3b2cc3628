"""Names of stages that are paths of modules, cut so that what tells them apart stays."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

_CUT = "\N{HORIZONTAL ELLIPSIS}"


def elided_path(path: str, others: Sequence[str], metrics: QFontMetrics, room: float) -> str:
    """As much of a path as there is room for: less of the beginning that others have too, then less of its middle.

    Args:
        path: `backbone.body.layer3.2.conv1`, or a short name.
        others: Those it is to be told from; may hold it.
        metrics: Of the font.
        room: In logical pixels.
    """
    shown = path
    for parts in range(common_parts(path, tuple(others)) + 1):
        shown = _CUT + ".".join(path.split(".")[parts:]) if parts else path
        if metrics.horizontalAdvance(shown) <= room:
            return shown
    return metrics.elidedText(shown, Qt.TextElideMode.ElideMiddle, int(room))


@lru_cache(maxsize=2048)
def common_parts(path: str, others: tuple[str, ...]) -> int:
    """How many parts from its first on a path shares with all others of the same first part; its last is never one.

    Others that begin otherwise are told from it by its end as well.
    """
    parts = path.split(".")
    alike = [other.split(".") for other in others if other != path and other.split(".")[0] == parts[0]]
    if not alike:
        return 0
    columns = list(zip(parts[:-1], *alike, strict=False))
    return len(list(takewhile(lambda column: len(set(column)) == 1, columns)))
