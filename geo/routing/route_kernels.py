"""Compiled search of one pair of places: its cost, and the edges of its path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64
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
from geo.routing.customization_kernels import NO_MIDDLE, SearchArcs
from geo.routing.travel_keys import NO_PATH

Int32Array = NDArray[np.int32]


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
    for index in range(origin_count):
        rank = room.origin.trail[index]
        key = room.origin.key[rank] + room.destination.key[rank]
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
) -> tuple[int, Int32Array]:
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
        Room for the search.

    Returns
    -------
    tuple
        The key and the ``(e,)`` edges; `NO_PATH` and no edges where there is no path.
    """
    key, peak, origin_count, destination_count = _meet(graph, origin, destination, room)
    straight_key, straight_edge = direct_key(graph.roads, origin, destination)
    if straight_key <= key and straight_key < NO_PATH:
        key = straight_key
        edges = np.full(1, straight_edge, np.int32)
    elif key < NO_PATH:
        count = _expand(graph, room, peak)
        edges = np.empty(count, np.int32)
        edges[0] = room.path[0]
        for index in range(1, count):
            edges[index] = state_edge[room.path[index]]
    else:
        edges = np.empty(0, np.int32)
    forget_climb(room.origin, origin_count)
    forget_climb(room.destination, destination_count)
    return key, edges


@inner_kernel
def _expand(graph: SearchGraph, room: PairRoom, peak: int) -> int:
    """Write the origin's edge and then the ranks of the path over `peak`; return how many entries that is."""
    # The way up is known from the peak backwards: put it on the stack, then take it off in the right order.
    waiting, rank = 0, peak
    while rank >= 0:
        room.pending[waiting] = rank
        waiting += 1
        rank = room.origin.before[rank]
    room.path[0] = NONE - rank
    waiting -= 1
    room.path[1] = room.pending[waiting]
    count = int64(2)
    while waiting > 0:
        waiting -= 1
        count = _append_way(graph, room, count, waiting, int64(room.pending[waiting]))
    # Nothing waits any more: the way down is put on the stack from its bottom.
    rank = int64(room.destination.before[peak])
    while rank >= 0:
        count = _append_way(graph, room, count, waiting, rank)
        rank = int64(room.destination.before[rank])
    return count


@inner_kernel
def _append_way(graph: SearchGraph, room: PairRoom, count: int, bottom: int, goal: int) -> int:
    """Append the ranks after the last one of the path up to `goal`, shortcuts replaced by what they stand for."""
    room.pending[bottom] = goal
    top = bottom + 1
    while top > bottom:
        start, end = room.path[count - 1], room.pending[top - 1]
        middle = _middle(graph.up, start, end) if start < end else _middle(graph.down, end, start)
        if middle == NO_MIDDLE:
            room.path[count] = end
            count += 1
            top -= 1
        else:
            room.pending[top] = middle
            top += 1
    return count


@inner_kernel
def _middle(arcs: SearchArcs, lower: int, upper: int) -> int:
    """Find by bisection the rank that an arc leads over."""
    first, last = arcs.first[lower], arcs.first[lower + 1]
    while first < last:
        half = (first + last) // 2
        if arcs.end[half] < upper:
            first = half + 1
        else:
            last = half
    middle: int = arcs.middle[first]
    return middle
