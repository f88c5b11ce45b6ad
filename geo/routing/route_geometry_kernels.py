"""Compiled loops that join the shapes of a path's edges; places within an edge are found by length along it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64


class EdgeLines(NamedTuple):
    """Geometry of a network, as `geo.roads.network.RoadNetwork.edge_lines`: ``ends (m, 2)``, ``points (k, 2)``."""

    ends: NDArray[np.int32]
    points: NDArray[np.float64]


@inner_kernel
def _copy_edge(lines: EdgeLines, edge: int, points: NDArray[np.float64]) -> int:
    """Write an edge's points in its own direction; return their number."""
    first, last = int64(lines.ends[edge, 0]), int64(lines.ends[edge, 1])
    step = 1 if last >= first else -1
    count: int = abs(last - first) + 1
    for point in range(count):
        points[point, 0] = lines.points[first + step * point, 0]
        points[point, 1] = lines.points[first + step * point, 1]
    return count


@inner_kernel
def _place_along(points: NDArray[np.float64], fraction: float) -> tuple[int, float, float]:
    """Find the place at a share of the line's length: the point before it, latitude and longitude."""
    shrink = np.cos(np.radians(points[0, 0]))
    total = 0.0
    for point in range(len(points) - 1):
        total += _chord(points, point, shrink)
    remaining = fraction * total
    last = len(points) - 1
    for point in range(last):
        length = _chord(points, point, shrink)
        if remaining <= length or point == last - 1:
            share = min(remaining / length, 1.0) if length > 0.0 else 0.0
            latitude = points[point, 0] + share * (points[point + 1, 0] - points[point, 0])
            longitude = points[point, 1] + share * (points[point + 1, 1] - points[point, 1])
            return point, latitude, longitude
        remaining -= length
    return 0, points[0, 0], points[0, 1]


@inner_kernel
def _chord(points: NDArray[np.float64], point: int, shrink: float) -> float:
    """Length of the piece after a point, in degrees of latitude."""
    north = points[point + 1, 0] - points[point, 0]
    east = (points[point + 1, 1] - points[point, 1]) * shrink
    return float(np.hypot(north, east))


@njit(nogil=True, cache=True)
def trace_path(
    lines: EdgeLines, edges: NDArray[np.int32], first_fraction: float, last_fraction: float
) -> NDArray[np.float64]:
    """Join the edges of a path, cut at both ends.

    Parameters
    ----------
    lines
        The network's geometry.
    edges
        ``(e,)`` edges in order.
    first_fraction, last_fraction
        Where the path starts on its first edge and ends on its last.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees.
    """
    room = 2
    for edge in edges:
        room += abs(int64(lines.ends[edge, 1]) - int64(lines.ends[edge, 0])) + 1
    points = np.empty((room, 2), np.float64)
    count = _copy_edge(lines, edges[0], points)
    before_start, start_latitude, start_longitude = _place_along(points[:count], first_fraction)
    end_of_prefix = 0
    for index in range(1, len(edges)):
        end_of_prefix = count - 1
        count = end_of_prefix + _copy_edge(lines, edges[index], points[end_of_prefix:])
    before_end, end_latitude, end_longitude = _place_along(points[end_of_prefix:count], last_fraction)
    last = end_of_prefix + before_end + 1
    points[before_start, 0], points[before_start, 1] = start_latitude, start_longitude
    points[last, 0], points[last, 1] = end_latitude, end_longitude
    return points[before_start : last + 1].copy()
