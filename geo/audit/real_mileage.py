"""Decides how far the worker really travelled, and how sure that is.

``total = matched + gaps + off road``: along the roads where the track lies on roads, by the gap policy where it is
silent, along the smoothed points where there is no road. A stay adds nothing. Chords between raw points are never
mileage: a phone that lies still for an hour draws kilometres of them.

The 95 % interval
-----------------
Each part errs for reasons of its own; the half-widths of independent parts add as squares. They are 95 % half-widths,
and the lower and upper side differ where the error does.

=================  ==================================================================================================
part               half-width
=================  ==================================================================================================
map                `map_share` of the matched metres, one error for the whole day: drawn centre lines cut corners, and
                   lanes are not on them
stops              `stop_m` plus `stop_accuracies` accuracies of the fixes, for every stay, added up and not as squares:
                   where on the road a stop began errs in the same direction all day
wrong way          per matched segment ``wrong_way_m · √(metres / 1000) · spacing``, with the kilometres between two
                   fixes: a matcher that seldom sees the worker sometimes takes a parallel way
doubt              `doubt_share` of the matched metres that the match itself doubts (``1 - confidence``), at most of
                   the share `most_doubt`, as the confidence is no calibrated probability yet
off road           `off_road_share` of the off-road metres
gaps               down to the straight line; up to `gap_detour` times what was counted, or the straight line, but
                   never above what speed allows
=================  ==================================================================================================

What `Calibration` holds was fitted on simulated drives and days with known truth;
``docs/how-mileage-is-measured.md`` says how often the interval held there. The widths for gaps are not fitted: nobody
has the truth of what was not seen.
What was driven before the first and after the last fix is in no part and in no interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.audit.gap_mileage import CountedGap, GapOptions, count_gap
from geo.audit.planned_path import PlannedPath
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import Mileage
from geo.geodesy import chord_lengths_m
from geo.matching.match import Match, MatchSegment, SegmentKind
from geo.roads.network import RoadClass, RoadNetwork
from geo.routing.router import Router
from geo.tracks.stays import Stay
from geo.tracks.track import Track

CENTIMETRES = 100.0
KILOMETRE_M = 1000.0
FEWEST_POINTS = 2


@dataclass(frozen=True)
class Calibration:
    """The numbers behind the interval; see the module's text.

    Parameters
    ----------
    map_share, doubt_share, most_doubt, off_road_share
        Shares of metres.
    stop_m, stop_accuracies
        Metres, and accuracies of a fix.
    wrong_way_m
        Metres for a kilometre seen once per kilometre.
    gap_detour
        How many times longer than counted the true way through a gap may be.
    """

    map_share: float = 0.005
    stop_m: float = 12.0
    stop_accuracies: float = 1.5
    wrong_way_m: float = 190.0
    doubt_share: float = 0.4
    most_doubt: float = 0.05
    off_road_share: float = 0.15
    gap_detour: float = 1.5


@dataclass(frozen=True)
class _HalfWidths:
    """Half-widths of one part of the mileage, downwards and upwards, in metres."""

    down_m: float
    up_m: float

    @classmethod
    def both(cls, half_width_m: float) -> _HalfWidths:
        return cls(half_width_m, half_width_m)


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
    by_kind = {kind: [s for s in match.segments if s.kind is kind] for kind in SegmentKind}
    matched_m = sum(segment.length_m for segment in by_kind[SegmentKind.MATCHED])
    off_road_m = sum(segment.length_m for segment in by_kind[SegmentKind.OFF_ROAD])
    gaps = [count_gap(track, match, gap, router=router, path=path, options=options) for gap in by_kind[SegmentKind.GAP]]
    gap_m = sum(counted.gap.length_m for counted in gaps)
    total_m = matched_m + gap_m + off_road_m
    down_m, up_m = _interval(by_kind, gaps, seen)
    return Mileage(
        total_m=total_m,
        matched_m=matched_m,
        gap_m=gap_m,
        off_road_m=off_road_m,
        low_m=max(0.0, total_m - down_m),
        high_m=total_m + up_m,
        raw_chords_m=_raw_chords_m(track),
        jitter_removed_m=sum(_chords_inside_m(seen, stay) for stay in stays),
        gaps=tuple(counted.gap for counted in gaps),
        by_road_class_m=_by_road_class_m(router.network, by_kind[SegmentKind.MATCHED]),
    )


def _interval(
    by_kind: dict[SegmentKind, list[MatchSegment]], gaps: Iterable[CountedGap], seen: SeenPoints
) -> tuple[float, float]:
    """Half-widths of the total, downwards and upwards."""
    calibration = Calibration()
    matched = by_kind[SegmentKind.MATCHED]
    stop_m = calibration.stop_m + calibration.stop_accuracies * float(np.median(seen.accuracy_m))
    parts = [
        _HalfWidths.both(calibration.map_share * sum(segment.length_m for segment in matched)),
        _HalfWidths.both(stop_m * len(by_kind[SegmentKind.STAY])),
        *(_HalfWidths.both(_matched_half_width_m(segment, seen, calibration)) for segment in matched),
        *(_HalfWidths.both(calibration.off_road_share * segment.length_m) for segment in by_kind[SegmentKind.OFF_ROAD]),
        *(_gap_half_widths(counted, calibration) for counted in gaps),
    ]
    return math.sqrt(sum(part.down_m**2 for part in parts)), math.sqrt(sum(part.up_m**2 for part in parts))


def _matched_half_width_m(segment: MatchSegment, seen: SeenPoints, calibration: Calibration) -> float:
    first, end = np.searchsorted(seen.time_ms, [segment.start_ms, segment.end_ms + 1])
    length_km = segment.length_m / KILOMETRE_M
    spacing_km = length_km / max(1, int(end - first) - 1)
    wrong_way_m = calibration.wrong_way_m * math.sqrt(length_km) * spacing_km
    doubt = min(1.0 - segment.confidence, calibration.most_doubt)
    return math.hypot(wrong_way_m, calibration.doubt_share * doubt * segment.length_m)


def _gap_half_widths(counted: CountedGap, calibration: Calibration) -> _HalfWidths:
    length_m = counted.gap.length_m
    longest_m = min(calibration.gap_detour * max(length_m, counted.straight_m), counted.limit_m)
    return _HalfWidths(max(0.0, length_m - counted.straight_m), max(0.0, longest_m - length_m))


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
    )
