"""Which edges belong together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import BICYCLE, CAR
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.naive_components import NaiveReach
from tests.random_roads import osm_roads


@pytest.mark.twin_of("geo.roads.component_kernels")
@pytest.mark.interpreted
@given(roads=osm_roads(max_nodes=8, max_ways=7))
def test_places_of_one_component_reach_each_other(roads: OsmRoads) -> None:
    """Following every turn finds a route both ways between the roads of each component."""
    network = build_network(roads, CAR).network
    reach = NaiveReach(network)
    for first, second in pairwise(sorted(reach.usable, key=lambda edge: int(network.edge_component[edge]))):
        if network.edge_component[first] == network.edge_component[second]:
            assert reach.road_reaches(first, second)
            assert reach.road_reaches(second, first)


@pytest.mark.twin_of("geo.roads.component_kernels")
@given(roads=osm_roads(max_nodes=8, max_ways=7))
def test_whatever_hangs_on_the_largest_core_belongs_to_it(roads: OsmRoads) -> None:
    """The component of the largest core holds exactly the roads that it reaches and that reach it."""
    for profile in (CAR, BICYCLE):
        network = build_network(roads, profile).network
        reach = NaiveReach(network)
        core = reach.largest_core()
        if not core:
            continue
        expected = {
            edge
            for edge in reach.usable
            if any(direction in reach.reached[min(core)] for direction in reach.directions(edge))
            and any(min(core) in reach.reached[direction] for direction in reach.directions(edge))
        }
        found = np.flatnonzero(network.edge_component == network.edge_component[min(core)])
        assert set(found.tolist()) == expected


@given(roads=osm_roads())
def test_components_are_numbered_by_size(roads: OsmRoads) -> None:
    """Component 0 has the most edges, every number occurs, and forbidden edges have none."""
    network = build_network(roads, CAR).network
    sizes = np.bincount(network.edge_component[network.edge_component >= 0])
    assert (sizes > 0).all()
    assert (np.diff(sizes) <= 0).all()
    assert np.flatnonzero(network.edge_component >= 0).tolist() == NaiveReach(network).usable


def _component(road_map: AsciiRoadMap, edge: str) -> int:
    return int(road_map.network.edge_component[road_map.edge(edge)])


def test_a_road_that_leads_only_out_is_an_island() -> None:
    """One can leave a one-way that nothing leads to, but not come back."""
    road_map = ascii_road_map("A---B---C---D", {"AB": {"oneway": "yes"}, "BC": {}, "CD": {}})
    assert _component(road_map, "BC") == _component(road_map, "DC") == 0
    assert _component(road_map, "AB") == 1


def test_a_road_that_only_a_forbidden_turn_leads_to_is_an_island() -> None:
    """Turn rules count: without the turn from the south, the road north is reached by nobody."""
    restriction = {"restriction": "no_straight_on", "from": "AB", "via": "B", "to": "BC"}
    road_map = ascii_road_map("A---B---C---D", {"AB": {}, "BC": {}, "CD": {}}, restrictions=[restriction])
    assert _component(road_map, "AB") != _component(road_map, "BC")


def test_a_ring_on_which_nobody_may_turn_back_is_one_component() -> None:
    """Its two directions never meet, but every place can be left both ways."""
    picture = """
        A---B
        |   |
        D---C
    """
    road_map = ascii_road_map(picture, {"AB": {}, "BC": {}, "CD": {}, "DA": {}})
    assert not road_map.network.turn_costs.u_turns_allowed
    assert road_map.report.components == 1


PRIVATE = """
    A---B---C
        |
        P
        |
    Q---R---S
"""


def test_a_private_road_belongs_to_the_network_that_it_hangs_on() -> None:
    """What lies at its end can be reached and left; it makes no island."""
    road_map = ascii_road_map(PRIVATE, {"AB": {}, "BC": {}, "BPR": {"access": "private"}, "QRS": {"access": "private"}})
    assert road_map.report.components == 1


def test_a_private_road_joins_no_two_networks() -> None:
    """Open roads behind a private road are an island: nobody may pass the private road on the way."""
    drawing = PRIVATE.replace("A---B---C", "A---B---C---D")
    ways = {"AB": {}, "BC": {}, "CD": {}, "BPR": {"access": "private"}, "QR": {}, "RS": {}}
    road_map = ascii_road_map(drawing, ways)
    assert _component(road_map, "AB") == _component(road_map, "BR") == 0
    assert _component(road_map, "QR") == _component(road_map, "RS") == 1


def test_a_network_of_private_roads_alone_is_one_component() -> None:
    """Inside an estate its own roads are ways on."""
    road_map = ascii_road_map("A---B---C---D", {road: {"access": "private"} for road in ("AB", "BC", "CD")})
    assert road_map.report.components == 1
