"""Decides what a route costs, by cause. The formulas are those of the objective in `optimizer.problem`."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.problem import Worker


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
