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
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.insertion import (
    Orders,
    PossibleInsertion,
    insertion_table,
    possible_insertion,
    route_value,
    unplanned_visits,
    with_visit,
    without_visit,
    worth_of,
)
from optimizer.options import SolveOptions
from optimizer.plan import Plan, Route, TradeOffPoint, UnplannedReason, UnplannedVisit
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.priorities import Rank, level_of, rank_of_plan
from optimizer.problem import BalanceMeasure, Problem, Worker
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.rounds.compactness import plans_of_areas
from optimizer.rounds.precedence import settled_by_orders, with_true_reasons
from optimizer.rounds.shares import Shares
from optimizer.routes.route_amounts import amount_of_route, balance_cost, largest_amount
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routes.schedule_kernels import NEVER

ROUNDS: Final = 4


def solve_balanced(
    problem: Problem,
    options: SolveOptions,
    solve_round: Callable[[Problem, SolveOptions], Plan],
    should_stop: Callable[[], bool] = lambda: False,
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
    should_stop
        Asked before each round but the first; once it says yes, there are no more.

    Returns
    -------
    Plan
        The cheapest of all rounds, with the trade-off between them.
    """
    shares = Shares(options, ROUNDS)
    free = replace(problem, balance=None)
    plans = [solve_round(free, shares.next())]
    if _measure(problem) is BalanceMeasure.SPREAD:
        compact = plans_of_areas(free, shares, solve_round, plans[0], ROUNDS - 1, should_stop)
        # Where visits wait for others, priced without the areas some may not be found to wait any more.
        plans += (one for one in compact if not check_plan(free, one))
    else:
        largest = _largest(problem, plans[0])
        even = -(-sum(_amounts(problem, plans[0].routes)) // len(problem.workers))
        for number in range(1, ROUNDS):
            limit = largest - (largest - even) * number // (ROUNDS - 1)
            if limit < _largest(problem, plans[-1]) and not should_stop():
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
    if problem.precedences and check_plan(problem, fuller):
        # The times at which the round kept them were not found again.
        fuller, fuller_orders = replace(plan, cost=plan.cost + balance_cost(problem, plan.routes)), orders
    return replace(
        fuller,
        unplanned=with_true_reasons(problem, fuller_orders, _with_balance(settled, arrays, fuller, fuller_orders)),
        beyond_search=plan.beyond_search,
    )


@dataclass(frozen=True)
class _Team:
    """Possible routes, each scheduled, and what the largest of them costs: now, and of all but one each.

    Whatever becomes of one route, the others keep the balance at least there.
    """

    orders: Orders
    routes: tuple[Route, ...]
    balance: int
    balance_without: tuple[int, ...]

    @property
    def cost(self) -> int:
        """All routes and the largest."""
        return sum(route.cost for route in self.routes) + self.balance

    def balance_with(self, problem: Problem, route: Route) -> int:
        """Price the largest route with another route of one worker."""
        return max(self.balance_without[route.worker], balance_cost(problem, [route]))


def _team(problem: Problem, arrays: ProblemArrays, orders: Orders) -> _Team:
    routes = []
    for worker, order in enumerate(orders):
        route = schedule_route(problem, arrays, worker, order)
        assert route is not None  # noqa: S101 - of a plan that was checked, or with a place that was found possible
        routes.append(route)
    prices = [balance_cost(problem, [route]) for route in routes]
    largest = max(prices, default=0)
    # The price of the largest is the largest price: it never falls where a route grows.
    second = sorted(prices)[-2] if len(prices) > 1 else 0
    is_only_largest = prices.count(largest) == 1
    without = tuple(second if price == largest and is_only_largest else largest for price in prices)
    return _Team(orders, tuple(routes), largest, without)


def _without_what_costs(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    """Leave out, the dearest first, what costs more than it brings, its part of the balance included."""
    while True:
        team = _team(problem, arrays, orders)
        best = (team.cost, orders)
        for visit in (visit for order in orders for visit in order):
            shorter = _without_visit(problem, arrays, team, visit, best[0])
            if shorter is not None and shorter[0] < team.cost and shorter < best:
                best = shorter
        if best[0] == team.cost:
            return orders
        orders = best[1]


def _without_visit(
    problem: Problem, arrays: ProblemArrays, team: _Team, visit: int, most: int
) -> tuple[int, Orders] | None:
    """Price the team without a visit, left out at its cost, where that may be no more than a limit."""
    worth = worth_of(problem, arrays, visit)
    if worth is None:
        return None
    (worker,) = (worker for worker, order in enumerate(team.orders) if visit in order)
    order = without_visit(arrays, team.orders[worker], visit)
    others = team.cost - team.balance - team.routes[worker].cost + worth
    value = route_value(arrays, worker, order)
    if value.verdict != POSSIBLE or others + value.cost + team.balance_without[worker] > most:
        return None
    route = schedule_route(problem, arrays, worker, order)
    assert route is not None  # noqa: S101 - it is possible
    cost = others + route.cost + team.balance_with(problem, route)
    return cost, (*team.orders[:worker], order, *team.orders[worker + 1 :])


def _with_what_pays(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    deliveries = {one.delivery for one in problem.deliveries}
    while True:
        team = _team(problem, arrays, orders)
        visits = [visit for visit in unplanned_visits(problem, orders) if visit not in deliveries]
        places, least = _places(arrays, team, visits)
        paying: list[tuple[float, int, Orders]] = []
        for number, visit in enumerate(visits):
            worth, level = worth_of(problem, arrays, visit), level_of(problem, visit)
            most = NEVER - 1 if worth is None else worth
            for worker in np.flatnonzero(least[:, number] <= most).tolist():
                cost, longer = _longer(problem, arrays, team, visit, possible_insertion(worker, places[worker, number]))
                if cost <= most:
                    paying.append((math.inf if level is None else level, cost - (worth or 0), longer))
        if not paying:
            return orders
        orders = min(paying)[2]


def _places(arrays: ProblemArrays, team: _Team, visits: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the cheapest place of each visit on each route, and a bound of what it costs with the balance.

    ``(workers, visits, 3)`` as in `insertion_table`, and ``(workers, visits)``, `NEVER` where there is no place.
    """
    places = insertion_table(arrays, team.orders, np.array(visits, np.int64))
    relief = team.balance - np.array(team.balance_without)
    return places, np.where(places[:, :, 1] < NEVER, places[:, :, 1] - relief[:, np.newaxis], NEVER)


def _longer(
    problem: Problem, arrays: ProblemArrays, team: _Team, visit: int, place: PossibleInsertion
) -> tuple[int, Orders]:
    """Price what a visit costs more at a place, the balance included; and the orders then."""
    longer = with_visit(arrays, team.orders, visit, place)
    route = schedule_route(problem, arrays, place.worker, longer[place.worker])
    assert route is not None  # noqa: S101 - the place was found possible
    return place.extra_cost + team.balance_with(problem, route) - team.balance, longer


def _with_balance(problem: Problem, arrays: ProblemArrays, plan: Plan, orders: Orders) -> tuple[UnplannedVisit, ...]:
    """Say of the visits that are not worth their cost what each costs with its part of the balance."""
    team = _team(problem, arrays, orders)
    cheap = [one.visit for one in plan.unplanned if one.reason is UnplannedReason.NOT_WORTH_ITS_COST]
    places, least = _places(arrays, team, cheap)
    sentences: dict[int, str] = {}
    for number, visit in enumerate(cheap):
        cost = NEVER
        for worker in least[:, number].argsort(kind="stable").tolist():
            if least[worker, number] >= cost:
                break
            place = possible_insertion(worker, places[worker, number])
            cost = min(cost, _longer(problem, arrays, team, visit, place)[0])
        money = cost / problem.cost_units_per_money
        worth = (worth_of(problem, arrays, visit) or 0) / problem.cost_units_per_money
        sentences[visit] = (
            f"Its cheapest place costs {money:,.2f} more, balance included; leaving it out costs {worth:,.2f}."
        )
    return tuple(replace(one, explanation=sentences.get(one.visit, one.explanation)) for one in plan.unplanned)
