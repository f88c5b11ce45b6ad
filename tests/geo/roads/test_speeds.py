"""How fast roads are: classes, limits in every notation, surfaces, ferries."""

from __future__ import annotations

import math

import pytest

from geo.errors import InvalidGeoInputError
from geo.roads.maxspeed import parse_maxspeed_kmh
from geo.roads.network import EdgeFlag
from geo.roads.profiles import PROFILES, profile_named
from tests.geo.roads.drawn_ways import about, drawn_way, speed_kmh


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("50km/h", 50.0),
        ("32.5", 32.5),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("walk", 5.0),
        ("none", math.inf),
        ("DE:urban", 50.0),
        ("de:rural", 100.0),
        ("DE:motorway", math.inf),
        ("DE:living_street", 7.0),
        ("CN:urban", 50.0),
        ("CN:rural", 70.0),
        ("CN:motorway", 120.0),
        ("PT:motorway", 120.0),
        ("FI:rural", 80.0),
        ("GB:nsl_single", 96.56064),
        ("GB:nsl_dual", 112.65408),
        ("XX:urban", 50.0),  # a country without an entry has the common limits
        ("DE:zone30", 30.0),
        ("DE:zone:30", 30.0),
        ("DE:30", 30.0),
        ("zone20", 20.0),
        ("zone:20", 20.0),
        ("GB:zone20", 32.18688),
        ("UK:20", 32.18688),
        ("UK:nsl_single", 96.56064),
        ("UK:nsl_dual", 112.65408),
        ("DE:zone0", None),
        ("30:DE", None),
        ("50,5", None),  # OSM writes 50.5; a comma may part a list as well
        ("BE-VLG:urban", 50.0),  # a region takes its country's limits
        ("50;30", 30.0),  # several values: the lowest
        ("120; signals", 120.0),
        ("signals", None),
        ("variable", None),
        ("fast", None),
        ("0", None),
        ("-50", None),
        ("", None),
        ("DE:nonsense", None),
    ],
)
def test_a_limit_is_read_in_every_notation(value: str, kmh: float | None) -> None:
    """Units, zones, implicit limits of countries and lists all come to kilometres per hour."""
    assert parse_maxspeed_kmh(value) == (kmh if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    ("profile", "tags", "kmh"),
    [
        # Classes.
        ("car", {"highway": "motorway"}, 90.0),
        ("car", {"highway": "primary"}, 65.0),
        ("car", {"highway": "residential"}, 25.0),
        ("car", {"highway": "living_street"}, 10.0),
        ("bicycle", {"highway": "primary"}, 15.0),
        ("bicycle", {"highway": "footway"}, 4.0),  # pushed
        ("bicycle", {"highway": "footway", "bicycle": "designated"}, 13.0),  # ridden
        ("bicycle", {"highway": "footway", "access": "yes"}, 4.0),  # says nothing of bicycles
        ("bicycle", {"bicycle": "dismount"}, 4.0),
        ("e-bike", {"highway": "primary"}, 20.0),
        ("foot", {"highway": "primary"}, 5.0),
        ("foot", {"highway": "steps"}, 2.0),
        # Limits: cars average four fifths of them, riders only slow down, walkers do not care.
        ("car", {"highway": "residential", "maxspeed": "50"}, 40.0),
        ("car", {"highway": "primary", "maxspeed": "30 mph"}, 0.8 * 48.28032),
        ("car", {"highway": "motorway", "maxspeed": "none"}, 140.0),
        ("car", {"highway": "primary", "maxspeed": "signals"}, 65.0),
        ("car", {"highway": "residential", "zone:maxspeed": "DE:30"}, 24.0),
        ("car", {"highway": "residential", "zone:maxspeed": "DE:zone30"}, 24.0),
        ("car", {"highway": "residential", "source:maxspeed": "CN:urban"}, 40.0),
        ("car", {"highway": "residential", "maxspeed:type": "DE:urban", "maxspeed": "30"}, 24.0),
        ("car", {"highway": "residential", "maxspeed": "50", "maxspeed:motorcar": "30"}, 24.0),
        ("bicycle", {"maxspeed": "50"}, 15.0),
        ("bicycle", {"maxspeed": "10"}, 10.0),
        ("foot", {"maxspeed": "3"}, 5.0),
        # Surfaces and the like only slow down.
        ("car", {"highway": "primary", "surface": "gravel"}, 40.0),
        ("car", {"highway": "living_street", "surface": "gravel"}, 10.0),
        ("car", {"highway": "primary", "maxspeed": "100", "surface": "cobblestone"}, 30.0),
        ("car", {"highway": "track", "motor_vehicle": "yes", "tracktype": "grade5"}, 10.0),
        ("car", {"highway": "unclassified", "smoothness": "horrible"}, 10.0),
        ("bicycle", {"highway": "track", "surface": "sand"}, 3.0),
        ("foot", {"highway": "path", "surface": "sand"}, 5.0),
    ],
)
def test_a_road_has_the_speed_of_its_tags(profile: str, tags: dict[str, str], kmh: float) -> None:
    """Class, limit and surface together give the speed that the duration stands for."""
    assert speed_kmh(tags, profile) == about(kmh)


