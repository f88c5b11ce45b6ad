"""A track: what one worker's device recorded on one day, exactly as it came. Raw points are never changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class DropReason(IntEnum):
    """Why a recorded point was not believed."""

    NONE = 0
    NOT_FINITE = 1
    """A coordinate that is no number, or no place on the earth."""
    OUT_OF_ORDER = 2
    DUPLICATE_TIME = 3
    POOR_ACCURACY = 4
    TELEPORT = 5
    """No vehicle of the profile could have been there and at its neighbours in the time between."""
    SPIKE = 6
    """A single point far aside, with neighbours that agree with each other."""


@dataclass(frozen=True, eq=False)
class Track:
    """Recorded points of one worker and day, WGS-84, in order of time.

    Parameters
    ----------
    time_ms
        ``(n,)`` int64 Unix milliseconds of the fix, UTC.
    latitude_degrees, longitude_degrees
        ``(n,)`` float64.
    accuracy_m
        ``(n,)`` float64: the device's own estimate of its error (68 % radius); NaN where it gave none.
    speed_mps, bearing_degrees
        ``(n,)`` float64: as given by the device, clockwise from north; NaN where it gave none.
    """

    time_ms: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    bearing_degrees: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.time_ms)
