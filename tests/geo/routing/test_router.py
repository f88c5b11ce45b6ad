"""The router against the naive oracle, and what it answers to places that it cannot route."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InvalidGeoInputError, NoRoadNearbyError, UnreachableError
from geo.roads.network import EdgeFlag
from geo.routing import travel_matrix
from geo.routing.router import Router
from tests.geo.routing.drawn_networks import Piece, make_network, places_on, random_networks, random_places
from tests.naive_routing import NaiveRoads, naive_costs, recomputed_cost

SQUARE = make_network(
    [(41.0, -8.0), (41.0, -8.001), (41.001, -8.001), (41.001, -8.0)],
    [Piece(0, 1), Piece(1, 2), Piece(2, 3), Piece(3, 0)],
)


@pytest.mark.twin_of(
    "geo.routing.nested_dissection_kernels",
    "geo.routing.climbing_kernels",
    "geo.routing.travel_matrix_kernels",
)
@settings(max_examples=200)
@given(st.data())
def test_matrix_equals_naive_dijkstra(data: st.DataObject) -> None:
    """Every entry of a travel matrix equals the naive search, to the last digit."""
    network = data.draw(random_networks())
    origins, destinations = data.draw(random_places(network)), data.draw(random_places(network))
    matrix = Router.build(network).travel_matrix(origins, destinations)
    roads = NaiveRoads(network)
    for origin in range(len(origins)):
        expected = [cost for cost, _ in naive_costs(roads, origins, origin, destinations)]
        found = list(zip(matrix.duration_ms[origin].tolist(), matrix.length_cm[origin].tolist(), strict=True))
        assert found == expected


@pytest.mark.twin_of("geo.routing.route_kernels")
@settings(max_examples=100)
@given(st.data())
def test_route_equals_matrix_and_its_own_sum(data: st.DataObject) -> None:
    """A route costs what the matrix says, its edges and turns add up to that, and no turn of it is forbidden."""
    network = data.draw(random_networks())
    places = data.draw(random_places(network))
    router = Router.build(network)
    matrix = router.travel_matrix(places, places)
    for origin, destination in np.ndindex(matrix.duration_ms.shape):
        if places.edge[origin] < 0 or places.edge[destination] < 0:
            assert not matrix.reachable[origin, destination]
        elif matrix.reachable[origin, destination]:
            route = router.route(places, places, origin=origin, destination=destination)
            cost = (int(matrix.duration_ms[origin, destination]), int(matrix.length_cm[origin, destination]))
            assert (route.duration_ms, route.length_cm) == cost
            assert recomputed_cost(NaiveRoads(network), route) == cost
            assert router.travel_cost(places, places, origin=origin, destination=destination) == cost
        else:
            with pytest.raises(UnreachableError):
                router.route(places, places, origin=origin, destination=destination)


def test_matrix_in_blocks_and_tiles_equals_single_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix made in several blocks of rows and tiles of columns equals its rows found one by one."""
    side, rng = 12, np.random.default_rng(7)
    pairs = [(v, v + 1) for v in range(side * side) if (v + 1) % side]
    pairs += [(v, v + side) for v in range(side * (side - 1))]
    network = make_network(
        [(41 + v // side * 1e-3, -8 + v % side * 1e-3) for v in range(side * side)],
        [Piece(tail, head, int(rng.integers(1000, 9000)), int(rng.integers(1000, 9000))) for tail, head in pairs],
    )
    router = Router.build(network)
    origins = places_on(network, rng.integers(-1, network.edge_count, 40), rng.random(40))
    destinations = places_on(network, rng.integers(-1, network.edge_count, 600), rng.random(600))
    monkeypatch.setattr(travel_matrix, "ENTRIES_AT_ONCE", 4000)
    matrix = router.travel_matrix(origins, destinations)
    for origin in range(40):
        row = router.one_to_many(origins, destinations, origin=origin)
        np.testing.assert_array_equal(row.duration_ms[0], matrix.duration_ms[origin])
        np.testing.assert_array_equal(row.length_cm[0], matrix.length_cm[origin])


@pytest.mark.interpreted
def test_cut_off_leaves_out_what_is_farther() -> None:
    """With a cut-off, places within it keep their cost and the others are unreachable."""
    router = Router.build(SQUARE)
    places = places_on(SQUARE, [0, 0, 0, 5], [0.0, 0.3, 0.6, 0.5])
    everything = router.one_to_many(places, places)
    near = router.one_to_many(places, places, cut_off_s=3.0)
    assert everything.duration_ms[0].tolist()[:3] == [0, 3000, 6000]
    assert near.duration_ms[0].tolist() == [0, 3000, -1, -1]
    assert near.length_cm[0].tolist() == [0, 3000, -1, -1]


@pytest.mark.twin_of("geo.routing.one_to_many_kernels")
@settings(max_examples=200)
@given(st.data(), st.one_of(st.none(), st.floats(0.0, 60.0)))
def test_one_to_many_is_the_row_of_the_matrix_within_the_cut_off(data: st.DataObject, cut_off_s: float | None) -> None:
    """Whatever the network, the places and the cut-off: the row of the matrix, without what is farther."""
    network = data.draw(random_networks())
    origins, destinations = data.draw(random_places(network)), data.draw(random_places(network))
    router = Router.build(network)
    matrix = router.travel_matrix(origins, destinations)
    for origin in range(len(origins)):
        row = router.one_to_many(origins, destinations, origin=origin, cut_off_s=cut_off_s)
        is_near = matrix.duration_ms[origin] <= (np.inf if cut_off_s is None else cut_off_s * 1000)
        np.testing.assert_array_equal(row.duration_ms[0], np.where(is_near, matrix.duration_ms[origin], -1))
        np.testing.assert_array_equal(row.length_cm[0], np.where(is_near, matrix.length_cm[origin], -1))


@pytest.mark.parametrize("cut_off_s", [0.0, 7.5, 20.0, 45.0, 90.0, 1e12])
def test_a_cut_off_on_a_town_of_one_ways(cut_off_s: float) -> None:
    """On a grid of random streets, all places within the cut-off and no others are answered."""
    side, rng = 24, np.random.default_rng(3)
    pairs = [(v, v + 1) for v in range(side * side) if (v + 1) % side]
    pairs += [(v, v + side) for v in range(side * (side - 1))]
    network = make_network(
        [(41 + v // side * 1e-3, -8 + v % side * 1e-3) for v in range(side * side)],
        [
            Piece(
                tail,
                head,
                int(rng.integers(1000, 9000)),
                int(rng.integers(1000, 9000)),
                back_flags=int(rng.random() < 0.3) * EdgeFlag.FORBIDDEN,
            )
            for tail, head in pairs
        ],
    )
    router = Router.build(network)
    origins = places_on(network, rng.integers(0, network.edge_count, 12), rng.random(12))
    destinations = places_on(network, rng.integers(-1, network.edge_count, 500), rng.random(500))
    matrix = router.travel_matrix(origins, destinations)
    for origin in range(len(origins)):
        row = router.one_to_many(origins, destinations, origin=origin, cut_off_s=cut_off_s)
        is_near = matrix.duration_ms[origin] <= cut_off_s * 1000
        np.testing.assert_array_equal(row.duration_ms[0], np.where(is_near, matrix.duration_ms[origin], -1))
        np.testing.assert_array_equal(row.length_cm[0], np.where(is_near, matrix.length_cm[origin], -1))


@pytest.mark.parametrize("cut_off_s", [-0.001, float("nan")])
def test_a_cut_off_is_not_negative(cut_off_s: float) -> None:
    """A negative time, or none at all, is refused."""
    places = places_on(SQUARE, [0], [0.0])
    with pytest.raises(InvalidGeoInputError, match="cut_off_s"):
        Router.build(SQUARE).one_to_many(places, places, cut_off_s=cut_off_s)


def test_a_matrix_without_places_is_empty() -> None:
    """No origins or no destinations give a matrix of that shape."""
    router, some, none = Router.build(SQUARE), places_on(SQUARE, [0, 1], [0.5, 0.5]), places_on(SQUARE, [], [])
    assert router.travel_matrix(some, none).duration_ms.shape == (2, 0)
    assert router.travel_matrix(none, some).length_cm.shape == (0, 2)


def test_every_impossible_place_is_named() -> None:
    """A wrong edge and a wrong fraction are both named, with their indices."""
    router = Router.build(SQUARE)
    good, bad = places_on(SQUARE, [0], [0.5]), places_on(SQUARE, [1, 2, 3], [0.5, 1.5, np.nan])
    bad.edge[0] = 99
    with pytest.raises(InvalidGeoInputError) as raised:
        router.travel_matrix(good, bad)
    fields = [violation.field for violation in raised.value.violations]
    assert fields == ["destinations.edge[0]", "destinations.fraction[1]", "destinations.fraction[2]"]
    with pytest.raises(InvalidGeoInputError):
        router.route(good, bad, destination=1)


def test_a_place_on_no_road_is_refused_by_name() -> None:
    """A route from a place that was found on no road says which place."""
    places = places_on(SQUARE, [0, -1], [0.5, 0.0])
    with pytest.raises(NoRoadNearbyError, match=r"destinations\[1\]"):
        Router.build(SQUARE).route(places, places, destination=1)


def test_one_router_serves_several_threads() -> None:
    """Threads that share a router get the answers of one thread alone."""
    router, rng = Router.build(SQUARE), np.random.default_rng(1)
    places = places_on(SQUARE, rng.integers(0, SQUARE.edge_count, 60), rng.random(60))
    alone = router.travel_matrix(places, places)

    def ask(seed: int) -> bool:
        picks = np.random.default_rng(seed).integers(0, 60, (200, 2))
        costs = [router.travel_cost(places, places, origin=int(i), destination=int(j)) for i, j in picks]
        return [cost.duration_ms for cost in costs] == [int(alone.duration_ms[i, j]) for i, j in picks]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))


def test_progress_rises_to_one() -> None:
    """Building reports rising shares that end with 1."""
    shares: list[float] = []
    Router.build(SQUARE, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
