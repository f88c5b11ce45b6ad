"""Other speeds, closures and conditions on the same roads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InvalidGeoInputError, UnreachableError
from geo.roads.network import EdgeFlag, RoadClass, RoadNetwork
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from geo.routing.time_profiles import HOURS_OF_WEEK, TimeProfile
from tests.ascii_road_map import ascii_road_map
from tests.geo.routing.drawn_networks import (
    Piece,
    edge_between,
    make_network,
    places_on,
    random_networks,
    random_places,
)
from tests.naive_routing import NaiveRoads, naive_costs

RUSH_HOUR = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - local time of the place; a Monday
NIGHT = datetime(2026, 3, 2, 23, 0)  # noqa: DTZ001


@settings(max_examples=100)
@given(st.data())
def test_other_speeds_equal_a_network_of_those_speeds(data: st.DataObject) -> None:
    """A router with new durations, closures and conditions answers as the naive search on such roads."""
    network = data.draw(random_networks())
    edges = np.arange(network.edge_count)
    durations = np.array(data.draw(st.lists(st.integers(1, 9000), min_size=len(edges), max_size=len(edges))))
    closed = np.array(data.draw(st.lists(st.sampled_from(edges.tolist()), max_size=3)), np.int64)
    active = np.array([data.draw(st.booleans())])
    speeds = SpeedOverlay.of_network(network).with_durations(edges, durations).with_closures(closed)
    router = Router.build(network).with_speeds(replace(speeds, active_conditions=active))
    places = data.draw(random_places(network))
    matrix = router.travel_matrix(places, places)
    changed = replace(network, edge_duration_ms=durations.astype(np.int32))
    roads = NaiveRoads(changed, frozenset({0}) if active[0] else frozenset(), frozenset(closed.tolist()))
    for origin in range(len(places)):
        expected = [cost for cost, _ in naive_costs(roads, places, origin, places)]
        found = list(zip(matrix.duration_ms[origin].tolist(), matrix.length_cm[origin].tolist(), strict=True))
        assert found == expected


def conditional_road(flags: int, conditional_flags: int, *, duration_ms: int = 10_000) -> RoadNetwork:
    """Three roads in a row; the middle one has other flags in the rush hour."""
    network = make_network(
        [(41.0, -8.0), (41.001, -8.0), (41.002, -8.0), (41.003, -8.0)],
        [Piece(0, 1), Piece(1, 2, flags=flags, back_flags=flags), Piece(2, 3)],
        conditions=("Mo-Fr 07:00-09:00",),
    )
    edges = np.array([edge_between(network, 1, 2), edge_between(network, 2, 1)], np.int32)
    return replace(
        network,
        conditional_edge=edges,
        conditional_edge_condition=np.zeros(2, np.int32),
        conditional_edge_flags=np.full(2, conditional_flags, np.uint16),
        conditional_edge_duration_ms=np.full(2, duration_ms, np.int32),
    )


def duration_ms(network: RoadNetwork, when: datetime, *, profile: TimeProfile | None = None) -> int:
    """Milliseconds from the start of the first road to the end of the last; -1 where there is no path."""
    places = places_on(network, [edge_between(network, 0, 1), edge_between(network, 2, 3)], [0.0, 1.0])
    try:
        factors = None if profile is None else profile.factors_at(when)
        router = Router.build(network).at(when, factors=factors)
        return router.travel_cost(places, places, destination=1).duration_ms
    except UnreachableError:
        return -1


@pytest.mark.parametrize(
    ("flags", "conditional_flags", "in_rush_hour", "at_night"),
    [
        (0, EdgeFlag.FORBIDDEN, -1, 30_000),  # shut in the rush hour
        (EdgeFlag.FORBIDDEN, 0, 30_000, -1),  # open in the rush hour only
        (0, EdgeFlag.ENDS_ONLY, -1, 30_000),  # for residents only in the rush hour
        (EdgeFlag.ENDS_ONLY, 0, 30_000, -1),  # for residents only at other times
        (EdgeFlag.FORBIDDEN, EdgeFlag.ENDS_ONLY, -1, -1),  # never open for who passes through
    ],
)
def test_conditions_open_and_shut_roads(flags: int, conditional_flags: int, in_rush_hour: int, at_night: int) -> None:
    """A condition on the road in the middle holds at its hours only."""
    network = conditional_road(flags, conditional_flags)
    assert duration_ms(network, RUSH_HOUR) == in_rush_hour
    assert duration_ms(network, NIGHT) == at_night


def test_a_condition_may_slow_a_road_down() -> None:
    """A conditional speed limit counts in its hours."""
    network = conditional_road(0, 0, duration_ms=40_000)
    assert (duration_ms(network, RUSH_HOUR), duration_ms(network, NIGHT)) == (60_000, 30_000)


def test_a_conditional_restriction_holds_in_its_hours() -> None:
    """A turn forbidden on weekday mornings is driven round then, and driven at night."""
    road_map = ascii_road_map(
        """
        A---B---C---D
            |   |
            F---G
        """,
        {"AB": {}, "BC": {}, "CD": {}, "BF": {}, "FG": {}, "GC": {}},
        restrictions=[
            {"restriction:conditional": "no_straight_on @ (Mo-Fr 07:00-09:00)", "from": "AB", "via": "B", "to": "BC"}
        ],
    )
    places = places_on(road_map.network, [road_map.edge("AB"), road_map.edge("CD")], [0.5, 0.5])
    router = Router.build(road_map.network)
    assert road_map.text_of(router.at(NIGHT).route(places, places, destination=1).edges) == "ABCD"
    assert road_map.text_of(router.at(RUSH_HOUR).route(places, places, destination=1).edges) == "ABFGCD"


def test_a_time_profile_slows_its_hour_and_class() -> None:
    """Half the speed on residential roads on Monday at eight doubles the time then and only then."""
    factors = np.ones((HOURS_OF_WEEK, len(RoadClass)))
    factors[8, RoadClass.RESIDENTIAL] = 0.5
    network = conditional_road(0, 0)
    profile = TimeProfile(factors)
    assert duration_ms(network, RUSH_HOUR, profile=profile) == 60_000
    assert duration_ms(network, NIGHT, profile=profile) == 30_000


@pytest.mark.parametrize(
    ("edges", "durations", "fields"),
    [
        ([0, 99], [5, 5], ["edges[1]"]),
        ([0, 1], [0, -3], ["duration_ms[0]", "duration_ms[1]"]),
        ([0], [1 << 30], ["duration_ms[0]"]),
    ],
)
def test_impossible_durations_are_all_named(edges: list[int], durations: list[int], fields: list[str]) -> None:
    """Edges and durations out of range are refused, each by its index."""
    overlay = SpeedOverlay.of_network(conditional_road(0, 0))
    with pytest.raises(InvalidGeoInputError) as raised:
        overlay.with_durations(np.array(edges), np.array(durations))
    assert [violation.field for violation in raised.value.violations] == fields


@pytest.mark.parametrize("factor", [0.0, -1.0, np.nan, np.inf])
def test_impossible_speed_factors_are_named(factor: float) -> None:
    """A speed factor must be positive and finite."""
    network, factors = conditional_road(0, 0), np.ones(len(RoadClass))
    factors[3] = factor
    with pytest.raises(InvalidGeoInputError, match=r"factors\[3\]"):
        SpeedOverlay.of_network(network).with_speed_factors(network, factors)
