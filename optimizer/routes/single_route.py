"""Cuts one worker and the visits of one route out of a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from optimizer.problem import Delivery, Problem, TravelMatrix, VisitSequence


def problem_of_route(problem: Problem, worker: int, order: Sequence[int]) -> Problem:
    """Cut a problem down to one worker, the visits of a route and the places it touches.

    Parameters
    ----------
    problem
        The problem.
    worker, order
        The worker and the visits in order, as indices into it.

    Returns
    -------
    Problem
        Its only worker is the given one; its visits are those of the route, in their order. Who else might serve
        them is not in it, nor what it costs that this worker does.
    """
    owner = problem.workers[worker]
    matrix = problem.matrices[owner.matrix]
    visits = [problem.visits[visit] for visit in order]
    ends = (owner.start_location, owner.end_location, None if owner.reload is None else owner.reload.location)
    places = [visit.location for visit in visits] + [end for end in ends if end is not None]
    number_of = {place: number for number, place in enumerate(dict.fromkeys(places))}
    start, end, depot = (None if one is None else number_of[one] for one in ends)
    rows = np.ix_(list(number_of), list(number_of))
    return Problem(
        (
            replace(
                owner,
                matrix=0,
                start_location=start,
                end_location=end,
                shift_of=None,
                area_center=None,
                cost_per_km_from_center=0,
                reload=None if owner.reload is None or depot is None else replace(owner.reload, location=depot),
            ),
        ),
        tuple(
            replace(
                visit,
                location=number_of[visit.location],
                allowed_workers=None,
                preferred_workers=frozenset(),
                not_preferred_cost=0,
            )
            for visit in visits
        ),
        (TravelMatrix(matrix.duration_s[rows], matrix.distance_m[rows], matrix.reachable[rows]),),
        separate_groups=_kept_groups((*problem.separate_groups, *problem.different_worker_groups), order),
        sequences=tuple(_kept_sequences(problem.sequences, order)),
        deliveries=tuple(_kept_deliveries(problem.deliveries, order)),
        cost_units_per_money=problem.cost_units_per_money,
    )


def _kept_groups(groups: Iterable[frozenset[int]], order: Sequence[int]) -> tuple[frozenset[int], ...]:
    kept = (frozenset(place for place, visit in enumerate(order) if visit in group) for group in groups)
    return tuple(group for group in kept if len(group) > 1)


def _kept_deliveries(deliveries: Iterable[Delivery], order: Sequence[int]) -> Iterator[Delivery]:
    place_of = {visit: place for place, visit in enumerate(order)}
    for one in deliveries:
        if one.pickup in place_of and one.delivery in place_of:
            yield Delivery(place_of[one.pickup], place_of[one.delivery], one.load)


def _kept_sequences(sequences: Iterable[VisitSequence], order: Sequence[int]) -> Iterator[VisitSequence]:
    """Yield the parts of the sequences that lie on the route; what follows directly still does."""
    place_of = {visit: place for place, visit in enumerate(order)}
    for sequence in sequences:
        kept = [place_of.get(visit) for visit in sequence.visits]
        run: list[int] = []
        for place in (*kept, None):
            if place is not None:
                run.append(place)
            elif len(run) > 1 and sequence.is_direct:
                yield VisitSequence(tuple(run), is_direct=True)
            if place is None and sequence.is_direct:
                run = []
        present = tuple(place for place in kept if place is not None)
        if len(present) > 1:
            yield VisitSequence(present)
