"""Decides when a worker serves visits whose start has a price, on a route on which rests are due.

Where no rest is due, `optimizer.routes.soft_window_kernels` finds the cheapest times. Here it is asked twice: first as
if there were no rests, which says when the visits would best be served and what that costs at the least; then with the
rests where they lie in a schedule, as so much longer legs. Rests may fill the waiting that soft windows cause, so they
are also laid anew with no service before the times that were found best. Of all that is feasible the cheapest is
taken: mostly a best one, though none is promised.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, allocating_kernel
from optimizer.routes.kernel_addresses import KernelAddresses
from optimizer.routes.rest_kernels import rest_timing_at
from optimizer.routes.rest_walk_kernels import RestChoice, RestTiming, no_timing, walk_route
from optimizer.routes.route_stages_kernels import RouteStages
from optimizer.routes.schedule_kernels import NEVER, VisitTimes, WorkerTimes, closings
from optimizer.routes.soft_window_kernels import has_soft_windows, price_of_times, soft_timing_at

_ROUNDS: Final = 3
"""How often rests are laid anew."""


@allocating_kernel
def timing_of_stages(stages: RouteStages, worker: WorkerTimes, kernels: KernelAddresses) -> RestTiming:
    """Find a cheap schedule of a route on which rests are due.

    Parameters
    ----------
    stages
        The route.
    worker
        The times of its worker.
    kernels
        Where the two schedulers are.

    Returns
    -------
    RestTiming
        Of the stages; with ``start_s == NEVER`` where no schedule was found. Never dearer than the schedule with the
        cheapest hours.
    """
    order, legs, visits = stages.order, stages.legs, stages.times
    best = rest_timing_at(kernels.rests, order, legs, visits, worker)
    if best.start_s == NEVER or not has_soft_windows(order, visits):
        return best
    price = _price(best, order, visits, worker)
    wish = soft_timing_at(kernels.soft_windows, order, legs.seconds, visits, worker)
    least = price_of_times((wish.start_s, wish.end_s), wish.service_s, order, visits, worker)
    timing, opens_s = best, wish.service_s
    for number in range(_ROUNDS + 1):
        if timing.start_s != NEVER:
            for tried in (timing, _shifted(timing.choice, stages, worker, kernels)):
                tried_price = _price(tried, order, visits, worker)
                if tried_price < price:
                    best, price = tried, tried_price
        if price == least or number == _ROUNDS:
            break
        timing = rest_timing_at(kernels.rests, order, legs, _not_before(opens_s, visits), worker)
        opens_s = best.service_s
    return best


@allocating_inner_kernel
def _price(timing: RestTiming, order: NDArray[np.int64], visits: VisitTimes, worker: WorkerTimes) -> int:
    """Price all that depends on times, in cost units times 3600; `NEVER` of no schedule."""
    if timing.start_s == NEVER:
        return NEVER
    return price_of_times((timing.start_s, timing.end_s), timing.service_s, order, visits, worker)


@allocating_inner_kernel
def _shifted(choice: RestChoice, stages: RouteStages, worker: WorkerTimes, kernels: KernelAddresses) -> RestTiming:
    """Serve everything at the cheapest times, with as many rests on each leg as in a schedule; breaks may move."""
    legs = stages.legs
    longer_s = np.empty(len(legs.seconds), np.int64)
    for leg in range(len(longer_s)):
        longer_s[leg] = legs.seconds[leg] + choice.rests[leg] * worker.rest_s
    soft = soft_timing_at(kernels.soft_windows, stages.order, longer_s, stages.times, worker)
    if soft.start_s == NEVER:
        return no_timing()
    moved = RestChoice(soft.start_s, soft.taken, choice.rests, soft.service_s)
    timing = walk_route(stages.order, legs, stages.times, worker, moved)
    is_over = timing.end_s > closings(worker)[soft.taken[-1]]
    if is_over or timing.end_s - timing.start_s > worker.max_duration_s:
        return no_timing()
    return timing


@allocating_inner_kernel
def _not_before(begin_s: NDArray[np.int64], visits: VisitTimes) -> VisitTimes:
    """Open the windows of each visit at a moment at the earliest, one that lies in a window."""
    opens_s, closes_s = visits.window_start_s.copy(), visits.window_end_s.copy()
    for visit in range(len(begin_s)):
        for window in range(visits.first_window[visit], visits.first_window[visit + 1]):
            opens_s[window] = max(opens_s[window], begin_s[visit])
            if closes_s[window] < begin_s[visit]:
                closes_s[window] = -NEVER
    return VisitTimes(
        visits.service_s,
        visits.first_window,
        opens_s,
        closes_s,
        visits.first_soft,
        visits.soft_start_s,
        visits.soft_end_s,
        visits.early_price,
        visits.late_price,
    )
