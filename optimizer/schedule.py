"""Decides the times of a route: given a worker and an order of visits, the shortest day, breaks included.

Of all feasible schedules the one with the shortest route duration is taken, among equals the one that ends first.
It leaves as late as that allows; from then on everything happens as early as possible. A break is taken on arrival
where it may start that late, else before leaving, and interrupts the travel only where neither is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.cost_breakdown import cost_of_route
from optimizer.plan import PlannedBreak, Route, Stop
from optimizer.problem import Break, Problem, Worker
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import OPEN, WorkerArrays, route_locations
from optimizer.schedule_kernels import NEVER, earliest_ready, end_of_leg, shortest_timing


@dataclass(frozen=True)
class _Leg:
    """One leg with the breaks on it: times in seconds from the origin."""

    travel_s: int
    distance_m: int
    arrival_s: int
    breaks: tuple[PlannedBreak, ...]


def schedule_route(problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int]) -> Route | None:
    """Compute the times and cost of one route.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    worker
        Index into `Problem.workers`.
    order
        Indices into `Problem.visits`.

    Returns
    -------
    Route or None
        None where the legs, windows, breaks, shift or longest duration leave no schedule. Skills and the limits of
        visits, load and distance are not looked at.
    """
    owner = problem.workers[worker]
    if not order:
        return Route(worker, owner.shift_start_s, owner.shift_start_s, (), (), 0, 0, 0)
    own = arrays.workers[worker]
    visits = np.asarray(order, np.int64)
    locations = route_locations(visits, arrays.visits, own)
    legs = _travel_of_legs(locations, own)
    if legs is None:
        return None
    legs_s, legs_m = legs
    timing = shortest_timing(visits, legs_s, arrays.visits.times, own.times)
    if timing.start_s == NEVER:
        return None
    taken = (timing.first_break, timing.last_break)
    opening = np.full(len(owner.breaks) + 1, NEVER)
    opening[timing.first_break] = timing.start_s
    ready = earliest_ready(visits, legs_s, arrays.visits.times, own.times, opening)
    breaks_per_leg = _breaks_per_leg(ready, legs_s, own, taken)
    stops: list[Stop] = []
    breaks: list[PlannedBreak] = []
    leave_s = timing.start_s
    for place, visit in enumerate(order):
        done_s = int(ready[place + 1, breaks_per_leg[place].stop])
        start_s = done_s - problem.visits[visit].duration_s
        leg = _leg(leave_s, start_s, int(legs_s[place]), int(legs_m[place]), owner, breaks_per_leg[place])
        stops.append(Stop(int(visit), leg.arrival_s, start_s, done_s, leg.travel_s, leg.distance_m))
        breaks.extend(leg.breaks)
        leave_s = done_s
    last = _leg(leave_s, timing.end_s, int(legs_s[-1]), int(legs_m[-1]), owner, breaks_per_leg[-1])
    cost = cost_of_route(owner, duration_s=timing.end_s - timing.start_s, distance_m=int(legs_m.sum())).total
    return Route(
        worker,
        int(timing.start_s),
        int(timing.end_s),
        tuple(stops),
        tuple(breaks) + last.breaks,
        last.travel_s,
        last.distance_m,
        cost,
    )


def _travel_of_legs(
    locations: NDArray[np.int64], worker: WorkerArrays
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Read the seconds and metres of each leg; None where one has no way. Legs of open ends are 0."""
    here, there = locations[:-1], locations[1:]
    travelled = (here != OPEN) & (there != OPEN)
    if not worker.reachable[here[travelled], there[travelled]].all():
        return None
    legs_s, legs_m = np.zeros((2, len(here)), np.int64)
    legs_s[travelled] = worker.travel_s[here[travelled], there[travelled]]
    legs_m[travelled] = worker.distance_m[here[travelled], there[travelled]]
    return legs_s, legs_m


def _breaks_per_leg(
    ready: NDArray[np.int64], legs_s: NDArray[np.int64], worker: WorkerArrays, taken: tuple[int, int]
) -> list[range]:
    """Trace back which breaks lie on which leg; where more than one gives the earliest times, breaks come early."""
    per_leg: list[range] = []
    now = taken[1]
    for stage in range(len(legs_s), 0, -1):
        arrivals = [
            end_of_leg(int(ready[stage - 1, before]), int(legs_s[stage - 1]), before, now, worker.times)
            if ready[stage - 1, before] < NEVER
            else NEVER
            for before in range(taken[0], now + 1)
        ]
        before = taken[0] + len(arrivals) - 1 - int(np.argmin(arrivals[::-1]))
        per_leg.append(range(before, now))
        now = before
    return per_leg[::-1]


def _leg(leave_s: int, ready_by_s: int, travel_s: int, distance_m: int, worker: Worker, numbers: range) -> _Leg:
    """Place the breaks of one leg, which ends ready for service (or at the end of the route) by `ready_by_s`."""
    latest_starts = _latest_starts([worker.breaks[number] for number in numbers], ready_by_s)
    clock, remaining_s = leave_s, travel_s
    arrival_s = leave_s + travel_s
    breaks: list[PlannedBreak] = []
    for number, latest_s in zip(numbers, latest_starts, strict=True):
        pause = worker.breaks[number]
        if clock + remaining_s <= latest_s:
            start_s = max(clock + remaining_s, pause.earliest_start_s)
        else:
            start_s = max(clock, pause.earliest_start_s)
            arrival_s += pause.duration_s
        remaining_s = max(0, remaining_s - (start_s - clock))
        clock = start_s + pause.duration_s
        breaks.append(PlannedBreak(number, start_s, clock))
    return _Leg(travel_s, distance_m, arrival_s, tuple(breaks))


def _latest_starts(breaks: Sequence[Break], ready_by_s: int) -> list[int]:
    """Compute the latest start of each of some breaks in a row that are all over by a moment."""
    latest: list[int] = []
    limit = ready_by_s
    for pause in reversed(breaks):
        limit = min(pause.latest_start_s, limit - pause.duration_s)
        latest.append(limit)
    return latest[::-1]
