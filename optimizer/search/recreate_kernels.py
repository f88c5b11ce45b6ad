"""Inserts visits one after the other where each costs least, blinking now and then.

This is the recreate of Christiaens & Vanden Berghe (2020), section 5.2 (see `optimizer.search.ruin_kernels`), with
positions next to promising neighbours only, and given up as soon as the plan can no longer be accepted.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.inner_kernel import int64
from optimizer.search.bond_kernels import keeps_bonds, person_of_mates
from optimizer.search.duration_kernels import cheapest_duration, lay_out_route
from optimizer.search.kernel import inlined_kernel, inner_kernel, merged_kernel
from optimizer.search.linking_kernels import insert_visit
from optimizer.search.neighbourhood import NEIGHBOUR, WAY_METRES, WAY_SECONDS, Neighbourhood
from optimizer.search.node_time_kernels import fits
from optimizer.search.random_kernels import uniform
from optimizer.search.search_data import (
    CAPACITY,
    COST_PER_METRE,
    COST_PER_SECOND,
    FIRST_PLACE,
    FIRST_VISIT,
    FIXED_COST,
    GROUP,
    LENGTH,
    LOAD,
    MAX_LENGTH,
    MAX_VISITS,
    METRES,
    NEVER,
    NEXT,
    PERSON,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    TIMED,
    TRAVEL,
    UNSERVED,
    WORKER,
    SearchData,
)
from optimizer.search.state import (
    ABSENT,
    DURATION,
    OVERTIME,
    REMOVED,
    RIGID,
    ROUTE_LENGTH,
    ROUTE_LOAD,
    TRIED,
    UNTIL_BLINK,
    VISITS,
    State,
)

_MEAN_BETWEEN_BLINKS = 99.5
_WIDE_SEARCH_SHARE = 0.02


@inner_kernel
def recreate(data: SearchData, state: State, around: Neighbourhood, change: int, limit: int) -> int:
    """Insert the removed visits or leave them out.

    Parameters
    ----------
    data, state, around
        The plan and where to look.
    change
        Change of cost so far; the removed visits are not in it.
    limit
        Give up once the change would not stay below.

    Returns
    -------
    int
        The change of cost; `limit` where given up.
    """
    counters = state.counters
    sort_removed(state, around)
    for k in range(counters[REMOVED]):
        visit = int64(state.lists[REMOVED, k])
        unserved = data.visits[visit, UNSERVED]
        most = min(unserved, limit - change)
        before = cheapest_position(data, state, around, visit, most)
        if before < 0 and most == unserved and uniform(state.random) < _WIDE_SEARCH_SHARE:
            before = cheapest_of_all_positions(data, state, visit, most)
        if before >= 0:
            change += insert_visit(data, state, before, visit)
        elif most == unserved:
            state.lists[ABSENT, counters[ABSENT]] = visit
            counters[ABSENT] += 1
            change += unserved
        else:
            return limit
    return min(change, limit)


@merged_kernel
def sort_removed(state: State, around: Neighbourhood) -> None:
    """Bring the removed visits into the order of a random rule."""
    draw = uniform(state.random)
    rule = 0
    while draw > around.sort_shares[rule] and rule < around.sort_shares.shape[0] - 1:
        rule += 1
    keys, removed = state.sort_keys, state.lists[REMOVED]
    noise = around.sort_noise[rule]
    for k in range(state.counters[REMOVED]):
        visit = removed[k]
        key = uniform(state.random)
        if rule > 0:
            key = around.sort_keys[rule, visit] * (1.0 + noise * (2.0 * key - 1.0))
        at = k
        while at > 0 and keys[at - 1] > key:
            keys[at] = keys[at - 1]
            removed[at] = removed[at - 1]
            at -= 1
        keys[at] = key
        removed[at] = visit


@merged_kernel
def cheapest_position(data: SearchData, state: State, around: Neighbourhood, visit: int, limit: int) -> int:
    """Find the node behind which a visit costs least, next to its neighbours or on an unused route; -1 if none.

    All positions are priced before any is looked at closely, so that the processor fetches the ways from memory side
    by side: one after the other, waiting for them took most of the time.
    """
    nodes, visits = state.nodes, data.visits.shape[0]
    tried, prices = state.lists[TRIED], state.prices
    count = int64(0)
    person = person_of_mates(data, nodes, visit)
    if person >= 0:
        for worker in range(data.workers.shape[0]):
            if data.workers[worker, PERSON] == person:
                count = try_route(data, state, worker, visit, count)
        return best_of_tried(data, state, visit, count, limit)
    for k in range(around.predecessors.shape[1]):
        before = int64(around.predecessors[visit, k, NEIGHBOUR])
        profile = nodes[before, PROFILE]
        if profile >= 0:
            row = data.profiles[profile, FIRST_VISIT] + visit
            way_in = around.predecessors[row, k, WAY_SECONDS], around.predecessors[row, k, WAY_METRES]
            tried[count] = before
            prices[count] = price_behind(data, state, before, visit, way_in)
            count += 1
    for k in range(around.successors.shape[1]):
        before = int64(nodes[around.successors[visit, k], PREVIOUS])
        if before >= visits:
            tried[count] = before
            prices[count] = price_behind(data, state, before, visit, way_from(data, nodes, before, visit))
            count += 1
    count = try_unused_routes(data, state, visit, count)
    return best_of_tried(data, state, visit, count, limit)


@inlined_kernel
def try_unused_routes(data: SearchData, state: State, visit: int, count: int) -> int:
    """Add an unused route of each group of workers to the list TRIED; how long it is then."""
    for group in range(state.idle.shape[0]):
        if state.idle[group, 0] > 0 and data.allowed[group, visit]:
            before = data.visits.shape[0] + state.idle[group, state.idle[group, 0]]
            state.lists[TRIED, count] = before
            way_in = way_from(data, state.nodes, before, visit)
            state.prices[count] = price_behind(data, state, before, visit, way_in)
            count += 1
    return count


@inner_kernel
def cheapest_of_all_positions(data: SearchData, state: State, visit: int, limit: int) -> int:
    """Find the node behind which a visit costs least on any route; -1 if none."""
    count = int64(0)
    for worker in range(data.workers.shape[0]):
        if state.routes[worker, VISITS] > 0 and data.allowed[data.workers[worker, GROUP], visit]:
            count = try_route(data, state, worker, visit, count)
    count = try_unused_routes(data, state, visit, count)
    return best_of_tried(data, state, visit, count, limit)


@inner_kernel
def try_route(data: SearchData, state: State, worker: int, visit: int, count: int) -> int:
    """Add all positions on a route to the list TRIED; how long it is then."""
    nodes, visits = state.nodes, data.visits.shape[0]
    before = visits + worker
    while before == visits + worker or before < visits:
        state.lists[TRIED, count] = before
        state.prices[count] = price_behind(data, state, before, visit, way_from(data, nodes, before, visit))
        count += 1
        before = nodes[before, NEXT]
    return count


@inner_kernel
def best_of_tried(data: SearchData, state: State, visit: int, count: int, limit: int) -> int:
    """Find the first of the cheapest of the positions in the list TRIED at which the visit fits; -1 if none."""
    best = int64(-1)
    for k in range(count):
        if state.prices[k] < limit:
            before = int64(state.lists[TRIED, k])
            cost = settled_price(data, state, before, visit, state.prices[k], limit)
            if cost < limit:
                limit, best = cost, before
    return best


@inlined_kernel
def way_from(data: SearchData, nodes: NDArray[np.int32], before: int, visit: int) -> tuple[int, int]:
    """Look up seconds and metres from a node to a visit that is not on the route yet."""
    row = data.profiles[nodes[before, PROFILE], FIRST_PLACE] + visit * data.places + nodes[before, PLACE]
    return data.legs_from[row, SECONDS], data.legs_from[row, METRES]


@inlined_kernel
def price_behind(data: SearchData, state: State, before: int, visit: int, way_in: tuple[int, int]) -> int:
    """Price a visit behind a node whether it fits there or not, given seconds and metres of the way there.

    For a worker whose time has a price this is a lower bound: waiting that the visit could use up is counted as free.
    """
    nodes = state.nodes
    profile, after = nodes[before, PROFILE], nodes[before, NEXT]
    place = after if after < data.visits.shape[0] else nodes[after, PLACE]
    row = data.profiles[profile, FIRST_PLACE] + visit * data.places + place
    per_second = data.profiles[profile, COST_PER_SECOND]
    price = data.profiles[profile, COST_PER_METRE] * (way_in[1] - nodes[before, LENGTH] + data.legs_to[row, METRES])
    if per_second > 0:
        worker = nodes[before, WORKER]
        free = state.routes[worker, DURATION] - state.routes[worker, RIGID] + nodes[before, TRAVEL] - way_in[0]
        price += per_second * max(0, data.legs_to[row, SECONDS] - free + nodes[visit, SERVICE])
    return price


@merged_kernel
def settled_price(data: SearchData, state: State, before: int, visit: int, price: int, limit: int) -> int:
    """Make the price of `price_behind` exact; `limit` where that is not less, the visit does not fit, or on a blink."""
    nodes = state.nodes
    worker, after = int64(nodes[before, WORKER]), int64(nodes[before, NEXT])
    first = data.profiles[nodes[before, PROFILE], FIRST_PLACE] + visit * data.places
    before_row, after_row = first + nodes[before, PLACE], first + nodes[after, PLACE]
    price += data.dislikes[data.workers[worker, GROUP], visit]
    if nodes[before, PREVIOUS] < 0 and state.routes[worker, VISITS] == 0:
        price += price_of_using(data, state, worker)
    if price >= limit or blinks(state):
        return limit
    if data.bonds.shape[0] > 0 and not keeps_bonds(data, nodes, before, visit):
        return limit
    metres = data.legs_from[before_row, METRES] + data.legs_to[after_row, METRES] - nodes[before, LENGTH]
    if not has_room(data, state, before, visit, metres):
        return limit
    seconds_in, seconds_out = int64(data.legs_from[before_row, SECONDS]), int64(data.legs_to[after_row, SECONDS])
    if not fits(data, nodes, before, visit, after, seconds_in, seconds_out):
        return limit
    if data.workers[worker, TIMED]:
        cost_of_way = metres * data.profiles[nodes[before, PROFILE], COST_PER_METRE]
        return timed_insertion_cost(data, state, before, visit, cost_of_way, limit)
    return price


@inlined_kernel
def blinks(state: State) -> bool:
    """Tell whether this position is overlooked: by chance, one in a hundred ([1]_ of the ruin, section 5.2)."""
    state.counters[UNTIL_BLINK] -= 1
    if state.counters[UNTIL_BLINK] > 0:
        return False
    state.counters[UNTIL_BLINK] = 1 + int(-math.log(uniform(state.random)) * _MEAN_BETWEEN_BLINKS)
    return True


@merged_kernel
def has_room(data: SearchData, state: State, before: int, visit: int, metres: int) -> bool:
    """Tell whether the worker may serve the visit and keeps the limits of visits, load and length."""
    worker = state.nodes[before, WORKER]
    route, limits = state.routes, data.workers
    return (
        data.allowed[limits[worker, GROUP], visit]
        and route[worker, VISITS] < limits[worker, MAX_VISITS]
        and route[worker, ROUTE_LOAD] + data.visits[visit, LOAD] <= limits[worker, CAPACITY]
        and route[worker, ROUTE_LENGTH] + metres <= limits[worker, MAX_LENGTH]
    )


@inlined_kernel
def price_of_using(data: SearchData, state: State, worker: int) -> int:
    """Price the first visit of a route beyond the detour: fixed cost, and the way from start to end."""
    return (
        data.workers[worker, FIXED_COST]
        + data.profiles[state.nodes[data.visits.shape[0] + worker, PROFILE], COST_PER_METRE]
        * state.nodes[data.visits.shape[0] + worker, LENGTH]
    )


@merged_kernel
def timed_insertion_cost(data: SearchData, state: State, before: int, visit: int, cost_of_way: int, limit: int) -> int:
    """Price a visit behind a node exactly by the shortest schedule of its route; `limit` where that is not less."""
    worker = int64(state.nodes[before, WORKER])
    count = lay_out_route(data, state, worker, before, visit)
    duration, _, overtime = cheapest_duration(data, state, worker, count)
    if duration == NEVER:
        return limit
    per_second = data.profiles[state.nodes[before, PROFILE], COST_PER_SECOND]
    cost = cost_of_way + per_second * (duration - state.routes[worker, DURATION])
    cost += overtime - state.routes[worker, OVERTIME] + data.dislikes[data.workers[worker, GROUP], visit]
    if state.routes[worker, VISITS] == 0:
        cost += price_of_using(data, state, worker)
    return min(cost, limit)
