"""Removes strings of neighbouring visits from routes near each other.

This is the ruin of *slack induction by string removals* [1]_, section 5.1: strings leave routes with slack in place
and time where the removed visits can change places.

References
----------
.. [1] Christiaens, J. & Vanden Berghe, G. (2020). Slack induction by string removals for vehicle routing problems.
       Transportation Science 54(2). https://doi.org/10.1287/trsc.2019.0914
"""

from __future__ import annotations

from optimizer.kernel import inlined_kernel, inner_kernel, int64, merged_kernel
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
from optimizer.search.random_kernels import below, uniform
from optimizer.search.search_data import (
    APART,
    FIRST_BOND,
    GROUP,
    KIND,
    LENGTH,
    LOAD,
    MAX_DURATION,
    MAX_LENGTH,
    MAX_TRAVEL,
    NEXT,
    NO_LIMIT,
    OTHER,
    PREVIOUS,
    PROFILE,
    TIMED,
    TRAVEL,
    WORKER,
    SearchData,
)
from optimizer.search.state import (
    DISLIKED,
    DURATION,
    ITERATION,
    PLANNED,
    REMOVED,
    ROUTE_LENGTH,
    ROUTE_LOAD,
    ROUTE_STAMP,
    ROUTE_TRAVEL,
    USED,
    VISITS,
    State,
)

_GAP_SHARE = 0.5
"""Probability of a gap in a string, and of each further visit in it (alpha and beta of [1]_)."""

_WITH_MATES_SHARE = 0.5
_FROM_LONG_ROUTES = 2.0
"""Strings are at times so many times as long as otherwise, where routes are longer than that."""
_LONG_STRINGS_SHARE = 0.5


@merged_kernel
def ruin(
    data: SearchData, state: State, around: Neighbourhood, center: int, mean_removed: float, longest_string: float
) -> int:
    """Remove strings from routes near a visit ([1]_, algorithm 2).

    Returns
    -------
    int
        Change of the cost of the routes; `NO_LIMIT` where what is left of one of them cannot be driven.
    """
    counters = state.counters
    mean_visits = counters[PLANNED] / max(1, counters[USED])
    if has_long_routes(state, longest_string) and uniform(state.random) < _LONG_STRINGS_SHARE:
        longest_string *= _FROM_LONG_ROUTES
    longest = min(longest_string, max(1.0, mean_visits))
    most_strings = max(1.0, 4.0 * mean_removed / (1.0 + longest) - 1.0)
    strings = int(uniform(state.random) * most_strings) + 1
    change = 0
    for k in range(-1, around.near.shape[1]):
        visit = center if k < 0 else int64(around.near[center, k])
        worker = state.nodes[visit, WORKER]
        if worker < 0 or state.routes[worker, ROUTE_STAMP] == counters[ITERATION]:
            continue
        part = remove_string(data, state, visit, longest)
        if part == NO_LIMIT:
            return NO_LIMIT
        change += part
        strings -= 1
        if strings == 0:
            break
    if data.bonds.shape[0] > 0 and uniform(state.random) < _WITH_MATES_SHARE:
        return remove_mates(data, state, change)
    return change


@inlined_kernel
def has_long_routes(state: State, longest_string: float) -> bool:
    """Tell whether routes have many more visits in the mean than are removed together."""
    counters = state.counters
    return counters[PLANNED] > _FROM_LONG_ROUTES * longest_string * max(1, counters[USED])


@merged_kernel
def remove_mates(data: SearchData, state: State, change: int) -> int:
    """Remove, too, whatever must stay on one route with what is removed, so that all of it can go elsewhere."""
    nodes, lists, counters = state.nodes, state.lists, state.counters
    k = 0
    while k < counters[REMOVED]:
        row = data.visits[lists[REMOVED, k], FIRST_BOND]
        while row >= 0 and data.bonds[row, OTHER] >= 0:
            mate = int64(data.bonds[row, OTHER])
            if data.bonds[row, KIND] != APART and nodes[mate, WORKER] >= 0:
                part = cut(data, state, mate, int64(1), (int64(1), int64(1)))
                if part == NO_LIMIT:
                    return NO_LIMIT
                change += part
            row += 1
        k += 1
    return change


