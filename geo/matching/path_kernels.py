"""Reads the best path out of a filled trellis and lays the points on it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.candidate_kernels import Candidates
from geo.matching.observation_kernels import Observations, Points
from geo.matching.road_graph import MatchingGraph
from geo.matching.road_search_kernels import WayLog
from geo.matching.viterbi_kernels import BROKEN, ON_SAME_EDGE, TURNED_BACK, Trellis
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.tracks.local_plane_kernels import wrapped_degrees

LINK_NONE = 0
"""A gap lies between the two observations."""
LINK_ROAD = 1
LINK_STRAIGHT = 2
"""Off the road, or from one road to another that no road joins."""


class Path(NamedTuple):
    """The best path, as parts of edges, and where the observations lie on it.

    Parameters
    ----------
    edge, from_m, to_m
        ``(e,)`` int32, float64, float64: the parts in order of travel.
    link
        ``(t,)`` uint8: how each observation is joined to the one before.
    arrive, leave
        ``(t,)`` int32: part of the path on which each observation arrives and from which the way goes on (another one
        where it turned back there); ``-1`` off the road.
    along_m
        ``(t,)`` float64: metres along the part on which it arrives.
    candidate
        ``(t,)`` int32: candidate on which it arrives, ``-1`` off the road.
    """

    edge: NDArray[np.int32]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    link: NDArray[np.uint8]
    arrive: NDArray[np.int32]
    leave: NDArray[np.int32]
    along_m: NDArray[np.float64]
    candidate: NDArray[np.int32]


class Placement(NamedTuple):
    """Where the believed points lie, ``k`` of them.

    Parameters
    ----------
    edge, along_m, distance_m
        ``(k,)`` int32, float64, float64: edge (``-1`` for none), metres along it, metres between point and place.
    """

    edge: NDArray[np.int32]
    along_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]


@njit(nogil=True, cache=True)
def best_states(
    observations: Observations, candidates: Candidates, trellis: Trellis
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Read the best sequence of states backwards.

    Parameters
    ----------
    observations, candidates, trellis
        The filled trellis.

    Returns
    -------
    tuple[NDArray[np.int32], NDArray[np.int32]]
        ``(t,)`` candidate on which each observation arrives and from which it goes on; ``-1`` off the road.
    """
    count = len(observations.white_m)
    arrive, leave = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    state = -1
    for layer in range(count - 1, -1, -1):
        if layer == count - 1 or observations.starts_run[layer + 1]:
            state = -1
            cost = trellis.off_cost[layer]
            for candidate in range(candidates.first[layer], candidates.first[layer + 1]):
                if trellis.cost[candidate] < cost:
                    state, cost = candidate, trellis.cost[candidate]
        leave[layer] = state
        if state >= 0 and trellis.way[state] == TURNED_BACK:
            state = trellis.before[state]
        arrive[layer] = state
        before = trellis.off_before[layer] if state < 0 else trellis.before[state]
        state = max(before, -1)  # what is no candidate is off the road, or before the start
    return arrive, leave


@njit(nogil=True, cache=True)
def trace_path(
    graph: MatchingGraph, observations: Observations, candidates: Candidates, trellis: Trellis, log: WayLog
) -> Path:
    """Trace the best path through the roads.

    Parameters
    ----------
    graph
        The roads.
    observations, candidates, trellis, log
        The filled trellis and its way log.

    Returns
    -------
    Path
        The path.
    """
    count = len(observations.white_m)
    arrive_state, leave_state = best_states(observations, candidates, trellis)
    capacity = _path_size(arrive_state, trellis, log)
    path = Path(
        np.empty(capacity, np.int32),
        np.empty(capacity),
        np.empty(capacity),
        np.zeros(count, np.uint8),
        np.full(count, -1, np.int32),
        np.full(count, -1, np.int32),
        np.full(count, math.nan),
        arrive_state,
    )
    size = 0
    for layer in range(count):
        state = arrive_state[layer]
        if not observations.starts_run[layer]:
            is_road = state >= 0 and leave_state[layer - 1] >= 0 and trellis.way[state] != BROKEN
            path.link[layer] = LINK_ROAD if is_road else LINK_STRAIGHT
        if state < 0:
            continue
        along_m = candidates.along_m[state]
        if path.link[layer] != LINK_ROAD:
            path.edge[size], path.from_m[size], path.to_m[size] = candidates.edge[state], along_m, along_m
            size += 1
        elif trellis.way[state] == ON_SAME_EDGE:
            path.to_m[size - 1] = max(path.to_m[size - 1], along_m)
        else:
            size = _append_way(graph, path, size, log, trellis.way[state])
            path.to_m[size - 1] = along_m
        path.arrive[layer] = size - 1
        path.along_m[layer] = path.to_m[size - 1]
        if leave_state[layer] != state:
            edge = candidates.edge[leave_state[layer]]
            path.edge[size] = edge
            path.from_m[size] = max(0.0, graph.length_m[edge] - path.to_m[size - 1])
            path.to_m[size] = max(path.from_m[size], candidates.along_m[leave_state[layer]])
            size += 1
        path.leave[layer] = size - 1
    return Path(
        path.edge[:size],
        path.from_m[:size],
        path.to_m[:size],
        path.link,
        path.arrive,
        path.leave,
        path.along_m,
        path.candidate,
    )


