"""Problems for the planner's tests: a line of places that is easy to compute by hand, and random ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from optimizer.bond_validation import bond_violations
from optimizer.problem import (
    Break,
    Delivery,
    DrivingRest,
    Precedence,
    Problem,
    SkillDuration,
    SoftLimits,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitSequence,
    Worker,
)


def line_matrix(
    positions: Sequence[int], *, seconds_per_place: int = 60, metres_per_place: int = 1000, cut: Sequence[int] = ()
) -> TravelMatrix:
    """Return the matrix of places on a line; nothing leads to or from the places in `cut`."""
    apart = np.abs(np.subtract.outer(np.asarray(positions), np.asarray(positions))).astype(np.int64)
    reachable = np.ones(apart.shape, np.bool_)
    for place in cut:
        reachable[place, :] = reachable[:, place] = False
        reachable[place, place] = True
    return TravelMatrix(apart * seconds_per_place, apart * metres_per_place, reachable)


def line_problem(
    workers: Sequence[Worker], visits: Sequence[Visit], *, places: int = 20, cut: Sequence[int] = ()
) -> Problem:
    """Return a problem on a line: location i lies at i, a minute and a kilometre from its neighbours."""
    return Problem(tuple(workers), tuple(visits), (line_matrix(range(places), cut=cut),))


def minutes(value: int) -> int:
    """Return seconds."""
    return 60 * value


def day_worker(**changes: object) -> Worker:
    """Return a worker at home at location 0 from 0 to 600 minutes who costs 60 per hour and 10 per kilometre."""
    values: dict[str, object] = {
        "id": "ann",
        "matrix": 0,
        "shift_start_s": 0,
        "shift_end_s": minutes(600),
        "start_location": 0,
        "end_location": 0,
        "cost_per_hour": 60,
        "cost_per_km": 10,
    }
    return Worker(**(values | changes))  # type: ignore[arg-type]


def random_matrices(places: int) -> st.SearchStrategy[TravelMatrix]:
    """Draw a matrix with odd travel times, no triangle inequality and some ways missing."""

    def build(seed: int, missing: float) -> TravelMatrix:
        rng = np.random.default_rng(seed)
        duration_s = rng.integers(0, 40, (places, places))
        distance_m = rng.integers(0, 5000, (places, places))
        reachable = rng.random((places, places)) >= missing
        np.fill_diagonal(duration_s, 0)
        np.fill_diagonal(distance_m, 0)
        np.fill_diagonal(reachable, val=True)
        return TravelMatrix(duration_s, distance_m, reachable)

    return st.builds(build, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.0, 0.1]))


@st.composite
def random_windows(draw: st.DrawFn, latest_s: int = 200) -> tuple[TimeWindow, ...]:
    """Draw up to three windows, apart and in order."""
    moments = sorted(draw(st.sets(st.integers(0, latest_s), max_size=6)))
    pairs = zip(moments[::2], moments[1::2], strict=False)
    return tuple(TimeWindow(start, end) for start, end in pairs)


@st.composite
def random_breaks(draw: st.DrawFn, spread_s: int = 80) -> tuple[Break, ...]:
    """Draw up to two breaks that a worker can take one after the other."""
    breaks: list[Break] = []
    earliest, latest = 0, 0
    for _ in range(draw(st.integers(0, 2))):
        earliest += draw(st.integers(0, spread_s))
        latest = max(latest, earliest + draw(st.integers(0, spread_s)))
        duration = draw(st.integers(1, 20))
        breaks.append(Break(earliest, latest, duration))
        earliest, latest = earliest + duration, latest + duration
    return tuple(breaks)


def _limit(largest: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.none() | st.integers(0, largest)


@st.composite
def random_workers(draw: st.DrawFn, number: int, places: int, matrices: int = 1, *, rich: bool = False) -> Worker:
    """Draw a worker with any of the features."""
    shift_start_s = draw(st.integers(-20, 60))
    end = st.none() | st.integers(0, places - 1)
    return Worker(
        id=f"worker {number}",
        matrix=draw(st.integers(0, matrices - 1)),
        shift_start_s=shift_start_s,
        shift_end_s=shift_start_s + draw(st.integers(1, 250)),
        start_location=draw(end),
        end_location=draw(end),
        skills=draw(st.frozensets(st.sampled_from(["gas", "key"]))),
        max_visits=draw(_limit(4)),
        max_distance_m=draw(_limit(15_000)),
        max_duration_s=draw(_limit(200)),
        capacity=draw(_limit(10)),
        breaks=draw(random_breaks()),
        fixed_cost=draw(st.sampled_from([0, 0, 50])),
        cost_per_hour=draw(st.sampled_from([0, 3600, 5000])),
        cost_per_km=draw(st.sampled_from([0, 10, 17])),
        **(draw(_rare_of_workers(shift_start_s, places)) if rich and draw(st.booleans()) else {}),
    )


_PRICES = st.sampled_from([0, 40, 3600])


@st.composite
def random_soft_limits(draw: st.DrawFn) -> SoftLimits:
    """Draw any of the soft limits, with prices."""
    soft = {
        limit: (draw(st.integers(0, largest)), price)
        for limit, largest, price in (
            ("max_visits", 4, "cost_per_extra_visit"),
            ("max_distance_m", 9000, "cost_per_extra_km"),
            ("max_duration_s", 100, "cost_per_extra_hour"),
            ("max_travel_s", 60, "cost_per_extra_travel_hour"),
        )
        if draw(st.booleans())
    }
    return SoftLimits(
        **{limit: value for limit, (value, _) in soft.items()},
        **{price: draw(_PRICES) for _, price in soft.values()},
    )


@st.composite
def _rare_of_workers(draw: st.DrawFn, shift_start_s: int, places: int) -> dict[str, Any]:
    """Draw what few workers have: own speeds, zones, areas, soft limits, overtime."""
    center = draw(st.none() | st.integers(0, places - 1))
    return {
        "max_travel_s": draw(_limit(120)),
        "area_center": center,
        "cost_per_km_from_center": 0 if center is None else draw(st.sampled_from([0, 3, 20])),
        "travel_percent": draw(st.sampled_from([100, 70, 133])),
        "service_percent": draw(st.sampled_from([100, 50, 150])),
        "zones": draw(st.frozensets(st.sampled_from(["north", "south"]))),
        "soft_limits": draw(random_soft_limits()),
        "regular_end_s": draw(st.none() | st.just(shift_start_s)),
        "overtime_cost_per_hour": draw(_PRICES),
    }


@st.composite
def random_visits(draw: st.DrawFn, number: int, places: int, workers: int = 1, *, rich: bool = False) -> Visit:
    """Draw a visit with any of the features."""
    return Visit(
        id=f"visit {number}",
        location=draw(st.integers(0, places - 1)),
        duration_s=draw(st.integers(0, 30)),
        time_windows=draw(random_windows()),
        required_skills=draw(st.frozensets(st.sampled_from(["gas", "key"]), max_size=1)),
        unserved_cost=draw(st.none() | st.integers(0, 400)),
        load=draw(st.integers(0, 4)),
        **(draw(_rare_of_visits(workers)) if rich and draw(st.booleans()) else {}),
    )


def as_further_shifts(workers: Sequence[Worker]) -> tuple[Worker, ...]:
    """Let each worker whose shift begins after the first one's is over be the first one again."""
    first, *others = workers
    free_s = first.shift_end_s
    shifts = [first]
    for worker in others:
        is_later = worker.shift_start_s >= free_s
        shifts.append(replace(worker, shift_of=0) if is_later else worker)
        free_s = max(free_s, worker.shift_end_s) if is_later else free_s
    return tuple(shifts)


