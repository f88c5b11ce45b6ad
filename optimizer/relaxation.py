"""Decides by how much one rule would have to give way to let a visit into a route that stays as it is.

One rule at a time is made weaker, by the smallest amount that admits the visit: a weaker rule never shuts out what a
stronger one let in, so that amount is found by bisection. What is found is applied to the problem itself, and the
checker confirms the route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from optimizer.insertion import Orders, PossibleInsertion, may_join, partner_of, worth_of
from optimizer.insertion_kernels import cheapest_insertions
from optimizer.problem import Problem, TimeWindow
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import ALONE, POSSIBLE, VisitArrays, WorkerArrays, value_of_route
from optimizer.schedule_kernels import NEVER

LONGEST_S: Final = 86_400
FARTHEST_M: Final = 10_000_000


class Relaxed(Enum):
    """The rules that can give way. The value is the field: of the worker, or of the visit where it begins so."""

    WINDOW_LATER = "visit.time_windows.end_s"
    WINDOW_EARLIER = "visit.time_windows.start_s"
    SHIFT_LATER = "shift_end_s"
    SHIFT_EARLIER = "shift_start_s"
    MAX_DURATION = "max_duration_s"
    MAX_TRAVEL = "max_travel_s"
    BREAK_LATER = "breaks.latest_start_s"
    BREAK_EARLIER = "breaks.earliest_start_s"
    MAX_DISTANCE = "max_distance_m"
    MAX_VISITS = "max_visits"
    CAPACITY = "capacity"
    MAX_RELOADS = "reload.max_reloads"
    SKILLS = "skills"
    ZONES = "zones"
    ALLOWED_WORKERS = "visit.allowed_workers"
    UNSERVED_COST = "visit.unserved_cost"


SECONDS_PER_UNIT: Final = {
    Relaxed.MAX_DISTANCE: 0.12,
    Relaxed.MAX_VISITS: 1800.0,
    Relaxed.CAPACITY: 1800.0,
    Relaxed.MAX_RELOADS: 1800.0,
    Relaxed.UNSERVED_COST: 0.0,
}
"""How changes of different kinds are compared: a kilometre counts like two minutes, a visit, a unit of load
or a reload more like half an hour. A price is asked for only where nothing else is in the way."""
PERMISSION_S: Final = 3600.0
"""A skill, a zone or a permission counts like an hour."""


@dataclass(frozen=True)
class Relaxation:
    """One rule made weaker, and the place where the visit then fits.

    Parameters
    ----------
    rule
        The rule.
    worker, visit
        Indices into the problem.
    number
        Of the break, where the rule is about one; else 0.
    amount
        Seconds, metres, visits, units of load or cost units; 0 for a permission.
    insertion
        The place, and its extra cost.
    """

    rule: Relaxed
    worker: int
    visit: int
    number: int
    amount: int
    insertion: PossibleInsertion

    @property
    def size(self) -> float:
        """How large the change is, in seconds or what counts like them."""
        if self.rule in (Relaxed.SKILLS, Relaxed.ZONES, Relaxed.ALLOWED_WORKERS):
            return PERMISSION_S
        return self.amount * SECONDS_PER_UNIT.get(self.rule, 1.0)


def smallest_relaxation(
    problem: Problem, arrays: ProblemArrays, orders: Orders, worker: int, visit: int
) -> Relaxation | None:
    """Find the smallest single change that lets a visit into a worker's route at no more than its unserved cost.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes.
    worker, visit
        Whose route, and the visit, which is on none.

    Returns
    -------
    Relaxation or None
        None where no change of one rule alone admits it.
    """
    trial = _Trial(problem, arrays, orders, worker, visit)
    if not trial.is_permitted:
        return trial.with_permission()
    best: Relaxation | None = None
    for knob in _knobs(problem, worker):
        limit = knob.largest if best is None else min(knob.largest, _below(best.size, knob.rule))
        if limit <= 0 or trial.insertion(knob, limit) is None:
            continue
        best = trial.smallest(knob, limit)
    return best


def relaxed_problem(problem: Problem, relaxation: Relaxation) -> Problem:
    """Apply a relaxation to the problem itself.

    Parameters
    ----------
    problem
        The problem.
    relaxation
        Found for it.

    Returns
    -------
    Problem
        With that one rule weaker.
    """
    worker, visit = problem.workers[relaxation.worker], problem.visits[relaxation.visit]
    rule, amount = relaxation.rule, relaxation.amount
    if rule is Relaxed.SKILLS:
        worker = replace(worker, skills=worker.skills | visit.required_skills)
    elif rule is Relaxed.ZONES:
        worker = replace(worker, zones=worker.zones | {visit.zone or ""})
    elif rule is Relaxed.ALLOWED_WORKERS:
        visit = replace(visit, allowed_workers=(visit.allowed_workers or frozenset()) | {relaxation.worker})
    elif rule is Relaxed.UNSERVED_COST:
        visit = replace(visit, unserved_cost=(visit.unserved_cost or 0) + amount)
    elif rule in (Relaxed.WINDOW_LATER, Relaxed.WINDOW_EARLIER):
        visit = replace(visit, time_windows=_wider(visit.time_windows, rule, amount))
    elif rule in (Relaxed.BREAK_LATER, Relaxed.BREAK_EARLIER):
        name = rule.value.partition(".")[2]
        sign = 1 if rule is Relaxed.BREAK_LATER else -1
        pause = worker.breaks[relaxation.number]
        moved = replace(pause, **{name: getattr(pause, name) + sign * amount})
        number = relaxation.number
        worker = replace(worker, breaks=(*worker.breaks[:number], moved, *worker.breaks[number + 1 :]))
    elif rule is Relaxed.MAX_RELOADS:
        assert worker.reload is not None  # noqa: S101 - only the limit of a reload is raised
        reload = replace(worker.reload, max_reloads=(worker.reload.max_reloads or 0) + amount)
        worker = replace(worker, reload=reload)
    else:
        sign = -1 if rule is Relaxed.SHIFT_EARLIER else 1
        worker = replace(worker, **{rule.value: getattr(worker, rule.value) + sign * amount})
    workers, visits = list(problem.workers), list(problem.visits)
    workers[relaxation.worker], visits[relaxation.visit] = worker, visit
    return replace(problem, workers=tuple(workers), visits=tuple(visits))


def _wider(windows: tuple[TimeWindow, ...], rule: Relaxed, amount: int) -> tuple[TimeWindow, ...]:
    """Let every window begin earlier or end later; those that then touch become one."""
    wider: list[TimeWindow] = []
    for window in windows:
        earlier, later = (amount, 0) if rule is Relaxed.WINDOW_EARLIER else (0, amount)
        start_s, end_s = window.start_s - earlier, window.end_s + later
        if wider and start_s <= wider[-1].end_s:
            wider[-1] = TimeWindow(min(start_s, wider[-1].start_s), max(end_s, wider[-1].end_s))
        else:
            wider.append(TimeWindow(start_s, end_s))
    return tuple(wider)


def _below(size: float, rule: Relaxed) -> int:
    """Return the largest amount of a rule that counts less than a size."""
    per_unit = SECONDS_PER_UNIT.get(rule, 1.0)
    return LONGEST_S if per_unit == 0 else int(np.ceil(size / per_unit)) - 1


Arrays = tuple[WorkerArrays, VisitArrays]


@dataclass(frozen=True)
class _Knob:
    """A rule that can be turned: up to which amount, and how the arrays look by then."""

    rule: Relaxed
    largest: int
    turned: Callable[[Arrays, int, int], Arrays]
    number: int = 0


def _knobs(problem: Problem, worker: int) -> Iterator[_Knob]:
    owner = problem.workers[worker]
    yield _Knob(Relaxed.WINDOW_LATER, LONGEST_S, lambda arrays, visit, by: _windows(arrays, visit, 0, by))
    yield _Knob(Relaxed.WINDOW_EARLIER, LONGEST_S, lambda arrays, visit, by: _windows(arrays, visit, by, 0))
    yield _Knob(Relaxed.SHIFT_LATER, LONGEST_S, _turn_times("shift_end_s", 1))
    yield _Knob(Relaxed.SHIFT_EARLIER, LONGEST_S, _turn_times("shift_start_s", -1))
    for rule, limit, largest, turned in (
        (Relaxed.MAX_DURATION, owner.max_duration_s, LONGEST_S, _turn_times("max_duration_s", 1)),
        (Relaxed.MAX_TRAVEL, owner.max_travel_s, LONGEST_S, _turn_worker("max_travel_s")),
        (Relaxed.MAX_DISTANCE, owner.max_distance_m, FARTHEST_M, _turn_worker("max_distance_m")),
        (Relaxed.MAX_VISITS, owner.max_visits, len(problem.visits), _turn_worker("max_visits")),
        (Relaxed.CAPACITY, owner.capacity, sum(one.load for one in problem.visits), _turn_worker("max_load")),
    ):
        if limit is not None:
            yield _Knob(rule, largest, turned)
    if owner.reload is not None and owner.reload.max_reloads is not None:
        yield _Knob(Relaxed.MAX_RELOADS, len(problem.visits), _turn_reloads)
    for number in range(len(owner.breaks)):
        # A break must not move past its neighbours, so each knob ends where theirs begins.
        yield _Knob(Relaxed.BREAK_LATER, _room_after(problem, worker, number), _turn_break(number, 0, 1), number)
        yield _Knob(Relaxed.BREAK_EARLIER, _room_before(problem, worker, number), _turn_break(number, 1, 0), number)


def _room_after(problem: Problem, worker: int, number: int) -> int:
    breaks = problem.workers[worker].breaks
    if number + 1 == len(breaks):
        return LONGEST_S
    return max(0, breaks[number + 1].latest_start_s - breaks[number].duration_s - breaks[number].latest_start_s)


def _room_before(problem: Problem, worker: int, number: int) -> int:
    breaks = problem.workers[worker].breaks
    if number == 0:
        return LONGEST_S
    before = breaks[number - 1]
    return max(0, breaks[number].earliest_start_s - before.earliest_start_s - before.duration_s)


def _turn_times(name: str, sign: int) -> Callable[[Arrays, int, int], Arrays]:
    def turned(arrays: Arrays, _visit: int, by: int) -> Arrays:
        worker, visits = arrays
        times = worker.times._replace(**{name: getattr(worker.times, name) + sign * by})
        return worker._replace(times=times), visits

    return turned


def _turn_worker(name: str) -> Callable[[Arrays, int, int], Arrays]:
    def turned(arrays: Arrays, _visit: int, by: int) -> Arrays:
        worker, visits = arrays
        return worker._replace(**{name: getattr(worker, name) + by}), visits

    return turned


def _turn_reloads(arrays: Arrays, _visit: int, by: int) -> Arrays:
    worker, visits = arrays
    assert worker.reload is not None  # noqa: S101 - as the problem's worker has one
    return worker._replace(reload=worker.reload._replace(max_reloads=worker.reload.max_reloads + by)), visits


def _turn_break(number: int, earlier: int, later: int) -> Callable[[Arrays, int, int], Arrays]:
    def turned(arrays: Arrays, _visit: int, by: int) -> Arrays:
        worker, visits = arrays
        earliest_s, latest_s = worker.times.break_earliest_s.copy(), worker.times.break_latest_s.copy()
        earliest_s[number] -= earlier * by
        latest_s[number] += later * by
        times = worker.times._replace(break_earliest_s=earliest_s, break_latest_s=latest_s)
        return worker._replace(times=times), visits

    return turned


def _windows(arrays: Arrays, visit: int, earlier: int, later: int) -> Arrays:
    worker, visits = arrays
    times = visits.times
    own = slice(times.first_window[visit], times.first_window[visit + 1])
    start_s, end_s = times.window_start_s.copy(), times.window_end_s.copy()
    start_s[own] = np.maximum(start_s[own] - earlier, -NEVER)
    end_s[own] = np.minimum(end_s[own] + later, NEVER)
    return worker, visits._replace(times=times._replace(window_start_s=start_s, window_end_s=end_s))


class _Trial:
    """Tries to put one visit into one route under changed rules."""

    def __init__(self, problem: Problem, arrays: ProblemArrays, orders: Orders, worker: int, visit: int) -> None:
        self._problem = problem
        self._arrays: Arrays = (arrays.workers[worker], arrays.visits_of[worker])
        self._order = np.asarray(orders[worker], np.int64)
        self._worker, self._visit = worker, visit
        self._worth = worth_of(problem, arrays, visit)
        partner = partner_of(arrays, visit)
        both = [visit] if partner is None else [visit, partner]
        self.is_permitted = bool(may_join(arrays, orders, worker, both).all())

    def insertion(self, knob: _Knob | None, amount: int) -> PossibleInsertion | None:
        """Return the cheapest place with a knob turned, if there is one at no more than the unserved cost."""
        worker, visits = self._arrays if knob is None else knob.turned(self._arrays, self._visit, amount)
        before = value_of_route(self._order, visits, worker)
        if before.verdict != POSSIBLE:
            return None
        ((position, cost, partner),) = cheapest_insertions(self._order, np.array([self._visit]), visits, worker)
        worth = self._worth
        if cost >= NEVER or (worth is not None and cost - before.cost > worth):
            return None
        beside = None if partner == ALONE else int(partner)
        return PossibleInsertion(self._worker, int(position), int(cost - before.cost), beside)

    def smallest(self, knob: _Knob, largest: int) -> Relaxation:
        """Find by bisection the smallest amount that admits the visit, given that the largest does."""
        least, most = 0, largest
        while most - least > 1:
            middle = (least + most) // 2
            if self.insertion(knob, middle) is None:
                least = middle
            else:
                most = middle
        place = self.insertion(knob, most)
        assert place is not None  # noqa: S101 - the bisection ends at an amount that admits
        return Relaxation(knob.rule, self._worker, self._visit, knob.number, most, place)

    def with_permission(self) -> Relaxation | None:
        """Try the one permission that is missing, if it is one."""
        owner, asked = self._problem.workers[self._worker], self._problem.visits[self._visit]
        missing = []
        if not asked.required_skills <= owner.skills:
            missing.append(Relaxed.SKILLS)
        if asked.zone is not None and owner.zones and asked.zone not in owner.zones:
            missing.append(Relaxed.ZONES)
        if asked.allowed_workers is not None and self._worker not in asked.allowed_workers:
            missing.append(Relaxed.ALLOWED_WORKERS)
        if len(missing) != 1:
            return None
        place = self.insertion(None, 0)
        return None if place is None else Relaxation(missing[0], self._worker, self._visit, 0, 0, place)
