"""How speeds depend on the hour of the week, and travel times that stay fair when the hour changes on the way.

A *time profile* has one factor per hour of the week and road class: a road is driven at its own speed times the factor.
Factors are given by the caller or learnt from driven edges.

With speeds that change by the hour, "the duration at the departure hour" breaks a rule that every planner relies on:
who departs later must not arrive earlier (FIFO). `SlotMatrices` keeps it with the model of Ichoua, Gendreau and Potvin
(2003, "Vehicle dispatching with time-dependent travel times", doi 10.1016/S0377-2217(02)00147-9, section 3): a way is
driven at the speed of each slot for as long as that slot lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation
from geo.roads.network import RoadClass, RoadNetwork
from geo.routing.speed_overlay import require_factors

HOURS_OF_WEEK = 7 * 24
PRIOR_DRIVE_S = 600.0
"""How much driving at the network's own speed is added to what was observed: little evidence moves a factor little."""

ROUNDING_MS = 1e-6
"""Less than this above a whole millisecond is an error of floating point, not a later arrival."""


@dataclass(frozen=True, eq=False)
class TimeProfile:
    """Speed factors by hour of the week.

    Parameters
    ----------
    factors
        ``(168, 26)`` float64: hour of the week (0 is Monday 00:00-01:00, local time) by `RoadClass`; 0.5 means half as
        fast as the network says. Positive and finite.
    """

    factors: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse factors that are no speeds."""
        require_factors(self.factors, (HOURS_OF_WEEK, len(RoadClass)))

    def factors_at(self, when: datetime) -> NDArray[np.float64]:
        """Return the factors of one hour.

        Parameters
        ----------
        when
            A moment in local time.

        Returns
        -------
        NDArray[np.float64]
            ``(26,)`` by `RoadClass`.
        """
        factors: NDArray[np.float64] = self.factors[hour_of_week(when)]
        return factors


def hour_of_week(when: datetime) -> int:
    """Return the number of an hour in its week.

    Parameters
    ----------
    when
        A moment in local time.

    Returns
    -------
    int
        0 (Monday 00:00-01:00) to 167.
    """
    return when.weekday() * 24 + when.hour


def learn_time_profile(
    network: RoadNetwork,
    edges: NDArray[np.integer],
    hours: NDArray[np.integer],
    driven_s: NDArray[np.float64],
) -> TimeProfile:
    """Learn speed factors from edges that were driven from end to end, for example those of matched tracks.

    The factor of an hour and class is ``(expected + prior) / (driven + prior)``: the time that the network expects for
    all its observations over the time they took, with `PRIOR_DRIVE_S` of driving as expected added to both.

    Parameters
    ----------
    network
        The road network.
    edges
        ``(k,)`` driven edges.
    hours
        ``(k,)`` hour of the week of each.
    driven_s
        ``(k,)`` seconds that each took.

    Returns
    -------
    TimeProfile
        The profile; 1 where nothing was observed.

    Raises
    ------
    InvalidGeoInputError
        An observation is impossible; all of them are named.
    """
    rules = (
        ("edges", (edges >= 0) & (edges < network.edge_count), "must be an edge of the network"),
        ("hours", (hours >= 0) & (hours < HOURS_OF_WEEK), f"must be 0 to {HOURS_OF_WEEK - 1}"),
        ("driven_s", np.isfinite(driven_s) & (driven_s > 0), "must be positive and finite"),
    )
    violations = [Violation(f"{name}[{index}]", rule) for name, good, rule in rules for index in np.flatnonzero(~good)]
    if violations:
        raise InvalidGeoInputError(tuple(violations))
    expected_s, observed_s = (np.full((HOURS_OF_WEEK, len(RoadClass)), PRIOR_DRIVE_S) for _ in range(2))
    cell = (hours, network.edge_road_class[edges])
    np.add.at(expected_s, cell, network.edge_duration_ms[edges] / 1000)
    np.add.at(observed_s, cell, driven_s)
    return TimeProfile(expected_s / observed_s)


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
