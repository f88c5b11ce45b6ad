"""States a planning request in the optimizer's terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

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
from server.use_cases.planning_request import (
    BalanceRequest,
    DrivingRestRequest,
    Place,
    PlanningRequest,
    ReloadRequest,
    SoftLimitsRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)
from server.use_cases.problem_locations import Locations, network_name, network_names
from server.use_cases.shifts import WorkerShift, shifts_of

COST_UNITS_PER_MONEY = 1000
"""The optimizer counts in whole thousandths of the caller's currency."""
_LONG_S = 7 * 86_400
"""Longer than any shift, also one that is longer than it was asked for so that a visit gets in."""


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
    numbers = _numbers(request, shifts, origin_s)
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
    places = _places_of_visits(request, matrices)
    visits = tuple(_visit(visit, place, numbers) for visit, place in zip(request.visits, places, strict=True))
    problem = Problem(
        workers,
        visits,
        tuple(matrices),
        cost_units_per_money=COST_UNITS_PER_MONEY,
        lowest_strict_priority=request.lowest_strict_priority,
    )
    return _with_bonds(problem, request, numbers)


def state_bonds(request: PlanningRequest) -> Problem:
    """State only what binds visits to each other, and which shifts are one worker's.

    Parameters
    ----------
    request
        A request, which may break rules.

    Returns
    -------
    Problem
        Without ways, times or places. Visits that are bound without being there follow those that are: what is said of
        the others still holds.
    """
    named = (*chain.from_iterable(_bound_visits(request)), *(visit.id for visit in request.visits))
    known = {visit.id for visit in request.visits}
    unknown = tuple(VisitRequest(each, None) for each in dict.fromkeys(named) if each not in known)
    # A visit that one sequence names twice is one broken rule, not an order that contradicts itself, too.
    sequences = tuple(replace(one, visit_ids=tuple(dict.fromkeys(one.visit_ids))) for one in request.sequences)
    request = replace(request, visits=(*request.visits, *unknown), sequences=sequences, balance=None)
    shifts = shifts_of(request)
    workers = tuple(
        Worker(shift.worker.id, 0, 0, 1, None, None, shift_of=None if shift.number == 0 else index - shift.number)
        for index, shift in enumerate(shifts)
    )
    problem = Problem(workers, tuple(Visit(visit.id, 0, 0) for visit in request.visits), ())
    return _with_bonds(problem, request, _numbers(request, shifts, origin_s=0))


def _bound_visits(request: PlanningRequest) -> Iterator[Iterable[str]]:
    yield from (*request.same_worker_groups, *request.different_worker_groups, *request.separate_groups)
    yield from (one.visit_ids for one in request.sequences)
    yield from ((one.pickup_visit_id, one.delivery_visit_id) for one in request.deliveries)
    yield from ((one.before_visit_id, one.after_visit_id) for one in request.precedences)


def _numbers(request: PlanningRequest, shifts: Sequence[WorkerShift], origin_s: int) -> _Numbers:
    ends = [shift.worker.shift.end_s for shift in shifts]
    return _Numbers(
        {worker.id: frozenset(_shifts_of_one(shifts, index)) for index, worker in enumerate(request.workers)},
        {visit.id: index for index, visit in enumerate(request.visits)},
        frozenset((one.skill, one.level) for visit in request.visits for one in visit.required_skill_levels),
        origin_s,
        None if request.not_before_s is None else request.not_before_s - origin_s,
        max(ends, default=origin_s) - origin_s,
    )


def _places_of_visits(request: PlanningRequest, matrices: Sequence[TravelMatrix]) -> list[int]:
    """Say at which location each visit is: its own, or that of the first visit in the same place.

    Where the caller knows other ways from two visits in one place, they stay apart.
    """
    firsts: dict[Place | None, int] = {}
    places = []
    for index, visit in enumerate(request.visits):
        first = firsts.setdefault(visit.position, index)
        is_one = first == index or all(_has_same_ways(matrix, first, index) for matrix in matrices)
        places.append(first if is_one else index)
    return places


