"""Coming by the depot between visits to load anew.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0, the depot there too::

    0   1   2   3   4   5   6   7   8
    home            a   b       c   d
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.refusal import explain_refusals
from optimizer.answers.relaxed_rules import relaxed_problem
from optimizer.insertion.insertion import find_insertion, find_insertions, route_value
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Confirmation, Plan, PlannedReload
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Break, Delivery, Problem, Reload, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.routes.route_kernels import POSSIBLE, TOO_MUCH_LOAD
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routing_library.confirmation import unconfirmed_routes
from optimizer.solve import solve
from tests.naive_planning import naive_reload_route_costs
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

LOADED = [Visit(name, place, minutes(10), load=2) for name, place in zip("abcd", (4, 5, 7, 8), strict=True)]
TEN = Reload(0, minutes(10))

engines = pytest.mark.parametrize("engine", Engine)


def van(**changes: object) -> Worker:
    """Return a worker who carries two visits' loads and may reload."""
    return day_worker(**({"capacity": 4, "reload": TEN} | changes))


def solved(problem: Problem, engine: Engine = Engine.SEARCH) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=2000, engine=engine))


@engines
def test_a_worker_comes_back_to_load(engine: Engine) -> None:
    """Two trips of two visits: 10 and 16 of way, 40 of service and 10 of loading, by hand."""
    problem = line_problem([van()], LOADED)
    plan = solved(problem, engine)
    assert plan.unplanned == ()
    (route,) = plan.routes
    assert len(route.reloads) == 1
    assert route.reloads[0].before_stop == 2
    assert route.end_s - route.start_s == minutes(26 + 40 + 10)
    assert plan.cost == 26 + 50 + 260
    assert sum(break_down_cost(problem, plan).values()) == plan.cost
    if engine is not Engine.ORTOOLS:
        assert plan.beyond_search == ("workers.reload",)


def test_the_times_of_a_reload_are_those_computed_by_hand() -> None:
    """A and b until minute 25, home at 30, loading until 40, c at 47: the leg to c is 12 minutes and 12 km."""
    problem = line_problem([van()], LOADED)
    (route,) = assess_orders(problem, [[0, 1, 2, 3]]).plan.routes
    assert (route.start_s, route.end_s) == (0, minutes(76))
    assert route.reloads == (PlannedReload(2, minutes(30), minutes(40), minutes(5), 5000),)
    assert [stop.arrival_s for stop in route.stops] == [minutes(one) for one in (4, 15, 47, 58)]
    assert (route.stops[2].travel_s, route.stops[2].distance_m) == (minutes(12), 12_000)


def test_a_break_interrupts_the_loading() -> None:
    """Lunch from minute 32 to 42 exactly, on a route that cannot wait: the reload ends that much later."""
    lunch = Break(minutes(32), minutes(32), minutes(10))
    first = replace(LOADED[0], time_windows=(TimeWindow(minutes(4), minutes(4)),))
    problem = line_problem([van(breaks=(lunch,))], [first, *LOADED[1:]])
    assessment = assess_orders(problem, [[0, 1, 2, 3]])
    assert assessment.violations == ()
    (reload,) = assessment.plan.routes[0].reloads
    assert (reload.arrival_s, reload.departure_s) == (minutes(30), minutes(50))
    assert unconfirmed_routes(problem, ((0, 1, 2, 3),)) == ()


def test_as_seldom_as_the_load_allows() -> None:
    """Three visits in one trip and one in the other, where that takes the least time; none where all fit."""
    problem = line_problem([van(capacity=6)], LOADED)
    (route,) = assess_orders(problem, [[0, 1, 2, 3]]).plan.routes
    assert [one.before_stop for one in route.reloads] == [1]
    whole = line_problem([van(capacity=8)], LOADED)
    assert assess_orders(whole, [[0, 1, 2, 3]]).plan.routes[0].reloads == ()


