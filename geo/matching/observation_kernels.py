"""Turns the believed points of a track into the observations that matching runs on.

Dense points are thinned, because noise between points that lie closer together than the noise is large says nothing
about the road and everything about jitter; what the thinned points know goes into the observation by a local
straight-line fit. A stay becomes one observation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.tracks.local_plane_kernels import east_north_m, plane_distance_m, wrapped_degrees

_STEP_REACH = 3
_MAX_HALF_WINDOW = 10
_HEADING_NOISES = 16.0
_HEADING_DRIFT_M = 4.0
_HEADING_REACH_M = 150.0
"""The direction between observations is half believed over four standard deviations, and no longer believed over
distances in which roads bend."""

_SPEED_REACH = 2
_REACH_SLACK_M = 20.0
_MIN_SPEED_MPS = 2.0
"""Slower, the bearing of a device is noise."""
_RADIUS_68_SIGMAS = 1.515
"""Radius that holds 68 % of a circular normal distribution, in standard deviations per axis."""


class Points(NamedTuple):
    """The believed points of a track, ``k`` of them, as copies in order of time.

    Parameters
    ----------
    time_ms
        ``(k,)`` int64.
    latitude_degrees, longitude_degrees, accuracy_m, speed_mps, bearing_degrees
        ``(k,)`` float64.
    """

    time_ms: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    bearing_degrees: NDArray[np.float64]


class StayPlaces(NamedTuple):
    """Stays as positions in `Points`, ``s`` of them.

    Parameters
    ----------
    first, last
        ``(s,)`` int64 positions, both included.
    latitude_degrees, longitude_degrees, radius_m
        ``(s,)`` float64 centre and radius.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    radius_m: NDArray[np.float64]


class _Places(NamedTuple):
    """Observations without their directions."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    white: NDArray[np.float64]
    starts_run: NDArray[np.bool_]


class Thinning(NamedTuple):
    """How observations are made.

    Parameters
    ----------
    spacing_m
        Least distance between observations.
    window_m
        Points within so many metres to either side share in the straight-line fit.
    white_noise_m
        Standard deviation per axis of the white noise of the track; 0 where unknown.
    max_gap_ms, max_gap_m
        A longer hole ends a run.
    speed_margin, min_speed_mps
        A worker is believed to go so many times as fast as seen around, and at least the last in any case.
    """

    spacing_m: float
    window_m: float
    white_noise_m: float
    max_gap_ms: float
    max_gap_m: float
    speed_margin: float
    min_speed_mps: float


class Observations(NamedTuple):
    """What matching runs on, ``t`` in order of time.

    Parameters
    ----------
    first, last
        ``(t,)`` int64 positions in `Points`: the same for a moving observation, the ends of the stay for a stay.
    latitude_degrees, longitude_degrees
        ``(t,)`` float64 place.
    white_m
        ``(t,)`` float64 standard deviation per axis of the place by the white noise of the track; 0 where unknown.
    device_m
        ``(t,)`` float64 standard deviation per axis by the device's own estimate; NaN where it gave none.
    step_m
        ``(t,)`` float64 metres from the observation before; 0 at the start of a run.
    heading_before, heading_after
        ``(t,)`` float64 direction of movement up to and from the observation, radians counter-clockwise from east.
    heading_weight
        ``(t,)`` float64 in [0, 1]: how far the directions are to be believed.
    reach_m
        ``(t,)`` float64 metres that could well be driven since the observation before.
    starts_run
        ``(t,)`` bool: nothing joins it to the observation before.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    white_m: NDArray[np.float64]
    device_m: NDArray[np.float64]
    step_m: NDArray[np.float64]
    heading_before: NDArray[np.float64]
    heading_after: NDArray[np.float64]
    heading_weight: NDArray[np.float64]
    reach_m: NDArray[np.float64]
    starts_run: NDArray[np.bool_]


