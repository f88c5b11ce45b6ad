"""Turns a planning request into a problem of indices and matrices: checks it, lays it on roads, computes the ways.

This is where every broken rule of a request comes together in one error: what is wrong by itself, places without a
road, and visits that nobody can reach and come back from. Field paths are those of `odograph.v1.BuildPlanRequest`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.coordinates import CoordinateSystem
from geo.routing.positions import RoadPositions
from optimizer.errors import InvalidProblemError
from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit, Worker
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, NotFoundError
from server.use_cases.check_planning_request import check_planning_request
from server.use_cases.notices import Notice
from server.use_cases.places import (
    EarthPlaces,
    PlacesOnRoad,
    coordinate_doubts,
    lay_on_road,
    open_road_network,
    to_earth,
)
from server.use_cases.planning_request import (
    DEFAULT_SNAP_DISTANCE_M,
    Place,
    PlanningRequest,
    VisitRequest,
    WorkerRequest,
)
from server.use_cases.workshop import Workshop

FIELD = "problem"
COST_UNITS_PER_MONEY = 1000
"""The optimizer counts in whole thousandths of the caller's currency."""
NOWHERE = Place(math.nan, math.nan)

_REQUEST_NAMES = {
    "shift_start_s": "shift.start_time",
    "shift_end_s": "shift.end_time",
    "start_location": "start_position",
    "end_location": "end_position",
    "earliest_start_s": "earliest_start_time",
    "latest_start_s": "latest_start_time",
    "max_distance_m": "max_distance_meters",
    "max_duration_s": "max_duration",
    "duration_s": "duration",
    "start_s": "start_time",
    "end_s": "end_time",
    "cost_per_km": "cost_per_kilometer",
    "location": "position",
}
"""What the optimizer calls the fields, and what the API calls them; longer names before those that they contain."""


@dataclass(frozen=True, eq=False)
class PreparedProblem:
    """A planning request, ready to be solved.

    Parameters
    ----------
    request
        The request.
    problem
        The same in indices and matrices. Location ``i`` below the number of visits is the place of visit ``i``; the
        places of workers follow. Times are seconds from `origin_s`.
    origin_s
        Unix seconds of the problem's time 0.
    places
        Every location, WGS-84.
    networks, positions
        Per matrix of the problem: the network, and every location laid on it.
    notices
        What the caller should look at.
    """

    request: PlanningRequest
    problem: Problem
    origin_s: int
    places: EarthPlaces
    networks: tuple[OpenNetwork, ...]
    positions: tuple[RoadPositions, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, eq=False)
class _Locations:
    """Where everything is: the places, and the indices of those of each worker (None is open)."""

    places: EarthPlaces
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class LaidProblem:
    """A planning request that is right by itself, with every place on the roads of the networks that it uses."""

    request: PlanningRequest
    locations: _Locations
    networks: tuple[OpenNetwork, ...]
    laid: tuple[PlacesOnRoad, ...]


