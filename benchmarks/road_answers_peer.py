"""The matrices that routingkit-cch finds, to compare with: the same junctions and durations, without turns.

RoutingKit (https://github.com/RoutingKit/RoutingKit) is the reference implementation of customizable contraction
hierarchies, in C++. It knows nodes and arcs only, and answers durations only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import routingkit_cch
from numpy.typing import NDArray

from geo.roads.network import EdgeFlag, RoadNetwork
from geo.routing.positions import RoadPositions
from geo.routing.router import Router

SEED = 1
JUNCTIONS = 6000


@dataclass(frozen=True, eq=False)
class PeerMatrices:
    """The peer, ready to answer; ``junctions`` are `JUNCTIONS` seeded nodes of the largest component."""

    metric: Any
    junctions: NDArray[np.int64]

    @classmethod
    def of_network(cls, network: RoadNetwork) -> PeerMatrices:
        """Give the peer every usable edge with its duration in milliseconds."""
        usable = (network.edge_flags & EdgeFlag.FORBIDDEN) == 0
        arcs = np.flatnonzero(usable & (network.edge_tail != network.edge_head))
        tail, head = network.edge_tail[arcs].tolist(), network.edge_head[arcs].tolist()
        places = network.node_latitude_degrees.tolist(), network.node_longitude_degrees.tolist()
        order = routingkit_cch.compute_order_inertial(network.node_count, tail, head, *places)
        hierarchy = routingkit_cch.CCH(order, tail, head, False)  # noqa: FBT003 - keep every arc; it takes no keyword
        metric = routingkit_cch.CCHMetric(hierarchy, network.edge_duration_ms[arcs].tolist())
        return cls(metric, cls.junctions_of(network))

    @staticmethod
    def junctions_of(network: RoadNetwork) -> NDArray[np.int64]:
        """Draw the junctions: origins, then as many destinations."""
        main = np.unique(network.edge_tail[network.edge_component == 0])
        drawn: NDArray[np.int64] = np.random.default_rng(SEED).choice(
            main, min(JUNCTIONS, len(main) // 2 * 2), replace=False
        )
        return drawn

    def sides(self, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """``size`` origins and as many destinations."""
        half = len(self.junctions) // 2
        return self.junctions[: min(size, half)], self.junctions[half : half + min(size, half)]

    def matrix(self, size: int) -> list[list[int | None]]:
        """Find the durations of a matrix."""
        origins, destinations = self.sides(size)
        search = routingkit_cch.CCHOneToMany(self.metric, destinations.tolist())
        return [search.distances_from(origin) for origin in origins.tolist()]

    def pairs(self, count: int) -> list[int | None]:
        """Find the durations of single pairs."""
        random = np.random.default_rng(SEED)
        search = routingkit_cch.CCHQuery(self.metric)
        pairs = random.choice(self.junctions, (count, 2)).tolist()
        return [search.run(origin, destination).distance for origin, destination in pairs]


def junction_positions(network: RoadNetwork, junctions: NDArray[np.int64]) -> RoadPositions:
    """Stand at junctions: at the tail of the first edge of the largest component that leaves, free to go both ways."""
    first_edge = np.full(network.node_count, -1, np.int32)
    main = np.flatnonzero(network.edge_component == 0)[::-1]
    first_edge[network.edge_tail[main]] = main
    edge, nothing = first_edge[junctions], np.zeros(len(junctions))
    return RoadPositions(edge, nothing, nothing, nothing.astype(np.int8), network.edge_component[edge])


def compare_matrices(router: Router, peer: PeerMatrices, size: int, *, times: int) -> dict[str, float]:
    """Measure both by turns, so that whatever else the machine does hits both."""
    origins, destinations = (junction_positions(router.network, side) for side in peer.sides(size))
    router.travel_matrix(origins, destinations)
    ours_s, peers_s = [], []
    for _ in range(times):
        start = time.process_time()
        router.travel_matrix(origins, destinations)
        middle = time.process_time()
        peer.matrix(size)
        peers_s.append(time.process_time() - middle)
        ours_s.append(middle - start)
    return {
        f"matrix_{size}_ms": 1e3 * min(ours_s),
        f"peer_matrix_{size}_ms": 1e3 * min(peers_s),
        f"matrix_{size}_ratio": min(ours_s) / min(peers_s),
    }
