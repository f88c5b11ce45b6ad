"""Decides how road segments are found by place: a uniform grid of which only the cells with a road exist.

City networks are dense and even, so a grid of cells of about the search radius answers in constant time with less
memory than a tree. Emptiness costs nothing: a ferry to another coast, a stray node in the ocean or two cities in one
file leave the cells of a city as small as they are without.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE, great_circles_m
from geo.roads.network import RoadNetwork, read_only
from geo.roads.segment_grid_kernels import SegmentGrid

CELL_M = 100.0
_CROSSINGS_PER_SEGMENT = 4
_FREE_CROSSINGS = 1_000_000
"""So often the segments of any map may pass from a cell to the next, and so often each on the average of a large one:
what bounds the memory where many are long."""
_MIN_PARALLEL = 0.01
"""Share of the equator that the parallel of the roads is taken to have at the least: nobody drives at the poles."""


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
    # Of most roads, not of the map's middle, where a stretched one may have none.
    parallel = max(float(np.cos(np.radians(np.median(latitude)))), _MIN_PARALLEL)
    height_m, width_m = (north - south) * METRES_PER_DEGREE, (east - west) * METRES_PER_DEGREE * parallel
    point_shape = np.repeat(np.arange(len(network.shape_first) - 1, dtype=np.int32), np.diff(network.shape_first))
    shape_edge = np.zeros(len(network.shape_first) - 1, np.int32)
    forward_edges = np.flatnonzero(~network.edge_is_backward)
    shape_edge[network.edge_shape[forward_edges]] = forward_edges
    cell_m = _cell_m(network, point_shape, parallel)
    grid = SegmentGrid(
        south_degrees=south,
        west_degrees=west,
        cell_height_degrees=cell_m / METRES_PER_DEGREE,
        cell_width_degrees=cell_m / METRES_PER_DEGREE / parallel,
        row_count=int(height_m / cell_m) + 1,
        column_count=int(width_m / cell_m) + 1,
        row_first=read_only(np.zeros(1, np.int32)),
        cell_column=read_only(np.zeros(0, np.int32)),
        cell_first=read_only(np.zeros(1, np.int32)),
        cell_segments=read_only(np.zeros(0, np.int32)),
        point_latitude_degrees=latitude,
        point_longitude_degrees=longitude,
        point_shape=read_only(point_shape),
        point_share=read_only(_shares(network, point_shape)),
        shape_edge=read_only(shape_edge),
        edge_reverse=network.edge_reverse,
    )
    return _filled(grid)


def _cell_m(network: RoadNetwork, point_shape: NDArray[np.int32], parallel: float) -> float:
    """Choose the size of a cell: `CELL_M`, unless the segments would pass through too many."""
    is_segment = point_shape[:-1] == point_shape[1:]
    along_m = np.abs(np.diff(network.shape_latitude_degrees)) * METRES_PER_DEGREE
    across_m = np.abs(np.diff(network.shape_longitude_degrees)) * METRES_PER_DEGREE * parallel
    crossings = max(_FREE_CROSSINGS, _CROSSINGS_PER_SEGMENT * len(is_segment))
    return max(CELL_M, float((along_m + across_m)[is_segment].sum()) / crossings)


def _filled(grid: SegmentGrid) -> SegmentGrid:
    """Put the segments into the cells that they pass through."""
    segment, cell = _cells_passed(grid)
    order = np.argsort(cell, kind="stable")
    cell, starts = np.unique(cell[order], return_index=True)
    row, column = np.divmod(cell, grid.column_count)
    row_sizes = np.bincount(row, minlength=grid.row_count)
    return grid._replace(
        row_first=read_only(np.concatenate([[0], np.cumsum(row_sizes)]).astype(np.int32)),
        cell_column=read_only(column.astype(np.int32)),
        cell_first=read_only(np.append(starts, len(order)).astype(np.int32)),
        cell_segments=read_only(segment[order]),
    )


def _cells_passed(grid: SegmentGrid) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Pairs of a segment and a cell that it passes through, numbered row by row, ascending by segment."""
    segment = np.flatnonzero(grid.point_shape[:-1] == grid.point_shape[1:]).astype(np.int32)
    latitude, longitude = grid.point_latitude_degrees, grid.point_longitude_degrees
    ends = np.stack([segment, segment + 1])
    ends = np.where(latitude[segment] > latitude[segment + 1], ends[::-1], ends)  # from south to north
    lowest, highest = _cells_along(latitude[ends] - grid.south_degrees, grid.cell_height_degrees, grid.row_count)
    number, row = _counted_from(lowest, highest)
    (south, north), (start, end) = latitude[ends][:, number], longitude[ends][:, number]
    is_level = north == south
    slope = (end - start) / np.where(is_level, 1.0, north - south)
    bottom = np.maximum(grid.south_degrees + row * grid.cell_height_degrees, south)
    top = np.minimum(grid.south_degrees + (row + 1) * grid.cell_height_degrees, north)
    enter = np.where(is_level, start, start + (bottom - south) * slope)
    leave = np.where(is_level, end, start + (top - south) * slope)
    across = np.sort(np.stack([enter, leave]), axis=0) - grid.west_degrees
    first, last = _cells_along(across, grid.cell_width_degrees, grid.column_count)
    part, column = _counted_from(first, last)
    return segment[number[part]], row[part] * grid.column_count + column


def _cells_along(offset_degrees: NDArray[np.float64], cell_degrees: float, cell_count: int) -> NDArray[np.int64]:
    """Rows or columns at offsets from the grid's corner: the twin of `cell_along` for many."""
    return np.asarray((offset_degrees / cell_degrees).astype(np.int64).clip(0, cell_count - 1))


def _counted_from(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count from each first number to its last one: which of the counts, and the number."""
    counts = last - first + 1
    part = np.repeat(np.arange(len(counts)), counts)
    return part, np.arange(len(part)) - (np.cumsum(counts) - counts - first)[part]


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
