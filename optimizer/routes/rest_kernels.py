"""Decides when a worker rests who may drive only so long without a break, such as 45 minutes in any 4.5 hours.

The state of a stage (`optimizer.routes.schedule_kernels`) has one number more: how long the worker has been driving
since the last rest. Earlier is better and so is less, so a stage keeps the pairs of which neither beats the other. On a
leg the worker drives on until a break must begin or a rest is due. Breaks of the worker that are as long as a rest are
one. Rests that come sooner than they are due are tried on arrival only, where they may fill waiting; so the times are
feasible, and the shortest except where a rest taken in the middle of a leg, long before it is due, would save another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload
from numpy.typing import NDArray

from optimizer.kernel import (
    ALLOCATING_OVERLOAD,
    ARRAY,
    INT64,
    TABLE,
    address_of,
    allocating_inner_kernel,
    caller_of,
    int64,
    tuple_type,
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

REST: Final = -1
"""Number of a pause that is a rest and none of the worker's breaks."""
_WIDTH: Final = 6
"""Most pairs of time and driving that a stage keeps."""
_MOST_JUMPS: Final = 24


class RestLegs(NamedTuple):
    """``(n + 1,)`` int64 seconds of the legs: with what comes before the service, and on the road alone."""

    seconds: NDArray[np.int64]
    travel_s: NDArray[np.int64]


class RestChoice(NamedTuple):
    """What is decided about a route.

    Parameters
    ----------
    start_s
        When it starts.
    taken
        ``(n + 2,)`` int64: breaks taken by each stage, those before the route included.
    rests
        ``(n + 1,)`` int64: how many rests lie on each leg.
    begin_s
        ``(n,)`` int64: no service starts before; ``-NEVER`` where it starts as early as it can.
    """

    start_s: int
    taken: NDArray[np.int64]
    rests: NDArray[np.int64]
    begin_s: NDArray[np.int64]


class RestTiming(NamedTuple):
    """When a route starts, serves, pauses and ends.

    Parameters
    ----------
    start_s, end_s
        Leaving the start and reaching the end; `start_s` is `NEVER` where the order cannot be served in time.
    arrival_s, service_s
        ``(n,)`` int64: reaching each visit, and the start of its service.
    pauses
        ``(pauses, 2)`` int64: number of the break or `REST`, and when it begins.
    choice
        From which all of that follows.
    """

    start_s: int
    end_s: int
    arrival_s: NDArray[np.int64]
    service_s: NDArray[np.int64]
    pauses: NDArray[np.int64]
    choice: RestChoice


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
_call_at = caller_of(_TIMING)


def address_of_rests(visits: VisitTimes, worker: WorkerTimes) -> int:
    """Compile `cheapest_rest_timing`, and tell where it is."""
    order = np.empty(0, np.int64)
    return address_of(cheapest_rest_timing, _TIMING, order, RestLegs(order, order), visits, worker)


def rest_timing_at(
    address: int,  # noqa: ARG001 - where it is compiled
    order: NDArray[np.int64],
    legs: RestLegs,
    visits: VisitTimes,
    worker: WorkerTimes,
) -> RestTiming:
    """Find what `cheapest_rest_timing` does; kernels call it at its address."""
    timing: RestTiming = cheapest_rest_timing(order, legs, visits, worker)
    return timing


