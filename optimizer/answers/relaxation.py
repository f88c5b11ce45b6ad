"""Decides by how much one rule would have to give way to let a visit into a route that stays as it is.

One rule at a time is made weaker, by the smallest amount that admits the visit: a weaker rule never shuts out what a
stronger one let in, so that amount is found by bisection. What is found is applied to the problem itself, and the
checker confirms the route.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np

from optimizer.answers.relaxation_knobs import LONGEST_S, Arrays, Knob, knobs_of_route
from optimizer.answers.relaxed_rules import BONDS, SECONDS_PER_UNIT, Leeway, Relaxation, Relaxed, without_bond
from optimizer.insertion.insertion import Orders, PossibleInsertion, find_insertion, worth_of
from optimizer.insertion.joining import partner_of, suits_other_routes
from optimizer.insertion.places_on_route import cheapest_places
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem
from optimizer.rounds.precedence import settled_by_orders
from optimizer.routes.route_kernels import ALONE
from optimizer.routes.schedule_kernels import NEVER

BREAKS: Final = (Relaxed.BREAK_LATER, Relaxed.BREAK_EARLIER)

MOST_BONDS: Final = 20
"""Of one visit, that are tried to be let go: for each of them the whole problem is laid out anew."""


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
    leeway
        By how much rules can give way.
    """

    problem: Problem
    settled: Problem
    arrays: ProblemArrays
    orders: Orders
    visit: int
    partner: int | None
    loosened: tuple[Loosened, ...]
    leeway: Leeway

    @property
    def both(self) -> tuple[int, ...]:
        """The visit and its partner, if there is one."""
        return (self.visit,) if self.partner is None else (self.visit, self.partner)


def refused_visit(
    problem: Problem, settled: Problem, arrays: ProblemArrays, orders: Orders, visit: int, leeway: Leeway
) -> Refused:
    """Gather what is needed to try a visit everywhere.

    Parameters
    ----------
    problem, settled, arrays, orders, visit, leeway
        As in `Refused`.

    Returns
    -------
    Refused
        With one loosened problem for each bond of the visit.
    """
    alone = Refused(problem, settled, arrays, orders, visit, partner_of(arrays, visit), (), leeway)
    return replace(alone, loosened=tuple(islice(_loosened(problem, orders, alone.both), MOST_BONDS)))


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
    trial = Trial(refused, worker)
    if not trial.may_serve:
        return trial.with_permission()
    best = trial.without_bond()
    if not trial.suits_other_routes:
        return best
    knobs = list(knobs_for(refused, worker))
    if may_be_turned_at_once(knobs) and trial.insertion([(knob, knob.largest) for knob in knobs]) is None:
        return best
    for knob in knobs:
        limit = knob.largest if best is None else min(knob.largest, below(best.size, knob.rule))
        if limit <= 0 or trial.insertion([(knob, limit)]) is None:
            continue
        best = trial.smallest(knob, limit)
    return best


def may_be_turned_at_once(knobs: Sequence[Knob]) -> bool:
    """Tell whether what no rule admits while all give way, none admits alone: breaks must not come past each other."""
    return len({knob.number for knob in knobs if knob.rule in BREAKS}) <= 1


def knobs_for(refused: Refused, worker: int) -> Iterator[Knob]:
    """List the rules that may keep a visit out of a worker's route and can be turned.

    Parameters
    ----------
    refused, worker
        As in `smallest_relaxation`.

    Yields
    ------
    Knob
        None for windows that a precedence has cut, nor for what has no leeway.
    """
    windows = [visit for visit in refused.both if _has_own_windows(refused, visit)]
    for knob in knobs_of_route(refused.settled, worker, windows):
        owner = worker if knob.visit is None else knob.visit
        largest = min(knob.largest, refused.leeway.get((knob.rule, owner), knob.largest))
        if largest > 0:
            yield replace(knob, largest=largest)


def _has_own_windows(refused: Refused, visit: int) -> bool:
    """Tell whether the windows of a visit are those that were asked for, and not cut by a precedence."""
    return refused.problem.visits[visit].time_windows == refused.settled.visits[visit].time_windows


def below(size: float, rule: Relaxed) -> int:
    """Return the largest amount of a rule that counts less than a size.

    Parameters
    ----------
    size
        In seconds, or what counts like them.
    rule
        The rule.

    Returns
    -------
    int
        In the unit of the rule.
    """
    per_unit = SECONDS_PER_UNIT.get(rule, 1.0)
    return LONGEST_S if per_unit == 0 else int(np.ceil(size / per_unit)) - 1


