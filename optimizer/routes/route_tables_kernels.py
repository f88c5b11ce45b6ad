"""Lays one feasible route out in tables from which it can be told quickly what fits into it, and at what price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, inlined_kernel
from optimizer.routes.reload_kernels import most_on_board
from optimizer.routes.route_kernels import RouteTotals, VisitArrays, WorkerArrays, legs_of_route, sum_over, sums_of_legs
from optimizer.routes.schedule_kernels import NEVER, closings, earliest_ready, latest_ready, openings
from optimizer.routes.way_kernels import RouteLegs, way_between


class RouteTables(NamedTuple):
    """A feasible route as it is.

    Parameters
    ----------
    order
        ``(n,)`` int64: its visits.
    legs
        Its legs; of no length where there are no visits.
    totals
        Of the whole route, its duration without waiting and breaks, its end at no time.
    load
        The most that is on board at any time.
    on_board
        ``(n + 1,)`` int64: what is on board when each stage is left, were there no reloads.
    earliest_s, latest_s
        ``(n + 2, breaks + 1)`` int64: when each stage is left at the earliest and must be begun at the latest.
    soonest_s, last_s
        ``(n + 2,)`` int64: the same over any number of breaks.
    """

    order: NDArray[np.int64]
    legs: RouteLegs
    totals: RouteTotals
    load: int
    on_board: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]
    soonest_s: NDArray[np.int64]
    last_s: NDArray[np.int64]


@allocating_inner_kernel
def tables_of_route(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteTables:
    """Lay out a feasible route for insertions."""
    legs = legs_of_route(order, visits, worker)
    if len(order) == 0:
        # The unused route has no leg from its start to its end; there may even be no way.
        legs.seconds[0], legs.travel_s[0], legs.metres[0] = 0, 0, 0
    way_s, travel_s, metres = sums_of_legs(legs)
    busy_s = way_s + sum_over(order, visits.times.service_s)
    earliest_s = earliest_ready(order, legs.seconds, visits.times, worker.times, openings(worker.times))
    latest_s = latest_ready(order, legs.seconds, visits.times, worker.times, closings(worker.times))
    soonest_s = np.empty(len(earliest_s), np.int64)
    last_s = np.empty(len(latest_s), np.int64)
    for stage in range(len(earliest_s)):
        soonest_s[stage], last_s[stage] = NEVER, -NEVER
        for taken in range(earliest_s.shape[1]):
            soonest_s[stage] = min(soonest_s[stage], earliest_s[stage, taken])
            last_s[stage] = max(last_s[stage], latest_s[stage, taken])
    on_board = np.empty(len(order) + 1, np.int64)
    on_board[0] = sum_over(order, visits.load)
    for stage in range(len(order)):
        on_board[stage + 1] = on_board[stage] + visits.boarded[order[stage]]
    totals = RouteTotals(len(order), metres, travel_s, busy_s, -NEVER, sum_over(order, visits.extra_cost))
    load = most_on_board(order, visits)
    return RouteTables(order, legs, totals, load, on_board, earliest_s, latest_s, soonest_s, last_s)


@inlined_kernel
def legs_around(
    route: RouteTables, visit: int, position: int, visits: VisitArrays, worker: WorkerArrays
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Read seconds with setup, travel seconds and metres of the ways to a visit and from it."""
    order, location = route.order, visits.location[visit]
    here = worker.start_location if position == 0 else visits.location[order[position - 1]]
    travel_s, metres = way_between(here, location, worker)
    into_s = travel_s
    if position == 0 or here != location:
        into_s += visits.setup_s[visit]
    into = (into_s, travel_s, metres)
    if position == len(order):
        travel_s, metres = way_between(location, worker.end_location, worker)
        return into, (travel_s, travel_s, metres)
    there = visits.location[order[position]]
    travel_s, metres = way_between(location, there, worker)
    out_s = travel_s
    if location != there:
        out_s += visits.setup_s[order[position]]
    return into, (out_s, travel_s, metres)
