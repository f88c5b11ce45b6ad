"""Measures the answers about plans: how fast they come, and whether what they say of a visit is true.

    python -m benchmarks.measure_planner_answers [--quick] [--json] [--service] [--days N]

Over-full days are random: workers in a square of 30 km with lunch breaks, visits with windows, skills, levels of worth
and now and then a pin, more of them than fit. Each is planned by 10,000 iterations of the search, so that every machine
explains the same plans; then every visit is explained.

Keys
    ``p1_*``: of the visits left out, the share with a verified reason, the share that has a smallest change, the share
    of those changes that, applied to the problem, let the visit into the plan by the independent checker, the same of
    the two smallest changes of visits that no single one admits, the share that has one or two, and how many visits
    would have fitted unchanged. ``p2_equal``: share of planned visits whose marginal cost and next-best worker
    equal taking the visit out and trying every place. ``slots_equal``: share of new visits whose best slots equal
    trying every place. ``check_plan_500_ms``, ``suggest_slots_500_ms``: medians of the computation for a day of 500
    visits; with ``--service`` also ``…_rpc_ms``, the whole call to a running service, roads and matrix included.
    ``explain_visit_ms``: one visit left out of a day of 200; ``explain_all_200_ms``: all of them. ``cancel_*_ms``: from
    a stop at a random moment of a search to the finished plan of a day of 200 visits, of 1,000, and of 200 with a price
    of the largest route: median, 95 % and worst. ``p1_cpu_s``: processor time of all explanations and trials, planning
    included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from optimizer.answers.placement import explain_placements
from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import explain_refusals
from optimizer.answers.relaxed_rules import Relaxation, relaxed_problem
from optimizer.answers.slots import suggest_slots
from optimizer.insertion.insertion import route_value, with_visit
from optimizer.insertion.joining import may_join
from optimizer.options import Engine, SolveOptions
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Balance, BalanceMeasure, Break, Problem, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.solve import solve

SIDE_M = 30_000
METRES_PER_SECOND = 9.0
HOUR_S = 3600
WORK_PER_DAY = 10_000
SEARCH_S = 2.0
"""Of the searches that are stopped, so that all that they do falls into it."""
Orders = tuple[tuple[int, ...], ...]


def over_full_day(workers: int, visits: int, seed: int) -> Problem:
    """Return a random day with more visits than fit."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SIDE_M, (visits + 1, 2))
    places[0] = SIDE_M / 2
    apart_m = 1.3 * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    matrix = TravelMatrix(
        (apart_m / METRES_PER_SECOND).astype(np.int64), apart_m.astype(np.int64), np.ones(apart_m.shape, np.bool_)
    )
    lunch = Break(11 * HOUR_S, 13 * HOUR_S, 2700)
    team = tuple(
        Worker(
            f"w{number}",
            matrix=0,
            shift_start_s=8 * HOUR_S,
            shift_end_s=int(rng.integers(15, 19)) * HOUR_S,
            start_location=0,
            end_location=0,
            skills=frozenset(skill for skill in ("gas", "key") if rng.random() < 0.6),
            max_distance_m=int(rng.integers(60, 200)) * 1000,
            breaks=(lunch,),
            cost_per_hour=60_000,
            cost_per_km=1_000,
        )
        for number in range(workers)
    )
    return Problem(team, tuple(random_visit(rng, number, workers) for number in range(visits)), (matrix,))


def random_visit(rng: np.random.Generator, number: int, workers: int) -> Visit:
    """Return a visit with or without windows, skills, a price, a pin."""
    opens_s = 8 * HOUR_S + int(rng.integers(0, 8)) * HOUR_S
    is_pinned = rng.random() < 0.03
    return Visit(
        f"v{number}",
        location=number + 1,
        duration_s=int(rng.integers(15, 60)) * 60,
        time_windows=(TimeWindow(opens_s, opens_s + 2 * HOUR_S),) if rng.random() < 0.6 else (),
        required_skills=frozenset({"gas"}) if rng.random() < 0.2 else frozenset(),
        unserved_cost=None if is_pinned else int(rng.integers(20, 200)) * 1000,
        allowed_workers=frozenset({int(rng.integers(0, workers))}) if is_pinned else None,
    )


@dataclass
class Truth:
    """What was found when every statement was tried."""

    unplanned: int = 0
    reasoned: int = 0
    changes: int = 0
    admitted: int = 0
    pairs: int = 0
    admitted_by_pairs: int = 0
    fits_unchanged: int = 0
    placements: int = 0
    placements_equal: int = 0
    slots: int = 0
    slots_equal: int = 0
    classes: dict[str, int] = field(default_factory=dict)