@pytest.mark.parametrize(("most", "planned"), [(None, 4), (3, 4), (2, 3), (1, 2), (0, 1)])
def test_the_number_of_reloads_is_limited(most: int | None, planned: int) -> None:
    """With room for one visit a trip, each further visit needs a reload."""
    problem = line_problem([van(capacity=2, reload=replace(TEN, max_reloads=most))], LOADED)
    assert len(solved(problem).routes[0].stops) == planned


@engines
def test_a_reload_costs_its_price(engine: Engine) -> None:
    """The day of two trips costs the price of one reload more, and the breakdown names it."""
    problem = line_problem([van(reload=replace(TEN, cost=33))], LOADED)
    plan = solved(problem, engine)
    assert plan.cost == 26 + 50 + 260 + 33
    assert break_down_cost(problem, plan)["workers[0].reload.cost"] == 33
    assert check_plan(line_problem([van()], LOADED), plan)[0].rule is PlanRule.COST


@pytest.mark.parametrize(("price", "planned"), [(100, 4), (900, 2)])
def test_visits_are_left_out_where_reloading_for_them_is_too_dear(price: int, planned: int) -> None:
    """The second trip brings two visits worth 400 each."""
    optional = [replace(visit, unserved_cost=400) for visit in LOADED]
    problem = line_problem([van(reload=replace(TEN, cost=price))], optional)
    assert len(solved(problem, Engine.HYBRID).routes[0].stops) == planned


def test_what_a_delivery_brings_stays_on_board() -> None:
    """A parcel of 3 on board leaves no room for a visit of 2, reload or not; on another route of the day it would."""
    parcel = [Visit("from", 1, 0), Visit("to", 9, 0)]
    problem = replace(line_problem([van()], [*LOADED[:1], *parcel]), deliveries=(Delivery(1, 2, 3),))
    arrays = arrays_of_problem(problem)
    assert route_value(arrays, 0, (1, 0, 2)).verdict == TOO_MUCH_LOAD
    assert route_value(arrays, 0, (0, 1, 2)).verdict == POSSIBLE
    assert len(assess_orders(problem, [[0, 1, 2]]).plan.routes[0].reloads) == 1


def test_the_checker_recomputes_reloads() -> None:
    """A reload too short, left out, at the wrong place, too often, or of somebody who has none is named."""
    problem = line_problem([van(reload=replace(TEN, max_reloads=1))], LOADED)
    plan = assess_orders(problem, [[0, 1, 2, 3]]).plan
    assert check_plan(problem, plan) == ()
    (route,) = plan.routes
    (reload,) = route.reloads

    def rules(of: Problem, *reloads: PlannedReload) -> set[PlanRule]:
        return {one.rule for one in check_plan(of, replace(plan, routes=(replace(route, reloads=reloads),)))}

    assert rules(problem, replace(reload, departure_s=reload.departure_s - 60)) == {PlanRule.RELOAD, PlanRule.TRAVEL}
    assert rules(problem, replace(reload, travel_s=0, arrival_s=reload.arrival_s - 300)) >= {PlanRule.TRAVEL}
    assert PlanRule.CAPACITY in rules(problem)
    assert PlanRule.CAPACITY in rules(problem, replace(reload, before_stop=3))
    for wrong in ((replace(reload, before_stop=0),), (reload, reload), (replace(reload, before_stop=9),)):
        assert rules(problem, *wrong) == {PlanRule.RELOAD}
    assert rules(line_problem([day_worker(capacity=4)], LOADED), reload) == {PlanRule.RELOAD}


def test_the_second_engine_confirms_reloads() -> None:
    """OR-Tools, told the reload as a visit, confirms the route; a direct sequence across it does not matter."""
    problem = line_problem([van(max_visits=4)], LOADED)
    plan = solved(problem, Engine.HYBRID)
    assert plan.confirmation is Confirmation.CONFIRMED


