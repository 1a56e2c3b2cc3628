"""Looking for garbage is put off while a program starts, and comes back."""

import gc

import pytest

from viewer.core import garbage


def test_nothing_is_looked_for_until_it_is_resumed_and_then_not_in_what_was_there() -> None:
    was_frozen = gc.get_freeze_count()
    with garbage.put_off():
        assert not gc.isenabled()
        garbage.resume()
        assert gc.isenabled()
        assert gc.get_freeze_count() > was_frozen
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_an_error_on_the_way_leaves_it_as_it_was() -> None:
    with pytest.raises(RuntimeError, match="on the way"), garbage.put_off():
        raise RuntimeError("on the way")
    assert gc.isenabled()


def test_only_the_outermost_lets_go_and_each_leaves_what_it_found() -> None:
    gc.disable()
    try:
        with garbage.put_off():
            garbage.resume()
            frozen = gc.get_freeze_count()
            with garbage.put_off():
                assert not gc.isenabled()
            assert gc.isenabled()
            assert gc.get_freeze_count() == frozen > 0
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_to_resume_what_was_not_put_off_changes_nothing() -> None:
    garbage.resume()
    assert gc.get_freeze_count() == 0
