"""Decides, for one route and many visits at once, where each would go in and what the route would cost with it.

Whether a visit fits into time at a position is answered from two tables of the route as it is: the earliest moment at
which each stage is left, and the latest at which each must be begun, per number of breaks taken. The test is exact.
Only where waiting may change the price, or the duration is limited, is the longer route scheduled as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.route_kernels import (
    VisitArrays,
    WorkerArrays,
    cost_of_route,
    leg_between,
    legs_of_route,
    route_locations,
    value_of_route,
)
from optimizer.schedule_kernels import (
    NEVER,
    closings,
    earliest_ready,
    end_of_leg,
    end_of_service,
    latest_leave,
    latest_ready,
    openings,
)


class RouteTables(NamedTuple):
    """A feasible route as it is.

    Parameters
    ----------
    order
        ``(n,)`` int64: its visits.
    locations
        ``(n + 2,)`` int64: with the ends.
    distance_m, load
        Of the whole route.
    busy_s
        Travel and service of the whole route, without waiting and breaks.
    earliest_s, latest_s
        ``(n + 2, breaks + 1)`` int64: when each stage is left at the earliest and must be begun at the latest.
    """

    order: NDArray[np.int64]
    locations: NDArray[np.int64]
    distance_m: int
    load: int
    busy_s: int
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]


@njit(nogil=True, cache=True)
def cheapest_insertions(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Find the cheapest position of each candidate on one route.

    Parameters
    ----------
    order
        ``(n,)`` int64: the route as it is, feasible.
    candidates
        ``(k,)`` int64: visits that are not on it; the worker has the skills for them.
    visits, worker
        Their arrays.

    Returns
    -------
    ndarray
        ``(k, 2)`` int64: position, the first among equals, and the cost of the route with the visit; `NEVER` where no
        position is feasible.
    """
    route = tables_of_route(order, visits, worker)
    found = np.empty((len(candidates), 2), np.int64)
    for number in range(len(candidates)):
        best_position, best_cost = 0, NEVER
        for position in range(len(order) + 1):
            cost = cost_with(route, candidates[number], position, best_cost, visits, worker)
            if cost < best_cost:
                best_position, best_cost = position, cost
        found[number, 0] = best_position
        found[number, 1] = best_cost
    return found


@njit(nogil=True, cache=True)
def insertion_costs(
    order: NDArray[np.int64], visit: int, visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Compute the cost of a feasible route with a visit at each position: ``(n + 1,)`` int64, `NEVER` where not."""
    route = tables_of_route(order, visits, worker)
    costs = np.empty(len(order) + 1, np.int64)
    for position in range(len(costs)):
        costs[position] = cost_with(route, visit, position, NEVER, visits, worker)
    return costs


@njit(nogil=True, cache=True)
def tables_of_route(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteTables:
    """Lay out a feasible route for insertions."""
    legs_s, legs_m = legs_of_route(order, visits, worker)
    if len(order) == 0:
        # The unused route has no leg from its start to its end; there may even be no way.
        legs_s[0], legs_m[0] = 0, 0
    return RouteTables(
        order,
        route_locations(order, visits, worker),
        legs_m.sum(),
        visits.load[order].sum(),
        legs_s.sum() + visits.times.service_s[order].sum(),
        earliest_ready(order, legs_s, visits.times, worker.times, openings(worker.times)),
        latest_ready(order, legs_s, visits.times, worker.times, closings(worker.times)),
    )


@njit(nogil=True, cache=True)
def cost_with(
    route: RouteTables, visit: int, position: int, ceiling: int, visits: VisitArrays, worker: WorkerArrays
) -> int:
    """Compute the cost of a route with one more visit; `NEVER` where it is not feasible or not below a ceiling."""
    if len(route.order) >= worker.max_visits or route.load + visits.load[visit] > worker.max_load:
        return NEVER
    here, there = route.locations[position], route.locations[position + 1]
    before_s, before_m = leg_between(here, visits.location[visit], worker)
    after_s, after_m = leg_between(visits.location[visit], there, worker)
    if max(before_s, after_s) == NEVER:
        return NEVER
    replaced_s, replaced_m = (0, 0) if len(route.order) == 0 else leg_between(here, there, worker)
    distance_m = route.distance_m - replaced_m + before_m + after_m
    if distance_m > worker.max_distance_m:
        return NEVER
    busy_s = route.busy_s - replaced_s + before_s + visits.times.service_s[visit] + after_s
    cost = cost_of_route(worker, busy_s, distance_m)
    if cost >= ceiling or not _fits_in_time(route, visit, position, (before_s, after_s), visits, worker):
        return NEVER
    if worker.cost_per_hour == 0 and worker.times.max_duration_s == NEVER:
        return cost
    longer = np.empty(len(route.order) + 1, np.int64)
    longer[:position] = route.order[:position]
    longer[position] = visit
    longer[position + 1 :] = route.order[position:]
    return value_of_route(longer, visits, worker).cost


@njit(nogil=True, cache=True)
def _fits_in_time(
    route: RouteTables,
    visit: int,
    position: int,
    legs_s: tuple[int, int],
    visits: VisitArrays,
    worker: WorkerArrays,
) -> bool:
    """Ask whether a visit fits between two stages, with any breaks on the two legs."""
    states = route.earliest_s.shape[1]
    for now in range(states):
        ready = NEVER
        for before in range(now + 1):
            left = route.earliest_s[position, before]
            if left < NEVER:
                ready = min(ready, end_of_leg(left, legs_s[0], before, now, worker.times))
        if ready < NEVER:
            ready = end_of_service(ready, visit, visits.times)
        if ready == NEVER:
            continue
        for after in range(now, states):
            deadline = route.latest_s[position + 1, after]
            if deadline > -NEVER and ready <= latest_leave(deadline, legs_s[1], now, after, worker.times):
                return True
    return False
