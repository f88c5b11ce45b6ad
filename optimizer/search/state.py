"""The plan that the kernels change in place, with what they need to take a change back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.search.problem_tables import aligned
from optimizer.search.random_kernels import random_state
from optimizer.search.search_data import GROUP, LENGTH, NEXT, TRAVEL, UNSERVED, SearchData

# Columns of `State.routes`. RIGID is the duration without any waiting, breaks included; it, DURATION and OVERTIME (fine
# units) are kept up for timed workers only. DISLIKED are the fine units for visits that want someone else.
VISITS: Final = 0
ROUTE_LOAD: Final = 1
ROUTE_LENGTH: Final = 2
DURATION: Final = 3
RIGID: Final = 4
OVERTIME: Final = 5
DISLIKED: Final = 6
ROUTE_TRAVEL: Final = 7
ROUTE_STAMP: Final = 8
IDLE_AT: Final = 9
_ROUTE_COLUMNS: Final = 10

# Rows of `State.lists`; `State.counters` holds their lengths at the same numbers.
ABSENT: Final = 0
REMOVED: Final = 1
KEPT_ABSENT: Final = 2
CHANGED_NODES: Final = 3
CHANGED_ROUTES: Final = 4
BEST_NEXT: Final = 5
SEQUENCE: Final = 6
TRAVELS: Final = 7
TRIED: Final = 8
_LISTS: Final = 9

# Further entries of `State.counters`.
ITERATION: Final = 9
COST: Final = 10
BEST_COST: Final = 11
UNTIL_BLINK: Final = 12
USED: Final = 13
PLANNED: Final = 14
_COUNTERS: Final = 15


class State(NamedTuple):
    """A plan under change.

    Parameters
    ----------
    nodes
        The node table, see `optimizer.search.search_data`. Visits that are not planned have WORKER -1.
    routes
        ``(workers, columns)`` int64.
    lists
        ``(lists, room)`` int32: the visits that are not planned, those that the current iteration has removed, …
    counters
        ``(counters,)`` int64: lengths of the lists, number of the iteration, cost of the plan and of the best plan
        in fine units, …
    idle
        ``(groups, 1 + most members)`` int32: how many workers of the group have no visit, and which.
    kept_nodes, kept_routes
        Rows as they were before the current iteration.
    sort_keys
        ``(nodes,)`` float64, room for sorting.
    prices
        ``(room,)`` int64, prices at the positions in the list TRIED.
    clocks
        ``(states,)`` int64, room for walking along a route.
    random
        State of the random numbers.
    """

    nodes: NDArray[np.int32]
    routes: NDArray[np.int64]
    lists: NDArray[np.int32]
    counters: NDArray[np.int64]
    idle: NDArray[np.int32]
    kept_nodes: NDArray[np.int32]
    kept_routes: NDArray[np.int64]
    sort_keys: NDArray[np.float64]
    prices: NDArray[np.int64]
    clocks: NDArray[np.int64]
    random: NDArray[np.uint64]


def empty_plan(data: SearchData, nodes: NDArray[np.int32], seed: int, stream: int = 0) -> State:
    """Begin with no visit planned.

    Parameters
    ----------
    data, nodes
        From `optimizer.search.problem_tables`.
    seed, stream
        Of the random numbers.

    Returns
    -------
    State
        Visits that no worker may serve are not in it, nor in its cost.
    """
    visits, workers = len(data.visits), len(data.workers)
    possible = np.flatnonzero(data.allowed.any(axis=0))
    # A visit is tried next to at most every other visit twice, and on an unused route of each group.
    room = len(nodes) + visits
    lists = np.zeros((_LISTS, room), np.int32)
    lists[ABSENT, : len(possible)] = possible
    lists[BEST_NEXT, : len(nodes)] = nodes[:, NEXT]
    counters = np.zeros(_COUNTERS, np.int64)
    counters[ABSENT] = len(possible)
    counters[COST] = counters[BEST_COST] = data.visits[possible, UNSERVED].sum()
    counters[UNTIL_BLINK] = 1
    routes = np.zeros((workers, _ROUTE_COLUMNS), np.int64)
    routes[:, ROUTE_LENGTH] = nodes[visits : visits + workers, LENGTH]
    routes[:, ROUTE_TRAVEL] = nodes[visits : visits + workers, TRAVEL]
    routes[:, ROUTE_STAMP] = -1
    idle = np.zeros((len(data.allowed), 1 + np.bincount(data.workers[:, GROUP]).max()), np.int32)
    for worker in reversed(range(workers)):
        group = data.workers[worker, GROUP]
        idle[group, 0] += 1
        idle[group, idle[group, 0]] = worker
        routes[worker, IDLE_AT] = idle[group, 0]
    return State(
        nodes=aligned(nodes),
        routes=routes,
        lists=lists,
        counters=counters,
        idle=idle,
        kept_nodes=aligned(nodes),
        kept_routes=np.zeros_like(routes),
        sort_keys=np.zeros(len(nodes)),
        prices=np.zeros(room, np.int64),
        clocks=np.zeros(data.workers.shape[1], np.int64),
        random=random_state(seed, stream),
    )


def orders_of_best(data: SearchData, state: State, numbers: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    """Read the best plan: per worker the visits in order, each by its entry in `numbers`."""
    return _orders(data, state.lists[BEST_NEXT].tolist(), numbers.tolist())


def orders_now(data: SearchData, state: State) -> tuple[tuple[int, ...], ...]:
    """Read the plan as it is now: per worker the visits in order."""
    return _orders(data, state.nodes[:, NEXT].tolist(), range(len(data.visits)))


def _orders(data: SearchData, following: Sequence[int], numbers: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Follow the links from the start of each worker's route."""
    visits = len(data.visits)
    orders: list[tuple[int, ...]] = []
    for worker in range(len(data.workers)):
        order: list[int] = []
        node = following[visits + worker]
        while node < visits:
            order.append(numbers[node])
            node = following[node]
        orders.append(tuple(order))
    return tuple(orders)
