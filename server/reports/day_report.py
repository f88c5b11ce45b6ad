"""What a report is about: a plan, and the days of those workers whose evidence its reader may see.

A worker's own report holds that worker's day only; a dispatcher's or an auditor's holds the team's. Which days go in
is the caller's decision, and nothing of any other day gets into the file: no coordinate, no name.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.audit.track_audit import TrackAudit
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track
from server.use_cases.day_plan import DayPlan, DayRoute


@dataclass(frozen=True, eq=False)
class WorkerDay:
    """One worker's day.

    Parameters
    ----------
    route
        What was planned.
    network
        The roads that the plan and the audit stand on.
    track, audit
        What was recorded, WGS-84, inside the working hours, and the findings about it; both None before the day.
    notices
        What its reader should know before the figures are believed, one sentence each.
    """

    route: DayRoute
    network: RoadNetwork
    track: Track | None = None
    audit: TrackAudit | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class DayReport:
    """One plan and the days of some or all of its workers.

    Parameters
    ----------
    plan
        The plan; of its routes only those of `days` are shown.
    days
        In the order in which they are shown; at least one.
    simulated
        Where the tracks were not recorded by anyone: the sentence that says so, shown wherever they are shown.
    is_team
        Whether the reader may see the whole team: the overview and the visits that nobody was given.
    """

    plan: DayPlan
    days: tuple[WorkerDay, ...]
    simulated: str = ""
    is_team: bool = True

    @property
    def time_zone(self) -> ZoneInfo:
        """Where the clocks of the report are read."""
        return ZoneInfo(self.plan.time_zone)
