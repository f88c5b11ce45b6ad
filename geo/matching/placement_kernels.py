"""Lays the believed points of a track on the path that was found for it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.match import PointState
from geo.matching.observation_kernels import Points
from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.tracks.local_plane_kernels import wrapped_degrees

_MATCHED = int(PointState.MATCHED)
_STAY = int(PointState.STAY)
_INTERPOLATED = int(PointState.INTERPOLATED)
_OFF_ROAD = int(PointState.OFF_ROAD)


class RoadShapes(NamedTuple):
    """The roads with their shapes.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    shape_first
        ``(g + 1,)`` int64 as in `RoadNetwork`.
    grid
        Holds the shape points.
    """

    edges: Records
    shape_first: NDArray[np.int64]
    grid: SegmentGrid


class Placement(NamedTuple):
    """Where the believed points lie, ``k`` of them.

    Parameters
    ----------
    state
        ``(k,)`` uint8 `PointState`.
    edge, fraction, distance_m
        ``(k,)`` int32, float64, float64: edge (``-1`` for none), place along it as a share of its length, metres
        between point and place.
    """

    state: NDArray[np.uint8]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]


@njit(nogil=True, cache=True)
def point_states(layers: Records, path: Path, count: int) -> NDArray[np.uint8]:
    """Say of every believed point what became of it: as its observation, or as the way on which it was thinned out.

    Parameters
    ----------
    layers, path
        The observations and the path.
    count
        Number of believed points.

    Returns
    -------
    NDArray[np.uint8]
        ``(k,)`` `PointState`.
    """
    state = np.full(count, _OFF_ROAD, np.uint8)
    for number in range(len(layers)):
        first, last = layers[number]["first"], layers[number]["last"]
        if number > 0 and path.link[number] == LINK_ROAD:
            state[layers[number - 1]["last"] + 1 : first] = _INTERPOLATED
        if last > first:
            state[first : last + 1] = _STAY
        elif path.arrive[number] >= 0:
            state[first] = _MATCHED
    return state


@njit(nogil=True, cache=True)
def place_points(roads: RoadShapes, points: Points, layers: Records, path: Path) -> Placement:
    """Lay every believed point on the path.

    Observations lie where the path has them; points that were thinned out go to the nearest place on the way between
    their two observations.

    Parameters
    ----------
    roads
        The roads with their shapes.
    points
        Believed points.
    layers, path
        The path and what it was found from.

    Returns
    -------
    Placement
        Where the points lie.
    """
    count = len(points.time_ms)
    state = point_states(layers, path, count)
    placement = Placement(state, np.full(count, -1, np.int32), np.full(count, math.nan), np.full(count, math.nan))
    for number in range(len(layers)):
        first, last = layers[number]["first"], layers[number]["last"]
        part = path.arrive[number]
        if part >= 0:
            for point in range(first, last + 1):
                _place(roads, points, path, placement, point, part, part)
                if first == last:
                    share = path.along_m[number] / roads.edges[path.edge[part]]["length_m"]
                    placement.fraction[point] = min(max(share, 0.0), 1.0)
        if number > 0 and path.link[number] == LINK_ROAD:
            for point in range(layers[number - 1]["last"] + 1, first):
                _place(roads, points, path, placement, point, path.leave[number - 1], part)
    return placement


@njit(nogil=True, cache=True)
def _place(
    roads: RoadShapes,
    points: Points,
    path: Path,
    placement: Placement,
    point: int,
    first_part: int,
    last_part: int,
) -> None:
    """Lay one point on the nearest place of some parts of the path."""
    grid = roads.grid
    latitude, longitude = points.latitude_degrees[point], points.longitude_degrees[point]
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    best_2 = math.inf
    along_m = 0.0
    for part in range(first_part, last_part + 1):
        edge = roads.edges[path.edge[part]]
        length_m = edge["length_m"]
        low_m, high_m = path.from_m[part], path.to_m[part]
        if edge["is_backward"]:
            low_m, high_m = length_m - high_m, length_m - low_m
        for segment in range(roads.shape_first[edge["shape"]], roads.shape_first[edge["shape"] + 1] - 1):
            start_m, end_m = grid.point_share[segment] * length_m, grid.point_share[segment + 1] * length_m
            if end_m < low_m or start_m > high_m:
                continue
            ax = wrapped_degrees(grid.point_longitude_degrees[segment] - longitude) * metres_east
            ay = (grid.point_latitude_degrees[segment] - latitude) * METRES_PER_DEGREE
            dx = wrapped_degrees(grid.point_longitude_degrees[segment + 1] - longitude) * metres_east - ax
            dy = (grid.point_latitude_degrees[segment + 1] - latitude) * METRES_PER_DEGREE - ay
            squared = dx * dx + dy * dy
            share = 0.0
            if squared > 0.0:
                share = -(ax * dx + ay * dy) / squared
                span_m = max(end_m - start_m, 1e-6)
                share = max(share, 0.0, (low_m - start_m) / span_m)
                share = min(share, 1.0, (high_m - start_m) / span_m)
            x, y = ax + share * dx, ay + share * dy
            if x * x + y * y < best_2:
                best_2 = x * x + y * y
                along_m = start_m + share * (end_m - start_m)
                placement.edge[point] = path.edge[part]
                share = (length_m - along_m if edge["is_backward"] else along_m) / length_m
                placement.fraction[point] = min(max(share, 0.0), 1.0)
    if best_2 < math.inf:
        placement.distance_m[point] = math.sqrt(best_2)
