"""Which joints of a pose are drawn, and which belong together."""

LEAST_SCORE = 0.5
"""Joints that are less likely than this are left out: a limb that is somewhere else says less than none."""

_COCO_17 = (
    *((0, 1), (0, 2), (1, 3), (2, 4)),  # nose, eyes, ears
    *((5, 6), (5, 7), (7, 9), (6, 8), (8, 10)),  # shoulders, elbows, wrists
    *((5, 11), (6, 12), (11, 12)),  # down to the hips
    *((11, 13), (13, 15), (12, 14), (14, 16)),  # knees, ankles
)
"""Limbs between the seventeen joints of a person in COCO, which lists them from nose to ankles, left before right."""


def limbs(joints: int) -> tuple[tuple[int, int], ...]:
    """Pairs of joints that a line connects; none for poses whose joints are not known by name."""
    return _COCO_17 if joints == 17 else ()
