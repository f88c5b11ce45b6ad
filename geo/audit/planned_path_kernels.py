"""The compiled loops over the planned path: nearest places on it, and which of its passes a journey followed.

Distances are on the plane that touches the earth at the asked place (see `geo.tracks.local_plane_kernels`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import int64, merged_kernel
from geo.tracks.local_plane_kernels import east_north_m, plane_distance_m


class PathLine(NamedTuple):
    """The planned path: ``(p,)`` latitude and longitude in degrees, and metres along it at each point."""

    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    along_m: NDArray[np.float64]


@njit(nogil=True, cache=True)
def nearest_in_stretch(
    line: PathLine, latitude_degrees: float, longitude_degrees: float, from_m: float, to_m: float
) -> tuple[float, float]:
    """Find the place on a stretch of the path that lies nearest to a position.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        The position.
    from_m, to_m
        The stretch: metres along the path.

    Returns
    -------
    tuple[float, float]
        Metres from the position to that place, and metres along the path there; infinity and NaN where the stretch
        does not overlap the path.
    """
    best_m, best_along_m = math.inf, math.nan
    last = len(line.along_m) - 1
    first = max(0, int(np.searchsorted(line.along_m, from_m)) - 1)
    for start in range(first, last):
        start_m, end_m = line.along_m[start], line.along_m[start + 1]
        if start_m > to_m:
            break
        east_a, north_a = east_north_m(
            latitude_degrees, longitude_degrees, line.latitude_degrees[start], line.longitude_degrees[start]
        )
        east_b, north_b = east_north_m(
            latitude_degrees, longitude_degrees, line.latitude_degrees[start + 1], line.longitude_degrees[start + 1]
        )
        east, north = east_b - east_a, north_b - north_a
        squared, length_m = east * east + north * north, end_m - start_m
        share = -(east_a * east + north_a * north) / squared if squared > 0.0 else 0.0
        if length_m > 0.0:
            share = max(share, (from_m - start_m) / length_m)
            share = min(share, (to_m - start_m) / length_m)
        share = min(max(share, 0.0), 1.0)
        distance_m = math.hypot(east_a + share * east, north_a + share * north)
        along_m = start_m + share * length_m
        if from_m <= along_m <= to_m and distance_m < best_m:
            best_m, best_along_m = distance_m, along_m
    return best_m, best_along_m


@njit(nogil=True, cache=True)
def nearest_on_path(
    line: PathLine,
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    distance_m: NDArray[np.float64],
    along_m: NDArray[np.float64],
) -> None:
    """Find the nearest place on the whole path for each of many positions.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        ``(n,)`` positions.
    distance_m, along_m
        ``(n,)`` filled with metres to the place, and metres along the path there.
    """
    for place in range(len(latitude_degrees)):
        distance_m[place], along_m[place] = nearest_in_stretch(
            line, latitude_degrees[place], longitude_degrees[place], 0.0, math.inf
        )


@njit(nogil=True, cache=True)
def passes_near(
    line: PathLine,
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    near_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find every pass of the path near each of many positions: a path may use one road several times.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        ``(n,)`` positions.
    near_m
        A stretch of the path within this distance of a position is a pass.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.float64]]
        ``(c,)`` position of each pass, ascending, and ``(c,)`` metres along the path at its nearest place, ascending
        within a position.
    """
    positions, along_m = [np.int64(0) for _ in range(0)], [0.0 for _ in range(0)]
    near_north = near_m / METRES_PER_DEGREE
    for place in range(len(latitude_degrees)):
        latitude, longitude = latitude_degrees[place], longitude_degrees[place]
        near_east = near_north / max(math.cos(math.radians(latitude)), 0.01)
        best_m, best_along_m = math.inf, math.nan
        for start in range(len(line.along_m) - 1):
            is_beside = (
                max(line.latitude_degrees[start], line.latitude_degrees[start + 1]) < latitude - near_north
                or min(line.latitude_degrees[start], line.latitude_degrees[start + 1]) > latitude + near_north
                or max(line.longitude_degrees[start], line.longitude_degrees[start + 1]) < longitude - near_east
                or min(line.longitude_degrees[start], line.longitude_degrees[start + 1]) > longitude + near_east
            )
            distance_m, at_m = math.inf, math.nan
            corner_m = math.inf
            if not is_beside:
                corner_m = plane_distance_m(
                    latitude, longitude, line.latitude_degrees[start], line.longitude_degrees[start]
                )
                distance_m, at_m = nearest_in_stretch(
                    line, latitude, longitude, line.along_m[start], line.along_m[start + 1]
                )
            if corner_m > near_m and best_m <= near_m:
                positions.append(np.int64(place))
                along_m.append(best_along_m)
                best_m = math.inf
            if distance_m <= near_m and distance_m < best_m:
                best_m, best_along_m = distance_m, at_m
        if best_m <= near_m:
            positions.append(np.int64(place))
            along_m.append(best_along_m)
    return np.array(positions, dtype=np.int64), np.array(along_m, dtype=np.float64)


@njit(nogil=True, cache=True)
def heaviest_ascent(
    positions: NDArray[np.int64], rank: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Choose at most one pass per position so that progress never goes back and the chosen weight is greatest.

    A heaviest increasing subsequence (Fredman 1975, Discrete Mathematics 11, with weights), by a tree of prefix maxima
    (Fenwick 1994, Software: Practice and Experience 24) in ``O(c log c)``.

    Parameters
    ----------
    positions
        ``(c,)`` of passes as `passes_near` gives them.
    rank
        ``(c,)`` from 1 to ``c``: how far along the path each pass lies, counted in passes, equal where they are.
    weight
        ``(n,)`` weight of each position.

    Returns
    -------
    NDArray[np.int64]
        Chosen passes, in order.
    """
    count = len(positions)
    best_in_tree = np.full(count + 1, -1, np.int64)
    total = np.zeros(count)
    before = np.full(count, -1, np.int64)
    start, heaviest = 0, int64(-1)
    while start < count:
        end = start
        while end < count and positions[end] == positions[start]:
            node = rank[end]
            while node > 0:
                candidate = best_in_tree[node]
                if candidate >= 0 and (before[end] < 0 or total[candidate] > total[before[end]]):
                    before[end] = candidate
                node -= node & -node
            total[end] = weight[positions[end]] + (total[before[end]] if before[end] >= 0 else 0.0)
            end += 1
        for chosen in range(start, end):
            node = rank[chosen]
            while node <= count:
                if best_in_tree[node] < 0 or total[chosen] > total[best_in_tree[node]]:
                    best_in_tree[node] = chosen
                node += node & -node
            if heaviest < 0 or total[chosen] > total[heaviest]:
                heaviest = chosen
        start = end
    return _ascent_to(heaviest, before)


@merged_kernel
def _ascent_to(last: int, before: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the passes that lead up to the last one, in order; none where it is negative."""
    length = 0
    step = last
    while step >= 0:
        length += 1
        step = before[step]
    ascent = np.empty(length, np.int64)
    step = last
    while step >= 0:
        length -= 1
        ascent[length] = step
        step = before[step]
    return ascent
