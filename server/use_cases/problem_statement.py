"""States a planning request in the optimizer's terms, and the optimizer's refusals in those of the request."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import (
    Balance,
    Break,
    Delivery,
    DrivingRest,
    Precedence,
    Problem,
    Reload,
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
from server.use_cases.planning_request import (
    BalanceRequest,
    PlanningRequest,
    SoftLimitsRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)
from server.use_cases.problem_locations import Locations, network_name, network_names
from server.use_cases.shifts import WorkerShift, shifts_of

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
    "soft_windows": "soft_time_windows",
    "area_center": "area_center_position",
    "cost_per_km_from_center": "cost_per_kilometer_from_center",
    "pickup": "pickup_visit_id",
    "delivery": "delivery_visit_id",
    "before": "before_visit_id",
    "after": "after_visit_id",
    "min_gap_s": "min_gap",
    "max_driving_s": "max_driving_duration",
}
"""What the optimizer calls the fields, and what the API calls them."""

_FIELDS_OF_SHIFT = ("start_time", "end_time", "breaks", "regular_end_time")
"""What a further shift of a worker has of its own."""


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
    shifts = shifts_of(request)
    numbers = _Numbers(
        {worker.id: frozenset(_shifts_of_one(shifts, index)) for index, worker in enumerate(request.workers)},
        {visit.id: index for index, visit in enumerate(request.visits)},
        frozenset((one.skill, one.level) for visit in request.visits for one in visit.required_skill_levels),
        origin_s,
    )
    workers = tuple(
        replace(
            _worker(
                shift.worker,
                matrix=names.index(network_name(request, shift.worker)),
                places=tuple(
                    of_workers[shift.index]
                    for of_workers in (locations.starts, locations.ends, locations.centers, locations.depots)
                ),
                numbers=numbers,
            ),
            id=shift.worker.id if shift.number == 0 else f"{shift.worker.id} (shift {shift.number + 1})",
            shift_of=None if shift.number == 0 else index - shift.number,
        )
        for index, shift in enumerate(shifts)
    )
    visits = tuple(_visit(visit, index, numbers) for index, visit in enumerate(request.visits))
    problem = Problem(
        workers,
        visits,
        tuple(matrices),
        cost_units_per_money=COST_UNITS_PER_MONEY,
        lowest_strict_priority=request.lowest_strict_priority,
    )
    return _with_bonds(problem, request, numbers)


def _with_bonds(problem: Problem, request: PlanningRequest, numbers: _Numbers) -> Problem:
    """Add what binds visits to each other."""
    number = numbers.visit
    return replace(
        problem,
        same_worker_groups=tuple(numbers.visits(group) for group in request.same_worker_groups),
        separate_groups=tuple(numbers.visits(group) for group in request.separate_groups),
        sequences=tuple(
            VisitSequence(tuple(number[visit_id] for visit_id in one.visit_ids), one.is_direct)
            for one in request.sequences
        ),
        balance=_balance(request.balance),
        precedences=tuple(
            Precedence(number[one.before_visit_id], number[one.after_visit_id], one.min_gap_s)
            for one in request.precedences
        ),
        deliveries=tuple(
            Delivery(number[one.pickup_visit_id], number[one.delivery_visit_id], one.load) for one in request.deliveries
        ),
    )


def _balance(balance: BalanceRequest | None) -> Balance | None:
    if balance is None or balance.measure is None:
        return None
    return Balance(balance.measure, _cost_units(balance.cost))


def _shifts_of_one(shifts: Sequence[WorkerShift], worker: int) -> Iterator[int]:
    return (index for index, shift in enumerate(shifts) if shift.index == worker)


@dataclass(frozen=True)
class _Numbers:
    """What the request names and the optimizer numbers.

    Parameters
    ----------
    worker
        By id the indices of the worker's shifts.
    visit
        Index by id.
    levels
        The skills and levels that visits require.
    origin_s
        Unix seconds of the problem's time 0.
    """

    worker: dict[str, frozenset[int]]
    visit: dict[str, int]
    levels: frozenset[tuple[str, int]]
    origin_s: int

    def workers(self, ids: Iterable[str]) -> frozenset[int]:
        """Return the indices of all shifts of workers."""
        return frozenset[int]().union(*(self.worker[worker_id] for worker_id in ids))

    def visits(self, ids: Iterable[str]) -> frozenset[int]:
        """Return the indices of visits."""
        return frozenset(self.visit[visit_id] for visit_id in ids)


def level_word(skill: str, level: int) -> str:
    """Say a skill at a level or higher as one word of the optimizer, which shows up in explanations."""
    return f"{skill} at level {level}"


def _worker(worker: WorkerRequest, *, matrix: int, places: tuple[int | None, ...], numbers: _Numbers) -> Worker:
    origin_s = numbers.origin_s
    return Worker(
        id=worker.id,
        matrix=matrix,
        shift_start_s=worker.shift.start_s - origin_s,
        shift_end_s=worker.shift.end_s - origin_s,
        start_location=places[0],
        end_location=places[1],
        area_center=places[2],
        cost_per_km_from_center=_cost_units(worker.cost_per_kilometer_from_center),
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
        driving_rest=(
            None
            if worker.driving_rest is None
            else DrivingRest(worker.driving_rest.max_driving_s, worker.driving_rest.duration_s)
        ),
        reload=(
            None
            if worker.reload is None or places[3] is None
            else Reload(places[3], worker.reload.duration_s, worker.reload.max_reloads)
        ),
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
        soft_windows=_joined(visit.soft_time_windows, numbers.origin_s),
        cost_per_hour_early=_cost_units(visit.cost_per_hour_early),
        cost_per_hour_late=_cost_units(visit.cost_per_hour_late),
    )


def _windows(visit: VisitRequest, origin_s: int) -> tuple[TimeWindow, ...]:
    if visit.pin is not None and visit.pin.start_s is not None:
        return (TimeWindow(visit.pin.start_s - origin_s, visit.pin.start_s - origin_s),)
    return _joined(visit.time_windows, origin_s)


def _joined(windows: Iterable[TimeSpan], origin_s: int) -> tuple[TimeWindow, ...]:
    """Write windows in order of time, those that touch or overlap as one: a service starts inside any."""
    joined: list[TimeWindow] = []
    for window in sorted(windows, key=lambda window: window.start_s):
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


def optimizer_violations(problem: Problem, shifts: Sequence[WorkerShift]) -> list[FieldViolation]:
    """List what the optimizer would refuse.

    Parameters
    ----------
    problem
        The problem.
    shifts
        Whose shift each of its workers is.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    found = list_problem_violations(problem)
    return [FieldViolation(request_path(one.field, shifts), one.description) for one in found]


def request_path(field: str, shifts: Sequence[WorkerShift]) -> str:
    """Say in words of `odograph.v1.Problem` which field of the optimizer's problem is meant.

    Parameters
    ----------
    field
        For example ``workers[0].cost_per_km``.
    shifts
        Whose shift each worker of the optimizer's problem is.

    Returns
    -------
    str
        For example ``workers[0].cost_per_kilometer``.
    """
    owner, _, name = field.rpartition(".")
    if not owner:
        return name
    named = f"{owner}.{_REQUEST_NAMES.get(name, name)}"
    found = re.match(r"workers\[(\d+)\]\.(.*)", named)
    if found is None:
        return named
    shift, rest = shifts[int(found[1])], found[2]
    if shift.number:
        rest = rest.removeprefix("shift.")
        is_of_shift = rest.startswith(_FIELDS_OF_SHIFT)
        where = "window." if rest in ("start_time", "end_time") else ""
        rest = f"further_shifts[{shift.number - 1}].{where}{rest}" if is_of_shift else rest
    return f"workers[{shift.index}].{rest}"
