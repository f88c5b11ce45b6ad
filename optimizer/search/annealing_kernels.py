"""Runs iterations of ruin and recreate under simulated annealing."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inner_kernel, int64, kernel, merged_kernel
from optimizer.search.linking_kernels import insert_visit, take_back
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.node_time_kernels import states_of
from optimizer.search.random_kernels import below, uniform
from optimizer.search.recreate_kernels import cheapest_of_all_positions, recreate
from optimizer.search.ruin_kernels import has_long_routes, ruin
from optimizer.search.search_data import NEXT, NO_LIMIT, PREVIOUS, UNSERVED, WORKER, SearchData
from optimizer.search.segment_exchange_kernels import exchange_segments
from optimizer.search.state import (
    ABSENT,
    BEST_COST,
    BEST_NEXT,
    CHANGED_NODES,
    CHANGED_ROUTES,
    COST,
    ITERATION,
    KEPT_ABSENT,
    REMOVED,
    UNTIL_BLINK,
    State,
)
from optimizer.search.tail_exchange_kernels import exchange_tails

ITERATIONS_OF_ONE_TEMPERATURE = 64
RETRIED_AT_ONCE = 8
_SEGMENTS_SHARE = 0.5
"""Of the exchanges of a refining. Earlier on, plans with long routes then settle too soon on who goes where."""
_RISKY_SHARE = 0.02
"""Of the iterations around an absent visit: how often visits go where they cost more than they bring at first."""
_LOOKED_AT = 64
"""Of how many absent visits those near the removed ones are retried: where most are absent, all would take long."""


class Annealing(NamedTuple):
    """How the annealing goes.

    Parameters
    ----------
    mean_removed, longest_string, exchanged_share
        As in `optimizer.search.options`; where `mean_removed` is 0, nothing is.
    hottest, coldest
        First and last temperature of each round in fine units of cost.
    rounds
        How often the temperature falls from one to the other.
    refining_from
        Share of all iterations after which the best plan of several rounds is refined; 1 where that is not done.
    refinings
        How often it is refined.
    warmest
        First temperature of each refining, which ends with the coldest.
    retried
        How many absent visits are tried again in each iteration, at most.
    """

    mean_removed: float
    longest_string: float
    exchanged_share: float
    hottest: float
    coldest: float
    rounds: int
    refining_from: float
    refinings: int
    warmest: float
    retried: int = RETRIED_AT_ONCE


ONLY_INSERTING = Annealing(
    mean_removed=0.0,
    longest_string=1.0,
    exchanged_share=0.0,
    hottest=1.0,
    coldest=1.0,
    rounds=1,
    refining_from=1.0,
    refinings=1,
    warmest=1.0,
    retried=NO_LIMIT,
)
"""Inserts, in one iteration, whatever is absent and can be inserted."""


@kernel
def insert_given(
    data: SearchData, state: State, visits: NDArray[np.int64], workers: NDArray[np.int64], retried: int
) -> None:
    """Put absent visits into the plan, some where they are wanted and others where they pay.

    Parameters
    ----------
    data, state
        The problem, and a plan.
    visits, workers
        Visits that are put at the ends of their workers' routes, in this order.
    retried
        How many of the absent visits that are left then are inserted wherever it pays, see `insert_what_pays`.
    """
    begin_iteration(state)
    change = put_at_ends(data, state, visits, workers)
    accept(state, change + insert_what_pays(data, state, retried))


@merged_kernel
def put_at_ends(data: SearchData, state: State, visits: NDArray[np.int64], workers: NDArray[np.int64]) -> int:
    """Put absent visits at the ends of their workers' routes, in the order given; the change of cost."""
    lists, counters = state.lists, state.counters
    change = int64(0)
    for k in range(visits.shape[0]):
        end = data.visits.shape[0] + data.workers.shape[0] + workers[k]
        change += insert_visit(data, state, int64(state.nodes[end, PREVIOUS]), visits[k])
        change -= data.visits[visits[k], UNSERVED]
    count = 0
    for k in range(counters[ABSENT]):
        if state.nodes[lists[ABSENT, k], WORKER] < 0:
            lists[ABSENT, count] = lists[ABSENT, k]
            count += 1
    counters[ABSENT] = count
    return change


@merged_kernel
def insert_what_pays(data: SearchData, state: State, retried: int) -> int:
    """Insert absent visits, the dearest first, after trying every position of each without overlooking any.

    Again and again, because a visit on a shorter way makes room for others where there is no triangle inequality.
    """
    lists, counters = state.lists, state.counters
    until_blink = counters[UNTIL_BLINK]
    counters[UNTIL_BLINK] = NO_LIMIT
    change = int64(0)
    is_over = retried == 0
    while not is_over:
        is_over = True
        counters[REMOVED] = 0
        change += retry_absent(data, state, retried)
        for k in range(counters[REMOVED]):
            dearest = k
            for other in range(k + 1, counters[REMOVED]):
                if data.visits[lists[REMOVED, other], UNSERVED] > data.visits[lists[REMOVED, dearest], UNSERVED]:
                    dearest = other
            visit = int64(lists[REMOVED, dearest])
            lists[REMOVED, dearest] = lists[REMOVED, k]
            unserved = data.visits[visit, UNSERVED]
            before = cheapest_of_all_positions(data, state, visit, unserved)
            if before >= 0:
                change += insert_visit(data, state, before, visit)
                is_over = False
            else:
                lists[ABSENT, counters[ABSENT]] = visit
                counters[ABSENT] += 1
                change += unserved
    counters[UNTIL_BLINK] = until_blink
    return change


