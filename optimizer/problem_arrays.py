"""Lays a valid problem out as arrays, the form in which the kernels read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem, Reload, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.routes.kernel_addresses import NO_ADDRESSES
from optimizer.routes.reload_kernels import NOWHERE, ReloadArrays, address_of_reloads
from optimizer.routes.route_kernels import (
    ALONE,
    DIRECTLY_BEFORE,
    NOT_BEFORE,
    RoutePrices,
    VisitArrays,
    WorkerArrays,
    address_of_value,
)
from optimizer.routes.schedule_kernels import NEVER, TimePrices, VisitTimes, WorkerTimes
from optimizer.routes.timing_kernels import with_rules
from optimizer.routes.way_kernels import OPEN

ANY_TIME = TimeWindow(-NEVER, NEVER)
_AS_IT_IS = 100
"""Percent of the time of a matrix."""


@dataclass(frozen=True, eq=False)
class KnownPlaces:
    """What `optimizer.insertion.insertion` has found for one route.

    Parameters
    ----------
    order
        The route.
    candidates
        ``(k,)`` int64: the visits that were tried, ascending.
    found
        ``(k, 3)`` int64: the cheapest place of each, as in `optimizer.insertion.insertion.insertion_table`.
    """

    order: tuple[int, ...]
    candidates: NDArray[np.int64]
    found: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TellingPlaces:
    """What `optimizer.insertion.telling_places` has found for all routes of a plan.

    Parameters
    ----------
    orders
        The routes.
    visits, worth
        ``(k,)`` int64: the visits that were on none, ascending, and what leaving each out costs.
    places
        ``(workers, k, 3)`` int64.
    """

    orders: tuple[tuple[int, ...], ...]
    visits: NDArray[np.int64]
    worth: NDArray[np.int64]
    places: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ProblemArrays:
    """A problem in arrays.

    Parameters
    ----------
    visits_of
        Per worker the visits as that worker makes them; alike workers share them.
    workers
        One per worker; those who travel alike share their matrices.
    may_serve
        ``(workers, visits)`` bool: whether skills, zones and the customer's wishes let a worker serve a visit.
    mates
        Per visit, where there are any, the visits that are with the same person if they are planned.
    route_mates
        Those of them that lie on the same route.
    strangers
        Per visit, where there are any, the visits that are with another person if they are planned. Empty where nobody
        has more than one shift: then it is enough that they are not on one route.
    people
        ``(workers,)`` int64: the first shift of the person whose shift each worker is.
    alike
        ``(workers,)`` int64: the first worker whose routes are timed and priced like each one's; who may serve whom is
        no part of that.
    known_places
        A memory that only saves time: per worker the last route that was looked at, and the empty one (True), which is
        that of all who are alike, may they serve a visit or not.
    known_telling
        The same: at most one entry, of the last plan that was asked about.
    known_alone
        The same: per visit, ``(workers,)`` bool, on whose route it would fit were there nothing else.
    """

    visits_of: tuple[VisitArrays, ...]
    workers: tuple[WorkerArrays, ...]
    may_serve: NDArray[np.bool_]
    mates: dict[int, frozenset[int]]
    route_mates: dict[int, frozenset[int]]
    strangers: dict[int, frozenset[int]]
    people: NDArray[np.int64]
    alike: NDArray[np.int64]
    known_places: dict[tuple[int, bool], KnownPlaces] = field(default_factory=dict)
    known_telling: dict[int, TellingPlaces] = field(default_factory=dict)
    known_alone: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def binds_routes(self) -> bool:
        """Whether where a visit may be depends on what is on other routes."""
        return bool(self.mates or self.strangers)


def arrays_of_problem(problem: Problem) -> ProblemArrays:
    """Lay a problem out as arrays.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    ProblemArrays
        What is alike is laid out once.
    """
    travel: dict[tuple[int, int], TravelMatrix] = {}
    visits: dict[object, VisitArrays] = {}
    company = _company(problem)
    used_skills = {one.skill for visit in problem.visits for one in visit.skill_durations}
    liked = frozenset().union(*(visit.preferred_workers for visit in problem.visits))
    workers = list(enumerate(problem.workers))
    for index, worker in workers:
        way = (worker.matrix, worker.travel_percent)
        if way not in travel:
            travel[way] = _travel(problem.matrices[worker.matrix], worker.travel_percent)
        kind = _kind_of_service(worker, index, used_skills, liked)
        if kind not in visits:
            visits[kind] = _arrays_of_visits(problem, index, worker, company)
    laid = [_arrays_of_worker(one, travel[one.matrix, one.travel_percent]) for one in problem.workers]
    if laid:
        visits, laid = _with_addresses(problem, visits, laid)
    return ProblemArrays(
        visits_of=tuple(visits[_kind_of_service(worker, index, used_skills, liked)] for index, worker in workers),
        workers=tuple(laid),
        may_serve=who_may_serve(problem),
        mates=_mates((*problem.same_worker_groups, *_on_one_route(problem))),
        route_mates=_mates(_on_one_route(problem)),
        strangers=_mates(problem.different_worker_groups if has_further_shifts(problem) else ()),
        people=people_of(problem),
        alike=_alike(problem, [_kind_of_service(one, number, used_skills, liked) for number, one in workers]),
    )


def _with_addresses(
    problem: Problem, visits: dict[object, VisitArrays], workers: list[WorkerArrays]
) -> tuple[dict[object, VisitArrays], list[WorkerArrays]]:
    """Compile what kernels call at its address, rare rules only where the problem has them, and note where it is."""
    one = next(iter(visits.values()))
    if any(worker.reload.location != OPEN for worker in workers):
        kernel = address_of_reloads(one, workers[0])
        workers = [worker._replace(reload=worker.reload._replace(kernel=kernel)) for worker in workers]
    kernels = with_rules(
        NO_ADDRESSES._replace(value=address_of_value(one, workers[0])),
        one,
        workers[0],
        has_rests=any(worker.driving_rest is not None for worker in problem.workers),
        has_soft_windows=any(visit.soft_windows for visit in problem.visits),
    )
    visits = {kind: some._replace(kernels=kernels) for kind, some in visits.items()}
    return visits, workers


def _reload(asked: Reload | None) -> ReloadArrays:
    """Say where and how often somebody loads anew."""
    if asked is None:
        return NOWHERE
    return ReloadArrays(int(asked.location), int(asked.duration_s), _limit(asked.max_reloads), int(asked.cost), 0)


def who_may_serve(problem: Problem) -> NDArray[np.bool_]:
    """Decide by skills, zones and the customers' wishes who may serve whom: ``(workers, visits)`` bool."""
    allowed = np.ones((len(problem.workers), len(problem.visits)), np.bool_)
    for number, visit in enumerate(problem.visits):
        if visit.required_skills or visit.zone is not None or visit.allowed_workers is not None:
            allowed[:, number] = [
                visit.required_skills <= worker.skills
                and (visit.zone is None or not worker.zones or visit.zone in worker.zones)
                and (visit.allowed_workers is None or index in visit.allowed_workers)
                for index, worker in enumerate(problem.workers)
            ]
    return allowed