@merged_kernel
def remove_string(data: SearchData, state: State, visit: int, longest: float) -> int:
    """Remove a string that holds a visit, sometimes with a gap in it; the change of the route's cost."""
    nodes, visits = state.nodes, data.visits.shape[0]
    size = state.routes[nodes[visit, WORKER], VISITS]
    length = int(uniform(state.random) * min(float(size), longest)) + 1
    gap = 0
    if 1 < length < size and uniform(state.random) < _GAP_SHARE:
        gap = 1
        while length + gap < size and uniform(state.random) < _GAP_SHARE:
            gap += 1
    span = length + gap
    first, ahead_of_visit = visit, 0
    while ahead_of_visit < span - 1 and nodes[first, PREVIOUS] < visits:
        first = int64(nodes[first, PREVIOUS])
        ahead_of_visit += 1
    last, behind_visit = visit, 0
    while behind_visit < span - 1 and nodes[last, NEXT] < visits:
        last = nodes[last, NEXT]
        behind_visit += 1
    for _ in range(below(state.random, ahead_of_visit + behind_visit - span + 2)):
        first = int64(nodes[first, NEXT])
    gap_from = below(state.random, length + 1) if gap > 0 else span
    return cut(data, state, first, span, (gap_from, gap_from + gap))


@inner_kernel
def cut(data: SearchData, state: State, first: int, span: int, gap: tuple[int, int]) -> int:
    """Take the visits of a string out of their route, but for those whose number in the string is in the gap."""
    nodes, routes, counters = state.nodes, state.routes, state.counters
    worker, before = int64(nodes[first, WORKER]), int64(nodes[first, PREVIOUS])
    cost = route_cost(data, state, worker)
    keep_route(state, worker)
    keep_node(state, before)
    start, node = before, first
    metres, seconds = -nodes[before, LENGTH], -nodes[before, TRAVEL]
    for k in range(span):
        after = int64(nodes[node, NEXT])
        keep_node(state, node)
        metres, seconds = metres - nodes[node, LENGTH], seconds - nodes[node, TRAVEL]
        if gap[0] <= k < gap[1]:
            link(data, nodes, before, node)
            metres, seconds = metres + nodes[before, LENGTH], seconds + nodes[before, TRAVEL]
            before = node
        else:
            nodes[node, WORKER] = -1
            nodes[node, PROFILE] = -1
            nodes[node, PREVIOUS] = -1
            state.lists[REMOVED, counters[REMOVED]] = node
            counters[REMOVED] += 1
            counters[PLANNED] -= 1
            routes[worker, VISITS] -= 1
            routes[worker, ROUTE_LOAD] -= data.visits[node, LOAD]
            routes[worker, DISLIKED] -= data.dislikes[data.workers[worker, GROUP], node]
        node = after
    keep_node(state, node)
    link(data, nodes, before, node)
    routes[worker, ROUTE_LENGTH] += metres + nodes[before, LENGTH]
    routes[worker, ROUTE_TRAVEL] += seconds + nodes[before, TRAVEL]
    if routes[worker, VISITS] == 0:
        mark_idle(data, state, worker)
        refresh_duration(data, state, worker)
        return -cost
    update_times_around(data, state, start, node)
    refresh_duration(data, state, worker)
    # Without the triangle inequality a route can become worse by having less to do.
    if not joins(data, nodes, start, int64(nodes[start, NEXT])) or not keeps_limits(data, state, worker):
        return NO_LIMIT
    return route_cost(data, state, worker) - cost


@inner_kernel
def keeps_limits(data: SearchData, state: State, worker: int) -> bool:
    """Tell whether a route keeps its limits of length, time on the road and duration."""
    routes, limits = state.routes, data.workers
    if routes[worker, ROUTE_LENGTH] > limits[worker, MAX_LENGTH]:
        return False
    if routes[worker, ROUTE_TRAVEL] > limits[worker, MAX_TRAVEL]:
        return False
    return not data.workers[worker, TIMED] or state.routes[worker, DURATION] <= data.workers[worker, MAX_DURATION]
