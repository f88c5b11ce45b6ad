"""Lays out which visits must be together, apart, or in an order, as the kernels of the search read it."""

from __future__ import annotations

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

_END = -1
_KINDS = 8
"""More than there are kinds of bonds."""


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
    count = len(problem.visits)
    found = [np.empty(0, np.int64)]
    found += [_keys(*_all_pairs(group), TOGETHER, count) for group in problem.same_worker_groups]
    found += [_keys(*_all_pairs(group), APART, count) for group in problem.separate_groups]
    for sequence in problem.sequences:
        visits = np.array(sequence.visits, np.int64)
        first, second = np.triu_indices(len(visits), 1)
        steps = [(visits[first], visits[second], AHEAD, BEHIND)]
        if sequence.is_direct:
            steps.append((visits[:-1], visits[1:], DIRECTLY_AHEAD, DIRECTLY_BEHIND))
        for before, after, ahead, behind in steps:
            found += [_keys(before, after, ahead, count), _keys(after, before, behind, count)]
    return _rows(np.unique(np.concatenate(found)), count)


def _all_pairs(group: frozenset[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each visit of a group with each other one, in both directions."""
    visits = np.array(sorted(group), np.int64)
    one, other = np.repeat(visits, len(visits)), np.tile(visits, len(visits))
    return one[one != other], other[one != other]


def _keys(one: NDArray[np.int64], other: NDArray[np.int64], kind: int, count: int) -> NDArray[np.int64]:
    """Write bonds as numbers that are in order of visit, other visit and kind."""
    keys: NDArray[np.int64] = (one * count + other) * _KINDS + kind
    return keys


def _rows(keys: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Lay bonds in order out visit by visit, each closed by an end."""
    visits, others = np.divmod(keys // _KINDS, count)
    bound, first = np.unique(visits, return_index=True)
    first_bonds = np.full(count, -1, np.int64)
    first_bonds[bound] = first + np.arange(len(bound))
    bonds = np.full((len(keys) + len(bound), 2), _END, np.int32)
    places = np.arange(len(keys)) + np.searchsorted(bound, visits)
    bonds[places, 0], bonds[places, 1] = others, keys % _KINDS
    return first_bonds, bonds
