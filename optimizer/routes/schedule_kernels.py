"""Decides when a worker who makes given visits in a given order leaves, serves, breaks and returns.

The kernels know times only: legs in seconds, windows, breaks, a shift. A *stage* is a point of the route: 0 is the
start, ``1 … n`` the visits, ``n + 1`` the end. The state at a stage is the number of breaks taken so far; per state
the earliest time is enough, because nothing later on the route is ever hurt by being earlier (the FIFO property).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, inlined_kernel, int64, kernel

NEVER: Final = 1 << 60
"""A time that is never reached; its negative is a deadline that cannot be met."""


class VisitTimes(NamedTuple):
    """When the visits may be served.

    Parameters
    ----------
    service_s
        ``(visits,)`` int64: how long each takes.
    first_window
        ``(visits + 1,)`` int64: where each visit's windows begin in the next two; each visit has at least one.
    window_start_s, window_end_s
        ``(windows,)`` int64: service may start between, both included.
    first_soft
        ``(visits + 1,)`` int64: where each visit's soft windows begin in the next two; most have none.
    soft_start_s, soft_end_s
        ``(soft windows,)`` int64: service should start between, both included.
    early_price, late_price
        ``(visits,)`` int64: cost units per hour by which the service starts before or after its nearest soft window.
    """

    service_s: NDArray[np.int64]
    first_window: NDArray[np.int64]
    window_start_s: NDArray[np.int64]
    window_end_s: NDArray[np.int64]
    first_soft: NDArray[np.int64]
    soft_start_s: NDArray[np.int64]
    soft_end_s: NDArray[np.int64]
    early_price: NDArray[np.int64]
    late_price: NDArray[np.int64]


class TimePrices(NamedTuple):
    """What the time of a route costs, in cost units per hour.

    The duration, the duration beyond a limit, and what lies after a moment have each a price; `NEVER` stands for no
    limit.
    """

    cost_per_hour: int
    soft_duration_s: int
    cost_per_extra_hour: int
    regular_end_s: int
    overtime_cost_per_hour: int


class WorkerTimes(NamedTuple):
    """When a worker may be on the route.

    Parameters
    ----------
    shift_start_s, shift_end_s
        The route lies inside.
    max_duration_s
        Longest route; `NEVER` where there is no limit.
    break_earliest_s, break_latest_s, break_duration_s
        ``(breaks,)`` int64: when each break may start, and its length.
    max_driving_s, rest_s
        Longest time on the road without a rest of at least the second; `NEVER` and 0 where there is no such rule.
    prices
        What the time costs.
    """

    shift_start_s: int
    shift_end_s: int
    max_duration_s: int
    break_earliest_s: NDArray[np.int64]
    break_latest_s: NDArray[np.int64]
    break_duration_s: NDArray[np.int64]
    max_driving_s: int
    rest_s: int
    prices: TimePrices


class Timing(NamedTuple):
    """When a route starts and ends, and which breaks lie on it.

    Parameters
    ----------
    start_s, end_s
        Leaving the start and reaching the end; `start_s` is `NEVER` where the order cannot be served in time.
    first_break, last_break
        Breaks ``first_break … last_break - 1`` lie on the route, those before it are taken before, the rest after.
    """

    start_s: int
    end_s: int
    first_break: int
    last_break: int


@njit(nogil=True, cache=True)
def cheapest_timing(
    order: NDArray[np.int64], legs_s: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes
) -> Timing:
    """Find the cheapest schedule of an order; among equals the shortest, then the one that ends first.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits.
    legs_s
        ``(n + 1,)`` int64: travel to each visit, with what comes before its service, and to the end.
    visits, worker
        Their times.

    Returns
    -------
    Timing
        With ``start_s == NEVER`` where the order cannot be served in time.
    """
    opening = openings(worker)
    closing = closings(worker)
    best = Timing(int64(NEVER), int64(NEVER), 0, 0)
    for first in range(len(opening)):
        for last in range(first, len(closing)):
            between = (opening[first], closing[last])
            start, end = _cheapest_between(order, legs_s, visits, worker, (first, last), between)
            if start != NEVER and is_cheaper((start, end), (best.start_s, best.end_s), worker.prices):
                best = Timing(start, end, first, last)
    return best


@allocating_inner_kernel
def _cheapest_between(
    order: NDArray[np.int64],
    legs_s: NDArray[np.int64],
    visits: VisitTimes,
    worker: WorkerTimes,
    taken: tuple[int, int],
    between: tuple[int, int],
) -> tuple[int, int]:
    """Find the cheapest schedule that holds exactly the breaks ``taken[0] … taken[1] - 1`` inside `between`.

    The earliest end E(s) never decreases with the start s, and no price falls with a longer duration or a later end.
    From the latest start that still makes E(s), one second more either shifts the whole route rigidly, in which case
    nothing waits and no later route is shorter, or makes some window or break miss its moment, in which case E jumps.
    So it is enough to go from jump to jump.
    """
    first, last = taken
    rigid = legs_s.sum()
    for visit in order:
        rigid += visits.service_s[visit]
    for number in range(first, last):
        rigid += worker.break_duration_s[number]
    best = (int64(NEVER), int64(NEVER))
    opening = np.full(len(worker.break_duration_s) + 1, NEVER)
    closing = np.full(len(opening), -NEVER)
    start = between[0]
    while start + rigid <= between[1]:
        opening[first] = start
        end = earliest_ready(order, legs_s, visits, worker, opening)[-1, last]
        if end > between[1]:
            break
        closing[last] = end
        start = latest_ready(order, legs_s, visits, worker, closing)[0, first]
        if end - start <= worker.max_duration_s and is_cheaper((start, end), best, worker.prices):
            best = (start, end)
        if end - start == rigid:
            break
        start += 1
    return best


@allocating_inner_kernel
def is_cheaper(one: tuple[int, int], other: tuple[int, int], prices: TimePrices) -> bool:
    """Tell whether a route with one start and end is cheaper than another, or as cheap and shorter, or ends first."""
    if other[0] == NEVER:
        return True
    first = (price_of_time(one, prices), one[1] - one[0], one[1])
    second = (price_of_time(other, prices), other[1] - other[0], other[1])
    return first < second


@allocating_inner_kernel
def price_of_time(times: tuple[int, int], prices: TimePrices) -> int:
    """Price start and end of a route, in cost units times 3600."""
    duration_s = times[1] - times[0]
    price = prices.cost_per_hour * duration_s
    price += prices.cost_per_extra_hour * max(0, duration_s - prices.soft_duration_s)
    price += prices.overtime_cost_per_hour * max(0, times[1] - prices.regular_end_s)
    return price


@allocating_inner_kernel
def is_priced_by_time(prices: TimePrices) -> bool:
    """Tell whether the schedule of a route changes its cost."""
    return max(prices.cost_per_hour, prices.cost_per_extra_hour, prices.overtime_cost_per_hour) > 0


@njit(nogil=True, cache=True)
def openings(worker: WorkerTimes) -> NDArray[np.int64]:
    """Compute when a route may start at the earliest if its first breaks were taken before: ``(breaks + 1,)`` int64."""
    opening = np.full(len(worker.break_duration_s) + 1, worker.shift_start_s)
    for taken_before in range(1, len(opening)):
        over = worker.break_earliest_s[taken_before - 1] + worker.break_duration_s[taken_before - 1]
        opening[taken_before] = max(opening[taken_before], over)
    return opening


@njit(nogil=True, cache=True)
def closings(worker: WorkerTimes) -> NDArray[np.int64]:
    """Compute when a route must end if only its first breaks lie on it or before: ``(breaks + 1,)`` int64."""
    closing = np.full(len(worker.break_duration_s) + 1, worker.shift_end_s)
    for taken in range(len(closing) - 1):
        closing[taken] = min(closing[taken], worker.break_latest_s[taken])
    return closing


@njit(nogil=True, cache=True)
def earliest_ready(
    order: NDArray[np.int64],
    legs_s: NDArray[np.int64],
    visits: VisitTimes,
    worker: WorkerTimes,
    opening: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Compute the earliest time at which each stage is left, per number of breaks taken.

    Parameters
    ----------
    order, legs_s, visits, worker
        As in `cheapest_timing`.
    opening
        ``(breaks + 1,)`` int64: when the route starts, per number of breaks taken before; `NEVER` where it does not.

    Returns
    -------
    ndarray
        ``(n + 2, breaks + 1)`` int64: end of service of a visit, arrival at the end; `NEVER` where not possible.
    """
    states = len(opening)
    ready = np.empty((len(order) + 2, states), np.int64)
    for taken in range(states):
        ready[0, taken] = opening[taken]
    for stage in range(1, len(ready)):
        for now in range(states):
            arrival = int64(NEVER)
            for before in range(now + 1):
                left = ready[stage - 1, before]
                if left < NEVER:
                    arrival = min(arrival, end_of_leg(left, legs_s[stage - 1], before, now, worker))
            if arrival < NEVER and stage <= len(order):
                arrival = end_of_service(arrival, order[stage - 1], visits)
            ready[stage, now] = arrival
    return ready


