"""Visits that wait for each other, also on routes of different workers.

The map is a line: a minute and a kilometre between neighbouring places, both workers at home at 0::

    0   1   2   3   4   5   6   7   8   9
    home    site                        depot
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import impossible_visits
from optimizer.answers.slots import suggest_slots
from optimizer.engines import Found
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Confirmation, Plan, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.plan_violation import PlanRule
from optimizer.problem import Balance, BalanceMeasure, Precedence, Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.progress import Improvement
from optimizer.rounds.precedence import settled_by_orders, solve_in_rounds
from optimizer.solve import finish_plan, solve
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes

DIGGER, FITTER = day_worker(id="digger", skills=frozenset({"dig"})), day_worker(id="fitter", skills=frozenset({"fit"}))
DIG = Visit("dig", 2, minutes(60), required_skills=frozenset({"dig"}))
FIT = Visit("fit", 2, minutes(30), required_skills=frozenset({"fit"}))
SITE = replace(line_problem([DIGGER, FITTER], [DIG, FIT]), precedences=(Precedence(0, 1, minutes(15)),))

engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=600, engine=engine))


def times(plan: Plan) -> dict[int, tuple[int, int]]:
    """Return start and end of each planned visit."""
    return {stop.visit: (stop.start_s, stop.departure_s) for route in plan.routes for stop in route.stops}


@engines
def test_one_worker_waits_for_another(engine: Engine) -> None:
    """The fitter comes 15 minutes after the digger is done, or later, and nobody waits on the site: no extra cost."""
    plan = solved(SITE, engine)
    assert times(plan)[1][0] >= times(plan)[0][1] + minutes(15)
    assert plan.cost == (64 + 40) + (34 + 40)


@engines
def test_a_tight_day_is_found(engine: Engine) -> None:
    """Digging can end at minute 62 at the earliest, and fitting must start at 80: a cut in the middle would miss it."""
    late = replace(FIT, time_windows=(TimeWindow(minutes(70), minutes(80)),))
    plan = solved(replace(SITE, visits=(DIG, late)), engine)
    assert plan.unplanned == ()
    assert minutes(77) <= times(plan)[1][0] <= minutes(80)


@engines
def test_a_chain_over_three_workers(engine: Engine) -> None:
    """Each waits for the one before it; the day is just long enough."""
    third = day_worker(id="painter", skills=frozenset({"paint"}))
    paint = Visit("paint", 2, minutes(30), required_skills=frozenset({"paint"}))
    workers = [replace(one, shift_end_s=minutes(150)) for one in (DIGGER, FITTER, third)]
    chain = replace(
        line_problem(workers, [DIG, FIT, paint]), precedences=(Precedence(0, 1, minutes(10)), Precedence(1, 2))
    )
    plan = solved(chain, engine)
    assert plan.unplanned == ()
    assert check_plan(chain, plan) == ()


@pytest.mark.parametrize("way", ["solved", "balanced", "stopped"])
def test_what_would_come_too_early_is_left_out_with_its_reason(way: str) -> None:
    """Fitting closes before digging is over: the dearer one is made, and the other is displaced by it."""
    early = replace(FIT, time_windows=(TimeWindow(0, minutes(40)),), unserved_cost=500)
    asked = replace(SITE, visits=(replace(DIG, unserved_cost=5_000), early))
    if way == "stopped":
        plan = finish_plan(asked, Improvement(0, (0,), ((0,), ()), 0.0, Engine.SEARCH))
    else:
        plan = solved(replace(asked, balance=Balance(BalanceMeasure.VISITS, 1) if way == "balanced" else None))
    (left_out,) = plan.unplanned
    assert (left_out.visit, left_out.reason) == (1, UnplannedReason.DISPLACED)
    assert "waits for" in left_out.explanation


def test_a_visit_need_not_wait_for_one_that_is_not_planned() -> None:
    """Without a digger there is nothing to wait for."""
    alone = line_problem([FITTER], [replace(DIG, unserved_cost=5), FIT])
    plan = solved(replace(alone, precedences=(Precedence(0, 1),)))
    assert [one.visit for one in plan.unplanned] == [0]


def test_the_checker_names_who_did_not_wait() -> None:
    """A plan of one who does not know the rule is refused by another who does."""
    free = replace(SITE, precedences=())
    now = (TimeWindow(minutes(2), minutes(2)),)
    plan = solved(replace(free, visits=(replace(DIG, time_windows=now), replace(FIT, time_windows=now))))
    assert [(one.rule, one.visit) for one in check_plan(SITE, plan)] == [(PlanRule.PRECEDENCE, 1)]


def test_people_need_not_say_when_to_wait() -> None:
    """Orders alone are given times that keep the rule where there are such times, and else are refused."""
    assert assess_orders(SITE, [[0], [1]]).violations == ()
    early = replace(SITE, visits=(DIG, replace(FIT, time_windows=(TimeWindow(0, minutes(40)),))))
    assert {one.rule for one in assess_orders(early, [[0], [1]]).violations} == {PlanRule.PRECEDENCE}


def test_a_slot_waits_too() -> None:
    """The new visit is offered after the planned one that it waits for."""
    early = (TimeWindow(minutes(2), minutes(2)),)
    asked = replace(SITE, visits=(replace(DIG, time_windows=early), FIT))
    (slot,) = suggest_slots(asked, [[0], []], 1, 5)
    assert slot.start_s >= minutes(62 + 15)


def test_a_stopped_search_keeps_the_rule() -> None:
    """What was found last is finished with times that wait."""
    plan = finish_plan(SITE, Improvement(0, (0,), ((0,), (1,)), 0.0, Engine.SEARCH))
    assert check_plan(SITE, plan) == ()


@pytest.mark.parametrize("is_mandatory", [True, False])
def test_a_planned_visit_is_put_off_for_one_that_it_waits_for(is_mandatory: bool) -> None:
    """An engine that found the fitting alone, right in the morning, does not keep the digging before it out."""
    dig = DIG if is_mandatory else replace(DIG, unserved_cost=5_000)
    problem = replace(SITE, visits=(dig, FIT))

    def fitting_alone(cut: Problem, _: SolveOptions) -> Plan:
        early = replace(cut.visits[1], time_windows=(TimeWindow(minutes(2), minutes(2)),))
        free = replace(cut, visits=(cut.visits[0], early))
        return plan_of_orders(free, arrays_of_problem(free), ((), (1,)), "search")

    plan = solve_in_rounds(problem, SolveOptions(), fitting_alone)
    assert plan.unplanned == ()
    assert check_plan(problem, plan) == ()
    assert plan.cost == (64 + 40) + (34 + 40)


def test_after_a_stop_nobody_is_put_off() -> None:
    """One round, and the plan as it was found: whoever stopped the search is waiting."""
    rounds = []

    def fitting_alone(cut: Problem, _: SolveOptions) -> Plan:
        rounds.append(cut)
        early = replace(cut.visits[1], time_windows=(TimeWindow(minutes(2), minutes(2)),))
        free = replace(cut, visits=(cut.visits[0], early))
        return plan_of_orders(free, arrays_of_problem(free), ((), (1,)), "search")

    problem = replace(SITE, visits=(replace(DIG, unserved_cost=5_000), FIT))
    plan = solve_in_rounds(problem, SolveOptions(), fitting_alone, lambda: True)
    assert len(rounds) == 1
    assert [one.visit for one in plan.unplanned] == [0]
    assert check_plan(problem, plan) == ()


@pytest.mark.parametrize("balance", [None, Balance(BalanceMeasure.VISITS, 1), Balance(BalanceMeasure.SPREAD, 1)])
def test_the_second_engine_confirms_the_plan_as_it_is_in_the_end(
    monkeypatch: pytest.MonkeyPatch, balance: Balance | None
) -> None:
    """Engines that find the fitting alone are asked about the plan with the digging, which was put in later."""
    monkeypatch.setattr("optimizer.solve.run_engines", lambda *_: Found(((), (1,)), Engine.SEARCH, ()))
    plan = solve(replace(SITE, balance=balance), SolveOptions(time_limit_s=600, work_limit=10))
    assert plan.unplanned == ()
    assert plan.confirmation is Confirmation.CONFIRMED
    monkeypatch.setattr("optimizer.solve.unconfirmed_routes", lambda *_: (1,))
    refused = solve(replace(SITE, balance=balance), SolveOptions(time_limit_s=600, work_limit=10))
    assert refused.confirmation is Confirmation.REFUSED


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=2, max_visits=4), st.none() | st.sampled_from(BalanceMeasure))
def test_what_fits_alone_is_not_called_impossible(problem: Problem, measure: BalanceMeasure | None) -> None:
    """Whatever binds the visits, balanced or not: only what fits no route alone is said to be out of time or way."""
    asked = replace(problem, balance=None if measure is None else Balance(measure, 50))
    plan = solve(asked, SolveOptions(time_limit_s=5, work_limit=40, engine=Engine.SEARCH))
    orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    stopped = finish_plan(asked, Improvement(plan.cost, (), orders, 0.0, Engine.SEARCH))
    impossible = {one.visit: one.reason for one in impossible_visits(replace(asked, precedences=()))}
    for one in (*plan.unplanned, *stopped.unplanned):
        if one.reason in (UnplannedReason.OUTSIDE_WORKING_TIME, UnplannedReason.UNREACHABLE):
            assert impossible.get(one.visit) is one.reason


def test_a_balanced_plan_keeps_the_times_that_are_not_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the routes alone do not tell how to wait, the plan of the round that did is taken, at its full price."""
    monkeypatch.setattr("optimizer.rounds.balance.settled_by_orders", lambda asked, _: replace(asked, precedences=()))
    plan = solved(replace(SITE, balance=Balance(BalanceMeasure.VISITS, 7)))
    assert plan.unplanned == ()
    assert times(plan)[1][0] >= times(plan)[0][1] + minutes(15)
    assert plan.cost == (64 + 40) + (34 + 40) + 7