@njit(nogil=True, cache=True)
def observe(points: Points, stays: StayPlaces, thinning: Thinning) -> Observations:
    """Make the observations of a track.

    The first and last point of every moving part become observations; between them those at least the spacing apart.

    Parameters
    ----------
    points
        Believed points.
    stays
        Where the track stood still.
    thinning
        How observations are made.

    Returns
    -------
    Observations
        At least one, if there is a point.
    """
    first, last, starts_run = _choose(points, stays, thinning)
    count = len(first)
    latitude, longitude, white, device = np.empty(count), np.empty(count), np.empty(count), np.empty(count)
    piece_start, piece_end = 0, -1
    stay = 0
    for layer in range(count):
        if stay < len(stays.first) and first[layer] == stays.first[stay]:
            latitude[layer], longitude[layer] = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
            white[layer], device[layer] = 0.5 * stays.radius_m[stay], math.nan
            piece_start = last[layer] + 1
            piece_end = -1
            stay += 1
            continue
        if starts_run[layer]:
            piece_start, piece_end = first[layer], -1
        if piece_end < 0:
            piece_end = _piece_end(points, stays, stay, first[layer], thinning)
        latitude[layer], longitude[layer], white[layer] = _fit(points, first[layer], piece_start, piece_end, thinning)
        device[layer] = points.accuracy_m[first[layer]] / _RADIUS_68_SIGMAS
    place = _Places(first, last, latitude, longitude, white, starts_run)
    before, after, weight, step = _headings(points, place)
    reach = _reaches(points, place, step, thinning)
    return Observations(first, last, latitude, longitude, white, device, step, before, after, weight, reach, starts_run)


@njit(nogil=True, cache=True)
def _is_gap(points: Points, position: int, thinning: Thinning) -> bool:
    """Whether there is a gap between a point and the one after it."""
    if points.time_ms[position + 1] - points.time_ms[position] > thinning.max_gap_ms:
        return True
    return bool(_distance_m(points, position, position + 1) > thinning.max_gap_m)


@njit(nogil=True, cache=True)
def _distance_m(points: Points, one: int, other: int) -> float:
    return plane_distance_m(
        points.latitude_degrees[one],
        points.longitude_degrees[one],
        points.latitude_degrees[other],
        points.longitude_degrees[other],
    )


@njit(nogil=True, cache=True)
def _piece_end(points: Points, stays: StayPlaces, stay: int, position: int, thinning: Thinning) -> int:
    """Last point of the moving part that a point lies in."""
    stop = stays.first[stay] - 1 if stay < len(stays.first) else len(points.time_ms) - 1
    while position < stop and not _is_gap(points, position, thinning):
        position += 1
    return position


