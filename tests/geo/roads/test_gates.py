"""Gates that only those may pass who have business behind them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import RoadFileError, UnreachableError
from geo.roads.network import EdgeFlag, NodeFlag
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import PROFILES
from geo.routing.router import Router
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.routing.drawn_networks import places_on
from tests.naive_components import NaiveReach
from tests.random_roads import osm_roads

GATE = {"barrier": "gate", "access": "private"}


def ends_only(road_map: AsciiRoadMap) -> set[str]:
    """Edges that only serve the ends of routes."""
    network = road_map.network
    return {
        road_map.text_of([edge]) for edge in range(network.edge_count) if network.edge_flags[edge] & EdgeFlag.ENDS_ONLY
    }


def path(road_map: AsciiRoadMap, start: str, end: str) -> str:
    """Nodes of the fastest path from the middle of one edge to that of another; empty where there is none."""
    places = places_on(road_map.network, [road_map.edge(start), road_map.edge(end)], [0.5, 0.5], one_direction=True)
    try:
        return road_map.text_of(Router.build(road_map.network).route(places, places, destination=1).edges)
    except UnreachableError:
        return ""


@pytest.mark.parametrize(
    ("profile", "tags"),
    [
        ("car", GATE),
        ("car", {"barrier": "lift_gate", "access": "yes", "motor_vehicle": "destination"}),
        ("car", {"barrier": "gate", "access": "customers;delivery"}),
        ("car", {"barrier": "gate", "locked": "yes", "access": "private"}),
        ("car", {"barrier": "bollard", "motorcar": "permit"}),
        ("foot", {"barrier": "gate", "foot": "private"}),
    ],
)
def test_a_gate_for_some_leaves_its_road_in_one_part(profile: str, tags: dict[str, str]) -> None:
    """Both sides reach each other, and the gate is a node that says what it is."""
    network = ascii_road_map("A----B----C", {"ABC": {}}, nodes={"B": tags}, profile=profile).network
    assert network.edge_component.tolist() == [0, 0, 0, 0]
    assert network.node_flags.tolist() == [0, NodeFlag.PRIVATE_GATE, 0]


ESTATE = """
    A---B-------C---D
        |       |
        G       H
        |       |
        I-------J---K
"""
ESTATE_WAYS: Mapping[str, Mapping[str, str]] = {
    "AB": {}, "BC": {"maxspeed": "5"}, "CD": {}, "BGI": {}, "CHJ": {}, "IJK": {},
}  # fmt: skip


def test_an_estate_behind_gates_is_reached_and_never_crossed() -> None:
    """The way through two gates is no short cut past a slow street, and leads to every place inside."""
    open_map = ascii_road_map(ESTATE, ESTATE_WAYS)
    assert path(open_map, "AB", "CD") == "ABIJCD"
    assert ends_only(open_map) == set()
    road_map = ascii_road_map(ESTATE, ESTATE_WAYS, nodes={"G": GATE, "H": GATE})
    assert ends_only(road_map) == {"GI", "IG", "IJ", "JI", "HJ", "JH", "JK", "KJ"}
    assert path(road_map, "AB", "CD") == "ABCD"
    assert path(road_map, "AB", "JK") == "ABGIJK"
    assert path(road_map, "KJ", "CD") == "KJHCD"
    assert path(road_map, "KJ", "BA") == "KJIGBA"
    assert path(road_map, "GI", "HC") == "GIJHC"
    assert road_map.report.components == 1
    assert not (road_map.network.node_flags & NodeFlag.BARRIER).any()


def test_behind_a_gate_there_may_be_another() -> None:
    """A yard inside an estate is reached through both gates."""
    picture = """
        A---B---C
            |
            G
            |
            D---H---E
    """
    ways: Mapping[str, Mapping[str, str]] = {"ABC": {}, "BGDHE": {}, "AC": {}}
    road_map = ascii_road_map(picture, ways, nodes={"G": GATE, "H": GATE})
    assert ends_only(road_map) == {"GH", "HG", "HE", "EH"}
    assert path(road_map, "AB", "HE") == "ABGHE"
    assert path(road_map, "EH", "BC") == "EHGBC"


RING = """
    A---B---G---C---D
        |       |
        P-------Q
