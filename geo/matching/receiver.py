"""What is known of the errors of the receiver that records a track: their white part, and their slow part.

The matcher measures both on the track that it is given. Who knows the receiver already, from the points before these or
from the day before, says so, and the matcher weighs what it was told with what it sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_OBSERVATIONS = 1e15
"""Enough to outweigh any track, and still a number that sums can be taken of."""


@dataclass(frozen=True)
class ReceiverError:
    """Standard deviations per axis of a receiver's position error, and from how much they are known.

    Parameters
    ----------
    white_m, points
        The part that differs from fix to fix (NaN where it is not known), and the number of fixes that say so; infinite
        where it is certain.
    drift_m, observations
        The part that stays for a while (NaN where it is not known), and the number of observations that say so.
    """

    white_m: float = math.nan
    points: float = 0.0
    drift_m: float = math.nan
    observations: float = 0.0

    @classmethod
    def known(cls, *, white_m: float, drift_m: float) -> ReceiverError:
        """Return errors that are certain: no track changes them.

        Parameters
        ----------
        white_m, drift_m
            Metres.

        Returns
        -------
        ReceiverError
            Known from infinitely many fixes.
        """
        return cls(white_m, math.inf, drift_m, math.inf)

    def white_with(self, measured_m: float, points: int) -> float:
        """White noise by all that is known: the mean of what was known and what was measured, by numbers of fixes.

        Parameters
        ----------
        measured_m, points
            What was measured now (NaN: nothing), on so many fixes.

        Returns
        -------
        float
            Metres; NaN where neither is known.
        """
        if math.isnan(self.white_m) or not self.points:
            return measured_m
        if math.isnan(measured_m) or math.isinf(self.points):
            return self.white_m
        return (self.white_m * self.points + measured_m * points) / (self.points + points)

    def after(self, seen: ReceiverError, share: float) -> ReceiverError:
        """Return what is known once a part of the fixes that were seen is forgotten, and only its errors remembered.

        Parameters
        ----------
        seen
            What was known in view of all fixes, these errors among them.
        share
            Which share of the fixes is forgotten.

        Returns
        -------
        ReceiverError
            The errors of all that is forgotten.
        """
        return ReceiverError(
            white_m=seen.white_m,
            points=self.points + share * _more(seen.points, self.points),
            drift_m=seen.drift_m,
            observations=self.observations + share * _more(seen.observations, self.observations),
        )


def _more(now: float, before: float) -> float:
    return 0.0 if math.isinf(before) else now - before


UNKNOWN_RECEIVER = ReceiverError()
"""Nothing is known but what a track itself shows."""
