"""Exchanges the tails of two routes: the move 2-opt* of Potvin & Rousseau [1]_.

Strings that are removed and inserted again move a few visits at a time; where routes are long, no such step takes half
a route to another worker. The times at both ends of the two new legs tell without a walk whether both new routes can
be driven, as long as the two workers are alike.

References
----------
.. [1] Potvin, J.-Y. & Rousseau, J.-M. (1995). An exchange heuristic for routeing problems with time windows. Journal
       of the Operational Research Society 46(12). https://doi.org/10.1057/jors.1995.204
"""

from __future__ import annotations

from optimizer.kernel import inner_kernel, int64, merged_kernel
from optimizer.search.linking_kernels import (
    keep_node,
    keep_route,
    link,
    mark_idle,
    refresh_duration,
    route_cost,
    update_times_around,
)
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.node_time_kernels import joins
from optimizer.search.ruin_kernels import keeps_limits
from optimizer.search.search_data import (
    CAPACITY,
    COST_PER_METRE,
    COST_PER_SECOND,
    FIRST_BOND,
    FIRST_PLACE,
    GROUP,
    LENGTH,
    LOAD,
    MAX_VISITS,
    METRES,
    NEXT,
    NO_LIMIT,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    TRAVEL,
    WORKER,
    SearchData,
)
from optimizer.search.state import DISLIKED, ROUTE_LENGTH, ROUTE_LOAD, ROUTE_TRAVEL, VISITS, State


@merged_kernel
def exchange_tails(data: SearchData, state: State, around: Neighbourhood, visit: int, limit: int) -> int:
    """Put the best tail of another route behind a visit, and the visit's own tail in its place.

    Parameters
    ----------
    data, state, around
        The plan and where to look: the tails that begin with a near successor of the visit.
    visit
        A planned visit.
    limit
        Tails whose legs cost more than this are not tried.

    Returns
    -------
    int
        The change of cost; `NO_LIMIT` where there is no such tail or it turns out to break a rule. What has changed
        in the plan by then is for the caller to take back.
    """
    best = int64(-1)
    for k in range(around.successors.shape[1]):
        tail = int64(around.successors[visit, k])
        change = price_of_exchange(data, state, visit, tail)
        if change < limit and both_routes_fit(data, state, visit, tail):
            limit, best = change, tail
    if best < 0:
        return NO_LIMIT
    first, second = int64(state.nodes[visit, WORKER]), int64(state.nodes[best, WORKER])
    cost = route_cost(data, state, first) + route_cost(data, state, second)
    relink_tails(data, state, visit, best)
    for worker in (first, second):
        refresh_duration(data, state, worker)
        if not keeps_limits(data, state, worker):
            return NO_LIMIT
    return route_cost(data, state, first) + route_cost(data, state, second) - cost


@merged_kernel
def price_of_exchange(data: SearchData, state: State, visit: int, tail: int) -> int:
    """Price the two new legs against the two old ones; `NO_LIMIT` where the workers are the same or not alike."""
    nodes = state.nodes
    first, second = int64(nodes[visit, WORKER]), int64(nodes[tail, WORKER])
    if second < 0 or first == second or data.workers[first, GROUP] != data.workers[second, GROUP]:
        return NO_LIMIT
    before, after = int64(nodes[tail, PREVIOUS]), int64(nodes[visit, NEXT])
    profile = nodes[visit, PROFILE]
    places = data.profiles[profile, FIRST_PLACE]
    one = places + visit * data.places + tail
    other = places + nodes[before, PLACE] * data.places + nodes[after, PLACE]
    metres = data.legs_to[one, METRES] + data.legs_to[other, METRES] - nodes[visit, LENGTH] - nodes[before, LENGTH]
    seconds = data.legs_to[one, SECONDS] + data.legs_to[other, SECONDS] - nodes[visit, TRAVEL] - nodes[before, TRAVEL]
    return data.profiles[profile, COST_PER_METRE] * metres + data.profiles[profile, COST_PER_SECOND] * seconds


