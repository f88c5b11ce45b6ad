"""A way over a change of speeds is one path, and its duration is that of driving this path."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InvalidGeoInputError, UnreachableError
from geo.roads.network import RoadClass, RoadNetwork
from geo.roads.snapping import Snapper
from geo.routing.positions import RoadPositions
from geo.routing.route import Route
from geo.routing.router import Router
from geo.routing.slot_route import driven_ms, route_over_slots
from geo.routing.slot_travel import matrix_over_slots
from geo.routing.speed_overlay import SpeedOverlay
from tests.ascii_road_map import ascii_road_map
from tests.geo.routing.drawn_networks import random_networks, random_places
from tests.naive_routing import NaiveRoads

TWO_CLASSES = ascii_road_map(
    """
      E---F---G---H
      |           |
    A-B-----------C-D
    """,
    {"AB": {}, "CD": {}, "BC": {"highway": "primary"}, "BEFGHC": {"highway": "tertiary"}},
    grid_m=100.0,
)
"""From A to D along a primary road, or round it along a tertiary one."""
ENDS = Snapper(TWO_CLASSES.network).snap(*TWO_CLASSES.points("AD"))
STRAIGHT, ROUND_IT = (["AB", middle, "CD"] for middle in ("BC", "BEFGHC"))


def at_speeds(router: Router, factors: dict[RoadClass, float]) -> Router:
    """The same roads, some classes faster or slower."""
    table = np.ones(len(RoadClass))
    for road_class, factor in factors.items():
        table[road_class] = factor
    return router.with_speeds(SpeedOverlay.of_network(router.network).with_speed_factors(router.network, table))


def ways_of(route: Route) -> list[str]:
    """The drawn ways that a route follows."""
    names = {way_id: letters for letters, way_id in TWO_CLASSES.way_ids.items()}
    return [names[way_id] for way_id in TWO_CLASSES.network.edge_way_id[route.edges].tolist()]


def naive_driven_ms(route: Route, slots: list[tuple[float, Router]]) -> float:
    """Drive a path edge by edge, each with the share of every slot that it takes."""
    roads = NaiveRoads(slots[0][1].network)
    ends_ms = [end_ms for end_ms, _ in slots[:-1]] + [math.inf]
    edges, now_ms, slot = route.edges.tolist(), 0.0, 0
    for number, edge in enumerate(edges):
        share = 1.0
        while share > 0:
            whole_ms = int(slots[slot][1].roads.edge_key[edge]) >> 32
            first_ms = math.floor(route.first_fraction * whole_ms + 0.5) if number == 0 else 0
            last_ms = math.floor(route.last_fraction * whole_ms + 0.5) if number == len(edges) - 1 else whole_ms
            needed_ms = share * (last_ms - first_ms)
            if now_ms + needed_ms <= ends_ms[slot]:
                now_ms, share = now_ms + needed_ms, 0.0
            else:
                share -= max(ends_ms[slot] - now_ms, 0.0) / (last_ms - first_ms)
                now_ms, slot = max(now_ms, ends_ms[slot]), slot + 1
        if number < len(edges) - 1:
            now_ms += roads.turn_ms(edge, edges[number + 1])
        while now_ms > ends_ms[slot]:
            slot += 1
    return now_ms


def test_the_drawn_path_takes_as_long_as_the_answer_says() -> None:
    """Where another way is faster in the next hour, the answer's duration is that of its own path, not a mixture."""
    router = Router.build(TWO_CLASSES.network)
    slow_primary = at_speeds(router, {RoadClass.PRIMARY: 0.1})
    primary, round_it = (each.route(ENDS, ENDS, destination=1) for each in (router, slow_primary))
    assert ways_of(primary) == STRAIGHT
    assert ways_of(round_it) == ROUND_IT
    # The primary road becomes slow soon after the start, so that going round is best from the start on.
    slots = [(1_000.0, router), (math.inf, slow_primary)]
    route = route_over_slots(slots, ENDS, ENDS, destination=1)
    assert ways_of(route) == ROUND_IT
    assert route.duration_ms == driven_ms(round_it, slots)
    assert route.length_cm == round_it.length_cm
    # The primary road becomes slow when most of it is driven: it stays the better way.
    late_ms = float(router.part_durations_ms(primary)[:3].sum()) - 3_000.0
    route = route_over_slots([(late_ms, router), (math.inf, slow_primary)], ENDS, ENDS, destination=1)
    assert ways_of(route) == STRAIGHT
    assert primary.duration_ms < route.duration_ms < round_it.duration_ms
    # A matrix has no path to draw: its duration is made of the shares of both.
    mixed = matrix_over_slots([(late_ms, router), (math.inf, slow_primary)], ENDS, ENDS)
    assert mixed.duration_ms[0, 1] != route.duration_ms
    assert mixed.length_cm[0, 1] == primary.length_cm