@kernel
def anneal(
    data: SearchData, state: State, around: Neighbourhood, annealing: Annealing, iterations: int, planned: float
) -> None:
    """Run some iterations.

    Parameters
    ----------
    data, state, around, annealing
        The plan, where to look, and how.
    iterations
        How many now.
    planned
        How many there will be in all: the temperature falls with the share of them that is over, in each round anew.
    """
    temperature, segments_share = annealing.hottest, 0.0
    for k in range(iterations):
        if k % ITERATIONS_OF_ONE_TEMPERATURE == 0:
            progress = min(1.0, state.counters[ITERATION] / planned)
            temperature = temperature_at(annealing, progress)
            segments_share = _SEGMENTS_SHARE if annealing.refining_from <= progress < 1 else 0.0
        iterate(data, state, around, annealing, temperature, segments_share)


@merged_kernel
def temperature_at(annealing: Annealing, progress: float) -> float:
    """Return the temperature when a share of all iterations is over."""
    hottest, times, begin, end = annealing.hottest, annealing.rounds, 0.0, annealing.refining_from
    if progress >= end and end < 1:
        hottest, times, begin, end = annealing.warmest, annealing.refinings, end, 1.0
    progress = times * (progress - begin) / (end - begin)
    progress -= min(times - 1, int(progress))
    return hottest * (annealing.coldest / hottest) ** progress


@merged_kernel
def iterate(
    data: SearchData,
    state: State,
    around: Neighbourhood,
    annealing: Annealing,
    temperature: float,
    segments_share: float,
) -> None:
    """Ruin and recreate once, or exchange; keep the outcome unless it costs too much more for the temperature."""
    begin_iteration(state)
    limit = int(-temperature * math.log(uniform(state.random))) + 1
    center = below(state.random, data.visits.shape[0])
    if uniform(state.random) < annealing.exchanged_share and state.nodes[center, WORKER] >= 0:
        if takes_segments(data, state, annealing.longest_string, segments_share):
            change = exchange_segments(data, state, around, center, limit)
        else:
            change = exchange_tails(data, state, around, center, limit)
        if change < limit:
            accept(state, change)
        else:
            take_back(data, state)
        return
    change, risk = int64(0), int64(0)
    absent = keep_absent(state)
    if annealing.mean_removed == 0:
        change += retry_absent(data, state, annealing.retried)
    else:
        if state.nodes[center, WORKER] < 0 and uniform(state.random) < _RISKY_SHARE:
            risk = int64(NO_LIMIT)
        change = ruin(data, state, around, center, annealing.mean_removed, annealing.longest_string)
        if change < NO_LIMIT:
            change += retry_near(data, state, around, center, annealing.retried)
    if change < NO_LIMIT:
        change = recreate(data, state, around, change, limit, risk)
    if change < limit:
        accept(state, change)
    else:
        take_back(data, state)
        state.counters[ABSENT] = absent
        for k in range(absent):
            state.lists[ABSENT, k] = state.lists[KEPT_ABSENT, k]


@merged_kernel
def takes_segments(data: SearchData, state: State, longest_string: float, share: float) -> bool:
    """Tell by chance whether segments are exchanged, not tails: where routes are long, without breaks or bonds."""
    if share == 0.0 or not has_long_routes(state, longest_string):
        return False
    return states_of(data) == 1 and data.bonds.shape[0] == 0 and uniform(state.random) < share


@kernel
def begin_iteration(state: State) -> None:
    """Forget what the iteration before has changed."""
    counters = state.counters
    counters[ITERATION] += 1
    counters[REMOVED] = 0
    counters[CHANGED_NODES] = 0
    counters[CHANGED_ROUTES] = 0


@merged_kernel
def keep_absent(state: State) -> int:
    """Put the list of absent visits aside; its length."""
    count = state.counters[ABSENT]
    for k in range(count):
        state.lists[KEPT_ABSENT, k] = state.lists[ABSENT, k]
    return count


@merged_kernel
def retry_near(data: SearchData, state: State, around: Neighbourhood, center: int, most: int) -> int:
    """Move absent visits near the center of a ruin to the removed; the change of cost.

    Those far from where room was just made fit no better than before.
    """
    lists, counters = state.lists, state.counters
    change = 0
    at = below(state.random, counters[ABSENT] + 1)
    for _ in range(min(_LOOKED_AT, counters[ABSENT])):
        last = counters[ABSENT] - 1
        if at > last:
            at = 0
        visit = lists[ABSENT, at]
        if not around.is_near[center, visit]:
            at += 1
            continue
        lists[ABSENT, at] = lists[ABSENT, last]
        counters[ABSENT] = last
        lists[REMOVED, counters[REMOVED]] = visit
        counters[REMOVED] += 1
        change -= data.visits[visit, UNSERVED]
        most -= 1
        if most == 0:
            break
    return change


@inner_kernel
def retry_absent(data: SearchData, state: State, most: int) -> int:
    """Move absent visits, chosen by chance where there are more than `most`, to the removed; the change of cost."""
    lists, counters = state.lists, state.counters
    change = 0
    for _ in range(min(most, counters[ABSENT])):
        last = counters[ABSENT] - 1
        chosen = below(state.random, last + 1)
        visit = lists[ABSENT, chosen]
        lists[ABSENT, chosen] = lists[ABSENT, last]
        counters[ABSENT] = last
        lists[REMOVED, counters[REMOVED]] = visit
        counters[REMOVED] += 1
        change -= data.visits[visit, UNSERVED]
    return change


@kernel
def accept(state: State, change: int) -> None:
    """Go on from the plan as it is now, and remember it if it is the best."""
    counters = state.counters
    counters[COST] += change
    if counters[COST] < counters[BEST_COST]:
        counters[BEST_COST] = counters[COST]
        for node in range(state.nodes.shape[0]):
            state.lists[BEST_NEXT, node] = state.nodes[node, NEXT]
