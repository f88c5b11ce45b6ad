"""Compiled many-to-many searches; `geo.routing.travel_matrix` says how they fit together.

A *crest* is a run of ranks, one the parent of the next, that the same origins and the same destinations climb over.
Over the crests the matrix is a sum of products in the (min, +) algebra: the keys of its origins times the keys of its
destinations. The loops over such products run along contiguous memory without a branch, which is where the speed is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.routing.climbing_kernels import (
    NONE,
    ClimbRoom,
    Place,
    RoadCosts,
    SearchGraph,
    climb,
    direct_key,
    forget_climb,
    start_from_destination,
    start_from_origin,
    visit_ancestors,
)
from geo.routing.travel_keys import LENGTH_BITS, LENGTH_MASK, NO_PATH

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Int64Matrix = NDArray[np.int64]

ORIGIN, DESTINATION = 0, 1

TILE = 256
"""Destinations whose keys are multiplied at once: their rows of one crest stay in the second-level cache."""


class PlaceColumns(NamedTuple):
    """Places as kernels read them: ``edge (n,)`` int32, ``fraction (n,)`` float64, ``one_direction``."""

    edge: Int32Array
    fraction: NDArray[np.float64]
    one_direction: bool


class Crests(NamedTuple):
    """How the ranks are grouped, ``c`` crests.

    Fields: by rank (``s``) ``of_rank`` int32 crest, ``-1`` where origins and destinations never meet, and ``position``
    int32 within it; by crest ``height (c,)`` int32 ranks, ``origins (c,)`` and ``destinations (c,)`` int32 how many
    climb over it.
    """

    of_rank: Int32Array
    position: Int32Array
    height: Int32Array
    origins: Int32Array
    destinations: Int32Array


class Climbers(NamedTuple):
    """Who climbs over each crest with which keys, ``c`` crests.

    Fields: ``first_member (c + 1,)`` int64 into ``member`` int32, the places in ascending order; ``first_key (c + 1,)``
    int64 into ``key`` int64, for each crest a matrix: that of origins is ``(members, height)``, that of destinations
    ``(height, members)``; ``entered (c,)`` int32 how many have been written.
    """

    first_member: Int64Array
    member: Int32Array
    first_key: Int64Array
    key: Int64Array
    entered: Int32Array


@merged_kernel
def _place(places: PlaceColumns, index: int) -> Place:
    """Take one place out of the columns."""
    # One type of number for all searches, or each of them is compiled twice.
    return Place(int64(places.edge[index]), places.fraction[index], places.one_direction)


@inner_kernel
def _start(roads: RoadCosts, place: Place, room: ClimbRoom, role: int) -> int:
    """Start a climb from one place."""
    return start_from_origin(roads, place, room) if role == ORIGIN else start_from_destination(roads, place, room)


@njit(nogil=True, cache=True)
def count_visits(graph: SearchGraph, places: PlaceColumns, role: int, room: ClimbRoom, visits: Int32Array) -> None:
    """Count how many places climb over each rank.

    Parameters
    ----------
    graph
        The graph.
    places
        The places.
    role
        `ORIGIN` or `DESTINATION`.
    room
        Room for climbs.
    visits
        ``(s,)`` zeros; gets the visits by rank.
    """
    for index in range(len(places.edge)):
        starts = _start(graph.roads, _place(places, index), room, role)
        count = visit_ancestors(graph.parent, room, starts)
        for step in range(count):
            visits[room.trail[step]] += 1
        forget_climb(room, count)


@njit(nogil=True, cache=True)
def group_ranks(parent: Int32Array, origin_visits: Int32Array, destination_visits: Int32Array, crests: Crests) -> int:
    """Group the ranks that both origins and destinations climb over.

    Whoever visits a rank visits its parent; so equal numbers of visits mean the same visitors.

    Parameters
    ----------
    parent
        The elimination tree.
    origin_visits, destination_visits
        ``(s,)`` visits by rank.
    crests
        Room for as many as there are ranks: ``of_rank`` is all `NONE`, ``height`` all 0. Gets the groups, the highest
        first.

    Returns
    -------
    int
        How many groups there are.
    """
    of_rank, position, height, crest_count = crests.of_rank, crests.position, crests.height, int64(0)
    for rank in range(len(parent) - 1, -1, -1):
        if origin_visits[rank] == 0 or destination_visits[rank] == 0:
            continue
        above = parent[rank]
        if (
            above != NONE
            and origin_visits[above] == origin_visits[rank]
            and destination_visits[above] == destination_visits[rank]
        ):
            crest = int64(of_rank[above])
        else:
            crest = crest_count
            crests.origins[crest], crests.destinations[crest] = origin_visits[rank], destination_visits[rank]
            crest_count += 1
        of_rank[rank] = crest
        position[rank] = height[crest]
        height[crest] += 1
    return crest_count


@njit(nogil=True, cache=True)
def climb_all(
    graph: SearchGraph, places: PlaceColumns, role: int, crests: Crests, room: ClimbRoom, climbers: Climbers
) -> None:
    """Climb from every place and write the keys by crest.

    Parameters
    ----------
    graph
        The graph.
    places
        The places.
    role
        `ORIGIN` or `DESTINATION`.
    crests
        The groups of ranks.
    room
        Room for climbs.
    climbers
        Room for them, its keys all `NO_PATH` and its ``entered`` all 0; see `Climbers`.
    """
    first_member, member, key, entered = climbers.first_member, climbers.member, climbers.key, climbers.entered
    for index in range(len(places.edge)):
        starts = _start(graph.roads, _place(places, index), room, role)
        count = visit_ancestors(graph.parent, room, starts)
        climb(graph.up if role == ORIGIN else graph.down, room, count)
        for step in range(count):
            rank = room.trail[step]
            crest = crests.of_rank[rank]
            if crest == NONE:
                continue
            column = entered[crest] - 1
            if column < 0 or member[first_member[crest] + column] != index:
                column += 1
                member[first_member[crest] + column] = index
                entered[crest] += 1
            row = crests.position[rank]
            width = first_member[crest + 1] - first_member[crest]
            slot = column * crests.height[crest] + row if role == ORIGIN else row * width + column
            key[climbers.first_key[crest] + slot] = room.key[rank]
        forget_climb(room, count)


@njit(nogil=True, cache=True)
def multiply_crests(
    crests: Crests, origins: Climbers, destinations: Climbers, first_row: int, best: Int64Array, keys: Int64Matrix
) -> None:
    """Lower each key of some rows of a matrix to the best sum over all ranks that its two places climb over.

    Parameters
    ----------
    crests
        The groups of ranks.
    origins, destinations
        Keys by crest.
    first_row
        The origin of the first row.
    best
        ``(TILE,)`` room.
    keys
        ``(rows, m)``, changed.
    """
    for crest in range(len(crests.height)):
        rows = origins.member[origins.first_member[crest] : origins.first_member[crest + 1]]
        first, last = _position(rows, first_row), _position(rows, first_row + len(keys))
        for tile in range(0, crests.destinations[crest] if first < last else 0, TILE):
            row_range, height = (first, last, first_row), int64(crests.height[crest])
            _multiply_tile(height, crest, tile, origins, destinations, row_range, best, keys)


@inner_kernel
def _position(ascending: Int32Array, value: int) -> int:
    """Find the first entry that is not below a value; numpy's own takes seconds to compile."""
    first, last = 0, len(ascending)
    while first < last:
        middle = (first + last) // 2
        if ascending[middle] < value:
            first = middle + 1
        else:
            last = middle
    return first