@overload(rest_timing_at, jit_options=ALLOCATING_OVERLOAD)
def _compiled_rest_timing_at(address: Any, order: Any, legs: Any, visits: Any, worker: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
    def call(address: Any, order: Any, legs: Any, visits: Any, worker: Any) -> Any:  # noqa: ANN401 - the same names
        return _call_at(address, (order, legs, visits, worker))

    return call


@allocating_inner_kernel
def no_timing() -> RestTiming:
    """Return what stands for an order that cannot be served in time."""
    nothing = np.empty(0, np.int64)
    choice = RestChoice(int64(NEVER), nothing, nothing, nothing)
    return RestTiming(int64(NEVER), int64(NEVER), nothing, nothing, np.empty((0, 2), np.int64), choice)


@allocating_inner_kernel
def walk_leg(
    state: tuple[int, int],
    leg_s: tuple[int, int],
    taken: tuple[int, int],
    rests: int,
    worker: WorkerTimes,
    pauses: NDArray[np.int64],
) -> tuple[int, int, int, int]:
    """Make one leg with given breaks and a number of rests on it.

    Parameters
    ----------
    state
        When it begins, and the seconds driven since the last rest.
    leg_s
        Its seconds on the road, and with what comes before the service.
    taken
        Breaks ``taken[0] … taken[1] - 1`` lie on it.
    rests
        How many rests: each when it is due, and one that is not due on arrival.
    worker
        The worker.
    pauses
        ``(room, 2)`` int64: is filled with the pauses.

    Returns
    -------
    tuple
        When it is over (`NEVER` where that cannot be), the seconds driven since the last rest, when the place was
        reached, and the number of pauses.
    """
    clock, driven = state
    driving, setup = leg_s[0], leg_s[1] - leg_s[0]
    number, count, arrival = taken[0], 0, clock
    while True:
        is_open = number < taken[1]
        latest = worker.break_latest_s[number] if is_open else NEVER
        step = max(0, min(driving, worker.max_driving_s - driven, latest - clock))
        clock, driven, driving = clock + step, driven + step, driving - step
        if driving == 0:
            arrival = clock if step > 0 else arrival
            step = max(0, min(setup, latest - clock))
            clock, setup = clock + step, setup - step
        is_there = driving == 0 and setup == 0
        is_rest_due = driving > 0 and driven == worker.max_driving_s and clock < latest
        is_break_as_good = is_open and _is_rest_now(number, clock, worker)
        if is_rest_due and rests > 0 and clock + worker.rest_s <= latest and not is_break_as_good:
            pauses[count, 0], pauses[count, 1] = REST, clock
            clock, driven, rests, count = clock + worker.rest_s, 0, rests - 1, count + 1
        elif is_open:
            begin = max(clock, worker.break_earliest_s[number])
            # On the way nobody stands still for a break that may not begin yet.
            if begin > latest or (begin > clock and not is_there):
                return NEVER, 0, 0, 0
            pauses[count, 0], pauses[count, 1] = number, begin
            clock = begin + worker.break_duration_s[number]
            if worker.break_duration_s[number] >= worker.rest_s:
                driven = 0
            number, count = number + 1, count + 1
        elif is_there:
            break
        else:
            return NEVER, 0, 0, 0
    if rests > 1:
        return NEVER, 0, 0, 0
    if rests == 1:
        pauses[count, 0], pauses[count, 1] = REST, clock
        clock, driven, count = clock + worker.rest_s, 0, count + 1
    return clock, driven, arrival, count


@allocating_inner_kernel
def _is_rest_now(number: int, clock: int, worker: WorkerTimes) -> bool:
    """Tell whether the next break can begin now and is as good as a rest."""
    is_long = worker.break_duration_s[number] >= worker.rest_s
    is_open = worker.break_earliest_s[number] <= clock <= worker.break_latest_s[number]
    return bool(is_long and is_open)


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
    pauses = np.empty((_most_pauses(legs, worker), 2), np.int64)
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
def _most_pauses(legs: RestLegs, worker: WorkerTimes) -> int:
    return len(worker.break_duration_s) + int(legs.travel_s.max()) // worker.max_driving_s + 4


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


@allocating_inner_kernel
def walk_route(
    order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes, choice: RestChoice
) -> RestTiming:
    """Compute all times of a route that starts, rests and breaks as is chosen; `no_timing` where that cannot be."""
    count = len(order)
    arrivals, services = np.empty(count, np.int64), np.empty(count, np.int64)
    room = _most_pauses(legs, worker)
    on_leg, pauses = np.empty((room, 2), np.int64), np.empty((room * (count + 1), 2), np.int64)
    clock, driven, filled = choice.start_s, int64(0), int64(0)
    for stage in range(1, count + 2):
        leg_s = (legs.travel_s[stage - 1], legs.seconds[stage - 1])
        taken, rests = (choice.taken[stage - 1], choice.taken[stage]), choice.rests[stage - 1]
        clock, driven, arrival, paused = walk_leg((clock, driven), leg_s, taken, rests, worker, on_leg)
        if clock < NEVER and stage <= count:
            arrivals[stage - 1] = arrival
            clock = end_of_service(max(clock, choice.begin_s[stage - 1]), order[stage - 1], visits)
            services[stage - 1] = clock - visits.service_s[order[stage - 1]]
        if clock >= NEVER:
            return no_timing()
        for number in range(paused):
            pauses[filled, 0], pauses[filled, 1] = on_leg[number, 0], on_leg[number, 1]
            filled += 1
    return RestTiming(choice.start_s, clock, arrivals, services, pauses[:filled].copy(), choice)
