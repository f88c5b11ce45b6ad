"""Decides by how much one rule would have to give way to let a visit into a route that stays as it is.

One rule at a time is made weaker, by the smallest amount that admits the visit: a weaker rule never shuts out what a
stronger one let in, so that amount is found by bisection. What is found is applied to the problem itself, and the
checker confirms the route.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.insertion import Orders, PossibleInsertion, cheapest_places, find_insertion, worth_of
from optimizer.joining import partner_of, suits_other_routes
from optimizer.precedence import settled_by_orders
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.relaxation_knobs import LONGEST_S, Arrays, Knob, knobs_of_route
from optimizer.relaxed_rules import BONDS, SECONDS_PER_UNIT, Relaxation, Relaxed, without_bond
from optimizer.route_kernels import ALONE, POSSIBLE, value_of_route
from optimizer.schedule_kernels import NEVER


@dataclass(frozen=True, eq=False)
class Loosened:
    """The problem with one visit let go from what binds it to others: the rule, its number, the visit, and arrays."""

    rule: Relaxed
    number: int
    visit: int
    arrays: ProblemArrays


@dataclass(frozen=True, eq=False)
class Refused:
    """A visit that is on no route, and what is needed to try it everywhere.

    Parameters
    ----------
    problem
        The problem as it was asked.
    settled, arrays
        The same with its precedences cut, and that in arrays.
    orders
        Feasible routes.
    visit, partner
        The visit, and the other one of its delivery.
    loosened
        What it could do without each of its bonds.
    """

    problem: Problem
    settled: Problem
    arrays: ProblemArrays
    orders: Orders
    visit: int
    partner: int | None
    loosened: tuple[Loosened, ...]

    @property
    def both(self) -> tuple[int, ...]:
        """The visit and its partner, if there is one."""
        return (self.visit,) if self.partner is None else (self.visit, self.partner)


def refused_visit(problem: Problem, settled: Problem, arrays: ProblemArrays, orders: Orders, visit: int) -> Refused:
    """Gather what is needed to try a visit everywhere.

    Parameters
    ----------
    problem, settled, arrays, orders, visit
        As in `Refused`.

    Returns
    -------
    Refused
        With one loosened problem for each bond of the visit.
    """
    alone = Refused(problem, settled, arrays, orders, visit, partner_of(arrays, visit), ())
    loosened = tuple(_loosened(problem, orders, alone.both))
    return Refused(problem, settled, arrays, orders, visit, alone.partner, loosened)


def _loosened(problem: Problem, orders: Orders, visits: Sequence[int]) -> Iterator[Loosened]:
    members = {
        Relaxed.SAME_WORKER: problem.same_worker_groups,
        Relaxed.DIFFERENT_WORKER: problem.different_worker_groups,
        Relaxed.SEPARATE: problem.separate_groups,
        Relaxed.SEQUENCE: tuple(frozenset(one.visits) for one in problem.sequences),
        Relaxed.PRECEDENCE: tuple(frozenset((one.before, one.after)) for one in problem.precedences),
    }
    for rule in BONDS:
        for number, group in enumerate(members[rule]):
            for visit in group.intersection(visits):
                free = settled_by_orders(without_bond(problem, rule, number, visit), orders)
                yield Loosened(rule, number, visit, arrays_of_problem(free))


def smallest_relaxation(refused: Refused, worker: int) -> Relaxation | None:
    """Find the smallest single change that lets a visit into a worker's route at no more than its unserved cost.

    Parameters
    ----------
    refused
        The visit and all around it.
    worker
        Whose route.

    Returns
    -------
    Relaxation or None
        None where no change of one rule alone admits it.
    """
    trial = _Trial(refused, worker)
    if not trial.may_serve:
        return trial.with_permission()
    best = trial.without_bond()
    if not trial.suits_other_routes:
        return best
    windows = [visit for visit in refused.both if _has_own_windows(refused, visit)]
    for knob in knobs_of_route(refused.settled, worker, windows):
        limit = knob.largest if best is None else min(knob.largest, _below(best.size, knob.rule))
        if limit <= 0 or trial.insertion(knob, limit) is None:
            continue
        best = trial.smallest(knob, limit)
    return best


def _has_own_windows(refused: Refused, visit: int) -> bool:
    """Tell whether the windows of a visit are those that were asked for, and not cut by a precedence."""
    return refused.problem.visits[visit].time_windows == refused.settled.visits[visit].time_windows


def _below(size: float, rule: Relaxed) -> int:
    """Return the largest amount of a rule that counts less than a size."""
    per_unit = SECONDS_PER_UNIT.get(rule, 1.0)
    return LONGEST_S if per_unit == 0 else int(np.ceil(size / per_unit)) - 1


class _Trial:
    """Tries to put one visit into one route under changed rules."""

    def __init__(self, refused: Refused, worker: int) -> None:
        arrays = refused.arrays
        self._refused, self._worker = refused, worker
        self._arrays: Arrays = (arrays.workers[worker], arrays.visits_of[worker])
        self._order = np.asarray(refused.orders[worker], np.int64)
        self._worth = worth_of(refused.settled, arrays, refused.visit)
        self.may_serve = bool(arrays.may_serve[worker, list(refused.both)].all())
        self.suits_other_routes = bool(suits_other_routes(arrays, refused.orders, worker, refused.both).all())

    def insertion(self, knob: Knob | None, amount: int) -> PossibleInsertion | None:
        """Return the cheapest place with a knob turned, if there is one at no more than the unserved cost."""
        worker, visits = self._arrays if knob is None else knob.turned(self._arrays, amount)
        before = value_of_route(self._order, visits, worker)
        if before.verdict != POSSIBLE:
            return None
        candidate = np.array([self._refused.visit])
        ((position, cost, partner),) = cheapest_places(self._order, candidate, visits, worker)
        if cost >= NEVER or not self._pays(int(cost - before.cost)):
            return None
        beside = None if partner == ALONE else int(partner)
        return PossibleInsertion(self._worker, int(position), int(cost - before.cost), beside)

    def smallest(self, knob: Knob, largest: int) -> Relaxation:
        """Find by bisection the smallest amount that admits the visit, given that the largest does."""
        least, most = 0, largest
        while most - least > 1:
            middle = (least + most) // 2
            if self.insertion(knob, middle) is None:
                least = middle
            else:
                most = middle
        place = self.insertion(knob, most)
        assert place is not None  # noqa: S101 - the bisection ends at an amount that admits
        visit = self._refused.visit if knob.visit is None else knob.visit
        return self._relaxation(knob.rule, place, number=knob.number, amount=most, relaxed_visit=visit)

    def with_permission(self) -> Relaxation | None:
        """Try the one permission that is missing, if it is one."""
        missing = [(rule, visit) for visit in self._refused.both for rule in self._missing_permissions(visit)]
        if len(missing) != 1 or not self.suits_other_routes:
            return None
        place = self.insertion(None, 0)
        ((rule, visit),) = missing
        return None if place is None else self._relaxation(rule, place, relaxed_visit=visit)

    def _missing_permissions(self, visit: int) -> Iterator[Relaxed]:
        owner, asked = self._refused.settled.workers[self._worker], self._refused.settled.visits[visit]
        if not asked.required_skills <= owner.skills:
            yield Relaxed.SKILLS
        if asked.zone is not None and owner.zones and asked.zone not in owner.zones:
            yield Relaxed.ZONES
        if asked.allowed_workers is not None and self._worker not in asked.allowed_workers:
            yield Relaxed.ALLOWED_WORKERS

    def without_bond(self) -> Relaxation | None:
        """Let the visit go from one of its bonds, where that admits it."""
        for one in self._refused.loosened:
            place = find_insertion(one.arrays, self._refused.orders, self._worker, self._refused.visit)
            if place is not None and self._pays(place.extra_cost):
                return self._relaxation(one.rule, place, number=one.number, relaxed_visit=one.visit)
        return None

    def _pays(self, extra_cost: int) -> bool:
        return self._worth is None or extra_cost <= self._worth

    def _relaxation(
        self, rule: Relaxed, place: PossibleInsertion, *, relaxed_visit: int, number: int = 0, amount: int = 0
    ) -> Relaxation:
        return Relaxation(rule, self._worker, self._refused.visit, number, amount, place, relaxed_visit)
