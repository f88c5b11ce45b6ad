"""Recomputes a plan that people made: times, costs, and every rule that it breaks. Nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from optimizer.answers.plan_assessment import assess_orders_of_valid
from optimizer.plan import Plan
from optimizer.plan_violation import PlanRule, PlanViolation
from server.errors import FieldViolation, ViolationCode
from server.use_cases.day_plan import DayPlan, StopReason
from server.use_cases.draw_plan import SearchStory, plan_without_paths
from server.use_cases.freeze import FreezeRequest, with_frozen
from server.use_cases.planning_request import PlanningRequest
from server.use_cases.prepare_problem import PreparedProblem, compute_matrices, lay_problem_on_roads
from server.use_cases.read_plans import get_plan
from server.use_cases.request_words import with_visit_ids
from server.use_cases.workshop import Workshop


@dataclass(frozen=True)
class GivenRoute:
    """Whose route, the ids of the visits in order, and which shift of the worker it is, from 0."""

    worker_id: str
    visit_ids: tuple[str, ...]
    shift_number: int = 0


@dataclass(frozen=True)
class BrokenRule:
    """A rule that the plan breaks: whose, at which visit (empty: of none), its name, and the sentence for people."""

    worker_id: str
    visit_id: str
    rule: str
    description: str


@dataclass(frozen=True, eq=False)
class CheckedPlan:
    """The plan with its times and costs, without the geometry of its legs, and every rule that it breaks."""

    plan: DayPlan
    broken: tuple[BrokenRule, ...]


async def check_given_plan(
    workshop: Workshop,
    request: PlanningRequest,
    routes: Sequence[GivenRoute],
    *,
    freeze: FreezeRequest | None = None,
    unreadable: Sequence[FieldViolation] = (),
) -> CheckedPlan:
    """Recompute a plan made by people.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The problem.
    routes
        Who visits whom in which order. Workers who are not named stay at home.
    freeze
        What shall stay of a stored plan; None is nothing.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    CheckedPlan
        The plan.

    Raises
    ------
    InvalidRequestError
        With every broken rule of the problem, and every worker or visit that is unknown or named twice.
    NotFoundError
        There is no plan to freeze.
    """
    request, violations = await with_frozen(workshop, request, freeze)
    others = (*_route_violations(request, routes), *violations)
    laid = await lay_problem_on_roads(workshop, request, others, unreadable=unreadable)
    prepared = await compute_matrices(workshop, laid)
    number = {visit.id: index for index, visit in enumerate(request.visits)}
    orders_of = {
        (route.worker_id, route.shift_number): [number[visit_id] for visit_id in route.visit_ids] for route in routes
    }
    orders = [orders_of.get((shift.worker.id, shift.number), []) for shift in prepared.shifts]
    return await workshop.threads.compute(_checked, prepared, orders)


async def check_stored_plan(
    workshop: Workshop, plan_id: str, routes: Sequence[GivenRoute] | None = None
) -> CheckedPlan:
    """Recompute a stored plan on the roads as they are now, as it is kept or with other routes.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id
        Which plan.
    routes
        As in `check_given_plan`; None are those of the plan.

    Returns
    -------
    CheckedPlan
        The plan; the stored one stays as it is.

    Raises
    ------
    NotFoundError
        There is no such plan.
    InvalidRequestError
        As `check_given_plan`.
    """
    record = await get_plan(workshop, plan_id)
    if routes is None:
        kept = workshop.codec.plan_of_record(record).routes
        routes = [
            GivenRoute(route.worker_id, tuple(stop.visit_id for stop in route.stops), route.shift_number)
            for route in kept
        ]
    return await check_given_plan(workshop, workshop.codec.request_of_record(record), routes)


def _checked(prepared: PreparedProblem, orders: list[list[int]]) -> CheckedPlan:
    assessment = assess_orders_of_valid(prepared.problem, orders)
    drawn = plan_without_paths(prepared, assessment.plan, SearchStory(0.0, StopReason.NOT_SEARCHED))
    broken = tuple(_broken_rule(prepared, assessment.plan, one) for one in assessment.violations)
    return CheckedPlan(drawn, broken)


def _route_violations(request: PlanningRequest, routes: Sequence[GivenRoute]) -> Iterator[FieldViolation]:
    shift_count = {worker.id: 1 + len(worker.further_shifts) for worker in request.workers}
    visits = {visit.id for visit in request.visits}
    route_of: dict[tuple[str, int], str] = {}
    place_of: dict[str, str] = {}
    for index, route in enumerate(routes):
        here = f"routes[{index}].worker_id"
        shift = route.worker_id, route.shift_number
        if route.worker_id not in shift_count:
            yield FieldViolation(
                here, ViolationCode.UNKNOWN_REFERENCE, f"there is no worker {route.worker_id!r} in the problem"
            )
        elif not 0 <= route.shift_number < shift_count[route.worker_id]:
            description = f"must be one of the worker's {shift_count[route.worker_id]} shifts, from 0"
            yield FieldViolation(
                f"routes[{index}].shift_number",
                ViolationCode.UNKNOWN_REFERENCE,
                f"{description} (got {route.shift_number})",
            )
        elif shift in route_of:
            yield FieldViolation(
                here, ViolationCode.DUPLICATE, f"{route.worker_id!r} already has a route at {route_of[shift]}"
            )
        route_of.setdefault(shift, here)
        for position, visit_id in enumerate(route.visit_ids):
            there = f"routes[{index}].visit_ids[{position}]"
            if visit_id not in visits:
                yield FieldViolation(
                    there, ViolationCode.UNKNOWN_REFERENCE, f"there is no visit {visit_id!r} in the problem"
                )
            elif visit_id in place_of:
                yield FieldViolation(there, ViolationCode.DUPLICATE, f"{visit_id!r} is already at {place_of[visit_id]}")
            place_of.setdefault(visit_id, there)


def _broken_rule(prepared: PreparedProblem, plan: Plan, violation: PlanViolation) -> BrokenRule:
    request = prepared.request
    return BrokenRule(
        worker_id="" if violation.worker is None else prepared.shifts[violation.worker].worker.id,
        visit_id="" if violation.visit is None else request.visits[violation.visit].id,
        rule=violation.rule.value,
        description=_sentence(prepared, plan, violation),
    )


def _sentence(prepared: PreparedProblem, plan: Plan, violation: PlanViolation) -> str:
    """Say what is broken in wall-clock times and the caller's ids."""
    request = prepared.request
    zone = ZoneInfo(request.time_zone)

    def clock(second: int) -> str:
        return datetime.fromtimestamp(second + prepared.origin_s, UTC).astimezone(zone).strftime("%H:%M:%S")

    worker = None if violation.worker is None else prepared.problem.workers[violation.worker]
    if worker is not None and violation.rule is PlanRule.SHIFT and violation.worker is not None:
        route = plan.routes[violation.worker]
        shift = f"{clock(worker.shift_start_s)} to {clock(worker.shift_end_s)}"
        return f"the route, {clock(route.start_s)} to {clock(route.end_s)}, does not lie inside the shift, {shift}"
    if violation.rule is PlanRule.TIME_WINDOW and violation.visit is not None and violation.worker is not None:
        stops = plan.routes[violation.worker].stops
        start_s = next(stop.start_s for stop in stops if stop.visit == violation.visit)
        windows = prepared.problem.visits[violation.visit].time_windows
        spans = ", ".join(f"{clock(window.start_s)} to {clock(window.end_s)}" for window in windows)
        return f"the service would start at {clock(start_s)}, outside its time windows, {spans}"
    return with_visit_ids(violation.description, [visit.id for visit in request.visits])
