"""Decides what a route costs, by cause, and says of a whole plan which field of the problem caused which cost.

The formulas are those of the objective in `optimizer.problem`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.plan import Plan, Route
from optimizer.problem import Problem, Visit
from optimizer.problem_arrays import cost_of_area
from optimizer.routes.route_amounts import balance_cost

_HOUR_S = 3600
_KM_M = 1000


@dataclass(frozen=True)
class RouteMeasures:
    """What the cost of a route depends on: its visits, when each starts, sums in seconds and metres, and reloads."""

    visits: tuple[int, ...]
    starts_s: tuple[int, ...]
    distance_m: int
    travel_s: int
    duration_s: int
    end_s: int
    reloads: int


def measures_of_route(route: Route) -> RouteMeasures:
    """Sum a route up."""
    return RouteMeasures(
        visits=tuple(stop.visit for stop in route.stops),
        starts_s=tuple(stop.start_s for stop in route.stops),
        distance_m=route.last_distance_m + sum(stop.distance_m for stop in route.stops),
        travel_s=route.last_travel_s + sum(stop.travel_s for stop in route.stops),
        duration_s=route.end_s - route.start_s,
        end_s=route.end_s,
        reloads=len(route.reloads),
    )


def cost_of_route(problem: Problem, worker: int, measures: RouteMeasures) -> dict[str, int]:
    """Compute what a route with at least one visit costs.

    Parameters
    ----------
    problem
        The problem.
    worker
        Who travels, as an index into it.
    measures
        Of the route.

    Returns
    -------
    dict of str to int
        Cost units by the path of the field of the problem that causes them, without those that cost nothing; each a
        whole number, half up.
    """
    parts = {
        f"workers[{worker}].{field}": _half_up(amount * price, unit)
        for field, price, amount, unit in _priced_amounts(problem, worker, measures)
        if amount > 0
    }
    area = 0
    for visit, start_s in zip(measures.visits, measures.starts_s, strict=True):
        asked = problem.visits[visit]
        if asked.soft_windows:
            field, cost = _cost_of_start(asked, start_s)
            parts[f"visits[{visit}].{field}"] = cost
        area += cost_of_area(problem, worker, asked)
        if asked.preferred_workers and worker not in asked.preferred_workers:
            parts[f"visits[{visit}].not_preferred_cost"] = asked.not_preferred_cost
    parts[f"workers[{worker}].cost_per_km_from_center"] = area
    return {field: cost for field, cost in parts.items() if cost}


def break_down_cost(problem: Problem, plan: Plan) -> dict[str, int]:
    """Say which field of the problem caused which part of a plan's cost.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan for it.

    Returns
    -------
    dict of str to int
        Cost units by field path, for example ``workers[0].cost_per_km`` or ``visits[7].unserved_cost``, without those
        that cost nothing. Their sum is ``plan.cost``.
    """
    parts: dict[str, int] = {}
    for route in plan.routes:
        if route.stops:
            parts |= cost_of_route(problem, route.worker, measures_of_route(route))
    for left_out in plan.unplanned:
        parts[f"visits[{left_out.visit}].unserved_cost"] = problem.visits[left_out.visit].unserved_cost or 0
    parts["balance.cost"] = balance_cost(problem, plan.routes)
    return {field: cost for field, cost in parts.items() if cost}


def _priced_amounts(problem: Problem, worker: int, measures: RouteMeasures) -> Iterator[tuple[str, int, int, int]]:
    """Yield the field that names each price, the price, the amount that it is for, and the unit it is per."""
    owner = problem.workers[worker]
    soft = owner.soft_limits
    yield "fixed_cost", owner.fixed_cost, 1, 1
    yield "cost_per_hour", owner.cost_per_hour, measures.duration_s, _HOUR_S
    yield "cost_per_km", owner.cost_per_km, measures.distance_m, _KM_M
    if owner.reload is not None:
        yield "reload.cost", owner.reload.cost, measures.reloads, 1
    limits: Sequence[tuple[str, int, int, int | None, int]] = (
        ("soft_limits.cost_per_extra_visit", soft.cost_per_extra_visit, len(measures.visits), soft.max_visits, 1),
        ("soft_limits.cost_per_extra_km", soft.cost_per_extra_km, measures.distance_m, soft.max_distance_m, _KM_M),
        (
            "soft_limits.cost_per_extra_hour",
            soft.cost_per_extra_hour,
            measures.duration_s,
            soft.max_duration_s,
            _HOUR_S,
        ),
        (
            "soft_limits.cost_per_extra_travel_hour",
            soft.cost_per_extra_travel_hour,
            measures.travel_s,
            soft.max_travel_s,
            _HOUR_S,
        ),
        ("overtime_cost_per_hour", owner.overtime_cost_per_hour, measures.end_s, owner.regular_end_s, _HOUR_S),
    )
    for field, price, amount, limit, unit in limits:
        if limit is not None:
            yield field, price, amount - limit, unit


def _cost_of_start(visit: Visit, start_s: int) -> tuple[str, int]:
    """Price the start of a service by the soft window for which it is cheapest, and name the field of that price."""
    prices = [
        ("cost_per_hour_early", _half_up(visit.cost_per_hour_early * (window.start_s - start_s), _HOUR_S))
        if start_s < window.start_s
        else ("cost_per_hour_late", _half_up(visit.cost_per_hour_late * max(0, start_s - window.end_s), _HOUR_S))
        for window in visit.soft_windows
    ]
    return min(prices, key=lambda price: price[1])


def _half_up(numerator: int, denominator: int) -> int:
    return (numerator + denominator // 2) // denominator
