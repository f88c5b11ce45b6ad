"""The shapes of edges in their direction of travel, and the OSM nodes that they pass.

A shape is stored once for both directions of a road piece (see `geo.roads.network`); here each edge gets its points in
its own order, with their places as shares of its length.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork


class EdgeShapes(NamedTuple):
    """The points of some edges, edge after edge, each in its direction of travel.

    Parameters
    ----------
    point
        ``(p,)`` int64 index of each point among the network's shape points.
    share
        ``(p,)`` float64: its place on its edge, as a share of the edge's length; 0 at the first, 1 at the last.
    part
        ``(p,)`` int64: which of the edges it belongs to.
    start, stop
        ``(e,)`` int64: the points of edge number ``i`` are ``start[i] … stop[i] - 1``, at least two.
    """

    point: NDArray[np.int64]
    share: NDArray[np.float64]
    part: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    def pieces_at(self, part: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find the pieces between two neighbouring points on which places lie.

        Parameters
        ----------
        part, share
            ``(q,)`` edge and place of each; a place at a point is on the piece that begins there.

        Returns
        -------
        NDArray[np.int64]
            ``(q,)`` row of the point at which the piece begins.
        """
        # 2 * part + share ascends over all points, so one search serves all edges
        rows = np.searchsorted(2.0 * self.part + self.share, 2.0 * part + share, side="right") - 1
        return np.asarray(np.clip(rows, self.start[part], self.stop[part] - 2))


def edge_shapes(network: RoadNetwork, edges: NDArray[np.integer[Any]]) -> EdgeShapes:
    """Lay out the points of some edges.

    Parameters
    ----------
    network
        The roads.
    edges
        ``(e,)`` edges, at least one; any may occur more than once.

    Returns
    -------
    EdgeShapes
        Their points.
    """
    shape = network.edge_shape[edges]
    first, counts = network.shape_first[shape], np.diff(network.shape_first)[shape]
    start = np.cumsum(counts) - counts
    part = np.repeat(np.arange(len(edges)), counts)
    number = np.arange(len(part)) - start[part]
    point = first[part] + np.where(network.edge_is_backward[edges][part], counts[part] - 1 - number, number)
    latitude, longitude = network.shape_latitude_degrees[point], network.shape_longitude_degrees[point]

    east = wrapped_degrees(np.diff(longitude))  # steps between edges are nonsense; their share is never used
    gone = gone_up_to(np.hypot(np.diff(latitude), east * np.cos(np.radians(latitude[:-1] + np.diff(latitude) / 2.0))))
    gone -= gone[start][part]
    whole = gone[start + counts - 1][part]
    share = np.where(whole > 0.0, gone / np.where(whole > 0.0, whole, 1.0), number / (counts - 1)[part])
    return EdgeShapes(point, share, part, start, start + counts)


def nodes_around(
    network: RoadNetwork, edges: NDArray[np.integer[Any]], fractions: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the two neighbouring OSM nodes between which places on roads lie.

    Parameters
    ----------
    network
        The roads.
    edges, fractions
        ``(q,)`` edge of each place (``-1``: on none) and its share of the edge's length.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        ``(q,)`` OSM ids of the node passed last and of the node ahead, in the edge's direction; 0 where on no edge.
    """
    before, ahead = np.zeros((2, len(edges)), np.int64)
    on_road = np.asarray(edges) >= 0
    if on_road.any():
        different, part = np.unique(edges[on_road], return_inverse=True)
        shapes = edge_shapes(network, different)
        row = shapes.pieces_at(part, fractions[on_road])
        before[on_road] = network.shape_osm_node_id[shapes.point[row]]
        ahead[on_road] = network.shape_osm_node_id[shapes.point[row + 1]]
    return before, ahead


def nodes_along(
    network: RoadNetwork,
    edges: NDArray[np.integer[Any]],
    from_fraction: NDArray[np.float64],
    to_fraction: NDArray[np.float64],
) -> NDArray[np.int64]:
    """List the OSM nodes of a path, from the one passed last before it to the first one behind it.

    Parameters
    ----------
    network
        The roads.
    edges, from_fraction, to_fraction
        ``(e,)`` the parts of edges that the path takes, in order of travel.

    Returns
    -------
    NDArray[np.int64]
        ``(s,)`` OSM ids, none twice in a row. Where the path turns back between two nodes, both stand in it, and the
        one that it came from again.
    """
    if len(edges) == 0:
        return np.zeros(0, np.int64)
    shapes = edge_shapes(network, edges)
    part = np.arange(len(edges))
    first = shapes.pieces_at(part, from_fraction)
    last = shapes.pieces_at(part, to_fraction)
    last += shapes.share[last] < to_fraction  # a path that ends at a node does not reach the next one
    rows = np.arange(len(shapes.point))
    passed = (rows >= first[shapes.part]) & (rows <= np.maximum(first, last)[shapes.part])
    nodes = network.shape_osm_node_id[shapes.point[passed]]
    return np.asarray(nodes[np.append(True, nodes[1:] != nodes[:-1])])


def gone_up_to(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the steps up to each point, from 0 at the first."""
    return np.concatenate([[0.0], np.cumsum(steps)])


def wrapped_degrees(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring longitudes, or differences between them, into [-180, 180)."""
    return np.asarray((degrees + 540.0) % 360.0 - 180.0)
