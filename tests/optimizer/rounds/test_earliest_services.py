"""Serving visits as early as those allow that they wait for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.problem import Break, Precedence, Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.rounds.earliest_services import Times, earliest_services
from optimizer.routes.schedule import schedule_early
from tests.optimizer.small_problems import day_worker, line_problem, minutes

Orders = list[list[int]]


def naive_services(problem: Problem, orders: Orders) -> Times:
    """Time all routes over and over, each time putting off what comes too early, until nothing does."""
    visits = list(problem.visits)
    while True:
        now = replace(problem, visits=tuple(visits), precedences=())
        arrays = arrays_of_problem(now)
        routes = [
            schedule_early(now, arrays, worker, tuple(order)) for worker, order in enumerate(orders) if len(order) > 0
        ]
        times = {
            stop.visit: (stop.start_s, stop.departure_s)
            for route in routes
            if route is not None
            for stop in route.stops
        }
        known = [one for one in problem.precedences if one.before in times and one.after in times]
        late = [one for one in known if times[one.after][0] < times[one.before][1] + one.min_gap_s]
        if not late:
            return times
        for one in late:
            earliest_s = times[one.before][1] + one.min_gap_s
            windows = visits[one.after].time_windows or (TimeWindow(0, minutes(10_000)),)
            kept = tuple(
                TimeWindow(max(window.start_s, earliest_s), window.end_s)
                for window in windows
                if window.end_s >= earliest_s
            )
            visits[one.after] = replace(visits[one.after], time_windows=kept or (TimeWindow(-1, -1),))


@st.composite
def days(draw: st.DrawFn) -> tuple[Problem, Orders]:
    """Draw up to three routes of up to four visits, and precedences that lead from lower to higher numbers."""
    count = draw(st.integers(2, 9))
    visits = []
    for number in range(count):
        opens_s = minutes(draw(st.integers(0, 300)))
        windows: tuple[TimeWindow, ...] = (TimeWindow(opens_s, opens_s + minutes(120)),)
        windows += (TimeWindow(opens_s + minutes(200), opens_s + minutes(400)),) if draw(st.booleans()) else ()
        duration_s = minutes(draw(st.integers(1, 30)))
        visits.append(Visit(f"v{number}", draw(st.integers(1, 9)), duration_s, windows if draw(st.booleans()) else ()))
    lunch = (Break(minutes(60), minutes(200), minutes(30)),) if draw(st.booleans()) else ()
    workers = [day_worker(id=f"w{number}", breaks=lunch, shift_end_s=minutes(600)) for number in range(3)]
    orders: Orders = [[], [], []]
    for visit in range(count):
        orders[draw(st.integers(0, 2))].append(visit)
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 2), st.integers(1, count - 1)), max_size=8))
    waits = tuple(Precedence(one, other, minutes(draw(st.integers(0, 60)))) for one, other in pairs if one < other)
    return replace(line_problem(workers, visits), precedences=waits), orders


@given(days())
def test_as_early_as_timing_all_over_and_over(day: tuple[Problem, Orders]) -> None:
    """What is put off step by step ends at the moments at which putting off everything ends."""
    problem, orders = day
    arrays = arrays_of_problem(replace(problem, precedences=()))
    found = earliest_services(arrays, orders, problem.precedences)
    expected = naive_services(problem, orders)
    if len(expected) == len(problem.visits):  # before a route has no schedule, the naive way has put others off for it
        assert found == expected


def test_a_circle_keeps_nobody_waiting() -> None:
    """A precedence against the order of a route cannot be kept; the times are those of the routes."""
    problem = line_problem([day_worker()], [Visit("a", 1, minutes(10)), Visit("b", 2, minutes(10))])
    arrays = arrays_of_problem(problem)
    free = earliest_services(arrays, [[0, 1]], ())
    assert earliest_services(arrays, [[0, 1]], (Precedence(1, 0),)) == free


@pytest.mark.parametrize("count", [3, 60])
def test_a_chain_from_route_to_route(count: int) -> None:
    """Each of a chain of visits, on two routes in turn, begins when the one before it is over."""
    workers = [day_worker(id=name, shift_end_s=minutes(10_000)) for name in ("odd", "even")]
    visits = [Visit(f"v{number}", 1, minutes(10)) for number in range(count)]
    chain = tuple(Precedence(number, number + 1) for number in range(count - 1))
    problem = line_problem(workers, visits)
    times = earliest_services(arrays_of_problem(problem), [[*range(0, count, 2)], [*range(1, count, 2)]], chain)
    assert [times[number + 1][0] for number in range(count - 1)] == [times[number][1] for number in range(count - 1)]
