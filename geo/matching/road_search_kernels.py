"""The search along roads from the candidates of one observation to those of the next.

All candidates of an observation start one common search, each with the cost of its own best history: the first to
reach a road is the best way to be there, so one search per observation does the work of one per candidate. This is
exact where the cost of a way is a sum over its parts (the Viterbi recursion is a shortest path through a layered
graph). Labels live on edges, not on nodes, so that turning back, sharp turns and forbidden turns have their price.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.road_graph import MatchingGraph
from geo.tracks.local_plane_kernels import wrapped_degrees

_SAFETY = 0.995
"""The goal distance is measured on a plane; so much less is surely not more than the true one."""


class TurnNats(NamedTuple):
    """What passing a node costs in nats, beyond the way itself.

    Parameters
    ----------
    sharpest_turn
        A turn by half a circle onto another road; less for blunter ones, nothing straight on.
    u_turn, u_turn_at_dead_end
        Turning back on the same road at a node, and where there is no other way.
    forbidden_turn
        A turn that is forbidden, or passing a barrier.
    forbidden_edge
        Entering an edge that the profile may not use.
    forbidden_length
        Each metre of such an edge costs so many times as much, in addition.
    """

    sharpest_turn: float
    u_turn: float
    u_turn_at_dead_end: float
    forbidden_turn: float
    forbidden_edge: float
    forbidden_length: float


class Goal(NamedTuple):
    """Where a search is to arrive, and what a metre costs on the way.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        The next observation.
    radius_m
        Its candidates lie no farther from it.
    nats_per_m
        What a metre costs.
    reach_m
        More metres than this could hardly be driven in the time; those beyond cost `hurry` times as much in addition.
    hurry
        See `reach_m`.
    most_way_nats
        Ways that cost more are not followed.
    is_directed
        Whether to search towards the goal first (worth it when it is far).
    """

    latitude_degrees: float
    longitude_degrees: float
    radius_m: float
    nats_per_m: float
    reach_m: float
    hurry: float
    most_way_nats: float
    is_directed: bool


class SearchSpace(NamedTuple):
    """Room for searches, reused from one to the next. One per thread.

    Entries hold for the current round only: ``mark`` is twice the round for an edge that has a label and one more
    once the label is final.

    Parameters
    ----------
    round
        ``(1,)`` int32 number of the current search.
    mark, label, label_way
        ``(m,)`` int32, float64, int32: cost at the tail of an edge and the entry of the way log that leads there
        (``-1 - candidate`` for the start of the search).
    label_start, label_m
        ``(m,)`` float64, float32: cost at the start of that way, and its metres.
    goal_mark, goal_first
        ``(m,)`` int32: the round for an edge with a candidate to reach, and the first such candidate.
    heap_key, heap_edge
        ``(h,)`` float64, int32: binary heap.
    """

    round: NDArray[np.int32]
    mark: NDArray[np.int32]
    label: NDArray[np.float64]
    label_way: NDArray[np.int32]
    label_start: NDArray[np.float64]
    label_m: NDArray[np.float32]
    goal_mark: NDArray[np.int32]
    goal_first: NDArray[np.int32]
    heap_key: NDArray[np.float64]
    heap_edge: NDArray[np.int32]


class RoadSearch(NamedTuple):
    """One search: the roads, what turns cost, where to, and the room for it."""

    graph: MatchingGraph
    turns: TurnNats
    goal: Goal
    space: SearchSpace


class WayLog(NamedTuple):
    """Every edge that a search entered for good, so that ways can be traced afterwards.

    Parameters
    ----------
    edge
        ``(w,)`` int32.
    before
        ``(w,)`` int32: the entry before it; ``-1 - candidate`` where the way starts.
    source
        ``(w,)`` int32: the candidate at which the way starts.
    """

    edge: NDArray[np.int32]
    before: NDArray[np.int32]
    source: NDArray[np.int32]


MAX_LABELS = 20_000
"""Edges that one search enters at most: bounds the time lost on an observation that cannot be reached."""


def search_space(edge_count: int) -> SearchSpace:
    """Make room for the searches of one thread.

    Parameters
    ----------
    edge_count
        Edges of the network.

    Returns
    -------
    SearchSpace
        Empty.
    """
    room = 8 * MAX_LABELS
    return SearchSpace(
        round=np.zeros(1, np.int32),
        mark=np.zeros(edge_count, np.int32),
        label=np.zeros(edge_count, np.float64),
        label_way=np.zeros(edge_count, np.int32),
        label_start=np.zeros(edge_count, np.float64),
        label_m=np.zeros(edge_count, np.float32),
        goal_mark=np.zeros(edge_count, np.int32),
        goal_first=np.zeros(edge_count, np.int32),
        heap_key=np.zeros(room, np.float64),
        heap_edge=np.zeros(room, np.int32),
    )


@njit(nogil=True, cache=True)
def goal_nats(graph: MatchingGraph, goal: Goal, node: int) -> float:
    """Return what the way from a node to any candidate of the goal costs at least."""
    if not goal.is_directed:
        return 0.0
    north = (graph.node_latitude_degrees[node] - goal.latitude_degrees) * METRES_PER_DEGREE
    east = wrapped_degrees(graph.node_longitude_degrees[node] - goal.longitude_degrees) * METRES_PER_DEGREE
    east *= math.cos(math.radians(goal.latitude_degrees))
    far_m = _SAFETY * math.sqrt(north * north + east * east) - goal.radius_m
    return far_m * graph.least_way * goal.nats_per_m if far_m > 0.0 else 0.0


@njit(nogil=True, cache=True)
def turn_nats(graph: MatchingGraph, turns: TurnNats, origin: int, target: int) -> float:
    """Return what passing from one edge to the next costs, entering a forbidden edge included."""
    node = graph.head[origin]
    if target == graph.reverse[origin]:
        is_dead_end = graph.first_out[node + 1] - graph.first_out[node] == 1
        nats = turns.u_turn_at_dead_end if is_dead_end else turns.u_turn
    else:
        nats = 0.5 * turns.sharpest_turn * (1.0 - math.cos(graph.start_heading[target] - graph.end_heading[origin]))
    if graph.node_is_barrier[node] or (graph.has_forbidden_turn[origin] and _is_forbidden(graph, origin, target)):
        nats += turns.forbidden_turn
    if graph.is_forbidden[target] and not graph.is_forbidden[origin]:
        nats += turns.forbidden_edge
    return nats


@njit(nogil=True, cache=True)
def _is_forbidden(graph: MatchingGraph, origin: int, target: int) -> bool:
    place = np.searchsorted(graph.forbidden_from, origin)
    while place < len(graph.forbidden_from) and graph.forbidden_from[place] == origin:
        if graph.forbidden_onto[place] == target:
            return True
        place += 1
    return False


@njit(nogil=True, cache=True)
def edge_nats(search: RoadSearch, edge: int, before_m: float, length_m: float) -> float:
    """Return what some metres along an edge cost after so many metres of way."""
    graph, goal = search.graph, search.goal
    nats = length_m * graph.way_m[edge] / graph.length_m[edge] * goal.nats_per_m
    if graph.is_forbidden[edge]:
        nats += nats * search.turns.forbidden_length
    hurried_m = min(before_m + length_m - goal.reach_m, length_m)
    if hurried_m > 0.0:
        nats += hurried_m * goal.hurry * goal.nats_per_m
    return float(nats)


class Head(NamedTuple):
    """The end of a way: at the head of an edge.

    Parameters
    ----------
    edge, way
        The edge, and the entry of the way log for it (``-1 - candidate`` where the way starts on it).
    nats, start_nats
        Cost there and at the start of the way.
    way_m
        Metres of the way.
    """

    edge: int
    way: int
    nats: float
    start_nats: float
    way_m: float


@njit(nogil=True, cache=True)
def relax_onward(search: RoadSearch, heap_size: int, head: Head) -> int:
    """Offer every edge that follows the cost of being at the end of a way; return the new size of the heap."""
    graph, space = search.graph, search.space
    node = graph.head[head.edge]
    ahead = goal_nats(graph, search.goal, node)
    most = head.start_nats + search.goal.most_way_nats - ahead
    if head.nats > most:
        return heap_size
    is_open = 2 * space.round[0]
    for target in range(graph.first_out[node], graph.first_out[node + 1]):
        if space.mark[target] > is_open:
            continue
        offer = head.nats + turn_nats(graph, search.turns, head.edge, target)
        if offer > most or (space.mark[target] == is_open and space.label[target] <= offer):
            continue
        if heap_size == len(space.heap_key):
            return heap_size
        space.mark[target] = is_open
        space.label[target] = offer
        space.label_way[target] = head.way
        space.label_start[target] = head.start_nats
        space.label_m[target] = head.way_m
        heap_size = _push(space, heap_size, offer + ahead, target)
    return heap_size


@njit(nogil=True, cache=True)
def _push(space: SearchSpace, size: int, key: float, edge: int) -> int:
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if space.heap_key[parent] <= key:
            break
        space.heap_key[place] = space.heap_key[parent]
        space.heap_edge[place] = space.heap_edge[parent]
        place = parent
    space.heap_key[place] = key
    space.heap_edge[place] = edge
    return size + 1


@njit(nogil=True, cache=True)
def pop(space: SearchSpace, size: int) -> int:
    """Take the top off the heap: afterwards it stands right behind the end. Return the new size."""
    top_key, top_edge = space.heap_key[0], space.heap_edge[0]
    size -= 1
    key, edge = space.heap_key[size], space.heap_edge[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and space.heap_key[child + 1] < space.heap_key[child]:
            child += 1
        if space.heap_key[child] >= key:
            break
        space.heap_key[place] = space.heap_key[child]
        space.heap_edge[place] = space.heap_edge[child]
        place = child
    space.heap_key[place] = key
    space.heap_edge[place] = edge
    space.heap_key[size], space.heap_edge[size] = top_key, top_edge
    return size
