"""Decides how long the worker can have been at a place, as far as the track does not rule it out.

This is what makes "missed" a proof and not an absence of proof. A fix clearly outside the radius of a customer rules
presence out at its moment, and around it for as long as the way from there would take at a speed that nobody exceeds
(a space-time prism: Hägerstrand 1970, Papers of the Regional Science Association 24). Whatever no fix rules out is
open, before the first and after the last fix too.

Each fix rules out a time of its own, so taking fixes away can only leave more open, never less. A verdict of "missed"
that stands on this alone can therefore never come from missing data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_day import PlannedStop
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions

MILLISECONDS = 1000.0

_LONGEST_WAY_MS = 600_000.0
"""A fix that is believed but wrong shall not rule out hours."""


@dataclass(frozen=True, eq=False)
class PossiblePresence:
    """When the worker can have been at a customer: the stretches of time that no fix rules out.

    Parameters
    ----------
    from_ms, until_ms
        ``(w,)`` float64 Unix milliseconds, in order; a stretch that is ruled out altogether ends before it starts.
    nearest_m
        Metres from the customer to the nearest believed point; infinity where there is none.
    """

    from_ms: NDArray[np.float64]
    until_ms: NDArray[np.float64]
    nearest_m: float

    @property
    def longest_s(self) -> float:
        """Seconds of the longest stretch; 0 where every moment is ruled out."""
        return max(0.0, float((self.until_ms - self.from_ms).max())) / MILLISECONDS

    @property
    def when(self) -> str:
        """Where in the recording the longest stretch lies, in words."""
        longest, last = int(np.argmax(self.until_ms - self.from_ms)), len(self.from_ms) - 1
        if last == 0:
            return "at any time"
        if longest == 0:
            return "before the first fix elsewhere"
        return "after the last fix elsewhere" if longest == last else "between two fixes elsewhere"

    def longest_around_s(self, start_ms: int, end_ms: int) -> float:
        """Give the longest stretch that overlaps an interval.

        Parameters
        ----------
        start_ms, end_ms
            The interval, Unix milliseconds.

        Returns
        -------
        float
            Seconds; 0 where none overlaps it.
        """
        overlaps = (self.from_ms <= end_ms) & (self.until_ms >= start_ms)
        return max(0.0, float((self.until_ms - self.from_ms)[overlaps].max(initial=0.0))) / MILLISECONDS


def possible_presence(
    seen: SeenPoints, stop: PlannedStop, *, start_ms: int, end_ms: int, options: VisitOptions
) -> PossiblePresence:
    """Find when the worker can have been at a customer.

    Parameters
    ----------
    seen
        Believed points.
    stop
        The customer.
    start_ms, end_ms
        The working hours: presence outside them is nobody's business.
    options
        What a fix proves, and how fast one travels.

    Returns
    -------
    PossiblePresence
        The time that no fix rules out.
    """
    distance_m = seen.distances_m(stop.latitude_degrees, stop.longitude_degrees)
    clearance_m = distance_m - stop.radius_m - options.accuracy_factor * seen.accuracy_m
    elsewhere = np.flatnonzero(clearance_m > 0.0)
    way_ms = np.minimum(MILLISECONDS * clearance_m[elsewhere] / options.max_speed_mps, _LONGEST_WAY_MS)
    order = np.argsort(seen.time_ms[elsewhere] - way_ms)
    ruled_out_from_ms = (seen.time_ms[elsewhere] - way_ms)[order]
    ruled_out_until_ms = (seen.time_ms[elsewhere] + way_ms)[order]
    return PossiblePresence(
        from_ms=np.maximum.accumulate(np.concatenate([[float(start_ms)], ruled_out_until_ms])),
        until_ms=np.concatenate([ruled_out_from_ms, [float(end_ms)]]),
        nearest_m=float(distance_m.min(initial=np.inf)),
    )
