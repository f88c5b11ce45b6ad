"""Decides, for one route and many visits at once, where each would go in and what the route would cost with it.

Whether a visit fits into time at a position is answered from two tables of the route as it is: the earliest moment at
which each stage is left, and the latest at which each must be begun, per number of breaks taken. The test is exact.
Only where the schedule may change the price, or the duration is limited, is the longer route scheduled as a whole, and
only where a bound of its price does not show already that it costs too much.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.kernel import (
    INT64,
    address_of,
    allocating_inner_kernel,
    at_address,
    inlined_kernel,
    inner_kernel,
    int64,
    tuple_type,
)
from optimizer.routes.rest_kernels import needs_rest
from optimizer.routes.route_kernels import (
    ALONE,
    POSSIBLE,
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

_ROUNDING = 3
"""Cost units by which the rounded prices of the time of two routes may be the other way round than the exact ones."""


@njit(nogil=True, cache=True)
def cheapest_insertions(
    order: NDArray[np.int64],
    candidates: NDArray[np.int64],
    ceilings: NDArray[np.int64],
    visits: VisitArrays,
    worker: WorkerArrays,
) -> NDArray[np.int64]:
    """Find the cheapest position of each candidate on one route, where that is below a ceiling.

    Parameters
    ----------
    order
        ``(n,)`` int64: the route as it is.
    candidates
        ``(k,)`` int64: visits that are not on it, belong to no delivery, and that the worker may serve.
    ceilings
        ``(k,)`` int64: what costs this much more, or beyond, is not looked for; `NEVER` for no ceiling.
    visits, worker
        Their arrays.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64: position, the first among equals, by how much it makes the route dearer (`NEVER` where the
        route is not possible as it is, or no position is possible and below the ceiling), and `ALONE`.
    """
    found = np.empty((len(candidates), 3), np.int64)
    for number in range(len(candidates)):
        found[number, 0], found[number, 1], found[number, 2] = 0, NEVER, ALONE
    before = value_at(order, visits, worker)
    if before.verdict != POSSIBLE:
        return found
    route = tables_of_route(order, visits, worker)
    least_time_cost = time_cost_of_longer_routes(route, before.cost, visits, worker)
    for number in range(len(candidates)):
        # As `cheapest_insertion` does; but to call it for each, most of which have no place, takes half of the time.
        visit, best_cost = candidates[number], min(int64(NEVER), before.cost + ceilings[number])
        for position in range(len(order) + 1):
            if _is_near(route, visit, position, visits, worker):
                cost = cost_with(route, visit, position, best_cost, least_time_cost, visits, worker)
                if cost < best_cost:
                    best_cost = cost
                    found[number, 0], found[number, 1] = position, cost - before.cost
    return found


@njit(nogil=True, cache=True)
def fitting_visits(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.bool_]:
    """Tell which candidates fit on one route at all, whatever it costs.

    Parameters
    ----------
    order, candidates, visits, worker
        As in `cheapest_insertions`.

    Returns
    -------
    ndarray
        ``(k,)`` bool.
    """
    fits = np.zeros(len(candidates), np.bool_)
    if value_at(order, visits, worker).verdict != POSSIBLE:
        return fits
    route = tables_of_route(order, visits, worker)
    for number in range(len(candidates)):
        visit = candidates[number]
        for position in range(len(order) + 1):
            if _is_near(route, visit, position, visits, worker) and fits_at(route, visit, position, visits, worker):
                fits[number] = True
                break
    return fits


@allocating_inner_kernel
def cheapest_insertion(
    route: RouteTables, visit: int, ceiling: int, visits: VisitArrays, worker: WorkerArrays
) -> tuple[int, int]:
    """Find the cheapest position of one visit, and the cost; `NEVER` where none is feasible and below a ceiling."""
    best_position, best_cost = 0, int64(ceiling)
    for position in range(len(route.order) + 1):
        if _is_near(route, visit, position, visits, worker):
            cost = cost_with(route, visit, position, best_cost, int64(0), visits, worker)
            if cost < best_cost:
                best_position, best_cost = position, cost
    return best_position, int64(NEVER) if best_cost >= ceiling else best_cost


_PLACE = tuple_type(None, INT64, INT64)


def address_of_insertion(route: RouteTables, visits: VisitArrays, worker: WorkerArrays) -> int:
    """Compile `cheapest_insertion`, and tell where it is."""
    return address_of(cheapest_insertion, _PLACE, route, 0, 0, visits, worker)


insertion_at: Callable[..., tuple[int, int]] = at_address(cheapest_insertion, _PLACE)
"""Finds what `cheapest_insertion` does, given its address first."""


@njit(nogil=True, cache=True)
def insertion_costs(
    order: NDArray[np.int64], visit: int, visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Compute the cost of a feasible route with a visit at each position: ``(n + 1,)`` int64, `NEVER` where not."""
    route = tables_of_route(order, visits, worker)
    costs = np.empty(len(order) + 1, np.int64)
    for position in range(len(costs)):
        costs[position] = cost_with(route, visit, position, int64(NEVER), int64(0), visits, worker)
    return costs


