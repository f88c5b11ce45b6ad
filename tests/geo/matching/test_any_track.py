"""Whatever a track holds, matching answers: every point has a state, and the segments cover the time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState, SegmentKind
from geo.tracks.track import DropReason, Track
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS, assert_covers

PICTURE = """
  A--------B--------C
  |        |        |
  |        |        |
  D--------E--------F
"""
WAYS = {"ABC": {}, "DEF": {"oneway": "yes"}, "AD": {}, "BE": {}, "CF": {}}


@pytest.fixture(scope="module")
def town() -> AsciiRoadMap:
    """Return a few streets."""
    return ascii_road_map(PICTURE, WAYS, grid_m=60)


@pytest.fixture(scope="module")
def matcher(town: AsciiRoadMap) -> MapMatcher:
    """Return a matcher on them."""
    return MapMatcher(town.network)


def assert_sound(match: Match, track: Track, town: AsciiRoadMap) -> None:
    """Check everything that holds for every match."""
    assert_covers(match, track)
    assert len(match.point_state) == len(track)
    dropped = match.point_drop_reason != DropReason.NONE
    assert ((match.point_state == PointState.DROPPED) == dropped).all()
    has_edge = match.point_edge >= 0
    assert (np.isnan(match.point_fraction) == ~has_edge).all()
    assert ((match.point_fraction[has_edge] >= 0) & (match.point_fraction[has_edge] <= 1)).all()
    laid = np.isin(match.point_state, [PointState.MATCHED, PointState.INTERPOLATED])
    assert has_edge[laid].all()
    network = town.network
    for segment in match.segments:
        if segment.kind is not SegmentKind.MATCHED:
            assert len(segment.edges) == 0
            continue
        assert 0.0 <= segment.confidence <= 1.0
        assert (segment.edge_to_fraction >= segment.edge_from_fraction).all()
        assert (np.diff(segment.edge_entry_ms) >= 0).all()
        part_m = (segment.edge_to_fraction - segment.edge_from_fraction) * network.edge_length_cm[segment.edges] / 100
        assert segment.length_m == pytest.approx(part_m.sum(), abs=1e-3)
        for before, after in zip(segment.edges[:-1], segment.edges[1:], strict=True):
            follows = network.edge_head[before] == network.edge_tail[after]
            assert follows or network.edge_reverse[before] == after


def place(east_steps: float, north_steps: float) -> tuple[float, float]:
    """Return latitude and longitude of a place in the town."""
    return 41.14784 + north_steps * 0.0005, -8.6086 + east_steps * 0.0007


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.integers(-3, 400), st.sampled_from([0, 0, 0, 1, 2])),
        min_size=0,
        max_size=40,
    ),
    rate_s=st.sampled_from([1, 5, 30]),
)
def test_wandering_with_holes_duplicates_and_damage(
    town: AsciiRoadMap, matcher: MapMatcher, steps: list[tuple[float, float, int, int]], rate_s: int
) -> None:
    """Random walks with holes, repeated and reversed times, NaN and far jumps keep every promise of a match."""
    east, north, time_ms = 5.0, 2.0, START_MS
    rows = []
    for east_step, north_step, pause, damage in steps:
        east, north = east + east_step, north + north_step
        time_ms += 1000 * (rate_s if pause > 40 else pause)
        latitude, longitude = place(east, north)
        rows.append((time_ms, math.nan if damage == 1 else latitude, longitude + (0.5 if damage == 2 else 0.0)))
    track = recorded_track(*(np.array([row[k] for row in rows]) for k in range(3)))
    before = {name: values.copy() for name, values in vars(track).items()}
    match = matcher.match(track)
    assert_sound(match, track, town)
    for name, values in before.items():
        np.testing.assert_array_equal(getattr(track, name), values)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (0.0, 179.9999),  # at the antimeridian
        (89.9999, 0.0),  # at the pole
        (-90.0, -180.0),
        (41.0, -8.0),  # kilometres from every road
    ],
)
def test_tracks_far_from_every_road_are_off_road(
    town: AsciiRoadMap, matcher: MapMatcher, latitude: float, longitude: float
) -> None:
    """Anywhere on the earth, a track without roads is off the road, not an error."""
    wobble = np.arange(20) * 1e-5
    east = (longitude + wobble + 180.0) % 360.0 - 180.0
    track = recorded_track(START_MS + np.arange(20) * 5000, np.clip(latitude + wobble, -90, 90), east)
    match = matcher.match(track)
    assert_sound(match, track, town)
    assert SegmentKind.MATCHED not in {segment.kind for segment in match.segments}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_tiny_tracks(town: AsciiRoadMap, matcher: MapMatcher, count: int) -> None:
    """No track is too short to be answered."""
    latitude, longitude = np.array([place(k * 0.3, 3.0) for k in range(count)]).reshape(-1, 2).T
    track = recorded_track(START_MS + np.arange(count) * 5000, latitude, longitude)
    match = matcher.match(track)
    assert_sound(match, track, town)
    assert len(match.segments) == (1 if count > 1 else 0)


def test_a_constant_track_is_a_stay(town: AsciiRoadMap, matcher: MapMatcher) -> None:
    """The same place for ten minutes is one stay without mileage."""
    latitude, longitude = place(2.0, 3.0)
    track = recorded_track(START_MS + np.arange(120) * 5000, np.full(120, latitude), np.full(120, longitude))
    match = matcher.match(track)
    assert_sound(match, track, town)
    assert [segment.kind for segment in match.segments] == [SegmentKind.STAY]


def test_a_hole_longer_than_the_limit_is_a_gap(town: AsciiRoadMap, matcher: MapMatcher) -> None:
    """An hour without points between two drives is a segment of its own, without a length."""
    latitude, longitude = np.array([place(k * 0.5, 3.24) for k in range(20)]).T
    time_s = np.arange(20) * 5.0 + np.where(np.arange(20) >= 10, 3_600.0, 0.0)
    track = recorded_track(START_MS + np.round(time_s * 1000).astype(np.int64), latitude, longitude)
    match = matcher.match(track)
    assert_sound(match, track, town)
    assert [segment.kind.name for segment in match.segments] == ["MATCHED", "GAP", "MATCHED"]
    assert math.isnan(match.segments[1].length_m)
