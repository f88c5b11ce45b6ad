"""The passes over a track against the obvious way of computing the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import great_circles_m
from geo.tracks.cleaning_kernels import CleaningLimits, chain_of_believed, drop_spikes, usable_points
from geo.tracks.local_plane_kernels import east_north_m, plane_distance_m, wrapped_degrees
from geo.tracks.noise_kernels import white_noise_m
from geo.tracks.stay_kernels import StayLimits, stay_areas
from geo.tracks.track import DropReason, Track
from tests.geo.tracks.track_drawing import drawn_track
from tests.naive_tracks import (
    Point,
    apart_m,
    east_north,
    greatest_worth_ms,
    longest_in_order,
    pieces_between_jumps,
    places_without_spikes,
    stays,
    white_noise,
    worth_ms,
    wrapped,
)

LIMITS = CleaningLimits(70.0, 300.0, 600_000.0, 200.0, 60.0, 120_000.0, 10.0)
STAY_LIMITS = StayLimits(120_000.0, 20.0, 40.0, 60_000.0, 900_000.0)
DOUBTFUL = [math.nan, math.inf, -math.inf, 90.0, -90.0, 90.1, 180.0, -180.0, 180.1, 0.0, 200.0, 200.1]

places = st.tuples(st.floats(-89.0, 89.0), st.floats(-180.0, 180.0))


@st.composite
def wanderings(draw: st.DrawFn, max_legs: int = 12, leg_points: int = 12) -> Track:
    """Draw a track of standing, driving, jumping and pauses, with noise under which no two lengths are equal."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sigma_m = draw(st.sampled_from([0.01, 3.0, 12.0]))
    time_s, east_m, north_m = [0.0], [0.0], [0.0]
    for _ in range(draw(st.integers(0, max_legs))):
        step_s = draw(st.sampled_from([1.0, 5.0, 30.0, 400.0, 1_000.0]))
        speed_mps = draw(st.sampled_from([0.0, 0.0, 1.5, 20.0, 150.0, 5_000.0]))
        angle = draw(st.integers(0, 3)) * math.pi / 2
        for _ in range(draw(st.integers(1, leg_points))):
            time_s.append(time_s[-1] + step_s)
            east_m.append(east_m[-1] + speed_mps * step_s * math.cos(angle))
            north_m.append(north_m[-1] + speed_mps * step_s * math.sin(angle) / 4.0)
    noise_m = rng.normal(0.0, sigma_m, (2, len(time_s)))
    return drawn_track(time_s, east_m + noise_m[0], np.clip(north_m, -2e6, 2e6) + noise_m[1])


def listed(track: Track) -> list[Point]:
    """Return a track's points as the naive twins take them."""
    columns = (track.time_ms.tolist(), track.latitude_degrees.tolist(), track.longitude_degrees.tolist())
    return list(zip(*columns, strict=True))


def all_points(track: Track) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what the kernels take of a track of which every point counts."""
    return track.time_ms, track.latitude_degrees, track.longitude_degrees, np.arange(len(track))


@pytest.mark.twin_of("geo.tracks.local_plane_kernels")
@pytest.mark.interpreted
@given(places, places)
def test_the_local_plane_is_that_of_the_twin(start: tuple[float, float], end: tuple[float, float]) -> None:
    """Metres east, north and between are those of the naive plane, across the antimeridian too."""
    first, second = (0, *start), (0, *end)
    assert math.cos(math.radians(wrapped_degrees(end[1] - start[1]))) == pytest.approx(
        math.cos(math.radians(wrapped(end[1] - start[1]))), abs=1e-9
    )
    if abs(abs(wrapped(end[1] - start[1])) - 180.0) > 1e-6:  # a half turn is as far east as west
        assert east_north_m(*start, *end) == pytest.approx(east_north(first, second), rel=1e-9, abs=1e-6)
    assert plane_distance_m(*start, *end) == pytest.approx(apart_m(first, second), rel=1e-9, abs=1e-6)


@given(st.floats(-70.0, 70.0), st.floats(-180.0, 180.0), st.floats(-10_000, 10_000), st.floats(-10_000, 10_000))
def test_the_local_plane_agrees_with_great_circles(
    latitude: float, longitude: float, east_m: float, north_m: float
) -> None:
    """Within ten kilometres the plane's lengths are those on the earth to a few parts in ten thousand."""
    there = latitude + north_m / 111_195.0
    beside = wrapped(longitude + east_m / (111_195.0 * math.cos(math.radians(latitude))))
    on_earth_m = float(great_circles_m(latitude, longitude, there, beside))
    assert plane_distance_m(latitude, longitude, there, beside) == pytest.approx(on_earth_m, rel=5e-4, abs=1e-3)