@allocating_inner_kernel
def time_cost_of_longer_routes(route: RouteTables, cost: int, visits: VisitArrays, worker: WorkerArrays) -> int:
    """Bound from below what the time of the route costs once it has one more visit; 0 where there is no bound.

    Without the visit, all else of the longer route's schedule can stay as it is, if the way past the visit is no
    shorter than the way to it, the service, and the way from it. So the cheapest schedule of the route as it is, whose
    cost is given, costs no more. With rests or soft windows schedules depend on more than moments.
    """
    if len(route.order) == 0 or worker.reload.location != OPEN or worker.times.max_driving_s != NEVER:
        return int64(0)
    if has_soft_windows(route.order, visits.times):
        return int64(0)
    return max(int64(0), cost - _cost_without_time(route.totals, worker) - _ROUNDING)


@allocating_inner_kernel
def _cost_without_time(totals: RouteTotals, worker: WorkerArrays) -> int:
    """Price all of a route but its time."""
    timeless = RouteTotals(totals.visits, totals.distance_m, totals.travel_s, 0, -NEVER, totals.extra_cost)
    return cost_of_totals(timeless, worker.prices, worker.times.prices)


@inlined_kernel
def _is_near(route: RouteTables, visit: int, position: int, visits: VisitArrays, worker: WorkerArrays) -> bool:
    """Rule out a position by the roughest tests of time. Most positions on most routes end at the first, without ways.

    With one more visit the reloads of a worker may lie elsewhere, so there no position is ruled out.
    """
    if worker.reload.location != OPEN:
        return True
    first, last = visits.times.first_window[visit], visits.times.first_window[visit + 1] - 1
    opens_s, closes_s = visits.times.window_start_s[first], visits.times.window_end_s[last]
    soonest_s, busy_until_s = route.soonest_s[position], route.last_s[position + 1] - visits.times.service_s[visit]
    if soonest_s > closes_s or max(soonest_s, opens_s) > busy_until_s:
        return False
    order, location = route.order, visits.location[visit]
    here = visits.location[order[position - 1]] if position > 0 else worker.start_location
    there = visits.location[order[position]] if position < len(order) else worker.end_location
    # Where there is no way the matrix says 0 seconds, and the exact test says no.
    into_s = worker.travel_s[here, location] if here >= 0 else int64(0)
    out_s = worker.travel_s[location, there] if there >= 0 else int64(0)
    start_s = int64(max(soonest_s + into_s, opens_s))
    return start_s <= closes_s and start_s + int64(out_s) <= int64(busy_until_s)


@allocating_inner_kernel
def cost_with(
    route: RouteTables,
    visit: int,
    position: int,
    ceiling: int,
    least_time_cost: int,
    visits: VisitArrays,
    worker: WorkerArrays,
) -> int:
    """Compute the cost of a route with one more visit; `NEVER` where it is not feasible or not below a ceiling.

    `least_time_cost` is from `time_cost_of_longer_routes`, or 0.
    """
    if worker.reload.location != OPEN:
        return value_at(with_visit(route.order, visit, position), visits, worker).cost
    into, out = legs_around(route, visit, position, visits, worker)
    if max(into[0], out[0]) >= NEVER:
        return NEVER
    totals = _totals_with(route, visit, position, (into, out), visits)
    if not _is_within_limits(route, visit, totals, visits, worker):
        return NEVER
    cost = cost_of_totals(totals, worker.prices, worker.times.prices)
    least = cost
    if least_time_cost > 0 and totals.duration_s >= route.totals.duration_s:
        least = max(cost, _cost_without_time(totals, worker) + least_time_cost)
    if (
        least >= ceiling
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
def fits_at(route: RouteTables, visit: int, position: int, visits: VisitArrays, worker: WorkerArrays) -> bool:
    """Tell whether a route with one more visit is feasible, whatever it costs."""
    if worker.reload.location != OPEN:
        return value_at(with_visit(route.order, visit, position), visits, worker).verdict == POSSIBLE
    into, out = legs_around(route, visit, position, visits, worker)
    if max(into[0], out[0]) >= NEVER:
        return False
    totals = _totals_with(route, visit, position, (into, out), visits)
    if (
        not _is_within_limits(route, visit, totals, visits, worker)
        or not joins_company(route.order, visit, position, visits.company)
        or not _fits_in_time(route, visit, position, (into[0], out[0]), visits, worker)
    ):
        return False
    if worker.times.max_duration_s == NEVER and not needs_rest(totals.travel_s, worker.times):
        return True
    return value_at(with_visit(route.order, visit, position), visits, worker).verdict == POSSIBLE


@inner_kernel
def _is_within_limits(
    route: RouteTables, visit: int, totals: RouteTotals, visits: VisitArrays, worker: WorkerArrays
) -> bool:
    """Tell whether a route keeps its limits of number, load, distance and travel with one more visit."""
    return (
        totals.visits <= worker.max_visits
        and route.load + visits.load[visit] <= worker.max_load
        and totals.distance_m <= worker.max_distance_m
        and totals.travel_s <= worker.max_travel_s
    )


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