async def lay_problem_on_roads(
    workshop: Workshop, request: PlanningRequest, other_violations: tuple[FieldViolation, ...] = ()
) -> LaidProblem:
    """Check a planning request and lay its places on roads.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The request.
    other_violations
        What else is wrong, to be listed with the rest.

    Returns
    -------
    LaidProblem
        For `compute_matrices`.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    """
    violations = check_planning_request(request, workshop.settings)
    networks, missing = await _open_networks(workshop, request)
    is_too_large = len(request.visits) > workshop.settings.max_visits
    if request.coordinate_system is None or missing or is_too_large:
        raise _refused((*violations, *missing), other_violations)
    locations = _locations(request, request.coordinate_system)
    wanted_m = request.max_snap_distance_m
    radius_m = wanted_m if 0 < wanted_m < math.inf else DEFAULT_SNAP_DISTANCE_M
    # Also where something is wrong already: whoever mends a request wants to hear everything at once.
    laid = [
        await workshop.threads.compute(lay_on_road, opened, locations.places.usable(), radius_m=radius_m)
        for opened in networks
    ]
    violations = (*violations, *_road_violations(request, locations, laid))
    if violations or other_violations:
        raise _refused(violations, other_violations)
    return LaidProblem(request, locations, tuple(networks), tuple(laid))


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
        With every visit that no worker can reach and come back from.
    """
    request, locations = laid.request, laid.locations
    matrices = [
        await workshop.threads.compute(_matrix, opened, places.positions)
        for opened, places in zip(laid.networks, laid.laid, strict=True)
    ]
    origin_s = min(worker.shift.start_s for worker in request.workers)
    problem = _problem(request, locations, matrices, origin_s)
    violations = tuple(_unreachable_visits(problem))
    if violations:
        raise _refused(violations)
    return PreparedProblem(
        request=request,
        problem=problem,
        origin_s=origin_s,
        places=locations.places,
        networks=laid.networks,
        positions=tuple(places.positions for places in laid.laid),
        notices=await workshop.threads.compute(_notices, laid),
    )


def request_violations(error: InvalidProblemError) -> tuple[FieldViolation, ...]:
    """Say what the optimizer refuses by the field paths of the request.

    Parameters
    ----------
    error
        What the optimizer says.

    Returns
    -------
    tuple[FieldViolation, ...]
        The same violations.
    """
    violations = []
    for violation in error.violations:
        path = violation.field
        for name, request_name in _REQUEST_NAMES.items():
            path = path.replace(name, request_name)
        violations.append(FieldViolation(f"{FIELD}.{path}", violation.description))
    return tuple(violations)


def _refused(violations: tuple[FieldViolation, ...], others: tuple[FieldViolation, ...] = ()) -> InvalidRequestError:
    return InvalidRequestError((*(violation.inside(FIELD) for violation in violations), *others))


def _network_name(request: PlanningRequest, worker: WorkerRequest) -> str:
    return worker.road_network or request.road_network


def _network_names(request: PlanningRequest) -> list[str]:
    """Names of the networks in the order of their first worker."""
    return list(dict.fromkeys(_network_name(request, worker) for worker in request.workers))


async def _open_networks(
    workshop: Workshop, request: PlanningRequest
) -> tuple[list[OpenNetwork], list[FieldViolation]]:
    networks: list[OpenNetwork] = []
    violations: list[FieldViolation] = []
    for name in filter(None, _network_names(request)):
        try:
            networks.append(await open_road_network(workshop, name))
        except NotFoundError as error:
            users = [index for index, worker in enumerate(request.workers) if worker.road_network == name]
            path = f"workers[{users[0]}].road_network" if users else "road_network"
            violations.append(FieldViolation(path, str(error)))
    return networks, violations


def _locations(request: PlanningRequest, system: CoordinateSystem) -> _Locations:
    """Give every place a number: the visits first, then the different places of the workers."""
    places = [visit.position or NOWHERE for visit in request.visits]
    paths = [f"visits[{index}].position" for index in range(len(request.visits))]
    known: dict[Place, int] = {}

    def number(place: Place | None, path: str) -> int | None:
        if place is None:
            return None
        if place not in known:
            known[place] = len(places)
            places.append(place)
            paths.append(path)
        return known[place]

    workers = list(enumerate(request.workers))
    starts = tuple(number(worker.start_position, f"workers[{index}].start_position") for index, worker in workers)
    ends = tuple(number(worker.end_position, f"workers[{index}].end_position") for index, worker in workers)
    return _Locations(to_earth(places, paths, system), starts, ends)


def _road_violations(request: PlanningRequest, locations: _Locations, laid: list[PlacesOnRoad]) -> list[FieldViolation]:
    """List visits without a road on any network, and worker's places without a road on their own."""
    names = list(filter(None, _network_names(request)))
    broken = [{violation.field: violation for violation in places.violations} for places in laid]
    paths = locations.places.paths
    violations = [
        broken[0][path] for path in paths[: len(request.visits)] if broken and all(path in one for one in broken)
    ]
    listed: set[str] = set()
    for index, worker in enumerate(request.workers):
        name = _network_name(request, worker)
        own = broken[names.index(name)] if name else {}
        for location in (locations.starts[index], locations.ends[index]):
            if location is not None and paths[location] in own and paths[location] not in listed:
                violations.append(own[paths[location]])
                listed.add(paths[location])
    return violations


