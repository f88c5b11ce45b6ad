"""From the answers of the use cases to what a report is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geo.audit.track_audit import TrackAudit
from geo.audit.working_hours import cut_to_working_hours
from geo.tracks.track import Track
from server.compute.open_networks import OpenNetwork
from server.reports.day_report import DayReport, WorkerDay
from server.use_cases.day_audit import DayAudit
from server.use_cases.day_plan import DayPlan, DayRoute, PlanState, StopReason
from server.use_cases.identity import now_ms
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
    planned = audit.planned_day
    routes = () if plan is None else plan.routes
    own = [route for route in routes if route.worker_id == audit.worker_id]
    of_shift = [one for one in own if planned is not None and one.shift.start_s * 1000 == planned.working_start_ms]
    route = next(iter(of_shift or own), None)
    track = audit.track
    if planned is not None:
        working = cut_to_working_hours(track, start_ms=planned.working_start_ms, end_ms=planned.working_end_ms)
        track = working.track
    route = route or _empty_route(audit.worker_id, audit.opened, track)
    notices = tuple(notice.description for notice in audit.notices)
    return WorkerDay(route, audit.opened.network, track, audit.audit, notices)


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
        shown = _plan_of_nothing(audit.label, audit.day, audit.create_ms, time_zone)
    else:
        shown = replace(plan, routes=(day.route,), unplanned=())
    return DayReport(shown, (day,), simulated=simulated, is_team=False)


@dataclass(frozen=True, eq=False)
class ShownTrack:
    """A track of which nothing was planned: its name, its points (WGS-84), findings and notices."""

    name: str
    track: Track
    audit: TrackAudit
    notices: tuple[str, ...] = ()


def tracks_report(tracks: Sequence[ShownTrack], opened: OpenNetwork, *, time_zone: str) -> DayReport:
    """Make the report of tracks for which nothing was planned and nothing is claimed.

    Parameters
    ----------
    tracks
        The tracks, at least one.
    opened
        The roads that they were laid on.
    time_zone
        IANA name of the zone of its clocks.

    Returns
    -------
    DayReport
        One day per track.
    """
    days = tuple(
        WorkerDay(_empty_route(each.name, opened, each.track), opened.network, each.track, each.audit, each.notices)
        for each in tracks
    )
    label = tracks[0].name if len(tracks) == 1 else f"{len(tracks)} tracks"
    return DayReport(_plan_of_nothing(label, _first_day(tracks, time_zone), now_ms(), time_zone), days, is_team=False)


def _first_day(tracks: Sequence[ShownTrack], time_zone: str) -> str:
    first_ms = min(int(each.track.time_ms.min()) for each in tracks)
    return datetime.fromtimestamp(first_ms / 1000, UTC).astimezone(ZoneInfo(time_zone)).date().isoformat()


def _empty_route(name: str, opened: OpenNetwork, track: Track) -> DayRoute:
    """Make the route of a day for which nothing was planned; its shift is the time of the track."""
    span = (
        TimeSpan(int(track.time_ms.min() // 1000), int(track.time_ms.max() // 1000)) if len(track) else TimeSpan(0, 0)
    )
    return DayRoute(
        worker_id=name,
        worker_label="",
        road_network=opened.id,
        network_fingerprint=opened.network.fingerprint,
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


def _plan_of_nothing(label: str, day: str, create_ms: int, time_zone: str) -> DayPlan:
    return DayPlan(
        id="",
        label=label,
        state=PlanState.DRAFT,
        create_ms=create_ms,
        day=day,
        time_zone=time_zone,
        routes=(),
        unplanned=(),
        cost=0.0,
        engine="",
        search_s=0.0,
        stop_reason=StopReason.EXHAUSTED,
        notices=(),
    )
