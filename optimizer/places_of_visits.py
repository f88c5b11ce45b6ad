"""Remembers where each visit would go in on each route, so that only routes that have changed are looked at again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion import Orders, PossibleInsertion, route_value, with_visit
from optimizer.insertion_kernels import cheapest_insertions
from optimizer.joining import may_join_whole, partners_or_selves
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import ALONE, POSSIBLE
from optimizer.schedule_kernels import NEVER


class PlacesOfVisits:
    """Feasible routes that are being changed, and the cheapest place of each visit on each of them.

    Parameters
    ----------
    arrays
        The problem.
    orders
        Feasible routes to begin with.

    Attributes
    ----------
    orders
        The routes as they are.
    """

    def __init__(self, arrays: ProblemArrays, orders: Orders) -> None:
        self._arrays = arrays
        self.orders = orders
        self._costs = [route_value(arrays, worker, order).cost for worker, order in enumerate(orders)]
        partners = partners_or_selves(arrays, np.arange(arrays.may_serve.shape[1]))
        self._is_able = arrays.may_serve & arrays.may_serve[:, partners]
        self._found = np.full((*self._is_able.shape, 3), NEVER)
        self._is_known = ~self._is_able
        bound = {visit for visit, mates in arrays.mates.items() if not mates <= {int(partners[visit])}}
        bound |= set(arrays.strangers)
        self._bound = bound | {int(partners[visit]) for visit in bound}
        self._before: dict[int, tuple[tuple[int, ...], int, NDArray[np.int64], NDArray[np.bool_]]] = {}

    def cost(self) -> int:
        """Return the cost of all routes."""
        return sum(self._costs)

    def keep(self) -> None:
        """Go on from the routes as they are."""
        self._before.clear()

    def take_back(self) -> None:
        """Restore the routes as they were when `keep` was last called."""
        orders = list(self.orders)
        for worker, (order, cost, found, is_known) in self._before.items():
            orders[worker], self._costs[worker] = order, cost
            self._found[worker], self._is_known[worker] = found, is_known
        self.orders = tuple(orders)
        self._before.clear()

    def take_out(self, visits: Iterable[int]) -> int | None:
        """Take visits off their routes; the change of cost, or None where what is left of a route is not feasible.

        Without the triangle inequality a route can become worse by having less to do.
        """
        change = 0
        visits = frozenset(visits)
        for worker, order in enumerate(self.orders):
            if visits.isdisjoint(order):
                continue
            shorter = tuple(one for one in order if one not in visits)
            value = route_value(self._arrays, worker, shorter)
            if value.verdict != POSSIBLE:
                return None
            change += value.cost - self._costs[worker]
            self._change(worker, (*self.orders[:worker], shorter, *self.orders[worker + 1 :]), value.cost)
        return change

    def put_in(self, visit: int, worker: int) -> int:
        """Put a visit, and the other one of its delivery, where it costs least on a route; the extra cost."""
        position, extra_cost, partner_position = (int(value) for value in self._found[worker, visit])
        place = PossibleInsertion(worker, position, extra_cost, None if partner_position == ALONE else partner_position)
        longer = with_visit(self._arrays, self.orders, visit, place)
        self._change(worker, longer, self._costs[worker] + extra_cost)
        return extra_cost

    def extra_costs(self, visits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Look up what the first of some visits costs on each route, while the others are about to be asked for.

        Parameters
        ----------
        visits
            ``(k,)`` int64: visits that are on no route.

        Returns
        -------
        ndarray
            ``(workers,)`` int64: `NEVER` where it may not or cannot be.
        """
        arrays = self._arrays
        is_known = self._is_known[:, visits]
        for worker in np.flatnonzero(~is_known.all(axis=1)).tolist():
            asked = visits[~is_known[worker]]
            order = np.array(self.orders[worker], np.int64)
            found = cheapest_insertions(order, asked, arrays.visits_of[worker], arrays.workers[worker])
            found[found[:, 1] < NEVER, 1] -= self._costs[worker]
            self._found[worker, asked] = found
            self._is_known[worker, asked] = True
        first = int(visits[0])
        costs = self._found[:, first, 1]
        if first not in self._bound:
            return costs
        may = [may_join_whole(arrays, self.orders, worker, [first])[0] for worker in range(len(costs))]
        return np.where(may, costs, NEVER)

    def _change(self, worker: int, orders: Orders, cost: int) -> None:
        if worker not in self._before:
            self._before[worker] = (
                self.orders[worker],
                self._costs[worker],
                self._found[worker].copy(),
                self._is_known[worker].copy(),
            )
        self.orders, self._costs[worker] = orders, cost
        self._is_known[worker] = ~self._is_able[worker]
