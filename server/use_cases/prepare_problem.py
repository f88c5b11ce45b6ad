"""Turns a planning request into a problem of indices and matrices: checks it, lays it on roads, computes the ways.

This is where every broken rule of a request comes together in one error: what is wrong by itself, places without a
road, and visits that nobody can reach and come back from. Field paths are those of `odograph.v1.BuildPlanRequest`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.routing.positions import RoadPositions
from optimizer.problem import Problem, TravelMatrix
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, NotFoundError, ViolationCode, beside
from server.use_cases.begun_routes import with_begun_routes
from server.use_cases.check_planning_request import check_planning_request
from server.use_cases.closed_roads import closed_roads_of_problem, with_closed_roads
from server.use_cases.departure import Departure, travel_matrix_at
from server.use_cases.known_problem_travel import known_travel_violations, places_without_road, with_known_travels
from server.use_cases.notices import Notice
from server.use_cases.places import (
    EarthPlaces,
    PlacesOnRoad,
    coordinate_doubts,
    home_component,
    lay_on_road,
    on_no_road,
    open_road_network,
)
from server.use_cases.planning_request import DEFAULT_SNAP_DISTANCE_M, PlanningRequest
from server.use_cases.problem_locations import (
    Locations,
    locations_of,
    network_names,
    network_violations,
    road_notices,
    road_violations,
)
from server.use_cases.problem_statement import state_problem
from server.use_cases.request_doubts import request_doubts
from server.use_cases.request_words import optimizer_violations, unreachable_visits
from server.use_cases.shifts import WorkerShift, shifts_of
from server.use_cases.workshop import Workshop

FIELD = "problem"


@dataclass(frozen=True, eq=False)
class PreparedProblem:
    """A planning request, ready to be solved.

    Parameters
    ----------
    request
        The request.
    shifts
        Whose shift each worker of the problem is.
    problem
        The same in indices and matrices. Location ``i`` below the number of visits is the place of visit ``i``; the
        places of workers follow. Times are seconds from `origin_s`.
    origin_s
        Unix seconds of the problem's time 0.
    places
        Every location, WGS-84.
    networks, positions
        Per matrix of the problem: the network (None where the caller knows every way), and every location laid on it.
    notices
        What the caller should look at.
    """

    request: PlanningRequest
    shifts: tuple[WorkerShift, ...]
    problem: Problem
    origin_s: int
    places: EarthPlaces
    networks: tuple[OpenNetwork | None, ...]
    positions: tuple[RoadPositions, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, eq=False)
class LaidProblem:
    """A planning request that is right by itself, with every place on the roads of the networks that it uses."""

    request: PlanningRequest
    locations: Locations
    networks: tuple[OpenNetwork | None, ...]
    laid: tuple[PlacesOnRoad, ...]


async def lay_problem_on_roads(
    workshop: Workshop,
    request: PlanningRequest,
    other_violations: tuple[FieldViolation, ...] = (),
    *,
    unreadable: Sequence[FieldViolation] = (),
) -> LaidProblem:
    """Check a planning request and lay its places on roads.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The request.
    other_violations, unreadable
        What else is wrong, and what cannot be read, to be listed with the rest.

    Returns
    -------
    LaidProblem
        For `compute_matrices`.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    """
    violations = await workshop.threads.compute(check_planning_request, request, workshop.settings)
    networks, missing = await _open_networks(workshop, request)
    is_too_large = len(request.visits) > workshop.settings.max_visits
    if request.coordinate_system is None or missing or is_too_large:
        missing += () if request.known_travels else network_violations(request)
        raise _refused((*violations, *missing), other_violations, unreadable)
    locations = locations_of(request, request.coordinate_system)
    is_free = await workshop.threads.compute(places_without_road, request, locations)
    if not is_free.all():
        violations = (*violations, *network_violations(request))
    # Also where something is wrong already: whoever mends a request wants to hear everything at once.
    laid = [await workshop.threads.compute(_lay, request, opened, locations.places.usable()) for opened in networks]
    roadless = road_violations(request, locations, laid, is_free=is_free)
    doubts = await workshop.threads.compute(_doubts, request, networks[0]) if roadless else ()
    named = (
        FieldViolation(doubt.field, ViolationCode.COORDINATE_SYSTEM_DOUBTFUL, doubt.description) for doubt in doubts
    )  # the likeliest cause comes first
    found = (*violations, *known_travel_violations(request), *named, *roadless)
    if found or other_violations or unreadable:
        # Where only roads are wrong so far, what the optimizer would refuse later is said now.
        later = () if violations else await workshop.threads.compute(_violations_without_ways, request, locations)
        raise _refused((*found, *later), other_violations, unreadable)
    return LaidProblem(request, locations, tuple(networks), tuple(laid))


async def doubts_of_refused(workshop: Workshop, request: PlanningRequest) -> tuple[Notice, ...]:
    """Say what is probably not meant in a request that breaks rules, as far as it can be told.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The request.

    Returns
    -------
    tuple[Notice, ...]
        One customer twice, and windows of one instant.
    """
    if len(request.visits) > workshop.settings.max_visits:
        return ()  # what is refused for its size is not worth looking through
    return tuple(each.inside(FIELD) for each in await workshop.threads.compute(request_doubts, request))


async def compute_matrices(workshop: Workshop, laid: LaidProblem) -> PreparedProblem:
    """Compute every way, and make the problem.

    Parameters
    ----------
    workshop
        The service's tools.
    laid
        The request with every place on roads.

    Returns
    -------
    PreparedProblem
        Ready to be solved.

    Raises
    ------
    InvalidRequestError
        With every visit that no worker can reach and come back from, every pin with which no route can begin, and what
        else the optimizer would refuse.
    """
    request, locations = laid.request, laid.locations
    matrices = [
        with_known_travels(
            await workshop.threads.compute(_matrix, opened, places.positions, request.departure), request, locations
        )
        for opened, places in zip(laid.networks, laid.laid, strict=True)
    ]
    # Thousands of visits take tenths of a second, for which the event loop has no time.
    problem = await workshop.threads.compute(state_problem, request, locations, matrices, origin_s=_origin_s(request))
    shifts = shifts_of(request)
    closed = await workshop.threads.compute(_closed_roads, laid)
    unreachable = with_closed_roads(unreachable_visits(problem), closed)
    problem, begun = await workshop.threads.compute(with_begun_routes, problem, request, shifts, _origin_s(request))
    violations = (*unreachable, *begun, *await workshop.threads.compute(optimizer_violations, problem, shifts))
    if violations:
        raise _refused(violations)
    return PreparedProblem(
        request=request,
        shifts=shifts,
        problem=problem,
        origin_s=_origin_s(request),
        places=locations.places,
        networks=laid.networks,
        positions=tuple(places.positions for places in laid.laid),
        notices=await workshop.threads.compute(_notices, laid, closed),
    )


def _origin_s(request: PlanningRequest) -> int:
    """Choose the moment that is time 0 of the problem."""
    return min(worker.shift.start_s for worker in request.workers)


def _violations_without_ways(request: PlanningRequest, locations: Locations) -> tuple[FieldViolation, ...]:
    """List what the optimizer would refuse whatever the ways are."""
    count = len(locations.places.latitude_degrees)
    nothing = np.zeros((count, count), np.int64)
    matrices = [TravelMatrix(nothing, nothing, nothing == 0) for _ in network_names(request)]
    problem = state_problem(request, locations, matrices, origin_s=_origin_s(request))
    return tuple(optimizer_violations(problem, shifts_of(request)))


def _refused(
    violations: tuple[FieldViolation, ...],
    others: tuple[FieldViolation, ...] = (),
    unreadable: Sequence[FieldViolation] = (),
) -> InvalidRequestError:
    return InvalidRequestError(beside(unreadable, (*(violation.inside(FIELD) for violation in violations), *others)))


async def _open_networks(
    workshop: Workshop, request: PlanningRequest
) -> tuple[list[OpenNetwork | None], list[FieldViolation]]:
    networks: list[OpenNetwork | None] = []
    violations: list[FieldViolation] = []
    for name in network_names(request):
        try:
            networks.append(await open_road_network(workshop, name) if name else None)
        except NotFoundError as error:
            users = [index for index, worker in enumerate(request.workers) if worker.road_network == name]
            path = f"workers[{users[0]}].road_network" if users else "road_network"
            violations.append(FieldViolation(path, ViolationCode.UNKNOWN_REFERENCE, str(error)))
    return networks, violations


def _lay(request: PlanningRequest, opened: OpenNetwork | None, places: EarthPlaces) -> PlacesOnRoad:
    """Lay the places of a problem on one network."""
    if opened is None:
        return on_no_road(len(places))
    wanted_m = request.max_snap_distance_m
    radius_m = wanted_m if 0 < wanted_m < math.inf else DEFAULT_SNAP_DISTANCE_M
    home = home_component(opened, [places], radius_m=radius_m)
    return lay_on_road(opened, places, radius_m=radius_m, home=home)


def _closed_roads(laid: LaidProblem) -> tuple[Notice, ...]:
    """Say which places lie on a road that is closed at the departure."""
    is_free = places_without_road(laid.request, laid.locations)
    return closed_roads_of_problem(laid.request, laid.locations, laid.networks, laid.laid, is_free=is_free)


def _notices(laid: LaidProblem, closed: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Say which places lie far from their road or near one that is cut off, and what is probably not meant."""
    notices = [*road_notices(laid.request, laid.locations, laid.laid), *closed]
    notices += (*_doubts(laid.request, laid.networks[0]), *request_doubts(laid.request))
    return tuple(notice.inside(FIELD) for notice in notices)


