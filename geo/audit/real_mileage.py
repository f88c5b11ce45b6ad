"""Decides how far the worker really travelled, and how sure that is.

``total = matched + gaps + off road``: along the roads where the track lies on roads, by the gap policy where it is
silent, along the smoothed points where there is no road. A stay adds nothing. Chords between raw points are never
mileage: a phone that lies still for an hour draws kilometres of them.

The 95 % interval
-----------------
It says how far the measured length may be from the length that was driven along the map's roads. Half-widths downwards
and upwards:

=================  ==================================================================================================
part               half-width
=================  ==================================================================================================
ends               `end_sigmas · s`: where the way begins and ends
stops              `stop_sigmas · s · √n` for ``n`` stays: where on the road each began, and what was driven around
                   it without being seen
wrong ways         `doubt_factor · √(Σ doubt²)` over the matched parts, with `MatchSegment.doubt_m`: parts that the
                   match itself doubts
gaps               down to the straight line; up to `gap_detour` times what was counted, or the straight line, but
                   never above what speed allows
off road           `off_road_share` of the metres; up to the way by road where there is one that speed allows, as sparse
                   points on a winding road that the match did not trust look like a straight way off the roads
=================  ==================================================================================================

``s`` is the standard deviation of the position error as this track shows it: the root mean square distance of its
points from the roads that they were laid on. The first three parts are added up, and so are the upper widths of the
parts off the roads: they err in the same direction. Each gap, and downwards each off-road part, adds to them as a
square.

What `Calibration` holds for the first three was chosen between two fits: ``python -m benchmarks.fit_mileage`` on
simulated days with stops, where stops decide, and 40 given drives without stops, where wrong ways do.
``docs/how-mileage-is-measured.md`` says how often the interval held on others.
The widths for gaps are not fitted: nobody has the truth of what was not seen. How far a vehicle's wheels roll more or
less than the map's centre lines are long is not in it either.
What was driven before the first and after the last fix is in no part and in no interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from geo.audit.gap_mileage import CountedGap, GapOptions, count_gap, longest_way_m
from geo.audit.planned_path import PlannedPath
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import Composition, LegMileage, Mileage
from geo.geodesy import chord_lengths_m
from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.roads.network import RoadClass, RoadNetwork
from geo.routing.router import Router
from geo.tracks.stays import Stay
from geo.tracks.track import Track

CENTIMETRES = 100.0
KILOMETRE_M = 1000.0
FEWEST_POINTS = 2
_UNKNOWN_SIGMA_M = 10.0


@dataclass(frozen=True)
class Calibration:
    """The numbers behind the interval; see the module's text.

    Parameters
    ----------
    end_sigmas, stop_sigmas
        Metres per metre of position error.
    doubt_factor
        Metres per metre of doubt.
    least_sigma_m
        No track is believed to be better than this.
    off_road_share
        Share of metres.
    gap_detour
        How many times longer than counted the true way through a gap may be.
    """

    end_sigmas: float = 2.5
    stop_sigmas: float = 7.0
    doubt_factor: float = 1.0
    least_sigma_m: float = 2.0
    off_road_share: float = 0.15
    gap_detour: float = 1.5


class _HalfWidths(NamedTuple):
    """Half-widths of one part of the mileage, downwards and upwards, in metres."""

    down_m: float
    up_m: float


class _Way(NamedTuple):
    """What is travelled between two stays: its segments in order, and what was counted for its gaps, by their start."""

    segments: tuple[MatchSegment, ...]
    gaps: dict[int, CountedGap]
    longest_off_road_m: dict[int, float]

    def of_kind(self, kind: SegmentKind) -> list[MatchSegment]:
        return [segment for segment in self.segments if segment.kind is kind]

    @property
    def composition(self) -> Composition:
        """What it is made of."""
        return Composition(
            matched_m=sum(segment.length_m for segment in self.of_kind(SegmentKind.MATCHED)),
            gap_m=sum(self.gaps[segment.start_ms].gap.length_m for segment in self.of_kind(SegmentKind.GAP)),
            off_road_m=sum(segment.length_m for segment in self.of_kind(SegmentKind.OFF_ROAD)),
        )


def measure_mileage(
    track: Track,
    match: Match,
    *,
    seen: SeenPoints,
    stays: Sequence[Stay],
    router: Router,
    path: PlannedPath | None = None,
    options: GapOptions | None = None,
) -> Mileage:
    """Measure how far a track travelled.

    Parameters
    ----------
    track
        Raw points.
    match
        Their match, on the network of the router.
    seen
        Believed points.
    stays
        Stays of the track.
    router
        Finds the roads through gaps.
    path
        The planned path, for the gap policy that uses it.
    options
        How gaps are counted.

    Returns
    -------
    Mileage
        With its composition; NaN in all metres where the track has not even two believed points.
    """
    if len(seen) < FEWEST_POINTS:
        return _unknown()
    options = options or GapOptions()
    whole = _Way(
        match.segments,
        {
            segment.start_ms: count_gap(track, match, segment, router=router, path=path, options=options)
            for segment in match.segments
            if segment.kind is SegmentKind.GAP
        },
        {
            segment.start_ms: longest_way_m(track, match, segment, router=router, options=options)
            for segment in match.segments
            if segment.kind is SegmentKind.OFF_ROAD
        },
    )
    sigma_m = position_error_m(match)
    stays_count = len(whole.of_kind(SegmentKind.STAY))
    composition = whole.composition
    low_m, high_m = _interval(whole, sigma_m, stays_count)
    return Mileage(
        total_m=composition.total_m,
        matched_m=composition.matched_m,
        gap_m=composition.gap_m,
        off_road_m=composition.off_road_m,
        low_m=low_m,
        high_m=high_m,
        raw_chords_m=_raw_chords_m(track),
        jitter_removed_m=sum(_chords_inside_m(seen, stay) for stay in stays),
        gaps=tuple(counted.gap for counted in whole.gaps.values()),
        by_road_class_m=_by_road_class_m(router.network, whole.of_kind(SegmentKind.MATCHED)),
        legs=tuple(_legs(whole, sigma_m)),
    )


def _legs(whole: _Way, sigma_m: float) -> Iterator[LegMileage]:
    """Measure the way between each two stays, and those before the first and after the last."""
    runs = groupby(whole.segments, key=lambda segment: segment.kind is SegmentKind.STAY)
    ways = [(is_stay, tuple(segments)) for is_stay, segments in runs]
    for number, (is_stay, segments) in enumerate(ways):
        if is_stay:
            continue
        way = whole._replace(segments=segments)
        stay_ends = (number > 0) + (number + 1 < len(ways))
        composition = way.composition
        low_m, high_m = _interval(way, sigma_m, stay_ends / 2.0)
        yield LegMileage(segments[0].start_ms, segments[-1].end_ms, composition, low_m, high_m)


def _interval(way: _Way, sigma_m: float, stays: float) -> tuple[float, float]:
    """Lower and upper end of the 95 % interval of a way with some stays; half a stay is one end of a leg."""
    calibration = Calibration()
    doubt_m = math.hypot(*(segment.doubt_m for segment in way.of_kind(SegmentKind.MATCHED)))
    on_roads_m = calibration.doubt_factor * doubt_m + sigma_m * (
        calibration.end_sigmas + calibration.stop_sigmas * math.sqrt(stays)
    )
    off_road = [_off_road_half_widths(segment, way, calibration) for segment in way.of_kind(SegmentKind.OFF_ROAD)]
    parts = [
        _HalfWidths(on_roads_m, on_roads_m + sum(widths.up_m for widths in off_road)),
        *(_HalfWidths(widths.down_m, 0.0) for widths in off_road),
        *(_gap_half_widths(way.gaps[segment.start_ms], calibration) for segment in way.of_kind(SegmentKind.GAP)),
    ]
    total_m = way.composition.total_m
    down_m, up_m = (math.hypot(*widths) for widths in zip(*parts, strict=True))
    return max(0.0, total_m - down_m), total_m + up_m


def position_error_m(match: Match) -> float:
    """Estimate the standard deviation per axis of the position error, as the points on roads show it.

    Parameters
    ----------
    match
        The match of a track.

    Returns
    -------
    float
        Metres; a usual value where no point lies on a road.
    """
    distance_m = match.point_distance_m[np.isin(match.point_state, (PointState.MATCHED, PointState.INTERPOLATED))]
    distance_m = distance_m[np.isfinite(distance_m)]
    least_m = Calibration().least_sigma_m
    return max(least_m, float(np.sqrt(np.mean(distance_m**2)))) if len(distance_m) else _UNKNOWN_SIGMA_M


def _gap_half_widths(counted: CountedGap, calibration: Calibration) -> _HalfWidths:
    length_m = counted.gap.length_m
    longest_m = min(calibration.gap_detour * max(length_m, counted.straight_m), counted.limit_m)
    return _HalfWidths(max(0.0, length_m - counted.straight_m), max(0.0, longest_m - length_m))


def _off_road_half_widths(segment: MatchSegment, way: _Way, calibration: Calibration) -> _HalfWidths:
    share_m = calibration.off_road_share * segment.length_m
    return _HalfWidths(share_m, max(share_m, way.longest_off_road_m[segment.start_ms] - segment.length_m))


def _by_road_class_m(network: RoadNetwork, matched: Iterable[MatchSegment]) -> dict[str, float]:
    """Add up the matched metres per road class, longest first; together they are the matched metres."""
    metres = np.zeros(len(RoadClass))
    for segment in matched:
        share = segment.edge_to_fraction - segment.edge_from_fraction
        edge_m = share * network.edge_length_cm[segment.edges] / CENTIMETRES
        if edge_m.sum() > 0.0:
            edge_m *= segment.length_m / edge_m.sum()
        np.add.at(metres, network.edge_road_class[segment.edges], edge_m)
    return {
        RoadClass(road_class).name.lower(): float(metres[road_class])
        for road_class in np.argsort(-metres, kind="stable").tolist()
        if metres[road_class] > 0.0
    }


def _raw_chords_m(track: Track) -> float:
    """Straight-line sum of the raw points in the order of time, dropped ones included; those without a place not."""
    is_place = np.isfinite(track.latitude_degrees) & np.isfinite(track.longitude_degrees)
    order = np.argsort(track.time_ms[is_place], kind="stable")
    latitude, longitude = track.latitude_degrees[is_place][order], track.longitude_degrees[is_place][order]
    return float(chord_lengths_m(latitude, longitude).sum())


def _chords_inside_m(seen: SeenPoints, stay: Stay) -> float:
    inside = seen.within(stay)
    return float(chord_lengths_m(seen.latitude_degrees[inside], seen.longitude_degrees[inside]).sum())


def _unknown() -> Mileage:
    return Mileage(
        total_m=math.nan,
        matched_m=math.nan,
        gap_m=math.nan,
        off_road_m=math.nan,
        low_m=math.nan,
        high_m=math.nan,
        raw_chords_m=math.nan,
        jitter_removed_m=math.nan,
        gaps=(),
        by_road_class_m={},
        legs=(),
    )
