"""Decides what a plan made by people looks like: its times and costs, and every rule that it breaks.

A route that keeps the rules about time gets its shortest schedule. One that does not is scheduled under relaxed rules:
a missing way takes no time; the longest duration and the end of the shift are given up, and where that is not enough
the breaks, or else the ends of time windows, or else both. The broken rules are found by `optimizer.plan_check`, as
for every plan; beside them, which visits had to make way for others that come after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.answers.explain import explain_unplanned
from optimizer.field_rules import MAX_TIME_S
from optimizer.given_orders import validate_orders
from optimizer.insertion.insertion import Orders, left_out_of_level, room_for_level
from optimizer.plan import Plan, Route, UnplannedReason, UnplannedVisit
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule, PlanViolation
from optimizer.priorities import MANDATORY
from optimizer.problem import Problem, TimeWindow, TravelMatrix, Visit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.rounds.precedence import settled_by_orders, with_true_reasons
from optimizer.routes.route_amounts import balance_cost
from optimizer.routes.schedule import priced_route, schedule_early, schedule_route, unused_route
from optimizer.routes.single_route import problem_of_route

ENGINE = "people"


@dataclass(frozen=True)
class PlanAssessment:
    """A plan made by people with computed times and costs, and the rules that it breaks."""

    plan: Plan
    violations: tuple[PlanViolation, ...]


def assess_orders(problem: Problem, orders: Sequence[Sequence[int]]) -> PlanAssessment:
    """Compute times, costs and broken rules of routes that people made.

    Parameters
    ----------
    problem
        The problem.
    orders
        Per worker the visits in order, as indices into `Problem.visits`.

    Returns
    -------
    PlanAssessment
        Visits on no route are unplanned, with the reason that holds for these routes.

    Raises
    ------
    InvalidProblemError
        Where the problem is not valid, or the orders are not one per worker with each visit at most once.
    """
    validate_problem(problem)
    return assess_orders_of_valid(problem, orders)


def assess_orders_of_valid(problem: Problem, orders: Sequence[Sequence[int]]) -> PlanAssessment:
    """Do what `assess_orders` does where the problem has been found valid already.

    Parameters
    ----------
    problem, orders
        As in `assess_orders`.

    Returns
    -------
    PlanAssessment
        As `assess_orders`.

    Raises
    ------
    InvalidProblemError
        Where the orders are not one per worker with each visit at most once.
    """
    given = validate_orders(problem, orders)
    settled = settled_by_orders(problem, given)
    arrays = arrays_of_problem(settled)
    routes = tuple(_route(settled, arrays, worker, order) for worker, order in enumerate(given))
    unplanned = with_true_reasons(problem, given, explain_unplanned(settled, arrays, given))
    unserved = sum(problem.visits[one.visit].unserved_cost or 0 for one in unplanned)
    cost = unserved + sum(route.cost for route in routes) + balance_cost(problem, routes)
    plan = Plan(routes, unplanned, cost, ENGINE)
    # Where visits wait for others, what fits depends on more than the routes.
    misplaced = () if problem.precedences else tuple(_misplaced(problem, arrays, given, unplanned))
    return PlanAssessment(plan, (*check_plan(problem, plan), *misplaced))


def _misplaced(
    problem: Problem, arrays: ProblemArrays, orders: Orders, unplanned: Sequence[UnplannedVisit]
) -> Iterator[PlanViolation]:
    """Find the visits that had to make way for others which come after them.

    The plan itself does not show it, so this is no matter for the checker. A visit that must be with others is not
    looked at: whether it fits depends on where they are.
    """
    number_of = {
        one.visit: number
        for number, one in enumerate(unplanned)
        if one.reason is UnplannedReason.DISPLACED
        and not arrays.mates.get(one.visit)
        and not arrays.strangers.get(one.visit)
    }
    for level in range(problem.lowest_strict_priority + 1):
        displaced = [visit for visit in left_out_of_level(problem, orders, level) if visit in number_of]
        for visit, has_room in zip(displaced, room_for_level(problem, arrays, orders, displaced, level).T, strict=True):
            if has_room.any():
                worker = int(has_room.argmax())
                description = "would fit on this worker's route in the place of visits that come after it"
                rule = PlanRule.MANDATORY if level == MANDATORY else PlanRule.PRIORITY
                yield PlanViolation(f"unplanned[{number_of[visit]}].reason", rule, description, worker, visit)


def _route(problem: Problem, arrays: ProblemArrays, worker: int, order: Sequence[int]) -> Route:
    if not order:
        return unused_route(problem, worker)
    route = schedule_route(problem, arrays, worker, order)
    if route is not None:
        return route
    alone = problem_of_route(problem, worker, order)
    alone = replace(alone, matrices=tuple(_with_all_ways(matrix) for matrix in alone.matrices))
    places = range(len(order))
    route = schedule_route(alone, arrays_of_problem(alone), 0, places)
    for relaxed in _ever_more_relaxed(alone):
        route = route or schedule_early(relaxed, arrays_of_problem(relaxed), 0, places)
    assert route is not None  # noqa: S101 - the last problem has no rule left that a schedule could break
    stops = tuple(replace(stop, visit=order[stop.visit]) for stop in route.stops)
    return priced_route(problem, replace(route, worker=worker, stops=stops))


def _with_all_ways(matrix: TravelMatrix) -> TravelMatrix:
    return TravelMatrix(
        np.where(matrix.reachable, matrix.duration_s, 0),
        np.where(matrix.reachable, matrix.distance_m, 0),
        np.ones_like(matrix.reachable),
    )


def _ever_more_relaxed(problem: Problem) -> Iterator[Problem]:
    """Yield the problem of a route with ever fewer rules about time."""
    (worker,) = problem.workers
    # Far beyond the last moment that a route can reach, and far below the kernels' `NEVER`.
    far_s = MAX_TIME_S * (4 + 2 * len(problem.visits) + len(worker.breaks))
    worker = replace(worker, shift_end_s=far_s, max_duration_s=None)
    without_breaks = replace(worker, breaks=())
    visits = tuple(_never_closing(visit, far_s) for visit in problem.visits)
    yield replace(problem, workers=(worker,))
    yield replace(problem, workers=(without_breaks,))
    yield replace(problem, workers=(worker,), visits=visits)
    yield replace(problem, workers=(without_breaks,), visits=visits)


def _never_closing(visit: Visit, far_s: int) -> Visit:
    *others, last = visit.time_windows or (TimeWindow(-far_s, far_s),)
    return replace(visit, time_windows=(*others, TimeWindow(last.start_s, far_s)))
