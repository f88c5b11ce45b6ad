"""A wrong declaration of the coordinate system is noticed and named; a right one never is."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coordinate_doubt import MIN_POSITIONS, doubt_coordinate_system, doubt_coordinate_system_of_doors
from geo.coordinates import CoordinateSystem, convert
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR
from geo.roads.snapping import Snapper
from tests.real_data import real_data_path

WGS84, GCJ02, BD09 = CoordinateSystem.WGS84, CoordinateSystem.GCJ02, CoordinateSystem.BD09
METRES_PER_DEGREE = 111_320.0


class Doors:
    """Places in a town, and the distance of any position to the nearest of them."""

    def __init__(self, latitude: np.ndarray, longitude: np.ndarray) -> None:
        self.latitude, self.longitude = latitude, longitude

    @classmethod
    def in_town(cls, latitude: float, longitude: float, count: int, seed: int) -> Doors:
        """Scatter doors over a town of 10 km."""
        random = np.random.default_rng(seed)
        return cls(latitude + random.uniform(-0.05, 0.05, count), longitude + random.uniform(-0.05, 0.05, count))

    def distance_m(self, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        """Metres to the nearest door."""
        north = (latitude[:, None] - self.latitude) * METRES_PER_DEGREE
        east = (longitude[:, None] - self.longitude) * METRES_PER_DEGREE * np.cos(np.radians(self.latitude))
        return np.hypot(north, east).min(axis=1)


@pytest.mark.parametrize("declared", list(CoordinateSystem))
@pytest.mark.parametrize("true", list(CoordinateSystem))
@pytest.mark.parametrize("count", [12, 200])
def test_the_true_system_is_named(declared: CoordinateSystem, true: CoordinateSystem, count: int) -> None:
    """Positions in one system that are declared in another are found to be what they are, whichever the two."""
    doors = Doors.in_town(31.23, 121.47, count, seed=count)
    sent = convert(doors.latitude, doors.longitude, source=WGS84, target=true)
    doubt = doubt_coordinate_system(*sent, declared=declared, distance_m=doors.distance_m)
    assert doubt.likeliest is true
    assert doubt.is_doubtful == (declared is not true)
    assert true.value in doubt.sentence()


@given(seed=st.integers(0, 2**32 - 1), declared=st.sampled_from(CoordinateSystem))
def test_positions_that_fit_nothing_raise_no_doubt(seed: int, declared: CoordinateSystem) -> None:
    """Positions that have nothing to do with what they are compared with do not accuse the declaration."""
    doors = Doors.in_town(31.23, 121.47, 300, seed)
    strangers = Doors.in_town(31.23, 121.47, 100, seed + 1)
    doubt = doubt_coordinate_system(
        strangers.latitude, strangers.longitude, declared=declared, distance_m=doors.distance_m
    )
    assert not doubt.is_doubtful


def test_outside_the_region_there_is_nothing_to_doubt() -> None:
    """Where all systems agree, no declaration is wrong."""
    doors = Doors.in_town(41.15, -8.61, 100, seed=3)
    doubt = doubt_coordinate_system(doors.latitude, doors.longitude, declared=GCJ02, distance_m=doors.distance_m)
    assert not doubt.is_doubtful
    assert doubt.position_count == 0


@pytest.mark.parametrize("count", [0, 1, MIN_POSITIONS - 1])
def test_a_handful_of_positions_is_never_doubtful(count: int) -> None:
    """Too few positions prove nothing, however well another system fits them."""
    doors = Doors.in_town(31.23, 121.47, count, seed=5)
    sent = convert(doors.latitude, doors.longitude, source=WGS84, target=GCJ02)
    assert not doubt_coordinate_system(*sent, declared=WGS84, distance_m=doors.distance_m).is_doubtful


def test_many_points_of_one_place_count_once() -> None:
    """A worker who stands beside one door all day is one observation, not a thousand."""
    doors = Doors.in_town(31.23, 121.47, 1, seed=7)
    sent = convert(doors.latitude, doors.longitude, source=WGS84, target=GCJ02)
    crowd = np.random.default_rng(1).normal(0.0, 1e-5, (2, 1000)) + np.array(sent)
    doubt = doubt_coordinate_system(*crowd, declared=WGS84, distance_m=doors.distance_m)
    assert doubt.position_count <= 4
    assert not doubt.is_doubtful


def test_bad_positions_are_left_out() -> None:
    """Positions that are not finite, and distances that are not known, neither harm nor help."""
    doors = Doors.in_town(31.23, 121.47, 50, seed=9)
    latitude, longitude = convert(doors.latitude, doors.longitude, source=WGS84, target=GCJ02)
    latitude[:10], longitude[10:20] = np.nan, np.inf

    def distance_m(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        metres = doors.distance_m(latitude, longitude)
        return np.where(metres > 30.0, np.nan, metres)

    doubt = doubt_coordinate_system(latitude, longitude, declared=WGS84, distance_m=distance_m)
    assert doubt.likeliest is GCJ02
    assert doubt.position_count <= 30


@pytest.mark.parametrize("columns", [("pickup_gps_lat", "pickup_gps_lng"), ("accept_gps_lat", "accept_gps_lng")])
def test_real_couriers_in_gcj02_are_named(columns: tuple[str, str]) -> None:
    """Phones of real couriers, whose coordinates no document calls GCJ-02, are found to be so by the roads alone."""
    rows = list(csv.DictReader(real_data_path("lade", "shanghai_centre_dev.csv").read_text().splitlines()))
    places = np.array([[float(row[name]) for name in columns] for row in rows if row[columns[0]]])
    network = import_osm_file(real_data_path("extracts", "shanghai-centre.osm.pbf"), CAR).network
    snapper = Snapper(network)

    def distance_to_roads_m(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        return snapper.snap(latitude, longitude, radius_m=200.0, home_component=None).distance_m

    wrong, right = (
        doubt_coordinate_system(*places.T, declared=declared, distance_m=distance_to_roads_m)
        for declared in (WGS84, GCJ02)
    )
    assert wrong.likeliest is GCJ02
    assert wrong.likeliest_distance_m < 0.8 * wrong.declared_distance_m
    assert not right.is_doubtful


@pytest.mark.parametrize("declared", list(CoordinateSystem))
def test_addresses_of_real_customers_in_gcj02_are_named(declared: CoordinateSystem) -> None:
    """A list of customers' addresses that no document calls GCJ-02 is found to be so, whatever it is declared as."""
    rows = list(csv.DictReader(real_data_path("lade", "shanghai_centre_dev.csv").read_text().splitlines()))
    places = np.array([[float(row["lat"]), float(row["lng"])] for row in rows])
    snapper = Snapper(import_osm_file(real_data_path("extracts", "shanghai-centre.osm.pbf"), CAR).network)

    def road_distance_m(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        return snapper.snap(latitude, longitude, radius_m=150.0, home_component=None).distance_m

    doubt = doubt_coordinate_system_of_doors(*places.T, declared=declared, road_distance_m=road_distance_m)
    assert doubt.likeliest is GCJ02
    assert doubt.is_doubtful == (declared is not GCJ02)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), declared=st.sampled_from(CoordinateSystem))
