"""Travel times and distances of a planning request that the caller knows better than the road network.

They replace entries of every travel matrix of the problem: a ferry with a timetable, a measured run, another engine's
times; some pairs of places or all of them. "There is no way" is said explicitly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import TravelMatrix
from server.errors import FieldViolation, ViolationCode
from server.use_cases.planning_request import KnownTravel, PlaceOfProblem, PlanningRequest
from server.use_cases.problem_locations import Locations

FIELD = "known_travels"
MAX_DURATION_S = 7 * 24 * 3600
MAX_DISTANCE_M = 21_000_000.0


def known_travel_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Find what is wrong with the known travels of a request.

    Parameters
    ----------
    request
        The request.

    Yields
    ------
    FieldViolation
        Every broken rule, by the field paths of `odograph.v1.Problem`.
    """
    visits = {visit.id for visit in request.visits}
    starts = {worker.id for worker in request.workers if worker.start_position is not None}
    ends = {worker.id for worker in request.workers if worker.end_position is not None}
    pairs: set[tuple[PlaceOfProblem, PlaceOfProblem]] = set()
    for index, travel in enumerate(request.known_travels):
        path = f"{FIELD}[{index}]"
        yield from _place_violations(travel.origin, visits, starts, f"{path}.from")
        yield from _place_violations(travel.destination, visits, ends, f"{path}.to")
        if (travel.origin, travel.destination) in pairs:
            yield FieldViolation(path, ViolationCode.DUPLICATE, "must be given once for each pair of places")
        pairs.add((travel.origin, travel.destination))
        yield from _length_violations(travel, path)


def places_without_road(request: PlanningRequest, locations: Locations) -> NDArray[np.bool_]:
    """Find the places that need no road, since the caller knows every way of theirs.

    Parameters
    ----------
    request, locations
        The request, which may break rules, and its places.

    Returns
    -------
    NDArray[np.bool_]
        ``(n,)`` by location. Ways between a start and an end are never driven, and need not be known; those to the
        center of an area or another place of loading cannot be given, so the visits of a problem with one need roads.
    """
    if not request.known_travels and len(request.visits) > 1:
        return np.zeros(len(locations.places), np.bool_)  # each has an unknown way to a visit, or from one
    indices = np.arange(len(locations.places))

    def among(*places: Iterable[int | None]) -> NDArray[np.bool_]:
        return np.isin(indices, [place for each in places for place in each if place is not None])

    inner = (range(len(request.visits)), locations.centers, locations.depots)
    is_left, is_reached, is_inner = among(*inner, locations.starts), among(*inner, locations.ends), among(*inner)
    is_open = np.outer(is_left, is_reached) & (is_inner[:, np.newaxis] | is_inner)
    np.fill_diagonal(is_open, val=False)
    for _, pair in _pairs(request, locations):
        is_open[pair] = False
    return ~np.asarray(is_open.any(axis=0) | is_open.any(axis=1))


def with_known_travels(matrix: TravelMatrix, request: PlanningRequest, locations: Locations) -> TravelMatrix:
    """Replace the entries that the caller knows better.

    Parameters
    ----------
    matrix
        What the roads say, between all locations.
    request
        A request without violations.
    locations
        Its places.

    Returns
    -------
    TravelMatrix
        A changed copy.
    """
    if not request.known_travels:
        return matrix
    duration_s, distance_m = matrix.duration_s.copy(), matrix.distance_m.copy()
    reachable = matrix.reachable | np.eye(len(matrix.reachable), dtype=np.bool_)  # nobody moves, with or without a road
    for travel, pair in _pairs(request, locations):
        reachable[pair] = not travel.is_unreachable
        duration_s[pair] = travel.duration_s or 0
        distance_m[pair] = round(travel.distance_m or 0.0)
    return TravelMatrix(duration_s, distance_m, reachable)


def _pairs(request: PlanningRequest, locations: Locations) -> Iterator[tuple[KnownTravel, tuple[int, int]]]:
    """Go through what is known between places that the request has, with the locations that it leads from and to."""
    visits = {visit.id: index for index, visit in enumerate(request.visits)}
    starts, ends = (
        {worker.id: location for worker, location in zip(request.workers, side, strict=True)}
        for side in (locations.starts, locations.ends)
    )
    for travel in request.known_travels:
        start, end = travel.origin, travel.destination
        row = visits.get(start.visit_id) if start.visit_id else starts.get(start.worker_id)
        column = visits.get(end.visit_id) if end.visit_id else ends.get(end.worker_id)
        if row is not None and column is not None:
            yield travel, (row, column)


def _place_violations(
    place: PlaceOfProblem, visits: set[str], workers: set[str], path: str
) -> Iterator[FieldViolation]:
    if bool(place.visit_id) == bool(place.worker_id):
        yield FieldViolation(f"{path}_visit_id", ViolationCode.REQUIRED, "must be given, or else the id of a worker")
    elif place.visit_id and place.visit_id not in visits:
        yield FieldViolation(
            f"{path}_visit_id", ViolationCode.UNKNOWN_REFERENCE, f"there is no visit {place.visit_id!r}"
        )
    elif place.worker_id and place.worker_id not in workers:
        yield FieldViolation(
            f"{path}_worker_id",
            ViolationCode.UNKNOWN_REFERENCE,
            f"there is no worker {place.worker_id!r} with such a place",
        )


def _length_violations(travel: KnownTravel, path: str) -> Iterator[FieldViolation]:
    if travel.is_unreachable:
        return
    if travel.duration_s is None or not 0 <= travel.duration_s <= MAX_DURATION_S:
        yield FieldViolation(f"{path}.known.duration", ViolationCode.OUT_OF_RANGE, "must be between nothing and 7 days")
    distance_m = math.nan if travel.distance_m is None else travel.distance_m
    if not 0.0 <= distance_m <= MAX_DISTANCE_M:
        yield FieldViolation(
            f"{path}.known.distance_meters", ViolationCode.OUT_OF_RANGE, f"must be between 0 and {MAX_DISTANCE_M:.0f}"
        )
