"""Inserts visits one after the other where each costs least, blinking now and then.

This is the recreate of Christiaens & Vanden Berghe (2020), section 5.2 (see `optimizer.search.ruin_kernels`), with
positions next to promising neighbours only, and given up as soon as the plan can no longer be accepted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, int64, kernel, merged_kernel
from optimizer.search.bond_kernels import person_of_mates
from optimizer.search.insertion_price_kernels import price_behind, settled_price, way_from
from optimizer.search.linking_kernels import put_behind
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.node_time_kernels import states_of
from optimizer.search.random_kernels import uniform
from optimizer.search.search_data import (
    CLOSE,
    EARLIEST,
    FIRST_VISIT,
    GROUP,
    METRES,
    MORE_WINDOWS,
    NEVER,
    NEXT,
    OPEN,
    PERSON,
    PREVIOUS,
    PROFILE,
    SECONDS,
    SERVICE,
    UNSERVED,
    WORKER,
    SearchData,
)
from optimizer.search.state import ABSENT, REMOVED, TRIED, VISITS, State

_WIDE_SEARCH_SHARE = 0.02


@inner_kernel
def recreate(data: SearchData, state: State, around: Neighbourhood, change: int, limit: int, risk: int) -> int:
    """Insert the removed visits or leave them out.

    Parameters
    ----------
    data, state, around
        The plan and where to look.
    change
        Change of cost so far; the removed visits are not in it.
    limit
        Give up once the change would not stay below.
    risk
        By how much a visit may cost more than it brings. A way, or a route, may pay for several visits together only.

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
        most, may_stay_out = min(unserved + risk, limit - change), unserved <= limit - change
        before = cheapest_position(data, state, around, visit, most)
        if before < 0 and may_stay_out and uniform(state.random) < _WIDE_SEARCH_SHARE:
            before = cheapest_of_all_positions(data, state, visit, most)
        if before >= 0:
            change += put_behind(data, state, before, visit)
        elif may_stay_out:
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
    nodes = state.nodes
    count = int64(0)
    person = person_of_mates(data, nodes, visit)
    if person >= 0:
        for worker in range(data.workers.shape[0]):
            if data.workers[worker, PERSON] == person:
                count = try_route(data, state, worker, visit, count)
    else:
        count = try_near(data, state, around, visit)
        count = try_unused_routes(data, state, visit, count)
    return first_of_cheapest(data, state, visit, count, limit)


@merged_kernel
def try_near(data: SearchData, state: State, around: Neighbourhood, visit: int) -> int:
    """Begin the list TRIED with the positions next to near visits that time does not rule out; how long it is."""
    nodes, tried, prices = state.nodes, state.lists[TRIED], state.prices
    times = last_closing(data, nodes, visit), int64(nodes[visit, OPEN]), int64(nodes[visit, SERVICE])
    count = reached_in_time(nodes, around.predecessors[visit], around.soonest_s[visit], times, states_of(data), tried)
    for j in range(count):
        k = int64(tried[j])
        before = int64(around.predecessors[visit, k])
        row = data.profiles[nodes[before, PROFILE], FIRST_VISIT] + visit
        way_in = around.ways_in[row, k, SECONDS], around.ways_in[row, k, METRES]
        tried[j] = before
        prices[j] = price_behind(data, state, before, visit, way_in)
    first = count
    count = begins_of_routes(nodes, around.successors[visit], data.visits.shape[0], tried, first)
    for j in range(first, count):
        before = int64(tried[j])
        prices[j] = price_behind(data, state, before, visit, way_from(data, nodes, before, visit))
    return count


@kernel
def reached_in_time(
    nodes: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    soonest_s: NDArray[np.int32],
    times: tuple[int, int, int],
    states: int,
    tried: NDArray[np.int32],
) -> int:
    """List the neighbours behind which a visit may be in time, whatever breaks there are, by their number.

    What is ruled out here costs no look at the way from the visit on, which comes from a table too large for the
    processor's caches. Which planned neighbours remain is as good as random, so no jump depends on it. This is
    compiled by itself, and counts without a sign, because it takes a third of all time: so it has the registers for
    itself, and no number has to be looked at for being negative.

    Parameters
    ----------
    nodes
        The node table.
    neighbours, soonest_s
        The row of the visit in the tables of `optimizer.search.neighbourhood.Neighbourhood`.
    times
        Last closing, first opening and service of the visit in seconds.
    states
        As of `optimizer.search.node_time_kernels.states_of`.
    tried
        What is written.

    Returns
    -------
    int
        How many there are.
    """
    closing, opening, service = times
    latest_column = EARLIEST + states
    count = np.uintp(0)
    for k in range(neighbours.shape[0]):
        before = np.uintp(neighbours[k])
        if nodes[before, WORKER] < 0:
            continue
        after = np.uintp(nodes[before, NEXT])
        departure, latest = nodes[before, EARLIEST], nodes[after, np.uintp(latest_column)]
        for taken in range(1, states):
            departure = min(departure, nodes[before, np.uintp(EARLIEST + taken)])
            latest = max(latest, nodes[after, np.uintp(latest_column + taken)])
        arrival = int64(departure) + soonest_s[k]
        tried[count] = k
        count += np.uintp((arrival <= closing) & (max(arrival, opening) + service <= latest))
    return int64(int(count))


@inner_kernel
def begins_of_routes(
    nodes: NDArray[np.int32], successors: NDArray[np.int32], visits: int, tried: NDArray[np.int32], count: int
) -> int:
    """Add to a list the starts of those routes whose first visit is a near successor; how long it is then."""
    for k in range(successors.shape[0]):
        before = int64(nodes[np.uintp(successors[k]), PREVIOUS])
        if before >= visits:
            tried[np.uintp(count)] = before
            count += 1
    return count


@inlined_kernel
def last_closing(data: SearchData, nodes: NDArray[np.int32], visit: int) -> int:
    """Find the end of the last window of a visit."""
    closing = int64(nodes[visit, CLOSE])
    row = nodes[visit, MORE_WINDOWS]
    if row >= 0:
        while data.windows[row, 0] < NEVER:
            closing = int64(data.windows[row, 1])
            row += 1
    return closing


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
    return first_of_cheapest(data, state, visit, count, limit)


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


@inlined_kernel
def first_of_cheapest(data: SearchData, state: State, visit: int, count: int, limit: int) -> int:
    """Find the first of the cheapest of the positions in the list TRIED at which the visit fits; -1 if none."""
    best = int64(-1)
    for k in range(count):
        if state.prices[k] < limit:
            before = int64(state.lists[TRIED, k])
            cost = settled_price(data, state, before, visit, state.prices[k], limit)
            if cost < limit:
                limit, best = cost, before
    return best
