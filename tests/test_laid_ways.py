"""Laying another engine's way on our network: what it does there is told apart rightly."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.laid_ways import Cause, WayLayer
from tests.ascii_road_map import Restriction, ascii_road_map
from tests.naive_routing import NaiveRoads

BLOCK = """
    A---B---C---D
        |   |
        F---G
"""
WAYS: Mapping[str, Mapping[str, str]] = {"AB": {}, "BC": {}, "CD": {}, "BF": {}, "FG": {}, "GC": {}}
NO_STRAIGHT_ON: Restriction = {"restriction": "no_straight_on", "from": "AB", "via": "B", "to": "BC"}


@pytest.mark.parametrize(
    ("tags", "restrictions", "points", "cause"),
    [
        ({}, [], "BC", None),
        ({}, [], "BFGC", None),
        ({}, [NO_STRAIGHT_ON], "BC", Cause.RESTRICTED_TURN),
        ({}, [NO_STRAIGHT_ON], "BFGC", None),
        ({"BC": {"oneway": "-1"}}, [], "BC", Cause.FORBIDDEN_ROAD),
        ({"BC": {"access": "private"}}, [], "BC", Cause.ENDS_ONLY_ROAD),
        ({}, [], "BFBC", Cause.U_TURN),
        ({}, [], "BGC", Cause.UNKNOWN_ROAD),  # no road from B to G
        ({}, [], "FGC", Cause.OTHER_ROAD),  # begins on another road than A-B
        ({}, [], "BF", Cause.OTHER_ROAD),  # ends on another road than C-D
    ],
)
def test_a_way_is_judged_by_what_it_does(
    tags: dict[str, dict[str, str]], restrictions: list[Restriction], points: str, cause: Cause | None
) -> None:
    """From A-B to C-D over the given points."""
    road_map = ascii_road_map(BLOCK, {**WAYS, **tags}, restrictions=restrictions)
    places = np.array([road_map.place(letter) for letter in points])
    laid = WayLayer(road_map.network).lay(places, road_map.edge("AB"), road_map.edge("DC"))
    assert laid.cause == cause
    if cause is None:
        assert road_map.text_of(laid.edges) == f"A{points}D"


@pytest.mark.parametrize(
    ("nodes", "cause"),
    [("ABCD", None), ("ABFGCD", None), ("ABGCD", Cause.UNKNOWN_ROAD), ("BFGCD", Cause.OTHER_ROAD)],
)
def test_a_way_of_nodes_is_laid_from_end_to_end(nodes: str, cause: Cause | None) -> None:
    """The nodes around both places are among them, so that the first and the last step are the end edges."""
    road_map = ascii_road_map(BLOCK, WAYS)
    layer = WayLayer(road_map.network)
    laid = layer.lay_nodes([ord(letter) for letter in nodes], road_map.edge("AB"), road_map.edge("DC"))
    assert laid.cause == cause
    if cause is None:
        assert road_map.text_of(laid.edges) == nodes
        assert layer.turns_ms(laid.edges) == sum(
            NaiveRoads(road_map.network).turn_ms(*turn) for turn in pairwise(laid.edges)
        )


def test_a_way_costs_its_edges_and_the_given_parts_of_both_ends() -> None:
    """Half of the first and a quarter of the last edge are added to whole ones between."""
    road_map = ascii_road_map(BLOCK, WAYS)
    duration_ms = road_map.network.edge_duration_ms
    edges = tuple(road_map.edges("ABCD"))
    expected = duration_ms[edges[0]] / 2 + duration_ms[edges[1]] + duration_ms[edges[2]] / 4
    assert WayLayer(road_map.network).cost_ms(edges, 0.5, 0.25) == expected