def test_nobody_is_put_off_beyond_the_day_or_the_price() -> None:
    """Where the fitting would end after the shift, or waiting costs more than the digging brings, it stays out."""
    for changed in (
        {"workers": (DIGGER, replace(FITTER, shift_end_s=minutes(100)))},
        {"visits": (replace(DIG, unserved_cost=103), FIT)},
    ):
        problem = replace(SITE, visits=(replace(DIG, unserved_cost=5_000), FIT))
        problem = replace(problem, **changed)

        def fitting_alone(cut: Problem, _: SolveOptions) -> Plan:
            free = replace(cut, visits=(cut.visits[0], FIT))
            return plan_of_orders(free, arrays_of_problem(free), ((), (1,)), "search")

        assert [one.visit for one in solve_in_rounds(problem, SolveOptions(), fitting_alone).unplanned] == [0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=2, max_visits=5))
def test_no_visit_is_left_out_that_would_fit_unchanged(problem: Problem) -> None:
    """Tried at every position, no visit that is left out makes a sound plan at no more cost, times put off or not."""
    if not problem.precedences or problem.lowest_strict_priority:
        return
    plan = solve(problem, SolveOptions(time_limit_s=60, work_limit=60, engine=Engine.SEARCH))
    delivered = {visit for one in problem.deliveries for visit in (one.pickup, one.delivery)}
    orders = [[stop.visit for stop in route.stops] for route in plan.routes]
    for visit in {one.visit for one in plan.unplanned} - delivered:
        for worker, order in enumerate(orders):
            for place in range(len(order) + 1):
                longer = [*orders[:worker], [*order[:place], visit, *order[place:]], *orders[worker + 1 :]]
                tried = assess_orders(problem, longer)
                assert tried.violations or tried.plan.cost > plan.cost