@merged_kernel
def _multiply_tile(
    height: int,
    crest: int,
    tile: int,
    origins: Climbers,
    destinations: Climbers,
    row_range: tuple[int, int, int],
    best: Int64Array,
    keys: Int64Matrix,
) -> None:
    """Multiply the keys of one crest: some of its origins times at most `TILE` of its destinations."""
    first, last, first_row = row_range
    columns = destinations.member[destinations.first_member[crest] : destinations.first_member[crest + 1]]
    width = len(columns)
    columns = columns[tile : tile + TILE]
    block = destinations.key[destinations.first_key[crest] + tile : destinations.first_key[crest + 1]]
    is_run = columns[-1] - columns[0] == len(columns) - 1
    best = best[: len(columns)]
    for index in range(first, last):
        start = origins.first_key[crest] + index * height
        sums = origins.key[start : start + height]
        row = keys[origins.member[origins.first_member[crest] + index] - first_row]
        if is_run:
            _lower(row[columns[0] : columns[0] + len(columns)], block, width, sums)
        else:
            for column in range(len(best)):
                best[column] = NO_PATH
            _lower(best, block, width, sums)
            for column in range(len(columns)):
                row[columns[column]] = min(row[columns[column]], best[column])


@inner_kernel
def _lower(target: Int64Array, block: Int64Array, width: int, sums: Int64Array) -> None:
    """Lower the targets to the smallest of (row of the block + its sum), four rows at once to load targets less often.

    The last four are filled up with the last row, which changes nothing.
    """
    last, size = len(sums) - 1, len(target)
    for row in range(0, last + 1, 4):
        second, third, fourth = min(row + 1, last), min(row + 2, last), min(row + 3, last)
        row_a, row_b = block[row * width :][:size], block[second * width :][:size]
        row_c, row_d = block[third * width :][:size], block[fourth * width :][:size]
        sum_a, sum_b, sum_c, sum_d = sums[row], sums[second], sums[third], sums[fourth]
        for column in range(size):
            best_ab = min(sum_a + row_a[column], sum_b + row_b[column])
            best_cd = min(sum_c + row_c[column], sum_d + row_d[column])
            target[column] = min(target[column], best_ab, best_cd)


