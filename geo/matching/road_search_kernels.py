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
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import merged_kernel
from geo.matching.records import HEAP_ENTRY, LABEL, STEP, Record, Records
from geo.tracks.local_plane_kernels import wrapped_degrees

MAX_LABELS = 20_000
"""Edges that one search enters at most: bounds the time lost on an observation that cannot be reached."""

NO_RIVAL = 1e6
"""A margin larger than any: there was no other way."""

_HEAP_PER_LABEL = 6
_SAFETY = 0.995
"""The goal distance is measured on a plane; so much less is surely not more than the true one."""


class Goal(NamedTuple):
    """Where a search is to arrive, and what a metre costs on the way.

    Parameters
    ----------
    latitude, longitude, metres_east
        The next observation, and metres per degree of longitude there.
    radius_m
        Its candidates lie no farther from it.
    nats_per_m
        What a metre of an average road costs.
    reach_m
        More metres than this could hardly be driven in the time; those beyond cost `hurry` times as much in addition.
    hurry
        See `reach_m`.
    most_way_nats
        Ways that cost more are not followed.
    least_ahead_nats
        What a metre towards the goal costs at least; 0 where the search does not look towards the goal.
    """

    latitude: float
    longitude: float
    metres_east: float
    radius_m: float
    nats_per_m: float
    reach_m: float
    hurry: float
    most_way_nats: float
    least_ahead_nats: float


class Head(NamedTuple):
    """The end of a way: at the head of an edge.

    Parameters
    ----------
    edge, way
        The edge, and its step of the way (``-1 - candidate`` where the way starts on it).
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


class Roads(NamedTuple):
    """The roads of a search.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    turn_nats
        ``(t,)`` float32 cost of every turn (`geo.matching.road_graph.turn_nats`).
    """

    edges: Records
    turn_nats: NDArray[np.float32]


class SearchRoom(NamedTuple):
    """Room for searches, reused from one to the next. One per thread.

    Parameters
    ----------
    round
        ``(1,)`` int32 number of the current search.
    labels
        ``(m,)`` `LABEL`.
    heap
        ``(h,)`` `HEAP_ENTRY`.
    """

    round: NDArray[np.int32]
    labels: Records
    heap: Records


def search_room(edge_count: int) -> SearchRoom:
    """Make room for the searches of one thread.

    Parameters
    ----------
    edge_count
        Edges of the network.

    Returns
    -------
    SearchRoom
        Empty.
    """
    heap = np.zeros(_HEAP_PER_LABEL * MAX_LABELS, HEAP_ENTRY)
    return SearchRoom(np.zeros(1, np.int32), np.zeros(edge_count, LABEL), heap)


@merged_kernel
def more_steps(steps: Records, least: int) -> Records:
    """Return the same steps with room for at least so many, and half as many again."""
    longer = np.empty(least + least // 2, STEP)
    for place in range(len(steps)):
        longer[place] = steps[place]
    return longer


@merged_kernel
def way_nats(edge: Record, goal: Goal, before_m: float, length_m: float) -> float:
    """Return what some metres along an edge cost after so many metres of way."""
    nats = length_m * edge["way_per_m"]
    hurried_m = min(before_m + length_m - goal.reach_m, length_m)
    if hurried_m > 0.0:
        nats += hurried_m * goal.hurry
    return float(nats * goal.nats_per_m)


@merged_kernel
def _nats_ahead(edge: Record, goal: Goal) -> float:
    """Return what the way from the head of an edge to any candidate of the goal costs at least."""
    if goal.least_ahead_nats == 0.0:
        return 0.0
    north = (edge["head_latitude"] - goal.latitude) * METRES_PER_DEGREE
    east = wrapped_degrees(edge["head_longitude"] - goal.longitude) * goal.metres_east
    far_m = _SAFETY * math.sqrt(north * north + east * east) - goal.radius_m
    return max(far_m, 0.0) * goal.least_ahead_nats


@merged_kernel
def relax_onward(
    roads: Roads, goal: Goal, room: SearchRoom, steps: Records, head: Head, limit: float, size: int
) -> int:
    """Offer every edge that follows the cost of being at the end of a way; return the new size of the heap.

    Ways that cannot arrive for less than the limit are not followed.

    Of two ways that come to an edge over different edges, the cheaper one keeps it, and the difference is remembered
    as its margin: how sure the choice was (the soft output of Hagenauer and Hoeher, "A Viterbi algorithm with
    soft-decision outputs", GLOBECOM 1989, section 2).
    """
    labels = room.labels
    end = roads.edges[head.edge]
    ahead = _nats_ahead(end, goal)
    most = min(head.start_nats + goal.most_way_nats, limit) - ahead
    if head.nats > most:
        return size
    is_open = 2 * room.round[0]
    turn = end["turn_first"] - end["onward_first"]
    for target in range(end["onward_first"], end["onward_stop"]):
        label = labels[target]
        offer = head.nats + roads.turn_nats[turn + target]
        if label["mark"] >= is_open and label["nats"] <= offer:
            if label["before"] != head.edge:
                rival = offer - label["nats"]
                label["margin"] = min(label["margin"], rival)
                if label["mark"] > is_open:
                    steps[label["way"]]["margin"] = label["margin"]
            continue
        if label["mark"] > is_open or offer > most or size == len(room.heap):
            continue
        margin = NO_RIVAL
        if label["mark"] == is_open:
            gain = label["nats"] - offer
            margin = gain if label["before"] != head.edge else label["margin"] + gain
        label["mark"], label["way"], label["before"] = is_open, head.way, head.edge
        label["nats"], label["start_nats"] = offer, head.start_nats
        label["way_m"], label["margin"] = head.way_m, margin
        size = _push(room.heap, size, offer + ahead, target)
    return size


@merged_kernel
def _push(heap: Records, size: int, key: float, edge: int) -> int:
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heap[parent]["key"] <= key:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place]["key"], heap[place]["edge"] = key, edge
    return size + 1


@merged_kernel
def pop(heap: Records, size: int) -> int:
    """Take the top off the heap: afterwards it stands right behind the end. Return the new size."""
    top_key, top_edge = heap[0]["key"], heap[0]["edge"]
    size -= 1
    key, edge = heap[size]["key"], heap[size]["edge"]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1]["key"] < heap[child]["key"]:
            child += 1
        if heap[child]["key"] >= key:
            break
        heap[place] = heap[child]
        place = child
    heap[place]["key"], heap[place]["edge"] = key, edge
    heap[size]["key"], heap[size]["edge"] = top_key, top_edge
    return size
