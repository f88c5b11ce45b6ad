"""Decides whether a visit fits between two nodes, by time and breaks, without walking along the route.

Each node knows, for each number of breaks taken so far, its earliest departure (given all before it) and its latest
service start (given all after it). A visit fits where the earliest departure that it would have still reaches the
latest service start of the node behind it. More breaks than one multiply the states, not the idea, which for one
window and no break is that of [1]_.

References
----------
.. [1] Savelsbergh, M.W.P. (1992). The vehicle routing problem with time windows: minimizing route duration. ORSA
       Journal on Computing 4(2). https://doi.org/10.1287/ijoc.4.2.146
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, int64
from optimizer.search.search_data import (
    BREAK_COLUMNS,
    BREAKS,
    CLOSE,
    EARLIEST,
    FIRST_BREAK,
    FIRST_PLACE,
    MORE_WINDOWS,
    NEVER,
    NEXT,
    OPEN,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    TRAVEL,
    WORKER,
    SearchData,
)


@inlined_kernel
def states_of(data: SearchData) -> int:
    """Count the columns of a time that depends on the breaks taken: the most breaks of any worker, and one."""
    return (data.workers.shape[1] - FIRST_BREAK) // BREAK_COLUMNS + 1


@inlined_kernel
def service_start(windows: NDArray[np.int32], nodes: NDArray[np.int32], visit: int, arrival: int) -> int:
    """Find the earliest service start at or after an arrival; `NEVER` after the last window."""
    if arrival <= nodes[visit, CLOSE]:
        return max(arrival, nodes[visit, OPEN])
    row = nodes[visit, MORE_WINDOWS]
    if row >= 0:
        while windows[row, 0] < NEVER:
            if arrival <= windows[row, 1]:
                return max(arrival, windows[row, 0])
            row += 1
    return NEVER


@inlined_kernel
def latest_service_start(windows: NDArray[np.int32], nodes: NDArray[np.int32], visit: int, limit: int) -> int:
    """Find the latest service start at or before a limit; ``-NEVER`` before the first window."""
    if limit < nodes[visit, OPEN]:
        return -NEVER
    latest = min(limit, nodes[visit, CLOSE])
    row = nodes[visit, MORE_WINDOWS]
    if row >= 0:
        while windows[row, 0] <= limit:
            latest = min(limit, windows[row, 1])
            row += 1
    return latest


@inlined_kernel
def arrival_after(workers: NDArray[np.int64], worker: int, departure: int, travel: int, first: int, last: int) -> int:
    """Find the earliest arrival after a leg with the breaks ``first … last - 1`` on it; `NEVER` where one is late."""
    if departure >= NEVER:
        return NEVER
    clock = departure
    arrival = departure + travel
    for number in range(first, last):
        column = FIRST_BREAK + BREAK_COLUMNS * number
        begin = max(clock, workers[worker, column])
        if begin > workers[worker, column + 1]:
            return NEVER
        clock = begin + workers[worker, column + 2]
        arrival = max(arrival + workers[worker, column + 2], clock)
    return arrival


@inlined_kernel
def departure_before(workers: NDArray[np.int64], worker: int, arrival: int, travel: int, first: int, last: int) -> int:
    """Find the latest departure for an arrival with the breaks ``first … last - 1`` on the leg; ``-NEVER`` if none."""
    if arrival <= -NEVER:
        return -NEVER
    limit = arrival
    departure = arrival - travel
    for number in range(last - 1, first - 1, -1):
        column = FIRST_BREAK + BREAK_COLUMNS * number
        limit = min(limit - workers[worker, column + 2], workers[worker, column + 1])
        if limit < workers[worker, column]:
            return -NEVER
        departure -= workers[worker, column + 2]
    return min(departure, limit)


@inlined_kernel
def earliest_arrival(data: SearchData, nodes: NDArray[np.int32], before: int, travel: int, taken: int) -> int:
    """Find the earliest arrival behind a node with so many breaks taken until then; `NEVER` where there is none."""
    worker = int64(nodes[before, WORKER])
    earliest = int64(NEVER)
    for until_before in range(taken + 1):
        departure = int64(nodes[before, EARLIEST + until_before])
        earliest = min(earliest, arrival_after(data.workers, worker, departure, travel, until_before, taken))
    return earliest


@inlined_kernel
def update_earliest(data: SearchData, nodes: NDArray[np.int32], visit: int) -> bool:
    """Recompute the earliest departures of a visit; whether one of them changed."""
    before = int64(nodes[visit, PREVIOUS])
    travel = int64(nodes[before, TRAVEL])
    states = states_of(data)
    if states == 1:
        start = service_start(data.windows, nodes, visit, nodes[before, EARLIEST] + travel)
        changed = start + nodes[visit, SERVICE] != nodes[visit, EARLIEST]
        nodes[visit, EARLIEST] = start + nodes[visit, SERVICE]
        return changed
    changed = False
    for taken in range(states):
        departure = NEVER
        if taken <= data.workers[nodes[visit, WORKER], BREAKS]:
            arrival = earliest_arrival(data, nodes, before, travel, taken)
            departure = min(NEVER, service_start(data.windows, nodes, visit, arrival) + nodes[visit, SERVICE])
        if departure != nodes[visit, EARLIEST + taken]:
            nodes[visit, EARLIEST + taken] = departure
            changed = True
    return changed


@inlined_kernel
def update_latest(data: SearchData, nodes: NDArray[np.int32], visit: int) -> bool:
    """Recompute the latest service starts of a visit; whether one of them changed."""
    after = int64(nodes[visit, NEXT])
    travel = int64(nodes[visit, TRAVEL])
    states = states_of(data)
    latest = EARLIEST + states
    if states == 1:
        limit = nodes[after, latest] - travel - nodes[visit, SERVICE]
        start = latest_service_start(data.windows, nodes, visit, limit)
        changed = start != nodes[visit, latest]
        nodes[visit, latest] = start
        return changed
    changed = False
    worker = int64(nodes[visit, WORKER])
    for taken in range(states):
        departure = int64(-NEVER)
        for until_after in range(taken, data.workers[worker, BREAKS] + 1):
            arrival = int64(nodes[after, latest + until_after])
            departure = max(departure, departure_before(data.workers, worker, arrival, travel, taken, until_after))
        start = latest_service_start(data.windows, nodes, visit, departure - nodes[visit, SERVICE])
        if start != nodes[visit, latest + taken]:
            nodes[visit, latest + taken] = start
            changed = True
    return changed


@inlined_kernel
def fits(
    data: SearchData, nodes: NDArray[np.int32], before: int, visit: int, after: int, seconds_in: int, seconds_out: int
) -> bool:
    """Tell whether a visit can be served between two neighbours on a route, given the ways to and from it."""
    states = states_of(data)
    latest = EARLIEST + states
    if states == 1:
        start = service_start(data.windows, nodes, visit, nodes[before, EARLIEST] + seconds_in)
        return start + nodes[visit, SERVICE] + seconds_out <= nodes[after, latest]
    worker = int64(nodes[before, WORKER])
    breaks = data.workers[worker, BREAKS]
    for taken in range(breaks + 1):
        arrival = earliest_arrival(data, nodes, before, seconds_in, taken)
        departure = service_start(data.windows, nodes, visit, arrival) + nodes[visit, SERVICE]
        for until_after in range(taken, breaks + 1):
            reached = arrival_after(data.workers, worker, departure, seconds_out, taken, until_after)
            if reached <= nodes[after, latest + until_after]:
                return True
    return False


@inlined_kernel
def joins(data: SearchData, nodes: NDArray[np.int32], before: int, after: int) -> bool:
    """Tell whether a node can be reached in time from one that shall come before it, on the route of the latter."""
    first = data.profiles[nodes[before, PROFILE], FIRST_PLACE]
    travel = int64(data.legs_to[first + nodes[before, PLACE] * data.places + nodes[after, PLACE], SECONDS])
    latest = EARLIEST + states_of(data)
    for taken in range(data.workers[nodes[before, WORKER], BREAKS] + 1):
        if earliest_arrival(data, nodes, before, travel, taken) <= nodes[after, latest + taken]:
            return True
    return False
