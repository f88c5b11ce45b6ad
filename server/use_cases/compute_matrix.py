"""Computes travel matrices."""

from __future__ import annotations

from dataclasses import dataclass

from geo.routing.route import TravelMatrix
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError
from server.use_cases.notices import Notice
from server.use_cases.places import coordinate_doubts, lay_on_road, open_road_network, to_earth
from server.use_cases.places_request import PlacesRequest, check_places, field_paths
from server.use_cases.planning_request import Place
from server.use_cases.workshop import Workshop


@dataclass(frozen=True, eq=False)
class MatrixAnswer:
    """A travel matrix, the fingerprint of its network, and notices."""

    matrix: TravelMatrix
    network_fingerprint: str
    notices: tuple[Notice, ...]


async def compute_travel_matrix(
    workshop: Workshop, request: PlacesRequest, destinations: tuple[Place, ...] = ()
) -> MatrixAnswer:
    """Compute travel times and distances from every origin to every destination.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The network and the origins.
    destinations
        The destinations; empty: the origins again.

    Returns
    -------
    MatrixAnswer
        ``-1`` where there is no path.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    """
    most = workshop.settings.max_matrix_entries
    check_places(request, "origins", request.places, least=1, most=most)
    check_places(request, "destinations", destinations, least=0, most=most)
    entries = len(request.places) * (len(destinations) or len(request.places))
    if entries > most:
        description = f"origins · destinations must be at most {most} (got {entries})"
        raise InvalidRequestError((FieldViolation("origins", description),))
    opened = await open_road_network(workshop, request.road_network)
    return await workshop.threads.compute(_matrix_answer, opened, request, destinations)


def _matrix_answer(opened: OpenNetwork, request: PlacesRequest, destinations: tuple[Place, ...]) -> MatrixAnswer:
    laid = [
        lay_on_road(
            opened,
            to_earth(places, field_paths(name, places), request.coordinate_system),
            radius_m=request.max_snap_distance_m,
        )
        for name, places in (("origins", request.places), ("destinations", destinations))
        if places
    ]
    violations = tuple(violation for places in laid for violation in places.violations)
    if violations:
        raise InvalidRequestError(violations)
    matrix = opened.router.travel_matrix(laid[0].positions, laid[-1].positions)
    notices = [notice for places in laid for notice in places.notices]
    everything = request.places + destinations
    notices += coordinate_doubts(opened, everything, declared=request.coordinate_system, path="coordinate_system")
    return MatrixAnswer(matrix, opened.network.fingerprint, tuple(notices))
