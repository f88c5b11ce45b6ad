"""Assigns visits to stays all at once: the cheapest one-to-one assignment, not the greedy one.

Greedy choice gives the first of two neighbouring customers the stay that only the second could have explained.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

UNASSIGNED = -1


def cheapest_assignment(cost: FloatArray, *, unassigned_cost: float) -> NDArray[np.int64]:
    """Assign each row to at most one column and each column to at most one row at the least total cost.

    Shortest augmenting paths with potentials (Kuhn 1955, Naval Research Logistics Quarterly 2; in the form of
    Jonker and Volgenant 1987, Computing 38), in ``O(n² (n + m))``.

    Parameters
    ----------
    cost
        ``(n, m)``; infinity where a row and a column do not belong together.
    unassigned_cost
        What leaving a row without a column costs.

    Returns
    -------
    NDArray[np.int64]
        ``(n,)`` column of each row; `UNASSIGNED` where it has none.
    """
    rows, columns = cost.shape
    # Each row has a column of its own that stands for "none", so a full assignment always exists.
    padded = np.full((rows, columns + rows), np.inf)
    padded[:, :columns] = cost
    padded[np.arange(rows), columns + np.arange(rows)] = unassigned_cost
    row_potential, column_potential = np.zeros(rows), np.zeros(columns + rows)
    row_of = np.full(columns + rows, UNASSIGNED)
    for row in range(rows):
        _augment(padded, row, row_potential, column_potential, row_of)
    column_of = np.full(rows, UNASSIGNED)
    taken = np.flatnonzero(row_of[:columns] != UNASSIGNED)
    column_of[row_of[taken]] = taken
    return column_of


def _augment(
    cost: FloatArray,
    new_row: int,
    row_potential: FloatArray,
    column_potential: FloatArray,
    row_of: NDArray[np.int64],
) -> None:
    """Find a column for one more row by the cheapest chain of changes, and keep the potentials valid."""
    columns = cost.shape[1]
    reach = np.full(columns, np.inf)
    came_from = np.full(columns, UNASSIGNED)
    is_settled = np.zeros(columns, dtype=bool)
    row, column, distance = new_row, UNASSIGNED, 0.0
    while True:
        reduced = distance + cost[row] - row_potential[row] - column_potential
        is_shorter = ~is_settled & (reduced < reach)
        reach[is_shorter], came_from[is_shorter] = reduced[is_shorter], column
        column = int(np.argmin(np.where(is_settled, np.inf, reach)))
        distance = float(reach[column])
        is_settled[column] = True
        if row_of[column] == UNASSIGNED:
            break
        row = int(row_of[column])
    settled = np.flatnonzero(is_settled & (row_of != UNASSIGNED))
    row_potential[new_row] += distance
    row_potential[row_of[settled]] += distance - reach[settled]
    column_potential[settled] -= distance - reach[settled]
    while column != UNASSIGNED:
        before = int(came_from[column])
        row_of[column] = new_row if before == UNASSIGNED else row_of[before]
        column = before
