"""Turns the optimizer's plan of indices and seconds into a day plan with places, wall-clock times and geometry."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.errors import NoRoadNearbyError, UnreachableError
from optimizer.plan import Confirmation, Plan, PlannedBreak, Route, UnplannedVisit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.routes.route_amounts import UNITS
from optimizer.routes.slack import slack_of_route
from server.use_cases.day_plan import (
    CostPart,
    DayBreak,
    DayLeg,
    DayPlan,
    DayReload,
    DayRoute,
    DayStop,
    DayUnplanned,
    PlanState,
    StopReason,
    TradeOff,
)
from server.use_cases.departure import routers_from
from server.use_cases.identity import new_id, now_ms
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.planning_request import Place, PlanningRequest, TimeSpan, VisitRequest, WorkerRequest
from server.use_cases.prepare_problem import PreparedProblem
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.request_words import request_path
from server.use_cases.road_answers import leg_answer
from server.use_cases.workshop import Workshop

Line = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Latitudes and longitudes of a line, in degrees."""
_NO_LINE: Line = (np.empty(0), np.empty(0))


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
    arrays = await workshop.threads.compute(arrays_of_problem, prepared.problem)
    routes = await asyncio.gather(*(workshop.threads.compute(_route, prepared, arrays, route) for route in plan.routes))
    return await workshop.threads.compute(_day_plan, prepared, plan, story, tuple(routes))


def plan_without_paths(prepared: PreparedProblem, plan: Plan, story: SearchStory) -> DayPlan:
    """Draw a plan that may break rules, without the geometry of its legs, which takes longest.

    Parameters
    ----------
    prepared, plan, story
        As in `draw_plan`.

    Returns
    -------
    DayPlan
        The plan for people, without slacks.
    """
    routes = tuple(_route(prepared, None, route) for route in plan.routes)
    return _day_plan(prepared, plan, story, routes)


def unplanned_of(request: PlanningRequest, left_out: UnplannedVisit) -> DayUnplanned:
    """Say in words of the request which visit is left out, and why."""
    visit = request.visits[left_out.visit]
    return DayUnplanned(visit.id, visit.label, left_out.reason, left_out.explanation)


def _day_plan(prepared: PreparedProblem, plan: Plan, story: SearchStory, routes: tuple[DayRoute, ...]) -> DayPlan:
    request = prepared.request
    first_s = min(worker.shift.start_s for worker in request.workers)
    return DayPlan(
        id=new_id(),
        label=request.label,
        state=PlanState.DRAFT,
        create_ms=now_ms(),
        day=datetime.fromtimestamp(first_s, UTC).astimezone(ZoneInfo(request.time_zone)).date().isoformat(),
        time_zone=request.time_zone,
        routes=routes,
        unplanned=tuple(unplanned_of(request, left_out) for left_out in plan.unplanned),
        cost=plan.cost / COST_UNITS_PER_MONEY,
        engine=plan.engine,
        search_s=story.search_s,
        stop_reason=story.stop_reason,
        notices=(*prepared.notices, *_plan_notices(prepared, plan, story)),
        confirmation=plan.confirmation,
        cost_parts=_cost_parts(prepared, plan),
        trade_off=_trade_off(prepared, plan),
        cost_lower_bound=None if plan.lower_bound is None else plan.lower_bound / COST_UNITS_PER_MONEY,
    )


def _trade_off(prepared: PreparedProblem, plan: Plan) -> tuple[TradeOff, ...]:
    balance = prepared.problem.balance
    if balance is None:
        return ()
    unit = UNITS[balance.measure]
    return tuple(TradeOff(one.largest / unit, one.cost / COST_UNITS_PER_MONEY) for one in plan.trade_off)


def _cost_parts(prepared: PreparedProblem, plan: Plan) -> tuple[CostPart, ...]:
    parts: Counter[str] = Counter()
    for field, cost in break_down_cost(prepared.problem, plan).items():
        parts[request_path(field, prepared.shifts)] += cost
    dearest_first = sorted(parts.items(), key=lambda part: -part[1])
    return tuple(CostPart(field, cost / COST_UNITS_PER_MONEY) for field, cost in dearest_first)


