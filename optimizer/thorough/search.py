"""Ruin and recreate with every rule: for problems with rules that the fast search cannot state to itself.

It is the method of `optimizer.search` [1]_ on the evaluator that knows every rule and price. An iteration takes many
times as long, so it begins with what the fast search has found without those rules, if that is of use.

References
----------
.. [1] Christiaens, J. & Vanden Berghe, G. (2020). Slack induction by string removals for vehicle routing problems.
       Transportation Science 54(2). https://doi.org/10.1287/trsc.2019.0914
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from optimizer.insertion.insertion import Orders
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.way_kernels import OPEN
from optimizer.thorough.loop_kernels import RecreateOptions, search_on
from optimizer.thorough.ruin_kernels import RuinOptions
from optimizer.thorough.state import best_orders, state_of

HOTTEST: Final = 1.0
HOTTEST_WITH_DELIVERIES: Final = 3.0
COLDEST: Final = 0.01
"""First and last temperature of the annealing, in mean costs of a leg of the first plan."""
RUIN: Final = RuinOptions(mean_removed=8.0, longest_string=8.0, gap_share=0.5, with_mates_share=0.5)
BLINK_SHARE: Final = 0.05
RETRIED: Final = 6
ORDER_NOISE: Final = 0.5
ORDER_SHARES: Final = (0.6, 0.4, 0.0, 0.0)
"""How often removed visits come back in any order, and how often by each key of `optimizer.thorough.state`."""
ORDER_SHARES_WITH_DELIVERIES: Final = (0.4, 0.2, 0.1, 0.3)
_ITERATIONS_OF_ONE_TEMPERATURE: Final = 100
_TEMPERATURES: Final = 100
"""The least number of them where the work is limited."""
_SLICE_S: Final = 0.01
"""Seconds after which the search asks whether to go on."""


def search_thoroughly(
    problem: Problem,
    arrays: ProblemArrays,
    orders: Orders,
    *,
    seed: int,
    most_iterations: float,
    time_share: Callable[[], float],
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
    most_iterations
        After so many it ends, and they alone decide how it cools; infinite where only time counts.
    time_share
        Says which share of the time is over; from 1 on the search ends.
    on_better
        Gets the orders of better plans.

    Returns
    -------
    Orders
        Feasible routes that cost no more.
    """
    if not problem.visits or not problem.workers:
        return orders
    state = state_of(problem, arrays, orders, seed)
    cost_of_a_leg = _mean_cost_of_a_leg(arrays, orders)
    stretch = int(max(1, min(_ITERATIONS_OF_ONE_TEMPERATURE, most_iterations // _TEMPERATURES)))
    hottest, shares = HOTTEST, ORDER_SHARES
    if problem.deliveries:
        hottest, shares = HOTTEST_WITH_DELIVERIES, ORDER_SHARES_WITH_DELIVERIES
    done, slice_length, temperature = 0, 1, 0.0
    while done < most_iterations and (share := time_share()) < 1:
        # Where slices end depends on the clock; the temperature, and where it changes, does not if the work is limited.
        if done % stretch == 0:
            over = share if math.isinf(most_iterations) else done / most_iterations
            temperature = cost_of_a_leg * hottest * (COLDEST / hottest) ** over
        iterations = int(min(slice_length, stretch - done % stretch, most_iterations - done))
        begin_s = time.monotonic()
        if search_on(state, RUIN, recreate_options(temperature, shares), iterations):
            on_better(best_orders(state))
        took_s = max(time.monotonic() - begin_s, 1e-6)
        slice_length = max(1, int(iterations * min(2.0, _SLICE_S / took_s)))
        done += iterations
    return best_orders(state)


def recreate_options(temperature: float, order_shares: tuple[float, ...]) -> RecreateOptions:
    """State how visits are put back at a temperature in cost units."""
    return RecreateOptions(temperature, BLINK_SHARE, RETRIED, ORDER_NOISE, np.array(order_shares))


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
