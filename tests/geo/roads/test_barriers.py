"""Barriers and signals on nodes."""

from __future__ import annotations

import pytest

from geo.roads.network import NodeFlag
from geo.roads.profiles import PROFILES
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map


def _road_with(node_tags: dict[str, str], profile: str) -> AsciiRoadMap:
    return ascii_road_map("A----B----C", {"ABC": {}}, nodes={"B": node_tags}, profile=profile)


PASSABLE = [
    ("car", {"barrier": "gate"}, True),
    ("car", {"barrier": "lift_gate"}, True),
    ("car", {"barrier": "toll_booth"}, True),
    ("car", {"barrier": "cattle_grid"}, True),
    ("car", {"barrier": "kerb"}, True),
    ("car", {"barrier": "bollard"}, False),
    ("car", {"barrier": "block"}, False),
    ("car", {"barrier": "cycle_barrier"}, False),
    ("car", {"barrier": "wall"}, False),
    ("car", {"barrier": "unheard_of"}, False),
    ("car", {"barrier": "bollard", "bollard": "rising"}, True),
    ("car", {"barrier": "bollard", "motor_vehicle": "yes"}, True),
    ("car", {"barrier": "bollard", "bicycle": "yes"}, False),
    ("car", {"barrier": "gate", "access": "no"}, False),
    ("car", {"barrier": "gate", "access": "forestry;agricultural"}, False),
    ("car", {"barrier": "gate", "access": "permissive;private"}, True),
    ("car", {"barrier": "bollard", "motorcar": "dismount"}, False),
    ("car", {"barrier": "gate", "access": "no", "motorcar": "yes"}, True),
    ("car", {"barrier": "gate", "locked": "yes"}, False),
    ("bicycle", {"barrier": "bollard"}, True),
    ("bicycle", {"barrier": "cycle_barrier"}, True),
    ("bicycle", {"barrier": "stile"}, False),
    ("bicycle", {"barrier": "kissing_gate"}, False),
    ("bicycle", {"barrier": "fence"}, False),
    ("bicycle", {"barrier": "gate", "bicycle": "no"}, False),
    ("foot", {"barrier": "bollard"}, True),
    ("foot", {"barrier": "stile"}, True),
    ("foot", {"barrier": "wall"}, False),
    ("foot", {"barrier": "gate", "foot": "no"}, False),
    ("foot", {"access": "no"}, True),  # no barrier at all
    *(
        (profile, {"barrier": barrier}, passes)
        for barrier, passing in (
            ("swing_gate", "car e-bike bicycle foot"),
            ("border_control", "car e-bike bicycle foot"),
            ("height_restrictor", "car e-bike bicycle foot"),
            ("bollard", "e-bike bicycle foot"),
            ("chain", "e-bike bicycle foot"),
            ("jersey_barrier", "e-bike bicycle foot"),
            ("bus_trap", "e-bike bicycle foot"),
            ("motorcycle_barrier", "e-bike bicycle foot"),
            ("turnstile", "foot"),
            ("full-height_turnstile", "foot"),
            ("stile", "foot"),
            ("kissing_gate", "foot"),
            ("city_wall", ""),
            ("guard_rail", ""),
        )
        for profile in PROFILES
        for passes in (profile in passing.split(),)
    ),
]


@pytest.mark.parametrize(("profile", "tags", "is_passable"), PASSABLE)
def test_a_barrier_stops_whom_it_stops(profile: str, tags: dict[str, str], is_passable: bool) -> None:
    """A barrier cuts the road in two parts; what lets the profile through leaves it in one piece."""
    network = _road_with(tags, profile).network
    assert network.edge_component.max() == (0 if is_passable else 1)
    assert (network.node_flags & NodeFlag.BARRIER).any() == (not is_passable)
    assert network.node_count == (2 if is_passable else 3)


def test_a_path_may_end_at_a_barrier() -> None:
    """Both roads to a barrier are usable there and back."""
    road_map = _road_with({"barrier": "bollard"}, "car")
    components = road_map.network.edge_component
    assert components[road_map.edge("AB")] == components[road_map.edge("BA")]
    assert components[road_map.edge("CB")] == components[road_map.edge("BC")]


@pytest.mark.parametrize(
    ("profile", "tags", "has_signals"),
    [
        ("car", {"highway": "traffic_signals"}, True),
        ("bicycle", {"highway": "traffic_signals"}, True),
        ("foot", {"highway": "traffic_signals"}, True),
        ("car", {"highway": "crossing", "crossing": "traffic_signals"}, False),
        ("foot", {"highway": "crossing", "crossing": "traffic_signals"}, True),
        ("foot", {"highway": "crossing", "crossing": "marked"}, False),
        ("car", {"highway": "stop"}, False),
    ],
)
def test_signals_are_nodes(profile: str, tags: dict[str, str], has_signals: bool) -> None:
    """A signal in the middle of a road makes a node that says so."""
    network = _road_with(tags, profile).network
    assert (network.node_flags & NodeFlag.TRAFFIC_SIGNALS).any() == has_signals


def test_access_values_of_barriers_that_say_nothing_are_counted() -> None:
    """They leave the decision to the barrier, and the report says how many there are."""
    road_map = ascii_road_map(
        "A--B--C--D",
        {"ABC": {}, "CD": {"highway": "footway"}},
        nodes={
            "B": {"barrier": "gate", "access": "swimming;rainy_days"},
            "D": {"barrier": "gate", "access": "swimming"},
        },
    )
    assert road_map.report.unknown_access_values == 2
    assert road_map.network.node_flags.tolist() == [0, 0]
