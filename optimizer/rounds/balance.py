"""Decides how even the routes of a team are: the largest route has a price, and what evenness costs is told.

The measure is the largest route. It never gets better by a longer way for somebody else, as the difference between the
largest and the smallest route does [1]_. It is weighed by solving again and again with a smaller limit for every route
(for the spread of a route, which the engines cannot limit, see `optimizer.rounds.compactness`); each plan is a point of
the trade-off between evenness and cost, and the cheapest, its largest route priced, is taken.

References
----------
.. [1] Matl, P., Hartl, R. F., Vidal, T. (2018). Workload equity in vehicle routing problems: a survey and analysis.
       Transportation Science 52(2). https://doi.org/10.1287/trsc.2017.0744
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from optimizer.insertion.insertion import (
    Orders,
    find_insertion,
    route_value,
    unplanned_visits,
    with_visit,
    without_visit,
    worth_of,
)
from optimizer.options import SolveOptions
from optimizer.plan import Confirmation, Plan, Route, TradeOffPoint, UnplannedReason, UnplannedVisit
from optimizer.plan_extraction import plan_of_orders
from optimizer.priorities import Rank, level_of, rank_of_plan
from optimizer.problem import BalanceMeasure, Problem, Worker
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.rounds.compactness import plans_of_areas
from optimizer.rounds.precedence import settled_by_orders
from optimizer.rounds.shares import Shares
from optimizer.routes.route_amounts import amount_of_route, balance_cost, largest_amount
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route

ROUNDS: Final = 4


def solve_balanced(
    problem: Problem, options: SolveOptions, solve_round: Callable[[Problem, SolveOptions], Plan]
) -> Plan:
    """Solve a problem whose largest route has a price.

    Parameters
    ----------
    problem
        A valid problem with a balance.
    options
        How long and how; each round gets its share.
    solve_round
        Solves a problem without a balance.

    Returns
    -------
    Plan
        The cheapest of all rounds, with the trade-off between them.
    """
    shares = Shares(options, ROUNDS)
    free = replace(problem, balance=None)
    plans = [solve_round(free, shares.next())]
    if _measure(problem) is BalanceMeasure.SPREAD:
        plans += plans_of_areas(free, shares, solve_round, plans[0], ROUNDS - 1)
    else:
        largest = _largest(problem, plans[0])
        even = -(-sum(_amounts(problem, plans[0].routes)) // len(problem.workers))
        for number in range(1, ROUNDS):
            limit = largest - (largest - even) * number // (ROUNDS - 1)
            if limit < _largest(problem, plans[-1]):
                plans.append(solve_round(_limited(free, _measure(problem), limit), shares.next()))
    best = min(plans, key=lambda plan: _rank(problem, plan))
    return replace(_finished(problem, best), trade_off=_frontier(problem, plans))


def _measure(problem: Problem) -> BalanceMeasure:
    assert problem.balance is not None  # noqa: S101 - only such problems come here
    return problem.balance.measure


def _amounts(problem: Problem, routes: Sequence[Route]) -> list[int]:
    return [amount_of_route(problem, _measure(problem), route) for route in routes]


def _largest(problem: Problem, plan: Plan) -> int:
    return largest_amount(problem, _measure(problem), plan.routes)


def _rank(problem: Problem, plan: Plan) -> Rank:
    left_out, cost = rank_of_plan(problem, plan)
    return left_out, cost + balance_cost(problem, plan.routes)


def _limited(problem: Problem, measure: BalanceMeasure, limit: int) -> Problem:
    return replace(problem, workers=tuple(_limited_worker(worker, measure, limit) for worker in problem.workers))


def _limited_worker(worker: Worker, measure: BalanceMeasure, limit: int) -> Worker:
    if measure is BalanceMeasure.VISITS:
        return replace(worker, max_visits=_smaller(worker.max_visits, limit))
    if measure is BalanceMeasure.DISTANCE:
        return replace(worker, max_distance_m=_smaller(worker.max_distance_m, limit))
    return replace(worker, max_duration_s=_smaller(worker.max_duration_s, limit))


def _smaller(limit: int | None, other: int) -> int:
    return other if limit is None else min(limit, other)


def _frontier(problem: Problem, plans: Sequence[Plan]) -> tuple[TradeOffPoint, ...]:
    """List the plans of which none is better in both, from the cheapest to the most even one."""
    fewest = min(_rank(problem, plan)[0] for plan in plans)
    points = sorted((plan.cost, _largest(problem, plan)) for plan in plans if _rank(problem, plan)[0] == fewest)
    kept: list[TradeOffPoint] = []
    for cost, largest in points:
        if not kept or largest < kept[-1].largest:
            kept.append(TradeOffPoint(largest, cost))
    return tuple(kept)


def _finished(problem: Problem, plan: Plan) -> Plan:
    """Put in what pays, its part of the balance included, and give reasons and cost with it."""
    orders: Orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    settled = settled_by_orders(problem, orders)
    arrays = arrays_of_problem(settled)
    fuller_orders = _with_what_pays(settled, arrays, _without_what_costs(settled, arrays, orders))
    fuller = plan_of_orders(settled, arrays, fuller_orders, plan.engine)
    return replace(
        fuller,
        unplanned=tuple(_with_balance(settled, arrays, fuller, one) for one in fuller.unplanned),
        beyond_search=plan.beyond_search,
        confirmation=plan.confirmation if fuller_orders == orders else Confirmation.NOT_ASKED,
    )


def _without_what_costs(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    """Leave out, the dearest first, what costs more than it brings, its part of the balance included."""
    while True:
        priced = [
            (_cost(problem, arrays, rest) + worth, rest)
            for visit in (visit for order in orders for visit in order)
            if (worth := worth_of(problem, arrays, visit)) is not None
            for rest in [tuple(without_visit(arrays, order, visit) for order in orders)]
        ]
        best = min(priced, default=None)
        if best is None or best[0] >= _cost(problem, arrays, orders):
            return orders
        orders = best[1]


def _cost(problem: Problem, arrays: ProblemArrays, orders: Orders) -> int:
    """Price all routes and the largest of them; more than anything where one is not possible."""
    routes = [schedule_route(problem, arrays, worker, order) for worker, order in enumerate(orders)]
    possible = [route for route in routes if route is not None]
    is_whole = len(possible) == len(routes) and all(
        route_value(arrays, worker, order).verdict == POSSIBLE for worker, order in enumerate(orders)
    )
    return sum(route.cost for route in possible) + balance_cost(problem, possible) if is_whole else 1 << 60


def _with_what_pays(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    deliveries = {one.delivery for one in problem.deliveries}
    while True:
        paying: list[tuple[float, int, Orders]] = []
        for visit in unplanned_visits(problem, orders):
            worth = worth_of(problem, arrays, visit)
            if visit in deliveries:
                continue
            level = level_of(problem, visit)
            for cost, longer in _longer_orders(problem, arrays, orders, visit):
                if worth is None or cost <= worth:
                    paying.append((math.inf if level is None else level, cost - (worth or 0), longer))
        if not paying:
            return orders
        orders = min(paying)[2]


def _longer_orders(problem: Problem, arrays: ProblemArrays, orders: Orders, visit: int) -> list[tuple[int, Orders]]:
    """List what a visit costs more at its cheapest place on each route, the balance included, and the orders then."""
    before = [schedule_route(problem, arrays, worker, order) for worker, order in enumerate(orders)]
    routes = [route for route in before if route is not None]
    found = []
    for worker in range(len(orders)):
        place = find_insertion(arrays, orders, worker, visit)
        if place is None:
            continue
        longer = with_visit(arrays, orders, visit, place)
        route = schedule_route(problem, arrays, worker, longer[worker])
        assert route is not None  # noqa: S101 - the place was found possible
        others = [one for one in routes if one.worker != worker]
        more = balance_cost(problem, [*others, route]) - balance_cost(problem, routes)
        found.append((place.extra_cost + more, longer))
    return found


def _with_balance(problem: Problem, arrays: ProblemArrays, plan: Plan, one: UnplannedVisit) -> UnplannedVisit:
    """Say of a visit that is not worth its cost what it costs with its part of the balance."""
    if one.reason is not UnplannedReason.NOT_WORTH_ITS_COST:
        return one
    orders: Orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    cost = min(cost for cost, _ in _longer_orders(problem, arrays, orders, one.visit)) / problem.cost_units_per_money
    worth = (worth_of(problem, arrays, one.visit) or 0) / problem.cost_units_per_money
    sentence = f"Its cheapest place costs {cost:,.2f} more, balance included; leaving it out costs {worth:,.2f}."
    return replace(one, explanation=sentence)
