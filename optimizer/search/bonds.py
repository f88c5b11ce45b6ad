"""Lays out which visits must be together, apart, or in an order, as the kernels of the search read it."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem
from optimizer.search.search_data import (
    AHEAD,
    APART,
    BEHIND,
    DIRECTLY_AHEAD,
    DIRECTLY_BEHIND,
    TOGETHER,
)

_END = (-1, -1)


def bonds_of(problem: Problem) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """List the bonds of each visit.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    first_bonds
        ``(visits,)`` int64: the row with the first bond of each visit, -1 if it has none.
    bonds
        ``(k, 2)`` int32 as in `optimizer.search.search_data.SearchData`.
    """
    kinds: set[tuple[int, int, int]] = set()
    for group in problem.same_worker_groups:
        kinds |= {(one, other, TOGETHER) for one, other in permutations(group, 2)}
    for group in problem.separate_groups:
        kinds |= {(one, other, APART) for one, other in permutations(group, 2)}
    for sequence in problem.sequences:
        for one, other in combinations(sequence.visits, 2):
            kinds |= {(one, other, AHEAD), (other, one, BEHIND)}
        if sequence.is_direct:
            for one, other in pairwise(sequence.visits):
                kinds |= {(one, other, DIRECTLY_AHEAD), (other, one, DIRECTLY_BEHIND)}
    first_bonds = np.full(len(problem.visits), -1, np.int64)
    rows: list[tuple[int, int]] = []
    before = -1
    for visit, other, kind in sorted(kinds):
        if visit != before:
            rows += [_END] if rows else []
            first_bonds[visit] = len(rows)
            before = visit
        rows.append((other, kind))
    rows += [_END] if rows else []
    return first_bonds, np.array(rows, np.int32).reshape(-1, 2)
