"""Rules of cleaning: each bad point goes with its reason, good ones stay, raw points are never touched."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.tracks.cleaning import CleaningOptions, clean_track
from geo.tracks.track import DropReason, Track
from geo.tracks.track_input import recorded_track
from tests.geo.tracks.track_drawing import drawn_track

SPEED_MPS = 12.0
SECONDS = np.arange(40.0)


def driven_east(time_s: np.ndarray = SECONDS) -> Track:
    """Return a drive due east at constant speed."""
    return drawn_track(time_s, time_s * SPEED_MPS)


def changed(track: Track, **arrays: np.ndarray) -> Track:
    """Return the track with some arrays replaced."""
    return recorded_track(**{**vars(track), **arrays})


def test_a_clean_track_loses_nothing() -> None:
    """Points of a plausible drive are all believed."""
    cleaned = clean_track(driven_east())
    assert (cleaned.drop_reason == DropReason.NONE).all()
    assert cleaned.kept.tolist() == list(range(40))


@pytest.mark.parametrize("bad", [math.nan, math.inf, 91.0, -400.0])
def test_a_point_off_the_earth_is_not_finite(bad: float) -> None:
    """NaN, infinity and impossible latitudes are dropped as such."""
    track = driven_east()
    latitude = track.latitude_degrees.copy()
    latitude[7] = bad
    cleaned = clean_track(changed(track, latitude_degrees=latitude))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [7]
    assert cleaned.drop_reason[7] == DropReason.NOT_FINITE


def test_poor_accuracy_is_dropped_and_unknown_accuracy_is_not() -> None:
    """A reported radius beyond the limit drops the point; NaN means unknown, not poor."""
    accuracy = np.full(40, np.nan)
    accuracy[3], accuracy[4] = 500.0, 20.0
    cleaned = clean_track(drawn_track(SECONDS, SECONDS * SPEED_MPS, accuracy_m=accuracy))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [3]
    assert cleaned.drop_reason[3] == DropReason.POOR_ACCURACY


def test_one_wrong_clock_reading_does_not_drop_the_rest() -> None:
    """A single time far ahead goes itself; the points after it stay."""
    time_s = SECONDS.copy()
    time_s[5] = 10_000.0
    cleaned = clean_track(drawn_track(time_s, SECONDS * SPEED_MPS))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [5]
    assert cleaned.drop_reason[5] == DropReason.OUT_OF_ORDER


def test_of_points_with_the_same_time_the_first_stays() -> None:
    """A repeated time is a duplicate."""
    time_s = SECONDS.copy()
    time_s[10] = time_s[9]
    cleaned = clean_track(drawn_track(time_s, SECONDS * SPEED_MPS))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [10]
    assert cleaned.drop_reason[10] == DropReason.DUPLICATE_TIME


def test_a_jump_away_and_back_is_a_teleport() -> None:
    """Points far away from where the worker was before and after are dropped, the larger part stays."""
    north_m = np.zeros(40)
    north_m[20:24] = 5_000.0
    cleaned = clean_track(drawn_track(SECONDS, SECONDS * SPEED_MPS, north_m))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [20, 21, 22, 23]
    assert set(cleaned.drop_reason[20:24]) == {DropReason.TELEPORT}


def test_a_single_far_point_is_a_spike() -> None:
    """One point far away between neighbours that agree is a spike."""
    north_m = np.zeros(40)
    north_m[20] = 5_000.0
    cleaned = clean_track(drawn_track(SECONDS, SECONDS * SPEED_MPS, north_m))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [20]
    assert cleaned.drop_reason[20] == DropReason.SPIKE


def test_a_spike_too_small_for_a_teleport_is_found_by_its_acceleration() -> None:
    """A hundred metres aside for one second needs an impossible acceleration."""
    north_m = np.zeros(40)
    north_m[20] = 100.0
    cleaned = clean_track(drawn_track(SECONDS, SECONDS * SPEED_MPS, north_m))
    assert np.flatnonzero(cleaned.drop_reason).tolist() == [20]
    assert cleaned.drop_reason[20] == DropReason.SPIKE


def test_noise_is_not_a_spike() -> None:
    """White noise of 15 m at 1 Hz is no reason to drop points."""
    rng = np.random.default_rng(1)
    time_s = np.arange(600.0)
    track = drawn_track(time_s, time_s * SPEED_MPS + rng.normal(0, 15, 600), rng.normal(0, 15, 600))
    cleaned = clean_track(track)
    assert (cleaned.drop_reason == DropReason.NONE).all()
    assert cleaned.noise_m == pytest.approx(15.0, rel=0.15)


def test_a_flight_is_no_teleport() -> None:
    """A hole of two hours with 1,000 km between its ends keeps both ends."""
    time_s = np.concatenate([SECONDS, SECONDS + 7_200.0])
    east_m = np.concatenate([SECONDS * SPEED_MPS, 900_000.0 + SECONDS * SPEED_MPS])
    cleaned = clean_track(drawn_track(time_s, east_m))
    assert (cleaned.drop_reason == DropReason.NONE).all()


def test_crossing_the_antimeridian_is_no_teleport() -> None:
    """Longitudes 179.999 and -179.999 are neighbours."""
    longitude = 179.999 + np.arange(20) * 1e-4
    longitude[longitude > 180.0] -= 360.0
    cleaned = clean_track(recorded_track(np.arange(20) * 1000, np.zeros(20), longitude))
    assert (cleaned.drop_reason == DropReason.NONE).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_tracks_pass(count: int) -> None:
    """No track is too short for cleaning."""
    cleaned = clean_track(driven_east(np.arange(float(count))))
    assert len(cleaned.kept) == count


def test_options_refuse_limits_that_drop_everything() -> None:
    """A limit that is not positive is an error with its name and value."""
    with pytest.raises(ValueError, match=r"max_speed_mps must be positive \(got 0.0\)"):
        CleaningOptions(max_speed_mps=0.0)


@given(st.lists(st.integers(0, 12), min_size=0, max_size=9))
def test_the_longest_ascending_sequence_stays(times: list[int]) -> None:
    """As many points stay as any subsequence with strictly ascending times has."""
    track = recorded_track(np.array(times, np.int64) * 1000, np.zeros(len(times)), np.zeros(len(times)))
    kept = clean_track(track).kept
    longest = max(
        (
            len(chosen)
            for size in range(len(times) + 1)
            for chosen in combinations(times, size)
            if all(a < b for a, b in pairwise(chosen))
        ),
        default=0,
    )
    assert len(kept) == longest
    assert (np.diff(track.time_ms[kept]) > 0).all()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(-5, 50), st.floats(allow_nan=True, allow_infinity=True), st.floats(-200.0, 200.0), st.floats()
        ),
        max_size=30,
    )
)
def test_any_input_keeps_the_contract(rows: list[tuple[int, float, float, float]]) -> None:
    """Whatever comes: raw arrays unchanged, kept points ascend in time, and each other point has a reason."""
    time_ms, latitude, longitude, accuracy = (np.array([row[k] for row in rows]) for k in range(4))
    track = recorded_track(time_ms.astype(np.int64), latitude, longitude, accuracy_m=accuracy)
    before = {name: values.copy() for name, values in vars(track).items()}
    cleaned = clean_track(track)
    for name, values in before.items():
        np.testing.assert_array_equal(getattr(track, name), values)
    assert (np.diff(track.time_ms[cleaned.kept]) > 0).all()
    assert np.flatnonzero(cleaned.keep).tolist() == cleaned.kept.tolist()
