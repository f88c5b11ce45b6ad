"""Decides which visits are taken off their routes in one iteration of the search that knows every rule."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel, inner_kernel, merged_kernel
from optimizer.routes.route_kernels import ALONE
from optimizer.search.random_kernels import below, uniform
from optimizer.thorough.changing_routes_kernels import NOBODY, ChangingRoutes

MATE: Final = 0
"""Kind of a bond: with the same person if both are planned."""
ROUTE_MATE: Final = 1
"""On the same route."""
STRANGER: Final = 2
"""With another person."""


class SearchRules(NamedTuple):
    """What the search must know that is not about one route alone.

    Parameters
    ----------
    is_able
        ``(workers, visits)`` bool: who may serve what, deliveries as a whole.
    people
        ``(workers,)`` int64: as in `ProblemArrays`.
    worth
        ``(visits,)`` int64: what leaving a visit out costs, with the other one of its delivery.
    goes_along
        ``(visits,)`` bool: whether it is the later visit of a delivery, which is put in by its pickup.
    is_bound
        ``(visits,)`` bool: whether anything but its delivery binds it, or the other visit of that, to other visits.
    partner
        ``(visits,)`` int64: as in `VisitArrays`.
    near
        ``(visits, k)`` int64: the nearest visits of each, nearest first.
    first_bond
        ``(visits + 1,)`` int64: where the bonds of each visit begin.
    bonds
        ``(bonds, 2)`` int64: the other visit, and the kind.
    """

    is_able: NDArray[np.bool_]
    people: NDArray[np.int64]
    worth: NDArray[np.int64]
    goes_along: NDArray[np.bool_]
    is_bound: NDArray[np.bool_]
    partner: NDArray[np.int64]
    near: NDArray[np.int64]
    first_bond: NDArray[np.int64]
    bonds: NDArray[np.int64]


class RuinOptions(NamedTuple):
    """How routes are ruined.

    Parameters
    ----------
    mean_removed
        How many visits in the mean.
    longest_string
        How many of one route at most.
    gap_share
        Probability of a gap in a string, and of each further visit in it (alpha and beta of [1]_).
    with_mates_share
        How often visits go with all that must be with the same person.

    References
    ----------
    .. [1] Christiaens, J. & Vanden Berghe, G. (2020). Slack induction by string removals for vehicle routing problems.
           Transportation Science 54(2). https://doi.org/10.1287/trsc.2019.0914
    """

    mean_removed: float
    longest_string: float
    gap_share: float
    with_mates_share: float


class RuinRoom(NamedTuple):
    """Lists of what is removed, and marks that are all clear between two iterations.

    Parameters
    ----------
    removed
        ``(visits,)`` int64.
    is_removed, is_ruined
        ``(visits,)`` and ``(workers,)`` bool.
    """

    removed: NDArray[np.int64]
    is_removed: NDArray[np.bool_]
    is_ruined: NDArray[np.bool_]


@inner_kernel
def choose_removed(
    routes: ChangingRoutes, rules: SearchRules, room: RuinRoom, options: RuinOptions, random: NDArray[np.uint64]
) -> int:
    """Choose strings of routes near a visit (algorithm 2 of the paper), with whatever must be on a route with them.

    Returns how many visits are in `room.removed`.
    """
    planned = used = 0
    for length in routes.length:
        planned += length
        used += length > 0
    longest = min(options.longest_string, max(1.0, planned / max(1, used)))
    strings = int(uniform(random) * max(1.0, 4.0 * options.mean_removed / (1.0 + longest) - 1.0)) + 1
    center = below(random, len(rules.near))
    removed = ruined = 0
    for number in range(-1, rules.near.shape[1]):
        visit = center if number < 0 else rules.near[center, number]
        worker = routes.owner[visit]
        if worker == NOBODY or room.is_ruined[worker]:
            continue
        room.is_ruined[worker] = True
        removed = _remove_string(routes, visit, longest, removed, room, options, random)
        ruined += 1
        if ruined == strings:
            break
    if len(rules.bonds) > 0 and uniform(random) < options.with_mates_share:
        removed = _with_mates(routes, rules, room, removed)
    removed = _with_partners(rules, room, removed)
    for number in range(removed):
        room.is_removed[room.removed[number]] = False
        room.is_ruined[routes.owner[room.removed[number]]] = False
    return removed


@merged_kernel
def _remove_string(
    routes: ChangingRoutes,
    visit: int,
    longest: float,
    removed: int,
    room: RuinRoom,
    options: RuinOptions,
    random: NDArray[np.uint64],
) -> int:
    """Remove a string that holds a visit, sometimes with a gap in it; how many are removed by now."""
    worker = routes.owner[visit]
    order, size = routes.orders[worker], routes.length[worker]
    length = int(uniform(random) * min(float(size), longest)) + 1
    gap = 0
    if 1 < length < size and uniform(random) < options.gap_share:
        gap = 1
        while length + gap < size and uniform(random) < options.gap_share:
            gap += 1
    span, place = length + gap, 0
    while order[place] != visit:
        place += 1
    earliest = max(0, place - span + 1)
    first = earliest + below(random, min(place, size - span) + 1 - earliest)
    gap_from = below(random, length + 1)
    for number in range(span):
        if not gap_from <= number < gap_from + gap:
            removed = _remove(order[first + number], room, removed)
    return removed


@inlined_kernel
def _remove(visit: int, room: RuinRoom, removed: int) -> int:
    if not room.is_removed[visit]:
        room.is_removed[visit] = True
        room.removed[removed] = visit
        removed += 1
    return removed


@merged_kernel
def _with_mates(routes: ChangingRoutes, rules: SearchRules, room: RuinRoom, removed: int) -> int:
    """Remove all that must be with the same person as what is removed."""
    for number in range(removed):
        visit = room.removed[number]
        for bond in range(rules.first_bond[visit], rules.first_bond[visit + 1]):
            other = rules.bonds[bond, 0]
            if rules.bonds[bond, 1] != STRANGER and routes.owner[other] != NOBODY:
                removed = _remove(other, room, removed)
    return removed


@merged_kernel
def _with_partners(rules: SearchRules, room: RuinRoom, removed: int) -> int:
    """Remove the other visits of the deliveries of what is removed."""
    for number in range(removed):
        partner = rules.partner[room.removed[number]]
        if partner != ALONE:
            removed = _remove(partner, room, removed)
    return removed


@inner_kernel
def suits_others(routes: ChangingRoutes, rules: SearchRules, visit: int, worker: int) -> bool:
    """Tell whether a visit with a worker goes along with what is on other routes, as `insertion.joining` does."""
    person = rules.people[worker]
    for bond in range(rules.first_bond[visit], rules.first_bond[visit + 1]):
        other, kind = rules.bonds[bond, 0], rules.bonds[bond, 1]
        owner = routes.owner[other]
        if owner in (NOBODY, worker):
            continue
        is_same_person = rules.people[owner] == person
        if kind == ROUTE_MATE or (kind == MATE) != is_same_person:
            return False
    return True
