"""Compiles the kernels of planning before the first problem comes: those of the search, and all others.

Compiled code is kept on disk beside the modules and shared by all processes, so where two of them can begin at the same
time, one does best to begin with `compile_search` and the other with `compile_schedules`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.options import Engine, SolveOptions
from optimizer.problem import Break, DrivingRest, Problem, Reload, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.search.annealing_kernels import ITERATIONS_OF_ONE_TEMPERATURE
from optimizer.search.options import SearchOptions
from optimizer.search.search import search
from optimizer.solve import solve

_VISITS = 6
_LONG_ENOUGH_S = 3600.0
"""The work is limited, not the time: compiling is most of it."""


def compile_search() -> None:
    """Compile the kernels of the search, by one stretch of it."""
    search(_small_problem(), SearchOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=ITERATIONS_OF_ONE_TEMPERATURE))


def compile_schedules() -> None:
    """Compile what times and prices routes and finds places in them, and load OR-Tools, by solving without a search."""
    solve(_small_problem(), SolveOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=1, engine=Engine.ORTOOLS))


def warm_up() -> None:
    """Compile or load everything that solving a common problem needs."""
    compile_search()
    compile_schedules()
    solve(_small_problem(), SolveOptions(time_limit_s=_LONG_ENOUGH_S, work_limit=1))


def compile_rare_rules() -> None:
    """Compile what only problems with rests, with soft windows, or with reloads need."""
    plain = _small_problem()
    first, *others = plain.workers
    rested = replace(first, driving_rest=DrivingRest(3600, 600))
    reloaded = replace(first, capacity=1, reload=Reload(0, 60))
    soft = tuple(replace(one, soft_windows=(TimeWindow(20, 30),), cost_per_hour_late=1) for one in plain.visits)
    for rare in (
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
