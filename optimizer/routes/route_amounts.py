"""Decides how large a route is, and what the largest one of a team costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from optimizer.plan import Route
from optimizer.problem import BalanceMeasure, Problem

UNITS: Final = {
    BalanceMeasure.TIME: 3600,
    BalanceMeasure.DISTANCE: 1000,
    BalanceMeasure.SPREAD: 1000,
    BalanceMeasure.VISITS: 1,
}
"""What an amount is priced per."""


def amount_of_route(problem: Problem, measure: BalanceMeasure, route: Route) -> int:
    """Return the seconds, visits or metres of a route, the latter from end to end or between its farthest visits."""
    if measure is BalanceMeasure.VISITS:
        return len(route.stops)
    if measure is BalanceMeasure.SPREAD:
        return spread_m(problem, route.worker, [stop.visit for stop in route.stops])
    if measure is BalanceMeasure.DISTANCE:
        return route.last_distance_m + sum(stop.distance_m for stop in route.stops)
    return route.end_s - route.start_s


def spread_m(problem: Problem, worker: int, visits: Sequence[int]) -> int:
    """Measure the longest way from one of some visits to another, where there is a way at all; 0 below two visits."""
    matrix = problem.matrices[problem.workers[worker].matrix]
    places = [problem.visits[visit].location for visit in visits]
    pairs = np.ix_(places, places)
    return int(np.where(matrix.reachable[pairs], matrix.distance_m[pairs], 0).max(initial=0))


def largest_amount(problem: Problem, measure: BalanceMeasure, routes: Sequence[Route]) -> int:
    """Return the amount of the largest route, 0 without routes."""
    return max((amount_of_route(problem, measure, route) for route in routes), default=0)


def balance_cost(problem: Problem, routes: Sequence[Route]) -> int:
    """Price the largest route, in cost units rounded half up; 0 where the problem has no balance."""
    balance = problem.balance
    if balance is None:
        return 0
    unit = UNITS[balance.measure]
    return (2 * balance.cost * largest_amount(problem, balance.measure, routes) + unit) // (2 * unit)
