"""Decides, for all visits that are left out and all routes at once, which places say something, and remembers them.

For a finished plan it is enough to know where a visit would cost no more than it is worth, and where it would cost
least: every other place is ruled out by a bound of its price before it is scheduled. Memory only saves time: what is
remembered is what would be found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.joining import may_join_whole
from optimizer.insertion.places_on_route import cheapest_places, visits_that_fit
from optimizer.problem_arrays import ProblemArrays, TellingPlaces
from optimizer.routes.route_kernels import ALONE
from optimizer.routes.schedule_kernels import NEVER

_Orders = tuple[tuple[int, ...], ...]
"""As `optimizer.insertion.insertion.Orders`."""


def telling_places(
    arrays: ProblemArrays, orders: _Orders, visits: NDArray[np.int64], worth: NDArray[np.int64]
) -> TellingPlaces:
    """Find on every route the places that pay, and for each visit the cheapest place of all.

    Parameters
    ----------
    arrays, orders
        As in `optimizer.insertion.insertion.find_insertions`.
    visits
        ``(k,)`` int64: visits that are on no route.
    worth
        ``(k,)`` int64: what leaving each out costs.

    Returns
    -------
    TellingPlaces
        As in `optimizer.insertion.insertion.insertion_table`, but `NEVER` also where the cheapest place on a route
        costs more than the visit is worth, and another route has one that costs less.
    """
    known = arrays.known_telling.get(0)
    if (
        known is not None
        and known.orders == orders
        and np.array_equal(known.visits, visits)
        and np.array_equal(known.worth, worth)
    ):
        return known
    able = able_workers(arrays, visits)
    if arrays.binds_routes:
        for worker in range(len(orders)):
            able[worker] &= may_join_whole(arrays, orders, worker, visits.tolist())
    places = np.full((*able.shape, 3), NEVER)
    is_new = np.ones(able.shape, np.bool_)
    if known is not None and not arrays.binds_routes:
        is_new = _taken_over(known, orders, visits, worth, places)
    _look(arrays, orders, visits, worth, able & is_new, places)
    arrays.known_telling[0] = found = TellingPlaces(orders, visits, worth, places)
    return found


def _taken_over(
    known: TellingPlaces,
    orders: _Orders,
    visits: NDArray[np.int64],
    worth: NDArray[np.int64],
    places: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Take over what is known of routes that are as they were, and say where is to be looked: ``(workers, k)`` bool.

    Where the cheapest place of a visit was on a route that has changed, the others were ruled out by it: all are looked
    at anew.
    """
    is_changed = np.array([now != before for now, before in zip(orders, known.orders, strict=True)])
    old = np.minimum(np.searchsorted(known.visits, visits), max(0, len(known.visits) - 1))
    is_new = np.ones(len(visits), np.bool_)
    if len(known.visits):
        cheapest = known.places[:, old, 1]
        is_told = (known.visits[old] == visits) & (known.worth[old] == worth)
        is_new = ~is_told | (is_changed[cheapest.argmin(axis=0)] & (cheapest.min(axis=0) < NEVER))
        kept = np.ix_(~is_changed, ~is_new)
        places[kept] = known.places[:, old][kept]
    return is_changed[:, np.newaxis] | is_new


def _look(
    arrays: ProblemArrays,
    orders: _Orders,
    visits: NDArray[np.int64],
    worth: NDArray[np.int64],
    asked: NDArray[np.bool_],
    places: NDArray[np.int64],
) -> None:
    """Look at one route after the other, at each only for what is still of interest after those before it."""
    cheapest = places[:, :, 1].min(axis=0)
    empty: dict[int, NDArray[np.int64]] = {}
    for worker, order in enumerate(orders):
        mine = np.flatnonzero(asked[worker])
        if len(mine) == 0:
            continue
        # Of what costs the same, the place with the first worker counts: one that is known may be with a later one.
        ceilings = np.maximum(worth, cheapest) + 1
        owner = int(arrays.alike[worker])
        if not order and owner in empty:
            found = empty[owner][mine]
        else:
            # Of a route without visits all is asked for all who are alike, whoever may serve what.
            wanted = mine if order else np.arange(len(visits))
            route, own = np.asarray(order, np.int64), arrays.workers[worker]
            found = cheapest_places(route, visits[wanted], arrays.visits_of[worker], own, ceilings[wanted])
            if not order:
                empty[owner] = found
                found = found[mine]
        places[worker, mine] = found
        cheapest[mine] = np.minimum(cheapest[mine], found[:, 1])


def able_workers(arrays: ProblemArrays, visits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell who may serve which visit, and the other one of its delivery.

    Parameters
    ----------
    arrays
        The problem.
    visits
        ``(k,)`` int64.

    Returns
    -------
    ndarray
        ``(workers, k)`` bool.
    """
    able: NDArray[np.bool_] = arrays.may_serve[:, visits]
    partners = arrays.visits_of[0].partner[visits]
    halves = np.flatnonzero(partners != ALONE)
    able[:, halves] &= arrays.may_serve[:, partners[halves]]
    return able


def fits_alone(arrays: ProblemArrays, visits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell on whose route each visit would fit were there nothing else, the other one of its delivery beside it.

    Parameters
    ----------
    arrays
        The problem; what is found is remembered.
    visits
        ``(k,)`` int64.

    Returns
    -------
    ndarray
        ``(workers, k)`` bool: only of those who may serve it.
    """
    new = np.array([visit for visit in visits.tolist() if visit not in arrays.known_alone], np.int64)
    if len(new):
        fits, nothing = able_workers(arrays, new), np.empty(0, np.int64)
        owners: dict[int, NDArray[np.bool_]] = {}
        for worker, owner in enumerate(arrays.alike.tolist()):
            if owner not in owners:
                owners[owner] = visits_that_fit(nothing, new, arrays.visits_of[worker], arrays.workers[worker])
            fits[worker] &= owners[owner]
        arrays.known_alone.update(zip(new.tolist(), np.ascontiguousarray(fits.T), strict=True))
    alone = [arrays.known_alone[visit] for visit in visits.tolist()]
    return np.array(alone, np.bool_).reshape(len(visits), len(arrays.workers)).T


def room_beside(arrays: ProblemArrays, orders: _Orders, visits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which visits would fit on whose route, were their mates no matter.

    Parameters
    ----------
    arrays, orders
        As in `optimizer.insertion.insertion.find_insertions`.
    visits
        ``(k,)`` int64: visits that are on no route.

    Returns
    -------
    ndarray
        ``(workers, k)`` bool.
    """
    room = able_workers(arrays, visits)
    alone = fits_alone(arrays, visits)
    for worker, kept in enumerate(orders):
        if not kept:
            room[worker] = alone[worker]
            continue
        mine = np.flatnonzero(room[worker])
        if len(mine):
            route, own = np.asarray(kept, np.int64), arrays.workers[worker]
            room[worker, mine] = visits_that_fit(route, visits[mine], arrays.visits_of[worker], own)
    return room
