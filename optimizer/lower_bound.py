"""Decides below which cost no plan of a problem can lie.

The bound is the optimum of an assignment problem [1]_: every visit gets one successor (another visit, the end of a
worker's route, or itself, which stands for leaving it out at its price) and every worker's start one (a first visit, or
the own end for a day at home). Every plan is such an assignment, at no more than the plan's cost: each leg is priced at
the cheapest worker who may make it, nobody waits, breaks or pays for anything soft. Assignments that are not plans,
such as round trips without a worker, are what makes the bound lower than the best plan.

With more than `MOST_VISITS` visits only half of that is asked for: each visit is reached, at the price of its cheapest
way in, whether or not two visits are reached from the same place. That is lower still, and needs no matrix of all
pairs.

References
----------
.. [1] Carpaneto, G., Toth, P. (1980). Some new branching and bounding criteria for the asymmetric travelling salesman
       problem. Management Science 26(7). https://doi.org/10.1287/mnsc.26.7.736
"""

from __future__ import annotations

from collections.abc import Collection
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
"""With more, the assignment costs more than it is worth."""
_ROWS: Final = 512
_FORBIDDEN: Final = 1 << 50


def lower_bound(problem: Problem, arrays: ProblemArrays, left_out: Collection[int] = ()) -> int | None:
    """Compute a cost that no plan can undercut in which every mandatory visit is served.

    Parameters
    ----------
    problem, arrays
        A valid problem in both forms. Its precedences and its balance are not looked at: both make plans dearer.
    left_out
        Mandatory visits that need not be served, at no price: the bound is one for all plans that serve the others.

    Returns
    -------
    int or None
        Cost units; None where a mandatory visit that is not left out cannot be served.
    """
    visits, workers = len(problem.visits), len(problem.workers)
    if visits == 0:
        return 0
    unserved = [0 if index in left_out else visit.unserved_cost for index, visit in enumerate(problem.visits)]
    leave_out = np.array([_FORBIDDEN if cost is None else COST_SCALE * cost for cost in unserved], np.int64)
    if visits > MOST_VISITS:
        best = _cost_of_ways_in(problem, arrays, leave_out)
    else:
        best = _cost_of_assignment(problem, arrays, leave_out)
    # Each route rounds a handful of terms half up, which may take half a unit off each of two that are counted here.
    return None if best is None else max(0, best // COST_SCALE - workers)


def _cost_of_ways_in(problem: Problem, arrays: ProblemArrays, leave_out: NDArray[np.int64]) -> int | None:
    """Add up the cheapest way in of each visit, or its price where that is less."""
    cheapest, visits = leave_out.copy(), len(problem.visits)
    for kind in _kinds(problem, arrays):
        for first in range(0, visits, _ROWS):
            rows = slice(first, min(first + _ROWS, visits))
            np.minimum(cheapest, _legs(problem, arrays, kind, rows).min(axis=0), out=cheapest)
    for index in range(len(problem.workers)):
        np.minimum(cheapest, _ways_out_and_home(problem, arrays, index)[0], out=cheapest)
    return None if cheapest.max() >= _FORBIDDEN else int(cheapest.sum())


def _cost_of_assignment(problem: Problem, arrays: ProblemArrays, leave_out: NDArray[np.int64]) -> int | None:
    """Solve the assignment problem, in `COST_SCALE`-ths of a cost unit."""
    visits, workers = len(problem.visits), len(problem.workers)
    costs = np.full((visits + workers, visits + workers), _FORBIDDEN, np.int64)
    inner = costs[:visits, :visits]
    for kind in _kinds(problem, arrays):
        np.minimum(inner, _legs(problem, arrays, kind, slice(0, visits)), out=inner)
    for index in range(workers):
        costs[visits + index, :visits], costs[:visits, visits + index] = _ways_out_and_home(problem, arrays, index)
    costs[np.arange(visits), np.arange(visits)] = leave_out
    homes = np.arange(visits, visits + workers)
    costs[homes, homes] = 0
    possible = np.argwhere(costs < _FORBIDDEN)
    assignment = linear_sum_assignment.SimpleLinearSumAssignment()
    assignment.add_arcs_with_cost(possible[:, 0], possible[:, 1], costs[possible[:, 0], possible[:, 1]])
    if assignment.solve() != assignment.OPTIMAL:
        return None
    return int(assignment.optimal_cost())


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


def _legs(problem: Problem, arrays: ProblemArrays, kind: list[int], rows: slice) -> NDArray[np.int64]:
    """Price the legs from some visits to all, for workers of a kind whose widest times allow them at all."""
    own, visits = arrays.workers[kind[0]], arrays.visits_of[kind[0]]
    per_second, per_metre = _prices(problem, kind[0])
    location, times = visits.location, visits.times
    pairs = np.ix_(location[rows], location)
    setup_s = np.where(location[rows, None] == location[None, :], 0, visits.setup_s[None, :])
    seconds = own.travel_s[pairs] + setup_s + times.service_s[rows, None]
    first_s = min(problem.workers[index].shift_start_s for index in kind)
    last_s = max(problem.workers[index].shift_end_s for index in kind)
    opens_s = np.maximum(times.window_start_s[times.first_window[:-1]], first_s)
    closes_s = np.minimum(times.window_end_s[times.first_window[1:] - 1], last_s)
    may = np.logical_or.reduce(arrays.may_serve[kind])
    is_possible = own.reachable[pairs] & may[rows, None] & may[None, :]
    is_possible &= opens_s[rows, None] + seconds <= closes_s[None, :]
    is_possible[np.arange(len(seconds)), np.arange(len(location))[rows]] = False
    legs = per_second * seconds + per_metre * own.distance_m[pairs] + COST_SCALE * visits.extra_cost[rows, None]
    return np.where(is_possible, legs, _FORBIDDEN)


def _ways_out_and_home(
    problem: Problem, arrays: ProblemArrays, index: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Price a worker's way to each first visit, and home from each last one."""
    own, visits = arrays.workers[index], arrays.visits_of[index]
    prices, may, location = _prices(problem, index), arrays.may_serve[index], visits.location
    out = _ends(own, [own.start_location], location, prices)
    out += prices[0] * visits.setup_s + COST_SCALE * problem.workers[index].fixed_cost
    home = _ends(own, location, [own.end_location], prices)
    home += prices[0] * visits.times.service_s + COST_SCALE * visits.extra_cost
    out, home = (np.where(may & (way < _FORBIDDEN), way, _FORBIDDEN) for way in (out, home))
    return out, home


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
