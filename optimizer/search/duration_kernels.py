"""Decides how long the cheapest schedule of a route takes, for workers whose time has a price or a limit.

Unlike the question whether a visit fits, this one needs a walk along the route. It is asked for the few positions only
that could be the cheapest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64
from optimizer.search.node_time_kernels import (
    arrival_after,
    departure_before,
    latest_service_start,
    service_start,
    states_of,
)
from optimizer.search.search_data import (
    BREAK_COLUMNS,
    BREAKS,
    COST_PER_SECOND,
    EARLIEST,
    FIRST_BREAK,
    FIRST_PLACE,
    MAX_DURATION,
    NEVER,
    NEXT,
    OVERTIME_PER_SECOND,
    PER_EXTRA_SECOND,
    PLACE,
    PROFILE,
    REGULAR_END,
    SECONDS,
    SERVICE,
    SOFT_DURATION,
    TRAVEL,
    WORKER_PROFILE,
    SearchData,
)
from optimizer.search.state import SEQUENCE, TRAVELS, State


@inner_kernel
def lay_out_route(data: SearchData, state: State, worker: int, before: int, visit: int) -> int:
    """Write a route's nodes and legs side by side, with a visit put in behind a node (none if negative).

    Returns
    -------
    int
        How many nodes, both ends included.
    """
    nodes, lists = state.nodes, state.lists
    visits = data.visits.shape[0]
    node = visits + worker
    count = 0
    while True:
        lists[SEQUENCE, count] = node
        lists[TRAVELS, count] = nodes[node, TRAVEL]
        count += 1
        if count > 1 and node >= visits:
            return count
        if node == before and visit >= 0:
            first = data.profiles[nodes[before, PROFILE], FIRST_PLACE] + visit * data.places
            lists[TRAVELS, count - 1] = data.legs_from[first + nodes[before, PLACE], SECONDS]
            lists[SEQUENCE, count] = visit
            lists[TRAVELS, count] = data.legs_to[first + nodes[nodes[before, NEXT], PLACE], SECONDS]
            count += 1
        node = nodes[node, NEXT]


@inner_kernel
def cheapest_duration(data: SearchData, state: State, worker: int, count: int) -> tuple[int, int, int]:
    """Find the cheapest schedule of the route that `lay_out_route` wrote, the shortest among equals.

    Returns
    -------
    duration, rigid, overtime
        Seconds, how many of them are not waiting, and the fine units for the overtime; `NEVER` seconds where the route
        cannot be driven, or not within the longest duration.
    """
    visits = data.visits.shape[0]
    nodes = state.nodes
    start, end = visits + worker, visits + data.workers.shape[0] + worker
    latest = EARLIEST + states_of(data)
    breaks = data.workers[worker, BREAKS]
    busy = 0
    for k in range(count - 1):
        busy += state.lists[TRAVELS, k]
        if k > 0:
            busy += nodes[state.lists[SEQUENCE, k], SERVICE]
    best, best_rigid, best_overtime = NEVER, NEVER, 0
    per_second = data.profiles[data.workers[worker, WORKER_PROFILE], COST_PER_SECOND]
    for first in range(breaks + 1):
        rigid = busy
        for last in range(first, breaks + 1):
            if last > first:
                rigid += data.workers[worker, FIRST_BREAK + BREAK_COLUMNS * (last - 1) + 2]
            opening, closing = int64(nodes[start, EARLIEST + first]), int64(nodes[end, latest + last])
            duration, overtime = cheapest_between(data, state, worker, count, (first, last), (opening, closing, rigid))
            if duration == NEVER:
                continue
            cost = price_of_duration(data.workers, worker, per_second, duration) + overtime
            best_cost = price_of_duration(data.workers, worker, per_second, best) + best_overtime
            if best == NEVER or cost < best_cost or (cost == best_cost and duration < best):
                best, best_rigid, best_overtime = duration, rigid, overtime
    return best, best_rigid, best_overtime


@inner_kernel
def cheapest_between(
    data: SearchData,
    state: State,
    worker: int,
    count: int,
    taken: tuple[int, int],
    between: tuple[int, int, int],
) -> tuple[int, int]:
    """Find duration and overtime of the cheapest schedule with the breaks ``taken[0] … taken[1] - 1`` on the route.

    The end as a function of the start never falls, and where it rises at the pace of the start nothing waits. So only
    the latest start of each end counts, and the first route without waiting is the shortest of all. Later ones cost
    at least as much overtime.
    """
    opening, closing, rigid = between
    limits = data.workers
    per_second = data.profiles[limits[worker, WORKER_PROFILE], COST_PER_SECOND]
    best, best_overtime = NEVER, 0
    while opening + rigid <= closing:
        end = earliest_end(data, state, worker, count, taken, opening)
        if end > closing:
            break
        overtime = limits[worker, OVERTIME_PER_SECOND] * max(0, end - limits[worker, REGULAR_END])
        best_cost = price_of_duration(limits, worker, per_second, best) + best_overtime
        if best < NEVER and price_of_duration(limits, worker, per_second, rigid) + overtime >= best_cost:
            break
        start = latest_start(data, state, worker, count, taken, end)
        duration = end - start
        if duration <= limits[worker, MAX_DURATION] and (
            best == NEVER or price_of_duration(limits, worker, per_second, duration) + overtime < best_cost
        ):
            best, best_overtime = duration, overtime
        if duration == rigid:
            break
        opening = start + 1
    return best, best_overtime


@inlined_kernel
def price_of_duration(limits: NDArray[np.int64], worker: int, per_second: int, duration_s: int) -> int:
    """Price the time of a route, with what is beyond the soft limit."""
    extra_s = max(0, duration_s - limits[worker, SOFT_DURATION])
    return per_second * duration_s + limits[worker, PER_EXTRA_SECOND] * extra_s


@inner_kernel
def earliest_end(data: SearchData, state: State, worker: int, count: int, taken: tuple[int, int], start: int) -> int:
    """Find the earliest end of a route that starts at a moment; `NEVER` where it cannot be driven."""
    clocks, lists = state.clocks, state.lists
    first, last = taken
    for now in range(first, last + 1):
        clocks[now] = NEVER
    clocks[first] = start
    for k in range(1, count):
        travel, node = int64(lists[TRAVELS, k - 1]), int64(lists[SEQUENCE, k])
        for now in range(last, first - 1, -1):
            clock = int64(NEVER)
            for before in range(first, now + 1):
                clock = min(clock, arrival_after(data.workers, worker, clocks[before], travel, before, now))
            if k < count - 1:
                clock = min(NEVER, service_start(data.windows, state.nodes, node, clock) + state.nodes[node, SERVICE])
            clocks[now] = clock
    return clocks[last]


@inner_kernel
def latest_start(data: SearchData, state: State, worker: int, count: int, taken: tuple[int, int], end: int) -> int:
    """Find the latest start of a route that ends at a moment; ``-NEVER`` where it cannot be driven."""
    clocks, lists = state.clocks, state.lists
    first, last = taken
    for now in range(first, last + 1):
        clocks[now] = -NEVER
    clocks[last] = end
    for k in range(count - 2, -1, -1):
        travel, node = int64(lists[TRAVELS, k]), int64(lists[SEQUENCE, k])
        for now in range(first, last + 1):
            clock = int64(-NEVER)
            for after in range(now, last + 1):
                clock = max(clock, departure_before(data.workers, worker, clocks[after], travel, now, after))
            if k > 0:
                clock = latest_service_start(data.windows, state.nodes, node, clock - state.nodes[node, SERVICE])
            clocks[now] = clock
    return clocks[first]
