"""Rules of stays: standing still is found at every rate and noise, driving and waiting at lights is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay, StayOptions, find_stays
from geo.tracks.track import Track
from tests.geo.tracks.track_drawing import (
    ORIGIN_LATITUDE_DEGREES,
    ORIGIN_LONGITUDE_DEGREES,
    START_MS,
    drawn_track,
)


def stays_of(track: Track, options: StayOptions | None = None) -> tuple[Stay, ...]:
    """Return the stays of a track of which every point is believed."""
    return find_stays(track, np.ones(len(track), np.bool_), options)


def correlated_noise(rng: np.random.Generator, time_s: np.ndarray, sigma_m: float, memory_s: float) -> np.ndarray:
    """Return first-order autoregressive noise at the given times."""
    noise = np.empty(len(time_s))
    noise[0] = rng.normal(0.0, sigma_m)
    for point in range(1, len(time_s)):
        keep = math.exp(-(time_s[point] - time_s[point - 1]) / memory_s)
        noise[point] = keep * noise[point - 1] + rng.normal(0.0, sigma_m * math.sqrt(1.0 - keep * keep))
    return noise


def drive_park_drive(step_s: float, sigma_m: float, memory_s: float = 0.001) -> Track:
    """Return ten minutes of driving east, an hour parked at the origin, ten minutes of driving on."""
    time_s = np.arange(0.0, 4_800.0, step_s)
    east_m = 12.0 * (np.minimum(time_s, 600.0) + np.maximum(time_s - 4_200.0, 0.0) - 600.0)
    rng = np.random.default_rng(3)
    return drawn_track(
        time_s,
        east_m + correlated_noise(rng, time_s, sigma_m, memory_s),
        correlated_noise(rng, time_s, sigma_m, memory_s),
    )


@pytest.mark.parametrize("step_s", [1.0, 5.0, 15.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize(("sigma_m", "memory_s"), [(0.0, 1.0), (5.0, 0.001), (5.0, 30.0), (15.0, 0.001)])
def test_an_hour_parked_is_one_stay_at_every_rate(step_s: float, sigma_m: float, memory_s: float) -> None:
    """One stay of one hour at the place where the worker parked, whatever the sampling and the noise."""
    stays = stays_of(drive_park_drive(step_s, sigma_m, memory_s))
    assert len(stays) == 1
    stay = stays[0]
    slack_s = max(step_s, 10.0) + sigma_m
    assert abs(stay.start_ms - START_MS - 600_000) <= slack_s * 1000
    assert abs(stay.end_ms - START_MS - 4_200_000) <= slack_s * 1000
    off_m = great_circles_m(
        stay.latitude_degrees, stay.longitude_degrees, ORIGIN_LATITUDE_DEGREES, ORIGIN_LONGITUDE_DEGREES
    )
    assert off_m <= 1.0 + sigma_m


@pytest.mark.parametrize("step_s", [1.0, 5.0, 30.0, 60.0])
@pytest.mark.parametrize("speed_mps", [1.4, 5.0, 14.0, 36.0])
def test_moving_is_no_stay(step_s: float, speed_mps: float) -> None:
    """Walking pace and faster never is a stay."""
    time_s = np.arange(0.0, 1_800.0, step_s)
    rng = np.random.default_rng(4)
    track = drawn_track(time_s, time_s * speed_mps + rng.normal(0, 5, len(time_s)), rng.normal(0, 5, len(time_s)))
    assert stays_of(track) == ()


@pytest.mark.parametrize("aside", [0, -1])
def test_a_single_point_aside_is_no_arrival_where_the_track_begins(aside: int) -> None:
    """Nobody came from a first fix that lies aside of an hour parked, nor went to a last one: all of it is one stay."""
    east_m = np.random.default_rng(5).normal(0.0, 5.0, 61)
    east_m[aside] = 25.0
    (stay,) = stays_of(drawn_track(60.0 * np.arange(61), east_m))
    assert (stay.first_point, stay.last_point) == (0, 60)


def test_a_red_light_is_no_stay() -> None:
    """Standing for less than the shortest stay is waiting."""
    time_s = np.arange(0.0, 300.0)
    east_m = 12.0 * (np.minimum(time_s, 100.0) + np.maximum(time_s - 190.0, 0.0))
    assert stays_of(drawn_track(time_s, east_m)) == ()


def test_a_short_excursion_of_noise_does_not_split_a_stay() -> None:
    """Half a minute of points a hundred metres away inside an hour still is one stay."""
    time_s = np.arange(0.0, 3_600.0, 5.0)
    north_m = np.where((time_s > 1_000.0) & (time_s < 1_030.0), 100.0, 0.0)
    stays = stays_of(drawn_track(time_s, np.zeros(len(time_s)), north_m))
    assert len(stays) == 1
    assert stays[0].end_ms - stays[0].start_ms == 3_595_000


def test_two_places_are_two_stays() -> None:
    """Neighbouring customers 150 m apart are two stays."""
    time_s = np.arange(0.0, 1_210.0, 5.0)
    east_m = np.interp(time_s, [0.0, 600.0, 615.0, 1_210.0], [0.0, 0.0, 150.0, 150.0])
    assert len(stays_of(drawn_track(time_s, east_m))) == 2


def test_a_long_hole_is_not_covered_by_a_stay() -> None:
    """Nobody knows whether the worker stayed while nothing was recorded for an hour."""
    time_s = np.concatenate([np.arange(0.0, 300.0, 5.0), np.arange(3_900.0, 4_200.0, 5.0)])
    stays = stays_of(drawn_track(time_s, np.zeros(len(time_s))))
    assert len(stays) == 2


def test_a_pause_of_the_device_is_covered_by_the_stay() -> None:
    """Phones sleep while they lie still: a hole of ten minutes at one place belongs to the stay."""
    time_s = np.concatenate([np.arange(0.0, 60.0, 5.0), np.arange(660.0, 720.0, 5.0)])
    assert len(stays_of(drawn_track(time_s, np.zeros(len(time_s))))) == 1


def test_points_not_believed_do_not_count() -> None:
    """A dropped point neither ends a stay nor moves its centre."""
    time_s = np.arange(0.0, 600.0, 5.0)
    north_m = np.where(np.arange(len(time_s)) % 2 == 1, 5_000.0, 0.0)
    track = drawn_track(time_s, np.zeros(len(time_s)), north_m)
    stays = find_stays(track, np.arange(len(time_s)) % 2 == 0)
    assert len(stays) == 1
    assert stays[0].radius_m < 1.0
    assert (stays[0].first_point, stays[0].last_point) == (0, len(time_s) - 2)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_tracks_have_no_stay(count: int) -> None:
    """Fewer points than a stay needs are no stay, and no error."""
    assert stays_of(drawn_track(np.arange(float(count)), np.zeros(count))) == ()


def test_options_refuse_impossible_values() -> None:
    """A value that is not positive is an error with its name and value."""
    with pytest.raises(ValueError, match=r"radius_m must be positive \(got -1.0\)"):
        StayOptions(radius_m=-1.0)


@pytest.mark.parametrize("speed_mps", [0.9, 1.8])
def test_moving_slowly_through_a_small_area_is_no_stay(speed_mps: float) -> None:
    """Four minutes of turning round in a yard of 30 m, or of walking on, are movement where the track is smooth."""
    time_s = np.arange(0.0, 240.0)
    angle = speed_mps * time_s / 30.0
    rng = np.random.default_rng(5)
    yard = 30.0 * np.array([np.cos(angle), np.sin(angle)]) + rng.normal(0.0, 0.3, (2, len(time_s)))
    walk = np.array([speed_mps * time_s, 0.0 * time_s]) + rng.normal(0.0, 0.3, (2, len(time_s)))
    assert stays_of(drawn_track(time_s, *yard)) == ()
    assert stays_of(drawn_track(time_s, *walk)) == ()
