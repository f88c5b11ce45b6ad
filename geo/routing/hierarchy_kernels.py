"""Compiled loops that find which shortcuts a contraction order needs, whatever the speeds are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

NONE = -1
FIRST_ROOM = 1 << 10
ROOM_PER_ARC = 3
"""Measured: a city needs two hierarchy arcs of each direction for one arc of its turn graph."""


class RankedArcs(NamedTuple):
    """Arcs between ranks, by one of their ends, as compressed sparse rows: ``first (s + 1,)`` int64, ``end`` int32."""

    first: Int64Array
    end: Int32Array


def arcs_by_rank(start: Int32Array, end: Int32Array, rank_count: int) -> RankedArcs:
    """Sort arcs into rows by their start.

    Parameters
    ----------
    start, end
        Ranks at both ends of each arc.
    rank_count
        Number of ranks.

    Returns
    -------
    RankedArcs
        One row per start.
    """
    first = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=rank_count))])
    sorted_end = np.empty(len(end), np.int32)
    _fill_rows(start, end, first[:-1].copy(), sorted_end)
    return RankedArcs(first, sorted_end)


@njit(nogil=True, cache=True)
def _fill_rows(start: Int32Array, end: Int32Array, free: Int64Array, sorted_end: Int32Array) -> None:
    """Write each end into the next free place of the row of its start."""
    for arc in range(len(start)):
        rank = start[arc]
        sorted_end[free[rank]] = end[arc]
        free[rank] += 1


def elimination_tree(leaving: RankedArcs, entering: RankedArcs) -> Int32Array:
    """Find for each rank the lowest rank above it that any climb from it can come to next.

    Liu (1990, "The role of elimination trees in sparse factorization", doi 10.1137/0611010), algorithm 4.2, with path
    compression. Arcs count in both directions, so that climbs along and against them stay on one tree.

    Parameters
    ----------
    leaving, entering
        The arcs by either end.

    Returns
    -------
    Int32Array
        ``(s,)`` parent of each rank; ``-1`` at a root.
    """
    rank_count = len(leaving.first) - 1
    parent, highest_seen = np.full(rank_count, NONE, np.int32), np.full(rank_count, NONE, np.int32)
    _find_parents(leaving, entering, highest_seen, parent)
    return parent


@njit(nogil=True, cache=True)
def _find_parents(leaving: RankedArcs, entering: RankedArcs, highest_seen: Int32Array, parent: Int32Array) -> None:
    """Give each rank its parent; both arrays are all `NONE` before."""
    for rank in range(len(parent)):
        for arcs in (leaving, entering):
            for arc in range(arcs.first[rank], arcs.first[rank + 1]):
                below = arcs.end[arc]
                while below < rank and highest_seen[below] != rank:
                    following = highest_seen[below]
                    highest_seen[below] = rank
                    if following == NONE:
                        parent[below] = rank
                        break
                    below = following


class _Rows(NamedTuple):
    """Rows of arcs in one direction, each at its lower end, and for each upper end the list of its arcs.

    Fields: ``first (s + 1,)``; by arc ``end`` the upper end, ``lower`` the lower end, ``before`` the arc before in the
    list of the same upper end; ``last (s,)`` the last arc of that list; ``seen_by (s,)`` and ``gathered (s,)`` for the
    row at work.
    """

    first: Int64Array
    end: Int32Array
    lower: Int32Array
    before: Int64Array
    last: Int64Array
    seen_by: Int32Array
    gathered: Int32Array


def _empty_rows(rank_count: int, room: int) -> _Rows:
    """Make rows with room for some arcs."""
    return _Rows(
        first=np.zeros(rank_count + 1, np.int64),
        end=np.empty(room, np.int32),
        lower=np.empty(room, np.int32),
        before=np.empty(room, np.int64),
        last=np.full(rank_count, NONE, np.int64),
        seen_by=np.full(rank_count, NONE, np.int32),
        gathered=np.empty(rank_count, np.int32),
    )


@inner_kernel
def _gather(rows: _Rows, rank: int, count: int, ends: Int32Array, first: int, last: int) -> int:
    """Add the ends above `rank` that are not gathered yet; return the new number."""
    for arc in range(first, last):
        end = ends[arc]
        if end > rank and rows.seen_by[end] != rank:
            rows.seen_by[end] = rank
            rows.gathered[count] = end
            count += 1
    return count


@inner_kernel
def _gather_row(rows: _Rows, opposite: _Rows, rank: int, original: RankedArcs) -> int:
    """Gather a row: the rank's own arcs, and those of every lower rank joined to it in the opposite direction."""
    count = _gather(rows, rank, int64(0), original.end, original.first[rank], original.first[rank + 1])
    arc = opposite.last[rank]
    while arc != NONE:
        lower = opposite.lower[arc]
        count = _gather(rows, rank, count, rows.end, rows.first[lower], rows.first[lower + 1])
        arc = opposite.before[arc]
    return count


