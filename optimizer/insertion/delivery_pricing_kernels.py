"""Decides what a route costs with both visits of a delivery at two given positions, and whether that is in time.

The ways around the visits and the least detours are read once for all positions; then each pair takes a few steps.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64, merged_kernel
from optimizer.routes.rest_kernels import needs_rest
from optimizer.routes.route_kernels import (
    DIRECTLY_BEFORE,
    RouteTotals,
    VisitArrays,
    WorkerArrays,
    cost_of_totals,
    keeps_company,
    value_at,
)
from optimizer.routes.route_tables_kernels import RouteTables, legs_around
from optimizer.routes.schedule_kernels import NEVER, end_of_leg, end_of_service, is_priced_by_time, latest_leave
from optimizer.routes.soft_window_kernels import has_soft_windows
from optimizer.routes.way_kernels import way_between

# Rows of `DeliveryRoom.ways`: seconds, travel seconds and metres from the delivery on, and the detour to it.
OUT: Final = 0
DETOUR: Final = 3
INTO_S: Final = 6
_ROWS: Final = 7
SECONDS: Final = 0
TRAVEL_S: Final = 1
METRES: Final = 2


class DeliveryRoom(NamedTuple):
    """Arrays to work in, long enough for a route of `m` visits.

    Parameters
    ----------
    ways
        ``(7, m + 1)`` int64: per position of the delivery, as if the pickup did not lie directly before it.
    lowest
        ``(3, m + 2)`` int64: the least detours at a position or a later one; `NEVER` where there is none.
    into, out
        ``(3,)`` int64: seconds, travel seconds and metres to the pickup and from there, at one position.
    ready_s
        ``(breaks + 1,)`` int64: when the stage that has been reached is left at the earliest.
    longer
        ``(m + 2,)`` int64: the route with the delivery.
    """

    ways: NDArray[np.int64]
    lowest: NDArray[np.int64]
    into: NDArray[np.int64]
    out: NDArray[np.int64]
    ready_s: NDArray[np.int64]
    longer: NDArray[np.int64]


@register_jitable
def delivery_room(visits: int, breaks: int) -> DeliveryRoom:
    """Make room for routes of up to so many visits, of workers with up to so many breaks."""
    return DeliveryRoom(
        np.empty((_ROWS, visits + 1), np.int64),
        np.empty((3, visits + 2), np.int64),
        np.empty(3, np.int64),
        np.empty(3, np.int64),
        np.empty(breaks + 1, np.int64),
        np.empty(visits + 2, np.int64),
    )


@merged_kernel
def lay_out(
    route: RouteTables,
    delivery: int,
    between: tuple[int, int, int],
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> None:
    """Read the ways to the delivery and from there, from one position to another, both included."""
    begin, earliest, latest = between
    for row in range(3):
        room.lowest[row, latest + 1] = NEVER
    for position in range(latest, begin - 1, -1):
        into, out = (int64(NEVER), int64(NEVER), int64(NEVER)), (int64(NEVER), int64(NEVER), int64(NEVER))
        if position >= earliest:
            into, out = legs_around(route, delivery, position, visits, worker)
        legs = route.legs
        around = (legs.seconds[position], legs.travel_s[position], legs.metres[position])
        room.ways[INTO_S, position] = into[0]
        for row in range(3):
            room.ways[OUT + row, position] = out[row]
            detour = NEVER if max(into[row], out[row]) >= NEVER else into[row] + out[row] - around[row]
            room.ways[DETOUR + row, position] = detour
            room.lowest[row, position] = min(detour, room.lowest[row, position + 1])


@merged_kernel
def _has_company(order: NDArray[np.int64], pair: tuple[int, int], company: NDArray[np.int8]) -> bool:
    """Tell whether any rule beside that of the delivery itself says where on a route its visits may be."""
    for place in range(len(order)):
        other = order[place]
        if place > 0 and company[order[place - 1], other] == DIRECTLY_BEFORE:
            return True
        for visit in pair:
            if company[visit, other] != 0 or company[other, visit] != 0:
                return True
    return bool(company[pair[0], pair[1]] != 0)


@merged_kernel
def must_schedule(order: NDArray[np.int64], pair: tuple[int, int], visits: VisitArrays, worker: WorkerArrays) -> bool:
    """Tell whether the cost, or whether it fits, depends on more than the earliest schedule."""
    if is_priced_by_time(worker.times.prices) or worker.times.max_duration_s < NEVER:
        return True
    first_soft = visits.times.first_soft
    for visit in pair:
        if first_soft[visit] < first_soft[visit + 1]:
            return True
    return has_soft_windows(order, visits.times)


@merged_kernel
def go_on(ready_s: NDArray[np.int64], leg_s: int, visit: int, visits: VisitArrays, worker: WorkerArrays) -> bool:
    """Go to a visit and serve it, with any breaks on the way; False where it is missed.

    From the most breaks down, since each number of breaks comes from as many or fewer.
    """
    is_in_time = False
    for now in range(len(worker.times.break_duration_s), -1, -1):
        arrival_s = int64(NEVER)
        if ready_s[now] < NEVER:
            arrival_s = ready_s[now] + leg_s
        for before in range(now):
            if ready_s[before] < NEVER:
                arrival_s = min(arrival_s, end_of_leg(ready_s[before], leg_s, before, now, worker.times))
        if arrival_s < NEVER:
            arrival_s = end_of_service(arrival_s, visit, visits.times)
        ready_s[now] = arrival_s
        is_in_time |= arrival_s < NEVER
    return is_in_time


@merged_kernel
def may_pay(
    route: RouteTables,
    pair: tuple[int, int],
    first: int,
    across: tuple[int, int, int],
    ceiling: int,
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> bool:
    """Read the ways around the pickup at a position; False where no delivery after it is below the ceiling."""
    into, out = legs_around(route, pair[0], first, visits, worker)
    if into[METRES] >= NEVER:
        return False
    for row in range(3):
        room.into[row], room.out[row] = into[row], out[row]
    lowest, ways, after = room.lowest, room.ways, first + 1
    onward = (
        min(out[0] + lowest[0, after], across[0] + ways[OUT, first]),
        min(out[1] + lowest[1, after], across[1] + ways[OUT + 1, first]),
        min(out[2] + lowest[2, after], across[2] + ways[OUT + 2, first]),
    )
    if onward[METRES] >= NEVER:
        return False
    totals = _totals_with(route, pair, first, onward, visits, room)
    return cost_of_totals(totals, worker.prices, worker.times.prices) < ceiling


@inlined_kernel
def _totals_with(
    route: RouteTables,
    pair: tuple[int, int],
    first: int,
    onward: tuple[int, int, int],
    visits: VisitArrays,
    room: DeliveryRoom,
) -> RouteTotals:
    """Sum the route up with the pickup at a position, and with what comes instead of the leg from there on."""
    legs, totals = route.legs, route.totals
    services_s = visits.times.service_s[pair[0]] + visits.times.service_s[pair[1]]
    return RouteTotals(
        totals.visits + 2,
        totals.distance_m + room.into[METRES] + onward[METRES] - legs.metres[first],
        totals.travel_s + room.into[TRAVEL_S] + onward[TRAVEL_S] - legs.travel_s[first],
        totals.duration_s + services_s + room.into[SECONDS] + onward[SECONDS] - legs.seconds[first],
        int64(-NEVER),
        totals.extra_cost + visits.extra_cost[pair[0]] + visits.extra_cost[pair[1]],
    )


@merged_kernel
def cost_of_pair(
    route: RouteTables,
    pair: tuple[int, int],
    at: tuple[int, int],
    across: tuple[int, int, int],
    known: tuple[int, bool],
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> int:
    """Compute the cost with both visits at two positions of the route as it was; `NEVER` where not below a ceiling.

    `known` holds the ceiling, and whether the longer route must be scheduled.
    """
    (first, second), (ceiling, is_scheduled) = at, known
    is_direct = first == second
    before, row = (across, OUT) if is_direct else ((room.out[0], room.out[1], room.out[2]), DETOUR)
    onward = (
        before[0] + room.ways[row, second],
        before[1] + room.ways[row + 1, second],
        before[2] + room.ways[row + 2, second],
    )
    if onward[METRES] >= NEVER:
        return NEVER
    totals = _totals_with(route, pair, first, onward, visits, room)
    cost = cost_of_totals(totals, worker.prices, worker.times.prices)
    into_s = across[SECONDS] if is_direct else room.ways[INTO_S, second]
    if (
        cost >= ceiling
        or totals.distance_m > worker.max_distance_m
        or totals.travel_s > worker.max_travel_s
        or totals.duration_s > worker.times.max_duration_s
        or not _delivers_in_time(route, pair[1], second, into_s, visits, worker, room)
    ):
        return NEVER
    is_scheduled = is_scheduled or needs_rest(totals.travel_s, worker.times)
    if not is_scheduled and not _has_company(route.order, pair, visits.company):
        return cost
    put_both_in(route.order, pair, at, room.longer)
    longer = room.longer[: len(route.order) + 2]
    if is_scheduled:
        return value_at(longer, visits, worker).cost
    return cost if keeps_company(longer, visits.company) else NEVER


@inlined_kernel
def way_across(pair: tuple[int, int], visits: VisitArrays, worker: WorkerArrays) -> tuple[int, int, int]:
    """Read seconds with setup, travel seconds and metres of the way from the pickup to the delivery."""
    here, there = visits.location[pair[0]], visits.location[pair[1]]
    travel_s, metres = way_between(here, there, worker)
    return travel_s if here == there else travel_s + visits.setup_s[pair[1]], travel_s, metres


@merged_kernel
def _delivers_in_time(
    route: RouteTables,
    delivery: int,
    second: int,
    into_s: int,
    visits: VisitArrays,
    worker: WorkerArrays,
    room: DeliveryRoom,
) -> bool:
    """Ask whether the delivery is in time from where the worker is ready, and all that comes after it."""
    times, states = worker.times, len(worker.times.break_duration_s) + 1
    out_s = room.ways[OUT, second]
    for now in range(states):
        ready_s = int64(NEVER)
        for before in range(now + 1):
            if room.ready_s[before] < NEVER:
                ready_s = min(ready_s, end_of_leg(room.ready_s[before], into_s, before, now, times))
        if ready_s < NEVER:
            ready_s = end_of_service(ready_s, delivery, visits.times)
        if ready_s < NEVER:
            for after in range(now, states):
                deadline_s = route.latest_s[second + 1, after]
                if deadline_s > -NEVER and ready_s <= latest_leave(deadline_s, out_s, now, after, times):
                    return True
    return False


@inner_kernel
def put_both_in(
    order: NDArray[np.int64], pair: tuple[int, int], at: tuple[int, int], longer: NDArray[np.int64]
) -> None:
    """Write the order with both visits, each before what was at its position."""
    filled = 0
    for place in range(len(order) + 1):
        for half in range(2):
            if at[half] == place:
                longer[filled] = pair[half]
                filled += 1
        if place < len(order):
            longer[filled] = order[place]
            filled += 1
