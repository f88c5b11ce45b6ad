"""Decides the times of a route: given a worker and an order of visits, the cheapest day, breaks included.

Of all feasible schedules the cheapest is taken, among equals the shortest, then the one that ends first.
It leaves as late as that allows; from then on everything happens as early as possible. A break is taken on arrival
where it may start that late, else before leaving, and interrupts the travel only where neither is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.plan import PlannedBreak, PlannedReload, Route, Stop
from optimizer.problem import Break, Problem, Worker
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.cost_breakdown import cost_of_route, measures_of_route
from optimizer.routes.rest_kernels import needs_rest
from optimizer.routes.rest_walk_kernels import REST
from optimizer.routes.route_kernels import VisitArrays, WorkerArrays, legs_of_route
from optimizer.routes.route_stages_kernels import RELOAD, stages_of_route
from optimizer.routes.schedule_kernels import (
    NEVER,
    Timing,
    WorkerTimes,
    cheapest_timing,
    closings,
    earliest_ready,
    end_of_leg,
    latest_leave,
    openings,
)
from optimizer.routes.soft_rest_kernels import timing_of_stages
from optimizer.routes.soft_window_kernels import SoftTiming, cheapest_soft_timing, has_soft_windows
from optimizer.routes.way_kernels import RouteLegs


@dataclass(frozen=True)
class _Leg:
    """Reaching the end of one leg, and the breaks on it: seconds from the origin."""

    arrival_s: int
    breaks: tuple[PlannedBreak, ...]


def schedule_route(problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int]) -> Route | None:
    """Compute the times and cost of one route: the cheapest schedule.

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
        None where the legs, windows, breaks, shift or longest duration leave no schedule. The other
        rules are not looked at.
    """
    if not order:
        return unused_route(problem, worker)
    legs = _travel_of_legs(arrays, worker, order)
    if legs is None:
        return None
    own = arrays.workers[worker].times
    visits, times = np.asarray(order, np.int64), arrays.visits_of[worker].times
    if needs_rest(legs.travel_s.sum(), own):
        return _rested_route(problem, arrays, worker, order, legs)
    if has_soft_windows(visits, times):
        soft = cheapest_soft_timing(visits, legs.seconds, times, own)
        return None if soft.start_s == NEVER else _lay_out_soft(problem, arrays, worker, order, legs, soft)
    timing = cheapest_timing(visits, legs.seconds, times, own)
    if timing.start_s == NEVER:
        return None
    return _lay_out(problem, arrays, worker, order, legs, timing)


def schedule_early(problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int]) -> Route | None:
    """Compute the times and cost of one route that serves every visit as early as possible.

    For plans that break rules: on a problem whose rules are relaxed, it keeps the lateness small, where the shortest
    schedule would gladly be late everywhere. The start is as late as the first visit allows.

    Parameters
    ----------
    problem, arrays, worker, order
        As in `schedule_route`; at least one visit.

    Returns
    -------
    Route or None
        As in `schedule_route`, but the longest duration is not looked at either.
    """
    legs = _travel_of_legs(arrays, worker, order)
    best = None if legs is None else _early_timing(arrays, worker, order, legs)
    return None if legs is None or best is None else _lay_out(problem, arrays, worker, order, legs, best)


def early_service_starts(arrays: ProblemArrays, worker: int, order: Sequence[int]) -> NDArray[np.int64] | None:
    """Compute when the services of a route start in `schedule_early`.

    Parameters
    ----------
    arrays, worker, order
        As in `schedule_route`; at least one visit.

    Returns
    -------
    ndarray or None
        ``(n,)`` int64 seconds from the origin; None where there is no schedule.
    """
    legs = _travel_of_legs(arrays, worker, order)
    best = None if legs is None else _early_timing(arrays, worker, order, legs)
    return None if legs is None or best is None else _services_of(arrays, worker, order, legs, best)[0]


def _early_timing(arrays: ProblemArrays, worker: int, order: Sequence[int], legs: RouteLegs) -> Timing | None:
    """Choose the start and the breaks with which a route ends first."""
    visits, own = np.asarray(order, np.int64), arrays.workers[worker].times
    times = arrays.visits_of[worker].times
    best: Timing | None = None
    for first, opening_s in enumerate(openings(own)):
        ready = earliest_ready(visits, legs.seconds, times, own, _only(first, opening_s, own))
        for last, closing_s in enumerate(closings(own)):
            end_s = int(ready[-1, last])
            if end_s > closing_s or (best is not None and end_s >= best.end_s):
                continue
            on_first_leg = _breaks_per_leg(ready, legs.seconds, own, (first, last))[0]
            service_s = ready[1, on_first_leg.stop] - times.service_s[visits[0]]
            start_s = latest_leave(service_s, legs.seconds[0], first, on_first_leg.stop, own)
            best = Timing(int(start_s), end_s, first, last)
    return best


def priced_route(problem: Problem, route: Route) -> Route:
    """Return a route with visits at its cost."""
    return replace(route, cost=sum(cost_of_route(problem, route.worker, measures_of_route(route)).values()))


def unused_route(problem: Problem, worker: int) -> Route:
    """Return the route of a worker who stays at home."""
    shift_start_s = problem.workers[worker].shift_start_s
    return Route(worker, shift_start_s, shift_start_s, (), (), 0, 0, 0)


def _lay_out(
    problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int], legs: RouteLegs, timing: Timing
) -> Route:
    """Compute all times of a route whose start, end and breaks are chosen."""
    services_s, per_leg = _services_of(arrays, worker, order, legs, timing)
    moments = (int(timing.start_s), services_s, int(timing.end_s))
    return _lay_out_at(problem, arrays, worker, order, legs, moments, per_leg)


def _services_of(
    arrays: ProblemArrays, worker: int, order: Sequence[int], legs: RouteLegs, timing: Timing
) -> tuple[NDArray[np.int64], list[range]]:
    """Compute when each service starts, and the breaks on each leg, given the start, the end and the breaks."""
    own, times = arrays.workers[worker].times, arrays.visits_of[worker].times
    visits = np.asarray(order, np.int64)
    opening = _only(timing.first_break, int(timing.start_s), own)
    ready = earliest_ready(visits, legs.seconds, times, own, opening)
    per_leg = _breaks_per_leg(ready, legs.seconds, own, (timing.first_break, timing.last_break))
    taken = [one.stop for one in per_leg[:-1]]
    return ready[np.arange(1, len(order) + 1), taken] - times.service_s[visits], per_leg


def _lay_out_soft(
    problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int], legs: RouteLegs, soft: SoftTiming
) -> Route:
    """Compute all times of a route of which every moment is chosen."""
    per_leg = [range(int(first), int(last)) for first, last in pairwise(soft.taken)]
    moments = (int(soft.start_s), soft.service_s, int(soft.end_s))
    return _lay_out_at(problem, arrays, worker, order, legs, moments, per_leg)


def _rested_route(
    problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int], legs: RouteLegs
) -> Route | None:
    """Schedule a route on which rests are due, and write it down; None where there is no schedule."""
    own, visits = arrays.workers[worker], arrays.visits_of[worker]
    stages = stages_of_route(np.asarray(order, np.int64), legs, visits, own)
    rested = timing_of_stages(stages, own.times, visits.kernels)
    if rested.start_s == NEVER:
        return None
    owner, service_s = problem.workers[worker], visits.times.service_s
    assert owner.driving_rest is not None  # noqa: S101 - only such a worker needs rests
    rest_s = owner.driving_rest.duration_s
    stops: list[Stop] = []
    reloads: list[PlannedReload] = []
    for stage, place in enumerate(stages.places.tolist()):
        arrival_s, begin_s = int(rested.arrival_s[stage]), int(rested.service_s[stage])
        if place == RELOAD:
            way = _way_to_depot(own, visits, stops[-1])
            reloads.append(PlannedReload(len(stops), arrival_s, begin_s, *way))
            continue
        visit = int(order[place])
        leg = (int(legs.travel_s[place]), int(legs.metres[place]))
        stops.append(Stop(visit, arrival_s, begin_s, begin_s + int(service_s[visit]), *leg))
    pauses = tuple(
        PlannedBreak(None, int(begin), int(begin) + rest_s)
        if number == REST
        else PlannedBreak(int(number), int(begin), int(begin) + owner.breaks[number].duration_s)
        for number, begin in rested.pauses
    )
    last_leg = (int(legs.travel_s[-1]), int(legs.metres[-1]))
    span = (int(rested.start_s), int(rested.end_s))
    return priced_route(problem, Route(worker, *span, tuple(stops), pauses, *last_leg, cost=0, reloads=tuple(reloads)))


def _lay_out_at(
    problem: Problem,
    arrays: ProblemArrays,
    worker: int,
    order: Sequence[int],
    legs: RouteLegs,
    moments: tuple[int, NDArray[np.int64], int],
    breaks_per_leg: Sequence[range],
) -> Route:
    """Lay out a route of which start, starts of services, end, and the breaks on each leg are chosen."""
    owner, times = problem.workers[worker], arrays.visits_of[worker].times
    start_s, services_s, end_s = moments
    starts_s, services = services_s.tolist(), times.service_s[np.asarray(order, np.int64)].tolist()
    travels_s, metres, is_reloaded = legs.travel_s.tolist(), legs.metres.tolist(), legs.reloads.tolist()
    stops: list[Stop] = []
    breaks: list[PlannedBreak] = []
    reloads: list[PlannedReload] = []
    leave_s = start_s
    for place, visit in enumerate(order):
        service_s, travel_s = starts_s[place], travels_s[place]
        done_s = service_s + services[place]
        loading_s = owner.reload.duration_s if owner.reload is not None and is_reloaded[place] else 0
        leg = _leg(leave_s, service_s, travel_s + loading_s, owner, breaks_per_leg[place])
        if is_reloaded[place]:
            reloads.append(_reload(arrays.workers[worker], stops[-1], place, leg.breaks, arrays.visits_of[worker]))
        stops.append(Stop(int(visit), leg.arrival_s, service_s, done_s, travel_s, metres[place]))
        breaks.extend(leg.breaks)
        leave_s = done_s
    breaks.extend(_leg(leave_s, end_s, int(legs.seconds[-1]), owner, breaks_per_leg[-1]).breaks)
    last_leg = (travels_s[-1], metres[-1])
    route = Route(worker, start_s, end_s, tuple(stops), tuple(breaks), *last_leg, cost=0, reloads=tuple(reloads))
    return priced_route(problem, route)


def _reload(
    worker: WorkerArrays, before: Stop, place: int, breaks: Sequence[PlannedBreak], visits: VisitArrays
) -> PlannedReload:
    """Compute the times of a reload on the way from one stop to the next, which has some breaks."""
    travel_s, distance_m = _way_to_depot(worker, visits, before)
    arrival_s = _moment_after(before.departure_s, travel_s, breaks)
    departure_s = _moment_after(before.departure_s, travel_s + worker.reload.duration_s, breaks)
    return PlannedReload(place, arrival_s, departure_s, travel_s, distance_m)


def _way_to_depot(worker: WorkerArrays, visits: VisitArrays, before: Stop) -> tuple[int, int]:
    """Read the travel seconds and the metres from a stop to the depot."""
    way = (visits.location[before.visit], worker.reload.location)
    return int(worker.travel_s[way]), int(worker.distance_m[way])


def _moment_after(leave_s: int, busy_s: int, breaks: Sequence[PlannedBreak]) -> int:
    """Say when so many busy seconds are over, given the breaks that interrupt them."""
    moment_s = leave_s + busy_s
    for pause in breaks:
        if pause.start_s < moment_s:
            moment_s += pause.end_s - pause.start_s
    return moment_s


def _only(taken: int, start_s: int, worker: WorkerTimes) -> NDArray[np.int64]:
    """Return the opening of a route that starts at one moment with a number of breaks taken before."""
    opening = np.full(len(worker.break_duration_s) + 1, NEVER)
    opening[taken] = start_s
    return opening


def _travel_of_legs(arrays: ProblemArrays, worker: int, order: Sequence[int]) -> RouteLegs | None:
    """Read the travel of each leg; None where one has no way."""
    legs: RouteLegs = legs_of_route(np.asarray(order, np.int64), arrays.visits_of[worker], arrays.workers[worker])
    return None if legs.metres.max() == NEVER else legs


def _breaks_per_leg(
    ready: NDArray[np.int64], legs_s: NDArray[np.int64], worker: WorkerTimes, taken: tuple[int, int]
) -> list[range]:
    """Trace back which breaks lie on which leg; where more than one gives the earliest times, breaks come early."""
    if taken[0] == taken[1]:
        return [range(taken[0], taken[1])] * len(legs_s)
    per_leg: list[range] = []
    now = taken[1]
    for left_s, leg_s in zip(ready[len(legs_s) - 1 :: -1].tolist(), legs_s[::-1].tolist(), strict=True):
        if now == taken[0]:
            per_leg.append(range(now, now))
            continue
        arrivals = [left_s[now] + leg_s if left_s[now] < NEVER else NEVER]
        arrivals += [
            end_of_leg(left_s[before], leg_s, before, now, worker) if left_s[before] < NEVER else NEVER
            for before in range(now - 1, taken[0] - 1, -1)
        ]
        before = now - arrivals.index(min(arrivals))
        per_leg.append(range(before, now))
        now = before
    return per_leg[::-1]


def _leg(leave_s: int, ready_by_s: int, travel_s: int, worker: Worker, numbers: range) -> _Leg:
    """Place the breaks of one leg, which ends ready for service (or at the end of the route) by `ready_by_s`."""
    if not numbers:
        return _Leg(leave_s + travel_s, ())
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
    return _Leg(arrival_s, tuple(breaks))


def _latest_starts(breaks: Sequence[Break], ready_by_s: int) -> list[int]:
    """Compute the latest start of each of some breaks in a row that are all over by a moment."""
    latest: list[int] = []
    limit = ready_by_s
    for pause in reversed(breaks):
        limit = min(pause.latest_start_s, limit - pause.duration_s)
        latest.append(limit)
    return latest[::-1]