@merged_kernel
def both_routes_fit(data: SearchData, state: State, visit: int, tail: int) -> bool:
    """Tell whether two routes whose tails are exchanged keep times, loads and numbers of visits.

    Tails with visits that have bonds to others stay where they are.
    """
    nodes, routes, limits = state.nodes, state.routes, data.workers
    before, after = int64(nodes[tail, PREVIOUS]), int64(nodes[visit, NEXT])
    if not joins(data, nodes, visit, tail) or not joins(data, nodes, before, after):
        return False
    first, second = int64(nodes[visit, WORKER]), int64(nodes[tail, WORKER])
    load, count = 0, 0
    node = tail
    while node < data.visits.shape[0]:
        if data.visits[node, FIRST_BOND] >= 0:
            return False
        load += data.visits[node, LOAD]
        count += 1
        node = nodes[node, NEXT]
    node = after
    while node < data.visits.shape[0]:
        if data.visits[node, FIRST_BOND] >= 0:
            return False
        load -= data.visits[node, LOAD]
        count -= 1
        node = nodes[node, NEXT]
    return (
        routes[first, ROUTE_LOAD] + load <= limits[first, CAPACITY]
        and routes[second, ROUTE_LOAD] - load <= limits[second, CAPACITY]
        and routes[first, VISITS] + count <= limits[first, MAX_VISITS]
        and routes[second, VISITS] - count <= limits[second, MAX_VISITS]
    )


@inner_kernel
def relink_tails(data: SearchData, state: State, visit: int, tail: int) -> None:
    """Exchange the nodes behind a visit with a tail of another route, and bring sums and times up to date."""
    nodes, routes = state.nodes, state.routes
    first, second = int64(nodes[visit, WORKER]), int64(nodes[tail, WORKER])
    before, after = int64(nodes[tail, PREVIOUS]), int64(nodes[visit, NEXT])
    first_end = data.visits.shape[0] + data.workers.shape[0] + first
    second_end = data.visits.shape[0] + data.workers.shape[0] + second
    keep_route(state, first)
    keep_route(state, second)
    keep_node(state, visit)
    keep_node(state, before)
    keep_node(state, first_end)
    keep_node(state, second_end)
    routes[first, ROUTE_LENGTH] -= nodes[visit, LENGTH]
    routes[second, ROUTE_LENGTH] -= nodes[before, LENGTH]
    routes[first, ROUTE_TRAVEL] -= nodes[visit, TRAVEL]
    routes[second, ROUTE_TRAVEL] -= nodes[before, TRAVEL]
    last = move_tail(data, state, tail, first)
    if after < data.visits.shape[0]:
        link(data, nodes, move_tail(data, state, after, second), second_end)
        link(data, nodes, before, after)
    else:
        link(data, nodes, before, second_end)
    link(data, nodes, last, first_end)
    link(data, nodes, visit, tail)
    routes[first, ROUTE_LENGTH] += nodes[visit, LENGTH]
    routes[second, ROUTE_LENGTH] += nodes[before, LENGTH]
    routes[first, ROUTE_TRAVEL] += nodes[visit, TRAVEL]
    routes[second, ROUTE_TRAVEL] += nodes[before, TRAVEL]
    if routes[second, VISITS] == 0:
        mark_idle(data, state, second)
    update_times_around(data, state, visit, tail)
    update_times_around(data, state, before, int64(nodes[before, NEXT]))


@inner_kernel
def move_tail(data: SearchData, state: State, node: int, worker: int) -> int:
    """Give a visit and all behind it to another worker, with their part of the sums; the last of them."""
    nodes, routes = state.nodes, state.routes
    giver, last = int64(nodes[node, WORKER]), node
    while node < data.visits.shape[0]:
        keep_node(state, node)
        nodes[node, WORKER] = worker
        routes[worker, VISITS] += 1
        routes[giver, VISITS] -= 1
        routes[worker, ROUTE_LOAD] += data.visits[node, LOAD]
        routes[giver, ROUTE_LOAD] -= data.visits[node, LOAD]
        # The workers are alike, so that they are disliked alike.
        dislike = data.dislikes[data.workers[worker, GROUP], node]
        routes[worker, DISLIKED] += dislike
        routes[giver, DISLIKED] -= dislike
        routes[worker, ROUTE_LENGTH] += nodes[node, LENGTH]
        routes[giver, ROUTE_LENGTH] -= nodes[node, LENGTH]
        routes[worker, ROUTE_TRAVEL] += nodes[node, TRAVEL]
        routes[giver, ROUTE_TRAVEL] -= nodes[node, TRAVEL]
        last = node
        node = int64(nodes[node, NEXT])
    return last