def test_each_road_of_a_path_is_driven_at_the_speed_of_its_own_hour() -> None:
    """A class that slows down when its part of the way is done costs nothing; one still to come costs its whole."""
    router = Router.build(TWO_CLASSES.network)
    plain = router.route(ENDS, ENDS, destination=1)
    parts = router.part_durations_ms(plain)
    at_c_ms = float(parts[:3].sum())
    slow = at_speeds(router, {RoadClass.PRIMARY: 0.5})
    assert driven_ms(plain, [(at_c_ms, router), (math.inf, slow)]) == plain.duration_ms
    at_b_ms = float(parts[:2].sum())
    half_as_fast = plain.duration_ms + int(parts[2])
    assert driven_ms(plain, [(at_b_ms, router), (math.inf, slow)]) == pytest.approx(half_as_fast, abs=1)


def test_no_more_slots_are_asked_for_than_the_way_needs() -> None:
    """A way that ends in the first slot is that of its router, and a second one is never made."""
    router, asked = Router.build(TWO_CLASSES.network), 0

    def slots() -> Iterator[tuple[float, Router]]:
        nonlocal asked
        for end_ms in (1e9, math.inf):
            asked += 1
            yield end_ms, router

    route, plain = route_over_slots(slots(), ENDS, ENDS, destination=1), router.route(ENDS, ENDS, destination=1)
    assert (route.duration_ms, route.length_cm, asked) == (plain.duration_ms, plain.length_cm, 1)
    with pytest.raises(InvalidGeoInputError, match="slots"):
        route_over_slots([], ENDS, ENDS)


def routes(router: Router, places: RoadPositions) -> Iterator[Route]:
    """Every way between some places."""
    on_road = np.flatnonzero(places.edge >= 0).tolist()
    for origin in on_road:
        for destination in on_road:
            try:
                yield router.route(places, places, origin=origin, destination=destination)
            except UnreachableError:
                continue


@settings(max_examples=40)
@given(st.data(), random_networks(), st.lists(st.integers(1, 15_000), min_size=1, max_size=4))
def test_the_parts_of_a_path_add_up_and_are_driven_as_one_by_one(
    data: st.DataObject, network: RoadNetwork, slot_lengths_ms: list[int]
) -> None:
    """On any map, parts sum up to the path, and its timing equals driving it edge by edge and turn by turn."""
    router = Router.build(network)
    places = data.draw(random_places(network))
    speeds = st.sampled_from([0.25, 0.5, 1.0, 3.0])
    slots = [(float(end), at_speeds(router, {RoadClass(11): data.draw(speeds)})) for end in np.cumsum(slot_lengths_ms)]
    for route in routes(router, places):
        assert router.part_durations_ms(route).sum() == route.duration_ms
        assert driven_ms(route, slots) == pytest.approx(naive_driven_ms(route, slots), abs=1.01)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0.2, 0.5, 1.0, 2.0]), min_size=2, max_size=6), st.integers(5, 60))
def test_nobody_overtakes_on_one_path(factors: list[float], slot_s: int) -> None:
    """Whoever departs later on the same path arrives no earlier, whatever the speeds of the slots."""
    network = TWO_CLASSES.network
    router = Router.build(network)
    speeds = [at_speeds(router, {RoadClass.PRIMARY: factor}) for factor in factors]
    path = router.route(ENDS, ENDS, destination=1)

    def arrival_ms(departure_ms: int) -> int:
        slots = [((number + 1) * 1000.0 * slot_s - departure_ms, each) for number, each in enumerate(speeds)]
        return departure_ms + driven_ms(path, [slot for slot in slots if slot[0] > 0])

    arrivals = [arrival_ms(departure_ms) for departure_ms in range(0, 1000 * slot_s * (len(speeds) - 1), 1_234)]
    assert np.all(np.diff(arrivals) >= 0)
