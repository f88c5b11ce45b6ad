"""Says what another engine's way does on our network: whether it is allowed here, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.roads.network import NodeFlag, RoadNetwork
from tests.naive_routing import NaiveRoads, Trail

NEAR_DEGREES = 3e-5
"""Coordinates of other engines are rounded: a point of a way is the shape point within 3 m."""


class Cause(Enum):
    """What another engine's way does that ours does not."""

    OTHER_ROAD = "starts or ends on another road: the engine laid the place elsewhere"
    UNKNOWN_ROAD = "drives a road that is not in our network"
    FORBIDDEN_ROAD = "drives a road, or in a direction, that our profile forbids"
    ENDS_ONLY_ROAD = "drives through a private or destination-only road"
    BARRIER = "drives through a barrier"
    U_TURN = "turns back where our rules forbid it"
    RESTRICTED_TURN = "takes a turn that a restriction forbids"
    SLOWER = "is allowed here, and slower by our speeds"
    SAME_COST = "is allowed here and costs the same by our speeds"
    FASTER = "is allowed here, and faster by our speeds"


@dataclass(frozen=True, eq=False)
class LaidWay:
    """The edges of a way between its first and last edge, and what it does."""

    edges: tuple[int, ...]
    cause: Cause | None


class WayLayer:
    """Lays ways on one network.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self._network, self._roads = network, NaiveRoads(network)
        points = np.column_stack([network.shape_latitude_degrees, network.shape_longitude_degrees])
        self._osm_id = network.shape_osm_node_id
        self._tree = cKDTree(points)
        self._edges_of_step: dict[tuple[int, int], list[int]] = {}
        for edge in range(network.edge_count):
            shape = network.edge_shape[edge]
            ids = self._osm_id[network.shape_first[shape] : network.shape_first[shape + 1]].tolist()
            for step in pairwise(reversed(ids) if network.edge_is_backward[edge] else ids):
                self._edges_of_step.setdefault(step, []).append(edge)

    def lay(self, points: NDArray[np.float64], first_edge: int, last_edge: int) -> LaidWay:
        """Lay the points of a way, without its two places, on edges.

        Parameters
        ----------
        points
            ``(p, 2)`` latitude and longitude in degrees.
        first_edge, last_edge
            Edges that the two places lie on; the way may drive them in either direction.

        Returns
        -------
        LaidWay
            All its edges; a cause where it drives what our rules forbid.
        """
        distance, nearest = self._tree.query(points)
        if np.any(distance > NEAR_DEGREES):
            return LaidWay((), Cause.UNKNOWN_ROAD)
        ids = self._osm_id[nearest].tolist()
        first = self._end_edge(first_edge, ids[0], at_head=True)
        last = self._end_edge(last_edge, ids[-1], at_head=False)
        if first is None or last is None:
            return LaidWay((), Cause.OTHER_ROAD)
        steps = self.step_edges([osm_id for osm_id, _ in groupby(ids)])
        if steps is None:
            return LaidWay((), Cause.UNKNOWN_ROAD)
        return self._judged([edge for edge, _ in groupby([first, *steps, last])])

    def lay_nodes(self, osm_ids: Sequence[int], first_edge: int, last_edge: int) -> LaidWay:
        """Lay the OSM nodes of a way, the one before it and the one behind it among them, on edges.

        Parameters
        ----------
        osm_ids
            At least two; the places lie between the first two and the last two.
        first_edge, last_edge
            As for `lay`.

        Returns
        -------
        LaidWay
            As for `lay`.
        """
        steps = self.step_edges(osm_ids)
        if steps is None:
            return LaidWay((), Cause.UNKNOWN_ROAD)
        edges, reverse = [edge for edge, _ in groupby(steps)], self._network.edge_reverse
        if edges[0] not in (first_edge, reverse[first_edge]) or edges[-1] not in (last_edge, reverse[last_edge]):
            return LaidWay((), Cause.OTHER_ROAD)
        return self._judged(edges)

    def cost_ms(self, edges: tuple[int, ...], first_share: float, last_share: float) -> float:
        """Duration of a laid way whose first and last edges are driven for these shares only; turns cost nothing."""
        duration_ms = self._network.edge_duration_ms[list(edges)].astype(np.float64)
        duration_ms[0] *= first_share
        duration_ms[-1] *= last_share
        return float(duration_ms.sum())

    def turns_ms(self, edges: Sequence[int]) -> int:
        """Cost of the turns along a laid way."""
        return sum(self._roads.turn_ms(*turn) for turn in pairwise(edges))

    def step_edges(self, osm_ids: Sequence[int]) -> list[int] | None:
        """Find the edge that leads from each OSM node of a way to the next one.

        Parameters
        ----------
        osm_ids
            ``n`` nodes, no two in a row the same.

        Returns
        -------
        list[int] | None
            ``n - 1`` edges; None where two nodes are no step of our network.
        """
        edges: list[int] = []
        for step in pairwise(osm_ids):
            found = self._edges_of_step.get(step, [])
            if not found:
                return None
            edges.append(edges[-1] if edges and edges[-1] in found else found[0])
        return edges

    def _end_edge(self, edge: int, osm_id: int, *, at_head: bool) -> int | None:
        """Choose the direction of an end edge whose head (or tail) is a node; None where neither is."""
        nodes = self._network.edge_head if at_head else self._network.edge_tail
        both = (edge, int(self._network.edge_reverse[edge]))
        return next((each for each in both if self._network.node_osm_id[nodes[each]] == osm_id), None)

    def _judged(self, edges: list[int]) -> LaidWay:
        """Find the first thing that our rules forbid."""
        network, roads = self._network, self._roads
        trail = Trail((edges[0],), must_stay_private=False)
        for edge, following in pairwise(edges):
            if not roads.is_usable(following):
                return LaidWay(tuple(edges), Cause.FORBIDDEN_ROAD)
            if not roads.may_follow(trail, following):
                is_barrier = network.node_flags[network.edge_head[edge]] & NodeFlag.BARRIER
                is_private = trail.must_stay_private and not roads.is_private(following)
                is_back = following == network.edge_reverse[edge]
                cause = Cause.U_TURN if is_back else Cause.BARRIER if is_barrier else Cause.RESTRICTED_TURN
                return LaidWay(tuple(edges), Cause.ENDS_ONLY_ROAD if is_private else cause)
            trail = roads.follow(trail, following)
        return LaidWay(tuple(edges), None)
