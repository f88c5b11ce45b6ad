"""Why a visit is not planned and what would let it in: each statement is applied and proven."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.answers.refusal import RefusalClass, explain_refusals, impossible_visits
from optimizer.answers.relaxed_rules import Relaxed, relaxed_problem
from optimizer.insertion.insertion import insert_what_pays, route_value, unplanned_visits, with_visit
from optimizer.insertion.joining import may_join
from optimizer.problem import Break, Problem, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from tests.naive_planning import naive_may_serve, naive_route_cost
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

SLOW = [HealthCheck.too_slow]
AT_60 = (TimeWindow(minutes(60), minutes(60)),)
GAS = frozenset({"gas"})


@pytest.mark.parametrize(
    ("worker", "visit", "rule", "amount"),
    [
        # It takes 3 minutes there and back; the shift is 5 minutes long.
        (day_worker(shift_end_s=minutes(5)), Visit("v", 3, 0), Relaxed.SHIFT_LATER, minutes(1)),
        (day_worker(), Visit("v", 3, 0, (TimeWindow(0, minutes(2)),)), Relaxed.WINDOW_LATER, minutes(1)),
        (
            day_worker(),
            Visit("v", 3, minutes(10), (TimeWindow(minutes(600), minutes(700)),)),
            Relaxed.WINDOW_EARLIER,
            minutes(13),
        ),
        (day_worker(max_duration_s=minutes(5)), Visit("v", 3, 0), Relaxed.MAX_DURATION, minutes(1)),
        (day_worker(max_travel_s=minutes(4)), Visit("v", 3, 0), Relaxed.MAX_TRAVEL, minutes(2)),
        (day_worker(max_distance_m=5_500), Visit("v", 3, 0), Relaxed.MAX_DISTANCE, 500),
        (day_worker(max_visits=0), Visit("v", 3, 0), Relaxed.MAX_VISITS, 1),
        (day_worker(capacity=2), Visit("v", 3, 0, load=5), Relaxed.CAPACITY, 3),
        (day_worker(), Visit("v", 3, 0, required_skills=GAS), Relaxed.SKILLS, 0),
        (day_worker(zones=frozenset({"north"})), Visit("v", 3, 0, zone="south"), Relaxed.ZONES, 0),
        (day_worker(), Visit("v", 3, 0, allowed_workers=frozenset({1})), Relaxed.ALLOWED_WORKERS, 0),
        (
            # The service takes from 50 to 110; the break must begin by 100.
            day_worker(shift_start_s=minutes(47), breaks=(Break(minutes(60), minutes(100), minutes(30)),)),
            Visit("v", 3, minutes(60), (TimeWindow(minutes(50), minutes(50)),)),
            Relaxed.BREAK_LATER,
            minutes(10),
        ),
        (day_worker(), Visit("v", 3, 0, unserved_cost=60), Relaxed.UNSERVED_COST, 6),
    ],
)
def test_the_smallest_change_is_that_computed_by_hand(worker: Worker, visit: Visit, rule: Relaxed, amount: int) -> None:
    """One rule keeps a visit out; its smallest change is named to the second, metre or unit."""
    bystander = day_worker(id="bystander", max_visits=0, capacity=0)
    problem = line_problem([worker, bystander], [visit])
    (refusal,) = explain_refusals(problem, [[], []])
    found = refusal.workers[0].relaxation
    assert found is not None
    assert (found.rule, found.amount) == (rule, amount)
    if rule not in (Relaxed.ALLOWED_WORKERS, Relaxed.MAX_VISITS, Relaxed.ZONES):  # there the bystander needs as little
        assert refusal.smallest == found


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=2, max_visits=4, rich=True))
def test_every_smallest_change_admits_the_visit_and_no_smaller_one_does(problem: Problem) -> None:
    """On the second-by-second day, the relaxed problem has room for the visit at its price, one unit less has not."""
    orders = insert_what_pays(problem, arrays_of_problem(problem), ((),) * len(problem.workers))
    for refusal in explain_refusals(problem, orders):
        visit = refusal.unplanned.visit
        for one in refusal.workers:
            change = one.relaxation
            if change is None:
                continue
            longer = list(with_visit(arrays_of_problem(problem), orders, visit, change.insertion)[change.worker])
            relaxed = relaxed_problem(problem, change)
            assert naive_may_serve(relaxed, change.worker, relaxed.visits[visit])
            before = naive_route_cost(relaxed, change.worker, orders[change.worker])
            after = naive_route_cost(relaxed, change.worker, longer)
            assert before is not None
            assert after is not None
            worth = relaxed.visits[visit].unserved_cost
            assert worth is None or after - before <= worth
            if change.amount > 1:
                tighter = relaxed_problem(problem, replace(change, amount=change.amount - 1))
                assert not admits(tighter, orders, change.worker, visit)


def admits(problem: Problem, orders: tuple[tuple[int, ...], ...], worker: int, visit: int) -> bool:
    """Tell by trying every position whether a visit fits into a route at no more than its unserved cost."""
    before = naive_route_cost(problem, worker, orders[worker])
    worth = problem.visits[visit].unserved_cost
    order = orders[worker]
    for position in range(len(order) + 1):
        after = naive_route_cost(problem, worker, [*order[:position], visit, *order[position:]])
        if before is not None and after is not None and (worth is None or after - before <= worth):
            return True
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=2, max_visits=5, rich=True))
def test_visits_that_nobody_can_serve_are_found_without_solving(problem: Problem) -> None:
    """The pre-check names exactly the visits that fit on no route of their own, as the second-by-second day sees it."""
    expected = [
        visit
        for visit in range(len(problem.visits))
        if not any(
            naive_may_serve(problem, worker, problem.visits[visit])
            and naive_route_cost(problem, worker, [visit]) is not None
            for worker in range(len(problem.workers))
        )
    ]
    assert [one.visit for one in impossible_visits(problem)] == expected


def test_a_visit_that_pins_shut_out_is_told_apart_from_a_displaced_one() -> None:
    """Where the only worker is held by a pinned visit at the same time, the pin is the reason, not the plan."""
    held = Visit("held", 5, minutes(30), AT_60, allowed_workers=frozenset({0}))
    other = replace(held, id="other", allowed_workers=None, unserved_cost=1000)
    late = Visit("late", 5, minutes(30), AT_60, unserved_cost=500)
    (pinned_out,) = explain_refusals(line_problem([day_worker()], [held, late]), [[0]])
    assert pinned_out.kind is RefusalClass.IMPOSSIBLE_WITH_PINS
    (displaced,) = explain_refusals(line_problem([day_worker()], [other, late]), [[0]])
    assert displaced.kind is RefusalClass.DISPLACED


def test_a_plan_that_could_be_better_is_called_so() -> None:
    """Where one exchange with a cheaper visit makes the plan better, the search is to blame, and says so."""
    cheap = Visit("cheap", 5, minutes(30), AT_60, unserved_cost=500)
    dear = Visit("dear", 5, minutes(30), AT_60, unserved_cost=900)
    (refusal,) = explain_refusals(line_problem([day_worker()], [cheap, dear]), [[0]])
    assert refusal.kind is RefusalClass.SEARCH_GAVE_UP


def test_refusals_may_be_asked_for_some_visits_only() -> None:
    """Visits that are planned, or not asked for, get no refusal."""
    visits = [Visit(f"v{number}", 5, minutes(30), AT_60, unserved_cost=500) for number in range(4)]
    problem = line_problem([day_worker()], visits)
    assert [one.unplanned.visit for one in explain_refusals(problem, [[0]], [0, 2])] == [2]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=2, max_visits=4, rich=True))
def test_a_worker_who_has_room_is_said_to_have_it(problem: Problem) -> None:
    """Per worker the cheapest place is given exactly where one exists."""
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    assert [one.unplanned.visit for one in explain_refusals(problem, orders)] == unplanned_visits(problem, orders)
    for refusal in explain_refusals(problem, orders):
        visit = refusal.unplanned.visit
        for worker, one in enumerate(refusal.workers):
            order = orders[worker]
            costs = [
                value.cost
                for position in range(len(order) + 1)
                if (value := route_value(arrays, worker, [*order[:position], visit, *order[position:]])).verdict
                == POSSIBLE
            ]
            if costs and may_join(arrays, orders, worker, [visit])[0]:
                assert one.insertion is not None
                assert one.insertion.extra_cost == min(costs) - route_value(arrays, worker, order).cost
            else:
                assert one.insertion is None
