"""Decides where in a plan one more visit would go best: every position of every route is priced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.given_orders import validate_orders
from optimizer.insertion.insertion import Orders, PossibleInsertion, find_insertion, route_value, with_visit
from optimizer.insertion.insertion_kernels import insertion_costs
from optimizer.insertion.joining import may_join_whole, partner_of
from optimizer.plan import Route
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.rounds.precedence import settled_by_orders
from optimizer.routes.cost_breakdown import measures_of_route
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routes.schedule_kernels import NEVER


@dataclass(frozen=True)
class Delay:
    """A visit that would start later (or earlier, where negative) than in the plan without the new one."""

    visit: int
    delay_s: int


@dataclass(frozen=True)
class Slot:
    """A feasible place for one more visit.

    Parameters
    ----------
    worker
        Index into `Problem.workers`.
    position
        Place in the worker's order; 0 is before all.
    extra_cost
        Cost units more than without the visit; its unserved cost is not counted.
    extra_duration_s, extra_distance_m
        Seconds and metres by which the route gets longer.
    start_s
        When the service would start, seconds from the origin.
    delays
        The other visits of the route that would start at another time.
    route
        The route with the visit.
    """

    worker: int
    position: int
    extra_cost: int
    extra_duration_s: int
    extra_distance_m: int
    start_s: int
    delays: tuple[Delay, ...]
    route: Route


def suggest_slots(problem: Problem, orders: Sequence[Sequence[int]], visit: int, max_slots: int) -> tuple[Slot, ...]:
    """Find the cheapest places for a visit that is on no route.

    Parameters
    ----------
    problem
        The problem, the visit included.
    orders
        Per worker the visits in order, as indices into `Problem.visits`. A route that breaks a rule gets no visit.
    visit
        Index into `Problem.visits`.
    max_slots
        Largest number of slots to return.

    Returns
    -------
    tuple of Slot
        The cheapest first; among equals by worker and position. A visit of a delivery goes in with the other one, at
        the cheapest places of each route.

    Raises
    ------
    InvalidProblemError
        Where the problem is not valid, or the orders are not one per worker with each visit at most once.
    ValueError
        Where there is no such visit, or it is on a route already.
    """
    validate_problem(problem)
    given = validate_orders(problem, orders)
    problem = settled_by_orders(problem, given)
    if not 0 <= visit < len(problem.visits) or any(visit in order for order in given):
        message = f"visit must be an index into the visits that is on no route (got {visit})"
        raise ValueError(message)
    arrays = arrays_of_problem(problem)
    places = [place for worker in range(len(given)) for place in _places_on_route(arrays, given, worker, visit)]
    places.sort(key=lambda place: (place.extra_cost, place.worker, place.position))
    return tuple(_slot(problem, arrays, given[place.worker], visit, place) for place in places[:max_slots])


def _places_on_route(arrays: ProblemArrays, orders: Orders, worker: int, visit: int) -> list[PossibleInsertion]:
    before = route_value(arrays, worker, orders[worker])
    if before.verdict != POSSIBLE or not may_join_whole(arrays, orders, worker, [visit])[0]:
        return []
    if partner_of(arrays, visit) is not None:
        place = find_insertion(arrays, orders, worker, visit)
        return [] if place is None else [place]
    costs = insertion_costs(
        np.asarray(orders[worker], np.int64), visit, arrays.visits_of[worker], arrays.workers[worker]
    )
    return [
        PossibleInsertion(worker, position, int(cost) - before.cost)
        for position, cost in enumerate(costs)
        if cost < NEVER
    ]


def _slot(problem: Problem, arrays: ProblemArrays, order: Sequence[int], visit: int, place: PossibleInsertion) -> Slot:
    without = schedule_route(problem, arrays, place.worker, order)
    (longer,) = with_visit(arrays, (tuple(order),), visit, replace(place, worker=0))
    route = schedule_route(problem, arrays, place.worker, longer)
    assert without is not None  # noqa: S101 - the route was found possible
    assert route is not None  # noqa: S101 - so was the longer one
    planned_s = {stop.visit: stop.start_s for stop in without.stops}
    delays = tuple(
        Delay(stop.visit, stop.start_s - planned_s[stop.visit])
        for stop in route.stops
        if stop.visit in planned_s and stop.start_s != planned_s[stop.visit]
    )
    before, after = measures_of_route(without), measures_of_route(route)
    return Slot(
        worker=place.worker,
        position=place.position,
        extra_cost=place.extra_cost,
        extra_duration_s=after.duration_s - before.duration_s,
        extra_distance_m=after.distance_m - before.distance_m,
        start_s=route.stops[place.position].start_s,
        delays=delays,
        route=route,
    )
