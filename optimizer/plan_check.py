"""Decides whether a plan keeps every rule of its problem, by recomputing all of it from the plan and the problem alone.

Nothing here is shared with a solver or a scheduler: a mistake there must show here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise, permutations

from optimizer.plan import Plan, Route, UnplannedReason
from optimizer.plan_violation import PlanRule, PlanViolation
from optimizer.problem import BalanceMeasure, Problem, VisitSequence
from optimizer.route_check import RouteCheck


def check_plan(problem: Problem, plan: Plan) -> tuple[PlanViolation, ...]:
    """Recompute a plan.

    Parameters
    ----------
    problem
        A valid problem.
    plan
        The plan to check.

    Returns
    -------
    tuple of PlanViolation
        Every broken rule; empty for a correct plan. Where the plan's shape is broken, only that is reported.
    """
    broken_shape = tuple(_shape_violations(problem, plan))
    if broken_shape:
        return broken_shape
    return tuple(_plan_violations(problem, plan))


def _shape_violations(problem: Problem, plan: Plan) -> Iterator[PlanViolation]:
    if [route.worker for route in plan.routes] != list(range(len(problem.workers))):
        yield PlanViolation("routes", PlanRule.SHAPE, "must be one route per worker, in their order")
        return
    for index, route in enumerate(plan.routes):
        for number, stop in enumerate(route.stops):
            if not 0 <= stop.visit < len(problem.visits):
                field = f"routes[{index}].stops[{number}].visit"
                yield PlanViolation(field, PlanRule.SHAPE, f"there is no visit {stop.visit}", worker=index)
        for number, pause in enumerate(route.breaks):
            if pause.number is not None and not 0 <= pause.number < len(problem.workers[index].breaks):
                field = f"routes[{index}].breaks[{number}].number"
                yield PlanViolation(field, PlanRule.SHAPE, f"there is no break {pause.number}", worker=index)
    for number, left_out in enumerate(plan.unplanned):
        if not 0 <= left_out.visit < len(problem.visits):
            field = f"unplanned[{number}].visit"
            yield PlanViolation(field, PlanRule.SHAPE, f"there is no visit {left_out.visit}")


def _plan_violations(problem: Problem, plan: Plan) -> Iterator[PlanViolation]:
    yield from _coverage_violations(problem, plan)
    yield from _company_violations(problem, plan)
    for index, route in enumerate(plan.routes):
        yield from RouteCheck(problem, route, f"routes[{index}]").violations()
    unserved = sum(problem.visits[one.visit].unserved_cost or 0 for one in plan.unplanned)
    cost = unserved + sum(route.cost for route in plan.routes) + _price_of_balance(problem, plan)
    if plan.cost != cost:
        yield PlanViolation("cost", PlanRule.COST, f"must be the sum of its parts, {cost} (got {plan.cost})")


def _price_of_balance(problem: Problem, plan: Plan) -> int:
    """Price the largest route, written differently from the solver's way on purpose."""
    balance = problem.balance
    if balance is None:
        return 0
    hours = [Fraction(route.end_s - route.start_s, 3600) for route in plan.routes]
    kilometres = [
        Fraction(route.last_distance_m + sum(stop.distance_m for stop in route.stops), 1000) for route in plan.routes
    ]
    visits = [Fraction(len(route.stops)) for route in plan.routes]
    amounts = {
        BalanceMeasure.TIME: hours,
        BalanceMeasure.DISTANCE: kilometres,
        BalanceMeasure.SPREAD: [Fraction(_farthest_m(problem, route), 1000) for route in plan.routes],
        BalanceMeasure.VISITS: visits,
    }
    return math.floor(max(amounts[balance.measure]) * balance.cost + Fraction(1, 2))


def _farthest_m(problem: Problem, route: Route) -> int:
    """Look for the longest way between two visits of a route."""
    matrix = problem.matrices[problem.workers[route.worker].matrix]
    places = [problem.visits[stop.visit].location for stop in route.stops]
    ways = [int(matrix.distance_m[pair]) for pair in permutations(places, 2) if matrix.reachable[pair]]
    return max(ways, default=0)


def _coverage_violations(problem: Problem, plan: Plan) -> Iterator[PlanViolation]:
    left_out = [one.visit for one in plan.unplanned]
    named = Counter([stop.visit for route in plan.routes for stop in route.stops] + left_out)
    for visit in range(len(problem.visits)):
        if named[visit] != 1:
            description = f"visit {visit} must be on one route or unplanned, once (found {named[visit]} times)"
            yield PlanViolation("routes", PlanRule.EACH_VISIT_ONCE, description, visit=visit)
    if left_out != sorted(left_out):
        yield PlanViolation("unplanned", PlanRule.SHAPE, "must be in ascending order of visits")
    for number, one in enumerate(plan.unplanned):
        visit_asked = problem.visits[one.visit]
        field = f"unplanned[{number}].reason"
        if one.reason is UnplannedReason.NOT_WORTH_ITS_COST:
            if visit_asked.unserved_cost is None:
                yield PlanViolation(field, PlanRule.MANDATORY, "a mandatory visit is worth any cost", visit=one.visit)
            elif visit_asked.priority <= problem.lowest_strict_priority:
                description = "a visit of a strict priority is worth any cost"
                yield PlanViolation(field, PlanRule.PRIORITY, description, visit=one.visit)
        if one.reason is UnplannedReason.NO_WORKER_WITH_SKILLS and any(
            visit_asked.required_skills <= worker.skills for worker in problem.workers
        ):
            yield PlanViolation(field, PlanRule.SKILLS, "a worker has the skills", visit=one.visit)


