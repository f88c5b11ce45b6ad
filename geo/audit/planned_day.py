"""What was planned for one worker and day, as the audit sees it: stops in order and the road between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PlannedStop:
    """One visit on the planned route.

    Parameters
    ----------
    visit_id
        The caller's id of the visit.
    latitude_degrees, longitude_degrees
        Where the customer is, WGS-84.
    arrival_ms, departure_ms
        Planned start of the service and departure, Unix milliseconds.
    latest_arrival_ms
        End of the time window that the plan uses; arriving later is late.
    duration_s
        Planned service time in seconds.
    radius_m
        How far from the customer's position a stay still counts as a visit, before the error of the fixes is added.
    """

    visit_id: str
    latitude_degrees: float
    longitude_degrees: float
    arrival_ms: int
    departure_ms: int
    latest_arrival_ms: int
    duration_s: float
    radius_m: float = 60.0


@dataclass(frozen=True, eq=False)
class PlannedDay:
    """One worker's planned day.

    Parameters
    ----------
    worker_id
        The caller's id of the worker.
    stops
        Visits in planned order.
    start_ms, end_ms
        Planned start and end of the route, Unix milliseconds.
    working_start_ms, working_end_ms
        Working hours: nothing outside them is looked at.
    length_m
        Planned distance in metres.
    path_latitude_degrees, path_longitude_degrees
        ``(p,)`` float64 geometry of the planned route, WGS-84.
    edges
        ``(e,)`` int32 edges of the planned route on the road network that the audit uses; empty where unknown.
    """

    worker_id: str
    stops: tuple[PlannedStop, ...]
    start_ms: int
    end_ms: int
    working_start_ms: int
    working_end_ms: int
    length_m: float
    path_latitude_degrees: NDArray[np.float64]
    path_longitude_degrees: NDArray[np.float64]
    edges: NDArray[np.int32]
