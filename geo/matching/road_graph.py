"""Decides what a road network looks like to matching: arrays laid out for searches between candidates.

Unlike routing, matching may use every edge: forbidden directions and turns cost extra, because a track that really
did drive them has to be matched and reported, not bent onto legal roads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork


class MatchingGraph(NamedTuple):
    """The road network as the kernels of matching see it.

    Shapes: ``n`` nodes, ``m`` edges, ``k`` shape points.

    Parameters
    ----------
    first_out, head, reverse
        ``(n + 1,)``, ``(m,)``, ``(m,)`` int32 as in `RoadNetwork`.
    length_m
        ``(m,)`` float32.
    way_m
        ``(m,)`` float32: what choosing the edge costs a driver, in metres at the mean speed of the network: a mean of
        length and of the metres that the mean speed would make in the edge's duration.
    least_way
        Least `way_m` of a metre of any edge.
    start_heading, end_heading
        ``(m,)`` float32 radians counter-clockwise from east, where the edge leaves its tail and reaches its head.
    is_forbidden, has_forbidden_turn
        ``(m,)`` bool.
    forbidden_from, forbidden_onto
        ``(r,)`` int32 pairs of edges that may not be driven one after the other, sorted by the first.
    node_latitude_degrees, node_longitude_degrees
        ``(n,)`` float64.
    node_is_barrier
        ``(n,)`` bool: no legal path leads through.
    edge_shape, edge_is_backward, shape_first
        As in `RoadNetwork`.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]
    reverse: NDArray[np.int32]
    length_m: NDArray[np.float32]
    way_m: NDArray[np.float32]
    least_way: float
    start_heading: NDArray[np.float32]
    end_heading: NDArray[np.float32]
    is_forbidden: NDArray[np.bool_]
    has_forbidden_turn: NDArray[np.bool_]
    forbidden_from: NDArray[np.int32]
    forbidden_onto: NDArray[np.int32]
    node_latitude_degrees: NDArray[np.float64]
    node_longitude_degrees: NDArray[np.float64]
    node_is_barrier: NDArray[np.bool_]
    edge_shape: NDArray[np.int32]
    edge_is_backward: NDArray[np.bool_]
    shape_first: NDArray[np.int64]


def matching_graph(network: RoadNetwork, time_share: float) -> MatchingGraph:
    """Lay a road network out for matching.

    Parameters
    ----------
    network
        The roads.
    time_share
        Weight of duration in `MatchingGraph.way_m`, the rest is length.

    Returns
    -------
    MatchingGraph
        Shares the arrays of the network where it can.
    """
    headings = _segment_headings(network)
    length_m, duration_s = network.edge_length_cm / 100.0, network.edge_duration_ms / 1000.0
    mean_speed_mps = length_m.sum() / duration_s.sum()
    first, last = network.shape_first[:-1][network.edge_shape], network.shape_first[1:][network.edge_shape] - 2
    backward = network.edge_is_backward
    forbidden_from, forbidden_onto = _forbidden_turns(network)
    has_forbidden_turn = np.zeros(network.edge_count, np.bool_)
    has_forbidden_turn[forbidden_from] = True
    way_m = (1.0 - time_share) * length_m + time_share * mean_speed_mps * duration_s
    return MatchingGraph(
        first_out=network.edge_first_out,
        head=network.edge_head,
        reverse=network.edge_reverse,
        length_m=length_m.astype(np.float32),
        way_m=way_m.astype(np.float32),
        least_way=float((way_m / length_m).min()),
        start_heading=np.where(backward, headings[last] + np.pi, headings[first]).astype(np.float32),
        end_heading=np.where(backward, headings[first] + np.pi, headings[last]).astype(np.float32),
        is_forbidden=(network.edge_flags & EdgeFlag.FORBIDDEN) != 0,
        has_forbidden_turn=has_forbidden_turn,
        forbidden_from=forbidden_from,
        forbidden_onto=forbidden_onto,
        node_latitude_degrees=network.node_latitude_degrees,
        node_longitude_degrees=network.node_longitude_degrees,
        node_is_barrier=(network.node_flags & NodeFlag.BARRIER) != 0,
        edge_shape=network.edge_shape,
        edge_is_backward=backward,
        shape_first=network.shape_first,
    )


def _segment_headings(network: RoadNetwork) -> NDArray[np.float64]:
    """Direction from each shape point to the next, radians counter-clockwise from east; the last of a shape is void."""
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    east_degrees = (np.diff(longitude, append=longitude[-1:]) + 540.0) % 360.0 - 180.0
    north_degrees = np.diff(latitude, append=latitude[-1:])
    return np.arctan2(north_degrees, east_degrees * np.cos(np.radians(latitude + north_degrees / 2.0)))


def _forbidden_turns(network: RoadNetwork) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of edges that may never be driven one after the other; longer forbidden paths are left to routing."""
    starts, ends = network.forbidden_path_first[:-1], network.forbidden_path_first[1:]
    is_turn = (ends - starts == 2) & (network.forbidden_path_condition < 0)  # noqa: PLR2004  (a pair)
    origin = network.forbidden_path_edges[starts[is_turn]]
    target = network.forbidden_path_edges[starts[is_turn] + 1]
    order = np.lexsort([target, origin])
    return origin[order], target[order]
