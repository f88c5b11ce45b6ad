"""Even routes at a price.

The map is a line: a minute and a kilometre between neighbouring places, both workers at home at 0. One worker alone
makes the four visits in 56 minutes, for 216; two of them need 36 minutes at most, for 348::

    0   …   5   6   7   8
    home    a   b   c   d
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.insertion.insertion import find_insertion, unplanned_visits, with_visit, worth_of
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, TradeOffPoint
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Balance, BalanceMeasure, Problem, TravelMatrix, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.progress import Improvement
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.routes.route_amounts import UNITS, balance_cost, largest_amount
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes

VISITS = [Visit(name, place, minutes(10)) for name, place in zip("abcd", (5, 6, 7, 8), strict=True)]
BOTH_ENDS = line_problem(
    [day_worker(id=name, start_location=5, end_location=5, fixed_cost=50) for name in ("ann", "bo")],
    [Visit(name, place, minutes(10)) for name, place in zip("abcd", (0, 1, 9, 10), strict=True)],
)
TEAM = line_problem([day_worker(), day_worker(id="bo")], VISITS)


def made_day(seed: int) -> Problem:
    """Three workers at home in the middle of a square of 30 km, and nine mandatory visits."""
    rng = np.random.default_rng(seed)
    places = np.vstack([[15.0, 15.0], rng.uniform(0, 30, (9, 2))])
    apart_km = np.abs(places[:, None] - places[None, :]).sum(axis=2)
    metres, seconds = (np.ceil(apart_km * unit).astype(np.int64) for unit in (1000, 60))
    visits = tuple(Visit(f"v{number}", number, minutes(10)) for number in range(1, 10))
    workers = tuple(day_worker(id=name) for name in ("ann", "bo", "cy"))
    return Problem(workers, visits, (TravelMatrix(seconds, metres, metres >= 0),))


engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine = Engine.SEARCH, *, work: int = 2000) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=work, engine=engine))


@engines
@pytest.mark.parametrize(
    ("measure", "price", "sizes"),
    [
        (BalanceMeasure.TIME, 300, [0, 4]),  # 20 minutes at 5 are less than the 132 that they cost
        (BalanceMeasure.TIME, 600, [2, 2]),  # at 10 they are more
        (BalanceMeasure.VISITS, 60, [0, 4]),
        (BalanceMeasure.VISITS, 100, [2, 2]),
    ],
)
def test_evenness_is_bought_where_it_pays(
    engine: Engine, measure: BalanceMeasure, price: int, sizes: list[int]
) -> None:
    """The largest route is made smaller exactly where its price is more than what that costs."""
    plan = solved(replace(TEAM, balance=Balance(measure, price)), engine)
    assert sorted(len(route.stops) for route in plan.routes) == sizes


def test_the_trade_off_is_told() -> None:
    """Three plans are weighed; a price of nothing takes the cheapest, and still tells what evenness would cost."""
    plan = solved(replace(TEAM, balance=Balance(BalanceMeasure.TIME, 0)))
    assert plan.cost == 216
    assert plan.trade_off[0] == TradeOffPoint(minutes(56), 216)
    assert plan.trade_off[-1] == TradeOffPoint(minutes(36), 348)
    for cheap, even in pairwise(plan.trade_off):
        assert cheap.cost < even.cost
        assert cheap.largest > even.largest


@pytest.mark.parametrize("measure", BalanceMeasure)
@pytest.mark.parametrize("seed", range(4))
def test_the_trade_off_is_monotone(measure: BalanceMeasure, seed: int) -> None:
    """On made days each further point is dearer and more even, and the plan is the point that its price makes cheapest.

    A higher price never buys a larger route.
    """
    taken = []
    for price in (0, 300, 3000):
        problem = replace(made_day(seed), balance=Balance(measure, price))
        plan = solved(problem, work=200)
        assert all(cheap.cost < even.cost and cheap.largest > even.largest for cheap, even in pairwise(plan.trade_off))
        largest = largest_amount(problem, measure, plan.routes)
        own_cost = plan.cost - balance_cost(problem, plan.routes)
        assert TradeOffPoint(largest, own_cost) in plan.trade_off
        unit = UNITS[measure]
        with_price = [point.cost + (2 * price * point.largest + unit) // (2 * unit) for point in plan.trade_off]
        assert plan.cost == min(with_price)
        taken.append(largest)
    assert taken == sorted(taken, reverse=True)


@pytest.mark.parametrize("measure", BalanceMeasure)
def test_made_days_have_something_to_trade(measure: BalanceMeasure) -> None:
    """On most of the made days evenness costs something: else a curve of one point would be monotone for nothing."""
    curves = [solved(replace(made_day(seed), balance=Balance(measure, 0)), work=200).trade_off for seed in range(4)]
    assert sum(len(curve) > 1 for curve in curves) >= 3


@pytest.mark.parametrize(
    ("measure", "cost"), [(BalanceMeasure.TIME, 30), (BalanceMeasure.VISITS, 90), (BalanceMeasure.DISTANCE, 900)]
)
def test_the_price_is_that_computed_by_hand(measure: BalanceMeasure, cost: int) -> None:
    """Twenty minutes, one visit, ten kilometres at 90 each: the breakdown names it, and the checker recomputes it."""
    problem = replace(line_problem([day_worker(), day_worker(id="bo")], VISITS[:1]), balance=Balance(measure, 90))
    plan = solved(problem)
    assert break_down_cost(problem, plan)["balance.cost"] == cost
    assert plan.cost == 20 + 100 + cost
    assert check_plan(problem, plan) == ()
    assert [one.rule for one in check_plan(problem, replace(plan, cost=120))] == [PlanRule.COST]
    assert assess_orders(problem, [[0], []]).plan.cost == plan.cost


@engines
@pytest.mark.parametrize(("price", "widest"), [(5, 10), (6, 1)])
def test_compactness_is_bought_where_it_pays(engine: Engine, price: int, widest: int) -> None:
    """From home in the middle one worker serves both ends for 310, two serve one each for 360: 9 km less of spread."""
    problem = replace(BOTH_ENDS, balance=Balance(BalanceMeasure.SPREAD, price))
    plan = solved(problem, engine)
    assert largest_amount(problem, BalanceMeasure.SPREAD, plan.routes) == 1000 * widest
    assert break_down_cost(problem, plan)["balance.cost"] == price * widest
    assert check_plan(problem, plan) == ()
    assert plan.trade_off == (TradeOffPoint(10_000, 310), TradeOffPoint(1000, 360))


@pytest.mark.parametrize("measure", BalanceMeasure)
def test_improvements_are_told_at_the_price_of_the_problem(measure: BalanceMeasure) -> None:
    """What a round prices on its own account, such as areas, is no part of the cost of what it finds."""
    problem = replace(BOTH_ENDS, balance=Balance(measure, 6))
    heard: list[Improvement] = []
    solve(problem, SolveOptions(time_limit_s=600, work_limit=2000, engine=Engine.SEARCH), on_improvement=heard.append)
    assert heard
    for one in heard:
        assert one.cost == assess_orders(problem, [list(order) for order in one.orders]).plan.cost


@pytest.mark.parametrize("measure", BalanceMeasure)
def test_after_a_stop_no_further_round_is_begun(measure: BalanceMeasure) -> None:
    """The first round's plan is the answer, finished with the balance; there is nothing to trade off against."""
    problem = replace(BOTH_ENDS, balance=Balance(measure, 6))
    plan = solve(problem, SolveOptions(time_limit_s=600), should_stop=lambda: True)
    assert len(plan.trade_off) == 1
    assert plan.unplanned == ()
    assert check_plan(problem, plan) == ()


