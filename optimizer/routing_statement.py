"""Decides what the nodes of a routing model are: the visits, then a start and an end of its own for each worker.

An open end is a node to and from which all ways cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import OPEN

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
    return RoutingNodes(visits, np.concatenate([arrays.visits.location[visits], np.asarray(ends, np.int64)]))


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


def service_of_nodes(arrays: ProblemArrays, nodes: RoutingNodes) -> NDArray[np.int64]:
    """Return the service time at each node: ``(nodes,)`` int64 seconds."""
    service_s = np.zeros(len(nodes.locations), np.int64)
    service_s[: len(nodes.visits)] = arrays.visits.times.service_s[nodes.visits]
    return service_s
