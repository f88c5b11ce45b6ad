"""A movement: where a simulated worker is at every moment, without any error of measurement."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import chord_lengths_m, great_circles_m

FloatArray = NDArray[np.float64]

_HALT_SHARE = 0.3
_MOST_WAITING = 0.35
"""At most this share of a leg is spent standing."""
_WALKING_MPS = 1.3


@dataclass
class Movement:
    """A movement that grows at its end.

    Parameters
    ----------
    time_s
        Unix seconds of the knots, ascending; between two knots the worker moves evenly.
    latitude_degrees, longitude_degrees
        Places of the knots.
    length_m
        Metres travelled by road: what an audit of the recorded track should find. The steps from the road to a
        customer's door are not in it.
    """

    time_s: list[float] = field(default_factory=list)
    latitude_degrees: list[float] = field(default_factory=list)
    longitude_degrees: list[float] = field(default_factory=list)
    length_m: float = 0.0

    @property
    def now_s(self) -> float:
        """Unix seconds at which the movement ends so far."""
        return self.time_s[-1]

    def begin(self, time_s: float, latitude_degrees: float, longitude_degrees: float) -> None:
        """Start at a place."""
        self._add(time_s, latitude_degrees, longitude_degrees)

    def travel(self, points: FloatArray, duration_s: float, *, halts: random.Random | None = None) -> None:
        """Go along a line.

        Parameters
        ----------
        points
            ``(p, 2)`` latitude and longitude in degrees.
        duration_s
            How long it takes, halts included.
        halts
            Where it is given, some points of the line cost a few seconds of standing, as lights and crossings do.
        """
        lengths_m = chord_lengths_m(points[:, 0], points[:, 1])
        waits_s = [halts.uniform(4.0, 20.0) if halts and halts.random() < _HALT_SHARE else 0.0 for _ in lengths_m]
        scale = min(1.0, _MOST_WAITING * duration_s / max(sum(waits_s), 1.0))
        moving_s = duration_s - scale * sum(waits_s)
        speed_mps = max(float(lengths_m.sum()) / moving_s, 0.1) if moving_s > 0 else _WALKING_MPS
        for (latitude, longitude), length_m, wait_s in zip(
            points[1:].tolist(), lengths_m.tolist(), waits_s, strict=True
        ):
            self._add(self.now_s + length_m / speed_mps, latitude, longitude)
            if wait_s:
                self.stay(wait_s * scale)
        self.length_m += float(lengths_m.sum())

    def step_to(self, latitude_degrees: float, longitude_degrees: float) -> None:
        """Walk a few steps off the road, to a door, or back."""
        far_m = float(
            great_circles_m(self.latitude_degrees[-1], self.longitude_degrees[-1], latitude_degrees, longitude_degrees)
        )
        self._add(self.now_s + far_m / _WALKING_MPS, latitude_degrees, longitude_degrees)

    def stay(self, duration_s: float) -> None:
        """Stand still at the place reached."""
        self._add(self.now_s + duration_s, self.latitude_degrees[-1], self.longitude_degrees[-1])

    def places_at(self, time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Tell where the worker is.

        Parameters
        ----------
        time_s
            ``(n,)`` Unix seconds.

        Returns
        -------
        tuple[FloatArray, FloatArray]
            Latitudes and longitudes in degrees.
        """
        return (
            np.interp(time_s, self.time_s, self.latitude_degrees),
            np.interp(time_s, self.time_s, self.longitude_degrees),
        )

    def _add(self, time_s: float, latitude_degrees: float, longitude_degrees: float) -> None:
        self.time_s.append(time_s)
        self.latitude_degrees.append(latitude_degrees)
        self.longitude_degrees.append(longitude_degrees)
