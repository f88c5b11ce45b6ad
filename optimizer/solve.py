"""Main path: from a planning problem to a plan that an independent checker has accepted.

Read this file first. `solve` validates the problem, builds routes by cheapest insertion, improves them with OR-Tools,
puts in what still fits, computes times and reasons, and lets `optimizer.plan_check` recompute everything before the
plan leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from optimizer.errors import SolverFailedError
from optimizer.insertion import Orders, insert_what_pays, route_value, unplanned_visits
from optimizer.options import SolveOptions
from optimizer.plan import Plan
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.routing_model import build_routing_model
from optimizer.routing_search import search_routes

ENGINE = "ortools"


@dataclass(frozen=True)
class Improvement:
    """A better plan was found while the search goes on.

    Parameters
    ----------
    cost
        Its objective in cost units.
    unplanned_mandatory
        Number of mandatory visits that it leaves out; an improvement has fewer of these, or as many at less cost.
    orders
        Per worker the visits in order, as indices into `Problem.visits`.
    elapsed_s
        Wall seconds since `solve` was called.
    """

    cost: int
    unplanned_mandatory: int
    orders: Orders
    elapsed_s: float


def solve(
    problem: Problem,
    options: SolveOptions,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    on_improvement: Callable[[Improvement], None] = lambda _: None,
) -> Plan:
    """Solve a planning problem.

    Parameters
    ----------
    problem
        What is to be planned.
    options
        How long and how.
    should_stop
        Asked often; once it says yes, the best plan so far is the answer.
    on_improvement
        Gets each better plan as it is found.

    Returns
    -------
    Plan
        Feasible, checked, with a verified reason for each visit left out.

    Raises
    ------
    InvalidProblemError
        With every rule that the problem breaks.
    SolverFailedError
        Where the answer does not pass the independent checker: a defect of this package, never of the problem.
    """
    validate_problem(problem)
    arrays = arrays_of_problem(problem)
    progress = _Progress(problem, arrays, on_improvement)
    orders = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    progress.report(orders)
    # The visits that nobody has the skills for stay out of the search.
    possible = [visit for visit in range(len(problem.visits)) if arrays.has_skills[:, visit].any()]
    if possible and not should_stop():
        statement = build_routing_model(problem, arrays, possible, options.seed)
        orders = search_routes(
            statement,
            start_from=orders,
            time_limit_s=options.time_limit_s - progress.elapsed_s(),
            work_limit=options.work_limit,
            should_stop=should_stop,
            on_orders=progress.report,
        )
    orders = insert_what_pays(problem, arrays, orders)
    progress.report(orders)
    return _checked_plan(problem, arrays, orders)


def finish_plan(problem: Problem, orders: Orders) -> Plan:
    """Make a plan of the orders of an `Improvement`, where the search that found it could not finish.

    Parameters
    ----------
    problem
        The problem that was being solved.
    orders
        The routes of the improvement.

    Returns
    -------
    Plan
        As `solve` would return it.

    Raises
    ------
    SolverFailedError
        Where the plan does not pass the independent checker.
    """
    arrays = arrays_of_problem(problem)
    return _checked_plan(problem, arrays, insert_what_pays(problem, arrays, orders))


def _checked_plan(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Plan:
    plan = plan_of_orders(problem, arrays, orders, ENGINE)
    violations = check_plan(problem, plan)
    if violations:
        message = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
        raise SolverFailedError(message)
    return plan


class _Progress:
    """Passes on the orders that are better than all before them."""

    def __init__(self, problem: Problem, arrays: ProblemArrays, listener: Callable[[Improvement], None]) -> None:
        self._problem = problem
        self._arrays = arrays
        self._listener = listener
        self._begin_s = time.monotonic()
        self._best: tuple[int, int] | None = None

    def report(self, orders: Orders) -> None:
        """Pass on the orders if they are the best so far."""
        unserved = [self._problem.visits[visit].unserved_cost for visit in unplanned_visits(self._problem, orders)]
        missing = unserved.count(None)
        routes = sum(route_value(self._arrays, worker, order).cost for worker, order in enumerate(orders))
        cost = routes + sum(one or 0 for one in unserved)
        if self._best is None or (missing, cost) < self._best:
            self._best = (missing, cost)
            self._listener(Improvement(int(cost), missing, orders, self.elapsed_s()))

    def elapsed_s(self) -> float:
        """Return the wall seconds since the solve began."""
        return time.monotonic() - self._begin_s
