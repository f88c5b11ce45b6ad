"""Decides when a worker rests who may drive only so long without a break, such as 45 minutes in any 4.5 hours.

The state of a stage (`optimizer.routes.schedule_kernels`) has one number more: how long the worker has been driving
since the last rest. Earlier is better and so is less, so a stage keeps the pairs of which neither beats the other. On a
leg the worker drives on until a break must begin or a rest is due. Breaks of the worker that are as long as a rest are
one. Rests that come sooner than they are due are tried on arrival only, where they may fill waiting; so the times are
feasible, and the shortest except where a rest taken in the middle of a leg, long before it is due, would save another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.kernel import (
    ARRAY,
    INT64,
    TABLE,
    address_of,
    allocating_inner_kernel,
    at_address,
    int64,
    tuple_type,
)
from optimizer.routes.rest_walk_kernels import (
    RestChoice,
    RestLegs,
    RestTiming,
    most_pauses,
    no_timing,
    walk_leg,
    walk_route,
)
from optimizer.routes.schedule_kernels import (
    NEVER,
    VisitTimes,
    WorkerTimes,
    closings,
    end_of_service,
    is_cheaper,
    latest_leave,
    latest_start_of_service,
    openings,
)

_WIDTH: Final = 6
"""Most pairs of time and driving that a stage keeps."""
_MOST_JUMPS: Final = 24


class _Labels(NamedTuple):
    """Per stage, breaks taken and place in the list: time, driving since the last rest, and where that came from."""

    ready_s: NDArray[np.int64]
    driven_s: NDArray[np.int64]
    came_from: NDArray[np.int64]


@njit(nogil=True, cache=True)
def needs_rest(travel_s: int, worker: WorkerTimes) -> bool:
    """Tell whether a route with so much time on the road needs a look at rests at all."""
    return travel_s > worker.max_driving_s


@njit(nogil=True, cache=True)
def cheapest_rest_timing(
    order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes
) -> RestTiming:
    """Find a cheap schedule of an order with its rests.

    Parameters
    ----------
    order
        ``(n,)`` int64: the visits; at least one.
    legs
        Its legs.
    visits, worker
        Their times.

    Returns
    -------
    RestTiming
        With ``start_s == NEVER`` where no schedule was found.
    """
    best = (NEVER, NEVER, 0, 0)
    opening, closing = openings(worker), closings(worker)
    for first in range(len(opening)):
        for last in range(first, len(closing)):
            start_s, step_s, before_s = opening[first], 1, NEVER
            for _ in range(_MOST_JUMPS):
                end_s, latest_s = _end_and_latest_start(order, legs, visits, worker, (start_s, first, last))
                if end_s > closing[last]:
                    break
                if latest_s > start_s:
                    again = _end_and_latest_start(order, legs, visits, worker, (latest_s, first, last))
                    if again[0] == end_s:
                        start_s = latest_s
                if end_s - start_s <= worker.max_duration_s and is_cheaper(
                    (start_s, end_s), (best[0], best[1]), worker.prices
                ):
                    best = (start_s, end_s, first, last)
                # Where the whole route shifts with its start, nothing gets better until something waits or is missed.
                step_s = 2 * step_s if end_s - start_s == before_s else 1
                before_s = end_s - start_s
                start_s += step_s
    if best[0] == NEVER:
        return no_timing()
    return walk_route(order, legs, visits, worker, _chosen(order, legs, visits, worker, best))


_TIMING = tuple_type(RestTiming, INT64, INT64, ARRAY, ARRAY, TABLE, tuple_type(RestChoice, INT64, ARRAY, ARRAY, ARRAY))


def address_of_rests(visits: VisitTimes, worker: WorkerTimes) -> int:
    """Compile `cheapest_rest_timing`, and tell where it is."""
    order = np.empty(0, np.int64)
    return address_of(cheapest_rest_timing, _TIMING, order, RestLegs(order, order), visits, worker)


rest_timing_at: Callable[..., RestTiming] = at_address(cheapest_rest_timing, _TIMING, allocates=True)
"""Finds what `cheapest_rest_timing` does, given its address first."""


@allocating_inner_kernel
def _labels_of(
    order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes, begin: tuple[int, int]
) -> _Labels:
    """Go forward from a start and the breaks taken before it."""
    stages, states = len(order) + 2, len(worker.break_duration_s) + 1
    labels = _Labels(
        np.full((stages, states, _WIDTH), NEVER),
        np.zeros((stages, states, _WIDTH), np.int64),
        np.zeros((stages, states, _WIDTH, 3), np.int64),
    )
    labels.ready_s[0, begin[1], 0] = begin[0]
    pauses = np.empty((most_pauses(legs, worker), 2), np.int64)
    for stage in range(1, stages):
        leg_s = (legs.travel_s[stage - 1], legs.seconds[stage - 1])
        for before in range(begin[1], states):
            for place in range(_WIDTH):
                left_s, driven = labels.ready_s[stage - 1, before, place], labels.driven_s[stage - 1, before, place]
                if left_s == NEVER:
                    break
                due = max(0, (driven + leg_s[0] - 1) // worker.max_driving_s)
                for now in range(before, states):
                    for rests in range(due + 2):
                        ready, after, _, _ = walk_leg((left_s, driven), leg_s, (before, now), rests, worker, pauses)
                        if ready < NEVER and stage <= len(order):
                            ready = end_of_service(ready, order[stage - 1], visits)
                        if ready < NEVER:
                            _keep(labels, (stage, now), (ready, after), (before, place, rests))
    return labels


@allocating_inner_kernel
def _keep(labels: _Labels, at: tuple[int, int], pair: tuple[int, int], came_from: tuple[int, int, int]) -> None:
    """Put a pair into the list of its stage, sorted by time, unless another one is as good; drop those it beats."""
    ready_s, driven_s, origin = labels.ready_s[at], labels.driven_s[at], labels.came_from[at]
    place = 0
    while place < _WIDTH and (ready_s[place], driven_s[place]) <= pair:
        if driven_s[place] <= pair[1]:
            return
        place += 1
    if place == _WIDTH:
        return
    for index in range(_WIDTH - 1, place, -1):
        ready_s[index], driven_s[index], origin[index] = ready_s[index - 1], driven_s[index - 1], origin[index - 1]
    ready_s[place], driven_s[place] = pair
    origin[place, 0], origin[place, 1], origin[place, 2] = came_from
    free = place + 1
    for index in range(place + 1, _WIDTH):
        if ready_s[index] < NEVER and driven_s[index] < pair[1]:
            ready_s[free], driven_s[free], origin[free] = ready_s[index], driven_s[index], origin[index]
            free += 1
    ready_s[free:] = NEVER


@allocating_inner_kernel
def _end_and_latest_start(
    order: NDArray[np.int64],
    legs: RestLegs,
    visits: VisitTimes,
    worker: WorkerTimes,
    begin: tuple[int, int, int],
) -> tuple[int, int]:
    """Return the earliest end for a start, and until when the start may wait if the rests stay on their legs."""
    start_s, first, last = begin
    labels = _labels_of(order, legs, visits, worker, (start_s, first))
    end_s = labels.ready_s[-1, last, 0]
    if end_s == NEVER:
        return NEVER, start_s
    deadline, state, place = end_s, last, 0
    for stage in range(len(order) + 1, 0, -1):
        before, came, rests = labels.came_from[stage, state, place]
        if stage <= len(order):
            deadline = latest_start_of_service(deadline, order[stage - 1], visits)
        leg_s = legs.seconds[stage - 1] + rests * worker.rest_s
        deadline = latest_leave(deadline, leg_s, before, state, worker)
        if deadline == -NEVER:
            return end_s, start_s
        state, place = before, came
    return end_s, deadline


@allocating_inner_kernel
def _chosen(
    order: NDArray[np.int64],
    legs: RestLegs,
    visits: VisitTimes,
    worker: WorkerTimes,
    best: tuple[int, int, int, int],
) -> RestChoice:
    """Trace back the breaks and rests of a route of which start, end, and the breaks before and on it are chosen."""
    start_s, _, first, last = best
    labels = _labels_of(order, legs, visits, worker, (start_s, first))
    count = len(order)
    taken, rests, begin_s = np.empty(count + 2, np.int64), np.empty(count + 1, np.int64), np.empty(count, np.int64)
    begin_s[:] = -NEVER
    taken[count + 1] = last
    place = 0
    for stage in range(count + 1, 0, -1):
        origin = labels.came_from[stage, taken[stage], place]
        taken[stage - 1], place, rests[stage - 1] = origin[0], origin[1], origin[2]
    return RestChoice(int64(start_s), taken, rests, begin_s)
