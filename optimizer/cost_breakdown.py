"""Decides what a route costs, by cause, and says of a whole plan which field of the problem caused which cost.

The formulas are those of the objective in `optimizer.problem`.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.plan import Plan
from optimizer.problem import Problem, Worker


@dataclass(frozen=True)
class RouteCost:
    """The cost of one route in cost units, by the field of `Worker` that causes it."""

    fixed_cost: int
    cost_per_hour: int
    cost_per_km: int

    @property
    def total(self) -> int:
        """The sum of all causes."""
        return self.fixed_cost + self.cost_per_hour + self.cost_per_km


def cost_of_route(worker: Worker, *, duration_s: int, distance_m: int) -> RouteCost:
    """Compute what a route with at least one visit costs.

    Parameters
    ----------
    worker
        Who travels.
    duration_s, distance_m
        Of the whole route.

    Returns
    -------
    RouteCost
        Each term rounded to whole units, half up.
    """
    return RouteCost(
        fixed_cost=worker.fixed_cost,
        cost_per_hour=(worker.cost_per_hour * duration_s + 1800) // 3600,
        cost_per_km=(worker.cost_per_km * distance_m + 500) // 1000,
    )


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
            distance_m = route.last_distance_m + sum(stop.distance_m for stop in route.stops)
            worker = problem.workers[route.worker]
            cost = cost_of_route(worker, duration_s=route.end_s - route.start_s, distance_m=distance_m)
            for cause in ("fixed_cost", "cost_per_hour", "cost_per_km"):
                parts[f"workers[{route.worker}].{cause}"] = getattr(cost, cause)
    for left_out in plan.unplanned:
        parts[f"visits[{left_out.visit}].unserved_cost"] = problem.visits[left_out.visit].unserved_cost or 0
    return {field: cost for field, cost in parts.items() if cost}
