"""Compiled search from one place to many, as far as a limit.

One climb from the origin gives its key at every rank above it. From there keys come down the elimination tree: the key
of a rank is the smallest of its own climb's and of those of higher ranks plus the arc that leads down. Each rank above
any destination is so looked at once, however many destinations it lies above (the sweep of Delling, Goldberg, Nowatzyk
and Werneck 2013, "PHAST", doi 10.1016/j.jpdc.2012.02.007, restricted to what is above the destinations).

The *doors* of a rank are the ranks above it from which an arc leads down to it or to any rank below it in the tree.
Where the origin is not below a rank itself and every door is beyond the limit, so is everything below that rank: it is
*shut*, and no arc below it is looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64
from geo.routing.climbing_kernels import (
    NONE,
    Place,
    SearchGraph,
    climb,
    direct_key,
    forget_climb,
    start_from_origin,
    visit_ancestors,
)
from geo.routing.customization_kernels import SearchArcs
from geo.routing.hierarchy_kernels import RankedArcs
from geo.routing.route_kernels import PairRoom
from geo.routing.travel_keys import NO_PATH, partial_key
from geo.routing.travel_matrix_kernels import PlaceColumns

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

SHUT = NO_PATH + 1
"""Key of a rank that is shut, as everything below it is."""
FAR = NO_PATH + 2
"""Key of a rank that was looked at and is beyond the limit."""


class Sweep(NamedTuple):
    """Keys by rank from the origin ``climbed (s,)`` and found ``key (s,)``, ranks ``waiting (s,)``, and the limit."""

    climbed: Int64Array
    key: Int64Array
    waiting: Int32Array
    limit: int


@njit(nogil=True, cache=True)
def find_doors(parent: Int32Array, down: RankedArcs, room: int) -> RankedArcs:
    """Find the doors of every rank: those of its children and the ends of its down arcs, without itself.

    Parameters
    ----------
    parent
        The elimination tree.
    down
        For each rank the higher ranks that lead to it.
    room
        How many doors there is room for.

    Returns
    -------
    RankedArcs
        The doors of each rank; without any rank where there was no room.
    """
    rank_count = len(parent)
    first, end = np.zeros(rank_count + 1, np.int64), np.empty(room, np.int32)
    last_child, child_before = np.full(rank_count, NONE, np.int32), np.full(rank_count, NONE, np.int32)
    seen_by = np.full(rank_count, NONE, np.int32)
    for rank in range(rank_count):
        count = first[rank]
        child = int64(last_child[rank])
        # The row of the rank itself, and then those of its children.
        row, last, ends = down.first[rank], down.first[rank + 1], down.end
        while True:
            if count + last - row > room:
                return RankedArcs(np.zeros(1, np.int64), end[:0])
            for arc in range(row, last):
                door = ends[arc]
                if door > rank and seen_by[door] != rank:
                    seen_by[door] = rank
                    end[count] = door
                    count += 1
            if child == NONE:
                break
            row, last, ends = first[child], first[child + 1], end
            child = int64(child_before[child])
        first[rank + 1] = count
        if parent[rank] != NONE:
            child_before[rank] = last_child[parent[rank]]
            last_child[parent[rank]] = rank
    return RankedArcs(first, end[: first[-1]].copy())


@njit(nogil=True, cache=True)
def keys_to_many(
    graph: SearchGraph, doors: RankedArcs, origin: Place, destinations: PlaceColumns, limit: int, room: PairRoom
) -> Int64Array:
    """Find the keys of the fastest paths from one place to many.

    Parameters
    ----------
    graph
        The graph.
    doors
        The doors of each rank; read only where there is a limit below `NO_PATH`.
    origin, destinations
        The places.
    limit
        Keys from this one on are left out.
    room
        Room for the search.

    Returns
    -------
    Int64Array
        ``(m,)`` keys; `NO_PATH` where there is no path below the limit.
    """
    starts = start_from_origin(graph.roads, origin, room.origin)
    count = visit_ancestors(graph.parent, room.origin, starts)
    climb(graph.up, room.origin, count)
    roads, parent, sweep = graph.roads, graph.parent, Sweep(room.origin.key, room.destination.key, room.pending, limit)
    trail = room.destination.trail
    for step in range(count):
        trail[step] = sweep.waiting[step] = room.origin.trail[step]
    # The origin lies behind the doors of what is above it: that is never shut.
    _come_down(graph.down, doors, sweep, count, FAR, FAR)
    touched = count
    keys = np.full(len(destinations.edge), NO_PATH, np.int64)
    for index in range(len(keys)):
        place = Place(int64(destinations.edge[index]), destinations.fraction[index], destinations.one_direction)
        best, edge, fraction = direct_key(roads, origin, place)[0], place.edge, place.fraction
        for _ in range(0 if edge < 0 else 1 if place.one_direction else 2):
            if roads.edge_key[edge] < NO_PATH:
                part = partial_key(roads.edge_key[edge], fraction)
                for state in range(roads.edge_first_state[edge], roads.edge_first_state[edge + 1]):
                    goal = rank = int64(roads.rank[state])
                    waiting = int64(0)
                    while rank != NONE and sweep.key[rank] == NO_PATH:
                        sweep.waiting[waiting] = rank
                        trail[touched + waiting] = rank
                        waiting += 1
                        rank = int64(parent[rank])
                    above = sweep.key[rank] if rank != NONE else FAR
                    if waiting > 0:
                        _come_down(graph.down, doors, sweep, waiting, above, SHUT)
                    touched += waiting
                    best = min(best, sweep.key[goal] + part)
            edge, fraction = int64(roads.edge_reverse[edge]), 1.0 - fraction
        if best < limit:
            keys[index] = best
    forget_climb(room.origin, count)
    forget_climb(room.destination, touched)
    return keys


@inner_kernel
def _come_down(down: SearchArcs, doors: RankedArcs, sweep: Sweep, waiting: int, above: int, behind_doors: int) -> None:
    """Find the keys of the waiting ranks, each the parent of the one before; `above` is the key of the last one's.

    All of it in one kernel: to hand such arrays to another one costs more than a rank does.
    """
    key, limit = sweep.key, sweep.limit
    is_shut = above == SHUT
    for step in range(waiting - 1, -1, -1):
        rank = sweep.waiting[step]
        if is_shut:
            key[rank] = SHUT
            continue
        best = sweep.climbed[rank]
        for arc in range(down.first[rank], down.first[rank + 1]):
            best = min(best, key[down.end[arc]] + down.key[arc])
        if best < limit:
            key[rank] = best
            continue
        key[rank] = FAR if limit >= NO_PATH else behind_doors
        if key[rank] == SHUT:
            for arc in range(doors.first[rank], doors.first[rank + 1]):
                if key[doors.end[arc]] < limit:
                    key[rank] = FAR
                    break
            is_shut = key[rank] == SHUT