def _company_violations(problem: Problem, plan: Plan) -> Iterator[PlanViolation]:
    """Check which visits lie on one route, and in which order."""
    place_of = {stop.visit: (route.worker, number) for route in plan.routes for number, stop in enumerate(route.stops)}
    for group, is_one_route in (
        *((group, False) for group in problem.same_worker_groups),
        *((frozenset(sequence.visits), True) for sequence in problem.sequences),
    ):
        planned = [visit for visit in sorted(group) if visit in place_of]
        for visit in planned[1:]:
            one, other = place_of[planned[0]][0], place_of[visit][0]
            if one != other and (is_one_route or not _is_same_person(problem, one, other)):
                description = f"must be with the same worker as visit {planned[0]}"
                yield _broken_place(place_of[visit], PlanRule.SAME_WORKER, description, visit)
    for group in problem.different_worker_groups:
        for one, other in combinations(sorted(group & place_of.keys()), 2):
            if _is_same_person(problem, place_of[one][0], place_of[other][0]):
                description = f"must not be with the same worker as visit {one}"
                yield _broken_place(place_of[other], PlanRule.DIFFERENT_WORKER, description, other)
    for group in problem.separate_groups:
        first_on: dict[int, int] = {}
        for visit in sorted(group & place_of.keys()):
            other = first_on.setdefault(place_of[visit][0], visit)
            if other != visit:
                description = f"must not be on one route with visit {other}"
                yield _broken_place(place_of[visit], PlanRule.SEPARATE, description, visit)
    for sequence in problem.sequences:
        yield from _sequence_violations(sequence, place_of)
    yield from _precedence_violations(problem, plan, place_of)
    yield from _delivery_violations(problem, place_of)


def _delivery_violations(problem: Problem, place_of: dict[int, tuple[int, int]]) -> Iterator[PlanViolation]:
    for one in problem.deliveries:
        before, after = place_of.get(one.pickup), place_of.get(one.delivery)
        if before is None and after is not None:
            description = f"nothing is picked up at visit {one.pickup}"
            yield _broken_place(after, PlanRule.DELIVERY, description, one.delivery)
        elif before is not None and (after is None or after[0] != before[0] or after < before):
            description = f"what is picked up must be brought to visit {one.delivery} afterwards"
            yield _broken_place(before, PlanRule.DELIVERY, description, one.pickup)


def _precedence_violations(
    problem: Problem, plan: Plan, place_of: dict[int, tuple[int, int]]
) -> Iterator[PlanViolation]:
    for one in problem.precedences:
        if one.before in place_of and one.after in place_of:
            (route, stop), (later_route, later_stop) = place_of[one.before], place_of[one.after]
            over_s = plan.routes[route].stops[stop].departure_s + one.min_gap_s
            start_s = plan.routes[later_route].stops[later_stop].start_s
            if start_s < over_s:
                description = (
                    f"must start {one.min_gap_s} s or more after visit {one.before} is over, {over_s} (got {start_s})"
                )
                yield _broken_place(place_of[one.after], PlanRule.PRECEDENCE, description, one.after)


def _is_same_person(problem: Problem, one: int, other: int) -> bool:
    return {problem.workers[one].shift_of, one} & {problem.workers[other].shift_of, other} - {None} != set()


def _sequence_violations(sequence: VisitSequence, place_of: dict[int, tuple[int, int]]) -> Iterator[PlanViolation]:
    kept = [visit for visit in sequence.visits if visit in place_of]
    for before, after in pairwise(kept):
        if place_of[after][0] == place_of[before][0] and place_of[after] < place_of[before]:
            description = f"must come after visit {before}"
            yield _broken_place(place_of[after], PlanRule.SEQUENCE, description, after)
    for before, after in pairwise(sequence.visits) if sequence.is_direct else ():
        if before in place_of and after in place_of:
            worker, number = place_of[before]
            if place_of[after] != (worker, number + 1):
                description = f"must directly follow visit {before}"
                yield _broken_place(place_of[after], PlanRule.SEQUENCE, description, after)


def _broken_place(place: tuple[int, int], rule: PlanRule, description: str, visit: int) -> PlanViolation:
    return PlanViolation(f"routes[{place[0]}].stops[{place[1]}].visit", rule, description, place[0], visit)
