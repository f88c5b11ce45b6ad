"""Lays a problem and its routes out for the search that knows every rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.delivery_insertion_kernels import address_of_delivery
from optimizer.insertion.delivery_pricing_kernels import DeliveryRoom, delivery_room
from optimizer.insertion.insertion import Orders, route_value, unplanned_visits
from optimizer.insertion.insertion_kernels import address_of_insertion
from optimizer.insertion.joining import partners_or_selves
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import ALONE, RouteTotals
from optimizer.routes.route_tables_kernels import RouteTables
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.way_kernels import RouteLegs
from optimizer.search.random_kernels import random_state
from optimizer.thorough.changing_routes_kernels import (
    NOBODY,
    VERSION,
    ChangingRoutes,
    PlaceKernels,
    PlaceMemory,
    RoutesInWork,
    TeamTables,
)
from optimizer.thorough.loop_kernels import ABSENT, BEST_COST, COST, ThoroughState
from optimizer.thorough.ruin_kernels import MATE, ROUTE_MATE, STRANGER, RuinRoom, SearchRules
from optimizer.thorough.team_arrays import team_of

NEAR_VISITS: Final = 60
_MOST_LOGGED: Final = 1 << 16
_MANDATORY_WORTH: Final = 1 << 50
"""More than all routes can cost, and more than `optimizer.priorities.LARGEST_SUM`, of all prizes together."""
_MOST_WORTH: Final = 1 << 61
"""Of all visits together."""


def state_of(problem: Problem, arrays: ProblemArrays, orders: Orders, seed: int) -> ThoroughState:
    """Lay feasible routes out.

    Parameters
    ----------
    problem, arrays
        A problem with workers and visits, in both forms.
    orders
        Feasible routes.
    seed
        Of the random numbers.

    Returns
    -------
    ThoroughState
        With these routes as the best.
    """
    count, rules = len(problem.visits), _rules_of(problem, arrays)
    work = _work_of(arrays, orders)
    left_out = [visit for visit in unplanned_visits(problem, orders) if not rules.goes_along[visit]]
    absent = np.zeros(count, np.int64)
    absent[: len(left_out)] = left_out
    counters = np.zeros(3, np.int64)
    counters[COST] = counters[BEST_COST] = work.routes.cost.sum() + rules.worth[left_out].sum()
    counters[ABSENT] = len(left_out)
    return ThoroughState(
        work=work,
        rules=rules,
        ruin=RuinRoom(np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(len(orders), np.bool_)),
        keys=_keys_of(arrays, rules),
        absent=absent,
        wanted=np.zeros(count, np.int64),
        left=np.zeros(count, np.int64),
        rank=np.zeros(count),
        waiting=np.zeros(len(orders), np.int64),
        best_orders=work.routes.orders.copy(),
        best_length=work.routes.length.copy(),
        counters=counters,
        random=random_state(seed),
    )


def best_orders(state: ThoroughState) -> Orders:
    """Read the best routes."""
    return tuple(
        tuple(order[:length].tolist()) for order, length in zip(state.best_orders, state.best_length, strict=True)
    )


def _work_of(arrays: ProblemArrays, orders: Orders) -> RoutesInWork:
    team = team_of(arrays)
    workers, visits = arrays.may_serve.shape
    room = max(map(len, orders)) if orders else 0
    room = max(room, min(visits, max(worker.max_visits for worker in arrays.workers)))
    breaks = max(len(worker.times.break_duration_s) for worker in arrays.workers)
    laid, owner = np.zeros((workers, room), np.int64), np.full(visits, NOBODY)
    for worker, order in enumerate(orders):
        laid[worker, : len(order)] = order
        owner[list(order)] = worker
    length = np.array([len(order) for order in orders], np.int64)
    cost = np.array([route_value(arrays, worker, order).cost for worker, order in enumerate(orders)], np.int64)
    routes = ChangingRoutes(
        orders=laid,
        length=length,
        cost=cost,
        version=np.arange(workers),
        owner=owner,
        old_orders=laid.copy(),
        old_length=length.copy(),
        old_cost=cost.copy(),
        old_version=np.arange(workers),
        is_changed=np.zeros(workers, np.bool_),
        changed=np.zeros(workers, np.int64),
        counters=np.array([workers, 0, 0], np.int64),
    )
    found = np.zeros((workers, visits, VERSION + 1), np.int64)
    found[:, :, VERSION] = -1
    memory = PlaceMemory(found, np.zeros((min(workers * visits, _MOST_LOGGED), VERSION + 3), np.int64))
    tables, delivery = _tables_for(workers, room, breaks), delivery_room(room, breaks)
    return RoutesInWork(team, routes, memory, tables, delivery, _place_kernels(arrays, delivery))


def _place_kernels(arrays: ProblemArrays, room: DeliveryRoom) -> PlaceKernels:
    """Compile what finds places, that of deliveries only where there are any."""
    visits, worker = arrays.visits_of[0], arrays.workers[0]
    numbers, table = np.empty(0, np.int64), np.empty((0, 0), np.int64)
    legs = RouteLegs(numbers, numbers, numbers, np.empty(0, np.bool_))
    route = RouteTables(numbers, legs, RouteTotals(0, 0, 0, 0, 0, 0), 0, numbers, table, table, numbers, numbers)
    has_deliveries = bool((visits.partner != ALONE).any())
    return PlaceKernels(
        address_of_insertion(route, visits, worker),
        address_of_delivery(route, visits, worker, room) if has_deliveries else 0,
    )


def _tables_for(workers: int, room: int, breaks: int) -> TeamTables:
    return TeamTables(
        version=np.full(workers, -1),
        numbers=np.zeros((workers, 7), np.int64),
        seconds=np.zeros((workers, room + 1), np.int64),
        travel_s=np.zeros((workers, room + 1), np.int64),
        metres=np.zeros((workers, room + 1), np.int64),
        reloads=np.zeros((workers, room + 1), np.bool_),
        on_board=np.zeros((workers, room + 1), np.int64),
        earliest_s=np.zeros((workers, room + 2, breaks + 1), np.int64),
        latest_s=np.zeros((workers, room + 2, breaks + 1), np.int64),
        soonest_s=np.zeros((workers, room + 2), np.int64),
        last_s=np.zeros((workers, room + 2), np.int64),
    )


def _rules_of(problem: Problem, arrays: ProblemArrays) -> SearchRules:
    count = len(problem.visits)
    partners = partners_or_selves(arrays, np.arange(count))
    mandatory = min(_MANDATORY_WORTH, _MOST_WORTH // count)
    asked = [visit.unserved_cost for visit in problem.visits]
    # Prizes of strict priorities are among these: what comes before all prices is told by them alone.
    worth = np.array([mandatory if one is None else one for one in asked], np.int64)
    goes_along = np.zeros(count, np.bool_)
    goes_along[[one.delivery for one in problem.deliveries]] = True
    bonds = [[*_bonds_of(arrays, visit)] for visit in range(count)]
    first_bond = np.zeros(count + 1, np.int64)
    np.cumsum([len(some) for some in bonds], out=first_bond[1:])
    beyond = np.array([any(other != partners[visit] for other, _ in some) for visit, some in enumerate(bonds)])
    return SearchRules(
        is_able=arrays.may_serve & arrays.may_serve[:, partners],
        people=arrays.people,
        worth=worth + np.where(partners == np.arange(count), 0, worth[partners]),
        goes_along=goes_along,
        is_bound=beyond | beyond[partners],
        partner=arrays.visits_of[0].partner,
        near=_near_visits(arrays),
        first_bond=first_bond,
        bonds=np.array([bond for some in bonds for bond in some], np.int64).reshape(-1, 2),
    )


def _bonds_of(arrays: ProblemArrays, visit: int) -> Iterator[tuple[int, int]]:
    route_mates = arrays.route_mates.get(visit, frozenset())
    for other in sorted(arrays.mates.get(visit, ())):
        yield other, ROUTE_MATE if other in route_mates else MATE
    for other in sorted(arrays.strangers.get(visit, ())):
        yield other, STRANGER


def _near_visits(arrays: ProblemArrays) -> NDArray[np.int64]:
    """List the nearest visits of each, by the way there and back of the first worker, nearest first."""
    locations, travel_s = arrays.visits_of[0].location, arrays.workers[0].travel_s
    count = min(NEAR_VISITS, len(locations) - 1)
    near = np.zeros((len(locations), count), np.int64)
    for visit, here in enumerate(locations):
        both_ways_s = travel_s[here, locations] + travel_s[locations, here]
        both_ways_s[visit] = -1
        nearest = np.argpartition(both_ways_s, count)[: count + 1]
        near[visit] = nearest[np.argsort(both_ways_s[nearest], kind="stable")][1:]
    return near


def _keys_of(arrays: ProblemArrays, rules: SearchRules) -> NDArray[np.float64]:
    """By what visits may be ordered: worth most first, latest possible start first to end, and hardest to reach."""
    visits = arrays.visits_of[0]
    closes_s = np.clip(visits.times.window_end_s[visits.times.first_window[1:] - 1], -NEVER, NEVER).astype(np.float64)
    partners = np.where(visits.partner < 0, np.arange(len(visits.partner)), visits.partner)
    across_s = arrays.workers[0].travel_s[visits.location, visits.location[partners]].astype(np.float64)
    return np.array([-rules.worth.astype(np.float64), closes_s - closes_s.min(), -across_s])
