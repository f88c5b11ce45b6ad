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

from geo.audit.planned_day import PlannedStop
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions

MILLISECONDS = 1000.0

_LONGEST_WAY_MS = 600_000.0
"""A fix that is believed but wrong shall not rule out hours."""


@dataclass(frozen=True)
class PossiblePresence:
    """The longest time that the worker can have been at a customer.

    Parameters
    ----------
    longest_s
        Its length in seconds; 0 where the track rules every moment out.
    when
        Where in the recording that time lies, in words.
    nearest_m
        Metres from the customer to the nearest believed point; infinity where there is none.
    """

    longest_s: float
    when: str
    nearest_m: float


def possible_presence(
    seen: SeenPoints, stop: PlannedStop, *, start_ms: int, end_ms: int, options: VisitOptions
) -> PossiblePresence:
    """Find how long the worker can have been at a customer.

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
        The longest time that no fix rules out.
    """
    distance_m = seen.distances_m(stop.latitude_degrees, stop.longitude_degrees)
    clearance_m = distance_m - stop.radius_m - options.accuracy_factor * seen.accuracy_m
    elsewhere = np.flatnonzero(clearance_m > 0.0)
    way_ms = np.minimum(MILLISECONDS * clearance_m[elsewhere] / options.max_speed_mps, _LONGEST_WAY_MS)
    order = np.argsort(seen.time_ms[elsewhere] - way_ms)
    ruled_out_from_ms = (seen.time_ms[elsewhere] - way_ms)[order]
    ruled_out_until_ms = (seen.time_ms[elsewhere] + way_ms)[order]
    open_from_ms = np.maximum.accumulate(np.concatenate([[start_ms], ruled_out_until_ms]))
    open_ms = np.concatenate([ruled_out_from_ms, [end_ms]]) - open_from_ms
    longest = int(np.argmax(open_ms))
    if len(elsewhere) == 0:
        when = "at any time"
    elif longest == 0:
        when = "before the first fix elsewhere"
    else:
        when = "after the last fix elsewhere" if longest == len(elsewhere) else "between two fixes elsewhere"
    return PossiblePresence(
        max(0.0, float(open_ms[longest])) / MILLISECONDS, when, float(distance_m.min(initial=np.inf))
    )
