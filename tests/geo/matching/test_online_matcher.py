"""Points that are matched while they come in lie where the whole track would have put them, once they are settled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState
from geo.matching.online_matcher import OnlineMatcher, OnlineOptions, SettledPoints, WorkerState
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR
from geo.tracks.track import DropReason, Track
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS
from tests.real_data import real_data_path

PICTURE = """
  A-----B-----C-----D
  |     |     |     |
  |     |     |     |
  E-----F-----G-----H
"""
WAYS = {"ABCD": {}, "EFGH": {}, "AE": {}, "BF": {}, "CG": {}, "DH": {}}
DRIVE = "ABFGCDHGFEABCGFBCDHGCBA"


@pytest.fixture(scope="module")
def town() -> AsciiRoadMap:
    """Return a few streets."""
    return ascii_road_map(PICTURE, WAYS, grid_m=60)


@pytest.fixture(scope="module")
def matcher(town: AsciiRoadMap) -> MapMatcher:
    """Return a matcher on them."""
    return MapMatcher(town.network)


def drive(town: AsciiRoadMap, *, step_s: float, noise_m: float, seed: int) -> Track:
    """Drive through the drawn corners at 8 m/s, with noise."""
    latitude, longitude = town.points(DRIVE)
    corner_s = np.arange(len(DRIVE)) * 360.0 / 8.0
    at_s = np.arange(0.0, corner_s[-1], step_s)
    noise = np.random.default_rng(seed).normal(0.0, noise_m / 111_320.0, (2, len(at_s)))
    return recorded_track(
        START_MS + np.round(1000 * at_s).astype(np.int64),
        np.interp(at_s, corner_s, latitude) + noise[0],
        np.interp(at_s, corner_s, longitude) + noise[1],
    )


def pushed(online: OnlineMatcher, track: Track, size: int) -> tuple[SettledPoints, int]:
    """Send a track in parts; return all settled points and the most bytes that were remembered."""
    state, parts, most = WorkerState.fresh(), [], 0
    for start in range(0, len(track), size):
        part = Track(**{name: column[start : start + size] for name, column in vars(track).items()})
        state, settled = online.push(state, part)
        parts.append(settled)
        most = max(most, state.size_bytes)
    parts.append(online.finish(state))
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
    return SettledPoints(**columns), most


def assert_same(settled: SettledPoints, track: Track, match: Match) -> None:
    """Every point is settled once, in order, on the edge that the whole track gives it."""
    np.testing.assert_array_equal(settled.time_ms, track.time_ms)
    np.testing.assert_array_equal(settled.edge, match.point_edge)
    np.testing.assert_array_equal(settled.drop_reason, match.point_drop_reason)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("step_s", [5.0, 15.0])
def test_settled_points_lie_where_the_whole_track_puts_them(
    town: AsciiRoadMap, matcher: MapMatcher, size: int, step_s: float
) -> None:
    """However the points are cut into parts, each settles on the same edge, and only what is needed is remembered."""
    track = drive(town, step_s=step_s, noise_m=3.0, seed=1)
    settled, most = pushed(OnlineMatcher(matcher), track, size)
    assert_same(settled, track, matcher.match(track))
    assert most <= 24 * (300.0 / step_s + 25)


def test_real_recordings_settle_as_the_whole_track(matcher: MapMatcher) -> None:
    """Of a real recording at 1 Hz, nearly every point settles on the edge that the whole track gives it."""
    network = import_osm_file(real_data_path("kubicka", "00000003.osm.pbf"), CAR).network
    rows = np.loadtxt(real_data_path("kubicka", "00000003.track.csv"), delimiter=",", skiprows=1)[:1500]
    track = recorded_track(START_MS + np.round(1000 * rows[:, 0]).astype(np.int64), rows[:, 2], rows[:, 1])
    real = MapMatcher(network, matcher.options)
    settled, most = pushed(OnlineMatcher(real), track, 60)
    match = real.match(track)
    assert np.mean(settled.edge == match.point_edge) > 0.985
    assert most < 10_000


def test_nothing_settled_ever_changes(town: AsciiRoadMap, matcher: MapMatcher) -> None:
    """A point up to the settled time comes too late: it is dropped as out of order, and nothing else changes."""
    track = drive(town, step_s=5.0, noise_m=3.0, seed=2)
    online = OnlineMatcher(matcher)
    state, settled = online.push(WorkerState.fresh(), track)
    assert settled.time_ms[-1] == state.settled_ms
    late = Track(**{name: column[:2] for name, column in vars(track).items()})
    after, again = online.push(state, late)
    assert again.state.tolist() == [PointState.DROPPED] * 2
    assert again.drop_reason.tolist() == [DropReason.OUT_OF_ORDER] * 2
    np.testing.assert_array_equal(after.time_ms, state.time_ms)
    assert after.settled_ms == state.settled_ms


def test_a_worker_of_whom_nothing_is_known(matcher: MapMatcher, town: AsciiRoadMap) -> None:
    """No points, or points that are no places, settle without an error."""
    online = OnlineMatcher(matcher)
    assert len(online.finish(WorkerState.fresh())) == 0
    track = drive(town, step_s=5.0, noise_m=3.0, seed=3)
    lost = replace(track, latitude_degrees=np.full(len(track), np.nan))
    settled, _ = pushed(online, lost, 10)
    assert settled.state.tolist() == [PointState.DROPPED] * len(track)


@pytest.mark.parametrize("name", ["lag_s", "lag_points", "memory_s", "memory_points"])
def test_a_memory_of_nothing_is_refused(name: str) -> None:
    """Each number must be positive, and the message names it."""
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        OnlineOptions(**{name: 0})
