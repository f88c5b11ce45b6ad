"""Compiled search of one pair of places: its cost, and the edges of its path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.routing.climbing_kernels import (
    NONE,
    ClimbRoom,
    Place,
    SearchGraph,
    climb,
    climb_room,
    direct_key,
    forget_climb,
    start_from_destination,
    start_from_origin,
    visit_ancestors,
)
from geo.routing.customization_kernels import NO_MIDDLE
from geo.routing.travel_keys import NO_PATH

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


class PairRoom(NamedTuple):
    """Room for one pair at a time: a climb from each place, and the ranks of a path."""

    origin: ClimbRoom
    destination: ClimbRoom
    path: Int32Array
    pending: Int32Array


def pair_room(rank_count: int) -> PairRoom:
    """Make room for searches of pairs.

    Parameters
    ----------
    rank_count
        Number of ranks.

    Returns
    -------
    PairRoom
        Arrays that any number of searches may use one after the other; not two threads at once.
    """
    path, pending = (np.empty(rank_count + 2, np.int32) for _ in range(2))
    return PairRoom(climb_room(rank_count), climb_room(rank_count), path, pending)


@inner_kernel
def _meet(graph: SearchGraph, origin: Place, destination: Place, room: PairRoom) -> tuple[int, int, int, int]:
    """Climb from both places; return the best key, the rank where it peaks, and the lengths of both trails."""
    starts = start_from_origin(graph.roads, origin, room.origin)
    origin_count = visit_ancestors(graph.parent, room.origin, starts)
    climb(graph.up, room.origin, origin_count)
    starts = start_from_destination(graph.roads, destination, room.destination)
    destination_count = visit_ancestors(graph.parent, room.destination, starts)
    climb(graph.down, room.destination, destination_count)
    best_key, peak = NO_PATH, NONE
    trail, origin_keys, destination_keys = room.origin.trail, room.origin.key, room.destination.key
    for index in range(origin_count):
        rank = trail[index]
        key = origin_keys[rank] + destination_keys[rank]
        if key < best_key:
            best_key, peak = key, rank
    return best_key, peak, origin_count, destination_count


@njit(nogil=True, cache=True)
def pair_key(graph: SearchGraph, origin: Place, destination: Place, room: PairRoom) -> int:
    """Find the key of the fastest path between two places.

    Parameters
    ----------
    graph
        The graph.
    origin, destination
        The places.
    room
        Room for the search.

    Returns
    -------
    int
        The key; `NO_PATH` where there is no path.
    """
    key, _, origin_count, destination_count = _meet(graph, origin, destination, room)
    forget_climb(room.origin, origin_count)
    forget_climb(room.destination, destination_count)
    return min(key, direct_key(graph.roads, origin, destination)[0])


@njit(nogil=True, cache=True)
def pair_path(
    graph: SearchGraph, state_edge: Int32Array, origin: Place, destination: Place, room: PairRoom
) -> tuple[int, int]:
    """Find the fastest path between two places.

    Parameters
    ----------
    graph
        The graph.
    state_edge
        ``(s,)`` edge of each rank.
    origin, destination
        The places.
    room
        Room for the search; its ``path`` gets the edges.

    Returns
    -------
    tuple
        The key and the number of edges; `NO_PATH` and 0 where there is no path.
    """
    path, count = room.path, int64(0)
    key, peak, origin_count, destination_count = _meet(graph, origin, destination, room)
    straight_key, straight_edge = direct_key(graph.roads, origin, destination)
    if straight_key <= key and straight_key < NO_PATH:
        key, count = straight_key, int64(1)
        path[0] = straight_edge
    elif key < NO_PATH:
        count = _expand(graph, room, peak)
        for index in range(1, count):
            path[index] = state_edge[path[index]]
    forget_climb(room.origin, origin_count)
    forget_climb(room.destination, destination_count)
    return key, count


@merged_kernel
def _expand(graph: SearchGraph, room: PairRoom, peak: int) -> int:
    """Write the origin's edge and then the ranks of the path over `peak`; return how many entries that is."""
    # Arrays are taken out of their tuples once: taking one out counts a reference, which costs more than a step.
    path, pending = room.path, room.pending
    up_first, up_end, up_middle = graph.up.first, graph.up.end, graph.up.middle
    down_first, down_end, down_middle = graph.down.first, graph.down.end, graph.down.middle
    top = _stack_climbs(room.origin.before, room.destination.before, peak, path, pending)
    count = int64(2)
    while top > 0:
        start, end = path[count - 1], pending[top - 1]
        if start < end:
            middle = up_middle[_arc(up_first, up_end, start, end)]
        else:
            middle = down_middle[_arc(down_first, down_end, end, start)]
        if middle == NO_MIDDLE:
            path[count] = end
            count += 1
            top -= 1
        else:
            pending[top] = middle
            top += 1
    return count


@merged_kernel
def _stack_climbs(up: Int32Array, down: Int32Array, peak: int, path: Int32Array, pending: Int32Array) -> int:
    """Write the origin's edge and the first rank, and stack the ranks of both climbs that follow, the next on top.

    `up` and `down` say which rank gave each rank its key; returned is the height of the stack.
    """
    height, rank = int64(0), int64(down[peak])
    while rank >= 0:
        height += 1
        rank = int64(down[rank])
    place, rank = height, int64(down[peak])
    while rank >= 0:
        place -= 1
        pending[place] = rank
        rank = int64(down[rank])
    rank = int64(peak)
    while rank >= 0:
        pending[height] = rank
        height += 1
        rank = int64(up[rank])
    path[0] = NONE - rank
    path[1] = pending[height - 1]
    return height - 1


@inner_kernel
def _arc(first: Int64Array, end: Int32Array, lower: int, upper: int) -> int:
    """Find by bisection the arc between two ranks in the row of the lower one."""
    left, right = first[lower], first[lower + 1]
    while left < right:
        half = (left + right) // 2
        if end[half] < upper:
            left = half + 1
        else:
            right = half
    return int(left)