@st.composite
def _rare_of_visits(draw: st.DrawFn, workers: int) -> dict[str, Any]:
    """Draw what few visits have: setup, durations by skill, a zone, wishes about workers."""
    some_workers = st.frozensets(st.integers(0, workers - 1))
    preferred = draw(some_workers)
    skilled = st.builds(SkillDuration, st.sampled_from(["gas", "key"]), st.integers(0, 30))
    return {
        "skill_durations": tuple(draw(st.lists(skilled, max_size=2))),
        "setup_s": draw(st.integers(0, 15)),
        "zone": draw(st.sampled_from([None, "north", "south"])),
        "allowed_workers": draw(st.none() | some_workers),
        "preferred_workers": preferred,
        "not_preferred_cost": draw(st.integers(0, 90)) if preferred else 0,
        "priority": draw(st.integers(1, 3)),
    }


@st.composite
def _soft_windows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw soft windows for some visits, with prices that are whole per second."""
    windows = draw(st.just(()) | random_windows())
    if not windows:
        return {}
    prices = st.sampled_from([0, 3600, 7200])
    return {"soft_windows": windows, "cost_per_hour_early": draw(prices), "cost_per_hour_late": draw(prices)}


@st.composite
def random_company(draw: st.DrawFn, visits: int) -> dict[str, Any]:
    """Draw groups and sequences; they may contradict each other."""
    if visits < 2 or draw(st.booleans()):
        return {}
    pairs = st.lists(st.integers(0, visits - 1), min_size=2, max_size=3, unique=True)
    sequences = tuple(VisitSequence(tuple(draw(pairs)), draw(st.booleans())) for _ in range(draw(st.integers(0, 2))))
    same = tuple(frozenset(draw(pairs)) for _ in range(draw(st.integers(0, 1))))
    separate, different = (tuple(frozenset(draw(pairs)) for _ in range(draw(st.integers(0, 1)))) for _ in range(2))
    return {
        "same_worker_groups": same,
        "different_worker_groups": different,
        "separate_groups": separate,
        "sequences": sequences,
    }


def without_contradictions(problem: Problem) -> Problem:
    """Drop what binds visits to each other, one by one, until no two rules contradict each other."""
    while found := next(bond_violations(problem), None):
        broken = re.match(r"(\w+)\[(\d+)\]", found.field)
        assert broken is not None
        name, number = broken[1], int(broken[2])
        kept = tuple(one for index, one in enumerate(getattr(problem, name)) if index != number)
        changes: dict[str, Any] = {name: kept}
        problem = replace(problem, **changes)
    return problem


@st.composite
def field_problems(draw: st.DrawFn, max_workers: int = 3, max_visits: int = 6) -> Problem:
    """Draw a rich problem with what the naive day is too slow for: soft windows, rests, deliveries."""
    problem = draw(random_problems(max_workers, max_visits, rich=True))
    visits = [replace(visit, **draw(_soft_windows())) for visit in problem.visits]
    rest = st.none() | st.builds(DrivingRest, st.integers(1, 80), st.integers(1, 15))
    workers = tuple(replace(worker, driving_rest=draw(rest)) for worker in problem.workers)
    deliveries = []
    free = [visit for visit in range(len(visits)) if draw(st.booleans())]
    for pickup, delivery in zip(free[::2], free[1::2], strict=False):
        deliveries.append(Delivery(pickup, delivery, draw(st.integers(0, 5))))
        one = visits[pickup]
        visits[delivery] = replace(visits[delivery], unserved_cost=one.unserved_cost, priority=one.priority)
    pairs = st.lists(st.integers(0, len(visits) - 1), min_size=2, max_size=2, unique=True).map(sorted)
    waits = draw(st.lists(pairs, max_size=2)) if len(visits) > 1 else []
    precedences = tuple(Precedence(before, after, draw(st.integers(0, 20))) for before, after in waits)
    return without_contradictions(
        replace(
            problem,
            workers=workers,
            visits=tuple(visits),
            deliveries=tuple(deliveries),
            precedences=precedences,
        )
    )


@st.composite
def random_problems(draw: st.DrawFn, max_workers: int = 3, max_visits: int = 7, *, rich: bool = False) -> Problem:
    """Draw a small valid problem in which any rule may bind: if rich, also one that the search does not know."""
    places = draw(st.integers(1, 6))
    worker_count = draw(st.integers(1, max_workers))
    visit_count = draw(st.integers(0, max_visits))
    matrices = tuple(draw(random_matrices(places)) for _ in range(draw(st.integers(1, 2))))
    workers = tuple(draw(random_workers(number, places, len(matrices), rich=rich)) for number in range(worker_count))
    problem = Problem(
        as_further_shifts(workers) if rich else workers,
        tuple(draw(random_visits(number, places, worker_count, rich=rich)) for number in range(visit_count)),
        matrices,
        **(draw(random_company(visit_count)) if rich else {}),
        lowest_strict_priority=draw(st.sampled_from([0, 0, 1, 3])) if rich else 0,
    )
    return without_contradictions(problem)