@njit(nogil=True, cache=True)
def _choose(
    points: Points, stays: StayPlaces, thinning: Thinning
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Choose the points that become observations, and the stays."""
    count = len(points.time_ms)
    first, last = np.empty(count, np.int64), np.empty(count, np.int64)
    starts_run = np.zeros(count, np.bool_)
    used = 0
    stay = 0
    position = 0
    after_gap = True
    while position < count:
        end = position
        if stay < len(stays.first) and position == stays.first[stay]:
            end = stays.last[stay]
            stay += 1
            is_chosen = True
        else:
            is_last = position == count - 1 or _is_gap(points, position, thinning)
            is_chosen = after_gap or is_last or _distance_m(points, last[used - 1], position) >= thinning.spacing_m
        if is_chosen:
            first[used], last[used] = position, end
            starts_run[used] = after_gap
            used += 1
        position = end
        after_gap = position < count - 1 and _is_gap(points, position, thinning)
        position += 1
    return first[:used], last[:used], starts_run[:used]


@njit(nogil=True, cache=True)
def _fit(
    points: Points, position: int, piece_start: int, piece_end: int, thinning: Thinning
) -> tuple[float, float, float]:
    """Fit a straight line through a point and its neighbours: place at its time, standard deviation by white noise."""
    low, high = _window(points, position, piece_start, piece_end, thinning)
    latitude, longitude = points.latitude_degrees[position], points.longitude_degrees[position]
    if high == low:
        return latitude, longitude, thinning.white_noise_m
    number = high - low + 1
    mean_s, mean_north, mean_east = 0.0, 0.0, 0.0
    for other in range(low, high + 1):
        mean_s += (points.time_ms[other] - points.time_ms[position]) / 1000.0 / number
        mean_north += (points.latitude_degrees[other] - latitude) / number
        mean_east += wrapped_degrees(points.longitude_degrees[other] - longitude) / number
    square_s, by_north, by_east = 0.0, 0.0, 0.0
    for other in range(low, high + 1):
        seconds = (points.time_ms[other] - points.time_ms[position]) / 1000.0 - mean_s
        square_s += seconds * seconds
        by_north += seconds * (points.latitude_degrees[other] - latitude)
        by_east += seconds * wrapped_degrees(points.longitude_degrees[other] - longitude)
    leverage = 1.0 / number + mean_s * mean_s / square_s
    latitude += mean_north - mean_s * by_north / square_s
    longitude = wrapped_degrees(longitude + mean_east - mean_s * by_east / square_s)
    return latitude, longitude, thinning.white_noise_m * math.sqrt(leverage)


@njit(nogil=True, cache=True)
def _window(points: Points, position: int, piece_start: int, piece_end: int, thinning: Thinning) -> tuple[int, int]:
    """Points that share in the fit: as many to either side, or twice as many to one side at an end."""
    low = max(piece_start, position - _STEP_REACH)
    high = min(piece_end, position + _STEP_REACH)
    if high == low or thinning.white_noise_m == 0.0:
        return position, position
    # the farther side counts: at a turn back the two sides lie close together
    step_m = max(_distance_m(points, low, position), _distance_m(points, position, high)) / _STEP_REACH
    half = _MAX_HALF_WINDOW
    if step_m * half > thinning.window_m:
        half = int(thinning.window_m / step_m)
    if position == piece_start:
        return position, min(piece_end, position + 2 * half)
    if position == piece_end:
        return max(piece_start, position - 2 * half), position
    half = min(half, position - piece_start, piece_end - position)
    return position - half, position + half


@njit(nogil=True, cache=True)
def _headings(
    points: Points, places: _Places
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Find the direction of movement around every observation, how far to believe it, and the steps between them."""
    count = len(places.first)
    before, after, weight, step = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    for layer in range(1, count):
        if not places.starts_run[layer]:
            east, north = east_north_m(
                places.latitude[layer - 1], places.longitude[layer - 1], places.latitude[layer], places.longitude[layer]
            )
            before[layer] = math.atan2(north, east)
            step[layer] = math.sqrt(east * east + north * north)
    for layer in range(count):
        has_before = layer > 0 and not places.starts_run[layer]
        has_after = layer + 1 < count and not places.starts_run[layer + 1]
        after[layer] = before[layer + 1] if has_after else before[layer]
        near = min(step[layer] if has_before else math.inf, step[layer + 1] if has_after else math.inf)
        far = max(step[layer], step[layer + 1] if has_after else 0.0)
        if not has_before:
            before[layer] = after[layer]
        position = places.first[layer]
        if position != places.last[layer] or far == 0.0:
            continue
        if points.speed_mps[position] > _MIN_SPEED_MPS and not math.isnan(points.bearing_degrees[position]):
            before[layer] = math.radians(90.0 - points.bearing_degrees[position])
            after[layer] = before[layer]
            weight[layer] = 1.0
            continue
        noise_2 = _HEADING_NOISES * (places.white[layer] * places.white[layer] + _HEADING_DRIFT_M * _HEADING_DRIFT_M)
        sparse = far / _HEADING_REACH_M
        weight[layer] = near * near / (near * near + noise_2) / (1.0 + sparse * sparse)
    return before, after, weight, step


@njit(nogil=True, cache=True)
def _reaches(points: Points, places: _Places, step: NDArray[np.float64], thinning: Thinning) -> NDArray[np.float64]:
    """Find how far one could well have gone between observations, by the speeds seen around them."""
    count = len(places.first)
    seconds, speed, reach = np.zeros(count), np.zeros(count), np.zeros(count)
    for layer in range(1, count):
        seconds[layer] = (points.time_ms[places.first[layer]] - points.time_ms[places.last[layer - 1]]) / 1000.0
        if step[layer] > 0.0 and seconds[layer] > 0.0:
            speed[layer] = step[layer] / seconds[layer]
    for layer in range(1, count):
        fastest = thinning.min_speed_mps
        for near in range(max(1, layer - _SPEED_REACH), min(count, layer + _SPEED_REACH + 1)):
            fastest = max(fastest, thinning.speed_margin * speed[near])
        reach[layer] = fastest * seconds[layer] + 4.0 * (places.white[layer - 1] + places.white[layer]) + _REACH_SLACK_M
    return reach