def _doubts(request: PlanningRequest, opened: OpenNetwork | None) -> tuple[Notice, ...]:
    """Say whether the coordinate system of the visits is doubtful."""
    if request.coordinate_system is None or opened is None:
        return ()
    places = [visit.position for visit in request.visits if visit.position is not None]
    return tuple(coordinate_doubts(opened, places, declared=request.coordinate_system, path="coordinate_system"))


def _matrix(opened: OpenNetwork | None, positions: RoadPositions, departure: Departure | None) -> TravelMatrix:
    """Compute all ways, or remember them; without a network there are none."""
    if opened is None:
        nothing = np.zeros((len(positions), len(positions)), np.int64)
        return TravelMatrix(nothing, nothing, nothing.astype(np.bool_))
    if departure is not None:
        return _computed_matrix(opened, positions, departure)
    return opened.recent_matrices.get(positions, lambda: _computed_matrix(opened, positions, None))


def _computed_matrix(opened: OpenNetwork, positions: RoadPositions, departure: Departure | None) -> TravelMatrix:
    """Compute all ways in whole seconds (rounded up: a plan is never late by rounding) and whole metres."""
    exact = travel_matrix_at(opened, departure, positions, positions)
    # Both are -1 where there is no way, which comes out as 0; the halves of a metre are added in 64 bits.
    duration_s = -(-exact.duration_ms // 1000)
    distance_m = (exact.length_cm.astype(np.int64) + 50) // 100
    return TravelMatrix(duration_s.astype(np.int64), distance_m, exact.reachable)
