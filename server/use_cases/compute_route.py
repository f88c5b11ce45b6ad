"""Computes the fastest path through waypoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.errors import UnreachableError
from geo.routing.positions import RoadPositions
from geo.routing.slot_route import route_over_slots
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, NoPathError, ViolationCode
from server.use_cases.closed_roads import is_closed_then
from server.use_cases.departure import Departure, routers_from
from server.use_cases.notices import Notice
from server.use_cases.places import coordinate_doubts
from server.use_cases.places_request import LaidRequest, PlacesField, PlacesRequest, lay_request
from server.use_cases.road_answers import LegAnswer, SnappedPlaces, leg_answer, snapped_places
from server.use_cases.workshop import Workshop

MAX_WAYPOINTS = 1000


@dataclass(frozen=True, eq=False)
class RouteAnswer:
    """The fastest path through waypoints, one leg per pair of neighbours."""

    legs: tuple[LegAnswer, ...]
    waypoints: SnappedPlaces
    network_fingerprint: str
    notices: tuple[Notice, ...]


async def compute_route(
    workshop: Workshop, request: PlacesRequest, *, unreadable: Sequence[FieldViolation] = ()
) -> RouteAnswer:
    """Compute the fastest path through waypoints.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The network and the waypoints (two to a thousand).
    unreadable
        What cannot be read of the request.

    Returns
    -------
    RouteAnswer
        The path, in WGS-84.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    NoPathError
        The network has no path between two neighbours.
    """
    field = PlacesField("waypoints", request.places, least=2, most=MAX_WAYPOINTS)
    laid = await lay_request(workshop, request, [field], unreadable=unreadable)
    return await workshop.threads.compute(_route_answer, laid, field, request.departure)


def _route_answer(request: LaidRequest, waypoints: PlacesField, departure: Departure | None) -> RouteAnswer:
    opened, paths, (laid,) = request.opened, waypoints.paths, request.laid
    legs: list[LegAnswer] = []
    broken: list[FieldViolation] = []
    for waypoint in range(len(paths) - 1):
        travelled_ms = sum(leg.duration_ms for leg in legs)
        try:
            legs.append(_leg(opened, laid.positions, waypoint, departure, travelled_ms))
        except UnreachableError:
            sentence = f"there is no path to it from {paths[waypoint]}"
            closed = _closed_then(opened, laid.positions, (waypoint, waypoint + 1), departure)
            reasons = [f"the road of {paths[each]} is closed at the departure" for each in closed]
            broken.append(
                FieldViolation(paths[waypoint + 1], ViolationCode.UNREACHABLE, "; ".join([sentence, *reasons]))
            )
    if broken:
        raise NoPathError(tuple(broken))
    doubts = coordinate_doubts(opened, waypoints.places, declared=request.coordinate_system, path="coordinate_system")
    return RouteAnswer(
        legs=tuple(legs),
        waypoints=snapped_places(opened.network, laid.positions),
        network_fingerprint=opened.network.fingerprint,
        notices=(*laid.notices, *doubts),
    )


def _leg(
    opened: OpenNetwork, positions: RoadPositions, waypoint: int, departure: Departure | None, travelled_ms: int
) -> LegAnswer:
    """Find the way from one waypoint to the next, begun so long after the departure."""
    slots = routers_from(opened, departure, after_ms=travelled_ms)
    route = route_over_slots(slots, positions, positions, origin=waypoint, destination=waypoint + 1)
    return leg_answer(opened.network, route)


def _closed_then(
    opened: OpenNetwork, positions: RoadPositions, waypoints: tuple[int, int], departure: Departure | None
) -> list[int]:
    """Find those of two waypoints whose road is closed in both directions at the departure."""
    is_closed = is_closed_then(opened, departure, positions)
    return [waypoint for waypoint in waypoints if is_closed[waypoint]]
