"""Decides what the track says about each planned visit, and which stays nobody planned.

The verdicts
------------
``missed`` is said only where the track rules a visit out (`geo.audit.possible_presence`). Where it does not, and
shows no stay either, the verdict is ``cannot_tell``. Arrival and departure are known no better than the fixes around
the stay: ``late`` and ``early`` are said only where they hold for every arrival and departure between those fixes.
``too_short`` is said only where the fixes around the stay rule a longer presence out, so that neither noise nor a
neighbouring customer shortens a visit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.audit.assignment import UNASSIGNED
from geo.audit.planned_day import BreakAllowance, PlannedDay, PlannedStop
from geo.audit.possible_presence import possible_presence
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import VisitEvidence, VisitVerdict
from geo.audit.visit_assignment import Meeting, assign_stays, meet
from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]

MILLISECONDS = 1000.0
MINUTE_S = 60.0

SAME_VISIT_MS = 30 * 60_000
"""A second stay at a customer within this time belongs to the visit."""


def judge_visits(
    planned_day: PlannedDay, stays: Sequence[Stay], seen: SeenPoints, options: VisitOptions
) -> tuple[VisitEvidence, ...]:
    """Say what the track shows about each planned visit and about each stay that no visit explains.

    Parameters
    ----------
    planned_day
        The plan.
    stays
        Stays of the track, split between neighbouring customers, in order of time.
    seen
        Believed points of the same track.
    options
        What counts as a visit.

    Returns
    -------
    tuple[VisitEvidence, ...]
        One entry per planned visit in planned order, then the unplanned stays in order of time.
    """
    stops = planned_day.stops
    meeting = meet(planned_day, stays, seen)
    stay_of = assign_stays(stops, meeting, options)
    visits = [_judge(planned_day, position, meeting, stay_of, seen, options) for position in range(len(stops))]
    unplanned = [_unplanned(stay) for stay in _unexplained_stays(planned_day, meeting, stay_of, options)]
    return (*visits, *unplanned)


def unplanned_stays(visits: Sequence[VisitEvidence]) -> tuple[Stay, ...]:
    """Take the stays that no visit explains from a visit table.

    Parameters
    ----------
    visits
        What `judge_visits` answers.

    Returns
    -------
    tuple[Stay, ...]
        In order of time.
    """
    return tuple(line.stay for line in visits if line.verdict is VisitVerdict.UNPLANNED and line.stay)


def _judge(
    planned_day: PlannedDay,
    position: int,
    meeting: Meeting,
    stay_of: NDArray[np.int64],
    seen: SeenPoints,
    options: VisitOptions,
) -> VisitEvidence:
    stop = planned_day.stops[position]
    presence = possible_presence(
        seen,
        stop,
        start_ms=planned_day.working_start_ms,
        end_ms=planned_day.working_end_ms,
        options=options,
    )
    if presence.longest_s < options.presence_needed_s(stop.duration_s):
        reason = (
            f"The fixes leave no more than {_duration(presence.longest_s)} for this visit; the nearest one is "
            f"{presence.nearest_m:.0f} m away."
        )
        return _without_stay(stop, position, VisitVerdict.MISSED, reason)
    if stay_of[position] == UNASSIGNED:
        reason = (
            f"No stay shows this visit, but for {_duration(presence.longest_s)} {presence.when} nothing says that "
            "the worker was not there."
        )
        return _without_stay(stop, position, VisitVerdict.CANNOT_TELL, reason)
    number = int(stay_of[position])
    stay = meeting.stays[number]
    longest_s = presence.longest_around_s(stay.start_ms, stay.end_ms)
    return _with_stay(stop, position, meeting, number, longest_s, options)


def _without_stay(stop: PlannedStop, position: int, verdict: VisitVerdict, reason: str) -> VisitEvidence:
    return VisitEvidence(stop.visit_id, verdict, None, position, math.nan, math.nan, reason)


def _with_stay(
    stop: PlannedStop, position: int, meeting: Meeting, number: int, longest_s: float, options: VisitOptions
) -> VisitEvidence:
    stay = meeting.stays[number]
    distance_m = float(meeting.distance_m[position, number])
    late_s = max(0.0, (stay.start_ms - stop.latest_arrival_ms) / MILLISECONDS)
    needed_s = options.enough_share * stop.duration_s
    in_window_s = (meeting.latest_end_ms[number] - stop.earliest_arrival_ms) / MILLISECONDS
    surely_late_s = (meeting.earliest_start_ms[number] - stop.latest_arrival_ms) / MILLISECONDS
    seen_as = f"A stay of {_duration((stay.end_ms - stay.start_ms) / MILLISECONDS)}, {distance_m:.0f} m away"
    if longest_s < needed_s:
        verdict, reason = VisitVerdict.TOO_SHORT, f"{seen_as}; {_duration(stop.duration_s)} were planned."
    elif stay.start_ms < stop.earliest_arrival_ms and in_window_s < needed_s:
        early_s = (stop.earliest_arrival_ms - stay.start_ms) / MILLISECONDS
        verdict, reason = VisitVerdict.EARLY, f"{seen_as}, {_duration(early_s)} before the window opens."
    elif surely_late_s > options.late_tolerance_s:
        verdict, reason = VisitVerdict.LATE, f"{seen_as}, {_duration(late_s)} after the end of the window."
    elif late_s > options.late_tolerance_s:
        verdict, reason = VisitVerdict.VISITED, f"{seen_as}; when it began is not recorded, so it counts as in time."
    else:
        verdict, reason = VisitVerdict.VISITED, f"{seen_as}."
    return VisitEvidence(stop.visit_id, verdict, stay, position, distance_m, late_s, reason)


def _unexplained_stays(
    planned_day: PlannedDay, meeting: Meeting, stay_of: NDArray[np.int64], options: VisitOptions
) -> list[Stay]:
    """Stays that are long enough, show no visit, and are neither at a place of the plan nor a break."""
    breaks_left = list(planned_day.breaks)
    unexplained = []
    for number, stay in enumerate(meeting.stays):
        duration_s = (stay.end_ms - stay.start_ms) / MILLISECONDS
        is_explained = (
            number in stay_of or _belongs_to_a_visit(meeting, number, stay_of) or _is_at_known_place(planned_day, stay)
        )
        if is_explained or duration_s < options.min_unplanned_s:
            continue
        taken = next((allowed for allowed in breaks_left if _is_break(stay, allowed, options)), None)
        if taken is None:
            unexplained.append(stay)
        else:
            breaks_left.remove(taken)
    return unexplained


def _belongs_to_a_visit(meeting: Meeting, number: int, stay_of: NDArray[np.int64]) -> bool:
    """Whether a stay is a second one at a customer, soon before or after the one that shows the visit."""
    stay = meeting.stays[number]
    shown = (meeting.stays[other] for other in stay_of[meeting.is_near[:, number]] if other != UNASSIGNED)
    return any(max(stay.start_ms - other.end_ms, other.start_ms - stay.end_ms) <= SAME_VISIT_MS for other in shown)


def _is_break(stay: Stay, allowed: BreakAllowance, options: VisitOptions) -> bool:
    duration_s = (stay.end_ms - stay.start_ms) / MILLISECONDS
    is_inside = allowed.earliest_start_ms <= stay.start_ms and stay.end_ms <= allowed.latest_end_ms
    return is_inside and duration_s <= allowed.duration_s + options.min_unplanned_s


def _is_at_known_place(planned_day: PlannedDay, stay: Stay) -> bool:
    return any(
        great_circles_m(place.latitude_degrees, place.longitude_degrees, stay.latitude_degrees, stay.longitude_degrees)
        <= place.radius_m + stay.radius_m
        for place in planned_day.known_places
    )


def _unplanned(stay: Stay) -> VisitEvidence:
    duration_s = (stay.end_ms - stay.start_ms) / MILLISECONDS
    reason = f"A stay of {_duration(duration_s)} that no planned visit, place or break explains."
    return VisitEvidence("", VisitVerdict.UNPLANNED, stay, None, math.nan, math.nan, reason)


def _duration(seconds: float) -> str:
    """Minutes for people, seconds where it is less than two of them."""
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE_S else f"{seconds / MINUTE_S:.0f} min"
