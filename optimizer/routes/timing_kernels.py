"""Decides which of the three schedulers times a route: by its rests, by its soft windows, or by neither.

Most problems have neither, and the kernels for them take as long to compile as all others of a route together. So they
are called at their addresses, and compiled only for problems that may need them.
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
    tuple_type,
)
from optimizer.routes.kernel_addresses import KernelAddresses
from optimizer.routes.rest_kernels import address_of_rests, needs_rest
from optimizer.routes.route_stages_kernels import stages_of_route
from optimizer.routes.schedule_kernels import NEVER, cheapest_timing
from optimizer.routes.soft_rest_kernels import timing_of_stages
from optimizer.routes.soft_window_kernels import address_of_soft_windows, has_soft_windows, soft_cost, soft_timing_at
from optimizer.routes.way_kernels import RouteLegs


class PricedTiming(NamedTuple):
    """When a route starts and ends at the least cost, `NEVER` where it cannot, and what its soft windows cost."""

    start_s: int
    end_s: int
    soft_cost: int


@allocating_inner_kernel
def plain_timing(order: NDArray[np.int64], legs: RouteLegs, visits: Any, worker: Any) -> PricedTiming:  # noqa: ANN401 - see above
    """Time a route without rests and soft windows; the arguments are those of `priced_timing`."""
    timing = cheapest_timing(order, legs.seconds, visits.times, worker.times)
    return PricedTiming(timing.start_s, timing.end_s, int64(0))


@allocating_kernel
def rested_timing(order: NDArray[np.int64], legs: RouteLegs, visits: Any, worker: Any) -> PricedTiming:  # noqa: ANN401 - see above
    """Time a route on which rests are due; the arguments are those of `priced_timing`."""
    stages = stages_of_route(order, legs, visits, worker)
    rested = timing_of_stages(stages, worker.times, visits.kernels)
    cost = soft_cost(stages.order, rested.service_s, stages.times) if rested.start_s != NEVER else 0
    return PricedTiming(rested.start_s, rested.end_s, cost)


@allocating_kernel
def soft_timing(order: NDArray[np.int64], legs: RouteLegs, visits: Any, worker: Any) -> PricedTiming:  # noqa: ANN401 - see above
    """Time a route with soft windows on which no rests are due; the arguments are those of `priced_timing`."""
    soft = soft_timing_at(visits.kernels.soft_windows, order, legs.seconds, visits.times, worker.times)
    cost = soft_cost(order, soft.service_s, visits.times) if soft.start_s != NEVER else 0
    return PricedTiming(soft.start_s, soft.end_s, cost)


@inner_kernel
def rests_are_due(legs: RouteLegs, worker: Any) -> bool:  # noqa: ANN401 - see above
    """Tell whether a worker must rest on a route, or take a break instead."""
    return needs_rest(_travel_s_of(legs), worker.times)


@inner_kernel
def _travel_s_of(legs: RouteLegs) -> int:
    total = int64(0)
    for travel_s in legs.travel_s:
        total += travel_s
    return total


_TIMING = tuple_type(PricedTiming, INT64, INT64, INT64)
_call_at = caller_of(_TIMING)


def with_rules(
    kernels: KernelAddresses,
    visits: Any,  # noqa: ANN401 - see above
    worker: Any,  # noqa: ANN401 - see above
    *,
    has_rests: bool,
    has_soft_windows: bool,
) -> KernelAddresses:
    """Compile what a problem needs to time its routes by rests or soft windows, and note where that is."""
    numbers = np.empty(0, np.int64)
    legs = RouteLegs(numbers, numbers, numbers, np.empty(0, np.bool_))
    if has_rests:
        kernels = kernels._replace(
            rested_timing=address_of(rested_timing, _TIMING, numbers, legs, visits, worker),
            rests=address_of_rests(visits.times, worker.times),
        )
    if has_soft_windows:
        kernels = kernels._replace(
            soft_timing=address_of(soft_timing, _TIMING, numbers, legs, visits, worker),
            soft_windows=address_of_soft_windows(visits.times, worker.times),
        )
    return kernels


def priced_timing(order: NDArray[np.int64], legs: RouteLegs, visits: Any, worker: Any) -> PricedTiming:  # noqa: ANN401 - `VisitArrays` and `WorkerArrays` stand above
    """Time a route by the rules that its problem has.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits; at least one.
    legs
        Its legs.
    visits, worker
        The arrays of `optimizer.routes.route_kernels`.

    Returns
    -------
    PricedTiming
        The cheapest.
    """
    if rests_are_due(legs, worker):
        return rested_timing(order, legs, visits, worker)
    return (soft_timing if has_soft_windows(order, visits.times) else plain_timing)(order, legs, visits, worker)


@overload(priced_timing, jit_options={"nogil": True})
def _compiled_priced_timing(order: Any, legs: Any, visits: Any, worker: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
    """Call the scheduler at its address where there is one."""

    def call(order: Any, legs: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401 - the same names
        if rests_are_due(legs, worker):
            return _call_at(visits.kernels.rested_timing, (order, legs, visits, worker))
        if has_soft_windows(order, visits.times):
            return _call_at(visits.kernels.soft_timing, (order, legs, visits, worker))
        return plain_timing(order, legs, visits, worker)

    return call
