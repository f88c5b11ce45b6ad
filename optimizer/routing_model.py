"""Decides how a problem is stated as a routing model of OR-Tools: arc costs and penalties.

`optimizer.routing_statement` lays the nodes and `optimizer.routing_constraints` adds the rules. The objective is that
of `optimizer.problem`, times `COST_SCALE`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from optimizer.problem import Problem, Worker
from optimizer.problem_arrays import ProblemArrays
from optimizer.routing_constraints import add_constraints
from optimizer.routing_statement import COST_SCALE, RoutingStatement, lay_nodes, node_matrix, service_of_nodes

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
    evaluators: dict[tuple[int, int, int], int] = {}
    for index, worker in enumerate(statement.problem.workers):
        kind = (worker.matrix, worker.cost_per_hour, worker.cost_per_km)
        if kind not in evaluators:
            evaluators[kind] = model.RegisterTransitMatrix(_arc_costs(statement, index, worker).tolist())
        model.SetArcCostEvaluatorOfVehicle(evaluators[kind], index)
        model.SetFixedCostOfVehicle(COST_SCALE * worker.fixed_cost, index)
    for node, penalty in enumerate(_penalties(statement)):
        model.AddDisjunction([statement.manager.NodeToIndex(node)], penalty)


def _arc_costs(statement: RoutingStatement, index: int, worker: Worker) -> NDArray[np.int64]:
    """Price travel and service on the arcs, where the search sees them; waiting and breaks are priced as slack."""
    nodes, own = statement.nodes, statement.arrays.workers[index]
    seconds = node_matrix(own.travel_s, nodes, 0) + service_of_nodes(statement.arrays, nodes)[:, None]
    metres = node_matrix(own.distance_m, nodes, 0)
    costs = worker.cost_per_hour * (COST_SCALE // 3600) * seconds + worker.cost_per_km * (COST_SCALE // 1000) * metres
    forbidden = node_matrix(own.reachable, nodes, 1) == 0
    # A forbidden way is forbidden by a constraint; its cost only keeps the heuristics from trying it first.
    costs[forbidden] = costs.max(where=~forbidden, initial=0)
    return costs


def _penalties(statement: RoutingStatement) -> list[int]:
    """Price every visit left out; a mandatory one above all that the rest of the plan can cost."""
    problem = statement.problem
    costs = [problem.visits[visit].unserved_cost for visit in statement.nodes.visits]
    optional = sum(cost for cost in costs if cost is not None)
    longest_m = [int(matrix.distance_m.max(initial=0)) for matrix in statement.arrays.matrices]
    routes = sum(_dearest_route(worker, longest_m[worker.matrix] * (1 + len(costs))) for worker in problem.workers)
    mandatory = min(COST_SCALE * (1 + optional + routes), LARGEST_PENALTY_SUM // len(costs))
    return [mandatory if cost is None else min(COST_SCALE * cost, mandatory) for cost in costs]


def _dearest_route(worker: Worker, longest_m: int) -> int:
    shift_s = worker.shift_end_s - worker.shift_start_s
    return worker.fixed_cost + worker.cost_per_hour * shift_s // 3600 + worker.cost_per_km * longest_m // 1000 + 2
