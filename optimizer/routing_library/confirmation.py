"""Asks OR-Tools, as a second and independent engine, whether it holds the routes of a plan to be possible.

Each route is read into a model of its own: that takes milliseconds, where one model of a large day takes seconds.
"""

from __future__ import annotations

from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders
from optimizer.problem import Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.single_route import problem_of_route
from optimizer.routing_library.model import build_routing_model
from optimizer.routing_library.reload_visits import reloads_as_visits
from optimizer.routing_library.search import close_model, read_orders_into_model


def unconfirmed_routes(problem: Problem, orders: Orders) -> tuple[int, ...]:
    """List the workers whose routes OR-Tools refuses.

    Parameters
    ----------
    problem
        The problem.
    orders
        Per worker the visits in order.

    Returns
    -------
    tuple of int
        Indices of workers; empty where every route is confirmed.
    """
    return tuple(worker for worker, order in enumerate(orders) if order and not _confirms(problem, worker, order))


def _confirms(problem: Problem, worker: int, order: tuple[int, ...]) -> bool:
    alone = problem_of_route(problem, worker, order)
    places = tuple(range(len(order)))
    if problem.workers[worker].reload is not None:
        alone, places = reloads_as_visits(alone)
    statement = build_routing_model(alone, arrays_of_problem(alone), sorted(places), seed=0)
    close_model(statement)
    try:
        read_orders_into_model(statement, (places,))
    except SolverFailedError:
        return False
    return True
