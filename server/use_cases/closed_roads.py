"""Says which places lie on a road that is closed at the departure: they have no way, and nothing else says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo.routing.positions import RoadPositions
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, ViolationCode
from server.use_cases.departure import Departure, routers_from
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.places import PlacesOnRoad
from server.use_cases.planning_request import PlanningRequest
from server.use_cases.problem_locations import Locations, network_name, network_names


def is_closed_then(opened: OpenNetwork, departure: Departure | None, positions: RoadPositions) -> NDArray[np.bool_]:
    """Find places whose road is closed in both directions at the departure.

    Parameters
    ----------
    opened
        The network.
    departure
        When ways are driven; None: at no time in particular, when nothing is closed.
    positions
        ``n`` places on the network.

    Returns
    -------
    NDArray[np.bool_]
        ``(n,)``; False where a place has no road.
    """
    if departure is None:
        return np.zeros(len(positions), np.bool_)
    _, router = next(routers_from(opened, departure))
    return np.array([edge >= 0 and router.is_closed(edge) for edge in positions.edge.tolist()], np.bool_)


def closed_road_notices(
    opened: OpenNetwork, departure: Departure | None, positions: RoadPositions, paths: Sequence[str]
) -> Iterator[Notice]:
    """Say which places cannot be reached since their road is closed at the departure.

    Parameters
    ----------
    opened, departure, positions
        As for `is_closed_then`.
    paths
        ``n`` paths of the fields of the places; empty: nothing is said of this one.

    Yields
    ------
    Notice
        One per such place, in their order.
    """
    for place in np.flatnonzero(is_closed_then(opened, departure, positions)).tolist():
        if paths[place]:
            sentence = (
                f"its road is closed at the departure: no way leads to it or from it (road network {opened.id!r})"
            )
            yield Notice(NoticeCode.ROAD_CLOSED_AT_DEPARTURE, paths[place], sentence)


def closed_roads_of_problem(
    request: PlanningRequest,
    locations: Locations,
    networks: Sequence[OpenNetwork | None],
    laid: Sequence[PlacesOnRoad],
    *,
    is_free: NDArray[np.bool_],
) -> tuple[Notice, ...]:
    """Say which places of a problem cannot be reached since their road is closed at the departure.

    Parameters
    ----------
    request, locations
        The request and its places.
    networks, laid
        Its networks in the order of `network_names`, and the places on the roads of each.
    is_free
        ``(n,)`` by location: whether it needs no road.

    Returns
    -------
    tuple[Notice, ...]
        By the field paths of `odograph.v1.Problem`: a visit once for each network on which its road is closed, a place
        of a worker for that worker's network.
    """
    if request.departure is None:
        return ()
    notices: list[Notice] = []
    for name, opened, places in zip(network_names(request), networks, laid, strict=True):
        if opened is None:
            continue
        used = set(range(len(request.visits)))
        for index, worker in enumerate(request.workers):
            if network_name(request, worker) == name:
                own = (locations.starts[index], locations.ends[index], locations.depots[index])
                used |= {place for place in own if place is not None}
        paths = [
            path if place in used and not is_free[place] else "" for place, path in enumerate(locations.places.paths)
        ]
        notices += closed_road_notices(opened, request.departure, places.positions, paths)
    return tuple(notices)


def with_closed_roads(unreachable: Sequence[FieldViolation], closed: Sequence[Notice]) -> tuple[FieldViolation, ...]:
    """Name the closed roads that may be why visits cannot be reached: their own, and those of workers' places.

    Parameters
    ----------
    unreachable
        The visits.
    closed
        The places of the request on closed roads.

    Returns
    -------
    tuple[FieldViolation, ...]
        The visits, with the reason where it is their own road; then the places of workers. Nothing where nothing is
        unreachable.
    """
    reasons = {notice.field: notice.description for notice in reversed(closed)}
    explained = [
        replace(each, description=f"{each.description}; {reasons[each.field]}") if each.field in reasons else each
        for each in unreachable
    ]
    others = [
        FieldViolation(field, ViolationCode.UNREACHABLE, reason)
        for field, reason in reasons.items()
        if field.startswith("workers[")
    ]
    return (*explained, *others) if explained else ()
