"""The drawn road map itself: what is drawn is what the network holds."""

from __future__ import annotations

import numpy as np
import pytest

from geo.roads.network import EdgeFlag
from tests.ascii_road_map import ascii_road_map


def test_letters_and_digits_lie_where_they_are_drawn() -> None:
    """One column is one grid step east, one row one step south."""
    road_map = ascii_road_map(
        """
        A--1--B
              |
              C
        """,
        {"AB": {}, "BC": {}},
        grid_m=100,
    )
    network = road_map.network
    assert network.edge_length_cm[road_map.edge("AB")] == pytest.approx(60_000, abs=30)
    assert network.edge_length_cm[road_map.edge("BC")] == pytest.approx(20_000, abs=10)
    latitude, longitude = road_map.points("A1B")
    assert latitude[0] == latitude[1] == latitude[2]
    assert longitude[1] == pytest.approx((longitude[0] + longitude[2]) / 2, abs=1e-7)


def test_a_bend_is_a_shape_point_and_a_meeting_is_a_node() -> None:
    """A letter in the middle of one way bends the edge; a letter where ways meet cuts it."""
    road_map = ascii_road_map(
        """
        A---B---C
            |
            D---E
        """,
        {"ABC": {}, "BDE": {}},
    )
    network = road_map.network
    assert sorted(network.node_osm_id.tolist()) == [ord(letter) for letter in "ABCE"]
    assert network.edge_points(road_map.edge("BE")).shape == (3, 2)
    assert np.array_equal(network.edge_points(road_map.edge("EB")), network.edge_points(road_map.edge("BE"))[::-1])


def test_a_path_of_letters_is_a_path_of_edges_and_back() -> None:
    """`edges` and `text_of` are each other's inverse."""
    road_map = ascii_road_map("A--B--C--D", {"AB": {}, "BC": {}, "CD": {}})
    assert road_map.text_of(road_map.edges("ABCDC")) == "ABCDC"
    assert road_map.text_of([road_map.edge("AB"), road_map.edge("CD")]) == "AB CD"


def test_the_way_against_a_oneway_is_kept_as_forbidden() -> None:
    """Both directions of a one-way are edges; the wrong one is forbidden and in no component."""
    road_map = ascii_road_map(
        """
        A---B
        |   |
        D---C
        """,
        {"AB": {"oneway": "yes"}, "BCDA": {}},
    )
    network = road_map.network
    against = road_map.edge("BA", way="AB")
    assert network.edge_flags[against] & EdgeFlag.FORBIDDEN
    assert network.edge_component[against] == -1
    assert network.edge_reverse[against] == road_map.edge("AB", way="AB")
    assert network.edge_component[road_map.edge("AB", way="AB")] == 0
