"""Strongly connected components of the routable edges, turn rules included (Tarjan 1972, iterative)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel


class TurnRules(NamedTuple):
    """What decides whether one edge may follow another.

    Parameters
    ----------
    first_out, head, reverse
        As in `geo.roads.network.RoadNetwork`.
    is_usable
        ``(m,)`` bool: edges that exist for this question.
    is_ends_only
        ``(m,)`` bool: edges of the start or the end of a route. For a route that is not on one itself they are no way
        on, so that it may turn back where nothing else leads on.
    is_barrier
        ``(n,)`` bool: nodes that nobody passes.
    forbidden_first, forbidden_next
        ``(m + 1,)`` int32 and ``(·,)`` int32: edges that may not follow edge ``e`` directly.
    u_turns_allowed
        Whether one may turn back at nodes that are not dead ends.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]
    reverse: NDArray[np.int32]
    is_usable: NDArray[np.bool_]
    is_ends_only: NDArray[np.bool_]
    is_barrier: NDArray[np.bool_]
    forbidden_first: NDArray[np.int32]
    forbidden_next: NDArray[np.int32]
    u_turns_allowed: bool


@inner_kernel
def is_dead_end(rules: TurnRules, edge: int) -> bool:
    """Whether nothing but the way back leaves the head of an edge."""
    node = rules.head[edge]
    for leaving in range(rules.first_out[node], rules.first_out[node + 1]):
        is_way_on = rules.is_usable[leaving] and (rules.is_ends_only[edge] or not rules.is_ends_only[leaving])
        if is_way_on and leaving != rules.reverse[edge]:
            return False
    return True


@inner_kernel
def may_follow(rules: TurnRules, edge: int, following: int) -> bool:
    """Whether `following`, which leaves the head of `edge`, may be driven directly after it."""
    if not rules.is_usable[following]:
        return False
    for position in range(rules.forbidden_first[edge], rules.forbidden_first[edge + 1]):
        if rules.forbidden_next[position] == following:
            return False
    if following == rules.reverse[edge]:
        return rules.u_turns_allowed or rules.is_barrier[rules.head[edge]] or is_dead_end(rules, edge)
    return not rules.is_barrier[rules.head[edge]]


@njit(nogil=True, cache=True)
def strong_components(rules: TurnRules) -> NDArray[np.int32]:
    """Find the strongly connected components of the usable edges.

    Parameters
    ----------
    rules
        Which edge may follow which.

    Returns
    -------
    NDArray[np.int32]
        ``(m,)`` component of each edge, in the order in which components are completed; ``-1`` for unusable edges.
    """
    # Long because it is one loop, whose state is the call stack that the recursive form of the algorithm would have.
    edge_count = len(rules.head)
    component = np.full(edge_count, -1, np.int32)
    discovered = np.full(edge_count, -1, np.int32)
    lowest = np.zeros(edge_count, np.int32)
    next_out = np.zeros(edge_count, np.int32)
    open_edges = np.zeros(edge_count, np.int32)
    path = np.zeros(edge_count, np.int32)
    open_count, clock, component_count = 0, 0, 0
    for root in range(edge_count):
        if not rules.is_usable[root] or discovered[root] >= 0:
            continue
        path_length = 1
        path[0] = root
        while path_length > 0:
            edge = path[path_length - 1]
            node = rules.head[edge]
            if discovered[edge] < 0:
                discovered[edge] = lowest[edge] = clock
                clock += 1
                next_out[edge] = rules.first_out[node]
                open_edges[open_count] = edge
                open_count += 1
            descended = False
            while next_out[edge] < rules.first_out[node + 1]:
                following = next_out[edge]
                if may_follow(rules, edge, following):
                    if discovered[following] < 0:
                        path[path_length] = following
                        path_length += 1
                        descended = True
                        break
                    if component[following] < 0:
                        lowest[edge] = min(lowest[edge], lowest[following])
                next_out[edge] += 1
            if descended:
                continue
            path_length -= 1
            if lowest[edge] == discovered[edge]:
                while True:
                    open_count -= 1
                    member = open_edges[open_count]
                    component[member] = component_count
                    if member == edge:
                        break
                component_count += 1
            if path_length > 0:
                parent = path[path_length - 1]
                lowest[parent] = min(lowest[parent], lowest[edge])
    return component


@njit(nogil=True, cache=True)
def spread_components(
    rules: TurnRules,
    component: NDArray[np.int32],
    edges_by_component: NDArray[np.int64],
    labels: NDArray[np.int32],
    step: int,
) -> None:
    """Find the smallest component from which a route leads to each edge, or to which one leads from it.

    Parameters
    ----------
    rules
        Which edge may follow which. After an open road, ends-only roads lead only to further ends-only roads.
    component
        ``(m,)`` int32 component of the open edges, ``-1`` for all others.
    edges_by_component
        ``(m,)`` int64 edges, ascending by component.
    labels
        ``(m,)`` int32, ``-1`` everywhere; gets the smallest component, and keeps ``-1`` where there is none.
    step
        1: from which component a route leads to the edge; -1: to which one leads from it.
    """
    waiting = np.empty(len(rules.head), np.int32)
    for start in edges_by_component:
        if component[start] < 0 or labels[start] >= 0:
            continue
        labels[start] = component[start]
        waiting[0] = start
        count = 1
        while count > 0:
            count -= 1
            edge = waiting[count]
            node = rules.head[edge] if step > 0 else rules.head[rules.reverse[edge]]
            for leaving in range(rules.first_out[node], rules.first_out[node + 1]):
                other = leaving if step > 0 else rules.reverse[leaving]
                if labels[other] >= 0 or not rules.is_usable[other]:
                    continue
                if rules.is_ends_only[edge] and not rules.is_ends_only[other]:
                    continue
                if may_follow(rules, edge, other) if step > 0 else may_follow(rules, other, edge):
                    labels[other] = labels[start]
                    waiting[count] = other
                    count += 1
