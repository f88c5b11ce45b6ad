"""Finds where visits go in on a route at the least cost, by the kernel that each of them needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.delivery_insertion_kernels import cheapest_deliveries
from optimizer.insertion.insertion_kernels import cheapest_insertions
from optimizer.routes.route_kernels import ALONE, VisitArrays, WorkerArrays


def cheapest_places(
    order: NDArray[np.int64], candidates: NDArray[np.int64], visits: VisitArrays, worker: WorkerArrays
) -> NDArray[np.int64]:
    """Find the cheapest place of each candidate on one route, by the kernel that it needs.

    The arguments and the answer are those of `optimizer.insertion.delivery_insertion_kernels.cheapest_deliveries`, but
    any visits may be asked for. Where there are no deliveries their kernel is not even compiled.
    """
    found = np.empty((len(candidates), 3), np.int64)
    is_alone = visits.partner[candidates] == ALONE
    if is_alone.any():
        found[is_alone] = cheapest_insertions(order, candidates[is_alone], visits, worker)
    if not is_alone.all():
        found[~is_alone] = cheapest_deliveries(order, candidates[~is_alone], visits, worker)
    return found
