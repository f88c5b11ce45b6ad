"""One way of a departure during which speeds change: its path, and how long that very path takes hour by hour.

`geo.routing.slot_travel` answers matrices from durations alone, each hour's share of it along that hour's fastest way.
Whoever draws a way needs one path, and the duration of driving it: every road of it at the speeds of the time at which
it is driven (Ichoua, Gendreau and Potvin 2003, "Vehicle dispatching with time-dependent travel times", doi
10.1016/S0377-2217(02)00147-9, section 3, for each road instead of for the whole way). Turns and signals cost the same
at every hour. On one path, who departs later never arrives earlier.

The path taken is the fastest, so timed, of those that are fastest at the speeds of one of the slots on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.routing.positions import RoadPositions
from geo.routing.route import Route
from geo.routing.router import Router
from geo.routing.slot_travel import ROUNDING_MS


def route_over_slots(
    slots: Iterable[tuple[float, Router]],
    origins: RoadPositions,
    destinations: RoadPositions,
    *,
    origin: int = 0,
    destination: int = 0,
) -> Route:
    """Find a way for a departure whose traveller may be on it when speeds change.

    Parameters
    ----------
    slots
        At least one, from the departure on: milliseconds from the departure to its end, and the router of its speeds.
        The last one is taken to last for ever. No more are asked for than the way needs. All routers have the same
        roads open: what is open and closed stays as it is at the departure.
    origins, destinations
        Places on the network of the routers.
    origin, destination
        Which of them.

    Returns
    -------
    Route
        The path, with its own duration and length.

    Raises
    ------
    NoRoadNearbyError
        One of the two places was not found on any road.
    UnreachableError
        The network has no path.
    """
    passed: list[tuple[float, Router]] = []
    paths: list[Route] = []
    best: Route | None = None
    for end_ms, router in slots:
        passed.append((end_ms, router))
        path = router.route(origins, destinations, origin=origin, destination=destination)
        if not any(np.array_equal(path.edges, known.edges) for known in paths):
            paths.append(path)
        timed = [replace(each, duration_ms=driven_ms(each, passed)) for each in paths]
        best = min(timed, key=lambda route: (route.duration_ms, route.length_cm))
        if best.duration_ms <= end_ms:
            break
    if best is None:
        raise InvalidGeoInputError((Violation("slots", ViolationCode.REQUIRED, "must be at least one"),))
    return best


def driven_ms(route: Route, slots: Sequence[tuple[float, Router]]) -> int:
    """Time one path: every road of it at the speeds of the time at which it is driven.

    Parameters
    ----------
    route
        The path; its duration does not matter.
    slots
        As for `route_over_slots`.

    Returns
    -------
    int
        Milliseconds from the departure to the arrival, rounded up.
    """
    now_ms, part = 0.0, 0.0
    last = len(slots) - 1
    for number, (end_ms, router) in enumerate(slots):
        # When each part would be reached if the slot lasted for ever; between whole numbers, a share of one part.
        reached_ms = np.concatenate([[0.0], np.cumsum(router.part_durations_ms(route))])
        parts = np.arange(len(reached_ms))
        here_ms = float(np.interp(part, parts, reached_ms))
        left_ms = float(reached_ms[-1]) - here_ms
        if number == last or now_ms + left_ms <= end_ms:
            return math.ceil(now_ms + left_ms - ROUNDING_MS)
        if end_ms > now_ms:
            part = float(np.interp(here_ms + end_ms - now_ms, reached_ms, parts))
            now_ms = end_ms
    message = "a way is timed over at least one slot"
    raise ValueError(message)
