"""Windows at a price: starting early or late for the customer is allowed, and weighed against everything else.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0. An hour of the route
costs 60, so a minute costs 1::

    0   1   2   3   4   5   6   7   8   9
    home    a       b
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, Problem, TimeWindow, Visit
from optimizer.problem_validation import list_problem_violations
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes

A, B = Visit("a", 2, minutes(10)), Visit("b", 4, minutes(10))

engines = pytest.mark.parametrize("engine", Engine)


def window(start: int, end: int) -> TimeWindow:
    """Return a window of minutes."""
    return TimeWindow(minutes(start), minutes(end))


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))


@engines
def test_being_late_costs_its_price(engine: Engine) -> None:
    """Nobody can be at b before minute 4; one minute after its soft window costs 10, and nothing else changes."""
    problem = line_problem([day_worker()], [replace(B, soft_windows=(window(0, 3),), cost_per_hour_late=600)])
    plan = solved(problem, engine)
    assert break_down_cost(problem, plan) == {
        "workers[0].cost_per_hour": 18,
        "workers[0].cost_per_km": 80,
        "visits[0].cost_per_hour_late": 10,
    }
    assert plan.routes[0].stops[0].start_s == minutes(4)


@engines
@pytest.mark.parametrize(
    ("per_hour", "start", "parts"),
    [
        (120, 60, {"workers[0].cost_per_hour": 66}),  # dearer than waiting
        (30, 22, {"workers[0].cost_per_hour": 28, "visits[1].cost_per_hour_early": 19}),  # cheaper than waiting
    ],
)
def test_waiting_is_weighed_against_being_early(
    engine: Engine, per_hour: int, start: int, parts: dict[str, int]
) -> None:
    """A worker who is done with a at minute 20 waits for b only where that is cheaper than being 38 minutes early."""
    soon = replace(A, time_windows=(window(0, 10),))
    problem = line_problem(
        [day_worker()], [soon, replace(B, soft_windows=(window(60, 90),), cost_per_hour_early=per_hour)]
    )
    plan = solved(problem, engine)
    assert [stop.start_s for stop in plan.routes[0].stops] == [minutes(10), minutes(start)]
    assert break_down_cost(problem, plan) == parts | {"workers[0].cost_per_km": 80}


@engines
@pytest.mark.parametrize(("appointment", "field"), [(25, "late"), (35, "early")])
def test_of_several_windows_the_cheapest_counts(engine: Engine, appointment: int, field: str) -> None:
    """Between the windows until minute 10 and from minute 50 on, the nearer one sets the price: 15 minutes of it."""
    asked = replace(
        B,
        time_windows=(window(appointment, appointment),),
        soft_windows=(window(0, 10), window(50, 60)),
        cost_per_hour_early=60,
        cost_per_hour_late=60,
    )
    problem = line_problem([day_worker()], [asked])
    assert break_down_cost(problem, solved(problem, engine))[f"visits[0].cost_per_hour_{field}"] == 15


@engines
def test_the_price_can_send_somebody_else(engine: Engine) -> None:
    """Both customers want somebody at minute 30; two workers, for 162, are cheaper than 12 minutes late, for 168."""
    wish = {"soft_windows": (window(30, 30),), "cost_per_hour_late": 300, "cost_per_hour_early": 6_000}
    visits = [replace(A, **wish), replace(B, **wish)]  # type: ignore[arg-type]
    cheap = line_problem([day_worker(), day_worker(id="bo", fixed_cost=10)], visits)
    assert sorted(len(route.stops) for route in solved(cheap, engine).routes) == [1, 1]
    dear = line_problem([day_worker(), day_worker(id="bo", fixed_cost=400)], visits)
    assert [len(route.stops) for route in solved(dear, engine).routes] == [2, 0]


def test_a_lunch_break_and_a_longest_day_are_kept_beside_the_prices() -> None:
    """A day of at most 40 minutes with 10 for lunch has room for 2 minutes of waiting: b is 2 minutes less early."""
    worker = day_worker(
        max_duration_s=minutes(40), breaks=(Break(minutes(0), minutes(40), minutes(10)),), shift_end_s=minutes(101)
    )
    soon = replace(A, time_windows=(window(10, 10),))
    late = replace(B, soft_windows=(window(60, 90),), cost_per_hour_early=6_000)
    problem = line_problem([worker], [soon, late])
    (route,) = solved(problem).routes
    assert route.end_s - route.start_s == minutes(40)
    assert route.stops[1].start_s == minutes(34)


def test_a_visit_whose_lateness_costs_more_than_it_brings_is_left_out() -> None:
    """The reason is its price."""
    late = replace(B, soft_windows=(window(0, 1),), cost_per_hour_late=60_000, unserved_cost=500)
    (left_out,) = solved(line_problem([day_worker()], [late])).unplanned
    assert left_out.reason is UnplannedReason.NOT_WORTH_ITS_COST


def test_the_checker_recomputes_the_price() -> None:
    """A route that forgets what lateness costs is refused."""
    problem = line_problem([day_worker()], [replace(B, soft_windows=(window(0, 3),), cost_per_hour_late=600)])
    plan = solved(problem)
    assert check_plan(problem, plan) == ()
    cheap = replace(plan.routes[0], cost=plan.routes[0].cost - 10)
    assert [one.rule for one in check_plan(problem, replace(plan, routes=(cheap,), cost=plan.cost - 10))] == [
        PlanRule.COST
    ]


def test_prices_need_windows_and_windows_need_an_order() -> None:
    """Every mistake about soft windows is named."""
    wrong = [
        replace(A, cost_per_hour_late=1),
        replace(B, soft_windows=(window(5, 9), window(9, 10)), cost_per_hour_early=-1),
    ]
    assert [one.field for one in list_problem_violations(line_problem([day_worker()], wrong))] == [
        "visits[0].cost_per_hour_late",
        "visits[1].cost_per_hour_early",
        "visits[1].soft_windows[1].start_s",
    ]
