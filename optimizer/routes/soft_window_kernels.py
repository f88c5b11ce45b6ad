"""Decides when a worker serves visits whose start has a price: early or late for the windows that customers prefer.

Waiting may pay here, and being late may. So the state of a stage (`optimizer.routes.schedule_kernels`) is a function:
the least cost at which the stage is left by a moment, per number of breaks taken. All these functions are piecewise
linear in the moment, on whole seconds, and never rise; a leg shifts them, a visit adds its price and takes the running
minimum. Costs are in cost units times 3600, so that prices per hour are slopes per second. The dynamic program is that
of [1]_ for convex penalties, with functions of any shape.

The start of the route enters as a price like any other, except where the duration is limited, or has a second price
beyond a limit: then start and end are tied, and each start that can be the best is tried by itself.

References
----------
.. [1] Ibaraki, T. et al. (2005). Effective local search algorithms for routing and scheduling problems with general
       time-window constraints. Transportation Science 39(2). https://doi.org/10.1287/trsc.1030.0085
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.kernel import (
    ARRAY,
    INT64,
    address_of,
    allocating_inner_kernel,
    at_address,
    tuple_type,
)
from optimizer.routes.schedule_kernels import NEVER, VisitTimes, WorkerTimes, closings, openings, price_of_time
from optimizer.routes.soft_window_pieces_kernels import (
    Pieces,
    after_leg,
    cheapest_start,
    constant_from,
    lower_of,
    no_pieces,
    price_of_start,
    ready_after_service,
    value_at,
)


class SoftTiming(NamedTuple):
    """When a route starts, serves and ends, and how many breaks have been taken by then.

    Parameters
    ----------
    start_s, end_s
        Leaving the start and reaching the end; `start_s` is `NEVER` where the order cannot be served in time.
    service_s
        ``(n,)`` int64: when each service starts.
    taken
        ``(n + 2,)`` int64: breaks taken by each stage, those before the route included.
    """

    start_s: int
    end_s: int
    service_s: NDArray[np.int64]
    taken: NDArray[np.int64]


@njit(nogil=True, cache=True)
def cheapest_soft_timing(
    order: NDArray[np.int64], legs_s: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes
) -> SoftTiming:
    """Find a cheapest schedule of an order, the price of the starts of its services included.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits; at least one.
    legs_s
        ``(n + 1,)`` int64: travel to each visit, with what comes before its service, and to the end.
    visits, worker
        Their times.

    Returns
    -------
    SoftTiming
        With ``start_s == NEVER`` where the order cannot be served in time.
    """
    free = _cheapest_from(order, legs_s, visits, worker, -NEVER)
    longest_s = worker.max_duration_s
    if worker.prices.cost_per_extra_hour > 0:
        longest_s = min(longest_s, worker.prices.soft_duration_s)
    if free.start_s == NEVER or free.end_s - free.start_s <= longest_s:
        return free
    best = SoftTiming(NEVER, NEVER, free.service_s, free.taken)
    best_price = NEVER
    for start_s in _possible_starts(order, legs_s, visits, worker):
        tried = _cheapest_from(order, legs_s, visits, worker, start_s)
        if tried.start_s != NEVER:
            price = price_of_times((tried.start_s, tried.end_s), tried.service_s, order, visits, worker)
            if price < best_price:
                best, best_price = tried, price
    return best


_TIMING = tuple_type(SoftTiming, INT64, INT64, ARRAY, ARRAY)


def address_of_soft_windows(visits: VisitTimes, worker: WorkerTimes) -> int:
    """Compile `cheapest_soft_timing`, and tell where it is."""
    numbers = np.empty(0, np.int64)
    return address_of(cheapest_soft_timing, _TIMING, numbers, numbers, visits, worker)


soft_timing_at: Callable[..., SoftTiming] = at_address(cheapest_soft_timing, _TIMING, allocates=True)
"""Finds what `cheapest_soft_timing` does, given its address first."""


@allocating_inner_kernel
def price_of_times(
    span_s: tuple[int, int],
    service_s: NDArray[np.int64],
    order: NDArray[np.int64],
    visits: VisitTimes,
    worker: WorkerTimes,
) -> int:
    """Price all of a route that depends on its start and end and on when services start, in cost units times 3600."""
    price = price_of_time(span_s, worker.prices)
    for place in range(len(order)):
        price += price_of_start(order[place], service_s[place], visits)
    return price


@allocating_inner_kernel
def soft_cost(order: NDArray[np.int64], service_s: NDArray[np.int64], visits: VisitTimes) -> int:
    """Price the starts of services in cost units: each is rounded half up."""
    cost = 0
    for place in range(len(order)):
        cost += (price_of_start(order[place], service_s[place], visits) + 1800) // 3600
    return cost


@njit(nogil=True, cache=True)
def has_soft_windows(order: NDArray[np.int64], visits: VisitTimes) -> bool:
    """Tell whether the start of any of some visits has a price."""
    count = 0
    for visit in order:
        count += visits.first_soft[visit + 1] - visits.first_soft[visit]
    return count > 0


@allocating_inner_kernel
def _cheapest_from(
    order: NDArray[np.int64], legs_s: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes, fixed_start_s: int
) -> SoftTiming:
    """Find a cheapest schedule that starts at a moment or later, or with ``-NEVER`` at any time.

    With a fixed start the duration counts from there: limits hold, and extra duration has its price.
    """
    states = len(worker.break_duration_s) + 1
    opening, is_free = openings(worker), fixed_start_s == -NEVER
    ready = [no_pieces()]
    ready.clear()
    for state in range(states):
        if is_free:
            ready.append(constant_from(opening[state], -worker.prices.cost_per_hour * opening[state]))
            ready[state].slope[0] = -worker.prices.cost_per_hour
        elif fixed_start_s >= opening[state]:
            ready.append(constant_from(fixed_start_s, 0))
        else:
            ready.append(no_pieces())
    for stage in range(1, len(order) + 1):
        for now in range(states):
            arrived = _arrival(ready, (stage - 1) * states, now, legs_s[stage - 1], worker)
            ready.append(ready_after_service(arrived, order[stage - 1], visits))
    end_s, taken, best = NEVER, 0, NEVER
    for now, closing_s in enumerate(closings(worker)):
        arrived = _arrival(ready, len(order) * states, now, legs_s[-1], worker)
        last_s = closing_s if is_free else min(closing_s, fixed_start_s + worker.max_duration_s)
        moment_s, price = _cheapest_end(arrived, last_s, worker, fixed_start_s)
        if price < best:
            end_s, taken, best = moment_s, now, price
    return _traced_back(ready, order, legs_s, visits, worker, (end_s, taken))


@allocating_inner_kernel
def _arrival(ready: list[Pieces], base: int, now: int, travel_s: int, worker: WorkerTimes) -> Pieces:
    """Combine the ways to be at the end of a leg with so many breaks taken, from any number before it."""
    arrived = no_pieces()
    for before in range(now + 1):
        shift_s, latest_s, earliest_s = _leg_with_breaks(before, now, travel_s, worker)
        arrived = lower_of(arrived, after_leg(ready[base + before], shift_s, latest_s, earliest_s))
    return arrived


@allocating_inner_kernel
def _leg_with_breaks(first: int, last: int, travel_s: int, worker: WorkerTimes) -> tuple[int, int, int]:
    """Describe a leg with the breaks ``first … last - 1``: its length, its latest start, and its earliest end."""
    shift_s, latest_s, earliest_s, before_s = travel_s, NEVER, -NEVER, 0
    for number in range(first, last):
        latest_s = min(latest_s, worker.break_latest_s[number] - before_s)
        before_s += worker.break_duration_s[number]
        earliest_s = max(earliest_s, worker.break_earliest_s[number]) + worker.break_duration_s[number]
    return shift_s + before_s, latest_s, earliest_s


@allocating_inner_kernel
def _cheapest_end(arrived: Pieces, last_s: int, worker: WorkerTimes, fixed_start_s: int) -> tuple[int, int]:
    """Find when to end, at the latest by a moment, and the whole price; `NEVER` where there is no end in time."""
    prices = worker.prices
    knees = [prices.regular_end_s, last_s]
    if fixed_start_s != -NEVER:
        knees.append(fixed_start_s + prices.soft_duration_s)
    best_s, best = NEVER, NEVER
    count = len(arrived.start_s)
    for index in range(count + len(knees)):
        # Linear in between: the least value lies at the beginning or the end of a piece, or at a knee of a price.
        for step in range(2):
            moment_s = (arrived.start_s[index] if index < count else knees[index - count]) - step
            if count == 0 or not arrived.start_s[0] <= moment_s <= last_s:
                continue
            price = value_at(arrived, moment_s) + prices.cost_per_hour * moment_s
            price += prices.overtime_cost_per_hour * max(0, moment_s - prices.regular_end_s)
            if fixed_start_s != -NEVER:
                price -= prices.cost_per_hour * fixed_start_s
                price += prices.cost_per_extra_hour * max(0, moment_s - fixed_start_s - prices.soft_duration_s)
            if price < best or (price == best and moment_s < best_s):
                best_s, best = moment_s, price
    return best_s, best


@allocating_inner_kernel
def _traced_back(
    ready: list[Pieces],
    order: NDArray[np.int64],
    legs_s: NDArray[np.int64],
    visits: VisitTimes,
    worker: WorkerTimes,
    end: tuple[int, int],
) -> SoftTiming:
    """Read the schedule off the functions, from its end and the breaks taken by then; everything as late as it may."""
    count, states = len(order), len(worker.break_duration_s) + 1
    service_s, taken = np.full(count, NEVER), np.zeros(count + 2, np.int64)
    moment_s, taken[-1] = end
    if moment_s == NEVER:
        return SoftTiming(NEVER, NEVER, service_s, taken)
    for stage in range(count + 1, 0, -1):
        now, base = taken[stage], (stage - 1) * states
        arrived = _arrival(ready, base, now, legs_s[stage - 1], worker)
        if stage <= count:
            visit = order[stage - 1]
            moment_s = cheapest_start(arrived, visit, visits, moment_s - visits.service_s[visit])
            service_s[stage - 1] = moment_s
        wanted = value_at(arrived, moment_s)
        for before in range(now, -1, -1):
            shift_s, latest_s, earliest_s = _leg_with_breaks(before, now, legs_s[stage - 1], worker)
            came = after_leg(ready[base + before], shift_s, latest_s, earliest_s)
            if len(came.start_s) > 0 and came.start_s[0] <= moment_s and value_at(came, moment_s) == wanted:
                taken[stage - 1] = before
                moment_s = min(moment_s - shift_s, latest_s)
                break
    return SoftTiming(moment_s, end[0], service_s, taken)


@allocating_inner_kernel
def _possible_starts(
    order: NDArray[np.int64], legs_s: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes
) -> NDArray[np.int64]:
    """List starts among which a best one is, where start and end are tied.

    In a vertex of the linear program that is left once windows and breaks are chosen, every moment hangs on a bound
    through a chain without waiting; the start also through the end, by one of the limits of the duration.
    """
    found = [worker.shift_start_s]
    durations = worker.break_duration_s
    states = len(durations) + 1
    limits = (worker.max_duration_s, worker.prices.soft_duration_s)
    for first in range(states):
        for last in range(first, states):
            paused_s = durations[first:last].sum()
            rigid_s = paused_s
            rest_s = legs_s.sum() + visits.service_s[order].sum() + paused_s
            for stage in range(len(order) + 2):
                if stage > 0:
                    rigid_s += legs_s[stage - 1]
                for bound_s in _bounds(stage, order, visits, worker):
                    found.append(bound_s - rigid_s)
                    for limit_s in limits:
                        found.append(bound_s + (rest_s - rigid_s) - limit_s)
                        found.append(bound_s + (rest_s - rigid_s) + paused_s - limit_s)
                if 0 < stage <= len(order):
                    rigid_s += visits.service_s[order[stage - 1]]
    starts = np.unique(np.array(found))
    return starts[(starts >= worker.shift_start_s) & (starts <= worker.shift_end_s)]


@allocating_inner_kernel
def _bounds(stage: int, order: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes) -> list[int]:
    """List the moments at which something changes for the start of a stage."""
    bounds = [worker.shift_start_s, worker.shift_end_s, worker.prices.regular_end_s]
    for number in range(len(worker.break_duration_s)):
        for moment_s in (worker.break_earliest_s[number], worker.break_latest_s[number]):
            bounds.append(moment_s)
            bounds.append(moment_s + worker.break_duration_s[number])
    if 0 < stage <= len(order):
        visit = order[stage - 1]
        for window in range(visits.first_window[visit], visits.first_window[visit + 1]):
            bounds.append(visits.window_start_s[window])
            bounds.append(visits.window_end_s[window])
        for window in range(visits.first_soft[visit], visits.first_soft[visit + 1]):
            bounds.append(visits.soft_start_s[window])
            bounds.append(visits.soft_end_s[window])
    return bounds
