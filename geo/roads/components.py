"""Decides which edges belong together: places on roads of one component can reach each other both ways.

The cores of the components are the strongly connected sets of open edges, turn rules included: an edge that only a
forbidden turn leads to is not in the core that it leaves for. (Restrictions over more than two edges, and those under
a condition, do not count.)

A road belongs to a core that it can be reached from, on either of its directions, and that it reaches, on either of
its directions; of several such cores to the largest. So a two-way street belongs to its surroundings even where nobody
may turn back on the way, and so does a private road that hangs on them. Ends-only roads never join two cores.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.component_kernels import TurnRules, spread_components, strong_components
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
    component = _components_of_open_edges(rules)
    rest = rules.is_usable & (component < 0)
    if rest.any():
        # Ends-only roads that hang on no core: among themselves, as in a private estate, they are ways on.
        inside = rules._replace(is_usable=rest, is_ends_only=np.zeros_like(rules.is_ends_only))
        component = np.where(rest, _components_of_open_edges(inside) + component.max() + 1, component)
    return _by_size(component.astype(np.int32))


def _components_of_open_edges(rules: TurnRules) -> NDArray[np.int32]:
    """Component of every usable edge that belongs to a core of open edges; ``-1`` for the others."""
    core = _by_size(strong_components(rules._replace(is_usable=rules.is_usable & ~rules.is_ends_only)))
    by_core = np.argsort(core, kind="stable")
    reached_from, reaching = np.full_like(core, -1), np.full_like(core, -1)
    spread_components(rules, core, by_core, reached_from, 1)
    spread_components(rules, core, by_core, reaching, -1)
    road_reached_from = _smallest_of_road(reached_from, rules)
    road_reaching = _smallest_of_road(reaching, rules)
    is_joined = rules.is_usable & (road_reached_from >= 0) & (road_reached_from == road_reaching)
    return np.where(is_joined, road_reached_from, core)


def _smallest_of_road(labels: NDArray[np.int32], rules: TurnRules) -> NDArray[np.int32]:
    """Smallest label of the two directions of each road; ``-1`` where neither has one."""
    other = labels[rules.reverse]
    return np.where(labels < 0, other, np.where(other < 0, labels, np.minimum(labels, other)))


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
