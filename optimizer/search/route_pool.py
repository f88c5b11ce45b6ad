"""Keeps routes of many plans, and makes of some of them a better plan than any of these.

Annealing forgets a good route when it takes another part of the plan apart, and of several rounds all but the best are
lost. A plan made of the routes of many has the best parts of all [1]_, [2]_.

References
----------
.. [1] Rochat, Y. & Taillard, É. D. (1995). Probabilistic diversification and intensification in local search for
       vehicle routing. Journal of Heuristics 1(1). https://doi.org/10.1007/BF02430370
.. [2] Subramanian, A., Uchoa, E. & Ochi, L. S. (2013). A hybrid algorithm for a class of vehicle routing problems.
       Computers & Operations Research 40(10). https://doi.org/10.1016/j.cor.2013.01.013
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.search.search_data import (
    COST_PER_METRE,
    COST_PER_SECOND,
    FIXED_COST,
    GROUP,
    PER_EXTRA_METRE,
    PER_EXTRA_SECOND,
    PER_EXTRA_TRAVEL_SECOND,
    PER_EXTRA_VISIT,
    SOFT,
    SOFT_DURATION,
    SOFT_LENGTH,
    SOFT_TRAVEL,
    SOFT_VISITS,
    UNSERVED,
    WORKER,
    WORKER_PROFILE,
    SearchData,
)
from optimizer.search.set_partitioning import Cover, better_choice
from optimizer.search.state import (
    COST,
    DISLIKED,
    DURATION,
    OVERTIME,
    ROUTE_LENGTH,
    ROUTE_TRAVEL,
    VISITS,
    State,
    orders_now,
)

Orders = tuple[tuple[int, ...], ...]

_MOST_ROUTES = 1000
"""So many routes of the cheapest plans are chosen from."""
_ROOM = 4
"""Times as many are kept before those of the dearest plans are forgotten."""
_WORSE = 1.015
"""Routes of plans that cost more than the best by this factor are not worth keeping."""

_Key = tuple[int, frozenset[int]]


class _Route(NamedTuple):
    """A route for a worker of some group: its visits, its cost, and that of the cheapest plan that it was in."""

    visits: tuple[int, ...]
    cost: int
    plan_cost: int


class RoutePool:
    """Routes of plans, each once: of those with the same visits the cheapest.

    Parameters
    ----------
    data
        The problem, without bonds: routes that are good each for itself need not go together with them.
    """

    def __init__(self, data: SearchData) -> None:
        self._data = data
        self._groups: list[int] = data.workers[:, GROUP].tolist()
        self._routes: dict[_Key, _Route] = {}
        self._best_cost: int | None = None

    def gather(self, state: State) -> None:
        """Keep the routes of a plan, if it is one of the good ones.

        Parameters
        ----------
        state
            The plan as it is now.
        """
        plan_cost = int(state.counters[COST])
        if self._best_cost is not None and plan_cost > _WORSE * self._best_cost:
            return
        self._best_cost = plan_cost if self._best_cost is None else min(plan_cost, self._best_cost)
        self._add(state)
        if len(self._routes) > _ROOM * _MOST_ROUTES:
            self._routes = {key: self._routes[key] for key in self._of_the_cheapest_plans()}

    def _add(self, state: State) -> None:
        """Keep the routes of a plan."""
        plan_cost = int(state.counters[COST])
        costs = costs_of_routes(self._data, state).tolist()
        for worker, visits in enumerate(orders_now(self._data, state)):
            if visits:
                self._keep((self._groups[worker], frozenset(visits)), _Route(visits, costs[worker], plan_cost))

    def _keep(self, key: _Key, route: _Route) -> None:
        known = self._routes.get(key)
        if known is None:
            self._routes[key] = route
        elif route.cost < known.cost or route.plan_cost < known.plan_cost:
            cheapest = min(route, known, key=lambda one: one.cost)
            self._routes[key] = cheapest._replace(plan_cost=min(route.plan_cost, known.plan_cost))

    def _of_the_cheapest_plans(self) -> list[_Key]:
        """Return the routes to choose from, those of the cheapest plans first."""
        return sorted(self._routes, key=lambda key: self._routes[key].plan_cost)[:_MOST_ROUTES]

    def better_plan(self, state: State, should_stop: Callable[[], bool] = lambda: False) -> Orders | None:
        """Make the cheapest plan of the routes that were gathered.

        Parameters
        ----------
        state
            A plan, the cheapest that is known.
        should_stop
            Asked every few milliseconds; once it says yes, no plan is found.

        Returns
        -------
        tuple of tuple of int or None
            Per worker the visits in order; None where no plan was found that costs less.
        """
        self._add(state)
        count, groups = len(self._data.visits), len(self._data.allowed)
        keys = [
            (self._groups[worker], frozenset(visits))
            for worker, visits in enumerate(orders_now(self._data, state))
            if visits
        ]
        known = set(keys)
        keys += [key for key in self._of_the_cheapest_plans() if key not in known]
        # Whatever costs more than the whole plan is not left out by a cheaper one.
        is_possible = self._data.allowed.any(axis=0)
        left_out = np.flatnonzero(is_possible & (self._data.visits[:, UNSERVED] <= state.counters[COST]))
        routes = [self._routes[key] for key in keys]
        cover = Cover(
            columns=[
                *((*route.visits, count + group) for route, (group, _) in zip(routes, keys, strict=True)),
                *((visit,) for visit in left_out.tolist()),
            ],
            costs=np.array([*(route.cost for route in routes), *self._data.visits[left_out, UNSERVED]], np.int64),
            least=np.concatenate([is_possible.astype(np.int64), np.zeros(groups, np.int64)]),
            most=np.concatenate([is_possible.astype(np.int64), np.bincount(self._groups, minlength=groups)]),
        )
        absent = len(routes) + np.flatnonzero(state.nodes[left_out, WORKER] < 0)
        chosen = better_choice(cover, np.concatenate([np.arange(len(known)), absent]), should_stop)
        if chosen is None:
            return None
        return self._orders([keys[column] for column in chosen[chosen < len(routes)].tolist()])

    def _orders(self, keys: list[_Key]) -> Orders:
        """Give each of the routes to a worker of its group."""
        orders: list[tuple[int, ...]] = [()] * len(self._groups)
        idle: dict[int, list[int]] = defaultdict(list)
        for worker in reversed(range(len(self._groups))):
            idle[self._groups[worker]].append(worker)
        for key in keys:
            orders[idle[key[0]].pop()] = self._routes[key].visits
        return tuple(orders)


def costs_of_routes(data: SearchData, state: State) -> NDArray[np.int64]:
    """Price each route of a plan.

    Parameters
    ----------
    data, state
        The problem, and a plan.

    Returns
    -------
    NDArray[np.int64]
        ``(workers,)`` fine units; 0 without visits.
    """
    routes, workers = state.routes, data.workers
    prices = data.profiles[workers[:, WORKER_PROFILE]]
    cost = (
        workers[:, FIXED_COST]
        + prices[:, COST_PER_METRE] * routes[:, ROUTE_LENGTH]
        + prices[:, COST_PER_SECOND] * routes[:, DURATION]
        + routes[:, OVERTIME]
        + routes[:, DISLIKED]
    )
    if workers[:, SOFT].any():
        for amount, limit, price in (
            (VISITS, SOFT_VISITS, PER_EXTRA_VISIT),
            (ROUTE_LENGTH, SOFT_LENGTH, PER_EXTRA_METRE),
            (ROUTE_TRAVEL, SOFT_TRAVEL, PER_EXTRA_TRAVEL_SECOND),
            (DURATION, SOFT_DURATION, PER_EXTRA_SECOND),
        ):
            cost += workers[:, price] * np.maximum(0, routes[:, amount] - workers[:, limit])
    return np.where(routes[:, VISITS] > 0, cost, 0)
