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

    def progress(
        self, latitude: np.ndarray, longitude: np.ndarray, travelled_m: np.ndarray, limits: dict[str, float]
    ) -> list[float]:
        """Follow a journey by the rule that `follow_path` documents."""
        progress_m, last_m, answers = 0.0, 0.0, []
        for place in range(len(latitude)):
            distance_m = self.distances_m(latitude[place], longitude[place])
            end_m = progress_m + limits["ahead_factor"] * (travelled_m[place] - last_m) + limits["ahead_m"]
            near = distance_m <= limits["near_m"]
            reachable = (self.along_m >= progress_m - limits["back_m"]) & (self.along_m <= end_m)
            if (near & reachable).any():
                chosen = np.flatnonzero(reachable)[np.argmin(distance_m[reachable])]
            elif (near & (self.along_m > end_m)).any():
                first = np.flatnonzero(near & (self.along_m > end_m))[0]
                later_far = np.flatnonzero(~near[first:])
                end = first + (later_far[0] if len(later_far) else len(near) - first)
                chosen = first + np.argmin(distance_m[first:end])
            else:
                answers.append(np.nan)
                continue
            answers.append(float(self.along_m[chosen]))
            progress_m, last_m = max(progress_m, answers[-1]), travelled_m[place]
        return answers
