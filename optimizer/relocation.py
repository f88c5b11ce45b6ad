"""Improves routes one visit at a time, with every rule and price: for what the search cannot state to itself.

Each visit is taken out and put where it costs least, or nowhere, where that is cheaper. The passes go on until one
changes nothing. It is a plain descent; what the search knows, it does much better.
"""

from __future__ import annotations

from collections.abc import Callable

from optimizer.insertion import (
    Orders,
    find_insertion,
    insert_what_pays,
    route_value,
    with_visit,
    without_visit,
    worth_of,
)
from optimizer.joining import partner_of
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import POSSIBLE


def relocate_what_pays(
    problem: Problem, arrays: ProblemArrays, orders: Orders, should_stop: Callable[[], bool]
) -> Orders:
    """Move visits where they cost less, and leave out optional ones that cost more than they bring.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes.
    should_stop
        Asked before each visit.

    Returns
    -------
    Orders
        Feasible routes that cost no more.
    """
    is_changed = True
    while is_changed:
        is_changed = False
        for visit in [visit for order in orders for visit in order]:
            if should_stop():
                return orders
            better = _with_one_moved(problem, arrays, orders, visit)
            if better != orders:
                orders, is_changed = insert_what_pays(problem, arrays, better), True
    return orders


def _with_one_moved(problem: Problem, arrays: ProblemArrays, orders: Orders, visit: int) -> Orders:
    """Return the orders with one visit where it costs least; the same ones where it is there already."""
    owner = next((worker for worker, order in enumerate(orders) if visit in order), None)
    if owner is None or not _is_first_of_delivery(arrays, orders[owner], visit):
        return orders
    rest = (*orders[:owner], without_visit(arrays, orders[owner], visit), *orders[owner + 1 :])
    without = route_value(arrays, owner, rest[owner])
    if without.verdict != POSSIBLE:
        return orders
    cost = route_value(arrays, owner, orders[owner]).cost - without.cost
    best = orders
    worth = worth_of(problem, arrays, visit)
    if worth is not None and worth < cost:
        best, cost = rest, worth
    for worker in range(len(orders)):
        place = find_insertion(arrays, rest, worker, visit)
        if place is not None and place.extra_cost < cost:
            best, cost = with_visit(arrays, rest, visit, place), place.extra_cost
    return best


def _is_first_of_delivery(arrays: ProblemArrays, order: tuple[int, ...], visit: int) -> bool:
    """Tell whether a visit is to be moved: a delivery moves as a whole, with the visit that comes first."""
    partner = partner_of(arrays, visit)
    return partner is None or order.index(visit) < order.index(partner)
