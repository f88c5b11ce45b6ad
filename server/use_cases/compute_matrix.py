"""Computes travel matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.routing.matrix_overrides import apply_overrides
from geo.routing.route import TravelMatrix
from server.errors import FieldViolation, ViolationCode
from server.use_cases.closed_roads import closed_road_notices
from server.use_cases.departure import Departure, travel_matrix_at
from server.use_cases.known_travel import PairOverride, override_columns, without_road
from server.use_cases.notices import Notice
from server.use_cases.places import coordinate_doubts
from server.use_cases.places_request import LaidRequest, PlacesField, PlacesRequest, lay_request
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
    *,
    unreadable: Sequence[FieldViolation] = (),
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
    unreadable
        What cannot be read of the request.

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
    fields = [PlacesField("origins", request.places, least=1, most=most)]
    if destinations:
        fields.append(PlacesField("destinations", destinations, least=1, most=most))
    shape = len(request.places), len(destinations) or len(request.places)
    known, others = await workshop.threads.compute(override_columns, overrides, shape)
    if shape[0] * shape[1] > most:
        sentence = f"origins · destinations must be at most {most} (got {shape[0] * shape[1]})"
        others.append(FieldViolation("origins", ViolationCode.LIMIT_EXCEEDED, sentence))
    free = without_road(known, shape, fields) if not others else ()
    laid = await lay_request(workshop, request, fields, others=others, unreadable=unreadable, without_road=free)
    named = [[path if path not in free else "" for path in field.paths] for field in fields]
    places = (*request.places, *destinations)
    answer = await workshop.threads.compute(_matrix_answer, laid, places, named, request.departure)
    return replace(answer, matrix=apply_overrides(answer.matrix, known))


def _matrix_answer(
    request: LaidRequest, places: Sequence[Place], paths: Sequence[Sequence[str]], departure: Departure | None
) -> MatrixAnswer:
    """Compute all ways; `paths` of each field's places, empty where a place needs no road."""
    opened, laid = request.opened, request.laid
    matrix = travel_matrix_at(opened, departure, laid[0].positions, laid[-1].positions)
    notices = [notice for each in laid for notice in each.notices]
    for each, named in zip(laid, paths, strict=True):
        notices += closed_road_notices(opened, departure, each.positions, named)
    notices += coordinate_doubts(opened, places, declared=request.coordinate_system, path="coordinate_system")
    return MatrixAnswer(matrix, opened.network.fingerprint, tuple(notices))
