"""Decides where a visit that is left out would fit into given routes, and puts in what fits and pays.

No plan leaves `optimizer.solve` in which a visit that was left out would fit unchanged at no more than its unserved
cost. A mandatory visit goes in wherever it fits, and optional ones make room for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import POSSIBLE, RouteValue, cheapest_insertion, value_of_route
from optimizer.schedule_kernels import NEVER

Orders = tuple[tuple[int, ...], ...]
"""Per worker the visits in order, as indices into `Problem.visits`."""


@dataclass(frozen=True)
class PossibleInsertion:
    """A feasible place for a visit: before `position` in the worker's order, at `extra_cost` cost units more."""

    worker: int
    position: int
    extra_cost: int


def route_value(arrays: ProblemArrays, worker: int, order: Sequence[int]) -> RouteValue:
    """Check and price one route; skills are not looked at."""
    value: RouteValue = value_of_route(np.asarray(order, np.int64), arrays.visits, arrays.workers[worker])
    return value


def unplanned_visits(problem: Problem, orders: Orders) -> list[int]:
    """List the visits that are on no route, ascending."""
    planned = {visit for order in orders for visit in order}
    return [visit for visit in range(len(problem.visits)) if visit not in planned]


def find_insertion(arrays: ProblemArrays, worker: int, order: Sequence[int], visit: int) -> PossibleInsertion | None:
    """Find the cheapest place for a visit on one route.

    Parameters
    ----------
    arrays
        The problem.
    worker, order
        The route as it is; feasible.
    visit
        A visit that is not on it.

    Returns
    -------
    PossibleInsertion or None
        None where the worker lacks a skill or no position is feasible. Every position is tried.
    """
    if not arrays.has_skills[worker, visit]:
        return None
    found = cheapest_insertion(np.asarray(order, np.int64), visit, arrays.visits, arrays.workers[worker])
    if found.cost == NEVER:
        return None
    before = route_value(arrays, worker, order)
    return PossibleInsertion(worker, int(found.position), int(found.cost - before.cost))


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
    workers = range(len(orders))
    open_visits = {
        visit: [find_insertion(arrays, worker, orders[worker], visit) for worker in workers]
        for visit in unplanned_visits(problem, orders)
    }
    while True:
        best: tuple[tuple[bool, int], int, PossibleInsertion] | None = None
        for visit, insertions in open_visits.items():
            for insertion in insertions:
                if insertion is None:
                    continue
                unserved_cost = problem.visits[visit].unserved_cost
                rank = (unserved_cost is None, (unserved_cost or 0) - insertion.extra_cost)
                if (rank[0] or rank[1] >= 0) and (best is None or rank > best[0]):
                    best = (rank, visit, insertion)
        if best is None:
            return orders
        _, visit, chosen = best
        orders = with_visit(orders, visit, chosen)
        del open_visits[visit]
        for other, insertions in open_visits.items():
            insertions[chosen.worker] = find_insertion(arrays, chosen.worker, orders[chosen.worker], other)


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
