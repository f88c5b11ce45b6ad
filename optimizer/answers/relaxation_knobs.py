"""Which rules of one route can be made weaker step by step, and how the arrays of the problem look by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.answers.relaxed_rules import Relaxed
from optimizer.problem import Problem
from optimizer.routes.route_kernels import VisitArrays, WorkerArrays
from optimizer.routes.schedule_kernels import NEVER

LONGEST_S: Final = 86_400
FARTHEST_M: Final = 10_000_000

Arrays = tuple[WorkerArrays, VisitArrays]
"""One worker, and the visits as that worker makes them."""


@dataclass(frozen=True)
class Knob:
    """A rule that can be turned.

    Parameters
    ----------
    rule
        The rule.
    largest
        How far it can be turned.
    turned
        How the arrays look where it is turned by an amount.
    number
        Of the break that the rule is about.
    visit
        Whose time windows the rule is about; None for a rule of the worker.
    """

    rule: Relaxed
    largest: int
    turned: Callable[[Arrays, int], Arrays]
    number: int = 0
    visit: int | None = None


def knobs_of_route(problem: Problem, worker: int, visits: Iterable[int]) -> Iterator[Knob]:
    """List the rules that may keep visits out of a worker's route and can be turned.

    Parameters
    ----------
    problem, worker
        The problem, and whose route.
    visits
        The visits whose own time windows may give way.

    Yields
    ------
    Knob
        Time windows first.
    """
    owner = problem.workers[worker]
    for visit in visits:
        yield Knob(Relaxed.WINDOW_LATER, LONGEST_S, _turn_windows(visit, 0, 1), visit=visit)
        yield Knob(Relaxed.WINDOW_EARLIER, LONGEST_S, _turn_windows(visit, 1, 0), visit=visit)
    free_before_s, free_after_s = _free_time(problem, worker)
    yield Knob(Relaxed.SHIFT_LATER, free_after_s, _turn_times("shift_end_s", 1))
    yield Knob(Relaxed.SHIFT_EARLIER, free_before_s, _turn_times("shift_start_s", -1))
    loads = sum(one.load for one in problem.visits) + sum(one.load for one in problem.deliveries)
    for rule, limit, largest, turned in (
        (Relaxed.MAX_DURATION, owner.max_duration_s, LONGEST_S, _turn_times("max_duration_s", 1)),
        (Relaxed.MAX_TRAVEL, owner.max_travel_s, LONGEST_S, _turn_worker("max_travel_s")),
        (Relaxed.DRIVING_REST, owner.driving_rest, LONGEST_S, _turn_times("max_driving_s", 1)),
        (Relaxed.MAX_DISTANCE, owner.max_distance_m, FARTHEST_M, _turn_worker("max_distance_m")),
        (Relaxed.MAX_VISITS, owner.max_visits, len(problem.visits), _turn_worker("max_visits")),
        (Relaxed.CAPACITY, owner.capacity, loads, _turn_worker("max_load")),
    ):
        if limit is not None:
            yield Knob(rule, largest, turned)
    if owner.reload is not None and owner.reload.max_reloads is not None:
        yield Knob(Relaxed.MAX_RELOADS, len(problem.visits), _turn_reloads)
    for number in range(len(owner.breaks)):
        # A break must not move past its neighbours, so each knob ends where theirs begins.
        yield Knob(Relaxed.BREAK_LATER, _room_after(problem, worker, number), _turn_break(number, 0, 1), number)
        yield Knob(Relaxed.BREAK_EARLIER, _room_before(problem, worker, number), _turn_break(number, 1, 0), number)


def _free_time(problem: Problem, worker: int) -> tuple[int, int]:
    """Say for how long the person is in no other shift before this one, and after it."""
    own = problem.workers[worker]
    person = worker if own.shift_of is None else own.shift_of
    others = [one for index, one in enumerate(problem.workers) if index != worker and person in (index, one.shift_of)]
    before = [own.shift_start_s - one.shift_end_s for one in others if one.shift_end_s <= own.shift_start_s]
    after = [one.shift_start_s - own.shift_end_s for one in others if one.shift_start_s >= own.shift_end_s]
    return min([LONGEST_S, *before]), min([LONGEST_S, *after])


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


def _turn_times(name: str, sign: int) -> Callable[[Arrays, int], Arrays]:
    def turned(arrays: Arrays, by: int) -> Arrays:
        worker, visits = arrays
        times = worker.times._replace(**{name: getattr(worker.times, name) + sign * by})
        return worker._replace(times=times), visits

    return turned


def _turn_worker(name: str) -> Callable[[Arrays, int], Arrays]:
    def turned(arrays: Arrays, by: int) -> Arrays:
        worker, visits = arrays
        return worker._replace(**{name: getattr(worker, name) + by}), visits

    return turned


def _turn_reloads(arrays: Arrays, by: int) -> Arrays:
    worker, visits = arrays
    assert worker.reload is not None  # noqa: S101 - as the problem's worker has one
    return worker._replace(reload=worker.reload._replace(max_reloads=worker.reload.max_reloads + by)), visits


def _turn_break(number: int, earlier: int, later: int) -> Callable[[Arrays, int], Arrays]:
    def turned(arrays: Arrays, by: int) -> Arrays:
        worker, visits = arrays
        earliest_s, latest_s = worker.times.break_earliest_s.copy(), worker.times.break_latest_s.copy()
        earliest_s[number] -= earlier * by
        latest_s[number] += later * by
        times = worker.times._replace(break_earliest_s=earliest_s, break_latest_s=latest_s)
        return worker._replace(times=times), visits

    return turned


def _turn_windows(visit: int, earlier: int, later: int) -> Callable[[Arrays, int], Arrays]:
    def turned(arrays: Arrays, by: int) -> Arrays:
        worker, visits = arrays
        times = visits.times
        own = slice(times.first_window[visit], times.first_window[visit + 1])
        start_s, end_s = times.window_start_s.copy(), times.window_end_s.copy()
        start_s[own] = np.maximum(start_s[own] - earlier * by, -NEVER)
        end_s[own] = np.minimum(end_s[own] + later * by, NEVER)
        return worker, visits._replace(times=times._replace(window_start_s=start_s, window_end_s=end_s))

    return turned
