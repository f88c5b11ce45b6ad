"""Rests that are due by the time on the road.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0. After six minutes on
the road five minutes of rest are due::

    0   1   2   3   4   5   6   7   8   9  …  19
    home        near            far               end of the world
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.insertion.insertion import route_value
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, PlannedBreak, UnplannedReason
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, DrivingRest, Problem, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.routes.rest_kernels import cheapest_rest_timing
from optimizer.routes.rest_walk_kernels import RestLegs
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.slack import slack_of_route
from optimizer.solve import solve
from tests.naive_rests import naive_rested_durations
from tests.optimizer.small_problems import (
    day_worker,
    line_matrix,
    line_problem,
    minutes,
    random_windows,
)

SIX_FIVE = DrivingRest(minutes(6), minutes(5))
NEAR, FAR, END = Visit("near", 3, minutes(10)), Visit("far", 7, minutes(10)), Visit("end", 19, minutes(10))
RESTED = day_worker(driving_rest=SIX_FIVE)

engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))


@engines
def test_a_rest_interrupts_the_way_where_it_is_due(engine: Engine) -> None:
    """To the far visit and back are 14 minutes: rests after six, and after six more, 34 minutes in all."""
    problem = line_problem([RESTED], [FAR])
    (route,) = solved(problem, engine).routes
    assert route.end_s - route.start_s == minutes(7 + 10 + 7 + 2 * 5)
    assert [pause.number for pause in route.breaks] == [None, None]
    assert route.cost == 34 + 140


@engines
def test_whoever_is_not_long_on_the_road_needs_no_rest(engine: Engine) -> None:
    """Six minutes there and back; however long the service takes, no rest is due."""
    problem = line_problem([RESTED], [replace(NEAR, duration_s=minutes(300))])
    (route,) = solved(problem, engine).routes
    assert route.breaks == ()
    assert route.end_s - route.start_s == minutes(306)


def test_a_long_way_takes_many_rests() -> None:
    """38 minutes on the road in pieces of six: six rests."""
    (route,) = solved(line_problem([RESTED], [END])).routes
    assert len(route.breaks) == 6
    assert route.end_s - route.start_s == minutes(38 + 10 + 30)


def test_lunch_is_a_rest_where_it_is_as_long() -> None:
    """A lunch of five minutes that must be taken on the way spares one rest; one of four minutes spares none."""
    for lunch, pauses in ((5, 2), (4, 3)):
        pause = Break(minutes(3), minutes(20), minutes(lunch))
        soon = replace(FAR, time_windows=(TimeWindow(0, minutes(16)),))
        problem = line_problem([replace(RESTED, breaks=(pause,), shift_end_s=minutes(60))], [soon])
        plan = solved(problem)
        assert check_plan(problem, plan) == ()
        assert len(plan.routes[0].breaks) == pauses


def test_waiting_is_filled_with_rest() -> None:
    """A visit that opens late costs no time for the rest that its window leaves room for."""
    soon = replace(NEAR, time_windows=(TimeWindow(minutes(3), minutes(3)),))
    late = replace(FAR, time_windows=(TimeWindow(minutes(25), minutes(25)),))
    (route,) = solved(line_problem([RESTED], [soon, late])).routes
    assert [stop.start_s for stop in route.stops] == [minutes(3), minutes(25)]
    # Seven minutes out with a rest before minute 25, seven home with one more.
    assert route.end_s == minutes(25 + 10 + 7 + 5)


@engines
def test_a_day_too_short_for_its_rests_is_refused(engine: Engine) -> None:
    """Without rests 24 minutes would do; with them the visit is left out, and the reason says so."""
    visit = replace(FAR, unserved_cost=10_000)
    short = line_problem([replace(RESTED, shift_end_s=minutes(33))], [visit])
    (left_out,) = solved(short, engine).unplanned
    assert left_out.reason is UnplannedReason.OUTSIDE_WORKING_TIME
    free = line_problem([replace(RESTED, shift_end_s=minutes(33), driving_rest=None)], [visit])
    assert solved(free, engine).unplanned == ()


def test_rests_and_lunch_do_not_make_a_feasible_day_infeasible() -> None:
    """A lunch that only fits before, between or after services, and rests: every one of these days has a plan."""
    for lunch in (Break(0, minutes(3), minutes(5)), Break(minutes(16), minutes(18), minutes(5))):
        for service in (5, 10, 14):
            visit = replace(FAR, duration_s=minutes(service))
            problem = line_problem([replace(RESTED, breaks=(lunch,), shift_end_s=minutes(90))], [visit])
            plan = solved(problem)
            assert plan.unplanned == ()
            assert check_plan(problem, plan) == ()


def test_the_checker_counts_the_time_on_the_road() -> None:
    """A route without its rests is refused, and so is a rest that nobody is owed."""
    problem = line_problem([RESTED], [FAR])
    free = solved(line_problem([replace(RESTED, driving_rest=None)], [FAR]))
    assert {one.rule for one in check_plan(problem, free)} == {PlanRule.DRIVING_REST}
    (route,) = solved(problem).routes
    without = line_problem([replace(RESTED, driving_rest=None)], [FAR])
    owed = Plan((route,), (), route.cost, "people")
    assert {one.rule for one in check_plan(without, owed)} == {PlanRule.DRIVING_REST}
    early = replace(route, breaks=(PlannedBreak(None, route.start_s, route.start_s + minutes(5)), *route.breaks[1:]))
    assert PlanRule.DRIVING_REST in {one.rule for one in check_plan(problem, replace(owed, routes=(early,)))}


def test_slack_leaves_room_for_the_rests_to_come() -> None:
    """With a day of 40 minutes the service may begin 6 minutes later: way home and rest still fit."""
    problem = line_problem([replace(RESTED, shift_end_s=minutes(40))], [FAR])
    arrays = arrays_of_problem(problem)
    route = schedule_route(problem, arrays, 0, [0])
    assert route is not None
    (slack,) = slack_of_route(arrays, route)
    later = replace(FAR, time_windows=(TimeWindow(route.stops[0].start_s + slack, minutes(90)),))
    assert route_value(arrays_of_problem(replace(problem, visits=(later,))), 0, [0]).verdict == POSSIBLE
    assert slack > 0


def test_a_rest_needs_its_two_numbers() -> None:
    """Each wrong number is named."""
    problem = line_problem([replace(RESTED, driving_rest=DrivingRest(0, 0))], [NEAR])
    assert [one.field for one in list_problem_violations(problem)] == [
        "workers[0].driving_rest.max_driving_s",
        "workers[0].driving_rest.duration_s",
    ]


@st.composite
def tiny_driving_days(draw: st.DrawFn) -> tuple[Worker, list[Visit], list[int]]:
    """Draw a worker with a rest and no breaks, visits in order, and the seconds of the legs."""
    visits = [
        Visit(f"visit {number}", 0, draw(st.integers(0, 9)), draw(random_windows(50)))
        for number in range(draw(st.integers(1, 3)))
    ]
    worker = Worker(
        id="ann",
        matrix=0,
        shift_start_s=0,
        shift_end_s=draw(st.integers(1, 70)),
        start_location=None,
        end_location=None,
        driving_rest=DrivingRest(draw(st.integers(1, 12)), draw(st.integers(1, 6))),
    )
    return worker, visits, draw(st.lists(st.integers(0, 9), min_size=len(visits) + 1, max_size=len(visits) + 1))


@pytest.mark.interpreted
@pytest.mark.twin_of("optimizer.routes.rest_kernels", "optimizer.routes.rest_walk_kernels")
@settings(max_examples=100, deadline=None)
@given(tiny_driving_days())
def test_rests_are_those_of_the_naive_day(day: tuple[Worker, list[Visit], list[int]]) -> None:
    """There is a schedule where living every second of every day finds one, and never a shorter one; mostly as short.

    Not always as short: the kernel jumps from start to start.
    """
    worker, visits, legs_s = day
    arrays = arrays_of_problem(Problem((worker,), tuple(visits), (line_matrix([0]),)))
    legs = RestLegs(np.array(legs_s), np.array(legs_s))
    times = arrays.workers[0].times
    timing = cheapest_rest_timing(np.arange(len(visits)), legs, arrays.visits_of[0].times, times)
    durations = naive_rested_durations(worker, visits, legs_s)
    if not durations:
        assert timing.start_s == NEVER
        return
    assert timing.start_s != NEVER
    assert timing.end_s - timing.start_s >= min(durations)
    if not any(visit.time_windows for visit in visits):
        assert timing.end_s - timing.start_s == min(durations)
