"""Two rules that give way together, where no single one lets a visit in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import explain_refusals
from optimizer.answers.relaxation_pairs import size_of_pair
from optimizer.answers.relaxed_rules import Relaxed, relaxed_problem
from optimizer.insertion.insertion import insert_what_pays, with_visit
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Problem, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

GAS = frozenset({"gas"})


@pytest.mark.parametrize(
    ("worker", "visit", "expected"),
    [
        (
            # 3 minutes there and back, 6 km: the shift is a minute too short, the distance half a kilometre.
            day_worker(shift_end_s=minutes(5), max_distance_m=5_500),
            Visit("v", 3, 0),
            {Relaxed.SHIFT_LATER: minutes(1), Relaxed.MAX_DISTANCE: 500},
        ),
        (
            day_worker(shift_end_s=minutes(5)),
            Visit("v", 3, 0, required_skills=GAS),
            {Relaxed.SKILLS: 0, Relaxed.SHIFT_LATER: minutes(1)},
        ),
        (
            day_worker(zones=frozenset({"north"})),
            Visit("v", 3, 0, required_skills=GAS, zone="south"),
            {Relaxed.SKILLS: 0, Relaxed.ZONES: 0},
        ),
        (
            # It costs 66 to go there.
            day_worker(shift_end_s=minutes(5)),
            Visit("v", 3, 0, unserved_cost=60),
            {Relaxed.SHIFT_LATER: minutes(1), Relaxed.UNSERVED_COST: 6},
        ),
        (
            day_worker(),
            Visit("v", 3, 0, required_skills=GAS, unserved_cost=60),
            {Relaxed.SKILLS: 0, Relaxed.UNSERVED_COST: 6},
        ),
        (
            day_worker(capacity=2, max_visits=0),
            Visit("v", 3, 0, load=5),
            {Relaxed.CAPACITY: 3, Relaxed.MAX_VISITS: 1},
        ),
    ],
)
def test_the_smallest_pair_is_that_computed_by_hand(worker: Worker, visit: Visit, expected: dict[Relaxed, int]) -> None:
    """Two rules keep a visit out; both are named, to the second, metre or unit."""
    bystander = day_worker(id="bystander", max_visits=0, capacity=0, skills=GAS, zones=frozenset({"elsewhere"}))
    bystander = replace(bystander, max_duration_s=0, max_travel_s=0, shift_end_s=1, cost_per_hour=1_000_000)
    problem = line_problem([worker, bystander], [visit])
    (refusal,) = explain_refusals(problem, [[], []])
    assert refusal.smallest is None
    assert refusal.smallest_pair is not None
    assert {one.rule: one.amount for one in refusal.smallest_pair} == expected


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (Visit("v", 3, 0, required_skills=GAS, load=5), {Relaxed.SKILLS: 0, Relaxed.SAME_WORKER: 0}),
        (Visit("v", 3, 0, unserved_cost=60, load=5), {Relaxed.UNSERVED_COST: 6, Relaxed.SAME_WORKER: 0}),
    ],
)
def test_a_bond_gives_way_beside_a_permission_or_a_price(visit: Visit, expected: dict[Relaxed, int]) -> None:
    """Bo, who has the mate, has no room for a second visit and its load; Ann lacks the skill, or costs too much."""
    workers = [day_worker(), day_worker(id="bo", skills=GAS, max_visits=1, capacity=0)]
    problem = replace(line_problem(workers, [Visit("mate", 2, 0), visit]), same_worker_groups=(frozenset({0, 1}),))
    (refusal,) = explain_refusals(problem, [[], [0]])
    assert refusal.smallest is None
    assert refusal.smallest_pair is not None
    assert {one.rule: one.amount for one in refusal.smallest_pair} == expected
    assert {one.worker for one in refusal.smallest_pair} == {0}


def test_no_pair_is_sought_where_a_single_change_does() -> None:
    """One change is always smaller than two."""
    problem = line_problem([day_worker(shift_end_s=minutes(5))], [Visit("v", 3, 0)])
    (refusal,) = explain_refusals(problem, [[]])
    assert refusal.smallest is not None
    assert refusal.smallest_pair is None


def test_three_rules_are_not_named() -> None:
    """Where a skill, a zone and a permission are missing, no two changes are enough."""
    visit = Visit("v", 3, 0, required_skills=GAS, zone="south", allowed_workers=frozenset())
    problem = line_problem([day_worker(zones=frozenset({"north"}))], [visit])
    (refusal,) = explain_refusals(problem, [[]])
    assert refusal.smallest_pair is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=2, max_visits=5, rich=True))
def test_every_pair_admits_the_visit(problem: Problem) -> None:
    """Both changes applied to the problem, the visit in its place: the independent checker finds nothing new."""
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    for refusal in explain_refusals(problem, orders):
        if refusal.smallest_pair is None:
            continue
        first, second = refusal.smallest_pair
        assert refusal.smallest is None
        assert size_of_pair((first, second)) == first.size + second.size
        relaxed = relaxed_problem(relaxed_problem(problem, first), second)
        longer = with_visit(arrays, orders, first.visit, first.insertion)
        broken = {one.rule for one in check_plan(relaxed, assess_orders(relaxed, longer).plan)}
        assert broken <= {PlanRule.MANDATORY, PlanRule.PRIORITY}
