"""A simulated GPS receiver: what a phone would have recorded of a movement.

The error of a position is the sum of a slow part, which wanders as reflections from houses do (a first-order
autoregressive process), and a fast white part. The device's own estimate of its accuracy is near the truth, not exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import bearing_degrees, chord_lengths_m, places_at
from geo.tracks.track import Track
from server.demo.movement import Movement

FloatArray = NDArray[np.float64]
_SLOWEST_WITH_BEARING_MPS = 0.5


@dataclass(frozen=True)
class Receiver:
    """How good the receiver is.

    Parameters
    ----------
    interval_s
        Seconds between fixes.
    slow_sigma_m, slow_time_s
        Standard deviation per axis of the slow part of the error, and how long it takes to change.
    white_sigma_m
        Standard deviation per axis of the fast part.
    """

    interval_s: float = 5.0
    slow_sigma_m: float = 3.5
    slow_time_s: float = 90.0
    white_sigma_m: float = 1.5

    def record(self, movement: Movement, noise: np.random.Generator) -> Track:
        """Record a movement from its start to its end.

        Parameters
        ----------
        movement
            Where the worker really was.
        noise
            Source of the errors.

        Returns
        -------
        Track
            One point per interval.
        """
        time_s = np.arange(movement.time_s[0], movement.now_s, self.interval_s)
        latitude, longitude = movement.places_at(time_s)
        count = len(time_s)
        east_m, north_m = self._errors_m(count, noise), self._errors_m(count, noise)
        seen_latitude, seen_longitude = places_at(float(latitude[0]), 0.0, east_m=east_m, north_m=north_m)
        speed_mps, bearing = _speed_and_bearing(latitude, longitude, self.interval_s)
        sigma_m = math.hypot(self.slow_sigma_m, self.white_sigma_m)
        return Track(
            time_ms=np.round(time_s * 1000).astype(np.int64),
            latitude_degrees=latitude + seen_latitude - latitude[0],
            longitude_degrees=longitude + seen_longitude,
            accuracy_m=np.round(sigma_m * noise.lognormal(0.25, 0.2, count), 1),
            speed_mps=(speed_mps + noise.normal(0.0, 0.2, count)).clip(0.0).round(2),
            bearing_degrees=np.round(bearing, 1),
        )

    def _errors_m(self, count: int, noise: np.random.Generator) -> FloatArray:
        keep = math.exp(-self.interval_s / self.slow_time_s)
        steps = noise.normal(0.0, self.slow_sigma_m, count)
        slow = np.empty(count)
        slow[0] = steps[0]
        for index in range(1, count):
            slow[index] = keep * slow[index - 1] + math.sqrt(1.0 - keep * keep) * steps[index]
        return slow + noise.normal(0.0, self.white_sigma_m, count)


def _speed_and_bearing(latitude: FloatArray, longitude: FloatArray, interval_s: float) -> tuple[FloatArray, FloatArray]:
    """Speed and direction of the true movement after each fix; no direction while standing."""
    speed_mps = np.append(chord_lengths_m(latitude, longitude), 0.0) / interval_s
    bearing = np.full(len(latitude), np.nan)
    for index in np.flatnonzero(speed_mps >= _SLOWEST_WITH_BEARING_MPS).tolist():
        bearing[index] = bearing_degrees(latitude[index], longitude[index], latitude[index + 1], longitude[index + 1])
    return speed_mps, bearing
