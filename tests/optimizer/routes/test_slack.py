"""The slack of each stop: exactly so much later, and no later."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from optimizer.insertion.insertion import insert_what_pays
from optimizer.problem import Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.schedule import schedule_route
from optimizer.routes.slack import slack_of_route
from tests.naive_planning import naive_route_cost
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems


def test_slack_is_what_the_rest_of_the_route_leaves() -> None:
    """The first of two stops may wait until the second one's window would be missed, the last until the shift ends."""
    visits = [
        Visit("a", 5, minutes(10), (TimeWindow(minutes(60), minutes(200)),)),
        Visit("b", 8, minutes(10), (TimeWindow(minutes(90), minutes(95)),)),
    ]
    problem = line_problem([day_worker(shift_end_s=minutes(115))], visits)
    arrays = arrays_of_problem(problem)
    route = schedule_route(problem, arrays, 0, [0, 1])
    assert route is not None
    # a starts at 77 so that b starts at 90, without waiting; home at 108.
    assert [stop.start_s for stop in route.stops] == [minutes(77), minutes(90)]
    assert slack_of_route(arrays, route) == (minutes(5), minutes(5))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=1, max_visits=3))
def test_a_stop_may_start_later_by_its_slack_and_not_by_more(problem: Problem) -> None:
    """On the second-by-second day the route is possible with the stop later by its slack, and not later still."""
    worker = problem.workers[0]
    if worker.breaks or worker.max_duration_s is not None:
        # Which breaks lie before the stop, and when the route starts, is given with the route; the naive day is free.
        worker = replace(worker, breaks=(), max_duration_s=None)
        problem = replace(problem, workers=(worker,))
    arrays = arrays_of_problem(problem)
    (order,) = insert_what_pays(problem, arrays, ((),))
    route = schedule_route(problem, arrays, 0, order)
    assert route is not None
    for stop, slack_s in zip(route.stops, slack_of_route(arrays, route), strict=True):
        assert is_possible_at(problem, order, stop.visit, stop.start_s + slack_s)
        windows = problem.visits[stop.visit].time_windows
        later = range(stop.start_s + slack_s + 1, worker.shift_end_s + 1)
        allowed = [now for now in later if not windows or any(one.start_s <= now <= one.end_s for one in windows)]
        assert not any(is_possible_at(problem, order, stop.visit, now) for now in allowed)


def is_possible_at(problem: Problem, order: tuple[int, ...], visit: int, now: int) -> bool:
    """Tell whether the route is possible with one service starting at exactly one moment."""
    pinned = replace(problem.visits[visit], time_windows=(TimeWindow(now, now),))
    visits = tuple(pinned if index == visit else each for index, each in enumerate(problem.visits))
    return naive_route_cost(replace(problem, visits=visits), 0, list(order)) is not None
