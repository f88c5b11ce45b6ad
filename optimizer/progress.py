"""Decides which of the routes found so far are the best, and passes every better ones on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from optimizer.insertion.insertion import Orders, route_value, unplanned_visits
from optimizer.options import Engine
from optimizer.priorities import Rank, count_by_level
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays


@dataclass(frozen=True)
class Improvement:
    """A better plan was found while the search goes on.

    Parameters
    ----------
    cost
        Its objective in cost units.
    left_out
        Number of mandatory visits that it leaves out, then of those of each strict priority; an improvement has fewer
        of the first of these that differs, or as many at less cost.
    orders
        Per worker the visits in order, as indices into `Problem.visits`.
    elapsed_s
        Wall seconds since `solve` was called.
    engine
        Who found it: `Engine.SEARCH` or `Engine.ORTOOLS`.
    """

    cost: int
    left_out: tuple[int, ...]
    orders: Orders
    elapsed_s: float
    engine: Engine


class Progress:
    """Passes on the plans of one solve that are better than all before them, whoever found them.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    listener
        Hears of each better plan.
    """

    def __init__(self, problem: Problem, arrays: ProblemArrays, listener: Callable[[Improvement], None]) -> None:
        self._problem = problem
        self._arrays = arrays
        self._listener = listener
        self._begin_s = time.monotonic()
        self._best: Rank | None = None

    def report(self, orders: Orders, engine: Engine) -> None:
        """Pass the orders on if they are the best so far."""
        rank = self.rank(orders)
        if self._best is None or rank < self._best:
            self._best = rank
            self._listener(Improvement(rank[1], rank[0], orders, self.elapsed_s(), engine))

    def rank(self, orders: Orders) -> Rank:
        """Judge a plan by the one exact evaluator."""
        left_out = unplanned_visits(self._problem, orders)
        unserved = sum(self._problem.visits[visit].unserved_cost or 0 for visit in left_out)
        routes = sum(route_value(self._arrays, worker, order).cost for worker, order in enumerate(orders))
        return count_by_level(self._problem, left_out), int(routes + unserved)

    def elapsed_s(self) -> float:
        """Return the wall seconds since the solve began."""
        return time.monotonic() - self._begin_s
