"""Travel times that stay fair when speeds change on the way.

With speeds that change by the hour, "the duration at the departure hour" breaks a rule that every planner relies on:
who departs later must not arrive earlier (FIFO). `SlotTravel` keeps it with the model of Ichoua, Gendreau and Potvin
(2003, "Vehicle dispatching with time-dependent travel times", doi 10.1016/S0377-2217(02)00147-9, section 3): a way is
driven at the speed of each slot for as long as that slot lasts. A way here is a duration, not a path: in each slot it
is the fastest of that slot. `geo.routing.slot_route` finds one path to drive.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.routing.positions import RoadPositions
from geo.routing.route import TravelMatrix
from geo.routing.router import Router

ROUNDING_MS = 1e-6
"""Less than this above a whole millisecond is an error of floating point, not a later arrival."""

_MOST_MS = np.iinfo(np.int32).max


class SlotTravel:
    """Travellers under way, taken from slot to slot, ``k`` of them.

    Parameters
    ----------
    departure_ms
        ``(k,)`` when each departs, on any clock.
    """

    def __init__(self, departure_ms: NDArray[np.integer]) -> None:
        self._now_ms = departure_ms.astype(np.float64)
        self._share_left = np.ones(len(departure_ms))
        self._is_under_way = np.ones(len(departure_ms), np.bool_)

    def drive(self, full_ms: NDArray[np.integer], end_ms: float) -> NDArray[np.bool_]:
        """Let everybody who is under way drive until a slot ends.

        Parameters
        ----------
        full_ms
            ``(k,)`` what each way would take if the slot lasted for ever; ``-1`` where there is no way in it: there the
            traveller waits.
        end_ms
            When the slot ends. The first one also holds before its start; each further one begins with this end.

        Returns
        -------
        NDArray[np.bool_]
            ``(k,)`` who is on a way still and has not arrived: those that wait are not.
        """
        is_open = self._is_under_way & (full_ms >= 0)
        needed_ms = np.where(is_open, self._share_left * full_ms, np.inf)
        arrives = is_open & (self._now_ms + needed_ms <= end_ms)
        self._now_ms[arrives] += needed_ms[arrives]
        self._is_under_way &= ~arrives
        drives_on = is_open & ~arrives & (self._now_ms < end_ms)
        self._share_left[drives_on] -= (end_ms - self._now_ms[drives_on]) / full_ms[drives_on]
        self._now_ms[self._is_under_way] = np.maximum(self._now_ms[self._is_under_way], end_ms)
        return is_open & ~arrives

    def arrival_ms(self) -> NDArray[np.int64]:
        """Return when travellers arrive.

        Returns
        -------
        NDArray[np.int64]
            ``(k,)`` arrivals, rounded up to whole milliseconds; ``-1`` for who has not arrived. Never earlier for a
            later departure.
        """
        rounded = np.ceil(np.where(self._is_under_way, 0.0, self._now_ms) - ROUNDING_MS)
        return np.where(self._is_under_way, -1, rounded).astype(np.int64)


def matrix_over_slots(
    slots: Iterable[tuple[float, Router]], origins: RoadPositions, destinations: RoadPositions
) -> TravelMatrix:
    """Find travel times of a departure whose travellers may be on the way when speeds change.

    Parameters
    ----------
    slots
        At least one, from the departure on: milliseconds from the departure to its end, and the router of its speeds.
        The last one never ends. No more are asked for than the longest way needs.
    origins, destinations
        ``n`` and ``m`` places on the network of the routers.

    Returns
    -------
    TravelMatrix
        ``(n, m)``: durations as by `SlotTravel`, and lengths of the ways that are fastest in the first slot; ``-1``
        where there is no way.
    """
    shape = len(origins), len(destinations)
    travel = SlotTravel(np.zeros(shape[0] * shape[1], np.int64))
    length_cm: NDArray[np.int32] | None = None
    for end_ms, router in slots:
        matrix = router.travel_matrix(origins, destinations)
        if length_cm is None and end_ms == np.inf:
            return matrix
        length_cm = matrix.length_cm if length_cm is None else length_cm
        if not travel.drive(matrix.duration_ms.ravel(), end_ms).any():
            break
    if length_cm is None:
        raise InvalidGeoInputError((Violation("slots", ViolationCode.REQUIRED, "must be at least one"),))
    duration_ms = np.minimum(travel.arrival_ms(), _MOST_MS).astype(np.int32)
    return TravelMatrix(duration_ms.reshape(shape), length_cm)