@pytest.mark.parametrize(("capacity", "rule", "amount"), [(5, "capacity", 1), (4, "reload.max_reloads", 1)])
def test_a_relaxation_counts_from_reload_to_reload(capacity: int, rule: str, amount: int) -> None:
    """With no reload left, a third load of two needs one more of the capacity, or, where that is two, a reload."""
    owner = van(capacity=capacity, reload=replace(TEN, max_reloads=0), shift_end_s=minutes(300))
    problem = line_problem([owner], LOADED[:3])
    (refusal,) = explain_refusals(problem, [[0, 1]])
    assert refusal.smallest is not None
    assert (refusal.smallest.rule.value, refusal.smallest.amount) == (rule, amount)
    assert find_insertion(arrays_of_problem(relaxed_problem(problem, refusal.smallest)), ((0, 1),), 0, 2) is not None


def test_what_makes_no_sense_is_refused() -> None:
    """A reload needs a capacity and a place that is there."""
    wrong = day_worker(reload=Reload(99, -1, max_reloads=-1, cost=-1))
    fields = [one.field for one in list_problem_violations(line_problem([wrong], LOADED))]
    assert fields == [
        "workers[0].reload.location",
        "workers[0].reload.duration_s",
        "workers[0].reload.cost",
        "workers[0].reload.max_reloads",
        "workers[0].reload",
    ]


@st.composite
def reload_problems(draw: st.DrawFn, max_workers: int = 2, max_visits: int = 5) -> Problem:
    """Draw a problem in which some workers reload, with visits that have loads."""
    problem = draw(random_problems(max_workers, max_visits, rich=True))
    places = len(problem.matrices[0].duration_s)
    reload = st.builds(
        Reload, st.integers(0, places - 1), st.integers(0, 20), st.none() | st.integers(0, 2), st.integers(0, 60)
    )
    workers = tuple(
        replace(worker, reload=draw(reload), capacity=draw(st.integers(0, 8))) if draw(st.booleans()) else worker
        for worker in problem.workers
    )
    return replace(problem, workers=workers)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reload_problems())
def test_every_plan_with_reloads_is_sound(problem: Problem) -> None:
    """Whatever the problem, the checker accepts the plan, and the second engine its routes."""
    plan = solve(problem, SolveOptions(time_limit_s=5, work_limit=200))
    assert check_plan(problem, plan) == ()
    assert plan.confirmation is not Confirmation.REFUSED
    for route in plan.routes:
        assert all(before.before_stop < after.before_stop for before, after in pairwise(route.reloads))


@pytest.mark.twin_of("optimizer.routes.reload_kernels", "optimizer.routes.way_kernels")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reload_problems(max_workers=1), st.randoms(use_true_random=False))
def test_a_route_with_reloads_costs_what_the_naive_one_costs(problem: Problem, random: Random) -> None:
    """Reloads at the places that trying all of them finds, and the cost of the day with them."""
    order = random.sample(range(len(problem.visits)), k=len(problem.visits))
    value = route_value(arrays_of_problem(problem), 0, order)
    naive = naive_reload_route_costs(problem, 0, order)
    assert (value.cost if value.verdict == POSSIBLE else None) in naive


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reload_problems(max_workers=1), st.randoms(use_true_random=False))
def test_insertions_beside_reloads_equal_trying_every_position(problem: Problem, random: Random) -> None:
    """The cheapest place of a visit is that of all positions, though the reloads move with it."""
    if not problem.visits:
        return
    visits = random.sample(range(len(problem.visits)), k=len(problem.visits))
    visit, order = visits[0], tuple(visits[1:])
    arrays = arrays_of_problem(problem)
    before = route_value(arrays, 0, order)
    if before.verdict != POSSIBLE or not arrays.may_serve[0, visit]:
        return
    values = [route_value(arrays, 0, (*order[:place], visit, *order[place:])) for place in range(len(order) + 1)]
    best = min((value.cost for value in values if value.verdict == POSSIBLE), default=NEVER)
    (found,) = find_insertions(arrays, (order,), 0, [visit])
    assert (NEVER if found is None else found.extra_cost + before.cost) == best
