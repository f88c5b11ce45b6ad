"""The independent checker: a correct plan passes, and every single change that breaks a rule is named."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import optimizer.plan_check
import optimizer.plan_violation
import optimizer.route_check
from optimizer.plan import Plan, PlannedBreak, Route, Stop, UnplannedReason, UnplannedVisit
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, Problem, TimeWindow, Visit
from tests.optimizer.small_problems import day_worker, line_problem, minutes

PROBLEM = line_problem(
    [
        day_worker(
            max_visits=2,
            capacity=3,
            max_distance_m=8000,
            max_duration_s=minutes(120),
            fixed_cost=5,
            breaks=(Break(minutes(60), minutes(90), minutes(30)),),
        ),
        day_worker(id="bo", start_location=None, shift_start_s=minutes(100)),
    ],
    [
        Visit("a", 2, minutes(10), (TimeWindow(minutes(50), minutes(60)),), load=2),
        Visit("b", 4, minutes(20), load=1),
        Visit("c", 3, minutes(5), unserved_cost=40),
        Visit("d", 3, minutes(5), required_skills=frozenset({"gas"})),
    ],
    cut=[19],
)

# Leaves 0 at minute 58; a at 60-70; break 70-100 before moving on would do, it is taken on arrival at 4: 72-102;
# b at 102-122; home at 126: 68 minutes and 8 km.
CORRECT = Plan(
    routes=(
        Route(
            worker=0,
            start_s=minutes(58),
            end_s=minutes(126),
            stops=(
                Stop(0, minutes(60), minutes(60), minutes(70), minutes(2), 2000),
                Stop(1, minutes(72), minutes(102), minutes(122), minutes(2), 2000),
            ),
            breaks=(PlannedBreak(0, minutes(72), minutes(102)),),
            last_travel_s=minutes(4),
            last_distance_m=4000,
            cost=5 + 68 + 80,
        ),
        Route(1, minutes(100), minutes(100), (), (), 0, 0, 0),
    ),
    unplanned=(
        UnplannedVisit(2, UnplannedReason.DISPLACED, ""),
        UnplannedVisit(3, UnplannedReason.NO_WORKER_WITH_SKILLS, ""),
    ),
    cost=5 + 68 + 80 + 40,
    engine="by hand",
)


def with_route(number: int = 0, **changes: Any) -> Plan:
    """Return the correct plan with changes in a route."""
    routes = list(CORRECT.routes)
    routes[number] = replace(routes[number], **changes)
    return replace(CORRECT, routes=tuple(routes))


def with_stop(number: int, **changes: Any) -> Plan:
    """Return the correct plan with changes in a stop of the first route."""
    stops = list(CORRECT.routes[0].stops)
    stops[number] = replace(stops[number], **changes)
    return with_route(stops=tuple(stops))


def with_break(**changes: Any) -> Plan:
    """Return the correct plan with changes in the break."""
    return with_route(breaks=(replace(CORRECT.routes[0].breaks[0], **changes),))


def with_reason(number: int, reason: UnplannedReason) -> Plan:
    """Return the correct plan with another reason for a visit that is left out."""
    unplanned = list(CORRECT.unplanned)
    unplanned[number] = replace(unplanned[number], reason=reason)
    return replace(CORRECT, unplanned=tuple(unplanned))


def rules(plan: Plan, problem: Problem = PROBLEM) -> set[tuple[str, PlanRule]]:
    """Return field and rule of every violation."""
    return {(violation.field, violation.rule) for violation in check_plan(problem, plan)}


def test_the_correct_plan_passes() -> None:
    """The plan computed by hand keeps every rule."""
    assert check_plan(PROBLEM, CORRECT) == ()


@pytest.mark.parametrize(
    ("plan", "field", "rule"),
    [
        (replace(CORRECT, routes=CORRECT.routes[:1]), "routes", PlanRule.SHAPE),
        (replace(CORRECT, routes=CORRECT.routes[::-1]), "routes", PlanRule.SHAPE),
        (with_stop(0, visit=4), "routes[0].stops[0].visit", PlanRule.SHAPE),
        (with_break(number=1), "routes[0].breaks[0].number", PlanRule.SHAPE),
        (replace(CORRECT, unplanned=CORRECT.unplanned[::-1]), "unplanned", PlanRule.SHAPE),
        (with_route(1, end_s=minutes(101)), "routes[1].stops", PlanRule.SHAPE),
        (with_stop(0, visit=1), "routes", PlanRule.EACH_VISIT_ONCE),
        (replace(CORRECT, unplanned=CORRECT.unplanned[:1]), "routes", PlanRule.EACH_VISIT_ONCE),
        (with_stop(1, visit=3), "routes[0].stops[1].visit", PlanRule.SKILLS),
        (with_stop(0, travel_s=minutes(1)), "routes[0].stops[0]", PlanRule.TRAVEL),
        (with_stop(0, distance_m=1999), "routes[0].stops[0]", PlanRule.TRAVEL),
        (with_route(last_distance_m=4001), "routes[0].last", PlanRule.TRAVEL),
        (with_route(start_s=minutes(59)), "routes[0].stops[0].arrival_s", PlanRule.TRAVEL),
        (with_stop(1, arrival_s=minutes(71)), "routes[0].stops[1].arrival_s", PlanRule.TRAVEL),
        (with_route(end_s=minutes(127)), "routes[0].end_s", PlanRule.TRAVEL),
        (with_stop(0, start_s=minutes(59)), "routes[0].stops[0].start_s", PlanRule.SERVICE),
        (with_stop(0, departure_s=minutes(69)), "routes[0].stops[0].departure_s", PlanRule.SERVICE),
        (with_stop(0, start_s=minutes(61)), "routes[0].stops[0].start_s", PlanRule.TIME_WINDOW),
        (with_break(start_s=minutes(91), end_s=minutes(121)), "routes[0].breaks[0].start_s", PlanRule.BREAK),
        (with_break(end_s=minutes(101)), "routes[0].breaks[0].end_s", PlanRule.BREAK),
        (with_break(start_s=minutes(69), end_s=minutes(99)), "routes[0].breaks[0]", PlanRule.BREAK),
        (with_route(breaks=()), "routes[0].breaks", PlanRule.BREAK),
        (with_route(breaks=CORRECT.routes[0].breaks * 2), "routes[0].breaks", PlanRule.BREAK),
        (with_route(breaks=CORRECT.routes[0].breaks * 2), "routes[0].breaks[1]", PlanRule.BREAK),
        (with_route(cost=152), "routes[0].cost", PlanRule.COST),
        (with_route(1, cost=1), "routes[1].cost", PlanRule.COST),
        (replace(CORRECT, cost=192), "cost", PlanRule.COST),
        (with_reason(1, UnplannedReason.NOT_WORTH_ITS_COST), "unplanned[1].reason", PlanRule.MANDATORY),
        (with_reason(0, UnplannedReason.NO_WORKER_WITH_SKILLS), "unplanned[0].reason", PlanRule.SKILLS),
    ],
)
def test_each_change_of_the_plan_is_found(plan: Plan, field: str, rule: PlanRule) -> None:
    """A single change that breaks a rule is reported with its field and rule."""
    assert (field, rule) in rules(plan)


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"shift_start_s": minutes(58) + 1}, "routes[0].start_s", PlanRule.SHIFT),
        ({"shift_end_s": minutes(126) - 1}, "routes[0].start_s", PlanRule.SHIFT),
        ({"max_visits": 1}, "routes[0].stops", PlanRule.MAX_VISITS),
        ({"capacity": 2}, "routes[0].stops", PlanRule.CAPACITY),
        ({"max_distance_m": 7999}, "routes[0].stops", PlanRule.MAX_DISTANCE),
        ({"max_duration_s": minutes(68) - 1}, "routes[0].end_s", PlanRule.MAX_DURATION),
        ({"fixed_cost": 6}, "routes[0].cost", PlanRule.COST),
        ({"start_location": 19}, "routes[0].stops[0]", PlanRule.REACHABLE),
        ({"end_location": 19}, "routes[0].last", PlanRule.REACHABLE),
    ],
)
def test_each_change_of_the_worker_is_found(change: dict[str, Any], field: str, rule: PlanRule) -> None:
    """A plan that was right for another worker is reported, and nothing else is."""
    worker = replace(PROBLEM.workers[0], **change)
    problem = replace(PROBLEM, workers=(worker, *PROBLEM.workers[1:]))
    assert rules(CORRECT, problem) == {(field, rule)}


@pytest.mark.parametrize(
    ("pause", "excused"),
    [
        (Break(minutes(28), minutes(90), minutes(30)), True),  # over at 58, when the route starts
        (Break(minutes(28) + 1, minutes(90), minutes(30)), False),
        (Break(minutes(100), minutes(126), minutes(30)), True),  # may start at 126, when the route ends
        (Break(minutes(100), minutes(126) - 1, minutes(30)), False),
    ],
)
def test_a_missing_break_is_excused_before_and_after_the_route(pause: Break, *, excused: bool) -> None:
    """A break need not be on the route if it can be over before or begin after, to the second."""
    worker = replace(PROBLEM.workers[0], breaks=(pause,))
    problem = replace(PROBLEM, workers=(worker, *PROBLEM.workers[1:]))
    assert ((("routes[0].breaks", PlanRule.BREAK)) not in rules(with_route(breaks=()), problem)) == excused


@pytest.mark.parametrize(
    ("start", "end", "arrival", "accepted"),
    [
        (71, 101, 102, True),  # one minute before arriving: arrives 30 minutes later
        (71, 101, 72, False),  # arrives in the middle of the break
    ],
)
def test_a_break_on_the_way_delays_the_arrival(start: int, end: int, arrival: int, *, accepted: bool) -> None:
    """A break that interrupts the travel adds its length to the leg."""
    pause = PlannedBreak(0, minutes(start), minutes(end))
    first, second = CORRECT.routes[0].stops
    plan = with_route(breaks=(pause,), stops=(first, replace(second, arrival_s=minutes(arrival))))
    assert (check_plan(PROBLEM, plan) == ()) == accepted


def test_the_checker_shares_nothing_with_a_solver() -> None:
    """The checker's own modules import the problem, the plan and each other, and nothing else of the package."""
    own = {optimizer.plan_check, optimizer.plan_violation, optimizer.route_check}
    imported = {
        node.module
        for module in own
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("optimizer")
    }
    assert imported == {"optimizer.plan", "optimizer.problem"} | {module.__name__ for module in own} - {
        "optimizer.plan_check"
    }
