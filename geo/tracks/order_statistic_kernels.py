"""Finds the value at a rank, and the median, without sorting: numpy's own ways take seconds to compile."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def value_at_rank(values: NDArray[np.float64], count: int, rank: int) -> float:
    """Find the value that would stand at a rank if the values were sorted.

    By Hoare's algorithm 65, Find (1961, Communications of the ACM 4(7)), in linear time on average.

    Parameters
    ----------
    values
        ``(n,)``, none of them NaN; the first ones change places.
    count
        How many of them count, at least one.
    rank
        From 0 to ``count - 1``. What stands before this place afterwards is not greater, what stands behind not less.

    Returns
    -------
    float
        The value.
    """
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return float(values[rank])


@njit(nogil=True, cache=True)
def median(values: NDArray[np.float64], count: int) -> float:
    """Find the median, the mean of the middle two where their number is even.

    Parameters
    ----------
    values, count
        As in `value_at_rank`.

    Returns
    -------
    float
        The median.
    """
    upper = value_at_rank(values, count, count // 2)
    if count % 2 == 1:
        return upper
    lower = values[0]
    for place in range(1, count // 2):
        lower = max(lower, values[place])
    return float(0.5 * (lower + upper))
