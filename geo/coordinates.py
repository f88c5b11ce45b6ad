"""Coordinate systems of Chinese maps: what to do with a position that is not WGS-84, and how to notice one.

Chinese law makes map services publish shifted positions: GCJ-02 (AMap, Tencent, Google in China) lies 18 to 713 m
from WGS-84, BD-09 (Baidu) shifts GCJ-02 once more. Inside this package everything is WGS-84; callers declare what
they send and `convert` is applied at the border.

How exact it is
---------------
The official transform is secret. What everyone uses, and what stands here, is a public approximation of it; against
that public formula the inverse is exact to well under a millimetre (fixed-point iteration, see `_solve`; the usual
one-step inverse errs by up to 4.9 m). Nothing is shifted outside `geo.china_region`. Within about 750 m of that
outline a shifted position can have two originals or none, so there the round trip does not hold.

Positions that are not finite stay as they are: `geo.tracks` drops them with a reason of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.china_region import is_shifted_region
from geo.errors import InvalidGeoInputError, Violation, ViolationCode

FloatArray = NDArray[np.float64]

_KRASOVSKY_SEMI_MAJOR_AXIS_M = 6378245.0
_KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
_ORIGIN_LATITUDE_DEGREES = 35.0
_ORIGIN_LONGITUDE_DEGREES = 105.0
_BAIDU_WAVES_PER_DEGREE = np.pi * 3000.0 / 180.0
_BAIDU_LATITUDE_SHIFT_DEGREES = 0.006
_BAIDU_LONGITUDE_SHIFT_DEGREES = 0.0065

# Each step of the inverse divides the error by about 150 (GCJ-02) and 50 (BD-09): from 1.3 km, six steps reach the
# rounding error of a double.
_INVERSE_STEPS = 6


class CoordinateSystem(Enum):
    """What a pair of degrees refers to."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


def convert(
    latitude_degrees: ArrayLike, longitude_degrees: ArrayLike, *, source: CoordinateSystem, target: CoordinateSystem
) -> tuple[FloatArray, FloatArray]:
    """Convert positions from one coordinate system to another.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` degrees in `source`.
    source, target
        What the degrees refer to, and what they shall refer to.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Latitude and longitude, ``(n,)`` float64 degrees in `target`; always new arrays.

    Raises
    ------
    InvalidGeoInputError
        The two arrays are not one-dimensional and of equal length.
    """
    latitude = np.array(latitude_degrees, dtype=np.float64)
    longitude = np.array(longitude_degrees, dtype=np.float64)
    if latitude.ndim != 1 or latitude.shape != longitude.shape:
        rule = f"must be one-dimensional and as long as the latitudes (got {longitude.shape} and {latitude.shape})"
        raise InvalidGeoInputError((Violation("longitude_degrees", ViolationCode.MALFORMED, rule),))
    if source is target:
        return latitude, longitude
    with np.errstate(invalid="ignore"):
        wgs84 = _to_wgs84(latitude, longitude, source)
        return _from_wgs84(*wgs84, target)


def _to_wgs84(latitude: FloatArray, longitude: FloatArray, source: CoordinateSystem) -> tuple[FloatArray, FloatArray]:
    if source is CoordinateSystem.WGS84:
        return latitude, longitude
    original = (latitude, longitude)
    if source is CoordinateSystem.BD09:
        original = _solve(_gcj02_to_bd09, *original)
    original = _solve(_wgs84_to_gcj02, *original)
    return _where_shifted(original, inside=original, outside=(latitude, longitude))


def _from_wgs84(latitude: FloatArray, longitude: FloatArray, target: CoordinateSystem) -> tuple[FloatArray, FloatArray]:
    if target is CoordinateSystem.WGS84:
        return latitude, longitude
    shifted = _wgs84_to_gcj02(latitude, longitude)
    if target is CoordinateSystem.BD09:
        shifted = _gcj02_to_bd09(*shifted)
    return _where_shifted((latitude, longitude), inside=shifted, outside=(latitude, longitude))


def _where_shifted(
    wgs84: tuple[FloatArray, FloatArray],
    *,
    inside: tuple[FloatArray, FloatArray],
    outside: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    shifted = is_shifted_region(*wgs84)
    return np.where(shifted, inside[0], outside[0]), np.where(shifted, inside[1], outside[1])


def _wgs84_to_gcj02(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift by the public formula: polynomials and sines of the distance from 35° N 105° E, on Krasovsky's ellipsoid.

    The sums below are metres to the north and to the east.
    """
    east = longitude - _ORIGIN_LONGITUDE_DEGREES
    north = latitude - _ORIGIN_LATITUDE_DEGREES
    root = np.sqrt(np.abs(east))
    ripple = 20.0 * np.sin(6.0 * np.pi * east) + 20.0 * np.sin(2.0 * np.pi * east)
    north_waves = (
        20.0 * np.sin(np.pi * north)
        + 40.0 * np.sin(np.pi / 3.0 * north)
        + 160.0 * np.sin(np.pi / 12.0 * north)
        + 320.0 * np.sin(np.pi / 30.0 * north)
    )
    east_waves = (
        20.0 * np.sin(np.pi * east)
        + 40.0 * np.sin(np.pi / 3.0 * east)
        + 150.0 * np.sin(np.pi / 12.0 * east)
        + 300.0 * np.sin(np.pi / 30.0 * east)
    )
    cross = 0.1 * east * north
    north_m = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north**2 + cross + 0.2 * root + (ripple + north_waves) * 2.0 / 3
    east_m = 300.0 + east + 2.0 * north + 0.1 * east**2 + cross + 0.1 * root + (ripple + east_waves) * 2.0 / 3

    parallel = np.radians(latitude)
    flattening = 1.0 - _KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(parallel) ** 2
    meridian_radius_m = _KRASOVSKY_SEMI_MAJOR_AXIS_M * (1.0 - _KRASOVSKY_ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_radius_m = _KRASOVSKY_SEMI_MAJOR_AXIS_M / np.sqrt(flattening) * np.cos(parallel)
    return latitude + np.degrees(north_m / meridian_radius_m), longitude + np.degrees(east_m / parallel_radius_m)


def _gcj02_to_bd09(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift by the public formula: a small wave in polar form around 0° N 0° E, then a constant."""
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BAIDU_WAVES_PER_DEGREE)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BAIDU_WAVES_PER_DEGREE)
    return (
        radius * np.sin(angle) + _BAIDU_LATITUDE_SHIFT_DEGREES,
        radius * np.cos(angle) + _BAIDU_LONGITUDE_SHIFT_DEGREES,
    )


def _solve(
    shift: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    latitude: FloatArray,
    longitude: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Find the positions that `shift` moves onto the given ones: ``x ← x + (given - shift(x))``.

    Both shifts change by far less than a metre over a metre, so the iteration contracts.
    """
    original_latitude, original_longitude = latitude, longitude
    for _ in range(_INVERSE_STEPS):
        shifted_latitude, shifted_longitude = shift(original_latitude, original_longitude)
        original_latitude = original_latitude + (latitude - shifted_latitude)
        original_longitude = original_longitude + (longitude - shifted_longitude)
    return original_latitude, original_longitude
