"""Decides what a road network looks like to matching: records laid out for searches between candidates.

Unlike routing, matching may use every edge: forbidden directions and turns cost extra, because a track that really
did drive them has to be matched and reported, not bent onto legal roads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.matching.records import EDGE, Records
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork


def matching_edges(network: RoadNetwork, *, time_share: float, forbidden_length_share: float) -> Records:
    """Lay the edges of a road network out for matching.

    Parameters
    ----------
    network
        The roads.
    time_share
        Weight of duration in what a metre costs a driver, the rest is length. Durations are turned into metres by the
        mean speed of the network.
    forbidden_length_share
        Each metre of an edge that the profile may not use costs so much more.

    Returns
    -------
    Records
        ``(m,)`` `EDGE`.
    """
    edges = np.zeros(network.edge_count, EDGE)
    head = network.edge_head
    edges["head"] = head
    edges["reverse"] = network.edge_reverse
    edges["onward_first"] = network.edge_first_out[head]
    edges["onward_stop"] = network.edge_first_out[head + 1]
    edges["shape"] = network.edge_shape
    edges["length_m"] = network.edge_length_cm / 100.0
    edges["head_latitude"] = network.node_latitude_degrees[head]
    edges["head_longitude"] = network.node_longitude_degrees[head]
    edges["is_backward"] = network.edge_is_backward
    edges["is_forbidden"] = (network.edge_flags & EdgeFlag.FORBIDDEN) != 0
    edges["ends_at_barrier"] = (network.node_flags[head] & NodeFlag.BARRIER) != 0
    edges["has_forbidden_turn"][forbidden_turns(network)[:, 0]] = True
    _set_way_costs(edges, network, time_share)
    edges["way_per_m"] *= np.where(edges["is_forbidden"], 1.0 + forbidden_length_share, 1.0)
    _set_headings(edges, network)
    return edges


def forbidden_turns(network: RoadNetwork) -> NDArray[np.int32]:
    """List pairs of edges that may never be driven one after the other; longer forbidden paths are left to routing.

    Parameters
    ----------
    network
        The roads.

    Returns
    -------
    NDArray[np.int32]
        ``(r, 2)`` pairs, sorted.
    """
    starts, ends = network.forbidden_path_first[:-1], network.forbidden_path_first[1:]
    is_turn = (ends - starts == 2) & (network.forbidden_path_condition < 0)  # noqa: PLR2004  (a pair)
    origin = network.forbidden_path_edges[starts[is_turn]]
    target = network.forbidden_path_edges[starts[is_turn] + 1]
    order = np.lexsort([target, origin])
    return np.column_stack([origin[order], target[order]]).astype(np.int32)


def _set_way_costs(edges: Records, network: RoadNetwork, time_share: float) -> None:
    length_m, duration_s = network.edge_length_cm / 100.0, network.edge_duration_ms / 1000.0
    mean_speed_mps = length_m.sum() / duration_s.sum()
    edges["way_per_m"] = (1.0 - time_share) + time_share * mean_speed_mps * duration_s / length_m


def _set_headings(edges: Records, network: RoadNetwork) -> None:
    """Set the headings at which edges leave their tail and reach their head."""
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    east = (np.diff(longitude, append=longitude[-1:]) + 540.0) % 360.0 - 180.0
    north = np.diff(latitude, append=latitude[-1:])
    east *= np.cos(np.radians(latitude + north / 2.0))
    length = np.maximum(np.hypot(east, north), 1e-12)
    east, north = east / length, north / length
    backward = network.edge_is_backward
    first, last = network.shape_first[:-1][network.edge_shape], network.shape_first[1:][network.edge_shape] - 2
    for axis, heading in (("east", east), ("north", north)):
        edges[f"start_{axis}"] = np.where(backward, -heading[last], heading[first])
        edges[f"end_{axis}"] = np.where(backward, -heading[first], heading[last])