@njit(nogil=True, cache=True)
def _path_size(arrive_state: NDArray[np.int32], trellis: Trellis, log: WayLog) -> int:
    size = 0
    for layer in range(len(arrive_state)):
        size += 2
        state = arrive_state[layer]
        if state >= 0 and trellis.before[state] >= 0:
            way = trellis.way[state]
            while way >= 0:
                size += 1
                way = log.before[way]
    return size


@njit(nogil=True, cache=True)
def _append_way(graph: MatchingGraph, path: Path, size: int, log: WayLog, way: int) -> int:
    """Append the edges of a way to the path; return its new size."""
    path.to_m[size - 1] = graph.length_m[path.edge[size - 1]]
    number = 0
    entry = way
    while entry >= 0:
        number += 1
        entry = log.before[entry]
    entry = way
    for place in range(size + number - 1, size - 1, -1):
        edge = log.edge[entry]
        path.edge[place], path.from_m[place], path.to_m[place] = edge, 0.0, graph.length_m[edge]
        entry = log.before[entry]
    return size + number


@njit(nogil=True, cache=True)
def place_points(
    grid: SegmentGrid,
    graph: MatchingGraph,
    points: Points,
    observations: Observations,
    path: Path,
) -> Placement:
    """Lay every believed point on the path.

    Observations lie where the path has them; points that were thinned out go to the nearest place on the way between
    their two observations.

    Parameters
    ----------
    grid, graph
        The roads.
    points
        Believed points.
    observations, path
        The path and what it was found from.

    Returns
    -------
    Placement
        Where the points lie.
    """
    count = len(points.time_ms)
    placement = Placement(np.full(count, -1, np.int32), np.full(count, math.nan), np.full(count, math.nan))
    for layer in range(len(observations.white_m)):
        first, last = observations.first[layer], observations.last[layer]
        part = path.arrive[layer]
        if part >= 0:
            for point in range(first, last + 1):
                _place(grid, graph, points, path, placement, point, part, part)
                if first == last:
                    placement.along_m[point] = path.along_m[layer]
        if layer > 0 and path.link[layer] == LINK_ROAD:
            for point in range(observations.last[layer - 1] + 1, first):
                _place(grid, graph, points, path, placement, point, path.leave[layer - 1], part)
    return placement


@njit(nogil=True, cache=True)
def _place(
    grid: SegmentGrid,
    graph: MatchingGraph,
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
    best_2 = math.inf
    along_m = 0.0
    for part in range(first_part, last_part + 1):
        edge = path.edge[part]
        shape = graph.edge_shape[edge]
        length_m = graph.length_m[edge]
        for segment in range(graph.shape_first[shape], graph.shape_first[shape + 1] - 1):
            ax = wrapped_degrees(grid.point_longitude_degrees[segment] - longitude) * metres_east
            ay = (grid.point_latitude_degrees[segment] - latitude) * METRES_PER_DEGREE
            dx = wrapped_degrees(grid.point_longitude_degrees[segment + 1] - longitude) * metres_east - ax
            dy = (grid.point_latitude_degrees[segment + 1] - latitude) * METRES_PER_DEGREE - ay
            start_m, end_m = grid.point_share[segment] * length_m, grid.point_share[segment + 1] * length_m
            low_m, high_m = path.from_m[part], path.to_m[part]
            if graph.edge_is_backward[edge]:
                low_m, high_m = length_m - high_m, length_m - low_m
            if end_m < low_m or start_m > high_m:
                continue
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
                placement.edge[point] = edge
                placement.along_m[point] = length_m - along_m if graph.edge_is_backward[edge] else along_m
    if best_2 < math.inf:
        placement.distance_m[point] = math.sqrt(best_2)
