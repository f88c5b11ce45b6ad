"""Decides whether one worker can make given visits in a given order, and what the route costs.

`NEVER` stands for a limit that is not set and for the cost of a route that is not possible.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.schedule_kernels import NEVER, VisitTimes, WorkerTimes, shortest_timing

OPEN = -1
"""Location of an end of the route that is left open."""
POSSIBLE = 0
NO_WAY = 1
TOO_MANY_VISITS = 2
TOO_MUCH_LOAD = 3
TOO_FAR = 4
OUT_OF_TIME = 5


class VisitArrays(NamedTuple):
    """The visits: ``(visits,)`` int64 location and load, and their times."""

    location: NDArray[np.int64]
    load: NDArray[np.int64]
    times: VisitTimes


class WorkerArrays(NamedTuple):
    """One worker: ``(locations, locations)`` travel, ends (`OPEN`), limits (`NEVER` where none), times and costs."""

    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    start_location: int
    end_location: int
    max_visits: int
    max_load: int
    max_distance_m: int
    times: WorkerTimes
    fixed_cost: int
    cost_per_hour: int
    cost_per_km: int


class RouteValue(NamedTuple):
    """Whether a route is possible (`POSSIBLE`, or the first limit that it breaks) and its cost in cost units."""

    verdict: int
    cost: int


@njit(nogil=True, cache=True)
def value_of_route(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteValue:
    """Check every limit but skills, and compute the cost of the shortest schedule.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits; empty for a route that is not used, which costs nothing.
    visits, worker
        Their arrays.

    Returns
    -------
    RouteValue
        The limits are tried in the order of their codes.
    """
    if len(order) == 0:
        return RouteValue(POSSIBLE, 0)
    legs_s, legs_m = legs_of_route(order, visits, worker)
    if legs_m.max() == NEVER:
        return RouteValue(NO_WAY, NEVER)
    distance_m = legs_m.sum()
    verdict = POSSIBLE
    if len(order) > worker.max_visits:
        verdict = TOO_MANY_VISITS
    elif visits.load[order].sum() > worker.max_load:
        verdict = TOO_MUCH_LOAD
    elif distance_m > worker.max_distance_m:
        verdict = TOO_FAR
    if verdict != POSSIBLE:
        return RouteValue(verdict, NEVER)
    timing = shortest_timing(order, legs_s, visits.times, worker.times)
    if timing.start_s == NEVER:
        return RouteValue(OUT_OF_TIME, NEVER)
    return RouteValue(POSSIBLE, cost_of_route(worker, timing.end_s - timing.start_s, distance_m))


@njit(nogil=True, cache=True)
def cost_of_route(worker: WorkerArrays, duration_s: int, distance_m: int) -> int:
    """Price a route with visits; the time term and the distance term are rounded half up."""
    time_cost = (worker.cost_per_hour * duration_s + 1800) // 3600
    distance_cost = (worker.cost_per_km * distance_m + 500) // 1000
    return worker.fixed_cost + time_cost + distance_cost


@njit(nogil=True, cache=True)
def legs_of_route(
    order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read the seconds and metres of each leg: ``(n + 1,)`` int64 each, `NEVER` where there is no way."""
    locations = route_locations(order, visits, worker)
    legs_s = np.empty(len(order) + 1, np.int64)
    legs_m = np.empty(len(order) + 1, np.int64)
    for leg in range(len(legs_s)):
        legs_s[leg], legs_m[leg] = leg_between(locations[leg], locations[leg + 1], worker)
    return legs_s, legs_m


@njit(nogil=True, cache=True)
def route_locations(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> NDArray[np.int64]:
    """List the locations of a route with its ends: ``(n + 2,)`` int64, `OPEN` where an end is open."""
    locations = np.empty(len(order) + 2, np.int64)
    locations[0] = worker.start_location
    for place in range(len(order)):
        locations[place + 1] = visits.location[order[place]]
    locations[-1] = worker.end_location
    return locations


@njit(nogil=True, cache=True)
def leg_between(here: int, there: int, worker: WorkerArrays) -> tuple[int, int]:
    """Read the seconds and metres between two locations: 0 at an open end, `NEVER` where there is no way."""
    if min(here, there) == OPEN:
        return 0, 0
    if not worker.reachable[here, there]:
        return NEVER, NEVER
    return worker.travel_s[here, there], worker.distance_m[here, there]
