"""Barriers and obligations that change with the hour: ways are those of the map with its tags as they are then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnreachableError
from geo.roads.components import edge_components
from geo.roads.conditions import ConditionKind
from geo.roads.network import NodeFlag, RoadNetwork, TurnCosts
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from tests.ascii_road_map import AsciiRoadMap, Restriction, ascii_road_map

MONDAY_8, MONDAY_12, SUNDAY_23 = (datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((2, 8), (2, 12), (8, 23)))
HOLDS = {
    "Mo-Fr 07:00-09:00": {MONDAY_8},
    "Mo-Fr": {MONDAY_8, MONDAY_12},
    "22:00-06:00": {SUNDAY_23},
    "06:00-11:00 AND Mo": {MONDAY_8},
    "Su; SH off": {SUNDAY_23},
}
"""When conditions hold, by hand."""

GATE = """
    A----B----C
    |         |
    F----E----D
"""
GATE_WAYS: Mapping[str, Mapping[str, str]] = {"AFEDC": {}, "ABC": {}}


def positions(network: RoadNetwork, edges: list[int]) -> RoadPositions:
    """Stand in the middle of edges."""
    edge, nothing = np.array(edges, np.int32), np.zeros(len(edges))
    return RoadPositions(edge, nothing + 0.5, nothing, nothing.astype(np.int8), network.edge_component[edge])


def path(road_map: AsciiRoadMap, start: str, end: str, when: datetime | None) -> str:
    """Letters of the fastest path between the middles of two roads; nothing where there is none."""
    router = Router.build(road_map.network)
    places = positions(road_map.network, [road_map.edge(start), road_map.edge(end)])
    try:
        route = (router.at(when) if when else router).route(places, places, origin=0, destination=1)
    except UnreachableError:
        return ""
    return road_map.text_of(route.edges)


@pytest.mark.parametrize(
    ("tags", "open_when"),
    [
        ({"barrier": "gate"}, "rest, Monday 8, Monday 12, Sunday 23"),
        ({"barrier": "gate", "access:conditional": "no @ (22:00-06:00)"}, "rest, Monday 8, Monday 12"),
        ({"barrier": "bollard", "motor_vehicle:conditional": "yes @ (06:00-11:00)"}, "Monday 8"),
        ({"barrier": "bollard", "motor_vehicle:conditional": "delivery @ (06:00-11:00 AND Mo)"}, "Monday 8"),
        ({"barrier": "gate", "access": "no", "access:conditional": "yes @ (Mo-Fr; SH off)"}, "Monday 8, Monday 12"),
        # The most specific key and the last clause decide.
        (
            {"barrier": "gate", "access:conditional": "no @ (24/7)", "motorcar:conditional": "yes @ (Mo)"},
            "rest, Monday 8, Monday 12",
        ),
        ({"barrier": "gate", "access:conditional": "no @ (Mo); yes @ (07:00-09:00)"}, "rest, Monday 8, Sunday 23"),
        # What is no matter of time, means nothing, or is another's changes nothing.
        ({"barrier": "bollard", "access:conditional": "yes @ (weight<3.5)"}, ""),
        ({"barrier": "bollard", "access:conditional": "rainy_days @ (24/7)", "bicycle:conditional": "yes @ (Mo)"}, ""),
        ({"access:conditional": "no @ (24/7)"}, "rest, Monday 8, Monday 12, Sunday 23"),  # no barrier at all
    ],
)
def test_a_barrier_is_shut_and_open_when_its_tags_say(tags: dict[str, str], open_when: str) -> None:
    """A way leads over the barrier while it is open, and round it while it is shut."""
    road_map = ascii_road_map(GATE, {"AB": {}, "BC": {}, "AFEDC": {}}, nodes={"B": tags})
    moments = {"rest": None, "Monday 8": MONDAY_8, "Monday 12": MONDAY_12, "Sunday 23": SUNDAY_23}
    found = [name for name, when in moments.items() if path(road_map, "AB", "BC", when) == "ABC"]
    assert ", ".join(found) == open_when


def test_a_gate_in_the_middle_of_a_way_becomes_a_node() -> None:
    """Also one that is open without a departure; who stands before it when it is shut turns back."""
    road_map = ascii_road_map(
        GATE, GATE_WAYS, nodes={"B": {"barrier": "gate", "access:conditional": "no @ (22:00-06:00)"}}
    )
    network = road_map.network
    assert network.node_flags[road_map.node("B")] == NodeFlag.BARRIER_AT_TIMES
    assert network.conditions == ("22:00-06:00", "NOT (22:00-06:00)")
    assert path(road_map, "AB", "BC", None) == "ABC"
    assert path(road_map, "AB", "BC", SUNDAY_23) == "BACB"
    assert road_map.report.conditions == {ConditionKind.TIME: 1}


def test_conditions_of_barriers_are_counted_by_kind() -> None:
    """Those of the profile, of barriers on its roads."""
    tags = {
        "barrier": "gate",
        "access:conditional": "no @ (22:00-06:00); private @ (Su); no @ (snow)",
        "motor_vehicle:conditional": "no @ (Sa)",
        "bicycle:conditional": "no @ (Mo)",
    }
    for profile, of_time in (("car", 3), ("foot", 2)):
        report = ascii_road_map(GATE, GATE_WAYS, nodes={"B": tags}, profile=profile).report
        assert report.conditions == {ConditionKind.TIME: of_time, ConditionKind.WEATHER: 1}
    assert ascii_road_map(GATE, GATE_WAYS, nodes={"B": {"barrier": "gate"}}).report.conditions == {}


def test_an_obligation_lasts_while_its_road_is_open() -> None:
    """Who must turn into a road goes on as if there were no sign while the road is closed."""
    rush_hour = {"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-09:00)"}
    road_map = ascii_road_map(
        """
        K----L----H
             |
             P
        """,
        {"KL": {}, "HL": rush_hour, "LP": {}},
        restrictions=[{"restriction": "only_right_turn", "from": "LP", "via": "L", "to": "HL"}],
    )
    assert path(road_map, "PL", "LK", MONDAY_8) == "PLK"
    assert path(road_map, "PL", "LK", MONDAY_12) == path(road_map, "PL", "LK", None) == "PLHLK"


def test_obligations_of_several_hours_allow_any_of_their_paths() -> None:
    """While both signs hold either way is allowed, and else the one whose sign holds."""
    from_p = {"from": "LP", "via": "L"}
    road_map = ascii_road_map(
        """
             N
             |
        K----L----H
             |
             P
        """,
        {"KL": {}, "LH": {}, "LP": {}, "NL": {}},
        restrictions=[
            {"restriction": "only_right_turn", "to": "LH", **from_p},
            {"restriction:conditional": "only_straight_on @ (Mo-Fr 07:00-09:00)", "to": "NL", **from_p},
        ],
    )
    ways = {(goal, when): path(road_map, "PL", f"L{goal}", when) for goal in "HNK" for when in (MONDAY_8, MONDAY_12)}
    assert ways["H", MONDAY_8] == ways["H", MONDAY_12] == "PLH"
    assert ways["N", MONDAY_8] == "PLN"
    assert ways["N", MONDAY_12] == "PLHLN"
    assert len(ways["K", MONDAY_8]) == len(ways["K", MONDAY_12]) == 5


PICTURE = """
    A---B---C
    |   |   |
    D---E---F
    |   |   |
    G---H---I
