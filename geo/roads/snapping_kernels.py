"""Finds the road edges near a place.

Distances are measured in the plane that touches the earth at the place asked for (equirectangular): within a search
radius of 1 km they agree with great circles to 1 in 10,000 below 70° of latitude.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.roads.segment_grid_kernels import SegmentGrid, cell_along, first_cell


class NearbyEdges(NamedTuple):
    """Room for the edges near one place, nearest first; at most as many as the arrays are long.

    Parameters
    ----------
    edge
        ``(k,)`` int32 edge.
    fraction
        ``(k,)`` float64 in [0, 1]: share of the edge's length before the nearest point on it.
    distance_m
        ``(k,)`` float64 metres between the place and that point.
    segment
        ``(k,)`` int32 segment of `geo.roads.segment_grid_kernels.SegmentGrid` that holds that point.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    segment: NDArray[np.int32]


def nearby_edges_room(count: int) -> NearbyEdges:
    """Make room for some edges near one place.

    Parameters
    ----------
    count
        How many at most.

    Returns
    -------
    NearbyEdges
        To be filled by `find_nearby_edges`.
    """
    return NearbyEdges(np.empty(count, np.int32), np.empty(count), np.empty(count), np.empty(count, np.int32))


@njit(nogil=True, cache=True)
def find_nearby_edges(
    grid: SegmentGrid,
    edge_is_wanted: NDArray[np.bool_],
    latitude_degrees: float,
    longitude_degrees: float,
    radius_m: float,
    nearby: NearbyEdges,
) -> int:
    """Find the nearest wanted edges within a radius, both directions of a road as two edges.

    Parameters
    ----------
    grid
        The segments.
    edge_is_wanted
        ``(m,)`` bool: edges to look for; the others do not exist here.
    latitude_degrees, longitude_degrees
        The place. NaN finds nothing.
    radius_m
        How far to look.
    nearby
        Where the answer goes; `edge` ascending by distance, of equal distances by edge number.

    Returns
    -------
    int
        How many edges were found and written.
    """
    count = int64(0)
    if not (math.isfinite(latitude_degrees) and math.isfinite(longitude_degrees)):
        return count
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude_degrees))
    north = radius_m / METRES_PER_DEGREE
    east = radius_m / max(metres_east, 1.0)
    if _is_outside(grid, latitude_degrees, longitude_degrees, north, east):
        return count
    bound_m = radius_m
    south, west = grid.south_degrees, grid.west_degrees
    first_row = cell_along(latitude_degrees - north - south, grid.cell_height_degrees, grid.row_count)
    last_row = cell_along(latitude_degrees + north - south, grid.cell_height_degrees, grid.row_count)
    first_column = cell_along(longitude_degrees - east - west, grid.cell_width_degrees, grid.column_count)
    last_column = cell_along(longitude_degrees + east - west, grid.cell_width_degrees, grid.column_count)
    for row in range(first_row, last_row + 1):
        cell = first_cell(grid.row_first, grid.cell_column, row, first_column)
        stop, row_stop = cell, grid.row_first[row + 1]
        while stop < row_stop and grid.cell_column[stop] <= last_column:
            stop += 1
        for entry in range(grid.cell_first[cell], grid.cell_first[stop]):
            segment = grid.cell_segments[entry]
            along, distance_m = _project(grid, segment, latitude_degrees, longitude_degrees, metres_east)
            if distance_m > bound_m:
                continue
            share = grid.point_share[segment]
            share += along * (grid.point_share[segment + 1] - share)
            forward = grid.shape_edge[grid.point_shape[segment]]
            backward = grid.edge_reverse[forward]
            if edge_is_wanted[forward]:
                count = _keep(nearby, count, forward, share, distance_m, segment)
            if edge_is_wanted[backward]:
                count = _keep(nearby, count, backward, 1.0 - share, distance_m, segment)
            if count == len(nearby.edge):
                bound_m = min(bound_m, nearby.distance_m[count - 1])
    return count


@merged_kernel
def _is_outside(
    grid: SegmentGrid, latitude_degrees: float, longitude_degrees: float, north: float, east: float
) -> bool:
    top = grid.south_degrees + grid.row_count * grid.cell_height_degrees
    right = grid.west_degrees + grid.column_count * grid.cell_width_degrees
    return (
        latitude_degrees + north < grid.south_degrees
        or latitude_degrees - north > top
        or longitude_degrees + east < grid.west_degrees
        or longitude_degrees - east > right
    )


@merged_kernel
def _project(
    grid: SegmentGrid, segment: int, latitude_degrees: float, longitude_degrees: float, metres_east: float
) -> tuple[float, float]:
    """Share along a segment of its point nearest to a place, and the metres between the two."""
    ax = (grid.point_longitude_degrees[segment] - longitude_degrees) * metres_east
    ay = (grid.point_latitude_degrees[segment] - latitude_degrees) * METRES_PER_DEGREE
    bx = (grid.point_longitude_degrees[segment + 1] - longitude_degrees) * metres_east
    by = (grid.point_latitude_degrees[segment + 1] - latitude_degrees) * METRES_PER_DEGREE
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    along = 0.0
    if squared > 0.0:
        along = min(max(-(ax * dx + ay * dy) / squared, 0.0), 1.0)
    x, y = ax + along * dx, ay + along * dy
    return along, math.sqrt(x * x + y * y)


