"""The planned path: nearest places and progress agree with the naive twin, and a road used twice is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.audit.planned_path import PlannedPath
from geo.audit.planned_path_kernels import heaviest_ascent, passes_near
from geo.geodesy import great_circles_m, places_at
from tests.geo.audit.naive_planned_path import NaivePath, naive_heaviest_ascent

ORIGIN = (60.17, 24.94)


def line_through(*corners_m: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Draw a line through corners given as metres east and north."""
    east_m, north_m = np.array(corners_m, dtype=float).T
    return places_at(*ORIGIN, east_m=east_m, north_m=north_m)


corners = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=6, unique=True)


@pytest.mark.twin_of("geo.audit.planned_path_kernels")
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


@pytest.mark.twin_of("geo.audit.planned_path_kernels")
@settings(max_examples=30)
@given(corners_m=corners, seed=st.integers(0, 1000))
def test_every_pass_near_a_position_is_found(corners_m: list[tuple[float, float]], seed: int) -> None:
    """Each stretch of the path that comes near a position is one pass, at its nearest place."""
    line = line_through(*corners_m)
    naive = NaivePath(*line)
    random = np.random.default_rng(seed)
    latitude, longitude = places_at(*ORIGIN, east_m=random.uniform(-500, 500, 8), north_m=random.uniform(-500, 500, 8))
    positions, along_m = passes_near(PlannedPath.through(*line).line, latitude, longitude, 60.0)
    for place in range(len(latitude)):
        found, all_m = along_m[positions == place], naive.distances_m(latitude[place], longitude[place])
        expected = naive.passes(latitude[place], longitude[place], 60.0)
        is_on_the_rim = np.isclose(all_m, 60.0, atol=0.6).any()
        assert is_on_the_rim or len(found) <= len(expected)
        for at_m in found:
            assert np.interp(at_m, naive.along_m, all_m) <= 60.5
        if expected:
            nearest_m = min(np.interp(at_m, naive.along_m, all_m) for at_m in found) if len(found) else np.inf
            assert nearest_m == pytest.approx(all_m.min(), abs=0.6) or is_on_the_rim


@pytest.mark.twin_of("geo.audit.planned_path_kernels")
@pytest.mark.interpreted
@given(
    passes=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=40),
    weight=st.lists(st.integers(1, 5).map(float), min_size=13, max_size=13),
)
def test_the_ascent_is_the_heaviest(passes: list[tuple[int, int]], weight: list[float]) -> None:
    """No other choice of passes that never goes back weighs more, and the choice itself never goes back."""
    passes = sorted(set(passes))
    positions = np.array([position for position, _ in passes], np.int64)
    along_m = np.array([float(along) for _, along in passes])
    rank = np.unique(along_m, return_inverse=True)[1] + 1
    chosen = heaviest_ascent(positions, rank, np.array(weight))
    assert (np.diff(positions[chosen]) > 0).all()
    assert (np.diff(along_m[chosen]) >= 0).all()
    assert np.array(weight)[positions[chosen]].sum() == naive_heaviest_ascent(positions, along_m, np.array(weight))


def test_a_street_used_twice_is_told_apart() -> None:
    """Out and back along one street: the same place counts as 300 m on the way out and as 1700 m on the way back."""
    path = PlannedPath.through(*line_through((0, 0), (1000, 0), (0, 0)))
    east_m = np.concatenate([np.arange(0, 1001, 50), np.arange(950, -1, -50)])
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.full(len(east_m), 4.0))
    along_m = path.progress(latitude, longitude, np.full(len(east_m), 50.0))
    assert along_m[6] == pytest.approx(300, abs=2)
    assert along_m[-7] == pytest.approx(1700, abs=2)


def test_a_shortcut_is_found_ahead() -> None:
    """Who leaves a loop out continues where the path comes back, not where it was left."""
    path = PlannedPath.through(*line_through((0, 0), (300, 0), (300, 900), (400, 900), (400, 0), (900, 0)))
    east_m = np.arange(0.0, 901.0, 50.0)
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.zeros(len(east_m)))
    along_m = path.progress(latitude, longitude, np.full(len(east_m), 50.0))
    assert along_m[-1] == pytest.approx(300 + 900 + 100 + 900 + 500, abs=5)


def test_crossing_a_later_part_is_no_progress_to_it() -> None:
    """A detour that crosses the path where it comes by later goes on where it was left."""
    path = PlannedPath.through(*line_through((0, 0), (1000, 0), (1000, 400), (300, 400), (300, 800)))
    detour = [(200, 0), (250, 200), (300, 420), (400, 420), (400, 0), (600, 0), (900, 0), (1000, 300), (500, 400)]
    east_m, north_m = np.array(detour, dtype=float).T
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=north_m)
    along_m = path.progress(latitude, longitude, np.full(len(detour), 100.0))
    np.testing.assert_allclose(
        along_m, [200, np.nan, np.nan, np.nan, 400, 600, 900, 1300, 1900], atol=3, equal_nan=True
    )


def test_a_part_already_passed_is_no_progress() -> None:
    """Going back to an earlier part of the path is off the plan as far as progress is concerned."""
    path = PlannedPath.through(*line_through((0, 0), (2000, 0)))
    east_m = np.array([0.0, 500.0, 1000.0, 1500.0, 1000.0, 500.0])
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.zeros(6))
    along_m = path.progress(latitude, longitude, np.full(6, 500.0))
    np.testing.assert_array_equal(np.isnan(along_m), [False, False, False, False, True, True])


@pytest.mark.parametrize("count", [0, 1])
def test_no_path_has_no_nearest_place(count: int) -> None:
    """A plan without a path is infinitely far away."""
    path = PlannedPath.through(np.full(count, ORIGIN[0]), np.full(count, ORIGIN[1]))
    distance_m, along_m = path.nearest(np.array([ORIGIN[0]]), np.array([ORIGIN[1]]))
    assert not path.is_known
    assert np.isinf(distance_m).all()
    assert np.isnan(along_m).all()
    assert np.isnan(path.progress(np.array([ORIGIN[0]]), np.array([ORIGIN[1]]), np.ones(1))).all()


def test_repeated_points_do_no_harm() -> None:
    """A path that stands still for a point, as paths through stops do, has the same nearest places."""
    twice = line_through((0, 0), (0, 0), (500, 0), (500, 0), (500, 400))
    position = places_at(*ORIGIN, east_m=np.array([250.0]), north_m=np.array([30.0]))
    distance_m, along_m = PlannedPath.through(*twice).nearest(*position)
    assert distance_m[0] == pytest.approx(30, abs=0.2)
    assert along_m[0] == pytest.approx(250, abs=0.5)
    assert great_circles_m(*position, *ORIGIN)[0] > distance_m[0]
