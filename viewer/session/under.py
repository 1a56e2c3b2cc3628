"""Which candidates are worth showing although their score is too low: they answer "why was this missed?".

Shown is what would come as further detections if the confidence threshold fell to nothing: candidates of the classes
that are kept, without those that a better box of their class suppresses. So a detection is not hidden under the dozens
of worse boxes of the same object, and each dotted box is one that the slider can bring.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.suppression import Suppression, Thresholds, kept_rows

MOST_UNDER = 100
"""More of them hide the picture, and the worst of a thousand candidates say nothing."""


def under_rows(candidates: Boxes, thresholds: Thresholds, method: Suppression) -> NDArray[np.intp]:
    """Rows of the best candidates under the threshold, best score first, at most `MOST_UNDER`.

    Args:
        candidates: Best score first.
        thresholds: What chooses detections; their `max_det` is left aside, for it cuts off the worst detections only.
        method: What the candidates still need.
    """
    above = int(np.count_nonzero(candidates.scores > thresholds.conf))
    rows = kept_rows(candidates, replace(thresholds, conf=0.0, max_det=above + MOST_UNDER), method)
    return rows[candidates.scores[rows] <= thresholds.conf][:MOST_UNDER]
