"""Tells walking from driving around stays: where the vehicle stood while its driver was behind a door.

A stay lies where most of its points lie: at the door. The vehicle stands on a road some steps away, and the road that
is nearest to the door is often another one. Laid on the roads, the steps between the two are a way that nobody drove.
So what was walked, as far as the points show it, belongs to the stay, and the way by road ends and begins where driving
did: *by the vehicle*. A walk is what was never faster than people walk, given how much the points jitter.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.matching.observation_kernels import Points, StayPlaces
from geo.tracks.local_plane_kernels import east_north_m, wrapped_degrees

_RADIUS_95_SIGMAS = 2.448
"""Radius that holds 95 % of a circular normal distribution, in standard deviations per axis: √(-2 ln 0.05)."""
_SURE_SIGMAS = 2.0
_DRIFT_MPS = 0.4
"""The slow part of the error moves a standing point by about so much."""
_BLIND_MPS = 8.0
"""Points that do not tell a speed of so much from walking say nothing."""
_WINDOWS = 5
"""Speeds are looked at over 1, 2, 4, 8 and 16 steps ..."""
_LONGEST_WINDOW_MS = 16_000
"""... that last no longer than this, or a single one."""
_LONGEST_STEP_MS = 20_000
"""With more time between points, a walk from the vehicle to a door falls between two of them."""
_LONGEST_ARRIVAL_MS = 180_000
"""Driving within a stay, so soon after its begin, is still the arrival; so shortly before its end, the departure."""
_BESIDE_MS = 4_000
"""The vehicle stands at the mean of the points recorded so shortly before or after."""


class WalkLimits(NamedTuple):
    """What counts as walking.

    Parameters
    ----------
    reach_m, unseen_reach_m
        Nobody walks farther from the vehicle; with 0 m, nothing counts as walking. The second, at most the first,
        counts where the fixes lie so far apart in time that a short drive looks as slow as a walk.
    walk_mps, device_mps
        Nobody walks faster: by the points, and by the device's own speed.
    least_m, apart_m
        A vehicle closer to the door is at the door. Where it was left and where it was found again are the same place
        if they lie so close together.
    most_radius_m
        Stays whose points scatter farther hide a walk in their noise.
    max_gap_ms
        What happened in a longer hole, nobody knows.
    """

    reach_m: float
    unseen_reach_m: float
    walk_mps: float
    device_mps: float
    least_m: float
    apart_m: float
    most_radius_m: float
    max_gap_ms: float


@njit(nogil=True, cache=True)
def stays_by_vehicle(points: Points, stays: StayPlaces, white_noise_m: float, limits: WalkLimits) -> StayPlaces:
    """Count to stays what was walked around them, and put them where the vehicle stood.

    A loop driven around the block, past the same door, is no part of the stay that begins or ends with it. Stays
    between which the worker only walked become one. A stay by itself is put to the vehicle where the points show the
    walk to the door as well as the walk back, both from the same place; otherwise it stays as it is.

    Parameters
    ----------
    points
        Believed points.
    stays
        Where the track stood still.
    white_noise_m
        Standard deviation per axis of the white noise of the track; 0 where unknown.
    limits
        What counts as walking.

    Returns
    -------
    StayPlaces
        In order of time; they do not overlap.
    """
    # Long because the two rules share what they look at.
    if limits.reach_m <= 0.0 or len(stays.first) == 0:
        return stays
    stays = _without_driving(points, stays, white_noise_m, limits)
    count, used, stay = len(stays.first), 0, int64(0)
    first, last, radius_m = stays.first.copy(), stays.last.copy(), stays.radius_m.copy()
    latitude, longitude = stays.latitude_degrees.copy(), stays.longitude_degrees.copy()
    free = int64(0)
    while stay < count:
        end = stay
        while end + 1 < count and _is_walked(points, stays, stay, end, white_noise_m, limits):
            end += 1
        after = stays.first[end + 1] - 1 if end + 1 < count else len(points.time_ms) - 1
        begun = _walk_end(points, stays, stay, stays.first[stay], free, white_noise_m, limits)
        ended = _walk_end(points, stays, end, stays.last[end], after, white_noise_m, limits)
        here = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
        left, found = here, (stays.latitude_degrees[end], stays.longitude_degrees[end])
        first[used], last[used], radius_m[used] = stays.first[stay], stays.last[end], stays.radius_m[stay]
        if begun >= 0:
            left = _place_at(points, begun, free, stays.last[stay])
        if ended >= 0:
            found = _place_at(points, ended, stays.first[end], after)
        apart_m = _apart_m(left, found)
        least_m = min(_apart_m(left, here), _apart_m(found, here))
        if stay < end or (begun >= 0 and ended >= 0 and apart_m <= limits.apart_m and least_m >= limits.least_m):
            here = _middle(left, found)
            radius_m[used] = max(apart_m, min(radius_m[used], limits.least_m))
            if begun >= 0:
                first[used] = begun
            if ended >= 0:
                last[used] = ended
        latitude[used], longitude[used] = here
        free = last[used] + 1
        used += 1
        stay = end + 1
    return StayPlaces(first[:used], last[:used], latitude[:used], longitude[:used], radius_m[:used])


@inner_kernel
def _without_driving(points: Points, stays: StayPlaces, white_noise_m: float, limits: WalkLimits) -> StayPlaces:
    """Cut off what was driven near the ends of stays."""
    first, last = stays.first.copy(), stays.last.copy()
    for stay in range(len(first)):
        centre = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
        begin, end = int64(stays.first[stay]), int64(stays.last[stay])
        first[stay] = _behind_driving(points, centre, begin, end, white_noise_m, limits)
        last[stay] = _behind_driving(points, centre, end, begin, white_noise_m, limits)
        if first[stay] >= last[stay]:
            first[stay], last[stay] = begin, end
    return StayPlaces(first, last, stays.latitude_degrees, stays.longitude_degrees, stays.radius_m)


@inner_kernel
def _behind_driving(
    points: Points, centre: tuple[float, float], start: int, bound: int, white_noise_m: float, limits: WalkLimits
) -> int:
    """First position of a stay, seen from one of its ends, behind what was driven there.

    That are points faster than people walk, and farther away than the points of the other half of the stay scatter.
    """
    step = 1 if bound >= start else -1
    half_ms = abs(points.time_ms[bound] - points.time_ms[start]) // 2
    driven, position, scatter_m = int64(-1), start, -1.0
    while abs(points.time_ms[position] - points.time_ms[start]) < min(_LONGEST_ARRIVAL_MS, half_ms):
        away_m = _apart_m((points.latitude_degrees[position], points.longitude_degrees[position]), centre)
        if away_m > limits.apart_m and scatter_m < 0.0:
            scatter_m = _scatter_m(points, centre, bound, half_ms, -step)
        if scatter_m >= 0.0 and away_m > limits.apart_m + _SURE_SIGMAS * scatter_m:
            noise_m = white_noise_m if white_noise_m > 0.0 else scatter_m
            if _is_fast(points, position, bound, noise_m, limits.walk_mps):
                driven = int64(position)
        position += step
    if driven < 0:
        return start
    position = driven + step
    while position != bound:
        here = points.latitude_degrees[position], points.longitude_degrees[position]
        if _apart_m(here, centre) <= limits.least_m + scatter_m:
            break
        position += step
    return position


@inner_kernel
def _scatter_m(points: Points, centre: tuple[float, float], start: int, within_ms: int, step: int) -> float:
    """Mean distance from the centre of a stay of the points that are so near one of its ends in time."""
    total_m, count, position = 0.0, 0, start
    while count == 0 or abs(points.time_ms[position] - points.time_ms[start]) < within_ms:
        total_m += _apart_m((points.latitude_degrees[position], points.longitude_degrees[position]), centre)
        count += 1
        position += step
    return total_m / count


@inner_kernel
def _is_walked(
    points: Points, stays: StayPlaces, start: int, stay: int, white_noise_m: float, limits: WalkLimits
) -> bool:
    """Whether the way from a stay to the next was walked, and not too far from where the walk began."""
    onward = stay + 1
    if max(stays.radius_m[stay], stays.radius_m[onward]) > limits.most_radius_m:
        return False
    here = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
    there = stays.latitude_degrees[onward], stays.longitude_degrees[onward]
    began = stays.latitude_degrees[start], stays.longitude_degrees[start]
    apart_m, from_vehicle_m = _apart_m(here, there), _apart_m(began, there)
    if apart_m > limits.reach_m or from_vehicle_m > 2.0 * limits.reach_m:
        return False
    is_seen = True
    noise_m = white_noise_m if white_noise_m > 0.0 else stays.radius_m[stay] / _RADIUS_95_SIGMAS
    for position in range(stays.last[stay], stays.first[onward]):
        step_ms = points.time_ms[position + 1] - points.time_ms[position]
        if step_ms > limits.max_gap_ms:
            return False
        is_seen = is_seen and step_ms <= _LONGEST_STEP_MS
        if position > stays.last[stay] and points.speed_mps[position] > limits.device_mps:
            return False
        if _is_fast(points, position, int64(stays.first[onward]), noise_m, limits.walk_mps):
            return False
    return is_seen or (apart_m <= limits.unseen_reach_m and from_vehicle_m <= 2.0 * limits.unseen_reach_m)


@inner_kernel
def _walk_end(
    points: Points, stays: StayPlaces, stay: int, start: int, bound: int, white_noise_m: float, limits: WalkLimits
) -> int:
    """Last position of the walk that leads away from one end of a stay; -1 where none is seen.

    Walking is followed from the end of the stay towards `bound`, until it becomes driving or leads out of reach.
    """
    if stays.radius_m[stay] > limits.most_radius_m:
        return int64(-1)
    noise_m = white_noise_m if white_noise_m > 0.0 else stays.radius_m[stay] / _RADIUS_95_SIGMAS
    centre = stays.latitude_degrees[stay], stays.longitude_degrees[stay]
    step = 1 if bound >= start else -1
    # what lies beyond the bound belongs to another stay, but shows how fast the worker went
    horizon = len(points.time_ms) - 1 if step > 0 else 0
    walked = int64(-1)
    for position in range(start, bound + step, step):
        if walked >= 0 and abs(points.time_ms[position] - points.time_ms[walked]) > _LONGEST_STEP_MS:
            return int64(-1)
        here = points.latitude_degrees[position], points.longitude_degrees[position]
        if _apart_m(here, centre) > limits.reach_m + 2.0 * noise_m or points.speed_mps[position] > limits.device_mps:
            return walked
        if _is_fast(points, position, int64(horizon), noise_m, limits.walk_mps):
            return walked
        walked = int64(position)
    return int64(-1)


@inner_kernel
def _is_fast(points: Points, position: int, bound: int, noise_m: float, walk_mps: float) -> bool:
    """Whether the points from a position towards a bound are faster than walking, beyond doubt.

    The speed over some steps is the slope of a straight line through their points (least squares), so its standard
    deviation is that of a position divided by the root of the summed squares of the times.
    """
    step = 1 if bound >= position else -1
    steps = 1
    for _ in range(_WINDOWS):
        last = position + step * steps
        if (bound - last) * step < 0:
            return False
        span_ms = abs(points.time_ms[last] - points.time_ms[position])
        if steps > 1 and span_ms > _LONGEST_WINDOW_MS:
            return False
        mean_s = 0.0
        for other in range(steps + 1):
            mean_s += (points.time_ms[position + step * other] - points.time_ms[position]) / 1000.0 / (steps + 1)
        square, by_east, by_north = 0.0, 0.0, 0.0
        for other in range(steps + 1):
            point = position + step * other
            seconds = (points.time_ms[point] - points.time_ms[position]) / 1000.0 - mean_s
            east, north = east_north_m(
                points.latitude_degrees[position],
                points.longitude_degrees[position],
                points.latitude_degrees[point],
                points.longitude_degrees[point],
            )
            square += seconds * seconds
            by_east += seconds * east
            by_north += seconds * north
        if square > 0.0:
            doubt_mps = math.sqrt(noise_m * noise_m / square + _DRIFT_MPS * _DRIFT_MPS)
            fastest_mps = walk_mps + _SURE_SIGMAS * doubt_mps
            speed_mps = math.sqrt(by_east * by_east + by_north * by_north) / square
            if fastest_mps < _BLIND_MPS and speed_mps > fastest_mps:
                return True
        steps *= 2
    return False


@merged_kernel
def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    east, north = east_north_m(one[0], one[1], other[0], other[1])
    return math.sqrt(east * east + north * north)


@merged_kernel
def _middle(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Latitude and longitude half way between two places."""
    return one[0] + 0.5 * (other[0] - one[0]), wrapped_degrees(one[1] + 0.5 * wrapped_degrees(other[1] - one[1]))


@inner_kernel
def _place_at(points: Points, position: int, low: int, high: int) -> tuple[float, float]:
    """Mean latitude and longitude of the points recorded shortly before and after one, between two others."""
    first, last = position, position
    while first > low and points.time_ms[position] - points.time_ms[first - 1] <= _BESIDE_MS:
        first -= 1
    while last < high and points.time_ms[last + 1] - points.time_ms[position] <= _BESIDE_MS:
        last += 1
    latitude, longitude = points.latitude_degrees[position], points.longitude_degrees[position]
    north, east = 0.0, 0.0
    for other in range(first, last + 1):
        north += (points.latitude_degrees[other] - latitude) / (last - first + 1)
        east += wrapped_degrees(points.longitude_degrees[other] - longitude) / (last - first + 1)
    return latitude + north, wrapped_degrees(longitude + east)
