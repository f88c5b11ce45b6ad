"""Computes travel matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geo.routing.matrix_overrides import apply_overrides
from geo.routing.route import TravelMatrix
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError
from server.use_cases.departure import router_at
from server.use_cases.known_travel import PairOverride, override_columns
from server.use_cases.notices import Notice
from server.use_cases.places import coordinate_doubts, lay_on_road, open_road_network, to_earth
from server.use_cases.places_request import PlacesRequest, field_paths, list_violations, request_violations
from server.use_cases.planning_request import Place
from server.use_cases.workshop import Workshop


@dataclass(frozen=True, eq=False)
class MatrixAnswer:
    """A travel matrix, the fingerprint of its network, and notices."""

    matrix: TravelMatrix
    network_fingerprint: str
    notices: tuple[Notice, ...]


async def compute_travel_matrix(
    workshop: Workshop,
    request: PlacesRequest,
    destinations: tuple[Place, ...] = (),
    overrides: tuple[PairOverride, ...] = (),
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
    overrides
        Entries that the caller knows better.

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
    shape = len(request.places), len(destinations) or len(request.places)
    known, violations = override_columns(overrides, shape)
    violations += request_violations(request)
    violations += list_violations("origins", request.places, least=1, most=most)
    violations += list_violations("destinations", destinations, least=0, most=most)
    if shape[0] * shape[1] > most:
        description = f"origins · destinations must be at most {most} (got {shape[0] * shape[1]})"
        violations.append(FieldViolation("origins", description))
    if violations:
        raise InvalidRequestError(tuple(violations))
    opened = await open_road_network(workshop, request.road_network)
    answer = await workshop.threads.compute(_matrix_answer, opened, request, destinations)
    return replace(answer, matrix=apply_overrides(answer.matrix, known))


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
    matrix = router_at(opened, request.departure).travel_matrix(laid[0].positions, laid[-1].positions)
    notices = [notice for places in laid for notice in places.notices]
    everything = request.places + destinations
    notices += coordinate_doubts(opened, everything, declared=request.coordinate_system, path="coordinate_system")
    return MatrixAnswer(matrix, opened.network.fingerprint, tuple(notices))
