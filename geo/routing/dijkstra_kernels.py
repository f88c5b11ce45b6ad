"""Compiled plain Dijkstra search from one place over the turn graph.

It answers what a hierarchy is not made for: searches that end after a given time, and the rare pair whose destination
lies behind the origin on the same edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.routing.heap_kernels import Heap, clear_heap, empty_heap, pop_least, push_or_raise
from geo.routing.travel_keys import NO_PATH, partial_key


class WeightedTurnGraph(NamedTuple):
    """The turn graph with keys, as kernels read it.

    Fields: ``edge_first_state (m + 1,)``, ``first_arc (s + 1,)``, ``arc_head (a,)`` int32; ``arc_key (a,)``,
    ``edge_key (m,)`` int64; ``edge_reverse (m,)`` int32. See `geo.routing.turn_graph.TurnGraph`.
    """

    edge_first_state: NDArray[np.int32]
    first_arc: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_key: NDArray[np.int64]
    edge_key: NDArray[np.int64]
    edge_reverse: NDArray[np.int32]


class Places(NamedTuple):
    """Places on edges as kernels read them: ``edge (n,)`` int32, ``fraction (n,)`` float64, and one bool."""

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    one_direction: bool


class SearchTree(NamedTuple):
    """What a search found: ``key (s,)`` int64 and ``parent (s,)`` int32 state before, ``-1`` at the start."""

    key: NDArray[np.int64]
    parent: NDArray[np.int32]
    heap: Heap


def empty_search_tree(state_count: int) -> SearchTree:
    """Make room for a search.

    Parameters
    ----------
    state_count
        Number of states of the turn graph.

    Returns
    -------
    SearchTree
        Arrays that any number of searches may use one after the other.
    """
    return SearchTree(np.empty(state_count, np.int64), np.empty(state_count, np.int32), empty_heap(state_count))


@njit(nogil=True, cache=True)
def search_from(graph: WeightedTurnGraph, place: Places, origin: int, cut_off_key: int, tree: SearchTree) -> None:
    """Find the fastest way to every state that can be entered before a cut-off.

    The search starts with the arcs that leave the origin's edges, not with the edges themselves: so the cost of an
    origin's own edge is that of coming back to it.

    Parameters
    ----------
    graph
        The turn graph.
    place, origin
        The places and which of them to start from.
    cut_off_key
        States entered later than this are left out.
    tree
        Written: the key at which each state is entered, `NO_PATH` elsewhere, and the state before.
    """
    tree.key[:] = NO_PATH
    clear_heap(tree.heap)
    edge = place.edge[origin]
    _start(graph, edge, place.fraction[origin], cut_off_key, tree)
    if not place.one_direction:
        _start(graph, graph.edge_reverse[edge], 1.0 - place.fraction[origin], cut_off_key, tree)
    while tree.heap.size[0] > 0:
        state = pop_least(tree.heap)
        _relax(graph, state, tree.key[state], cut_off_key, tree)


@njit(nogil=True, cache=True)
def _start(graph: WeightedTurnGraph, edge: int, fraction: float, cut_off_key: int, tree: SearchTree) -> None:
    """Leave an edge at its head, having started at `fraction` of it."""
    state = graph.edge_first_state[edge]
    if state < graph.edge_first_state[edge + 1] and graph.edge_key[edge] < NO_PATH:
        _relax(graph, state, -partial_key(graph.edge_key[edge], fraction), cut_off_key, tree)


@njit(nogil=True, cache=True)
def _relax(graph: WeightedTurnGraph, state: int, key: int, cut_off_key: int, tree: SearchTree) -> None:
    """Offer a state's key to the states that its arcs lead to."""
    for arc in range(graph.first_arc[state], graph.first_arc[state + 1]):
        head = graph.arc_head[arc]
        head_key = key + graph.arc_key[arc]
        if head_key < tree.key[head] and head_key <= cut_off_key:
            tree.key[head] = head_key
            tree.parent[head] = state
            push_or_raise(tree.heap, head, head_key)


