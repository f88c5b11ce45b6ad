"""From the answers of the use cases to what a report is about."""

from __future__ import annotations

from dataclasses import replace

from geo.audit.working_hours import cut_to_working_hours
from geo.tracks.track import Track
from server.reports.day_report import DayReport, WorkerDay
from server.use_cases.day_audit import DayAudit
from server.use_cases.day_plan import DayPlan, DayRoute, PlanState, StopReason
from server.use_cases.planning_request import TimeSpan


def worker_day_of(audit: DayAudit, plan: DayPlan | None) -> WorkerDay:
    """Put together what a report shows of one audited day.

    Parameters
    ----------
    audit
        The audit of one worker's day.
    plan
        Its plan; None where there was none.

    Returns
    -------
    WorkerDay
        With the part of the track that the audit looked at.
    """
    route = None if plan is None else next((route for route in plan.routes if route.worker_id == audit.worker_id), None)
    planned = audit.planned_day
    track = audit.track
    if planned is not None:
        working = cut_to_working_hours(track, start_ms=planned.working_start_ms, end_ms=planned.working_end_ms)
        track = working.track
    route = route or _empty_route(audit, track)
    return WorkerDay(route, audit.opened.network, track, audit.audit)


def own_report(audit: DayAudit, plan: DayPlan | None, *, time_zone: str, simulated: str = "") -> DayReport:
    """Make the report that a worker may see: the own day and nothing of anybody else's.

    Parameters
    ----------
    audit
        The audit of the worker's day.
    plan
        Its plan; None where there was none.
    time_zone
        IANA name of the zone of its clocks where there is no plan.
    simulated
        Where nobody recorded the track: the sentence that says so.

    Returns
    -------
    DayReport
        With one day.
    """
    day = worker_day_of(audit, plan)
    if plan is None:
        shown = _plan_of_nothing(audit, day.route, time_zone)
    else:
        shown = replace(plan, routes=(day.route,), unplanned=())
    return DayReport(shown, (day,), simulated=simulated, is_team=False)


def _empty_route(audit: DayAudit, track: Track) -> DayRoute:
    """Make the route of a day for which nothing was planned; its shift is the time of the track."""
    span = (
        TimeSpan(int(track.time_ms.min() // 1000), int(track.time_ms.max() // 1000)) if len(track) else TimeSpan(0, 0)
    )
    return DayRoute(
        worker_id=audit.worker_id,
        worker_label="",
        road_network=audit.opened.id,
        network_fingerprint=audit.opened.network.fingerprint,
        shift=span,
        start_s=None,
        end_s=None,
        stops=(),
        legs=(),
        breaks=(),
        cost=0.0,
        start_position=None,
        end_position=None,
    )


def _plan_of_nothing(audit: DayAudit, route: DayRoute, time_zone: str) -> DayPlan:
    return DayPlan(
        id="",
        label=audit.label,
        state=PlanState.DRAFT,
        create_ms=audit.create_ms,
        day=audit.day,
        time_zone=time_zone,
        routes=(route,),
        unplanned=(),
        cost=0.0,
        engine="",
        search_s=0.0,
        stop_reason=StopReason.EXHAUSTED,
        notices=(),
    )
