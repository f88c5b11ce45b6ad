"""The search that knows every rule.

The maps are lines: a minute and a kilometre between neighbouring places, the worker at home at 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.insertion import Orders, find_insertion, insert_what_pays, route_value, unplanned_visits
from optimizer.options import Engine, SolveOptions
from optimizer.places_of_visits import PlacesOfVisits
from optimizer.problem import Delivery, Problem, Visit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.route_kernels import POSSIBLE
from optimizer.schedule_kernels import NEVER
from optimizer.solve import solve
from optimizer.thorough_search import search_thoroughly
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes

ITERATIONS = 30


def improved(problem: Problem, orders: Orders, seed: int = 0, iterations: int = ITERATIONS) -> Orders:
    """Search for a number of iterations."""
    return search_thoroughly(
        problem,
        arrays_of_problem(problem),
        orders,
        seed=seed,
        share_done=lambda done: done / iterations,
        on_better=lambda _: None,
    )


def cost(problem: Problem, arrays: ProblemArrays, orders: Orders) -> tuple[int, int]:
    """Return how many mandatory visits are left out, and what everything costs."""
    values = [route_value(arrays, worker, order) for worker, order in enumerate(orders)]
    assert all(value.verdict == POSSIBLE for value in values)
    unserved = [problem.visits[visit].unserved_cost for visit in unplanned_visits(problem, orders)]
    return unserved.count(None), sum(value.cost for value in values) + sum(one or 0 for one in unserved)


@given(problem=field_problems(), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_it_keeps_every_rule_and_makes_nothing_worse(problem: Problem, seed: int) -> None:
    """Routes of any problem stay feasible and cost no more; the same seed finds the same ones."""
    problem = replace(problem, precedences=(), balance=None, lowest_strict_priority=0)
    arrays = arrays_of_problem(problem)
    start = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    found = improved(problem, start, seed)
    assert cost(problem, arrays, found) <= cost(problem, arrays, start)
    assert found == improved(problem, start, seed)


@given(problem=field_problems(), data=st.data())
@settings(max_examples=20)
def test_what_is_remembered_of_places_is_what_would_be_found(problem: Problem, data: st.DataObject) -> None:
    """After any visits went out, in and back again, each visit's places on all routes are those found anew."""
    arrays = arrays_of_problem(problem)
    places = PlacesOfVisits(arrays, insert_what_pays(problem, arrays, ((),) * len(problem.workers)))
    for _ in range(4):
        planned = sorted(visit for order in places.orders for visit in order)
        chosen = data.draw(st.sets(st.sampled_from(planned))) if planned else set()
        partners = {int(arrays.visits_of[0].partner[visit]) for visit in chosen}
        if places.take_out((chosen | partners) - {-1}) is None:
            places.take_back()
            continue
        for visit in unplanned_visits(problem, places.orders):
            if any(visit in order for order in places.orders):
                continue
            costs = places.extra_costs(np.array([visit]))
            anew = [find_insertion(arrays, places.orders, worker, visit) for worker in range(len(places.orders))]
            assert costs.tolist() == [NEVER if one is None else one.extra_cost for one in anew]
            if costs.min() < NEVER and data.draw(st.booleans()):
                places.put_in(visit, int(costs.argmin()))
        if data.draw(st.booleans()):
            places.take_back()
        places.keep()
        assert places.cost() == sum(route_value(arrays, k, order).cost for k, order in enumerate(places.orders))


def test_two_deliveries_change_places() -> None:
    """Each is with the worker for whom it is out of the way, and nobody may carry two: no single move helps.

    ::

        0   1   2   3   4   5   6   7   8   9  ...  19
        ann     p ----> q                   r -> s  bo
    """
    workers = [day_worker(max_visits=2), day_worker(id="bo", start_location=19, end_location=19, max_visits=2)]
    visits = [Visit("p", 2, minutes(1)), Visit("q", 4, minutes(1)), Visit("r", 17, minutes(1)), Visit("s", 18, 60)]
    problem = replace(line_problem(workers, visits), deliveries=(Delivery(0, 1, 1), Delivery(2, 3, 1)))
    assert improved(problem, ((2, 3), (0, 1))) == ((0, 1), (2, 3))


def test_a_plan_with_deliveries_is_repeatable() -> None:
    """The same work finds the same plan, and more of it no dearer one."""
    rng = np.random.default_rng(4)
    visits = [Visit(f"v{k}", int(rng.integers(1, 20)), minutes(1), unserved_cost=900) for k in range(24)]
    workers = [day_worker(id=f"w{k}", capacity=3, max_visits=8) for k in range(3)]
    deliveries = tuple(Delivery(k, k + 1, 1) for k in range(0, 24, 2))
    problem = replace(line_problem(workers, visits), deliveries=deliveries)
    options = SolveOptions(time_limit_s=600, work_limit=2_000, engine=Engine.SEARCH)
    plan = solve(problem, options)
    assert plan == solve(problem, options)
    assert plan.cost <= solve(problem, replace(options, work_limit=100)).cost
