"""Plans made by people: times, costs and every broken rule."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.errors import InvalidProblemError
from optimizer.options import SolveOptions
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, Problem, TimeWindow, Visit, Worker
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

SLOW = [HealthCheck.too_slow]
GAS = frozenset({"gas"})


def window(start: int, end: int) -> TimeWindow:
    """Return a window given in minutes."""
    return TimeWindow(minutes(start), minutes(end))


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True))
def test_a_solved_plan_is_assessed_as_it_was_solved(problem: Problem) -> None:
    """The orders of a plan of ours get the same times, costs and reasons, and no violation."""
    plan = solve(problem, SolveOptions(time_limit_s=5, work_limit=300))
    assessment = assess_orders(problem, [[stop.visit for stop in route.stops] for route in plan.routes])
    assert assessment.violations == ()
    found: dict[str, Any] = {
        "engine": plan.engine,
        "confirmation": plan.confirmation,
        "beyond_search": plan.beyond_search,
    }
    assert replace(assessment.plan, **found, lower_bound=plan.lower_bound) == plan


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=2, rich=True), st.randoms(use_true_random=False))
def test_any_orders_get_times(problem: Problem, random: Random) -> None:
    """Whatever the order, every visit gets a time after the one before, and the costs add up."""
    visits = random.sample(range(len(problem.visits)), k=len(problem.visits))
    cut = random.randint(0, len(visits))
    orders = [visits[:cut], *([visits[cut:]] if len(problem.workers) > 1 else [])]
    plan = assess_orders(problem, orders).plan
    assert [[stop.visit for stop in route.stops] for route in plan.routes] == orders
    for route in plan.routes:
        moments = [moment for stop in route.stops for moment in (stop.arrival_s, stop.start_s, stop.departure_s)]
        assert [route.start_s, *moments, route.end_s] == sorted([route.start_s, *moments, route.end_s])
    assert sum(break_down_cost(problem, plan).values()) == plan.cost


@pytest.mark.parametrize(
    ("worker", "visits", "broken"),
    [
        (day_worker(), [Visit("a", 5, minutes(10))], set()),
        (day_worker(), [Visit("a", 5, 0, required_skills=GAS)], {("stops[0].visit", PlanRule.SKILLS)}),
        (day_worker(max_visits=0), [Visit("a", 5, 0)], {("stops", PlanRule.MAX_VISITS)}),
        (day_worker(capacity=1), [Visit("a", 5, 0, load=2)], {("stops", PlanRule.CAPACITY)}),
        (day_worker(max_distance_m=9000), [Visit("a", 5, 0)], {("stops", PlanRule.MAX_DISTANCE)}),
        (day_worker(max_duration_s=minutes(9)), [Visit("a", 5, 0)], {("end_s", PlanRule.MAX_DURATION)}),
        (day_worker(shift_end_s=minutes(9)), [Visit("a", 5, 0)], {("start_s", PlanRule.SHIFT)}),
        (day_worker(), [Visit("a", 5, 0, (window(0, 3),))], {("stops[0].start_s", PlanRule.TIME_WINDOW)}),
        (
            day_worker(),
            [Visit("a", 5, minutes(30), (window(10, 20),)), Visit("b", 6, 0, (window(30, 35), window(50, 60)))],
            set(),
        ),
        (
            day_worker(),
            [Visit("a", 5, minutes(60), (window(10, 20),)), Visit("b", 6, 0, (window(30, 35), window(50, 60)))],
            {("stops[1].start_s", PlanRule.TIME_WINDOW)},
        ),
        (
            day_worker(breaks=(Break(minutes(60), minutes(80), minutes(30)),)),
            [Visit("a", 5, minutes(60), (window(40, 40),)), Visit("b", 5, minutes(60), (window(100, 100),))],
            {("breaks", PlanRule.BREAK)},
        ),
        (day_worker(), [Visit("a", 19, 0)], {("stops[0]", PlanRule.REACHABLE), ("last", PlanRule.REACHABLE)}),
    ],
)
def test_each_broken_rule_is_named(worker: Worker, visits: list[Visit], broken: set[tuple[str, PlanRule]]) -> None:
    """An order that breaks a rule is scheduled as well as it goes, and exactly that rule is named."""
    problem = line_problem([worker], visits, cut=[19])
    violations = assess_orders(problem, [range(len(visits))]).violations
    assert {(violation.field.removeprefix("routes[0]."), violation.rule) for violation in violations} == broken


def test_lateness_is_kept_small() -> None:
    """A visit that must be late starts as early as it can, and the visits before it are not late with it."""
    first = Visit("first", 5, minutes(30), (window(60, 90),))
    late = Visit("late", 6, 0, (window(80, 85),))
    (route,) = assess_orders(line_problem([day_worker()], [first, late]), [[0, 1]]).plan.routes
    assert [stop.start_s for stop in route.stops] == [minutes(60), minutes(91)]
    assert route.start_s == minutes(55)


def test_visits_on_no_route_get_their_reason() -> None:
    """What people leave out is explained against their own routes."""
    problem = line_problem([day_worker(max_visits=1)], [Visit("a", 5, 0), Visit("b", 6, 0)])
    assessment = assess_orders(problem, [[0]])
    assert [(one.visit, one.reason.name) for one in assessment.plan.unplanned] == [(1, "DISPLACED")]


def test_wrong_orders_are_refused_as_a_whole() -> None:
    """Unknown visits, visits named twice and too many routes are all listed."""
    problem = line_problem([day_worker()], [Visit("a", 5, 0)])
    with pytest.raises(InvalidProblemError) as caught:
        assess_orders(problem, [[0, 0], [7, -1]])
    assert [violation.field for violation in caught.value.violations] == [
        "orders",
        "orders[0][1]",
        "orders[1][0]",
        "orders[1][1]",
    ]


def test_the_cost_of_each_cause() -> None:
    """Every part of the cost is found under the field that causes it, and the parts sum to the whole."""
    workers = [day_worker(fixed_cost=7), day_worker(id="bo")]
    problem = line_problem(workers, [Visit("a", 5, minutes(10)), Visit("b", 9, 0, unserved_cost=3)])
    plan = assess_orders(problem, [[0], []]).plan
    assert break_down_cost(problem, plan) == {
        "workers[0].fixed_cost": 7,
        "workers[0].cost_per_hour": 20,
        "workers[0].cost_per_km": 100,
        "visits[1].unserved_cost": 3,
    }
    assert plan.cost == 130