def try_statements(problem: Problem, orders: Orders, truth: Truth) -> None:
    """Explain every visit of a plan, and try what is said."""
    arrays = arrays_of_problem(problem)
    for refusal in explain_refusals(problem, orders):
        visit = refusal.unplanned.visit
        truth.unplanned += 1
        truth.reasoned += bool(refusal.unplanned.explanation)
        truth.classes[refusal.kind.value] = truth.classes.get(refusal.kind.value, 0) + 1
        worth = problem.visits[visit].unserved_cost
        places = every_place(arrays, orders, visit)
        truth.fits_unchanged += any(worth is None or cost <= worth for cost, _, _ in places)
        truth.changes += refusal.smallest is not None
        truth.pairs += refusal.smallest_pair is not None
        changes = refusal.smallest_pair or ((refusal.smallest,) if refusal.smallest else ())
        if changes and is_admitted(problem, arrays, orders, changes):
            truth.admitted += len(changes) == 1
            truth.admitted_by_pairs += len(changes) > 1
    for placement in explain_placements(problem, orders):
        rest = tuple(tuple(one for one in order if one != placement.visit) for order in orders)
        places = every_place(arrays, rest, placement.visit)
        own = route_value(arrays, placement.worker, orders[placement.worker]).cost
        marginal = own - route_value(arrays, placement.worker, rest[placement.worker]).cost
        others = [place for place in places if place[1] != placement.worker]
        best = min(others)[0] if others else None
        stated = None if placement.next_best is None else placement.next_best.extra_cost
        truth.placements += 1
        truth.placements_equal += placement.marginal_cost == marginal and stated == best


def is_admitted(problem: Problem, arrays: ProblemArrays, orders: Orders, changes: tuple[Relaxation, ...]) -> bool:
    """Apply changes to the problem, put the visit in, and let the checker judge."""
    relaxed = problem
    for change in changes:
        relaxed = relaxed_problem(relaxed, change)
    longer = with_visit(arrays, orders, changes[0].visit, changes[0].insertion)
    # That another mandatory visit would now fit, too, with the skill that the worker is given, say, or in the place of
    # others, says nothing about this one.
    others = (PlanRule.MANDATORY, PlanRule.PRIORITY)
    broken = [
        one
        for one in check_plan(relaxed, assess_orders(relaxed, longer).plan)
        if one.rule not in others or one.visit == changes[0].visit
    ]
    if broken:
        rules = ", ".join(change.rule.value for change in changes)
        print(f"not admitted: {rules}, {sorted({one.rule.value for one in broken})}")
    return not broken


def every_place(arrays: ProblemArrays, orders: Orders, visit: int) -> list[tuple[int, int, int]]:
    """Try every position of every route: extra cost, worker and position of those that are possible."""
    found = []
    for worker, order in enumerate(orders):
        before = route_value(arrays, worker, order)
        if before.verdict != POSSIBLE or not may_join(arrays, orders, worker, [visit])[0]:
            continue
        for position in range(len(order) + 1):
            value = route_value(arrays, worker, (*order[:position], visit, *order[position:]))
            if value.verdict == POSSIBLE:
                found.append((value.cost - before.cost, worker, position))
    return found


def planned_orders(problem: Problem, seed: int, *, work_limit: int) -> Orders:
    """Plan a day by the search alone."""
    options = SolveOptions(time_limit_s=600, seed=seed, work_limit=work_limit, engine=Engine.SEARCH)
    plan = solve(problem, options)
    return tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)


def median_ms(repeats: int, work: Callable[[], object]) -> float:
    """Return the median of some runs, after one to warm up; a single run has none."""
    if repeats > 1:
        work()
    times = []
    for _ in range(repeats):
        begin_s = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin_s))
    return statistics.median(times)


def measure_truth(days: int) -> dict[str, float]:
    """Explain over-full days and try every statement."""
    truth, begin_s = Truth(), time.process_time()
    for seed in range(days):
        workers, visits = 3 + seed % 4, 40 + 10 * (seed % 5)
        problem = over_full_day(workers, visits, seed)
        orders = planned_orders(problem, seed, work_limit=WORK_PER_DAY)
        try_statements(problem, orders, truth)
        try_slots(problem, orders, seed, truth)
        if (seed + 1) % 10 == 0:
            print(f"{seed + 1} of {days} days, {truth.unplanned} visits left out", flush=True)
    print(f"classes: {truth.classes}")
    return {
        "p1_days": days,
        "p1_cpu_s": time.process_time() - begin_s,
        "p1_unplanned_visits": truth.unplanned,
        "p1_with_reason": truth.reasoned / max(1, truth.unplanned),
        "p1_with_smallest_change": truth.changes / max(1, truth.unplanned),
        "p1_change_admits": truth.admitted / max(1, truth.changes),
        "p1_with_smallest_pair": truth.pairs / max(1, truth.unplanned),
        "p1_pair_admits": truth.admitted_by_pairs / max(1, truth.pairs),
        "p1_with_change_or_pair": (truth.changes + truth.pairs) / max(1, truth.unplanned),
        "p1_fits_unchanged": truth.fits_unchanged,
        "p2_visits": truth.placements,
        "p2_equal": truth.placements_equal / max(1, truth.placements),
        "slots_visits": truth.slots,
        "slots_equal": truth.slots_equal / max(1, truth.slots),
    }


