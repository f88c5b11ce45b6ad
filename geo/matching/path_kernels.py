"""Reads the best path out of a filled trellis."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import int64, merged_kernel
from geo.matching.records import Records
from geo.matching.viterbi_kernels import BROKEN, ON_SAME_EDGE, TURNED_BACK

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


@merged_kernel
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
    size = int64(0)
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


@merged_kernel
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


@merged_kernel
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
