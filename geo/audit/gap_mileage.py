"""Decides how many kilometres are counted where the track was silent: by a policy, each gap by itself, and capped.

The policy is a company's choice, so it is data and never hidden: every gap comes out with the method that was used
for it. A method that cannot be used falls back to the next simpler one: the planned path to the fastest road, the
fastest road to the straight line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_path import PlannedPath
from geo.audit.track_audit import GapMileage, GapPolicy
from geo.errors import NoRoadNearbyError, UnreachableError
from geo.geodesy import great_circles_m
from geo.matching.match import Match, MatchSegment
from geo.roads.profiles import profile_named
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from geo.tracks.track import Track

CENTIMETRES = 100.0
MILLISECONDS = 1000.0

KMH_PER_MPS = 3.6

HURRIED_WALK_KMH = 10.0
"""The speed of the foot profile is that of a walk, not the fastest of anybody."""

_NEAR_PLAN_M = 60.0
_LONGEST_CUT = 1.05
"""The ends lie this much nearer together along the path than straight, by noise alone."""


@dataclass(frozen=True)
class GapOptions:
    """How the kilometres of a gap are counted.

    Parameters
    ----------
    policy
        The company's method.
    max_speed_mps
        No gap counts more than this speed allows in its time; None takes the top speed of the network's profile.
    max_gap_m
        No gap counts more than this.
    same_place_m
        A gap whose ends lie nearer together than this counts nothing: the worker stood there.
    """

    policy: GapPolicy = GapPolicy.SHORTEST
    max_speed_mps: float | None = None
    max_gap_m: float = 50_000.0
    same_place_m: float = 50.0

    def __post_init__(self) -> None:
        """Refuse negative limits."""
        limits = {"max_speed_mps": self.max_speed_mps, "max_gap_m": self.max_gap_m, "same_place_m": self.same_place_m}
        for name, value in limits.items():
            if value is not None and not value >= 0.0:
                message = f"{name} must not be negative (got {value})"
                raise ValueError(message)


def fastest_mps(profile: str) -> float:
    """Speed that nobody exceeds over minutes.

    Parameters
    ----------
    profile
        Name of the profile.

    Returns
    -------
    float
        Metres a second.
    """
    return max(profile_named(profile).top_speed_kmh, HURRIED_WALK_KMH) / KMH_PER_MPS


@dataclass(frozen=True)
class CountedGap:
    """A gap with what was counted, and between what its true length may lie.

    Parameters
    ----------
    gap
        What goes into the mileage.
    straight_m
        Metres between its ends: the least that was travelled.
    limit_m
        The most that can have been travelled, by speed and by the maximum of one gap.
    """

    gap: GapMileage
    straight_m: float
    limit_m: float


@dataclass(frozen=True, eq=False)
class _Ends:
    """The two points around a gap."""

    points: tuple[int, int]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    straight_m: float

    @classmethod
    def of_gap(cls, track: Track, segment: MatchSegment) -> _Ends:
        points = (segment.first_point, segment.last_point)
        latitude, longitude = track.latitude_degrees[list(points)], track.longitude_degrees[list(points)]
        straight_m = float(great_circles_m(latitude[0], longitude[0], latitude[1], longitude[1]))
        return cls(points, latitude, longitude, straight_m)


def count_gap(
    track: Track,
    match: Match,
    segment: MatchSegment,
    *,
    router: Router,
    path: PlannedPath | None,
    options: GapOptions,
) -> CountedGap:
    """Count the kilometres of one gap.

    Parameters
    ----------
    track
        Raw points.
    match
        Their match.
    segment
        A gap of it.
    router
        Finds the fastest road.
    path
        The planned path; None where nothing was planned.
    options
        The policy and its limits.

    Returns
    -------
    CountedGap
        Itemised.
    """
    ends = _Ends.of_gap(track, segment)
    limit_m = min(_speed_limit_m(segment, router, options), options.max_gap_m)
    policy, length_m = _length_by_policy(router, match, ends, path, options)
    counted_m = min(length_m, limit_m)
    gap = GapMileage(segment.start_ms, segment.end_ms, policy, counted_m, is_capped=counted_m < length_m)
    return CountedGap(gap, ends.straight_m, limit_m)


def longest_way_m(track: Track, match: Match, segment: MatchSegment, *, router: Router, options: GapOptions) -> float:
    """Metres of the fastest road between both ends of a part off the roads, as far as its time allows.

    Parameters
    ----------
    track, match
        Raw points, and their match.
    segment
        A part off the roads.
    router
        Finds the fastest road.
    options
        Their `max_speed_mps` is the limit.

    Returns
    -------
    float
        Metres; 0 where an end lies on no road, or there is no way in that time.
    """
    by_road_m = _by_road_m(router, match, _Ends.of_gap(track, segment)) or 0.0
    return by_road_m if by_road_m <= _speed_limit_m(segment, router, options) else 0.0


def _speed_limit_m(segment: MatchSegment, router: Router, options: GapOptions) -> float:
    speed_mps = options.max_speed_mps
    if speed_mps is None:
        speed_mps = fastest_mps(router.network.profile)
    return speed_mps * (segment.end_ms - segment.start_ms) / MILLISECONDS


def _length_by_policy(
    router: Router, match: Match, ends: _Ends, path: PlannedPath | None, options: GapOptions
) -> tuple[GapPolicy, float]:
    """Choose the method that can be used and measure by it."""
    if options.policy is GapPolicy.NOTHING or ends.straight_m < options.same_place_m:
        return GapPolicy.NOTHING, 0.0
    if options.policy is GapPolicy.PLANNED and (planned_m := _planned_m(path, ends)) is not None:
        return GapPolicy.PLANNED, planned_m
    if options.policy is not GapPolicy.STRAIGHT and (by_road_m := _by_road_m(router, match, ends)) is not None:
        return GapPolicy.SHORTEST, by_road_m
    return GapPolicy.STRAIGHT, ends.straight_m


def _planned_m(path: PlannedPath | None, ends: _Ends) -> float | None:
    """Metres along the planned path between both ends; None where they do not lie on it one after the other."""
    if path is None:
        return None
    distance_m, along_m = path.nearest(ends.latitude_degrees, ends.longitude_degrees)
    length_m = float(along_m[1] - along_m[0])
    is_on_path = bool((distance_m <= _NEAR_PLAN_M).all()) and length_m * _LONGEST_CUT >= ends.straight_m
    return length_m if is_on_path else None


def _by_road_m(router: Router, match: Match, ends: _Ends) -> float | None:
    """Metres of the fastest road between both ends; None where one lies on no road or there is no way."""
    first, last = (_road_position(router, match, point) for point in ends.points)
    try:
        return router.route(first, last).length_cm / CENTIMETRES
    except (NoRoadNearbyError, UnreachableError):
        return None


def _road_position(router: Router, match: Match, point: int) -> RoadPositions:
    edge = match.point_edge[[point]]
    return RoadPositions(
        edge=edge,
        fraction=match.point_fraction[[point]],
        distance_m=match.point_distance_m[[point]],
        side=np.zeros(1, np.int8),
        component=router.network.edge_component[edge],
    )
