"""Obvious turn-aware Dijkstra in plain Python, straight on the road network: the oracle of `geo.routing`.

It knows no states, copies, automata or packed keys. A search entry is the tail end of the path driven so far, long
enough that every forbidden path can be read off it edge by edge, and whether the path has been on an open road and
come back onto an ends-only one. Costs are tuples (milliseconds, centimetres).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork
from geo.routing.positions import RoadPositions
from geo.routing.route import Route

Cost = tuple[int, int]
NEVER: Cost = (-1, -1)


@dataclass(frozen=True)
class Trail:
    """The last edges of a path, and whether only ends-only roads may follow."""

    edges: tuple[int, ...]
    must_stay_private: bool


@dataclass(frozen=True, eq=False)
class NaiveRoads:
    """The rules of one network, asked one turn at a time."""

    network: RoadNetwork
    active_conditions: frozenset[int] | None = None
    """Without them, no condition of OSM holds: of the network's own, those that say so."""
    closed: frozenset[int] = frozenset()

    @cached_property
    def forbidden_paths(self) -> list[tuple[int, ...]]:
        """Forbidden paths that hold now."""
        network = self.network
        active = self.active_conditions
        if active is None:
            parts = [text.split(" AND ") for text in network.conditions]
            active = frozenset(index for index, said in enumerate(parts) if all(p.startswith("NOT (") for p in said))
        first = network.forbidden_path_first
        return [
            tuple(network.forbidden_path_edges[first[path] : first[path + 1]].tolist())
            for path, condition in enumerate(network.forbidden_path_condition.tolist())
            if condition < 0 or condition in active
        ]

    @cached_property
    def paths_by_last_edge(self) -> dict[int, list[tuple[int, ...]]]:
        """Forbidden paths by the edge that completes them."""
        paths: dict[int, list[tuple[int, ...]]] = {}
        for path in self.forbidden_paths:
            paths.setdefault(path[-1], []).append(path)
        return paths

    @cached_property
    def inner_edges(self) -> frozenset[int]:
        """Edges strictly inside a forbidden path: only there does more than the last edge matter."""
        return frozenset(edge for path in self.forbidden_paths for edge in path[1:-1])

    @cached_property
    def longest_memory(self) -> int:
        """Number of edges before the last one of the longest forbidden path."""
        return max((len(path) - 1 for path in self.forbidden_paths), default=1)

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """Arrays of the network as lists, which plain Python reads faster."""
        network = self.network
        return {
            "usable": ((network.edge_flags & EdgeFlag.FORBIDDEN) == 0).tolist(),
            "private": ((network.edge_flags & EdgeFlag.ENDS_ONLY) != 0).tolist(),
            "barrier": ((network.node_flags & NodeFlag.BARRIER) != 0).tolist(),
            "turning": ((network.node_flags & NodeFlag.BARRIER_AT_TIMES) != 0).tolist(),
            "signal": ((network.node_flags & NodeFlag.TRAFFIC_SIGNALS) != 0).tolist(),
            "head": network.edge_head.tolist(),
            "reverse": network.edge_reverse.tolist(),
            "first_out": network.edge_first_out.tolist(),
            "duration_ms": network.edge_duration_ms.tolist(),
            "length_cm": network.edge_length_cm.tolist(),
        }

    @cached_property
    def bearings(self) -> dict[int, float]:
        """Bearings of edges where they leave their tails, as far as they were asked for."""
        return {}

    def bearing_degrees(self, edge: int) -> float:
        """Bearing of an edge where it leaves its tail."""
        if edge not in self.bearings:
            self.bearings[edge] = _bearing_degrees(self.network.edge_points(edge))
        return self.bearings[edge]

    def is_usable(self, edge: int) -> bool:
        """Say whether the profile may travel an edge."""
        return bool(self.columns["usable"][edge])

    def is_private(self, edge: int) -> bool:
        """Say whether an edge is usable at the ends of a route only."""
        return bool(self.columns["private"][edge])

    def next_edges(self, edge: int) -> range:
        """Edges that leave the head of an edge."""
        head, first_out = self.columns["head"][edge], self.columns["first_out"]
        return range(first_out[head], first_out[head + 1])

    def may_follow(self, trail: Trail, following: int) -> bool:
        """Say whether an edge may be driven after a trail."""
        edge = trail.edges[-1]
        if not self.is_usable(following) or following in self.closed:
            return False
        if trail.must_stay_private and not self.is_private(following):
            return False
        longer = (*trail.edges, following)
        if any(longer[-len(path) :] == path for path in self.paths_by_last_edge.get(following, ())):
            return False
        is_barrier = bool(self.columns["barrier"][self.columns["head"][edge]])
        if following != self.columns["reverse"][edge]:
            return not is_barrier
        ways_on = [
            other
            for other in self.next_edges(edge)
            if other != following and self.is_usable(other) and (self.is_private(edge) or not self.is_private(other))
        ]
        is_turning_place = is_barrier or self.columns["turning"][self.columns["head"][edge]]
        return self.network.turn_costs.u_turns_allowed or is_turning_place or not ways_on

    def follow(self, trail: Trail, following: int) -> Trail:
        """Extend a trail by an edge, forgetting what no forbidden path can ask for."""
        edges = (*trail.edges, following)
        kept = 1
        while kept < min(len(edges), self.longest_memory) and edges[-kept] in self.inner_edges:
            kept += 1
        was_open = not self.is_private(trail.edges[-1])
        must_stay_private = self.is_private(following) and (was_open or trail.must_stay_private)
        return Trail(edges[-kept:], must_stay_private)

    def turn_ms(self, edge: int, following: int) -> int:
        """Cost of a turn."""
        costs, reverse = self.network.turn_costs, self.columns["reverse"]
        has_signal = self.columns["signal"][self.columns["head"][edge]]
        signal_ms = round(costs.traffic_signal_s * 1000) if has_signal else 0
        if following == reverse[edge]:
            return signal_ms + round(costs.u_turn_s * 1000)
        pieces = [
            leaving for leaving in self.next_edges(edge) if self.is_usable(leaving) or self.is_usable(reverse[leaving])
        ]
        if len(pieces) < 3:
            return signal_ms
        into = self.bearing_degrees(reverse[edge]) + 180.0
        angle = (self.bearing_degrees(following) - into) % 360.0
        angle = min(angle, 360.0 - angle)
        turn_s = costs.turn_s / (1.0 + math.exp(6.5 - 13.0 * angle / 180.0))
        return signal_ms + math.floor(turn_s * 1000 + 0.5)


