"""Decides how road segments are found by place: a uniform grid over the network's bounding box.

City networks are dense and even, so a grid of cells of about the search radius answers in constant time with less
memory than a tree. Cells are never smaller than makes sense for the number of segments, so that a sparse country
does not pay for its emptiness.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE, great_circles_m
from geo.roads.network import RoadNetwork, read_only
from geo.roads.segment_grid_kernels import SegmentGrid, count_cell_segments, fill_cell_segments

CELL_M = 100.0
_CELLS_PER_SEGMENT = 4.0


def build_segment_grid(network: RoadNetwork) -> SegmentGrid:
    """Index the segments of a network by place.

    Networks that cross the 180th meridian are cut there: a search does not look across it.

    Parameters
    ----------
    network
        The network; its shape points are shared, not copied.

    Returns
    -------
    SegmentGrid
        The grid. All arrays are read-only.
    """
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    south, north = float(latitude.min()), float(latitude.max())
    west, east = float(longitude.min()), float(longitude.max())
    metres_per_degree_east = METRES_PER_DEGREE * max(math.cos(math.radians((south + north) / 2.0)), 0.01)
    height_m, width_m = (north - south) * METRES_PER_DEGREE, (east - west) * metres_per_degree_east
    cell_m = max(CELL_M, math.sqrt(height_m * width_m / (_CELLS_PER_SEGMENT * len(latitude))))
    row_count, column_count = int(height_m / cell_m) + 1, int(width_m / cell_m) + 1
    point_shape = np.repeat(np.arange(len(network.shape_first) - 1, dtype=np.int32), np.diff(network.shape_first))
    shape_edge = np.zeros(len(network.shape_first) - 1, np.int32)
    forward_edges = np.flatnonzero(~network.edge_is_backward)
    shape_edge[network.edge_shape[forward_edges]] = forward_edges
    grid = SegmentGrid(
        south_degrees=south,
        west_degrees=west,
        cell_height_degrees=cell_m / METRES_PER_DEGREE,
        cell_width_degrees=cell_m / metres_per_degree_east,
        row_count=row_count,
        column_count=column_count,
        cell_first=read_only(np.zeros(1, np.int32)),
        cell_segments=read_only(np.zeros(0, np.int32)),
        point_latitude_degrees=latitude,
        point_longitude_degrees=longitude,
        point_shape=read_only(point_shape),
        point_share=read_only(_shares(network, point_shape)),
        shape_edge=read_only(shape_edge),
        edge_reverse=network.edge_reverse,
    )
    cell_first = np.zeros(row_count * column_count + 1, np.int32)
    count_cell_segments(grid, cell_first)
    np.cumsum(cell_first, out=cell_first)
    cell_segments = np.empty(cell_first[-1], np.int32)
    fill_cell_segments(grid, cell_first[:-1].copy(), cell_segments)
    return grid._replace(cell_first=read_only(cell_first), cell_segments=read_only(cell_segments))


def _shares(network: RoadNetwork, point_shape: NDArray[np.int32]) -> NDArray[np.float64]:
    """Share of the shape's length before each of its points; points of a shape without length are spread evenly."""
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    chord_m = np.append(great_circles_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:]), 0.0)
    first, last = network.shape_first[:-1], network.shape_first[1:] - 1
    chord_m[last] = 0.0
    length_m = np.add.reduceat(chord_m, first)
    has_no_length = length_m == 0.0
    chord_m[has_no_length[point_shape]] = 1.0
    chord_m[last] = 0.0
    length_m = np.add.reduceat(chord_m, first)
    before_m = np.concatenate([[0.0], np.cumsum(chord_m)[:-1]])
    share: NDArray[np.float64] = (before_m - before_m[first][point_shape]) / length_m[point_shape]
    share[last] = 1.0
    return share.clip(0.0, 1.0)
