"""Fills the uniform grid over road segments: which segments pass through which cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel


class SegmentGrid(NamedTuple):
    """Road segments by the cells that they pass through.

    A *segment* is the straight piece between a shape point and the next one of the same shape; it bears the number of
    the point that it starts at. Shapes below: ``c`` cells, ``e`` entries, ``k`` shape points, ``g`` shapes,
    ``m`` edges.

    Parameters
    ----------
    south_degrees, west_degrees
        Corner of cell 0.
    cell_height_degrees, cell_width_degrees
        Size of a cell.
    row_count, column_count
        Rows from south to north and columns from west to east; cell ``row * column_count + column``.
    cell_first
        ``(c + 1,)`` int32: the entries of a cell start here.
    cell_segments
        ``(e,)`` int32 segments, ascending within a cell.
    point_latitude_degrees, point_longitude_degrees
        ``(k,)`` float64: the network's shape points.
    point_shape
        ``(k,)`` int32 shape of each point.
    point_share
        ``(k,)`` float64 in [0, 1]: share of its shape's length that lies before the point.
    shape_edge
        ``(g,)`` int32 edge that runs along the shape; ``edge_reverse`` of it runs against it.
    edge_reverse
        ``(m,)`` int32: the network's.
    """

    south_degrees: float
    west_degrees: float
    cell_height_degrees: float
    cell_width_degrees: float
    row_count: int
    column_count: int
    cell_first: NDArray[np.int32]
    cell_segments: NDArray[np.int32]
    point_latitude_degrees: NDArray[np.float64]
    point_longitude_degrees: NDArray[np.float64]
    point_shape: NDArray[np.int32]
    point_share: NDArray[np.float64]
    shape_edge: NDArray[np.int32]
    edge_reverse: NDArray[np.int32]


@njit(nogil=True, cache=True)
def row_of(grid: SegmentGrid, latitude_degrees: float) -> int:
    """Row of a latitude, clipped to the grid."""
    row = int((latitude_degrees - grid.south_degrees) / grid.cell_height_degrees)
    return min(max(row, 0), grid.row_count - 1)


@njit(nogil=True, cache=True)
def column_of(grid: SegmentGrid, longitude_degrees: float) -> int:
    """Column of a longitude, clipped to the grid."""
    column = int((longitude_degrees - grid.west_degrees) / grid.cell_width_degrees)
    return min(max(column, 0), grid.column_count - 1)


@inner_kernel
def _columns_in_row(grid: SegmentGrid, segment: int, row: int) -> tuple[int, int]:
    """First and last column that a segment touches in a row that it passes."""
    latitude_a, latitude_b = grid.point_latitude_degrees[segment], grid.point_latitude_degrees[segment + 1]
    longitude_a, longitude_b = grid.point_longitude_degrees[segment], grid.point_longitude_degrees[segment + 1]
    if latitude_a > latitude_b:
        latitude_a, latitude_b = latitude_b, latitude_a
        longitude_a, longitude_b = longitude_b, longitude_a
    if latitude_b == latitude_a:
        enter, leave = longitude_a, longitude_b
    else:
        slope = (longitude_b - longitude_a) / (latitude_b - latitude_a)
        bottom = max(grid.south_degrees + row * grid.cell_height_degrees, latitude_a)
        top = min(grid.south_degrees + (row + 1) * grid.cell_height_degrees, latitude_b)
        enter = longitude_a + (bottom - latitude_a) * slope
        leave = longitude_a + (top - latitude_a) * slope
    return column_of(grid, min(enter, leave)), column_of(grid, max(enter, leave))


@njit(nogil=True, cache=True)
def count_cell_segments(grid: SegmentGrid, counts: NDArray[np.int32]) -> None:
    """Add to ``counts[cell + 1]`` the number of segments that pass through each cell.

    Parameters
    ----------
    grid
        The grid; its cell arrays are not read.
    counts
        ``(c + 1,)`` int32, zeros.
    """
    for segment in range(len(grid.point_shape) - 1):
        if grid.point_shape[segment] != grid.point_shape[segment + 1]:
            continue
        row_a = row_of(grid, grid.point_latitude_degrees[segment])
        row_b = row_of(grid, grid.point_latitude_degrees[segment + 1])
        for row in range(min(row_a, row_b), max(row_a, row_b) + 1):
            first, last = _columns_in_row(grid, segment, row)
            for column in range(first, last + 1):
                counts[row * grid.column_count + column + 1] += 1


@njit(nogil=True, cache=True)
def fill_cell_segments(grid: SegmentGrid, next_entry: NDArray[np.int32], cell_segments: NDArray[np.int32]) -> None:
    """Write each segment into the cells that it passes through.

    Parameters
    ----------
    grid
        The grid; its cell arrays are not read.
    next_entry
        ``(c,)`` int32: where the next segment of each cell goes; advanced.
    cell_segments
        ``(e,)`` int32, written.
    """
    for segment in range(len(grid.point_shape) - 1):
        if grid.point_shape[segment] != grid.point_shape[segment + 1]:
            continue
        row_a = row_of(grid, grid.point_latitude_degrees[segment])
        row_b = row_of(grid, grid.point_latitude_degrees[segment + 1])
        for row in range(min(row_a, row_b), max(row_a, row_b) + 1):
            first, last = _columns_in_row(grid, segment, row)
            for column in range(first, last + 1):
                cell = row * grid.column_count + column
                cell_segments[next_entry[cell]] = segment
                next_entry[cell] += 1
