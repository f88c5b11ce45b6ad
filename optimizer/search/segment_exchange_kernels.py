"""Exchanges a segment of one route for one of another, however long they are: the move CROSS of Taillard et al. [1]_.

Strings that are removed are short, and where loads or windows are tight two whole tails seldom change places. One walk
along each segment finds the earliest departures on the other route; with the latest starts of what follows, these tell
for each pair of segments without a further walk whether both new routes can be driven.

References
----------
.. [1] Taillard, É., Badeau, P., Gendreau, M., Guertin, F. & Potvin, J.-Y. (1997). A tabu search heuristic for the
       vehicle routing problem with soft time windows. Transportation Science 31(2).
       https://doi.org/10.1287/trsc.31.2.170
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64, merged_kernel
from optimizer.search.linking_kernels import refresh_duration, route_cost
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.node_time_kernels import service_start
from optimizer.search.ruin_kernels import keeps_limits
from optimizer.search.search_data import (
    CAPACITY,
    COST_PER_METRE,
    COST_PER_SECOND,
    EARLIEST,
    FIRST_PLACE,
    LENGTH,
    LOAD,
    MAX_VISITS,
    METRES,
    NEVER,
    NEXT,
    NO_LIMIT,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    TRAVEL,
    WORKER,
    SearchData,
)
from optimizer.search.state import ROUTE_LOAD, SEQUENCE, TRAVELS, VISITS, State
from optimizer.search.tail_exchange_kernels import price_of_exchange, relink_tails

_LATEST = EARLIEST + 1
"""The column of the latest service start where nobody has a break."""


@merged_kernel
def exchange_segments(data: SearchData, state: State, around: Neighbourhood, visit: int, limit: int) -> int:
    """Put the best segment of another route behind a visit, and as many as pays of those behind it in its place.

    Parameters
    ----------
    data, state, around
        The plan, of a problem without breaks and bonds, and where to look: at segments that begin with a near
        successor of the visit, if the first new legs alone cost little.
    visit
        A planned visit.
    limit
        Exchanges whose legs cost more than this are not tried.

    Returns
    -------
    int
        The change of cost; `NO_LIMIT` where there is no such exchange or it turns out to break a rule. What has
        changed in the plan by then is for the caller to take back.
    """
    nodes = state.nodes
    promising = min(NO_LIMIT, limit + cost_of_leg(data, nodes, visit))
    best_tail, best_last, best_rejoined = int64(-1), int64(-1), int64(-1)
    for k in range(around.successors.shape[1]):
        tail = int64(around.successors[visit, k])
        if price_of_exchange(data, state, visit, tail) < promising:
            limit, last, rejoined = cheapest_ends(data, state, visit, tail, limit)
            if last >= 0:
                best_tail, best_last, best_rejoined = tail, last, rejoined
    if best_tail < 0:
        return NO_LIMIT
    first, second = int64(nodes[visit, WORKER]), int64(nodes[best_tail, WORKER])
    cost = route_cost(data, state, first) + route_cost(data, state, second)
    relink_segments(data, state, visit, best_tail, best_last, best_rejoined)
    for worker in (first, second):
        refresh_duration(data, state, worker)
        if not keeps_limits(data, state, worker):
            return NO_LIMIT
    return route_cost(data, state, first) + route_cost(data, state, second) - cost


@inner_kernel
def cheapest_ends(data: SearchData, state: State, visit: int, tail: int, limit: int) -> tuple[int, int, int]:
    """Find where two segments end best, of which one begins behind a visit and one with a tail of another route.

    Returns
    -------
    limit, last, rejoined
        What the exchange costs, the last visit of the tail's segment, and the node of the visit's route that follows
        it then; the limit as given, and -1 twice, where none costs less.
    """
    nodes, visits = state.nodes, data.visits.shape[0]
    ahead, rejoined = int64(nodes[tail, PREVIOUS]), int64(nodes[visit, NEXT])
    best_last, best_rejoined = int64(-1), int64(-1)
    count = walk_along(data, state, visit, tail)
    cost = cost_of_way(data, nodes, visit, tail) - cost_of_leg(data, nodes, visit) - cost_of_leg(data, nodes, ahead)
    before, departure, load, size = ahead, int64(nodes[ahead, EARLIEST]), int64(0), int64(0)
    while True:
        # So far the visits up to `before` go to the tail's route, or none; while relinking it must not be left empty.
        if size > 0 or ahead < visits or rejoined < visits:
            leaving = cost_of_leg(data, nodes, before) if size > 0 else int64(0)
            given = before, departure, load, size, cost - leaving
            limit, last = cheapest_last(data, state, given, rejoined, count, limit)
            if last >= 0:
                best_last, best_rejoined = last, rejoined
        if rejoined >= visits:
            break
        way = data.profiles[nodes[ahead, PROFILE], FIRST_PLACE] + nodes[before, PLACE] * data.places + rejoined
        start = service_start(data.windows, nodes, rejoined, departure + data.legs_to[way, SECONDS])
        if start >= NEVER:
            break
        if size == 0:
            cost += cost_of_way(data, nodes, ahead, rejoined)
        departure = int64(start + nodes[rejoined, SERVICE])
        load += data.visits[rejoined, LOAD]
        size += 1
        before = rejoined
        rejoined = int64(nodes[rejoined, NEXT])
    return limit, best_last, best_rejoined


@inner_kernel
def cheapest_last(
    data: SearchData, state: State, given: tuple[int, int, int, int, int], rejoined: int, count: int, limit: int
) -> tuple[int, int]:
    """Find where the segment ends best that is taken, given the one that goes in its place.

    Parameters
    ----------
    data, state
        The plan, with what `walk_along` has written.
    given
        Last visit of the segment that goes to the tail's route (or the node ahead of the tail), the earliest departure
        there, load and number of its visits, and the cost of the legs that do not depend on the last visit taken.
    rejoined
        What follows the segment taken.
    count
        How many visits of the tail can be reached in time.
    limit
        Costs as high as this are not of interest.

    Returns
    -------
    limit, last
        The least cost and the last visit taken; the limit as given and -1 where there is none.
    """
    before, departure, load, size, cost = given
    nodes, routes, limits = state.nodes, state.routes, data.workers
    first, second = int64(nodes[rejoined, WORKER]), int64(nodes[state.lists[SEQUENCE, 0], WORKER])
    places = data.profiles[nodes[rejoined, PROFILE], FIRST_PLACE]
    best = int64(-1)
    for k in range(count):
        last = int64(state.lists[SEQUENCE, k])
        follower = int64(nodes[last, NEXT])
        change = cost - cost_of_leg(data, nodes, last)
        change += cost_of_way(data, nodes, last, rejoined) + cost_of_way(data, nodes, before, follower)
        if change >= limit:
            continue
        seconds = data.legs_to[places + last * data.places + nodes[rejoined, PLACE], SECONDS]
        seconds_back = data.legs_to[places + nodes[before, PLACE] * data.places + nodes[follower, PLACE], SECONDS]
        more_load, more_visits = state.prices[k] - load, k + 1 - size
        if (
            state.lists[TRAVELS, k] + int64(seconds) <= nodes[rejoined, _LATEST]
            and departure + seconds_back <= nodes[follower, _LATEST]
            and routes[first, ROUTE_LOAD] + more_load <= limits[first, CAPACITY]
            and routes[second, ROUTE_LOAD] - more_load <= limits[second, CAPACITY]
            and routes[first, VISITS] + more_visits <= limits[first, MAX_VISITS]
            and routes[second, VISITS] - more_visits <= limits[second, MAX_VISITS]
        ):
            limit, best = change, last
    return limit, best


@merged_kernel
def walk_along(data: SearchData, state: State, visit: int, tail: int) -> int:
    """Write down the visits of a tail, the earliest departure of each behind a visit of another route, and loads.

    They go to the lists SEQUENCE and TRAVELS and to the prices.

    Returns
    -------
    int
        How many visits can be reached in time.
    """
    nodes = state.nodes
    row = data.profiles[nodes[visit, PROFILE], FIRST_PLACE] + visit * data.places + tail
    arrival = int64(nodes[visit, EARLIEST]) + data.legs_to[row, SECONDS]
    node, load, count = tail, int64(0), int64(0)
    while node < data.visits.shape[0]:
        start = service_start(data.windows, nodes, node, arrival)
        if start >= NEVER:
            break
        load += data.visits[node, LOAD]
        state.lists[SEQUENCE, count] = node
        state.lists[TRAVELS, count] = start + nodes[node, SERVICE]
        state.prices[count] = load
        count += 1
        arrival = int64(start + nodes[node, SERVICE] + nodes[node, TRAVEL])
        node = int64(nodes[node, NEXT])
    return count


@inlined_kernel
def cost_of_leg(data: SearchData, nodes: NDArray[np.int32], node: int) -> int:
    """Price the leg from a node to the next in fine units."""
    profile = nodes[node, PROFILE]
    per_metre, per_second = data.profiles[profile, COST_PER_METRE], data.profiles[profile, COST_PER_SECOND]
    return per_metre * nodes[node, LENGTH] + per_second * nodes[node, TRAVEL]


@inlined_kernel
def cost_of_way(data: SearchData, nodes: NDArray[np.int32], one: int, other: int) -> int:
    """Price the way from a node to another in fine units."""
    profile = nodes[one, PROFILE]
    row = data.profiles[profile, FIRST_PLACE] + nodes[one, PLACE] * data.places + nodes[other, PLACE]
    per_metre, per_second = data.profiles[profile, COST_PER_METRE], data.profiles[profile, COST_PER_SECOND]
    return per_metre * data.legs_to[row, METRES] + per_second * data.legs_to[row, SECONDS]


@merged_kernel
def relink_segments(data: SearchData, state: State, visit: int, tail: int, last: int, rejoined: int) -> None:
    """Exchange the visits from behind a visit up to the one to rejoin for those from a tail to its last."""
    nodes, visits = state.nodes, data.visits.shape[0]
    ahead, follower = int64(nodes[tail, PREVIOUS]), int64(nodes[last, NEXT])
    before = ahead if nodes[visit, NEXT] == rejoined else int64(nodes[rejoined, PREVIOUS])
    relink_tails(data, state, visit, tail)
    if rejoined < visits:
        relink_tails(data, state, last, rejoined)
    elif follower < visits:
        relink_tails(data, state, before, follower)
