"""The search that knows every rule.

The maps are lines: a minute and a kilometre between neighbouring places, the worker at home at 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.engines import run_engines
from optimizer.insertion.insertion import Orders, find_insertion, insert_what_pays, route_value, unplanned_visits
from optimizer.insertion.joining import may_join
from optimizer.insertion.places_on_route import cheapest_places
from optimizer.options import Engine, SolveOptions
from optimizer.priorities import Rank, with_prizes
from optimizer.problem import Delivery, Problem, TravelMatrix, Visit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.progress import Progress
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule_kernels import NEVER
from optimizer.solve import solve
from optimizer.thorough.changing_routes_kernels import EXTRA_COST, NOBODY, POSITION, UNKNOWN, VERSION
from optimizer.thorough.loop_kernels import ABSENT, COST, search_on
from optimizer.thorough.search import ORDER_SHARES_WITH_DELIVERIES, RUIN, recreate_options, search_thoroughly
from optimizer.thorough.state import state_of
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes

ITERATIONS = 30


def improved(
    problem: Problem, orders: Orders, seed: int = 0, iterations: int = ITERATIONS, over: float = 0.0
) -> Orders:
    """Search for a number of iterations, while the clock says that a share of the time is over."""
    return search_thoroughly(
        problem,
        arrays_of_problem(problem),
        orders,
        seed=seed,
        most_iterations=iterations,
        time_share=lambda: over,
        on_better=lambda _: None,
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_way_may_pay_for_several_visits_together(seed: int) -> None:
    """Two visits of 100 and 101 are served for a fixed cost of 150 and a way of 44, which neither is worth alone."""
    visits = [Visit("a", 2, 0, unserved_cost=100), Visit("b", 2, 0, unserved_cost=101)]
    problem = line_problem([day_worker(fixed_cost=150)], visits)
    assert sorted(improved(problem, ((),), seed, 300)[0]) == [0, 1]
    dearer = replace(problem, workers=(replace(problem.workers[0], fixed_cost=160),))
    assert improved(dearer, ((),), seed, 300) == ((),)


def rank(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Rank:
    """Return how many visits of each level feasible routes leave out, and what everything costs."""
    values = [route_value(arrays, worker, order) for worker, order in enumerate(orders)]
    assert all(value.verdict == POSSIBLE for value in values)
    return Progress(problem, arrays, lambda _: None).rank(orders)


@given(problem=field_problems(), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_it_keeps_every_rule_and_makes_nothing_worse(problem: Problem, seed: int) -> None:
    """Routes of any problem stay feasible and cost no more; the same seed finds the same ones, whatever the time."""
    problem = replace(problem, precedences=(), balance=None)
    arrays = arrays_of_problem(problem)
    start = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    prized = with_prizes(problem)
    assert prized.is_proven
    found = improved(prized.problem, start, seed)
    assert rank(problem, arrays, found) <= rank(problem, arrays, start)
    assert found == improved(prized.problem, start, seed, over=0.5)


@pytest.mark.parametrize("priority", [None, 1])
def test_what_comes_first_makes_way_for_nothing(priority: int | None) -> None:
    """A long visit that is mandatory, or of priority 1, is not given for two short ones of priority 2.

    ::

        0  1  2  ...  18
        ann   short   long
    """
    long = Visit("long", 18, minutes(60), unserved_cost=None if priority is None else 1, priority=priority or 3)
    short = [Visit(f"short {place}", place, minutes(60), unserved_cost=9000, priority=2) for place in (1, 2)]
    worker = day_worker(shift_end_s=minutes(124))
    problem = replace(line_problem([worker], [long, *short]), lowest_strict_priority=2)
    assert improved(with_prizes(problem).problem, ((0,),)) == ((0,),)


@pytest.mark.twin_of(
    "optimizer.thorough.changing_routes_kernels",
    "optimizer.thorough.loop_kernels",
    "optimizer.thorough.ruin_kernels",
    "optimizer.thorough.team_kernels",
)
@given(problem=field_problems(), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_what_is_remembered_of_places_is_what_would_be_found(problem: Problem, seed: int) -> None:
    """After any iterations, what counts as known of a visit and a route is what insertion finds anew."""
    problem = replace(problem, precedences=(), balance=None, lowest_strict_priority=0)
    arrays = arrays_of_problem(problem)
    if not problem.visits:
        return
    state = state_of(problem, arrays, insert_what_pays(problem, arrays, ((),) * len(problem.workers)), seed)
    for _ in range(4):
        search_on(state, RUIN, recreate_options(100.0, ORDER_SHARES_WITH_DELIVERIES), 5)
        routes, found = state.work.routes, state.work.memory.found
        orders = tuple(tuple(routes.orders[k, :length].tolist()) for k, length in enumerate(routes.length))
        for worker, visit in np.argwhere(found[:, :, VERSION] == routes.version[:, None]).tolist():
            if routes.owner[visit] != NOBODY:
                continue
            anew = find_insertion(replace(arrays, mates={}, strangers={}), orders, worker, visit)
            known = found[worker, visit]
            if known[POSITION] == UNKNOWN:
                assert anew is None or anew.extra_cost >= known[EXTRA_COST]
            else:
                assert anew is not None
                assert (anew.extra_cost, anew.position) == (known[EXTRA_COST], known[POSITION])
        planned = [visit for order in orders for visit in order]
        assert [routes.owner[visit] for visit in planned] == [k for k, order in enumerate(orders) for _ in order]
        left_out = [visit for visit in unplanned_visits(problem, orders) if not state.rules.goes_along[visit]]
        assert sorted(state.absent[: state.counters[ABSENT]].tolist()) == left_out
        assert state.counters[COST] == routes.cost.sum() + state.rules.worth[left_out].sum()
        assert routes.cost.tolist() == [route_value(arrays, k, order).cost for k, order in enumerate(orders)]
        assert all(may_join(arrays, orders, k, order).all() for k, order in enumerate(orders))


def naive_cost_with_delivery(arrays: ProblemArrays, worker: int, order: list[int], one: Delivery) -> int:
    """Try every pair of positions, each by evaluating the whole route."""
    costs = [NEVER]
    for first in range(len(order) + 1):
        for second in range(first, len(order) + 1):
            longer = [*order[:first], one.pickup, *order[first:second], one.delivery, *order[second:]]
            costs.append(route_value(arrays, worker, longer).cost)
    return min(costs)


@pytest.mark.interpreted
@pytest.mark.twin_of(
    "optimizer.insertion.delivery_insertion_kernels",
    "optimizer.insertion.delivery_pricing_kernels",
    "optimizer.routes.route_tables_kernels",
)
@given(problem=field_problems(), data=st.data())
@settings(max_examples=30)
def test_no_cheaper_place_for_a_delivery_is_overlooked(problem: Problem, data: st.DataObject) -> None:
    """The places found for a delivery cost what the cheapest of all pairs of positions does, tried one by one."""
    arrays = arrays_of_problem(problem)
    if not problem.deliveries:
        return
    one = data.draw(st.sampled_from(problem.deliveries))
    worker = data.draw(st.integers(0, len(problem.workers) - 1))
    planned = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    order = [visit for visit in planned[worker] if visit not in {one.pickup, one.delivery}]
    if route_value(arrays, worker, order).verdict != POSSIBLE:
        return
    least = naive_cost_with_delivery(arrays, worker, order, one)
    asked = np.array([one.pickup, one.delivery])
    found = cheapest_places(np.array(order, np.int64), asked, arrays.visits_of[worker], arrays.workers[worker])
    extra_cost = least - route_value(arrays, worker, order).cost if least < NEVER else NEVER
    assert found[:, 1].tolist() == [extra_cost] * 2
    if least < NEVER:
        assert found[0, [0, 2]].tolist() == found[1, [2, 0]].tolist()


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


def day_with_deliveries() -> Problem:
    """Return a day of twelve deliveries for three workers, that is too full."""
    rng = np.random.default_rng(4)
    visits = [Visit(f"v{k}", int(rng.integers(1, 20)), minutes(1), unserved_cost=900) for k in range(24)]
    workers = [day_worker(id=f"w{k}", capacity=3, max_visits=8) for k in range(3)]
    deliveries = tuple(Delivery(k, k + 1, 1) for k in range(0, 24, 2))
    return replace(line_problem(workers, visits), deliveries=deliveries)


def test_a_plan_with_deliveries_is_repeatable() -> None:
    """The same work finds the same plan, and more of it no dearer one."""
    problem = day_with_deliveries()
    options = SolveOptions(time_limit_s=600, work_limit=2_000, engine=Engine.SEARCH)
    plan = solve(problem, options)
    assert plan == solve(problem, options)
    assert plan.cost <= solve(problem, replace(options, work_limit=100)).cost


def deliveries_across_a_plane() -> Problem:
    """Return a day of twenty deliveries for three workers: large enough for chance to decide."""
    places = np.random.default_rng(4).integers(0, 3000, (41, 2))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)).astype(np.int64)
    visits = tuple(Visit(f"v{k}", k + 1, minutes(1), unserved_cost=9000) for k in range(40))
    workers = tuple(day_worker(id=f"w{k}", capacity=3) for k in range(3))
    deliveries = tuple(Delivery(k, k + 1, 1) for k in range(0, 40, 2))
    return Problem(workers, visits, (TravelMatrix(apart, apart, apart >= 0),), deliveries=deliveries)


def test_the_clock_does_not_decide_how_warm_the_search_is() -> None:
    """The same work finds the same routes at any time."""
    problem = deliveries_across_a_plane()
    start = insert_what_pays(problem, arrays_of_problem(problem), ((), (), ()))
    assert improved(problem, start, iterations=100) == improved(problem, start, iterations=100, over=0.5)


class SlowProgress(Progress):
    """Says that half of ten minutes is over, whenever it is asked."""

    def elapsed_s(self) -> float:
        """Return the seconds."""
        return 300.0


@pytest.mark.parametrize("engine", [Engine.SEARCH, Engine.HYBRID])
def test_the_clock_does_not_decide_where_the_work_is_limited(engine: Engine) -> None:
    """On a machine that took half of the time to begin, the same work finds the same routes with every engine."""
    problem = deliveries_across_a_plane()
    arrays = arrays_of_problem(problem)
    options = SolveOptions(time_limit_s=600, work_limit=2_000, engine=engine)
    found = [
        run_engines(problem, arrays, options, progress(problem, arrays, lambda _: None), lambda: False)
        for progress in (Progress, SlowProgress)
    ]
    assert found[0] == found[1]
