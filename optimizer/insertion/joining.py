"""Decides which visits a worker may serve, given what lies on the routes of others: who may, and what binds visits.

Whether a visit fits into the route is decided by `optimizer.insertion.insertion`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import ALONE

Routes = Sequence[Sequence[int]]
"""Per worker the visits in order, as indices into `Problem.visits`."""


def may_join(arrays: ProblemArrays, orders: Routes, worker: int, visits: Sequence[int]) -> NDArray[np.bool_]:
    """Tell which visits a worker may serve, given on whose routes those are that must stay together with them.

    Parameters
    ----------
    arrays, orders, worker, visits
        As in `find_insertions`.

    Returns
    -------
    ndarray
        ``(visits,)`` bool.
    """
    allowed: NDArray[np.bool_] = arrays.may_serve[worker, np.asarray(visits, np.int64)]
    return allowed & suits_other_routes(arrays, orders, worker, visits) if arrays.binds_routes else allowed


def may_join_whole(arrays: ProblemArrays, orders: Routes, worker: int, visits: Sequence[int]) -> NDArray[np.bool_]:
    """Tell which visits a worker may serve together with the other one of their delivery, as `may_join` does."""
    candidates = np.asarray(visits, np.int64)
    partners = partners_or_selves(arrays, candidates)
    return may_join(arrays, orders, worker, visits) & may_join(arrays, orders, worker, partners.tolist())


def partners_or_selves(arrays: ProblemArrays, visits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each visit the other one of its delivery, or itself where it belongs to none."""
    partners = arrays.visits_of[0].partner[visits]
    return np.where(partners == ALONE, visits, partners)


def suits_other_routes(arrays: ProblemArrays, orders: Routes, worker: int, visits: Sequence[int]) -> NDArray[np.bool_]:
    """Tell which visits go along with what is on other routes, may the worker serve them or not.

    The arguments and the answer are those of `may_join`.
    """
    elsewhere = {visit for other, order in enumerate(orders) if other != worker for visit in order}
    with_others = {
        visit for other in np.flatnonzero(arrays.people != arrays.people[worker]).tolist() for visit in orders[other]
    }
    nobody: frozenset[int] = frozenset()
    together = [
        with_others.isdisjoint(arrays.mates.get(int(visit), nobody))
        and not (elsewhere - with_others) & arrays.strangers.get(int(visit), nobody)
        and elsewhere.isdisjoint(arrays.route_mates.get(int(visit), nobody))
        for visit in visits
    ]
    return np.array(together, np.bool_)


def partner_of(arrays: ProblemArrays, visit: int) -> int | None:
    """Return the other visit of a visit's delivery; None where it belongs to none."""
    partner = int(arrays.visits_of[0].partner[visit])
    return None if partner == ALONE else partner
