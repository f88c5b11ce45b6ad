"""Puts in visits that fit only where others are served at other times than now, since one waits for the other.

`optimizer.rounds.precedence` gives planned visits fixed sides of a moment before it looks for room, so a visit that a
planned one waits for finds room only before the time at which that one happens to be served. Here each place is tried
with the planned visits put off as far as the new one needs, or served as early as they can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from optimizer.insertion.insertion import Orders, route_value, unplanned_visits, worth_of
from optimizer.insertion.joining import may_join_whole, partner_of
from optimizer.plan import Route
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.rounds.earliest_services import earliest_services
from optimizer.routes.route_kernels import POSSIBLE

MOST_TRIED: Final = 500
"""Places of one visit: the cheapest ones, were there no precedences. Some milliseconds each."""

Timed = Callable[[Orders], tuple[Route, ...] | None]
"""Times routes so that all precedences are kept; None where that was not possible."""


def insert_where_others_shift(
    problem: Problem, arrays: ProblemArrays, orders: Orders, timed: Timed, should_stop: Callable[[], bool]
) -> Orders:
    """Put in visits that wait for planned ones, or that planned ones wait for, where that is possible and pays.

    Parameters
    ----------
    problem
        A valid problem.
    arrays
        The same without its precedences.
    orders
        Routes that keep every rule.
    timed
        Times them.
    should_stop
        Once it says yes, nothing more is tried.

    Returns
    -------
    Orders
        With as many of these visits as fit one after the other.
    """
    bound = {visit for one in problem.precedences for visit in (one.before, one.after)}
    deliveries = {one.delivery: one.pickup for one in problem.deliveries}
    while True:
        left_out = unplanned_visits(problem, orders)
        wanted = dict.fromkeys(deliveries.get(visit, visit) for visit in left_out if visit in bound)
        longer = (_with_visit(problem, arrays, orders, visit, timed, should_stop) for visit in wanted)
        better = next((one for one in longer if one is not None), None)
        if better is None:
            return orders
        orders = better


def _with_visit(
    problem: Problem,
    arrays: ProblemArrays,
    orders: Orders,
    visit: int,
    timed: Timed,
    should_stop: Callable[[], bool],
) -> Orders | None:
    """Put one visit in, with the other one of its delivery, at the first place at which it pays."""
    before = None if should_stop() else timed(orders)
    if before is None:
        return None
    worth, cost_before = worth_of(problem, arrays, visit), sum(route.cost for route in before)
    free_cost = [route_value(arrays, worker, order).cost for worker, order in enumerate(orders)]
    possible: list[tuple[int, Orders]] = []
    for worker, order in enumerate(orders):
        if not may_join_whole(arrays, orders, worker, [visit])[0]:
            continue
        for longer in _longer_orders(order, visit, partner_of(arrays, visit)):
            value = route_value(arrays, worker, longer)
            if value.verdict == POSSIBLE:
                others = sum(free_cost) - free_cost[worker]
                possible.append((others + value.cost, (*orders[:worker], longer, *orders[worker + 1 :])))
    for least_cost, fuller in sorted(possible)[:MOST_TRIED]:
        if should_stop() or (worth is not None and least_cost - cost_before > worth):
            break
        if not _may_wait(problem, arrays, fuller):
            continue
        routes = timed(fuller)
        if routes is not None and (worth is None or sum(route.cost for route in routes) - cost_before <= worth):
            return fuller
    return None


def _longer_orders(order: tuple[int, ...], visit: int, partner: int | None) -> Iterator[tuple[int, ...]]:
    for place in range(len(order) + 1):
        with_it = (*order[:place], visit, *order[place:])
        if partner is None:
            yield with_it
            continue
        for later in range(place + 1, len(with_it) + 1):
            yield (*with_it[:later], partner, *with_it[later:])


def _may_wait(problem: Problem, arrays: ProblemArrays, orders: Sequence[Sequence[int]]) -> bool:
    """Tell whether all precedences are kept where everything is served as early as it can be."""
    times = earliest_services(arrays, orders, problem.precedences)
    planned = {visit for order in orders for visit in order}
    return planned <= times.keys() and all(
        times[one.before][1] + one.min_gap_s <= times[one.after][0]
        for one in problem.precedences
        if {one.before, one.after} <= planned
    )
