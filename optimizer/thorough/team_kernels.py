"""Holds all workers of a problem in arrays of one type, whatever their number, and hands kernels one of them.

A tuple of workers would be a type of its own for each number of them, and kernels would be compiled for each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel
from optimizer.routes.reload_kernels import ReloadArrays
from optimizer.routes.route_kernels import RoutePrices, VisitArrays, WorkerArrays
from optimizer.routes.schedule_kernels import TimePrices, VisitTimes, WorkerTimes


class TeamArrays(NamedTuple):
    """All workers, and the visits as each of them makes them.

    Parameters
    ----------
    travel_s, distance_m, reachable
        ``(matrices, locations, locations)``: as in `WorkerArrays`.
    matrix
        ``(workers,)`` int64: which of those is each worker's.
    numbers
        ``(workers, 24)`` int64: the numbers of `WorkerArrays`, of its `WorkerTimes` and its prices, in their order.
    first_break
        ``(workers + 1,)`` int64: where each worker's breaks begin in the next three.
    break_earliest_s, break_latest_s, break_duration_s
        ``(breaks,)`` int64.
    reloads
        ``(workers, 5)`` int64: the numbers of `ReloadArrays`.
    visits
        As the first worker makes them.
    kind
        ``(workers,)`` int64: workers of the same kind make visits alike.
    service_s, extra_cost
        ``(kinds, visits)`` int64: what of the visits depends on the worker.
    """

    travel_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    matrix: NDArray[np.int64]
    numbers: NDArray[np.int64]
    first_break: NDArray[np.int64]
    break_earliest_s: NDArray[np.int64]
    break_latest_s: NDArray[np.int64]
    break_duration_s: NDArray[np.int64]
    reloads: NDArray[np.int64]
    visits: VisitArrays
    kind: NDArray[np.int64]
    service_s: NDArray[np.int64]
    extra_cost: NDArray[np.int64]


@inlined_kernel
def visits_of(team: TeamArrays, worker: int) -> VisitArrays:
    """Return the visits as a worker makes them."""
    visits, kind = team.visits, team.kind[worker]
    times = visits.times
    return VisitArrays(
        visits.location,
        visits.load,
        visits.setup_s,
        team.extra_cost[kind],
        visits.company,
        visits.partner,
        visits.boarded,
        VisitTimes(
            team.service_s[kind],
            times.first_window,
            times.window_start_s,
            times.window_end_s,
            times.first_soft,
            times.soft_start_s,
            times.soft_end_s,
            times.early_price,
            times.late_price,
        ),
        visits.kernels,
    )


@inlined_kernel
def worker_of(team: TeamArrays, worker: int) -> WorkerArrays:
    """Return a worker."""
    of, matrix = team.numbers[worker], team.matrix[worker]
    first, last = team.first_break[worker], team.first_break[worker + 1]
    reload = team.reloads[worker]
    return WorkerArrays(
        team.travel_s[matrix],
        team.distance_m[matrix],
        team.reachable[matrix],
        of[0],
        of[1],
        of[2],
        of[3],
        of[4],
        of[5],
        WorkerTimes(
            of[6],
            of[7],
            of[8],
            team.break_earliest_s[first:last],
            team.break_latest_s[first:last],
            team.break_duration_s[first:last],
            of[9],
            of[10],
            TimePrices(of[11], of[12], of[13], of[14], of[15]),
        ),
        RoutePrices(of[16], of[17], of[18], of[19], of[20], of[21], of[22], of[23]),
        ReloadArrays(reload[0], reload[1], reload[2], reload[3], reload[4]),
    )
