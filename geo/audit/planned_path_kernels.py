"""The compiled loops over the planned path: nearest places on it, and how far along it the travel has come.

Distances are on the plane that touches the earth at the asked place (see `geo.tracks.local_plane_kernels`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.tracks.local_plane_kernels import east_north_m


class PathLine(NamedTuple):
    """The planned path: ``(p,)`` latitude and longitude in degrees, and metres along it at each point."""

    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    along_m: NDArray[np.float64]


@njit(nogil=True, cache=True)
def nearest_in_stretch(
    line: PathLine, latitude_degrees: float, longitude_degrees: float, from_m: float, to_m: float
) -> tuple[float, float]:
    """Find the place on a stretch of the path that lies nearest to a position.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        The position.
    from_m, to_m
        The stretch: metres along the path.

    Returns
    -------
    tuple[float, float]
        Metres from the position to that place, and metres along the path there; infinity and NaN where the stretch
        does not overlap the path.
    """
    best_m, best_along_m = math.inf, math.nan
    last = len(line.along_m) - 1
    first = max(0, int(np.searchsorted(line.along_m, from_m)) - 1)
    for start in range(first, last):
        start_m, end_m = line.along_m[start], line.along_m[start + 1]
        if start_m > to_m:
            break
        east_a, north_a = east_north_m(
            latitude_degrees, longitude_degrees, line.latitude_degrees[start], line.longitude_degrees[start]
        )
        east_b, north_b = east_north_m(
            latitude_degrees, longitude_degrees, line.latitude_degrees[start + 1], line.longitude_degrees[start + 1]
        )
        east, north = east_b - east_a, north_b - north_a
        squared, length_m = east * east + north * north, end_m - start_m
        share = -(east_a * east + north_a * north) / squared if squared > 0.0 else 0.0
        if length_m > 0.0:
            share = max(share, (from_m - start_m) / length_m)
            share = min(share, (to_m - start_m) / length_m)
        share = min(max(share, 0.0), 1.0)
        distance_m = math.hypot(east_a + share * east, north_a + share * north)
        along_m = start_m + share * length_m
        if from_m <= along_m <= to_m and distance_m < best_m:
            best_m, best_along_m = distance_m, along_m
    return best_m, best_along_m


@njit(nogil=True, cache=True)
def nearest_on_path(
    line: PathLine,
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    distance_m: NDArray[np.float64],
    along_m: NDArray[np.float64],
) -> None:
    """Find the nearest place on the whole path for each of many positions.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        ``(n,)`` positions.
    distance_m, along_m
        ``(n,)`` filled with metres to the place, and metres along the path there.
    """
    for place in range(len(latitude_degrees)):
        distance_m[place], along_m[place] = nearest_in_stretch(
            line, latitude_degrees[place], longitude_degrees[place], 0.0, math.inf
        )


class ProgressLimits(NamedTuple):
    """How progress along the path is followed.

    Parameters
    ----------
    near_m
        A position within this distance of the path may lie on it.
    back_m
        How far progress may seem to go back: noise.
    ahead_factor, ahead_m
        Progress since the last position on the path is looked for up to the distance travelled since, times and plus
        these; only where the path is not there, further ahead.
    """

    near_m: float
    back_m: float
    ahead_factor: float
    ahead_m: float


@njit(nogil=True, cache=True)
def follow_path(
    line: PathLine,
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    travelled_m: NDArray[np.float64],
    limits: ProgressLimits,
    along_m: NDArray[np.float64],
) -> None:
    """Follow a journey along the path: how far along it each position has come.

    A path may use a road twice, so the nearest place alone does not say how far the journey has come. Progress is the
    nearest place on the stretch that can have been reached since the last one; failing that, the first later place
    that is near.

    Parameters
    ----------
    line
        The path, at least two points.
    latitude_degrees, longitude_degrees
        ``(n,)`` positions in order of travel.
    travelled_m
        ``(n,)`` metres travelled until each.
    limits
        How progress is followed.
    along_m
        ``(n,)`` filled with metres along the path; NaN where the position is not on it, or only on a part already
        passed.
    """
    progress_m, last_travelled_m = 0.0, 0.0
    for place in range(len(latitude_degrees)):
        reach_m = limits.ahead_factor * (travelled_m[place] - last_travelled_m) + limits.ahead_m
        from_m = max(0.0, progress_m - limits.back_m)
        distance_m, at_m = nearest_in_stretch(
            line, latitude_degrees[place], longitude_degrees[place], from_m, progress_m + reach_m
        )
        if distance_m > limits.near_m:
            distance_m, at_m = _first_near(
                line, latitude_degrees[place], longitude_degrees[place], progress_m + reach_m, limits.near_m
            )
        if distance_m <= limits.near_m:
            along_m[place] = at_m
            progress_m, last_travelled_m = max(progress_m, at_m), travelled_m[place]
        else:
            along_m[place] = math.nan


@njit(nogil=True, cache=True)
def _first_near(
    line: PathLine, latitude_degrees: float, longitude_degrees: float, from_m: float, near_m: float
) -> tuple[float, float]:
    """Find the first pass of the path, from `from_m` on, that comes within `near_m`, and its nearest place."""
    first = max(0, int(np.searchsorted(line.along_m, from_m)) - 1)
    best_m, best_along_m = math.inf, math.nan
    for start in range(first, len(line.along_m) - 1):
        distance_m, at_m = nearest_in_stretch(
            line,
            latitude_degrees,
            longitude_degrees,
            max(from_m, line.along_m[start]),
            line.along_m[start + 1],
        )
        if distance_m < best_m:
            best_m, best_along_m = distance_m, at_m
        if best_m <= near_m < distance_m:
            break
    return best_m, best_along_m
