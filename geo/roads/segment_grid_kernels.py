"""The uniform grid over road segments as kernels read it, and where a place lies on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64, merged_kernel


class SegmentGrid(NamedTuple):
    """Road segments by the cells that they pass through.

    A *segment* is the straight piece between a shape point and the next one of the same shape; it bears the number of
    the point that it starts at. Shapes below: ``r`` rows, ``c`` cells, ``e`` entries, ``k`` shape points, ``g`` shapes,
    ``m`` edges.

    Parameters
    ----------
    south_degrees, west_degrees
        Corner of cell 0.
    cell_height_degrees, cell_width_degrees
        Size of a cell.
    row_count, column_count
        Rows from south to north and columns from west to east.
    row_first
        ``(r + 1,)`` int32: the cells of a row start here. Only cells with a segment exist.
    cell_column
        ``(c,)`` int32 column of each cell, ascending within a row.
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
    row_first: NDArray[np.int32]
    cell_column: NDArray[np.int32]
    cell_first: NDArray[np.int32]
    cell_segments: NDArray[np.int32]
    point_latitude_degrees: NDArray[np.float64]
    point_longitude_degrees: NDArray[np.float64]
    point_shape: NDArray[np.int32]
    point_share: NDArray[np.float64]
    shape_edge: NDArray[np.int32]
    edge_reverse: NDArray[np.int32]


@inner_kernel
def cell_along(offset_degrees: float, cell_degrees: float, cell_count: int) -> int:
    """Row or column at an offset from the grid's corner, clipped to the grid.

    Parameters
    ----------
    offset_degrees
        How far north of row 0 or east of column 0.
    cell_degrees
        Height or width of a cell.
    cell_count
        Number of rows or columns.

    Returns
    -------
    int
        From 0 to ``cell_count - 1``.
    """
    return min(max(int(offset_degrees / cell_degrees), 0), cell_count - 1)


@merged_kernel
def first_cell(row_first: NDArray[np.int32], cell_column: NDArray[np.int32], row: int, column: int) -> int:
    """Find the first cell of a row that lies in a column or east of it.

    Parameters
    ----------
    row_first, cell_column
        As in `SegmentGrid`.
    row, column
        Where to start.

    Returns
    -------
    int
        The cell; that of the next row where there is none.
    """
    low, high = int64(row_first[row]), int64(row_first[row + 1])
    while low < high:
        middle = (low + high) >> 1
        if cell_column[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low
