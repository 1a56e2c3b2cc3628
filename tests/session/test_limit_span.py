"""The handles of fixed limits always have room, and their ends do not tremble."""

from dataclasses import replace

import pytest

from viewer.core.tapping import Limits, LimitsMode
from viewer.session.limit_span import span_of


def fixed(low, high):
    return Limits(LimitsMode.FIXED, low, high)


@pytest.mark.parametrize(
    ("low", "high", "span"),
    [(0, 1, (0, 1.5)), (0.2, 1.1, (0, 1.5)), (-1, 1, (-1.5, 1.5)), (-3, -2, (-4, -1.75)), (0, 900, (0, 1500))],
)
def test_there_is_room_beyond_the_limits(low, high, span):
    assert span_of(fixed(low, high), ()) == pytest.approx(span)


def test_what_maps_show_lies_within_and_broken_values_do_not_matter(packet):
    (tap,) = packet().taps
    span = span_of(fixed(0, 1), [replace(tap, max=7.0), replace(tap, max=float("inf"), mean=float("nan"))])

    assert span == (0, 10)
    assert span_of(fixed(0, 1), [replace(tap, max=7.2)]) == span
