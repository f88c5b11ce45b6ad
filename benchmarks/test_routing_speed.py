"""Micro-benchmarks of the road engine on a drawn city: seeded, small, for comparing one commit with another.

Run with ``make bench``. The figures that count are those of `benchmarks.measure_roads`, on a real city.
"""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from geo.geodesy import places_at
from geo.roads.network import RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import CAR
from geo.roads.snapping import Snapper
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay

SIDE = 40
BLOCK_M = 120.0
PLACES = 200
ORIGIN_DEGREES = (41.15, -8.61)


@pytest.fixture(scope="module")
def city() -> RoadNetwork:
    """Streets on a grid of 40 by 40 crossings; every third one is one-way, every fifth one a primary road."""
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    shift_m = np.random.default_rng(1).normal(0.0, BLOCK_M / 8, (2, SIDE * SIDE))
    latitude, longitude = places_at(
        *ORIGIN_DEGREES, east_m=column.ravel() * BLOCK_M + shift_m[0], north_m=row.ravel() * BLOCK_M + shift_m[1]
    )
    node = np.arange(1, SIDE * SIDE + 1).reshape(SIDE, SIDE)
    streets = [*node, *node.T]
    tags = tuple(
        {"highway": "residential" if number % 5 else "primary", **({"oneway": "yes"} if number % 3 == 0 else {})}
        for number in range(len(streets))
    )
    roads = OsmRoads(
        way_ids=np.arange(1, len(streets) + 1),
        way_tags=tags,
        way_first=np.arange(0, SIDE * (len(streets) + 1), SIDE),
        way_node_ids=np.concatenate(streets),
        node_ids=node.ravel(),
        node_latitude_degrees=latitude,
        node_longitude_degrees=longitude,
        node_tags={},
        restrictions=(),
    )
    return build_network(roads, CAR).network


@pytest.fixture(scope="module")
def router(city: RoadNetwork) -> Router:
    """Prepare the city."""
    return Router.build(city)


@pytest.fixture(scope="module")
def positions(city: RoadNetwork) -> RoadPositions:
    """Places anywhere on its roads."""
    random = np.random.default_rng(2)
    edge = random.choice(np.flatnonzero(city.edge_component == 0), PLACES).astype(np.int32)
    nothing = np.zeros(PLACES)
    return RoadPositions(edge, random.random(PLACES), nothing, nothing.astype(np.int8), city.edge_component[edge])


def test_preparing_a_network(benchmark: BenchmarkFixture, city: RoadNetwork) -> None:
    """Turn graph, order, shortcuts and costs."""
    assert benchmark(Router.build, city).turn_graph.state_count > 0


def test_new_speeds(benchmark: BenchmarkFixture, city: RoadNetwork, router: Router) -> None:
    """Costs alone."""
    speeds = SpeedOverlay.of_network(city)
    assert benchmark(router.with_speeds, speeds).hierarchy is router.hierarchy


def test_a_matrix(benchmark: BenchmarkFixture, router: Router, positions: RoadPositions) -> None:
    """Durations and lengths between 200 places."""
    assert benchmark(router.travel_matrix, positions, positions).reachable.all()


def test_one_cost(benchmark: BenchmarkFixture, router: Router, positions: RoadPositions) -> None:
    """Duration and length of one pair."""
    assert benchmark(router.travel_cost, positions, positions, origin=0, destination=1).duration_ms > 0


def test_one_route(benchmark: BenchmarkFixture, router: Router, positions: RoadPositions) -> None:
    """One pair with its path."""
    assert len(benchmark(router.route, positions, positions, origin=0, destination=1).edges) > 1


def test_snapping(benchmark: BenchmarkFixture, city: RoadNetwork) -> None:
    """A thousand places near junctions."""
    random, snapper = np.random.default_rng(3), Snapper(city)
    node = random.integers(0, city.node_count, 1000)
    places = (
        city.node_latitude_degrees[node] + random.normal(0.0, 2e-4, 1000),
        city.node_longitude_degrees[node] + random.normal(0.0, 2e-4, 1000),
    )
    assert (benchmark(snapper.snap, *places).edge >= 0).all()
