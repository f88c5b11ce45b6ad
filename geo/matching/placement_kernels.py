"""Lays the believed points of a track on the path that was found for it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import inner_kernel, merged_kernel
from geo.matching.match import PointState
from geo.matching.observation_kernels import Points
from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records
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
    first
        ``(g + 1,)`` int64: the points of each shape start here.
    latitude_degrees, longitude_degrees, share
        ``(k,)`` float64: the points, and the share of its shape's length that lies before each.
    """

    edges: Records
    first: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    share: NDArray[np.float64]


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


@inner_kernel
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
    latitude, longitude = points.latitude_degrees[point], points.longitude_degrees[point]
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    best_2, best_share = math.inf, math.nan
    for part in range(first_part, last_part + 1):
        edge = roads.edges[path.edge[part]]
        low, high = path.from_m[part] / edge["length_m"], path.to_m[part] / edge["length_m"]
        if edge["is_backward"]:
            low, high = 1.0 - high, 1.0 - low
        stop = roads.first[edge["shape"] + 1]
        corner = _first_corner(roads.share, roads.first[edge["shape"]], stop, low)
        bx = wrapped_degrees(roads.longitude_degrees[corner] - longitude) * metres_east
        by = (roads.latitude_degrees[corner] - latitude) * METRES_PER_DEGREE
        end = roads.share[corner]
        while corner + 1 < stop and end <= high:
            corner += 1
            start, end = end, roads.share[corner]
            ax, ay = bx, by
            bx = wrapped_degrees(roads.longitude_degrees[corner] - longitude) * metres_east
            by = (roads.latitude_degrees[corner] - latitude) * METRES_PER_DEGREE
            dx, dy = bx - ax, by - ay
            squared = dx * dx + dy * dy
            span = max(end - start, 1e-12)
            share = 0.0
            if squared > 0.0:
                share = min(max(-(ax * dx + ay * dy) / squared, 0.0), 1.0)
                if start < low:
                    share = max(share, (low - start) / span)
                if end > high:
                    share = min(share, (high - start) / span)
            x, y = ax + share * dx, ay + share * dy
            if x * x + y * y < best_2:
                best_2 = x * x + y * y
                best_share = start + share * span
                placement.edge[point] = path.edge[part]
    if best_2 < math.inf:
        is_backward = roads.edges[placement.edge[point]]["is_backward"]
        placement.fraction[point] = min(max(1.0 - best_share if is_backward else best_share, 0.0), 1.0)
        placement.distance_m[point] = math.sqrt(best_2)


@merged_kernel
def _first_corner(share: NDArray[np.float64], first: int, stop: int, low: float) -> int:
    """Find the start of the first piece of a shape that does not end before a share of its length."""
    last = stop - 2
    while first < last:
        middle = (first + last) >> 1
        if share[middle + 1] < low:
            first = middle + 1
        else:
            last = middle
    return first


@inner_kernel
def place_on_edge(roads: RoadShapes, edge: int, along_m: float) -> tuple[float, float]:
    """Say where on the earth a place along an edge lies.

    Parameters
    ----------
    roads
        The roads with their shapes.
    edge, along_m
        The edge, and metres from its tail.

    Returns
    -------
    tuple[float, float]
        Latitude and longitude in degrees.
    """
    record = roads.edges[edge]
    share = min(max(along_m / record["length_m"], 0.0), 1.0)
    if record["is_backward"]:
        share = 1.0 - share
    corner = _first_corner(roads.share, roads.first[record["shape"]], roads.first[record["shape"] + 1], share)
    span = max(roads.share[corner + 1] - roads.share[corner], 1e-12)
    part = min(max((share - roads.share[corner]) / span, 0.0), 1.0)
    latitude, longitude = roads.latitude_degrees[corner], roads.longitude_degrees[corner]
    east = wrapped_degrees(roads.longitude_degrees[corner + 1] - longitude)
    return latitude + part * (roads.latitude_degrees[corner + 1] - latitude), wrapped_degrees(longitude + part * east)
