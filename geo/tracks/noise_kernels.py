"""How much a track jitters: the white part of its position noise, measured on the track itself."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import int64
from geo.tracks.local_plane_kernels import east_north_m
from geo.tracks.order_statistic_kernels import median

MAX_SAMPLES = 2000
"""Triples looked at: enough for 3 % of precision, and bounded for tracks of any length."""

MAX_STEP_MS = 6_500
"""With more time between points, bends of the road outweigh the noise and the measure means nothing."""

MIN_SAMPLES = 12

_MEDIAN_OF_NORMAL = 0.6745


@njit(nogil=True, cache=True)
def white_noise_m(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
) -> float:
    """Estimate the standard deviation per axis of the white part of the noise.

    Each point is compared with the chord between its two neighbours. Across the chord, the deviation of a point on a
    straight road is noise alone, with the variance ``σ² (1 + a² + (1 - a)²)`` where ``a`` is the share of time. The
    median over the track outlives bends and outliers.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees
        ``(n,)`` raw points.
    kept
        ``(k,)`` indices of the points to look at, ascending in time.

    Returns
    -------
    float
        Metres; NaN where the points lie too far apart in time to tell.
    """
    stride = max(1, (len(kept) - 2) // MAX_SAMPLES)
    deviations = np.empty(max(0, (len(kept) - 2) // stride + 1))
    count = int64(0)
    for middle in range(1, len(kept) - 1, stride):
        before, point, after = kept[middle - 1], kept[middle], kept[middle + 1]
        span_ms = time_ms[after] - time_ms[before]
        if span_ms > 2 * MAX_STEP_MS or span_ms <= 0:
            continue
        share = (time_ms[point] - time_ms[before]) / span_ms
        chord_east, chord_north = east_north_m(
            latitude_degrees[before], longitude_degrees[before], latitude_degrees[after], longitude_degrees[after]
        )
        east, north = east_north_m(
            latitude_degrees[before], longitude_degrees[before], latitude_degrees[point], longitude_degrees[point]
        )
        chord = math.sqrt(chord_east * chord_east + chord_north * chord_north)
        if chord == 0.0:
            continue
        across = abs(chord_east * north - chord_north * east) / chord
        deviations[count] = across / math.sqrt(1.0 + share * share + (1.0 - share) * (1.0 - share))
        count += 1
    if count < MIN_SAMPLES:
        return math.nan
    return float(median(deviations, count) / _MEDIAN_OF_NORMAL)
