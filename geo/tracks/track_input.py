"""Makes a track from arrays, or says everything that is wrong with them.

This is the strict door: what passes is finite, on the earth and in order of time. Recordings that are known to be
damaged may come in by `recorded_track` instead, which checks only that the arrays fit together; cleaning then drops
the bad points one by one, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.tracks.local_plane_kernels import HALF_TURN_DEGREES, POLE_DEGREES
from geo.tracks.track import Track

MAX_VIOLATIONS_PER_RULE = 100
"""More broken points than this are counted, not listed: nobody reads ten thousand lines of one kind."""

MIN_POINTS = 2


def track_from_arrays(
    time_ms: ArrayLike,
    latitude_degrees: ArrayLike,
    longitude_degrees: ArrayLike,
    *,
    accuracy_m: ArrayLike | None = None,
    speed_mps: ArrayLike | None = None,
    bearing_degrees: ArrayLike | None = None,
) -> Track:
    """Make a track of points that keep every rule.

    Parameters
    ----------
    time_ms
        ``(n,)`` Unix milliseconds of the fixes, strictly ascending; at least two.
    latitude_degrees, longitude_degrees
        ``(n,)`` WGS-84, finite, within [-90, 90] and [-180, 180].
    accuracy_m
        ``(n,)`` 68 % radius, not negative; NaN (or leave out the array) where the device gave none.
    speed_mps
        ``(n,)`` speed of the device, not negative; NaN where it gave none.
    bearing_degrees
        ``(n,)`` direction of travel in [0, 360]; NaN where the device gave none.

    Returns
    -------
    Track
        A copy of the arrays.

    Raises
    ------
    InvalidGeoInputError
        With every broken rule: the first hundred points per rule, then their number.
    """
    track = recorded_track(
        time_ms,
        latitude_degrees,
        longitude_degrees,
        accuracy_m=accuracy_m,
        speed_mps=speed_mps,
        bearing_degrees=bearing_degrees,
    )
    violations = (*_place_violations(track), *_time_violations(track), *_device_violations(track))
    if violations:
        raise InvalidGeoInputError(violations)
    return track


def recorded_track(
    time_ms: ArrayLike,
    latitude_degrees: ArrayLike,
    longitude_degrees: ArrayLike,
    *,
    accuracy_m: ArrayLike | None = None,
    speed_mps: ArrayLike | None = None,
    bearing_degrees: ArrayLike | None = None,
) -> Track:
    """Make a track of points as a device left them, however damaged.

    Parameters
    ----------
    time_ms
        ``(n,)`` Unix milliseconds in any order.
    latitude_degrees, longitude_degrees
        ``(n,)`` any numbers, NaN included.
    accuracy_m, speed_mps, bearing_degrees
        ``(n,)`` any numbers; NaN, or leave out the array, where the device gave none.

    Returns
    -------
    Track
        A copy of the arrays.

    Raises
    ------
    InvalidGeoInputError
        Where the arrays have different lengths or more than one dimension.
    """
    time = np.array(time_ms, np.int64)
    count = time.size
    numbers = {
        "latitude_degrees": np.array(latitude_degrees, np.float64),
        "longitude_degrees": np.array(longitude_degrees, np.float64),
        "accuracy_m": _optional(accuracy_m, count),
        "speed_mps": _optional(speed_mps, count),
        "bearing_degrees": _optional(bearing_degrees, count),
    }
    violations = tuple(
        Violation(
            name,
            ViolationCode.MALFORMED,
            f"must hold one number for each of the {count} points (got shape {values.shape})",
        )
        for name, values in (("time_ms", time), *numbers.items())
        if values.shape != (count,)
    )
    if violations:
        raise InvalidGeoInputError(violations)
    return Track(time, **numbers)


def _optional(values: ArrayLike | None, count: int) -> NDArray[np.float64]:
    return np.full(count, np.nan) if values is None else np.array(values, np.float64)


def _place_violations(track: Track) -> Iterator[Violation]:
    latitude, longitude = track.latitude_degrees, track.longitude_degrees
    if len(track) < MIN_POINTS:
        yield Violation(
            "points", ViolationCode.OUT_OF_RANGE, f"must hold at least {MIN_POINTS} points (got {len(track)})"
        )
    off_range = np.abs(latitude) > POLE_DEGREES
    swapped = off_range & (np.abs(longitude) <= POLE_DEGREES)
    off_globe = np.abs(longitude) > HALF_TURN_DEGREES
    yield from _listed("latitude_degrees", np.isnan(latitude), ViolationCode.OUT_OF_RANGE, "must be a number (got NaN)")
    yield from _listed(
        "longitude_degrees", np.isnan(longitude), ViolationCode.OUT_OF_RANGE, "must be a number (got NaN)"
    )
    rule = "must lie within [-90, 90]; are latitude and longitude swapped?"
    yield from _listed("latitude_degrees", swapped, ViolationCode.COORDINATES_SWAPPED, rule)
    yield from _listed(
        "latitude_degrees", off_range & ~swapped, ViolationCode.OUT_OF_RANGE, "must lie within [-90, 90]"
    )
    yield from _listed("longitude_degrees", off_globe, ViolationCode.OUT_OF_RANGE, "must lie within [-180, 180]")


def _time_violations(track: Track) -> Iterator[Violation]:
    step_ms = np.diff(track.time_ms, prepend=track.time_ms[:1] - 1)
    yield from _listed(
        "time_ms", step_ms < 0, ViolationCode.OUT_OF_ORDER, "must be later than that of the point before (goes back)"
    )
    yield from _listed(
        "time_ms", step_ms == 0, ViolationCode.OUT_OF_ORDER, "must be later than that of the point before (is the same)"
    )


def _device_violations(track: Track) -> Iterator[Violation]:
    yield from _listed("accuracy_m", track.accuracy_m < 0, ViolationCode.OUT_OF_RANGE, "must not be negative")
    yield from _listed("speed_mps", track.speed_mps < 0, ViolationCode.OUT_OF_RANGE, "must not be negative")
    bearing = track.bearing_degrees
    is_no_direction = (bearing < 0) | (bearing > 2.0 * HALF_TURN_DEGREES)
    yield from _listed("bearing_degrees", is_no_direction, ViolationCode.OUT_OF_RANGE, "must lie within [0, 360]")


def _listed(name: str, broken: NDArray[np.bool_], code: ViolationCode, description: str) -> Iterator[Violation]:
    indices = np.flatnonzero(broken)
    for index in indices[:MAX_VIOLATIONS_PER_RULE]:
        yield Violation(f"points[{index}].{name}", code, description)
    if len(indices) > MAX_VIOLATIONS_PER_RULE:
        more = len(indices) - MAX_VIOLATIONS_PER_RULE
        yield Violation(f"points[].{name}", code, f"{description} ({more} more points)")
