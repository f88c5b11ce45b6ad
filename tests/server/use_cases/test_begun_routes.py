"""A route that has begun begins with the visit where the worker is, or to which the worker drives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.problem import Break, Problem, TimeWindow, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import list_problem_violations
from optimizer.routes.schedule import schedule_route
from server.use_cases.begun_routes import with_begun_routes
from server.use_cases.planning_request import (
    PinEvent,
    PinRequest,
    Place,
    PlanningRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)
from server.use_cases.shifts import shifts_of
from tests.optimizer.small_problems import day_worker, line_problem, minutes

HOME = Place(60.0, 25.0)
ANN = WorkerRequest("ann", TimeSpan(0, minutes(600)), start_position=HOME)


def begun(problem: Problem, pin: PinRequest) -> tuple[Problem, list[str]]:
    """Let the route of the one worker begin with the first visit; also the fields of what is not possible."""
    visits = tuple(VisitRequest(visit.id, HOME) for visit in problem.visits)
    request = PlanningRequest((ANN,), (replace(visits[0], pin=pin), *visits[1:]), None)
    changed, violations = with_begun_routes(problem, request, shifts_of(request), 0)
    return changed, [one.field for one in violations]


def starts_s(problem: Problem, order: list[int]) -> list[int] | None:
    """When the visits of a route start; None where there is no schedule."""
    route = schedule_route(problem, arrays_of_problem(problem), 0, order)
    return None if route is None else [stop.start_s for stop in route.stops]


def test_who_has_arrived_stays_there_and_drives_no_way() -> None:
    """Ann is at place 9 since second 1: too early by the map, but she is there; the next place is 2 minutes on."""
    problem = line_problem([day_worker()], [Visit("a", 9, 600, setup_s=300), Visit("b", 11, 60)])
    changed, violations = begun(problem, PinRequest("ann", 1, PinEvent.ARRIVED))
    assert violations == []
    assert list_problem_violations(changed) == ()
    assert starts_s(changed, [0, 1]) == [1, 1 + 600 + 120]
    assert starts_s(changed, [1, 0]) is None
    route = schedule_route(changed, arrays_of_problem(changed), 0, [0])
    assert route is not None
    (stop,) = route.stops
    assert (route.start_s, stop.arrival_s, stop.distance_m, route.last_distance_m) == (1, 1, 0, 9000)


@pytest.mark.parametrize(
    ("changes", "start_minute"),
    [
        ({}, 9),
        ({"setup_s": minutes(2)}, 11),
        ({"time_windows": (TimeWindow(minutes(60), minutes(70)),)}, 60),
        ({"time_windows": (TimeWindow(0, minutes(8)), TimeWindow(minutes(20), minutes(90)))}, 20),
    ],
)
def test_who_is_under_way_serves_as_early_as_can_be(changes: dict[str, object], start_minute: int) -> None:
    """The way takes nine minutes, and setup and windows may take longer; no other visit comes before."""
    problem = line_problem([day_worker()], [Visit("a", 9, 600, **changes), Visit("b", 1, 60)])  # type: ignore[arg-type]
    changed, violations = begun(problem, PinRequest("ann", None, PinEvent.UNDER_WAY))
    assert violations == []
    assert starts_s(changed, [0, 1]) == [minutes(start_minute), minutes(start_minute) + 600 + minutes(8)]
    assert starts_s(changed, [1, 0]) is None


def test_a_break_waits_where_it_can() -> None:
    """A break that may be taken after the visit is; one that is due on the way is taken on the way."""
    later, due = Break(0, minutes(60), minutes(30)), Break(minutes(5), minutes(5), minutes(30))
    for pause, start_minute in ((later, 9), (due, 39)):
        problem = line_problem([day_worker(breaks=(pause,))], [Visit("a", 9, 600)])
        changed, violations = begun(problem, PinRequest("ann", None, PinEvent.UNDER_WAY))
        assert violations == []
        assert starts_s(changed, [0]) == [minutes(start_minute)]


@pytest.mark.parametrize(
    "pin",
    [
        PinRequest("ann", None, PinEvent.UNDER_WAY),
        PinRequest("ann", minutes(5), PinEvent.UNDER_WAY),
        PinRequest("ann", minutes(599), PinEvent.ARRIVED),
    ],
)
def test_what_cannot_begin_is_named(pin: PinRequest) -> None:
    """A window that is over before the worker can be there, a start before that, a visit that outlasts the shift."""
    over = (TimeWindow(0, minutes(8)),) if pin.start_s is None else ()
    starts = (TimeWindow(minutes(5), minutes(5)),) if pin.start_s == minutes(5) else over
    problem = line_problem([day_worker()], [Visit("a", 9, 600, starts)])
    changed, violations = begun(problem, pin)
    assert violations == ["visits[0].pin.event"]
    assert changed is problem


@given(
    places=st.lists(st.integers(1, 19), min_size=2, max_size=5),
    start_minute=st.none() | st.integers(20, 300),
    breaks=st.lists(st.integers(0, 60), max_size=1),
    opening=st.none() | st.integers(0, 200),
)
@settings(max_examples=60, deadline=None)
def test_no_other_visit_comes_first(
    places: list[int], start_minute: int | None, breaks: list[int], opening: int | None
) -> None:
    """Whatever the places, breaks and windows: no route with another visit before the first one has a schedule."""
    pauses = tuple(Break(minutes(one), minutes(one + 30), minutes(15)) for one in breaks)
    visits = [Visit(f"v{number}", place, minutes(3)) for number, place in enumerate(places)]
    if opening is not None:
        visits[0] = replace(visits[0], time_windows=(TimeWindow(minutes(opening), minutes(600)),))
    problem = line_problem([day_worker(breaks=pauses)], visits)
    event = PinEvent.UNDER_WAY if start_minute is None else PinEvent.ARRIVED
    changed, violations = begun(
        problem, PinRequest("ann", None if start_minute is None else minutes(start_minute), event)
    )
    if violations:
        return
    assert list_problem_violations(changed) == ()
    assert starts_s(changed, [0]) is not None
    assert all(starts_s(changed, [other, 0]) is None for other in range(1, len(places)))
