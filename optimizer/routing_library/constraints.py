"""Decides how the rules about single routes are stated to OR-Tools: times, breaks, limits and forbidden ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from optimizer.problem import Visit
from optimizer.routing_library.company import add_company
from optimizer.routing_library.statement import (
    COST_SCALE,
    Evaluators,
    RoutingStatement,
    node_matrix,
    service_of_nodes,
    times_of_arcs,
)


def add_constraints(statement: RoutingStatement) -> None:
    """State every rule of a problem.

    Parameters
    ----------
    statement
        The problem and its model.
    """
    _add_allowed_workers(statement)
    _add_times(statement)
    _add_way_limits(statement)
    _add_count_limits(statement)
    _add_forbidden_ways(statement)
    add_company(statement)


def _add_allowed_workers(statement: RoutingStatement) -> None:
    for node, visit in enumerate(statement.nodes.visits):
        able = np.flatnonzero(statement.arrays.may_serve[:, visit])
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
    evaluators = Evaluators(statement)
    transits = evaluators.per_worker(
        evaluators.service_kind, lambda index: times_of_arcs(statement.arrays, statement.nodes, index)
    )
    limits = [horizon_s] * len(workers)
    fix_start_to_zero = False
    statement.model.AddDimensionWithVehicleTransitAndCapacity(transits, horizon_s, limits, fix_start_to_zero, "time")
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
        soft = worker.soft_limits
        if soft.max_duration_s is not None:
            price = soft.cost_per_extra_hour * (COST_SCALE // 3600)
            time.SetSoftSpanUpperBoundForVehicle(pywrapcp.BoundCost(soft.max_duration_s, price), index)
        if worker.regular_end_s is not None:
            price = worker.overtime_cost_per_hour * (COST_SCALE // 3600)
            time.SetCumulVarSoftUpperBound(model.End(index), worker.regular_end_s - origin_s, price)
        if worker.cost_per_hour > 0:
            time.SetSlackCostCoefficientForVehicle(worker.cost_per_hour * (COST_SCALE // 3600), index)


def _add_windows(statement: RoutingStatement, time: Any, origin_s: int, horizon_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    for node, visit in enumerate(statement.nodes.visits):
        asked = statement.problem.visits[visit]
        index = statement.manager.NodeToIndex(node)
        if asked.soft_windows:
            _add_soft_windows(time, index, asked, origin_s)
        windows = asked.time_windows
        if not windows:
            continue
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


def _add_soft_windows(time: Any, index: int, visit: Visit, origin_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    """Price what lies before the first soft window and after the last one.

    OR-Tools knows one such span for each visit. Between two windows it sees no price, so what it proposes there is
    priced by our own schedule, which also decides what is better.
    """
    before_s, after_s = visit.soft_windows[0].start_s - origin_s, visit.soft_windows[-1].end_s - origin_s
    if before_s > 0 and visit.cost_per_hour_early:
        time.SetCumulVarSoftLowerBound(index, before_s, visit.cost_per_hour_early * (COST_SCALE // 3600))
    if visit.cost_per_hour_late:
        time.SetCumulVarSoftUpperBound(index, max(0, after_s), visit.cost_per_hour_late * (COST_SCALE // 3600))


def _add_breaks(statement: RoutingStatement, time: Any, origin_s: int) -> None:  # noqa: ANN401 - OR-Tools is untyped
    solver = statement.model.solver()
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
            service_s = _by_index(statement, service_of_nodes(statement.arrays, statement.nodes, index))
            time.SetBreakIntervalsOfVehicle(breaks, index, service_s)


def _add_way_limits(statement: RoutingStatement) -> None:
    """Limit the length of each route and the time on the road, hard and soft."""
    workers, arrays, nodes = statement.problem.workers, statement.arrays, statement.nodes
    evaluators = Evaluators(statement)
    _add_limit(
        statement,
        lambda: evaluators.per_worker(
            lambda index: id(arrays.workers[index].distance_m),
            lambda index: node_matrix(arrays.workers[index].distance_m, nodes, 0),
        ),
        [
            _Limit(one.max_distance_m, one.soft_limits.max_distance_m, one.soft_limits.cost_per_extra_km, 1000)
            for one in workers
        ],
        "distance",
    )
    _add_limit(
        statement,
        lambda: evaluators.per_worker(
            lambda index: id(arrays.workers[index].travel_s),
            lambda index: node_matrix(arrays.workers[index].travel_s, nodes, 0),
        ),
        [
            _Limit(one.max_travel_s, one.soft_limits.max_travel_s, one.soft_limits.cost_per_extra_travel_hour, 3600)
            for one in workers
        ],
        "travel",
    )


def _add_count_limits(statement: RoutingStatement) -> None:
    """Limit the number of visits, hard and soft, and the load of each route."""
    workers, visits = statement.problem.workers, statement.nodes.visits
    visit_limits = [
        _Limit(one.max_visits, one.soft_limits.max_visits, one.soft_limits.cost_per_extra_visit, 1) for one in workers
    ]
    # Where a worker may reload, nothing is said of loads: what is proposed there is repaired afterwards.
    load_limits = [_Limit(None if one.reload is not None else one.capacity) for one in workers]
    arrays = statement.arrays.visits_of[0]
    # What stays on board counts from its visit on: the peak is exact unless a problem has loads of both kinds.
    ones, load = np.ones(len(visits), np.int64), arrays.load[visits] + arrays.boarded[visits]
    _add_limit(statement, lambda: _counters(statement, ones), visit_limits, "visits")
    _add_limit(statement, lambda: _counters(statement, load), load_limits, "load")


def _counters(statement: RoutingStatement, per_visit: NDArray[np.int64]) -> list[int]:
    per_node = np.zeros(len(statement.nodes.locations), np.int64)
    per_node[: len(per_visit)] = per_visit
    evaluator = statement.model.RegisterUnaryTransitVector(per_node.tolist())
    return [evaluator] * len(statement.problem.workers)


def _add_forbidden_ways(statement: RoutingStatement) -> None:
    """Count the legs that have no way, and allow none: a large travel time would only price them."""
    workers, nodes = statement.arrays.workers, statement.nodes
    if not all(worker.reachable.all() for worker in workers):
        evaluators = Evaluators(statement)
        _add_limit(
            statement,
            lambda: evaluators.per_worker(
                lambda index: id(workers[index].reachable),
                lambda index: 1 - node_matrix(workers[index].reachable, nodes, 1),
            ),
            [_Limit(0)] * len(workers),
            "forbidden ways",
        )


@dataclass(frozen=True)
class _Limit:
    """A hard limit, and a soft one with its price in cost units per `unit`; None is no limit."""

    hard: int | None
    soft: int | None = None
    price: int = 0
    unit: int = 1


def _add_limit(
    statement: RoutingStatement, evaluators: Callable[[], list[int]], limits: Sequence[_Limit], name: str
) -> None:
    if all(limit.hard is None and limit.soft is None for limit in limits):
        return
    model = statement.model
    no_limit = np.iinfo(np.int64).max // 4
    fix_start_to_zero = True
    model.AddDimensionWithVehicleTransitAndCapacity(
        evaluators(), 0, [no_limit if limit.hard is None else limit.hard for limit in limits], fix_start_to_zero, name
    )
    dimension = model.GetDimensionOrDie(name)
    for index, limit in enumerate(limits):
        if limit.soft is not None:
            dimension.SetCumulVarSoftUpperBound(model.End(index), limit.soft, limit.price * (COST_SCALE // limit.unit))


def _by_index(statement: RoutingStatement, per_node: NDArray[np.int64]) -> list[int]:
    manager = statement.manager
    return [int(per_node[manager.IndexToNode(index)]) for index in range(statement.model.Size())]
