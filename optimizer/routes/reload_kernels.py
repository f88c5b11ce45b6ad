"""Decides between which visits of a route the worker comes by the depot to load anew.

As seldom as the loads allow, and of the possibilities that are left where it takes the least time: a shortest path over
the trips that fit, as in the split of a giant tour [1]_. What a delivery has on board stays there meanwhile.

Few problems have reloads, so what leads routes by the depot is called at its address (`ReloadArrays.kernel`), and
compiled only for these.

References
----------
.. [1] Prins, C. (2004). A simple and effective evolutionary algorithm for the vehicle routing problem. Computers &
       Operations Research 31(12), section 3.2. https://doi.org/10.1016/S0305-0548(03)00158-8
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from optimizer.kernel import (
    INT64,
    address_of,
    allocating_inner_kernel,
    allocating_kernel,
    caller_of,
    inner_kernel,
    int64,
)
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.way_kernels import OPEN, RouteLegs, way_between

ONE_RELOAD = int64(1 << 40)
"""More seconds than any way takes: fewer reloads come before less time."""


class ReloadArrays(NamedTuple):
    """Where a worker loads anew (`OPEN` for nowhere), how long, how often at most on one route, and at what cost.

    `kernel` is the address of `lead_by_the_depot`.
    """

    location: int
    duration_s: int
    max_reloads: int
    cost: int
    kernel: int


NOWHERE = ReloadArrays(OPEN, 0, 0, 0, 0)
"""Of a worker who does not reload."""


@allocating_kernel
def lead_by_the_depot(legs: RouteLegs, order: NDArray[np.int64], visits: Any, worker: Any) -> int:  # noqa: ANN401 - see above
    """Lead some legs by way of the depot, where that makes the loads fit; how many there are."""
    if most_on_board(order, visits) <= worker.max_load:
        return 0
    count = len(order)
    detour_s = np.full(count, NEVER)
    for leg in range(1, count):
        seconds, _, _ = leg_by_the_depot(order, leg, visits, worker)
        if seconds < NEVER:
            detour_s[leg] = seconds - legs.seconds[leg] if legs.seconds[leg] < NEVER else seconds
    came_from, last = cheapest_trips(order, legs, detour_s, visits, worker)
    reloads = 0
    begin = last
    while begin > 0:
        reloads += 1
        begin = came_from[begin]
    if last < 0 or reloads > worker.reload.max_reloads:
        return 0
    begin = last
    while begin > 0:
        legs.seconds[begin], legs.travel_s[begin], legs.metres[begin] = leg_by_the_depot(order, begin, visits, worker)
        legs.reloads[begin] = True
        begin = came_from[begin]
    return reloads


@allocating_inner_kernel
def leg_by_the_depot(order: NDArray[np.int64], leg: int, visits: Any, worker: Any) -> tuple[int, int, int]:  # noqa: ANN401 - see above
    """Compute seconds, travel seconds and metres of a leg between two visits by way of the depot; `NEVER` if none."""
    here, there = visits.location[order[leg - 1]], visits.location[order[leg]]
    there_s, there_m = way_between(here, worker.reload.location, worker)
    back_s, back_m = way_between(worker.reload.location, there, worker)
    if max(there_s, back_s) >= NEVER:
        return NEVER, NEVER, NEVER
    seconds = there_s + worker.reload.duration_s + back_s
    if worker.reload.location != there:
        seconds += visits.setup_s[order[leg]]
    return seconds, there_s + back_s, there_m + back_m


@allocating_inner_kernel
def cheapest_trips(
    order: NDArray[np.int64],
    legs: RouteLegs,
    detour_s: NDArray[np.int64],
    visits: Any,  # noqa: ANN401 - see above
    worker: Any,  # noqa: ANN401 - see above
) -> tuple[NDArray[np.int64], int]:
    """Divide a route into trips that fit: where the trip before each one begins, and where the last does (-1: none)."""
    count = len(order)
    cost = np.full(count, NEVER)
    came_from = np.zeros(count, np.int64)
    cost[0] = 0
    last, last_cost = -1, int64(NEVER)
    brought = 0
    for begin in range(count):
        own, on_the_way, peak = 0, brought, brought
        brought += visits.boarded[order[begin]]
        if cost[begin] == NEVER:
            continue
        for place in range(begin, count):
            if place > begin and legs.metres[place] == NEVER:
                break
            own += visits.load[order[place]]
            on_the_way += visits.boarded[order[place]]
            peak = max(peak, on_the_way)
            if own + peak > worker.max_load:
                break
            if place + 1 == count:
                if cost[begin] < last_cost:
                    last, last_cost = begin, cost[begin]
            elif detour_s[place + 1] < NEVER:
                longer = cost[begin] + ONE_RELOAD + detour_s[place + 1]
                if longer < cost[place + 1]:
                    cost[place + 1], came_from[place + 1] = longer, begin
    return came_from, last


@allocating_inner_kernel
def most_on_board(order: NDArray[np.int64], visits: Any) -> int:  # noqa: ANN401 - see above
    """Compute the most that is on board of a route at any time, without any reload."""
    on_board, most, own = 0, 0, 0
    for visit in order:
        own += visits.load[visit]
        on_board += visits.boarded[visit]
        most = max(most, on_board)
    return int(most + own)


@allocating_inner_kernel
def fits_on_board(legs: RouteLegs, order: NDArray[np.int64], visits: Any, worker: Any) -> bool:  # noqa: ANN401 - see above
    """Tell whether what is on board fits at any time, given the legs of `with_reloads`: they reload only if it does."""
    for is_reloaded in legs.reloads:
        if is_reloaded:
            return True
    return bool(most_on_board(order, visits) <= worker.max_load)


@inner_kernel
def cost_of_reloads(reload: ReloadArrays, legs: RouteLegs) -> int:
    """Price the reloads of a route, given the legs of `with_reloads`."""
    cost = int64(0)
    for is_reloaded in legs.reloads:
        if is_reloaded:
            cost += reload.cost
    return cost


_call_at = caller_of(INT64)


def address_of_reloads(visits: Any, worker: Any) -> int:  # noqa: ANN401 - `VisitArrays` and `WorkerArrays` stand above
    """Compile what leads routes by the depot, and tell where it is."""
    numbers = np.empty(0, np.int64)
    legs = RouteLegs(numbers, numbers, numbers, np.empty(0, np.bool_))
    return address_of(lead_by_the_depot, INT64, legs, numbers, visits, worker)


def with_reloads(legs: RouteLegs, order: NDArray[np.int64], visits: Any, worker: Any) -> RouteLegs:  # noqa: ANN401 - as above
    """Lead the legs of a route by way of the depot where the loads need it.

    Parameters
    ----------
    legs
        The legs without reloads; they are changed.
    order, visits, worker
        The route, and the arrays of `optimizer.routes.route_kernels`.

    Returns
    -------
    RouteLegs
        Unchanged where no reload is needed, or where none helps.
    """
    if worker.reload.location != OPEN:
        lead_by_the_depot(legs, order, visits, worker)
    return legs


@overload(with_reloads, jit_options={"nogil": True})
def _compiled_with_reloads(legs: Any, order: Any, visits: Any, worker: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
    """Call what leads routes by the depot at its address."""

    def call(legs: Any, order: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401 - the same names
        if worker.reload.location != OPEN:
            _call_at(worker.reload.kernel, (legs, order, visits, worker))
        return legs

    return call
