"""The pool of routes: what it keeps, what it makes of it, and that plans of it keep every rule."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.insertion.insertion import insert_what_pays
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem import Problem, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.search import team
from optimizer.search.given_plan import put_in
from optimizer.search.options import SearchOptions
from optimizer.search.problem_tables import tables_of_problem
from optimizer.search.route_pool import Orders, RoutePool, costs_of_routes
from optimizer.search.search import search
from optimizer.search.search_data import SearchData
from optimizer.search.state import COST, State, empty_plan
from tests.naive_search import naive_fine_cost
from tests.optimizer.search.known_problems import known_problems
from tests.optimizer.search.test_kernels import draw_orders
from tests.optimizer.search.test_search import many_visits
from tests.optimizer.small_problems import day_worker, line_problem, minutes

SLOW = [HealthCheck.too_slow]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans be kept and made after a few iterations already."""
    monkeypatch.setattr(team, "_BETWEEN_PLANS", 64)
    monkeypatch.setattr(team, "_FEWEST_BETWEEN_CHOICES", 64)


def plan_of(problem: Problem, orders: Orders) -> tuple[SearchData, State]:
    """Lay out a problem with these routes planned."""
    data, nodes = tables_of_problem(problem)
    state = empty_plan(data, nodes, seed=0)
    put_in(data, state, orders)
    return data, state


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(known_problems(), st.data())
def test_routes_are_priced_as_by_hand(problem: Problem, data: st.DataObject) -> None:
    """The cost of each route of a plan is that of the obvious computation."""
    orders = draw_orders(data, problem)
    tables, state = plan_of(problem, tuple(map(tuple, orders)))
    wanted = [naive_fine_cost(problem, worker, order) for worker, order in enumerate(orders)]
    assert costs_of_routes(tables, state).tolist() == wanted


def two_halves(*, workers: int = 2) -> Problem:
    """Return four visits on a line around the home at 10, two on each side, and workers who are alike.

    ::

        a--b--------HOME--------c--d
        2  3         10        17  18
    """
    visits = [Visit(name, place, minutes(1)) for name, place in zip("abcd", (2, 3, 17, 18), strict=True)]
    team_of = [day_worker(id=f"w{k}", start_location=10, end_location=10, fixed_cost=1) for k in range(workers)]
    return line_problem(team_of, visits)


def test_the_good_halves_of_two_plans_are_put_together() -> None:
    """One plan has a good left route, another a good right one, for other workers: the new plan has both."""
    problem = two_halves(workers=3)
    good_left: Orders = ((0, 1), (2,), (3,))
    good_right: Orders = ((0,), (2, 3), (1,))
    data, first = plan_of(problem, good_left)
    _, second = plan_of(problem, good_right)
    pool = RoutePool(data)
    pool.gather(first)
    assert pool.better_plan(first) is None
    # Both cost the same, so that neither is too bad to be kept.
    assert first.counters[COST] == second.counters[COST]
    pool.gather(second)
    made = pool.better_plan(first)
    assert made is not None
    assert sorted(made) == [(), (0, 1), (2, 3)]


def test_of_the_same_visits_the_cheaper_order_is_taken() -> None:
    """A route is replaced by one with the same visits in a cheaper order, whoever has it."""
    problem = two_halves()
    data, first = plan_of(problem, ((0, 1), (2, 3)))
    # From 10 to 3, 2, 18, 17 and back is longer than a route to each side.
    _, crossed = plan_of(problem, ((1, 0), (2, 3)))
    pool = RoutePool(data)
    pool.gather(crossed)
    pool.gather(first)
    assert pool.better_plan(first) is None
    made = pool.better_plan(plan_of(problem, ((0, 2), (1, 3)))[1])
    assert made is not None
    assert {frozenset(route) for route in made} == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_visit_that_nobody_can_do_is_no_obstacle() -> None:
    """What is on no route stays out, at its price where it has one."""
    visits = [Visit("far", 9, minutes(900)), Visit("a", 1, 60), Visit("b", 3, 60, unserved_cost=1)]
    problem = line_problem([day_worker(id="ann"), day_worker(id="bob")], visits)
    data, dear = plan_of(problem, ((1,), (2,)))
    _, cheap = plan_of(problem, ((1,), ()))
    pool = RoutePool(data)
    pool.gather(cheap)
    made = pool.better_plan(dear)
    assert made is not None
    assert sorted(made) == [(), (1,)]


@pytest.mark.usefixtures("eager")
@settings(max_examples=60, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(known_problems())
def test_the_checker_accepts_plans_of_kept_routes(problem: Problem) -> None:
    """Whatever the problem, plans keep every rule when routes are put together again and again."""
    arrays = arrays_of_problem(problem)
    result = search(problem, SearchOptions(time_limit_s=60, work_limit=1000))
    orders = insert_what_pays(problem, arrays, result.orders)
    assert check_plan(problem, plan_of_orders(problem, arrays, orders, "search")) == ()


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_work_gives_the_same_orders_with_kept_routes(threads: int) -> None:
    """Plans are kept and made at moments of work, whatever the clock says."""
    problem = many_visits(30)
    options = SearchOptions(time_limit_s=1e6, work_limit=4000, seed=3, threads=threads)
    slow_clock = itertools.count(0, 10)
    swift_clock = itertools.count(0, 1e-9)
    slow = search(problem, options, clock=lambda: float(next(slow_clock)))
    assert slow == search(problem, options, clock=lambda: float(next(swift_clock)))


def test_bonds_between_visits_leave_the_pool_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where visits have bonds, no plan is made of routes, since these may not go together."""
    made: list[SearchData] = []

    def pool_of(data: SearchData) -> RoutePool:
        made.append(data)
        return RoutePool(data)

    monkeypatch.setattr(team, "RoutePool", pool_of)
    for groups in ((), (frozenset({0, 1}),)):
        problem = Problem(**{**vars(many_visits(6)), "separate_groups": groups})
        search(problem, SearchOptions(time_limit_s=60, work_limit=64))
    assert [len(data.bonds) for data in made] == [0]
    assert isinstance(made[0].workers, np.ndarray)
