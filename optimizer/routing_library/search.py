"""Decides how OR-Tools searches, when it stops, and which orders of visits it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders
from optimizer.routing_library.statement import RoutingStatement

USED_OPERATORS = ("use_relocate", "use_exchange", "use_two_opt", "use_or_opt", "use_cross")
DELIVERY_OPERATORS = ("use_relocate_pair", "use_light_relocate_pair", "use_exchange_pair")
OPTIONAL_VISIT_OPERATORS = ("use_make_active", "use_make_inactive", "use_swap_active")
PATIENCE_BRANCHES = 20_000
"""The search ends after so many branches without improvement: some seconds with 20 visits, never with hundreds."""
SMALL_PROBLEM_VISITS = 10
SMALL_PROBLEM_BRANCHES = 300_000
"""Where no two visits fit on one route, guided local search spins without reaching another local optimum, so patience
alone does not end it."""


def search_routes(
    statement: RoutingStatement,
    *,
    start_from: Orders,
    time_limit_s: float,
    work_limit: int | None,
    should_stop: Callable[[], bool],
    on_orders: Callable[[Orders], None],
) -> Orders:
    """Search for the best routes until the time or work limit, or until asked to stop.

    Parameters
    ----------
    statement
        The problem as a routing model. It serves one search.
    start_from
        Feasible routes to improve.
    time_limit_s
        Wall seconds.
    work_limit
        Search branches, or None.
    should_stop
        Asked at every local optimum. A limit of OR-Tools' own kind would be asked about a million times a second.
    on_orders
        Gets each improvement.

    Returns
    -------
    Orders
        The best routes found.
    """
    model = statement.model
    listener = _Listener(statement, start_from, should_stop, on_orders)
    model.AddAtSolutionCallback(listener.at_solution)
    try:
        parameters = close_model(statement, time_limit_s)
        assignment = read_orders_into_model(statement, start_from)
        if work_limit is None and len(statement.nodes.visits) <= SMALL_PROBLEM_VISITS:
            work_limit = SMALL_PROBLEM_BRANCHES
        if work_limit is not None:
            model.AddSearchMonitor(model.solver().BranchesLimit(work_limit))
        model.SolveFromAssignmentWithParameters(assignment, parameters)
    finally:
        listener.let_go()
    return listener.best


class _Listener:
    """Hears of each solution, and ends the search where nothing better comes.

    The model keeps its listener for good, out of sight of the garbage collector: a listener that still knew the model
    after the search would keep it in memory for as long as the process lives.
    """

    def __init__(
        self,
        statement: RoutingStatement,
        start_from: Orders,
        should_stop: Callable[[], bool],
        on_orders: Callable[[Orders], None],
    ) -> None:
        self.best = start_from
        self._statement: RoutingStatement | None = statement
        self._should_stop, self._on_orders = should_stop, on_orders
        self._best_cost: int | None = None
        self._best_branches = 0

    def at_solution(self) -> None:
        """Look at the solution that was just found."""
        statement = self._statement
        if statement is None:
            return
        solver, cost = statement.model.solver(), statement.model.CostVar().Max()
        if self._best_cost is None or cost < self._best_cost:
            self._best_cost = cost
            self._best_branches = solver.Branches()
            self.best = _read_orders(statement)
            self._on_orders(self.best)
        if self._should_stop() or solver.Branches() - self._best_branches > PATIENCE_BRANCHES:
            solver.FinishCurrentSearch()

    def let_go(self) -> None:
        """Forget everything but the best routes."""
        self._statement = None
        self._should_stop, self._on_orders = bool, lambda _: None


def close_model(statement: RoutingStatement, time_limit_s: float = 1.0) -> Any:  # noqa: ANN401 - OR-Tools is untyped
    """Close the model for a search of so many seconds, and return the parameters of that search."""
    parameters = _search_parameters(time_limit_s)
    if statement.problem.deliveries:
        for name in DELIVERY_OPERATORS:
            setattr(parameters.local_search_operators, name, parameters.local_search_operators.use_relocate)
    statement.model.CloseModelWithParameters(parameters)
    return parameters


def read_orders_into_model(statement: RoutingStatement, orders: Orders) -> Any:  # noqa: ANN401 - OR-Tools is untyped
    """Read routes into a closed model: OR-Tools confirms that they keep every rule.

    Parameters
    ----------
    statement
        The problem and its model, closed and without a work limit: that would count here, too.
    orders
        The routes.

    Returns
    -------
    Assignment of OR-Tools
        To start from.

    Raises
    ------
    SolverFailedError
        Where OR-Tools holds the routes to be infeasible: one of the two statements of the rules is wrong.
    """
    index_of = {int(visit): statement.manager.NodeToIndex(node) for node, visit in enumerate(statement.nodes.visits)}
    ignore_inactive = True
    routes = [[index_of[visit] for visit in order] for order in orders]
    assignment = statement.model.ReadAssignmentFromRoutes(routes, ignore_inactive)
    if assignment is None:
        message = "OR-Tools holds routes to be infeasible that have a schedule"
        raise SolverFailedError(message)
    return assignment


def _search_parameters(time_limit_s: float) -> Any:  # noqa: ANN401 - OR-Tools is untyped
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    operators = parameters.local_search_operators
    on, off = operators.use_relocate, operators.use_tsp_opt
    for field in operators.DESCRIPTOR.fields:
        setattr(operators, field.name, on if field.name in USED_OPERATORS + OPTIONAL_VISIT_OPERATORS else off)
    parameters.time_limit.FromMilliseconds(max(1, round(1000 * time_limit_s)))
    # Its default of 100 ms also ends the completion of a solution, without a word: large days then never start, and a
    # work limit would not give the same plan again.
    parameters.lns_time_limit.CopyFrom(parameters.time_limit)
    return parameters


def _read_orders(statement: RoutingStatement) -> Orders:
    model, manager, visits = statement.model, statement.manager, statement.nodes.visits
    orders: list[tuple[int, ...]] = []
    for worker in range(len(statement.problem.workers)):
        order: list[int] = []
        index = model.NextVar(model.Start(worker)).Value()
        while not model.IsEnd(index):
            order.append(int(visits[manager.IndexToNode(index)]))
            index = model.NextVar(index).Value()
        orders.append(tuple(order))
    return tuple(orders)
