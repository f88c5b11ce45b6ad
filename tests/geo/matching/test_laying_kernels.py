"""Laying a whole track in one call against its steps one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import PointState, SegmentKind
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import CAR
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import stays_among
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from tests.geo.matching.naive_segments import naive_segments
from tests.naive_matching import METRES_PER_DEGREE
from tests.random_roads import ORIGIN_DEGREES, osm_roads


@st.composite
def days(draw: st.DrawFn) -> Track:
    """Draw a few legs with stays, gaps and teleports between them, on the roads or far from them."""
    leg = st.tuples(st.integers(1, 8), st.integers(-60, 60), st.integers(-60, 60), st.sampled_from([0, 0, 400, 3000]))
    east_m, north_m, time_s = [200.0], [200.0], [0]
    for count, east, north, hole_s in draw(st.lists(leg, min_size=1, max_size=6)):
        is_stay = draw(st.booleans())
        for _ in range(count):
            east_m.append(east_m[-1] + (0 if is_stay else east))
            north_m.append(north_m[-1] + (0 if is_stay else north))
            time_s.append(time_s[-1] + (60 if is_stay else 10))
        time_s[-1] += hole_s
    latitude = ORIGIN_DEGREES[0] + np.array(north_m) / METRES_PER_DEGREE
    longitude = ORIGIN_DEGREES[1] + np.array(east_m) / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN_DEGREES[0])))
    return recorded_track(1_700_000_000_000 + 1000 * np.array(time_s), latitude, longitude)


@pytest.mark.twin_of("geo.matching.laying_kernels")
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(roads=osm_roads(), track=days())
def test_a_track_is_cut_at_stays_and_where_its_kind_of_way_changes(roads: OsmRoads, track: Track) -> None:
    """Kinds and ends of all segments are those of the path solved on its own; every raw point has a state."""
    network = build_network(roads, CAR).network
    assume(network.edge_count > 0 and int(network.edge_length_cm.min()) > 0)
    matcher = MapMatcher(network)
    cleaned = clean_track(track, matcher.options.cleaning)
    stays = stays_among(track, cleaned.kept, matcher.options.stays, cleaned.noise_m)
    match = matcher.match_cleaned(cleaned, stays)
    segments = [(segment.kind, segment.first_point, segment.last_point) for segment in match.segments]
    assert segments == naive_segments(matcher.solve(cleaned, stays), cleaned.kept)
    dropped = np.setdiff1d(np.arange(len(track)), cleaned.kept)
    assert (match.point_state[dropped] == PointState.DROPPED).all()
    assert (match.point_state[cleaned.kept] != PointState.DROPPED).all()
    for segment in match.segments:
        assert segment.start_ms == track.time_ms[segment.first_point]
        assert segment.end_ms == track.time_ms[segment.last_point]
        assert math.isnan(segment.confidence) == (segment.kind is not SegmentKind.MATCHED)