def _notices(laid: LaidProblem) -> tuple[Notice, ...]:
    """Say which visits lie far from their road, and whether their coordinate system is doubtful."""
    request = laid.request
    if request.coordinate_system is None:
        return ()
    notices = [notice for notice in laid.laid[0].notices if notice.field.startswith("visits")]
    places = [visit.position for visit in request.visits if visit.position is not None]
    notices += coordinate_doubts(laid.networks[0], places, declared=request.coordinate_system, path="coordinate_system")
    return tuple(Notice(notice.code, f"{FIELD}.{notice.field}", notice.description) for notice in notices)


def _matrix(opened: OpenNetwork, positions: RoadPositions) -> TravelMatrix:
    """Compute all ways in whole seconds (rounded up: a plan is never late by rounding) and whole metres."""
    exact = opened.router.travel_matrix(positions, positions)
    duration_s = -(-exact.duration_ms.astype(np.int64) // 1000)
    distance_m = (exact.length_cm.astype(np.int64) + 50) // 100
    reachable = exact.reachable
    return TravelMatrix(np.where(reachable, duration_s, 0), np.where(reachable, distance_m, 0), reachable)


def _problem(request: PlanningRequest, locations: _Locations, matrices: list[TravelMatrix], origin_s: int) -> Problem:
    names = _network_names(request)
    workers = tuple(
        _worker(
            worker,
            matrix=names.index(_network_name(request, worker)),
            places=(locations.starts[index], locations.ends[index]),
            origin_s=origin_s,
        )
        for index, worker in enumerate(request.workers)
    )
    visits = tuple(_visit(visit, index, origin_s) for index, visit in enumerate(request.visits))
    return Problem(workers, visits, tuple(matrices), cost_units_per_money=COST_UNITS_PER_MONEY)


def _worker(worker: WorkerRequest, *, matrix: int, places: tuple[int | None, int | None], origin_s: int) -> Worker:
    return Worker(
        id=worker.id,
        matrix=matrix,
        shift_start_s=worker.shift.start_s - origin_s,
        shift_end_s=worker.shift.end_s - origin_s,
        start_location=places[0],
        end_location=places[1],
        skills=frozenset(worker.skills),
        max_visits=worker.max_visits,
        max_distance_m=None if worker.max_distance_m is None else math.floor(worker.max_distance_m),
        max_duration_s=worker.max_duration_s,
        capacity=worker.capacity,
        breaks=tuple(
            Break(pause.earliest_start_s - origin_s, pause.latest_start_s - origin_s, pause.duration_s)
            for pause in worker.breaks
        ),
        fixed_cost=_cost_units(worker.fixed_cost),
        cost_per_hour=_cost_units(worker.cost_per_hour),
        cost_per_km=_cost_units(worker.cost_per_kilometer),
    )


def _visit(visit: VisitRequest, location: int, origin_s: int) -> Visit:
    return Visit(
        id=visit.id,
        location=location,
        duration_s=visit.duration_s,
        time_windows=tuple(
            TimeWindow(window.start_s - origin_s, window.end_s - origin_s)
            for window in sorted(visit.time_windows, key=lambda window: window.start_s)
        ),
        required_skills=frozenset(visit.required_skills),
        unserved_cost=None if visit.unserved_cost is None else _cost_units(visit.unserved_cost),
        priority=visit.priority,
        load=visit.load,
    )


def _cost_units(money: float) -> int:
    return round(money * COST_UNITS_PER_MONEY)


def _unreachable_visits(problem: Problem) -> list[FieldViolation]:
    """List the visits that no worker can get to and come back from, whatever the time and the skills."""
    count = len(problem.visits)
    served: NDArray[np.bool_] = np.zeros(count, np.bool_)
    for worker in problem.workers:
        reachable = problem.matrices[worker.matrix].reachable
        goes = np.ones(count, np.bool_) if worker.start_location is None else reachable[worker.start_location, :count]
        comes = np.ones(count, np.bool_) if worker.end_location is None else reachable[:count, worker.end_location]
        served |= goes & comes
    return [
        FieldViolation(f"visits[{index}].position", "no worker has a way there and back")
        for index in np.flatnonzero(~served)
    ]
