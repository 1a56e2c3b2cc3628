"""Parameters of which a few stand for all in every run and the rest take their turn with the slow tests."""

from collections.abc import Iterable

import pytest


def variants(values: Iterable[object], quick: Iterable[object]) -> list[object]:
    """Parameters for `parametrize` or a fixture, those that are not among the quick ones marked `slow`.

    Args:
        values: All of them, in their order; a tuple stands for the values of several arguments.
        quick: Those that every run tries: one of each kind.

    Raises:
        ValueError: If one that is to be quick is none of the values, as happens after a renaming.
    """
    values, quick = list(values), list(quick)
    if strangers := [one for one in quick if one not in values]:
        raise ValueError(f"not among the variants: {strangers}")
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=[] if one in quick else [pytest.mark.slow])
        for one in values
    ]
