"""Random problems with every rule of field work: shifts, prices, breaks, rests, groups, sequences and deliveries."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.placement import explain_placements
from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import explain_refusals
from optimizer.insertion.insertion import insert_what_pays, insertion_table, route_value, unplanned_visits, with_visit
from optimizer.insertion.repair import keep_what_fits
from optimizer.options import Engine, SolveOptions
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule_kernels import NEVER
from optimizer.solve import solve
from tests.optimizer.small_problems import field_problems

SLOW = [HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(field_problems())
def test_the_checker_accepts_every_plan_of_every_engine(problem: Problem) -> None:
    """Whatever the shifts, prices, breaks, rests and deliveries, both engines leave a plan that keeps every rule."""
    for engine in (Engine.SEARCH, Engine.ORTOOLS):
        plan = solve(problem, SolveOptions(time_limit_s=5, work_limit=100, engine=engine))
        assert check_plan(problem, plan) == ()


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(field_problems(), st.randoms(use_true_random=False))
def test_repaired_routes_are_possible(problem: Problem, random: Random) -> None:
    """Whatever the routes, what the repair leaves of them is possible, and keeps its order."""
    arrays = arrays_of_problem(problem)
    visits = random.sample(range(len(problem.visits)), k=len(problem.visits))
    owners = [random.randrange(len(problem.workers)) for _ in visits]
    wild = tuple(
        tuple(visit for visit, owner in zip(visits, owners, strict=True) if owner == worker)
        for worker in range(len(problem.workers))
    )
    for worker, (before, after) in enumerate(zip(wild, keep_what_fits(arrays, wild), strict=True)):
        assert [visit for visit in before if visit in after] == list(after)
        assert route_value(arrays, worker, after).verdict == POSSIBLE


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(field_problems())
def test_every_place_that_is_named_is_one(problem: Problem) -> None:
    """What the table says a visit costs somewhere is what the route with it costs more, and no rule is broken there."""
    problem = replace(problem, precedences=())
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    left_out = unplanned_visits(problem, orders)
    table = insertion_table(arrays, orders, np.array(left_out, np.int64))
    for refusal, (number, visit) in zip(explain_refusals(problem, orders), enumerate(left_out), strict=True):
        assert refusal.unplanned.visit == visit
        for one in refusal.workers:
            assert (one.insertion is None) == (table[one.worker, number, 1] == NEVER)
            if one.insertion is not None:
                longer = with_visit(arrays, orders, visit, one.insertion)[one.worker]
                more = (
                    route_value(arrays, one.worker, longer).cost
                    - route_value(arrays, one.worker, orders[one.worker]).cost
                )
                assert one.insertion.extra_cost == more
                fuller = with_visit(arrays, orders, visit, one.insertion)
                broken = {violation.rule for violation in check_plan(problem, assess_orders(problem, fuller).plan)}
                assert broken <= {PlanRule.MANDATORY, PlanRule.PRIORITY}
    planned = sum(len(order) for order in orders)
    assert len(explain_placements(problem, orders)) == planned
