"""Compiled loops that give the arcs of a hierarchy their costs; `geo.routing.customization` says when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel
from geo.routing.hierarchy_kernels import RankedArcs
from geo.routing.travel_keys import NO_PATH

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

NO_MIDDLE = -1


class ArcCosts(NamedTuple):
    """Cost of each arc of one direction, and the rank that a shortcut leads over.

    Fields: ``key`` int64, ``middle`` int32, `NO_MIDDLE` for an arc of the turn graph itself.
    """

    key: Int64Array
    middle: Int32Array


class DetourCosts(NamedTuple):
    """Cost of each arc of one direction, and whether it is a detour: ``key`` int64, ``is_detour`` bool."""

    key: Int64Array
    is_detour: NDArray[np.bool_]


class SearchArcs(NamedTuple):
    """The arcs of one direction that lie on fastest paths, by lower end: what a climb follows.

    Fields: ``first (s + 1,)`` int64; ``end`` int32 upper ends, each row ascending; ``key`` int64; ``middle`` int32.
    """

    first: Int64Array
    end: Int32Array
    key: Int64Array
    middle: Int32Array


@njit(nogil=True, cache=True)
def cost_shortcuts(up: RankedArcs, up_costs: ArcCosts, down: RankedArcs, down_costs: ArcCosts) -> None:
    """Give every arc the cost of the fastest path between its ends that stays below both.

    From the lowest rank upwards, each pair "down to the rank, up from it" offers its sum to the arc between its ends
    (the basic customization of Dibbelt, Strasser and Wagner, section 6).

    Parameters
    ----------
    up, up_costs, down, down_costs
        The hierarchy's arcs and their costs, changed.
    """
    for rank in range(len(up.first) - 1):
        for arc in range(down.first[rank], down.first[rank + 1]):
            _offer(up, up_costs, rank, down.end[arc], down_costs.key[arc])
        for arc in range(up.first[rank], up.first[rank + 1]):
            _offer(down, down_costs, rank, up.end[arc], up_costs.key[arc])


@inner_kernel
def _offer(arcs: RankedArcs, costs: ArcCosts, rank: int, lower: int, key_to_rank: int) -> None:
    """Offer the ways between `lower` and each higher end of a rank's row to the row of `lower`.

    Both rows ascend and the second holds all such ends, so they are walked together.
    """
    if key_to_rank >= NO_PATH:
        return
    found = arcs.first[lower]
    for arc in range(arcs.first[rank], arcs.first[rank + 1]):
        if arcs.end[arc] > lower:
            while arcs.end[found] < arcs.end[arc]:
                found += 1
            key = key_to_rank + costs.key[arc]
            if key < costs.key[found]:
                costs.key[found] = key
                costs.middle[found] = rank


@njit(nogil=True, cache=True)
def mark_detours(
    up: RankedArcs, up_costs: DetourCosts, down: RankedArcs, down_costs: DetourCosts, arc_to: Int64Array
) -> None:
    """Mark the arcs that are slower than a way over higher ranks: no fastest path needs them.

    From the highest rank downwards (the perfect customization of Dibbelt, Strasser and Wagner, section 7). Only arcs
    that are strictly slower count as detours, so every fastest path keeps its arcs.

    Parameters
    ----------
    up, up_costs, down, down_costs
        The hierarchy's arcs and their costs; keys of detours are lowered.
    arc_to
        ``(s,)`` room, -1 everywhere before and after.
    """
    for rank in range(len(up.first) - 2, -1, -1):
        _compare_row(rank, up, up_costs, down, down_costs.key, arc_to)
        _compare_row(rank, down, down_costs, up, up_costs.key, arc_to)


@inner_kernel
def _compare_row(
    rank: int,
    arcs: RankedArcs,
    costs: DetourCosts,
    opposite: RankedArcs,
    opposite_key: Int64Array,
    arc_to: Int64Array,
) -> None:
    """Compare each arc of a row with the ways over another end of the row; `arc_to` is all -1 before and after."""
    key, is_detour = costs.key, costs.is_detour
    first, last = arcs.first[rank], arcs.first[rank + 1]
    for arc in range(first, last):
        arc_to[arcs.end[arc]] = arc
    for arc in range(first, last):
        end = arcs.end[arc]
        for onward in range(arcs.first[end], arcs.first[end + 1]):
            farther = arc_to[arcs.end[onward]]
            if farther >= 0 and key[arc] + key[onward] < key[farther]:
                key[farther] = key[arc] + key[onward]
                is_detour[farther] = True
        for backward in range(opposite.first[end], opposite.first[end + 1]):
            farther = arc_to[opposite.end[backward]]
            if farther >= 0 and key[farther] + opposite_key[backward] < key[arc]:
                key[arc] = key[farther] + opposite_key[backward]
                is_detour[arc] = True
    for arc in range(first, last):
        arc_to[arcs.end[arc]] = -1


def keep_fastest(arcs: RankedArcs, costs: ArcCosts, is_detour: NDArray[np.bool_]) -> SearchArcs:
    """Copy the arcs that fastest paths can use.

    Parameters
    ----------
    arcs, costs
        All arcs of one direction and their costs.
    is_detour
        Which to leave out; arcs without any path go too.

    Returns
    -------
    SearchArcs
        The rest, in the same order.
    """
    kept = np.flatnonzero(~is_detour & (costs.key < NO_PATH))
    first = np.searchsorted(kept, arcs.first)
    return SearchArcs(first.astype(np.int64), arcs.end[kept], costs.key[kept], costs.middle[kept])
