"""Decides what a road network looks like to matching: records laid out for searches between candidates.

Unlike routing, matching may use every edge: forbidden directions and turns cost extra, because a track that really
did drive them has to be matched and reported, not bent onto legal roads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.matching.records import EDGE, Records
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork


class TurnNats(NamedTuple):
    """What passing a node costs in nats, beyond the way itself.

    Parameters
    ----------
    sharpest_turn
        A turn by half a circle onto another road; less for blunter ones, nothing straight on.
    u_turn, u_turn_at_dead_end
        Turning back on the same road at a node, and where there is no other way.
    forbidden_turn
        A turn that is forbidden, or passing a barrier.
    forbidden_edge
        Entering an edge that the profile may not use.
    """

    sharpest_turn: float
    u_turn: float
    u_turn_at_dead_end: float
    forbidden_turn: float
    forbidden_edge: float


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
    edges["reverse"] = network.edge_reverse
    edges["onward_first"] = network.edge_first_out[head]
    edges["onward_stop"] = network.edge_first_out[head + 1]
    edges["turn_first"][1:] = np.cumsum(edges["onward_stop"] - edges["onward_first"])[:-1]
    edges["shape"] = network.edge_shape
    edges["length_m"] = network.edge_length_cm / 100.0
    edges["head_latitude"] = network.node_latitude_degrees[head]
    edges["head_longitude"] = network.node_longitude_degrees[head]
    edges["is_backward"] = network.edge_is_backward
    edges["is_forbidden"] = (network.edge_flags & EdgeFlag.FORBIDDEN) != 0
    _set_way_costs(edges, network, time_share)
    edges["way_per_m"] *= np.where(edges["is_forbidden"], 1.0 + forbidden_length_share, 1.0)
    return edges


def turn_nats(network: RoadNetwork, edges: Records, nats: TurnNats) -> NDArray[np.float32]:
    """Price every turn from an edge onto one that follows it.

    Parameters
    ----------
    network
        The roads.
    edges
        ``(m,)`` `EDGE` of `matching_edges`.
    nats
        What turning costs.

    Returns
    -------
    NDArray[np.float32]
        ``(t,)`` nats: the turns from each edge, in order of the edges that follow, from its ``turn_first`` on.
    """
    follow = edges["onward_stop"] - edges["onward_first"]
    origin = np.repeat(np.arange(len(edges)), follow)
    target = np.arange(len(origin)) + np.repeat(edges["onward_first"] - edges["turn_first"], follow)
    start, end = _headings(network)
    cost = 0.5 * nats.sharpest_turn * (1.0 - (start[target] * end[origin]).sum(axis=1))
    turns_back = target == edges["reverse"][origin]
    cost[turns_back] = np.where(follow[origin[turns_back]] == 1, nats.u_turn_at_dead_end, nats.u_turn)
    passes_barrier = (network.node_flags[network.edge_head[origin]] & NodeFlag.BARRIER) != 0
    pair, forbidden = origin * len(edges) + target, forbidden_turns(network).astype(np.int64)
    is_forbidden = passes_barrier | np.isin(pair, forbidden[:, 0] * len(edges) + forbidden[:, 1])
    enters_forbidden = edges["is_forbidden"][target] & ~edges["is_forbidden"][origin]
    cost += np.where(is_forbidden, nats.forbidden_turn, 0.0) + np.where(enters_forbidden, nats.forbidden_edge, 0.0)
    return np.asarray(cost, np.float32)


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
    edges["seconds_per_m"] = duration_s / length_m
    edges["way_per_m"] = (1.0 - time_share) + time_share * mean_speed_mps * duration_s / length_m


def _headings(network: RoadNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``(m, 2)`` headings (east, north) at which edges leave their tail and reach their head."""
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    east = (np.diff(longitude, append=longitude[-1:]) + 540.0) % 360.0 - 180.0
    north = np.diff(latitude, append=latitude[-1:])
    heading = np.column_stack([east * np.cos(np.radians(latitude + north / 2.0)), north])
    heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-12)[:, None]
    backward = network.edge_is_backward[:, None]
    first, last = network.shape_first[:-1][network.edge_shape], network.shape_first[1:][network.edge_shape] - 2
    start = np.where(backward, -heading[last], heading[first])
    end = np.where(backward, -heading[first], heading[last])
    return start, end
