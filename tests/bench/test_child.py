"""Processes of the benchmark that answer, fail, or are told to end."""

from textwrap import dedent

import pytest

from viewer.bench.child import Child
from viewer.core.errors import ViewerError


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that a process can run."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(code: str) -> str:
        (tmp_path / "stand_in.py").write_text(dedent(code))
        return "stand_in"

    return write


def test_each_line_is_answered_by_one(module):
    code = """
        import json, sys
        for line in sys.stdin:
            print(json.dumps({"twice": json.loads(line)["number"] * 2}), flush=True)
    """
    with Child(module(code), {"number": 1}) as child:
        assert child.answer() == {"twice": 2}
        assert child.ask({"number": 4}) == {"twice": 8}


def test_a_process_that_fails_is_told_of_with_its_last_line(module):
    with Child(module("raise ValueError('no such thing')"), {}) as child, pytest.raises(ViewerError) as raised:
        child.answer()
    assert str(raised.value) == "the benchmark's process stand_in failed: ValueError: no such thing"


def test_a_window_without_a_frame_says_why(module):
    code = """import json; print(json.dumps({"failed": "the engine is lost"}))"""
    with Child(module(code), {}) as child, pytest.raises(ViewerError, match="no frame: the engine is lost"):
        child.answer()
