"""Decides where a visit that is left out would fit into given routes, and puts in what fits and pays.

No plan leaves `optimizer.solve` in which a visit that was left out would fit unchanged at no more than its unserved
cost. A mandatory visit goes in wherever it fits, and optional ones make room for it; so do those of lower priorities
for one of a strict priority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.joining import partner_of, partners_or_selves
from optimizer.insertion.remembered_places import places_now, remembered_places
from optimizer.insertion.telling_places import room_beside, telling_places
from optimizer.priorities import comes_first, count_by_level, level_of
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays, TellingPlaces
from optimizer.routes.route_kernels import ALONE, POSSIBLE, RouteValue, value_of_route
from optimizer.routes.schedule_kernels import NEVER

Orders = tuple[tuple[int, ...], ...]
"""Per worker the visits in order, as indices into `Problem.visits`."""

_MANDATORY_WORTH = 1 << 50
"""More than any route can cost: mandatory visits go in first, the cheapest of them before the others."""


@dataclass(frozen=True)
class PossibleInsertion:
    """A feasible place for a visit: at `position` in the worker's longer order, at `extra_cost` cost units more.

    `partner_position` is where the other visit of its delivery goes; None where it belongs to none.
    """

    worker: int
    position: int
    extra_cost: int
    partner_position: int | None = None


def route_value(arrays: ProblemArrays, worker: int, order: Sequence[int]) -> RouteValue:
    """Check and price one route; who may serve whom, and what is on other routes, is not looked at."""
    if not order:
        return RouteValue(POSSIBLE, 0)
    value = value_of_route(np.asarray(order, np.int64), arrays.visits_of[worker], arrays.workers[worker])
    return RouteValue(int(value.verdict), int(value.cost))


def unplanned_visits(problem: Problem, orders: Orders) -> list[int]:
    """List the visits that are on no route, ascending."""
    planned = {visit for order in orders for visit in order}
    return [visit for visit in range(len(problem.visits)) if visit not in planned]


def find_insertion(arrays: ProblemArrays, orders: Orders, worker: int, visit: int) -> PossibleInsertion | None:
    """Find the cheapest place for one visit on one route, as `find_insertions` does."""
    return find_insertions(arrays, orders, worker, [visit])[0]


def find_insertions(
    arrays: ProblemArrays, orders: Orders, worker: int, visits: Sequence[int]
) -> list[PossibleInsertion | None]:
    """Find the cheapest place for each of some visits on one route.

    Parameters
    ----------
    arrays
        The problem.
    orders
        The routes as they are.
    worker
        Whose route is looked at.
    visits
        Visits that are not on it; each is looked at alone, as if it were on no other route either.

    Returns
    -------
    list of PossibleInsertion or None
        None where the worker may not serve the visit, the route is not feasible as it is, or no position is. Every
        position is tried.
    """
    return [
        None if place[1] == NEVER else possible_insertion(worker, place)
        for place in remembered_places(arrays, orders, worker, np.asarray(visits, np.int64))
    ]


def possible_insertion(worker: int, place: NDArray[np.int64]) -> PossibleInsertion:
    """Read a place on a worker's route from a row of `insertion_table`."""
    position, extra_cost, partner_position = (int(value) for value in place)
    return PossibleInsertion(worker, position, extra_cost, None if partner_position == ALONE else partner_position)


def worth_of(problem: Problem, arrays: ProblemArrays, visit: int) -> int | None:
    """Say what leaving a visit out costs, with the other one of its delivery; None where no cost makes up for it."""
    partner = partner_of(arrays, visit)
    both = [one for one in (visit, partner) if one is not None]
    if any(level_of(problem, one) is not None for one in both):
        return None
    return sum(problem.visits[one].unserved_cost or 0 for one in both)


def without_visit(arrays: ProblemArrays, order: tuple[int, ...], visit: int | None) -> tuple[int, ...]:
    """Return an order without a visit, if any, and the other one of its delivery."""
    if visit is None:
        return order
    gone = (visit, partner_of(arrays, visit))
    return tuple(one for one in order if one not in gone)