@inner_kernel
def _keep(nearby: NearbyEdges, count: int, edge: int, fraction: float, distance_m: float, segment: int) -> int:
    """Put an edge into the sorted answer, unless it is there nearer or does not fit; return the new count."""
    position = count
    for known in range(count):
        if nearby.edge[known] == edge:
            if distance_m >= nearby.distance_m[known]:
                return count
            position = known
            break
    if position == count:
        if count < len(nearby.edge):
            count += 1
        else:
            position = count - 1
            last_m = nearby.distance_m[position]
            if distance_m > last_m or (distance_m == last_m and edge > nearby.edge[position]):
                return count
    while position > 0:
        before = position - 1
        before_m = nearby.distance_m[before]
        if before_m < distance_m or (before_m == distance_m and nearby.edge[before] < edge):
            break
        nearby.edge[position] = nearby.edge[before]
        nearby.fraction[position] = nearby.fraction[before]
        nearby.distance_m[position] = before_m
        nearby.segment[position] = nearby.segment[before]
        position = before
    nearby.edge[position] = edge
    nearby.fraction[position] = fraction
    nearby.distance_m[position] = distance_m
    nearby.segment[position] = segment
    return count


@merged_kernel
def side_of_edge(grid: SegmentGrid, edge: int, segment: int, latitude_degrees: float, longitude_degrees: float) -> int:
    """Side of an edge, at one of its segments, on which a place lies: -1 left, 1 right, 0 within 1 cm of its line."""
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude_degrees))
    ax = (grid.point_longitude_degrees[segment] - longitude_degrees) * metres_east
    ay = (grid.point_latitude_degrees[segment] - latitude_degrees) * METRES_PER_DEGREE
    dx = (grid.point_longitude_degrees[segment + 1] - longitude_degrees) * metres_east - ax
    dy = (grid.point_latitude_degrees[segment + 1] - latitude_degrees) * METRES_PER_DEGREE - ay
    length = math.sqrt(dx * dx + dy * dy)
    if length == 0.0:
        return 0
    left_m = (dy * ax - dx * ay) / length
    if grid.shape_edge[grid.point_shape[segment]] != edge:
        left_m = -left_m
    if abs(left_m) < 0.01:  # noqa: PLR2004 - a centimetre, as the docstring says
        return 0
    return -1 if left_m > 0.0 else 1


class SnappedPlaces(NamedTuple):
    """Room for the answers of `snap_places`, one entry per place; as in `geo.routing.positions.RoadPositions`.

    Parameters
    ----------
    edge
        ``(n,)`` int32; ``-1`` where none was found.
    fraction, distance_m
        ``(n,)`` float64; NaN distance and 0 fraction where none was found.
    side
        ``(n,)`` int8.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    side: NDArray[np.int8]


@njit(nogil=True, cache=True)
def snap_places(
    grid: SegmentGrid,
    edge_is_wanted: NDArray[np.bool_],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    radius_m: float,
    nearest: NearbyEdges,
    snapped: SnappedPlaces,
) -> None:
    """Snap each place to its nearest wanted edge within a radius; of the two directions of a road, the lower number.

    Parameters
    ----------
    grid
        The segments.
    edge_is_wanted
        ``(m,)`` bool.
    latitude_degrees, longitude_degrees
        ``(n,)`` places.
    radius_m
        How far to look.
    nearest
        Room for one edge.
    snapped
        Where the answers go.
    """
    for place in range(len(latitude_degrees)):
        latitude, longitude = latitude_degrees[place], longitude_degrees[place]
        # Most places lie close to a road: growing the radius spares them the search of the whole circle.
        searched_m = min(grid.cell_height_degrees * METRES_PER_DEGREE / 2.0, radius_m)
        found = find_nearby_edges(grid, edge_is_wanted, latitude, longitude, searched_m, nearest)
        while found == 0 and searched_m < radius_m:
            searched_m = min(searched_m * 2.0, radius_m)
            found = find_nearby_edges(grid, edge_is_wanted, latitude, longitude, searched_m, nearest)
        if found == 0:
            snapped.edge[place] = -1
            snapped.fraction[place] = 0.0
            snapped.distance_m[place] = np.nan
            snapped.side[place] = 0
            continue
        edge, segment = nearest.edge[0], nearest.segment[0]
        snapped.edge[place] = edge
        snapped.fraction[place] = nearest.fraction[0]
        snapped.distance_m[place] = nearest.distance_m[0]
        snapped.side[place] = side_of_edge(grid, edge, segment, latitude, longitude)
