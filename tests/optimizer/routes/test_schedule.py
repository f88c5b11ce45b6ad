"""The times of one route: hand-computed days, and the naive second-by-second day as the oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.plan import PlannedBreak, Route
from optimizer.problem import Break, Problem, SoftLimits, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.schedule import schedule_route
from optimizer.routes.schedule_kernels import NEVER, cheapest_timing
from optimizer.routes.soft_window_kernels import cheapest_soft_timing
from tests.naive_planning import (
    naive_cheapest_timing,
    naive_price_of_time,
    naive_soft_price,
    naive_soft_timings,
)
from tests.optimizer.small_problems import day_worker, line_matrix, line_problem, minutes, random_breaks, random_windows


def scheduled(worker: Worker, visits: list[Visit]) -> Route | None:
    """Schedule all visits of a line problem in the given order."""
    problem = line_problem([worker], visits)
    return schedule_route(problem, arrays_of_problem(problem), 0, range(len(visits)))


def window(start: int, end: int) -> TimeWindow:
    """Return a window given in minutes."""
    return TimeWindow(minutes(start), minutes(end))


def lunch(earliest: int, latest: int, duration: int) -> Break:
    """Return a break given in minutes."""
    return Break(minutes(earliest), minutes(latest), minutes(duration))


def in_minutes(route: Route | None) -> tuple[float, float, list[tuple[float, float, float]], list[tuple[float, float]]]:
    """Return start, end, stops as (arrival, start, departure) and breaks as (start, end), all in minutes."""
    assert route is not None
    return (
        route.start_s / 60,
        route.end_s / 60,
        [(stop.arrival_s / 60, stop.start_s / 60, stop.departure_s / 60) for stop in route.stops],
        [(pause.start_s / 60, pause.end_s / 60) for pause in route.breaks],
    )


def test_leaves_as_late_as_the_first_window_allows() -> None:
    """A worker does not wait before a window for which leaving later is enough."""
    route = scheduled(day_worker(), [Visit("a", 5, minutes(10), (window(60, 120),))])
    assert in_minutes(route) == (55, 75, [(60, 60, 70)], [])


def test_waits_only_where_windows_force_it() -> None:
    """Between a first visit that ends early and a second that opens late, the wait cannot be avoided."""
    visits = [Visit("a", 5, minutes(10), (window(60, 65),)), Visit("b", 7, minutes(10), (window(100, 130),))]
    assert in_minutes(scheduled(day_worker(), visits)) == (60, 117, [(65, 65, 75), (77, 100, 110)], [])


def test_takes_the_window_that_makes_the_day_short() -> None:
    """Of two windows, the later one is taken where it leaves less waiting before the next visit."""
    visits = [
        Visit("a", 5, minutes(10), (window(60, 65), window(90, 95))),
        Visit("b", 7, minutes(10), (window(110, 130),)),
    ]
    assert in_minutes(scheduled(day_worker(), visits)) == (90, 127, [(95, 95, 105), (107, 110, 120)], [])


def test_open_ends_cost_no_travel() -> None:
    """With open ends the route starts at the first visit and ends with the last."""
    route = scheduled(
        day_worker(start_location=None, end_location=None), [Visit("a", 5, minutes(10)), Visit("b", 8, 0)]
    )
    assert in_minutes(route) == (0, 13, [(0, 0, 10), (13, 13, 13)], [])
    assert route is not None
    assert [stop.distance_m for stop in route.stops] == [0, 3000]


def test_a_break_fills_the_waiting() -> None:
    """A break that fits into the waiting at a place costs nothing and is taken on arrival."""
    visits = [Visit("a", 5, minutes(10), (window(60, 65),)), Visit("b", 7, minutes(10), (window(100, 130),))]
    route = scheduled(day_worker(breaks=(lunch(70, 90, 15),)), visits)
    assert in_minutes(route) == (60, 117, [(65, 65, 75), (77, 100, 110)], [(77, 92)])


def test_a_break_interrupts_a_long_way() -> None:
    """Where the break may start neither before leaving nor after arriving, it lies on the way."""
    worker = day_worker(shift_start_s=0, shift_end_s=minutes(200), breaks=(lunch(30, 40, 30),))
    route = scheduled(
        worker, [Visit("a", 1, minutes(20), (window(5, 5),)), Visit("b", 19, minutes(20), (window(75, 75),))]
    )
    assert in_minutes(route) == (4, 114, [(5, 5, 25), (73, 75, 95)], [(30, 60)])


def test_a_break_does_not_overlap_a_visit() -> None:
    """A visit that would run into the latest start of the break is pushed behind it."""
    visits = [Visit("a", 2, minutes(60), (window(100, 200),))]
    first = Visit("z", 1, minutes(60), (window(90, 90),))
    route = scheduled(day_worker(breaks=(lunch(150, 170, 30),)), [first, *visits])
    assert in_minutes(route) == (89, 243, [(90, 90, 150), (151, 181, 241)], [(151, 181)])


@pytest.mark.parametrize(
    ("pause", "breaks"),
    [
        (lunch(0, 30, 20), []),  # over before the route starts at 40
        (lunch(20, 45, 20), []),  # can be over exactly when it starts
        (lunch(21, 45, 20), [(25, 45)]),  # cannot be over by then: leaves earlier and takes it at the first place
        (lunch(90, 91, 20), [(90, 110)]),  # in the middle of the way home
        (lunch(90, 92, 20), []),  # the route ends at 92: afterwards
        (lunch(300, 400, 20), []),  # long after
    ],
)
def test_a_break_may_be_taken_before_or_after_the_route(pause: Break, breaks: list[tuple[float, float]]) -> None:
    """A break lies on the route only where it can be taken neither before nor after."""
    visits = [Visit("a", 5, minutes(20), (window(45, 45),)), Visit("b", 6, minutes(20), (window(66, 90),))]
    route = scheduled(day_worker(breaks=(pause,)), visits)
    assert in_minutes(route)[3] == breaks


def test_two_breaks_on_one_leg() -> None:
    """Two breaks in a row interrupt the same way."""
    worker = day_worker(start_location=0, end_location=None, breaks=(lunch(5, 6, 10), lunch(16, 17, 10)))
    route = scheduled(worker, [Visit("a", 15, minutes(10), (window(0, 40),)), Visit("b", 15, 0, (window(45, 45),))])
    assert in_minutes(route)[3] in ([(5, 15), (16, 26)], [(5, 15), (17, 27)])


def test_no_schedule_where_the_break_has_no_room() -> None:
    """Two visits that fill the whole time in which the break may start leave no schedule."""
    visits = [Visit("a", 1, minutes(60), (window(0, 10),)), Visit("b", 1, minutes(120), (window(60, 61),))]
    assert scheduled(day_worker(), visits) is not None
    assert scheduled(day_worker(breaks=(lunch(65, 120, 30),)), visits) is None


def test_the_longest_duration_binds_on_the_shortest_schedule() -> None:
    """A route is possible if its shortest schedule is within the longest duration, to the second."""
    visits = [Visit("a", 5, minutes(10), (window(60, 65),)), Visit("b", 7, minutes(10), (window(100, 130),))]
    assert scheduled(day_worker(max_duration_s=minutes(57)), visits) is not None
    assert scheduled(day_worker(max_duration_s=minutes(57) - 1), visits) is None


@st.composite
def tiny_days(draw: st.DrawFn) -> tuple[Worker, list[Visit], list[int]]:
    """Draw a worker, visits in order and the seconds of the legs."""
    visits = [
        Visit(f"visit {number}", 0, draw(st.integers(0, 12)), draw(random_windows(60)))
        for number in range(draw(st.integers(1, 4)))
    ]
    shift_start_s = draw(st.integers(-10, 20))
    worker = Worker(
        id="ann",
        matrix=0,
        shift_start_s=shift_start_s,
        shift_end_s=shift_start_s + draw(st.integers(1, 80)),
        start_location=None,
        end_location=None,
        max_duration_s=draw(st.none() | st.integers(0, 60)),
        breaks=draw(random_breaks(30)),
    )
    return worker, visits, draw(st.lists(st.integers(0, 15), min_size=len(visits) + 1, max_size=len(visits) + 1))


@pytest.mark.twin_of("optimizer.routes.schedule_kernels")
@settings(max_examples=150, deadline=None)
@given(tiny_days())
def test_the_shortest_timing_is_that_of_the_naive_day(day: tuple[Worker, list[Visit], list[int]]) -> None:
    """The kernel finds the same shortest day as living through every second of every day."""
    worker, visits, legs_s = day
    arrays = arrays_of_problem(Problem((worker,), tuple(visits), (line_matrix([0]),)))
    order = np.arange(len(visits))
    timing = cheapest_timing(order, np.array(legs_s), arrays.visits_of[0].times, arrays.workers[0].times)
    expected = naive_cheapest_timing(worker, visits, legs_s)
    if expected is None:
        assert timing.start_s == NEVER
    else:
        assert (timing.end_s - timing.start_s, timing.end_s) == (expected[1] - expected[0], expected[1])


@st.composite
def tiny_priced_days(draw: st.DrawFn) -> tuple[Worker, list[Visit], list[int]]:
    """Draw a tiny day on which starts, duration and end have prices."""
    worker, visits, legs_s = draw(tiny_days())
    hour = st.sampled_from([0, 1800, 3600, 5000])
    soft = SoftLimits(max_duration_s=draw(st.integers(0, 40)), cost_per_extra_hour=draw(hour))
    priced = replace(
        worker,
        cost_per_hour=draw(hour),
        soft_limits=draw(st.sampled_from([SoftLimits(), soft])),
        regular_end_s=worker.shift_start_s + draw(st.integers(0, 40)),
        overtime_cost_per_hour=draw(hour),
    )
    wanted = [
        replace(
            visit,
            soft_windows=draw(random_windows(60)),
            cost_per_hour_early=draw(hour),
            cost_per_hour_late=draw(hour),
        )
        for visit in visits
    ]
    return priced, wanted, legs_s


@pytest.mark.interpreted
@pytest.mark.twin_of("optimizer.routes.soft_window_kernels", "optimizer.routes.soft_window_pieces_kernels")
@settings(max_examples=150, deadline=None)
@given(tiny_priced_days())
def test_the_cheapest_soft_timing_is_that_of_the_naive_day(day: tuple[Worker, list[Visit], list[int]]) -> None:
    """The kernel's price of all times is the least of every second of every day, and its times have that price."""
    worker, visits, legs_s = day
    arrays = arrays_of_problem(Problem((worker,), tuple(visits), (line_matrix([0]),)))
    order = np.arange(len(visits))
    timing = cheapest_soft_timing(order, np.array(legs_s), arrays.visits_of[0].times, arrays.workers[0].times)
    expected = naive_soft_timings(worker, visits, legs_s)
    if not expected:
        assert timing.start_s == NEVER
        return
    start, end, soft = expected[0]
    services = sum(naive_soft_price(visit, int(moment)) for visit, moment in zip(visits, timing.service_s, strict=True))
    found = services + naive_price_of_time(worker, int(timing.start_s), int(timing.end_s))
    assert found == soft + naive_price_of_time(worker, start, end)


def test_breaks_are_numbered_as_the_worker_has_them() -> None:
    """A planned break names the worker's break, also where an earlier one is taken before the route."""
    breaks = (lunch(0, 10, 10), lunch(60, 65, 10))
    visits = [Visit("a", 5, minutes(10), (window(50, 50),)), Visit("b", 5, minutes(5), (window(75, 80),))]
    route = scheduled(day_worker(breaks=breaks), visits)
    assert route is not None
    assert route.breaks == (PlannedBreak(1, minutes(60), minutes(70)),)
