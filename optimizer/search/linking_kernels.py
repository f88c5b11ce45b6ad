"""Links visits into routes and out of them, keeps times and sums up to date, and takes changes back.

Every row is kept aside before its first change in an iteration, so that an iteration that is not accepted costs only
what it touched. Times are passed on along the route only as far as they change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64, kernel
from optimizer.search.duration_kernels import cheapest_duration, lay_out_route
from optimizer.search.node_time_kernels import update_earliest, update_latest
from optimizer.search.search_data import (
    COST_PER_METRE,
    COST_PER_SECOND,
    FIRST_PLACE,
    FIXED_COST,
    GROUP,
    LENGTH,
    LOAD,
    METRES,
    NEXT,
    PER_EXTRA_METRE,
    PER_EXTRA_SECOND,
    PER_EXTRA_TRAVEL_SECOND,
    PER_EXTRA_VISIT,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SOFT,
    SOFT_DURATION,
    SOFT_LENGTH,
    SOFT_TRAVEL,
    SOFT_VISITS,
    STAMP,
    TIMED,
    TRAVEL,
    WORKER,
    WORKER_PROFILE,
    SearchData,
)
from optimizer.search.state import (
    CHANGED_NODES,
    CHANGED_ROUTES,
    DISLIKED,
    DURATION,
    IDLE_AT,
    ITERATION,
    OVERTIME,
    PLANNED,
    RIGID,
    ROUTE_LENGTH,
    ROUTE_LOAD,
    ROUTE_STAMP,
    ROUTE_TRAVEL,
    USED,
    VISITS,
    State,
)


@inlined_kernel
def keep_node(state: State, node: int) -> None:
    """Put a node's row aside before its first change in this iteration."""
    nodes, counters = state.nodes, state.counters
    if nodes[node, STAMP] != counters[ITERATION]:
        count = counters[CHANGED_NODES]
        for column in range(PREVIOUS, nodes.shape[1]):
            state.kept_nodes[count, column] = nodes[node, column]
        state.lists[CHANGED_NODES, count] = node
        counters[CHANGED_NODES] = count + 1
        nodes[node, STAMP] = counters[ITERATION]


@inlined_kernel
def keep_route(state: State, worker: int) -> None:
    """Put a route's row aside before its first change in this iteration."""
    routes, counters = state.routes, state.counters
    if routes[worker, ROUTE_STAMP] != counters[ITERATION]:
        count = counters[CHANGED_ROUTES]
        for column in range(ROUTE_STAMP):
            state.kept_routes[count, column] = routes[worker, column]
        state.lists[CHANGED_ROUTES, count] = worker
        counters[CHANGED_ROUTES] = count + 1
        routes[worker, ROUTE_STAMP] = counters[ITERATION]


@kernel
def take_back(data: SearchData, state: State) -> None:
    """Undo every change of this iteration but that of the list of absent visits."""
    nodes, routes, counters = state.nodes, state.routes, state.counters
    for k in range(counters[CHANGED_ROUTES]):
        worker = int64(state.lists[CHANGED_ROUTES, k])
        if state.kept_routes[k, VISITS] == 0 and routes[worker, VISITS] > 0:
            mark_idle(data, state, worker)
        elif state.kept_routes[k, VISITS] > 0 and routes[worker, VISITS] == 0:
            mark_used(data, state, worker)
        counters[PLANNED] += state.kept_routes[k, VISITS] - routes[worker, VISITS]
        for column in range(ROUTE_STAMP):
            routes[worker, column] = state.kept_routes[k, column]
    for k in range(counters[CHANGED_NODES]):
        node = state.lists[CHANGED_NODES, k]
        for column in range(PREVIOUS, nodes.shape[1]):
            nodes[node, column] = state.kept_nodes[k, column]


@inner_kernel
def mark_used(data: SearchData, state: State, worker: int) -> None:
    """Take a worker off the list of those without a visit."""
    idle = state.idle
    group = data.workers[worker, GROUP]
    at = state.routes[worker, IDLE_AT]
    last = idle[group, idle[group, 0]]
    idle[group, at] = last
    state.routes[last, IDLE_AT] = at
    idle[group, 0] -= 1
    state.counters[USED] += 1


@inner_kernel
def mark_idle(data: SearchData, state: State, worker: int) -> None:
    """Put a worker on the list of those without a visit."""
    idle = state.idle
    group = data.workers[worker, GROUP]
    idle[group, 0] += 1
    idle[group, idle[group, 0]] = worker
    state.routes[worker, IDLE_AT] = idle[group, 0]
    state.counters[USED] -= 1


@inlined_kernel
def link(data: SearchData, nodes: NDArray[np.int32], before: int, after: int) -> None:
    """Make two nodes neighbours, with the leg between them."""
    nodes[before, NEXT] = after
    nodes[after, PREVIOUS] = before
    first = data.profiles[nodes[before, PROFILE], FIRST_PLACE]
    row = first + nodes[before, PLACE] * data.places + nodes[after, PLACE]
    nodes[before, TRAVEL] = data.legs_to[row, SECONDS]
    nodes[before, LENGTH] = data.legs_to[row, METRES]


@inner_kernel
def insert_visit(data: SearchData, state: State, before: int, visit: int) -> int:
    """Put a visit behind a node; the change of the route's cost."""
    return put_behind(data, state, before, visit)


