"""Fastest routes and travel matrices on one road network: the door to everything in `geo.routing`."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, NoRoadNearbyError, UnreachableError, Violation, ViolationCode
from geo.roads.network import EdgeFlag, RoadNetwork, read_only
from geo.roads.turns import lasting_flags
from geo.routing.climbing_kernels import Place, RoadCosts, SearchGraph
from geo.routing.customization import CustomizedHierarchy, customize
from geo.routing.hierarchy import Hierarchy
from geo.routing.hierarchy_kernels import RankedArcs
from geo.routing.one_to_many_kernels import find_doors, keys_to_many
from geo.routing.positions import RoadPositions
from geo.routing.route import Route, TravelCost, TravelMatrix
from geo.routing.route_kernels import PairRoom, pair_key, pair_path, pair_room
from geo.routing.speed_overlay import SpeedOverlay, flags_under
from geo.routing.travel_keys import LENGTH_BITS, LENGTH_MASK, NO_PATH, pack_keys, partial_key, unpack_keys
from geo.routing.travel_matrix import search_matrix
from geo.routing.travel_matrix_kernels import PlaceColumns
from geo.routing.turn_graph import TurnGraph

MILLISECONDS = 1000
NEVER_S = float(1 << 28)
"""Longer than any path takes."""
_NO_DOORS = RankedArcs(np.zeros(1, np.int64), np.empty(0, np.int32))
SHARE_OF_TURN_GRAPH = 0.05
SHARE_OF_HIERARCHY = 0.9


@dataclass(frozen=True, eq=False)
class Router:
    """Fastest paths on one network with one set of speeds; immutable, may be shared between threads.

    Parameters
    ----------
    network
        The road network.
    turn_graph
        Its states and arcs.
    hierarchy
        Their order and shortcuts, which depend on the roads alone.
    costs
        What the hierarchy costs at the speeds of this router.
    roads
        The roads with their keys at these speeds.
    """

    network: RoadNetwork
    turn_graph: TurnGraph
    hierarchy: Hierarchy
    costs: CustomizedHierarchy
    roads: RoadCosts
    _rooms: threading.local = field(default_factory=threading.local, repr=False)

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
        report = on_progress or (lambda _share: None)
        turn_graph = TurnGraph.of_network(network)
        report(SHARE_OF_TURN_GRAPH)
        hierarchy = Hierarchy.of_turn_graph(network, turn_graph)
        report(SHARE_OF_HIERARCHY)
        router = cls._customized(network, turn_graph, hierarchy, speeds or SpeedOverlay.of_network(network))
        report(1.0)
        return router

    def with_speeds(self, speeds: SpeedOverlay) -> Router:
        """Make a router for other speeds on the same roads, in a fraction of the time of `build`.

        Parameters
        ----------
        speeds
            What holds now.

        Returns
        -------
        Router
            A new router that shares the roads and their order with this one.
        """
        return self._customized(self.network, self.turn_graph, self.hierarchy, speeds)

    def at(self, when: datetime, *, holiday: bool = False, factors: NDArray[np.float64] | None = None) -> Router:
        """Make a router for a departure at a moment: OSM's conditions then, and other speeds where they are given.

        Parameters
        ----------
        when
            The moment, in local time.
        holiday
            Whether that day is a public holiday.
        factors
            ``(26,)`` speed factors by `RoadClass`, for example of an hour of a `geo.routing.time_profiles.TimeProfile`.

        Returns
        -------
        Router
            A new router, laid out for the conditions of that moment.
        """
        speeds = SpeedOverlay.of_network(self.network, when=when, holiday=holiday)
        if factors is not None:
            speeds = speeds.with_speed_factors(self.network, factors)
        return self.laid_out_for(speeds.active_conditions).with_speeds(speeds)

    def laid_out_for(self, active_conditions: NDArray[np.bool_]) -> Router:
        """Make a router whose states are right while some conditions hold.

        Parameters
        ----------
        active_conditions
            ``(c,)`` bool: which of ``RoadNetwork.conditions`` hold.

        Returns
        -------
        Router
            Where a condition makes an open road ends-only or the reverse, a new one with a turn graph and a hierarchy
            of its own, which takes as long as `build`; else this one. It is to be asked `with_speeds`.
        """
        flags = flags_under(self.network, active_conditions)
        is_private, is_open = (flags & EdgeFlag.ENDS_ONLY) != 0, (flags & EdgeFlag.FORBIDDEN) == 0
        if np.any((is_private != lasting_flags(self.network)[1]) & is_open):
            # What is shut then stays as it is: it makes neither a dead end nor a plain bend.
            return Router.build(replace(self.network, edge_flags=np.where(is_open, flags, self.network.edge_flags)))
        return self

    @classmethod
    def _customized(
        cls, network: RoadNetwork, turn_graph: TurnGraph, hierarchy: Hierarchy, speeds: SpeedOverlay
    ) -> Router:
        """Give a hierarchy the costs of some speeds."""
        edge_keys = np.where(speeds.closed, NO_PATH, pack_keys(speeds.edge_duration_ms, network.edge_length_cm))
        arc_keys = turn_graph.arc_keys(edge_keys, speeds.active_conditions)
        roads = RoadCosts(
            edge_first_state=turn_graph.edge_first_state,
            edge_reverse=network.edge_reverse,
            edge_key=read_only(edge_keys),
            first_arc=turn_graph.first_arc,
            arc_head=turn_graph.arc_head,
            arc_key=read_only(arc_keys),
            rank=hierarchy.rank,
        )
        return cls(network, turn_graph, hierarchy, customize(hierarchy, arc_keys), roads)

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
        start = self._place(origins, origin, "origins")
        end = self._place(destinations, destination, "destinations")
        room = self._room
        key, count = pair_path(self._graph, self._edge_of_rank, start, end, room)
        if key >= NO_PATH:
            raise _unreachable(origin, destination)
        edges = room.path[:count].copy()
        return Route(
            duration_ms=key >> LENGTH_BITS,
            length_cm=key & LENGTH_MASK,
            edges=edges,
            first_fraction=start.fraction if edges[0] == start.edge else 1.0 - start.fraction,
            last_fraction=end.fraction if edges[-1] == end.edge else 1.0 - end.fraction,
        )

    def travel_cost(
        self, origins: RoadPositions, destinations: RoadPositions, *, origin: int = 0, destination: int = 0
    ) -> TravelCost:
        """Find the duration and length of the fastest path between two places, without the path.

        Parameters
        ----------
        origins, destinations
            Places on the network.
        origin, destination
            Which of them.

        Returns
        -------
        TravelCost
            The same numbers as those of `route`.

        Raises
        ------
        NoRoadNearbyError
            One of the two places was not found on any road.
        UnreachableError
            The network has no path.
        """
        start = self._place(origins, origin, "origins")
        end = self._place(destinations, destination, "destinations")
        key = pair_key(self._graph, start, end, self._room)
        if key >= NO_PATH:
            raise _unreachable(origin, destination)
        return TravelCost(key >> LENGTH_BITS, key & LENGTH_MASK)

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
        start, end = self._columns(origins, "origins"), self._columns(destinations, "destinations")
        return search_matrix(self._graph, start, end, self._room.origin)

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
        origins, destinations
            Places to choose the start from, and the ``m`` places to reach.
        origin
            Which of `origins` to start from.
        cut_off_s
            Longest travel time asked for; farther places are left out, and roads beyond it are not searched. No limit
            by default.

        Returns
        -------
        TravelMatrix
            ``(1, m)``; ``-1`` where a place cannot be reached within the cut-off.

        Raises
        ------
        InvalidGeoInputError
            The cut-off is negative or no number, or a place is impossible.
        """
        start, end = self._columns(origins, "origins"), self._columns(destinations, "destinations")
        place = Place(int(start.edge[origin]), float(start.fraction[origin]), start.one_direction)
        limit, doors = NO_PATH, _NO_DOORS
        if cut_off_s is not None:
            if not cut_off_s >= 0:
                rule = f"must not be negative (got {cut_off_s})"
                raise InvalidGeoInputError((Violation("cut_off_s", ViolationCode.OUT_OF_RANGE, rule),))
            longest_ms = math.floor(min(cut_off_s, NEVER_S) * MILLISECONDS)
            limit, doors = min((longest_ms + 1) << LENGTH_BITS, NO_PATH), self._doors
        keys = keys_to_many(self._graph, doors, place, end, limit, self._room)
        return TravelMatrix(*unpack_keys(keys[np.newaxis]))

    def part_durations_ms(self, route: Route) -> NDArray[np.int64]:
        """Tell how long each part of a path takes at these speeds.

        Parameters
        ----------
        route
            A path on this network, found at these speeds or at others.

        Returns
        -------
        NDArray[np.int64]
            ``(2 e - 1,)`` milliseconds of each of the ``e`` edges and, between two of them, of the turn. The sum is
            the duration of the path.
        """
        parts = np.empty(2 * len(route.edges) - 1, np.int64)
        keys = self.roads.edge_key[route.edges]
        parts[::2] = keys >> LENGTH_BITS
        parts[1::2] = self.turn_graph.turns_ms(route.edges)
        before_ms = partial_key(int(keys[0]), route.first_fraction) >> LENGTH_BITS
        after_ms = parts[-1] - (partial_key(int(keys[-1]), route.last_fraction) >> LENGTH_BITS)
        parts[0] -= before_ms
        parts[-1] -= after_ms
        return parts

    def is_closed(self, edge: int) -> bool:
        """Say whether a road is closed now.

        Parameters
        ----------
        edge
            One of its edges.

        Returns
        -------
        bool
            Whether neither direction can be used at these speeds.
        """
        directions = [edge, int(self.network.edge_reverse[edge])]
        return bool(np.all(self.roads.edge_key[directions] >= NO_PATH))

    @cached_property
    def _graph(self) -> SearchGraph:
        """What the kernels search."""
        return SearchGraph(self.roads, self.costs.up, self.costs.down, self.hierarchy.parent)

    @cached_property
    def _doors(self) -> RankedArcs:
        """The doors of every rank."""
        hierarchy, doors, room = self.hierarchy, _NO_DOORS, len(self.hierarchy.down_end)
        while len(doors.first) <= 1 < len(hierarchy.parent):
            room *= 2
            doors = find_doors(hierarchy.parent, hierarchy.down, room)
        return doors

    @cached_property
    def _edge_of_rank(self) -> NDArray[np.int32]:
        """Edge of the state at each rank."""
        edges = np.empty_like(self.turn_graph.state_edge)
        edges[self.hierarchy.rank] = self.turn_graph.state_edge
        return read_only(edges)

    @property
    def _room(self) -> PairRoom:
        """Room for searches, one per thread."""
        if not hasattr(self._rooms, "room"):
            self._rooms.room = pair_room(self.turn_graph.state_count)
        room: PairRoom = self._rooms.room
        return room

    def _place(self, positions: RoadPositions, index: int, name: str) -> Place:
        """Take one place and refuse it where it is on no road of this network."""
        edge, fraction = int(positions.edge[index]), float(positions.fraction[index])
        if edge < 0:
            message = f"{name}[{index}] has no usable road nearby"
            raise NoRoadNearbyError(message)
        if edge >= self.network.edge_count or not 0.0 <= fraction <= 1.0:
            self._columns(positions, name)
        return Place(edge, fraction, positions.one_direction)

    def _columns(self, positions: RoadPositions, name: str) -> PlaceColumns:
        """Take all places and refuse them, every wrong one named, where some cannot be on this network."""
        is_wrong = (positions.edge >= 0) & ~((positions.fraction >= 0) & (positions.fraction <= 1))
        rule = f"must be an edge of this network, below {self.network.edge_count}"
        violations = [
            Violation(f"{name}.edge[{index}]", ViolationCode.UNKNOWN_REFERENCE, rule)
            for index in np.flatnonzero(positions.edge >= self.network.edge_count)
        ] + [
            Violation(f"{name}.fraction[{index}]", ViolationCode.OUT_OF_RANGE, f"must be between 0 and 1 (got {got})")
            for index, got in zip(np.flatnonzero(is_wrong), positions.fraction[is_wrong], strict=True)
        ]
        if violations:
            raise InvalidGeoInputError(tuple(violations))
        return PlaceColumns(positions.edge, positions.fraction, positions.one_direction)


def _unreachable(origin: int, destination: int) -> UnreachableError:
    """Say which pair has no path."""
    return UnreachableError(f"no path from origins[{origin}] to destinations[{destination}]")