@inner_kernel
def _close_row(rows: _Rows, rank: int, count: int) -> None:
    """Write the gathered ends of a rank, and enter the row in the lists of its ends."""
    arc = rows.first[rank]
    for index in range(count):
        end = rows.gathered[index]
        rows.end[arc] = end
        rows.lower[arc] = rank
        rows.before[arc] = rows.last[end]
        rows.last[end] = arc
        arc += 1
    rows.first[rank + 1] = arc


@njit(nogil=True, cache=True)
def _contract(leaving: RankedArcs, entering: RankedArcs, up: _Rows, down: _Rows) -> bool:
    """Fill the rows of every rank; say whether there was room."""
    for rank in range(len(leaving.first) - 1):
        up_count = _gather_row(up, down, rank, leaving)
        down_count = _gather_row(down, up, rank, entering)
        if max(up.first[rank] + up_count, down.first[rank] + down_count) > len(up.end):
            return False
        _close_row(up, rank, up_count)
        _close_row(down, rank, down_count)
    return True


def find_shortcuts(leaving: RankedArcs, entering: RankedArcs) -> tuple[RankedArcs, RankedArcs]:
    """Find all arcs of the hierarchy: the original ones and the shortcuts over every contracted rank.

    Contracting rank ``v`` joins each higher rank that has an arc to ``v`` with each that ``v`` has an arc to. Turned
    round: the arcs from ``x`` upwards are its own and, for every lower ``v`` that ``x`` has an arc to, those from ``v``
    to ranks above ``x``; so each row is complete when its turn comes.

    Parameters
    ----------
    leaving, entering
        The original arcs by either end.

    Returns
    -------
    tuple
        For each rank the higher ranks it leads to, and those that lead to it, each row ascending.
    """
    # Growing the rows here, by starting again, instead of inside the kernel halves the time that compiling it takes.
    rank_count, room = len(leaving.first) - 1, FIRST_ROOM + ROOM_PER_ARC * len(leaving.end)
    up, down = _empty_rows(rank_count, room), _empty_rows(rank_count, room)
    while not _contract(leaving, entering, up, down):
        room *= 2
        up, down = _empty_rows(rank_count, room), _empty_rows(rank_count, room)
    return _sorted_rows(up), _sorted_rows(down)


def _sorted_rows(rows: _Rows) -> RankedArcs:
    """Sort every row: arcs put into rows by their ends, and from there back into rows by their starts, ascend."""
    rank_count, arc_count = len(rows.last), rows.first[-1]
    by_end = arcs_by_rank(rows.end[:arc_count], rows.lower[:arc_count], rank_count)
    ends = np.repeat(np.arange(rank_count, dtype=np.int32), np.diff(by_end.first))
    return arcs_by_rank(by_end.end, ends, rank_count)


def slots_of_arcs(start: Int32Array, end: Int32Array, up: RankedArcs, down: RankedArcs) -> Int64Array:
    """Find where each original arc stands in the hierarchy.

    Parameters
    ----------
    start, end
        Ranks at both ends of each arc.
    up, down
        The hierarchy's arcs.

    Returns
    -------
    Int64Array
        ``(a,)`` slot among the upward arcs followed by the downward ones; ``-1`` for an arc from a rank to itself.
    """
    slot = np.full(len(start), NONE, np.int64)
    is_up, is_down = start < end, start > end
    slot[is_up] = _places(up, start[is_up], end[is_up])
    slot[is_down] = len(up.end) + _places(down, end[is_down], start[is_down])
    return slot


def _places(arcs: RankedArcs, lower: Int32Array, upper: Int32Array) -> NDArray[np.intp]:
    """Find arcs, each of which exists, by both ends."""
    rank_count = len(arcs.first) - 1
    row = np.repeat(np.arange(rank_count), np.diff(arcs.first))
    # Rows ascend, and so do the ends in each: both together are one ascending number.
    return np.searchsorted(row * rank_count + arcs.end, lower.astype(np.int64) * rank_count + upper)
