"""The obvious way to tell which roads reach each other: follow every turn from every edge."""

from __future__ import annotations

from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork


class NaiveReach:
    """Which edges of a small network reach which, ends-only roads never in between."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.usable = [edge for edge in range(network.edge_count) if not network.edge_flags[edge] & EdgeFlag.FORBIDDEN]
        forbidden = _forbidden_turns(network)
        self.following = {
            edge: [other for other in self.usable if (edge, other) not in forbidden and self._may_turn(edge, other)]
            for edge in self.usable
        }
        self.reached = {edge: self._reached_from(edge) for edge in self.usable}

    def is_ends_only(self, edge: int) -> bool:
        """Whether an edge serves only the start and the end of a route."""
        return bool(self.network.edge_flags[edge] & EdgeFlag.ENDS_ONLY)

    def road_reaches(self, road: int, other: int) -> bool:
        """Whether a route leads from a place on one road to a place on another, each given by one of its edges."""
        return any(goal in self.reached[start] for start in self.directions(road) for goal in self.directions(other))

    def largest_core(self) -> set[int]:
        """Largest set of open edges that all reach each other; of equal ones, the one with the smallest edge."""
        open_edges = [edge for edge in self.usable if not self.is_ends_only(edge)]
        cores = [
            {other for other in open_edges if other in self.reached[edge] and edge in self.reached[other]}
            for edge in open_edges
        ]
        return max(cores, key=lambda core: (len(core), -min(core)), default=set())

    def directions(self, edge: int) -> list[int]:
        """The usable edges of the road of an edge."""
        return [direction for direction in (edge, int(self.network.edge_reverse[edge])) if direction in self.following]

    def _may_turn(self, edge: int, other: int) -> bool:
        node = self.network.edge_head[edge]
        if self.network.edge_tail[other] != node:
            return False
        is_barrier = bool(self.network.node_flags[node] & NodeFlag.BARRIER)
        if other != self.network.edge_reverse[edge]:
            return not is_barrier
        ways_on = [
            way_on
            for way_on in self.usable
            if self.network.edge_tail[way_on] == node
            and way_on != other
            and (self.is_ends_only(edge) or not self.is_ends_only(way_on))
        ]
        is_turning_place = is_barrier or self.network.node_flags[node] & NodeFlag.BARRIER_AT_TIMES
        return bool(self.network.turn_costs.u_turns_allowed or is_turning_place or not ways_on)

    def _reached_from(self, start: int) -> set[int]:
        """Edges that routes from an edge lead to: ends-only roads, open roads, ends-only roads."""
        waiting = [(start, False), (start, True)] if self.is_ends_only(start) else [(start, False)]
        seen = set(waiting)
        while waiting:
            edge, is_arriving = waiting.pop()
            for other in self.following[edge]:
                if is_arriving and not self.is_ends_only(other):
                    continue
                state = other, is_arriving or (self.is_ends_only(other) and not self.is_ends_only(edge))
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
        return {edge for edge, _ in seen}


def _forbidden_turns(network: RoadNetwork) -> set[tuple[int, int]]:
    turns = set()
    for index, condition in enumerate(network.forbidden_path_condition):
        first, last = network.forbidden_path_first[index], network.forbidden_path_first[index + 1]
        holds = condition < 0 or all(part.startswith("NOT (") for part in network.conditions[condition].split(" AND "))
        if last - first == 2 and holds:
            turns.add((int(network.forbidden_path_edges[first]), int(network.forbidden_path_edges[first + 1])))
    return turns
