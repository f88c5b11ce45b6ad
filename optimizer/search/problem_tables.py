"""Lays a valid problem out as the tables that the kernels of the search read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem, SoftLimits, TimeWindow, TravelMatrix, Worker
from optimizer.problem_arrays import cost_of_area, people_of
from optimizer.search import search_data as columns
from optimizer.search.bonds import bonds_of
from optimizer.search.search_data import NEVER, NO_LIMIT, NO_WAY, SearchData

_COLUMNS_OF_A_CACHE_LINE = 16
_BYTES_OF_A_CACHE_LINE = 64
_LARGEST_SUM = 1 << 61


def tables_of_problem(problem: Problem) -> tuple[SearchData, NDArray[np.int32]]:
    """Lay a problem out.

    Parameters
    ----------
    problem
        A valid problem with at least one worker and one visit.

    Returns
    -------
    data
        What does not change during a search.
    nodes
        ``(visits + 2 · workers, columns)`` int32: the node table with empty routes.
    """
    origin_s = min(worker.shift_start_s for worker in problem.workers)
    end_locations = sorted({one for worker in problem.workers for one in _ends(worker) if one is not None})
    locations = np.array([*(visit.location for visit in problem.visits), *end_locations], np.int64)
    legs = np.stack([_legs(matrix, locations) for matrix in problem.matrices])
    places = legs.shape[1]
    place_of_end: dict[int | None, int] = {one: len(problem.visits) + k for k, one in enumerate(end_locations)}
    place_of_end[None] = places - 1
    disliked = _dislikes(problem)
    groups, leaders = _groups(problem.workers, disliked)
    workers, profiles = _worker_tables(problem, groups, places, origin_s)
    allowed = np.array(
        [[visit.required_skills <= problem.workers[one].skills for visit in problem.visits] for one in leaders],
        np.bool_,
    )
    nodes, windows = _visit_nodes(problem, workers.shape[1], origin_s)
    allowed[:, nodes[: len(problem.visits), columns.CLOSE] < 0] = False
    first_bonds, bonds = bonds_of(problem)
    data = SearchData(
        legs_to=legs.reshape(-1, 2),
        legs_from=_turned_round(legs).reshape(-1, 2),
        profiles=profiles,
        workers=workers,
        visits=_visit_table(problem, legs, disliked, first_bonds),
        bonds=bonds,
        allowed=allowed,
        dislikes=disliked[leaders],
        windows=windows,
        places=places,
    )
    _fill_route_ends(nodes, problem, data, place_of_end, origin_s)
    return data, nodes


def aligned(table: NDArray[np.int32]) -> NDArray[np.int32]:
    """Copy a table to where each of its rows begins a cache line."""
    room = np.empty(table.size + _COLUMNS_OF_A_CACHE_LINE, np.int32)
    offset = (-room.ctypes.data % _BYTES_OF_A_CACHE_LINE) // room.itemsize
    copy = room[offset : offset + table.size].reshape(table.shape)
    copy[:] = table
    return copy


def _ends(worker: Worker) -> tuple[int | None, int | None]:
    return worker.start_location, worker.end_location


def _legs(matrix: TravelMatrix, locations: NDArray[np.int64]) -> NDArray[np.int32]:
    """``(places, places, 2)``; the last place is the open end."""
    legs = np.zeros((len(locations) + 1, len(locations) + 1, 2), np.int32)
    pairs = np.ix_(locations, locations)
    reachable = matrix.reachable[pairs]
    legs[:-1, :-1, columns.SECONDS] = np.where(reachable, matrix.duration_s[pairs], NO_WAY)
    legs[:-1, :-1, columns.METRES] = np.where(reachable, matrix.distance_m[pairs], NO_WAY)
    return legs


def _turned_round(legs: NDArray[np.int32]) -> NDArray[np.int32]:
    turned = np.ascontiguousarray(legs.transpose(0, 2, 1, 3))
    return legs if np.array_equal(turned, legs) else turned


def _dislikes(problem: Problem) -> NDArray[np.int64]:
    """``(workers, visits)`` fine units more where a visit would rather have someone else, or lies off the area."""
    table = np.zeros((len(problem.workers), len(problem.visits)), np.int64)
    for number, visit in enumerate(problem.visits):
        if visit.preferred_workers:
            table[:, number] = visit.not_preferred_cost * columns.FINE_PER_COST_UNIT
            table[sorted(visit.preferred_workers), number] = 0
    for index, worker in enumerate(problem.workers):
        if worker.cost_per_km_from_center:
            costs = [cost_of_area(problem, index, visit) for visit in problem.visits]
            table[index] += np.array(costs, np.int64) * columns.FINE_PER_COST_UNIT
    return table


def _groups(workers: Sequence[Worker], disliked: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Find the workers that are alike: the group of each worker and the first worker of each group."""
    numbers: dict[tuple[Worker, bytes], int] = {}
    leaders: list[int] = []
    groups: list[int] = []
    for index, worker in enumerate(workers):
        kind = replace(worker, id="", shift_of=None), disliked[index].tobytes()
        if kind not in numbers:
            numbers[kind] = len(numbers)
            leaders.append(index)
        groups.append(numbers[kind])
    return groups, leaders


