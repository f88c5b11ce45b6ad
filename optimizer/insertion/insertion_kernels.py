"""Decides, for one route and many visits at once, where each would go in and what the route would cost with it.

Whether a visit fits into time at a position is answered from two tables of the route as it is: the earliest moment at
which each stage is left, and the latest at which each must be begun, per number of breaks taken. The test is exact.
Only where the schedule may change the price, or the duration is limited, is the longer route scheduled as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload
from numpy.typing import NDArray

from optimizer.kernel import INT64, address_of, allocating_inner_kernel, caller_of, int64, tuple_type
from optimizer.routes.rest_kernels import needs_rest
from optimizer.routes.route_kernels import (
    ALONE,
    RouteTotals,
    VisitArrays,
    WorkerArrays,
    cost_of_totals,
    joins_company,
    value_at,
)
from optimizer.routes.route_tables_kernels import RouteTables, legs_around, tables_of_route
from optimizer.routes.schedule_kernels import NEVER, end_of_leg, end_of_service, is_priced_by_time, latest_leave
from optimizer.routes.soft_window_kernels import has_soft_windows
from optimizer.routes.way_kernels import OPEN


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
        ``(k,)`` int64: visits that are not on it, belong to no delivery, and that the worker may serve.
    visits, worker
        Their arrays.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64: position, the first among equals, the cost of the route with the visit (`NEVER` where no
        position is feasible), and `ALONE`.
    """
    route = tables_of_route(order, visits, worker)
    found = np.empty((len(candidates), 3), np.int64)
    for number in range(len(candidates)):
        found[number, 0], found[number, 1] = cheapest_insertion(route, candidates[number], int64(NEVER), visits, worker)
        found[number, 2] = ALONE
    return found


@allocating_inner_kernel
def cheapest_insertion(
    route: RouteTables, visit: int, ceiling: int, visits: VisitArrays, worker: WorkerArrays
) -> tuple[int, int]:
    """Find the cheapest position of one visit, and the cost; `NEVER` where none is feasible and below a ceiling."""
    best_position, best_cost = 0, int64(ceiling)
    is_near = near_positions(route, visit, visits, worker)
    for position in range(len(route.order) + 1):
        if is_near[position]:
            cost = cost_with(route, visit, position, best_cost, visits, worker)
            if cost < best_cost:
                best_position, best_cost = position, cost
    return best_position, int64(NEVER) if best_cost >= ceiling else best_cost


_PLACE = tuple_type(None, INT64, INT64)
_call_at = caller_of(_PLACE)


def address_of_insertion(route: RouteTables, visits: VisitArrays, worker: WorkerArrays) -> int:
    """Compile `cheapest_insertion`, and tell where it is."""
    return address_of(cheapest_insertion, _PLACE, route, 0, 0, visits, worker)


def insertion_at(
    address: int,  # noqa: ARG001 - where it is compiled
    route: RouteTables,
    visit: int,
    ceiling: int,
    visits: VisitArrays,
    worker: WorkerArrays,
) -> tuple[int, int]:
    """Find what `cheapest_insertion` does; kernels call it at its address."""
    return cheapest_insertion(route, visit, ceiling, visits, worker)


