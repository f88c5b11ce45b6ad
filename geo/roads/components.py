"""Decides which edges belong together: places on edges of one component can reach each other both ways.

Turn rules count: an edge that only a forbidden turn leads to is not in the component that it leaves for.
Restrictions over more than two edges, and those under a condition, do not.

Ends-only roads never join two parts of a network. Such a road belongs to the component that it can be reached from
and that it reaches along ends-only roads, of several the largest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.component_kernels import TurnRules, spread_to_ends, strong_components
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork


def edge_components(network: RoadNetwork) -> NDArray[np.int32]:
    """Find the strongly connected components and number them, 0 the one with the most edges.

    Parameters
    ----------
    network
        The network with its forbidden paths; its own components are not looked at.

    Returns
    -------
    NDArray[np.int32]
        ``(m,)``; ``-1`` for forbidden edges. Of two components of the same size, the one that holds the edge of the
        smallest number comes first.
    """
    rules = _turn_rules(network)
    is_open = rules.is_usable & ~rules.is_ends_only
    component = _by_size(strong_components(rules._replace(is_usable=is_open)))
    if not rules.is_ends_only.any():
        return component
    nowhere = np.int32(network.edge_count)
    arriving = np.where(is_open, component, nowhere).astype(np.int32)
    leaving = arriving.copy()
    spread_to_ends(rules, arriving, leaving)
    is_joined = rules.is_ends_only & rules.is_usable & (arriving == leaving) & (arriving < nowhere)
    component[is_joined] = arriving[is_joined]
    rest = strong_components(rules._replace(is_usable=rules.is_usable & (component < 0)))
    component[rest >= 0] = rest[rest >= 0] + component.max() + 1
    return _by_size(component)


def _turn_rules(network: RoadNetwork) -> TurnRules:
    forbidden_first, forbidden_next = _forbidden_turns(network)
    return TurnRules(
        first_out=network.edge_first_out,
        head=network.edge_head,
        reverse=network.edge_reverse,
        is_usable=(network.edge_flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0,
        is_ends_only=(network.edge_flags & np.uint16(EdgeFlag.ENDS_ONLY)) != 0,
        is_barrier=(network.node_flags & np.uint8(NodeFlag.BARRIER)) != 0,
        forbidden_first=forbidden_first,
        forbidden_next=forbidden_next,
        u_turns_allowed=network.turn_costs.u_turns_allowed,
    )


def _forbidden_turns(network: RoadNetwork) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Edges that may never follow each edge directly, as a compressed sparse row layout."""
    first = network.forbidden_path_first[:-1]
    is_turn = (np.diff(network.forbidden_path_first) == 2) & (network.forbidden_path_condition < 0)  # noqa: PLR2004 - a turn joins two edges
    before, after = network.forbidden_path_edges[first[is_turn]], network.forbidden_path_edges[first[is_turn] + 1]
    order = np.argsort(before, kind="stable")
    start = np.searchsorted(before[order], np.arange(network.edge_count + 1)).astype(np.int32)
    return start, np.ascontiguousarray(after[order])


def _by_size(component: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give components new numbers by their sizes; ``-1`` stays."""
    numbered = component[component >= 0]
    if not len(numbered):
        return component
    sizes = np.bincount(numbered)
    first_edge = np.full(len(sizes), len(component), np.int64)
    np.minimum.at(first_edge, numbered, np.flatnonzero(component >= 0))
    rank = np.empty(len(sizes), np.int32)
    rank[np.lexsort((first_edge, -sizes))] = np.arange(len(sizes), dtype=np.int32)
    return np.where(component >= 0, rank[component], np.int32(-1)).astype(np.int32)
