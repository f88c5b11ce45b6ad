"""Builds the state of a search from given routes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.search.annealing_kernels import insert_given
from optimizer.search.search_data import SearchData
from optimizer.search.state import ITERATION, State, empty_plan, orders_of_best


def put_in(data: SearchData, state: State, orders: tuple[tuple[int, ...], ...], *, retried: int = 0) -> None:
    """Put visits into an empty plan.

    Parameters
    ----------
    data, state
        The problem, and a plan without visits, which is changed.
    orders
        Per worker the visits in order; they keep every rule.
    retried
        How many of the other visits are then inserted wherever it pays.
    """
    visits = np.array([visit for route in orders for visit in route], np.int64)
    workers = np.repeat(np.arange(len(orders)), [len(route) for route in orders])
    insert_given(data, state, visits, workers, retried)


def best_plan_again(data: SearchData, nodes: NDArray[np.int32], state: State, *, retried: int = 0) -> State:
    """Build the best plan that a search has seen.

    Parameters
    ----------
    data, nodes
        From `optimizer.search.problem_tables`.
    state
        Of the search.
    retried
        How many of the visits that are not on it are then inserted wherever it pays.

    Returns
    -------
    State
        With that plan, after as many iterations.
    """
    again = empty_plan(data, nodes, seed=0)
    put_in(data, again, orders_of_best(data, state, np.arange(len(data.visits))), retried=retried)
    again.counters[ITERATION] = state.counters[ITERATION]
    return again
