"""No real recording is too damaged to be answered: a sample here, all of them in the benchmarks."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from tests.geo.matching.match_reading import START_MS, assert_covers
from tests.real_data import real_data_path


def assert_answered(track: Track, matcher: MapMatcher, router: Router) -> None:
    """Every point has a state, the segments cover the time, and the mileage lies in its interval."""
    audit = audit_track(track, None, matcher, router)
    assert_covers(audit.match, track)
    assert len(audit.match.point_state) == len(track)
    mileage = audit.mileage
    if np.isfinite(mileage.total_m):
        assert 0.0 <= mileage.low_m <= mileage.total_m <= mileage.high_m
        legs_m = sum(leg.composition.total_m for leg in mileage.legs)
        assert legs_m == pytest.approx(mileage.total_m, abs=0.01)


@pytest.mark.parametrize("name", ["00000015", "00000041", "00000054"])
def test_the_oddest_recordings_are_answered(name: str) -> None:
    """A walk, a drive whose truth has a hole, and one with long stays off the road."""
    network = import_osm_file(real_data_path("kubicka", f"{name}.osm.pbf"), CAR).network
    time_s, longitude, latitude = np.loadtxt(
        real_data_path("kubicka", f"{name}.track.csv"), delimiter=",", skiprows=1
    ).T
    track = recorded_track(START_MS + np.round(1000 * time_s).astype(np.int64), latitude, longitude)
    assert_answered(track, MapMatcher(network), Router.build(network))


def test_taxi_trips_with_wild_jumps_are_answered() -> None:
    """Every thirtieth of a thousand real taxi trips, with all their jumps, on the roads of their city."""
    csv.field_size_limit(2**24)
    with real_data_path("porto-taxi", "train_1000.csv").open(newline="") as file:
        lines = [np.array(json.loads(row["POLYLINE"])).reshape(-1, 2) for row in csv.DictReader(file)][::30]
    network = import_osm_file(real_data_path("extracts", "porto_portugal.osm.pbf"), CAR).network
    matcher, router = MapMatcher(network), Router.build(network)
    for line in lines:
        track = recorded_track(START_MS + 15_000 * np.arange(len(line)), line[:, 1], line[:, 0])
        assert_answered(track, matcher, router)
