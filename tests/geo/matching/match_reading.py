"""Matches as short texts, for assertions that a reader can check against a drawn map."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, SegmentKind
from geo.matching.options import MatchingOptions
from geo.tracks.stays import StayOptions
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap

START_MS = 1_700_000_000_000


def track_on(
    road_map: AsciiRoadMap, symbols: str, *, step_s: float = 5.0, accuracy_m: ArrayLike | None = None
) -> Track:
    """Make a track through drawn places, one every `step_s` seconds."""
    latitude, longitude = road_map.points(symbols)
    time_ms = START_MS + np.round(np.arange(len(symbols)) * step_s * 1000.0).astype(np.int64)
    return recorded_track(time_ms, latitude, longitude, accuracy_m=accuracy_m)


def match_of(road_map: AsciiRoadMap, symbols: str, *, step_s: float = 5.0) -> Match:
    """Match a track through drawn places; places repeat without being a stay."""
    options = MatchingOptions(stays=StayOptions(min_duration_s=600.0))
    return MapMatcher(road_map.network, options).match(track_on(road_map, symbols, step_s=step_s))


def path_text(road_map: AsciiRoadMap, match: Match) -> str:
    """Write the matched path as the letters of its nodes; pieces without connection are split by a space."""
    edges = [edge for segment in match.segments for edge in segment.edges.tolist()]
    kept = edges[:1] + [edge for before, edge in pairwise(edges) if edge != before]
    return road_map.text_of(kept)


def kinds(match: Match) -> list[str]:
    """Names of the kinds of the segments."""
    return [segment.kind.name for segment in match.segments]


def length_m(match: Match) -> float:
    """Return the metres of all segments but gaps."""
    return sum(segment.length_m for segment in match.segments if segment.kind is not SegmentKind.GAP)


def assert_covers(match: Match, track: Track) -> None:
    """Segments follow one another from the first to the last believed point, and share their points."""
    believed = np.flatnonzero(match.point_drop_reason == 0)
    if len(believed) < 2:
        return
    assert match.segments[0].first_point == believed[0]
    assert match.segments[-1].last_point == believed[-1]
    for segment in match.segments:
        assert segment.start_ms == track.time_ms[segment.first_point]
        assert segment.end_ms == track.time_ms[segment.last_point]
        assert segment.end_ms >= segment.start_ms
    for before, after in pairwise(match.segments):
        assert before.last_point == after.first_point
    total_ms = sum(segment.end_ms - segment.start_ms for segment in match.segments)
    assert total_ms == track.time_ms[believed[-1]] - track.time_ms[believed[0]]
