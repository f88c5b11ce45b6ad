"""Decides how orders of visits become a plan with times, costs and reasons."""

from __future__ import annotations

from optimizer.answers.explain import explain_unplanned
from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders
from optimizer.plan import Plan, Route
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_amounts import balance_cost
from optimizer.routes.schedule import schedule_route


def plan_of_orders(problem: Problem, arrays: ProblemArrays, orders: Orders, engine: str) -> Plan:
    """Schedule, price and explain a set of routes.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes, one per worker.
    engine
        Name of the engine that found them.

    Returns
    -------
    Plan
        With the shortest schedule of each route.

    Raises
    ------
    SolverFailedError
        Where a route has no schedule.
    """
    routes: list[Route] = []
    for worker, order in enumerate(orders):
        route = schedule_route(problem, arrays, worker, order)
        if route is None:
            message = f"{engine} answered with a route of worker {problem.workers[worker].id!r} that has no schedule"
            raise SolverFailedError(message)
        routes.append(route)
    unplanned = explain_unplanned(problem, arrays, orders)
    unserved = sum(problem.visits[one.visit].unserved_cost or 0 for one in unplanned)
    cost = unserved + sum(route.cost for route in routes) + balance_cost(problem, routes)
    return Plan(tuple(routes), unplanned, cost, engine)
