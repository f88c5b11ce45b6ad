"""The assignment is the cheapest there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from geo.audit.assignment import UNASSIGNED, cheapest_assignment


def total_cost(cost: np.ndarray, columns: np.ndarray, unassigned_cost: float) -> float:
    """Cost of an assignment."""
    return sum(
        unassigned_cost if column == UNASSIGNED else cost[row, column] for row, column in enumerate(columns.tolist())
    )


def naive_least_cost(cost: np.ndarray, unassigned_cost: float) -> float:
    """Least cost by trying everything."""
    rows, columns = cost.shape
    choices = product(range(-1, columns), repeat=rows)
    valid = (
        np.array(choice) for choice in choices if len({c for c in choice if c >= 0}) == sum(c >= 0 for c in choice)
    )
    return min(total_cost(cost, choice, unassigned_cost) for choice in valid)


@given(data=st.data(), rows=st.integers(1, 4), columns=st.integers(0, 4))
def test_nothing_is_cheaper(data: st.DataObject, rows: int, columns: int) -> None:
    """No other assignment costs less, with pairs that are impossible and ties among them."""
    entries = st.one_of(st.integers(0, 6).map(float), st.just(float("inf")))
    cost = np.array(data.draw(st.lists(entries, min_size=rows * columns, max_size=rows * columns))).reshape(
        rows, columns
    )
    found = cheapest_assignment(cost, unassigned_cost=4.0)
    assert len(set(found[found >= 0])) == (found >= 0).sum()
    assert total_cost(cost, found, 4.0) == naive_least_cost(cost, 4.0)


@pytest.mark.parametrize("seed", range(20))
def test_a_large_assignment_is_as_cheap_as_the_library_says(seed: int) -> None:
    """Forty visits and sixty stays cost what SciPy's solver finds."""
    random = np.random.default_rng(seed)
    cost = random.uniform(0.0, 10.0, (40, 60))
    found = cheapest_assignment(cost, unassigned_cost=1.0)
    padded = np.hstack([cost, np.full((40, 40), 1.0)])
    assert total_cost(cost, found, 1.0) == pytest.approx(padded[linear_sum_assignment(padded)].sum())


def test_no_rows_need_no_columns() -> None:
    """Without visits nothing is assigned."""
    assert len(cheapest_assignment(np.empty((0, 3)), unassigned_cost=1.0)) == 0
