"""Decides why a planned visit is where it is: what it costs there, and what it would cost with the next-best worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.given_orders import validate_orders
from optimizer.insertion.insertion import Orders, PossibleInsertion, find_insertions, route_value, without_visit
from optimizer.plan import Route
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.rounds.precedence import settled_by_orders
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route


@dataclass(frozen=True)
class Placement:
    """Why one visit is where it is.

    Parameters
    ----------
    visit, worker
        Indices into the problem.
    marginal_cost, marginal_duration_s, marginal_distance_m
        What the route has more with the visit than without it: cost units, seconds, metres. None where the route
        without the visit breaks a rule, which can happen where a detour is the only or the shorter way.
    next_best
        The cheapest place for the visit on another worker's route of this plan; None where there is none.
    next_best_extra_cost
        What the whole plan would cost more with the visit moved there; None where that cannot be said.
    """

    visit: int
    worker: int
    marginal_cost: int | None
    marginal_duration_s: int | None
    marginal_distance_m: int | None
    next_best: PossibleInsertion | None
    next_best_extra_cost: int | None


def explain_placements(
    problem: Problem, orders: Sequence[Sequence[int]], visits: Sequence[int] | None = None
) -> tuple[Placement, ...]:
    """Say of every planned visit why it is where it is.

    Parameters
    ----------
    problem
        The problem.
    orders
        Per worker the visits in order, as indices into `Problem.visits`.
    visits
        Which visits to explain; None is all that are planned.

    Returns
    -------
    tuple of Placement
        In the order of workers and stops; visits on routes that break a rule are left out, and so are visits that are
        on none.

    Raises
    ------
    InvalidProblemError
        Where the problem is not valid, or the orders are not one per worker with each visit at most once.
    """
    validate_problem(problem)
    given = validate_orders(problem, orders)
    problem = settled_by_orders(problem, given)
    arrays = arrays_of_problem(problem)
    planned = frozenset(visit for order in given for visit in order)
    wanted = planned if visits is None else planned.intersection(visits)
    elsewhere = _cheapest_elsewhere(arrays, given, wanted)
    placements: list[Placement] = []
    for worker, order in enumerate(given):
        asked = [visit for visit in order if visit in wanted]
        route = _scheduled(problem, arrays, worker, order) if asked else None
        if route is not None:
            placements.extend(_placement(problem, arrays, route, visit, elsewhere.get(visit)) for visit in asked)
    return tuple(placements)


def _placement(
    problem: Problem, arrays: ProblemArrays, route: Route, visit: int, next_best: PossibleInsertion | None
) -> Placement:
    rest = without_visit(arrays, tuple(stop.visit for stop in route.stops), visit)
    without = _scheduled(problem, arrays, route.worker, rest)
    if without is None:
        return Placement(visit, route.worker, None, None, None, next_best, None)
    saved = route.cost - without.cost
    return Placement(
        visit,
        route.worker,
        saved,
        _duration_s(route) - _duration_s(without),
        _distance_m(route) - _distance_m(without),
        next_best,
        None if next_best is None else next_best.extra_cost - saved,
    )


def _cheapest_elsewhere(arrays: ProblemArrays, orders: Orders, wanted: frozenset[int]) -> dict[int, PossibleInsertion]:
    """Find the cheapest place of each of some planned visits on another worker's route."""
    cheapest: dict[int, PossibleInsertion] = {}
    for worker in range(len(orders)):
        others = [
            visit for owner, visits in enumerate(orders) if owner != worker for visit in visits if visit in wanted
        ]
        for visit, found in zip(others, find_insertions(arrays, orders, worker, others), strict=True):
            if found and (visit not in cheapest or found.extra_cost < cheapest[visit].extra_cost):
                cheapest[visit] = found
    return cheapest


def _scheduled(problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int]) -> Route | None:
    """Return the shortest schedule of a route that keeps every limit; None where there is none."""
    if route_value(arrays, worker, order).verdict != POSSIBLE:
        return None
    return schedule_route(problem, arrays, worker, order)


def _duration_s(route: Route) -> int:
    return route.end_s - route.start_s


def _distance_m(route: Route) -> int:
    return route.last_distance_m + sum(stop.distance_m for stop in route.stops)