def test_spread_needs_two_places() -> None:
    """A route with one visit, and one whose visits lie at one place, has no spread, and nothing is weighed."""
    lonely = [Visit("a", 2, minutes(10)), Visit("b", 2, minutes(10))]
    plan = solved(replace(line_problem([day_worker()], lonely), balance=Balance(BalanceMeasure.SPREAD, 100)))
    assert [point.largest for point in plan.trade_off] == [0]
    assert plan.cost == 40 + 24


def test_areas_of_their_own_are_kept() -> None:
    """A worker whose area has a price keeps its center while routes are made compact."""
    ann, bo = BOTH_ENDS.workers
    owner = replace(ann, area_center=10, cost_per_km_from_center=100)
    problem = replace(BOTH_ENDS, workers=(owner, bo), balance=Balance(BalanceMeasure.SPREAD, 6))
    plan = solved(problem)
    assert {problem.visits[stop.visit].id for stop in plan.routes[0].stops} <= {"c", "d"}
    assert check_plan(problem, plan) == ()


def test_a_visit_pays_for_the_balance_too() -> None:
    """One more visit costs 12 minutes and 2 kilometres, 32 in all; with 120 for the largest route it is too dear."""
    further = Visit("e", 9, minutes(10), unserved_cost=40)
    problem = line_problem([day_worker()], [*VISITS, further])
    assert solved(problem).unplanned == ()
    (left_out,) = solved(replace(problem, balance=Balance(BalanceMeasure.TIME, 600))).unplanned
    assert "balance included" in left_out.explanation


def test_a_balance_costs_something_or_nothing() -> None:
    """A negative price is refused."""
    wrong = replace(TEAM, balance=Balance(BalanceMeasure.VISITS, -1))
    assert [one.field for one in list_problem_violations(wrong)] == ["balance.cost"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=2, max_visits=4), st.sampled_from(BalanceMeasure), st.integers(0, 500))
def test_nothing_that_pays_is_left_out(problem: Problem, measure: BalanceMeasure, price: int) -> None:
    """Whatever the problem, no visit that is left out would pay with its part of the balance."""
    balanced = replace(problem, balance=Balance(measure, price), precedences=())
    plan = solve(balanced, SolveOptions(time_limit_s=5, work_limit=80, engine=Engine.SEARCH))
    assert check_plan(balanced, plan) == ()
    orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    arrays = arrays_of_problem(balanced)
    for visit in unplanned_visits(balanced, orders):
        worth = worth_of(balanced, arrays, visit)
        for worker in range(len(orders)):
            place = find_insertion(arrays, orders, worker, visit)
            if place is not None:
                longer = assess_orders(balanced, with_visit(arrays, orders, visit, place)).plan
                assert worth is not None
                assert longer.cost > plan.cost