def try_slots(problem: Problem, orders: Orders, seed: int, truth: Truth) -> None:
    """Take one planned visit out, ask for its slots, and try every place."""
    planned = [visit for order in orders for visit in order]
    visit = planned[seed % len(planned)]
    rest = tuple(tuple(one for one in order if one != visit) for order in orders)
    slots = suggest_slots(problem, rest, visit, 5)
    expected = sorted(every_place(arrays_of_problem(problem), rest, visit))[:5]
    truth.slots += 1
    truth.slots_equal += [(slot.extra_cost, slot.worker, slot.position) for slot in slots] == expected


def measure_times(repeats: int) -> dict[str, float]:
    """Time the answers for a day of 500 visits, and one refusal of a day of 200."""
    large = over_full_day(40, 500, seed=1)
    orders = planned_orders(large, 0, work_limit=50_000)
    visit = next(visit for visit in range(500) if all(visit not in order for order in orders))
    small = over_full_day(12, 200, seed=2)
    small_orders = planned_orders(small, 0, work_limit=30_000)
    left_out = [visit for visit in range(200) if all(visit not in order for order in small_orders)]
    return {
        "check_plan_500_ms": median_ms(repeats, lambda: assess_orders(large, orders)),
        "suggest_slots_500_ms": median_ms(repeats, lambda: suggest_slots(large, orders, visit, 5)),
        "explain_visit_ms": median_ms(repeats, lambda: explain_refusals(small, small_orders, left_out[:1])),
        "explain_all_200_ms": median_ms(1, lambda: explain_refusals(small, small_orders)),
    }


def measure_cancel(problem: Problem, name: str, stops: int) -> dict[str, float]:
    """Stop searches at random moments, and time from there to the finished plan, checked and explained."""
    moments_s = np.random.default_rng(7).uniform(0.1, 1.0, stops + 1) * SEARCH_S
    times = []
    for moment_s in moments_s.tolist():
        begin_s = time.perf_counter()
        stopped_s = 0.0

        def should_stop(begin_s: float = begin_s, moment_s: float = moment_s) -> bool:
            nonlocal stopped_s
            # Whoever asks late has not heard before: what counts is when the stop came.
            if not stopped_s and time.perf_counter() - begin_s > moment_s:
                stopped_s = begin_s + moment_s
            return bool(stopped_s)

        solve(problem, SolveOptions(time_limit_s=SEARCH_S), should_stop=should_stop)
        if stopped_s:
            times.append(1000 * (time.perf_counter() - stopped_s))
    times = times[1:]  # the first one compiles
    return {
        f"cancel_{name}_ms": statistics.median(times),
        f"cancel_{name}_p95_ms": float(np.percentile(times, 95)),
        f"cancel_{name}_worst_ms": max(times),
    }


def measure_cancels(*, quick: bool) -> dict[str, float]:
    """Stop searches of small and large days, and of one whose largest route has a price."""
    stops = 2 if quick else 25
    small = over_full_day(16, 200, seed=3)
    even = replace(small, balance=Balance(BalanceMeasure.TIME, cost=60_000))
    measures = measure_cancel(small, "200", stops) | measure_cancel(over_full_day(83, 1000, seed=3), "1000", stops)
    return measures | measure_cancel(even, "200_balanced", stops)


async def measure_service(repeats: int) -> dict[str, float]:
    """Time the whole calls to a running service for a day of 500 visits on the demo's map."""
    # Imported here because it starts a service with all its libraries.
    from benchmarks.planner_service_calls import call_times  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        return await call_times(Path(folder), repeats)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="eight days instead of 200")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--service", action="store_true", help="also time the calls to a running service")
    parser.add_argument("--days", type=int, help="over-full days to explain; 200, or 8 with --quick")
    arguments = parser.parse_args()
    measures = measure_truth(arguments.days or (8 if arguments.quick else 200))
    measures |= measure_times(3 if arguments.quick else 15)
    measures |= measure_cancels(quick=arguments.quick)
    if arguments.service:
        measures |= asyncio.run(measure_service(3 if arguments.quick else 15))
    for name, value in measures.items():
        print(f"{name:28s} {value:.4g}")
    if arguments.json:
        print(json.dumps({name: round(value, 5) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