def test_doors_that_stand_beside_nothing_raise_no_doubt(seed: int, declared: CoordinateSystem) -> None:
    """A list that has nothing to do with the roads does not accuse its declaration."""
    roads = Doors.in_town(31.23, 121.47, 300, seed)
    strangers = Doors.in_town(31.23, 121.47, 100, seed + 1)
    doubt = doubt_coordinate_system_of_doors(
        strangers.latitude, strangers.longitude, declared=declared, road_distance_m=roads.distance_m
    )
    assert not doubt.is_doubtful


@pytest.mark.parametrize("true", list(CoordinateSystem))
@pytest.mark.parametrize("declared", list(CoordinateSystem))
def test_doors_beside_roads_name_their_system(true: CoordinateSystem, declared: CoordinateSystem) -> None:
    """Doors 10 to 30 m beside the roads of a town, which lie 80 to 250 m apart, are recognised in every system."""
    random = np.random.default_rng(5)
    roads_m = np.cumsum(random.uniform(80.0, 250.0, 60))
    doors_m = random.choice(roads_m, 200) + random.uniform(10.0, 30.0, 200) * random.choice([-1.0, 1.0], 200)
    latitude, longitude = 31.2 + doors_m / METRES_PER_DEGREE, 121.4 + random.uniform(0.0, 0.1, 200)

    def road_distance_m(latitude: np.ndarray, _longitude: np.ndarray) -> np.ndarray:
        return np.abs((latitude[:, None] - 31.2) * METRES_PER_DEGREE - roads_m).min(axis=1)

    sent = convert(latitude, longitude, source=WGS84, target=true)
    doubt = doubt_coordinate_system_of_doors(*sent, declared=declared, road_distance_m=road_distance_m)
    assert doubt.likeliest is true
    assert doubt.is_doubtful == (declared is not true)
