"""The statement of a problem to OR-Tools: it agrees with our own kernels on what is possible and what it costs."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders, route_value
from optimizer.problem import Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem, cost_of_area
from optimizer.routes.cost_breakdown import RouteMeasures, measures_of_route
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routing_library.model import build_routing_model
from optimizer.routing_library.search import read_orders_into_model, search_routes
from optimizer.routing_library.statement import COST_SCALE
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems


def cost_according_to_or_tools(problem: Problem, visits: Sequence[int], order: Sequence[int]) -> int | None:
    """Read the first worker's route into a model of some visits; None where OR-Tools refuses it."""
    statement = build_routing_model(problem, arrays_of_problem(problem), visits, seed=0)
    statement.model.CloseModel()
    try:
        assignment = read_orders_into_model(statement, (tuple(order),))
    except SolverFailedError:
        return None
    penalties = sum(
        int(statement.model.UnperformedPenalty(statement.manager.NodeToIndex(node)))
        for node, visit in enumerate(statement.nodes.visits)
        if visit not in order
    )
    return int(assignment.ObjectiveValue()) - penalties


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(random_problems(max_workers=1, max_visits=4, rich=True), st.randoms(use_true_random=False))
def test_both_agree_on_every_route(problem: Problem, random: Random) -> None:
    """OR-Tools accepts exactly the routes that have a schedule, at exactly their cost before rounding."""
    arrays = arrays_of_problem(problem)
    visits = [visit for visit in range(len(problem.visits)) if arrays.may_serve[0, visit]]
    order = random.sample(visits, k=random.randint(min(1, len(visits)), len(visits)))
    if not order:
        return
    theirs = cost_according_to_or_tools(problem, visits, order)
    if route_value(arrays, 0, order).verdict != POSSIBLE:
        assert theirs is None
        return
    route = schedule_route(problem, arrays, 0, order)
    assert route is not None
    assert theirs is not None
    if any(visit.soft_windows for visit in problem.visits):
        return  # of these it knows the outer ends only, and fixes the times without weighing them
    sums = measures_of_route(route)
    exact = COST_SCALE * exact_cost(problem, sums)
    if problem.workers[0].overtime_cost_per_hour and problem.workers[0].regular_end_s is not None:
        # It fixes the times without weighing the end against the start.
        assert theirs >= exact
    else:
        assert theirs == exact


def exact_cost(problem: Problem, sums: RouteMeasures) -> Fraction:
    """Return what the first worker's route costs before any term is rounded."""
    worker = problem.workers[0]
    soft = worker.soft_limits
    cost = Fraction(worker.fixed_cost)
    for price, amount, limit, unit in (
        (worker.cost_per_hour, sums.duration_s, 0, 3600),
        (worker.cost_per_km, sums.distance_m, 0, 1000),
        (soft.cost_per_extra_visit, len(sums.visits), soft.max_visits, 1),
        (soft.cost_per_extra_km, sums.distance_m, soft.max_distance_m, 1000),
        (soft.cost_per_extra_hour, sums.duration_s, soft.max_duration_s, 3600),
        (soft.cost_per_extra_travel_hour, sums.travel_s, soft.max_travel_s, 3600),
        (worker.overtime_cost_per_hour, sums.end_s, worker.regular_end_s, 3600),
    ):
        if limit is not None:
            cost += Fraction(price * max(0, amount - limit), unit)
    for visit in sums.visits:
        preferred = problem.visits[visit].preferred_workers
        if preferred and 0 not in preferred:
            cost += problem.visits[visit].not_preferred_cost
        cost += cost_of_area(problem, 0, problem.visits[visit])
    return cost


@pytest.mark.parametrize(
    "windows",
    [
        ((0, 5), (700, 800)),  # the second lies after the shift
        ((-50, -40), (0, 5)),  # the first lies before it
        ((0, 2), (3, 5)),  # no gap of a whole minute between them
    ],
)
def test_windows_outside_the_shift_do_not_spoil_the_model(windows: tuple[tuple[int, int], ...]) -> None:
    """A window that no shift reaches takes nothing from the others."""
    visit = Visit("a", 3, minutes(1), tuple(TimeWindow(minutes(start), minutes(end)) for start, end in windows))
    assert cost_according_to_or_tools(line_problem([day_worker()], [visit]), [0], [0]) is not None


def test_a_visit_outside_every_shift_does_not_spoil_the_others() -> None:
    """A visit whose only window is after all shifts is left out; the model stays feasible."""
    late = Visit("late", 3, minutes(1), (TimeWindow(minutes(700), minutes(800)),))
    problem = line_problem([day_worker()], [late, Visit("b", 4, minutes(1))])
    assert cost_according_to_or_tools(problem, [0, 1], [1]) is not None
    assert cost_according_to_or_tools(problem, [0, 1], [0, 1]) is None


def test_a_search_leaves_nothing_in_memory() -> None:
    """The model of a search is gone when its answer is there: a solver process lives through thousands of them."""
    problem = line_problem([day_worker()], [Visit("a", 3, 60), Visit("b", 5, 60)])
    statement = build_routing_model(problem, arrays_of_problem(problem), (0, 1), seed=0)
    model = weakref.ref(statement.model)
    heard: list[Orders] = []
    orders = search_routes(
        statement,
        start_from=((0,),),
        time_limit_s=60,
        work_limit=200,
        should_stop=lambda: False,
        on_orders=heard.append,
    )
    assert heard[-1] == orders
    del statement
    gc.collect()
    assert model() is None