def test_each_direction_has_its_own_limit() -> None:
    """``maxspeed:forward`` and ``maxspeed:backward`` go before ``maxspeed``."""
    tags = {"highway": "primary", "maxspeed": "50", "maxspeed:backward": "30"}
    assert speed_kmh(tags, "car", "AB") == about(40.0)
    assert speed_kmh(tags, "car", "BA") == about(24.0)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("12", 720), ("00:12", 720), ("01:00:30", 3630), ("PT1H30M", 5400), ("PT90S", 90)],
)
def test_a_ferry_takes_as_long_as_it_says(duration: str, seconds: int) -> None:
    """A stated duration is that of the whole way, in every notation of OSM."""
    road_map = drawn_way({"highway": "", "route": "ferry", "duration": duration}, "foot", grid_m=100)
    edge = road_map.edge("AB", way="AB")
    assert road_map.network.edge_duration_ms[edge] == pytest.approx(seconds * 1000, rel=1e-3)
    assert road_map.network.edge_flags[edge] & EdgeFlag.FERRY


def test_a_ferry_takes_as_long_under_its_conditions() -> None:
    """A condition decides whom a ferry takes, not how long it sails."""
    tags = {"highway": "", "route": "ferry", "duration": "00:30", "motor_vehicle:conditional": "yes @ (Mo-Fr)"}
    network = drawn_way(tags, "car", grid_m=100).network
    assert network.conditional_edge_duration_ms.tolist() == pytest.approx([1_800_000, 1_800_000], rel=1e-3)
    assert (network.conditional_edge_flags == EdgeFlag.FERRY).all()


@pytest.mark.parametrize(
    ("tags", "kmh"), [({"maxspeed": "0.001"}, 1.0), ({"route": "ferry", "duration": "PT1S"}, 100.0)]
)
def test_a_mistaken_tag_makes_no_impossible_speed(tags: dict[str, str], kmh: float) -> None:
    """Speeds stay between 1 km/h and that of the fastest ferry."""
    assert speed_kmh({**tags, "motor_vehicle": "yes"}, "car") == about(kmh)


@pytest.mark.parametrize("duration", ["", "soon", "P", "PT"])
def test_a_ferry_without_a_readable_duration_has_a_speed(duration: str) -> None:
    """What cannot be read, or is nothing, leaves the ferry its default of 5 km/h."""
    assert speed_kmh({"highway": "", "route": "ferry", "duration": duration}, "foot") == about(5.0)


@pytest.mark.parametrize(
    ("tags", "flag"),
    [
        ({"junction": "roundabout"}, EdgeFlag.ROUNDABOUT),
        ({"tunnel": "yes"}, EdgeFlag.TUNNEL),
        ({"tunnel": "building_passage"}, EdgeFlag.TUNNEL),
        ({"bridge": "viaduct"}, EdgeFlag.BRIDGE),
        ({"toll": "yes"}, EdgeFlag.TOLL),
        ({"surface": "gravel"}, EdgeFlag.UNPAVED),
        ({"highway": "track"}, EdgeFlag.UNPAVED),
        ({"highway": "track", "tracktype": "grade1"}, EdgeFlag(0)),
        ({"surface": "asphalt", "tunnel": "no", "bridge": "no", "toll": "no"}, EdgeFlag(0)),
    ],
)
def test_an_edge_carries_what_it_is(tags: dict[str, str], flag: EdgeFlag) -> None:
    """Roundabouts, tunnels, bridges, tolls and unpaved surfaces are flags of both directions."""
    road_map = drawn_way(tags, "car")
    shown = EdgeFlag.ROUNDABOUT | EdgeFlag.TUNNEL | EdgeFlag.BRIDGE | EdgeFlag.TOLL | EdgeFlag.UNPAVED
    for edge in ("AB", "BA"):
        assert EdgeFlag(int(road_map.network.edge_flags[road_map.edge(edge, way="AB")])) & shown == flag


def test_profiles_are_found_by_name() -> None:
    """The four profiles answer to their names, and an unknown name lists them."""
    assert {name: profile_named(name).name for name in PROFILES} == {name: name for name in PROFILES}
    with pytest.raises(InvalidGeoInputError, match=r"unknown profile 'horse' \(known: car, e-bike, bicycle, foot\)"):
        profile_named("horse")
