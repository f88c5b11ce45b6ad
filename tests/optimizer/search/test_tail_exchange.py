"""Exchanging the tails of two routes against rebuilding both routes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.problem import Problem
from optimizer.search.annealing_kernels import accept, begin_iteration
from optimizer.search.linking_kernels import take_back
from optimizer.search.neighbourhood import neighbourhood_of
from optimizer.search.options import SearchOptions
from optimizer.search.problem_tables import tables_of_problem
from optimizer.search.search_data import NO_LIMIT
from optimizer.search.tail_exchange_kernels import exchange_tails
from tests.naive_search import naive_change
from tests.optimizer.search.known_problems import known_problems
from tests.optimizer.search.test_kernels import assert_state_is_sound, begin, draw_orders, load, orders_of
from tests.optimizer.small_problems import random_problems

THOROUGH = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SWIFT = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def with_workers_alike(problem: Problem) -> Problem:
    """Make two workers of the first."""
    first = problem.workers[0]
    return replace(problem, workers=(first, replace(first, id="another")))


@st.composite
def days_of_two(draw: st.DrawFn) -> Problem:
    """Draw a day of two workers who are alike, unless a visit prefers the first."""
    return with_workers_alike(draw(known_problems(max_workers=1)))


def naive_exchange(problem: Problem, orders: list[list[int]], visit: int, tail: int) -> int | None:
    """Return what it costs more to put the tail behind the visit and its tail in place; None where it breaks a rule."""
    first = next(order for order in orders if visit in order)
    second = next(order for order in orders if tail in order)
    at, cut = first.index(visit) + 1, second.index(tail)
    return naive_change(problem, (first, second), (first[:at] + second[cut:], second[:cut] + first[at:]))


def exchange_and_check(problem: Problem, orders: list[list[int]]) -> None:
    """Try an exchange behind each visit: one that rebuilding allows, at its price, and that leaves a sound plan."""
    data, state = begin(problem)
    load(data, state, orders)
    around = neighbourhood_of(data, tables_of_problem(problem)[1], SearchOptions())
    for visit in [one for order in orders for one in order]:
        before = orders_of(data, state)
        begin_iteration(state)
        change = exchange_tails(data, state, around, visit, NO_LIMIT)
        if change == NO_LIMIT:
            take_back(data, state)
            assert orders_of(data, state) == before
        else:
            after = next(order for order in orders_of(data, state) if visit in order)
            tail = after[after.index(visit) + 1]
            assert change == naive_exchange(problem, before, visit, tail)
            accept(state, change)
        assert_state_is_sound(problem, data, state)


@pytest.mark.twin_of("optimizer.search.tail_exchange_kernels")
@THOROUGH
@given(days_of_two(), st.data())
def test_an_exchange_costs_what_rebuilding_says(problem: Problem, data: st.DataObject) -> None:
    """Exchanged tails keep every rule and cost exactly the difference of the routes; what is refused is taken back."""
    exchange_and_check(problem, draw_orders(data, problem))


@pytest.mark.interpreted
@SWIFT
@given(days_of_two(), st.data())
def test_an_exchange_without_compilation(problem: Problem, data: st.DataObject) -> None:
    """The kernels mean the same as plain Python."""
    exchange_and_check(problem, draw_orders(data, problem))


@THOROUGH
@given(random_problems().filter(lambda problem: problem.visits), st.data())
def test_no_better_exchange_is_overlooked(problem: Problem, data: st.DataObject) -> None:
    """Where only the way has a price and no limit but time binds, the exchange found is the cheapest of all."""
    worker = replace(
        problem.workers[0], cost_per_hour=0, fixed_cost=0, max_duration_s=None, max_distance_m=None, cost_per_km=10
    )
    problem = with_workers_alike(replace(problem, workers=(worker,)))
    orders = draw_orders(data, problem)
    tables, state = begin(problem)
    load(tables, state, orders)
    around = neighbourhood_of(tables, tables_of_problem(problem)[1], SearchOptions())
    for visit in orders[0]:
        near = set(around.successors[visit].tolist()) & set(orders[1])
        # An exchange that empties a route also saves its empty way, which the choice does not look at.
        changes = [naive_exchange(problem, orders, visit, tail) for tail in near]
        possible = [change for change in changes if change is not None]
        begin_iteration(state)
        change = exchange_tails(tables, state, around, visit, NO_LIMIT)
        take_back(tables, state)
        assert (change == NO_LIMIT) == (not possible)
        if worker.start_location is None or worker.end_location is None:
            assert change == min(possible, default=NO_LIMIT)
