"""Decides what the track says about each planned visit, and which stays nobody planned.

Visits and stays are brought together all at once (`geo.audit.assignment`), by distance first and by planned time
among equals, so neighbouring customers do not take each other's stay and a visit out of order is still a visit.
Customers that a stay cannot tell apart may share it where its time suffices for all of them.

The verdicts
------------
``missed`` is said only where the track rules a visit out (`geo.audit.possible_presence`). Where it does not, and
shows no stay either, the verdict is ``cannot_tell``. Arrival and departure are known no better than the fixes around
the stay: ``late``, ``early`` and ``too_short`` are said only where they hold for every arrival and departure between
those fixes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.assignment import UNASSIGNED, cheapest_assignment
from geo.audit.planned_day import PlannedDay, PlannedStop
from geo.audit.possible_presence import possible_presence
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import VisitEvidence, VisitVerdict
from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]

MILLISECONDS = 1000.0
MINUTE_S = 60.0

TIME_COST = 0.3
"""Being at another time than planned costs at most this share of being at the rim of the radius."""

TIME_SCALE_MS = 3 * 3_600_000.0
SHORT_COST = 0.5
NO_STAY_COST = 3.0
"""More than any stay that is near enough."""


@dataclass(frozen=True, eq=False)
class _Meeting:
    """Which stays can show which visits."""

    stays: Sequence[Stay]
    distance_m: FloatArray
    """``(v, s)`` metres between customer and stay."""
    is_near: NDArray[np.bool_]
    """``(v, s)`` whether the stay lies within the radius of the visit."""
    earliest_start_ms: NDArray[np.int64]
    """``(s,)`` the fix before the stay: it did not begin earlier."""
    latest_end_ms: NDArray[np.int64]
    """``(s,)`` the fix after the stay: it did not end later."""

    @property
    def longest_s(self) -> FloatArray:
        """``(s,)`` longest duration of each stay."""
        return (self.latest_end_ms - self.earliest_start_ms) / MILLISECONDS


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
    meeting = _meet(planned_day, stays, seen)
    stay_of = _assign(stops, meeting, options)
    visits = [
        _judge(planned_day, position, meeting, int(stay_of[position]), seen, options) for position in range(len(stops))
    ]
    unplanned = [_unplanned(stay) for stay in _unexplained_stays(planned_day, meeting, set(stay_of.tolist()), options)]
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


def _meet(planned_day: PlannedDay, stays: Sequence[Stay], seen: SeenPoints) -> _Meeting:
    stops = planned_day.stops
    stop_places = np.array([(stop.latitude_degrees, stop.longitude_degrees) for stop in stops]).reshape(-1, 2)
    stay_places = np.array([(stay.latitude_degrees, stay.longitude_degrees) for stay in stays]).reshape(-1, 2)
    distance_m = great_circles_m(stop_places[:, :1], stop_places[:, 1:], stay_places[:, 0], stay_places[:, 1])
    pieces = [seen.within(stay) for stay in stays]
    error_m = np.array([np.median(seen.accuracy_m[piece]) for piece in pieces])
    radius_m = np.array([stop.radius_m for stop in stops])
    time_ms = np.concatenate([[planned_day.working_start_ms], seen.time_ms, [planned_day.working_end_ms]])
    return _Meeting(
        stays=stays,
        distance_m=distance_m,
        is_near=distance_m <= radius_m[:, None] + error_m,
        earliest_start_ms=np.array([time_ms[piece.start] for piece in pieces], np.int64),
        latest_end_ms=np.array([time_ms[piece.stop + 1] for piece in pieces], np.int64),
    )


def _assign(stops: Sequence[PlannedStop], meeting: _Meeting, options: VisitOptions) -> NDArray[np.int64]:
    """``(v,)`` stay of each visit, or `UNASSIGNED`."""
    if not meeting.stays:
        return np.full(len(stops), UNASSIGNED)
    radius_m = np.array([stop.radius_m for stop in stops])
    planned_ms = np.array([stop.arrival_ms for stop in stops], np.int64)
    needed_s = np.array([options.enough_share * stop.duration_s for stop in stops])
    start_ms = np.array([stay.start_ms for stay in meeting.stays], np.int64)
    deviation = np.abs(start_ms - planned_ms[:, None]) / TIME_SCALE_MS
    cost = (
        (meeting.distance_m / np.maximum(radius_m[:, None], 1.0)) ** 2
        + TIME_COST * np.minimum(deviation, 1.0)
        + SHORT_COST * (meeting.longest_s < needed_s[:, None])
    )
    stay_of = cheapest_assignment(np.where(meeting.is_near, cost, np.inf), unassigned_cost=NO_STAY_COST)
    return _share_stays(stay_of, np.where(meeting.is_near, cost, np.inf), needed_s, meeting, options)


def _share_stays(
    stay_of: NDArray[np.int64], cost: FloatArray, needed_s: FloatArray, meeting: _Meeting, options: VisitOptions
) -> NDArray[np.int64]:
    """Let visits without a stay share the stay of a neighbour that it cannot tell from them, while its time lasts."""
    stay_of = stay_of.copy()
    spare_s = meeting.longest_s.copy()
    nearest_m = np.full(len(meeting.stays), np.inf)
    for visit in np.flatnonzero(stay_of != UNASSIGNED):
        spare_s[stay_of[visit]] -= needed_s[visit]
        nearest_m[stay_of[visit]] = meeting.distance_m[visit, stay_of[visit]]
    for visit in np.flatnonzero(stay_of == UNASSIGNED):
        cannot_be_told = meeting.distance_m[visit] <= nearest_m + options.same_place_m
        may_share = meeting.is_near[visit] & cannot_be_told & (spare_s >= np.maximum(needed_s[visit], 1.0))
        if may_share.any():
            stay = int(np.argmin(np.where(may_share, cost[visit], np.inf)))
            stay_of[visit] = stay
            spare_s[stay] -= needed_s[visit]
    return stay_of


def _judge(
    planned_day: PlannedDay, position: int, meeting: _Meeting, stay: int, seen: SeenPoints, options: VisitOptions
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
    if stay == UNASSIGNED:
        reason = (
            f"No stay shows this visit, but for {_duration(presence.longest_s)} {presence.when} nothing says that "
            "the worker was not there."
        )
        return _without_stay(stop, position, VisitVerdict.CANNOT_TELL, reason)
    return _with_stay(stop, position, meeting, stay, options)


def _without_stay(stop: PlannedStop, position: int, verdict: VisitVerdict, reason: str) -> VisitEvidence:
    return VisitEvidence(stop.visit_id, verdict, None, position, math.nan, math.nan, reason)


def _with_stay(
    stop: PlannedStop, position: int, meeting: _Meeting, number: int, options: VisitOptions
) -> VisitEvidence:
    stay = meeting.stays[number]
    distance_m = float(meeting.distance_m[position, number])
    late_s = max(0.0, (stay.start_ms - stop.latest_arrival_ms) / MILLISECONDS)
    needed_s = options.enough_share * stop.duration_s
    same_customer = meeting.is_near[position] & (
        meeting.distance_m[position] <= meeting.distance_m.min(axis=0) + options.same_place_m
    )
    longest_s = float(meeting.longest_s[same_customer | (np.arange(len(meeting.stays)) == number)].sum())
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
    planned_day: PlannedDay, meeting: _Meeting, explaining: set[int], options: VisitOptions
) -> list[Stay]:
    """Stays that are long enough, show no visit, and are neither at a place of the plan nor a break."""
    breaks_left = list(planned_day.breaks)
    unexplained = []
    for number, stay in enumerate(meeting.stays):
        duration_s = (stay.end_ms - stay.start_ms) / MILLISECONDS
        is_explained = number in explaining or meeting.is_near[:, number].any() or _is_at_known_place(planned_day, stay)
        if is_explained or duration_s < options.min_unplanned_s:
            continue
        taken = next(
            (
                allowed
                for allowed in breaks_left
                if allowed.earliest_start_ms <= stay.start_ms
                and stay.end_ms <= allowed.latest_end_ms
                and duration_s <= allowed.duration_s + options.min_unplanned_s
            ),
            None,
        )
        if taken is None:
            unexplained.append(stay)
        else:
            breaks_left.remove(taken)
    return unexplained


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
