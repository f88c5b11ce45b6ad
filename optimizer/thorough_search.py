"""Ruin and recreate with every rule: for problems with rules that the fast search cannot state to itself.

It is the method of `optimizer.search` [1]_ on the evaluator that knows every rule and price. An iteration takes some
hundred times as long, so it begins with what the fast search has found without those rules, if that is of use.

References
----------
.. [1] Christiaens, J. & Vanden Berghe, G. (2020). Slack induction by string removals for vehicle routing problems.
       Transportation Science 54(2). https://doi.org/10.1287/trsc.2019.0914
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion import Orders, unplanned_visits, worth_of
from optimizer.joining import partner_of
from optimizer.places_of_visits import PlacesOfVisits
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.schedule_kernels import NEVER
from optimizer.way_kernels import OPEN

MANDATORY_WORTH: Final = 1 << 50
"""More than any route can cost."""
NEAR_VISITS: Final = 60
MEAN_REMOVED: Final = 8.0
LONGEST_STRING: Final = 8.0
GAP_SHARE: Final = 0.5
"""Probability of a gap in a string, and of each further visit in it (alpha and beta of [1]_)."""
WITH_MATES_SHARE: Final = 0.5
BLINK_SHARE: Final = 0.05
"""Probability that a route is overlooked."""
DEAREST_FIRST_SHARE: Final = 0.4
WORTH_NOISE: Final = 0.5
RETRIED: Final = 6
HOTTEST: Final = 0.5
COLDEST: Final = 0.01
"""First and last temperature of the annealing, in mean costs of a leg of the first plan."""


def search_thoroughly(
    problem: Problem,
    arrays: ProblemArrays,
    orders: Orders,
    *,
    seed: int,
    share_done: Callable[[int], float],
    on_better: Callable[[Orders], None],
) -> Orders:
    """Improve routes with every rule and price of a problem.

    Parameters
    ----------
    problem, arrays
        The problem in both forms; strict priorities stated as unserved costs.
    orders
        Feasible routes.
    seed
        Makes it repeatable.
    share_done
        Gets the number of iterations that are over, and says which share of the whole search that is; from 1 on it
        ends.
    on_better
        Gets the orders of each better plan.

    Returns
    -------
    Orders
        Feasible routes that cost no more.
    """
    if not problem.visits or not problem.workers:
        return orders
    search = _Search(problem, arrays, orders, seed)
    iterations = 0
    while (share := share_done(iterations)) < 1:
        if search.iterate(share):
            on_better(search.best)
        iterations += 1
    return search.best


class _Search:
    def __init__(self, problem: Problem, arrays: ProblemArrays, orders: Orders, seed: int) -> None:
        count = len(problem.visits)
        worth = [worth_of(problem, arrays, visit) for visit in range(count)]
        self._worth = np.array([MANDATORY_WORTH if one is None else one for one in worth], np.int64)
        self._mates = arrays.mates
        self._partner = [partner_of(arrays, visit) for visit in range(count)]
        # A delivery is put in as a whole, by its pickup.
        self._goes_along = {one.delivery for one in problem.deliveries}
        self._near = _near_visits(arrays)
        self._cost_of_a_leg = _mean_cost_of_a_leg(arrays, orders)
        self._random = np.random.default_rng(seed)
        self._places = PlacesOfVisits(arrays, orders)
        self._absent = [visit for visit in unplanned_visits(problem, orders) if visit not in self._goes_along]
        self._cost = self._places.cost() + int(self._worth[self._absent].sum())
        self._best_cost, self.best = self._cost, orders

    def iterate(self, share_done: float) -> bool:
        """Ruin and recreate once; True where the plan is the best so far."""
        temperature = self._cost_of_a_leg * HOTTEST * (COLDEST / HOTTEST) ** share_done
        limit = -temperature * math.log(1.0 - self._random.random())
        removed = self._ruin()
        change = self._places.take_out(removed)
        if change is not None:
            retried = self._random.permutation(self._absent)[:RETRIED].tolist()
            wanted = [visit for visit in removed if visit not in self._goes_along]
            extra, left = self._recreate(self._in_order([*wanted, *retried]))
            change += extra - int(self._worth[retried].sum())
        if change is None or change >= limit:
            self._places.take_back()
            return False
        self._places.keep()
        self._absent = [*(visit for visit in self._absent if visit not in retried), *left]
        self._cost += change
        if self._cost >= self._best_cost:
            return False
        self._best_cost, self.best = self._cost, self._places.orders
        return True

    def _recreate(self, wanted: NDArray[np.int64]) -> tuple[int, list[int]]:
        """Put visits in where they cost least; the change of cost, and those for which there was no room."""
        change, left = 0, []
        for number, visit in enumerate(wanted.tolist()):
            costs = self._places.extra_costs(wanted[number:])
            costs = np.where(self._random.random(len(costs)) < BLINK_SHARE, NEVER, costs)
            worker = int(costs.argmin())
            if costs[worker] < self._worth[visit]:
                change += self._places.put_in(visit, worker)
            else:
                change += int(self._worth[visit])
                left.append(visit)
        return change, left

    def _in_order(self, visits: Sequence[int]) -> NDArray[np.int64]:
        """Shuffle visits, sometimes so that those that are worth more tend to come first."""
        order = self._random.permutation(np.asarray(visits, np.int64))
        if self._random.random() < DEAREST_FIRST_SHARE:
            noise = self._random.uniform(1.0 - WORTH_NOISE, 1.0 + WORTH_NOISE, len(order))
            order = order[np.argsort(-self._worth[order] * noise, kind="stable")]
        return order

    def _ruin(self) -> list[int]:
        """Choose strings of routes near a visit ([1]_, algorithm 2), with whatever must be on a route with them."""
        orders = self._places.orders
        owner = {visit: worker for worker, order in enumerate(orders) for visit in order}
        mean_visits = len(owner) / max(1, sum(1 for order in orders if order))
        longest = min(LONGEST_STRING, max(1.0, mean_visits))
        strings = int(self._random.random() * max(1.0, 4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0)) + 1
        center = int(self._random.integers(len(self._near)))
        removed: dict[int, None] = {}
        ruined: set[int] = set()
        for visit in (center, *self._near[center]):
            worker = owner.get(visit)
            if worker is not None and worker not in ruined:
                ruined.add(worker)
                removed |= dict.fromkeys(self._string(orders[worker], visit, longest))
            if len(ruined) == strings:
                break
        if self._mates and self._random.random() < WITH_MATES_SHARE:
            mates = (mate for visit in tuple(removed) for mate in sorted(self._mates.get(visit, ())))
            removed |= dict.fromkeys(mate for mate in mates if mate in owner)
        return self._whole_deliveries(removed)

    def _whole_deliveries(self, visits: Iterable[int]) -> list[int]:
        both = ((visit, self._partner[visit]) for visit in visits)
        return list(dict.fromkeys(one for pair in both for one in pair if one is not None))

    def _string(self, order: tuple[int, ...], visit: int, longest: float) -> list[int]:
        """Choose a string of a route that holds a visit, sometimes with a gap in it."""
        random, size = self._random, len(order)
        length = int(random.random() * min(size, longest)) + 1
        gap = 0
        if 1 < length < size and random.random() < GAP_SHARE:
            gap = 1
            while length + gap < size and random.random() < GAP_SHARE:
                gap += 1
        span, place = length + gap, order.index(visit)
        first = int(random.integers(max(0, place - span + 1), min(place, size - span) + 1))
        string = order[first : first + span]
        gap_from = int(random.integers(length + 1))
        return [*string[:gap_from], *string[gap_from + gap :]]


def _near_visits(arrays: ProblemArrays) -> list[list[int]]:
    """List the nearest visits of each, by the way there and back of the first worker, nearest first."""
    locations, travel_s = arrays.visits_of[0].location, arrays.workers[0].travel_s
    count = min(NEAR_VISITS, len(locations) - 1)
    near = []
    for visit, here in enumerate(locations):
        both_ways_s = travel_s[here, locations] + travel_s[locations, here]
        both_ways_s[visit] = -1
        nearest = np.argpartition(both_ways_s, count)[: count + 1]
        near.append(nearest[np.argsort(both_ways_s[nearest], kind="stable")].tolist()[1:])
    return near


def _mean_cost_of_a_leg(arrays: ProblemArrays, orders: Orders) -> float:
    """Mean price of metres and travel of the legs of some routes, in cost units, at least 1."""
    cost, legs = 0.0, 0
    for order, visits, worker in zip(orders, arrays.visits_of, arrays.workers, strict=True):
        stops = (worker.start_location, *visits.location[list(order)].tolist(), worker.end_location)
        way = np.array([stop for stop in stops if stop != OPEN], np.int64)
        if order:
            pairs = (way[:-1], way[1:])
            cost += worker.prices.cost_per_km * int(worker.distance_m[pairs].sum()) / 1000.0
            cost += worker.times.prices.cost_per_hour * int(worker.travel_s[pairs].sum()) / 3600.0
            legs += len(way) - 1
    return max(1.0, cost / max(1, legs))
