"""Lays the stops of one route out for the kernels that decide when its worker rests, its reloads among them.

A reload is a stop like a visit, without service and windows: the way to the depot and the loading are the leg that
leads there. So rests may lie at the depot, before it and after it, and the kernels that know visits know reloads too.
Loading is work, as a service is: it is no rest, however long it takes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, allocating_kernel
from optimizer.routes.rest_walk_kernels import RestLegs
from optimizer.routes.schedule_kernels import NEVER, VisitTimes
from optimizer.routes.way_kernels import RouteLegs, way_between

RELOAD: Final = -1
"""In `RouteStages.places`: no visit, but a reload."""


class RouteStages(NamedTuple):
    """The stops of a route.

    Parameters
    ----------
    places
        ``(m,)`` int64: which visit of the order each is, or `RELOAD`.
    order
        ``(m,)`` int64: their numbers in `times`, one after the other.
    legs
        ``(m + 1,)``: the legs to them and to the end.
    times
        When they may be served.
    """

    places: NDArray[np.int64]
    order: NDArray[np.int64]
    legs: RestLegs
    times: VisitTimes


@allocating_kernel
def stages_of_route(order: NDArray[np.int64], legs: RouteLegs, visits: Any, worker: Any) -> RouteStages:  # noqa: ANN401 - `VisitArrays` and `WorkerArrays` stand above
    """Lay out a route.

    Parameters
    ----------
    order
        ``(n,)`` int64: its visits.
    legs
        Its legs, by way of the depot where it reloads.
    visits, worker
        The arrays of `optimizer.routes.route_kernels`.

    Returns
    -------
    RouteStages
        With as many stops more as there are reloads.
    """
    count = len(order)
    stops = count
    for is_reloaded in legs.reloads:
        stops += is_reloaded
    places = np.empty(stops, np.int64)
    seconds, travel_s = np.empty(stops + 1, np.int64), np.empty(stops + 1, np.int64)
    filled = 0
    for leg in range(count + 1):
        seconds[filled], travel_s[filled] = legs.seconds[leg], legs.travel_s[leg]
        if legs.reloads[leg]:
            to_depot_s = way_between(visits.location[order[leg - 1]], worker.reload.location, worker)[0]
            loaded_s = to_depot_s + worker.reload.duration_s
            seconds[filled], travel_s[filled], places[filled] = loaded_s, to_depot_s, RELOAD
            filled += 1
            seconds[filled], travel_s[filled] = legs.seconds[leg] - loaded_s, legs.travel_s[leg] - to_depot_s
        if leg < count:
            places[filled] = leg
        filled += 1
    return RouteStages(places, np.arange(stops), RestLegs(seconds, travel_s), _times_of(order, places, visits.times))


@allocating_inner_kernel
def _times_of(order: NDArray[np.int64], places: NDArray[np.int64], visits: VisitTimes) -> VisitTimes:
    """Copy when the stops of a route may be served; a reload always, for no time."""
    stops, windows, soft = len(places), 0, 0
    for place in places:
        if place != RELOAD:
            visit = order[place]
            windows += visits.first_window[visit + 1] - visits.first_window[visit] - 1
            soft += visits.first_soft[visit + 1] - visits.first_soft[visit]
    times = VisitTimes(
        np.zeros(stops, np.int64),
        np.zeros(stops + 1, np.int64),
        np.full(stops + windows, -NEVER),
        np.full(stops + windows, NEVER),
        np.zeros(stops + 1, np.int64),
        np.empty(soft, np.int64),
        np.empty(soft, np.int64),
        np.zeros(stops, np.int64),
        np.zeros(stops, np.int64),
    )
    windows = soft = 0
    for stop in range(stops):
        if places[stop] == RELOAD:
            windows += 1
        else:
            visit = order[places[stop]]
            times.service_s[stop] = visits.service_s[visit]
            times.early_price[stop], times.late_price[stop] = visits.early_price[visit], visits.late_price[visit]
            for window in range(visits.first_window[visit], visits.first_window[visit + 1]):
                times.window_start_s[windows] = visits.window_start_s[window]
                times.window_end_s[windows] = visits.window_end_s[window]
                windows += 1
            for window in range(visits.first_soft[visit], visits.first_soft[visit + 1]):
                times.soft_start_s[soft] = visits.soft_start_s[window]
                times.soft_end_s[soft] = visits.soft_end_s[window]
                soft += 1
        times.first_window[stop + 1], times.first_soft[stop + 1] = windows, soft
    return times
