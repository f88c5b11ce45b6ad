"""The planned path as a line that distances and progress can be measured on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_path_kernels import PathLine, heaviest_ascent, nearest_on_path, passes_near
from geo.geodesy import chord_lengths_m

FloatArray = NDArray[np.float64]

SHORTEST_LINE = 2

_NEAR_M = 40.0


@dataclass(frozen=True, eq=False)
class PlannedPath:
    """The line of the planned route.

    Parameters
    ----------
    line
        Its points and metres along it; fewer than two points where the plan has no path.
    """

    line: PathLine

    @classmethod
    def through(cls, latitude_degrees: FloatArray, longitude_degrees: FloatArray) -> PlannedPath:
        """Make the path through some points.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(p,)`` WGS-84 degrees.

        Returns
        -------
        PlannedPath
            With metres along it as great circles from point to point.
        """
        latitude = np.ascontiguousarray(latitude_degrees, np.float64)
        longitude = np.ascontiguousarray(longitude_degrees, np.float64)
        steps_m = chord_lengths_m(latitude, longitude)
        along_m = np.concatenate([np.zeros(min(1, len(latitude))), np.cumsum(steps_m)])
        return cls(PathLine(latitude, longitude, along_m))

    @property
    def is_known(self) -> bool:
        """Whether there is a line at all."""
        return len(self.line.along_m) >= SHORTEST_LINE

    def nearest(self, latitude_degrees: FloatArray, longitude_degrees: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find the nearest place on the path for each position.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` finite WGS-84 degrees.

        Returns
        -------
        tuple[FloatArray, FloatArray]
            ``(n,)`` metres to that place and ``(n,)`` metres along the path there; infinity and NaN without a path.
        """
        distance_m, along_m = np.full(len(latitude_degrees), np.inf), np.full(len(latitude_degrees), np.nan)
        if self.is_known:
            nearest_on_path(self.line, *_contiguous(latitude_degrees, longitude_degrees), distance_m, along_m)
        return distance_m, along_m

    def progress(self, latitude_degrees: FloatArray, longitude_degrees: FloatArray, length_m: FloatArray) -> FloatArray:
        """Say how far along the path a journey has come at each of its positions.

        A path may use a road twice, and a detour may cross a later part of it, so the nearest place alone does not say
        how far the journey has come. Among all ways to read it as progress that never goes back, the one that explains
        the most metres is taken.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` finite WGS-84 degrees, in order of travel.
        length_m
            ``(n,)`` metres that each position stands for.

        Returns
        -------
        FloatArray
            ``(n,)`` metres along the path; NaN where the position is off it or no progress.
        """
        progress_m = np.full(len(latitude_degrees), np.nan)
        if self.is_known:
            positions, along_m = passes_near(self.line, *_contiguous(latitude_degrees, longitude_degrees), _NEAR_M)
            rank = np.unique(along_m, return_inverse=True)[1] + 1
            chosen = heaviest_ascent(positions, rank, np.ascontiguousarray(length_m, np.float64))
            progress_m[positions[chosen]] = along_m[chosen]
        return progress_m


def _contiguous(latitude_degrees: FloatArray, longitude_degrees: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.ascontiguousarray(latitude_degrees, np.float64), np.ascontiguousarray(longitude_degrees, np.float64)
