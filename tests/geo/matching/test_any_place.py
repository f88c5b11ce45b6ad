"""Where on the earth roads lie changes nothing: not beside the antimeridian, not near a pole."""

from __future__ import annotations

import numpy as np
import pytest

from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.matching.online_matcher import OnlineMatcher
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS, path_text

PICTURE = """
  A-----B-----C
  |     |     |
  |     |     |
  D-----E-----F
"""
WAYS = {"ABC": {}, "DEF": {}, "AD": {}, "BE": {}, "CF": {}}
DRIVE = "ABEFCBAD"
SPEED_MPS = 8.0


def town(latitude_degrees: float, longitude_degrees: float) -> AsciiRoadMap:
    """Draw the same streets around a place."""
    return ascii_road_map(PICTURE, WAYS, grid_m=60, origin_degrees=(latitude_degrees, longitude_degrees))


def drive(road_map: AsciiRoadMap) -> Track:
    """Drive through the corners at 8 m/s with noise of 4 m, a fix each 5 s."""
    latitude, longitude = road_map.points(DRIVE)
    longitude = np.degrees(np.unwrap(np.radians(longitude)))
    scale = np.cos(np.radians(latitude.mean()))
    legs_m = 111_194.9 * np.hypot(np.diff(latitude), np.diff(longitude) * scale)
    corner_s = np.append(0.0, np.cumsum(legs_m)) / SPEED_MPS
    at_s = np.arange(0.0, corner_s[-1], 5.0)
    north, east = np.random.default_rng(1).normal(0.0, 4.0 / 111_194.9, (2, len(at_s)))
    return recorded_track(
        START_MS + np.round(1000 * at_s).astype(np.int64),
        np.interp(at_s, corner_s, latitude) + north,
        (np.interp(at_s, corner_s, longitude) + east / scale + 180.0) % 360.0 - 180.0,
    )


@pytest.mark.parametrize("latitude_degrees", [-60.0, 0.0, 41.0, 85.0])
@pytest.mark.parametrize("longitude_degrees", [-180.0, -8.6, 179.9])
def test_the_same_streets_are_measured_alike_everywhere(latitude_degrees: float, longitude_degrees: float) -> None:
    """Path and mileage are those of the drawn drive, whole and live, also beside the antimeridian and near a pole."""
    road_map = town(latitude_degrees, longitude_degrees)
    track = drive(road_map)
    matcher = MapMatcher(road_map.network)
    audit = audit_track(track, None, matcher, Router.build(road_map.network))
    assert path_text(road_map, audit.match) == DRIVE
    driven_m = SPEED_MPS * (track.time_ms[-1] - track.time_ms[0]) / 1000.0
    assert audit.mileage.matched_m == audit.mileage.total_m == pytest.approx(driven_m, abs=15.0)
    assert audit.mileage.low_m <= driven_m <= audit.mileage.high_m
    np.testing.assert_array_equal(OnlineMatcher(matcher).match(track).edge, audit.match.point_edge)
