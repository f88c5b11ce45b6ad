"""Decides how a problem is stated as a routing model of OR-Tools: arc costs and penalties.

`optimizer.routing_library.statement` lays the nodes and `optimizer.routing_library.constraints` adds the rules. The
objective is that of `optimizer.problem`, times `COST_SCALE`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from optimizer.priorities import dearest_routes
from optimizer.problem import Problem, Worker
from optimizer.problem_arrays import ProblemArrays
from optimizer.routing_library.constraints import add_constraints
from optimizer.routing_library.statement import (
    COST_SCALE,
    Evaluators,
    RoutingStatement,
    lay_nodes,
    node_matrix,
    times_of_arcs,
)

LARGEST_PENALTY_SUM = 1 << 61


def build_routing_model(problem: Problem, arrays: ProblemArrays, visits: Sequence[int], seed: int) -> RoutingStatement:
    """State a problem as a routing model.

    Every visit may be left out: a mandatory one at a penalty above all other costs, because OR-Tools answers a model
    with one impossible mandatory visit with nothing at all.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    visits
        The visits to state; at least one.
    seed
        Shuffles the visits: OR-Tools breaks ties by their order.

    Returns
    -------
    RoutingStatement
        Ready to be solved.
    """
    nodes = lay_nodes(arrays, np.random.default_rng(seed).permutation(np.asarray(visits, np.int64)))
    workers = range(len(problem.workers))
    starts, ends = [nodes.start_of(one) for one in workers], [nodes.end_of(one) for one in workers]
    manager = pywrapcp.RoutingIndexManager(len(nodes.locations), len(workers), starts, ends)
    statement = RoutingStatement(problem, arrays, nodes, manager, pywrapcp.RoutingModel(manager))
    _add_costs(statement)
    add_constraints(statement)
    return statement


def _add_costs(statement: RoutingStatement) -> None:
    model = statement.model
    workers, evaluators = statement.problem.workers, Evaluators(statement)

    def kind(index: int) -> object:
        return evaluators.service_kind(index), workers[index].cost_per_hour, workers[index].cost_per_km

    costs = evaluators.per_worker(kind, lambda index: _arc_costs(statement, index, workers[index]))
    for index, worker in enumerate(workers):
        model.SetArcCostEvaluatorOfVehicle(costs[index], index)
        model.SetFixedCostOfVehicle(COST_SCALE * worker.fixed_cost, index)
    for node, penalty in enumerate(_penalties(statement)):
        model.AddDisjunction([statement.manager.NodeToIndex(node)], penalty)


def _arc_costs(statement: RoutingStatement, index: int, worker: Worker) -> NDArray[np.int64]:
    """Price travel, setup and service on the arcs, which the search sees; waiting and breaks are priced as slack."""
    nodes, own = statement.nodes, statement.arrays.workers[index]
    seconds = times_of_arcs(statement.arrays, nodes, index)
    metres = node_matrix(own.distance_m, nodes, 0)
    costs = worker.cost_per_hour * (COST_SCALE // 3600) * seconds + worker.cost_per_km * (COST_SCALE // 1000) * metres
    costs[: len(nodes.visits)] += COST_SCALE * statement.arrays.visits_of[index].extra_cost[nodes.visits][:, None]
    forbidden = node_matrix(own.reachable, nodes, 1) == 0
    # A forbidden way is forbidden by a constraint; its cost only keeps the heuristics from trying it first.
    costs[forbidden] = costs.max(where=~forbidden, initial=0)
    return costs


def _penalties(statement: RoutingStatement) -> list[int]:
    """Price every visit left out; a mandatory one above all that the rest of the plan can cost."""
    problem = statement.problem
    costs = [problem.visits[visit].unserved_cost for visit in statement.nodes.visits]
    optional = sum(cost for cost in costs if cost is not None)
    mandatory = min(COST_SCALE * (1 + optional + dearest_routes(problem)), LARGEST_PENALTY_SUM // len(costs))
    return [mandatory if cost is None else min(COST_SCALE * cost, mandatory) for cost in costs]
