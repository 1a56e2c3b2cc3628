"""A loop's range cannot be the wrong way round, and stays inside its file."""

import pytest

from viewer.core.errors import ConfigError
from viewer.core.looprange import LoopRange


@pytest.mark.parametrize(("begin", "end"), [(5, 4), (-1, 3)])
def test_a_range_that_is_none_is_refused_by_its_numbers(begin, end):
    with pytest.raises(ConfigError, match=f"frame {begin} to {end}"):
        LoopRange(begin, end)


def test_a_range_is_cut_to_its_file():
    assert LoopRange(2, 9).within(6) == LoopRange(2, 5)
    assert LoopRange(8, 9).within(6) == LoopRange(5, 5)
    assert LoopRange(0, 0).within(0) == LoopRange(0, 0)
