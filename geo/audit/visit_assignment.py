"""Brings planned visits and stays together: all at once, by distance first and by planned order among equals.

Neighbouring customers do not take each other's stay, and a visit out of order is still a visit. Customers that a stay
cannot tell apart may share it where its time suffices for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.assignment import UNASSIGNED, cheapest_assignment
from geo.audit.planned_day import PlannedDay, PlannedStop
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]

MILLISECONDS = 1000.0

PLACE_ERROR_M = 15.0
"""Standard deviation of a customer's position, and of where in front of the door one stands."""

ORDER_NATS = 0.25
"""Cost of the square of how many places a stay comes too early or too late in the order: two stays are taken as swapped
only where their places say so."""

SHORT_NATS = 2.0
NO_STAY_NATS = 1e6
"""More than any stay that is near enough."""


@dataclass(frozen=True, eq=False)
class Meeting:
    """Which stays can show which visits, for ``v`` visits and ``s`` stays.

    Parameters
    ----------
    stays
        The stays, in order of time.
    distance_m
        ``(v, s)`` metres between customer and stay.
    is_near
        ``(v, s)`` whether the stay lies within the radius of the visit.
    error_m
        ``(s,)`` median accuracy of the fixes of the stay.
    earliest_start_ms, latest_end_ms
        ``(s,)`` the fixes before and after the stay: it did not begin earlier nor end later.
    """

    stays: Sequence[Stay]
    distance_m: FloatArray
    is_near: NDArray[np.bool_]
    error_m: FloatArray
    earliest_start_ms: NDArray[np.int64]
    latest_end_ms: NDArray[np.int64]

    @property
    def longest_s(self) -> FloatArray:
        """``(s,)`` longest duration of each stay."""
        return (self.latest_end_ms - self.earliest_start_ms) / MILLISECONDS


def meet(planned_day: PlannedDay, stays: Sequence[Stay], seen: SeenPoints) -> Meeting:
    """Find which stays can show which visits.

    Parameters
    ----------
    planned_day
        The plan.
    stays
        Stays of the track, in order of time.
    seen
        Believed points of the same track.

    Returns
    -------
    Meeting
        With distances and times.
    """
    stops = planned_day.stops
    stop_places = np.array([(stop.latitude_degrees, stop.longitude_degrees) for stop in stops]).reshape(-1, 2)
    stay_places = np.array([(stay.latitude_degrees, stay.longitude_degrees) for stay in stays]).reshape(-1, 2)
    distance_m = great_circles_m(stop_places[:, :1], stop_places[:, 1:], stay_places[:, 0], stay_places[:, 1])
    pieces = [seen.within(stay) for stay in stays]
    error_m = np.array([np.median(seen.accuracy_m[piece]) for piece in pieces])
    radius_m = np.array([stop.radius_m for stop in stops])
    time_ms = np.concatenate([[planned_day.working_start_ms], seen.time_ms, [planned_day.working_end_ms]])
    return Meeting(
        stays=stays,
        distance_m=distance_m,
        is_near=distance_m <= radius_m[:, None] + error_m,
        error_m=error_m,
        earliest_start_ms=np.array([time_ms[piece.start] for piece in pieces], np.int64),
        latest_end_ms=np.array([time_ms[piece.stop + 1] for piece in pieces], np.int64),
    )


def assign_stays(stops: Sequence[PlannedStop], meeting: Meeting, options: VisitOptions) -> NDArray[np.int64]:
    """Give each visit the stay that shows it.

    Parameters
    ----------
    stops
        The visits, in planned order.
    meeting
        Which stays can show them.
    options
        What counts as a visit.

    Returns
    -------
    NDArray[np.int64]
        ``(v,)`` index of the stay of each visit, or `UNASSIGNED`.
    """
    if not meeting.stays or not stops:
        return np.full(len(stops), UNASSIGNED)
    enough_s = np.array([options.enough_share * stop.duration_s for stop in stops])
    needed_s = np.array([options.presence_needed_s(stop.duration_s) for stop in stops])
    visit_order, stay_order = np.arange(len(stops)), _order_among_visits(meeting)
    nats = (
        (meeting.distance_m / np.hypot(PLACE_ERROR_M, meeting.error_m)) ** 2 / 2.0
        + ORDER_NATS * (visit_order[:, None] - stay_order) ** 2
        + SHORT_NATS * (meeting.longest_s < enough_s[:, None])
    )
    nats = np.where(meeting.is_near & (meeting.longest_s >= needed_s[:, None]), nats, np.inf)
    stay_of = cheapest_assignment(nats, unassigned_cost=NO_STAY_NATS)
    return _share_stays(stay_of, nats, enough_s, meeting, options)


def _order_among_visits(meeting: Meeting) -> NDArray[np.int64]:
    """``(s,)`` place of each stay in the order of those that can show a visit."""
    may_show = meeting.is_near.any(axis=0)
    return np.asarray(np.cumsum(may_show) - 1)


def _share_stays(
    stay_of: NDArray[np.int64], nats: FloatArray, needed_s: FloatArray, meeting: Meeting, options: VisitOptions
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
        may_share = np.isfinite(nats[visit]) & cannot_be_told & (spare_s >= np.maximum(needed_s[visit], 1.0))
        if may_share.any():
            stay = int(np.argmin(np.where(may_share, nats[visit], np.inf)))
            stay_of[visit] = stay
            spare_s[stay] -= needed_s[visit]
    return stay_of
