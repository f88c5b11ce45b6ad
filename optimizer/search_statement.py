"""Decides how a problem is stated to the search, which knows fewer rules than the problem has.

What differs between workers but not along a route is put into the travel matrices and the skills. Rules that cannot
be stated that way are left out and named; the routes that come back are then repaired (`optimizer.insertion.repair`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem, Reload, TravelMatrix, Visit, Worker
from optimizer.problem_arrays import ProblemArrays, has_further_shifts
from optimizer.routes.route_kernels import VisitArrays, WorkerArrays


@dataclass(frozen=True, eq=False)
class SearchStatement:
    """A problem as the search gets it.

    Parameters
    ----------
    problem
        With the same workers and visits by index, and only rules that the search knows.
    is_exact
        Whether routes for it are routes for the problem itself.
    left_out
        Names of the fields whose rules are not in it.
    """

    problem: Problem
    is_exact: bool
    left_out: tuple[str, ...]


def state_for_search(problem: Problem, arrays: ProblemArrays) -> SearchStatement:
    """State a problem to the search.

    Parameters
    ----------
    problem, arrays
        A valid problem in both forms.

    Returns
    -------
    SearchStatement
        With the problem itself where the search knows all its rules.
    """
    has_own_times = any(visit.setup_s or visit.skill_durations for visit in problem.visits) or any(
        (worker.travel_percent, worker.service_percent) != (100, 100) or worker.reload is not None
        for worker in problem.workers
    )
    left_out = tuple(dict.fromkeys(_unknown_rules(problem, has_own_times=has_own_times)))
    if problem.different_worker_groups:
        # Nobody has two routes where nobody has two shifts; where somebody has, it is the best that can be said.
        apart = (*problem.separate_groups, *problem.different_worker_groups)
        problem = replace(problem, separate_groups=apart, different_worker_groups=())
    is_personal = any(visit.allowed_workers is not None or visit.zone is not None for visit in problem.visits)
    if not left_out and not has_own_times and not is_personal:
        return SearchStatement(problem, is_exact=True, left_out=())
    stated = _with_plain_rules(problem, arrays, knows_travel=not has_own_times)
    if has_own_times:
        stated = _with_own_times(stated, arrays)
    has_breaks = any(worker.breaks for worker in problem.workers)
    # A break may interrupt what is put into a leg, but never a service.
    return SearchStatement(stated, is_exact=not left_out and not (has_own_times and has_breaks), left_out=left_out)


def _unknown_rules(problem: Problem, *, has_own_times: bool) -> Iterator[str]:
    """Name what the search does not know, and the time on the road, too, where the ways have other times in them."""
    if problem.deliveries:
        yield "deliveries"
    if problem.different_worker_groups and has_further_shifts(problem):
        yield "different_worker_groups"
    for worker in problem.workers:
        if has_own_times and worker.max_travel_s is not None:
            yield "workers.max_travel_s"
        if worker.driving_rest is not None:
            yield "workers.driving_rest"
        if worker.reload is not None:
            yield "workers.reload"
        if has_own_times and worker.soft_limits.max_travel_s is not None:
            yield "workers.soft_limits"
    if any(visit.soft_windows for visit in problem.visits):
        yield "visits.soft_windows"


def _with_plain_rules(problem: Problem, arrays: ProblemArrays, *, knows_travel: bool) -> Problem:
    """Say by skills alone who may serve whom: one skill for each different set of workers."""
    # Long because every field that the search is told stands here by name; what is left out, it is not told.
    everyone = np.logical_and.reduce(arrays.may_serve)
    names = [column.tobytes().hex() for column in arrays.may_serve.T]
    workers = tuple(
        Worker(
            id=worker.id,
            matrix=worker.matrix,
            shift_start_s=worker.shift_start_s,
            shift_end_s=worker.shift_end_s,
            start_location=worker.start_location,
            end_location=worker.end_location,
            skills=frozenset(name for name, may in zip(names, arrays.may_serve[index], strict=True) if may),
            max_visits=worker.max_visits,
            max_distance_m=worker.max_distance_m,
            max_duration_s=worker.max_duration_s,
            max_travel_s=worker.max_travel_s if knows_travel else None,
            soft_limits=worker.soft_limits if knows_travel else replace(worker.soft_limits, max_travel_s=None),
            capacity=None if worker.reload is not None else worker.capacity,
            breaks=worker.breaks,
            fixed_cost=worker.fixed_cost,
            cost_per_hour=worker.cost_per_hour,
            cost_per_km=worker.cost_per_km,
            regular_end_s=worker.regular_end_s,
            overtime_cost_per_hour=worker.overtime_cost_per_hour,
            shift_of=worker.shift_of,
            area_center=worker.area_center,
            cost_per_km_from_center=worker.cost_per_km_from_center,
        )
        for index, worker in enumerate(problem.workers)
    )
    visits = tuple(
        Visit(
            id=visit.id,
            location=visit.location,
            duration_s=visit.duration_s,
            time_windows=visit.time_windows,
            required_skills=frozenset() if everyone[index] else frozenset({names[index]}),
            unserved_cost=visit.unserved_cost,
            priority=visit.priority,
            load=visit.load,
            preferred_workers=visit.preferred_workers,
            not_preferred_cost=visit.not_preferred_cost,
        )
        for index, visit in enumerate(problem.visits)
    )
    return replace(problem, workers=workers, visits=visits, deliveries=(), precedences=(), balance=None)


def _with_own_times(problem: Problem, arrays: ProblemArrays) -> Problem:
    """Give each visit a location of its own, and each kind of worker a matrix with setup and longer services in it."""
    shortest_s = np.min([visits.times.service_s for visits in arrays.visits_of], axis=0)
    ends = sorted(
        {
            end
            for worker in problem.workers
            for end in (worker.start_location, worker.end_location, worker.area_center)
            if end is not None
        }
    )
    place_of_end = {end: len(problem.visits) + number for number, end in enumerate(ends)}
    matrices: list[TravelMatrix] = []
    kinds: dict[object, int] = {}
    workers: list[Worker] = []
    for index, worker in enumerate(problem.workers):
        # Wishes and areas make the visits of each worker others, but not their times.
        reload = problem.workers[index].reload
        kind = (arrays.visits_of[index].times.service_s.tobytes(), id(arrays.workers[index].travel_s), reload)
        if kind not in kinds:
            kinds[kind] = len(matrices)
            matrices.append(_own_matrix(arrays, index, ends, shortest_s, reload))
        workers.append(
            replace(
                worker,
                matrix=kinds[kind],
                start_location=None if worker.start_location is None else place_of_end[worker.start_location],
                end_location=None if worker.end_location is None else place_of_end[worker.end_location],
                area_center=None if worker.area_center is None else place_of_end[worker.area_center],
            )
        )
    visits = tuple(
        replace(visit, location=index, duration_s=int(shortest_s[index])) for index, visit in enumerate(problem.visits)
    )
    return replace(problem, workers=tuple(workers), visits=visits, matrices=tuple(matrices))


def _own_matrix(
    arrays: ProblemArrays, index: int, ends: list[int], shortest_s: NDArray[np.int64], reload: Reload | None
) -> TravelMatrix:
    visits, worker = arrays.visits_of[index], arrays.workers[index]
    locations = np.concatenate([visits.location, np.asarray(ends, np.int64)])
    pairs = np.ix_(locations, locations)
    count = len(visits.location)
    is_same_place = locations[:, None] == locations[None, :count]
    is_same_place[count:] = False
    duration_s = worker.travel_s[pairs].copy()
    duration_s[:, :count] += np.where(is_same_place, 0, visits.setup_s[None, :])
    duration_s[:count] += (visits.times.service_s - shortest_s)[:, None]
    distance_m = worker.distance_m[pairs]
    if reload is not None:
        seconds, metres = _share_of_reload(visits, worker, reload)
        duration_s[:count] += seconds[:, None]
        distance_m[:count] += metres[:, None]
    return TravelMatrix(duration_s, distance_m, worker.reachable[pairs])


def _share_of_reload(
    visits: VisitArrays, worker: WorkerArrays, reload: Reload
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Say which part of a reload, with the way there and back, each visit makes necessary: in seconds and metres.

    The search does not see where reloads lie, so each visit brings its part of one, by its share of the capacity.
    """
    there, back = (visits.location, reload.location), (reload.location, visits.location)
    load, capacity = visits.load, max(1, worker.max_load)
    seconds = (reload.duration_s + worker.travel_s[there] + worker.travel_s[back]) * load // capacity
    return seconds, (worker.distance_m[there] + worker.distance_m[back]) * load // capacity
