"""What the audit needs to know of a plan: one worker's planned day."""

from __future__ import annotations

import numpy as np

from geo.audit.planned_day import BreakAllowance, KnownPlace, PlannedDay, PlannedStop
from server.use_cases.day_plan import DayBreak, DayRoute, DayStop


def planned_day_of_route(route: DayRoute) -> PlannedDay:
    """Say what was planned for one worker.

    Parameters
    ----------
    route
        The worker's route.

    Returns
    -------
    PlannedDay
        The same for the audit. A route without stops lasts from the start to the start of the shift.
    """
    start_s = route.shift.start_s if route.start_s is None else route.start_s
    end_s = start_s if route.end_s is None else route.end_s
    nothing = [np.empty(0)]
    return PlannedDay(
        worker_id=route.worker_id,
        stops=tuple(_stop(route, stop) for stop in route.stops),
        start_ms=start_s * 1000,
        end_ms=end_s * 1000,
        working_start_ms=route.shift.start_s * 1000,
        working_end_ms=route.shift.end_s * 1000,
        length_m=route.distance_m,
        path_latitude_degrees=np.concatenate([leg.latitude_degrees for leg in route.legs] or nothing),
        path_longitude_degrees=np.concatenate([leg.longitude_degrees for leg in route.legs] or nothing),
        edges=np.empty(0, np.int32),
        known_places=tuple(
            KnownPlace(place.latitude_degrees, place.longitude_degrees)
            for place in dict.fromkeys(
                (route.start_position, route.end_position, *(reload.position for reload in route.reloads))
            )
            if place is not None
        ),
        breaks=tuple(_break(pause) for pause in route.breaks),
    )


def _stop(route: DayRoute, stop: DayStop) -> PlannedStop:
    window = stop.time_window or route.shift
    return PlannedStop(
        visit_id=stop.visit_id,
        latitude_degrees=stop.position.latitude_degrees,
        longitude_degrees=stop.position.longitude_degrees,
        arrival_ms=stop.start_s * 1000,
        departure_ms=stop.departure_s * 1000,
        earliest_arrival_ms=window.start_s * 1000,
        latest_arrival_ms=window.end_s * 1000,
        duration_s=float(stop.departure_s - stop.start_s),
    )


def _break(pause: DayBreak) -> BreakAllowance:
    return BreakAllowance(
        earliest_start_ms=pause.start_window.start_s * 1000,
        latest_end_ms=(pause.start_window.end_s + pause.duration_s) * 1000,
        duration_s=float(pause.duration_s),
    )
