"""Confidence tells a way that could not have been another from one that could, and stays a probability."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.matching.confidence import FEATURES, WEIGHTS, link_confidence, link_features
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, SegmentKind
from geo.tracks.cleaning import clean_track
from geo.tracks.track import Track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import track_on


@pytest.fixture(scope="module")
def streets() -> AsciiRoadMap:
    """Return two parallel streets, joined at both ends."""
    picture = """
      A-----------------------B
      |                       |
      |                       |
      C-----------------------D
    """
    return ascii_road_map(picture, {"AB": {}, "CD": {}, "AC": {}, "BD": {}}, grid_m=12)


def along(streets: AsciiRoadMap, north_share: float) -> Track:
    """Drive east between the two streets: at 1 on the upper, at 0 on the lower one."""
    upper, lower = streets.points("AB"), streets.points("CD")
    share = np.linspace(0.02, 0.98, 12)
    latitude = north_share * upper[0][0] + (1.0 - north_share) * lower[0][0]
    longitude = upper[1][0] + share * (upper[1][1] - upper[1][0])
    shape = track_on(streets, "A" * 12, step_s=5.0)
    return Track(
        shape.time_ms, np.full(12, latitude), longitude, shape.accuracy_m, shape.speed_mps, shape.bearing_degrees
    )


def confidence_of(match: Match) -> float:
    """Least confidence of the matched segments."""
    return min(part.confidence for part in match.segments if part.kind is SegmentKind.MATCHED)


def test_a_way_halfway_between_two_streets_is_doubted(streets: AsciiRoadMap) -> None:
    """On either street the match is surer than between them; the doubted metres grow."""
    matcher = MapMatcher(streets.network)
    upper, between, lower = (matcher.match(along(streets, share)) for share in (1.0, 0.5, 0.0))
    assert confidence_of(between) < confidence_of(upper)
    assert confidence_of(between) < confidence_of(lower)
    doubt_m = [sum(part.doubt_m for part in match.segments) for match in (upper, between, lower)]
    assert doubt_m[1] > max(doubt_m[0], doubt_m[2])


def test_only_links_along_roads_have_a_confidence(streets: AsciiRoadMap) -> None:
    """The first observation has no link; every other one along a road has a probability."""
    matcher = MapMatcher(streets.network)
    cleaned = clean_track(along(streets, 1.0))
    solution = matcher.solve(cleaned, ())
    features = link_features(*solution)
    confidence = link_confidence(*solution)
    assert features.shape == (len(solution.layers), len(FEATURES)) == (len(solution.layers), len(WEIGHTS))
    assert math.isnan(confidence[0])
    assert ((confidence[1:] > 0.0) & (confidence[1:] < 1.0)).all()
    assert np.isfinite(features).all()
