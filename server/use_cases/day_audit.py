"""What is asked of an audit, and the audit of one worker's day with everything that it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.audit.planned_day import PlannedDay
from geo.audit.track_audit import GapPolicy, TrackAudit
from geo.tracks.track import Track
from server.compute.open_networks import OpenNetwork
from server.use_cases.notices import Notice
from server.use_cases.recorded_track import GivenTrack, TrackName


@dataclass(frozen=True, eq=False)
class AuditRequest:
    """What is to be audited.

    Parameters
    ----------
    worker_id
        Whose day.
    plan_id
        The stored plan; empty where there was none.
    source
        The track; None: the stored track of that worker on the plan's day.
    claimed_m
        Metres that the worker asks to be paid for; None where nothing is claimed.
    road_network
        Id of the network to lay the track on; empty: the one that the route was planned on.
    gap_policy
        How kilometres in gaps are counted; None, a way that is not known, is refused.
    label
        The caller's label.
    shift_number
        Which shift of the worker in the plan, from 0.
    """

    worker_id: str
    plan_id: str = ""
    source: GivenTrack | TrackName | None = None
    claimed_m: float | None = None
    road_network: str = ""
    gap_policy: GapPolicy | None = GapPolicy.SHORTEST
    label: str = ""
    shift_number: int = 0


@dataclass(frozen=True, eq=False)
class DayAudit:
    """The audit of one worker's day, with everything that it stands on.

    Parameters
    ----------
    id, label, create_ms
        Id, the caller's label, and Unix milliseconds.
    worker_id, day, plan_id
        Whose day (calendar date, ISO 8601), and the plan (empty where there was none).
    opened
        The road network.
    track
        The whole track, WGS-84.
    planned_day
        What was planned; None where there was no plan.
    audit
        The findings.
    notices
        What the caller should look at.
    zone
        Time zone of the plan, in which rules of the road that hold at times are judged; None where it is not known.
    """

    id: str
    label: str
    create_ms: int
    worker_id: str
    day: str
    plan_id: str
    opened: OpenNetwork
    track: Track
    planned_day: PlannedDay | None
    audit: TrackAudit
    notices: tuple[Notice, ...]
    zone: ZoneInfo | None = None
