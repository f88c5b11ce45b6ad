"""Finds where visits go in on a route at the least cost, by the kernel that each of them needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.delivery_insertion_kernels import cheapest_deliveries
from optimizer.insertion.insertion_kernels import cheapest_insertions, fitting_visits
from optimizer.routes.route_kernels import ALONE, POSSIBLE, VisitArrays, WorkerArrays, value_of_route
from optimizer.routes.schedule_kernels import NEVER


def cheapest_places(
    order: NDArray[np.int64],
    candidates: NDArray[np.int64],
    visits: VisitArrays,
    worker: WorkerArrays,
    ceilings: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Find the cheapest place of each candidate on one route, by the kernel that it needs.

    Where there are no deliveries their kernel is not even compiled.

    Parameters
    ----------
    order
        ``(n,)`` int64: the route as it is.
    candidates
        ``(k,)`` int64: visits that are not on it and that the worker may serve, with the other ones of their
        deliveries.
    visits, worker
        Their arrays.
    ceilings
        ``(k,)`` int64: a place that costs as much or more need not be found; None is no ceiling.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64: position, the first among equals, by how much it makes the route dearer (`NEVER` where there
        is no place), and where the other visit of a delivery goes in, or `ALONE`. Both are positions in the longer
        route.
    """
    most = np.full(len(candidates), NEVER) if ceilings is None else ceilings
    is_alone = visits.partner[candidates] == ALONE
    if is_alone.all():
        return _cheapest_insertions(order, candidates, most, visits, worker)
    found = np.empty((len(candidates), 3), np.int64)
    if is_alone.any():
        found[is_alone] = _cheapest_insertions(order, candidates[is_alone], most[is_alone], visits, worker)
    found[~is_alone] = _cheapest_deliveries(order, candidates[~is_alone], visits, worker)
    return found


def _cheapest_insertions(
    order: NDArray[np.int64],
    candidates: NDArray[np.int64],
    ceilings: NDArray[np.int64],
    visits: VisitArrays,
    worker: WorkerArrays,
) -> NDArray[np.int64]:
    found: NDArray[np.int64] = cheapest_insertions(order, candidates, ceilings, visits, worker)
    return found


def _cheapest_deliveries(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    before = value_of_route(order, visits, worker)
    if before.verdict != POSSIBLE:
        return np.full((len(candidates), 3), NEVER)
    found = cheapest_deliveries(order, candidates, visits, worker)
    found[found[:, 1] < NEVER, 1] -= before.cost
    return found


def visits_that_fit(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.bool_]:
    """Tell which candidates have a place on one route at all.

    Parameters
    ----------
    order, candidates, visits, worker
        As in `cheapest_places`.

    Returns
    -------
    ndarray
        ``(k,)`` bool.
    """
    fits = np.empty(len(candidates), np.bool_)
    is_alone = visits.partner[candidates] == ALONE
    if is_alone.any():
        fits[is_alone] = fitting_visits(order, candidates[is_alone], visits, worker)
    if not is_alone.all():
        fits[~is_alone] = _cheapest_deliveries(order, candidates[~is_alone], visits, worker)[:, 1] < NEVER
    return fits