@pytest.mark.twin_of("geo.tracks.cleaning_kernels")
@pytest.mark.interpreted
@given(
    st.lists(
        st.tuples(st.integers(0, 9), *[st.sampled_from(DOUBTFUL)] * 3)
        | st.tuples(st.integers(0, 9), *[st.just(0.0)] * 3),
        max_size=25,
    )
)
def test_usable_points_are_those_of_the_twin(rows: list[tuple[int, float, float, float]]) -> None:
    """Places off the earth and poor accuracy go first; of the others the longest sequence in order of time stays."""
    time_ms = np.array([row[0] for row in rows], np.int64)
    latitude, longitude, accuracy_m = (np.array([row[column] for row in rows], np.float64) for column in (1, 2, 3))
    reasons = np.zeros(len(rows), np.uint8)
    kept = usable_points(time_ms, latitude, longitude, accuracy_m, LIMITS, reasons)
    expected = np.zeros(len(rows), np.uint8)
    usable = []
    for point, (_, north, east, radius_m) in enumerate(rows):
        if not (math.isfinite(north) and math.isfinite(east)) or abs(north) > 90 or abs(east) > 180:
            expected[point] = DropReason.NOT_FINITE
        elif not math.isnan(radius_m) and radius_m > LIMITS.max_accuracy_m:
            expected[point] = DropReason.POOR_ACCURACY
        else:
            usable.append(point)
    chosen = [usable[place] for place in longest_in_order([rows[point][0] for point in usable])]
    times = {rows[point][0] for point in chosen}
    for point in set(usable) - set(chosen):
        expected[point] = DropReason.DUPLICATE_TIME if rows[point][0] in times else DropReason.OUT_OF_ORDER
    assert kept.tolist() == chosen
    assert reasons.tolist() == expected.tolist()


@pytest.mark.twin_of("geo.tracks.cleaning_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(wanderings(max_legs=6, leg_points=3), st.sampled_from([1_000.0, 30_000.0, 120_000.0]))
def test_no_choice_of_pieces_is_worth_more(track: Track, jump_cost_ms: float) -> None:
    """Whole pieces stay, and no other choice of them covers more time for its jumps; the rest is told apart."""
    limits = LIMITS._replace(jump_cost_ms=jump_cost_ms)
    points = listed(track)
    pieces = pieces_between_jumps(points, limits)[:8]
    points = points[: pieces[-1][-1] + 1]
    reasons = np.zeros(len(track), np.uint8)
    time_ms, latitude, longitude, kept = all_points(track)
    believed = set(chain_of_believed(time_ms, latitude, longitude, kept[: len(points)], limits, reasons).tolist())
    chosen = [piece for piece in pieces if piece[0] in believed]
    assert sorted(believed) == [place for piece in chosen for place in piece]
    assert worth_ms(points, chosen, limits) == pytest.approx(greatest_worth_ms(points, pieces, limits))
    for piece in pieces:
        is_spike = len(piece) == 1 and chosen[0] < piece < chosen[-1]
        dropped = DropReason.SPIKE if is_spike else DropReason.TELEPORT
        assert set(reasons[piece].tolist()) == {DropReason.NONE if piece in chosen else dropped}


@pytest.mark.twin_of("geo.tracks.cleaning_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(wanderings())
def test_spikes_are_those_of_the_twin(track: Track) -> None:
    """The same points go, one after the other, and each says that it is a spike."""
    reasons = np.zeros(len(track), np.uint8)
    kept = drop_spikes(*all_points(track), LIMITS, LIMITS.jump_slack_m, reasons).tolist()
    assert kept == places_without_spikes(listed(track), LIMITS)
    assert np.flatnonzero(reasons == DropReason.SPIKE).tolist() == sorted(set(range(len(track))) - set(kept))


@pytest.mark.twin_of("geo.tracks.noise_kernels")
@pytest.mark.interpreted
@settings(max_examples=100)
@given(wanderings())
def test_white_noise_is_that_of_the_twin(track: Track) -> None:
    """The jitter measured is the median over all points, and unknown where too few can tell."""
    assert white_noise_m(*all_points(track)) == pytest.approx(white_noise(listed(track)), rel=1e-6, nan_ok=True)


def test_white_noise_of_a_long_track_is_that_of_the_twin() -> None:
    """Of more points than are needed, the same every few are looked at."""
    rng = np.random.default_rng(5)
    time_s = np.arange(9_000.0)
    track = drawn_track(time_s, time_s * 9.0 + rng.normal(0, 6, 9_000), rng.normal(0, 6, 9_000))
    assert white_noise_m(*all_points(track)) == pytest.approx(white_noise(listed(track)), rel=1e-6)


@pytest.mark.twin_of("geo.tracks.stay_kernels")
@pytest.mark.interpreted
@settings(max_examples=60)
@given(wanderings(), st.sampled_from([(5.0, 5.0), (20.0, 40.0)]), st.sampled_from([20_000.0, 120_000.0]))
def test_stays_are_those_of_the_twin(track: Track, radii_m: tuple[float, float], min_duration_ms: float) -> None:
    """The same stays with the same ends, centres and radii."""
    settle_radius_m, radius_m = radii_m
    limits = STAY_LIMITS._replace(settle_radius_m=settle_radius_m, radius_m=radius_m, min_duration_ms=min_duration_ms)
    first, last, places = stay_areas(*all_points(track), limits)
    expected = stays(listed(track), limits)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [stay[:2] for stay in expected]
    np.testing.assert_allclose(places, np.array([stay[2:] for stay in expected]).reshape(-1, 3), rtol=1e-9, atol=1e-5)
