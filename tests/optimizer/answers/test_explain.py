"""Reasons for visits that are left out: each on an instance where it is the only true one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.options import SolveOptions
from optimizer.plan import UnplannedReason
from optimizer.problem import Break, Problem, TimeWindow, Visit, Worker
from optimizer.solve import solve
from tests.naive_planning import naive_may_join, naive_may_serve, naive_person, naive_route_cost
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

QUICK = SolveOptions(time_limit_s=5, work_limit=500)
AT_60 = (TimeWindow(minutes(60), minutes(60)),)


@pytest.mark.parametrize(
    ("worker", "visit", "reason"),
    [
        (day_worker(), Visit("v", 3, 0, required_skills=frozenset({"gas"})), UnplannedReason.NO_WORKER_WITH_SKILLS),
        (day_worker(), Visit("v", 19, 0), UnplannedReason.UNREACHABLE),
        (
            day_worker(),
            Visit("v", 3, 0, (TimeWindow(minutes(599), minutes(700)),)),
            UnplannedReason.OUTSIDE_WORKING_TIME,
        ),
        (day_worker(max_duration_s=minutes(5)), Visit("v", 3, 0), UnplannedReason.OUTSIDE_WORKING_TIME),
        (day_worker(max_distance_m=5999), Visit("v", 3, 0), UnplannedReason.OUTSIDE_WORKING_TIME),
        (day_worker(max_visits=0), Visit("v", 3, 0), UnplannedReason.OUTSIDE_WORKING_TIME),
        (day_worker(capacity=2), Visit("v", 3, 0, load=3), UnplannedReason.OUTSIDE_WORKING_TIME),
        (
            day_worker(breaks=(Break(minutes(60), minutes(70), minutes(30)),)),
            Visit("v", 3, minutes(60), (TimeWindow(minutes(50), minutes(80)),)),
            UnplannedReason.OUTSIDE_WORKING_TIME,
        ),
        (day_worker(), Visit("v", 5, minutes(1), AT_60, unserved_cost=999), UnplannedReason.DISPLACED),
        (day_worker(), Visit("v", 3, 0, unserved_cost=5), UnplannedReason.NOT_WORTH_ITS_COST),
    ],
)
def test_each_reason_is_found(worker: Worker, visit: Visit, reason: UnplannedReason) -> None:
    """A visit that is left out names the one reason that holds; the mandatory visit beside it is made."""
    beside = Visit("beside", 0, minutes(3), AT_60)
    problem = line_problem([worker], [visit] if worker.max_visits == 0 else [visit, beside], cut=[19])
    plan = solve(problem, QUICK)
    assert [(one.visit, one.reason) for one in plan.unplanned] == [(0, reason)]


def test_the_sentence_names_what_it_would_cost() -> None:
    """The price of the cheapest place and that of leaving the visit out are both in the sentence."""
    plan = solve(line_problem([day_worker()], [Visit("v", 3, 0, unserved_cost=5)]), QUICK)
    assert plan.unplanned[0].explanation == (
        "The cheapest place for it, with worker 'ann', costs 66 more; leaving it out costs 5."
    )


def test_the_sentence_counts_the_workers_per_limit() -> None:
    """Where workers fail for different limits, each limit is named with its count."""
    workers = [day_worker(), day_worker(id="bo", max_distance_m=10), day_worker(id="cy", max_distance_m=20)]
    visit = Visit("v", 3, 0, (TimeWindow(minutes(700), minutes(800)),))
    plan = solve(line_problem(workers, [visit]), QUICK)
    assert plan.unplanned[0].explanation == (
        "Even alone on a route it cannot be made: too far for the longest distance (2 of 3 workers); no time window "
        "that fits the shift, its breaks and the longest duration (1 of 3 workers)."
    )


def test_pins_are_named_as_the_reason() -> None:
    """Whoever is held by a pinned visit at the time has no room, whatever else is in the plan."""
    held = Visit("held", 5, minutes(30), AT_60, allowed_workers=frozenset({0}))
    late = Visit("late", 5, minutes(30), AT_60, unserved_cost=500)
    plan = solve(line_problem([day_worker()], [held, late]), QUICK)
    (left_out,) = plan.unplanned
    assert left_out.reason is UnplannedReason.IMPOSSIBLE_WITH_PINS
    assert left_out.explanation == (
        "It would fit alone on the route of 1 of the 1 workers who may serve it, but on none of them beside the visits "
        "that are pinned there."
    )


def naive_is_pinned(problem: Problem, visit: Visit) -> bool:
    """Tell whether a visit must be made, and by one person."""
    people = {naive_person(problem, worker) for worker in visit.allowed_workers or ()}
    return visit.unserved_cost is None and len(people) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=2, max_visits=4, rich=True))
def test_reasons_hold_on_the_naive_day(problem: Problem) -> None:
    """Every reason of every plan is confirmed by trying all positions with the second-by-second day."""
    plan = solve(problem, QUICK)
    for one in plan.unplanned:
        visit = problem.visits[one.visit]
        skilled = [worker for worker in problem.workers if visit.required_skills <= worker.skills]
        able = [worker for worker in range(len(problem.workers)) if naive_may_serve(problem, worker, visit)]
        alone = [naive_route_cost(problem, worker, [one.visit]) for worker in able]
        extra = []
        for worker, route in enumerate(plan.routes):
            order = [stop.visit for stop in route.stops]
            orders = [[stop.visit for stop in other.stops] for other in plan.routes]
            if worker in able and naive_may_join(problem, one.visit, worker, orders):
                longer = [[*order[:place], one.visit, *order[place:]] for place in range(len(order) + 1)]
                costs = [naive_route_cost(problem, worker, each) for each in longer]
                extra += [cost - route.cost for cost in costs if cost is not None]
        pins = [
            [stop.visit for stop in route.stops if naive_is_pinned(problem, problem.visits[stop.visit])]
            for route in plan.routes
        ]
        beside_pins = any(
            naive_may_join(problem, one.visit, worker, pins)
            and naive_route_cost(problem, worker, pins[worker]) is not None
            and naive_route_cost(problem, worker, [*pins[worker][:place], one.visit, *pins[worker][place:]]) is not None
            for worker in able
            for place in range(len(pins[worker]) + 1)
        )
        holds = {
            UnplannedReason.NO_WORKER_WITH_SKILLS: not skilled,
            UnplannedReason.NO_ALLOWED_WORKER: bool(skilled) and not able,
            UnplannedReason.UNREACHABLE: bool(able) and not extra and not any(cost is not None for cost in alone),
            UnplannedReason.OUTSIDE_WORKING_TIME: bool(able) and not extra and set(alone) == {None},
            UnplannedReason.IMPOSSIBLE_WITH_PINS: not extra and set(alone) - {None} != set() and not beside_pins,
            UnplannedReason.DISPLACED: not extra and any(cost is not None for cost in alone) and beside_pins,
            UnplannedReason.NOT_WORTH_ITS_COST: bool(extra) and min(extra) > (visit.unserved_cost or 0),
        }
        assert holds[one.reason]
