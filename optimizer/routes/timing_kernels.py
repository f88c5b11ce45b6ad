"""Decides which of the three schedulers times a route: by its rests, by its soft windows, or by neither.

Most problems have neither, and the kernels for them take as long to compile as all others of a route together. So the
type of `VisitArrays.rules` says whether a problem may need them, and only where it may are they compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel
from optimizer.routes.rest_kernels import RestLegs, cheapest_rest_timing, needs_rest
from optimizer.routes.schedule_kernels import NEVER, VisitTimes, WorkerTimes, cheapest_timing
from optimizer.routes.soft_window_kernels import cheapest_soft_timing, has_soft_windows, soft_cost


class PricedTiming(NamedTuple):
    """When a route starts and ends at the least cost, `NEVER` where it cannot, and what its soft windows cost."""

    start_s: int
    end_s: int
    soft_cost: int


@allocating_inner_kernel
def plain_timing(order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes) -> PricedTiming:
    """Time a route without rests and soft windows; the arguments are those of `cheapest_rest_timing`."""
    timing = cheapest_timing(order, legs.seconds, visits, worker)
    return PricedTiming(timing.start_s, timing.end_s, 0)


@allocating_inner_kernel
def ruled_timing(order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes) -> PricedTiming:
    """Time any route; the arguments are those of `cheapest_rest_timing`."""
    if needs_rest(legs.travel_s.sum(), worker):
        rested = cheapest_rest_timing(order, legs, visits, worker)
        cost = soft_cost(order, rested.service_s, visits) if rested.start_s != NEVER else 0
        return PricedTiming(rested.start_s, rested.end_s, cost)
    if has_soft_windows(order, visits):
        soft = cheapest_soft_timing(order, legs.seconds, visits, worker)
        cost = soft_cost(order, soft.service_s, visits) if soft.start_s != NEVER else 0
        return PricedTiming(soft.start_s, soft.end_s, cost)
    return plain_timing(order, legs, visits, worker)


def priced_timing(
    rules: bool | None,  # noqa: FBT001 - no flag: there or not there
    order: NDArray[np.int64],
    legs: RestLegs,
    visits: VisitTimes,
    worker: WorkerTimes,
) -> PricedTiming:
    """Time a route by the rules that its problem has.

    Parameters
    ----------
    rules
        ``None`` where no worker rests and no visit has soft windows: in kernels the type decides.
    order, legs, visits, worker
        As in `optimizer.routes.rest_kernels.cheapest_rest_timing`.

    Returns
    -------
    PricedTiming
        The cheapest.
    """
    return (plain_timing if rules is None else ruled_timing)(order, legs, visits, worker)


@overload(priced_timing, jit_options={"nogil": True})
def _compiled_priced_timing(rules: Any, order: Any, legs: Any, visits: Any, worker: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
    """Choose the scheduler by the type of `rules` while a caller is compiled."""
    timing = plain_timing if isinstance(rules, types.NoneType) else ruled_timing

    def call(rules: Any, order: Any, legs: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401, ARG001 - the same names
        return timing(order, legs, visits, worker)

    return call
