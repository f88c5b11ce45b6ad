"""The search as a whole: sound orders, repeatable, stoppable, never worse than what it began with."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.insertion.insertion import insert_what_pays
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem import Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.search.options import SearchOptions
from optimizer.search.search import Orders, search
from tests.naive_planning import naive_best_plan
from tests.optimizer.search.known_problems import known_problems
from tests.optimizer.small_problems import day_worker, line_problem, minutes

SHORT = SearchOptions(time_limit_s=60, work_limit=200)
THOROUGH = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value_of(problem: Problem, orders: Orders) -> tuple[int, int]:
    """Return the number of mandatory visits left out and the cost."""
    plan = plan_of_orders(problem, arrays_of_problem(problem), orders, "search")
    missing = [problem.visits[one.visit].unserved_cost for one in plan.unplanned].count(None)
    return missing, plan.cost


def many_visits(count: int) -> Problem:
    """Return a day of two workers on a line, with windows that make the order matter."""
    visits = [
        Visit(f"v{k}", (7 * k) % 20, minutes(5), (TimeWindow(minutes(13 * k % 400), minutes(13 * k % 400 + 150)),))
        for k in range(count)
    ]
    return line_problem([day_worker(id="ann"), day_worker(id="bob", start_location=19)], visits)


@THOROUGH
@given(known_problems())
def test_the_checker_accepts_every_plan(problem: Problem) -> None:
    """Whatever the problem, the orders become a plan that keeps every rule, once what still fits is put in."""
    arrays = arrays_of_problem(problem)
    orders = insert_what_pays(problem, arrays, search(problem, SHORT).orders)
    assert check_plan(problem, plan_of_orders(problem, arrays, orders, "search")) == ()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(known_problems(max_workers=2, max_visits=4))
def test_tiny_problems_are_solved_to_the_optimum(problem: Problem) -> None:
    """On problems that can be enumerated, no plan is better than the one found, but for the rounding of route costs."""
    missing, cost = value_of(problem, search(problem, SearchOptions(time_limit_s=60, work_limit=2000)).orders)
    (best_missing,), best_cost = naive_best_plan(problem)
    assert missing == best_missing
    assert cost <= best_cost + len(problem.workers)


@pytest.mark.parametrize(("worth", "served"), [(150, [0, 1, 2]), (140, [])])
@pytest.mark.parametrize("seed", range(5))
def test_a_way_may_pay_for_several_visits_together(worth: int, served: list[int], seed: int) -> None:
    """A way that costs 396 and half an hour of services are driven for three visits of 150, not for three of 140.

    One alone is worth neither: the way there and back, 34 to 38 minutes and kilometres, costs 374 to 418.
    """
    visits = [Visit(f"v{place}", place, minutes(10), unserved_cost=worth) for place in (17, 18, 18)]
    problem = line_problem([day_worker()], visits)
    orders = search(problem, SearchOptions(time_limit_s=600, work_limit=2000, seed=seed)).orders
    assert sorted(orders[0]) == served


def test_the_same_work_gives_the_same_orders() -> None:
    """With a limit of work, clock and slices do not matter."""
    problem = many_visits(30)
    options = SearchOptions(time_limit_s=1e6, work_limit=5000, seed=3)
    slow_clock = itertools.count(0, 10)
    swift_clock = itertools.count(0, 1e-9)
    slow = search(problem, options, clock=lambda: float(next(slow_clock)))
    swift = search(problem, options, clock=lambda: float(next(swift_clock)))
    assert slow == swift
    assert slow.iterations == 5000


@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_work_on_threads_gives_the_same_orders(threads: int) -> None:
    """Searches side by side share plans at moments of work, so which thread is faster does not matter."""
    problem = many_visits(30)
    options = SearchOptions(time_limit_s=1e6, work_limit=5000, seed=3, threads=threads)
    slow_clock = itertools.count(0, 10)
    swift_clock = itertools.count(0, 1e-9)
    slow = search(problem, options, clock=lambda: float(next(slow_clock)))
    swift = search(problem, options, clock=lambda: float(next(swift_clock)))
    assert slow == swift
    assert slow.iterations == 5000


def test_a_team_is_at_least_as_good_as_where_it_began() -> None:
    """What the searches share is a plan that keeps every rule and costs no more than the given one."""
    problem = many_visits(30)
    good = search(problem, SearchOptions(time_limit_s=1e6, work_limit=2000)).orders
    options = SearchOptions(time_limit_s=1e6, work_limit=3000, threads=2, seed=5)
    heard: list[Orders] = []
    result = search(problem, options, start_from=good, on_improvement=heard.append)
    assert value_of(problem, result.orders) <= value_of(problem, good)
    assert heard[-1] == result.orders
    plan = plan_of_orders(problem, arrays_of_problem(problem), result.orders, "search")
    assert check_plan(problem, plan) == ()


def test_seeds_look_elsewhere() -> None:
    """Two seeds do not run through the same plans."""
    problem = many_visits(30)
    heard: list[list[Orders]] = [[], []]
    for seed, improvements in enumerate(heard):
        search(problem, SearchOptions(time_limit_s=600, work_limit=2000, seed=seed), on_improvement=improvements.append)
    assert heard[0] != heard[1]


def test_improvements_improve_and_the_last_is_the_answer() -> None:
    """Each reported plan costs less than the one before it."""
    problem = many_visits(30)
    heard: list[Orders] = []
    result = search(problem, SearchOptions(time_limit_s=60, work_limit=20_000), on_improvement=heard.append)
    values = [value_of(problem, orders) for orders in heard]
    assert values == sorted(values, reverse=True)
    assert heard[-1] == result.orders


def test_a_stop_is_obeyed_at_once() -> None:
    """Once the caller says stop, not one more slice is run, and there is a plan."""
    problem = many_visits(30)
    result = search(problem, SearchOptions(time_limit_s=3600), should_stop=lambda: True)
    assert result.iterations == 1
    assert value_of(problem, result.orders)[0] == 0


def test_the_time_limit_is_on_the_given_clock() -> None:
    """When the clock says that the time is over, the search ends."""
    readings = itertools.count(0)
    result = search(many_visits(30), SearchOptions(time_limit_s=5), clock=lambda: float(next(readings)))
    assert result.iterations == 1 + 4 * 64


def test_it_begins_with_given_orders() -> None:
    """The answer is never worse than the orders that it started from."""
    problem = many_visits(30)
    good = search(problem, SearchOptions(time_limit_s=60, work_limit=20_000)).orders
    again = search(problem, SearchOptions(time_limit_s=60, work_limit=1, seed=9), start_from=good).orders
    assert value_of(problem, again) <= value_of(problem, good)


def test_nothing_to_do() -> None:
    """No visits, or no workers, give empty orders."""
    assert search(line_problem([day_worker()], []), SHORT).orders == ((),)
    assert search(line_problem([], [Visit("v", 1, 60)]), SHORT).orders == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_limit_s", 0.0),
        ("time_limit_s", float("inf")),
        ("time_limit_s", float("nan")),
        ("work_limit", 0),
        ("threads", 0),
        ("exchanged_share", 1.5),
        ("mean_removed", -1.0),
        ("near_visits", 0),
        ("hottest", 1e-9),  # below coldest
    ],
)
def test_options_out_of_range_are_named(name: str, value: float) -> None:
    """An option out of its range is refused by name."""
    with pytest.raises(ValueError, match=name):
        SearchOptions(**{name: value})  # type: ignore[arg-type]
