"""Travel times that stay fair when speeds change on the way.

With speeds that change by the hour, "the duration at the departure hour" breaks a rule that every planner relies on:
who departs later must not arrive earlier (FIFO). `SlotMatrices` keeps it with the model of Ichoua, Gendreau and Potvin
(2003, "Vehicle dispatching with time-dependent travel times", doi 10.1016/S0377-2217(02)00147-9, section 3): a way is
driven at the speed of each slot for as long as that slot lasts. A way here is a duration, not a path: in each slot it
is the fastest of that slot. `geo.routing.slot_route` finds one path to drive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation
from geo.routing.positions import RoadPositions
from geo.routing.route import TravelMatrix
from geo.routing.router import Router

ROUNDING_MS = 1e-6
"""Less than this above a whole millisecond is an error of floating point, not a later arrival."""

_MOST_MS = np.iinfo(np.int32).max


@dataclass(frozen=True, eq=False)
class SlotMatrices:
    """Travel times by departure slot, ``h`` slots over ``n`` origins and ``m`` destinations.

    Parameters
    ----------
    slot_start_ms
        ``(h,)`` int64 ascending: when each slot begins, on any clock; the first also holds before its start, the last
        for ever.
    duration_ms
        ``(h, n, m)`` int32: what the way would take if the slot lasted for ever; ``-1`` where there is no way then.
    """

    slot_start_ms: NDArray[np.int64]
    duration_ms: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Refuse slots that are not in order."""
        if self.duration_ms.ndim != len(("slot", "origin", "destination")):
            rule = f"must have three dimensions (got {self.duration_ms.ndim})"
            raise InvalidGeoInputError((Violation("duration_ms", rule),))
        if len(self.slot_start_ms) != len(self.duration_ms) or np.any(np.diff(self.slot_start_ms) <= 0):
            rule = f"must be {len(self.duration_ms)} ascending times, one per slot"
            raise InvalidGeoInputError((Violation("slot_start_ms", rule),))

    def arrival_ms(
        self, origins: NDArray[np.integer], destinations: NDArray[np.integer], departure_ms: NDArray[np.integer]
    ) -> NDArray[np.int64]:
        """Find when travellers arrive, each driving at the speed of every slot while it lasts.

        Parameters
        ----------
        origins, destinations
            ``(k,)`` rows and columns.
        departure_ms
            ``(k,)`` departures on the clock of the slots.

        Returns
        -------
        NDArray[np.int64]
            ``(k,)`` arrivals, rounded up to whole milliseconds; ``-1`` where no slot to come has a way. Never earlier
            for a later departure. While a slot has no way, the traveller waits.
        """
        now = departure_ms.astype(np.float64)
        share_left = np.ones(len(now))
        is_under_way = np.ones(len(now), np.bool_)
        slot_end_ms = np.append(self.slot_start_ms[1:], np.inf)
        for slot, end_ms in enumerate(slot_end_ms):
            full_ms = self.duration_ms[slot, origins, destinations].astype(np.float64)
            is_open = is_under_way & (full_ms >= 0)
            needed_ms = np.where(is_open, share_left * full_ms, np.inf)
            arrives = is_open & (now + needed_ms <= end_ms)
            now[arrives] += needed_ms[arrives]
            share_left[arrives] = 0.0
            is_under_way &= ~arrives
            drives_on = is_open & ~arrives & (now < end_ms)
            share_left[drives_on] -= (end_ms - now[drives_on]) / full_ms[drives_on]
            now[is_under_way] = np.maximum(now[is_under_way], end_ms)
        return np.where(is_under_way, -1, np.ceil(np.where(is_under_way, 0.0, now) - ROUNDING_MS)).astype(np.int64)


def matrix_over_slots(
    slots: Iterable[tuple[float, Router]], origins: RoadPositions, destinations: RoadPositions
) -> TravelMatrix:
    """Find travel times of a departure whose travellers may be on the way when speeds change.

    Parameters
    ----------
    slots
        At least one, from the departure on: milliseconds from the departure to its end, and the router of its speeds.
        The last one is taken to last for ever. No more are asked for than the longest way needs.
    origins, destinations
        ``n`` and ``m`` places on the network of the routers.

    Returns
    -------
    TravelMatrix
        ``(n, m)``: durations as by `SlotMatrices`, and lengths of the ways that are fastest in the first slot; ``-1``
        where there is no way.
    """
    rows, columns = np.indices((len(origins), len(destinations)))
    starts_ms, durations_ms = [0], []
    length_cm: NDArray[np.int32] | None = None
    arrival_ms = np.empty(0, np.int64)
    for end_ms, router in slots:
        matrix = router.travel_matrix(origins, destinations)
        durations_ms.append(matrix.duration_ms)
        length_cm = matrix.length_cm if length_cm is None else length_cm
        travel = SlotMatrices(np.array(starts_ms), np.stack(durations_ms))
        arrival_ms = travel.arrival_ms(rows.ravel(), columns.ravel(), np.zeros(rows.size, np.int64))
        if np.all(arrival_ms <= end_ms):
            break
        starts_ms.append(int(end_ms))
    if length_cm is None:
        raise InvalidGeoInputError((Violation("slots", "must be at least one"),))
    return TravelMatrix(np.minimum(arrival_ms, _MOST_MS).astype(np.int32).reshape(rows.shape), length_cm)
