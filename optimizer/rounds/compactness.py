"""Decides how routes become compact: every worker's area gets a center and a price, which rises from plan to plan.

The engines know what it costs that a visit lies far from the center of a worker's area, so this steers them: in the
manner of k-medoids [1]_, each center is the middle visit of the worker's route in the plan before; whoever had none
gets the visit that is farthest from all other centers. What the plans cost is told without these prices.

References
----------
.. [1] Kaufman, L. & Rousseeuw, P. J. (1990). Partitioning around medoids. In: Finding groups in data, chapter 2.
       https://doi.org/10.1002/9780470316801.ch2
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from optimizer.insertion.insertion import Orders, insert_what_pays
from optimizer.options import SolveOptions
from optimizer.plan import Plan, Route
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem import Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.problem_validation import MAX_COST
from optimizer.rounds.precedence import settled_by_orders
from optimizer.rounds.shares import Shares

FIRST_SHARE: Final = 0.25
"""What the first areas would cost of the plan before them, as a share of what its routes cost."""
GROWTH: Final = 4


def plans_of_areas(
    problem: Problem,
    shares: Shares,
    solve_round: Callable[[Problem, SolveOptions], Plan],
    first: Plan,
    rounds: int,
    should_stop: Callable[[], bool],
) -> list[Plan]:
    """Solve a problem again and again, each time with dearer areas around the middles of the routes before.

    Parameters
    ----------
    problem
        A valid problem without a balance.
    shares
        How long each round may take.
    solve_round
        Solves a problem.
    first
        A plan for it without such areas.
    rounds
        How often at most.
    should_stop
        Asked before each; once it says yes, there are no more.

    Returns
    -------
    list of Plan
        Of each round the plan, as the problem itself prices it. Empty where no way between visits costs anything
        that could be weighed: no route of the first plan has two visits at different places.
    """
    plans = [first]
    middles = [_middle(problem, route) for route in first.routes]
    metres = sum(_metres_from(problem, route, middle) for route, middle in zip(first.routes, middles, strict=True))
    if metres == 0:
        return []
    price = FIRST_SHARE * sum(route.cost for route in first.routes) / (metres / 1000)
    for _ in range(rounds):
        if should_stop():
            break
        found = solve_round(
            _with_areas(problem, _centers(problem, plans[-1]), min(MAX_COST, max(1, round(price)))), shares.next()
        )
        plans.append(_priced_without_areas(problem, found))
        price *= GROWTH
    return plans[1:]


def _centers(problem: Problem, plan: Plan) -> list[int]:
    """Choose a location for each worker: the middle of the route, or, without one, what is far from all others."""
    middles = [_middle(problem, route) for route in plan.routes]
    chosen = [middle for middle in middles if middle is not None]
    places = [problem.visits[stop.visit].location for route in plan.routes for stop in route.stops]
    centers: list[int] = []
    for worker, middle in zip(problem.workers, middles, strict=True):
        if middle is None:
            # Whoever had no area would be everybody's way round the prices.
            metres = problem.matrices[worker.matrix].distance_m[np.ix_(chosen, places)]
            middle = places[int(metres.min(axis=0).argmax())]  # noqa: PLW2901 - what was missing
            chosen.append(middle)
        centers.append(middle)
    return centers


def _middle(problem: Problem, route: Route) -> int | None:
    """Find the location of that visit of a route from which the ways to the others are shortest in sum."""
    if not route.stops:
        return None
    matrix = problem.matrices[problem.workers[route.worker].matrix]
    places = [problem.visits[stop.visit].location for stop in route.stops]
    pairs = np.ix_(places, places)
    # Places without a way between them are farther apart than any with one.
    metres = np.where(matrix.reachable[pairs], matrix.distance_m[pairs], int(matrix.distance_m.max(initial=0)) + 1)
    return places[int(metres.sum(axis=1).argmin())]


def _metres_from(problem: Problem, route: Route, center: int | None) -> int:
    if center is None:
        return 0
    matrix = problem.matrices[problem.workers[route.worker].matrix]
    places = [problem.visits[stop.visit].location for stop in route.stops]
    return int(matrix.distance_m[center, places][matrix.reachable[center, places]].sum())


def _with_areas(problem: Problem, centers: list[int], price: int) -> Problem:
    """Give the workers areas; whoever has one of their own, at a price, keeps it."""
    workers = tuple(
        worker if worker.cost_per_km_from_center else replace(worker, area_center=center, cost_per_km_from_center=price)
        for worker, center in zip(problem.workers, centers, strict=True)
    )
    return replace(problem, workers=workers)


def _priced_without_areas(problem: Problem, plan: Plan) -> Plan:
    """Put in what was left out for the price of the areas alone, and price the plan as the problem does."""
    orders: Orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    settled = settled_by_orders(problem, orders)
    arrays = arrays_of_problem(settled)
    fuller = insert_what_pays(settled, arrays, orders)
    return replace(plan_of_orders(settled, arrays, fuller, plan.engine), beyond_search=plan.beyond_search)
