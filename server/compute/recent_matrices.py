"""Remembers the last travel matrices of one network: whoever checks a plan asks again soon."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from geo.routing.positions import RoadPositions
from optimizer.problem import TravelMatrix

MOST_BYTES = 64_000_000
"""Of all that is kept for one network: the matrices of some ten days of 500 visits; larger ones than this are not."""


class RecentMatrices:
    """Travel matrices by the places that they are between. Several threads may ask at once."""

    def __init__(self) -> None:
        self._matrices: OrderedDict[bytes, TravelMatrix] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, positions: RoadPositions, compute: Callable[[], TravelMatrix]) -> TravelMatrix:
        """Return the matrix between some places, computed now or before; nobody may change it.

        Parameters
        ----------
        positions
            The places.
        compute
            Computes it.

        Returns
        -------
        TravelMatrix
            Read-only arrays.
        """
        key = blake2b(
            positions.edge.tobytes() + positions.fraction.tobytes() + bytes([positions.one_direction])
        ).digest()
        with self._lock:
            known = self._matrices.get(key)
            if known is not None:
                self._matrices.move_to_end(key)
                return known
        matrix = compute()
        for values in (matrix.duration_s, matrix.distance_m, matrix.reachable):
            values.flags.writeable = False
        with self._lock:
            if key not in self._matrices and _bytes_of(matrix) <= MOST_BYTES:
                self._matrices[key] = matrix
                self._bytes += _bytes_of(matrix)
            while self._bytes > MOST_BYTES:
                _, oldest = self._matrices.popitem(last=False)
                self._bytes -= _bytes_of(oldest)
        return matrix


def _bytes_of(matrix: TravelMatrix) -> int:
    return matrix.duration_s.nbytes + matrix.distance_m.nbytes + matrix.reachable.nbytes
