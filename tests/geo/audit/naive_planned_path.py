"""Distances and progress along a path by trying every half metre of it: the oracle of the compiled loops."""

from __future__ import annotations

import numpy as np

from geo.audit.cell_corridor import densified
from geo.geodesy import chord_lengths_m, great_circles_m

STEP_M = 0.5


class NaivePath:
    """A line as a row of points half a metre apart."""

    def __init__(self, latitude: np.ndarray, longitude: np.ndarray) -> None:
        self.latitude, self.longitude = densified(latitude, longitude, STEP_M)
        self.along_m = np.append(0.0, np.cumsum(chord_lengths_m(self.latitude, self.longitude)))

    def distances_m(self, latitude: float, longitude: float) -> np.ndarray:
        """Metres from a position to every point of the row."""
        return great_circles_m(latitude, longitude, self.latitude, self.longitude)

    def passes(self, latitude: float, longitude: float, near_m: float) -> list[float]:
        """Metres along at the nearest place of every stretch that lies near."""
        distance_m = self.distances_m(latitude, longitude)
        bounds = np.flatnonzero(np.diff(np.concatenate([[False], distance_m <= near_m, [False]]).astype(int)))
        return [float(self.along_m[first + np.argmin(distance_m[first:end])]) for first, end in bounds.reshape(-1, 2)]


def naive_heaviest_ascent(positions: np.ndarray, along_m: np.ndarray, weight: np.ndarray) -> float:
    """Greatest weight of passes that never go back, one per position, by comparing every pair."""
    total = np.zeros(len(positions))
    for this in range(len(positions)):
        before = [
            total[other]
            for other in range(this)
            if positions[other] < positions[this] and along_m[other] <= along_m[this]
        ]
        total[this] = weight[positions[this]] + max(before, default=0.0)
    return float(total.max(initial=0.0))
