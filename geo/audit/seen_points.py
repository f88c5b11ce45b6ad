"""The believed points of a track with what each can prove about where the worker was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay
from geo.tracks.track import Track

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeenPoints:
    """Believed points in order of time.

    Parameters
    ----------
    index
        ``(k,)`` int64 indices of the raw points.
    time_ms
        ``(k,)`` int64 Unix milliseconds, ascending.
    latitude_degrees, longitude_degrees
        ``(k,)`` float64.
    accuracy_m
        ``(k,)`` float64: 68 % radius, assumed where the device gave none.
    """

    index: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    latitude_degrees: FloatArray
    longitude_degrees: FloatArray
    accuracy_m: FloatArray

    @classmethod
    def of_track(cls, track: Track, keep: NDArray[np.bool_], options: VisitOptions) -> SeenPoints:
        """Take the believed points of a track.

        Parameters
        ----------
        track
            Raw points.
        keep
            ``(n,)`` bool: the points to believe.
        options
            What a fix is believed to be worth.

        Returns
        -------
        SeenPoints
            In order of time.
        """
        index = np.flatnonzero(keep)
        accuracy_m = np.nan_to_num(track.accuracy_m[index], nan=options.assumed_accuracy_m)
        return cls(
            index,
            track.time_ms[index],
            track.latitude_degrees[index],
            track.longitude_degrees[index],
            np.maximum(accuracy_m, options.best_accuracy_m),
        )

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.index)

    def distances_m(self, latitude_degrees: float, longitude_degrees: float) -> FloatArray:
        """Metres from each point to a place.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            The place.

        Returns
        -------
        FloatArray
            ``(k,)``.
        """
        return great_circles_m(latitude_degrees, longitude_degrees, self.latitude_degrees, self.longitude_degrees)

    def within(self, stay: Stay) -> slice:
        """Where the points of a stay are.

        Parameters
        ----------
        stay
            A stay of the same track.

        Returns
        -------
        slice
            Of the arrays here.
        """
        first, end = np.searchsorted(self.index, [stay.first_point, stay.last_point + 1])
        return slice(int(first), int(end))
