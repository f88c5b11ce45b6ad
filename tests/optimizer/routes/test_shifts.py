"""Several shifts of one person: each has a route of its own, and together they count as one worker.

The map is a line: a minute and a kilometre between neighbouring places, everybody at home at 0::

    0   1   2   3   4   5   6   7   8   9
    home    a       b                   c
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import explain_refusals
from optimizer.answers.relaxed_rules import Relaxed
from optimizer.errors import InvalidProblemError
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, Route, Stop, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Problem, TimeWindow, Visit
from optimizer.problem_validation import list_problem_violations
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes

A, B, C = Visit("a", 2, minutes(10)), Visit("b", 4, minutes(10)), Visit("c", 9, minutes(10))
MORNING = day_worker(shift_end_s=minutes(100), fixed_cost=7)
EVENING = replace(MORNING, id="ann (shift 2)", shift_start_s=minutes(300), shift_end_s=minutes(400), shift_of=0)
BO = day_worker(id="bo", fixed_cost=1_000)
LATE = (TimeWindow(minutes(320), minutes(380)),)

engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))


def served(problem: Problem, plan: Plan) -> list[list[str]]:
    """Return the ids of the visits on each route, in order."""
    return [[problem.visits[stop.visit].id for stop in route.stops] for route in plan.routes]


@engines
def test_each_shift_has_a_route_of_its_own(engine: Engine) -> None:
    """The person goes home between the shifts, and each costs its own time, way and use.

    Morning: 8 minutes and 8 kilometres for a and b, 20 minutes there. Evening: 18 and 18 for c, 10 there.
    """
    soon = (TimeWindow(0, minutes(50)),)
    visits = [replace(A, time_windows=soon), replace(B, time_windows=soon), replace(C, time_windows=LATE)]
    problem = line_problem([MORNING, EVENING], visits)
    plan = solved(problem, engine)
    assert [sorted(route) for route in served(problem, plan)] == [["a", "b"], ["c"]]
    assert [route.cost for route in plan.routes] == [7 + 28 + 80, 7 + 28 + 180]
    assert plan.routes[0].end_s <= minutes(100) < minutes(300) <= plan.routes[1].start_s


@engines
def test_no_shift_has_room_for_what_only_the_pause_would_hold(engine: Engine) -> None:
    """A visit between the shifts is nobody's: that time is the worker's own."""
    noon = replace(C, time_windows=(TimeWindow(minutes(150), minutes(250)),))
    plan = solved(line_problem([MORNING, EVENING], [A, noon]), engine)
    (left_out,) = plan.unplanned
    assert (left_out.visit, left_out.reason) == (1, UnplannedReason.OUTSIDE_WORKING_TIME)


@engines
def test_a_group_may_be_spread_over_the_shifts_of_one_person(engine: Engine) -> None:
    """Visits that must be with the same worker are so in two shifts of one person, without anybody dearer."""
    soon = (TimeWindow(0, minutes(50)),)
    visits = [replace(A, time_windows=soon), replace(B, time_windows=soon), replace(C, time_windows=LATE)]
    problem = replace(line_problem([MORNING, EVENING, BO], visits), same_worker_groups=(frozenset({0, 2}),))
    plan = solved(problem, engine)
    routes = served(problem, plan)
    assert "a" in routes[0]
    assert routes[1] == ["c"]
    assert not plan.unplanned
    apart = replace(problem, workers=(MORNING, replace(EVENING, shift_of=None), BO))
    together = served(apart, solved(apart, engine))
    assert {"a", "c"} <= set(together[2])


@engines
def test_two_people_look_at_what_two_people_must_see(engine: Engine) -> None:
    """Both visits fit the two shifts of one person; as they need different workers, the dearer one goes out for one."""
    soon = (TimeWindow(0, minutes(50)),)
    visits = [replace(A, time_windows=soon), replace(C, time_windows=LATE)]
    problem = replace(line_problem([MORNING, EVENING, BO], visits), different_worker_groups=(frozenset({0, 1}),))
    plan = solved(problem, engine)
    assert not plan.unplanned
    # Which one costs the same: each of them is somebody's only visit.
    assert served(problem, plan) in ([[], ["c"], ["a"]], [["a"], [], ["c"]])
    assert check_plan(problem, plan) == ()
    # Not on one route is less: one person may serve both in two shifts.
    on_two_routes = replace(problem, different_worker_groups=(), separate_groups=(frozenset({0, 1}),))
    assert served(on_two_routes, solved(on_two_routes, engine)) == [["a"], ["c"], []]


def test_one_person_alone_cannot_be_two_people() -> None:
    """With one person in two shifts one visit is left out; the explanation names the group that keeps it out."""
    soon = (TimeWindow(0, minutes(50)),)
    visits = [replace(A, time_windows=soon), replace(C, time_windows=LATE, unserved_cost=5_000)]
    problem = replace(line_problem([MORNING, EVENING], visits), different_worker_groups=(frozenset({0, 1}),))
    plan = solved(problem, Engine.HYBRID)
    assert served(problem, plan) == [["a"], []]
    assert plan.beyond_search == ("different_worker_groups",)
    (refusal,) = explain_refusals(problem, [[0], []])
    assert refusal.smallest is not None
    assert (refusal.smallest.rule, refusal.smallest.number) == (Relaxed.DIFFERENT_WORKER, 0)
    both = assess_orders(problem, [[0], [1]])
    assert [one.rule for one in both.violations] == [PlanRule.DIFFERENT_WORKER]


def test_the_checker_tells_people_from_shifts() -> None:
    """A group over two shifts passes with one person, and is refused with two; a sequence must stay in one shift."""
    early = replace(A, time_windows=(TimeWindow(0, minutes(50)),))
    problem = line_problem([MORNING, EVENING], [early, replace(C, time_windows=LATE)])
    plan = solved(problem, Engine.SEARCH)
    one = replace(problem, same_worker_groups=(frozenset({0, 1}),))
    assert check_plan(one, plan) == ()
    two = replace(one, workers=(MORNING, replace(EVENING, shift_of=None)))
    assert [each.rule for each in check_plan(two, plan)] == [PlanRule.SAME_WORKER]


def test_a_route_of_a_shift_stays_inside_it() -> None:
    """The first shift's hours do not excuse a route of the second one."""
    problem = line_problem([MORNING, EVENING], [A])
    stop = Stop(0, minutes(2), minutes(2), minutes(12), minutes(2), 2000)
    early = Route(1, 0, minutes(14), (stop,), (), minutes(2), 2000, 7 + 14 + 40)
    home = Route(0, 0, 0, (), (), 0, 0, 0)
    assert [one.rule for one in check_plan(problem, Plan((home, early), (), early.cost, "people"))] == [PlanRule.SHIFT]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shift_of": 1}, "workers[1].shift_of"),  # of itself
        ({"shift_of": 7}, "workers[1].shift_of"),  # of nobody
        ({"shift_start_s": minutes(99)}, "workers[1].shift_start_s"),  # in two places at once
    ],
)
def test_shifts_of_one_person_must_be_possible(change: dict[str, int], field: str) -> None:
    """Each wrong shift is named."""
    problem = line_problem([MORNING, replace(EVENING, **change)], [A])  # type: ignore[arg-type]
    assert [one.field for one in list_problem_violations(problem)] == [field]
    with pytest.raises(InvalidProblemError):
        solve(problem, SolveOptions())
