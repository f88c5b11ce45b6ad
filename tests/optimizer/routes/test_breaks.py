"""Days whose breaks have made solvers fail: each was reported as a feasible day without an answer, or with a wrong one.

The numbers in the docstrings are issues of google/or-tools; the instances are our own, of the same shape.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan
from optimizer.plan_check import check_plan
from optimizer.problem import Break, Delivery, Problem, TimeWindow, Visit
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_matrix, line_problem, minutes

HOUR = 3600
WORK = SolveOptions(time_limit_s=30, work_limit=2000)
NOON = Break(minutes(120), minutes(180), minutes(45))


engines = pytest.mark.parametrize("engine", Engine)


def checked_plan(problem: Problem, engine: Engine = Engine.HYBRID) -> Plan:
    """Solve, and check once more what solve has checked."""
    plan = solve(problem, replace(WORK, engine=engine))
    assert check_plan(problem, plan) == ()
    return plan


def test_a_long_way_is_interrupted_twice() -> None:
    """#833: a way of 11.1 h with breaks of 6 h at 1 h and of 3 h at 12 h arrives after 20.1 h."""
    matrix = line_matrix([0, 1], seconds_per_place=40_000)
    breaks = (Break(HOUR, HOUR, 6 * HOUR), Break(12 * HOUR, 12 * HOUR, 3 * HOUR))
    worker = day_worker(shift_end_s=48 * HOUR, end_location=None, breaks=breaks)
    # Later in the day the breaks would be over before the start.
    visit = Visit("far", 1, 0, (TimeWindow(0, 21 * HOUR),))
    plan = checked_plan(Problem((worker,), (visit,), (matrix,)))
    (stop,) = plan.routes[0].stops
    assert stop.arrival_s == 40_000 + 9 * HOUR
    assert [pause.start_s for pause in plan.routes[0].breaks] == [HOUR, 12 * HOUR]


def test_workers_who_stay_at_home_do_not_spoil_the_day() -> None:
    """#1243: workers with breaks and without visits leave the day feasible."""
    workers = [day_worker(id=f"worker {number}", breaks=(NOON,), fixed_cost=1000) for number in range(5)]
    problem = line_problem(workers, [Visit("a", 5, minutes(10)), Visit("b", 6, minutes(10))])
    plan = checked_plan(problem)
    assert plan.unplanned == ()
    assert sum(bool(route.stops) for route in plan.routes) == 1


def test_every_worker_takes_the_break_and_all_visits_are_made() -> None:
    """#1730: breaks for more than one worker; five hours of visits each leave just room for the break."""
    workers = [day_worker(id=f"worker {number}", shift_end_s=minutes(345), breaks=(NOON,)) for number in range(3)]
    visits = [Visit(f"visit {number}", 0, minutes(30)) for number in range(30)]
    plan = checked_plan(line_problem(workers, visits, places=1))
    assert plan.unplanned == ()
    assert [len(route.breaks) for route in plan.routes] == [1, 1, 1]
    assert [route.end_s - route.start_s for route in plan.routes] == [minutes(345)] * 3


def test_one_minute_less_leaves_a_visit_out() -> None:
    """The same day a minute shorter is over-full: one visit is named, no solution is lost."""
    workers = [day_worker(id=f"worker {number}", shift_end_s=minutes(344), breaks=(NOON,)) for number in range(3)]
    visits = [Visit(f"visit {number}", 0, minutes(30), unserved_cost=100_000) for number in range(30)]
    plan = checked_plan(line_problem(workers, visits, places=1))
    assert 1 <= len(plan.unplanned) <= 3


def test_a_route_over_before_the_break_needs_none() -> None:
    """A day that ends before the break may start at the latest is not made longer by it."""
    plan = checked_plan(line_problem([day_worker(breaks=(NOON,))], [Visit("a", 5, 0, (TimeWindow(0, minutes(10)),))]))
    assert plan.routes[0].breaks == ()
    assert plan.routes[0].end_s - plan.routes[0].start_s == minutes(10)


def test_a_visit_never_overlaps_a_fixed_break() -> None:
    """#569: a break at a fixed moment inside a window moves the visit behind it, or before it."""
    fixed = Break(minutes(300), minutes(300), minutes(180))
    worker = day_worker(breaks=(fixed,), end_location=None)
    early = Visit("early", 5, minutes(45), (TimeWindow(minutes(255), minutes(315)),))
    late = Visit("late", 5, minutes(45), (TimeWindow(minutes(290), minutes(500)),))
    plan = checked_plan(line_problem([worker], [early, late]))
    starts_s = {stop.visit: stop.start_s for stop in plan.routes[0].stops}
    assert starts_s == {0: minutes(255), 1: minutes(480)}


def test_a_break_in_a_gap_shorter_than_itself() -> None:
    """A gap between two fixed visits that is shorter than the break does not hold it, but the way to the third does."""
    worker = day_worker(breaks=(Break(minutes(60), minutes(200), minutes(30)),), end_location=None)
    visits = [
        Visit("a", 1, minutes(30), (TimeWindow(minutes(60), minutes(60)),)),
        Visit("b", 1, minutes(30), (TimeWindow(minutes(115), minutes(115)),)),
        Visit("c", 6, minutes(30), (TimeWindow(minutes(180), minutes(180)),)),
    ]
    (route,) = checked_plan(line_problem([worker], visits)).routes
    assert [stop.visit for stop in route.stops] == [0, 1, 2]
    assert minutes(145) <= route.breaks[0].start_s <= minutes(150)


