"""Fastest routes and travel matrices on one road network: the door to everything in `geo.routing`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, NoRoadNearbyError, UnreachableError, Violation
from geo.roads.network import RoadNetwork
from geo.routing.dijkstra_kernels import (
    Places,
    SearchTree,
    WeightedTurnGraph,
    best_way_to_place,
    empty_search_tree,
    search_from,
    search_one_to_many,
)
from geo.routing.positions import RoadPositions
from geo.routing.route import Route, TravelMatrix
from geo.routing.speed_overlay import SpeedOverlay
from geo.routing.travel_keys import LENGTH_BITS, LENGTH_MASK, NO_PATH, pack_keys, unpack_keys
from geo.routing.turn_graph import TurnGraph

MILLISECONDS = 1000


@dataclass(frozen=True, eq=False)
class Router:
    """Fastest paths on one network with one set of speeds; immutable, may be shared between threads.

    Parameters
    ----------
    network
        The road network.
    turn_graph
        Its states and arcs.
    weighted
        The same with the speeds of this router.
    """

    network: RoadNetwork
    turn_graph: TurnGraph
    weighted: WeightedTurnGraph
    _workspaces: threading.local = field(default_factory=threading.local, repr=False)

    @classmethod
    def build(
        cls,
        network: RoadNetwork,
        *,
        speeds: SpeedOverlay | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Router:
        """Prepare a network for routing.

        Parameters
        ----------
        network
            The road network.
        speeds
            Durations, closures and conditions that differ from the network's own.
        on_progress
            Called now and then with the share done, in [0, 1].

        Returns
        -------
        Router
            Ready to answer.
        """
        turn_graph = TurnGraph.of_network(network)
        if on_progress is not None:
            on_progress(0.5)
        speeds = speeds or SpeedOverlay.of_network(network)
        edge_keys = np.where(speeds.closed, NO_PATH, pack_keys(speeds.edge_duration_ms, network.edge_length_cm))
        weighted = WeightedTurnGraph(
            edge_first_state=turn_graph.edge_first_state,
            first_arc=turn_graph.first_arc,
            arc_head=turn_graph.arc_head,
            arc_key=turn_graph.arc_keys(edge_keys, speeds.active_conditions),
            edge_key=edge_keys,
            edge_reverse=network.edge_reverse,
        )
        if on_progress is not None:
            on_progress(1.0)
        return cls(network, turn_graph, weighted)

    def route(
        self, origins: RoadPositions, destinations: RoadPositions, *, origin: int = 0, destination: int = 0
    ) -> Route:
        """Find the fastest path between two places, the shortest among equally fast ones.

        Parameters
        ----------
        origins, destinations
            Places on the network.
        origin, destination
            Which of them.

        Returns
        -------
        Route
            The path.

        Raises
        ------
        NoRoadNearbyError
            One of the two places was not found on any road.
        UnreachableError
            The network has no path.
        """
        start, end = self._checked(origins, "origins"), self._checked(destinations, "destinations")
        _require_road(start, origin, "origins")
        _require_road(end, destination, "destinations")
        tree = self._tree()
        search_from(self.weighted, start, origin, NO_PATH - 1, tree)
        key, state = best_way_to_place(self.weighted, tree, start, origin, end, destination)
        if key >= NO_PATH:
            message = f"no path from origins[{origin}] to destinations[{destination}]"
            raise UnreachableError(message)
        edges = self._edges_to(state, tree, start, origin)
        return Route(
            duration_ms=key >> LENGTH_BITS,
            length_cm=key & LENGTH_MASK,
            edges=edges,
            first_fraction=_fraction_along(start, origin, int(edges[0])),
            last_fraction=_fraction_along(end, destination, int(edges[-1])),
        )

    def travel_matrix(self, origins: RoadPositions, destinations: RoadPositions) -> TravelMatrix:
        """Find durations and lengths of the fastest paths between all pairs.

        Parameters
        ----------
        origins, destinations
            ``n`` and ``m`` places on the network.

        Returns
        -------
        TravelMatrix
            ``(n, m)``; ``-1`` where there is no path or a place is on no road.
        """
        start, end = self._checked(origins, "origins"), self._checked(destinations, "destinations")
        keys = np.empty((len(origins), len(destinations)), np.int64)
        for origin in range(len(origins)):
            search_one_to_many(self.weighted, start, origin, end, NO_PATH - 1, self._tree(), keys[origin])
        return TravelMatrix(*unpack_keys(keys))

    def one_to_many(
        self,
        origins: RoadPositions,
        destinations: RoadPositions,
        *,
        origin: int = 0,
        cut_off_s: float | None = None,
    ) -> TravelMatrix:
        """Find durations and lengths from one place to many, as far as a cut-off.

        Parameters
        ----------
        origins, origin
            Places and which of them to start from.
        destinations
            ``m`` places.
        cut_off_s
            Longest travel time asked for; the search ends there. No limit by default.

        Returns
        -------
        TravelMatrix
            ``(1, m)``; ``-1`` where a place cannot be reached within the cut-off.
        """
        start, end = self._checked(origins, "origins"), self._checked(destinations, "destinations")
        cut_off_key = NO_PATH - 1
        if cut_off_s is not None:
            cut_off_key = min((int(cut_off_s * MILLISECONDS) << LENGTH_BITS) + LENGTH_MASK, cut_off_key)
        keys = np.empty((1, len(destinations)), np.int64)
        search_one_to_many(self.weighted, start, origin, end, cut_off_key, self._tree(), keys[0])
        return TravelMatrix(*unpack_keys(keys))

    def _tree(self) -> SearchTree:
        """Room for a search, one per thread."""
        if not hasattr(self._workspaces, "tree"):
            self._workspaces.tree = empty_search_tree(self.turn_graph.state_count)
        tree: SearchTree = self._workspaces.tree
        return tree

    def _checked(self, positions: RoadPositions, name: str) -> Places:
        """Refuse places that cannot be on this network."""
        fraction_is_valid = (positions.fraction >= 0) & (positions.fraction <= 1)
        violations = [
            Violation(f"{name}.edge[{index}]", f"must be an edge of this network, below {self.network.edge_count}")
            for index in np.flatnonzero(positions.edge >= self.network.edge_count)
        ] + [
            Violation(f"{name}.fraction[{index}]", f"must be between 0 and 1 (got {positions.fraction[index]})")
            for index in np.flatnonzero(~fraction_is_valid & (positions.edge >= 0))
        ]
        if violations:
            raise InvalidGeoInputError(tuple(violations))
        return Places(positions.edge, positions.fraction, positions.one_direction)

    def _edges_to(self, state: int, tree: SearchTree, start: Places, origin: int) -> NDArray[np.int32]:
        """Follow the parents of a search back to the origin's edge."""
        if state < 0:
            return np.array([-1 - state], np.int32)
        first = self.turn_graph.edge_first_state
        edge = start.edge[origin]
        directions = (edge,) if start.one_direction else (edge, self.network.edge_reverse[edge])
        starts = {int(first[way]) for way in directions if first[way] < first[way + 1]}
        states = [state, int(tree.parent[state])]
        while states[-1] not in starts:
            states.append(int(tree.parent[states[-1]]))
        return self.turn_graph.state_edge[states[::-1]]


def _require_road(places: Places, index: int, name: str) -> None:
    """Refuse a place that was found on no road."""
    if places.edge[index] < 0:
        message = f"{name}[{index}] has no usable road nearby"
        raise NoRoadNearbyError(message)


def _fraction_along(places: Places, index: int, edge: int) -> float:
    """Where a place lies on `edge`, which is the place's own edge or its reverse."""
    fraction = float(places.fraction[index])
    return fraction if places.edge[index] == edge else 1.0 - fraction
