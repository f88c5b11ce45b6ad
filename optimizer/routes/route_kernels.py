"""Decides whether one worker can make given visits in a given order, and what the route costs.

`NEVER` stands for a limit that is not set and for the cost of a route that is not possible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload
from numpy.typing import NDArray

from optimizer.kernel import (
    INT64,
    address_of,
    allocating_inner_kernel,
    allocating_kernel,
    caller_of,
    inlined_kernel,
    inner_kernel,
    int64,
    tuple_type,
)
from optimizer.routes.kernel_addresses import KernelAddresses
from optimizer.routes.reload_kernels import ReloadArrays, cost_of_reloads, fits_on_board, with_reloads
from optimizer.routes.schedule_kernels import NEVER, TimePrices, VisitTimes, WorkerTimes
from optimizer.routes.timing_kernels import priced_timing
from optimizer.routes.way_kernels import RouteLegs, way_between

# Not plain numbers: each of those would be a type of its own for the compiler.
_HOUR_S = int64(3600)
_KM_M = int64(1000)

POSSIBLE = 0
NO_WAY = 1
TOO_MANY_VISITS = 2
TOO_MUCH_LOAD = 3
TOO_FAR = 4
TOO_MUCH_TRAVEL = 5
WRONG_COMPANY = 6
OUT_OF_TIME = 7

ALONE = -1
"""In `VisitArrays.partner`: the visit belongs to no delivery."""

NOT_BEFORE = 1
"""In `VisitArrays.company`: the one visit may not come before the other on a route."""
DIRECTLY_BEFORE = 2
"""In `VisitArrays.company`: where both are on a route, the other follows the one directly."""


class VisitArrays(NamedTuple):
    """The visits as one worker makes them.

    Parameters
    ----------
    location, load, setup_s
        ``(visits,)`` int64.
    extra_cost
        ``(visits,)`` int64: cost units where this worker serves the visit.
    company
        ``(visits, visits)`` int8: what the order of two visits on one route must be, 0 where it is free; ``(0, 0)``
        where all are free.
    partner
        ``(visits,)`` int64: the other visit of its delivery, or `ALONE`.
    boarded
        ``(visits,)`` int64: what comes on board of a delivery there, negative where it leaves.
    times
        Service times of this worker, and windows.
    kernels
        Where kernels are that others call at their addresses.
    """

    location: NDArray[np.int64]
    load: NDArray[np.int64]
    setup_s: NDArray[np.int64]
    extra_cost: NDArray[np.int64]
    company: NDArray[np.int8]
    partner: NDArray[np.int64]
    boarded: NDArray[np.int64]
    times: VisitTimes
    kernels: KernelAddresses


class RoutePrices(NamedTuple):
    """What a route costs beside its time: prices in cost units, and the limits beyond which the extra ones hold."""

    fixed_cost: int
    cost_per_km: int
    soft_visits: int
    cost_per_extra_visit: int
    soft_distance_m: int
    cost_per_extra_km: int
    soft_travel_s: int
    cost_per_extra_travel_hour: int


class WorkerArrays(NamedTuple):
    """One worker: ``(locations, locations)`` travel, ends (`OPEN`), limits (`NEVER` where none), times and prices."""

    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    start_location: int
    end_location: int
    max_visits: int
    max_load: int
    max_distance_m: int
    max_travel_s: int
    times: WorkerTimes
    prices: RoutePrices
    reload: ReloadArrays


class RouteTotals(NamedTuple):
    """What the price of a route depends on; `extra_cost` is the sum over its visits, their soft windows included."""

    visits: int
    distance_m: int
    travel_s: int
    duration_s: int
    end_s: int
    extra_cost: int


class RouteValue(NamedTuple):
    """Whether a route is possible (`POSSIBLE`, or the first limit that it breaks) and its cost in cost units."""

    verdict: int
    cost: int


@allocating_kernel
def value_of_route(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteValue:
    """Check every rule about one route but who may serve what, and compute the cost of the cheapest schedule.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits; empty for a route that is not used, which costs nothing.
    visits, worker
        Their arrays.

    Returns
    -------
    RouteValue
        The limits are tried in the order of their codes.
    """
    if len(order) == 0:
        return RouteValue(POSSIBLE, 0)
    legs = legs_of_route(order, visits, worker)
    _, travel_s, distance_m = sums_of_legs(legs)
    if distance_m == NEVER:
        return RouteValue(NO_WAY, NEVER)
    verdict = POSSIBLE
    if len(order) > worker.max_visits:
        verdict = TOO_MANY_VISITS
    elif not fits_on_board(legs, order, visits, worker):
        verdict = TOO_MUCH_LOAD
    elif distance_m > worker.max_distance_m:
        verdict = TOO_FAR
    elif travel_s > worker.max_travel_s:
        verdict = TOO_MUCH_TRAVEL
    elif not keeps_company(order, visits.company) or has_half_delivery(order, visits.partner):
        verdict = WRONG_COMPANY
    if verdict != POSSIBLE:
        return RouteValue(verdict, NEVER)
    timing = priced_timing(order, legs, visits, worker)
    if timing.start_s == NEVER:
        return RouteValue(OUT_OF_TIME, NEVER)
    extra_cost = sum_over(order, visits.extra_cost) + timing.soft_cost + cost_of_reloads(worker.reload, legs)
    duration_s = timing.end_s - timing.start_s
    totals = RouteTotals(len(order), distance_m, travel_s, duration_s, timing.end_s, extra_cost)
    return RouteValue(POSSIBLE, cost_of_totals(totals, worker.prices, worker.times.prices))


_VALUE = tuple_type(RouteValue, INT64, INT64)
_call_at = caller_of(_VALUE)


def address_of_value(visits: VisitArrays, worker: WorkerArrays) -> int:
    """Compile `value_of_route`, and tell where it is."""
    return address_of(value_of_route, _VALUE, np.empty(0, np.int64), visits, worker)


def value_at(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteValue:
    """Find what `value_of_route` does; kernels call it at its address."""
    return value_of_route(order, visits, worker)


@overload(value_at, jit_options={"nogil": True})
def _compiled_value_at(order: Any, visits: Any, worker: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
    def call(order: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401 - the same names
        return _call_at(visits.kernels.value, (order, visits, worker))

    return call


@inner_kernel
def cost_of_totals(totals: RouteTotals, prices: RoutePrices, time_prices: TimePrices) -> int:
    """Price a route with visits; each term that is a price times a time or a distance is rounded half up."""
    cost = prices.fixed_cost + totals.extra_cost
    cost += _price(totals.duration_s, time_prices.cost_per_hour, _HOUR_S)
    cost += _price(totals.distance_m, prices.cost_per_km, _KM_M)
    cost += prices.cost_per_extra_visit * max(0, totals.visits - prices.soft_visits)
    cost += _price(totals.distance_m - prices.soft_distance_m, prices.cost_per_extra_km, _KM_M)
    cost += _price(totals.duration_s - time_prices.soft_duration_s, time_prices.cost_per_extra_hour, _HOUR_S)
    cost += _price(totals.travel_s - prices.soft_travel_s, prices.cost_per_extra_travel_hour, _HOUR_S)
    cost += _price(totals.end_s - time_prices.regular_end_s, time_prices.overtime_cost_per_hour, _HOUR_S)
    return cost


@inlined_kernel
def _price(amount: int, price: int, unit: int) -> int:
    """Multiply an amount, if there is any, by the price of a unit of it, and round half up."""
    if amount <= 0 or price == 0:
        return 0
    return (price * amount + unit // 2) // unit


@allocating_inner_kernel
def sum_over(order: NDArray[np.int64], amounts: NDArray[np.int64]) -> int:
    """Add up what the visits of a route have of something."""
    total = 0
    for visit in order:
        total += amounts[visit]
    return total


@allocating_inner_kernel
def keeps_company(order: NDArray[np.int64], company: NDArray[np.int8]) -> bool:
    """Tell whether the visits of a route may be on it together, in this order."""
    if len(company) == 0:
        return True
    for later in range(1, len(order)):
        for earlier in range(later):
            rule = company[order[earlier], order[later]]
            if rule == NOT_BEFORE or (rule == DIRECTLY_BEFORE and later != earlier + 1):
                return False
    return True


@allocating_inner_kernel
def has_half_delivery(order: NDArray[np.int64], partner: NDArray[np.int64]) -> bool:
    """Tell whether a visit of a route is there without the other one of its delivery."""
    halves = 0
    for visit in order:
        if partner[visit] != ALONE:
            halves += 1
            for other in order:
                halves -= other == partner[visit]
    return halves > 0


@allocating_inner_kernel
def joins_company(order: NDArray[np.int64], visit: int, position: int, company: NDArray[np.int8]) -> bool:
    """Tell whether a visit may be put into a route, that keeps the rules about company, at a position."""
    if len(company) == 0:
        return True
    if 0 < position < len(order) and company[order[position - 1], order[position]] == DIRECTLY_BEFORE:
        return False
    for place in range(position):
        rule = company[order[place], visit]
        if rule == NOT_BEFORE or (rule == DIRECTLY_BEFORE and place != position - 1):
            return False
    for place in range(position, len(order)):
        rule = company[visit, order[place]]
        if rule == NOT_BEFORE or (rule == DIRECTLY_BEFORE and place != position):
            return False
    return True


@njit(nogil=True, cache=True)
def legs_of_route(order: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays) -> RouteLegs:
    """Read the legs of a route."""
    count = len(order)
    seconds = np.empty(count + 1, np.int64)
    travel_s = np.empty(count + 1, np.int64)
    metres = np.empty(count + 1, np.int64)
    here = worker.start_location
    for leg in range(count + 1):
        there = visits.location[order[leg]] if leg < count else worker.end_location
        travel_s[leg], metres[leg] = way_between(here, there, worker)
        seconds[leg] = travel_s[leg]
        if leg < count and (leg == 0 or here != there):
            seconds[leg] += visits.setup_s[order[leg]]
        here = there
    legs = RouteLegs(seconds, travel_s, metres, np.zeros(count + 1, np.bool_))
    return with_reloads(legs, order, visits, worker)


@allocating_inner_kernel
def sums_of_legs(legs: RouteLegs) -> tuple[int, int, int]:
    """Add up seconds, travel seconds and metres; `NEVER` metres where there is no way on one leg."""
    seconds, travel_s, metres = 0, 0, 0
    for leg in range(len(legs.metres)):
        if legs.metres[leg] == NEVER:
            return 0, 0, NEVER
        seconds += legs.seconds[leg]
        travel_s += legs.travel_s[leg]
        metres += legs.metres[leg]
    return seconds, travel_s, metres
