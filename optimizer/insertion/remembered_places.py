"""Decides where visits fit on a route as it is, and remembers the answers: the same is asked again and again.

Memory only saves time: what is remembered is what would be found. It is part of `ProblemArrays`, and holds for each
worker the last route that was asked about, and for all who are alike the empty one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.joining import may_join_whole
from optimizer.insertion.places_on_route import cheapest_places
from optimizer.problem_arrays import KnownPlaces, ProblemArrays
from optimizer.routes.route_kernels import ALONE, POSSIBLE, value_of_route
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


def places_now(arrays: ProblemArrays, orders: _Orders, worker: int, candidates: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find what `remembered_places` does, without remembering: of a route that is only tried.

    Parameters
    ----------
    arrays, orders, worker, candidates
        As in `remembered_places`.

    Returns
    -------
    ndarray
        ``(k, 3)`` int64.
    """
    able = _is_able(arrays, worker, candidates)
    found = _places_on_route(arrays, worker, orders[worker], candidates, able)
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
) -> NDArray[np.int64]:
    """Find the cheapest place on a route for those of some candidates that the worker is able to serve."""
    found = np.full((len(candidates), 3), NEVER)
    if not able.any():
        return found
    visits, own, route = arrays.visits_of[worker], arrays.workers[worker], np.asarray(order, np.int64)
    before = value_of_route(route, visits, own)
    if before.verdict == POSSIBLE:
        found[able] = cheapest_places(route, candidates[able], visits, own)
        found[found[:, 1] < NEVER, 1] -= before.cost
    return found


def room_beside(arrays: ProblemArrays, orders: _Orders, visits: Sequence[int]) -> NDArray[np.bool_]:
    """Tell which visits would fit on whose route, were their mates no matter.

    All are tried at once, in a fraction of the time that one after the other takes.

    Parameters
    ----------
    arrays, orders
        As in `optimizer.insertion.insertion.find_insertions`.
    visits
        Visits that are on no route.

    Returns
    -------
    ndarray
        ``(visits, workers)`` bool.
    """
    candidates = np.asarray(visits, np.int64)
    room = np.zeros((len(candidates), len(orders)), np.bool_)
    for worker, kept in enumerate(orders if len(candidates) else ()):
        able = _is_able(arrays, worker, candidates)
        known = arrays.known_places.get((int(arrays.alike[worker]) if not kept else worker, not kept))
        if known is not None and known.order == kept and _is_known(known, candidates).all():
            found = known.found[np.searchsorted(known.candidates, candidates)]
        else:
            # What is remembered of the whole route is still of use, and must not make way for this.
            found = _places_on_route(arrays, worker, kept, candidates, able)
        room[:, worker] = able & (found[:, 1] < NEVER)
    return room
