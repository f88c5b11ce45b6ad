"""Decides which road may directly follow which: junctions, barriers, dead ends and turns back.

Restrictions are not looked at here: those over two edges are taken away where components are found, and all of them
where the turn graph is laid out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork

Int64Array = NDArray[np.int64]


class TurnRules(NamedTuple):
    """What decides whether one edge may follow another.

    Parameters
    ----------
    first_out, head, reverse
        As in `geo.roads.network.RoadNetwork`.
    is_usable
        ``(m,)`` bool: edges that exist for this question.
    is_ends_only
        ``(m,)`` bool: edges of the start or the end of a route. For a route that is not on one itself they are no way
        on, so that it may turn back where nothing else leads on.
    is_barrier
        ``(n,)`` bool: nodes that nobody passes.
    is_turning_place
        ``(n,)`` bool: nodes at which one may turn back, barriers among them.
    u_turns_allowed
        Whether one may turn back at nodes that are neither such places nor dead ends.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]
    reverse: NDArray[np.int32]
    is_usable: NDArray[np.bool_]
    is_ends_only: NDArray[np.bool_]
    is_barrier: NDArray[np.bool_]
    is_turning_place: NDArray[np.bool_]
    u_turns_allowed: bool


def turn_rules(network: RoadNetwork, is_usable: NDArray[np.bool_], is_ends_only: NDArray[np.bool_]) -> TurnRules:
    """Say what decides on a network.

    Parameters
    ----------
    network
        The road network.
    is_usable, is_ends_only
        As in `TurnRules`.

    Returns
    -------
    TurnRules
        The rules.
    """
    return TurnRules(
        first_out=network.edge_first_out,
        head=network.edge_head,
        reverse=network.edge_reverse,
        is_usable=is_usable,
        is_ends_only=is_ends_only,
        is_barrier=(network.node_flags & np.uint8(NodeFlag.BARRIER)) != 0,
        is_turning_place=(network.node_flags & np.uint8(NodeFlag.BARRIER | NodeFlag.BARRIER_AT_TIMES)) != 0,
        u_turns_allowed=network.turn_costs.u_turns_allowed,
    )


def lasting_flags(network: RoadNetwork) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say what the roads are over all times: the turn graph is made from that, and what is shut now has no way.

    Parameters
    ----------
    network
        The road network.

    Returns
    -------
    tuple
        ``(m,)`` bool each: whether an edge is usable at some time, and whether it is ends-only then. An edge that is
        usable without condition is ends-only as it is without condition.
    """
    usable = (network.edge_flags & EdgeFlag.FORBIDDEN) == 0
    ends_only = (network.edge_flags & EdgeFlag.ENDS_ONLY) != 0
    opens = ((network.conditional_edge_flags & EdgeFlag.FORBIDDEN) == 0) & ~usable[network.conditional_edge]
    opened = network.conditional_edge[opens]
    usable[opened] = True
    ends_only[opened] = (network.conditional_edge_flags[opens] & EdgeFlag.ENDS_ONLY) != 0
    return usable, ends_only


def allowed_turns(rules: TurnRules) -> tuple[Int64Array, Int64Array]:
    """List the pairs of edges of which the second may be driven directly after the first.

    Parameters
    ----------
    rules
        What decides.

    Returns
    -------
    tuple[Int64Array, Int64Array]
        ``(t,)`` edge before and edge after, ascending by both.
    """
    leaving = np.where(rules.is_usable, np.diff(rules.first_out)[rules.head], 0)
    before = np.repeat(np.arange(len(leaving)), leaving)
    # The edges that leave a node have numbers one after the other.
    after = np.arange(len(before)) - (np.cumsum(leaving) - leaving - rules.first_out[rules.head])[before]
    is_back = after == rules.reverse[before]
    is_allowed = np.where(is_back, _may_turn_back(rules)[before], ~rules.is_barrier[rules.head[before]])
    is_allowed &= rules.is_usable[after]
    return before[is_allowed], after[is_allowed]


def _may_turn_back(rules: TurnRules) -> NDArray[np.bool_]:
    """Say of each edge whether a route may turn back at its end."""
    tail = np.repeat(np.arange(len(rules.is_barrier)), np.diff(rules.first_out))
    ways = np.bincount(tail[rules.is_usable], minlength=len(rules.is_barrier))
    is_open = rules.is_usable & ~rules.is_ends_only
    open_ways = np.bincount(tail[is_open], minlength=len(rules.is_barrier))
    ways_on = np.where(rules.is_ends_only, ways[rules.head], open_ways[rules.head])
    back = rules.reverse
    is_back_counted = rules.is_usable[back] & (rules.is_ends_only | ~rules.is_ends_only[back])
    is_dead_end = ways_on == is_back_counted
    return np.asarray(is_dead_end | rules.is_turning_place[rules.head] | rules.u_turns_allowed)
