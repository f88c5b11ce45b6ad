"""The planned path: nearest places and progress agree with the naive twin, and a road used twice is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.audit.planned_path import _PROGRESS, PlannedPath
from geo.geodesy import chord_lengths_m, great_circles_m, places_at
from tests.geo.audit.naive_planned_path import NaivePath

ORIGIN = (60.17, 24.94)


def line_through(*corners_m: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Draw a line through corners given as metres east and north."""
    east_m, north_m = np.array(corners_m, dtype=float).T
    return places_at(*ORIGIN, east_m=east_m, north_m=north_m)


corners = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=6, unique=True)


@pytest.mark.interpreted
@settings(max_examples=30)
@given(corners_m=corners, seed=st.integers(0, 1000))
def test_the_nearest_place_is_the_nearest(corners_m: list[tuple[float, float]], seed: int) -> None:
    """The nearest place on the path is as near as the best of all its places, and lies where it says."""
    line = line_through(*corners_m)
    path, naive = PlannedPath.through(*line), NaivePath(*line)
    random = np.random.default_rng(seed)
    latitude, longitude = places_at(*ORIGIN, east_m=random.uniform(-700, 700, 8), north_m=random.uniform(-700, 700, 8))
    distance_m, along_m = path.nearest(latitude, longitude)
    for place in range(len(latitude)):
        all_m = naive.distances_m(latitude[place], longitude[place])
        assert distance_m[place] == pytest.approx(all_m.min(), abs=0.5)
        at_m = np.interp(along_m[place], naive.along_m, all_m)
        assert at_m == pytest.approx(distance_m[place], abs=0.5)


@settings(max_examples=30)
@given(corners_m=corners, seed=st.integers(0, 1000), noise_m=st.sampled_from([0.0, 5.0, 30.0]))
def test_progress_agrees_with_the_naive_twin(corners_m: list[tuple[float, float]], seed: int, noise_m: float) -> None:
    """A noisy journey along the path, with a part left out, makes the same progress by both implementations."""
    line = line_through(*corners_m)
    naive = NaivePath(*line)
    random = np.random.default_rng(seed)
    at = np.arange(0, len(naive.along_m), 101)
    at = np.delete(at, slice(len(at) // 3, len(at) // 2))
    noise = places_at(*ORIGIN, east_m=random.normal(0, noise_m, len(at)), north_m=random.normal(0, noise_m, len(at)))
    latitude = naive.latitude[at] + noise[0] - ORIGIN[0]
    longitude = naive.longitude[at] + noise[1] - ORIGIN[1]
    travelled_m = np.concatenate([[0.0], np.cumsum(chord_lengths_m(latitude, longitude))])
    found = PlannedPath.through(*line).progress(latitude, longitude, travelled_m)
    expected = naive.progress(latitude, longitude, travelled_m, _PROGRESS._asdict())
    same = np.isclose(found, expected, atol=1.5, equal_nan=True)
    # Two passes at the same distance are both right: the twin may then choose the other one, once.
    assert same.all() or _is_a_tie(naive, latitude, longitude, found, expected, int(np.argmin(same)))


def _is_a_tie(
    naive: NaivePath, latitude: np.ndarray, longitude: np.ndarray, found: np.ndarray, expected: list[float], place: int
) -> bool:
    all_m = naive.distances_m(latitude[place], longitude[place])
    chosen_m = [np.interp(along, naive.along_m, all_m) for along in (found[place], expected[place])]
    near_the_rim = np.isclose(all_m, _PROGRESS.near_m, atol=1.0).any()
    return bool(near_the_rim or np.isclose(*chosen_m, atol=1.0))


def test_a_street_used_twice_is_told_apart() -> None:
    """Out and back along one street: the same place counts as 300 m on the way out and as 1700 m on the way back."""
    path = PlannedPath.through(*line_through((0, 0), (1000, 0), (0, 0)))
    east_m = np.concatenate([np.arange(0, 1001, 50), np.arange(950, -1, -50)])
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.full(len(east_m), 4.0))
    along_m = path.progress(latitude, longitude, np.arange(len(east_m)) * 50.0)
    assert along_m[6] == pytest.approx(300, abs=2)
    assert along_m[-7] == pytest.approx(1700, abs=2)


def test_a_shortcut_is_found_ahead() -> None:
    """Who leaves a loop out continues where the path comes back, not where it was left."""
    path = PlannedPath.through(*line_through((0, 0), (300, 0), (300, 900), (400, 900), (400, 0), (900, 0)))
    east_m = np.arange(0.0, 901.0, 50.0)
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.zeros(len(east_m)))
    along_m = path.progress(latitude, longitude, east_m)
    assert along_m[-1] == pytest.approx(300 + 900 + 100 + 900 + 500, abs=5)


def test_a_part_already_passed_is_no_progress() -> None:
    """Going back to an earlier part of the path is off the plan as far as progress is concerned."""
    path = PlannedPath.through(*line_through((0, 0), (2000, 0)))
    east_m = np.array([0.0, 500.0, 1000.0, 1500.0, 1000.0, 500.0])
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.zeros(6))
    along_m = path.progress(latitude, longitude, np.arange(6) * 500.0)
    np.testing.assert_array_equal(np.isnan(along_m), [False, False, False, False, True, True])


@pytest.mark.parametrize("count", [0, 1])
def test_no_path_has_no_nearest_place(count: int) -> None:
    """A plan without a path is infinitely far away."""
    path = PlannedPath.through(np.full(count, ORIGIN[0]), np.full(count, ORIGIN[1]))
    distance_m, along_m = path.nearest(np.array([ORIGIN[0]]), np.array([ORIGIN[1]]))
    assert not path.is_known
    assert np.isinf(distance_m).all()
    assert np.isnan(along_m).all()
    assert np.isnan(path.progress(np.array([ORIGIN[0]]), np.array([ORIGIN[1]]), np.zeros(1))).all()


def test_repeated_points_do_no_harm() -> None:
    """A path that stands still for a point, as paths through stops do, has the same nearest places."""
    twice = line_through((0, 0), (0, 0), (500, 0), (500, 0), (500, 400))
    position = places_at(*ORIGIN, east_m=np.array([250.0]), north_m=np.array([30.0]))
    distance_m, along_m = PlannedPath.through(*twice).nearest(*position)
    assert distance_m[0] == pytest.approx(30, abs=0.2)
    assert along_m[0] == pytest.approx(250, abs=0.5)
    assert great_circles_m(*position, *ORIGIN)[0] > distance_m[0]