@inlined_kernel
def put_behind(data: SearchData, state: State, before: int, visit: int) -> int:
    """Do what `insert_visit` does, without the call, which takes as long as half of the work."""
    nodes, routes = state.nodes, state.routes
    after, worker = int64(nodes[before, NEXT]), int64(nodes[before, WORKER])
    cost = route_cost(data, state, worker)
    keep_route(state, worker)
    keep_node(state, before)
    keep_node(state, visit)
    keep_node(state, after)
    if routes[worker, VISITS] == 0:
        mark_used(data, state, worker)
    routes[worker, VISITS] += 1
    state.counters[PLANNED] += 1
    routes[worker, ROUTE_LOAD] += data.visits[visit, LOAD]
    routes[worker, DISLIKED] += data.dislikes[data.workers[worker, GROUP], visit]
    routes[worker, ROUTE_LENGTH] -= nodes[before, LENGTH]
    routes[worker, ROUTE_TRAVEL] -= nodes[before, TRAVEL]
    nodes[visit, WORKER] = worker
    nodes[visit, PROFILE] = nodes[before, PROFILE]
    link(data, nodes, before, visit)
    link(data, nodes, visit, after)
    routes[worker, ROUTE_LENGTH] += nodes[before, LENGTH] + nodes[visit, LENGTH]
    routes[worker, ROUTE_TRAVEL] += nodes[before, TRAVEL] + nodes[visit, TRAVEL]
    pass_times_on(data, state, before, after)
    refresh_duration(data, state, worker)
    return route_cost(data, state, worker) - cost


@inner_kernel
def update_times_around(data: SearchData, state: State, before: int, after: int) -> None:
    """Recompute the times of all nodes between two, and pass the changes on outwards."""
    pass_times_on(data, state, before, after)


@inlined_kernel
def pass_times_on(data: SearchData, state: State, before: int, after: int) -> None:
    """Do what `update_times_around` does, without the call."""
    nodes, visits = state.nodes, data.visits.shape[0]
    node = int64(nodes[before, NEXT])
    while node != after:
        update_earliest(data, nodes, node)
        node = int64(nodes[node, NEXT])
    while node < visits:
        keep_node(state, node)
        if not update_earliest(data, nodes, node):
            break
        node = int64(nodes[node, NEXT])
    node = int64(nodes[after, PREVIOUS])
    while node != before:
        update_latest(data, nodes, node)
        node = int64(nodes[node, PREVIOUS])
    while node < visits:
        keep_node(state, node)
        if not update_latest(data, nodes, node):
            break
        node = int64(nodes[node, PREVIOUS])


@inlined_kernel
def refresh_duration(data: SearchData, state: State, worker: int) -> None:
    """Recompute duration and overtime of the cheapest schedule of a route if they have a price or a limit."""
    if data.workers[worker, TIMED]:
        schedule_anew(data, state, worker)


@inner_kernel
def schedule_anew(data: SearchData, state: State, worker: int) -> None:
    """Write down duration and overtime of the cheapest schedule of a route."""
    routes = state.routes
    duration, rigid, overtime = 0, 0, 0
    if routes[worker, VISITS] > 0:
        count = lay_out_route(data, state, worker, int64(-1), int64(-1))
        duration, rigid, overtime = cheapest_duration(data, state, worker, count)
    routes[worker, DURATION] = duration
    routes[worker, RIGID] = rigid
    routes[worker, OVERTIME] = overtime


@inlined_kernel
def route_cost(data: SearchData, state: State, worker: int) -> int:
    """Price a route in fine units: 0 without visits."""
    if state.routes[worker, VISITS] == 0:
        return 0
    profile = data.workers[worker, WORKER_PROFILE]
    cost = (
        data.workers[worker, FIXED_COST]
        + data.profiles[profile, COST_PER_METRE] * state.routes[worker, ROUTE_LENGTH]
        + data.profiles[profile, COST_PER_SECOND] * state.routes[worker, DURATION]
        + state.routes[worker, OVERTIME]
        + state.routes[worker, DISLIKED]
    )
    if data.workers[worker, SOFT]:
        cost += soft_cost_now(data, state, worker)
    return cost


@inner_kernel
def soft_cost_now(data: SearchData, state: State, worker: int) -> int:
    """Price what of a route is beyond its soft limits: 0 without visits."""
    route = state.routes[worker]
    if route[VISITS] == 0:
        return 0
    return soft_cost(data.workers, worker, route[VISITS], route[ROUTE_LENGTH], route[ROUTE_TRAVEL], route[DURATION])


@inlined_kernel
def soft_cost(limits: NDArray[np.int64], worker: int, visits: int, metres: int, travel_s: int, duration_s: int) -> int:
    """Price what is beyond the soft limits of a worker."""
    return (
        limits[worker, PER_EXTRA_VISIT] * max(0, visits - limits[worker, SOFT_VISITS])
        + limits[worker, PER_EXTRA_METRE] * max(0, metres - limits[worker, SOFT_LENGTH])
        + limits[worker, PER_EXTRA_TRAVEL_SECOND] * max(0, travel_s - limits[worker, SOFT_TRAVEL])
        + limits[worker, PER_EXTRA_SECOND] * max(0, duration_s - limits[worker, SOFT_DURATION])
    )
