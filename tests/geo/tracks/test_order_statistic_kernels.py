"""Values at a rank and medians, against numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.tracks.order_statistic_kernels import median, value_at_rank

pytestmark = pytest.mark.interpreted


def naive_value_at_rank(values: list[float], rank: int) -> float:
    """By sorting."""
    return sorted(values)[rank]


VALUES = st.lists(st.integers(-4, 4) | st.floats(-1e9, 1e9), min_size=1, max_size=60)


@pytest.mark.twin_of("geo.tracks.order_statistic_kernels")
@given(values=VALUES, spare=st.integers(0, 3), data=st.data())
def test_the_value_at_a_rank_is_that_of_the_sorted_values(values: list[float], spare: int, data: st.DataObject) -> None:
    """Sorting gives the same value, and what lies behind the counted values is not looked at."""
    rank = data.draw(st.integers(0, len(values) - 1))
    room = np.array([*values, *[-1e10] * spare])
    assert value_at_rank(room, len(values), rank) == naive_value_at_rank(values, rank)
    assert sorted(room[: len(values)]) == sorted(values)
    assert (room[len(values) :] == -1e10).all()


@given(values=VALUES)
def test_the_median_is_numpys(values: list[float]) -> None:
    """For odd and even numbers of values, equal ones among them."""
    assert median(np.array(values, np.float64), len(values)) == np.median(values)
