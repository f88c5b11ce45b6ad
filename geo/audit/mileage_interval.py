"""Decides how far a measured length may be from the true one: its 95 % interval.

It says how far the measured length may be from the length that was driven along the map's roads. It is not symmetric:
what nobody saw between two fixes is missing, so a measured length is more often too short than too long.

==============  ============================================  ==========================================================
part            upwards                                       downwards
==============  ============================================  ==========================================================
ends            `end_sigmas · s`: where the way begins and    the same
                ends
stops           `(stop_sigmas · s + stop_short_m) · √n`:      `stop_long_m · √n`, and `unseen_walk_m · √n` more
                short ways around a stop, and where on the    where a walk falls between two fixes: steps from the
                road it began                                 vehicle to a door, taken for ways on the roads around it
between fixes   `sparse_m · √(n + 1) · t²`: turns back and    `link_sigmas · s · √l + white_sigmas · w`: noise taken
                detours that fall between two fixes           for ways
wrong ways      `doubt_short · d`: the true way was longer    `doubt_long · d`
walks                                                         the metres of each leg that may have been walked from one
                                                              door to the next (`may_be_walked`), if the profile drives
gaps            up to `gap_detour` times what was counted,    down to the straight line
                or the straight line, but never above what
                speed allows
off road        `off_road_share` of the metres, or up to the  `off_road_share` of the metres
                way by road where there is one that speed
                allows: sparse points on a winding road that
                the match did not trust look like a straight
                way off the roads
==============  ============================================  ==========================================================

for ``n`` stays, ``l`` links between observations, their white noise ``w = √(Σ MatchSegment.white_m²)`` and the doubt
``d = √(Σ MatchSegment.doubt_m²)``. ``s`` is the standard deviation of the position error as this track shows it, the
root mean square distance of its points from the roads that they were laid on; ``t`` the usual time between two of its
fixes in minutes (`Recording`). The first five parts are added up, and so are the upper widths of the parts off the
roads: they err in the same direction. Each gap, and downwards each off-road part, adds to them as a square.

`end_sigmas` is 1.96 · √2: two ends, each with the error of one position along the road. `doubt_short` is what 40 given
drives without stops needed. The other numbers of the first four parts come from ``python -m benchmarks.fit_mileage``,
on simulated drives with known truth;
``docs/how-mileage-is-measured.md`` says how often the interval held on others. The widths for gaps are not fitted:
nobody has the truth of what was not seen. How far a vehicle's wheels roll more or less than the map's centre lines are
long is not in it either. What was driven before the first and after the last fix is in no part and in no interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.gap_mileage import CountedGap
from geo.matching.match import Match, MatchSegment, PointState, SegmentKind

MILLISECONDS_PER_MINUTE = 60_000.0
_UNKNOWN_SIGMA_M = 10.0


@dataclass(frozen=True)
class Calibration:
    """The numbers behind the interval; see the module's text.

    Parameters
    ----------
    end_sigmas, stop_sigmas, link_sigmas, white_sigmas
        Metres per metre of position error.
    stop_short_m, stop_long_m
        Metres, at one stop.
    unseen_walk_m, seen_walk_minutes
        Metres, at one stop, where the fixes lie further apart in time than the second: then nobody sees where driving
        ended and walking began (`geo.matching.walk_kernels`).
    walk_m, walk_mps
        Nobody walks farther or faster from one door to the next. The first is twice the reach within which walks are
        told from driving, for doors on both sides of where the vehicle may stand.
    sparse_m
        Metres, at a fix a minute.
    doubt_short, doubt_long
        Metres per metre of doubt, by which a wrong way may be too short and too long: a part of its length, and more
        often too short, as matching prefers the shorter of two ways.
    least_sigma_m
        No track is believed to be better than this.
    most_minutes
        Longer times between fixes than this, which was never measured, widen the interval no further.
    off_road_share
        Share of metres.
    gap_detour
        How many times longer than counted the true way through a gap may be.
    """

    end_sigmas: float = 2.77
    stop_sigmas: float = 9.18
    link_sigmas: float = 0.504
    white_sigmas: float = 0.641
    stop_short_m: float = 0.0
    stop_long_m: float = 18.5
    unseen_walk_m: float = 27.5
    seen_walk_minutes: float = 1.0 / 3.0
    walk_m: float = 240.0
    walk_mps: float = 1.6
    sparse_m: float = 284.0
    doubt_short: float = 0.5
    doubt_long: float = 0.1
    least_sigma_m: float = 2.0
    most_minutes: float = 2.0
    off_road_share: float = 0.15
    gap_detour: float = 1.5


@dataclass(frozen=True)
class Recording:
    """How well a track was recorded, as it shows itself.

    Parameters
    ----------
    sigma_m
        Standard deviation of the position error per axis.
    minutes
        Usual time between two believed fixes.
    """

    sigma_m: float
    minutes: float

    @classmethod
    def of_match(cls, match: Match, believed_ms: NDArray[np.int64]) -> Recording:
        """Judge a recording.

        Parameters
        ----------
        match
            The match of the track.
        believed_ms
            ``(k,)`` times of its believed points, ascending.

        Returns
        -------
        Recording
            With a usual error where no point lies on a road.
        """
        on_road = np.isin(match.point_state, (PointState.MATCHED, PointState.INTERPOLATED))
        distance_m = match.point_distance_m[on_road]
        distance_m = distance_m[np.isfinite(distance_m)]
        calibration = Calibration()
        sigma_m = float(np.sqrt(np.mean(distance_m**2))) if len(distance_m) else _UNKNOWN_SIGMA_M
        minutes = float(np.median(np.diff(believed_ms))) / MILLISECONDS_PER_MINUTE if len(believed_ms) > 1 else 0.0
        return cls(max(calibration.least_sigma_m, sigma_m), min(calibration.most_minutes, minutes))


@dataclass(frozen=True)
class MeasuredWay:
    """What an interval is made from.

    Parameters
    ----------
    total_m
        The measured length.
    stays
        Number of stays on the way; half a stay is one end of a leg.
    walkable_m
        Metres of its legs that may have been walked.
    matched
        Its parts on roads.
    off_road_m
        Of each part off the roads its metres, and those of the longest way by road between its ends.
    gaps
        Its gaps, counted.
    """

    total_m: float
    stays: float
    walkable_m: float
    matched: Sequence[MatchSegment]
    off_road_m: Sequence[tuple[float, float]]
    gaps: Sequence[CountedGap]


def mileage_interval(way: MeasuredWay, recording: Recording) -> tuple[float, float]:
    """Compute the 95 % interval of a measured length.

    Parameters
    ----------
    way
        What was measured.
    recording
        How well it was recorded.

    Returns
    -------
    tuple[float, float]
        Its lower end, at least 0, and its upper end, in metres.
    """
    calibration = Calibration()
    down_m, up_m = [way.walkable_m], [0.0]
    if way.matched:
        terms = road_terms(way.stays, way.matched, recording)
        both_m = calibration.end_sigmas * terms.end_m
        down_m[0] += (
            both_m
            + calibration.stop_long_m * terms.root_stops
            + calibration.unseen_walk_m * terms.unseen_walks
            + calibration.doubt_long * terms.doubt_m
            + calibration.link_sigmas * terms.link_m
            + calibration.white_sigmas * terms.white_m
        )
        up_m[0] = both_m + calibration.doubt_short * terms.doubt_m + calibration.stop_sigmas * terms.stop_m
        up_m[0] += calibration.stop_short_m * terms.root_stops + calibration.sparse_m * terms.sparse
    for length_m, by_road_m in way.off_road_m:
        share_m = calibration.off_road_share * length_m
        down_m.append(share_m)
        up_m[0] += max(share_m, by_road_m - length_m)
    for gap in way.gaps:
        counted_m = gap.gap.length_m
        longest_m = min(calibration.gap_detour * max(counted_m, gap.straight_m), gap.limit_m)
        down_m.append(max(0.0, counted_m - gap.straight_m))
        up_m.append(max(0.0, longest_m - counted_m))
    return max(0.0, way.total_m - math.hypot(*down_m)), way.total_m + math.hypot(*up_m)


def may_be_walked(distance_m: float, duration_s: float, recording: Recording) -> bool:
    """Say whether somebody may have walked so far, where a way by road was measured.

    That a way was walked, the fixes tell only where they are dense and the doors near (`geo.matching.walk_kernels`).
    Doors of a large block, and a fix a minute, leave it open whether the vehicle was moved.

    Parameters
    ----------
    distance_m
        Metres between two fixes.
    duration_s
        Seconds between them.
    recording
        How well they were recorded.

    Returns
    -------
    bool
        Whether both may be so near together, and the time long enough to walk.
    """
    calibration = Calibration()
    least_m = distance_m - calibration.end_sigmas * recording.sigma_m
    return bool(least_m <= min(calibration.walk_m, calibration.walk_mps * duration_s))


@dataclass(frozen=True)
class RoadTerms:
    """What the widths on roads are proportional to; `Calibration` has the factors."""

    end_m: float
    stop_m: float
    root_stops: float
    unseen_walks: float
    link_m: float
    white_m: float
    sparse: float
    doubt_m: float


def road_terms(stays: float, matched: Sequence[MatchSegment], recording: Recording) -> RoadTerms:
    """Collect what the widths on roads are proportional to.

    Parameters
    ----------
    stays
        Number of stays.
    matched
        The parts on roads.
    recording
        How well they were recorded.

    Returns
    -------
    RoadTerms
        In metres, but for `root_stops`, `unseen_walks` and `sparse`.
    """
    links = sum(segment.link_count for segment in matched)
    return RoadTerms(
        end_m=recording.sigma_m,
        stop_m=recording.sigma_m * math.sqrt(stays),
        root_stops=math.sqrt(stays),
        unseen_walks=math.sqrt(stays) if recording.minutes > Calibration.seen_walk_minutes else 0.0,
        link_m=recording.sigma_m * math.sqrt(links),
        white_m=math.hypot(*(segment.white_m for segment in matched)),
        sparse=math.sqrt(stays + 1.0) * recording.minutes**2,
        doubt_m=math.hypot(*(segment.doubt_m for segment in matched)),
    )


def matched_parts(match: Match) -> tuple[MatchSegment, ...]:
    """Parts of a match that lie on roads."""
    return tuple(segment for segment in match.segments if segment.kind is SegmentKind.MATCHED)
