"""The answers of routing: one route with its path, or a travel matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TravelCost(NamedTuple):
    """What the fastest path between two places takes: ``duration_ms`` milliseconds and ``length_cm`` centimetres."""

    duration_ms: int
    length_cm: int


@dataclass(frozen=True, eq=False)
class Route:
    """The fastest path between two places.

    Parameters
    ----------
    duration_ms
        Travel time in milliseconds, turn costs included.
    length_cm
        Length in centimetres of that same path.
    edges
        ``(e,)`` int32 edges in order; at least one.
    first_fraction, last_fraction
        Where the path starts on its first edge and ends on its last, as shares of their lengths.
    """

    duration_ms: int
    length_cm: int
    edges: NDArray[np.int32]
    first_fraction: float
    last_fraction: float


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Travel times and distances between many places: entry ``[i, j]`` is from origin ``i`` to destination ``j``.

    Parameters
    ----------
    duration_ms
        ``(n, m)`` int32 milliseconds of the fastest path, turn costs included; ``-1`` where there is no path.
    length_cm
        ``(n, m)`` int32 centimetres of that same path (the shortest among equally fast ones); ``-1`` likewise.
    """

    duration_ms: NDArray[np.int32]
    length_cm: NDArray[np.int32]

    @property
    def reachable(self) -> NDArray[np.bool_]:
        """``(n, m)`` bool: whether there is a path."""
        return self.duration_ms >= 0
