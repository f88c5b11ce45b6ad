"""Places that every engine lays on the same road: the middles of straight two-way roads of the largest component."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.errors import UnreachableError
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.routing.positions import RoadPositions
from geo.routing.route import TravelCost
from geo.routing.router import Router

LEAST_LENGTH_CM = 3000


def straight_middles(network: RoadNetwork, pair_count: int) -> RoadPositions:
    """Draw so many origins, then as many destinations: middles of straight two-way roads of the largest component."""
    both_ways = (network.edge_component == 0) & (network.edge_component[network.edge_reverse] == 0)
    is_open = (network.edge_flags & EdgeFlag.ENDS_ONLY) == 0
    is_straight = np.diff(network.shape_first)[network.edge_shape] == 2
    # One direction of each road, so that no two places are the same.
    is_first = np.arange(network.edge_count) < network.edge_reverse
    is_long = network.edge_length_cm >= LEAST_LENGTH_CM
    good = np.flatnonzero(both_ways & is_open & is_straight & is_first & is_long)
    rng = np.random.default_rng(5)
    origin = rng.integers(len(good), size=pair_count)
    # Never the road of the origin itself.
    destination = (origin + rng.integers(1, len(good), size=pair_count)) % len(good)
    edge = good[np.concatenate([origin, destination])].astype(np.int32)
    nothing = np.zeros(len(edge))
    return RoadPositions(edge, nothing + 0.5, nothing, nothing.astype(np.int8), network.edge_component[edge])


def middle_degrees(network: RoadNetwork, edge: int) -> NDArray[np.float64]:
    """Latitude and longitude of the middle of a straight edge."""
    middle: NDArray[np.float64] = network.edge_points(edge).mean(axis=0)
    return middle


def our_cost(router: Router, positions: RoadPositions, ends: tuple[int, int]) -> TravelCost | None:
    """Find the duration and length of our way."""
    try:
        return router.travel_cost(positions, positions, origin=ends[0], destination=ends[1])
    except UnreachableError:
        return None
