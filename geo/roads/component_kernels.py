"""Compiled searches over which edge may follow which: strongly connected components, and what hangs on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32Array = NDArray[np.int32]


class Turns(NamedTuple):
    """Which edges come next, as compressed sparse rows: ``first (m + 1,)`` int64 into ``following`` int64."""

    first: NDArray[np.int64]
    following: NDArray[np.int64]


class EdgeRoom(NamedTuple):
    """Room for a search, all ``(m,)`` int32.

    Fields: ``discovered``, `UNSEEN` everywhere at first; ``lowest``, ``next_turn``, ``open_edges`` and ``path``, of use
    inside.
    """

    discovered: Int32Array
    lowest: Int32Array
    next_turn: Int32Array
    open_edges: Int32Array
    path: Int32Array


UNSEEN = -1


def edge_room(edge_count: int) -> EdgeRoom:
    """Make room for one search.

    Parameters
    ----------
    edge_count
        Number of edges.

    Returns
    -------
    EdgeRoom
        For `strong_components`.
    """
    lowest, next_turn, open_edges, path = (np.zeros(edge_count, np.int32) for _ in range(4))
    return EdgeRoom(np.full(edge_count, UNSEEN, np.int32), lowest, next_turn, open_edges, path)


@njit(nogil=True, cache=True)
def strong_components(turns: Turns, edges: NDArray[np.int64], room: EdgeRoom, component: Int32Array) -> None:
    """Find the strongly connected components (Tarjan 1972, doi 10.1137/0201010, iterative).

    Parameters
    ----------
    turns
        Which edge may follow which.
    edges
        The edges to look at, ascending.
    room
        Room for one search.
    component
        ``(m,)``, -1 everywhere; gets the number of each edge's component, in the order in which they are completed.
    """
    # Long because it is one loop, whose state is the call stack that the recursive form of the algorithm would have.
    discovered, lowest, next_turn, path = room.discovered, room.lowest, room.next_turn, room.path
    open_count, clock, component_count = 0, 0, 0
    for root in edges:
        if discovered[root] >= 0:
            continue
        path_length = 1
        path[0] = root
        while path_length > 0:
            edge = path[path_length - 1]
            if discovered[edge] < 0:
                discovered[edge] = lowest[edge] = clock
                clock += 1
                next_turn[edge] = turns.first[edge]
                room.open_edges[open_count] = edge
                open_count += 1
            descended = False
            while next_turn[edge] < turns.first[edge + 1]:
                following = turns.following[next_turn[edge]]
                if discovered[following] < 0:
                    path[path_length] = following
                    path_length += 1
                    descended = True
                    break
                if component[following] < 0:
                    lowest[edge] = min(lowest[edge], lowest[following])
                next_turn[edge] += 1
            if descended:
                continue
            path_length -= 1
            if lowest[edge] == discovered[edge]:
                while True:
                    open_count -= 1
                    member = room.open_edges[open_count]
                    component[member] = component_count
                    if member == edge:
                        break
                component_count += 1
            if path_length > 0:
                parent = path[path_length - 1]
                lowest[parent] = min(lowest[parent], lowest[edge])


@njit(nogil=True, cache=True)
def spread_components(
    turns: Turns, component: Int32Array, edges_by_component: NDArray[np.int64], waiting: Int32Array, labels: Int32Array
) -> None:
    """Find the smallest component from which turns lead to each edge.

    Parameters
    ----------
    turns
        Which edges come next.
    component
        ``(m,)`` component of the edges to start from.
    edges_by_component
        Those edges, ascending by component.
    waiting
        ``(m,)`` room.
    labels
        ``(m,)``, -1 everywhere; gets the smallest component, and keeps -1 where there is none.
    """
    for start in edges_by_component:
        if labels[start] >= 0:
            continue
        labels[start] = component[start]
        waiting[0] = start
        count = 1
        while count > 0:
            count -= 1
            edge = waiting[count]
            for turn in range(turns.first[edge], turns.first[edge + 1]):
                other = turns.following[turn]
                if labels[other] < 0:
                    labels[other] = labels[start]
                    waiting[count] = other
                    count += 1
