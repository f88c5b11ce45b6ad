"""Decides which two rules would have to give way together to let a visit in that no single change admits.

A pair is as large as its two changes together, in the seconds of `optimizer.answers.relaxed_rules`. For two amounts,
the ones that admit the visit lie above a line that falls in steps: the more of the one, the less of the other. Both
ends of it are found by bisection, and a few points between them; so of each two rules the smallest pair is found but
for the steps between those points. The work is limited: the routes that the visit lies nearest to are tried first, and
a pair of rules is looked into only where it can be smaller than the smallest so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from optimizer.answers.relaxation import (
    BREAKS,
    Loosened,
    Refused,
    Trial,
    below,
    knobs_for,
    may_be_turned_at_once,
)
from optimizer.answers.relaxation_knobs import Knob
from optimizer.answers.relaxed_rules import PERMISSION_S, Relaxation, Relaxed
from optimizer.routes.schedule_kernels import NEVER

Pair = tuple[Relaxation, Relaxation]

MOST_TRIES: Final = 1_000
"""For one visit; some 50 µs each."""
POINTS_BETWEEN: Final = 3


def size_of_pair(pair: Pair) -> float:
    """Say how large two changes are together, in seconds or what counts like them.

    Parameters
    ----------
    pair
        The changes.

    Returns
    -------
    float
        The sum of their sizes.
    """
    return pair[0].size + pair[1].size


def smallest_pair(refused: Refused, proves: Callable[[Pair], bool]) -> Pair | None:
    """Find the smallest two changes that together let a visit into the route of some worker.

    Parameters
    ----------
    refused
        A visit that no single change admits.
    proves
        Applies a pair to the problem and lets the checker judge.

    Returns
    -------
    Pair or None
        Proven; None where no two changes admit the visit, or none was found with the work that is allowed.
    """
    search = _Search(refused, proves)
    for worker in _nearest_first(refused):
        search.try_route(worker)
    return search.best


def _rank(pair: Pair) -> tuple[float, int, int]:
    return size_of_pair(pair), pair[0].insertion.extra_cost, pair[0].worker


def _nearest_first(refused: Refused) -> list[int]:
    """Order the workers by the shortest way from the visit to a place on their routes."""
    arrays, visit = refused.arrays, refused.visit
    ways: list[tuple[int, int]] = []
    for worker, order in enumerate(refused.orders):
        own, location = arrays.workers[worker], arrays.visits_of[worker].location
        ends = [end for end in (own.start_location, own.end_location) if end >= 0]
        places = np.array([*location[list(order)].tolist(), *ends], np.int64)
        is_open = own.reachable[places, location[visit]]
        ways.append((int(own.travel_s[places, location[visit]][is_open].min(initial=NEVER)), worker))
    return [worker for _, worker in sorted(ways)]


class _Search:
    """Keeps the smallest pair so far.

    Parameters
    ----------
    refused, proves
        As in `smallest_pair`.
    """

    def __init__(self, refused: Refused, proves: Callable[[Pair], bool]) -> None:
        self._refused, self._proves = refused, proves
        self._tries_left = MOST_TRIES
        self.best: Pair | None = None

    def try_route(self, worker: int) -> None:
        """Try all pairs for one route."""
        trial = Trial(self._refused, worker)
        missing = trial.missing_permissions()
        for bond in self._refused.loosened if len(missing) <= 1 else ():
            free = Trial(self._refused, worker, bond)
            if free.suits_other_routes and self._may_try(1):
                self._without_bond(free, bond, worker, missing)
        if missing:
            if len(missing) <= 2 and trial.suits_other_routes:  # noqa: PLR2004 - no more than a pair
                self._with_permissions(trial, worker, missing)
            return
        knobs = list(knobs_for(self._refused, worker))
        if trial.suits_other_routes and self._may_do(trial, knobs):
            self._with_price(trial, knobs)
            for first, second in combinations(knobs, 2):
                if not _cross(first, second):
                    self._two_amounts(trial, first, second)

    def _offer(self, pair: Pair) -> None:
        if (self.best is None or _rank(pair) < _rank(self.best)) and self._proves(pair):
            self.best = pair

    def _may_try(self, tries: int) -> bool:
        """Tell whether there is work left, and note that it is done."""
        is_left = self._tries_left > 0
        self._tries_left -= tries
        return is_left

    def _limit(self, knob: Knob, beside: float = 0.0) -> int:
        """Return how far a knob is turned at most, beside a change of a size, for a pair below the smallest so far."""
        if self.best is None:
            return knob.largest
        return min(knob.largest, below(size_of_pair(self.best) - beside, knob.rule))

    def _without_bond(self, free: Trial, bond: Loosened, worker: int, missing: Sequence[tuple[Relaxed, int]]) -> None:
        """Let the visit go from a bond, and try the permission that is missing, or else a price or another rule."""
        place = free.insertion(at_any_cost=not missing)
        if missing:
            if place is not None:
                self._offer((free.permitted(missing[0], place), free.let_go(bond, place)))
        elif place is not None:
            self._offer((free.let_go(bond, place), free.paid(place)))
        else:
            for change in self._one_more(free, worker):
                self._offer((free.let_go(bond, change.insertion), change))

    def _with_permissions(self, trial: Trial, worker: int, missing: Sequence[tuple[Relaxed, int]]) -> None:
        """Try the permissions that are missing, and beside a single one of them a price or another rule."""
        place = trial.insertion(at_any_cost=len(missing) == 1)
        if len(missing) > 1:
            if place is not None:
                self._offer((trial.permitted(missing[0], place), trial.permitted(missing[1], place)))
        elif place is not None:
            self._offer((trial.permitted(missing[0], place), trial.paid(place)))
        else:
            for change in self._one_more(trial, worker):
                self._offer((trial.permitted(missing[0], change.insertion), change))

    def _one_more(self, trial: Trial, worker: int) -> Iterator[Relaxation]:
        """Yield single changes that admit the visit in a trial in which a whole rule has given way already."""
        for knob in knobs_for(self._refused, worker):
            limit = self._limit(knob, PERMISSION_S)
            if limit > 0 and self._may_try(1) and trial.insertion([(knob, limit)]) is not None:
                self._may_try(limit.bit_length())
                yield trial.smallest(knob, limit)

    def _may_do(self, trial: Trial, knobs: Sequence[Knob]) -> bool:
        """Tell whether the visit fits where all rules give way at once: else no two of them are enough."""
        if not may_be_turned_at_once(knobs):
            return True
        turns = [(knob, knob.largest) for knob in knobs]
        return self._may_try(1) and trial.insertion(turns, at_any_cost=True) is not None

    def _with_price(self, trial: Trial, knobs: Sequence[Knob]) -> None:
        """Try a rule that gives way, and a price at which the visit is then worth it."""
        for knob in knobs:
            limit = self._limit(knob)
            if limit <= 0 or not self._may_try(1) or trial.insertion([(knob, limit)], at_any_cost=True) is None:
                continue
            self._may_try(limit.bit_length())
            amount = trial.least((), knob, limit, at_any_cost=True)
            place = trial.insertion([(knob, amount)], at_any_cost=True)
            if place is not None and trial.lacking(place) > 0:
                self._offer((trial.turned(knob, amount, place), trial.paid(place)))

    def _two_amounts(self, trial: Trial, first: Knob, second: Knob) -> None:
        """Try the amounts of two rules."""
        limits = self._limit(first), self._limit(second)
        if min(limits) <= 0 or not self._may_try(1):
            return
        if trial.insertion([(first, limits[0]), (second, limits[1])]) is None:
            return
        self._may_try((2 + POINTS_BETWEEN) * (limits[0].bit_length() + limits[1].bit_length()))
        fewest = trial.least([(second, limits[1])], first, limits[0])
        most = trial.least([(second, trial.least([(first, limits[0])], second, limits[1]))], first, limits[0])
        steps = range(POINTS_BETWEEN + 2)
        for amount in sorted({fewest + (most - fewest) * step // (POINTS_BETWEEN + 1) for step in steps}):
            other = trial.least([(first, amount)], second, limits[1])
            place = trial.insertion([(first, amount), (second, other)])
            if place is not None:
                self._offer((trial.turned(first, amount, place), trial.turned(second, other, place)))


def _cross(first: Knob, second: Knob) -> bool:
    """Tell whether two breaks could come past each other."""
    return first.rule in BREAKS and second.rule in BREAKS and first.number != second.number
