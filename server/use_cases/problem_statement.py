"""States a planning request in the optimizer's terms, and the optimizer's refusals in those of the request."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.problem_validation import list_problem_violations
from server.errors import FieldViolation
from server.use_cases.planning_request import PlanningRequest, VisitRequest, WorkerRequest
from server.use_cases.problem_locations import Locations, network_name, network_names

COST_UNITS_PER_MONEY = 1000
"""The optimizer counts in whole thousandths of the caller's currency."""

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
"""What the optimizer calls the fields, and what the API calls them."""


def state_problem(
    request: PlanningRequest, locations: Locations, matrices: list[TravelMatrix], origin_s: int
) -> Problem:
    """State a planning request as a problem of indices and matrices.

    Parameters
    ----------
    request, locations
        The request and its places.
    matrices
        One per network, in the order of `network_names`.
    origin_s
        Unix seconds of the problem's time 0.

    Returns
    -------
    Problem
        For the optimizer.
    """
    names = network_names(request)
    workers = tuple(
        _worker(
            worker,
            matrix=names.index(network_name(request, worker)),
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


def unreachable_visits(problem: Problem) -> list[FieldViolation]:
    """List the visits that no worker can get to and come back from, whatever the time and the skills.

    Parameters
    ----------
    problem
        The problem, whose first locations are its visits.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
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


def optimizer_violations(problem: Problem) -> list[FieldViolation]:
    """List what the optimizer would refuse.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    violations = []
    for violation in list_problem_violations(problem):
        owner, _, name = violation.field.rpartition(".")
        path = f"{owner}.{_REQUEST_NAMES.get(name, name)}" if owner else name
        violations.append(FieldViolation(path, violation.description))
    return violations
