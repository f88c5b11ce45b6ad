"""Decides, for a visit that a plan leaves out, what class its reason is of, and what would let it in.

Every statement is proven: a class by trying every place, a relaxation by applying it and checking the route.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import numpy as np

from optimizer.answers.explain import explain_unplanned
from optimizer.answers.plan_assessment import assess_orders
from optimizer.answers.relaxation import Refused, refused_visit, smallest_relaxation
from optimizer.answers.relaxation_pairs import Pair, smallest_pair
from optimizer.answers.relaxed_rules import Leeway, Relaxation, Relaxed, relaxed_problem
from optimizer.given_orders import validate_orders
from optimizer.insertion.insertion import (
    Orders,
    PossibleInsertion,
    find_insertion,
    insertion_table,
    route_value,
    with_visit,
    without_visit,
    worth_of,
)
from optimizer.insertion.remembered_places import places_now
from optimizer.plan import Plan, UnplannedReason, UnplannedVisit
from optimizer.plan_check import check_plan
from optimizer.plan_violation import PlanRule
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.problem_validation import validate_problem
from optimizer.rounds.precedence import settled_by_orders, with_true_reasons
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routes.schedule import schedule_route
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.single_route import problem_of_route


class RefusalClass(Enum):
    """Why a visit is not planned, by what would have to be another way."""

    IMPOSSIBLE_ALONE = "impossible_alone"
    """It fits on no worker's route, even alone."""
    IMPOSSIBLE_WITH_PINS = "impossible_with_pins"
    """It would fit alone, but on no route beside the mandatory visits that only that worker may serve."""
    DISPLACED = "displaced"
    """There is no room between the visits of the plan, or only at more than the visit is worth."""
    SEARCH_GAVE_UP = "search_gave_up"
    """A better plan with this visit is one exchange away."""


@dataclass(frozen=True)
class WorkerRefusal:
    """What it would take to have one worker serve the visit.

    Parameters
    ----------
    worker
        Index into the problem.
    insertion
        The cheapest place in the route as things are; None where there is none.
    relaxation
        The smallest change of one rule that admits the visit; None where it fits, or where no single one does.
    """

    worker: int
    insertion: PossibleInsertion | None
    relaxation: Relaxation | None


@dataclass(frozen=True)
class Refusal:
    """Why one visit is not planned.

    Parameters
    ----------
    unplanned
        The visit, the verified reason, and the sentence for people.
    kind
        The class.
    workers
        One per worker, in order.
    smallest
        The smallest change of one rule that admits the visit to the plan, proven; None where no single one does.
    smallest_pair
        Where no single change does: the smallest two that do together, proven, by `optimizer.answers.relaxation_pairs`.
    """

    unplanned: UnplannedVisit
    kind: RefusalClass
    workers: tuple[WorkerRefusal, ...]
    smallest: Relaxation | None
    smallest_pair: Pair | None = None


_ALONE = frozenset(
    {
        UnplannedReason.NO_WORKER_WITH_SKILLS,
        UnplannedReason.NO_ALLOWED_WORKER,
        UnplannedReason.UNREACHABLE,
        UnplannedReason.OUTSIDE_WORKING_TIME,
    }
)


def explain_refusals(
    problem: Problem,
    orders: Sequence[Sequence[int]],
    visits: Sequence[int] | None = None,
    leeway: Leeway = MappingProxyType({}),
) -> tuple[Refusal, ...]:
    """Say of visits that are on no route why that is so, and what would change it.

    Parameters
    ----------
    problem
        The problem.
    orders
        Per worker the visits in order, as indices into `Problem.visits`.
    visits
        Which visits to explain; None is all that are on no route.
    leeway
        By how much rules can give way that are narrower in the problem than whoever asks has stated them.

    Returns
    -------
    tuple of Refusal
        Ascending by visit; visits that are on a route are left out.

    Raises
    ------
    InvalidProblemError
        Where the problem is not valid, or the orders are not one per worker with each visit at most once.
    """
    validate_problem(problem)
    given = validate_orders(problem, orders)
    settled = settled_by_orders(problem, given)
    arrays = arrays_of_problem(settled)
    wanted = None if visits is None else set(visits)
    unplanned = with_true_reasons(problem, given, explain_unplanned(settled, arrays, given))
    asked = [one for one in unplanned if wanted is None or one.visit in wanted]
    # What is found of all at once is remembered, and asked for one by one later.
    insertion_table(arrays, given, np.array([one.visit for one in asked], np.int64))
    displaced = [one.visit for one in asked if one.reason not in _ALONE | {UnplannedReason.IMPOSSIBLE_WITH_PINS}]
    exchanged = _with_better_exchange(settled, arrays, given, displaced)
    prover = _Prover(problem, given)
    refused = (refused_visit(problem, settled, arrays, given, one.visit, leeway) for one in asked)
    return tuple(
        _refusal(each, one, prover, _class_of(one, exchanged)) for each, one in zip(refused, asked, strict=True)
    )


def impossible_visits(problem: Problem) -> tuple[UnplannedVisit, ...]:
    """Find the visits that nobody can serve, even alone on a route, without solving.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    tuple of UnplannedVisit
        Ascending, each with its reason.
    """
    arrays = arrays_of_problem(problem)
    alone = explain_unplanned(problem, arrays, ((),) * len(problem.workers))
    return tuple(one for one in alone if one.reason in _ALONE)


