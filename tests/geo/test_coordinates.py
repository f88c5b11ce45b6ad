"""Coordinate systems: the shift is the public formula, its inverse is exact, and nothing moves outside the region."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.china_region import is_shifted_region
from geo.coordinates import CoordinateSystem, convert
from geo.errors import InvalidGeoInputError
from tests.geo.naive_coordinates import naive_wgs84_to_bd09, naive_wgs84_to_gcj02

WGS84, GCJ02, BD09 = CoordinateSystem.WGS84, CoordinateSystem.GCJ02, CoordinateSystem.BD09
METRES_PER_DEGREE = 111_320.0
ONE_MILLIMETRE = 0.001

# A block of the interior, more than 100 km from every border and coast.
inland_latitude = st.floats(28.0, 38.0)
inland_longitude = st.floats(103.0, 114.0)

TOWNS_INSIDE = {
    "Shenzhen": (22.543, 114.058),
    "Hong Kong": (22.28, 114.16),
    "Macau": (22.19, 113.54),
    "Zhuhai": (22.27, 113.57),
    "Dandong": (40.129, 124.394),
    "Hunchun": (42.86, 130.366),
    "Suifenhe": (44.41, 131.15),
    "Heihe": (50.245, 127.528),
    "Manzhouli": (49.598, 117.378),
    "Erenhot": (43.653, 111.977),
    "Arxan": (47.18, 119.94),
    "Khorgos": (44.21, 80.41),
    "Alashankou": (45.17, 82.57),
    "Kashgar": (39.47, 75.99),
    "Tashkurgan": (37.77, 75.23),
    "Shiquanhe": (32.5, 80.1),
    "Zhangmu": (27.98, 85.98),
    "Yadong": (27.48, 88.9),
    "Ruili": (24.01, 97.85),
    "Jinghong": (22.0, 100.8),
    "Mohan": (21.19, 101.7),
    "Hekou": (22.53, 103.95),
    "Pingxiang": (22.1, 106.77),
    "Dongxing": (21.547, 107.97),
    "Sanya": (18.25, 109.51),
    "Xiamen": (24.48, 118.09),
    "Zhoushan": (29.99, 122.2),
    "Dalian": (38.91, 121.61),
    "Changhai": (39.27, 122.59),
    "Mohe": (53.48, 122.37),
    "Fuyuan": (48.36, 134.3),
}
TOWNS_OUTSIDE = {
    "Seoul": (37.57, 126.98),
    "Pyongyang": (39.03, 125.75),
    "Chongjin": (41.78, 129.78),
    "Ulaanbaatar": (47.92, 106.92),
    "Choibalsan": (48.07, 114.53),
    "Hanoi": (21.03, 105.85),
    "Lang Son": (21.85, 106.76),
    "Dien Bien Phu": (21.39, 103.02),
    "Luang Namtha": (20.95, 101.4),
    "Lashio": (22.93, 97.75),
    "Myitkyina": (25.38, 97.39),
    "Itanagar": (27.08, 93.6),
    "Thimphu": (27.47, 89.64),
    "Gangtok": (27.33, 88.61),
    "Kathmandu": (27.72, 85.32),
    "Delhi": (28.6, 77.2),
    "Leh": (34.16, 77.58),
    "Osh": (40.53, 72.8),
    "Karakol": (42.49, 78.39),
    "Almaty": (43.25, 76.95),
    "Zharkent": (44.17, 80.0),
    "Zaysan": (47.47, 84.87),
    "Khabarovsk": (48.48, 135.08),
    "Vladivostok": (43.12, 131.9),
    "Taipei": (25.03, 121.56),
    "Kaohsiung": (22.63, 120.3),
    "Penghu": (23.57, 119.58),
    "Fukuoka": (33.59, 130.4),
    "Porto": (41.15, -8.61),
    "Buenos Aires": (-34.6, -58.4),
}


def distance_m(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Metres between positions that lie close together."""
    north = (first[0] - second[0]) * METRES_PER_DEGREE
    east = (first[1] - second[1]) * METRES_PER_DEGREE * np.cos(np.radians(first[0]))
    return np.hypot(north, east)


@pytest.mark.parametrize(("system", "naive"), [(GCJ02, naive_wgs84_to_gcj02), (BD09, naive_wgs84_to_bd09)])
@given(latitude=inland_latitude, longitude=inland_longitude)
def test_the_shift_is_the_public_formula(
    system: CoordinateSystem, naive: Callable[[float, float], tuple[float, float]], latitude: float, longitude: float
) -> None:
    """Inside the region a position moves as the plain scalar formula says."""
    converted = convert([latitude], [longitude], source=WGS84, target=system)
    expected = naive(latitude, longitude)
    assert np.column_stack(converted)[0] == pytest.approx(expected, abs=1e-11)


def test_tiananmen_lies_where_the_map_services_draw_it() -> None:
    """A known place has the coordinates that are published for it in all three systems, to about a metre."""
    gcj02 = convert([39.908823], [116.397470], source=WGS84, target=GCJ02)
    bd09 = convert([39.908823], [116.397470], source=WGS84, target=BD09)
    assert np.column_stack(gcj02)[0] == pytest.approx((39.91022, 116.40371), abs=2e-5)
    assert np.column_stack(bd09)[0] == pytest.approx((39.91656, 116.41009), abs=2e-5)


