"""Walks legs and routes of which it is decided where breaks and rests lie, and tells when everything happens."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, int64
from optimizer.routes.schedule_kernels import NEVER, VisitTimes, WorkerTimes, end_of_service

REST: Final = -1
"""Number of a pause that is a rest and none of the worker's breaks."""


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
def most_pauses(legs: RestLegs, worker: WorkerTimes) -> int:
    """Tell how many pauses may lie on one leg at most."""
    return len(worker.break_duration_s) + int(legs.travel_s.max()) // worker.max_driving_s + 4


@allocating_inner_kernel
def walk_route(
    order: NDArray[np.int64], legs: RestLegs, visits: VisitTimes, worker: WorkerTimes, choice: RestChoice
) -> RestTiming:
    """Compute all times of a route that starts, rests and breaks as is chosen; `no_timing` where that cannot be."""
    count = len(order)
    arrivals, services = np.empty(count, np.int64), np.empty(count, np.int64)
    room = most_pauses(legs, worker)
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
