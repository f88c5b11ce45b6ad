"""Exchanging segments of two routes against rebuilding both routes."""

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
from optimizer.search.segment_exchange_kernels import exchange_segments
from tests.naive_search import Routes, naive_change
from tests.optimizer.search.known_problems import known_problems
from tests.optimizer.search.test_kernels import assert_state_is_sound, begin, draw_orders, load, orders_of
from tests.optimizer.small_problems import random_problems

THOROUGH = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SWIFT = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def for_two_alike(problem: Problem) -> Problem:
    """Make two workers without breaks of the first, and visits that have nothing to do with each other."""
    first = replace(problem.workers[0], breaks=())
    return Problem((first, replace(first, id="another")), problem.visits, problem.matrices)


def exchanges(first: list[int], second: list[int], visit: int) -> list[Routes]:
    """List what becomes of two routes by each exchange of a segment of the second for one, or none, behind a visit."""
    at = first.index(visit) + 1
    return [
        (first[:at] + second[begin:end] + first[until:], second[:begin] + first[at:until] + second[end:])
        for begin in range(len(second))
        for end in range(begin + 1, len(second) + 1)
        for until in range(at, len(first) + 1)
    ]


def exchange_and_check(problem: Problem, orders: list[list[int]]) -> None:
    """Try an exchange behind each visit: one of those listed, at the price of rebuilding, that leaves a sound plan."""
    data, state = begin(problem)
    load(data, state, orders)
    around = neighbourhood_of(data, tables_of_problem(problem)[1], SearchOptions())
    for visit in [one for order in orders for one in order]:
        before = orders_of(data, state)
        begin_iteration(state)
        change = exchange_segments(data, state, around, visit, NO_LIMIT)
        if change == NO_LIMIT:
            take_back(data, state)
            assert orders_of(data, state) == before
        else:
            own = 0 if visit in before[0] else 1
            after = orders_of(data, state)
            old, new = (before[own], before[1 - own]), (after[own], after[1 - own])
            assert new in exchanges(*old, visit)
            assert change == naive_change(problem, old, new)
            accept(state, change)
        assert_state_is_sound(problem, data, state)


@pytest.mark.twin_of("optimizer.search.segment_exchange_kernels")
@THOROUGH
@given(known_problems(max_workers=1).map(for_two_alike), st.data())
def test_an_exchange_costs_what_rebuilding_says(problem: Problem, data: st.DataObject) -> None:
    """Exchanged segments keep every rule and cost exactly the difference of the routes; refused ones are taken back."""
    exchange_and_check(problem, draw_orders(data, problem))


@pytest.mark.interpreted
@SWIFT
@given(known_problems(max_workers=1).map(for_two_alike), st.data())
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
    problem = for_two_alike(replace(problem, workers=(worker,)))
    orders = draw_orders(data, problem)
    tables, state = begin(problem)
    load(tables, state, orders)
    around = neighbourhood_of(tables, tables_of_problem(problem)[1], SearchOptions())
    old = orders[0], orders[1]
    for visit in orders[0]:
        at = orders[0].index(visit) + 1
        near = set(around.successors[visit].tolist())
        listed = [
            (first, second) for first, second in exchanges(*old, visit) if first[at] in near and first[at] in orders[1]
        ]
        # A route's begin is not put at the end of another with nothing in its place: stringing two routes together.
        changes = [
            naive_change(problem, old, new) for new in listed if at < len(orders[0]) or new[0][at] != orders[1][0]
        ]
        possible = [change for change in changes if change is not None]
        begin_iteration(state)
        change = exchange_segments(tables, state, around, visit, NO_LIMIT)
        take_back(tables, state)
        assert (change == NO_LIMIT) == (not possible)
        if worker.start_location is None or worker.end_location is None:
            assert change == min(possible, default=NO_LIMIT)