"""
RING_WAYS: Mapping[str, Mapping[str, str]] = {"AB": {}, "BGC": {}, "CD": {}, "BPQC": {}}


def test_a_gate_across_a_street_stops_through_traffic() -> None:
    """Both sides of the street are reached without the gate, and nobody passes it."""
    road_map = ascii_road_map(RING, RING_WAYS, nodes={"G": GATE})
    assert ends_only(road_map) == set()
    assert path(road_map, "AB", "CD") == "ABCD"
    assert path(road_map, "AB", "BG") == "ABG"
    assert path(road_map, "AB", "GC") == "ABCGC"  # turning back at the gate
    assert path(road_map, "AB", "CG") == "ABCG"
    assert path(road_map, "BG", "CG") == "BGBCG"
    assert max(road_map.network.node_flags.tolist()) == NodeFlag.PRIVATE_GATE | NodeFlag.BARRIER


def test_a_gate_in_a_oneway_leaves_both_sides_to_who_has_business_there() -> None:
    """Nobody could turn back before a gate in a one-way street: its roads serve the ends of routes instead."""
    road_map = ascii_road_map(RING, {**RING_WAYS, "BGC": {"oneway": "yes"}}, nodes={"G": GATE})
    assert ends_only(road_map) == {"BG", "GC"}
    assert path(road_map, "AB", "CD") == "ABCD"
    assert path(road_map, "AB", "BG") == "ABG"
    assert path(road_map, "AB", "GC") == "ABGC"
    assert path(road_map, "BG", "CD") == "BGCD"


def test_a_gate_between_private_roads_stays_a_way_through_for_their_owners() -> None:
    """A private street leads to both ends of its gate, so that whoever lives there may leave either way."""
    road_map = ascii_road_map(RING, {**RING_WAYS, "BGC": {"access": "private"}}, nodes={"G": GATE})
    assert path(road_map, "AB", "CD") == "ABCD"
    assert path(road_map, "BG", "CD") == "BGCD"


def test_a_gate_on_a_junction_closes_no_road() -> None:
    """It does not say which of the roads that meet there it stands across."""
    road_map = ascii_road_map(RING, RING_WAYS, nodes={"B": GATE})
    assert ends_only(road_map) == set()
    assert path(road_map, "AB", "CD") == "ABCD"


def test_roads_behind_a_gate_that_are_shut_at_times_stay_ends_only() -> None:
    """Under their conditions too, roads of an estate serve the ends of routes."""
    ways = {**ESTATE_WAYS, "IJK": {"maxspeed": "20", "maxspeed:conditional": "10 @ (22:00-06:00)"}}
    network = ascii_road_map(ESTATE, ways, nodes={"G": GATE, "H": GATE}).network
    assert network.conditional_edge_flags.tolist() == [EdgeFlag.ENDS_ONLY] * 4


GATE_NODES = st.sets(st.integers(1, 12), min_size=1, max_size=4)


@settings(max_examples=80)
@given(roads=osm_roads(), gates=GATE_NODES, profile=st.sampled_from(["car", "foot"]))
def test_gates_carry_nobody_through_and_part_nobody(roads: OsmRoads, gates: set[int], profile: str) -> None:
    """Roads that belong together while gates are open still do, and no open road goes on through a gate."""
    signals = {"highway": "traffic_signals"}  # the same nodes, so that the same edges result
    gated, ungated = (
        dataclasses.replace(roads, node_tags={**roads.node_tags, **dict.fromkeys(gates, tags)})
        for tags in (GATE, signals)
    )
    try:
        network, free = (build_network(each, PROFILES[profile]).network for each in (gated, ungated))
    except RoadFileError:
        return
    assert network.edge_way_id.tolist() == free.edge_way_id.tolist()
    reach = NaiveReach(network)
    main = [edge for edge in reach.usable if free.edge_component[edge] == 0]
    for road in main:
        assert all(reach.road_reaches(road, other) for other in main)
    for node in np.flatnonzero(network.node_flags & NodeFlag.PRIVATE_GATE).tolist():
        leaving = range(network.edge_first_out[node], network.edge_first_out[node + 1])
        sides = [reach.directions(edge) for edge in leaving]
        if len(sides) == 2 and all(sides) and free.edge_component[leaving[0]] == free.edge_component[leaving[1]]:
            is_private = any(all(map(reach.is_ends_only, side)) for side in sides)
            assert is_private or network.node_flags[node] & NodeFlag.BARRIER
