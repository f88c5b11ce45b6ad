"""What lets a visit in that is bound to others: by a group, a sequence, a delivery, a precedence, or a person's shifts.

The map is a line, a minute between neighbouring places; the workers are at home at 0.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import Refusal, RefusalClass, explain_refusals
from optimizer.answers.relaxed_rules import Relaxation, Relaxed, relaxed_problem
from optimizer.insertion.insertion import insert_what_pays, with_visit
from optimizer.plan import UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Delivery, DrivingRest, Precedence, Problem, TimeWindow, Visit, VisitSequence
from optimizer.problem_arrays import arrays_of_problem
from optimizer.rounds.precedence import settled_by_orders
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes

AT_60 = (TimeWindow(minutes(60), minutes(60)),)


def only_refusal(problem: Problem, orders: list[list[int]]) -> Refusal:
    """Return the refusal of the only visit that is left out."""
    (refusal,) = explain_refusals(problem, orders)
    return refusal


def smallest(problem: Problem, orders: list[list[int]]) -> tuple[Relaxed, int, int]:
    """Return rule, number and amount of the smallest change that lets the only visit in that is left out."""
    found = only_refusal(problem, orders).smallest
    assert found is not None
    assert new_violations(problem, orders, found) == set()
    return found.rule, found.number, found.amount


def new_violations(problem: Problem, orders: list[list[int]], change: Relaxation) -> set[tuple[PlanRule, int | None]]:
    """Name what the plan breaks, in the relaxed problem, that it did not break before.

    That the weaker rule lets other visits in, too, is no matter.
    """
    given = tuple(tuple(order) for order in orders)
    arrays = arrays_of_problem(settled_by_orders(problem, given))
    relaxed = relaxed_problem(problem, change)
    longer = with_visit(arrays, given, change.visit, change.insertion)
    before = check_plan(problem, assess_orders(problem, given).plan)
    after = check_plan(relaxed, assess_orders(relaxed, longer).plan)
    new = {(one.rule, one.visit) for one in after} - {(one.rule, one.visit) for one in before}
    return {one for one in new if one[0] not in (PlanRule.MANDATORY, PlanRule.PRIORITY)}


def test_a_visit_is_let_go_from_the_group_that_keeps_it_out() -> None:
    """Bo's day is full, and a must be with b: without the second group a fits with Ann."""
    ann, bo = day_worker(), day_worker(id="bo", max_visits=2)
    visits = [Visit("a", 3, 0), Visit("b", 4, 0), Visit("c", 5, 0)]
    groups = (frozenset({1, 2}), frozenset({0, 1}))
    problem = replace(line_problem([ann, bo], visits), same_worker_groups=groups)
    # One more visit for Bo counts like half an hour, so that is the smaller change.
    assert smallest(problem, [[], [1, 2]]) == (Relaxed.MAX_VISITS, 0, 1)
    with_ann = only_refusal(problem, [[], [1, 2]]).workers[0].relaxation
    assert with_ann is not None
    assert (with_ann.rule, with_ann.number) == (Relaxed.SAME_WORKER, 1)


def test_a_visit_may_be_beside_one_that_it_must_not_meet() -> None:
    """With one worker, two visits that must not be on one route can both be made where one is let go."""
    problem = replace(
        line_problem([day_worker()], [Visit("a", 3, 0), Visit("b", 4, 0)]), separate_groups=(frozenset({0, 1}),)
    )
    assert smallest(problem, [[0]]) == (Relaxed.SEPARATE, 0, 0)


def test_a_visit_leaves_its_place_in_a_sequence() -> None:
    """The second of three is open only after the third: out of the sequence it comes last."""
    late = (TimeWindow(minutes(200), minutes(300)),)
    visits = [Visit("a", 3, 0), Visit("b", 4, 0, late), Visit("c", 5, 0, AT_60)]
    problem = replace(line_problem([day_worker()], visits), sequences=(VisitSequence((0, 1, 2), is_direct=True),))
    found = only_refusal(problem, [[0, 2]]).workers[0].relaxation
    assert found is not None
    assert (found.rule, found.insertion.position) == (Relaxed.SEQUENCE, 2)
    # What came directly before it and after it may be apart now, but keeps its order.
    assert relaxed_problem(problem, found).sequences == (VisitSequence((0, 2)),)


def test_neighbours_of_a_direct_sequence_stay_neighbours() -> None:
    """Of a direct sequence of four, the last two still follow each other directly without the first."""
    visits = [Visit(name, place, 0) for place, name in enumerate("abcd")]
    problem = replace(line_problem([day_worker()], visits), sequences=(VisitSequence((0, 1, 2, 3), is_direct=True),))
    (insertion,) = (one.insertion for one in explain_refusals(problem, [[1, 2, 3]])[0].workers)
    assert insertion is not None
    change = Relaxation(Relaxed.SEQUENCE, 0, 0, 0, 0, insertion, 0)
    kept = (VisitSequence((1, 2, 3)), VisitSequence((1, 2), is_direct=True), VisitSequence((2, 3), is_direct=True))
    assert relaxed_problem(problem, change).sequences == kept


def test_a_visit_that_waits_for_another_is_not_called_impossible() -> None:
    """Ann digs until 90; Bo must lay pipes at 60 and could, alone: the rule that they wait is what keeps them out."""
    dig = Visit("dig", 5, minutes(30), AT_60, allowed_workers=frozenset({0}))
    lay = Visit("lay", 5, minutes(10), AT_60, allowed_workers=frozenset({1}), unserved_cost=9000)
    problem = replace(line_problem([day_worker(), day_worker(id="bo")], [dig, lay]), precedences=(Precedence(0, 1),))
    refusal = only_refusal(problem, [[0], []])
    assert refusal.unplanned.reason is UnplannedReason.DISPLACED
    assert refusal.kind is RefusalClass.DISPLACED
    assert smallest(problem, [[0], []]) == (Relaxed.PRECEDENCE, 0, 0)
    (unplanned,) = assess_orders(problem, [[0], []]).plan.unplanned
    assert unplanned.reason is UnplannedReason.DISPLACED