class Trial:
    """Tries to put one visit into one route under changed rules.

    Parameters
    ----------
    refused, worker
        The visit and all around it, and whose route.
    without
        A bond of the visit that it is let go from; None is none.
    """

    def __init__(self, refused: Refused, worker: int, without: Loosened | None = None) -> None:
        arrays = refused.arrays if without is None else without.arrays
        self._refused, self._worker = refused, worker
        self._arrays: Arrays = (arrays.workers[worker], arrays.visits_of[worker])
        self._order = np.asarray(refused.orders[worker], np.int64)
        self._candidate = np.array([refused.visit])
        self._worth = worth_of(refused.settled, arrays, refused.visit)
        self.may_serve = bool(arrays.may_serve[worker, list(refused.both)].all())
        self.suits_other_routes = bool(suits_other_routes(arrays, refused.orders, worker, refused.both).all())

    def insertion(
        self, turns: Sequence[tuple[Knob, int]] = (), *, at_any_cost: bool = False
    ) -> PossibleInsertion | None:
        """Return the cheapest place with some knobs turned, if there is one at no more than the unserved cost."""
        worker, visits = self._arrays
        for knob, amount in turns:
            worker, visits = knob.turned((worker, visits), amount)
        ceiling = NEVER if at_any_cost or self._worth is None else self._worth + 1
        places = cheapest_places(self._order, self._candidate, visits, worker, np.array([ceiling]))
        position, extra_cost, partner = (int(value) for value in places[0])
        if extra_cost >= NEVER:
            return None
        place = PossibleInsertion(self._worker, position, extra_cost, None if partner == ALONE else partner)
        return place if at_any_cost or self.lacking(place) <= 0 else None

    def lacking(self, place: PossibleInsertion) -> int:
        """Say by how much a place costs more than leaving the visit out; no place does where that has no price."""
        return 0 if self._worth is None else place.extra_cost - self._worth

    def least(self, turns: Sequence[tuple[Knob, int]], knob: Knob, largest: int, *, at_any_cost: bool = False) -> int:
        """Find by bisection the smallest amount of one more knob that admits the visit, if the largest does."""
        least, most = 0, largest
        while most - least > 1:
            middle = (least + most) // 2
            if self.insertion((*turns, (knob, middle)), at_any_cost=at_any_cost) is None:
                least = middle
            else:
                most = middle
        return most

    def smallest(self, knob: Knob, largest: int) -> Relaxation:
        """Turn a knob by the smallest amount that admits the visit, given that the largest does."""
        amount = self.least((), knob, largest)
        place = self.insertion([(knob, amount)])
        assert place is not None  # noqa: S101 - the bisection ends at an amount that admits
        return self.turned(knob, amount, place)

    def with_permission(self) -> Relaxation | None:
        """Try the one permission that is missing, if it is one."""
        missing = self.missing_permissions()
        if len(missing) != 1 or not self.suits_other_routes:
            return None
        place = self.insertion()
        return None if place is None else self.permitted(missing[0], place)

    def missing_permissions(self) -> list[tuple[Relaxed, int]]:
        """List the permissions that the worker lacks, each with the visit that asks for it."""
        return [(rule, visit) for visit in self._refused.both for rule in self._missing_permissions(visit)]

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
            if place is not None and self.lacking(place) <= 0:
                return self.let_go(one, place)
        return None

    def turned(self, knob: Knob, amount: int, place: PossibleInsertion) -> Relaxation:
        """State that a knob is turned."""
        visit = self._refused.visit if knob.visit is None else knob.visit
        return self._relaxation(knob.rule, place, number=knob.number, amount=amount, relaxed_visit=visit)

    def permitted(self, missing: tuple[Relaxed, int], place: PossibleInsertion) -> Relaxation:
        """State that a permission is given."""
        return self._relaxation(missing[0], place, relaxed_visit=missing[1])

    def let_go(self, bond: Loosened, place: PossibleInsertion) -> Relaxation:
        """State that the visit is let go from a bond."""
        return self._relaxation(bond.rule, place, number=bond.number, relaxed_visit=bond.visit)

    def paid(self, place: PossibleInsertion) -> Relaxation:
        """State that leaving the visit out costs as much as a place."""
        amount, visit = self.lacking(place), self._refused.visit
        return self._relaxation(Relaxed.UNSERVED_COST, place, amount=amount, relaxed_visit=visit)

    def _relaxation(
        self, rule: Relaxed, place: PossibleInsertion, *, relaxed_visit: int, number: int = 0, amount: int = 0
    ) -> Relaxation:
        return Relaxation(rule, self._worker, self._refused.visit, number, amount, place, relaxed_visit)
