"""Distances and directions on the earth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import (
    EARTH_RADIUS_M,
    METRES_PER_DEGREE,
    bearing_degrees,
    chord_lengths_m,
    great_circle_m,
    great_circles_m,
    places_at,
)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def _vector(latitude_degrees: float, longitude_degrees: float) -> np.ndarray:
    latitude, longitude = math.radians(latitude_degrees), math.radians(longitude_degrees)
    return np.array(
        [math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude)]
    )


@pytest.mark.interpreted
@given(latitudes, longitudes, latitudes, longitudes)
def test_a_great_circle_is_the_angle_between_two_vectors(
    latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> None:
    """The haversine formula gives the arc that vectors give, and arrays give what scalars give."""
    a, b = _vector(latitude_a, longitude_a), _vector(latitude_b, longitude_b)
    expected_m = EARTH_RADIUS_M * math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
    found_m = great_circle_m(latitude_a, longitude_a, latitude_b, longitude_b)
    # Near the antipodes the haversine loses half its digits: 1e-8 of the earth's radius is 6 cm.
    assert found_m == pytest.approx(expected_m, rel=1e-9, abs=0.2)
    assert great_circles_m(latitude_a, longitude_a, latitude_b, longitude_b) == pytest.approx(
        found_m, rel=1e-12, abs=0.2
    )


@pytest.mark.parametrize(
    ("place", "other", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195.08),  # a degree of the equator
        ((45.0, 0.0), (46.0, 0.0), 111_195.08),  # a degree of a meridian
        ((60.0, 0.0), (60.0, 1.0), 55_595.4),  # half of it at 60°
        ((0.0, 179.5), (0.0, -179.5), 111_195.08),  # over the 180th meridian
        ((90.0, 0.0), (90.0, 120.0), 0.0),  # a pole is one place
        ((31.2304, 121.4737), (31.2304, 121.4738), 9.508),  # some metres
    ],
)
def test_known_lengths(place: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    """Degrees of latitude and longitude have their lengths."""
    assert great_circle_m(*place, *other) == pytest.approx(metres, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    ("place", "other", "degrees"),
    [
        ((0.0, 0.0), (1.0, 0.0), 0.0),
        ((0.0, 0.0), (0.0, 1.0), 90.0),
        ((0.0, 0.0), (-1.0, 0.0), 180.0),
        ((0.0, 0.0), (0.0, -1.0), 270.0),
        ((0.0, 179.5), (0.0, -179.5), 90.0),
        ((41.0, -8.0), (41.0, -8.0), 0.0),
    ],
)
def test_bearings_turn_clockwise_from_north(
    place: tuple[float, float], other: tuple[float, float], degrees: float
) -> None:
    """North is 0, east 90, south 180, west 270."""
    assert bearing_degrees(*place, *other) == pytest.approx(degrees, abs=1e-9)


def test_chords_are_the_pieces_between_places() -> None:
    """``n`` places have ``n - 1`` chords; none or one place has none."""
    assert chord_lengths_m([0.0, 1.0, 1.0], [0.0, 0.0, 0.0]) == pytest.approx([METRES_PER_DEGREE, 0.0])
    assert len(chord_lengths_m([1.0], [1.0])) == len(chord_lengths_m([], [])) == 0


@given(st.floats(-70, 70), longitudes, st.floats(-10_000, 10_000), st.floats(-10_000, 10_000))
def test_places_lie_as_far_away_as_asked(latitude: float, longitude: float, east_m: float, north_m: float) -> None:
    """Within 10 km, metres east and north agree with great circles to the share that the docstring promises."""
    place_latitude, place_longitude = places_at(latitude, longitude, east_m=east_m, north_m=north_m)
    distance_m = great_circle_m(latitude, longitude, float(place_latitude), float(place_longitude))
    assert distance_m == pytest.approx(math.hypot(east_m, north_m), rel=0.005, abs=0.001)
