"""Decides where ways are cut into road pieces: at junctions, at ends, at places with a meaning, and where members miss.

A *piece* runs between two network nodes along one way; it becomes one shape and two directed edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.osm_roads import OsmRoads
from geo.roads.place_order import places_in_order


@dataclass(frozen=True, eq=False)
class RoadPieces:
    """Pieces in canonical order: by way id, then by their nodes, whatever the order in which the ways came.

    Shapes below: ``p`` pieces, ``k`` points of all pieces together.

    Parameters
    ----------
    way
        ``(p,)`` int64 position of the way in ``OsmRoads.way_ids``.
    first
        ``(p + 1,)`` int64: the points of piece ``i`` start here; each piece has at least two.
    node
        ``(k,)`` int64 positions in ``OsmRoads.node_ids``.
    is_network_node
        ``(n,)`` bool, one per OSM node: whether pieces end there.
    missing_node_references
        References to nodes that the input does not hold.
    cut_ways
        Ways with at least one such reference.
    repeated_node_references
        References to the same node twice in a row.
    """

    way: NDArray[np.int64]
    first: NDArray[np.int64]
    node: NDArray[np.int64]
    is_network_node: NDArray[np.bool_]
    missing_node_references: int
    cut_ways: int
    repeated_node_references: int


def cut_into_pieces(
    roads: OsmRoads, *, kept_ways: NDArray[np.bool_], meaningful_node_ids: NDArray[np.int64]
) -> RoadPieces:
    """Cut ways into pieces.

    Parameters
    ----------
    roads
        The ways.
    kept_ways
        ``(w,)`` bool: ways to cut; the others do not exist here.
    meaningful_node_ids
        OSM ids of nodes that must become network nodes wherever a kept way passes them.

    Returns
    -------
    RoadPieces
        The pieces, with counts of what was dropped.
    """
    way, node = _references(roads, kept_ways)
    is_missing = node < 0
    # A gap in a way starts a new run: its two sides are roads, the part in between is unknown.
    run = np.cumsum(np.r_[True, way[1:] != way[:-1]] | np.r_[False, is_missing[:-1]])[: len(way)]
    is_present = ~is_missing
    present_way, present_node, present_run = way[is_present], node[is_present], run[is_present]
    is_same_run = np.r_[False, present_run[1:] == present_run[:-1]][: len(present_run)]
    is_repeated = is_same_run & np.r_[False, present_node[1:] == present_node[:-1]][: len(present_run)]
    way_of, node_of, run_of = present_way[~is_repeated], present_node[~is_repeated], present_run[~is_repeated]

    is_network_node = _network_nodes(node_of, run_of, node_count=len(roads.node_ids))
    meaningful = _positions(roads.node_ids, meaningful_node_ids)
    is_network_node[meaningful[meaningful >= 0]] = True
    boundary = np.flatnonzero(is_network_node[node_of]) if len(node_of) else np.zeros(0, np.int64)
    joined = run_of[boundary[1:]] == run_of[boundary[:-1]]
    start, end = boundary[:-1][joined], boundary[1:][joined]
    length = end - start + 1
    first = np.r_[0, np.cumsum(length)]
    point = np.repeat(start - first[:-1], length) + np.arange(first[-1])
    way_of_piece, first, piece_node = _in_canonical_order(roads, way_of[start], first, node_of[point])
    return RoadPieces(
        way=way_of_piece,
        first=first,
        node=piece_node,
        is_network_node=is_network_node,
        missing_node_references=int(is_missing.sum()),
        cut_ways=len(np.unique(roads.way_ids[way[is_missing]])),
        repeated_node_references=int(is_repeated.sum()),
    )


def _references(roads: OsmRoads, kept_ways: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Way and node position of each node reference of the kept ways; node -1 where it is missing."""
    way = np.repeat(np.arange(len(roads.way_ids)), np.diff(roads.way_first))
    is_kept = kept_ways[way]
    return way[is_kept], _positions(roads.node_ids, roads.way_node_ids[is_kept])


def _network_nodes(node: NDArray[np.int64], run: NDArray[np.int64], *, node_count: int) -> NDArray[np.bool_]:
    """Nodes that end a run, or that ways pass more than once."""
    is_network_node = np.bincount(node, minlength=node_count) > 1
    changes = run[1:] != run[:-1]
    is_network_node[node[np.r_[True, changes][: len(node)]]] = True
    is_network_node[node[np.r_[changes, True][: len(node)]]] = True
    return is_network_node


def _positions(sorted_ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of each wanted id, ``-1`` where it does not exist."""
    if not len(sorted_ids):
        return np.full(len(wanted), -1, np.int64)
    position = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return np.where(sorted_ids[position] == wanted, position, -1)


def _in_canonical_order(
    roads: OsmRoads, way: NDArray[np.int64], first: NDArray[np.int64], node: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Order pieces by place, way id, first, second and last node, so that the order of the input does not matter."""
    start = node[first[:-1]]
    place = places_in_order(roads.node_latitude_degrees[start], roads.node_longitude_degrees[start])
    order = np.lexsort((node[first[1:] - 1], node[first[:-1] + 1], start, roads.way_ids[way], place))
    length = np.diff(first)[order]
    new_first = np.r_[0, np.cumsum(length)]
    point = np.repeat(first[:-1][order] - new_first[:-1], length) + np.arange(new_first[-1])
    return way[order], new_first, node[point]
