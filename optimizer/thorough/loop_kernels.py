"""The loop of the search that knows every rule: ruin, recreate, and the decision whether to go on from there."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inner_kernel, int64, kernel, merged_kernel
from optimizer.routes.route_kernels import ALONE
from optimizer.routes.schedule_kernels import NEVER
from optimizer.search.random_kernels import below, uniform
from optimizer.thorough.changing_routes_kernels import (
    EXTRA_COST,
    NOBODY,
    POSITION,
    UNKNOWN,
    RoutesInWork,
    is_known,
    keep_changes,
    look_for_place,
    put_in,
    take_changes_back,
    take_out,
)
from optimizer.thorough.ruin_kernels import RuinOptions, RuinRoom, SearchRules, choose_removed, suits_others

# Entries of `ThoroughState.counters`.
COST: Final = 0
BEST_COST: Final = 1
ABSENT: Final = 2

_AS_IT_COMES: Final = 0
"""Number of the way to order visits that needs no key."""
_RISKY_SHARE: Final = 0.05
"""Of the iterations in which left-out visits are tried: how often they go where they cost more than they bring."""
_ANY_COST: Final = NEVER // 2
"""More than any visit costs, and less than an impossible one with its worth."""


class RecreateOptions(NamedTuple):
    """How visits are put back.

    Parameters
    ----------
    temperature
        In cost units.
    blink_share
        Probability that a route is overlooked.
    retried
        How many of the visits that are left out are tried again.
    order_noise
        By which share the key of a visit is made larger or smaller where they are ordered.
    order_shares
        ``(ways,)`` float64: how often visits come in any order, and how often by each key, added up to 1.
    """

    temperature: float
    blink_share: float
    retried: int
    order_noise: float
    order_shares: NDArray[np.float64]


class ThoroughState(NamedTuple):
    """A plan under change, and the best one.

    Parameters
    ----------
    work
        The routes.
    rules
        What is not about one route alone.
    ruin
        Room for what is removed.
    keys
        ``(ways - 1, visits)`` float64: visits are put in by these, the least first.
    absent
        ``(visits,)`` int64: the visits that are left out, deliveries by their pickups.
    wanted, left
        ``(visits,)`` int64: what is to be put in now, and for what there was no room.
    rank
        ``(visits,)`` float64: by which the first are ordered.
    waiting
        ``(workers,)`` int64: on whose routes a place has still to be looked for.
    best_orders, best_length
        As in `ChangingRoutes`.
    counters
        ``(3,)`` int64: cost with what is left out, the same of the best plan, and how many are left out.
    random
        ``(1,)`` uint64.
    """

    work: RoutesInWork
    rules: SearchRules
    ruin: RuinRoom
    keys: NDArray[np.float64]
    absent: NDArray[np.int64]
    wanted: NDArray[np.int64]
    left: NDArray[np.int64]
    rank: NDArray[np.float64]
    waiting: NDArray[np.int64]
    best_orders: NDArray[np.int64]
    best_length: NDArray[np.int64]
    counters: NDArray[np.int64]
    random: NDArray[np.uint64]


@kernel
def search_on(state: ThoroughState, ruin: RuinOptions, recreate: RecreateOptions, iterations: int) -> bool:
    """Ruin and recreate so many times.

    Parameters
    ----------
    state
        Is changed.
    ruin, recreate
        How.
    iterations
        How often.

    Returns
    -------
    bool
        Whether there is a new best plan.
    """
    is_better = False
    for _ in range(iterations):
        limit = -recreate.temperature * math.log(uniform(state.random))
        removed = choose_removed(state.work.routes, state.rules, state.ruin, ruin, state.random)
        is_possible, change = take_out(state.work, state.ruin.removed[:removed])
        retried = left = 0
        if is_possible:
            retried = min(recreate.retried, state.counters[ABSENT])
            wanted = _choose_wanted(state, removed, retried)
            _order_wanted(state, recreate, wanted)
            is_risky = retried > 0 and uniform(state.random) < _RISKY_SHARE
            risk = int64(_ANY_COST) if is_risky else int64(0)
            extra, left = _put_wanted_in(state, recreate, wanted, risk)
            change += extra
            for number in range(retried):
                change -= state.rules.worth[state.absent[state.counters[ABSENT] - 1 - number]]
        if not is_possible or change >= limit:
            take_changes_back(state.work)
            continue
        keep_changes(state.work)
        state.counters[ABSENT] -= retried
        for number in range(left):
            state.absent[state.counters[ABSENT] + number] = state.left[number]
        state.counters[ABSENT] += left
        state.counters[COST] += change
        if state.counters[COST] < state.counters[BEST_COST]:
            _remember_best(state)
            is_better = True
    return is_better


@merged_kernel
def _choose_wanted(state: ThoroughState, removed: int, retried: int) -> int:
    """List what was removed, deliveries by their pickups, and some of what is left out: how many they are.

    Those tried again are brought to the end of the list of what is left out.
    """
    wanted = 0
    for number in range(removed):
        visit = state.ruin.removed[number]
        if not state.rules.goes_along[visit]:
            state.wanted[wanted] = visit
            wanted += 1
    for number in range(retried):
        last = state.counters[ABSENT] - 1 - number
        chosen = below(state.random, last + 1)
        visit = state.absent[chosen]
        state.absent[chosen], state.absent[last] = state.absent[last], visit
        state.wanted[wanted] = visit
        wanted += 1
    return wanted


@merged_kernel
def _order_wanted(state: ThoroughState, recreate: RecreateOptions, wanted: int) -> None:
    """Put visits into any order, or into about that of a key."""
    way, drawn = 0, uniform(state.random)
    while way + 1 < len(recreate.order_shares) and drawn > recreate.order_shares[way]:
        way += 1
    for number in range(wanted):
        rank = uniform(state.random)
        if way != _AS_IT_COMES:
            key = state.keys[way - 1, state.wanted[number]]
            rank = key * (1.0 + recreate.order_noise * (2.0 * rank - 1.0))
        visit, place = state.wanted[number], number
        while place > 0 and state.rank[place - 1] > rank:
            state.rank[place], state.wanted[place] = state.rank[place - 1], state.wanted[place - 1]
            place -= 1
        state.rank[place], state.wanted[place] = rank, visit


@merged_kernel
def _put_wanted_in(state: ThoroughState, recreate: RecreateOptions, wanted: int, risk: int) -> tuple[int, int]:
    """Put visits in where they cost least: the change of cost, and for how many there was no room.

    They may cost more than they are worth by `risk`: a way, or a route, may pay for several together only.
    """
    change, left = int64(0), 0
    for number in range(wanted):
        visit = state.wanted[number]
        chosen = _cheapest_worker(state, visit, recreate.blink_share, risk)
        if chosen == NOBODY:
            state.left[left] = visit
            left += 1
            change += state.rules.worth[visit]
        else:
            change += put_in(state.work, visit, chosen)
    return change, left


@merged_kernel
def _cheapest_worker(state: ThoroughState, visit: int, blink_share: float, risk: int) -> int:
    """Choose on whose route a visit costs least, of those that are not overlooked; `NOBODY` where it costs too much.

    It costs too much from `risk` above its worth on.
    First those of whom it is known, then the one where it cost least when the route was another, then the rest: the
    sooner there is a low price, the sooner others are ruled out.
    """
    work, rules, found = state.work, state.rules, state.work.memory.found
    chosen, least = NOBODY, rules.worth[visit] + risk
    likely, likely_cost, waiting = NOBODY, int64(NEVER), 0
    for worker in range(len(work.routes.length)):
        if not rules.is_able[worker, visit] or uniform(state.random) < blink_share:
            continue
        if rules.is_bound[visit] and not _suits(state, visit, worker):
            continue
        cost = found[worker, visit, EXTRA_COST]
        if is_known(work, visit, worker, least):
            if cost < least:
                chosen, least = worker, cost
        else:
            state.waiting[waiting] = worker
            waiting += 1
            if cost < likely_cost:
                likely, likely_cost = worker, cost
    for number in range(-1, waiting):
        worker = likely if number < 0 else state.waiting[number]
        if worker != NOBODY and not is_known(work, visit, worker, least):
            look_for_place(work, visit, worker, least)
            if found[worker, visit, POSITION] != UNKNOWN and found[worker, visit, EXTRA_COST] < least:
                chosen, least = worker, found[worker, visit, EXTRA_COST]
    return chosen


@inner_kernel
def _suits(state: ThoroughState, visit: int, worker: int) -> bool:
    """Tell whether a visit, and the other one of its delivery, go along with what is on other routes."""
    routes, partner = state.work.routes, state.work.team.visits.partner[visit]
    if not suits_others(routes, state.rules, visit, worker):
        return False
    return partner == ALONE or suits_others(routes, state.rules, partner, worker)


@merged_kernel
def _remember_best(state: ThoroughState) -> None:
    routes = state.work.routes
    for worker in range(len(routes.length)):
        state.best_length[worker] = routes.length[worker]
        for place in range(routes.length[worker]):
            state.best_orders[worker, place] = routes.orders[worker, place]
    state.counters[BEST_COST] = state.counters[COST]