"""
STREETS = ("AB", "BC", "DE", "EF", "GH", "HI", "AD", "BE", "CF", "DG", "EH", "FI")
KINDS = ("no_left_turn", "no_straight_on", "only_left_turn", "only_right_turn", "only_straight_on")
BARRIERS = ("gate", "bollard", "lift_gate", "block")

Clauses = list[tuple[str, str]]


@st.composite
def clauses(draw: st.DrawFn, values: tuple[str, ...]) -> Clauses:
    """Draw one or two values with conditions."""
    return draw(st.lists(st.tuples(st.sampled_from(values), st.sampled_from(sorted(HOLDS))), min_size=1, max_size=2))


@st.composite
def restrictions(draw: st.DrawFn, streets: list[str]) -> tuple[Restriction, str, Clauses]:
    """Draw a turn at a crossing, what always holds there, and what holds at times."""
    via = draw(st.sampled_from("BDEFH"))
    ends = st.sampled_from([street for street in streets if via in street] or ["AB"])
    always = draw(st.sampled_from(("", *KINDS)))
    return {"from": draw(ends), "via": via, "to": draw(ends)}, always, draw(st.one_of(st.just([]), clauses(KINDS)))


def tagged(tags: Mapping[str, str], key: str, values: Clauses, when: datetime | None) -> dict[str, str]:
    """Tags with conditional values, or written out as they are at a moment."""
    if when is None:
        return {**tags, f"{key}:conditional": "; ".join(f"{value} @ ({text})" for value, text in values)}
    said = [value for value, text in values if when in HOLDS[text]]
    return {**tags, key: said[-1]} if said else dict(tags)


def restricted(drawn: list[tuple[Restriction, str, Clauses]], when: datetime | None) -> list[Restriction]:
    """Relations with conditions, or written out as they are at a moment; those that say nothing then are left out."""
    relations: list[Restriction] = []
    for members, always, values in drawn:
        said = [always] if always else []
        if when is None:
            tags = {"restriction": always} if always else {}
            relations.append({**members, **(tagged(tags, "restriction", values, None) if values else tags)})
        else:
            said += [value for value, text in values if when in HOLDS[text]]
            relations += [{**members, "restriction": value} for value in said]
    return relations


def costs(router: Router, road_map: AsciiRoadMap) -> np.ndarray:
    """Durations and lengths from each road to each, in the order of their letters."""
    edges = [road_map.edge(text) for street in road_map.way_ids for text in (street, street[::-1])]
    places = replace(positions(router.network, edges), one_direction=True)
    matrix = router.travel_matrix(places, places)
    return np.stack([matrix.duration_ms, matrix.length_cm])


@settings(max_examples=25)
@given(st.data())
def test_ways_over_barriers_are_those_of_the_tags_at_the_hour(data: st.DataObject) -> None:
    """With gates and bollards of several conditions on crossings and streets, turning back included."""
    streets = data.draw(st.lists(st.sampled_from(STREETS), min_size=7, unique=True))
    letters = sorted(set("".join(streets)))
    drawn = data.draw(
        st.dictionaries(
            st.sampled_from(letters),
            st.tuples(
                st.sampled_from(BARRIERS),
                st.sampled_from([("access", ("no", "yes")), ("motor_vehicle", ("no", "yes", "agricultural"))]),
            ).flatmap(lambda chosen: st.tuples(st.just(chosen[0]), st.just(chosen[1][0]), clauses(chosen[1][1]))),
            min_size=1,
            max_size=3,
        )
    )
    signs = data.draw(st.lists(restrictions(streets), max_size=2))

    def map_at(when: datetime | None) -> AsciiRoadMap:
        nodes = {letter: tagged({"barrier": kind}, key, values, when) for letter, (kind, key, values) in drawn.items()}
        known = [sign for sign in signs if {sign[0]["from"], sign[0]["to"]} <= set(streets)]
        ways = {street: {} for street in streets}
        return ascii_road_map(PICTURE, ways, grid_m=40.0, nodes=nodes, restrictions=restricted(known, when))

    at_all_times = map_at(None)
    network = at_all_times.network
    assert np.array_equal(network.edge_component, edge_components(network))
    router = Router.build(network)
    for when in (MONDAY_8, MONDAY_12, SUNDAY_23):
        as_it_is = map_at(when)
        expected = costs(Router.build(as_it_is.network), as_it_is)
        assert np.array_equal(costs(router.at(when), at_all_times), expected)
    if not signs:
        barriers = {letter: {"barrier": kind} for letter, (kind, _, _) in drawn.items()}
        ways = {street: {} for street in streets}
        without_conditions = ascii_road_map(PICTURE, ways, grid_m=40.0, nodes=barriers, restrictions=[])
        assert np.array_equal(
            costs(router, at_all_times), costs(Router.build(without_conditions.network), without_conditions)
        )
        assert np.array_equal(network.edge_component, without_conditions.network.edge_component)


FREE_TURNS = TurnCosts(turn_s=0.0, u_turn_s=0.0, u_turns_allowed=True)
"""A road that is shut at times still makes a junction, and no dead end: neither is asked about here."""


@settings(max_examples=40)
@given(st.data())
def test_obligations_onto_roads_that_change_are_those_of_the_tags_at_the_hour(data: st.DataObject) -> None:
    """With signs of several hours, onto roads that are closed and opened at times."""
    streets = data.draw(st.lists(st.sampled_from(STREETS), min_size=7, unique=True))
    changing = data.draw(st.dictionaries(st.sampled_from(streets), clauses(("no", "yes")), max_size=4))
    usually = {street: data.draw(st.sampled_from(("yes", "no"))) for street in changing}
    signs = data.draw(st.lists(restrictions(streets), min_size=1, max_size=5))
    known = [sign for sign in signs if {sign[0]["from"], sign[0]["to"]} <= set(streets)]

    def map_at(when: datetime | None) -> tuple[AsciiRoadMap, RoadNetwork]:
        ways = {street: {"access": usually.get(street, "yes")} for street in streets}
        ways |= {street: tagged(ways[street], "access", values, when) for street, values in changing.items()}
        road_map = ascii_road_map(PICTURE, ways, grid_m=40.0, restrictions=restricted(known, when))
        return road_map, replace(road_map.network, turn_costs=FREE_TURNS)

    at_all_times, network = map_at(None)
    router = Router.build(network)
    for when in (MONDAY_8, MONDAY_12, SUNDAY_23):
        as_it_is, network_then = map_at(when)
        assert np.array_equal(costs(router.at(when), at_all_times), costs(Router.build(network_then), as_it_is))