@pytest.mark.parametrize("position", ["before the shift", "after the shift", "longer than the shift"])
def test_a_break_outside_the_shift_is_no_hindrance(position: str) -> None:
    """A break that can only be taken outside the shift leaves the whole shift to work."""
    pause = {
        "before the shift": Break(-minutes(60), -minutes(30), minutes(30)),
        "after the shift": Break(minutes(700), minutes(800), minutes(30)),
        "longer than the shift": Break(minutes(610), minutes(700), minutes(1000)),
    }[position]
    problem = line_problem([day_worker(breaks=(pause,))], [Visit("a", 5, minutes(590))])
    assert checked_plan(problem).unplanned == ()


def test_three_breaks_and_visits_of_a_working_day() -> None:
    """Two coffees and a lunch fit around windows on both sides of each."""
    breaks = tuple(Break(minutes(start), minutes(start + 30), minutes(15)) for start in (90, 210, 330))
    windows = [(TimeWindow(minutes(50 * number), minutes(50 * number + 70)),) for number in range(8)]
    visits = [Visit(f"visit {number}", 1 + number % 3, minutes(40), windows[number]) for number in range(8)]
    plan = checked_plan(line_problem([day_worker(breaks=breaks)], visits))
    assert plan.unplanned == ()
    assert len(plan.routes[0].breaks) == 3


@engines
def test_a_break_just_after_leaving_counts_on_the_way(engine: Engine) -> None:
    """#994: 400 s away, with a break of 1000 s from second 100: who must be there by 1400 is, and not before."""
    worker = day_worker(shift_end_s=10_000, end_location=None, breaks=(Break(100, 100, 1000),))
    visit = Visit("far", 1, 60, (TimeWindow(0, 1400),))
    matrix = line_matrix([0, 1], seconds_per_place=400)
    (route,) = checked_plan(Problem((worker,), (visit,), (matrix,)), engine).routes
    assert (route.start_s, route.stops[0].arrival_s, route.stops[0].start_s) == (0, 1400, 1400)
    late = replace(visit, time_windows=(TimeWindow(0, 1399),))
    assert len(checked_plan(Problem((worker,), (late,), (matrix,)), engine).unplanned) == 1


@engines
def test_one_break_follows_directly_on_another(engine: Engine) -> None:
    """#1962: two breaks of one worker, of which one begins when the other is over, are both taken."""
    breaks = (Break(minutes(10), minutes(10), minutes(10)), Break(minutes(20), minutes(20), minutes(20)))
    worker = day_worker(breaks=breaks, end_location=None)
    early = Visit("early", 2, minutes(8), (TimeWindow(minutes(2), minutes(2)),))
    late = Visit("late", 3, minutes(8), (TimeWindow(minutes(40), minutes(41)),))
    plan = checked_plan(line_problem([worker], [early, late]), engine)
    assert plan.unplanned == ()
    assert [pause.start_s for pause in plan.routes[0].breaks] == [minutes(10), minutes(20)]


@engines
def test_a_tour_of_days_sleeps_at_night(engine: Engine) -> None:
    """#2023: twelve hours of every day are off; pickups and deliveries over three days stay possible."""
    nights = (Break(10 * HOUR, 12 * HOUR, 12 * HOUR), Break(34 * HOUR, 36 * HOUR, 12 * HOUR))
    worker = day_worker(shift_end_s=72 * HOUR, breaks=nights, capacity=3)
    matrix = line_matrix(range(7), seconds_per_place=3 * HOUR)
    second_day, third_day = ((TimeWindow(start * HOUR, (start + 12) * HOUR),) for start in (24, 48))
    visits = [
        Visit("load a", 1, HOUR),
        Visit("load b", 2, HOUR),
        Visit("leave b", 5, HOUR, second_day),
        Visit("leave a", 3, HOUR, third_day),
    ]
    deliveries = (Delivery(0, 3, 1), Delivery(1, 2, 2))
    plan = checked_plan(Problem((worker,), tuple(visits), (matrix,), deliveries=deliveries), engine)
    assert plan.unplanned == ()
    assert [stop.visit for stop in plan.routes[0].stops] == [0, 1, 2, 3]
    assert len(plan.routes[0].breaks) == 2


@engines
def test_soft_windows_leave_room_for_the_break(engine: Engine) -> None:
    """#4423: soft windows around lunch, a delivery and optional visits: all are made, and lunch is taken."""
    worker = day_worker(shift_end_s=minutes(300), breaks=(NOON,))
    soon, later = ((TimeWindow(minutes(start), minutes(start + 30)),) for start in (60, 190))
    visits = [
        Visit("from", 5, minutes(20), soft_windows=soon, cost_per_hour_early=600, cost_per_hour_late=600),
        Visit("to", 9, minutes(20), soft_windows=later, cost_per_hour_early=600, cost_per_hour_late=600),
        Visit("beside", 7, minutes(20), soft_windows=later, cost_per_hour_early=600, cost_per_hour_late=600),
    ]
    visits = [replace(visit, unserved_cost=10_000) for visit in visits]
    problem = replace(line_problem([worker], visits), deliveries=(Delivery(0, 1, 1),))
    plan = checked_plan(problem, engine)
    assert plan.unplanned == ()
    assert len(plan.routes[0].breaks) == 1
