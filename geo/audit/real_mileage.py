"""Decides how far the worker really travelled, and how sure that is.

``total = matched + gaps + off road``: along the roads where the track lies on roads, by the gap policy where it is
silent, along the smoothed points where there is no road. A stay adds nothing. Chords between raw points are never
mileage: a phone that lies still for an hour draws kilometres of them.

How sure that is, `geo.audit.mileage_interval` says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from geo.audit.gap_mileage import CountedGap, GapOptions, count_gap, longest_way_m
from geo.audit.mileage_interval import MeasuredWay, Recording, may_be_walked, mileage_interval
from geo.audit.planned_path import PlannedPath
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import Composition, LegMileage, Mileage
from geo.geodesy import chord_lengths_m, great_circles_m
from geo.matching.match import Match, MatchSegment, SegmentKind
from geo.roads.network import RoadClass, RoadNetwork
from geo.roads.profiles import FOOT
from geo.routing.router import Router
from geo.tracks.stays import Stay
from geo.tracks.track import Track

CENTIMETRES = 100.0
KILOMETRE_M = 1000.0
MILLISECONDS = 1000.0
FEWEST_POINTS = 2
BOTH_ENDS = 2


class _Way(NamedTuple):
    """What is travelled between two stays: its segments in order, and what is known of some by their start.

    `gaps` are what was counted for them, `longest_off_road_m` the ways by road between the ends of parts off the roads,
    `walked_from` where legs begin that may have been walked though a way was measured.
    """

    segments: tuple[MatchSegment, ...]
    gaps: dict[int, CountedGap]
    longest_off_road_m: dict[int, float]
    walked_from: frozenset[int]

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
    recording = Recording.of_match(match, seen.time_ms)
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
        frozenset(
            leg.segments[0].start_ms
            for leg in _split(match.segments)
            if router.network.profile != FOOT.name and _may_be_walked(seen, leg, recording)
        ),
    )
    stays_count = len(whole.of_kind(SegmentKind.STAY))
    composition = whole.composition
    low_m, high_m = _interval(whole, recording, stays_count)
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
        legs=tuple(_legs(whole, recording)),
    )


class _Leg(NamedTuple):
    """What lies between two stays, before the first or after the last, and how many stays it ends at."""

    segments: tuple[MatchSegment, ...]
    stay_ends: int


def _split(segments: Sequence[MatchSegment]) -> Iterator[_Leg]:
    """Split a day at its stays."""
    runs = groupby(segments, key=lambda segment: segment.kind is SegmentKind.STAY)
    parts = [(is_stay, tuple(run)) for is_stay, run in runs]
    for number, (is_stay, part) in enumerate(parts):
        if not is_stay:
            yield _Leg(part, (number > 0) + (number + 1 < len(parts)))


def _may_be_walked(seen: SeenPoints, leg: _Leg, recording: Recording) -> bool:
    """Whether a leg from stay to stay may be a walk from door to door: its farthest fix, too, was within reach."""
    if leg.stay_ends < BOTH_ENDS:
        return False
    ends = leg.segments[0].first_point, leg.segments[-1].last_point
    first, last = np.searchsorted(seen.index, ends)
    own = slice(first, last + 1)
    time_s, latitude, longitude = (
        seen.time_ms[own] / MILLISECONDS,
        seen.latitude_degrees[own],
        seen.longitude_degrees[own],
    )
    from_start_m, to_end_m = (great_circles_m(latitude[end], longitude[end], latitude, longitude) for end in (0, -1))
    farthest = int(np.argmax(from_start_m + to_end_m))
    return (
        may_be_walked(from_start_m[-1], time_s[-1] - time_s[0], recording)
        and may_be_walked(from_start_m[farthest], time_s[farthest] - time_s[0], recording)
        and may_be_walked(to_end_m[farthest], time_s[-1] - time_s[farthest], recording)
    )


def _legs(whole: _Way, recording: Recording) -> Iterator[LegMileage]:
    """Measure the way between each two stays, and those before the first and after the last."""
    for leg in _split(whole.segments):
        way = whole._replace(segments=leg.segments)
        low_m, high_m = _interval(way, recording, leg.stay_ends / 2.0)
        yield LegMileage(leg.segments[0].start_ms, leg.segments[-1].end_ms, way.composition, low_m, high_m)


def _walkable_m(way: _Way) -> float:
    """Metres of the legs that may have been walked; what was counted for gaps has a width of its own."""
    walked = (leg.segments for leg in _split(way.segments) if leg.segments[0].start_ms in way.walked_from)
    return sum(
        segment.length_m
        for leg in walked
        for segment in leg
        if segment.kind in {SegmentKind.MATCHED, SegmentKind.OFF_ROAD}
    )


def _interval(way: _Way, recording: Recording, stays: float) -> tuple[float, float]:
    """Lower and upper end of the 95 % interval of a way with some stays; half a stay is one end of a leg."""
    measured = MeasuredWay(
        way.composition.total_m,
        stays,
        _walkable_m(way),
        way.of_kind(SegmentKind.MATCHED),
        [(part.length_m, way.longest_off_road_m[part.start_ms]) for part in way.of_kind(SegmentKind.OFF_ROAD)],
        [way.gaps[part.start_ms] for part in way.of_kind(SegmentKind.GAP)],
    )
    return mileage_interval(measured, recording)


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