@njit(nogil=True, cache=True)
def latest_ready(
    order: NDArray[np.int64],
    legs_s: NDArray[np.int64],
    visits: VisitTimes,
    worker: WorkerTimes,
    closing: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Compute the latest time at which each stage must be begun, per number of breaks taken until then.

    Parameters
    ----------
    order, legs_s, visits, worker
        As in `cheapest_timing`.
    closing
        ``(breaks + 1,)`` int64: when the route must end, per number of breaks taken until then; ``-NEVER`` where it
        cannot.

    Returns
    -------
    ndarray
        ``(n + 2, breaks + 1)`` int64: leaving the start, start of service of a visit, arrival at the end; ``-NEVER``
        where not possible.
    """
    states = len(closing)
    ready = np.empty((len(order) + 2, states), np.int64)
    for taken in range(states):
        ready[-1, taken] = closing[taken]
    for stage in range(len(order), -1, -1):
        for now in range(states):
            leave = int64(-NEVER)
            for after in range(now, states):
                deadline = ready[stage + 1, after]
                if deadline > -NEVER:
                    leave = max(leave, latest_leave(deadline, legs_s[stage], now, after, worker))
            if leave > -NEVER and stage > 0:
                leave = latest_start_of_service(leave, order[stage - 1], visits)
            ready[stage, now] = leave
    return ready


@kernel
def end_of_leg(leave_s: int, travel_s: int, first: int, last: int, worker: WorkerTimes) -> int:
    """Compute when a leg and the breaks ``first … last - 1`` on it are over; `NEVER` where a break comes too late."""
    clock = leave_s
    ready = leave_s + travel_s
    for number in range(first, last):
        begin = max(clock, worker.break_earliest_s[number])
        if begin > worker.break_latest_s[number]:
            return NEVER
        clock = begin + worker.break_duration_s[number]
        ready = max(ready + worker.break_duration_s[number], clock)
    return ready


@kernel
def latest_leave(deadline_s: int, travel_s: int, first: int, last: int, worker: WorkerTimes) -> int:
    """Compute when a leg with breaks on it must be begun at the latest; ``-NEVER`` where it cannot be done."""
    leave = deadline_s - travel_s
    limit = deadline_s
    for number in range(last - 1, first - 1, -1):
        limit = min(worker.break_latest_s[number], limit - worker.break_duration_s[number])
        if limit < worker.break_earliest_s[number]:
            return -NEVER
        leave -= worker.break_duration_s[number]
    return min(leave, limit)


@inlined_kernel
def end_of_service(arrival_s: int, visit: int, visits: VisitTimes) -> int:
    """Compute when a visit is over if the worker is ready for it at a moment; `NEVER` after its last window."""
    for window in range(visits.first_window[visit], visits.first_window[visit + 1]):
        if arrival_s <= visits.window_end_s[window]:
            return max(arrival_s, int(visits.window_start_s[window])) + int(visits.service_s[visit])
    return NEVER


@allocating_inner_kernel
def latest_start_of_service(leave_s: int, visit: int, visits: VisitTimes) -> int:
    """Compute the latest start of service that allows to leave by a moment; ``-NEVER`` before its first window."""
    start_s = leave_s - int(visits.service_s[visit])
    for window in range(visits.first_window[visit + 1] - 1, visits.first_window[visit] - 1, -1):
        if start_s >= visits.window_start_s[window]:
            return min(start_s, int(visits.window_end_s[window]))
    return -NEVER