def _refusal(refused: Refused, unplanned: UnplannedVisit, prover: _Prover, kind: RefusalClass) -> Refusal:
    workers = tuple(_worker_refusal(refused, worker) for worker in range(len(refused.orders)))
    relaxations = sorted(
        (one.relaxation for one in workers if one.relaxation is not None),
        key=lambda one: (one.size, one.insertion.extra_cost, one.worker),
    )
    smallest = next((one for one in relaxations if prover.proves(refused, one)), None)
    pair = smallest_pair(refused, lambda pair: prover.proves(refused, *pair)) if smallest is None else None
    return Refusal(unplanned, kind, workers, smallest, pair)


def _worker_refusal(refused: Refused, worker: int) -> WorkerRefusal:
    problem, arrays, orders, visit = refused.settled, refused.arrays, refused.orders, refused.visit
    if route_value(arrays, worker, orders[worker]).verdict != POSSIBLE:
        return WorkerRefusal(worker, None, None)
    insertion = find_insertion(arrays, orders, worker, visit)
    if insertion is None:
        return WorkerRefusal(worker, None, smallest_relaxation(refused, worker))
    worth = worth_of(problem, arrays, visit)
    lacking = insertion.extra_cost - (worth or 0)
    if worth is None or lacking <= 0:
        return WorkerRefusal(worker, insertion, None)
    price = Relaxation(Relaxed.UNSERVED_COST, worker, visit, 0, lacking, insertion, visit)
    return WorkerRefusal(worker, insertion, price)


class _Prover:
    """Applies relaxations to the problem, puts the visit in, and lets the independent checker judge.

    Parameters
    ----------
    problem, orders
        The problem as it was asked, and the routes.
    """

    def __init__(self, problem: Problem, orders: Orders) -> None:
        self._problem, self._orders = problem, orders
        self._broken_before: set[tuple[PlanRule, int | None, int | None]] | None = None

    def proves(self, refused: Refused, *changes: Relaxation) -> bool:
        """Tell whether a visit may be where a relaxation, or more than one together, puts it."""
        relaxation = changes[0]
        orders = with_visit(refused.arrays, self._orders, relaxation.visit, relaxation.insertion)
        relaxed = self._problem
        for change in changes:
            relaxed = relaxed_problem(relaxed, change)
        if refused.arrays.binds_routes or self._problem.precedences:
            # What binds visits of different routes shows in the whole plan only.
            if self._broken_before is None:
                self._broken_before = self._broken(self._problem, self._orders)
            return self._broken(relaxed, orders) <= self._broken_before
        alone = problem_of_route(relaxed, relaxation.worker, orders[relaxation.worker])
        route = schedule_route(alone, arrays_of_problem(alone), 0, range(len(alone.visits)))
        return route is not None and check_plan(alone, Plan((route,), (), route.cost, "relaxation")) == ()

    def _broken(self, problem: Problem, orders: Orders) -> set[tuple[PlanRule, int | None, int | None]]:
        """Name the broken rules of a plan; that other visits would now fit, too, says nothing about this one."""
        found = check_plan(problem, assess_orders(problem, orders).plan)
        return {
            (one.rule, one.worker, one.visit)
            for one in found
            if one.rule not in (PlanRule.MANDATORY, PlanRule.PRIORITY)
        }


def _class_of(unplanned: UnplannedVisit, exchanged: frozenset[int]) -> RefusalClass:
    if unplanned.reason in _ALONE:
        return RefusalClass.IMPOSSIBLE_ALONE
    if unplanned.reason is UnplannedReason.IMPOSSIBLE_WITH_PINS:
        return RefusalClass.IMPOSSIBLE_WITH_PINS
    return RefusalClass.SEARCH_GAVE_UP if unplanned.visit in exchanged else RefusalClass.DISPLACED


def _with_better_exchange(
    problem: Problem, arrays: ProblemArrays, orders: Orders, visits: Sequence[int]
) -> frozenset[int]:
    """Find the visits with which the plan gets better, alone or for one optional visit that goes out.

    All are tried at once wherever something goes out.
    """
    wanted = np.array(visits, np.int64)
    worths = [worth_of(problem, arrays, visit) for visit in visits]
    worth = np.array([NEVER if one is None else one for one in worths], np.int64)
    has_exchange = np.zeros(len(wanted), np.bool_)
    for worker, order in enumerate(orders):
        before = route_value(arrays, worker, order)
        for out in (None, *order) if before.verdict == POSSIBLE else ():
            lost = 0 if out is None else worth_of(problem, arrays, out)
            rest = without_visit(arrays, order, out)
            if lost is None or (without := route_value(arrays, worker, rest)).verdict != POSSIBLE:
                continue
            asked = np.flatnonzero(~has_exchange)
            ceilings = np.where(worth < NEVER, worth - lost - without.cost + before.cost, NEVER)[asked]
            fewer = (*orders[:worker], rest, *orders[worker + 1 :])
            has_exchange[asked] = places_now(arrays, fewer, worker, wanted[asked], ceilings)[:, 1] < NEVER
    return frozenset(wanted[has_exchange].tolist())
