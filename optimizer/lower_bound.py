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
from optimizer.route_kernels import OPEN
from optimizer.routing_statement import COST_SCALE

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
    for index in range(workers):
        _add_worker(costs, problem, arrays, index)
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


def _add_worker(costs: NDArray[np.int64], problem: Problem, arrays: ProblemArrays, index: int) -> None:
    """Lower the cost of each leg to what it costs one worker, where the times allow that worker to make it at all."""
    owner, own, visits = problem.workers[index], arrays.workers[index], arrays.visits_of[index]
    count, may = len(problem.visits), arrays.may_serve[index]
    per_second, per_metre = owner.cost_per_hour * (COST_SCALE // 3600), owner.cost_per_km * (COST_SCALE // 1000)
    service_s, location = visits.times.service_s, visits.location
    pairs = np.ix_(location, location)
    setup_s = np.where(location[:, None] == location[None, :], 0, visits.setup_s[None, :])
    seconds = own.travel_s[pairs] + setup_s + service_s[:, None]
    first = visits.times.first_window
    opens_s = np.maximum(visits.times.window_start_s[first[:-1]], own.times.shift_start_s)
    closes_s = np.minimum(visits.times.window_end_s[first[1:] - 1], own.times.shift_end_s)
    is_possible = own.reachable[pairs] & may[:, None] & may[None, :]
    is_possible &= opens_s[:, None] + seconds <= closes_s[None, :]
    np.fill_diagonal(is_possible, val=False)
    extra = COST_SCALE * visits.extra_cost
    legs = per_second * seconds + per_metre * own.distance_m[pairs] + extra[:, None]
    costs[:count, :count] = np.minimum(costs[:count, :count], np.where(is_possible, legs, _FORBIDDEN))
    start, end = own.start_location, own.end_location
    out = _ends(own.travel_s, own.distance_m, own.reachable, [start], location, (per_second, per_metre))
    out += per_second * visits.setup_s + COST_SCALE * owner.fixed_cost
    costs[count + index, :count] = np.where(may & (out < _FORBIDDEN), out, _FORBIDDEN)
    home = _ends(own.travel_s, own.distance_m, own.reachable, location, [end], (per_second, per_metre))
    home += per_second * service_s + extra
    costs[:count, count + index] = np.where(may & (home < _FORBIDDEN), home, _FORBIDDEN)


def _ends(
    travel_s: NDArray[np.int64],
    distance_m: NDArray[np.int64],
    reachable: NDArray[np.bool_],
    sources: list[int] | NDArray[np.int64],
    targets: list[int] | NDArray[np.int64],
    prices: tuple[int, int],
) -> NDArray[np.int64]:
    """Price the ways between an end of the route and all visits; they cost nothing where the end is open."""
    count = max(len(sources), len(targets))
    if OPEN in (sources[0], targets[0]):
        return np.zeros(count, np.int64)
    pairs = np.ix_(np.asarray(sources), np.asarray(targets))
    costs = prices[0] * travel_s[pairs] + prices[1] * distance_m[pairs]
    return np.where(reachable[pairs], costs, _FORBIDDEN).reshape(count)