def test_circles_and_unknown_visits_are_named() -> None:
    """Nobody waits for oneself, not even through others."""
    wrong = replace(
        SITE, precedences=(Precedence(0, 1), Precedence(1, 0), Precedence(0, 0), Precedence(0, 9), Precedence(0, 1, -1))
    )
    assert sorted(one.field for one in list_problem_violations(wrong)) == [
        "precedences[1]",
        "precedences[2]",
        "precedences[3].after",
        "precedences[4].min_gap_s",
    ]


def test_a_plan_may_have_more_links_than_the_interpreter_has_frames() -> None:
    """Visits that wait for each other in a row of 1,500, and in layers, are planned."""
    row = [Visit(f"v{number}", 0, 0, unserved_cost=0) for number in range(1_500)]
    waits = tuple(Precedence(number, number + 1) for number in range(len(row) - 1))
    problem = replace(line_problem([day_worker()], row, places=1), precedences=waits)
    assert len(settled_by_orders(problem, [list(range(len(row)))]).visits) == len(row)
    layers = tuple(
        Precedence(2 * layer + one, 2 * layer + 2 + other) for layer in range(40) for one in (0, 1) for other in (0, 1)
    )
    wide = replace(line_problem([day_worker()], row[:82], places=1), precedences=layers)
    plan = solve(wide, SolveOptions(time_limit_s=5, work_limit=30, engine=Engine.SEARCH))
    assert check_plan(wide, plan) == ()