@overload(insertion_at, jit_options={"nogil": True})
def _compiled_insertion_at(
    address: Any,  # noqa: ANN401, ARG001 - numba's form
    route: Any,  # noqa: ANN401, ARG001
    visit: Any,  # noqa: ANN401, ARG001
    ceiling: Any,  # noqa: ANN401, ARG001
    visits: Any,  # noqa: ANN401, ARG001
    worker: Any,  # noqa: ANN401, ARG001
) -> Callable[..., Any]:
    def call(address: Any, route: Any, visit: Any, ceiling: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401 - the same names
        return _call_at(address, (route, visit, ceiling, visits, worker))

    return call


@njit(nogil=True, cache=True)
def insertion_costs(
    order: NDArray[np.int64], visit: int, visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Compute the cost of a feasible route with a visit at each position: ``(n + 1,)`` int64, `NEVER` where not."""
    route = tables_of_route(order, visits, worker)
    costs = np.empty(len(order) + 1, np.int64)
    for position in range(len(costs)):
        costs[position] = cost_with(route, visit, position, int64(NEVER), visits, worker)
    return costs


@allocating_inner_kernel
def near_positions(route: RouteTables, visit: int, visits: VisitArrays, worker: WorkerArrays) -> NDArray[np.bool_]:
    """Rule out positions by the roughest test of time: ``(n + 1,)`` bool. Most positions on most routes end here.

    With one more visit the reloads of a worker may lie elsewhere, so there no position is ruled out.
    """
    if worker.reload.location != OPEN:
        return np.ones(len(route.order) + 1, np.bool_)
    order, soonest_s, last_s = route.order, route.soonest_s, route.last_s
    first, last = visits.times.first_window[visit], visits.times.first_window[visit + 1] - 1
    opens_s, closes_s = visits.times.window_start_s[first], visits.times.window_end_s[last]
    service_s, location = visits.times.service_s[visit], visits.location[visit]
    travel_s, is_near = worker.travel_s, np.zeros(len(order) + 1, np.bool_)
    here = worker.start_location
    for position in range(len(order) + 1):
        if soonest_s[position] > closes_s:
            break
        there = visits.location[order[position]] if position < len(order) else worker.end_location
        # Where there is no way the matrix says 0 seconds, and the exact test says no.
        into_s = travel_s[here, location] if here >= 0 else 0
        out_s = travel_s[location, there] if there >= 0 else 0
        start_s = max(soonest_s[position] + into_s, opens_s)
        is_near[position] = start_s <= closes_s and start_s + service_s + out_s <= last_s[position + 1]
        here = there
    return is_near


@allocating_inner_kernel
def cost_with(
    route: RouteTables, visit: int, position: int, ceiling: int, visits: VisitArrays, worker: WorkerArrays
) -> int:
    """Compute the cost of a route with one more visit; `NEVER` where it is not feasible or not below a ceiling."""
    if worker.reload.location != OPEN:
        return value_at(with_visit(route.order, visit, position), visits, worker).cost
    into, out = legs_around(route, visit, position, visits, worker)
    if max(into[0], out[0]) >= NEVER:
        return NEVER
    totals = _totals_with(route, visit, position, (into, out), visits)
    is_within_limits = (
        totals.visits <= worker.max_visits
        and route.load + visits.load[visit] <= worker.max_load
        and totals.distance_m <= worker.max_distance_m
        and totals.travel_s <= worker.max_travel_s
    )
    if not is_within_limits:
        return NEVER
    cost = cost_of_totals(totals, worker.prices, worker.times.prices)
    if (
        cost >= ceiling
        or not joins_company(route.order, visit, position, visits.company)
        or not _fits_in_time(route, visit, position, (into[0], out[0]), visits, worker)
    ):
        return NEVER
    must_schedule = is_priced_by_time(worker.times.prices) or has_soft_windows(route.order, visits.times)
    must_schedule = must_schedule or visits.times.first_soft[visit] < visits.times.first_soft[visit + 1]
    must_schedule = must_schedule or needs_rest(totals.travel_s, worker.times)
    if worker.times.max_duration_s == NEVER and not must_schedule:
        return cost
    return value_at(with_visit(route.order, visit, position), visits, worker).cost


@allocating_inner_kernel
def with_visit(order: NDArray[np.int64], visit: int, position: int) -> NDArray[np.int64]:
    """Copy an order with one more visit at a position."""
    longer = np.empty(len(order) + 1, np.int64)
    for place in range(position):
        longer[place] = order[place]
    longer[position] = visit
    for place in range(position, len(order)):
        longer[place + 1] = order[place]
    return longer


@allocating_inner_kernel
def _totals_with(
    route: RouteTables,
    visit: int,
    position: int,
    around: tuple[tuple[int, int, int], tuple[int, int, int]],
    visits: VisitArrays,
) -> RouteTotals:
    """Sum the route up with one more visit, given the legs around it."""
    legs, before, (into, out) = route.legs, route.totals, around
    return RouteTotals(
        before.visits + 1,
        before.distance_m - legs.metres[position] + into[2] + out[2],
        before.travel_s - legs.travel_s[position] + into[1] + out[1],
        before.duration_s - legs.seconds[position] + into[0] + visits.times.service_s[visit] + out[0],
        -NEVER,
        before.extra_cost + visits.extra_cost[visit],
    )


@allocating_inner_kernel
def _fits_in_time(
    route: RouteTables,
    visit: int,
    position: int,
    legs_s: tuple[int, int],
    visits: VisitArrays,
    worker: WorkerArrays,
) -> bool:
    """Ask whether a visit fits between two stages, with any breaks on the two legs."""
    states = len(worker.times.break_duration_s) + 1
    for now in range(states):
        ready = int64(NEVER)
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
