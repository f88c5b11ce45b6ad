"""Compiles the kernels of planning before the first problem comes, by solving small ones.

Compiled code is kept on disk beside the modules and shared by all processes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.options import SolveOptions
from optimizer.problem import Break, Delivery, DrivingRest, Problem, Reload, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.search.annealing_kernels import ITERATIONS_OF_ONE_TEMPERATURE
from optimizer.search.options import SearchOptions
from optimizer.search.search import search
from optimizer.solve import solve

_VISITS = 6
_LONG_ENOUGH_S = 3600.0
"""The work is limited, not the time: compiling is most of it."""


def warm_up() -> None:
    """Compile or load everything that solving a common problem needs."""
    problem = _small_problem()
    # The search alone, because with so little work none is left for it after the first insertions.
    search(problem, SearchOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=ITERATIONS_OF_ONE_TEMPERATURE))
    solve(problem, SolveOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=1))


def compile_rare_rules() -> None:
    """Compile what only problems with deliveries, with rests, with soft windows, or with reloads need."""
    plain = _small_problem()
    first, *others = plain.workers
    rested = replace(first, driving_rest=DrivingRest(3600, 600))
    reloaded = replace(first, capacity=1, reload=Reload(0, 60))
    soft = tuple(replace(one, soft_windows=(TimeWindow(20, 30),), cost_per_hour_late=1) for one in plain.visits)
    for rare in (
        replace(plain, deliveries=(Delivery(0, 1, 1),)),
        replace(plain, workers=(rested, *others)),
        replace(plain, visits=soft),
        replace(plain, workers=(reloaded, *others), visits=tuple(replace(one, load=1) for one in plain.visits)),
    ):
        solve(rare, SolveOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=1))


def _small_problem() -> Problem:
    """State a problem in which a worker must be chosen, takes a break, and may leave visits out."""
    ways = np.abs(np.subtract.outer(np.arange(_VISITS + 1), np.arange(_VISITS + 1)))
    matrix = TravelMatrix(ways, ways, np.ones(ways.shape, np.bool_))
    workers = tuple(Worker(name, 0, 0, 100, 0, 0, breaks=(Break(10, 90, 5),), cost_per_hour=1) for name in ("A", "B"))
    visits = tuple(
        Visit(f"visit {place}", place, 10, (TimeWindow(0, 50),), unserved_cost=1000) for place in range(1, _VISITS + 1)
    )
    return Problem(workers, visits, (matrix,))
