"""Main path: from a planning problem to a plan that an independent checker has accepted.

Read this file first. `solve` validates the problem, lets the engines search (`optimizer.engines`), puts in what still
fits, computes times and reasons, lets `optimizer.plan_check` recompute everything before the plan leaves, and asks
OR-Tools to confirm what the search found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from optimizer.engines import run_engines
from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders, insert_what_pays, unplanned_visits
from optimizer.insertion.telling_places import fits_alone
from optimizer.lower_bound import lower_bound
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Confirmation, Plan
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.priorities import Rank
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.progress import Improvement, Progress
from optimizer.rounds.balance import solve_balanced
from optimizer.rounds.precedence import settled_by_orders, solve_in_rounds, with_true_reasons
from optimizer.routes.route_amounts import balance_cost
from optimizer.routes.schedule import schedule_route
from optimizer.routing_library.confirmation import unconfirmed_routes

PAIRS_TRIED_BEFORE: Final = 200_000
"""Of visits and workers; some microseconds each, which a larger problem spends in the end, if at all."""


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
    if not problem.precedences and problem.balance is None:
        return _judged(problem, _solve(problem, options, should_stop, on_improvement), options, should_stop)
    tell = _BestOnly(problem, on_improvement)

    def solve_round(part: Problem, share: SolveOptions) -> Plan:
        if part.precedences:
            return solve_in_rounds(part, share, solve_round, should_stop)
        return _solve(part, share, should_stop, tell)

    if problem.balance is None:
        plan = solve_in_rounds(problem, options, solve_round, should_stop)
    else:
        plan = solve_balanced(problem, options, solve_round, should_stop)
    _refuse_wrong(problem, plan)
    return _judged(problem, plan, options, should_stop)


def _judged(problem: Problem, plan: Plan, options: SolveOptions, should_stop: Callable[[], bool]) -> Plan:
    """State below which cost no plan can lie, and what OR-Tools says; whoever has asked for a stop does not wait."""
    if should_stop():
        return plan
    missing = {one.visit for one in plan.unplanned if problem.visits[one.visit].unserved_cost is None}
    plan = replace(plan, lower_bound=lower_bound(problem, arrays_of_problem(problem), missing))
    if options.engine is not Engine.HYBRID or should_stop():
        return plan
    orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    # One route knows nothing of the others: what waits for them is held to the times at which it does.
    refused = unconfirmed_routes(settled_by_orders(problem, orders), orders)
    return replace(plan, confirmation=Confirmation.REFUSED if refused else Confirmation.CONFIRMED)


class _BestOnly:
    """Passes on what is better than everything in all rounds before, at its cost with the balance."""

    def __init__(self, problem: Problem, listener: Callable[[Improvement], None]) -> None:
        self._problem = problem
        self._arrays = arrays_of_problem(problem)
        self._listener = listener
        self._best: Rank | None = None

    def __call__(self, improvement: Improvement) -> None:
        """Hear of an improvement of one round."""
        cost = improvement.cost
        if self._problem.balance is not None:
            # A round may have prices of its own.
            found = [
                schedule_route(self._problem, self._arrays, worker, order)
                for worker, order in enumerate(improvement.orders)
            ]
            routes = [route for route in found if route is not None]
            left_out = unplanned_visits(self._problem, improvement.orders)
            unserved = sum(self._problem.visits[visit].unserved_cost or 0 for visit in left_out)
            cost = unserved + sum(route.cost for route in routes) + balance_cost(self._problem, routes)
        rank = (improvement.left_out, cost)
        if self._best is None or rank < self._best:
            self._best = rank
            self._listener(replace(improvement, cost=cost))


def _solve(
    problem: Problem,
    options: SolveOptions,
    should_stop: Callable[[], bool],
    on_improvement: Callable[[Improvement], None],
) -> Plan:
    """Solve a valid problem without precedences."""
    arrays = arrays_of_problem(problem)
    progress = Progress(problem, arrays, on_improvement)
    if len(problem.visits) * len(problem.workers) <= PAIRS_TRIED_BEFORE:
        # Who could serve whom alone is asked for in the end, when somebody may be waiting; the answer is remembered.
        fits_alone(arrays, np.arange(len(problem.visits)))
    found = run_engines(problem, arrays, options, progress, should_stop)
    orders = insert_what_pays(problem, arrays, found.orders)
    if orders != found.orders:
        progress.report(orders, found.engine)
    return replace(_checked_plan(problem, arrays, orders, found.engine), beyond_search=found.beyond_search)


def finish_plan(problem: Problem, improvement: Improvement) -> Plan:
    """Make a plan of an `Improvement`, where the process that found it could not finish.

    Parameters
    ----------
    problem
        The problem that was being solved.
    improvement
        The best that was found.

    Returns
    -------
    Plan
        As `solve` would return it, without the confirmation by a second engine.

    Raises
    ------
    SolverFailedError
        Where the plan does not pass the independent checker.
    """
    settled = settled_by_orders(problem, improvement.orders)
    arrays = arrays_of_problem(settled)
    orders = insert_what_pays(settled, arrays, improvement.orders)
    plan = _checked_plan(settled, arrays, orders, improvement.engine)
    plan = replace(plan, unplanned=with_true_reasons(problem, orders, plan.unplanned))
    _refuse_wrong(problem, plan)
    return plan


def _checked_plan(problem: Problem, arrays: ProblemArrays, orders: Orders, engine: Engine) -> Plan:
    plan = plan_of_orders(problem, arrays, orders, engine.value)
    _refuse_wrong(problem, plan)
    return plan


def _refuse_wrong(problem: Problem, plan: Plan) -> None:
    violations = check_plan(problem, plan)
    if violations:
        message = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
        raise SolverFailedError(message)
