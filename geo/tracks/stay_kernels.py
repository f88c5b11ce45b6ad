"""The compiled search for the parts of a track that stood still."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import int64, merged_kernel
from geo.tracks.local_plane_kernels import plane_distance_m, wrapped_degrees
from geo.tracks.order_statistic_kernels import median, value_at_rank

TRIM_MEDIANS = 2.5
"""Ends further from the centre than this many median distances are arrival and departure, not the stay: 99 % of
normal noise lies within (the median of a Rayleigh distribution is 1.18 standard deviations)."""

MIN_TRIM_M = 12.0

DEPARTURE_RADII = 3.0
"""A point further than this many radii from the centre ends the gathering: noise does not go that far and back."""


class StayLimits(NamedTuple):
    """The limits of `StayOptions` in the units of the kernel."""

    min_duration_ms: float
    settle_radius_m: float
    radius_m: float
    max_excursion_ms: float
    max_hole_ms: float


@njit(nogil=True, cache=True)
def stay_areas(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
    limits: StayLimits,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the stays of a track.

    From each point on, points are gathered while they keep near the mean of those gathered so far (Ye et al. 2009,
    MDM, section IV, with a running centre instead of an anchor): nearer until they have lasted long enough for a stay,
    so that slow driving through a small area is none. What lasts long enough is trimmed to the
    points near its median and reported. A single point that would be trimmed at the very beginning or end of the track
    stays: nobody came from there or went there.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees
        ``(n,)`` raw points.
    kept
        ``(k,)`` indices of the points to believe, ascending in time.
    limits
        What counts as standing still.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
        ``(s,)`` first and last position in `kept` of each stay; ``(s, 3)`` latitude, longitude and radius in metres.
    """
    count = len(kept)
    first, last = np.empty(count, np.int64), np.empty(count, np.int64)
    places = np.empty((count, 3))
    stays, start = 0, int64(0)
    while start < count:
        end = _gather(time_ms, latitude_degrees, longitude_degrees, kept, start, limits)
        if time_ms[kept[end]] - time_ms[kept[start]] < limits.min_duration_ms:
            start += 1
            continue
        begin, finish, latitude, longitude, radius = _trimmed(latitude_degrees, longitude_degrees, kept, start, end)
        if time_ms[kept[finish]] - time_ms[kept[begin]] < limits.min_duration_ms:
            start += 1
            continue
        # a single point aside, where a track begins or ends, shows no way to the stay or from it
        if start == 0 and begin == 1:
            begin = 0
        if end == count - 1 and finish == end - 1:
            finish = end
        first[stays], last[stays] = begin, finish
        places[stays, 0], places[stays, 1], places[stays, 2] = latitude, longitude, radius
        stays += 1
        start = finish + 1
    return first[:stays], last[:stays], places[:stays]


@merged_kernel
def _gather(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
    start: int,
    limits: StayLimits,
) -> int:
    """Last position in `kept` that still belongs to the area around the points gathered from `start` on."""
    anchor = kept[start]
    anchor_latitude, anchor_longitude = latitude_degrees[anchor], longitude_degrees[anchor]
    per_degree_east = METRES_PER_DEGREE * math.cos(math.radians(anchor_latitude))
    east_sum, north_sum, members = 0.0, 0.0, 1
    inside = start
    for place in range(start + 1, len(kept)):
        point = kept[place]
        if time_ms[point] - time_ms[kept[place - 1]] > limits.max_hole_ms:
            break
        east = wrapped_degrees(longitude_degrees[point] - anchor_longitude) * per_degree_east
        north = (latitude_degrees[point] - anchor_latitude) * METRES_PER_DEGREE
        aside_east, aside_north = east - east_sum / members, north - north_sum / members
        from_centre_2 = aside_east * aside_east + aside_north * aside_north
        is_settled = time_ms[point] - time_ms[anchor] >= limits.min_duration_ms
        radius_m = limits.radius_m if is_settled else limits.settle_radius_m
        if from_centre_2 <= radius_m * radius_m:
            east_sum += east
            north_sum += north
            members += 1
            inside = place
        else:
            is_departure = from_centre_2 > DEPARTURE_RADII * DEPARTURE_RADII * limits.radius_m * limits.radius_m
            is_long = place > inside + 1 and time_ms[point] - time_ms[kept[inside]] > limits.max_excursion_ms
            if is_departure or is_long:
                break
    return inside


@merged_kernel
def _trimmed(
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
    start: int,
    end: int,
) -> tuple[int, int, float, float, float]:
    """Cut arrival and departure off: first and last position, median centre, radius that holds 95 %."""
    begin, finish = start, end
    count = end - start + 1
    values, distance = np.empty(count), np.empty(count)
    for place in range(count):
        values[place] = latitude_degrees[kept[start + place]]
    latitude = median(values, count)
    anchor_longitude = longitude_degrees[kept[start]]
    for place in range(count):
        values[place] = wrapped_degrees(longitude_degrees[kept[start + place]] - anchor_longitude)
    longitude = wrapped_degrees(anchor_longitude + median(values, count))
    for place in range(count):
        point = kept[start + place]
        distance[place] = plane_distance_m(latitude, longitude, latitude_degrees[point], longitude_degrees[point])
        values[place] = distance[place]
    limit = max(MIN_TRIM_M, TRIM_MEDIANS * median(values, count))
    while begin < finish and distance[begin - start] > limit:
        begin += 1
    while finish > begin and distance[finish - start] > limit:
        finish -= 1
    inside = finish - begin + 1
    for place in range(inside):
        values[place] = distance[begin - start + place]
    radius = value_at_rank(values, inside, min(inside - 1, int(0.95 * inside)))
    return begin, finish, latitude, longitude, radius
