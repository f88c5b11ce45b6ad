"""Decides below which cost no plan of a problem can lie.

The bound is the optimum of an assignment problem [1]_: every visit gets one successor (another visit, the end of a
worker's route, or itself, which stands for leaving it out at its price) and every worker's start one (a first visit, or
the own end for a day at home). Every plan is such an assignment, at no more than the plan's cost: each leg is priced at
the cheapest worker who may make it, nobody waits, breaks or pays for anything soft. Assignments that are not plans,
such as round trips without a worker, are what makes the bound lower than the best plan.

References
----------
.. [1] Carpaneto, G., Toth, P. (1980). Some new branching and bounding criteria for the asymmetric travelling salesman
       problem. Management Science 26(7). https://doi.org/10.1287/mnsc.26.7.736
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import linear_sum_assignment

from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import WorkerArrays
from optimizer.routes.way_kernels import OPEN
from optimizer.routing_library.statement import COST_SCALE

MOST_VISITS: Final = 1_500
"""With more, the matrix of all pairs costs more than the bound is worth."""
_FORBIDDEN: Final = 1 << 50


def lower_bound(problem: Problem, arrays: ProblemArrays) -> int | None:
    """Compute a cost that no plan can undercut in which every mandatory visit is served.

    Parameters
    ----------
    problem, arrays
        A valid problem in both forms.

    Returns
    -------
    int or None
        Cost units; None with more than `MOST_VISITS` visits, or where a mandatory visit cannot be served.
    """
    visits, workers = len(problem.visits), len(problem.workers)
    if visits > MOST_VISITS:
        return None
    if visits == 0:
        return 0
    costs = np.full((visits + workers, visits + workers), _FORBIDDEN, np.int64)
    for kind in _kinds(problem, arrays):
        _add_legs(costs, problem, arrays, kind)
    for index in range(workers):
        _add_ends(costs, problem, arrays, index)
    unserved = [visit.unserved_cost for visit in problem.visits]
    leave_out = [_FORBIDDEN if cost is None else COST_SCALE * cost for cost in unserved]
    costs[np.arange(visits), np.arange(visits)] = leave_out
    homes = np.arange(visits, visits + workers)
    costs[homes, homes] = 0
    possible = np.argwhere(costs < _FORBIDDEN)
    assignment = linear_sum_assignment.SimpleLinearSumAssignment()
    assignment.add_arcs_with_cost(possible[:, 0], possible[:, 1], costs[possible[:, 0], possible[:, 1]])
    if assignment.solve() != assignment.OPTIMAL:
        return None
    # Each route rounds a handful of terms half up, which may take half a unit off each of two that are counted here.
    return max(0, int(assignment.optimal_cost()) // COST_SCALE - workers)


def _kinds(problem: Problem, arrays: ProblemArrays) -> list[list[int]]:
    """Gather the workers whose legs take and cost the same."""
    kinds: dict[object, list[int]] = {}
    for index, worker in enumerate(problem.workers):
        same = (
            id(arrays.workers[index].travel_s),
            id(arrays.visits_of[index]),
            worker.cost_per_hour,
            worker.cost_per_km,
        )
        kinds.setdefault(same, []).append(index)
    return list(kinds.values())


def _prices(problem: Problem, index: int) -> tuple[int, int]:
    """Return what a second and a metre cost a worker, in `COST_SCALE`-ths of a cost unit."""
    worker = problem.workers[index]
    return worker.cost_per_hour * (COST_SCALE // 3600), worker.cost_per_km * (COST_SCALE // 1000)


def _add_legs(costs: NDArray[np.int64], problem: Problem, arrays: ProblemArrays, kind: list[int]) -> None:
    """Lower the cost of each leg to what it costs workers of a kind, where their widest times allow it at all."""
    own, visits, count = arrays.workers[kind[0]], arrays.visits_of[kind[0]], len(problem.visits)
    per_second, per_metre = _prices(problem, kind[0])
    location, times = visits.location, visits.times
    pairs = np.ix_(location, location)
    setup_s = np.where(location[:, None] == location[None, :], 0, visits.setup_s[None, :])
    seconds = own.travel_s[pairs] + setup_s + times.service_s[:, None]
    first_s = min(problem.workers[index].shift_start_s for index in kind)
    last_s = max(problem.workers[index].shift_end_s for index in kind)
    opens_s = np.maximum(times.window_start_s[times.first_window[:-1]], first_s)
    closes_s = np.minimum(times.window_end_s[times.first_window[1:] - 1], last_s)
    may = np.logical_or.reduce(arrays.may_serve[kind])
    is_possible = own.reachable[pairs] & may[:, None] & may[None, :]
    is_possible &= opens_s[:, None] + seconds <= closes_s[None, :]
    np.fill_diagonal(is_possible, val=False)
    legs = per_second * seconds + per_metre * own.distance_m[pairs] + COST_SCALE * visits.extra_cost[:, None]
    costs[:count, :count] = np.minimum(costs[:count, :count], np.where(is_possible, legs, _FORBIDDEN))


def _add_ends(costs: NDArray[np.int64], problem: Problem, arrays: ProblemArrays, index: int) -> None:
    """Set the cost of a worker's way to each first visit, and home from each last one."""
    own, visits, count = arrays.workers[index], arrays.visits_of[index], len(problem.visits)
    prices, may, location = _prices(problem, index), arrays.may_serve[index], visits.location
    out = _ends(own, [own.start_location], location, prices)
    out += prices[0] * visits.setup_s + COST_SCALE * problem.workers[index].fixed_cost
    costs[count + index, :count] = np.where(may & (out < _FORBIDDEN), out, _FORBIDDEN)
    home = _ends(own, location, [own.end_location], prices)
    home += prices[0] * visits.times.service_s + COST_SCALE * visits.extra_cost
    costs[:count, count + index] = np.where(may & (home < _FORBIDDEN), home, _FORBIDDEN)


def _ends(
    worker: WorkerArrays,
    sources: list[int] | NDArray[np.int64],
    targets: list[int] | NDArray[np.int64],
    prices: tuple[int, int],
) -> NDArray[np.int64]:
    """Price the ways between an end of the route and all visits; they cost nothing where the end is open."""
    count = max(len(sources), len(targets))
    if OPEN in (sources[0], targets[0]):
        return np.zeros(count, np.int64)
    pairs = np.ix_(np.asarray(sources), np.asarray(targets))
    costs = prices[0] * worker.travel_s[pairs] + prices[1] * worker.distance_m[pairs]
    return np.where(worker.reachable[pairs], costs, _FORBIDDEN).reshape(count)
