"""Decides which edges belong together: places on roads of one component can reach each other both ways.

The cores of the components are the strongly connected sets of open edges, turn rules included: an edge that only a
forbidden turn leads to is not in the core that it leaves for. Roads and turns are those of no departure: restrictions
under a condition do not count unless it holds then. Neither do those over more than two edges.

A road belongs to a core that it can be reached from, on either of its directions, and that it reaches, on either of
its directions; of several such cores to the largest. So a two-way street belongs to its surroundings even where nobody
may turn back on the way, and so does a private road that hangs on them. Ends-only roads never join two cores.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.component_kernels import Turns, edge_room, spread_components, strong_components
from geo.roads.conditions import holds_without_departure
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.roads.turns import TurnRules, allowed_turns, turn_rules


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
    is_usable = (network.edge_flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0
    rules = turn_rules(network, is_usable, (network.edge_flags & np.uint16(EdgeFlag.ENDS_ONLY)) != 0)
    forbidden = _forbidden_turns(network)
    component = _components_of_open_edges(rules, forbidden)
    rest = rules.is_usable & (component < 0)
    if rest.any():
        # Ends-only roads that hang on no core: among themselves, as in a private estate, they are ways on.
        inside = rules._replace(is_usable=rest, is_ends_only=np.zeros_like(rules.is_ends_only))
        component = np.where(rest, _components_of_open_edges(inside, forbidden) + component.max() + 1, component)
    return _by_size(component.astype(np.int32))


def _components_of_open_edges(rules: TurnRules, forbidden: NDArray[np.int64]) -> NDArray[np.int32]:
    """Component of every usable edge that belongs to a core of open edges; ``-1`` for the others."""
    core = _cores(rules._replace(is_usable=rules.is_usable & ~rules.is_ends_only), forbidden)
    before, after = _turns(rules, forbidden)
    # After an open road, ends-only roads lead only to further ends-only roads; the same looking back from the end.
    goes_on = rules.is_ends_only[after] | ~rules.is_ends_only[before]
    came_from = rules.is_ends_only[before] | ~rules.is_ends_only[after]
    reached_from = _spread(before[goes_on], after[goes_on], core)
    reaching = _spread(after[came_from], before[came_from], core)
    road_reached_from = _smallest_of_road(reached_from, rules)
    road_reaching = _smallest_of_road(reaching, rules)
    is_joined = rules.is_usable & (road_reached_from >= 0) & (road_reached_from == road_reaching)
    return np.where(is_joined, road_reached_from, core)


def _turns(rules: TurnRules, forbidden: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which edge may follow which, restrictions over two edges taken away."""
    before, after = allowed_turns(rules)
    is_allowed = ~np.isin(before * len(rules.head) + after, forbidden)
    return before[is_allowed], after[is_allowed]


def _cores(rules: TurnRules, forbidden: NDArray[np.int64]) -> NDArray[np.int32]:
    """Strongly connected components, numbered by size."""
    edge_count = len(rules.head)
    component = np.full(edge_count, -1, np.int32)
    turns = _rows(*_turns(rules, forbidden), edge_count)
    strong_components(turns, np.flatnonzero(rules.is_usable), edge_room(edge_count), component)
    return _by_size(component)


def _spread(before: NDArray[np.int64], after: NDArray[np.int64], core: NDArray[np.int32]) -> NDArray[np.int32]:
    """Smallest core from which the pairs of edges lead to each edge; ``-1`` where there is none."""
    labels = np.full_like(core, -1)
    by_core = np.argsort(core, kind="stable")[np.count_nonzero(core < 0) :]
    spread_components(_rows(before, after, len(core)), core, by_core, np.empty_like(core), labels)
    return labels


def _rows(before: NDArray[np.int64], after: NDArray[np.int64], edge_count: int) -> Turns:
    """Lay out pairs of edges in rows by the first of them."""
    first = np.concatenate([[0], np.cumsum(np.bincount(before, minlength=edge_count))])
    return Turns(first, after[np.argsort(before, kind="stable")])


def _smallest_of_road(labels: NDArray[np.int32], rules: TurnRules) -> NDArray[np.int32]:
    """Smallest label of the two directions of each road; ``-1`` where neither has one."""
    other = labels[rules.reverse]
    return np.where(labels < 0, other, np.where(other < 0, labels, np.minimum(labels, other)))


def _forbidden_turns(network: RoadNetwork) -> NDArray[np.int64]:
    """Pairs of edges that may not follow each other directly, each as one number ``before * m + after``."""
    first = network.forbidden_path_first[:-1]
    # The last entry is that of condition -1, which always holds.
    holds = np.array([*(holds_without_departure(text) for text in network.conditions), True])
    is_turn = (np.diff(network.forbidden_path_first) == 2) & holds[network.forbidden_path_condition]  # noqa: PLR2004 - a turn joins two edges
    before, after = network.forbidden_path_edges[first[is_turn]], network.forbidden_path_edges[first[is_turn] + 1]
    return np.asarray(before.astype(np.int64) * network.edge_count + after)


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
