"""Numbers at the ends of a scale."""

import math

import pytest

from viewer.session.three_digits import three_digits


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.2, "1.20"),
        (2.93, "2.93"),
        (10.4, "10.4"),
        (13, "13.0"),
        (1, "1.00"),
        (0.9996, "1.00"),
        (9.996, "10.0"),
        (99.96, "100"),
        (-0.0974, "-0.0974"),
        (1312.0, "1310"),
        (65504.0, "65500"),
        (123456.0, "1.23e5"),
        (0.001234, "0.00123"),
        (0.0009999, "0.00100"),
        (1e-6, "1.00e-6"),
        (0.0, "0"),
        (math.inf, "inf"),
    ],
)
def test_three_digits_are_written_whatever_they_are(value: float, words: str) -> None:
    assert three_digits(value) == words