def _plan_notices(prepared: PreparedProblem, plan: Plan, story: SearchStory) -> Iterator[Notice]:
    for left_out in plan.unplanned:
        if prepared.problem.visits[left_out.visit].unserved_cost is None:  # also of pinned visits that have a price
            path = f"problem.visits[{left_out.visit}]"
            text = "the visit is mandatory, but the plan leaves it out; its unplanned entry says why"
            yield Notice(NoticeCode.MANDATORY_VISIT_UNPLANNED, path, text)
    if story.stop_reason in (StopReason.CANCELLED, StopReason.DEADLINE):
        text = f"the search was ended after {story.search_s:.1f} s; this is the best plan until then"
        if plan.lower_bound is None:
            text += ", and nobody waited for a bound of its cost"
        yield Notice(NoticeCode.SEARCH_CUT_SHORT, "time_limit", text)
    if plan.beyond_search:
        names = ", ".join(request_path(field, prepared.shifts) for field in plan.beyond_search)
        text = (
            f"the fast search does not know {names}; a slower one kept these rules, so the plan may be farther from "
            "the best than others"
        )
        yield Notice(NoticeCode.RULES_BEYOND_SEARCH, "problem", text)
    if plan.confirmation is Confirmation.REFUSED:
        text = "the independent checker accepts this plan, but the second engine refuses a route; please report it"
        yield Notice(NoticeCode.PLAN_NOT_CONFIRMED, "problem", text)


def _route(prepared: PreparedProblem, arrays: ProblemArrays | None, route: Route) -> DayRoute:
    """Draw a route; without the arrays, which give the slacks, there is no geometry either."""
    shift = prepared.shifts[route.worker]
    worker = shift.worker
    solved = prepared.problem.workers[route.worker]
    origin_s = prepared.origin_s
    opened = prepared.networks[solved.matrix]
    slacks = [None] * len(route.stops) if arrays is None else slack_of_route(arrays, route)
    return DayRoute(
        worker_id=worker.id,
        worker_label=worker.label,
        road_network="" if opened is None else opened.id,
        network_fingerprint="" if opened is None else opened.network.fingerprint,
        shift=worker.shift,
        start_s=route.start_s + origin_s if route.stops else None,
        end_s=route.end_s + origin_s if route.stops else None,
        stops=tuple(_stop(prepared, route, number, slack_s) for number, slack_s in enumerate(slacks)),
        legs=tuple(_legs(prepared, route, has_paths=arrays is not None)),
        breaks=tuple(_break(worker, pause, origin_s) for pause in route.breaks),
        reloads=tuple(_reloads(prepared, route)),
        cost=route.cost / COST_UNITS_PER_MONEY,
        start_position=_place(prepared, solved.start_location),
        end_position=_place(prepared, solved.end_location),
        shift_number=shift.number,
    )


def _break(worker: WorkerRequest, pause: PlannedBreak, origin_s: int) -> DayBreak:
    if pause.number is None:
        shift = TimeSpan(worker.shift.start_s, worker.shift.end_s - (pause.end_s - pause.start_s))
        return DayBreak(pause.start_s + origin_s, pause.end_s - pause.start_s, shift, is_rest=True)
    asked = worker.breaks[pause.number]
    window = TimeSpan(asked.earliest_start_s, asked.latest_start_s)
    return DayBreak(pause.start_s + origin_s, pause.end_s - pause.start_s, window)


def _reloads(prepared: PreparedProblem, route: Route) -> Iterator[DayReload]:
    asked = prepared.problem.workers[route.worker].reload
    if asked is None:
        return
    for one in route.reloads:
        yield DayReload(
            before_stop=one.before_stop,
            position=_place_of(prepared, asked.location),
            arrival_s=one.arrival_s + prepared.origin_s,
            departure_s=one.departure_s + prepared.origin_s,
            duration_s=asked.duration_s,
        )


