"""The shifts of Chinese map services for one position at a time, in plain Python: the oracle of `geo.coordinates`.

Written term by term from the public description, with `math` alone. There is no naive inverse: what undoes the
shift to a millimetre is the inverse.
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, pi, radians, sin, sqrt

SEMI_MAJOR_AXIS_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323


def naive_wgs84_to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Shift one position that is known to lie in the shifted region."""
    x, y = longitude - 105.0, latitude - 35.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north_m += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north_m += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north_m += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east_m += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    east_m += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east_m += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    curvature = 1.0 - ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    meridian_m = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (curvature * sqrt(curvature))
    parallel_m = SEMI_MAJOR_AXIS_M / sqrt(curvature) * cos(radians(latitude))
    return latitude + degrees(north_m / meridian_m), longitude + degrees(east_m / parallel_m)


def naive_gcj02_to_bd09(latitude: float, longitude: float) -> tuple[float, float]:
    """Shift one GCJ-02 position once more, as Baidu does."""
    waves = pi * 3000.0 / 180.0
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * waves)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * waves)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def naive_wgs84_to_bd09(latitude: float, longitude: float) -> tuple[float, float]:
    """Both shifts, one after the other."""
    return naive_gcj02_to_bd09(*naive_wgs84_to_gcj02(latitude, longitude))
