"""Decides where visits may go that must be with others, apart from others, or in an order with them.

All these rules ask about visits that are planned, so taking a visit out never breaks one; only putting one in can.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inner_kernel
from optimizer.search.search_data import (
    APART,
    BEHIND,
    DIRECTLY_AHEAD,
    DIRECTLY_BEHIND,
    FIRST_BOND,
    KIND,
    NEXT,
    OTHER,
    PERSON,
    PREVIOUS,
    TOGETHER,
    WORKER,
    SearchData,
)


@inner_kernel
def person_of_mates(data: SearchData, nodes: NDArray[np.int32], visit: int) -> int:
    """Return who serves a visit that must be with the same person as this one; -1 where none of them is planned."""
    row = data.visits[visit, FIRST_BOND]
    while row >= 0 and data.bonds[row, OTHER] >= 0:
        worker = nodes[data.bonds[row, OTHER], WORKER]
        if data.bonds[row, KIND] != APART and worker >= 0:
            return data.workers[worker, PERSON]
        row += 1
    return -1


@inner_kernel
def keeps_bonds(data: SearchData, nodes: NDArray[np.int32], before: int, visit: int) -> bool:
    """Tell whether a visit may be put behind a node, by its bonds and by those between the node and what follows."""
    if before < data.visits.shape[0] and follows_directly(data, before, nodes[before, NEXT]):
        return False
    row = data.visits[visit, FIRST_BOND]
    while row >= 0 and data.bonds[row, OTHER] >= 0:
        other = data.bonds[row, OTHER]
        if nodes[other, WORKER] >= 0 and not keeps_bond(data, nodes, before, other, data.bonds[row, KIND]):
            return False
        row += 1
    return True


@inner_kernel
def keeps_bond(data: SearchData, nodes: NDArray[np.int32], before: int, other: int, kind: int) -> bool:
    """Tell whether a visit with a bond to a planned one may be put behind a node."""
    owner, worker = nodes[other, WORKER], nodes[before, WORKER]
    if kind == TOGETHER:
        return data.workers[owner, PERSON] == data.workers[worker, PERSON]
    if kind == APART or owner != worker:
        return (kind == APART) == (owner != worker)
    if kind == DIRECTLY_AHEAD:
        return other == nodes[before, NEXT]
    if kind == DIRECTLY_BEHIND:
        return other == before
    return (kind == BEHIND) == lies_at_or_ahead(data, nodes, other, before)


@inner_kernel
def follows_directly(data: SearchData, before: int, after: int) -> bool:
    """Tell whether nothing may come between two visits."""
    row = data.visits[before, FIRST_BOND]
    while row >= 0 and data.bonds[row, OTHER] >= 0:
        if data.bonds[row, KIND] == DIRECTLY_AHEAD and data.bonds[row, OTHER] == after:
            return True
        row += 1
    return False


@inner_kernel
def lies_at_or_ahead(data: SearchData, nodes: NDArray[np.int32], visit: int, node: int) -> bool:
    """Tell whether a visit of the same route is the node or comes before it."""
    while node != visit and node < data.visits.shape[0]:
        node = nodes[node, PREVIOUS]
    return node == visit
