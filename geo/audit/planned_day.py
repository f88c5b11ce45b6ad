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
    earliest_arrival_ms, latest_arrival_ms
        The time window that the plan uses: who leaves before it opens was early, who arrives after it ends is late.
    duration_s
        Planned service time in seconds.
    radius_m
        How far from the customer's position a stay still counts as a visit, before the error of the fixes is added:
        the size of the place and how well its position is known.
    """

    visit_id: str
    latitude_degrees: float
    longitude_degrees: float
    arrival_ms: int
    departure_ms: int
    earliest_arrival_ms: int
    latest_arrival_ms: int
    duration_s: float
    radius_m: float = 60.0


@dataclass(frozen=True)
class KnownPlace:
    """A place where the worker may stand without a visit: start and end of the route, a depot.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        Where it is, WGS-84.
    radius_m
        How far from there a stay still counts as being there, before the error of the fixes is added.
    """

    latitude_degrees: float
    longitude_degrees: float
    radius_m: float = 100.0


@dataclass(frozen=True)
class BreakAllowance:
    """A break that the worker may take anywhere: a stay inside it is nobody's business.

    Parameters
    ----------
    earliest_start_ms, latest_end_ms
        When it may start at the earliest and must be over at the latest, Unix milliseconds.
    duration_s
        Its length in seconds.
    """

    earliest_start_ms: int
    latest_end_ms: int
    duration_s: float


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
    known_places
        Where the worker may stand without a visit.
    breaks
        Breaks of the plan.
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
    known_places: tuple[KnownPlace, ...] = ()
    breaks: tuple[BreakAllowance, ...] = ()
