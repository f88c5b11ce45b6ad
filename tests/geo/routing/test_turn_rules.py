"""What a route may do at a junction and what that costs, each rule on a drawn map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from geo.errors import UnreachableError
from geo.roads.network import EdgeFlag, TurnCosts
from geo.routing.router import Router
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.routing.drawn_networks import Piece, edge_between, make_network, places_on

BLOCK = """
    A---B---C---D
        |   |
        F---G
"""
WAYS: Mapping[str, Mapping[str, str]] = {"AB": {}, "BC": {}, "CD": {}, "BF": {}, "FG": {}, "GC": {}}
FORK = """
    A---B---C
        |
        D
"""


def path(road_map: AsciiRoadMap, start: str, end: str) -> str:
    """Nodes of the fastest path that leaves along one edge and arrives along another; empty where there is none."""
    edges = [road_map.edge(start), road_map.edge(end)]
    places = places_on(road_map.network, edges, [0.5, 0.5], one_direction=True)
    try:
        return road_map.text_of(Router.build(road_map.network).route(places, places, destination=1).edges)
    except UnreachableError:
        return ""


def restriction(kind: str, start: str, via: str | list[str], end: str) -> dict[str, Any]:
    """Describe a restriction relation."""
    return {"restriction": kind, "from": start, "via": via, "to": end}


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        ([], "ABCD"),
        ([restriction("no_straight_on", "AB", "B", "BC")], "ABFGCD"),
        ([restriction("only_right_turn", "AB", "B", "BF")], "ABFGCD"),
        ([restriction("only_straight_on", "AB", "B", "BC")], "ABCD"),
        ([restriction("no_right_turn", "AB", "B", "BF")], "ABCD"),
        # Over a via way: only AB, BC, CD in a row is forbidden, so C is left for D after coming from G.
        ([restriction("no_straight_on", "AB", "BC", "CD")], "ABFGCD"),
        # The same over two via ways leaves the straight way open.
        ([restriction("no_left_turn", "BF", ["FG", "GC"], "CD")], "ABCD"),
        # Both at once: straight on is forbidden, and so is the whole way round the block; nothing is left.
        (
            [
                restriction("no_straight_on", "AB", "B", "BC"),
                restriction("no_left_turn", "BF", ["FG", "GC"], "CD"),
            ],
            "",
        ),
        # Two restrictions that begin alike: the longer one still holds where the shorter one does not apply.
        (
            [
                restriction("no_u_turn", "AB", "BC", "GC"),
                restriction("no_straight_on", "AB", "BC", "CD"),
            ],
            "ABFGCD",
        ),
    ],
)
def test_restrictions_shape_the_path(restrictions: list[dict[str, Any]], expected: str) -> None:
    """From AB to CD, the fastest path that keeps to every restriction is taken."""
    assert path(ascii_road_map(BLOCK, WAYS, restrictions=restrictions), "AB", "CD") == expected


@pytest.mark.parametrize(
    ("restrictions", "start", "end", "expected"),
    [
        # A dead-end street that must not be entered, or not be left: no_entry, no_exit.
        ([{"restriction": "no_entry", "from": ["AB", "BF"], "via": "B", "to": "BC"}], "AB", "CD", "ABFGCD"),
        ([{"restriction": "no_exit", "from": "AB", "via": "B", "to": ["BC", "BF"]}], "AB", "CD", ""),
        # Turning round the block comes back to where it began; at the end of a street one turns back, unless forbidden.
        ([], "CD", "DC", "CDC"),
        ([restriction("no_u_turn", "CD", "D", "CD")], "CD", "DC", ""),
        ([restriction("only_u_turn", "AB", "B", "AB")], "AB", "CD", ""),
        ([restriction("only_left_turn", "BF", "F", "FG")], "BF", "CD", "BFGCD"),
        # Other people's rules, and whom they except.
        ([{**restriction("no_straight_on", "AB", "B", "BC"), "except": "motorcar"}], "AB", "CD", "ABCD"),
        ([{**restriction("no_straight_on", "AB", "B", "BC"), "except": "psv"}], "AB", "CD", "ABFGCD"),
        (
            [{"restriction:motorcar": "no_straight_on", "from": "AB", "via": "B", "to": "BC"}],
            *("AB", "CD", "ABFGCD"),
        ),
        ([{"restriction:hgv": "no_straight_on", "from": "AB", "via": "B", "to": "BC"}], "AB", "CD", "ABCD"),
        # Without a departure time, no condition holds.
        (
            [{"restriction:conditional": "no_straight_on @ (24/7)", "from": "AB", "via": "B", "to": "BC"}],
            *("AB", "CD", "ABCD"),
        ),
    ],
)
def test_every_kind_of_restriction_shapes_the_path(
    restrictions: list[dict[str, Any]], start: str, end: str, expected: str
) -> None:
    """Kinds for several roads, dead ends, exceptions, vehicles and conditions each decide which way is taken."""
    assert path(ascii_road_map(BLOCK, WAYS, restrictions=restrictions), start, end) == expected


@pytest.mark.parametrize(
    ("tags", "start", "end", "expected"),
    [
        ({"BC": {"oneway": "yes"}}, "AB", "CD", "ABCD"),
        ({"BC": {"oneway": "-1"}}, "AB", "CD", "ABFGCD"),
        ({"BC": {"access": "private"}}, "AB", "CD", "ABFGCD"),  # not in between
        ({"AB": {"access": "private"}}, "AB", "CD", "ABCD"),  # at the start
        ({"CD": {"access": "private"}}, "AB", "CD", "ABCD"),  # at the end
        ({"AB": {"access": "private"}, "BC": {"access": "private"}}, "AB", "CD", "ABCD"),  # both before the open road
        ({"BC": {"access": "private"}, "CD": {"access": "private"}}, "AB", "CD", "ABCD"),  # both after it
        ({way: {"access": "private"} for way in ("AB", "BC", "CD")}, "AB", "CD", "ABCD"),  # private all along
        ({"AB": {"access": "private"}, "CD": {"access": "private"}}, "AB", "CD", "ABCD"),  # at both ends
    ],
)
def test_one_ways_and_private_roads(tags: dict[str, dict[str, str]], start: str, end: str, expected: str) -> None:
    """One-ways are kept to, and private roads are used at the ends of a route only."""
    assert path(ascii_road_map(BLOCK, {**WAYS, **tags}), start, end) == expected


def test_a_private_road_is_not_left_and_entered_again() -> None:
    """Private, open, private, open is no path: private roads count at the ends only."""
    picture = "A---B---C---D---E"
    private = {"access": "private"}
    road_map = ascii_road_map(picture, {"AB": private, "BC": {}, "CD": private, "DE": {}})
    assert path(road_map, "AB", "CD") == "ABCD"
    assert path(road_map, "AB", "DE") == ""


def test_a_barrier_stops_paths_but_can_be_reached() -> None:
    """No path leads through a bollard, from either side one may drive up to it and turn."""
    road_map = ascii_road_map(FORK, {"AB": {}, "BC": {}, "BD": {}}, nodes={"B": {"barrier": "bollard"}})
    assert path(road_map, "AB", "BC") == ""
    assert path(road_map, "AB", "BA") == "ABA"


def test_a_roundabout_is_driven_one_way_round() -> None:
    """The exit just behind the entry is reached by driving nearly all the way round, as the nodes are ordered."""
    picture = """
            D
            |
        E---C
        |   |
    A---B---F---H
    """
    ways: dict[str, dict[str, str]] = {"AB": {}, "CD": {}, "FH": {}, "BFCEB": {"junction": "roundabout"}}
    road_map = ascii_road_map(picture, ways)
    assert path(road_map, "AB", "FH") == "ABFH"
    assert path(road_map, "DC", "FH") == "DCBFH"
    assert path(road_map, "HF", "BA") == "HFCBA"
    assert path(road_map, "AB", "BA") == "ABFCBA"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"motor_vehicle": "yes", "duration": "00:05"}, "ABCD"),
        ({"motor_vehicle": "yes", "duration": "02:00"}, "ABFGCD"),  # round the water is faster
        ({}, "ABFGCD"),  # for people without cars
    ],
)
def test_a_ferry_is_taken_where_it_carries_and_is_faster(tags: dict[str, str], expected: str) -> None:
    """Between two quays lies a ferry, and a long road round the water."""
    ferry = {"highway": "", "route": "ferry", **tags}
    assert path(ascii_road_map(BLOCK, {**WAYS, "BC": ferry}, grid_m=500.0), "AB", "CD") == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"surface": "mud"}, "ABFGCD"),
        ({"surface": "asphalt"}, "ABCD"),
        ({"smoothness": "very_horrible"}, "ABFGCD"),
        ({"maxspeed": "5"}, "ABFGCD"),
        ({"maxspeed": "5 mph"}, "ABFGCD"),
        ({"maxspeed": "walk"}, "ABFGCD"),
        ({"maxspeed": "50"}, "ABCD"),
        ({"highway": "service", "service": "driveway"}, "ABFGCD"),
        ({"highway": "secondary"}, "ABCD"),
        ({"highway": "living_street"}, "ABFGCD"),
    ],
)
def test_a_slow_or_private_street_is_driven_round(tags: dict[str, str], expected: str) -> None:
    """The straight street is taken only where its surface, limit and class let it be faster than three sides round."""
    ways = {way: {"highway": "primary"} for way in WAYS}
    straight = {"BC": {"highway": "primary", **tags}}
    assert path(ascii_road_map(BLOCK, {**ways, **straight}, grid_m=100.0), "AB", "CD") == expected


def test_turning_back_is_for_dead_ends() -> None:
    """Without u-turns at junctions, the route turns at the next dead end."""
    road_map = ascii_road_map(FORK, {"AB": {}, "BC": {}, "BD": {"oneway": "-1"}})
    assert path(road_map, "AB", "BA") == "ABCBA"


def test_turning_back_before_a_private_road_is_allowed() -> None:
    """Where only private roads go on, an open road is a dead end for who passes through."""
    road_map = ascii_road_map("A---B---C", {"AB": {}, "BC": {"access": "private"}})
    assert path(road_map, "AB", "BA") == "ABA"


def cost_ms(costs: TurnCosts, start: tuple[int, int], end: tuple[int, int], *, signals: bool = False) -> int:
    """Milliseconds beyond those of the edges for one turn at the middle of a cross of 10 s arms."""
    arms = [(41.0, -8.0), (41.001, -8.0), (41.0, -7.999), (40.999, -8.0), (41.0, -8.001)]
    network = make_network(
        arms, [Piece(0, arm) for arm in range(1, 5)], node_flags=[int(signals), 0, 0, 0, 0], turn_costs=costs
    )
    edges = [edge_between(network, *start), edge_between(network, *end)]
    places = places_on(network, edges, [0.0, 1.0], one_direction=True)
    return Router.build(network).travel_cost(places, places, destination=1).duration_ms - 20_000


@pytest.mark.parametrize(
    ("end", "angle_degrees"),
    [((0, 3), 0.0), ((0, 2), 90.0), ((0, 4), 90.0)],
)
def test_turn_cost_grows_with_the_angle(end: tuple[int, int], angle_degrees: float) -> None:
    """Coming from the north, straight on and both right angles cost what the formula says."""
    expected_s = 7.5 / (1 + math.exp(6.5 - 13 * angle_degrees / 180))
    assert cost_ms(TurnCosts(), (1, 0), end) == math.floor(expected_s * 1000 + 0.5)


def test_signals_and_turning_back_have_their_own_costs() -> None:
    """A signal adds its seconds to the turn; a turn back costs its own seconds instead of the angle's."""
    costs = TurnCosts(turn_s=0.0, u_turn_s=30.0, traffic_signal_s=4.0, u_turns_allowed=True)
    assert cost_ms(costs, (1, 0), (0, 3)) == 0
    assert cost_ms(costs, (1, 0), (0, 3), signals=True) == 4_000
    assert cost_ms(costs, (1, 0), (0, 1), signals=True) == 34_000


def test_a_bend_of_two_roads_costs_no_turn() -> None:
    """Where only two road pieces meet there is no junction, however sharp the bend."""
    network = make_network([(41.0, -8.0), (41.001, -8.0), (41.0, -8.0001)], [Piece(0, 1), Piece(1, 2)])
    edges = [edge_between(network, 0, 1), edge_between(network, 1, 2)]
    places = places_on(network, edges, [0.0, 1.0], one_direction=True)
    assert Router.build(network).travel_cost(places, places, destination=1).duration_ms == 20_000


def test_a_place_on_a_forbidden_direction_is_left_the_other_way() -> None:
    """A place given on the forbidden side of a one-way is left and entered along the allowed side."""
    network = make_network([(41.0, -8.0), (41.001, -8.0)], [Piece(0, 1, back_flags=EdgeFlag.FORBIDDEN)])
    back = edge_between(network, 1, 0)
    places = places_on(network, [back, back], [0.75, 0.25])
    router = Router.build(network)
    assert router.travel_cost(places, places, destination=1).duration_ms == 5_000
    with pytest.raises(UnreachableError):
        router.travel_cost(places, places, origin=1, destination=0)
