"""Distances and directions on the earth: the one place that decides which earth.

The earth here is the sphere of the mean radius `EARTH_RADIUS_M` of the IUGG (2a + b)/3 for WGS-84. Against the
ellipsoid, great-circle lengths err by at most 0.56 %, and by less than 0.3 % in the mean over directions at one
place; every part of `geo` uses the same sphere, so that lengths can be compared with each other exactly.

Functions whose names end in ``_m`` or ``_degrees`` without an ``s`` take scalars and are compiled, to be called
from kernels; the plural ones take arrays.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180.0
"""Metres of one degree of latitude, and of one degree of longitude at the equator."""


@njit(nogil=True, cache=True)
def great_circle_m(
    latitude_a_degrees: float, longitude_a_degrees: float, latitude_b_degrees: float, longitude_b_degrees: float
) -> float:
    """Length of the great circle between two places (haversine formula).

    Parameters
    ----------
    latitude_a_degrees, longitude_a_degrees
        The one place.
    latitude_b_degrees, longitude_b_degrees
        The other.

    Returns
    -------
    float
        Metres.
    """
    latitude_a = math.radians(latitude_a_degrees)
    latitude_b = math.radians(latitude_b_degrees)
    half_north = math.sin((latitude_b - latitude_a) / 2.0)
    half_east = math.sin(math.radians(longitude_b_degrees - longitude_a_degrees) / 2.0)
    squared = half_north * half_north + math.cos(latitude_a) * math.cos(latitude_b) * half_east * half_east
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, squared)))


@njit(nogil=True, cache=True)
def bearing_degrees(
    latitude_a_degrees: float, longitude_a_degrees: float, latitude_b_degrees: float, longitude_b_degrees: float
) -> float:
    """Direction in which the great circle from one place to another starts.

    Parameters
    ----------
    latitude_a_degrees, longitude_a_degrees
        Where it starts.
    latitude_b_degrees, longitude_b_degrees
        Where it ends.

    Returns
    -------
    float
        Degrees clockwise from north in [0, 360); 0 where both places are the same.
    """
    latitude_a = math.radians(latitude_a_degrees)
    latitude_b = math.radians(latitude_b_degrees)
    east = math.radians(longitude_b_degrees - longitude_a_degrees)
    x = math.sin(east) * math.cos(latitude_b)
    y = math.cos(latitude_a) * math.sin(latitude_b) - math.sin(latitude_a) * math.cos(latitude_b) * math.cos(east)
    return math.degrees(math.atan2(x, y)) % 360.0


def great_circles_m(
    latitude_a_degrees: ArrayLike,
    longitude_a_degrees: ArrayLike,
    latitude_b_degrees: ArrayLike,
    longitude_b_degrees: ArrayLike,
) -> NDArray[np.float64]:
    """Length of the great circles between places, element by element (haversine formula).

    Parameters
    ----------
    latitude_a_degrees, longitude_a_degrees
        The one end of each.
    latitude_b_degrees, longitude_b_degrees
        The other; any shapes that broadcast.

    Returns
    -------
    NDArray[np.float64]
        Metres, in the broadcast shape.
    """
    latitude_a, latitude_b = np.radians(latitude_a_degrees), np.radians(latitude_b_degrees)
    half_east = np.sin(np.radians(np.subtract(longitude_b_degrees, longitude_a_degrees)) / 2.0)
    half_north = np.sin((latitude_b - latitude_a) / 2.0)
    squared = half_north**2 + np.cos(latitude_a) * np.cos(latitude_b) * half_east**2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, squared))))


def chord_lengths_m(latitude_degrees: ArrayLike, longitude_degrees: ArrayLike) -> NDArray[np.float64]:
    """Lengths of the great circles between consecutive places.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` places in order.

    Returns
    -------
    NDArray[np.float64]
        ``(max(n - 1, 0),)`` metres.
    """
    latitude, longitude = np.asarray(latitude_degrees, np.float64), np.asarray(longitude_degrees, np.float64)
    return great_circles_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])


def places_at(
    origin_latitude_degrees: float, origin_longitude_degrees: float, *, east_m: ArrayLike, north_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places some metres east and north of an origin, for short distances.

    The plane is the equirectangular one through the origin: within 10 km of it (and below 70° of latitude) lengths
    agree with great circles to 0.5 %.

    Parameters
    ----------
    origin_latitude_degrees, origin_longitude_degrees
        Where the plane touches.
    east_m, north_m
        Metres; any shapes that broadcast.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64]]
        Latitudes and longitudes in degrees.
    """
    latitude = origin_latitude_degrees + np.asarray(north_m, np.float64) / METRES_PER_DEGREE
    metres_per_degree_east = METRES_PER_DEGREE * math.cos(math.radians(origin_latitude_degrees))
    longitude = origin_longitude_degrees + np.asarray(east_m, np.float64) / metres_per_degree_east
    return latitude, longitude
