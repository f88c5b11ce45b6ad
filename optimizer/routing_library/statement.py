"""Decides what the nodes of a routing model are: the visits, then a start and an end of its own for each worker.

An open end is a node to and from which all ways cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.way_kernels import OPEN

COST_SCALE: Final = 18_000
"""Least common multiple of 3600 s and 1000 m: costs per hour and per kilometre become whole numbers."""


@dataclass(frozen=True, eq=False)
class RoutingNodes:
    """The nodes of a model.

    Parameters
    ----------
    visits
        ``(visits,)`` int64: the visit that stands at each of the first nodes.
    locations
        ``(nodes,)`` int64: location of each node, `OPEN` for an open end.
    """

    visits: NDArray[np.int64]
    locations: NDArray[np.int64]

    def start_of(self, worker: int) -> int:
        """Return the node at which a worker starts."""
        return len(self.visits) + 2 * worker

    def end_of(self, worker: int) -> int:
        """Return the node at which a worker ends."""
        return len(self.visits) + 2 * worker + 1


@dataclass(frozen=True, eq=False)
class RoutingStatement:
    """A problem and the model of OR-Tools that states it; `manager` maps the model's indices to `nodes`."""

    problem: Problem
    arrays: ProblemArrays
    nodes: RoutingNodes
    manager: Any
    model: Any


def lay_nodes(arrays: ProblemArrays, visits: NDArray[np.int64]) -> RoutingNodes:
    """Lay the nodes for some visits, in the given order, and for all workers."""
    ends = [end for worker in arrays.workers for end in (worker.start_location, worker.end_location)]
    locations = arrays.visits_of[0].location
    return RoutingNodes(visits, np.concatenate([locations[visits], np.asarray(ends, np.int64)]))


def node_matrix(values: NDArray[np.generic], nodes: RoutingNodes, at_open: int) -> NDArray[np.int64]:
    """Spread a matrix over locations onto the nodes.

    Parameters
    ----------
    values
        ``(locations, locations)`` any numbers.
    nodes
        The nodes.
    at_open
        The value of every way to or from an open end, and of the unused worker's way from start to end.

    Returns
    -------
    ndarray
        ``(nodes, nodes)`` int64.
    """
    spread = values[np.ix_(nodes.locations, nodes.locations)].astype(np.int64)
    is_open = nodes.locations == OPEN
    spread[is_open, :] = at_open
    spread[:, is_open] = at_open
    starts = np.arange(len(nodes.visits), len(nodes.locations), 2)
    spread[starts, starts + 1] = at_open
    return spread


def service_of_nodes(arrays: ProblemArrays, nodes: RoutingNodes, worker: int) -> NDArray[np.int64]:
    """Return the service time of a worker at each node: ``(nodes,)`` int64 seconds."""
    return _of_nodes(arrays.visits_of[worker].times.service_s, nodes)


def times_of_arcs(arrays: ProblemArrays, nodes: RoutingNodes, worker: int) -> NDArray[np.int64]:
    """Return the time from the start of the service at one node to that at another: ``(nodes, nodes)`` int64 seconds.

    It is service, travel, and the setup at a place that is not the place before.
    """
    setup_s = np.broadcast_to(_of_nodes(arrays.visits_of[worker].setup_s, nodes), (len(nodes.locations),) * 2)
    is_same_place = nodes.locations[:, None] == nodes.locations[None, :]
    is_same_place[len(nodes.visits) :] = False
    travel_s = node_matrix(arrays.workers[worker].travel_s, nodes, 0)
    return travel_s + np.where(is_same_place, 0, setup_s) + service_of_nodes(arrays, nodes, worker)[:, None]


def _of_nodes(values: NDArray[np.int64], nodes: RoutingNodes) -> NDArray[np.int64]:
    """Spread a value per visit onto the nodes, 0 at the ends of routes."""
    spread = np.zeros(len(nodes.locations), np.int64)
    spread[: len(nodes.visits)] = values[nodes.visits]
    return spread


class Evaluators:
    """Registers what a transit depends on once for all workers who are alike in it.

    Parameters
    ----------
    statement
        The problem and its model.
    """

    def __init__(self, statement: RoutingStatement) -> None:
        self._statement = statement

    def per_worker(self, kind: Callable[[int], object], transit: Callable[[int], NDArray[np.int64]]) -> list[int]:
        """Register one matrix for each different kind of worker, and return the evaluator of each worker."""
        registered: dict[object, int] = {}
        evaluators = []
        for worker in range(len(self._statement.problem.workers)):
            if kind(worker) not in registered:
                registered[kind(worker)] = self._statement.model.RegisterTransitMatrix(transit(worker).tolist())
            evaluators.append(registered[kind(worker)])
        return evaluators

    def service_kind(self, worker: int) -> object:
        """Tell workers apart whose visits or travel take different times."""
        arrays = self._statement.arrays
        return id(arrays.visits_of[worker]), id(arrays.workers[worker].travel_s)
