"""Turns the optimizer's plan of indices and seconds into a day plan with places, wall-clock times and geometry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geo.errors import UnreachableError
from optimizer.plan import Plan, PlannedBreak, Route, Stop
from server.use_cases.day_plan import (
    DayBreak,
    DayLeg,
    DayPlan,
    DayRoute,
    DayStop,
    DayUnplanned,
    PlanState,
    StopReason,
)
from server.use_cases.identity import new_id, now_ms
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.planning_request import Place, TimeSpan, VisitRequest, WorkerRequest
from server.use_cases.prepare_problem import PreparedProblem
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.road_answers import leg_answer
from server.use_cases.workshop import Workshop


@dataclass(frozen=True)
class SearchStory:
    """How the search went: seconds, and why it ended."""

    search_s: float
    stop_reason: StopReason


async def draw_plan(workshop: Workshop, prepared: PreparedProblem, plan: Plan, story: SearchStory) -> DayPlan:
    """Draw a plan.

    Parameters
    ----------
    workshop
        The service's tools.
    prepared
        The problem that the plan solves.
    plan
        The optimizer's plan.
    story
        How the search went.

    Returns
    -------
    DayPlan
        The same plan for people, with a new id.
    """
    routes = await asyncio.gather(*(workshop.threads.compute(_route, prepared, route) for route in plan.routes))
    request = prepared.request
    first_s = min(worker.shift.start_s for worker in request.workers)
    return DayPlan(
        id=new_id(),
        label=request.label,
        state=PlanState.DRAFT,
        create_ms=now_ms(),
        day=datetime.fromtimestamp(first_s, UTC).astimezone(ZoneInfo(request.time_zone)).date().isoformat(),
        time_zone=request.time_zone,
        routes=tuple(routes),
        unplanned=tuple(
            DayUnplanned(
                request.visits[left_out.visit].id,
                request.visits[left_out.visit].label,
                left_out.reason,
                left_out.explanation,
            )
            for left_out in plan.unplanned
        ),
        cost=plan.cost / COST_UNITS_PER_MONEY,
        engine=plan.engine,
        search_s=story.search_s,
        stop_reason=story.stop_reason,
        notices=(*prepared.notices, *_plan_notices(prepared, plan, story)),
    )


def _plan_notices(prepared: PreparedProblem, plan: Plan, story: SearchStory) -> Iterator[Notice]:
    for left_out in plan.unplanned:
        if prepared.request.visits[left_out.visit].unserved_cost is None:
            path = f"problem.visits[{left_out.visit}]"
            text = "the visit is mandatory, but the plan leaves it out; its unplanned entry says why"
            yield Notice(NoticeCode.MANDATORY_VISIT_UNPLANNED, path, text)
    if story.stop_reason in (StopReason.CANCELLED, StopReason.DEADLINE):
        text = f"the search was ended after {story.search_s:.1f} s; this is the best plan until then"
        yield Notice(NoticeCode.SEARCH_CUT_SHORT, "time_limit", text)


def _route(prepared: PreparedProblem, route: Route) -> DayRoute:
    worker = prepared.request.workers[route.worker]
    solved = prepared.problem.workers[route.worker]
    origin_s = prepared.origin_s
    opened = prepared.networks[solved.matrix]
    return DayRoute(
        worker_id=worker.id,
        worker_label=worker.label,
        road_network=opened.id,
        network_fingerprint=opened.network.fingerprint,
        shift=worker.shift,
        start_s=route.start_s + origin_s if route.stops else None,
        end_s=route.end_s + origin_s if route.stops else None,
        stops=tuple(_stop(prepared, stop) for stop in route.stops),
        legs=tuple(_legs(prepared, route)),
        breaks=tuple(_break(worker, pause, origin_s) for pause in route.breaks),
        cost=route.cost / COST_UNITS_PER_MONEY,
        start_position=_place(prepared, solved.start_location),
        end_position=_place(prepared, solved.end_location),
    )


def _break(worker: WorkerRequest, pause: PlannedBreak, origin_s: int) -> DayBreak:
    asked = worker.breaks[pause.number]
    window = TimeSpan(asked.earliest_start_s, asked.latest_start_s)
    return DayBreak(pause.start_s + origin_s, pause.end_s - pause.start_s, window)


def _place(prepared: PreparedProblem, location: int | None) -> Place | None:
    return None if location is None else _place_of(prepared, location)


def _place_of(prepared: PreparedProblem, location: int) -> Place:
    return Place(float(prepared.places.latitude_degrees[location]), float(prepared.places.longitude_degrees[location]))


def _stop(prepared: PreparedProblem, stop: Stop) -> DayStop:
    visit = prepared.request.visits[stop.visit]
    start_s = stop.start_s + prepared.origin_s
    return DayStop(
        visit_id=visit.id,
        visit_label=visit.label,
        position=_place_of(prepared, stop.visit),
        arrival_s=stop.arrival_s + prepared.origin_s,
        start_s=start_s,
        departure_s=stop.departure_s + prepared.origin_s,
        time_window=_window_around(visit, start_s),
    )


def _window_around(visit: VisitRequest, start_s: int) -> TimeSpan | None:
    return next((window for window in visit.time_windows if window.start_s <= start_s <= window.end_s), None)


def _legs(prepared: PreparedProblem, route: Route) -> Iterator[DayLeg]:
    """Yield the ways of a route in order of travel, each with its geometry."""
    if not route.stops:
        return
    worker = prepared.problem.workers[route.worker]
    here = worker.start_location
    for number, stop in enumerate(route.stops):
        if here is not None:
            before = number - 1 if number else None
            yield _leg(prepared, worker.matrix, (here, stop.visit), (before, number), (stop.travel_s, stop.distance_m))
        here = stop.visit
    if worker.end_location is not None and here is not None:
        ends = (len(route.stops) - 1, None)
        lengths = (route.last_travel_s, route.last_distance_m)
        yield _leg(prepared, worker.matrix, (here, worker.end_location), ends, lengths)


def _leg(
    prepared: PreparedProblem,
    matrix: int,
    locations: tuple[int, int],
    stops: tuple[int | None, int | None],
    lengths: tuple[int, int],
) -> DayLeg:
    try:
        drawn = leg_answer(prepared.networks[matrix].router, prepared.positions[matrix], *locations)
        latitude, longitude = drawn.latitude_degrees, drawn.longitude_degrees
    except UnreachableError:
        # Only the caller knows of this way: it is drawn as a straight line.
        places = prepared.places
        latitude, longitude = places.latitude_degrees[list(locations)], places.longitude_degrees[list(locations)]
    return DayLeg(
        from_stop=stops[0],
        to_stop=stops[1],
        duration_s=lengths[0],
        distance_m=float(lengths[1]),
        latitude_degrees=latitude,
        longitude_degrees=longitude,
    )
