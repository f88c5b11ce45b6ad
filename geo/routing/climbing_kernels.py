"""Compiled searches of one place: the cost to or from every rank that a fastest path through it can peak at.

A fastest path in a hierarchy goes up and then down (`geo.routing.hierarchy`). Its upward half starts at the origin and
climbs; its downward half is a climb from the destination against the arcs. A climb visits the ranks between a start
and the root of the elimination tree one after the other and offers each rank's key to the higher ends of its arcs; no
rank above can improve one below, so each key is final when its turn comes (Dibbelt, Strasser and Wagner, section 8).

The climb from an origin starts with the states that *follow* the origin's edge, not with that edge: so coming back to
the own edge costs what it must, and "straight along the same edge" is looked at on its own (`direct_key`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.routing.customization_kernels import SearchArcs
from geo.routing.travel_keys import NO_PATH, partial_key

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

NONE = -1


class RoadCosts(NamedTuple):
    """Edges, states and arcs of the turn graph with their keys, as kernels read them.

    Fields: ``edge_first_state (m + 1,)`` int32, ``edge_reverse (m,)`` int32, ``edge_key (m,)`` int64; ``first_arc
    (s + 1,)`` int32; ``arc_head (a,)`` int32 and ``arc_key (a,)`` int64; ``rank (s,)`` int32.
    """

    edge_first_state: Int32Array
    edge_reverse: Int32Array
    edge_key: Int64Array
    first_arc: Int32Array
    arc_head: Int32Array
    arc_key: Int64Array
    rank: Int32Array


class SearchGraph(NamedTuple):
    """Everything that a search reads: the roads, the two directions of arcs, and the elimination tree."""

    roads: RoadCosts
    up: SearchArcs
    down: SearchArcs
    parent: Int32Array


class Place(NamedTuple):
    """One place: ``edge`` (negative for none), the ``fraction`` of it before the place, and ``one_direction``."""

    edge: int
    fraction: float
    one_direction: bool


class ClimbRoom(NamedTuple):
    """Room for one climb at a time.

    Fields: ``key (s,)`` int64 by rank, `NO_PATH` between searches; ``before (s,)`` int32 the rank that gave a rank its
    key, or ``-1 - edge`` where the climb started on the arcs of that edge; ``trail (s,)`` int32 the ranks visited,
    ascending; ``cursor (s,)`` int32 the next rank of each start's way to the root.
    """

    key: Int64Array
    before: Int32Array
    trail: Int32Array
    cursor: Int32Array


def climb_room(rank_count: int) -> ClimbRoom:
    """Make room for climbs.

    Parameters
    ----------
    rank_count
        Number of ranks.

    Returns
    -------
    ClimbRoom
        Arrays that any number of climbs may use one after the other.
    """
    before, trail, cursor = (np.empty(rank_count, np.int32) for _ in range(3))
    return ClimbRoom(np.full(rank_count, NO_PATH, np.int64), before, trail, cursor)


@inner_kernel
def _start_at(room: ClimbRoom, count: int, rank: int, key: int, edge: int) -> int:
    """Let a climb start at a rank too; return the number of starts."""
    if key >= NO_PATH:
        return count
    if room.key[rank] == NO_PATH:
        room.cursor[count] = rank
        count += 1
    if key < room.key[rank]:
        room.key[rank] = key
        room.before[rank] = NONE - edge
    return count


@inner_kernel
def start_from_origin(roads: RoadCosts, place: Place, room: ClimbRoom) -> int:
    """Start a climb with every state that may follow the edges of an origin.

    Parameters
    ----------
    roads
        The roads.
    place
        The origin.
    room
        Room for the climb.

    Returns
    -------
    int
        Number of starts.
    """
    count, edge, fraction = int64(0), place.edge, place.fraction
    if edge < 0:
        return 0
    for _ in range(1 if place.one_direction else 2):
        state = roads.edge_first_state[edge]
        if state < roads.edge_first_state[edge + 1] and roads.edge_key[edge] < NO_PATH:
            driven = partial_key(roads.edge_key[edge], fraction)
            for arc in range(roads.first_arc[state], roads.first_arc[state + 1]):
                if roads.arc_key[arc] < NO_PATH:
                    head = roads.rank[roads.arc_head[arc]]
                    count = _start_at(room, count, head, roads.arc_key[arc] - driven, edge)
        edge, fraction = int64(roads.edge_reverse[edge]), 1.0 - fraction
    return count


@inner_kernel
def start_from_destination(roads: RoadCosts, place: Place, room: ClimbRoom) -> int:
    """Start a climb with every state of the edges of a destination.

    Parameters
    ----------
    roads
        The roads.
    place
        The destination.
    room
        Room for the climb.

    Returns
    -------
    int
        Number of starts.
    """
    count, edge, fraction = int64(0), place.edge, place.fraction
    if edge < 0:
        return 0
    for _ in range(1 if place.one_direction else 2):
        if roads.edge_key[edge] < NO_PATH:
            part = partial_key(roads.edge_key[edge], fraction)
            for state in range(roads.edge_first_state[edge], roads.edge_first_state[edge + 1]):
                count = _start_at(room, count, roads.rank[state], part, edge)
        edge, fraction = int64(roads.edge_reverse[edge]), 1.0 - fraction
    return count


@merged_kernel
def _advance(cursor: Int32Array, starts: int, rank: int, parent: int) -> int:
    """Move every cursor from `rank` to its parent, and merge those that meet; return how many are left."""
    left = 0
    for index in range(starts):
        following = cursor[index]
        if following == rank:
            following = parent
        is_new = following != NONE
        for other in range(left):
            is_new = is_new and cursor[other] != following
        if is_new:
            cursor[left] = following
            left += 1
    return left


@inner_kernel
def visit_ancestors(parent: Int32Array, room: ClimbRoom, starts: int) -> int:
    """Write the ranks from the starts of a climb to the roots, ascending and each once.

    Parameters
    ----------
    parent
        The elimination tree.
    room
        Room whose ``trail`` is written.
    starts
        Number of starts.

    Returns
    -------
    int
        Number of ranks.
    """
    count, cursor, trail = 0, room.cursor, room.trail
    while starts > 1:
        rank = cursor[0]
        for index in range(1, starts):
            rank = min(rank, cursor[index])
        trail[count] = rank
        count += 1
        starts = _advance(cursor, starts, rank, parent[rank])
    rank = cursor[0] if starts == 1 else NONE
    while rank != NONE:
        trail[count] = rank
        count += 1
        rank = parent[rank]
    return count


@inner_kernel
def climb(arcs: SearchArcs, room: ClimbRoom, count: int) -> None:
    """Find the key of each rank on a trail.

    Parameters
    ----------
    arcs
        Up arcs for an origin, down arcs for a destination.
    room
        Room with the keys of the starts and the trail; other keys are written.
    count
        Length of the trail.
    """
    # Arrays are taken out of their tuples once: taking one out counts a reference, which costs more than a comparison.
    keys, before, trail = room.key, room.before, room.trail
    first, ends, arc_keys = arcs.first, arcs.end, arcs.key
    for index in range(count):
        rank = trail[index]
        key = keys[rank]
        if key < NO_PATH:
            for arc in range(first[rank], first[rank + 1]):
                end = ends[arc]
                if key + arc_keys[arc] < keys[end]:
                    keys[end] = key + arc_keys[arc]
                    before[end] = rank


@inner_kernel
def forget_climb(room: ClimbRoom, count: int) -> None:
    """Make room for the next climb.

    Parameters
    ----------
    room
        Room of a finished climb.
    count
        Length of its trail.
    """
    keys, trail = room.key, room.trail
    for index in range(count):
        keys[trail[index]] = NO_PATH


@inner_kernel
def direct_key(roads: RoadCosts, origin: Place, destination: Place) -> tuple[int, int]:
    """Find the best way straight along one edge.

    Parameters
    ----------
    roads
        The roads.
    origin, destination
        The two places.

    Returns
    -------
    tuple
        Key and edge; `NO_PATH` where the destination lies on no edge of the origin, or behind it.
    """
    best_key, best_edge = NO_PATH, NONE
    if origin.edge < 0 or destination.edge < 0:
        return best_key, best_edge
    edge, fraction = origin.edge, origin.fraction
    for _ in range(1 if origin.one_direction else 2):
        is_usable = roads.edge_first_state[edge] < roads.edge_first_state[edge + 1] and roads.edge_key[edge] < NO_PATH
        to_fraction = destination.fraction if edge == destination.edge else 1.0 - destination.fraction
        is_reverse = edge == roads.edge_reverse[destination.edge] and not destination.one_direction
        if is_usable and (edge == destination.edge or is_reverse):
            key = partial_key(roads.edge_key[edge], to_fraction) - partial_key(roads.edge_key[edge], fraction)
            if 0 <= key < best_key:
                best_key, best_edge = key, edge
        edge, fraction = int64(roads.edge_reverse[edge]), 1.0 - fraction
    return best_key, best_edge
