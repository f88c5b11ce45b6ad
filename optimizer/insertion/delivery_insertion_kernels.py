"""Decides where both visits of a delivery go into a route at the least cost.

For each position of the pickup the route is followed from there on, once: how early the worker can be at each further
stop, and whether there is room on board as long. The delivery is tried on the way, and the way ends where a stop would
be missed or the vehicle is full. From the delivery on the tables of the route as it was say what is still in time, so
a pair of positions takes a few steps whatever the length of the route [1]_. A position of the pickup is passed over
where the least detour to the delivery from any later position makes it dear enough. All these tests are exact; only
where the schedule may change the price, or the duration is limited, is the longer route scheduled as a whole.

References
----------
.. [1] Savelsbergh, M. (1992). The vehicle routing problem with time windows: minimizing route duration. ORSA Journal on
       Computing 4(2). https://doi.org/10.1287/ijoc.4.2.146
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.insertion.delivery_pricing_kernels import (
    SECONDS,
    DeliveryRoom,
    cost_of_pair,
    delivery_room,
    go_on,
    lay_out,
    may_pay,
    must_schedule,
    put_both_in,
    way_across,
)
from optimizer.kernel import INT64, address_of, at_address, inner_kernel, int64, merged_kernel, tuple_type
from optimizer.routes.route_kernels import NOT_BEFORE, VisitArrays, WorkerArrays, value_at
from optimizer.routes.route_tables_kernels import RouteTables, tables_of_route
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.way_kernels import OPEN


@njit(nogil=True, cache=True)
def cheapest_deliveries(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Find the cheapest positions on one route for the deliveries of some visits.

    Parameters
    ----------
    order
        ``(n,)`` int64: the route as it is, feasible.
    candidates
        ``(k,)`` int64: visits of deliveries that are not on it and that the worker may serve.
    visits, worker
        Their arrays.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64: position, the first among equals, the cost of the route with the delivery (`NEVER` where no
        positions are feasible), and where the other visit goes in. Both are positions in the longer route.
    """
    route = tables_of_route(order, visits, worker)
    room = delivery_room(len(order), len(worker.times.break_duration_s))
    found = np.empty((len(candidates), 3), np.int64)
    for number in range(len(candidates)):
        found[number, 0], found[number, 1], found[number, 2] = cheapest_delivery(
            route, candidates[number], int64(NEVER), visits, worker, room
        )
    return found


@inner_kernel
def cheapest_delivery(
    route: RouteTables, visit: int, ceiling: int, visits: VisitArrays, worker: WorkerArrays, room: DeliveryRoom
) -> tuple[int, int, int]:
    """Find the cheapest positions for both visits of a delivery.

    Parameters
    ----------
    route
        The route without them.
    visit
        One of them.
    ceiling
        Routes that cost as much or more are of no interest.
    visits, worker
        The arrays of the worker.
    room
        Is written over.

    Returns
    -------
    tuple
        Position in the longer route of the visit asked for, the cost of that route (`NEVER` where no positions are
        feasible and below the ceiling), and the position of the other visit. Among equals the first pickup, then the
        first delivery.
    """
    partner = visits.partner[visit]
    is_pickup = visits.company[partner, visit] == NOT_BEFORE
    pair = (visit, partner) if is_pickup else (partner, visit)
    if worker.reload.location != OPEN:
        first, second, cost = _cheapest_with_reloads(route, pair, ceiling, visits, worker, room)
    else:
        first, second, cost = _cheapest_pair(route, pair, ceiling, visits, worker, room)
    if cost >= ceiling:
        cost = int64(NEVER)
    if is_pickup:
        return first, cost, second
    return second, cost, first


_PLACES = tuple_type(None, INT64, INT64, INT64)


def address_of_delivery(route: RouteTables, visits: VisitArrays, worker: WorkerArrays, room: DeliveryRoom) -> int:
    """Compile `cheapest_delivery`, and tell where it is."""
    return address_of(cheapest_delivery, _PLACES, route, 0, 0, visits, worker, room)


delivery_at: Callable[..., tuple[int, int, int]] = at_address(cheapest_delivery, _PLACES)
"""Finds what `cheapest_delivery` does, given its address first."""


