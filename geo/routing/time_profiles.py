"""How speeds depend on the hour of the week and the class of the road.

A *time profile* has one factor per hour of the week and road class: a road is driven at its own speed times the factor.
Factors are given by the caller or learnt from driven roads (`geo.routing.learnt_speeds`). `geo.routing.slot_travel`
travels through several hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadClass
from geo.routing.speed_overlay import require_factors

HOURS_OF_DAY = 24
HOURS_OF_WEEK = 7 * HOURS_OF_DAY
FACTOR_COUNTS = (1, HOURS_OF_DAY, HOURS_OF_WEEK)
"""How many factors a class may be given by: one for all hours, one per hour of the day, or one per hour of the week."""

_HOUR_MS = 3_600_000


@dataclass(frozen=True, eq=False)
class SpeedSlot:
    """A time in which speeds stay as they are.

    Parameters
    ----------
    end_ms
        Milliseconds from a departure to its end; infinite where speeds never change again.
    factors
        ``(26,)`` float64 speed factors by `RoadClass`.
    """

    end_ms: float
    factors: NDArray[np.float64]


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

    @classmethod
    def of_classes(cls, factors: Mapping[RoadClass, Sequence[float]]) -> TimeProfile:
        """Make a profile of the factors of some classes; the others keep the speeds of the network.

        Parameters
        ----------
        factors
            By class: one factor for all hours, 24 from midnight on for every day, or 168 from Monday's midnight on.

        Returns
        -------
        TimeProfile
            The profile.
        """
        table = np.ones((HOURS_OF_WEEK, len(RoadClass)))
        for road_class, given in factors.items():
            table[:, road_class] = np.tile(given, HOURS_OF_WEEK // len(given))
        return cls(table)

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

    def slots_from(self, when: datetime) -> Iterator[SpeedSlot]:
        """Go through the week from a departure on; hours with the same speeds are one slot.

        Parameters
        ----------
        when
            The departure in local time. An hour that a clock is changed by is not looked for.

        Yields
        ------
        SpeedSlot
            In order of time. The last never ends: after a week, speeds stay as they are.
        """
        first = hour_of_week(when)
        in_hour_ms = (when.minute * 60 + when.second) * 1000 + when.microsecond // 1000
        hours = [(first + later) % HOURS_OF_WEEK for later in range(HOURS_OF_WEEK + 1)]
        for later in range(HOURS_OF_WEEK):
            here, following = self.factors[hours[later]], self.factors[hours[later + 1]]
            if not np.array_equal(here, following):
                yield SpeedSlot((later + 1) * _HOUR_MS - in_hour_ms, here)
        yield SpeedSlot(math.inf, self.factors[hours[-1]])


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
    return when.weekday() * HOURS_OF_DAY + when.hour
