"""Workers who load anew at a depot and may drive only so long without a rest.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0, the depot there too.
One visit's load fits, so that the way is 0, a, 0, b, 0; after six minutes on the road five minutes of rest are due::

    0   1   2   3   4   5   6   7
    home        a               b
    depot
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.insertion.insertion import find_insertions, route_value
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Confirmation, PlannedBreak, PlannedReload
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, DrivingRest, Problem, Reload, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routes.slack import slack_of_route
from optimizer.routing_library.confirmation import unconfirmed_routes
from optimizer.solve import solve
from tests.naive_rests import naive_rested_durations
from tests.optimizer.routes.test_reloads import reload_problems
from tests.optimizer.small_problems import day_worker, field_problems, line_matrix, line_problem, minutes

A, B = Visit("a", 3, minutes(10), load=1), Visit("b", 7, minutes(10), load=1)
SIX_FIVE = DrivingRest(minutes(6), minutes(5))

engines = pytest.mark.parametrize("engine", Engine)


def van(**changes: object) -> Worker:
    """Return a worker who carries one load, loads for ten minutes, and rests."""
    return day_worker(**({"capacity": 1, "reload": Reload(0, minutes(10)), "driving_rest": SIX_FIVE} | changes))


@engines
def test_a_day_with_a_reload_and_rests(engine: Engine) -> None:
    """Twenty minutes on the road, 20 of service, 10 of loading, and three rests: 65 minutes, by hand."""
    problem = line_problem([van()], [A, B])
    plan = solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))
    assert plan.unplanned == ()
    (route,) = plan.routes
    assert len(route.reloads) == 1
    assert [pause.number for pause in route.breaks] == [None] * 3
    assert route.end_s - route.start_s == minutes(20 + 20 + 10 + 3 * 5)
    assert check_plan(problem, plan) == ()
    assert unconfirmed_routes(problem, tuple(tuple(stop.visit for stop in one.stops) for one in plan.routes)) == ()


def test_the_rest_lies_at_the_depot() -> None:
    """Back at the depot after six minutes on the road, loaded at 26, rested until 31; due again a minute before b."""
    problem = line_problem([van()], [A, B])
    (route,) = assess_orders(problem, [[0, 1]]).plan.routes
    assert route.reloads == (PlannedReload(1, minutes(16), minutes(26), minutes(3), 3000),)
    assert [stop.arrival_s for stop in route.stops] == [minutes(3), minutes(43)]
    rests = [PlannedBreak(None, minutes(begin), minutes(begin + 5)) for begin in (26, 37, 58)]
    assert route.breaks == tuple(rests)


def test_loading_is_no_rest() -> None:
    """However long the loading takes, as many rests are due: it is work, as a service is."""
    problem = line_problem([van(reload=Reload(0, minutes(60)))], [A, B])
    (route,) = assess_orders(problem, [[0, 1]]).plan.routes
    assert [pause.number for pause in route.breaks] == [None] * 3


def test_lunch_at_the_depot_is_a_rest() -> None:
    """Five minutes of lunch that may be taken while the van is loaded are one of the three rests."""
    lunch = Break(minutes(16), minutes(26), minutes(5))
    problem = line_problem([van(breaks=(lunch,), shift_start_s=0, shift_end_s=minutes(65))], [A, B])
    assessment = assess_orders(problem, [[0, 1]])
    assert assessment.violations == ()
    (route,) = assessment.plan.routes
    assert sorted(str(pause.number) for pause in route.breaks) == ["0", "None", "None"]


@engines
def test_a_day_too_short_for_its_rests_leaves_a_visit_out(engine: Engine) -> None:
    """Without rests both visits fit into 60 minutes; with them only one does."""
    optional = [replace(visit, unserved_cost=10_000) for visit in (A, B)]
    options = SolveOptions(time_limit_s=600, work_limit=500, engine=engine)
    short = line_problem([van(shift_end_s=minutes(60))], optional)
    assert len(solve(short, options).unplanned) == 1
    free = line_problem([van(shift_end_s=minutes(60), driving_rest=None)], optional)
    assert solve(free, options).unplanned == ()


def test_the_checker_counts_the_time_on_the_road_before_and_after_the_depot() -> None:
    """A rest moved from behind the depot to before it leaves too long a drive to b; waiting at the depot is allowed."""
    problem = line_problem([van()], [A, B])
    plan = assess_orders(problem, [[0, 1]]).plan
    assert check_plan(problem, plan) == ()
    (route,) = plan.routes
    late = replace(route.reloads[0], departure_s=minutes(26))
    first = PlannedBreak(None, minutes(13), minutes(18))
    a, b = route.stops
    early = replace(
        route,
        breaks=(first, *route.breaks[1:]),
        reloads=(replace(late, arrival_s=minutes(21), departure_s=minutes(31)),),
        stops=(a, b),
    )
    rules = {one.rule for one in check_plan(problem, replace(plan, routes=(early,)))}
    assert rules == {PlanRule.DRIVING_REST}


def test_slack_with_a_reload_and_rests_is_room_for_being_late() -> None:
    """Served as late as its slack allows, each visit still leaves a day that fits."""
    problem = line_problem([van(shift_end_s=minutes(75))], [A, B])
    arrays = arrays_of_problem(problem)
    route = schedule_route(problem, arrays, 0, [0, 1])
    assert route is not None
    for place, slack_s in enumerate(slack_of_route(arrays, route)):
        assert slack_s == minutes(10)
        late = list(problem.visits)
        opens_s = route.stops[place].start_s + slack_s
        late[place] = replace(late[place], time_windows=(TimeWindow(opens_s, minutes(75)),))
        assert route_value(arrays_of_problem(replace(problem, visits=tuple(late))), 0, [0, 1]).verdict == POSSIBLE


@st.composite
def tiny_days(draw: st.DrawFn) -> tuple[Problem, list[Visit], list[int]]:
    """Draw a day with a reload between any two visits, and the same with the reloads as visits, with its legs."""
    depot, loading_s = draw(st.integers(0, 9)), draw(st.integers(0, 6))
    visits = [
        Visit(f"v{number}", draw(st.integers(0, 9)), draw(st.integers(0, 6)), load=1)
        for number in range(draw(st.integers(2, 3)))
    ]
    worker = day_worker(
        shift_end_s=draw(st.integers(20, 120)),
        cost_per_hour=3600,
        capacity=1,
        reload=Reload(depot, loading_s),
        driving_rest=DrivingRest(draw(st.integers(2, 12)), draw(st.integers(1, 6))),
    )
    stops = [one for visit in visits for one in (Visit("depot", depot, loading_s), visit)][1:]
    places = [0, *(one.location for one in stops), 0]
    problem = Problem((worker,), tuple(visits), (line_matrix(range(10), seconds_per_place=1),))
    return problem, stops, [abs(there - here) for here, there in pairwise(places)]


@pytest.mark.interpreted
@pytest.mark.twin_of("optimizer.routes.route_stages_kernels")
@settings(max_examples=60, deadline=None)
@given(tiny_days())
def test_days_with_reloads_and_rests_are_those_of_the_naive_day(day: tuple[Problem, list[Visit], list[int]]) -> None:
    """As short as living every second of the day finds, with the reloads as visits that nobody waits for."""
    problem, stops, legs_s = day
    durations = naive_rested_durations(problem.workers[0], stops, legs_s)
    route = schedule_route(problem, arrays_of_problem(problem), 0, range(len(problem.visits)))
    assert (None if route is None else route.end_s - route.start_s) == min(durations, default=None)


@st.composite
def resting_couriers(draw: st.DrawFn) -> Problem:
    """Draw a rich problem in which workers reload and rest, some visits have soft windows, some are deliveries."""
    problem = draw(st.one_of(reload_problems(), field_problems(max_workers=2, max_visits=5)))
    reload = st.builds(Reload, st.integers(0, len(problem.matrices[0].duration_s) - 1), st.integers(0, 20))
    rest = st.builds(DrivingRest, st.integers(1, 80), st.integers(1, 15))
    workers = tuple(
        replace(
            one,
            driving_rest=one.driving_rest or draw(rest),
            reload=one.reload or draw(reload),
            capacity=draw(st.integers(1, 8)),
        )
        for one in problem.workers
    )
    return replace(problem, workers=workers)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(resting_couriers())
def test_every_plan_with_reloads_and_rests_is_sound(problem: Problem) -> None:
    """Whatever the problem, the checker accepts the plan, and the second engine does not refuse its routes."""
    plan = solve(problem, SolveOptions(time_limit_s=5, work_limit=200))
    assert check_plan(problem, plan) == ()
    assert plan.confirmation is not Confirmation.REFUSED


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(resting_couriers())
def test_insertions_beside_reloads_and_rests_equal_trying_every_position(problem: Problem) -> None:
    """The cheapest place of a visit without a delivery is that of all positions."""
    arrays = arrays_of_problem(problem)
    delivered = {visit for one in problem.deliveries for visit in (one.pickup, one.delivery)}
    free = [visit for visit in range(len(problem.visits)) if visit not in delivered and arrays.may_serve[0, visit]]
    if not free:
        return
    order, visit = tuple(free[1:]), free[0]
    before = route_value(arrays, 0, order)
    if before.verdict != POSSIBLE or arrays.binds_routes:
        return
    values = [route_value(arrays, 0, (*order[:place], visit, *order[place:])) for place in range(len(order) + 1)]
    best = min((one.cost for one in values if one.verdict == POSSIBLE), default=None)
    (found,) = find_insertions(arrays, (order,), 0, [visit])
    assert (None if found is None else found.extra_cost + before.cost) == best
