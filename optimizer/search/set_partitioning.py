"""Chooses the cheapest of given columns that cover each row as often as is asked for.

The columns are routes and the rows visits: whichever routes make the cheapest plan together is a set-partitioning
problem [1]_. The linear relaxation bounds what a plan can cost; a column whose reduced cost is above what the bound
leaves for it is in no plan that is better than the known one, and with good plans most columns go that way. OR-Tools
solves both, the relaxation by GLOP and what is left by CP-SAT, under a limit of work, so that the answer is always
the same. It lets other threads run meanwhile, so a stop is heard, and interrupts it.

References
----------
.. [1] Balas, E. & Padberg, M. W. (1976). Set partitioning: a survey. SIAM Review 18(4).
       https://doi.org/10.1137/1018115
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

_MOST_COLUMNS = 600
"""So many of the lowest reduced cost are chosen from, at most."""
_WORK_LIMIT = 0.03
"""About as many seconds."""
_SETTINGS = f"num_workers:1 max_deterministic_time:{_WORK_LIMIT}"
_CHOSEN = 0.5
_ASK_EVERY_S = 0.003


class Cover(NamedTuple):
    """What is to be covered, and by what.

    Parameters
    ----------
    columns
        Which rows each column covers.
    costs
        ``(columns,)`` int64: of each column, in any unit.
    least, most
        ``(rows,)`` int64: how often each row must and may be covered.
    """

    columns: Sequence[Sequence[int]]
    costs: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]


def better_choice(
    cover: Cover, known: NDArray[np.int64], should_stop: Callable[[], bool] = lambda: False
) -> NDArray[np.int64] | None:
    """Look for columns that cover the rows and cost less than a known choice.

    Parameters
    ----------
    cover
        The columns to choose from.
    known
        Indices of columns that cover the rows.
    should_stop
        Asked every few milliseconds; once it says yes, nothing is found.

    Returns
    -------
    NDArray[np.int64] or None
        Indices of the columns, in ascending order. None where there are none, or none were found within the limit of
        work.
    """
    known_cost = int(cover.costs[known].sum())
    relaxed = _relaxation(cover, should_stop)
    if relaxed is None:
        return None
    bound, reduced = relaxed
    order = np.argsort(reduced, kind="stable")[:_MOST_COLUMNS]
    kept = np.union1d(order[reduced[order] < known_cost - bound], known)
    if len(kept) == len(known):
        return None
    chosen = _whole(cover, kept, known, should_stop)
    if chosen is None or int(cover.costs[chosen].sum()) >= known_cost or not _covers(cover, chosen):
        return None
    return chosen


def _relaxation(cover: Cover, should_stop: Callable[[], bool]) -> tuple[float, NDArray[np.float64]] | None:
    """Solve the linear relaxation: its cost, and the reduced cost of each column."""
    solver, variables = _model("GLOP", cover, range(len(cover.columns)))
    if _answer(solver, should_stop) != pywraplp.Solver.OPTIMAL:
        return None
    return float(solver.Objective().Value()), np.array([one.reduced_cost() for one in variables])


def _whole(
    cover: Cover, kept: NDArray[np.int64], known: NDArray[np.int64], should_stop: Callable[[], bool]
) -> NDArray[np.int64] | None:
    """Choose among the kept columns, beginning with the known ones."""
    solver, variables = _model("SAT", cover, kept.tolist())
    solver.SetSolverSpecificParametersAsString(_SETTINGS)
    solver.SetHint(variables, np.isin(kept, known).astype(np.float64).tolist())
    if _answer(solver, should_stop) not in {pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE}:
        return None
    return kept[[one.solution_value() > _CHOSEN for one in variables]]


def _answer(solver: pywraplp.Solver, should_stop: Callable[[], bool]) -> int | None:
    """Let a solver work on a thread of its own until it is done; None where a stop came first."""
    is_stopped = should_stop()
    if is_stopped:
        return None
    found: list[int] = []
    at_work = threading.Thread(target=lambda: found.append(solver.Solve()))
    at_work.start()
    while at_work.is_alive():
        if not is_stopped and should_stop():
            is_stopped = True
        if is_stopped:
            # Again and again: an interrupt that comes before the solver has begun is not heard.
            solver.InterruptSolve()
        at_work.join(_ASK_EVERY_S)
    return None if is_stopped else found[0]


def _model(kind: str, cover: Cover, kept: Sequence[int]) -> tuple[pywraplp.Solver, list[pywraplp.Variable]]:
    """State the choice among some of the columns to a solver, which takes a column once or, if it can, in part."""
    solver = pywraplp.Solver.CreateSolver(kind)
    rows = [solver.Constraint(float(least), float(most)) for least, most in zip(cover.least, cover.most, strict=True)]
    objective = solver.Objective()
    objective.SetMinimization()
    variables = []
    costs = cover.costs.tolist()
    for column in kept:
        variable = solver.IntVar(0, 1, "") if kind == "SAT" else solver.NumVar(0, solver.infinity(), "")
        objective.SetCoefficient(variable, float(costs[column]))
        for row in cover.columns[column]:
            rows[row].SetCoefficient(variable, 1.0)
        variables.append(variable)
    return solver, variables


def _covers(cover: Cover, chosen: NDArray[np.int64]) -> bool:
    """Tell whether columns cover each row as often as they must and may: the solvers reckon in floating point."""
    rows = np.array([row for column in chosen for row in cover.columns[column]], np.int64)
    counts = np.bincount(rows, minlength=len(cover.least))
    return bool(((cover.least <= counts) & (counts <= cover.most)).all())
