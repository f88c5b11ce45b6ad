"""From ways to a network: where ways are cut, what is dropped, and what makes two networks the same."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import RoadFileError
from geo.geodesy import chord_lengths_m
from geo.roads.network import LONGEST_EDGE_CM, LONGEST_EDGE_MS, EdgeFlag, NodeFlag, RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import BICYCLE, CAR, FOOT, PROFILES
from tests.ascii_road_map import ascii_road_map
from tests.random_roads import osm_roads

SQUARE = """
    A---B---C
    |   |   |
    F---E---D
"""
SQUARE_WAYS: Mapping[str, Mapping[str, str]] = {"ABC": {}, "CDE": {}, "EFA": {}, "BE": {}}


def letters_of(network: RoadNetwork) -> set[str]:
    """Edges as pairs of letters."""
    tails, heads = network.node_osm_id[network.edge_tail], network.node_osm_id[network.edge_head]
    return {chr(tail) + chr(head) for tail, head in zip(tails, heads, strict=True)}


@given(roads=osm_roads(), name=st.sampled_from(sorted(PROFILES)))
def test_the_columns_fit_each_other(roads: OsmRoads, name: str) -> None:
    """Every rule that `RoadNetwork` states of its columns holds."""
    try:
        network = build_network(roads, PROFILES[name]).network
    except RoadFileError:
        return
    edges = np.arange(network.edge_count)
    assert (np.diff(network.edge_tail) >= 0).all()
    assert np.array_equal(np.repeat(np.arange(network.node_count), np.diff(network.edge_first_out)), network.edge_tail)
    assert np.array_equal(network.edge_reverse[network.edge_reverse], edges)
    assert np.array_equal(network.edge_head, network.edge_tail[network.edge_reverse])
    assert np.array_equal(network.edge_shape, network.edge_shape[network.edge_reverse])
    assert np.array_equal(network.edge_is_backward, ~network.edge_is_backward[network.edge_reverse])
    assert (network.edge_length_cm >= 1).all()
    assert (network.edge_duration_ms >= 1).all()
    assert np.array_equal(network.edge_component < 0, (network.edge_flags & EdgeFlag.FORBIDDEN) != 0)
    assert (np.diff(network.shape_first) >= 2).all()
    assert len(set(network.node_osm_id.tolist())) == network.node_count
    assert network.names[0] == ""
    for edge in edges.tolist():
        points = network.edge_points(edge)
        ends = [
            (network.node_latitude_degrees[n], network.node_longitude_degrees[n])
            for n in (network.edge_tail[edge], network.edge_head[edge])
        ]
        assert [tuple(points[0]), tuple(points[-1])] == ends
        length_m = chord_lengths_m(points[:, 0], points[:, 1]).sum()
        assert network.edge_length_cm[edge] == max(1, round(length_m * 100))
    for index in range(len(network.forbidden_path_condition)):
        path = network.forbidden_path_edges[
            network.forbidden_path_first[index] : network.forbidden_path_first[index + 1]
        ]
        assert len(path) >= 2
        assert np.array_equal(network.edge_head[path[:-1]], network.edge_tail[path[1:]])


@given(roads=osm_roads(), seed=st.integers(0, 100))
def test_the_order_of_the_input_changes_nothing(roads: OsmRoads, seed: int) -> None:
    """Shuffled ways, tags and restrictions give the same fingerprint and the same columns."""
    shuffle = random.Random(seed)
    order = list(range(len(roads.way_ids)))
    shuffle.shuffle(order)
    nodes = [roads.way_node_ids[roads.way_first[way] : roads.way_first[way + 1]] for way in order]
    node_tags = list(roads.node_tags.items())
    shuffle.shuffle(node_tags)
    shuffled = dataclasses.replace(
        roads,
        way_ids=roads.way_ids[order],
        way_tags=tuple(dict(reversed(roads.way_tags[way].items())) for way in order),
        way_first=np.cumsum([0, *map(len, nodes)]),
        way_node_ids=np.concatenate(nodes),
        node_tags=dict(node_tags),
        restrictions=roads.restrictions[::-1],
    )
    before, after = build_network(roads, CAR), build_network(shuffled, CAR)
    assert before.network.fingerprint == after.network.fingerprint
    assert before.report == after.report
    for column in dataclasses.fields(RoadNetwork):
        assert np.array_equal(getattr(before.network, column.name), getattr(after.network, column.name)), column.name


def test_a_fingerprint_says_content_profile_and_parameters() -> None:
    """Equal input gives an equal fingerprint; a tag, a place, the profile or a cost gives another."""
    drawn = ascii_road_map(SQUARE, SQUARE_WAYS)
    roads = drawn.osm_roads
    moved = roads.node_latitude_degrees.copy()
    moved[0] += 1e-7
    restricted = ascii_road_map(
        SQUARE, SQUARE_WAYS, restrictions=[{"restriction": "no_left_turn", "from": "ABC", "via": "B", "to": "BE"}]
    )
    other_costs = dataclasses.replace(CAR, turn_costs=dataclasses.replace(CAR.turn_costs, turn_s=8.0))
    networks = [
        drawn.network,
        build_network(roads, FOOT).network,
        build_network(roads, BICYCLE).network,
        build_network(roads, other_costs).network,
        build_network(dataclasses.replace(roads, node_latitude_degrees=moved), CAR).network,
        ascii_road_map(SQUARE, {**SQUARE_WAYS, "BE": {"maxspeed": "30"}}).network,
        ascii_road_map(SQUARE, {**SQUARE_WAYS, "BE": {"name": "Rua"}}).network,
        ascii_road_map(SQUARE, {**SQUARE_WAYS, "BE": {"maxspeed:conditional": "20 @ (Sa)"}}).network,
        ascii_road_map(SQUARE, {**SQUARE_WAYS, "BE": {"maxspeed:conditional": "30 @ (Sa)"}}).network,
        ascii_road_map(SQUARE, SQUARE_WAYS, nodes={"B": {"highway": "traffic_signals"}}).network,
        restricted.network,
    ]
    fingerprints = [network.fingerprint for network in networks]
    assert len(set(fingerprints)) == len(fingerprints)
    assert build_network(dataclasses.replace(roads, source="elsewhere"), CAR).network.fingerprint == fingerprints[0]
    # Fixed, so that a change of the rules cannot pass unnoticed: then FINGERPRINT_VERSION must be raised.
    assert fingerprints[0] == "82436bd6b18ba0a29195cd9be01cb0ddfbf6862ebbd94e4b4804030c4c8012ba"


def test_ways_are_cut_where_they_meet_and_only_there() -> None:
    """Corners are shape points; junctions are nodes; each piece has both directions."""
    network = ascii_road_map(SQUARE, SQUARE_WAYS).network
    assert letters_of(network) == {"AB", "BA", "BC", "CB", "CE", "EC", "EA", "AE", "BE", "EB"}


def test_a_way_that_crosses_itself_is_cut_there() -> None:
    """A loop meets its own road in a node."""
    picture = """
        C---D
        |   |
    A---B---E
        |
        F
    """
    network = ascii_road_map(picture, {"ABCDEBF": {}}).network
    assert letters_of(network) == {"AB", "BA", "BB", "BF", "FB"}
    assert (network.edge_tail == network.edge_head).sum() == 2


def test_a_cut_way_keeps_the_parts_that_are_there() -> None:
    """Missing members in the middle leave two roads, missing ends a shorter one; all is counted."""
    picture = "A--B--C--D--E--F"
    road_map = ascii_road_map(picture, {"ABxCD": {}, "zEF": {}, "wFy": {}, "uv": {}})
    assert letters_of(road_map.network) == {"AB", "BA", "CD", "DC", "EF", "FE"}
    report = road_map.report
    assert (report.cut_ways, report.missing_node_references, report.ways_without_roads) == (4, 6, 2)


def test_a_node_named_twice_in_a_row_counts_once() -> None:
    """Repeated references make no edge without length."""
    road_map = ascii_road_map("A--B--C", {"AABBBC": {}})
    assert letters_of(road_map.network) == {"AC", "CA"}
    assert road_map.report.repeated_node_references == 3
    assert road_map.report.zero_length_edges == 0


def test_a_mistaken_place_or_duration_gives_no_impossible_edge() -> None:
    """Lengths and durations stay within what the costs of routing can hold, however far off a node is."""
    drawn = ascii_road_map("A--B--C--D", {"ABC": {}, "CD": {"highway": "", "route": "ferry", "motor_vehicle": "yes",
                                                          "duration": "9999:00"}}).osm_roads  # fmt: skip
    far = drawn.node_latitude_degrees.copy(), drawn.node_longitude_degrees.copy()
    far[0][1], far[1][1] = -41.15, 171.39
    network = build_network(
        dataclasses.replace(drawn, node_latitude_degrees=far[0], node_longitude_degrees=far[1]), CAR
    ).network
    assert network.edge_length_cm.min() > 0
    assert network.edge_length_cm.max() == LONGEST_EDGE_CM
    assert network.edge_duration_ms.tolist() == [LONGEST_EDGE_MS] * 4


def test_names_that_run_together_are_told_apart() -> None:
    """Two short names and one long name with a line between them make different fingerprints."""
    one, other = (
        ascii_road_map("A--B--C", {"AB": {"name": first}, "BC": {"name": second}}).network
        for first, second in (("a\nb", "c"), ("a", "b\nc"))
    )
    assert one.edge_name.tolist() == other.edge_name.tolist()
    assert one.fingerprint != other.fingerprint


def test_nodes_in_one_place_are_kept_apart_and_counted() -> None:
    """Two ways that only touch in a place, without a common node, are not joined: one may pass over the other."""
    roads = ascii_road_map("A--B--C", {"AB": {}, "BC": {}}).osm_roads
    twin = dataclasses.replace(
        roads,
        node_ids=np.append(roads.node_ids, ord("Z")),
        node_latitude_degrees=np.append(roads.node_latitude_degrees, roads.node_latitude_degrees[1]),
        node_longitude_degrees=np.append(roads.node_longitude_degrees, roads.node_longitude_degrees[1]),
        way_node_ids=np.array([ord(letter) for letter in "ABZC"]),
    )
    imported = build_network(twin, CAR)
    assert imported.report.nodes_in_one_place == 2
    assert imported.report.components == 2


def test_a_tagged_node_in_the_middle_of_a_road_is_a_node() -> None:
    """A signal must be a node so that passing it can cost something."""
    road_map = ascii_road_map("A--B--C", {"ABC": {}}, nodes={"B": {"highway": "traffic_signals"}})
    assert letters_of(road_map.network) == {"AB", "BA", "BC", "CB"}
    assert road_map.network.node_flags.tolist() == [0, NodeFlag.TRAFFIC_SIGNALS, 0]


def test_names_are_kept_once() -> None:
    """A road is called by its name, otherwise by its number."""
    ways: Mapping[str, Mapping[str, str]] = {
        "AB": {"name": "人民路"}, "BC": {"ref": "N 13"}, "CD": {"name": "人民路", "ref": "G2"}, "DE": {},
    }  # fmt: skip
    road_map = ascii_road_map("A--B--C--D--E", ways)
    network = road_map.network
    assert network.names == ("", "N 13", "人民路")
    assert [network.names[network.edge_name[road_map.edge(edge)]] for edge in ("AB", "BC", "CD", "DE")] == [
        "人民路", "N 13", "人民路", "",
    ]  # fmt: skip


def test_conditional_tags_are_kept_with_what_they_change() -> None:
    """Under its condition an edge is closed, opened, slower, or for the ends of routes only."""
    ways: Mapping[str, Mapping[str, str]] = {
        "AB": {"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-09:00)"},
        "BC": {"access": "no", "motor_vehicle:conditional": "yes @ (20:00-06:00); destination @ (Sa)"},
        "CD": {"maxspeed": "50", "maxspeed:conditional": "20 @ (22:00-06:00)"},
        "DE": {"oneway:conditional": "yes @ (Su)"},
        "EF": {"foot:conditional": "no @ (Su)", "maxspeed:hgv:conditional": "30 @ (weight>7.5)"},
    }
    road_map = ascii_road_map("A--B--C--D--E--F", ways)
    network = road_map.network
    found = {
        (road_map.text_of([edge]), network.conditions[condition]): (
            EdgeFlag(int(flags)),
            round(float(network.edge_length_cm[edge] * 36.0 / duration_ms)),
        )
        for edge, condition, flags, duration_ms in zip(
            network.conditional_edge,
            network.conditional_edge_condition,
            network.conditional_edge_flags,
            network.conditional_edge_duration_ms,
            strict=True,
        )
    }
    closed, nothing = EdgeFlag.FORBIDDEN, EdgeFlag(0)
    assert found == {
        ("AB", "Mo-Fr 07:00-09:00"): (closed, 25),
        ("BA", "Mo-Fr 07:00-09:00"): (closed, 25),
        ("BC", "20:00-06:00"): (nothing, 25),
        ("CB", "20:00-06:00"): (nothing, 25),
        ("BC", "Sa"): (EdgeFlag.ENDS_ONLY, 25),
        ("CB", "Sa"): (EdgeFlag.ENDS_ONLY, 25),
        ("CD", "22:00-06:00"): (nothing, 16),
        ("DC", "22:00-06:00"): (nothing, 16),
        ("ED", "Su"): (closed, 25),
    }


@pytest.mark.parametrize(
    "ways", [{"AB": {"highway": "footway"}}, {"AB": {"access": "no"}}, {"xy": {}}, {"AA": {}}]
)  # fmt: skip
def test_an_input_without_a_usable_road_is_refused(ways: dict[str, dict[str, str]]) -> None:
    """No road of the profile, none that is open, none with two nodes: one clear error."""
    with pytest.raises(RoadFileError, match="no road that the profile 'car' may use"):
        ascii_road_map("A--B", ways)


def test_no_ways_at_all_are_refused() -> None:
    """An empty input is an error, not an empty network."""
    nothing, no_places = np.zeros(0, np.int64), np.zeros(0)
    empty = OsmRoads(nothing, (), np.zeros(1, np.int64), nothing, nothing, no_places, no_places, {}, ())
    with pytest.raises(RoadFileError):
        build_network(empty, CAR)
