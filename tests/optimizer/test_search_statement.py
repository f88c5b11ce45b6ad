"""How a problem is stated to the search, and how the routes that come back are repaired."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.insertion.insertion import route_value
from optimizer.insertion.joining import may_join
from optimizer.insertion.repair import keep_what_fits
from optimizer.problem import Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.search.options import SearchOptions
from optimizer.search.search import search
from optimizer.search_statement import state_for_search
from tests.naive_planning import naive_keeps_company, naive_may_join, naive_may_serve, naive_route_cost
from tests.optimizer.small_problems import random_problems

SLOW = [HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True))
def test_an_exact_statement_gives_routes_for_the_problem_itself(problem: Problem) -> None:
    """Where the statement says it is exact, what the search finds needs no repair."""
    arrays = arrays_of_problem(problem)
    statement = state_for_search(problem, arrays)
    orders = search(statement.problem, SearchOptions(time_limit_s=5, work_limit=100)).orders
    if statement.is_exact:
        assert keep_what_fits(arrays, orders) == orders
    for worker, order in enumerate(orders):
        assert all(naive_may_serve(problem, worker, problem.visits[visit]) for visit in order)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=False))
def test_a_problem_that_the_search_knows_is_stated_as_it_is(problem: Problem) -> None:
    """Without rarer rules nothing is translated, and nothing is left out."""
    statement = state_for_search(problem, arrays_of_problem(problem))
    assert (statement.problem, statement.is_exact, statement.left_out) == (problem, True, ())


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(random_problems(rich=True), st.randoms(use_true_random=False))
def test_repaired_routes_keep_every_rule(problem: Problem, random: Random) -> None:
    """Whatever the routes, what stays is possible, allowed, together where it must be, and in the order it had."""
    arrays = arrays_of_problem(problem)
    visits = random.sample(range(len(problem.visits)), k=len(problem.visits))
    owners = [random.randrange(len(problem.workers)) for _ in visits]
    given_orders = tuple(
        tuple(visit for visit, owner in zip(visits, owners, strict=True) if owner == worker)
        for worker in range(len(problem.workers))
    )
    kept = keep_what_fits(arrays, given_orders)
    for worker, (before, after) in enumerate(zip(given_orders, kept, strict=True)):
        assert [visit for visit in before if visit in after] == list(after)
        assert naive_route_cost(problem, worker, list(after)) is not None
        assert naive_keeps_company(problem, list(after))
        for visit in after:
            assert naive_may_serve(problem, worker, problem.visits[visit])
            assert naive_may_join(problem, visit, worker, kept)
        if route_value(arrays, worker, before).verdict == POSSIBLE and may_join(arrays, kept, worker, before).all():
            assert after == before or not all(
                naive_may_join(problem, visit, worker, kept[:worker]) for visit in set(before) - set(after)
            )
