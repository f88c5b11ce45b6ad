"""Keeps what lies before a moment of a stored plan, when the same day is planned anew.

A frozen stop is one towards which its worker has set out before that moment. What is kept of it is said by pins and
sequences, the words that a caller could use as well; the plan that comes of it is kept with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from server.errors import FieldViolation, ViolationCode
from server.use_cases.day_plan import DayPlan, DayRoute, DayStop
from server.use_cases.planning_request import PinRequest, PlanningRequest, SequenceRequest, VisitRequest
from server.use_cases.read_plans import get_plan
from server.use_cases.workshop import Workshop


class FreezeLevel(Enum):
    """How much of a frozen stop stays."""

    TIME = "its worker, its place in the order and the start of its service; whatever is not frozen starts later"
    ORDER = "its worker, and the order of all frozen stops of a route, with nothing in between"
    WORKER = "its worker"


@dataclass(frozen=True)
class FreezeRequest:
    """Id of a stored plan, the moment (Unix seconds; None is missing) before which it stays, and how much of it."""

    plan_id: str
    before_s: int | None
    level: FreezeLevel = FreezeLevel.TIME


async def with_frozen(
    workshop: Workshop, request: PlanningRequest, freeze: FreezeRequest | None
) -> tuple[PlanningRequest, tuple[FieldViolation, ...]]:
    """Add to a request what stays of a stored plan.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The request. What it pins itself stays as it is; visits that it does not ask for any more are not frozen.
    freeze
        What stays; None is nothing.

    Returns
    -------
    tuple[PlanningRequest, tuple[FieldViolation, ...]]
        The request with more pins and sequences, and what is wrong with the freeze.

    Raises
    ------
    NotFoundError
        There is no such plan.
    """
    if freeze is None:
        return request, ()
    if freeze.before_s is None:
        return request, (FieldViolation("freeze.before_time", ViolationCode.REQUIRED, "is required"),)
    record = await get_plan(workshop, freeze.plan_id, path="freeze.plan_id")
    plan = await workshop.threads.compute(workshop.codec.plan_of_record, record)
    return _frozen(request, plan, freeze.before_s, freeze.level), ()


def _frozen(request: PlanningRequest, plan: DayPlan, before_s: int, level: FreezeLevel) -> PlanningRequest:
    asked = {visit.id for visit in request.visits}
    own = {visit.id for visit in request.visits if visit.pin is not None}
    routes = [
        (route, [stop for stop in _stops_before(route, before_s) if stop.visit_id in asked]) for route in plan.routes
    ]
    pins = {
        stop.visit_id: PinRequest(route.worker_id, stop.start_s if level is FreezeLevel.TIME else None)
        for route, stops in routes
        for stop in stops
        if stop.visit_id not in own
    }
    kept = replace(request, visits=tuple(_pinned(request.visits, pins)))
    if level is FreezeLevel.WORKER:
        return kept
    sequences = tuple(_sequence(stops, own) for _, stops in routes)
    kept = replace(kept, sequences=(*request.sequences, *(one for one in sequences if len(one.visit_ids) > 1)))
    if level is FreezeLevel.ORDER:
        return kept
    return replace(kept, not_before_s=max(before_s, request.not_before_s or before_s))


def _pinned(visits: Iterable[VisitRequest], pins: dict[str, PinRequest]) -> Iterator[VisitRequest]:
    return (replace(visit, pin=pins[visit.id]) if visit.id in pins else visit for visit in visits)


def _sequence(stops: Sequence[DayStop], own: Collection[str]) -> SequenceRequest:
    """Keep the order of the frozen stops of a route; what the request pins itself may come in between."""
    frozen = tuple(stop.visit_id for stop in stops if stop.visit_id not in own)
    return SequenceRequest(frozen, is_direct=len(frozen) == len(stops))


def _stops_before(route: DayRoute, before_s: int) -> Iterator[DayStop]:
    """Yield the stops towards which the worker sets out before a moment."""
    leaves_s = route.start_s
    for stop in route.stops:
        if leaves_s is None or leaves_s >= before_s:
            return
        yield stop
        leaves_s = stop.departure_s
