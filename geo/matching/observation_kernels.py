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

from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.matching.records import LAYER, Records
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
_REACH_NOISES = 3.0
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


class Thinning(NamedTuple):
    """How observations are made.

    Parameters
    ----------
    spacing_m
        Least distance between observations.
    turn_m
        Coming so much nearer to the last observation again is turning back.
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
    turn_m: float
    window_m: float
    white_noise_m: float
    max_gap_ms: float
    max_gap_m: float
    speed_margin: float
    min_speed_mps: float


@njit(nogil=True, cache=True)
def observe(points: Points, stays: StayPlaces, thinning: Thinning) -> Records:
    """Make the observations of a track.

    The first and last point of every run and all stays become observations; between them points at least the spacing
    apart, and where the track turns back.

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
    Records
        ``(t,)`` `LAYER`; at least one, if there is a point.
    """
    layers = _choose(points, stays, thinning)
    piece_start, piece_end = 0, -1
    stay = 0
    for number in range(len(layers)):
        layer = layers[number]
        first, last = int64(layer["first"]), int64(layer["last"])
        layer["device_m"] = points.accuracy_m[first] / _RADIUS_68_SIGMAS
        if stay < len(stays.first) and first == stays.first[stay]:
            layer["latitude"], layer["longitude"] = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
            layer["white_m"] = 0.5 * stays.radius_m[stay]
            piece_start, piece_end = last + 1, -1
            stay += 1
            continue
        if layer["starts_run"]:
            piece_start, piece_end = first, -1
        if piece_end < 0:
            piece_end = _piece_end(points, stays, stay, first, thinning)
        latitude, longitude, white_m = _fit(points, first, piece_start, piece_end, thinning)
        layer["latitude"], layer["longitude"], layer["white_m"] = latitude, longitude, white_m
    _set_steps(layers)
    _set_headings(points, layers)
    _set_reaches(points, layers, thinning)
    return layers


@inner_kernel
def _is_gap(points: Points, position: int, thinning: Thinning) -> bool:
    """Whether there is a gap between a point and the one after it."""
    if points.time_ms[position + 1] - points.time_ms[position] > thinning.max_gap_ms:
        return True
    return bool(_distance_m(points, position, position + 1) > thinning.max_gap_m)


@inner_kernel
def _distance_m(points: Points, one: int, other: int) -> float:
    return plane_distance_m(
        points.latitude_degrees[one],
        points.longitude_degrees[one],
        points.latitude_degrees[other],
        points.longitude_degrees[other],
    )


@merged_kernel
def _piece_end(points: Points, stays: StayPlaces, stay: int, position: int, thinning: Thinning) -> int:
    """Last point of the moving part that a point lies in."""
    stop = stays.first[stay] - 1 if stay < len(stays.first) else len(points.time_ms) - 1
    while position < stop and not _is_gap(points, position, thinning):
        position += 1
    return position


@merged_kernel
def _choose(points: Points, stays: StayPlaces, thinning: Thinning) -> Records:
    """Choose the points that become observations, and the stays.

    Where a track turns back before it has gone the spacing, the farthest point is chosen, so that no way is cut short.
    """
    count = len(points.time_ms)
    layers = np.zeros(count, LAYER)
    used, stay, position = 0, 0, int64(0)
    after_gap = True
    farthest, farthest_m = int64(-1), 0.0
    while position < count:
        end = position
        is_chosen = after_gap or position == count - 1 or _is_gap(points, position, thinning)
        if stay < len(stays.first) and position == stays.first[stay]:
            end = stays.last[stay]
            stay += 1
            is_chosen = True
        if not after_gap:
            gone_m = _distance_m(points, int64(layers[used - 1]["last"]), position)
            if farthest_m - gone_m > thinning.turn_m:
                layer = layers[used]
                layer["first"], layer["last"] = farthest, farthest
                used += 1
                gone_m = _distance_m(points, farthest, position)
                farthest, farthest_m = position, gone_m
            elif gone_m > farthest_m:
                farthest, farthest_m = position, gone_m
            is_chosen = is_chosen or gone_m >= thinning.spacing_m
        if is_chosen:
            layer = layers[used]
            layer["first"], layer["last"], layer["starts_run"] = position, end, after_gap
            used += 1
            farthest, farthest_m = end, 0.0
        position = end
        after_gap = position < count - 1 and _is_gap(points, position, thinning)
        position += 1
    return layers[:used]


@merged_kernel
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


@merged_kernel
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


@merged_kernel
def _set_steps(layers: Records) -> None:
    """Set the steps between observations, and the headings that lead up to them."""
    for number in range(1, len(layers)):
        before, layer = layers[number - 1], layers[number]
        if layer["starts_run"]:
            continue
        east, north = east_north_m(before["latitude"], before["longitude"], layer["latitude"], layer["longitude"])
        step_m = math.sqrt(east * east + north * north)
        layer["step_m"] = step_m
        if step_m > 0.0:
            layer["before_east"], layer["before_north"] = east / step_m, north / step_m


@merged_kernel
def _set_headings(points: Points, layers: Records) -> None:
    """Set the headings around every observation, and how far to believe them."""
    for number in range(len(layers)):
        layer = layers[number]
        has_before = number > 0 and not layer["starts_run"]
        has_after = number + 1 < len(layers) and not layers[number + 1]["starts_run"]
        near, far = math.inf, 0.0
        if has_before:
            near, far = layer["step_m"], layer["step_m"]
        if has_after:
            after = layers[number + 1]
            near, far = min(near, after["step_m"]), max(far, after["step_m"])
            layer["after_east"], layer["after_north"] = after["before_east"], after["before_north"]
        else:
            layer["after_east"], layer["after_north"] = layer["before_east"], layer["before_north"]
        if not has_before:
            layer["before_east"], layer["before_north"] = layer["after_east"], layer["after_north"]
        position = layer["first"]
        if position != layer["last"] or far == 0.0:
            continue
        bearing = points.bearing_degrees[position]
        if points.speed_mps[position] > _MIN_SPEED_MPS and not math.isnan(bearing):
            layer["before_east"], layer["before_north"] = (
                math.sin(math.radians(bearing)),
                math.cos(math.radians(bearing)),
            )
            layer["after_east"], layer["after_north"] = layer["before_east"], layer["before_north"]
            layer["heading_weight"] = 1.0
            continue
        noise_2 = _HEADING_NOISES * (layer["white_m"] * layer["white_m"] + _HEADING_DRIFT_M * _HEADING_DRIFT_M)
        sparse = far / _HEADING_REACH_M
        layer["heading_weight"] = near * near / (near * near + noise_2) / (1.0 + sparse * sparse)


@merged_kernel
def _set_reaches(points: Points, layers: Records, thinning: Thinning) -> None:
    """Set how far one could well have gone between observations, by the speeds seen around them."""
    speed = np.zeros(len(layers))
    for number in range(1, len(layers)):
        seconds = _seconds_before(points, layers, number)
        if seconds > 0.0:
            speed[number] = layers[number]["step_m"] / seconds
    for number in range(1, len(layers)):
        fastest = thinning.min_speed_mps
        for near in range(max(1, number - _SPEED_REACH), min(len(layers), number + _SPEED_REACH + 1)):
            fastest = max(fastest, thinning.speed_margin * speed[near])
        noise_m = layers[number - 1]["white_m"] + layers[number]["white_m"]
        reach_m = fastest * _seconds_before(points, layers, number)
        layers[number]["reach_m"] = reach_m + _REACH_NOISES * noise_m + _REACH_SLACK_M


@inner_kernel
def _seconds_before(points: Points, layers: Records, number: int) -> float:
    """Seconds between an observation and the one before."""
    elapsed_ms = points.time_ms[layers[number]["first"]] - points.time_ms[layers[number - 1]["last"]]
    return float(elapsed_ms / 1000.0)
