"""States a planning request in the optimizer's terms, and the optimizer's refusals in those of the request."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import (
    Break,
    Problem,
    SkillDuration,
    SoftLimits,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitSequence,
    Worker,
)
from optimizer.problem_validation import list_problem_violations
from server.errors import FieldViolation
from server.use_cases.planning_request import PlanningRequest, SoftLimitsRequest, VisitRequest, WorkerRequest
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
    "cost_per_extra_km": "cost_per_extra_kilometer",
    "max_travel_s": "max_travel_duration",
    "travel_percent": "travel_factor",
    "service_percent": "service_factor",
    "regular_end_s": "regular_end_time",
    "setup_s": "setup_duration",
    "allowed_workers": "allowed_worker_ids",
    "preferred_workers": "preferred_worker_ids",
    "visits": "visit_ids",
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
    numbers = _Numbers(
        {worker.id: index for index, worker in enumerate(request.workers)},
        {visit.id: index for index, visit in enumerate(request.visits)},
        frozenset((one.skill, one.level) for visit in request.visits for one in visit.required_skill_levels),
        origin_s,
    )
    workers = tuple(
        _worker(
            worker,
            matrix=names.index(network_name(request, worker)),
            places=(locations.starts[index], locations.ends[index]),
            numbers=numbers,
        )
        for index, worker in enumerate(request.workers)
    )
    visits = tuple(_visit(visit, index, numbers) for index, visit in enumerate(request.visits))
    return Problem(
        workers,
        visits,
        tuple(matrices),
        same_worker_groups=tuple(numbers.visits(group) for group in request.same_worker_groups),
        separate_groups=tuple(numbers.visits(group) for group in request.separate_groups),
        sequences=tuple(
            VisitSequence(tuple(numbers.visit[visit_id] for visit_id in one.visit_ids), one.is_direct)
            for one in request.sequences
        ),
        cost_units_per_money=COST_UNITS_PER_MONEY,
    )


@dataclass(frozen=True)
class _Numbers:
    """What the request names and the optimizer numbers.

    Parameters
    ----------
    worker, visit
        Index by id.
    levels
        The skills and levels that visits require.
    origin_s
        Unix seconds of the problem's time 0.
    """

    worker: dict[str, int]
    visit: dict[str, int]
    levels: frozenset[tuple[str, int]]
    origin_s: int

    def workers(self, ids: Iterable[str]) -> frozenset[int]:
        """Return the indices of workers."""
        return frozenset(self.worker[worker_id] for worker_id in ids)

    def visits(self, ids: Iterable[str]) -> frozenset[int]:
        """Return the indices of visits."""
        return frozenset(self.visit[visit_id] for visit_id in ids)


def level_word(skill: str, level: int) -> str:
    """Say a skill at a level or higher as one word of the optimizer, which shows up in explanations."""
    return f"{skill} at level {level}"


def _worker(worker: WorkerRequest, *, matrix: int, places: tuple[int | None, int | None], numbers: _Numbers) -> Worker:
    origin_s = numbers.origin_s
    return Worker(
        id=worker.id,
        matrix=matrix,
        shift_start_s=worker.shift.start_s - origin_s,
        shift_end_s=worker.shift.end_s - origin_s,
        start_location=places[0],
        end_location=places[1],
        skills=_skills(worker, numbers),
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
        max_travel_s=worker.max_travel_s,
        travel_percent=round(100 * worker.travel_factor),
        service_percent=round(100 * worker.service_factor),
        zones=frozenset(worker.zones),
        soft_limits=_soft_limits(worker.soft_limits),
        regular_end_s=None if worker.regular_end_s is None else worker.regular_end_s - origin_s,
        overtime_cost_per_hour=_cost_units(worker.overtime_cost_per_hour),
    )


def _skills(worker: WorkerRequest, numbers: _Numbers) -> frozenset[str]:
    """Return the skills, those that come with a level, and the required levels that the worker reaches."""
    level_of: dict[str, int] = {}
    for one in worker.skill_levels:
        level_of[one.skill] = max(one.level, level_of.get(one.skill, 0))
    reached = {level_word(skill, level) for skill, level in numbers.levels if level <= level_of.get(skill, 0)}
    return frozenset(worker.skills).union(level_of, reached)


def _soft_limits(limits: SoftLimitsRequest) -> SoftLimits:
    return SoftLimits(
        max_visits=limits.max_visits,
        cost_per_extra_visit=_cost_units(limits.cost_per_extra_visit),
        max_distance_m=None if limits.max_distance_m is None else math.floor(limits.max_distance_m),
        cost_per_extra_km=_cost_units(limits.cost_per_extra_kilometer),
        max_duration_s=limits.max_duration_s,
        cost_per_extra_hour=_cost_units(limits.cost_per_extra_hour),
        max_travel_s=limits.max_travel_s,
        cost_per_extra_travel_hour=_cost_units(limits.cost_per_extra_travel_hour),
    )


def _visit(visit: VisitRequest, location: int, numbers: _Numbers) -> Visit:
    is_mandatory = visit.unserved_cost is None or visit.pin is not None
    return Visit(
        id=visit.id,
        location=location,
        duration_s=visit.duration_s,
        time_windows=_windows(visit, numbers.origin_s),
        required_skills=frozenset(visit.required_skills).union(
            level_word(one.skill, one.level) for one in visit.required_skill_levels
        ),
        unserved_cost=None if is_mandatory else _cost_units(visit.unserved_cost or 0.0),
        priority=visit.priority,
        load=visit.load,
        skill_durations=tuple(SkillDuration(one.skill, one.duration_s) for one in visit.skill_durations),
        setup_s=visit.setup_s,
        zone=visit.zone or None,
        allowed_workers=_allowed_workers(visit, numbers),
        preferred_workers=numbers.workers(visit.preferred_worker_ids),
        not_preferred_cost=_cost_units(visit.not_preferred_cost),
    )


def _windows(visit: VisitRequest, origin_s: int) -> tuple[TimeWindow, ...]:
    """Write the windows in order of time, those that touch or overlap as one: a service may start inside any."""
    if visit.pin is not None and visit.pin.start_s is not None:
        return (TimeWindow(visit.pin.start_s - origin_s, visit.pin.start_s - origin_s),)
    joined: list[TimeWindow] = []
    for window in sorted(visit.time_windows, key=lambda window: window.start_s):
        start_s, end_s = window.start_s - origin_s, window.end_s - origin_s
        if joined and start_s <= joined[-1].end_s:
            before = joined.pop()
            start_s, end_s = before.start_s, max(before.end_s, end_s)
        joined.append(TimeWindow(start_s, end_s))
    return tuple(joined)


def _allowed_workers(visit: VisitRequest, numbers: _Numbers) -> frozenset[int] | None:
    """Return who may serve a visit by the customer's wishes and people's pins; None is everyone."""
    if visit.pin is not None:
        return numbers.workers([visit.pin.worker_id])
    if not visit.allowed_worker_ids and not visit.forbidden_worker_ids:
        return None
    allowed = visit.allowed_worker_ids or tuple(numbers.worker)
    return numbers.workers(allowed) - numbers.workers(visit.forbidden_worker_ids)


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
    return [FieldViolation(request_path(one.field), one.description) for one in list_problem_violations(problem)]


def request_path(field: str) -> str:
    """Say in words of `odograph.v1.Problem` which field of the optimizer's problem is meant.

    Parameters
    ----------
    field
        For example ``workers[0].cost_per_km``.

    Returns
    -------
    str
        For example ``workers[0].cost_per_kilometer``.
    """
    owner, _, name = field.rpartition(".")
    return f"{owner}.{_REQUEST_NAMES.get(name, name)}" if owner else name
