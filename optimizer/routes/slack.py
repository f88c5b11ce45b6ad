"""Decides how much later each service of a route could start without any rule of the route being broken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.plan import Route
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import legs_of_route
from optimizer.routes.schedule_kernels import NEVER, closings, latest_ready


def slack_of_route(arrays: ProblemArrays, route: Route) -> tuple[int, ...]:
    """Compute the slack of each stop, given that the route starts when it does and breaks before the stop are taken.

    Parameters
    ----------
    arrays
        The problem.
    route
        A route that keeps every rule.

    Returns
    -------
    tuple of int
        Seconds, one per stop; the breaks after a stop may move as their own limits allow.
    """
    if not route.stops:
        return ()
    visits, worker = arrays.visits_of[route.worker], arrays.workers[route.worker]
    order = np.array([stop.visit for stop in route.stops], np.int64)
    legs_s = legs_of_route(order, visits, worker).seconds + _rests_per_leg(arrays, route)
    closing = np.minimum(closings(worker.times), route.start_s + worker.times.max_duration_s)
    latest_s: NDArray[np.int64] = latest_ready(order, legs_s, visits.times, worker.times, closing)
    numbers = [pause.number for pause in route.breaks if pause.number is not None]
    first_break = numbers[0] if numbers else _first_break(arrays, route)
    slacks = []
    for place, stop in enumerate(route.stops):
        taken = first_break + sum(pause.end_s <= stop.start_s for pause in route.breaks if pause.number is not None)
        latest = int(latest_s[place + 1, taken])
        slacks.append(max(0, latest - stop.start_s) if latest > -NEVER else 0)
    return tuple(slacks)


def _rests_per_leg(arrays: ProblemArrays, route: Route) -> NDArray[np.int64]:
    """Sum the rests on each leg: in seconds, ``(stops + 1,)`` int64. They stay where they are."""
    departures_s = [stop.departure_s for stop in route.stops]
    begins_s = [pause.start_s for pause in route.breaks if pause.number is None]
    rests = np.bincount(np.searchsorted(departures_s, begins_s, side="right"), minlength=len(departures_s) + 1)
    return rests.astype(np.int64) * arrays.workers[route.worker].times.rest_s


def _first_break(arrays: ProblemArrays, route: Route) -> int:
    """Count the breaks that are over before a route without breaks starts."""
    times = arrays.workers[route.worker].times
    over_s = np.maximum.accumulate(times.break_earliest_s + times.break_duration_s)
    return int(np.count_nonzero(over_s <= route.start_s))
