"""Decides how the rules of a problem are stated to OR-Tools: times, breaks, skills, limits and forbidden ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.routing_statement import COST_SCALE, RoutingStatement, node_matrix, service_of_nodes


def add_constraints(statement: RoutingStatement) -> None:
    """State every rule of a problem.

    Parameters
    ----------
    statement
        The problem and its model.
    """
    _add_skills(statement)
    _add_times(statement)
    _add_distance_limits(statement)
    _add_count_limits(statement)
    _add_forbidden_ways(statement)


def _add_skills(statement: RoutingStatement) -> None:
    for node, visit in enumerate(statement.nodes.visits):
        able = np.flatnonzero(statement.arrays.has_skills[:, visit])
        if len(able) < len(statement.problem.workers):
            # -1 stands for a visit that is left out. SetAllowedVehiclesForIndex cannot be called from Python.
            statement.model.VehicleVar(statement.manager.NodeToIndex(node)).SetValues([-1, *able.tolist()])


def _add_times(statement: RoutingStatement) -> None:
    """State travel and service times, shifts, longest durations, windows and breaks, and price waiting."""
    workers = statement.problem.workers
    # Cumulated values of OR-Tools are never negative, so its clock starts with the earliest moment that matters.
    origin_s = min(
        moment
        for worker in workers
        for moment in (worker.shift_start_s, *(pause.earliest_start_s for pause in worker.breaks))
    )
    horizon_s = max(worker.shift_end_s for worker in workers) - origin_s
    service_s = service_of_nodes(statement.arrays, statement.nodes)
    transits = [
        node_matrix(matrix.duration_s, statement.nodes, 0) + service_s[:, None] for matrix in statement.arrays.matrices
    ]
    limits = [horizon_s] * len(workers)
    fix_start_to_zero = False
    statement.model.AddDimensionWithVehicleTransitAndCapacity(
        _evaluators(statement, transits), horizon_s, limits, fix_start_to_zero, "time"
    )
    time = statement.model.GetDimensionOrDie("time")
    _add_shifts(statement, time, origin_s)
    _add_windows(statement, time, origin_s, horizon_s)
    _add_breaks(statement, time, origin_s)


def _add_shifts(statement: RoutingStatement, time: Any, origin_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    model = statement.model
    for index, worker in enumerate(statement.problem.workers):
        for end in (model.Start(index), model.End(index)):
            time.CumulVar(end).SetRange(worker.shift_start_s - origin_s, worker.shift_end_s - origin_s)
        if worker.max_duration_s is not None:
            time.SetSpanUpperBoundForVehicle(worker.max_duration_s, index)
        if worker.cost_per_hour > 0:
            time.SetSlackCostCoefficientForVehicle(worker.cost_per_hour * (COST_SCALE // 3600), index)


def _add_windows(statement: RoutingStatement, time: Any, origin_s: int, horizon_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    for node, visit in enumerate(statement.nodes.visits):
        windows = statement.problem.visits[visit].time_windows
        if not windows:
            continue
        index = statement.manager.NodeToIndex(node)
        clipped = [(max(0, one.start_s - origin_s), min(horizon_s, one.end_s - origin_s)) for one in windows]
        inside = [(start_s, end_s) for start_s, end_s in clipped if start_s <= end_s]
        if not inside:
            # An empty domain would make the whole model infeasible; so the visit is left out.
            statement.model.VehicleVar(index).SetValue(-1)
            continue
        start = time.CumulVar(index)
        start.SetRange(inside[0][0], inside[-1][1])
        for (_, before_s), (after_s, _) in pairwise(inside):
            start.RemoveInterval(before_s + 1, after_s - 1)


def _add_breaks(statement: RoutingStatement, time: Any, origin_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    solver = statement.model.solver()
    service_s = _by_index(statement, service_of_nodes(statement.arrays, statement.nodes))
    for index, worker in enumerate(statement.problem.workers):
        breaks = [
            solver.FixedDurationIntervalVar(
                pause.earliest_start_s - origin_s,
                pause.latest_start_s - origin_s,
                pause.duration_s,
                False,  # noqa: FBT003 - positional in OR-Tools: the break is not optional
                f"break {number} of worker {index}",
            )
            for number, pause in enumerate(worker.breaks)
        ]
        for before, after in pairwise(breaks):
            solver.Add(after.StartsAfterEnd(before))
        if breaks:
            time.SetBreakIntervalsOfVehicle(breaks, index, service_s)


def _add_distance_limits(statement: RoutingStatement) -> None:
    limits = [worker.max_distance_m for worker in statement.problem.workers]
    if any(limit is not None for limit in limits):
        transits = [node_matrix(matrix.distance_m, statement.nodes, 0) for matrix in statement.arrays.matrices]
        _add_limit(statement, _evaluators(statement, transits), limits, "distance")


def _add_count_limits(statement: RoutingStatement) -> None:
    """Limit the number of visits and the load of each route."""
    workers, visits = statement.problem.workers, statement.nodes.visits
    for name, limits, counted in (
        ("visits", [worker.max_visits for worker in workers], np.ones(len(visits), np.int64)),
        ("load", [worker.capacity for worker in workers], statement.arrays.visits.load[visits]),
    ):
        if any(limit is not None for limit in limits):
            per_node = np.zeros(len(statement.nodes.locations), np.int64)
            per_node[: len(visits)] = counted
            evaluator = statement.model.RegisterUnaryTransitVector(per_node.tolist())
            _add_limit(statement, [evaluator] * len(workers), limits, name)


def _add_forbidden_ways(statement: RoutingStatement) -> None:
    """Count the legs that have no way, and allow none: a large travel time would only price them."""
    if not all(matrix.reachable.all() for matrix in statement.arrays.matrices):
        transits = [1 - node_matrix(matrix.reachable, statement.nodes, 1) for matrix in statement.arrays.matrices]
        limits = [0] * len(statement.problem.workers)
        _add_limit(statement, _evaluators(statement, transits), limits, "forbidden ways")


def _add_limit(statement: RoutingStatement, evaluators: Sequence[int], limits: Sequence[int | None], name: str) -> None:
    no_limit = np.iinfo(np.int64).max // 4
    fix_start_to_zero = True
    statement.model.AddDimensionWithVehicleTransitAndCapacity(
        list(evaluators), 0, [no_limit if limit is None else limit for limit in limits], fix_start_to_zero, name
    )


def _evaluators(statement: RoutingStatement, transits: Sequence[NDArray[np.int64]]) -> list[int]:
    """Register one matrix over the nodes per way of travelling, and return the evaluator of each worker."""
    registered = [statement.model.RegisterTransitMatrix(transit.tolist()) for transit in transits]
    return [registered[worker.matrix] for worker in statement.problem.workers]


def _by_index(statement: RoutingStatement, per_node: NDArray[np.int64]) -> list[int]:
    manager = statement.manager
    return [int(per_node[manager.IndexToNode(index)]) for index in range(statement.model.Size())]
