"""Travel cost as one integer: what "fastest, and the shortest among equally fast" means to every algorithm here.

A *key* is ``duration_ms · 2³² + length_cm`` in one int64. Sums of keys are keys of sums, and comparing two keys
compares the durations first and the lengths second. So one addition and one comparison serve both numbers, they are
exact, and two algorithms must agree to the last digit.

Limits: a path is shorter than 2³¹ cm (21,474 km) and 2²⁹ ms (6.2 days); `NO_PATH` stands above every real key, and
the sum of three keys, each at most `NO_PATH`, still fits an int64.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

LENGTH_BITS = 32
LENGTH_MASK = (1 << LENGTH_BITS) - 1
NO_PATH = 1 << 61


def pack_keys(duration_ms: NDArray[np.integer], length_cm: NDArray[np.integer]) -> NDArray[np.int64]:
    """Pack durations and lengths into keys.

    Parameters
    ----------
    duration_ms, length_cm
        Arrays of one shape, any integer type, not negative.

    Returns
    -------
    NDArray[np.int64]
        Keys of the same shape.
    """
    return (duration_ms.astype(np.int64) << LENGTH_BITS) + length_cm.astype(np.int64)


def unpack_keys(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Unpack keys into durations and lengths.

    Parameters
    ----------
    keys
        Keys of any shape.

    Returns
    -------
    tuple
        ``duration_ms`` and ``length_cm``, int32 of the same shape; ``-1`` in both where there is no path.
    """
    reachable = keys < NO_PATH
    duration_ms = np.where(reachable, keys >> LENGTH_BITS, -1).astype(np.int32)
    length_cm = np.where(reachable, keys & LENGTH_MASK, -1).astype(np.int32)
    return duration_ms, length_cm


@njit(nogil=True, cache=True)
def partial_key(key: int, fraction: float) -> int:
    """Key of the first part of an edge, rounded to whole milliseconds and centimetres.

    Parameters
    ----------
    key
        Key of the whole edge.
    fraction
        Share of the edge's length, in [0, 1].

    Returns
    -------
    int
        Key of the part; the rest of the edge is the difference, so that parts always add up to the edge.
    """
    duration_ms = int(np.floor(fraction * (key >> LENGTH_BITS) + 0.5))
    length_cm = int(np.floor(fraction * (key & LENGTH_MASK) + 0.5))
    return (duration_ms << LENGTH_BITS) + length_cm