@njit(nogil=True, cache=True)
def best_arrival(graph: WeightedTurnGraph, tree: SearchTree, edge: int, fraction: float) -> tuple[int, int]:
    """Best way to a place along one direction, from a finished search.

    Parameters
    ----------
    graph, tree
        The turn graph and the finished search.
    edge, fraction
        The place.

    Returns
    -------
    tuple
        Key at the place (`NO_PATH` if none) and the last state.
    """
    best_key, best_state = NO_PATH, -1
    if graph.edge_key[edge] >= NO_PATH:
        return best_key, best_state
    part = partial_key(graph.edge_key[edge], fraction)
    for state in range(graph.edge_first_state[edge], graph.edge_first_state[edge + 1]):
        if tree.key[state] + part < best_key:
            best_key, best_state = tree.key[state] + part, state
    return best_key, best_state


@njit(nogil=True, cache=True)
def direct_key(graph: WeightedTurnGraph, edge: int, from_fraction: float, to_edge: int, to_fraction: float) -> int:
    """Key of driving straight from one place to another on the same edge; `NO_PATH` where it is not ahead.

    Parameters
    ----------
    graph
        The turn graph.
    edge, from_fraction
        The origin along one direction.
    to_edge, to_fraction
        The destination along one direction.

    Returns
    -------
    int
        The key.
    """
    if edge != to_edge or graph.edge_first_state[edge] == graph.edge_first_state[edge + 1]:
        return NO_PATH
    edge_key = graph.edge_key[edge]
    if edge_key >= NO_PATH:
        return NO_PATH
    key = partial_key(edge_key, to_fraction) - partial_key(edge_key, from_fraction)
    return key if key >= 0 else NO_PATH


@njit(nogil=True, cache=True)
def best_way_to_place(
    graph: WeightedTurnGraph, tree: SearchTree, origins: Places, origin: int, destinations: Places, destination: int
) -> tuple[int, int]:
    """Best way from the searched origin to a destination, in any allowed direction.

    Parameters
    ----------
    graph, tree
        The turn graph and the finished search from the origin.
    origins, origin, destinations, destination
        The two places.

    Returns
    -------
    tuple
        Key (`NO_PATH` if none) and the last state; the state is ``-1 - edge`` where the way is straight along one
        edge.
    """
    best_key, best_state = NO_PATH, -1
    edge, fraction = destinations.edge[destination], destinations.fraction[destination]
    from_edge, from_fraction = origins.edge[origin], origins.fraction[origin]
    for to_direction in range(1 if destinations.one_direction else 2):
        if to_direction == 1:
            edge, fraction = graph.edge_reverse[edge], 1.0 - fraction
        key, state = best_arrival(graph, tree, edge, fraction)
        if key < best_key:
            best_key, best_state = key, state
        for from_direction in range(1 if origins.one_direction else 2):
            start = graph.edge_reverse[from_edge] if from_direction == 1 else from_edge
            start_fraction = 1.0 - from_fraction if from_direction == 1 else from_fraction
            key = direct_key(graph, start, start_fraction, edge, fraction)
            if key <= best_key and key < NO_PATH:
                best_key, best_state = key, -1 - edge
    return best_key, best_state


@njit(nogil=True, cache=True)
def search_one_to_many(
    graph: WeightedTurnGraph,
    origins: Places,
    origin: int,
    destinations: Places,
    cut_off_key: int,
    tree: SearchTree,
    keys: NDArray[np.int64],
) -> None:
    """Write the key from one place to each of many, `NO_PATH` beyond the cut-off.

    Parameters
    ----------
    graph
        The turn graph.
    origins, origin, destinations
        The places.
    cut_off_key
        Longest way asked for.
    tree
        Room for the search.
    keys
        ``(len(destinations.edge),)`` int64, written.
    """
    keys[:] = NO_PATH
    if origins.edge[origin] < 0:
        return
    search_from(graph, origins, origin, cut_off_key, tree)
    for destination in range(len(keys)):
        if destinations.edge[destination] >= 0:
            key, _ = best_way_to_place(graph, tree, origins, origin, destinations, destination)
            if key <= cut_off_key:
                keys[destination] = key