def _bearing_degrees(points: np.ndarray) -> float:
    """Bearing from the first point to the first one at least 5 m off, or to the last."""
    for point in points[1:]:
        north = point[0] - points[0][0]
        east = (point[1] - points[0][1]) * math.cos(math.radians(points[0][0]))
        if math.hypot(north, east) * 111_195.0 >= 5.0:
            break
    return math.degrees(math.atan2(east, north))


def _part(roads: NaiveRoads, edge: int, fraction: float) -> Cost:
    """Cost of the first part of an edge."""
    return (
        math.floor(fraction * roads.columns["duration_ms"][edge] + 0.5),
        math.floor(fraction * roads.columns["length_cm"][edge] + 0.5),
    )


def _directions(roads: NaiveRoads, positions: RoadPositions, index: int) -> list[tuple[int, float]]:
    """Each usable edge through a place, with the share of it before the place."""
    edge, fraction = int(positions.edge[index]), float(positions.fraction[index])
    both = [(edge, fraction), (int(roads.network.edge_reverse[edge]), 1.0 - fraction)]
    ways = both[:1] if positions.one_direction else both
    return [way for way in ways if roads.is_usable(way[0]) and way[0] not in roads.closed]


def naive_costs(
    roads: NaiveRoads, origins: RoadPositions, origin: int, destinations: RoadPositions
) -> list[tuple[Cost, tuple[int, ...]]]:
    """Cost and edges of the fastest path from one place to each of many; `NEVER` and no edges where there is none."""
    answers: list[tuple[Cost, tuple[int, ...]]] = [(NEVER, ())] * len(destinations)
    if origins.edge[origin] < 0:
        return answers
    entered, before = _search(roads, origins, origin)
    by_edge: dict[int, list[Trail]] = {}
    for trail in entered:
        by_edge.setdefault(trail.edges[-1], []).append(trail)
    for destination in range(len(destinations)):
        if destinations.edge[destination] < 0:
            continue
        options: list[tuple[Cost, tuple[int, ...]]] = []
        for edge, fraction in _directions(roads, destinations, destination):
            part = _part(roads, edge, fraction)
            for start, start_fraction in _directions(roads, origins, origin):
                skipped = _part(roads, start, start_fraction)
                if start == edge and part >= skipped:
                    options.append(((part[0] - skipped[0], part[1] - skipped[1]), (edge,)))
            for trail in by_edge.get(edge, []):
                cost = entered[trail]
                options.append(((cost[0] + part[0], cost[1] + part[1]), _edges_to(trail, before)))
        if options:
            answers[destination] = min(options)
    return answers


