"""Decides what a gate means that only those may pass who have business behind it (``access=private`` and the like).

Such a gate must not carry through traffic, and places behind it must stay reachable. Behind it lie the roads that
reach the rest of the network through such gates alone: they become ends-only roads (`EdgeFlag.ENDS_ONLY`), so that
routes may begin and end there, also across several gates, and none leads through. Where both sides of a gate are
reached without it, as on a street that it cuts in two, it is a barrier. A gate that is mapped on a junction does not
say which of the roads there it closes, and closes none.

Other engines choose one half: OSRM takes such gates for open, GraphHopper for closed, Valhalla makes them dear.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from geo.roads.components import edge_components
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork

_PIECES_OF_A_ROAD = 2
"""Road pieces that meet at a node in the middle of a road."""


def with_private_gates(network: RoadNetwork) -> RoadNetwork:
    """Give the roads at private gates their meaning.

    Parameters
    ----------
    network
        A network whose nodes have `NodeFlag.PRIVATE_GATE`, with its components while all such gates are open.

    Returns
    -------
    RoadNetwork
        The network with other flags of edges and nodes, and the components that result.
    """
    pieces = np.diff(network.edge_first_out)
    is_gate = ((network.node_flags & np.uint8(NodeFlag.PRIVATE_GATE)) != 0) & (pieces == _PIECES_OF_A_ROAD)
    if not is_gate.any():
        return network
    shut_flags = np.where(is_gate, network.node_flags | np.uint8(NodeFlag.BARRIER), network.node_flags)
    component_shut = edge_components(dataclasses.replace(network, node_flags=shut_flags))
    is_behind = _is_behind(network.edge_component, component_shut)
    edge_flags = _ends_only(network.edge_flags, is_behind)
    is_barrier = np.zeros_like(is_gate)
    is_barrier[is_gate] = _cuts_a_street(network, np.flatnonzero(is_gate), component_shut, edge_flags)
    if not (is_behind.any() or is_barrier.any()):
        return network
    changed = dataclasses.replace(
        network,
        node_flags=np.where(is_barrier, shut_flags, network.node_flags),
        edge_flags=edge_flags,
        conditional_edge_flags=_ends_only(network.conditional_edge_flags, is_behind[network.conditional_edge]),
    )
    return dataclasses.replace(changed, edge_component=edge_components(changed))


def _is_behind(component_open: NDArray[np.int32], component_shut: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Edges that belong together with others only while gates are open, those of the largest part left out."""
    is_usable = component_open >= 0
    both = np.column_stack([component_open, component_shut])[is_usable]
    parts, counts = np.unique(both, axis=0, return_counts=True)
    by_size = np.lexsort((parts[:, 1], -counts, parts[:, 0]))
    _, first = np.unique(parts[by_size, 0], return_index=True)
    outside = parts[by_size[first], 1]
    is_behind = is_usable.copy()
    is_behind[is_usable] = outside[both[:, 0]] != both[:, 1]
    return is_behind


def _ends_only(flags: NDArray[np.uint16], is_behind: NDArray[np.bool_]) -> NDArray[np.uint16]:
    is_marked = is_behind & ((flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0)
    return np.where(is_marked, flags | np.uint16(EdgeFlag.ENDS_ONLY), flags)


def _cuts_a_street(
    network: RoadNetwork, gates: NDArray[np.int64], component_shut: NDArray[np.int32], edge_flags: NDArray[np.uint16]
) -> NDArray[np.bool_]:
    """Whether the roads on both sides of each gate are open, and belong together though it is shut."""
    first = network.edge_first_out[gates]
    leaving = np.stack([first, first + 1])
    directions = np.stack([leaving, network.edge_reverse[leaving]])
    closed = np.uint16(EdgeFlag.FORBIDDEN | EdgeFlag.ENDS_ONLY)
    is_open = ((edge_flags[directions] & closed) == 0).any(axis=0).all(axis=0)
    component = component_shut[directions].max(axis=0)
    return np.asarray(is_open & (component[0] == component[1]))
