"""The kernels of the search against the obvious way of computing the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numba import njit

from optimizer.problem import Problem
from optimizer.search.annealing_kernels import (
    ONLY_INSERTING,
    Annealing,
    anneal,
    insert_given,
)
from optimizer.search.insertion_price_kernels import price_behind, settled_price, way_from
from optimizer.search.neighbourhood import neighbourhood_of
from optimizer.search.options import SearchOptions
from optimizer.search.problem_tables import tables_of_problem
from optimizer.search.recreate_kernels import reached_in_time
from optimizer.search.search_data import (
    BREAK_COLUMNS,
    CLOSE,
    FINE_PER_COST_UNIT,
    FIRST_BREAK,
    FIRST_PLACE,
    LENGTH,
    METRES,
    MORE_WINDOWS,
    NEVER,
    NEXT,
    NO_LIMIT,
    OPEN,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    TRAVEL,
    UNSERVED,
    WORKER,
    SearchData,
)
from optimizer.search.state import ABSENT, COST, PLANNED, UNTIL_BLINK, USED, VISITS, State, empty_plan
from tests.naive_planning import naive_may_join
from tests.naive_search import naive_fine_cost, naive_insertion_cost
from tests.optimizer.search.known_problems import known_problems

THOROUGH = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SWIFT = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def orders_of(data: SearchData, state: State) -> list[list[int]]:
    """Follow the links of the plan as it is now."""
    orders = []
    for worker in range(len(data.workers)):
        order, node = [], int(state.nodes[len(data.visits) + worker, NEXT])
        while node < len(data.visits):
            order.append(node)
            node = int(state.nodes[node, NEXT])
        orders.append(order)
    return orders


def begin(problem: Problem, seed: int = 0) -> tuple[SearchData, State]:
    """Lay out a problem with nothing planned and no blinking."""
    data, nodes = tables_of_problem(problem)
    state = empty_plan(data, nodes, seed)
    state.counters[UNTIL_BLINK] = NO_LIMIT
    return data, state


def draw_orders(data: st.DataObject, problem: Problem) -> list[list[int]]:
    """Draw routes that keep every rule, by putting visits where they may go."""
    orders: list[list[int]] = [[] for _ in problem.workers]
    for visit in data.draw(st.permutations(range(len(problem.visits)))):
        worker = data.draw(st.integers(-1, len(problem.workers) - 1))
        if worker >= 0:
            position = data.draw(st.integers(0, len(orders[worker])))
            longer = [*orders[worker][:position], visit, *orders[worker][position:]]
            if naive_may_join(problem, visit, worker, orders) and naive_fine_cost(problem, worker, longer) is not None:
                orders[worker] = longer
    return orders


def load(data: SearchData, state: State, orders: list[list[int]], retried: int = 0) -> None:
    """Put the orders into an empty plan, then other visits where they pay."""
    visits = np.array([visit for order in orders for visit in order], np.int64)
    workers = np.repeat(np.arange(len(orders)), [len(order) for order in orders])
    insert_given(data, state, visits, workers, retried)


@njit(nogil=True)
def price_of(data: SearchData, state: State, before: int, visit: int) -> int:
    """Price a visit behind a node; Python cannot call the kernels themselves."""
    return price_behind(data, state, before, visit, way_from(data, state.nodes, before, visit))


def shortens(data: SearchData, state: State, before: int, visit: int) -> bool:
    """Tell whether the way by a visit is shorter or takes less time than the way without it."""
    row = data.profiles[state.nodes[before, PROFILE], FIRST_PLACE] + visit * data.places
    after = state.nodes[before, NEXT]
    way_in_s = data.legs_from[row + state.nodes[before, PLACE], SECONDS]
    way_out_s = data.legs_to[row + state.nodes[after, PLACE], SECONDS]
    metres = (
        data.legs_from[row + state.nodes[before, PLACE], METRES] + data.legs_to[row + state.nodes[after, PLACE], METRES]
    )
    is_swift = way_in_s + way_out_s < state.nodes[before, TRAVEL]
    return bool(is_swift or metres < state.nodes[before, LENGTH])


def assert_insertions_agree(problem: Problem, orders: list[list[int]]) -> None:
    """Compare each possible insertion of each visit that is left out."""
    data, state = begin(problem)
    load(data, state, orders)
    planned = {visit for order in orders for visit in order}
    for visit in set(range(len(problem.visits))) - planned:
        if not data.allowed[:, visit].any():
            assert all(naive_fine_cost(problem, worker, [visit]) is None for worker in range(len(problem.workers)))
            continue
        for worker, order in enumerate(orders):
            befores = [len(problem.visits) + worker, *order]
            for position, before in enumerate(befores):
                price = price_of(data, state, before, visit)
                got = settled_price(data, state, before, visit, price, NO_LIMIT)
                wanted = naive_insertion_cost(problem, worker, order, position, visit)
                if not naive_may_join(problem, visit, worker, orders):
                    wanted = None
                assert got == (NO_LIMIT if wanted is None else wanted)
                assert wanted is None or not order or price <= wanted or shortens(data, state, before, visit)


@pytest.mark.twin_of(
    "optimizer.search.recreate_kernels",
    "optimizer.search.insertion_price_kernels",
    "optimizer.search.node_time_kernels",
    "optimizer.search.duration_kernels",
    "optimizer.search.bond_kernels",
)
@THOROUGH
@given(known_problems(), st.data())
def test_insertions_fit_and_cost_what_rescheduling_says(problem: Problem, data: st.DataObject) -> None:
    """A visit fits at a position, and costs there, exactly what scheduling the whole route anew gives."""
    assert_insertions_agree(problem, draw_orders(data, problem))


def times_of(data: SearchData, state: State, visit: int) -> tuple[int, int, int]:
    """Read last closing, first opening and service of a visit."""
    closing, opening, service = (int(state.nodes[visit, column]) for column in (CLOSE, OPEN, SERVICE))
    row = int(state.nodes[visit, MORE_WINDOWS])
    while row >= 0 and data.windows[row, 0] < NEVER:
        closing, row = int(data.windows[row, 1]), row + 1
    return closing, opening, service


def assert_only_what_is_late_is_left_out(problem: Problem, orders: list[list[int]]) -> None:
    """Ask for the positions next to neighbours, all visits being neighbours, and look closely at those left out."""
    data, state = begin(problem)
    load(data, state, orders)
    planned = {visit for order in orders for visit in order}
    _, nodes = tables_of_problem(problem)
    around = neighbourhood_of(data, nodes, SearchOptions())
    tried = np.zeros(len(problem.visits), np.int32)
    for visit in set(range(len(problem.visits))) - planned:
        if not data.allowed[:, visit].any():
            continue
        neighbours, soonest_s = around.predecessors[visit], around.soonest_s[visit]
        states = (data.workers.shape[1] - FIRST_BREAK) // BREAK_COLUMNS + 1
        count = reached_in_time(state.nodes, neighbours, soonest_s, times_of(data, state, visit), states, tried)
        kept = {int(neighbours[k]) for k in tried[:count]}
        assert kept <= planned
        for before in planned.intersection(neighbours.tolist()) - kept:
            price = price_of(data, state, before, visit)
            assert settled_price(data, state, before, visit, price, NO_LIMIT) == NO_LIMIT


@THOROUGH
@given(known_problems(), st.data())
def test_positions_are_left_out_unpriced_only_where_the_visit_would_be_late(
    problem: Problem, data: st.DataObject
) -> None:
    """Behind a planned neighbour that is ruled out by time at once, the visit does not fit."""
    assert_only_what_is_late_is_left_out(problem, draw_orders(data, problem))


def assert_state_is_sound(problem: Problem, data: SearchData, state: State) -> None:
    """Recompute what the state keeps up to date."""
    orders = orders_of(data, state)
    absent = state.lists[ABSENT, : state.counters[ABSENT]].tolist()
    planned = [visit for order in orders for visit in order]
    possible = np.flatnonzero(data.allowed.any(axis=0)).tolist()
    assert sorted(planned + absent) == possible
    assert state.counters[PLANNED] == len(planned)
    assert state.counters[USED] == sum(map(bool, orders))
    cost = int(data.visits[absent, UNSERVED].sum())
    for worker, order in enumerate(orders):
        nodes = [len(data.visits) + worker, *order, len(data.visits) + len(data.workers) + worker]
        assert all(state.nodes[after, PREVIOUS] == before for before, after in pairwise(nodes))
        assert (state.nodes[nodes, WORKER] == worker).all()
        assert state.routes[worker, VISITS] == len(order)
        route_cost = naive_fine_cost(problem, worker, order)
        assert route_cost is not None
        assert all(naive_may_join(problem, visit, worker, orders) for visit in order)
        cost += route_cost
    assert state.counters[COST] == cost
    idle = {int(one) for row in state.idle for one in row[1 : 1 + row[0]]}
    assert idle == {worker for worker, order in enumerate(orders) if not order}


def anneal_and_check(problem: Problem, seed: int) -> None:
    """Check the state after each of some iterations."""
    data, state = begin(problem, seed)
    _, nodes = tables_of_problem(problem)
    around = neighbourhood_of(data, nodes, SearchOptions())
    anneal(data, state, around, ONLY_INSERTING, 1, 1.0)
    assert_state_is_sound(problem, data, state)
    hot = 100.0 * FINE_PER_COST_UNIT
    for _ in range(12):
        anneal(data, state, around, Annealing(3.0, 3.0, 0.3, hot, hot, 1, 1.0, 1, hot), 1, 100.0)
        assert_state_is_sound(problem, data, state)


@pytest.mark.twin_of(
    "optimizer.search.annealing_kernels", "optimizer.search.ruin_kernels", "optimizer.search.linking_kernels"
)
@THOROUGH
@given(known_problems(), st.integers(0, 1000))
def test_the_state_stays_sound(problem: Problem, seed: int) -> None:
    """After every iteration, taken back or not, links, sums and cost are those of the routes, which keep all rules."""
    anneal_and_check(problem, seed)


@THOROUGH
@given(known_problems(), st.data())
def test_in_the_end_nothing_is_left_out_that_would_pay(problem: Problem, data: st.DataObject) -> None:
    """Whatever is planned before, after the last insertion no absent visit fits anywhere at less than it is worth."""
    tables, state = begin(problem)
    load(tables, state, draw_orders(data, problem), NO_LIMIT)
    assert_state_is_sound(problem, tables, state)
    orders = orders_of(tables, state)
    for visit in state.lists[ABSENT, : state.counters[ABSENT]].tolist():
        for worker, order in enumerate(orders):
            for position in range(len(order) + 1):
                cost = naive_insertion_cost(problem, worker, order, position, visit)
                is_apart = not naive_may_join(problem, visit, worker, orders)
                assert is_apart or cost is None or cost >= tables.visits[visit, UNSERVED]


@pytest.mark.interpreted
@SWIFT
@given(known_problems(max_visits=5), st.integers(0, 1000))
def test_the_state_stays_sound_without_compilation(problem: Problem, seed: int) -> None:
    """The kernels mean the same as plain Python."""
    anneal_and_check(problem, seed)


@pytest.mark.interpreted
@SWIFT
@given(known_problems(max_visits=5), st.data())
def test_positions_are_left_out_without_compilation(problem: Problem, data: st.DataObject) -> None:
    """The choice of positions means the same as plain Python."""
    assert_only_what_is_late_is_left_out(problem, draw_orders(data, problem))
