"""Between which OSM nodes places on roads lie, and along which nodes a path leads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.roads.edge_shapes import nodes_along, nodes_around
from tests.ascii_road_map import ascii_road_map

ROAD_MAP = ascii_road_map(
    """
    A---B---C
            |
            D---E
            |
            F
    """,
    {"ABCD": {}, "DE": {}, "DF": {}},
    grid_m=10,
)
NETWORK = ROAD_MAP.network


def letters_along(edges: list[int], start: list[float], end: list[float]) -> str:
    """Letters of the nodes of a path."""
    return "".join(map(chr, nodes_along(NETWORK, np.array(edges), np.array(start), np.array(end))))


@pytest.mark.parametrize(
    ("edge", "fraction", "between"),
    [
        ("AD", 0.1, "AB"),
        ("AD", 0.5, "BC"),
        ("AD", 1.0, "CD"),
        ("DA", 0.1, "DC"),
        ("DA", 0.9, "BA"),
        ("DE", 0.0, "DE"),
    ],
)
def test_a_place_lies_between_two_neighbouring_nodes(edge: str, fraction: float, between: str) -> None:
    """The node passed last and the one ahead are those of the way, bends included, in the direction of travel."""
    before, ahead = nodes_around(NETWORK, np.array([ROAD_MAP.edge(edge)]), np.array([fraction]))
    assert chr(before[0]) + chr(ahead[0]) == between


def test_a_point_off_the_roads_lies_between_no_nodes() -> None:
    """Edge -1 has the nodes 0, whatever its neighbours in the list have."""
    before, ahead = nodes_around(NETWORK, np.array([-1, ROAD_MAP.edge("AD"), -1]), np.array([np.nan, 0.6, np.nan]))
    assert [(int(one), int(other)) for one, other in zip(before, ahead, strict=True)] == [
        (0, 0),
        (ord("B"), ord("C")),
        (0, 0),
    ]
    assert [len(ends) for ends in nodes_around(NETWORK, np.zeros(0, np.int32), np.zeros(0))] == [0, 0]


@pytest.mark.parametrize(
    ("path", "start", "end", "expected"),
    [
        ("AD DE", [0.0, 0.0], [1.0, 1.0], "ABCDE"),
        ("AD DF", [0.5, 0.0], [1.0, 0.5], "BCDF"),
        ("AD", [0.6], [0.6], "BC"),
        ("AD DA", [0.5, 0.5], [0.5, 1.0], "BCBA"),
        ("", [], [], ""),
    ],
)
def test_a_path_leads_along_its_nodes(path: str, start: list[float], end: list[float], expected: str) -> None:
    """All nodes of a path follow one another, from the last one passed before it to the first one behind it."""
    assert letters_along([ROAD_MAP.edge(edge) for edge in path.split()], start, end) == expected


@given(st.integers(0, NETWORK.edge_count - 1), st.floats(0, 1), st.floats(0, 1))
def test_the_nodes_of_a_path_begin_and_end_with_those_around_its_ends(edge: int, one: float, other: float) -> None:
    """Single places and paths agree."""
    start, end = sorted((one, other))
    nodes = nodes_along(NETWORK, np.array([edge]), np.array([start]), np.array([end]))
    before, ahead = nodes_around(NETWORK, np.array([edge, edge]), np.array([start, end]))
    assert nodes[0] == before[0]
    assert nodes[-1] in (before[1], ahead[1])
