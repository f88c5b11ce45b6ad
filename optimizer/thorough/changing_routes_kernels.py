"""Routes that are being changed, with all that lets a change be taken back and no route be looked at twice.

Each state of a route has a version, a number that no other state of any route has. What is known of a route, its tables
and the cheapest places of visits on it, holds as long as the version is the same; where a change is taken back, the
version is that of before, and so is what was known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.delivery_insertion_kernels import delivery_at
from optimizer.insertion.delivery_pricing_kernels import DeliveryRoom
from optimizer.insertion.insertion_kernels import insertion_at
from optimizer.kernel import allocating_inner_kernel, inlined_kernel, inner_kernel, int64, merged_kernel
from optimizer.routes.route_kernels import ALONE, POSSIBLE, RouteTotals, VisitArrays, WorkerArrays, value_at
from optimizer.routes.route_tables_kernels import RouteTables, tables_of_route
from optimizer.routes.schedule_kernels import NEVER
from optimizer.routes.way_kernels import RouteLegs
from optimizer.thorough.team_kernels import TeamArrays, visits_of, worker_of

NOBODY: Final = -1

# Entries of `ChangingRoutes.counters`.
VERSIONS: Final = 0
CHANGED: Final = 1
LOGGED: Final = 2

UNKNOWN: Final = -1
"""Position of which nothing is known but that it costs as much as `EXTRA_COST` or more."""

# Columns of `PlaceMemory.found`.
POSITION: Final = 0
EXTRA_COST: Final = 1
PARTNER_POSITION: Final = 2
VERSION: Final = 3


class ChangingRoutes(NamedTuple):
    """Feasible routes under change.

    Parameters
    ----------
    orders, length
        ``(workers, room)`` and ``(workers,)`` int64: the visits of each route.
    cost, version
        ``(workers,)`` int64.
    owner
        ``(visits,)`` int64: who serves each visit, or `NOBODY`.
    old_orders, old_length, old_cost, old_version
        The same of the routes that have been changed, as they were.
    is_changed, changed
        ``(workers,)`` bool and int64: which those are, and the list of them.
    counters
        ``(3,)`` int64: the last version, and how many routes are changed and entries logged.
    """

    orders: NDArray[np.int64]
    length: NDArray[np.int64]
    cost: NDArray[np.int64]
    version: NDArray[np.int64]
    owner: NDArray[np.int64]
    old_orders: NDArray[np.int64]
    old_length: NDArray[np.int64]
    old_cost: NDArray[np.int64]
    old_version: NDArray[np.int64]
    is_changed: NDArray[np.bool_]
    changed: NDArray[np.int64]
    counters: NDArray[np.int64]


class PlaceMemory(NamedTuple):
    """The cheapest place of each visit on each route, as far as it has been asked for.

    Parameters
    ----------
    found
        ``(workers, visits, 4)`` int64: position, extra cost, position of the other visit of the delivery, as in
        `optimizer.insertion.insertion_kernels.cheapest_insertions`, and for which version of the route.
    log
        ``(room, 6)`` int64: worker, visit, and what was there before a change; what finds no room is asked for again.
    """

    found: NDArray[np.int64]
    log: NDArray[np.int64]


class TeamTables(NamedTuple):
    """The tables of all routes, stacked: as in `RouteTables`, of which version, totals and load in one row each."""

    version: NDArray[np.int64]
    numbers: NDArray[np.int64]
    seconds: NDArray[np.int64]
    travel_s: NDArray[np.int64]
    metres: NDArray[np.int64]
    reloads: NDArray[np.bool_]
    on_board: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]
    soonest_s: NDArray[np.int64]
    last_s: NDArray[np.int64]


class PlaceKernels(NamedTuple):
    """Addresses of what finds a place for a visit, and for a delivery; 0 of what is not needed."""

    insertion: int
    delivery: int


class RoutesInWork(NamedTuple):
    """Routes under change, and all that is known of them."""

    team: TeamArrays
    routes: ChangingRoutes
    memory: PlaceMemory
    tables: TeamTables
    room: DeliveryRoom
    kernels: PlaceKernels


@inlined_kernel
def open_route(work: RoutesInWork, worker: int) -> None:
    """Announce that a route will be changed: it is kept as it was, and gets a version of its own."""
    routes = work.routes
    if not routes.is_changed[worker]:
        routes.is_changed[worker] = True
        routes.changed[routes.counters[CHANGED]] = worker
        routes.counters[CHANGED] += 1
        for place in range(routes.length[worker]):
            routes.old_orders[worker, place] = routes.orders[worker, place]
        routes.old_length[worker] = routes.length[worker]
        routes.old_cost[worker] = routes.cost[worker]
        routes.old_version[worker] = routes.version[worker]
    routes.counters[VERSIONS] += 1
    routes.version[worker] = routes.counters[VERSIONS]


@inlined_kernel
def keep_changes(work: RoutesInWork) -> None:
    """Go on from the routes as they are."""
    routes = work.routes
    for number in range(routes.counters[CHANGED]):
        routes.is_changed[routes.changed[number]] = False
    routes.counters[CHANGED] = 0
    routes.counters[LOGGED] = 0


@inlined_kernel
def take_changes_back(work: RoutesInWork) -> None:
    """Restore the routes as they were when changes were last kept."""
    routes, memory = work.routes, work.memory
    for number in range(routes.counters[CHANGED]):
        worker = routes.changed[number]
        for place in range(routes.length[worker]):
            routes.owner[routes.orders[worker, place]] = NOBODY
    for number in range(routes.counters[CHANGED]):
        worker = routes.changed[number]
        routes.length[worker] = routes.old_length[worker]
        routes.cost[worker] = routes.old_cost[worker]
        routes.version[worker] = routes.old_version[worker]
        for place in range(routes.length[worker]):
            routes.orders[worker, place] = routes.old_orders[worker, place]
            routes.owner[routes.orders[worker, place]] = worker
    for number in range(routes.counters[LOGGED]):
        before = memory.log[number]
        for column in range(memory.found.shape[2]):
            memory.found[before[0], before[1], column] = before[2 + column]
    keep_changes(work)


@inner_kernel
def take_out(work: RoutesInWork, visits: NDArray[np.int64]) -> tuple[bool, int]:
    """Take visits off their routes: whether what is left of each route is feasible, and the change of cost.

    Without the triangle inequality a route can become worse by having less to do.
    """
    routes, change = work.routes, int64(0)
    for visit in visits:
        worker = routes.owner[visit]
        if not routes.is_changed[worker]:
            open_route(work, worker)
        routes.owner[visit] = NOBODY
    for number in range(routes.counters[CHANGED]):
        worker = routes.changed[number]
        kept = 0
        for place in range(routes.length[worker]):
            visit = routes.orders[worker, place]
            if routes.owner[visit] == worker:
                routes.orders[worker, kept] = visit
                kept += 1
        routes.length[worker] = kept
    for number in range(routes.counters[CHANGED]):
        worker = routes.changed[number]
        order = routes.orders[worker, : routes.length[worker]]
        value = value_at(order, visits_of(work.team, worker), worker_of(work.team, worker))
        if value.verdict != POSSIBLE:
            return False, change
        change += value.cost - routes.cost[worker]
        routes.cost[worker] = value.cost
    return True, change


@merged_kernel
def put_in(work: RoutesInWork, visit: int, worker: int) -> int:
    """Put a visit, and the other one of its delivery, where it is known to cost least on a route; the extra cost."""
    routes, place = work.routes, work.memory.found[worker, visit]
    position, extra_cost, partner_position = place[POSITION], place[EXTRA_COST], place[PARTNER_POSITION]
    open_route(work, worker)
    if partner_position == ALONE:
        _put_at(routes, visit, worker, position)
    else:
        partner = work.team.visits.partner[visit]
        if position < partner_position:
            _put_at(routes, visit, worker, position)
            _put_at(routes, partner, worker, partner_position)
        else:
            _put_at(routes, partner, worker, partner_position)
            _put_at(routes, visit, worker, position)
    routes.cost[worker] += extra_cost
    return int(extra_cost)


@inner_kernel
def _put_at(routes: ChangingRoutes, visit: int, worker: int, position: int) -> None:
    order = routes.orders[worker]
    for place in range(routes.length[worker], position, -1):
        order[place] = order[place - 1]
    order[position] = visit
    routes.length[worker] += 1
    routes.owner[visit] = worker


@inlined_kernel
def is_known(work: RoutesInWork, visit: int, worker: int, ceiling: int) -> bool:
    """Tell whether the cheapest place of a visit on a route is known, or that it costs as much as a ceiling or more."""
    place = work.memory.found[worker, visit]
    is_of_now = place[VERSION] == work.routes.version[worker]
    return bool(is_of_now and (place[POSITION] != UNKNOWN or place[EXTRA_COST] >= ceiling))


@merged_kernel
def look_for_place(work: RoutesInWork, visit: int, worker: int, ceiling: int) -> None:
    """Find the cheapest place of a visit on the route of a worker who may serve it, if it costs less than a ceiling."""
    routes, place = work.routes, work.memory.found[worker, visit]
    if routes.is_changed[worker] and place[VERSION] == routes.old_version[worker]:
        _log(work, visit, worker)
    visits, person = visits_of(work.team, worker), worker_of(work.team, worker)
    if work.tables.version[worker] != routes.version[worker]:
        _fill(routes.orders[worker, : routes.length[worker]], visits, person, work.tables, worker)
        work.tables.version[worker] = routes.version[worker]
    highest = min(int64(NEVER), routes.cost[worker] + ceiling)
    if visits.partner[visit] == ALONE:
        place[PARTNER_POSITION] = ALONE
        place[POSITION], place[EXTRA_COST] = insertion_at(
            work.kernels.insertion, _tables_of(work, worker), int64(visit), highest, visits, person
        )
    else:
        place[POSITION], place[EXTRA_COST], place[PARTNER_POSITION] = delivery_at(
            work.kernels.delivery, _tables_of(work, worker), int64(visit), highest, visits, person, work.room
        )
    if place[EXTRA_COST] < NEVER:
        place[EXTRA_COST] -= routes.cost[worker]
    else:
        place[POSITION], place[EXTRA_COST] = UNKNOWN, highest - routes.cost[worker] if highest < NEVER else NEVER
    place[VERSION] = routes.version[worker]


@merged_kernel
def _log(work: RoutesInWork, visit: int, worker: int) -> None:
    counters, memory = work.routes.counters, work.memory
    if counters[LOGGED] < len(memory.log):
        row = memory.log[counters[LOGGED]]
        row[0], row[1] = worker, visit
        for column in range(memory.found.shape[2]):
            row[2 + column] = memory.found[worker, visit, column]
        counters[LOGGED] += 1


@allocating_inner_kernel
def _fill(order: NDArray[np.int64], visits: VisitArrays, person: WorkerArrays, tables: TeamTables, worker: int) -> None:
    """Write the tables of a route into those of the team."""
    route = tables_of_route(order, visits, person)
    numbers = tables.numbers[worker]
    for column, number in enumerate(route.totals):
        numbers[column] = number
    numbers[len(route.totals)] = route.load
    for leg in range(len(order) + 1):
        tables.seconds[worker, leg] = route.legs.seconds[leg]
        tables.travel_s[worker, leg] = route.legs.travel_s[leg]
        tables.metres[worker, leg] = route.legs.metres[leg]
        tables.reloads[worker, leg] = route.legs.reloads[leg]
        tables.on_board[worker, leg] = route.on_board[leg]
    for stage in range(len(order) + 2):
        tables.soonest_s[worker, stage] = route.soonest_s[stage]
        tables.last_s[worker, stage] = route.last_s[stage]
        for taken in range(route.earliest_s.shape[1]):
            tables.earliest_s[worker, stage, taken] = route.earliest_s[stage, taken]
            tables.latest_s[worker, stage, taken] = route.latest_s[stage, taken]


@merged_kernel
def _tables_of(work: RoutesInWork, worker: int) -> RouteTables:
    """Read the tables of a route from those of the team."""
    tables, count = work.tables, work.routes.length[worker]
    numbers = tables.numbers[worker]
    return RouteTables(
        work.routes.orders[worker, :count],
        RouteLegs(
            tables.seconds[worker, : count + 1],
            tables.travel_s[worker, : count + 1],
            tables.metres[worker, : count + 1],
            tables.reloads[worker, : count + 1],
        ),
        RouteTotals(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]),
        numbers[6],
        tables.on_board[worker, : count + 1],
        tables.earliest_s[worker, : count + 2],
        tables.latest_s[worker, : count + 2],
        tables.soonest_s[worker, : count + 2],
        tables.last_s[worker, : count + 2],
    )
