"""A user's file is run as it lies there now, with the files beside it as they lie there now."""

import pytest

from viewer.core.errors import ReducerError
from viewer.userfile.running import run_file


def test_a_file_beside_one_that_failed_is_run_anew_with_it(tmp_path):
    file, beside = tmp_path / "mine.py", tmp_path / "mine_beside.py"
    beside.write_text("level = 1")
    file.write_text("from mine_beside import level\nfrom mine_beside import scale")
    with pytest.raises(ReducerError, match=r"mine\.py:2: to run it failed with ImportError"):
        run_file(file, ReducerError, role="reducer")
    beside.write_text("level, scale = 2, 3")
    assert run_file(file, ReducerError, role="reducer").scale == 3