def test_windows_that_come_from_waiting_are_no_windows_to_widen() -> None:
    """The visit that waits has no time window of its own, so no change of one is proposed."""
    dig = Visit("dig", 5, minutes(30), (TimeWindow(minutes(560), minutes(560)),), allowed_workers=frozenset({0}))
    lay = Visit("lay", 5, minutes(10), allowed_workers=frozenset({1}))
    bo = day_worker(id="bo", shift_end_s=minutes(500))
    problem = replace(line_problem([day_worker(), bo], [dig, lay]), precedences=(Precedence(0, 1),))
    # Bo would have to stay until 590 and 15 minutes: 105 minutes, more than a bond counts.
    assert smallest(problem, [[0], []]) == (Relaxed.PRECEDENCE, 0, 0)


def test_room_on_board_for_what_a_delivery_brings() -> None:
    """A parcel of 5 in a van for 2: the capacity lacks 3, though no visit has a load of its own."""
    visits = [Visit("from", 2, 0), Visit("to", 4, 0)]
    problem = replace(line_problem([day_worker(capacity=2)], visits), deliveries=(Delivery(0, 1, 5),))
    for refusal in explain_refusals(problem, [[]]):
        assert refusal.smallest is not None
        assert (refusal.smallest.rule, refusal.smallest.amount) == (Relaxed.CAPACITY, 3)


def test_the_other_visit_of_a_delivery_may_be_in_the_way() -> None:
    """What is picked up at 2 must be at 4 by minute 3: that window, one minute longer, lets both in."""
    visits = [Visit("from", 2, 0), Visit("to", 4, 0, (TimeWindow(0, minutes(3)),))]
    problem = replace(line_problem([day_worker()], visits), deliveries=(Delivery(0, 1),))
    for refusal in explain_refusals(problem, [[]]):
        assert refusal.smallest is not None
        found = refusal.smallest
        assert (found.rule, found.relaxed_visit, found.amount) == (Relaxed.WINDOW_LATER, 1, minutes(1))
        assert new_violations(problem, [[]], found) == set()


def test_a_permission_may_be_missing_for_the_other_visit_of_a_delivery() -> None:
    """The worker may pick up, and lacks the skill to hand over."""
    visits = [Visit("from", 2, 0), Visit("to", 4, 0, required_skills=frozenset({"gas"}))]
    problem = replace(line_problem([day_worker()], visits), deliveries=(Delivery(0, 1),))
    for refusal in explain_refusals(problem, [[]]):
        assert refusal.smallest is not None
        assert (refusal.smallest.rule, refusal.smallest.relaxed_visit) == (Relaxed.SKILLS, 1)


def test_a_driver_may_drive_longer_without_a_rest() -> None:
    """14 minutes on the road with a rest of 40 after 13: the day has room for the rest only without it."""
    rest = DrivingRest(minutes(13), minutes(40))
    problem = line_problem([day_worker(shift_end_s=minutes(20), driving_rest=rest)], [Visit("v", 7, minutes(2))])
    assert smallest(problem, [[]]) == (Relaxed.DRIVING_REST, 0, minutes(1))


def test_a_longer_shift_does_not_run_into_the_next_one_of_the_same_person() -> None:
    """The morning ends at 100, the afternoon begins at 110: ten minutes at most can be had in between."""
    morning = day_worker(shift_end_s=minutes(100))
    afternoon = replace(morning, id="ann (shift 2)", shift_start_s=minutes(110), shift_end_s=minutes(120), shift_of=0)
    early = (TimeWindow(0, minutes(100)),)
    problem = line_problem([morning, afternoon], [Visit("v", 3, minutes(110), early)])
    assert only_refusal(problem, [[], []]).workers[0].relaxation is None
    shorter = line_problem([morning, afternoon], [Visit("v", 3, minutes(104), early)])
    found = only_refusal(shorter, [[], []]).workers[0].relaxation
    assert found is not None
    assert (found.rule, found.amount) == (Relaxed.SHIFT_LATER, minutes(10))


def test_a_pin_to_a_person_with_two_shifts_is_a_pin() -> None:
    """Whoever is allowed in both shifts of one person is pinned to that person, and shuts the late one out."""
    early = day_worker(shift_end_s=minutes(100))
    shifts = [early, replace(early, id="ann 2", shift_start_s=minutes(200), shift_end_s=minutes(300), shift_of=0)]
    held = Visit("held", 5, minutes(30), AT_60, allowed_workers=frozenset({0, 1}))
    late = Visit("late", 5, minutes(30), AT_60, unserved_cost=5000)
    refusal = only_refusal(line_problem(shifts, [held, late]), [[0], []])
    assert refusal.kind is RefusalClass.IMPOSSIBLE_WITH_PINS
    assert refusal.unplanned.reason is UnplannedReason.IMPOSSIBLE_WITH_PINS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=3, max_visits=5))
def test_whatever_is_the_smallest_change_it_admits_the_visit(problem: Problem) -> None:
    """Whatever binds visits to each other, the plan with the visit breaks nothing in the relaxed problem."""
    settled = settled_by_orders(problem, ((),) * len(problem.workers))
    orders = insert_what_pays(settled, arrays_of_problem(settled), ((),) * len(problem.workers))
    for refusal in explain_refusals(problem, orders):
        if refusal.smallest is not None:
            assert new_violations(problem, [list(order) for order in orders], refusal.smallest) == set()
