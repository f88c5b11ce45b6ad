"""States what a running day has begun: a worker who is at a visit already, on the way to one, or still waiting.

The route of a worker who is at a visit or on the way begins with that visit. The optimizer needs no rule for it: the
worker's shift begins so late that there is no time for another visit before, and the visit's window is the one moment
that is then possible. Taking any visit away still leaves a plan that keeps every rule, on which the search stands. The
shift of a worker to whom nothing has happened yet begins with what is left of the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from optimizer.plan import Route
from optimizer.problem import Problem, TimeWindow, Worker
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.routes.schedule import schedule_early, schedule_route
from optimizer.routes.single_route import problem_of_route
from server.errors import FieldViolation, ViolationCode
from server.use_cases.planning_request import PinEvent, PinRequest, PlanningRequest
from server.use_cases.shifts import WorkerShift

Schedule = Callable[[Problem, ProblemArrays, int, Sequence[int]], Route | None]


def with_begun_routes(
    problem: Problem, request: PlanningRequest, shifts: Sequence[WorkerShift], origin_s: int
) -> tuple[Problem, list[FieldViolation]]:
    """Let each route that has begun begin with the visit that is pinned by an event, and the others not in the past.

    Parameters
    ----------
    problem
        The problem with its ways, as if nothing had begun.
    request
        The request, whose pins are possible as far as can be told without ways.
    shifts
        Whose shift each worker of the problem is.
    origin_s
        Unix seconds of the problem's time 0.

    Returns
    -------
    tuple[Problem, list[FieldViolation]]
        The problem, and the pins with which no route can begin, by the field paths of `odograph.v1.Problem`.
    """
    violations = []
    for index, visit in enumerate(request.visits):
        if visit.pin is None or visit.pin.event is None:
            continue
        worker = shift_of_event(visit.pin, shifts)
        begun = None if worker is None else _begun(problem, worker, index, visit.pin, origin_s)
        if begun is None:
            rule = (
                f"no route of {visit.pin.worker_id!r} can begin with this visit: its way, its windows and the worker's "
                "shift and breaks leave no time; mend the place or the hours, or pin the worker only"
            )
            violations.append(FieldViolation(f"visits[{index}].pin.event", ViolationCode.CONTRADICTION, rule))
        else:
            problem = begun
    if request.not_before_s is None:
        return problem, violations
    return _without_what_is_over(problem, request, shifts, request.not_before_s - origin_s), violations


def _without_what_is_over(
    problem: Problem, request: PlanningRequest, shifts: Sequence[WorkerShift], first_s: int
) -> Problem:
    """Let nobody set out before a moment who has no visit that is pinned to a time or an event."""
    pins = [visit.pin for visit in request.visits if visit.pin is not None]
    timed = {shift_of_event(pin, shifts) for pin in pins if pin.start_s is not None or pin.event is not None}
    workers = (
        worker if index in timed or not worker.shift_start_s < first_s < worker.shift_end_s else _later(worker, first_s)
        for index, worker in enumerate(problem.workers)
    )
    return replace(problem, workers=tuple(workers))


def shift_of_event(pin: PinRequest, shifts: Sequence[WorkerShift]) -> int | None:
    """Find the shift whose route an event begins: the first one, or that in which the given start lies.

    Parameters
    ----------
    pin
        The pin.
    shifts
        All shifts of the request.

    Returns
    -------
    int or None
        Index of the shift; None where the worker has none then.
    """
    own = (
        index
        for index, one in enumerate(shifts)
        if one.worker.id == pin.worker_id
        and (pin.start_s is None or one.worker.shift.start_s <= pin.start_s < one.worker.shift.end_s)
    )
    return next(own, None)


def _begun(problem: Problem, worker: int, visit: int, pin: PinRequest, origin_s: int) -> Problem | None:
    if pin.event is PinEvent.ARRIVED and pin.start_s is not None:
        begin_s = pin.start_s - origin_s
        here = problem.visits[visit].location
        # Nobody sets up again, and the way there is over.
        there = _changed(problem, worker, visit, begin_s, begin_s, start_location=here, setup_s=0)
        return there if _first_route(there, worker, visit) is not None else None
    route = next(_ways_to_begin(problem, worker, visit), None)
    if route is None:
        return None
    return _changed(problem, worker, visit, route.start_s, route.stops[0].start_s)


def _ways_to_begin(problem: Problem, worker: int, visit: int) -> Iterator[Route]:
    """Yield the schedules of a route of one visit, the one that serves it earliest first.

    A break that is not due before the visit is taken after it: where the route ended with the visit, it would not be on
    the route. What early schedules do not look at, such as rests, the last schedule does.
    """
    owner = problem.workers[worker]
    is_open = tuple(
        replace(each, end_location=None) if index == worker else each for index, each in enumerate(problem.workers)
    )
    for asked, schedule in (
        (replace(problem, workers=is_open), schedule_early),
        (problem, schedule_early),
        (problem, schedule_route),
    ):
        early = _first_route(asked, worker, visit, schedule)
        if early is None:
            continue
        route = _first_route(
            _changed(problem, worker, visit, owner.shift_start_s, early.stops[0].start_s), worker, visit
        )
        if route is not None:
            yield route


def _first_route(problem: Problem, worker: int, visit: int, schedule: Schedule = schedule_route) -> Route | None:
    """Schedule the route that has one visit only."""
    cut = problem_of_route(problem, worker, [visit])
    return schedule(cut, arrays_of_problem(cut), 0, [0])


def _changed(
    problem: Problem,
    worker: int,
    visit: int,
    begin_s: int,
    moment_s: int,
    *,
    start_location: int | None = None,
    setup_s: int | None = None,
) -> Problem:
    """Let a worker's shift begin at a moment, and a visit of the worker's start at one."""
    owner, asked = problem.workers[worker], problem.visits[visit]
    begun = _later(owner, begin_s)
    begun = begun if start_location is None else replace(begun, start_location=start_location)
    first = replace(
        asked,
        time_windows=(TimeWindow(moment_s, moment_s),),
        allowed_workers=frozenset({worker}),
        setup_s=asked.setup_s if setup_s is None else setup_s,
    )
    workers = (*problem.workers[:worker], begun, *problem.workers[worker + 1 :])
    return replace(problem, workers=workers, visits=(*problem.visits[:visit], first, *problem.visits[visit + 1 :]))


def _later(worker: Worker, begin_s: int) -> Worker:
    """Let a worker's shift begin at a later moment; what was overtime before is over."""
    regular_end_s = None if worker.regular_end_s is None else max(worker.regular_end_s, begin_s)
    return replace(worker, shift_start_s=begin_s, regular_end_s=regular_end_s)
