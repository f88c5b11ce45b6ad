"""Points that are matched while they come in lie where the whole track would have put them, once they are settled."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState
from geo.matching.online_matcher import OnlineMatcher, OnlineOptions, SettledPoints, WorkerState
from geo.matching.receiver import ReceiverError
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


def damaged(track: Track, chance: np.random.Generator) -> Track:
    """Leave points out, exchange some, repeat some, and lose the place of some."""
    order = np.flatnonzero(chance.random(len(track)) > 0.1)
    for place in chance.integers(1, len(order), 5):
        order[[place - 1, place]] = order[[place, place - 1]]
    order = np.insert(order, chance.integers(0, len(order), 5), chance.choice(order, 5))
    taken = Track(**{name: column[order] for name, column in vars(track).items()})
    lost = chance.random(len(taken)) < 0.03
    accuracy_m = np.where(chance.random(len(taken)) < 0.5, 5.0, np.nan)
    return replace(taken, latitude_degrees=np.where(lost, np.nan, taken.latitude_degrees), accuracy_m=accuracy_m)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), step_s=st.sampled_from([2.0, 15.0, 45.0]), cuts=st.lists(st.integers(0, 450)))
def test_how_a_track_is_cut_on_its_way_changes_nothing(
    town: AsciiRoadMap, matcher: MapMatcher, seed: int, step_s: float, cuts: list[int]
) -> None:
    """Whole or in any parts, damaged or not, the same points settle in the same order on the same places."""
    chance = np.random.default_rng(seed)
    track = damaged(drive(town, step_s=step_s, noise_m=8.0, seed=seed), chance)
    online = OnlineMatcher(matcher)
    state, parts = WorkerState.fresh(), []
    ends = sorted({min(cut, len(track)) for cut in cuts} | {len(track)})
    for start, end in pairwise([0, *ends]):
        part = Track(**{name: column[start:end] for name, column in vars(track).items()})
        state, settled = online.push(state, part)
        parts.append(settled)
    parts.append(online.finish(state))
    whole = online.match(track)
    for name in vars(whole):
        live = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(live, getattr(whole, name), err_msg=name)
    assert sorted(whole.time_ms.tolist()) == sorted(track.time_ms.tolist())


def test_a_track_that_ends_before_it_settles_is_laid_as_a_whole(town: AsciiRoadMap, matcher: MapMatcher) -> None:
    """Every column is bit by bit that of `MapMatcher`."""
    track = _first(drive(town, step_s=5.0, noise_m=8.0, seed=4), 24)
    online = OnlineMatcher(matcher)
    state, settled = online.push(WorkerState.fresh(), track)
    assert len(settled) == 0
    rest, match = online.finish(state), matcher.match(track)
    for name in ("state", "drop_reason", "edge", "fraction", "distance_m"):
        np.testing.assert_array_equal(getattr(rest, name), getattr(match, f"point_{name}"), err_msg=name)


def _first(track: Track, count: int) -> Track:
    return Track(**{name: column[:count] for name, column in vars(track).items()})


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("step_s", [5.0, 15.0])
def test_settled_points_lie_where_the_whole_track_puts_them(
    town: AsciiRoadMap, matcher: MapMatcher, size: int, step_s: float
) -> None:
    """Each point settles on the edge that `MapMatcher` gives it, and only what is needed is remembered."""
    track = drive(town, step_s=step_s, noise_m=3.0, seed=1)
    settled, most = pushed(OnlineMatcher(matcher), track, size)
    assert_same(settled, track, matcher.match(track))
    assert most <= 24 * (300.0 / step_s + 25)


@pytest.mark.parametrize("every", [1, 5, 30])
def test_real_recordings_settle_as_the_whole_track(every: int) -> None:
    """Of a known receiver, every point outside stays settles on the edge that the whole track gives it."""
    network = import_osm_file(real_data_path("kubicka", "00000003.osm.pbf"), CAR).network
    rows = np.loadtxt(real_data_path("kubicka", "00000003.track.csv"), delimiter=",", skiprows=1)[::every]
    track = recorded_track(START_MS + np.round(1000 * rows[:, 0]).astype(np.int64), rows[:, 2], rows[:, 1])
    matcher = MapMatcher(network)
    first = matcher.match(track).receiver
    known = ReceiverError.known(white_m=first.white_m, drift_m=first.drift_m)
    match, settled = matcher.match(track, known), OnlineMatcher(matcher).match(track, known)
    moving = (match.point_state != PointState.STAY) & (settled.state != PointState.STAY)
    assert moving.mean() > 0.9
    np.testing.assert_array_equal(settled.edge[moving], match.point_edge[moving])
    np.testing.assert_array_equal(settled.drop_reason, match.point_drop_reason)


@pytest.mark.parametrize("noise_m", [3.0, 15.0])
@pytest.mark.parametrize("step_s", [5.0, 15.0, 45.0])
def test_a_known_receiver_makes_live_and_whole_the_same(
    town: AsciiRoadMap, matcher: MapMatcher, step_s: float, noise_m: float
) -> None:
    """On drawn streets too: every point of a drive without stays settles on the edge that `MapMatcher` gives it."""
    track = drive(town, step_s=step_s, noise_m=noise_m, seed=5)
    known = ReceiverError.known(white_m=noise_m, drift_m=5.0)
    match, settled = matcher.match(track, known), OnlineMatcher(matcher).match(track, known)
    assert PointState.STAY not in match.point_state
    assert_same(settled, track, match)


def test_nothing_settled_ever_changes(town: AsciiRoadMap, matcher: MapMatcher) -> None:
    """A point up to the settled time comes too late: it is dropped as out of order, and nothing else changes."""
    track = drive(town, step_s=5.0, noise_m=3.0, seed=2)
    online = OnlineMatcher(matcher)
    state, settled = online.push(WorkerState.fresh(), track)
    assert settled.time_ms[-1] == state.settled_ms
    after, again = online.push(state, _first(track, 2))
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


@pytest.mark.parametrize("name", ["lag_s", "lag_points", "memory_s", "memory_points", "round_s", "round_points"])
def test_a_memory_of_nothing_is_refused(name: str) -> None:
    """Each number must be positive, and the message names it."""
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        OnlineOptions(**{name: 0})
