"""Decides where visits fit on a route as it is, and remembers the answers: the same is asked again and again.

Memory only saves time: what is remembered is what would be found. It is part of `ProblemArrays`, and holds for each
worker the last route that was asked about, and for all who are alike the empty one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.joining import may_join_whole
from optimizer.insertion.places_on_route import cheapest_places
from optimizer.problem_arrays import KnownPlaces, ProblemArrays
from optimizer.routes.route_kernels import ALONE
from optimizer.routes.schedule_kernels import NEVER

_Orders = tuple[tuple[int, ...], ...]
"""As `optimizer.insertion.insertion.Orders`."""


def remembered_places(
    arrays: ProblemArrays, orders: _Orders, worker: int, candidates: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find each candidate's cheapest place on a route, or remember it.

    Parameters
    ----------
    arrays, orders, worker
        As in `optimizer.insertion.insertion.find_insertions`.
    candidates
        ``(k,)`` int64: visits that are not on the route.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64, as in `optimizer.insertion.insertion.insertion_table`.
    """
    order = orders[worker]
    # Of a route without visits all is asked for all who are alike, whoever may serve what.
    owner = worker if order else int(arrays.alike[worker])
    known = arrays.known_places.get((owner, not order))
    if known is None or known.order != order:
        known = KnownPlaces(order, np.empty(0, np.int64), np.empty((0, 3), np.int64))
    new = candidates[~_is_known(known, candidates)]
    if len(new):
        tried = np.concatenate([known.candidates, new])
        able = _is_able(arrays, worker, new) if order else np.ones(len(new), np.bool_)
        places = np.concatenate([known.found, _places_on_route(arrays, worker, order, new, able)])
        ascending = tried.argsort()
        known = KnownPlaces(order, tried[ascending], places[ascending])
        arrays.known_places[owner, not order] = known
    found = known.found[np.searchsorted(known.candidates, candidates)]
    if not order:
        found[~_is_able(arrays, worker, candidates), 1] = NEVER
    if arrays.binds_routes:
        found[~may_join_whole(arrays, orders, worker, candidates.tolist()), 1] = NEVER
    return found


def places_now(
    arrays: ProblemArrays,
    orders: _Orders,
    worker: int,
    candidates: NDArray[np.int64],
    ceilings: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Find what `remembered_places` does, without remembering: of a route that is only tried.

    Parameters
    ----------
    arrays, orders, worker, candidates
        As in `remembered_places`.
    ceilings
        ``(k,)`` int64: a place that costs as much or more need not be found; None is no ceiling.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64.
    """
    able = _is_able(arrays, worker, candidates)
    found = _places_on_route(arrays, worker, orders[worker], candidates, able, ceilings)
    if arrays.binds_routes:
        found[~may_join_whole(arrays, orders, worker, candidates.tolist()), 1] = NEVER
    return found


def _is_known(known: KnownPlaces, candidates: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which candidates were tried: ``(k,)`` bool."""
    if len(known.candidates) == 0:
        return np.zeros(len(candidates), np.bool_)
    places = np.minimum(np.searchsorted(known.candidates, candidates), len(known.candidates) - 1)
    is_known: NDArray[np.bool_] = known.candidates[places] == candidates
    return is_known


def _is_able(arrays: ProblemArrays, worker: int, candidates: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which visits a worker may serve, with the other ones of their deliveries: ``(k,)`` bool."""
    partners = arrays.visits_of[worker].partner[candidates]
    may_serve = arrays.may_serve[worker]
    is_able: NDArray[np.bool_] = may_serve[candidates] & ((partners == ALONE) | may_serve[partners])
    return is_able


def _places_on_route(
    arrays: ProblemArrays,
    worker: int,
    order: tuple[int, ...],
    candidates: NDArray[np.int64],
    able: NDArray[np.bool_],
    ceilings: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Find the cheapest place on a route for those of some candidates that the worker is able to serve."""
    found = np.full((len(candidates), 3), NEVER)
    if able.any():
        visits, own, route = arrays.visits_of[worker], arrays.workers[worker], np.asarray(order, np.int64)
        most = None if ceilings is None else ceilings[able]
        found[able] = cheapest_places(route, candidates[able], visits, own, most)
    return found