def _has_same_ways(matrix: TravelMatrix, one: int, other: int) -> bool:
    """Tell whether two locations have the same ways to and from everywhere, and none between them."""
    parts = (matrix.duration_s, matrix.distance_m, matrix.reachable)
    is_together = not matrix.duration_s[one, other] and not matrix.duration_s[other, one]
    return is_together and all(
        np.array_equal(part[one], part[other]) and np.array_equal(part[:, one], part[:, other]) for part in parts
    )


def _with_bonds(problem: Problem, request: PlanningRequest, numbers: _Numbers) -> Problem:
    """Add what binds visits to each other."""
    number = numbers.visit
    return replace(
        problem,
        same_worker_groups=tuple(numbers.visits(group) for group in request.same_worker_groups),
        different_worker_groups=tuple(numbers.visits(group) for group in request.different_worker_groups),
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
    not_before_s, last_s
        Seconds from then before which no service starts that is not pinned to a time (None is any time), and at which
        the last shift is over.
    """

    worker: dict[str, frozenset[int]]
    visit: dict[str, int]
    levels: frozenset[tuple[str, int]]
    origin_s: int
    not_before_s: int | None
    last_s: int

    def workers(self, ids: Iterable[str]) -> frozenset[int]:
        """Return the indices of all shifts of workers."""
        return frozenset[int]().union(*[self.worker[worker_id] for worker_id in ids])

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
        driving_rest=None if worker.driving_rest is None else _driving_rest(worker.driving_rest),
        reload=None if worker.reload is None or places[3] is None else _reload(worker.reload, places[3]),
    )


def _driving_rest(rest: DrivingRestRequest) -> DrivingRest:
    return DrivingRest(rest.max_driving_s, rest.duration_s)


def _reload(reload: ReloadRequest, location: int) -> Reload:
    return Reload(location, reload.duration_s, reload.max_reloads, _cost_units(reload.cost))


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
        time_windows=_windows(visit, numbers),
        required_skills=_required_skills(visit),
        unserved_cost=None if is_mandatory else _cost_units(visit.unserved_cost or 0.0),
        priority=visit.priority,
        load=visit.load,
        skill_durations=tuple([SkillDuration(one.skill, one.duration_s) for one in visit.skill_durations]),
        setup_s=visit.setup_s,
        zone=visit.zone or None,
        allowed_workers=_allowed_workers(visit, numbers),
        preferred_workers=numbers.workers(visit.preferred_worker_ids) if visit.preferred_worker_ids else frozenset(),
        not_preferred_cost=_cost_units(visit.not_preferred_cost),
        soft_windows=_joined(visit.soft_time_windows, numbers.origin_s),
        cost_per_hour_early=_cost_units(visit.cost_per_hour_early),
        cost_per_hour_late=_cost_units(visit.cost_per_hour_late),
    )


def _required_skills(visit: VisitRequest) -> frozenset[str]:
    skills = frozenset(visit.required_skills)
    if not visit.required_skill_levels:
        return skills
    return skills.union(level_word(one.skill, one.level) for one in visit.required_skill_levels)


def _windows(visit: VisitRequest, numbers: _Numbers) -> tuple[TimeWindow, ...]:
    pin, origin_s = visit.pin, numbers.origin_s
    if pin is not None and pin.start_s is not None:
        return (TimeWindow(pin.start_s - origin_s, pin.start_s - origin_s),)
    windows, first_s = _joined(visit.time_windows, origin_s), numbers.not_before_s
    if first_s is None or (pin is not None and pin.event is not None):
        return windows
    never_s = max(first_s, numbers.last_s) + _LONG_S
    left = [
        replace(one, start_s=max(one.start_s, first_s))
        for one in windows or (TimeWindow(first_s, never_s),)
        if one.end_s >= first_s
    ]
    # All windows may be over. None would mean any time.
    return tuple(left) if left else (TimeWindow(never_s, never_s),)


def _joined(windows: Sequence[TimeSpan], origin_s: int) -> tuple[TimeWindow, ...]:
    """Write windows in order of time, those that touch or overlap as one: a service starts inside any."""
    if not windows:
        return ()
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
    return round(money * COST_UNITS_PER_MONEY) if money else 0
