"""Decides what a barrier is while conditions hold: a gate that is shut at night, a bollard that opens for deliveries.

Such a barrier is a node with `NodeFlag.BARRIER_AT_TIMES`. Forbidden paths say when nobody passes it, and when nobody
may turn back there: before a shut barrier one may, as at every barrier, and before an open one only where the road
ends. Who may pass for business behind it passes: through traffic is kept out by the roads' own tags, and a gate for
some (`NodeFlag.PRIVATE_GATE`) that cuts a street in two stays shut at all times.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from geo.roads.condition_logic import conditions_under_which
from geo.roads.conditional_rules import applicable_clauses, first_conditions
from geo.roads.conditional_tags import tags_under
from geo.roads.conditions import ConditionKind, condition_parts
from geo.roads.network import NodeFlag, RoadNetwork
from geo.roads.node_rules import node_flags
from geo.roads.osm_roads import Tags
from geo.roads.profiles import Profile
from geo.roads.turns import lasting_flags


class ConditionalBarrier(NamedTuple):
    """When a barrier can be passed.

    Parameters
    ----------
    shut, open
        Conditions of which one holds while it is shut, and while it is open. Both are empty where no condition changes
        that.
    kinds
        How many conditions of each kind its tags hold.
    """

    shut: tuple[str, ...]
    open: tuple[str, ...]
    kinds: Counter[ConditionKind]


_ALWAYS_THE_SAME = ConditionalBarrier((), (), Counter())


def conditional_barrier(tags: Tags, profile: Profile) -> ConditionalBarrier:
    """Read the conditional access tags of a barrier.

    Parameters
    ----------
    tags
        Tags of a node.
    profile
        Who reads them.

    Returns
    -------
    ConditionalBarrier
        Nothing where the node is no barrier.
    """
    if "barrier" not in tags:
        return _ALWAYS_THE_SAME
    clauses, kinds = applicable_clauses(tags, frozenset(profile.access_keys), profile)
    kept = first_conditions(clauses, kinds)
    parts_of = {condition: frozenset(condition_parts(condition)) for condition in kept}

    def is_shut(parts: frozenset[str]) -> bool:
        holding = [condition for condition in kept if parts_of[condition] <= parts]
        return NodeFlag.BARRIER in node_flags(tags_under(tags, clauses, holding), profile)

    parts = [part for of_condition in parts_of.values() for part in of_condition]
    shut = tuple(conditions_under_which(is_shut, parts))
    if shut in {(), ("",)}:
        return _ALWAYS_THE_SAME._replace(kinds=kinds)
    return ConditionalBarrier(shut, tuple(conditions_under_which(lambda parts: not is_shut(parts), parts)), kinds)


def barrier_paths(
    network: RoadNetwork, barriers: Mapping[int, ConditionalBarrier]
) -> tuple[RoadNetwork, set[tuple[tuple[int, ...], str]]]:
    """Find what barriers forbid while their conditions hold.

    Parameters
    ----------
    network
        A network whose barriers are what they are without a departure, with its conditional edges and private gates.
    barriers
        Barriers that conditions shut or open, by the OSM id of their node.

    Returns
    -------
    tuple[RoadNetwork, set[tuple[tuple[int, ...], str]]]
        The network with the flags of these barriers, and forbidden paths with their conditions. Only together do they
        mean the same as before where no departure is given.
    """
    flags = network.node_flags.copy()
    forbidden: set[tuple[tuple[int, ...], str]] = set()
    usable, ends_only = (column.tolist() for column in lasting_flags(network))
    for node in np.flatnonzero(np.isin(network.node_osm_id, list(barriers))).tolist():
        if NodeFlag.BARRIER | NodeFlag.PRIVATE_GATE in NodeFlag(int(flags[node])):
            continue  # it cuts a street
        flags[node] = (flags[node] & ~np.uint8(NodeFlag.BARRIER)) | np.uint8(NodeFlag.BARRIER_AT_TIMES)
        barrier = barriers[int(network.node_osm_id[node])]
        for arriving, leaving, is_open in _banned_turns(network, node, usable, ends_only):
            forbidden.update(((arriving, leaving), text) for text in (barrier.open if is_open else barrier.shut))
    return dataclasses.replace(network, node_flags=flags), forbidden


def _banned_turns(
    network: RoadNetwork, node: int, usable: list[bool], ends_only: list[bool]
) -> Iterator[tuple[int, int, bool]]:
    """Edges that meet at a barrier, and whether the second may not follow while it is open (else while it is shut)."""
    leaving = range(network.edge_first_out[node], network.edge_first_out[node + 1])
    ways_on = [edge for edge in leaving if usable[edge]]
    for back in leaving:
        edge = int(network.edge_reverse[back])
        if not usable[edge]:
            continue
        is_dead_end = not any(way != back and (ends_only[edge] or not ends_only[way]) for way in ways_on)
        for way in ways_on:
            if way != back:
                yield edge, way, False
            elif not (is_dead_end or network.turn_costs.u_turns_allowed):
                yield edge, way, True
