"""Choosing columns that cover rows, against trying every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.search.set_partitioning import Cover, better_choice


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    """Draw a few columns over up to four rows to be covered once, and one that may be covered a few times."""
    rows = draw(st.integers(1, 4))
    chosen = draw(st.lists(st.sets(st.integers(0, rows - 1), min_size=1), min_size=1, max_size=8))
    with_limit = draw(st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen)))
    columns = [sorted(column) + [rows] * is_limited for column, is_limited in zip(chosen, with_limit, strict=True)]
    costs = draw(st.lists(st.integers(0, 50), min_size=len(columns), max_size=len(columns)))
    ones = [1] * rows
    return Cover(columns, np.array(costs), np.array([*ones, 0]), np.array([*ones, draw(st.integers(0, 3))]))


def naive_choices(cover: Cover) -> dict[tuple[int, ...], int]:
    """Return each choice of columns that covers the rows as it must, with its cost."""
    found: dict[tuple[int, ...], int] = {}
    for size in range(len(cover.columns) + 1):
        for chosen in combinations(range(len(cover.columns)), size):
            rows = [row for column in chosen for row in cover.columns[column]]
            counts = [rows.count(row) for row in range(len(cover.least))]
            if all(a <= count <= b for a, count, b in zip(cover.least, counts, cover.most, strict=True)):
                found[chosen] = int(cover.costs[list(chosen)].sum())
    return found


@settings(max_examples=100, deadline=None)
@given(covers(), st.data())
def test_no_choice_is_cheaper(cover: Cover, data: st.DataObject) -> None:
    """From whatever choice it begins, the cheapest of all is found, or nothing where the known one is the cheapest."""
    choices = naive_choices(cover)
    if not choices:
        return
    known = data.draw(st.sampled_from(sorted(choices)))
    chosen = better_choice(cover, np.array(known, np.int64))
    if chosen is None:
        assert choices[known] == min(choices.values())
    else:
        assert choices[tuple(chosen.tolist())] == min(choices.values()) < choices[known]


@pytest.mark.parametrize("scale", [10, 10**16])
def test_a_dearer_choice_is_never_returned(scale: int) -> None:
    """Costs beyond the precision of the solvers do not make them return what costs a little more."""
    columns, ones = [(0, 1), (2,), (0,), (1, 2)], np.ones(3, np.int64)
    known = np.array([0, 1])
    assert better_choice(Cover(columns, np.array([7, 5, 5, 7]) * scale + [0, 0, 0, 1], ones, ones), known) is None
    chosen = better_choice(Cover(columns, np.array([7, 5, 4, 7]) * scale, ones, ones), known)
    assert chosen is not None
    assert chosen.tolist() == [2, 3]


def test_a_stop_ends_the_choice() -> None:
    """Once it is asked to stop, before the relaxation, between it and the choice, or in either, nothing is found."""
    columns, ones = [(0, 1), (2,), (0,), (1, 2)], np.ones(3, np.int64)
    cover, known = Cover(columns, np.array([7, 5, 4, 7]), ones, ones), np.array([0, 1])
    # How often it is asked depends on how long the solvers take; until then it says no.
    for after in range(4):
        asked = 0

        def should_stop(after: int = after) -> bool:
            nonlocal asked
            asked += 1
            return asked > after

        chosen = better_choice(cover, known, should_stop)
        assert (chosen is None) == (asked > after)
