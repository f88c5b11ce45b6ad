"""Slots for one more visit, and why a planned visit is where it is: equal to trying everything."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.placement import explain_placements
from optimizer.answers.slots import Delay, suggest_slots
from optimizer.insertion.insertion import insert_what_pays, route_value
from optimizer.insertion.joining import may_join
from optimizer.problem import Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

SLOW = [HealthCheck.too_slow]


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True), st.randoms(use_true_random=False))
def test_slots_equal_trying_every_position(problem: Problem, random: Random) -> None:
    """The slots are all feasible positions on all routes, the cheapest first, with the times of the longer route."""
    if not problem.visits:
        return
    visit = random.randrange(len(problem.visits))
    arrays = arrays_of_problem(problem)
    full = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    orders = tuple(tuple(one for one in order if one != visit) for order in full)
    expected = []
    for worker, order in enumerate(orders):
        before = route_value(arrays, worker, order)
        if before.verdict == POSSIBLE and may_join(arrays, orders, worker, [visit])[0]:
            for position in range(len(order) + 1):
                after = route_value(arrays, worker, [*order[:position], visit, *order[position:]])
                if after.verdict == POSSIBLE:
                    expected.append((after.cost - before.cost, worker, position))
    slots = suggest_slots(problem, orders, visit, max_slots=100)
    assert [(slot.extra_cost, slot.worker, slot.position) for slot in slots] == sorted(expected)
    for slot in slots:
        order = orders[slot.worker]
        longer = [*order[: slot.position], visit, *order[slot.position :]]
        assert slot.route == schedule_route(problem, arrays, slot.worker, longer)
        assert slot.start_s == slot.route.stops[slot.position].start_s


def test_slots_say_whom_they_delay() -> None:
    """A slot before an appointment without slack delays it; a slot after it does not."""
    problem = line_problem(
        [day_worker(end_location=None)],
        [
            Visit("a", 4, minutes(10), (TimeWindow(minutes(20), minutes(60)),)),
            Visit("new", 2, minutes(30), (TimeWindow(0, minutes(90)),)),
        ],
    )
    before, after = suggest_slots(problem, [[0]], 1, max_slots=2)
    assert (before.position, before.delays) == (0, (Delay(0, minutes(14)),))
    assert (after.position, after.delays) == (1, ())


def test_the_number_of_slots_is_limited() -> None:
    """Only the cheapest are returned."""
    problem = line_problem([day_worker()], [Visit("a", 3, 0), Visit("b", 9, 0), Visit("new", 5, 0)])
    (slot,) = suggest_slots(problem, [[0, 1]], 2, max_slots=1)
    assert (slot.position, slot.extra_cost) == (1, 0)


@pytest.mark.parametrize("visit", [0, 2, -1])
def test_a_visit_that_is_planned_or_unknown_has_no_slots(visit: int) -> None:
    """Asking for slots of a visit on a route, or of none of the problem's, is refused."""
    problem = line_problem([day_worker()], [Visit("a", 3, 0), Visit("b", 9, 0)])
    with pytest.raises(ValueError, match="visit must be an index into the visits that is on no route"):
        suggest_slots(problem, [[0]], visit, max_slots=1)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True))
def test_placements_equal_removal_and_insertion(problem: Problem) -> None:
    """What a visit costs where it is, and with the next-best worker, equals taking it out and putting it in there."""
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    placements = explain_placements(problem, orders)
    assert [placement.visit for placement in placements] == [visit for order in orders for visit in order]
    some = range(0, len(problem.visits), 2)
    assert explain_placements(problem, orders, some) == tuple(one for one in placements if one.visit in some)
    for placement in placements:
        worker, visit = placement.worker, placement.visit
        rest = [one for one in orders[worker] if one != visit]
        before, after = route_value(arrays, worker, rest), route_value(arrays, worker, orders[worker])
        marginal = after.cost - before.cost if before.verdict == POSSIBLE else None
        assert placement.marginal_cost == marginal
        others = [[one for one in order if one != visit] for order in orders]
        elsewhere = [slot for slot in suggest_slots(problem, others, visit, 1000) if slot.worker != worker]
        if not elsewhere:
            assert placement.next_best is None
        else:
            assert placement.next_best is not None
            assert placement.next_best.extra_cost == elsewhere[0].extra_cost
            assert placement.next_best_extra_cost == (None if marginal is None else elsewhere[0].extra_cost - marginal)


def test_a_placement_counts_minutes_and_kilometres() -> None:
    """The far end of a tour costs its detour; a visit on the way costs only its service."""
    workers = [day_worker(), day_worker(id="bo", start_location=19, end_location=19)]
    problem = line_problem(workers, [Visit("a", 3, minutes(10)), Visit("b", 9, minutes(5))])
    near, far = explain_placements(problem, [[0, 1], []])
    assert (near.marginal_cost, near.marginal_duration_s, near.marginal_distance_m) == (10, minutes(10), 0)
    assert (far.marginal_cost, far.marginal_duration_s, far.marginal_distance_m) == (17 + 120, minutes(17), 12_000)
    assert far.next_best is not None
    assert (far.next_best.worker, far.next_best.extra_cost) == (1, 25 + 200)
    assert far.next_best_extra_cost == 25 + 200 - 137
