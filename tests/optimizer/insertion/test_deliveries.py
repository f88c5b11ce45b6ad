"""Something is picked up at one visit and brought to another.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0::

    0   1   2   3   4   5   6   7   8   9
    home    store   b                   c
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.slots import suggest_slots
from optimizer.insertion.insertion import find_insertion
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Delivery, Problem, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes

STORE, B, C = Visit("store", 2, minutes(1)), Visit("b", 4, minutes(1)), Visit("c", 9, minutes(1))

engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))


def served(problem: Problem, plan: Plan) -> list[list[str]]:
    """Return the ids of the visits on each route, in order."""
    return [[problem.visits[stop.visit].id for stop in route.stops] for route in plan.routes]


@engines
def test_the_pickup_comes_first(engine: Engine) -> None:
    """What is far away is picked up before it is brought near home, though the other order costs no more."""
    problem = replace(line_problem([day_worker()], [STORE, C]), deliveries=(Delivery(1, 0, 3),))
    assert served(problem, solved(problem, engine)) == [["c", "store"]]


@engines
def test_both_visits_are_with_one_worker(engine: Engine) -> None:
    """Only the dearer worker may serve c, so what is brought there is picked up by the same one."""
    workers = [day_worker(), day_worker(id="bo", fixed_cost=1_000)]
    visits = [STORE, B, replace(C, allowed_workers=frozenset({1}))]
    problem = replace(line_problem(workers, visits), deliveries=(Delivery(0, 2, 1),))
    routes = served(problem, solved(problem, engine))
    assert [one for one in routes[1] if one != "b"] == ["store", "c"]


@engines
def test_capacity_holds_while_things_are_on_board(engine: Engine) -> None:
    """Two loads of three do not fit together into four, so each is brought before the next is picked up."""
    visits = [
        Visit("p", 2, 0),
        Visit("q", 3, 0),
        Visit("to p", 6, 0),
        Visit("to q", 7, 0),
    ]
    deliveries = (Delivery(0, 2, 3), Delivery(1, 3, 3))
    small = replace(line_problem([day_worker(capacity=4)], visits), deliveries=deliveries)
    (order,) = served(small, solved(small, engine))
    assert order in (["p", "to p", "q", "to q"], ["q", "to q", "p", "to p"])
    large = replace(small, workers=(day_worker(capacity=6),))
    assert solved(large, engine).cost < solved(small, engine).cost


@engines
def test_neither_is_planned_where_one_cannot_be(engine: Engine) -> None:
    """A delivery that nobody may make takes its pickup with it, and both say why."""
    visits = [replace(STORE, unserved_cost=9_000), replace(C, unserved_cost=9_000, allowed_workers=frozenset())]
    problem = replace(line_problem([day_worker()], visits), deliveries=(Delivery(0, 1),))
    plan = solved(problem, engine)
    assert [one.visit for one in plan.unplanned] == [0, 1]
    assert {one.reason for one in plan.unplanned} == {UnplannedReason.NO_ALLOWED_WORKER}
    assert "both visits of its delivery" in plan.unplanned[0].explanation


@pytest.mark.parametrize(("worth", "is_made"), [(99, True), (98, False)])
def test_a_delivery_is_worth_both_of_its_visits(worth: int, is_made: bool) -> None:
    """18 minutes of way, 2 of service and 18 kilometres cost 200 - 2: the two visits together must be worth it."""
    visits = [replace(STORE, unserved_cost=worth), replace(C, unserved_cost=99)]
    problem = replace(line_problem([day_worker(cost_per_km=9)], visits), deliveries=(Delivery(0, 1),))
    # 20 minutes and 18 kilometres at 9 are 182; a fixed cost of 16 makes 198.
    dear = replace(problem, workers=(day_worker(cost_per_km=9, fixed_cost=16),))
    plan = solved(dear)
    assert bool(plan.routes[0].stops) is is_made
    if not is_made:
        assert {one.reason for one in plan.unplanned} == {UnplannedReason.NOT_WORTH_ITS_COST}


def test_the_checker_names_what_people_got_wrong() -> None:
    """A delivery before its pickup, one without the other, and too much on board are each refused."""
    visits = [STORE, B, C]
    problem = replace(line_problem([day_worker(capacity=2)], visits), deliveries=(Delivery(0, 2, 1),))
    rules = [
        {one.rule for one in assess_orders(problem, [order]).violations}
        for order in ([0, 2, 1], [2, 0, 1], [2, 1], [0, 1])
    ]
    assert rules == [set(), {PlanRule.DELIVERY}, {PlanRule.DELIVERY}, {PlanRule.DELIVERY}]
    heavy = replace(problem, deliveries=(Delivery(0, 2, 3),))
    assert {one.rule for one in assess_orders(heavy, [[0, 1, 2]]).violations} == {PlanRule.CAPACITY}
    plain = replace(problem, visits=(replace(STORE, load=2), B, C))
    assert {one.rule for one in assess_orders(plain, [[0, 1, 2]]).violations} == {PlanRule.CAPACITY}


def test_a_slot_of_a_delivery_has_room_for_both() -> None:
    """The one slot of the route puts both visits in, and costs what both cost: to c and back, less to b and back."""
    problem = replace(line_problem([day_worker()], [B, STORE, C]), deliveries=(Delivery(1, 2, 1),))
    (slot,) = suggest_slots(problem, [[0]], 2, 5)
    ids = [problem.visits[stop.visit].id for stop in slot.route.stops]
    assert ids in (["store", "b", "c"], ["store", "c", "b"])
    assert (slot.position, slot.extra_cost) == (ids.index("c"), 2 + 10 + 100)
    plan = Plan((slot.route,), (), slot.route.cost, "slot")
    assert check_plan(problem, plan) == ()


def test_deliveries_that_make_no_sense_are_all_named() -> None:
    """Unknown visits, visits in two deliveries, a negative load, and half a mandatory delivery."""
    visits = [STORE, replace(B, unserved_cost=5), C]
    problem = replace(
        line_problem([day_worker()], visits), deliveries=(Delivery(0, 1, -1), Delivery(0, 7), Delivery(2, 2))
    )
    assert [one.field for one in list_problem_violations(problem)] == [
        "deliveries[0].load",
        "deliveries[0]",
        "deliveries[1].pickup",
        "deliveries[1].delivery",
        "deliveries[2].delivery",
    ]


@engines
def test_a_delivery_stays_with_what_its_other_half_is_bound_to(engine: Engine) -> None:
    """What is brought to c must be with the visit that only Bo may make, so Bo picks it up, though Ann is cheaper."""
    bo = day_worker(id="bo", cost_per_km=100)
    visits = [Visit("from", 2, 0), Visit("to", 4, 0), Visit("held", 9, 0, allowed_workers=frozenset({1}))]
    problem = replace(
        line_problem([day_worker(), bo], visits),
        deliveries=(Delivery(0, 1, 1),),
        same_worker_groups=(frozenset({1, 2}),),
    )
    assert find_insertion(arrays_of_problem(problem), ((), (2,)), 0, 0) is None
    assert served(problem, solved(problem, engine)) == [[], ["from", "to", "held"]]