def insertion_table(arrays: ProblemArrays, orders: Orders, visits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the cheapest place for each of some visits on every route, as `find_insertions` does.

    Parameters
    ----------
    arrays, orders
        As in `find_insertions`.
    visits
        ``(k,)`` int64: visits that are on no route.

    Returns
    -------
    ndarray
        ``(workers, k, 3)`` int64: position, extra cost (`NEVER` where there is none), and the position of the other
        visit of its delivery, as in `cheapest_places`.
    """
    return np.array([remembered_places(arrays, orders, worker, visits) for worker in range(len(orders))])


def insert_what_pays(problem: Problem, arrays: ProblemArrays, orders: Orders) -> Orders:
    """Put in every visit that fits and pays: mandatory ones first, then by what is saved.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes.

    Returns
    -------
    Orders
        Feasible routes into which no further visit fits at no more than its unserved cost. A mandatory visit that is
        still left out fits on no route even without the optional visits there; one of a strict priority on no route
        even without the visits of lower priorities.
    """
    if arrays.mates:
        orders = _insert_greedily(problem, arrays, orders, workers_of_groups(arrays))
    # What may have to make room for visits that come first is not put in before.
    for level in range(problem.lowest_strict_priority + 1):
        orders = _insert_level(problem, arrays, orders, level)
    return _insert_greedily(problem, arrays, orders)


def _insert_level(problem: Problem, arrays: ProblemArrays, orders: Orders, level: int) -> Orders:
    """Put in every visit of a level that fits, also in the place of visits that come after it."""
    full = _insert_greedily(problem, arrays, orders, level=level)
    left_out = left_out_of_level(problem, full, level)
    has_room = room_for_level(problem, arrays, full, left_out, level).T
    roomy = full
    for visit, has_room_for_it in zip(left_out, has_room, strict=True):
        if any(visit in order for order in roomy):
            continue
        changed = [worker for worker, order in enumerate(roomy) if order != full[worker]]
        workers = sorted({*np.flatnonzero(has_room_for_it).tolist(), *changed})
        roomy = _make_room(problem, arrays, roomy, visit, workers)
        if arrays.mates.get(visit) and not any(visit in order for order in roomy):
            roomy = _gather(arrays, roomy, visit)
    return roomy


def left_out_of_level(problem: Problem, orders: Orders, level: int) -> list[int]:
    """List the visits of a level that are on no route; a delivery by its pickup."""
    deliveries = {one.delivery for one in problem.deliveries}
    return [
        one for one in unplanned_visits(problem, orders) if level_of(problem, one) == level and one not in deliveries
    ]


def workers_of_groups(arrays: ProblemArrays) -> NDArray[np.bool_]:
    """Tell who may serve a visit and all that must stay with it, where there is someone: ``(workers, visits)`` bool."""
    allowed = arrays.may_serve.copy()
    for visit, mates in arrays.mates.items():
        together = arrays.may_serve[:, [visit, *mates]].all(axis=1)
        if together.any():
            allowed[:, visit] = together
    return allowed


def _insert_greedily(
    problem: Problem,
    arrays: ProblemArrays,
    orders: Orders,
    allowed: NDArray[np.bool_] | None = None,
    *,
    level: int | None = None,
) -> Orders:
    """Put in what fits and pays, what is worth most first; with a level only its visits, which pay in any case."""
    places = places_that_tell(problem, arrays, orders)
    # A delivery is put in as a whole, by its pickup.
    wanted = _whole_visits(problem, places.visits.tolist(), level)
    left_out, worth = places.visits[wanted], places.worth[wanted]
    if len(left_out) == 0:
        return orders
    found = places.places[:, wanted]
    saved = np.where(found[:, :, 1] < NEVER, worth - found[:, :, 1], -1)
    barred = np.zeros(saved.shape, np.bool_) if allowed is None else ~allowed[:, left_out]
    saved[barred] = -1
    partners = partners_or_selves(arrays, left_out)
    is_open = np.ones(len(left_out), np.bool_)
    while is_open.any():
        worker, number = (int(index) for index in np.unravel_index(saved.argmax(), saved.shape))
        if saved[worker, number] < 0:
            break
        orders = with_visit(arrays, orders, int(left_out[number]), possible_insertion(worker, found[worker, number]))
        is_open[number] = False
        saved[:, number] = -1
        if arrays.binds_routes:
            inserted = (int(left_out[number]), int(partners[number]))
            _bar_other_routes(arrays, barred, worker, inserted, (left_out, partners))
        renewed = places_now(arrays, orders, worker, left_out[is_open], worth[is_open] + 1)
        found[worker, is_open] = renewed
        saved[worker, is_open] = np.where(renewed[:, 1] < NEVER, worth[is_open] - renewed[:, 1], -1)
        saved[barred] = -1
    return orders


def _whole_visits(problem: Problem, visits: Sequence[int], level: int | None) -> NDArray[np.bool_]:
    """Tell which of some visits are no second half of a delivery, and of a level if there is one: ``(k,)`` bool."""
    deliveries = {one.delivery for one in problem.deliveries}
    wanted = [one not in deliveries and (level is None or level_of(problem, one) == level) for one in visits]
    return np.array(wanted, np.bool_)


def places_that_tell(problem: Problem, arrays: ProblemArrays, orders: Orders) -> TellingPlaces:
    """Find the places that say something about the visits left out, as in `optimizer.insertion.telling_places`.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        Feasible routes.

    Returns
    -------
    TellingPlaces
        Of all visits that are on no route, ascending.
    """
    visits = np.array(unplanned_visits(problem, orders), np.int64)
    worths = [worth_of(problem, arrays, visit) for visit in visits.tolist()]
    worth = np.array([_MANDATORY_WORTH if cost is None else cost for cost in worths], np.int64)
    return telling_places(arrays, orders, visits, worth)


def _bar_other_routes(
    arrays: ProblemArrays,
    barred: NDArray[np.bool_],
    worker: int,
    inserted: tuple[int, int],
    left_out: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Note, ``(workers, visits left out)``, on whose routes visits may not be since a worker has a visit.

    Visits come with the other ones of their deliveries, or twice where they belong to none.
    """
    is_other_person = arrays.people != arrays.people[worker]
    for mates, others in (
        (arrays.mates, is_other_person),
        (arrays.route_mates, np.arange(len(barred)) != worker),
        (arrays.strangers, ~is_other_person),
    ):
        named = [mate for one in inserted for mate in mates.get(one, ())]
        bound = np.isin(left_out[0], named) | np.isin(left_out[1], named)
        barred[np.ix_(others, bound)] = True


def with_visit(arrays: ProblemArrays, orders: Orders, visit: int, insertion: PossibleInsertion) -> Orders:
    """Return the orders with a visit inserted, and the other one of its delivery."""
    longer = list(orders[insertion.worker])
    partner = partner_of(arrays, visit)
    places = [(insertion.position, visit)]
    if insertion.partner_position is not None and partner is not None:
        places.append((insertion.partner_position, partner))
    for position, one in sorted(places):
        longer.insert(position, one)
    return (*orders[: insertion.worker], tuple(longer), *orders[insertion.worker + 1 :])


def _gather(arrays: ProblemArrays, orders: Orders, visit: int) -> Orders:
    """Insert a mandatory visit by moving all that must be with it to one worker, where that costs least."""
    mates = [mate for order in orders for mate in order if mate in arrays.mates[visit]]
    rest = orders
    for mate in mates:
        rest = tuple(without_visit(arrays, order, mate) for order in rest)
    best: tuple[int, Orders] | None = None
    for worker in range(len(orders)):
        fuller, cost = rest, 0
        for one in (visit, *mates):
            place = None if any(one in order for order in fuller) else find_insertion(arrays, fuller, worker, one)
            if place is not None:
                fuller, cost = with_visit(arrays, fuller, one, place), cost + place.extra_cost
        is_whole = all(any(one in order for order in fuller) for one in (visit, *mates))
        if is_whole and (best is None or cost < best[0]):
            best = (cost, fuller)
    is_possible = all(route_value(arrays, worker, order).verdict == POSSIBLE for worker, order in enumerate(rest))
    return best[1] if best is not None and is_possible else orders


def room_for_level(
    problem: Problem, arrays: ProblemArrays, orders: Orders, visits: Sequence[int], level: int
) -> NDArray[np.bool_]:
    """Tell which visits of a level would fit on whose route without what comes after them, were their mates no matter.

    ``(workers, visits)`` bool.
    """
    kept = tuple(tuple(one for one in order if comes_first(problem, one, level)) for order in orders)
    return room_beside(arrays, kept, np.asarray(visits, np.int64))


def _make_room(problem: Problem, arrays: ProblemArrays, orders: Orders, visit: int, workers: Sequence[int]) -> Orders:
    """Insert a visit on the route, of some workers, where clearing out those that come after it loses least."""
    level = level_of(problem, visit) or 0
    best: tuple[tuple[tuple[int, ...], int], Orders, int] | None = None
    for worker in workers:
        order = orders[worker]
        kept = tuple(one for one in order if comes_first(problem, one, level))
        cleared = route_value(arrays, worker, kept)
        if cleared.verdict != POSSIBLE:
            continue
        emptied = (*orders[:worker], kept, *orders[worker + 1 :])
        (place,) = places_now(arrays, emptied, worker, np.array([visit]))
        if place[1] == NEVER:
            continue
        insertion = possible_insertion(worker, place)
        lost = [one for one in order if one not in kept]
        cost = cleared.cost + insertion.extra_cost - route_value(arrays, worker, order).cost
        cost += sum(problem.visits[one].unserved_cost or 0 for one in lost)
        rank = (count_by_level(problem, lost), cost)
        if best is None or rank < best[0]:
            best = (rank, with_visit(arrays, emptied, visit, insertion), worker)
    return orders if best is None else _refilled(problem, arrays, best[1], best[2], orders[best[2]])


def _refilled(problem: Problem, arrays: ProblemArrays, orders: Orders, worker: int, before: Sequence[int]) -> Orders:
    """Put back what still fits of the visits that made room, what is worth most first."""
    deliveries = {one.delivery for one in problem.deliveries}
    lost = np.array([one for one in before if one not in orders[worker] and one not in deliveries], np.int64)
    unserved = [worth_of(problem, arrays, int(visit)) for visit in lost]
    worth = np.array([_MANDATORY_WORTH if cost is None else cost for cost in unserved], np.int64)
    while len(lost):
        found = places_now(arrays, orders, worker, lost)
        saved = np.where(found[:, 1] < NEVER, worth - found[:, 1], -1)
        best = int(saved.argmax())
        if saved[best] < 0:
            break
        orders = with_visit(arrays, orders, int(lost[best]), possible_insertion(worker, found[best]))
        lost, worth = np.delete(lost, best), np.delete(worth, best)
    return orders
