"""Says how much of the planned time was observed, and what can have happened before and after the recording."""

from __future__ import annotations

import math

from geo.audit.gap_mileage import fastest_mps
from geo.audit.planned_day import PlannedDay
from geo.audit.seen_points import SeenPoints
from geo.geodesy import great_circles_m
from geo.matching.match import Match, SegmentKind

MILLISECONDS = 1000.0

UNSEEN_DETOUR = 1.5
"""How much longer than the straight line a way by road may be."""


def observed_share(match: Match, planned_day: PlannedDay | None) -> float:
    """Share of the planned time that the track covers otherwise than by gaps.

    Parameters
    ----------
    match
        The track laid on roads.
    planned_day
        The plan.

    Returns
    -------
    float
        In [0, 1]; NaN where no time was planned.
    """
    if planned_day is None or planned_day.end_ms <= planned_day.start_ms:
        return math.nan
    observed_ms = sum(
        max(0, min(segment.end_ms, planned_day.end_ms) - max(segment.start_ms, planned_day.start_ms))
        for segment in match.segments
        if segment.kind is not SegmentKind.GAP
    )
    return observed_ms / (planned_day.end_ms - planned_day.start_ms)


def unseen_at_the_ends_m(seen: SeenPoints, planned_day: PlannedDay | None, *, profile: str) -> float:
    """Give the metres that work can have asked for before the first and after the last fix.

    The worker is granted the way between the ends of the planned path and the first and last fix, as far as speed
    allows in the working hours on that side.

    Parameters
    ----------
    seen
        Believed points.
    planned_day
        The plan.
    profile
        Name of the road network's profile.

    Returns
    -------
    float
        Metres; 0 where nothing was planned or seen.
    """
    if planned_day is None or len(seen) == 0 or len(planned_day.path_latitude_degrees) == 0:
        return 0.0
    sides = (
        (0, seen.time_ms[0] - planned_day.working_start_ms),
        (-1, planned_day.working_end_ms - seen.time_ms[-1]),
    )
    return sum(
        min(
            UNSEEN_DETOUR
            * float(
                great_circles_m(
                    seen.latitude_degrees[end],
                    seen.longitude_degrees[end],
                    planned_day.path_latitude_degrees[end],
                    planned_day.path_longitude_degrees[end],
                )
            ),
            fastest_mps(profile) * int(unseen_ms) / MILLISECONDS,
        )
        for end, unseen_ms in sides
    )
