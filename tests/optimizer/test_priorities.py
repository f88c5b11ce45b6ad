"""Strict priorities: no number of lower visits, and no cost, makes up for one of a higher priority.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0::

    0   …   5   6   7   8   9
    home    c   c   c   b   a
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import RefusalClass, explain_refusals
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.priorities import LARGEST_SUM, count_by_level, dearest_routes, with_prizes
from optimizer.problem import Balance, BalanceMeasure, Delivery, Problem, Reload, Visit
from optimizer.problem_validation import list_problem_violations
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

LOW = [Visit(f"c{place}", place, minutes(1), unserved_cost=1000, priority=3) for place in (5, 6, 7)]
MIDDLE = Visit("b", 8, minutes(30), unserved_cost=10, priority=2)
HIGH = Visit("a", 9, minutes(60), unserved_cost=0, priority=1)

engines = pytest.mark.parametrize("engine", Engine)


def day(shift_minutes: int, lowest_strict: int, visits: list[Visit]) -> Problem:
    """Return the day of one worker."""
    worker = day_worker(shift_end_s=minutes(shift_minutes))
    return replace(line_problem([worker], visits), lowest_strict_priority=lowest_strict)


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=2000, engine=engine))


def left_out(problem: Problem, plan: Plan) -> set[str]:
    """Return the ids of the visits that a plan leaves out."""
    return {problem.visits[one.visit].id for one in plan.unplanned}


@engines
@pytest.mark.parametrize(
    ("shift_minutes", "lowest_strict", "expected"),
    [
        # a: 18 of way and 60; b: 16 and 30; c: 1 each, on the way to the others. All together: 18 + 93 minutes.
        (111, 3, set()),
        (110, 0, {"a", "b"}),  # which are not worth their way
        (81, 3, {"b"}),
        (81, 0, {"a", "b"}),
        (78, 3, {"b", "c5", "c6", "c7"}),
        (78, 1, {"b", "c5", "c6", "c7"}),
        (78, 0, {"a", "b"}),
        (49, 2, {"a"}),
        (46, 2, {"a", "c5", "c6", "c7"}),
        (46, 1, {"a", "b"}),
    ],
)
def test_the_higher_priority_wins_whatever_it_costs(
    engine: Engine, shift_minutes: int, lowest_strict: int, expected: set[str]
) -> None:
    """The visits that stay are those computed by hand: three of priority 3 never replace one that is strict."""
    problem = day(shift_minutes, lowest_strict, [*LOW, MIDDLE, HIGH])
    plan = solved(problem, engine)
    assert left_out(problem, plan) == expected
    assert plan.beyond_search == ()


def test_one_of_the_lowest_makes_way() -> None:
    """A minute too short for all, the day leaves out one c, though b would free half an hour."""
    problem = day(110, 3, [*LOW, MIDDLE, HIGH])
    (dropped,) = left_out(problem, solved(problem))
    assert dropped in {"c5", "c6", "c7"}


def test_the_cost_is_money_without_prizes() -> None:
    """78 minutes and 18 km for a, 10 for b and 1,000 for each c that is left out."""
    problem = day(78, 1, [*LOW, MIDDLE, HIGH])
    plan = solved(problem)
    assert plan.cost == 78 + 180 + 10 + 3000
    assert sum(break_down_cost(problem, plan).values()) == plan.cost


def test_mandatory_visits_come_first() -> None:
    """A mandatory visit takes the place of one of priority 1."""
    must = replace(MIDDLE, unserved_cost=None, priority=5)
    problem = day(78, 3, [*LOW, must, HIGH])
    assert "a" in left_out(problem, solved(problem))


def test_a_balance_leaves_no_strict_visit_out() -> None:
    """A price for the largest route above all else still keeps the strict visit."""
    problem = replace(day(200, 1, [MIDDLE, HIGH]), balance=Balance(BalanceMeasure.TIME, 1_000_000))
    assert left_out(problem, solved(problem)) == {"b"}


def test_the_refusal_of_a_strict_visit_asks_for_no_price() -> None:
    """What keeps a visit of priority 2 out is the shift, 33 minutes of it; no price would let it in."""
    problem = day(78, 2, [MIDDLE, HIGH])
    (refusal,) = explain_refusals(problem, [[1]])
    assert refusal.kind is RefusalClass.DISPLACED
    assert refusal.smallest is not None
    assert (refusal.smallest.rule.value, refusal.smallest.amount) == ("shift_end_s", minutes(30))


def test_people_are_told_what_had_to_make_way() -> None:
    """A plan of people with c in the place of a breaks the rule; the same plan without strict priorities does not."""
    problem = day(80, 1, [*LOW, MIDDLE, HIGH])
    broken = assess_orders(problem, [[0, 1, 2]]).violations
    assert [(one.rule, one.visit, one.worker) for one in broken] == [(PlanRule.PRIORITY, 4, 0)]
    assert assess_orders(replace(problem, lowest_strict_priority=0), [[0, 1, 2]]).violations == ()
    mandatory = replace(problem, visits=(*LOW, MIDDLE, replace(HIGH, unserved_cost=None)))
    assert [one.rule for one in assess_orders(mandatory, [[0, 1, 2]]).violations] == [PlanRule.MANDATORY]


def test_the_checker_knows_no_price_of_a_strict_visit() -> None:
    """A plan that calls a strict visit not worth its cost is refused."""
    problem = day(200, 1, [HIGH])
    given = assess_orders(problem, [[]]).plan
    assert given.unplanned[0].reason is UnplannedReason.NOT_WORTH_ITS_COST
    assert [one.rule for one in check_plan(problem, given)] == [PlanRule.PRIORITY]


def test_what_makes_no_sense_is_refused() -> None:
    """There are five priorities, and the two halves of a delivery have one and the same."""
    wrong = replace(day(200, 6, [HIGH, MIDDLE]), deliveries=(Delivery(0, 1),))
    assert {one.field for one in list_problem_violations(wrong)} == {"lowest_strict_priority", "deliveries[0]"}
    assert list_problem_violations(replace(wrong, lowest_strict_priority=0)) == ()


def test_mandatory_halves_of_a_delivery_may_have_any_priority() -> None:
    """Both halves come before all priorities: there is nothing that could tell them apart."""
    halves = [replace(one, unserved_cost=None) for one in (HIGH, MIDDLE)]
    problem = replace(day(200, 2, halves), deliveries=(Delivery(0, 1),))
    assert list_problem_violations(problem) == ()
    assert solved(problem).unplanned == ()


def test_ways_by_the_depot_are_in_the_bound() -> None:
    """A far depot makes each leg between visits two ways: nine visits and eight reloads cost more than ten legs.

    All visits are at place 0, where the worker lives, and the depot at 10: 160 km, where ten legs of 10 km are 100.
    """
    worker = day_worker(capacity=1, cost_per_hour=0, reload=Reload(10, 0), shift_end_s=minutes(600))
    problem = line_problem([worker], [Visit(f"v{number}", 0, 0, load=1) for number in range(9)], places=11)
    assessment = assess_orders(problem, [list(range(9))])
    assert assessment.violations == ()
    assert len(assessment.plan.routes[0].reloads) == 8
    assert assessment.plan.cost == 160 * worker.cost_per_km
    assert 100 * worker.cost_per_km < assessment.plan.cost <= dearest_routes(problem)


def prize_sum(problem: Problem, dropped: Iterable[int]) -> int:
    """Add up what leaving out some visits costs."""
    return sum(problem.visits[visit].unserved_cost or 0 for visit in dropped)


@given(random_problems(max_visits=6, rich=True), st.integers(1, 5))
def test_prizes_order_plans_as_the_priorities_do(problem: Problem, lowest_strict: int) -> None:
    """Of any two choices of visits the better one costs less, even with all routes at their dearest on its side."""
    strict = replace(problem, lowest_strict_priority=lowest_strict)
    prized = with_prizes(strict)
    assert prized.is_proven
    optional = [number for number, visit in enumerate(problem.visits) if visit.unserved_cost is not None]
    choices = [some for count in range(len(optional) + 1) for some in combinations(optional, count)]
    ranked = sorted((count_by_level(strict, some), prize_sum(prized.problem, some)) for some in choices)
    apart = dearest_routes(problem)
    dearest: dict[tuple[int, ...], int] = {}
    for levels, cost in ranked:
        better = [most for other, most in dearest.items() if other < levels]
        assert not better or max(better) + apart < cost
        dearest[levels] = max(cost, dearest.get(levels, 0))


def test_prizes_that_cannot_be_proven_are_said() -> None:
    """Five priorities of 600 visits each leave no room in 64 bits: the prizes still rise, and the plan names it."""
    visits = [Visit(f"v{n}", n % 20, 0, unserved_cost=100, priority=1 + n % 5) for n in range(3000)]
    problem = day(600, 5, visits)
    prized = with_prizes(problem)
    assert not prized.is_proven
    costs = [prized.problem.visits[number].unserved_cost or 0 for number in range(5)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 10 * costs[1]
    assert 600 * sum(costs) <= LARGEST_SUM + 3000 * 100