@merged_kernel
def _cheapest_with_reloads(
    route: RouteTables,
    pair: tuple[int, int],
    ceiling: int,
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> tuple[int, int, int]:
    """Evaluate every pair of positions as a whole: with two visits more the reloads may lie elsewhere."""
    best = (int64(0), int64(0), int64(ceiling))
    for first in range(len(route.order) + 1):
        for second in range(first, len(route.order) + 1):
            put_both_in(route.order, pair, (first, second), room.longer)
            cost = value_at(room.longer[: len(route.order) + 2], visits, worker).cost
            if cost < best[2]:
                best = (int64(first), int64(second + 1), cost)
    return best


@merged_kernel
def _cheapest_pair(
    route: RouteTables,
    pair: tuple[int, int],
    ceiling: int,
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> tuple[int, int, int]:
    """Follow the route from each position of the pickup on that may be below the ceiling."""
    pickup, best = pair[0], (int64(0), int64(0), int64(ceiling))
    added = visits.load[pickup] + visits.load[pair[1]]
    if len(route.order) + 2 > worker.max_visits or route.load + added > worker.max_load:
        return best
    most_before = worker.max_load - added - visits.boarded[pickup]
    begin, end = _possible_pickups(route, pickup, visits)
    earliest, latest = _possible_deliveries(route, pair[1], begin, visits)
    if begin > min(end, latest) or earliest > latest:
        return best
    lay_out(route, pair[1], (begin, earliest, latest), visits, worker, room)
    across = way_across(pair, visits, worker)
    is_scheduled = must_schedule(route.order, pair, visits, worker)
    for first in range(begin, min(end, latest) + 1):
        if route.on_board[first] > most_before:
            continue
        if not may_pay(route, pair, first, across, best[2], visits, worker, room):
            continue
        for taken in range(len(worker.times.break_duration_s) + 1):
            room.ready_s[taken] = route.earliest_s[first, taken]
        leg_s, stop = room.into[SECONDS], pickup
        for second in range(first, latest + 1):
            if second > first:
                leg_s = room.out[SECONDS] if second == first + 1 else route.legs.seconds[second - 1]
                stop = route.order[second - 1]
            if leg_s >= NEVER or route.on_board[second] > most_before:
                break
            if not go_on(room.ready_s, leg_s, stop, visits, worker):
                break
            if second >= earliest:
                known = (best[2], is_scheduled)
                cost = cost_of_pair(route, pair, (first, second), across, known, visits, worker, room)
                if cost < best[2]:
                    best = (int64(first), int64(second + 1), cost)
    return best


@merged_kernel
def _possible_pickups(route: RouteTables, pickup: int, visits: VisitArrays) -> tuple[int, int]:
    """Tell by windows alone between which positions a pickup may be, both included."""
    times = visits.times
    first_window, next_window = times.first_window[pickup], times.first_window[pickup + 1]
    over_s = times.window_start_s[first_window] + times.service_s[pickup]
    closes_s = times.window_end_s[next_window - 1]
    begin = end = int64(0)
    while end < len(route.order) and route.soonest_s[end + 1] <= closes_s:
        # What comes after the pickup must not be closed by then.
        if over_s > times.window_end_s[times.first_window[route.order[end] + 1] - 1]:
            begin = end + 1
        end += 1
    return begin, end


@merged_kernel
def _possible_deliveries(route: RouteTables, delivery: int, begin: int, visits: VisitArrays) -> tuple[int, int]:
    """Tell by windows alone between which positions, the first of which is given, a delivery may be, both included."""
    times = visits.times
    first_window, next_window = times.first_window[delivery], times.first_window[delivery + 1]
    over_s = times.window_start_s[first_window] + times.service_s[delivery]
    closes_s = times.window_end_s[next_window - 1]
    earliest = latest = int64(begin)
    while earliest <= len(route.order) and over_s > route.last_s[earliest + 1]:
        earliest += 1
    while latest < len(route.order):
        stop = route.order[latest]
        if times.window_start_s[times.first_window[stop]] + times.service_s[stop] > closes_s:
            break
        latest += 1
    return earliest, latest
