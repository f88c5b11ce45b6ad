"""Decides how large a route is, and what the largest one of a team costs."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.plan import Route
from optimizer.problem import BalanceMeasure, Problem

_UNITS = {BalanceMeasure.TIME: 3600, BalanceMeasure.DISTANCE: 1000, BalanceMeasure.VISITS: 1}


def amount_of_route(measure: BalanceMeasure, route: Route) -> int:
    """Return the seconds, metres or visits of a route."""
    if measure is BalanceMeasure.VISITS:
        return len(route.stops)
    if measure is BalanceMeasure.DISTANCE:
        return route.last_distance_m + sum(stop.distance_m for stop in route.stops)
    return route.end_s - route.start_s


def largest_amount(measure: BalanceMeasure, routes: Sequence[Route]) -> int:
    """Return the amount of the largest route, 0 without routes."""
    return max((amount_of_route(measure, route) for route in routes), default=0)


def balance_cost(problem: Problem, routes: Sequence[Route]) -> int:
    """Price the largest route, in cost units rounded half up; 0 where the problem has no balance."""
    balance = problem.balance
    if balance is None:
        return 0
    unit = _UNITS[balance.measure]
    return (2 * balance.cost * largest_amount(balance.measure, routes) + unit) // (2 * unit)
