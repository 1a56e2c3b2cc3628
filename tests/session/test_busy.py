"""The right panel says which of its pages have something under way."""

import numpy as np
import pytest

from viewer.core.alteration import UNALTERED
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.cell import Cell
from viewer.core.health import HealthCheck
from viewer.core.inquiry import Inquiry
from viewer.core.perturbation import Kind, Perturbation
from viewer.core.region import Region
from viewer.core.sweep import SweepMap, SweepWish
from viewer.session.busy import busy_sides
from viewer.session.side import Side
from viewer.session.state import ViewState
from viewer.session.sweeping import SweepState

WISH = SweepWish((0, 0, 9, 9), 1, masks=4)
SWEEP = SweepState(WISH, "car 0.87", 7)
DONE = SweepState(WISH, "car 0.87", 7, SweepMap(WISH, 7, 4, np.ones((2, 2), np.uint8), (0.0, 1.0)))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ViewState(), {}),
        (ViewState(pinned=Cell("model.4", 1, 2)), {Side.CELL: "a cell is pinned"}),
        (
            ViewState(inquiry=Inquiry(cam=CamQuestion(CamTarget()), region=Region((0, 0, 1, 1)))),
            {Side.WHY: "something is explained, a place is asked about"},
        ),
        (
            ViewState(inquiry=Inquiry(alteration=UNALTERED.perturbed(Perturbation(Kind.RAIN, 20)))),
            {Side.ALTER: "something is altered"},
        ),
        (ViewState(sweep=SWEEP), {Side.ALTER: "a sweep runs"}),
        (ViewState(sweep=DONE), {}),
        (ViewState(inquiry=Inquiry(health=HealthCheck(("model.4",)))), {Side.HEALTH: "stages are watched"}),
    ],
)
def test_pages_with_something_under_way_are_named(state, expected):
    assert busy_sides(state) == expected
