"""Times are spelled to the millisecond and read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core.errors import ConfigError
from viewer.render.timecode import parse_timecode, timecode


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00:00.000"),
        (12.479999999, "00:00:12.480"),
        (59.9996, "00:01:00.000"),
        (3661.5, "01:01:01.500"),
        (360000.0, "100:00:00.000"),
        (-1.25, "-00:00:01.250"),
    ],
)
def test_spelling(seconds, text):
    assert timecode(seconds) == text


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_reading_back(milliseconds):
    assert parse_timecode(timecode(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=1e-4)


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("1:02.5", 62.5), (" 01:00:00 ", 3600.0)])
def test_short_forms(text, seconds):
    assert parse_timecode(text) == seconds


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-5", "1::2", "nan", "inf"])
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match="not understood"):
        parse_timecode(text)
