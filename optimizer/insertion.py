"""Decides where a visit that is left out would fit into given routes, and puts in what fits and pays.

No plan leaves `optimizer.solve` in which a visit that was left out would fit unchanged at no more than its unserved
cost. A mandatory visit goes in wherever it fits, and optional ones make room for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion_kernels import cheapest_insertions
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import POSSIBLE, RouteValue, value_of_route
from optimizer.schedule_kernels import NEVER

Orders = tuple[tuple[int, ...], ...]
"""Per worker the visits in order, as indices into `Problem.visits`."""

_MANDATORY_WORTH = 1 << 50
"""More than any route can cost: mandatory visits go in first, the cheapest of them before the others."""


@dataclass(frozen=True)
class PossibleInsertion:
    """A feasible place for a visit: before `position` in the worker's order, at `extra_cost` cost units more."""

    worker: int
    position: int
    extra_cost: int


def route_value(arrays: ProblemArrays, worker: int, order: Sequence[int]) -> RouteValue:
    """Check and price one route; skills are not looked at."""
    value = value_of_route(np.asarray(order, np.int64), arrays.visits, arrays.workers[worker])
    return RouteValue(int(value.verdict), int(value.cost))


def unplanned_visits(problem: Problem, orders: Orders) -> list[int]:
    """List the visits that are on no route, ascending."""
    planned = {visit for order in orders for visit in order}
    return [visit for visit in range(len(problem.visits)) if visit not in planned]


def find_insertion(arrays: ProblemArrays, worker: int, order: Sequence[int], visit: int) -> PossibleInsertion | None:
    """Find the cheapest place for one visit on one route, as `find_insertions` does."""
    return find_insertions(arrays, worker, order, [visit])[0]


def find_insertions(
    arrays: ProblemArrays, worker: int, order: Sequence[int], visits: Sequence[int]
) -> list[PossibleInsertion | None]:
    """Find the cheapest place for each of some visits on one route.

    Parameters
    ----------
    arrays
        The problem.
    worker, order
        The route as it is.
    visits
        Visits that are not on it; each is looked at alone.

    Returns
    -------
    list of PossibleInsertion or None
        None where the worker lacks a skill, the route is not feasible as it is, or no position is. Every position is
        tried.
    """
    return [
        None if extra_cost == NEVER else PossibleInsertion(worker, int(position), int(extra_cost))
        for position, extra_cost in _insertions(arrays, worker, order, np.asarray(visits, np.int64))
    ]


def insert_what_pays(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    """Put in every visit that fits and pays: mandatory ones first, then by what is saved.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes.

    Returns
    -------
    Orders
        Feasible routes into which no further visit fits at no more than its unserved cost. A mandatory visit that is
        still left out fits on no route even without the optional visits there.
    """
    orders = _insert_greedily(problem, arrays, orders)
    for visit in unplanned_visits(problem, orders):
        if problem.visits[visit].unserved_cost is None:
            orders = _make_room(problem, arrays, orders, visit)
    return _insert_greedily(problem, arrays, orders)


def _insert_greedily(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    left_out = np.asarray(unplanned_visits(problem, orders), np.int64)
    unserved = [problem.visits[visit].unserved_cost for visit in left_out]
    worth = np.array([_MANDATORY_WORTH if cost is None else cost for cost in unserved], np.int64)
    found = np.array([_insertions(arrays, worker, order, left_out) for worker, order in enumerate(orders)])
    saved = np.where(found[:, :, 1] < NEVER, worth - found[:, :, 1], -1)
    is_open = np.ones(len(left_out), np.bool_)
    while is_open.any():
        worker, number = (int(index) for index in np.unravel_index(saved.argmax(), saved.shape))
        if saved[worker, number] < 0:
            break
        position, extra_cost = (int(value) for value in found[worker, number])
        orders = with_visit(orders, int(left_out[number]), PossibleInsertion(worker, position, extra_cost))
        is_open[number] = False
        saved[:, number] = -1
        renewed = _insertions(arrays, worker, orders[worker], left_out[is_open])
        found[worker, is_open] = renewed
        saved[worker, is_open] = np.where(renewed[:, 1] < NEVER, worth[is_open] - renewed[:, 1], -1)
    return orders


def _insertions(
    arrays: ProblemArrays, worker: int, order: Sequence[int], candidates: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find each candidate's cheapest place on a route: ``(k, 2)`` int64 position and extra cost, `NEVER` where none."""
    found = np.full((len(candidates), 2), NEVER)
    before = route_value(arrays, worker, order)
    if before.verdict == POSSIBLE:
        able = arrays.has_skills[worker, candidates]
        route = np.asarray(order, np.int64)
        found[able] = cheapest_insertions(route, candidates[able], arrays.visits, arrays.workers[worker])
        found[found[:, 1] < NEVER, 1] -= before.cost
    return found


def with_visit(orders: Orders, visit: int, insertion: PossibleInsertion) -> Orders:
    """Return the orders with a visit inserted."""
    order = orders[insertion.worker]
    longer = (*order[: insertion.position], visit, *order[insertion.position :])
    return (*orders[: insertion.worker], longer, *orders[insertion.worker + 1 :])


def _make_room(problem: Problem, arrays: ProblemArrays, orders: Orders, visit: int) -> Orders:
    """Insert a mandatory visit on the route where clearing out the optional ones costs least."""
    best: tuple[int, Orders] | None = None
    for worker, order in enumerate(orders):
        kept = tuple(one for one in order if problem.visits[one].unserved_cost is None)
        cleared = route_value(arrays, worker, kept)
        if cleared.verdict != POSSIBLE:
            continue
        insertion = find_insertion(arrays, worker, kept, visit)
        if insertion is None:
            continue
        lost = sum(problem.visits[one].unserved_cost or 0 for one in order)
        cost = cleared.cost + insertion.extra_cost - route_value(arrays, worker, order).cost + lost
        if best is None or cost < best[0]:
            best = (cost, with_visit((*orders[:worker], kept, *orders[worker + 1 :]), visit, insertion))
    return orders if best is None else best[1]
