"""Finds for every observation the places on roads where the worker may have been."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.records import CANDIDATE, Record, Records
from geo.roads.segment_grid_kernels import SegmentGrid, column_of, row_of
from geo.tracks.local_plane_kernels import east_north_m

MAX_SEGMENTS = 128
"""Segments looked at around one observation; there are fewer, but for the densest maps."""


class SearchReach(NamedTuple):
    """How far to look for candidates.

    Parameters
    ----------
    radius_m, radius_sigmas, max_radius_m
        Search radius: `radius_m` or so many standard deviations, at most the last.
    drift_m
        Standard deviation of the slow part of the position error to reckon with where the device gives none.
    max_candidates
        At most so many roads per observation, the nearest.
    """

    radius_m: float
    radius_sigmas: float
    max_radius_m: float
    drift_m: float
    max_candidates: int


def segment_ends_by_cell(grid: SegmentGrid) -> NDArray[np.float64]:
    """Copy the ends of all segments in the order of the grid's cells, so that a search reads them one after the other.

    Parameters
    ----------
    grid
        The segments.

    Returns
    -------
    NDArray[np.float64]
        ``(c, 4)`` latitude and longitude of both ends, one row per entry of ``cell_segments``.
    """
    segment, latitude, longitude = grid.cell_segments, grid.point_latitude_degrees, grid.point_longitude_degrees
    return np.column_stack([latitude[segment], longitude[segment], latitude[segment + 1], longitude[segment + 1]])


class _Nearby(NamedTuple):
    """Segments near one observation, ascending, and the positions of the nearest segment of every pass."""

    segment: NDArray[np.int32]
    share: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    passes: NDArray[np.int32]


@njit(nogil=True, cache=True)
def find_candidates(
    grid: SegmentGrid, cell_ends: NDArray[np.float64], edges: Records, layers: Records, reach: SearchReach
) -> Records:
    """Find the candidates of all observations.

    A road that passes an observation twice (a hairpin) gives one candidate per pass and direction.

    Parameters
    ----------
    grid
        The roads' segments.
    cell_ends
        `segment_ends_by_cell` of the grid.
    edges
        ``(m,)`` `EDGE`.
    layers
        ``(t,)`` `LAYER`; receive where their candidates lie.
    reach
        How far to look.

    Returns
    -------
    Records
        ``(c,)`` `CANDIDATE`: both directions of a road follow one another; an observation far from every road has none.
    """
    candidates = np.zeros(16 * len(layers) + 2 * reach.max_candidates, CANDIDATE)
    nearby = _Nearby(
        np.empty(MAX_SEGMENTS, np.int32),
        np.empty(MAX_SEGMENTS),
        np.empty(MAX_SEGMENTS),
        np.empty(MAX_SEGMENTS, np.int32),
    )
    used = 0
    for number in range(len(layers)):
        if used + 2 * reach.max_candidates > len(candidates):
            candidates = np.concatenate((candidates, np.zeros(len(candidates), CANDIDATE)))
        layers[number]["candidate_first"] = used
        segments = _segments_nearby(grid, cell_ends, layers[number], reach, nearby)
        passes = _nearest_per_pass(grid, nearby, segments)
        passes = _nearest_passes(nearby, passes, reach.max_candidates)
        used = _write_candidates(grid, edges, nearby, passes, candidates, used)
        layers[number]["candidate_stop"] = used
    return candidates[:used]


@njit(nogil=True, cache=True)
def _segments_nearby(
    grid: SegmentGrid, cell_ends: NDArray[np.float64], layer: Record, reach: SearchReach, nearby: _Nearby
) -> int:
    """Find the segments within the search radius, each once, ascending; return how many there are."""
    latitude, longitude = layer["latitude"], layer["longitude"]
    slow_m = reach.drift_m if math.isnan(layer["device_m"]) else layer["device_m"]
    sigma_m = math.sqrt(slow_m * slow_m + layer["white_m"] * layer["white_m"])
    radius_m = min(max(reach.radius_m, reach.radius_sigmas * sigma_m), reach.max_radius_m)
    radius_2 = radius_m * radius_m
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    north, east = radius_m / METRES_PER_DEGREE, radius_m / max(metres_east, 1.0)
    left, right = column_of(grid, longitude - east), column_of(grid, longitude + east)
    found = 0
    for row in range(row_of(grid, latitude - north), row_of(grid, latitude + north) + 1):
        start = grid.cell_first[row * grid.column_count + left]
        stop = grid.cell_first[row * grid.column_count + right + 1]
        for entry in range(start, stop):
            ends = cell_ends[entry]
            ay, by = (ends[0] - latitude) * METRES_PER_DEGREE, (ends[2] - latitude) * METRES_PER_DEGREE
            if min(ay, by) > radius_m or max(ay, by) < -radius_m:
                continue
            ax, bx = (ends[1] - longitude) * metres_east, (ends[3] - longitude) * metres_east
            if min(ax, bx) > radius_m or max(ax, bx) < -radius_m:
                continue
            dx, dy = bx - ax, by - ay
            squared = dx * dx + dy * dy
            share = 0.0
            if squared > 0.0:
                share = min(max(-(ax * dx + ay * dy) / squared, 0.0), 1.0)
            x, y = ax + share * dx, ay + share * dy
            distance_2 = x * x + y * y
            if distance_2 > radius_2:
                continue
            found = _insert(nearby, found, grid.cell_segments[entry], share, math.sqrt(distance_2))
    return found


@njit(nogil=True, cache=True)
def _insert(nearby: _Nearby, found: int, segment: int, share: float, distance_m: float) -> int:
    """Add a segment in its place, unless it is there already or there is no room; return how many there are."""
    place = found
    while place > 0 and nearby.segment[place - 1] >= segment:
        place -= 1
    if (place < found and nearby.segment[place] == segment) or found == MAX_SEGMENTS:
        return found
    for later in range(found, place, -1):
        nearby.segment[later] = nearby.segment[later - 1]
        nearby.share[later] = nearby.share[later - 1]
        nearby.distance_m[later] = nearby.distance_m[later - 1]
    nearby.segment[place], nearby.share[place], nearby.distance_m[place] = segment, share, distance_m
    return found + 1


@njit(nogil=True, cache=True)
def _nearest_per_pass(grid: SegmentGrid, nearby: _Nearby, found: int) -> int:
    """Find the nearest segment of every pass (unbroken segments of one shape); return how many passes there are."""
    passes = nearby.passes
    count = 0
    for position in range(found):
        segment = nearby.segment[position]
        continues = (
            position > 0
            and nearby.segment[position - 1] == segment - 1
            and grid.point_shape[segment - 1] == grid.point_shape[segment]
        )
        if not continues:
            passes[count] = position
            count += 1
        elif nearby.distance_m[position] < nearby.distance_m[passes[count - 1]]:
            passes[count - 1] = position
    return count


@njit(nogil=True, cache=True)
def _nearest_passes(nearby: _Nearby, passes: int, most: int) -> int:
    """Leave the farthest passes out until there are no more than `most`; return how many there are."""
    while passes > most:
        farthest = 0
        for number in range(passes):
            if nearby.distance_m[nearby.passes[number]] > nearby.distance_m[nearby.passes[farthest]]:
                farthest = number
        passes -= 1
        nearby.passes[farthest] = nearby.passes[passes]
    return passes


@njit(nogil=True, cache=True)
def _write_candidates(
    grid: SegmentGrid, edges: Records, nearby: _Nearby, passes: int, candidates: Records, used: int
) -> int:
    """Write both directions of every pass; return how many candidates there are now."""
    for number in range(passes):
        position = nearby.passes[number]
        segment = nearby.segment[position]
        share = grid.point_share[segment]
        share += nearby.share[position] * (grid.point_share[segment + 1] - share)
        east, north = east_north_m(
            grid.point_latitude_degrees[segment],
            grid.point_longitude_degrees[segment],
            grid.point_latitude_degrees[segment + 1],
            grid.point_longitude_degrees[segment + 1],
        )
        length = max(math.sqrt(east * east + north * north), 1e-9)
        forward = grid.shape_edge[grid.point_shape[segment]]
        for direction in range(2):
            candidate = candidates[used]
            edge = forward if direction == 0 else edges[forward]["reverse"]
            sign = 1.0 if direction == 0 else -1.0
            candidate["edge"] = edge
            candidate["along_m"] = edges[edge]["length_m"] * (share if direction == 0 else 1.0 - share)
            candidate["distance_m"] = nearby.distance_m[position]
            candidate["east"], candidate["north"] = sign * east / length, sign * north / length
            candidate["opposite"] = used + 1 if direction == 0 else used - 1
            used += 1
    return used
