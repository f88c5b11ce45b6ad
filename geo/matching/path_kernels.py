"""Reads the best path out of a filled trellis and lays the points on it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.observation_kernels import Points
from geo.matching.records import Records
from geo.matching.viterbi_kernels import BROKEN, ON_SAME_EDGE, TURNED_BACK
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.tracks.local_plane_kernels import wrapped_degrees

LINK_NONE = 0
"""A gap lies between the two observations."""
LINK_ROAD = 1
LINK_STRAIGHT = 2
"""Off the road, or from one road to another that no road joins."""


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
def best_states(layers: Records, candidates: Records) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Read the best sequence of states backwards.

    Parameters
    ----------
    layers, candidates
        The filled trellis.

    Returns
    -------
    tuple[NDArray[np.int32], NDArray[np.int32]]
        ``(t,)`` candidate on which each observation arrives and from which it goes on; ``-1`` off the road.
    """
    count = len(layers)
    arrive, leave = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    state = -1
    for number in range(count - 1, -1, -1):
        layer = layers[number]
        if number == count - 1 or layers[number + 1]["starts_run"]:
            state, nats = -1, layer["off_road_nats"]
            for place in range(layer["candidate_first"], layer["candidate_stop"]):
                if candidates[place]["nats"] < nats:
                    state, nats = place, candidates[place]["nats"]
        leave[number] = state
        if state >= 0 and candidates[state]["way"] == TURNED_BACK:
            state = candidates[state]["before"]
        arrive[number] = state
        before = layer["off_road_before"] if state < 0 else candidates[state]["before"]
        state = max(before, -1)  # what is no candidate is off the road, or before the start
    return arrive, leave


@njit(nogil=True, cache=True)
def trace_path(edges: Records, layers: Records, candidates: Records, steps: Records) -> Path:
    """Trace the best path through the roads.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    layers, candidates, steps
        The filled trellis and the steps of its ways.

    Returns
    -------
    Path
        The path.
    """
    # Long because it fills the eight columns of the path in one pass.
    count = len(layers)
    arrive_state, leave_state = best_states(layers, candidates)
    capacity = _path_size(arrive_state, candidates, steps)
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
    for number in range(count):
        state = arrive_state[number]
        if not layers[number]["starts_run"]:
            is_road = state >= 0 and leave_state[number - 1] >= 0 and candidates[state]["way"] != BROKEN
            path.link[number] = LINK_ROAD if is_road else LINK_STRAIGHT
        if state < 0:
            continue
        candidate = candidates[state]
        along_m = candidate["along_m"]
        if path.link[number] != LINK_ROAD:
            path.edge[size], path.from_m[size], path.to_m[size] = candidate["edge"], along_m, along_m
            size += 1
        elif candidate["way"] == ON_SAME_EDGE:
            path.to_m[size - 1] = max(path.to_m[size - 1], along_m)
        else:
            size = _append_way(edges, path, size, steps, candidate["way"])
            path.to_m[size - 1] = along_m
        path.arrive[number] = size - 1
        path.along_m[number] = path.to_m[size - 1]
        if leave_state[number] != state:
            turned = candidates[leave_state[number]]
            path.edge[size] = turned["edge"]
            path.from_m[size] = max(0.0, edges[turned["edge"]]["length_m"] - path.to_m[size - 1])
            path.to_m[size] = max(path.from_m[size], turned["along_m"])
            size += 1
        path.leave[number] = size - 1
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
def _path_size(arrive_state: NDArray[np.int32], candidates: Records, steps: Records) -> int:
    size = 0
    for state in arrive_state:
        size += 2
        if state >= 0 and candidates[state]["before"] >= 0:
            step = candidates[state]["way"]
            while step >= 0:
                size += 1
                step = steps[step]["before"]
    return size


@njit(nogil=True, cache=True)
def _append_way(edges: Records, path: Path, size: int, steps: Records, way: int) -> int:
    """Append the edges of a way to the path; return its new size."""
    path.to_m[size - 1] = edges[path.edge[size - 1]]["length_m"]
    number = 0
    step = way
    while step >= 0:
        number += 1
        step = steps[step]["before"]
    step = way
    for place in range(size + number - 1, size - 1, -1):
        edge = steps[step]["edge"]
        path.edge[place], path.from_m[place], path.to_m[place] = edge, 0.0, edges[edge]["length_m"]
        step = steps[step]["before"]
    return size + number


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
    placement = Placement(np.full(count, -1, np.int32), np.full(count, math.nan), np.full(count, math.nan))
    for number in range(len(layers)):
        first, last = layers[number]["first"], layers[number]["last"]
        part = path.arrive[number]
        if part >= 0:
            for point in range(first, last + 1):
                _place(roads, points, path, placement, point, part, part)
                if first == last:
                    placement.along_m[point] = path.along_m[number]
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
                placement.along_m[point] = length_m - along_m if edge["is_backward"] else along_m
    if best_2 < math.inf:
        placement.distance_m[point] = math.sqrt(best_2)
