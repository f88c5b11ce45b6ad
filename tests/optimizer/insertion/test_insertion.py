"""Where a visit would go in: the kernels against trying everything, and the promises of the repair."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.insertion.insertion import insert_what_pays, insertion_table, route_value, unplanned_visits
from optimizer.insertion.insertion_kernels import insertion_costs
from optimizer.insertion.joining import may_join
from optimizer.insertion.places_on_route import cheapest_places
from optimizer.problem import Break, Problem, SoftLimits, TimeWindow, Visit, VisitSequence
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule_kernels import NEVER
from tests.naive_planning import naive_route_cost
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems

SLOW = [HealthCheck.too_slow]


def some_feasible_order(arrays: ProblemArrays, visits: int, random: Random) -> list[int]:
    """Return a random feasible route of the first worker."""
    order: list[int] = []
    for visit in random.sample(range(visits), k=visits):
        longer = [*order, visit]
        if random.random() < 0.7 and route_value(arrays, 0, longer).verdict == POSSIBLE:
            order = longer
    return order


@pytest.mark.twin_of("optimizer.routes.route_kernels", "optimizer.routes.timing_kernels")
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=1, max_visits=4, rich=True), st.randoms(use_true_random=False))
def test_a_route_costs_what_the_naive_day_costs(problem: Problem, random: Random) -> None:
    """The kernel and the second-by-second day agree on whether a route is possible and what it costs."""
    order = random.sample(range(len(problem.visits)), k=random.randint(0, len(problem.visits)))
    value = route_value(arrays_of_problem(problem), 0, order)
    expected = naive_route_cost(problem, 0, order)
    assert (None if value.verdict != POSSIBLE else value.cost) == expected


@pytest.mark.twin_of("optimizer.insertion.insertion_kernels")
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(random_problems(max_workers=1, max_visits=6, rich=True), st.randoms(use_true_random=False))
def test_insertions_equal_trying_every_position(problem: Problem, random: Random) -> None:
    """The tables answer for every visit and position what scheduling the longer route answers."""
    arrays = arrays_of_problem(problem)
    order = some_feasible_order(arrays, len(problem.visits), random)
    for visit in unplanned_visits(problem, (tuple(order),)):
        tried = [
            route_value(arrays, 0, [*order[:position], visit, *order[position:]]).cost
            for position in range(len(order) + 1)
        ]
        costs = insertion_costs(np.array(order, np.int64), visit, arrays.visits_of[0], arrays.workers[0])
        assert costs.tolist() == tried
        found = cheapest_places(np.array(order, np.int64), np.array([visit]), arrays.visits_of[0], arrays.workers[0])
        extra_cost = min(tried) - route_value(arrays, 0, order).cost if min(tried) < NEVER else NEVER
        assert found[0, 1] == extra_cost
        assert min(tried) == NEVER or found[0, 0] == np.argmin(tried)


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True))
def test_nothing_that_fits_and_pays_is_left_out(problem: Problem) -> None:
    """After the repair no visit that is left out fits anywhere at no more than its unserved cost."""
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    for visit in unplanned_visits(problem, orders):
        unserved_cost = problem.visits[visit].unserved_cost
        for worker, order in enumerate(orders):
            if may_join(arrays, orders, worker, [visit])[0]:
                without = route_value(arrays, worker, order).cost
                for position in range(len(order) + 1):
                    cost = route_value(arrays, worker, [*order[:position], visit, *order[position:]]).cost
                    assert cost == NEVER or (unserved_cost is not None and cost - without > unserved_cost)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True), st.randoms(use_true_random=False))
def test_what_is_remembered_is_what_would_be_found(problem: Problem, random: Random) -> None:
    """After any questions about other routes, the answers are those of arrays that were never asked anything."""
    arrays, empty = arrays_of_problem(problem), ((),) * len(problem.workers)
    insertion_table(arrays, empty, np.arange(len(problem.visits)))
    full = insert_what_pays(problem, arrays, empty)
    for _ in range(3):
        orders = tuple(tuple(visit for visit in order if random.random() < 0.7) for order in full)
        asked = sorted(random.sample(range(len(problem.visits)), k=random.randint(0, len(problem.visits))))
        for each in (orders, full, empty):
            fresh = insertion_table(arrays_of_problem(problem), each, np.array(asked, np.int64))
            assert np.array_equal(insertion_table(arrays, each, np.array(asked, np.int64)), fresh)


def test_optional_visits_make_room_for_a_mandatory_one() -> None:
    """A mandatory visit that fits only without the optional ones takes their place."""
    window = (TimeWindow(minutes(60), minutes(60)),)
    optional = Visit("optional", 5, minutes(30), window, unserved_cost=1_000_000)
    mandatory = Visit("mandatory", 6, minutes(30), window)
    problem = line_problem([day_worker()], [optional, mandatory])
    assert insert_what_pays(problem, arrays_of_problem(problem), ((0,),)) == ((1,),)


def test_an_optional_visit_that_costs_as_much_as_it_brings_is_made() -> None:
    """On a tie between making a visit and leaving it out, the customer is visited."""
    visit = Visit("a", 3, minutes(10), unserved_cost=16 + 60)
    problem = line_problem([day_worker()], [visit])
    assert insert_what_pays(problem, arrays_of_problem(problem), ((),)) == ((0,),)
    dearer = line_problem([day_worker(fixed_cost=1)], [visit])
    assert insert_what_pays(dearer, arrays_of_problem(dearer), ((),)) == ((),)


@pytest.mark.interpreted
def test_the_kernels_say_the_same_without_the_compiler() -> None:
    """Breaks, windows, sequences, setup and soft limits: every place costs what scheduling the longer route does."""
    worker = day_worker(
        breaks=(Break(minutes(30), minutes(60), minutes(10)),),
        soft_limits=SoftLimits(max_distance_m=9_000, cost_per_extra_km=7),
        regular_end_s=minutes(50),
        overtime_cost_per_hour=90,
    )
    visits = [
        Visit("a", 2, minutes(5), (TimeWindow(minutes(20), minutes(40)),), setup_s=60),
        Visit("b", 4, minutes(5)),
        Visit("new", 4, minutes(5), (TimeWindow(minutes(10), minutes(25)), TimeWindow(minutes(45), minutes(90)))),
    ]
    problem = replace(line_problem([worker], visits), sequences=(VisitSequence((0, 1), is_direct=True),))
    arrays = arrays_of_problem(problem)
    costs = insertion_costs(np.array([0, 1]), 2, arrays.visits_of[0], arrays.workers[0])
    assert costs.tolist() == [route_value(arrays, 0, order).cost for order in ((2, 0, 1), (0, 2, 1), (0, 1, 2))]
    assert costs[1] == NEVER
