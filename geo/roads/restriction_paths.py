"""Decides which edge sequences turn restrictions forbid.

Every kind of restriction comes to one form, the *forbidden path*: two or more edges that may not be driven one after
the other.

* ``no_*``: the path from the ``from`` way over the ``via`` node or ways to the ``to`` way is forbidden.
* ``only_*``: whoever comes from the ``from`` way must stay on the path; every way to leave it is forbidden, at each
  node along it. Several ``only_*`` of one ``from`` edge together allow any of their paths.

A restriction holds on every road that is usable at some time. An ``only_*`` along roads that conditions open or close
holds while they are open: otherwise nobody could go on at all.

Where ``from`` and ``to`` are one way that runs through the via node, a ``*_u_turn`` means turning back onto the road
piece one came from, and every other name going on along the way, in the directions in which it turns as it is named.

OSM leaves open whether an ``only_*`` over via ways also forbids leaving it at its first node. Here it does, as with a
via node: the sign stands where ``from`` ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from geo.geodesy import bearing_degrees
from geo.roads.condition_logic import conditions_under_which
from geo.roads.conditions import ConditionKind, condition_parts
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.roads.osm_roads import RestrictionRelation
from geo.roads.profiles import Profile
from geo.roads.turn_restrictions import RelationReading, TurnRestriction, read_restriction

Path = tuple[int, ...]

_MOST_PAIRS, _MOST_VIA_WAYS = 100, 12
_MOST_MISFIT_DEGREES = 80.0
"""A turn along one way that is farther from what its name says is not meant: a road straight on is no left turn."""
_ANGLE_BY_TURN = {"left_turn": -90.0, "right_turn": 90.0, "straight_on": 0.0, "u_turn": 180.0}


@dataclass(frozen=True)
class RestrictionCounts:
    """What became of the restrictions of an import.

    Parameters
    ----------
    read
        Relations of type ``restriction``.
    applied
        Relations that forbid something.
    of_other_vehicles
        Relations that do not concern the profile: another vehicle's, or excepted or lifted for it.
    not_understood
        Relations with an unknown value, with conditions of more than time only, without ``from``, ``via`` or
        ``to``, or with more of them than a sign can mean.
    with_missing_members
        Relations whose ways or via node are not in the network: cut off at the border, or no roads of the profile.
    without_effect
        Relations whose members the profile may not use in that order, or that do not meet.
    """

    read: int = 0
    applied: int = 0
    of_other_vehicles: int = 0
    not_understood: int = 0
    with_missing_members: int = 0
    without_effect: int = 0


@dataclass(frozen=True)
class ForbiddenPaths:
    """Forbidden paths with the conditions under which they hold.

    Parameters
    ----------
    paths
        Edges and condition (empty for always) of each, ascending, each once.
    counts
        What became of the restrictions.
    condition_kinds
        How many of their conditions depend on what.
    """

    paths: tuple[tuple[Path, str], ...]
    counts: RestrictionCounts
    condition_kinds: Counter[ConditionKind]


def find_forbidden_paths(
    network: RoadNetwork, relations: Iterable[RestrictionRelation], profile: Profile
) -> ForbiddenPaths:
    """Turn restriction relations into forbidden paths of edges.

    Parameters
    ----------
    network
        The network with its conditional edges; its own forbidden paths are not looked at.
    relations
        The restrictions; their order does not matter.
    profile
        Who drives.

    Returns
    -------
    ForbiddenPaths
        The paths, and what became of each relation.
    """
    relations = list(relations)
    members = _MemberPaths(network, relations)
    outcomes: dict[str, int] = defaultdict(int)
    kinds: Counter[ConditionKind] = Counter()
    forbidden: set[tuple[Path, str]] = set()
    obliged: dict[int, set[tuple[Path, str]]] = defaultdict(set)
    for relation in relations:
        reading = read_restriction(relation, profile)
        outcome, found = _resolve(members, relation, reading)
        outcomes[outcome] += 1
        kinds += reading.condition_kinds
        for restriction, path in found:
            if restriction.is_only:
                obliged[path[0]].add((path, restriction.condition))
            else:
                forbidden.add((path, restriction.condition))
    for only in obliged.values():
        forbidden.update(members.departures(only))
    return ForbiddenPaths(tuple(sorted(forbidden)), RestrictionCounts(read=len(relations), **outcomes), kinds)


def _resolve(
    members: _MemberPaths, relation: RestrictionRelation, reading: RelationReading
) -> tuple[str, list[tuple[TurnRestriction, Path]]]:
    """Outcome of one relation (a field of `RestrictionCounts`) and the paths of its restrictions."""
    if not reading.is_understood:
        return "not_understood", []
    if not reading.restrictions:
        return "of_other_vehicles", []
    starts, ends = relation.members_with_role("w", "from"), relation.members_with_role("w", "to")
    via_ways, via_nodes = relation.members_with_role("w", "via"), relation.members_with_role("n", "via")
    if not (starts and ends and (via_ways or len(via_nodes) == 1)) or _is_too_large(starts, via_ways, ends):
        return "not_understood", []
    if not members.know(ways=[*starts, *via_ways, *ends], nodes=[] if via_ways else via_nodes):
        return "with_missing_members", []
    found = []
    for start in starts:
        for end in ends:
            paths = members.over_ways(start, via_ways, end) if via_ways else members.over_node(start, via_nodes[0], end)
            for restriction in reading.restrictions:
                found += [(restriction, path) for path in members.meant(paths, restriction.turn)]
    return ("applied" if found else "without_effect"), found


def _is_too_large(starts: list[int], via_ways: list[int], ends: list[int]) -> bool:
    """Whether no sign can mean so many members, or the same way twice: following them could take for ever."""
    return len(starts) * len(ends) > _MOST_PAIRS or len(via_ways) > _MOST_VIA_WAYS or len(set(via_ways)) < len(via_ways)


class _MemberPaths:
    """Finds edge paths along the members of restrictions, on one network."""

    def __init__(self, network: RoadNetwork, relations: Iterable[RestrictionRelation]) -> None:
        self._network = network
        self._node_by_id = np.argsort(network.node_osm_id)
        self._node_ids = network.node_osm_id[self._node_by_id]
        is_open = (network.edge_flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0
        opens = (network.conditional_edge_flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0
        opens &= ~is_open[network.conditional_edge]
        self._is_open = is_open
        self._is_usable = is_open.copy()
        self._is_usable[network.conditional_edge[opens]] = True
        members = [member for relation in relations for member in relation.members]
        ways = np.array(sorted({member.osm_id for member in members if member.kind == "w"}), np.int64)
        self._edges_by_way: Mapping[int, list[int]] = {int(way): [] for way in ways}
        is_member = np.isin(network.edge_way_id, ways)
        self._known_ways = set(np.unique(network.edge_way_id[is_member]).tolist())
        for edge in np.flatnonzero(is_member & self._is_usable).tolist():
            self._edges_by_way[int(network.edge_way_id[edge])].append(edge)

    def know(self, *, ways: list[int], nodes: list[int]) -> bool:
        """Whether all these OSM ids are in the network."""
        return self._known_ways.issuperset(ways) and all(self._node(node) >= 0 for node in nodes)

    def over_node(self, start: int, via: int, end: int) -> list[Path]:
        """Paths of two edges, from one way to another over an OSM node."""
        node = self._node(via)
        arriving = [edge for edge in self._edges_by_way[start] if self._network.edge_head[edge] == node]
        leaving = [edge for edge in self._edges_by_way[end] if self._network.edge_tail[edge] == node]
        return [(before, after) for before in arriving for after in leaving]

    def over_ways(self, start: int, vias: list[int], end: int) -> list[Path]:
        """Paths from one way to another along via ways, in the order of the members or the opposite one."""
        paths = [path for edge in self._edges_by_way[start] for path in self._along((edge,), [*vias, end])]
        if not paths and len(vias) > 1:
            paths = [path for edge in self._edges_by_way[start] for path in self._along((edge,), [*vias[::-1], end])]
        return paths

    def _along(self, path: Path, ways: list[int]) -> list[Path]:
        """Continue a path along each of the ways in turn: whole via ways, then the first edge of the last."""
        node = self._network.edge_head[path[-1]]
        paths = []
        for edge in self._edges_by_way[ways[0]]:
            if self._network.edge_tail[edge] != node or edge == self._network.edge_reverse[path[-1]]:
                continue
            if len(ways) == 1:
                paths.append((*path, edge))
            else:
                paths += self._to_next_way((*path, edge), ways)
        return paths

    def _to_next_way(self, path: Path, ways: list[int]) -> list[Path]:
        """Follow the first of the ways until the next one begins."""
        network = self._network
        while True:
            head = network.edge_head[path[-1]]
            onward = self._along(path, ways[1:])
            if onward:
                return onward
            following = [
                edge
                for edge in self._edges_by_way[ways[0]]
                if network.edge_tail[edge] == head and edge not in path and edge != network.edge_reverse[path[-1]]
            ]
            if len(following) != 1:
                return []
            path = (*path, following[0])

    def meant(self, paths: list[Path], turn: str) -> list[Path]:
        """Of several paths between the same members, those that the name of the turn fits best.

        Members that pass through the via node, instead of ending there, leave open which of their sides is meant.
        """
        on_one_way = [path for path in paths if self._is_on_one_way(path)]
        if on_one_way:
            backwards = [path for path in on_one_way if path[1] == self._network.edge_reverse[path[0]]]
            if turn == "u_turn":
                return backwards
            paths = [path for path in on_one_way if path not in backwards]
        angle = _ANGLE_BY_TURN.get(turn)
        if angle is None or (len(paths) <= 1 and not on_one_way):
            return paths
        misfits = {path: abs((self._turn_degrees(path) - angle + 180.0) % 360.0 - 180.0) for path in paths}
        most = min(misfits.values(), default=0.0) + 1.0
        if on_one_way:
            most = min(most, _MOST_MISFIT_DEGREES)
        return [path for path, misfit in misfits.items() if misfit <= most]

    def _is_on_one_way(self, path: Path) -> bool:
        """Whether a path over a node stays on the way it came on."""
        way_ids = self._network.edge_way_id[list(path)]
        return len(path) == 2 and way_ids[0] == way_ids[1]  # noqa: PLR2004 - a turn joins two edges

    def _turn_degrees(self, path: Path) -> float:
        """Angle between the first and the last edge of a path, positive to the right."""
        arriving = self._network.edge_points(path[0])[-2:].ravel()
        leaving = self._network.edge_points(path[-1])[:2].ravel()
        return bearing_degrees(*leaving) - bearing_degrees(*arriving)

    def departures(self, only: set[tuple[Path, str]]) -> list[tuple[Path, str]]:
        """Every path that follows obligatory ones of one edge and then leaves all of them, and when that is forbidden.

        Obligatory is a path while its condition holds and its roads are open.
        """
        rows = {edge: self._openings(edge) for path, _ in only for edge in path[1:]}
        own_parts = {said: frozenset(condition_parts(said)) if said else frozenset() for _, said in only}
        parts = frozenset().union(*own_parts.values(), *(row for of_edge in rows.values() for row, _ in of_edge))

        def in_force(holding: frozenset[str]) -> set[Path]:
            return {
                path
                for path, said in only
                if own_parts[said] <= holding
                and all(
                    next((opens for row, opens in reversed(rows[edge]) if row <= holding), self._is_open[edge])
                    for edge in path[1:]
                )
            }

        def forbids(departure: Path, holding: frozenset[str]) -> bool:
            stem, paths = departure[:-1], in_force(holding)
            followed = [path for path in paths if path[: len(stem)] == stem]
            return bool(followed) and stem not in paths and all(path[: len(stem) + 1] != departure for path in followed)

        network, left = self._network, []
        for stem in {path[:length] for path, _ in only for length in range(1, len(path))}:
            node = network.edge_head[stem[-1]]
            for edge in range(network.edge_first_out[node], network.edge_first_out[node + 1]):
                if self._is_usable[edge]:
                    departure = (*stem, edge)
                    texts = conditions_under_which(partial(forbids, departure), parts)
                    left += [(departure, text) for text in texts]
        return left

    def _openings(self, edge: int) -> list[tuple[frozenset[str], bool]]:
        """Parts of each condition of an edge and whether it is open then; none where no condition changes that."""
        network = self._network
        first, last = np.searchsorted(network.conditional_edge, [edge, edge + 1])
        opens = (network.conditional_edge_flags[first:last] & np.uint16(EdgeFlag.FORBIDDEN)) == 0
        if (opens == self._is_open[edge]).all():
            return []
        texts = [network.conditions[number] for number in network.conditional_edge_condition[first:last]]
        return [
            (frozenset(condition_parts(text)), is_open) for text, is_open in zip(texts, opens.tolist(), strict=True)
        ]

    def _node(self, osm_id: int) -> int:
        """Network node of an OSM id; -1 where there is none."""
        place = int(np.searchsorted(self._node_ids, osm_id))
        is_found = place < len(self._node_ids) and self._node_ids[place] == osm_id
        return int(self._node_by_id[place]) if is_found else -1