def _search(
    roads: NaiveRoads, origins: RoadPositions, origin: int
) -> tuple[dict[Trail, Cost], dict[Trail, Trail | int]]:
    """Return when each trail's last edge is entered, and the trail (or first edge) before it."""
    entered: dict[Trail, Cost] = {}
    before: dict[Trail, Trail | int] = {}
    queue: list[tuple[Cost, int, Trail]] = []
    pushed = 0

    def leave(trail: Trail, cost: Cost, previous: Trail | int) -> None:
        nonlocal pushed
        edge = trail.edges[-1]
        for following in roads.next_edges(edge):
            if roads.may_follow(trail, following):
                longer = roads.follow(trail, following)
                total = (cost[0] + roads.turn_ms(edge, following), cost[1])
                if longer not in entered or total < entered[longer]:
                    entered[longer], before[longer] = total, previous
                    heapq.heappush(queue, (total, pushed, longer))
                    pushed += 1

    for edge, fraction in _directions(roads, origins, origin):
        skipped = _part(roads, edge, fraction)
        whole = _part(roads, edge, 1.0)
        leave(Trail((edge,), must_stay_private=False), (whole[0] - skipped[0], whole[1] - skipped[1]), edge)
    done: set[Trail] = set()
    while queue:
        cost, _, trail = heapq.heappop(queue)
        if trail not in done:
            done.add(trail)
            whole = _part(roads, trail.edges[-1], 1.0)
            leave(trail, (cost[0] + whole[0], cost[1] + whole[1]), trail)
    return entered, before


def _edges_to(trail: Trail, before: dict[Trail, Trail | int]) -> tuple[int, ...]:
    """Follow a trail back to the first edge."""
    edges = [trail.edges[-1]]
    previous = before[trail]
    while isinstance(previous, Trail):
        edges.append(previous.edges[-1])
        previous = before[previous]
    edges.append(previous)
    return tuple(reversed(edges))


def recomputed_cost(roads: NaiveRoads, route: Route) -> Cost:
    """Cost of a route's edges and turns, added up from its start; fails where a turn is not allowed."""
    edges = route.edges.tolist()
    trail = Trail((edges[0],), must_stay_private=False)
    duration_ms, length_cm = (-part for part in _part(roads, edges[0], route.first_fraction))
    for edge, following in pairwise(edges):
        assert roads.may_follow(trail, following)
        trail = roads.follow(trail, following)
        duration_ms += int(roads.network.edge_duration_ms[edge]) + roads.turn_ms(edge, following)
        length_cm += int(roads.network.edge_length_cm[edge])
    last_ms, last_cm = _part(roads, edges[-1], route.last_fraction)
    return duration_ms + last_ms, length_cm + last_cm
