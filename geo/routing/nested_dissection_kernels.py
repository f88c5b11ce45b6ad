"""Compiled recursion of the nested dissection; `geo.routing.nested_dissection` says what it is for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import int64, merged_kernel
from geo.routing.minimum_cut_kernels import FlowRoom, JunctionGraph, minimum_cut, spread

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

UNRANKED = -1


class DissectionRoom(NamedTuple):
    """Room for a dissection of ``n`` junctions.

    Fields: ``is_second (n,)`` bool, of use inside; ``pending (n + 1, 4)`` int64 the sets still to be split: first and
    last junction in the orders, first and last rank of their pieces.
    """

    is_second: NDArray[np.bool_]
    pending: Int64Array


@njit(nogil=True, cache=True)
def rank_pieces(
    graph: JunctionGraph, room: FlowRoom, sets: DissectionRoom, orders: Int32Array, end_share: float, rank: Int32Array
) -> None:
    """Rank road pieces so that each cut comes above everything that it separates.

    Parameters
    ----------
    graph
        The junctions and the pieces between them.
    room
        Room for flows.
    sets
        Room for the sets to split.
    orders
        ``(d, n)`` int32, changed: the junctions sorted along ``d`` directions.
    end_share
        Share of a set's junctions that is held together at either end of it, at most 0.5.
    rank
        ``(p,)``, `UNRANKED` everywhere; gets the rank of each piece, 0 the lowest.
    """
    is_second, pending = sets
    set_count = int64(1)
    pending[0, 0] = pending[0, 2] = 0
    pending[0, 1], pending[0, 3] = orders.shape[1], len(graph.capacity)
    waiting = 1
    while waiting > 0:
        waiting -= 1
        row = pending[waiting]
        first, last, lowest, highest = row[0], row[1], row[2], row[3]
        if lowest == highest:
            continue
        if last - first == 1:
            _rank_loops(graph, orders[0, first], lowest, rank)
            continue
        _choose_cut(graph, room, orders[:, first:last], end_share, is_second)
        inner = _rank_cut(graph, room, orders[0, first:last], is_second, highest, rank)
        middle = first + _separate(room, orders[:, first:last], is_second, set_count)
        set_count += 1
        _write_set(pending[waiting], first, middle, lowest, lowest + inner[0])
        _write_set(pending[waiting + 1], middle, last, lowest + inner[0], lowest + inner[0] + inner[1])
        waiting += 2


@merged_kernel
def _write_set(row: Int64Array, first: int, last: int, lowest: int, highest: int) -> None:
    """Note a set to be split."""
    row[0], row[1], row[2], row[3] = first, last, lowest, highest


@merged_kernel
def _rank_loops(graph: JunctionGraph, junction: int, lowest: int, rank: Int32Array) -> None:
    """Rank the pieces that lead from a junction back to it: no cut ever crosses them."""
    for row in range(graph.first[junction], graph.first[junction + 1]):
        if graph.neighbour[row] == junction and rank[graph.piece[row]] == UNRANKED:
            rank[graph.piece[row]] = lowest
            lowest += 1


@merged_kernel
def _choose_cut(
    graph: JunctionGraph, room: FlowRoom, orders: Int32Array, end_share: float, is_second: NDArray[np.bool_]
) -> None:
    """Mark the sides of the best cut over all directions: cheap for the size of its smaller side."""
    count = orders.shape[1]
    end_count = min(max(1, int(count * end_share)), count // 2)
    best = np.inf
    for direction in range(len(orders)):
        members = orders[direction]
        cost = minimum_cut(graph, room, members, end_count, best * (count // 2))
        if cost < 0:
            continue
        # Of the smallest cuts, one hugs the sources and one the sinks.
        for hugged in (1, -1):
            reached = spread(graph, room, members, end_count, hugged)
            cost_per_junction = cost / min(reached, count - reached)
            if cost_per_junction < best:
                best = cost_per_junction
                for index in range(count):
                    is_second[members[index]] = (room.level[members[index]] >= 0) == (hugged < 0)


@merged_kernel
def _rank_cut(
    graph: JunctionGraph,
    room: FlowRoom,
    members: Int32Array,
    is_second: NDArray[np.bool_],
    highest: int,
    rank: Int32Array,
) -> tuple[int, int]:
    """Give the crossing pieces the highest ranks; return how many pieces stay within each side."""
    cell = room.cell[members[0]]
    within_first, within_second = 0, 0
    for index in range(len(members)):
        junction = members[index]
        for row in range(graph.first[junction], graph.first[junction + 1]):
            other, piece = graph.neighbour[row], graph.piece[row]
            if room.cell[other] != cell:
                continue
            if is_second[other] != is_second[junction]:
                if rank[piece] == UNRANKED:
                    highest -= 1
                    rank[piece] = highest
            elif graph.sign[row] > 0:
                within_first += not is_second[junction]
                within_second += is_second[junction]
    return within_first, within_second


@merged_kernel
def _separate(room: FlowRoom, orders: Int32Array, is_second: NDArray[np.bool_], set_number: int) -> int:
    """Bring the first side to the front of every order, which stays sorted; return its size."""
    count = orders.shape[1]
    for direction in range(len(orders)):
        kept, moved = 0, 0
        for index in range(count):
            junction = orders[direction, index]
            if is_second[junction]:
                room.queue[moved] = junction
                moved += 1
            else:
                orders[direction, kept] = junction
                kept += 1
        for index in range(moved):
            orders[direction, kept + index] = room.queue[index]
    for index in range(kept):
        room.cell[orders[0, index]] = set_number
    return kept
