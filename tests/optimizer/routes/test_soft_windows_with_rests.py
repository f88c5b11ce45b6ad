"""Windows at a price on routes on which rests are due.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0. After six minutes on
the road five minutes of rest are due; an hour of the route costs 60, so a minute costs 1::

    0   1   2   3   4   5   6   7   8
    home        a           b
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.answers.plan_assessment import assess_orders
from optimizer.options import Engine, SolveOptions
from optimizer.plan_check import check_plan
from optimizer.problem import Break, DrivingRest, Problem, TimeWindow, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.rest_kernels import cheapest_rest_timing
from optimizer.routes.rest_walk_kernels import RestTiming
from optimizer.routes.route_kernels import legs_of_route
from optimizer.routes.route_stages_kernels import stages_of_route
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.soft_rest_kernels import timing_of_stages
from optimizer.solve import solve
from tests.naive_planning import naive_soft_price
from tests.naive_rests import naive_least_price
from tests.optimizer.small_problems import day_worker, field_problems, line_matrix, line_problem, minutes

RESTED = day_worker(driving_rest=DrivingRest(minutes(6), minutes(5)))
A, B = Visit("a", 3, minutes(10)), Visit("b", 6, minutes(10))
FAR = Visit("far", 8, minutes(10))


def window(start: int, end: int) -> TimeWindow:
    """Return a window of minutes."""
    return TimeWindow(minutes(start), minutes(end))


@pytest.mark.parametrize("engine", Engine)
def test_the_start_moves_to_the_soft_window(engine: Engine) -> None:
    """Eight minutes out with a rest on the way: nothing is paid for a soft window that leaving later meets."""
    late = replace(FAR, soft_windows=(window(100, 110),), cost_per_hour_early=600)
    plan = solve(line_problem([RESTED], [late]), SolveOptions(time_limit_s=600, work_limit=300, engine=engine))
    (route,) = plan.routes
    assert minutes(100) <= route.stops[0].start_s <= minutes(110)
    assert route.end_s - route.start_s == minutes(8 + 10 + 8 + 2 * 5)
    assert route.cost == 36 + 160


@pytest.mark.parametrize(("per_hour", "start", "cost"), [(120, 60, 69), (30, 23, 37 + 19)])
def test_waiting_is_weighed_against_being_early(per_hour: int, start: int, cost: int) -> None:
    """Done with a at minute 20, a worker waits for b only where being 37 minutes early costs more; rests fill it."""
    soon = replace(A, time_windows=(window(0, 10),))
    wish = replace(B, soft_windows=(window(60, 90),), cost_per_hour_early=per_hour)
    problem = line_problem([RESTED], [soon, wish])
    assessment = assess_orders(problem, [[0, 1]])
    assert assessment.violations == ()
    (route,) = assessment.plan.routes
    assert [stop.start_s for stop in route.stops] == [minutes(10), minutes(start)]
    assert route.cost - 120 == cost


def test_a_break_that_is_as_long_is_a_rest_at_the_cheapest_time() -> None:
    """Lunch of five minutes in the middle of the waiting spares the rest before the way home."""
    soon = replace(A, time_windows=(window(0, 10),))
    wish = replace(B, soft_windows=(window(60, 90),), cost_per_hour_early=6_000)
    lunch = Break(minutes(30), minutes(40), minutes(5))
    problem = line_problem([replace(RESTED, breaks=(lunch,))], [soon, wish])
    assessment = assess_orders(problem, [[0, 1]])
    assert assessment.violations == ()
    assert assessment.plan.routes[0].stops[1].start_s == minutes(60)


@st.composite
def tiny_soft_days(draw: st.DrawFn) -> tuple[Worker, list[Visit], list[int]]:
    """Draw a worker with a rest and no breaks, visits in order at places on a line, and the legs between."""
    places = [draw(st.integers(0, 9)) for _ in range(draw(st.integers(1, 3)))]
    price = st.sampled_from([0, 1800, 3600, 7200])
    visits = []
    for number, place in enumerate(places):
        opens, length = draw(st.integers(0, 50)), draw(st.integers(0, 8))
        soft: tuple[TimeWindow, ...] = (TimeWindow(opens, opens + length),) if draw(st.booleans()) else ()
        visits.append(
            Visit(
                f"v{number}",
                place,
                draw(st.integers(0, 6)),
                soft_windows=soft,
                cost_per_hour_early=draw(price) if soft else 0,
                cost_per_hour_late=draw(price) if soft else 0,
            )
        )
    worker = day_worker(
        shift_end_s=draw(st.integers(20, 80)),
        cost_per_hour=draw(st.sampled_from([0, 1800, 3600])),
        driving_rest=DrivingRest(draw(st.integers(2, 9)), draw(st.integers(1, 6))),
    )
    return worker, visits, [abs(there - here) for here, there in pairwise([0, *places, 0])]


def price_of(worker: Worker, visits: list[Visit], timing: RestTiming) -> int:
    """Price a schedule, in cost units times 3600."""
    starts = zip(visits, timing.service_s.tolist(), strict=True)
    return worker.cost_per_hour * (timing.end_s - timing.start_s) + sum(naive_soft_price(*one) for one in starts)


def timings(worker: Worker, visits: list[Visit]) -> tuple[Problem, RestTiming, RestTiming]:
    """Time a day on a line with a second between places: by its hours alone, and with what its starts cost."""
    problem = Problem((worker,), tuple(visits), (line_matrix(range(10), seconds_per_place=1),))
    arrays, order = arrays_of_problem(problem), np.arange(len(visits))
    legs = legs_of_route(order, arrays.visits_of[0], arrays.workers[0])
    stages, times = stages_of_route(order, legs, arrays.visits_of[0], arrays.workers[0]), arrays.workers[0].times
    by_hours = cheapest_rest_timing(stages.order, stages.legs, stages.times, times)
    return problem, by_hours, timing_of_stages(stages, times, arrays.visits_of[0].kernels)


@pytest.mark.interpreted
@pytest.mark.twin_of("optimizer.routes.soft_rest_kernels")
@settings(max_examples=60, deadline=None)
@given(tiny_soft_days())
def test_times_are_weighed_beside_rests(day: tuple[Worker, list[Visit], list[int]]) -> None:
    """There is a schedule where living every second finds one; never cheaper than that, nor dearer than by hours."""
    worker, visits, legs_s = day
    least = naive_least_price(worker, visits, legs_s)
    problem, by_hours, timing = timings(worker, visits)
    if least is None:
        assert timing.start_s == NEVER
        return
    assert least <= price_of(worker, visits, timing) <= price_of(worker, visits, by_hours)
    assessment = assess_orders(problem, [range(len(visits))])
    assert assessment.violations == ()
    starts_s = [stop.start_s for stop in assessment.plan.routes[0].stops]
    assert starts_s == timing.service_s.tolist()


def seeded_day(seed: int) -> tuple[Worker, list[Visit], list[int]]:
    """Return one of many days on which rests are due, with up to four visits at a price."""
    random = Random(seed)
    visits = []
    for number in range(random.randint(1, 4)):
        opens = random.randint(0, 60)
        soft = (TimeWindow(opens, opens + random.randint(0, 8)),)
        prices = random.choices([0, 1800, 3600, 7200], k=2)
        visits.append(
            Visit(
                f"v{number}",
                random.randint(0, 9),
                random.randint(0, 6),
                soft_windows=soft,
                cost_per_hour_early=prices[0],
                cost_per_hour_late=prices[1],
            )
        )
    rest = DrivingRest(random.randint(3, 9), random.randint(1, 6))
    worker = day_worker(shift_end_s=100, cost_per_hour=random.choice([0, 1800, 3600]), driving_rest=rest)
    places = [0, *(one.location for one in visits), 0]
    return worker, visits, [abs(there - here) for here, there in pairwise(places)]


def test_most_days_are_the_cheapest_of_all() -> None:
    """Of a hundred days, of those on which rests are due four of five cost the least that any times can."""
    cheapest = asked = 0
    for seed in range(100):
        worker, visits, legs_s = seeded_day(seed)
        least = naive_least_price(worker, visits, legs_s)
        if least is not None and sum(legs_s) > rest_of(worker).max_driving_s:
            asked += 1
            cheapest += price_of(worker, visits, timings(worker, visits)[2]) == least
    assert asked > 50
    assert cheapest >= 0.8 * asked


def rest_of(worker: Worker) -> DrivingRest:
    """Return the rest that a worker is due."""
    assert worker.driving_rest is not None
    return worker.driving_rest


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=1, max_visits=4), st.integers(1, 40), st.integers(1, 10))
def test_every_route_with_rests_and_prices_is_sound(problem: Problem, driving_s: int, rest_s: int) -> None:
    """With breaks, limits, windows and everything else, what is scheduled is what the checker recomputes."""
    (worker,) = problem.workers
    rested = replace(problem, workers=(replace(worker, driving_rest=DrivingRest(driving_s, rest_s)),), precedences=())
    plan = solve(rested, SolveOptions(time_limit_s=5, work_limit=60, engine=Engine.SEARCH))
    assert check_plan(rested, plan) == ()