def _worker_tables(
    problem: Problem, groups: Sequence[int], places: int, origin_s: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay out the workers and their profiles."""
    people = people_of(problem)
    most_breaks = max(len(worker.breaks) for worker in problem.workers)
    table = np.zeros((len(problem.workers), columns.FIRST_BREAK + columns.BREAK_COLUMNS * most_breaks), np.int64)
    profiles: dict[tuple[int, int, int, int], int] = {}
    for number, (row, worker, group) in enumerate(zip(table, problem.workers, groups, strict=True)):
        profile = (
            worker.matrix * places * places,
            worker.matrix * len(problem.visits),
            worker.cost_per_km * columns.FINE_PER_METRE,
            worker.cost_per_hour * columns.FINE_PER_SECOND,
        )
        row[columns.WORKER_PROFILE] = profiles.setdefault(profile, len(profiles))
        row[columns.GROUP] = group
        row[columns.FIXED_COST] = worker.fixed_cost * columns.FINE_PER_COST_UNIT
        row[columns.MAX_VISITS] = _limit(worker.max_visits)
        row[columns.MAX_LENGTH] = _limit(worker.max_distance_m)
        row[columns.MAX_DURATION] = _limit(worker.max_duration_s)
        row[columns.CAPACITY] = _limit(worker.capacity)
        has_overtime = worker.regular_end_s is not None and worker.overtime_cost_per_hour > 0
        if worker.regular_end_s is not None and has_overtime:
            row[columns.REGULAR_END] = worker.regular_end_s - origin_s
            row[columns.OVERTIME_PER_SECOND] = worker.overtime_cost_per_hour * columns.FINE_PER_SECOND
        row[columns.MAX_TRAVEL] = _limit(worker.max_travel_s)
        _fill_soft_limits(row, worker.soft_limits)
        row[columns.TIMED] = (
            worker.cost_per_hour > 0
            or worker.max_duration_s is not None
            or has_overtime
            or row[columns.PER_EXTRA_SECOND] > 0
        )
        row[columns.PERSON] = people[number]
        row[columns.BREAKS] = len(worker.breaks)
        for k, pause in enumerate(worker.breaks):
            first = columns.FIRST_BREAK + columns.BREAK_COLUMNS * k
            times = pause.earliest_start_s - origin_s, pause.latest_start_s - origin_s, pause.duration_s
            row[first : first + columns.BREAK_COLUMNS] = times
    return table, np.array(list(profiles), np.int64)


def _fill_soft_limits(row: NDArray[np.int64], soft: SoftLimits) -> None:
    """Write down the soft limits of a worker; a price of nothing is no limit."""
    for limit, at, price, fine, per in (
        (
            soft.max_visits,
            columns.SOFT_VISITS,
            soft.cost_per_extra_visit,
            columns.FINE_PER_COST_UNIT,
            columns.PER_EXTRA_VISIT,
        ),
        (
            soft.max_distance_m,
            columns.SOFT_LENGTH,
            soft.cost_per_extra_km,
            columns.FINE_PER_METRE,
            columns.PER_EXTRA_METRE,
        ),
        (
            soft.max_travel_s,
            columns.SOFT_TRAVEL,
            soft.cost_per_extra_travel_hour,
            columns.FINE_PER_SECOND,
            columns.PER_EXTRA_TRAVEL_SECOND,
        ),
        (
            soft.max_duration_s,
            columns.SOFT_DURATION,
            soft.cost_per_extra_hour,
            columns.FINE_PER_SECOND,
            columns.PER_EXTRA_SECOND,
        ),
    ):
        row[at] = _limit(limit if price else None)
        row[per] = 0 if limit is None else price * fine
        row[columns.SOFT] |= row[per] > 0


def _limit(value: int | None) -> int:
    return NO_LIMIT if value is None else value


def _visit_nodes(problem: Problem, worker_columns: int, origin_s: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lay out the node table, of which only the visits are filled, and the further windows.

    A visit whose windows are all over before the first shift closes at -1.
    """
    states = (worker_columns - columns.FIRST_BREAK) // columns.BREAK_COLUMNS + 1
    width = columns.EARLIEST + 2 * states
    width += -width % _COLUMNS_OF_A_CACHE_LINE
    nodes = np.zeros((len(problem.visits) + 2 * len(problem.workers), width), np.int32)
    for column in (columns.PREVIOUS, columns.NEXT, columns.WORKER, columns.PROFILE, columns.MORE_WINDOWS):
        nodes[:, column] = -1
    further: list[tuple[int, int]] = []
    for place, visit in enumerate(problem.visits):
        windows = _separate_windows(visit.time_windows, origin_s)
        nodes[place, columns.PLACE] = place
        nodes[place, columns.SERVICE] = visit.duration_s
        nodes[place, columns.OPEN], nodes[place, columns.CLOSE] = windows[0]
        if len(windows) > 1:
            nodes[place, columns.MORE_WINDOWS] = len(further)
            further += [*windows[1:], (NEVER, NEVER)]
    return nodes, np.array(further, np.int32).reshape(-1, 2)


def _separate_windows(windows: Sequence[TimeWindow], origin_s: int) -> list[tuple[int, int]]:
    """Order the windows, join those that touch, and drop what lies before the first shift."""
    if not windows:
        return [(0, NEVER)]
    separate: list[tuple[int, int]] = []
    for window in sorted(windows, key=lambda one: one.start_s):
        start_s, end_s = max(0, window.start_s - origin_s), min(NEVER, window.end_s - origin_s)
        if end_s < 0:
            continue
        if separate and start_s <= separate[-1][1] + 1:
            separate[-1] = (separate[-1][0], max(separate[-1][1], end_s))
        else:
            separate.append((start_s, end_s))
    return separate or [(0, -1)]


def _visit_table(
    problem: Problem, legs: NDArray[np.int32], disliked: NDArray[np.int64], first_bonds: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Price of leaving out, load, first bond; a mandatory visit costs more than everything else together."""
    optional = [visit.unserved_cost * columns.FINE_PER_COST_UNIT for visit in problem.visits if visit.unserved_cost]
    longest_m = int(legs[..., columns.METRES][legs[..., columns.METRES] < NO_WAY].max(initial=0))
    dearest_m = max(worker.cost_per_km + worker.soft_limits.cost_per_extra_km for worker in problem.workers)
    dearest_m *= columns.FINE_PER_METRE
    days = sum(
        worker.fixed_cost * columns.FINE_PER_COST_UNIT
        + worker.soft_limits.cost_per_extra_visit * len(problem.visits) * columns.FINE_PER_COST_UNIT
        + (
            worker.cost_per_hour
            + worker.overtime_cost_per_hour
            + worker.soft_limits.cost_per_extra_hour
            + worker.soft_limits.cost_per_extra_travel_hour
        )
        * columns.FINE_PER_SECOND
        * (worker.shift_end_s - min(worker.shift_start_s, _regular_end_s(worker)))
        for worker in problem.workers
    )
    everything = sum(optional) + int(disliked.max(axis=0).sum()) + days
    everything += (len(problem.visits) + len(problem.workers)) * longest_m * dearest_m
    mandatory_count = sum(visit.unserved_cost is None for visit in problem.visits)
    mandatory = min(everything + 1, _LARGEST_SUM // (1 + mandatory_count))
    table = np.empty((len(problem.visits), 3), np.int64)
    table[:, columns.FIRST_BOND] = first_bonds
    for row, visit in zip(table, problem.visits, strict=True):
        row[columns.UNSERVED] = (
            mandatory if visit.unserved_cost is None else visit.unserved_cost * columns.FINE_PER_COST_UNIT
        )
        row[columns.LOAD] = visit.load
    return table


def _regular_end_s(worker: Worker) -> int:
    return worker.shift_end_s if worker.regular_end_s is None else worker.regular_end_s


def _fill_route_ends(
    nodes: NDArray[np.int32],
    problem: Problem,
    data: SearchData,
    place_of_end: dict[int | None, int],
    origin_s: int,
) -> None:
    """Link the start of each worker's route to its end."""
    states = (data.workers.shape[1] - columns.FIRST_BREAK) // columns.BREAK_COLUMNS + 1
    first_start, first_end = len(problem.visits), len(problem.visits) + len(problem.workers)
    for index, worker in enumerate(problem.workers):
        start, end = nodes[first_start + index], nodes[first_end + index]
        start[columns.PLACE], end[columns.PLACE] = (place_of_end[one] for one in _ends(worker))
        start[columns.NEXT], end[columns.PREVIOUS] = first_end + index, first_start + index
        for node in (start, end):
            node[columns.WORKER] = index
            node[columns.PROFILE] = data.workers[index, columns.WORKER_PROFILE]
        first = data.profiles[start[columns.PROFILE], columns.FIRST_PLACE]
        leg = data.legs_to[first + start[columns.PLACE] * data.places + end[columns.PLACE]]
        start[columns.TRAVEL], start[columns.LENGTH] = leg
        opening, closing = _opening_and_closing(worker, states, origin_s)
        start[columns.EARLIEST : columns.EARLIEST + states] = opening
        end[columns.EARLIEST + states : columns.EARLIEST + 2 * states] = closing


def _opening_and_closing(worker: Worker, states: int, origin_s: int) -> tuple[list[int], list[int]]:
    """When the route may start with so many breaks taken before, and must end with so many taken until then."""
    opening, closing = [NEVER] * states, [-NEVER] * states
    earliest_s, latest_s = worker.shift_start_s, worker.shift_end_s
    for taken in range(len(worker.breaks) + 1):
        if taken > 0:
            pause = worker.breaks[taken - 1]
            earliest_s = max(earliest_s, pause.earliest_start_s + pause.duration_s)
        opening[taken] = earliest_s - origin_s
    for taken in range(len(worker.breaks), -1, -1):
        if taken < len(worker.breaks):
            latest_s = min(latest_s, worker.breaks[taken].latest_start_s)
        closing[taken] = latest_s - origin_s
    return opening, closing
