"""Names of stages that are paths of modules, cut as in pictures without a window."""

from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics

from viewer.render.stage_paths import shortened_path


def elided_path(path: str, others: Sequence[str], metrics: QFontMetrics, room: float) -> str:
    """As much of a path as there is room for, see `viewer.render.stage_paths`.

    Args:
        path: `backbone.body.layer3.2.conv1`, or a short name.
        others: Those it is to be told from; may hold it.
        metrics: Of the font.
        room: In logical pixels.
    """
    return shortened_path(path, others, lambda words: metrics.horizontalAdvance(words) <= room)