@pytest.mark.parametrize("system", [GCJ02, BD09])
@given(latitude=inland_latitude, longitude=inland_longitude)
def test_there_and_back_is_the_same_place(system: CoordinateSystem, latitude: float, longitude: float) -> None:
    """The inverse undoes the shift to a millimetre at any place of the interior."""
    there = convert([latitude], [longitude], source=WGS84, target=system)
    back = convert(*there, source=system, target=WGS84)
    assert distance_m(back, (np.array([latitude]), np.array([longitude])))[0] <= ONE_MILLIMETRE


@pytest.mark.parametrize(("system", "nearest_m", "farthest_m"), [(GCJ02, 17.0, 720.0), (BD09, 650.0, 1600.0)])
def test_a_million_places_come_back(system: CoordinateSystem, nearest_m: float, farthest_m: float) -> None:
    """Over the whole region every place moves by a known range of metres and comes back to a millimetre."""
    random = np.random.default_rng(20)
    latitude, longitude = random.uniform(17.9, 53.6, 1_000_000), random.uniform(73.5, 134.9, 1_000_000)
    inside = is_shifted_region(latitude, longitude)
    place = latitude[inside], longitude[inside]
    shifted = convert(*place, source=WGS84, target=system)
    back = convert(*shifted, source=system, target=WGS84)
    shift_m = distance_m(shifted, place)
    assert nearest_m < shift_m.min()
    assert shift_m.max() < farthest_m
    assert distance_m(back, place).max() <= ONE_MILLIMETRE


@given(latitude=inland_latitude, longitude=inland_longitude)
def test_the_way_over_wgs84_is_the_direct_way(latitude: float, longitude: float) -> None:
    """GCJ-02 to BD-09 gives the same as both conversions one after the other."""
    direct = convert([latitude], [longitude], source=GCJ02, target=BD09)
    over = convert(*convert([latitude], [longitude], source=GCJ02, target=WGS84), source=WGS84, target=BD09)
    assert distance_m(direct, over)[0] <= ONE_MILLIMETRE


@pytest.mark.parametrize("town", TOWNS_INSIDE)
def test_a_chinese_town_is_inside(town: str) -> None:
    """Towns of the region are inside, those right at a border or on an island too."""
    latitude, longitude = TOWNS_INSIDE[town]
    assert is_shifted_region([latitude], [longitude]).all()


@pytest.mark.parametrize("town", TOWNS_OUTSIDE)
@pytest.mark.parametrize("system", [GCJ02, BD09])
def test_nothing_moves_outside_the_region(town: str, system: CoordinateSystem) -> None:
    """Abroad both directions leave a position exactly where it is, also where the usual rectangle test shifts it."""
    latitude, longitude = TOWNS_OUTSIDE[town]
    for source, target in ((WGS84, system), (system, WGS84)):
        converted = convert([latitude], [longitude], source=source, target=target)
        assert np.column_stack(converted).tolist() == [[latitude, longitude]]


@given(
    places=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30),
    strangers=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=30),
)
def test_a_place_does_not_depend_on_its_company(
    places: list[tuple[float, float]], strangers: list[tuple[float, float]]
) -> None:
    """Whether a place is inside is decided for each alone, in whatever order and company they come."""
    alone = [is_shifted_region([latitude], [longitude])[0] for latitude, longitude in places]
    together = is_shifted_region(*np.array(strangers + places).T)
    assert together[len(strangers) :].tolist() == alone


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_and_harms_nobody(bad: float) -> None:
    """A position that is not finite stays as it is, and its neighbours are converted as if it were not there."""
    latitude, longitude = convert([31.2, bad, 31.3], [121.4, 121.4, bad], source=GCJ02, target=WGS84)
    expected = convert([31.2], [121.4], source=GCJ02, target=WGS84)
    assert (latitude[0], longitude[0]) == (expected[0][0], expected[1][0])
    np.testing.assert_array_equal([latitude[1], longitude[2]], [bad, bad])


@pytest.mark.parametrize("source", list(CoordinateSystem))
def test_the_input_is_not_touched(source: CoordinateSystem) -> None:
    """The answer is made of new arrays, even where there is nothing to convert."""
    latitude, longitude = np.array([31.2]), np.array([121.4])
    converted = convert(latitude, longitude, source=source, target=WGS84)
    converted[0][0] = converted[1][0] = 0.0
    assert (latitude[0], longitude[0]) == (31.2, 121.4)


@pytest.mark.parametrize(("latitude", "longitude"), [([31.2, 31.3], [121.4]), ([[31.2]], [[121.4]]), (31.2, 121.4)])
def test_arrays_that_do_not_fit_together_are_refused(latitude: object, longitude: object) -> None:
    """Latitudes and longitudes of different length or of another shape than ``(n,)`` are one clear error."""
    with pytest.raises(InvalidGeoInputError, match="longitude_degrees: must be one-dimensional"):
        convert(latitude, longitude, source=GCJ02, target=WGS84)  # type: ignore[arg-type]
