"""Where labels stand: the same rule for window and film."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.core.geometry import Rect
from viewer.render.palette import INK_DARK
from viewer.render.placing import MOST_LABELS, outstanding_place, overlaps, standing_places
from viewer.render.plan import BoxPlan
from viewer.render.plates import View, draw_plates, plate_of, plates_of

SHOWN = (0.0, 0.0, 400.0, 200.0)


def places(*boxes, size=(60, 16), taken=(), shown=SHOWN):
    return {number: (x, y) for number, x, y in standing_places(boxes, lambda _: size, shown, taken)}


def test_a_label_stands_over_its_box_else_under_it_else_in_it():
    assert places((100, 50, 180, 90)) == {0: (99, 34)}
    assert places((100, 5, 180, 90)) == {0: (99, 91)}
    assert places((100, 5, 180, 195)) == {0: (99, 5)}
    assert places((380, 50, 399, 90)) == {0: (340, 34)}  # pushed back into the picture


def test_the_better_label_keeps_its_place_and_what_finds_none_is_left_out():
    assert places((100, 50, 180, 90), (101, 51, 181, 91)) == {0: (99, 34), 1: (100, 92)}
    assert places(*[(100, 50, 180, 90)] * 4) == {0: (99, 34), 1: (99, 91), 2: (99, 50)}
    assert places((100, 50, 180, 90), taken=[(0, 0, 400, 48)]) == {0: (99, 91)}


def test_what_is_not_seen_has_no_label_and_is_not_measured():
    def size(number):
        raise AssertionError(number)

    assert not list(standing_places([(500, 50, 600, 90), (10, -80, 60, -1)], size, SHOWN))


def test_of_very_many_the_best_have_labels():
    many = [(0.0, 20.0 * number, 60.0, 20.0 * number + 4) for number in range(1, 100)]
    assert max(places(*many, shown=(0, 0, 400, 4000))) < MOST_LABELS


@given(
    st.lists(st.tuples(st.floats(-50, 400), st.floats(-50, 200), st.floats(1, 200), st.floats(1, 150)), max_size=30),
    st.integers(10, 120),
)
def test_no_label_lies_over_another_or_out_of_the_picture(corners, width):
    boxes = [(x, y, x + wide, y + tall) for x, y, wide, tall in corners]
    areas = [(x, y, x + width, y + 16) for x, y in places(*boxes, size=(width, 16)).values()]
    assert not any(overlaps(one, [other]) for one, other in combinations(areas, 2))
    assert all(x >= 0 and y >= 0 and right <= 400 and bottom <= 200 for x, y, right, bottom in areas)


def test_what_stands_out_keeps_off_its_line_and_is_written_in_any_case():
    box, size = (100, 50, 180, 90), (60, 16)
    assert outstanding_place(box, size, SHOWN) == (99, 32)
    over, under, inside = (90, 30, 200, 49), (90, 91, 200, 120), (90, 50, 200, 70)
    assert outstanding_place(box, size, SHOWN, [over]) == (99, 92)
    assert outstanding_place(box, size, SHOWN, [over, under]) == (99, 50)
    assert outstanding_place(box, size, SHOWN, [over, under, inside]) == (99, 32)


@pytest.mark.parametrize(("width", "text"), [(400, "car 0.40"), (200, "0.40"), (60, None)])
def test_where_boxes_have_no_labels_what_stands_out_covers_little_of_a_small_picture(width, text):
    chosen = BoxPlan((100, 50, 180, 90), "car 0.40", (250, 0, 0), label=1, score=0.4)
    view = View((width // 2, width), Rect(0, 0, width, width / 2), (200, 400))
    written = plate_of(chosen, view, 16, labelled=False)
    assert (written and written.text) == text
    if written is not None:
        assert written.sides[2] - written.sides[0] <= width / 4
    assert plate_of(chosen, view, 16) is not None


def test_labels_of_a_composed_picture_leave_room_for_the_one_that_stands_out():
    view = View((200, 400), Rect(0, 0, 400, 200), (200, 400))
    chosen = BoxPlan((100, 50, 180, 90), "car 0.40", (250, 0, 0), label=1, score=0.4)
    crowd = [BoxPlan((x, 52, x + 70, 92), f"car 0.{x}", (0, 250, 0), label=1) for x in (91, 95, 99)]
    written = plate_of(chosen, view, 16)
    found = plates_of([*crowd, chosen], view, 16, chosen=chosen, written=written)
    areas = [plate.sides for plate in found]
    assert {plate.text for plate in found} <= {box.text for box in crowd}  # its own is the one that stands out
    assert found
    assert not any(overlaps(area, [view.sides(chosen.xyxy), written.sides]) for area in areas)
    assert not any(overlaps(one, [other]) for one, other in combinations(areas, 2))
    assert np.allclose(areas, np.round(areas))
    assert plate_of(BoxPlan((500, 0, 600, 10), "car 0.9", (0, 0, 0)), view, 16) is None


def test_the_label_of_a_candidate_that_is_no_detection_is_hollow():
    view = View((200, 400), Rect(0, 0, 400, 200), (200, 400))
    grounds = []
    for under in (False, True):
        plate = plate_of(BoxPlan((100, 50, 180, 90), "car 0.40", (250, 0, 0), under=under), view, 16)
        tile = np.full((200, 400, 3), 90, np.uint8)
        draw_plates(tile, [plate], 16)
        left, top, right, bottom = map(int, plate.sides)
        area = tile[top:bottom, left:right]
        for edge in (area[0], area[-1], area[:, 0], area[:, -1]):
            assert (edge == (250, 0, 0)).all()
        grounds.append(area[2, 2].tolist())
        tile[top:bottom, left:right] = 90
        assert (tile == 90).all(), "nothing is drawn beside it"
    assert grounds == [[250, 0, 0], list(INK_DARK)]
