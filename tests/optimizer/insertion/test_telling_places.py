"""What is known of all places at once: nothing that pays is missing, nor the cheapest place of any visit."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from optimizer.insertion.insertion import (
    Orders,
    insert_what_pays,
    insertion_table,
    places_that_tell,
    route_value,
)
from optimizer.insertion.insertion_kernels import cheapest_insertions, fitting_visits
from optimizer.insertion.telling_places import fits_alone, room_beside
from optimizer.problem import Break, Problem, Visit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule_kernels import NEVER
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes, random_problems

SLOW = [HealthCheck.too_slow]


def some_routes(problem: Problem, arrays: ProblemArrays, random: Random) -> Orders:
    """Return possible routes with part of the visits, whole deliveries only."""
    full = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    kept = {visit for visit in range(len(problem.visits)) if random.random() < 0.6}
    for one in problem.deliveries:
        if not {one.pickup, one.delivery} <= kept:
            kept -= {one.pickup, one.delivery}
    orders = tuple(tuple(visit for visit in order if visit in kept) for order in full)
    # Without a visit there may be no way any more.
    return tuple(
        order if route_value(arrays, worker, order).verdict == POSSIBLE else () for worker, order in enumerate(orders)
    )


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True) | field_problems(), st.randoms(use_true_random=False))
def test_no_place_is_missing_that_pays_or_is_the_cheapest(problem: Problem, random: Random) -> None:
    """Against the whole table: the cheapest of all is the same, with the same worker, and so is every one that pays."""
    arrays = arrays_of_problem(problem)
    orders = some_routes(problem, arrays, random)
    telling = places_that_tell(problem, arrays, orders)
    if len(telling.visits) == 0:
        return
    whole, told = insertion_table(arrays_of_problem(problem), orders, telling.visits), telling.places
    assert np.array_equal(whole[:, :, 1].min(axis=0), told[:, :, 1].min(axis=0))
    assert np.array_equal(whole[:, :, 1].argmin(axis=0), told[:, :, 1].argmin(axis=0))
    pays = (whole[:, :, 1] <= telling.worth) & (whole[:, :, 1] < NEVER)
    assert np.array_equal(whole[pays], told[pays])
    is_told = told[:, :, 1] < NEVER
    assert np.array_equal(whole[is_told], told[is_told])


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True) | field_problems(), st.randoms(use_true_random=False))
def test_where_there_is_room_some_place_is_possible(problem: Problem, random: Random) -> None:
    """Beside other visits and alone, a visit fits where the table without bonds to other routes has a place."""
    arrays = arrays_of_problem(problem)
    orders = some_routes(problem, arrays, random)
    planned = {visit for order in orders for visit in order}
    visits = np.array([visit for visit in range(len(problem.visits)) if visit not in planned], np.int64)
    for room, beside in (
        (room_beside(arrays, orders, visits), orders),
        (fits_alone(arrays, visits), ((),) * len(orders)),
    ):
        for worker in range(len(orders)):
            expected = [fits_somewhere(problem, arrays, worker, beside[worker], visit) for visit in visits.tolist()]
            assert room[worker].tolist() == expected


def fits_somewhere(problem: Problem, arrays: ProblemArrays, worker: int, order: tuple[int, ...], visit: int) -> bool:
    """Try every position of a visit, with every one of the other visit of its delivery."""
    both = next(((one.pickup, one.delivery) for one in problem.deliveries if visit in (one.pickup, one.delivery)), None)
    if not arrays.may_serve[worker, list(both or (visit,))].all():
        return False
    tried = [(*order[:place], visit, *order[place:]) for place in range(len(order) + 1)]
    if both is not None:
        other = both[0] if visit == both[1] else both[1]
        tried = [(*one[:place], other, *one[place:]) for one in tried for place in range(len(one) + 1)]
    return any(route_value(arrays, worker, one).verdict == POSSIBLE for one in tried)


def test_a_place_that_became_dearer_does_not_hide_a_later_one_that_pays() -> None:
    """After an insertion the table of the longer routes is asked anew: nothing that pays is left out."""
    visits = [Visit("a", 2, minutes(10), unserved_cost=400), Visit("b", 3, minutes(10), unserved_cost=90)]
    problem = line_problem([day_worker(fixed_cost=300)], visits)
    arrays = arrays_of_problem(problem)
    assert places_that_tell(problem, arrays, ((),)).places[0, :, 1].tolist() == [354, 376]
    assert insert_what_pays(problem, arrays, ((),)) == ((1, 0),)


@pytest.mark.interpreted
def test_a_bound_of_the_price_hides_no_place_below_the_ceiling() -> None:
    """Around a break, which the bound knows only from the route as it is, every ceiling tells the two sides apart."""
    worker = day_worker(breaks=(Break(minutes(30), minutes(60), minutes(20)),), cost_per_hour=600)
    visits = [
        Visit("a", 4, minutes(5)),
        Visit("b", 2, minutes(5)),
        Visit("near", 3, minutes(5)),
        Visit("far", 9, minutes(9)),
    ]
    problem = line_problem([worker], visits)
    arrays = arrays_of_problem(problem)
    order, candidates = np.array([0, 1]), np.array([2, 3])
    tables = arrays.visits_of[0], arrays.workers[0]

    def found_below(ceilings: list[int]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = cheapest_insertions(order, candidates, np.array(ceilings, np.int64), *tables)
        return found

    whole = found_below([NEVER, NEVER])
    before = route_value(arrays, 0, (0, 1)).cost
    for number, visit in enumerate(candidates.tolist()):
        tried = [route_value(arrays, 0, one).cost for one in ((visit, 0, 1), (0, visit, 1), (0, 1, visit))]
        assert whole[number, 1] == min(tried) - before
    extra = whole[:, 1].tolist()
    assert found_below([extra[0] + 1, extra[1]])[:, 1].tolist() == [extra[0], NEVER]
    assert found_below([extra[0], extra[1] + 1])[:, 1].tolist() == [NEVER, extra[1]]
    assert fitting_visits(order, candidates, *tables).tolist() == [True, True]
