"""Prices the insertion of a visit at one position: a lower bound first, and what is worth a closer look exactly.

A position that is looked at closely is overlooked now and then, as in the recreate of Christiaens & Vanden Berghe
(2020), section 5.2 (see `optimizer.search.ruin_kernels`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64, merged_kernel
from optimizer.search.bond_kernels import keeps_bonds
from optimizer.search.duration_kernels import cheapest_duration, lay_out_route
from optimizer.search.linking_kernels import soft_cost, soft_cost_now
from optimizer.search.node_time_kernels import fits
from optimizer.search.random_kernels import uniform
from optimizer.search.search_data import (
    CAPACITY,
    COST_PER_METRE,
    COST_PER_SECOND,
    FIRST_PLACE,
    FIXED_COST,
    GROUP,
    LENGTH,
    LOAD,
    MAX_LENGTH,
    MAX_TRAVEL,
    MAX_VISITS,
    METRES,
    NEVER,
    NEXT,
    PLACE,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    SOFT,
    TIMED,
    TRAVEL,
    WORKER,
    SearchData,
)
from optimizer.search.state import (
    DURATION,
    OVERTIME,
    RIGID,
    ROUTE_LENGTH,
    ROUTE_LOAD,
    ROUTE_TRAVEL,
    UNTIL_BLINK,
    VISITS,
    State,
)

_MEAN_BETWEEN_BLINKS = 99.5


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
    seconds_in, seconds_out = int64(data.legs_from[before_row, SECONDS]), int64(data.legs_to[after_row, SECONDS])
    seconds = seconds_in + seconds_out - nodes[before, TRAVEL]
    if not has_room(data, state, before, visit, metres, seconds):
        return limit
    if not fits(data, nodes, before, visit, after, seconds_in, seconds_out):
        return limit
    if data.workers[worker, TIMED]:
        cost_of_way = metres * data.profiles[nodes[before, PROFILE], COST_PER_METRE]
        return timed_insertion_cost(data, state, before, visit, (cost_of_way, metres, seconds), limit)
    if data.workers[worker, SOFT]:
        price += soft_cost_with(data, state, worker, metres, seconds, int64(0)) - soft_cost_now(data, state, worker)
    return min(price, limit)


@inner_kernel
def soft_cost_with(data: SearchData, state: State, worker: int, metres: int, seconds: int, duration_s: int) -> int:
    """Price what of a route is beyond its soft limits with one more visit, given what it adds and the new duration."""
    route = state.routes[worker]
    return soft_cost(
        data.workers,
        worker,
        route[VISITS] + 1,
        route[ROUTE_LENGTH] + metres,
        route[ROUTE_TRAVEL] + seconds,
        duration_s,
    )


@inlined_kernel
def blinks(state: State) -> bool:
    """Tell whether this position is overlooked: by chance, one in a hundred ([1]_ of the ruin, section 5.2)."""
    state.counters[UNTIL_BLINK] -= 1
    if state.counters[UNTIL_BLINK] > 0:
        return False
    state.counters[UNTIL_BLINK] = 1 + int(-math.log(uniform(state.random)) * _MEAN_BETWEEN_BLINKS)
    return True


@merged_kernel
def has_room(data: SearchData, state: State, before: int, visit: int, metres: int, seconds: int) -> bool:
    """Tell whether the worker may serve the visit and keeps the limits of visits, load, length and time on the road."""
    worker = state.nodes[before, WORKER]
    route, limits = state.routes, data.workers
    return (
        data.allowed[limits[worker, GROUP], visit]
        and route[worker, VISITS] < limits[worker, MAX_VISITS]
        and route[worker, ROUTE_LOAD] + data.visits[visit, LOAD] <= limits[worker, CAPACITY]
        and route[worker, ROUTE_LENGTH] + metres <= limits[worker, MAX_LENGTH]
        and route[worker, ROUTE_TRAVEL] + seconds <= limits[worker, MAX_TRAVEL]
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
def timed_insertion_cost(
    data: SearchData, state: State, before: int, visit: int, more: tuple[int, int, int], limit: int
) -> int:
    """Price a visit behind a node exactly by the cheapest schedule of its route; `limit` where that is not less.

    What the way costs more, and its metres and seconds more, are given.
    """
    cost_of_way, metres, seconds = more
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
    if data.workers[worker, SOFT]:
        cost += soft_cost_with(data, state, worker, metres, seconds, duration) - soft_cost_now(data, state, worker)
    return min(cost, limit)
