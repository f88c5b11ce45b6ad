"""Audits one worker's day: the recorded track beside the stored plan and the claim; and keeps the audit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geo.audit.gap_mileage import GapOptions
from geo.audit.options import AuditOptions
from geo.audit.track_audit import TrackAudit
from geo.audit_track import audit_track as compare_track
from geo.tracks.track import Track
from server.errors import FieldViolation, InvalidRequestError, NotFoundError, Resource, ViolationCode, beside, refuse
from server.storage.records import AuditRecord
from server.use_cases.day_audit import AuditRequest, DayAudit
from server.use_cases.day_plan import DayPlan, DayRoute
from server.use_cases.given_track import (
    declaring_field,
    fetch_track,
    refuse_swapped,
    source_violations,
    track_doubts,
    unknown_gap_policy,
)
from server.use_cases.identity import id_violations, new_id, now_ms
from server.use_cases.not_there import beside_not_there
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.places import open_road_network
from server.use_cases.planned_day import planned_day_of_route
from server.use_cases.read_plans import get_plan
from server.use_cases.recorded_track import GivenTrack, TrackName
from server.use_cases.workshop import Workshop


async def audit_track(
    workshop: Workshop, request: AuditRequest, *, unreadable: Sequence[FieldViolation] = ()
) -> DayAudit:
    """Audit one worker's day and keep the audit.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        Plan, track and claim.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    DayAudit
        The audit, as it is kept.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such plan, track or road network.
    """
    violations = await _all_violations(workshop, request, unreadable)
    gap_policy = request.gap_policy
    if violations or gap_policy is None:
        raise InvalidRequestError(violations)
    plan = await _plan(workshop, request.plan_id)
    route = _route(plan, request.worker_id, request.shift_number)
    source = request.source or TrackName(request.worker_id, plan.day if plan else "")
    fetched = await fetch_track(workshop, source)
    track = fetched.track
    network_id = request.road_network or (route.road_network if route else "")
    if not network_id:
        rule = "is required: the route was planned without a road network"
        raise InvalidRequestError((FieldViolation("road_network", ViolationCode.REQUIRED, rule),))
    opened = await open_road_network(workshop, network_id)
    refuse_swapped(opened, track, source)
    planned_day = planned_day_of_route(route) if route else None
    options = AuditOptions(gaps=GapOptions(policy=gap_policy))
    audit = await workshop.threads.compute(
        lambda: compare_track(
            track, planned_day, opened.matcher, opened.router, options=options, claimed_m=request.claimed_m
        )
    )
    doubts = await workshop.threads.compute(track_doubts, opened, fetched, declaring_field(source))
    answer = DayAudit(
        id=new_id(),
        label=request.label,
        create_ms=now_ms(),
        worker_id=request.worker_id,
        day=plan.day if plan else _day(source, track),
        plan_id=request.plan_id,
        opened=opened,
        track=track,
        planned_day=planned_day,
        audit=audit,
        notices=(*doubts, *_notices(audit)),
        zone=ZoneInfo(plan.time_zone) if plan else None,
    )
    record = await workshop.threads.compute(workshop.codec.audit_record, answer)
    await workshop.threads.store(workshop.store.audits.add, record)
    return answer


async def get_audit(workshop: Workshop, audit_id: str, *, unreadable: Sequence[FieldViolation] = ()) -> AuditRecord:
    """Return one stored audit.

    Parameters
    ----------
    workshop
        The service's tools.
    audit_id
        Its id.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    AuditRecord
        The audit, serialized.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such audit.
    """
    refuse(unreadable, id_violations(audit_id, "audit_id"))
    record = await workshop.threads.store(workshop.store.audits.get, audit_id)
    if record is None:
        raise NotFoundError(Resource.AUDIT, audit_id, field="audit_id")
    return record


async def _all_violations(
    workshop: Workshop, request: AuditRequest, unreadable: Sequence[FieldViolation]
) -> tuple[FieldViolation, ...]:
    violations = beside(unreadable, _violations(request))
    return await beside_not_there(
        workshop, violations, road_network=request.road_network, source=request.source, plan_id=request.plan_id
    )


def _violations(request: AuditRequest) -> Iterator[FieldViolation]:
    yield from id_violations(request.worker_id, "worker_id")
    if request.source is not None:
        yield from source_violations(request.source)
    elif not request.plan_id:
        yield FieldViolation("track", ViolationCode.REQUIRED, "is required where no plan is named")
    if not request.plan_id and not request.road_network:
        yield FieldViolation("road_network", ViolationCode.REQUIRED, "is required where no plan is named")
    if request.claimed_m is not None and not 0 <= request.claimed_m < math.inf:
        yield FieldViolation("claimed_distance_meters", ViolationCode.OUT_OF_RANGE, "must be a number, not negative")
    if request.gap_policy is None:
        yield unknown_gap_policy()


async def _plan(workshop: Workshop, plan_id: str) -> DayPlan | None:
    return workshop.codec.plan_of_record(await get_plan(workshop, plan_id)) if plan_id else None


def _route(plan: DayPlan | None, worker_id: str, shift_number: int) -> DayRoute | None:
    if plan is None:
        return None
    routes = [route for route in plan.routes if route.worker_id == worker_id]
    if not routes:
        raise InvalidRequestError(
            (FieldViolation("worker_id", ViolationCode.UNKNOWN_REFERENCE, f"the plan has no worker {worker_id!r}"),)
        )
    route = next((route for route in routes if route.shift_number == shift_number), None)
    if route is None:
        description = f"{worker_id!r} has {len(routes)} shifts in the plan, numbered from 0 (got {shift_number})"
        raise InvalidRequestError((FieldViolation("shift_number", ViolationCode.UNKNOWN_REFERENCE, description),))
    return route


def _day(source: GivenTrack | TrackName, track: Track) -> str:
    if isinstance(source, TrackName):
        return source.day
    return datetime.fromtimestamp(int(track.time_ms[0]) / 1000, UTC).date().isoformat()


def _notices(audit: TrackAudit) -> Iterator[Notice]:
    doubt = audit.coordinate_doubt
    if doubt is not None and doubt.is_doubtful:
        yield Notice(NoticeCode.COORDINATE_SYSTEM_DOUBTFUL, "plan_id", doubt.sentence())
    outside = audit.points_outside_working_hours
    if outside:
        text = f"{outside} points lay outside the working hours and were not looked at"
        yield Notice(NoticeCode.OUTSIDE_WORKING_HOURS, "track", text)