@njit(nogil=True, cache=True)
def lower_direct_pairs(
    roads: RoadCosts,
    origins: PlaceColumns,
    destinations: PlaceColumns,
    first_row: int,
    first_destination: Int64Array,
    next_destination: Int64Array,
    keys: Int64Matrix,
) -> None:
    """Lower the keys of pairs on the same road piece to the way straight along it.

    Parameters
    ----------
    roads
        The roads.
    origins, destinations
        The places.
    first_row
        The origin of the first row.
    first_destination, next_destination
        For each origin the first destination on its road piece, and for each destination the next; ``-1`` at the end.
    keys
        ``(rows, m)`` int64, changed.
    """
    for row in range(len(keys)):
        destination = first_destination[first_row + row]
        while destination != NONE:
            key, _ = direct_key(roads, _place(origins, first_row + row), _place(destinations, destination))
            keys[row, destination] = min(keys[row, destination], key)
            destination = next_destination[destination]


@njit(nogil=True, cache=True)
def write_matrix(
    keys: Int64Matrix,
    row_of: Int64Array,
    column_of: Int64Array,
    duration_ms: NDArray[np.int32],
    length_cm: NDArray[np.int32],
) -> None:
    """Unpack keys into their rows and columns of a matrix.

    Parameters
    ----------
    keys
        ``(rows, m)`` keys.
    row_of, column_of
        Where each row and column belongs.
    duration_ms, length_cm
        Written; ``-1`` where there is no path.
    """
    for index in range(keys.shape[0]):
        durations, lengths = duration_ms[row_of[index]], length_cm[row_of[index]]
        for column in range(keys.shape[1]):
            key = keys[index, column]
            durations[column_of[column]] = key >> LENGTH_BITS if key < NO_PATH else -1
            lengths[column_of[column]] = key & LENGTH_MASK if key < NO_PATH else -1