def _place(prepared: PreparedProblem, location: int | None) -> Place | None:
    return None if location is None else _place_of(prepared, location)


def _place_of(prepared: PreparedProblem, location: int) -> Place:
    return Place(float(prepared.places.latitude_degrees[location]), float(prepared.places.longitude_degrees[location]))


def _stop(prepared: PreparedProblem, route: Route, number: int, slack_s: int | None) -> DayStop:
    stop = route.stops[number]
    visit = prepared.request.visits[stop.visit]
    start_s = stop.start_s + prepared.origin_s
    setup_s = 0 if _is_same_place_as_before(prepared, route, number) else prepared.problem.visits[stop.visit].setup_s
    waited_s = stop.start_s - stop.arrival_s - setup_s
    for pause in route.breaks if waited_s > 0 else ():
        waited_s -= max(0, min(pause.end_s, stop.start_s) - max(pause.start_s, stop.arrival_s))
    return DayStop(
        visit_id=visit.id,
        visit_label=visit.label,
        position=_place_of(prepared, stop.visit),
        arrival_s=stop.arrival_s + prepared.origin_s,
        start_s=start_s,
        departure_s=stop.departure_s + prepared.origin_s,
        time_window=_window_around(visit, start_s),
        slack_s=slack_s,
        setup_s=setup_s,
        waiting_s=max(0, waited_s),
    )


def _is_same_place_as_before(prepared: PreparedProblem, route: Route, number: int) -> bool:
    """Tell whether a stop is where the one before it is, and the worker was nowhere else in between."""
    if number == 0 or any(one.before_stop == number for one in route.reloads):
        return False
    before, here = (prepared.problem.visits[route.stops[one].visit].location for one in (number - 1, number))
    return before == here


def _window_around(visit: VisitRequest, start_s: int) -> TimeSpan | None:
    return next((window for window in visit.time_windows if window.start_s <= start_s <= window.end_s), None)


def _legs(prepared: PreparedProblem, route: Route, *, has_paths: bool) -> Iterator[DayLeg]:
    """Yield the ways of a route in order of travel, each with its geometry where that is wanted."""
    if not route.stops:
        return
    worker = prepared.problem.workers[route.worker]

    def path(start: int, end: int) -> Line:
        if not has_paths:
            return _NO_LINE
        opened, positions, ends = prepared.networks[worker.matrix], prepared.positions[worker.matrix], [start, end]
        straight = prepared.places.latitude_degrees[ends], prepared.places.longitude_degrees[ends]
        if opened is None:
            return straight
        _, router = next(routers_from(opened, prepared.request.departure))
        try:
            drawn = leg_answer(opened.network, router.route(positions, positions, origin=start, destination=end))
        except (UnreachableError, NoRoadNearbyError):
            return straight  # only the caller knows of this way
        return drawn.latitude_degrees, drawn.longitude_degrees

    here = worker.start_location
    reloaded = {one.before_stop for one in route.reloads}
    for number, stop in enumerate(route.stops):
        if here is not None:
            before = number - 1 if number else None
            depot = worker.reload.location if number in reloaded and worker.reload is not None else None
            line = path(here, stop.visit) if depot is None else _joined(path(here, depot), path(depot, stop.visit))
            yield _leg(before, number, (stop.travel_s, stop.distance_m), line)
        here = stop.visit
    if worker.end_location is not None and here is not None:
        lengths = (route.last_travel_s, route.last_distance_m)
        yield _leg(len(route.stops) - 1, None, lengths, path(here, worker.end_location))


def _joined(first: Line, second: Line) -> Line:
    """Lay one line behind another."""
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _leg(from_stop: int | None, to_stop: int | None, lengths: tuple[int, int], path: Line) -> DayLeg:
    return DayLeg(
        from_stop=from_stop,
        to_stop=to_stop,
        duration_s=lengths[0],
        distance_m=float(lengths[1]),
        latitude_degrees=path[0],
        longitude_degrees=path[1],
    )