def people_of(problem: Problem) -> NDArray[np.int64]:
    """Say whose shift each worker is, by the index of that person's first one: ``(workers,)`` int64."""
    return _whole([index if one.shift_of is None else one.shift_of for index, one in enumerate(problem.workers)])


def has_further_shifts(problem: Problem) -> bool:
    """Tell whether anybody has more than one shift."""
    return any(worker.shift_of is not None for worker in problem.workers)


def service_duration_s(visit: Visit, worker: Worker) -> int:
    """Return how long a visit takes a worker, in whole seconds."""
    with_skill = [one.duration_s for one in visit.skill_durations if one.skill in worker.skills]
    return _percent(min(with_skill, default=visit.duration_s), worker.service_percent)


def _percent(value: int, percent: int) -> int:
    return -(-value * percent // 100)


def _kind_of_service(
    worker: Worker, index: int, used_skills: set[str], liked: frozenset[int]
) -> tuple[int, frozenset[str], int]:
    """Say what of a worker the arrays of the visits depend on."""
    is_own = index in liked or worker.area_center is not None
    return worker.service_percent, worker.skills & used_skills, index if is_own else -1


def _alike(problem: Problem, kinds: Sequence[object]) -> NDArray[np.int64]:
    """Say for each worker who is the first of their kind but for names and permissions: ``(workers,)`` int64."""
    names = [one.name for one in fields(Worker) if one.name not in {"id", "skills", "zones", "shift_of"}]
    firsts: dict[object, int] = {}
    bare = (tuple([getattr(one, name) for name in names]) for one in problem.workers)
    return _whole([firsts.setdefault(key, index) for index, key in enumerate(zip(bare, kinds, strict=True))])


def _travel(matrix: TravelMatrix, percent: int) -> TravelMatrix:
    """Scale a matrix to a way of travelling, with 0 where there is no way."""
    reachable = np.array(matrix.reachable)  # never as it came: kernels are compiled anew for what is read-only
    if percent == _AS_IT_IS and reachable.all():
        return TravelMatrix(np.array(matrix.duration_s, np.int64), np.array(matrix.distance_m, np.int64), reachable)
    return TravelMatrix(
        _whole(np.where(reachable, -(-matrix.duration_s * percent // 100), 0)),
        _whole(np.where(reachable, matrix.distance_m, 0)),
        reachable,
    )


def _company(problem: Problem) -> NDArray[np.int8]:
    """Lay out which visits may lie on one route in which order; see `VisitArrays.company`."""
    apart = (*problem.separate_groups, *problem.different_worker_groups)
    if not apart and not problem.sequences and not problem.deliveries:
        return np.zeros((0, 0), np.int8)
    company = np.zeros((len(problem.visits), len(problem.visits)), np.int8)
    for sequence in problem.sequences:
        if sequence.is_direct:
            for before, after in pairwise(sequence.visits):
                company[before, after] = DIRECTLY_BEFORE
    for sequence in problem.sequences:
        for before, after in combinations(sequence.visits, 2):
            company[after, before] = NOT_BEFORE
    for delivery in problem.deliveries:
        company[delivery.delivery, delivery.pickup] = NOT_BEFORE
    for group in apart:
        members = sorted(group)
        company[np.ix_(members, members)] = NOT_BEFORE
    return company


def _on_one_route(problem: Problem) -> Iterator[tuple[int, ...]]:
    yield from (one.visits for one in problem.sequences)
    yield from ((one.pickup, one.delivery) for one in problem.deliveries)


def _mates(groups: Iterable[Iterable[int]]) -> dict[int, frozenset[int]]:
    groups_of: dict[int, list[frozenset[int]]] = {}
    for group in groups:
        members = frozenset(group)
        for visit in members:
            groups_of.setdefault(visit, []).append(members)
    return {visit: frozenset[int]().union(*some) - {visit} for visit, some in groups_of.items()}


def _arrays_of_visits(problem: Problem, index: int, worker: Worker, company: NDArray[np.int8]) -> VisitArrays:
    visits = problem.visits
    partner, boarded = np.full(len(visits), ALONE), np.zeros(len(visits), np.int64)
    for one in problem.deliveries:
        partner[one.pickup], partner[one.delivery] = one.delivery, one.pickup
        boarded[one.pickup], boarded[one.delivery] = one.load, -one.load
    windows = [visit.time_windows or (ANY_TIME,) for visit in visits]
    soft = [visit.soft_windows for visit in visits]
    return VisitArrays(
        location=_whole([visit.location for visit in visits]),
        load=_whole([visit.load for visit in visits]),
        setup_s=_whole([visit.setup_s for visit in visits]),
        extra_cost=_whole([_cost_of_person(problem, index, visit) for visit in visits]),
        company=company,
        partner=partner,
        boarded=boarded,
        times=VisitTimes(
            service_s=_whole([service_duration_s(visit, worker) for visit in visits]),
            first_window=_firsts(windows),
            window_start_s=_whole([window.start_s for some in windows for window in some]),
            window_end_s=_whole([window.end_s for some in windows for window in some]),
            first_soft=_firsts(soft),
            soft_start_s=_whole([window.start_s for some in soft for window in some]),
            soft_end_s=_whole([window.end_s for some in soft for window in some]),
            early_price=_whole([visit.cost_per_hour_early for visit in visits]),
            late_price=_whole([visit.cost_per_hour_late for visit in visits]),
        ),
        kernels=NO_ADDRESSES,
    )


def _cost_of_person(problem: Problem, index: int, visit: Visit) -> int:
    """Return what it costs that one worker serves a visit, and no other: wishes, and the way from the area's middle."""
    cost = visit.not_preferred_cost if visit.preferred_workers and index not in visit.preferred_workers else 0
    return cost + cost_of_area(problem, index, visit)


def cost_of_area(problem: Problem, index: int, visit: Visit) -> int:
    """Price how far a visit lies from the middle of a worker's area, in cost units, half up."""
    worker = problem.workers[index]
    if worker.area_center is None:
        return 0
    matrix = problem.matrices[worker.matrix]
    if not matrix.reachable[worker.area_center, visit.location]:
        return 0
    return (worker.cost_per_km_from_center * int(matrix.distance_m[worker.area_center, visit.location]) + 500) // 1000


def _firsts(groups: Sequence[Sequence[object]]) -> NDArray[np.int64]:
    """Say where each group begins in all of them laid one after the other, and where the last one ends."""
    firsts = np.zeros(len(groups) + 1, np.int64)
    np.cumsum([len(group) for group in groups], out=firsts[1:])
    return firsts


def _arrays_of_worker(worker: Worker, matrix: TravelMatrix) -> WorkerArrays:
    soft = worker.soft_limits
    return WorkerArrays(
        travel_s=matrix.duration_s,
        distance_m=matrix.distance_m,
        reachable=matrix.reachable,
        start_location=OPEN if worker.start_location is None else int(worker.start_location),
        end_location=OPEN if worker.end_location is None else int(worker.end_location),
        max_visits=_limit(worker.max_visits),
        max_load=_limit(worker.capacity),
        max_distance_m=_limit(worker.max_distance_m),
        max_travel_s=_limit(worker.max_travel_s),
        times=WorkerTimes(
            shift_start_s=int(worker.shift_start_s),
            shift_end_s=int(worker.shift_end_s),
            max_duration_s=_limit(worker.max_duration_s),
            break_earliest_s=_whole([pause.earliest_start_s for pause in worker.breaks]),
            break_latest_s=_whole([pause.latest_start_s for pause in worker.breaks]),
            break_duration_s=_whole([pause.duration_s for pause in worker.breaks]),
            max_driving_s=NEVER if worker.driving_rest is None else int(worker.driving_rest.max_driving_s),
            rest_s=0 if worker.driving_rest is None else int(worker.driving_rest.duration_s),
            prices=TimePrices(
                cost_per_hour=int(worker.cost_per_hour),
                soft_duration_s=_limit(soft.max_duration_s),
                cost_per_extra_hour=int(soft.cost_per_extra_hour),
                regular_end_s=_limit(worker.regular_end_s),
                overtime_cost_per_hour=int(worker.overtime_cost_per_hour),
            ),
        ),
        prices=RoutePrices(
            fixed_cost=int(worker.fixed_cost),
            cost_per_km=int(worker.cost_per_km),
            soft_visits=_limit(soft.max_visits),
            cost_per_extra_visit=int(soft.cost_per_extra_visit),
            soft_distance_m=_limit(soft.max_distance_m),
            cost_per_extra_km=int(soft.cost_per_extra_km),
            soft_travel_s=_limit(soft.max_travel_s),
            cost_per_extra_travel_hour=int(soft.cost_per_extra_travel_hour),
        ),
        reload=_reload(worker.reload),
    )


def _whole(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.ascontiguousarray(values, np.int64)


def _limit(value: int | None) -> int:
    return NEVER if value is None else int(value)
