"""The kernel that makes observations against its naive twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.matching.observation_kernels import Points, StayPlaces, Thinning, observe
from tests.geo.matching.naive_observations import naive_observations
from tests.naive_matching import METRES_PER_DEGREE

LATITUDE_DEGREES = 41.1
COLUMNS = ("latitude", "longitude", "white_m", "step_m", "reach_m", "heading_weight")
LEGS = st.tuples(
    st.integers(1, 9),
    st.sampled_from([0, 1, 3, 5, 22]),
    st.sampled_from([0, 90, 180, 217]),
    st.sampled_from([1, 2, 20]),
)
"""Steps, metres each, towards which degrees, and seconds each."""
HOLES = st.sampled_from([(1, 5, 0, 90), (1, 700, 90, 20)])
"""A hole in time and one in space."""


@st.composite
def tracks(draw: st.DrawFn) -> tuple[Points, StayPlaces]:
    """Draw points that move, turn back, stand still and are lost for a while, and stays among them."""
    told = np.random.default_rng(draw(st.integers(0, 999)))
    legs = np.array(draw(st.lists(st.one_of(LEGS, LEGS, LEGS, HOLES), min_size=1, max_size=8)))
    step_m, degrees, step_s = np.repeat(legs[:, 1:], legs[:, 0], axis=0).T
    wobble_m = told.normal(0.0, 0.6, (2, len(step_m))) * (step_m > 0)
    east_m = np.append(0.0, np.cumsum(step_m * np.sin(np.radians(degrees)) + wobble_m[0]))
    north_m = np.append(0.0, np.cumsum(step_m * np.cos(np.radians(degrees)) + wobble_m[1]))
    time_s = np.append(0, np.cumsum(step_s))
    count = len(time_s)
    east_degrees = east_m / (METRES_PER_DEGREE * math.cos(math.radians(LATITUDE_DEGREES)))
    longitude = draw(st.sampled_from([-8.6, 179.9999, -179.9999])) + east_degrees
    points = Points(
        1_700_000_000_000 + 1000 * time_s.astype(np.int64),
        LATITUDE_DEGREES + north_m / METRES_PER_DEGREE,
        (longitude + 180.0) % 360.0 - 180.0,
        np.where(told.random(count) < 0.5, math.nan, told.uniform(3.0, 30.0, count)),
        told.uniform(0.0, 4.0, count),
        np.where(told.random(count) < 0.7, math.nan, told.uniform(0.0, 360.0, count)),
    )
    bounds = sorted(draw(st.sets(st.integers(0, count - 1), max_size=6)))
    first, last = np.array(bounds[: len(bounds) // 2 * 2], np.int64).reshape(-1, 2).T.copy()
    centre = points.latitude_degrees[first] + 1e-5, points.longitude_degrees[first]
    return points, StayPlaces(first, last, *centre, told.uniform(5.0, 40.0, len(first)))


@pytest.mark.twin_of("geo.matching.observation_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(
    drawn=tracks(),
    spacing_m=st.sampled_from([12.3, 30.3]),
    turn_m=st.sampled_from([4.1, 10.1]),
    white_noise_m=st.sampled_from([0.0, 2.0, 6.0]),
)
def test_observations_are_those_made_run_by_run(
    drawn: tuple[Points, StayPlaces], spacing_m: float, turn_m: float, white_noise_m: float
) -> None:
    """Choice, place, noise, steps, headings and reach of every observation agree with those made one by one."""
    thinning = Thinning(spacing_m, turn_m, 3.0 * white_noise_m + 0.7, white_noise_m, 60_000.0, 500.0, 1.2, 8.0)
    seen, naive = observe(*drawn, thinning), naive_observations(*drawn, thinning)
    for name in ("first", "last", "starts_run"):
        assert seen[name].tolist() == [getattr(one, name) for one in naive]
    for name in COLUMNS:
        np.testing.assert_allclose(seen[name], [getattr(one, name) for one in naive], rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(seen["device_m"], [one.device_m for one in naive], rtol=1e-3)
    for side in ("before", "after"):
        headings = np.column_stack([seen[f"{side}_east"], seen[f"{side}_north"]])
        np.testing.assert_allclose(headings, [getattr(one, side) for one in naive], atol=1e-5)


@pytest.mark.parametrize("stay", [(), (4, 6)])
def test_a_way_that_turns_back_just_before_it_ends_is_not_cut_short(stay: tuple[int, ...]) -> None:
    """The farthest point of a dead end is observed, too, where the way back ends in a stay or with the track."""
    east_m = np.array([0.0, 40.0, 60.0, 65.0, 42.0, 42.0, 42.0][: 7 if stay else 5])
    unknown = np.full(len(east_m), math.nan)
    latitude = np.full(len(east_m), LATITUDE_DEGREES)
    longitude = -8.6 + east_m / (METRES_PER_DEGREE * math.cos(math.radians(LATITUDE_DEGREES)))
    points = Points(15_000 * np.arange(len(east_m)), latitude, longitude, unknown, unknown, unknown)
    first, last = np.array(stay, np.int64).reshape(-1, 2).T.copy()
    stays = StayPlaces(first, last, latitude[first], longitude[first], np.full(len(first), 5.0))
    seen = observe(points, stays, Thinning(30.0, 10.0, 0.0, 0.0, 60_000.0, 500.0, 1.2, 8.0))
    assert seen["first"].tolist() == [0, 1, 3, 4]
