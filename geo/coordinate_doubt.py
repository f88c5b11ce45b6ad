"""Notices positions that were declared in the wrong coordinate system.

A visit in GCJ-02 that is read as WGS-84 lies some 430 m beside the customer: the plan looks possible, and then
everyone misses every visit. The mistake shows where positions have something to lie near: a track and a customer's
door lie near roads, a visit lies near a stay. If that is clearly more so after reading the same numbers as another
system, the declaration is doubtful.

The test
--------
For each system ``s`` let ``d_s`` be the distance of a position, read as ``s``, to what it should lie near, cut at
`FAR_M`. The mean gain of ``s`` over the declared system is taken over positions at least about 100 m apart (points of
one street are one observation, not a hundred). The declaration is doubtful where the best gain is at least
`MIN_GAIN_M` and `MIN_STANDARD_ERRORS` standard errors.

Doors
-----
A visit lies beside its road, not on it: doors stand back by some metres and seldom by many. In a dense town a wrong
reading is as near to roads on average as the right one, but not so regularly beside them. So for places of customers
the share that lies `DOOR_NEAREST_M` to `DOOR_FARTHEST_M` from a road is compared with the same share after moving the
whole list by random shifts as long as those between the systems: that is what a reading without any meaning gives. The
declaration is doubtful where it is no better than that (`MAX_DECLARED_SIGMAS`), and another system stands out clearly
(`MIN_LIKELIEST_SIGMAS`).

Limits: fewer than `MIN_POSITIONS` positions are never doubtful. Where roads lie closer together than the shift is
long, only many positions can tell. Of real courier data from the centre of Shanghai in GCJ-02, the 145 positions of the
couriers' phones are named by the first test (27 m from a car road on average instead of 43 m); the 217 customers'
addresses only by the second (55 % beside a road instead of 41 %; 39 % ± 3 % without meaning).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.china_region import is_shifted_region
from geo.coordinates import CoordinateSystem, convert
from geo.geodesy import METRES_PER_DEGREE

FloatArray = NDArray[np.float64]

FAR_M = 100.0
"""Beyond this a position lies nowhere near; how far makes no difference."""

MIN_POSITIONS = 8
MIN_GAIN_M = 8.0
MIN_STANDARD_ERRORS = 3.0

DOOR_NEAREST_M = 6.0
"""Nearer to the centre line of a road than this is on it: the half of a street of two lanes."""
DOOR_FARTHEST_M = 35.0
MIN_DOORS = 30
MAX_DOORS = 2000
"""So many positions are looked at: more would not change the answer, only delay it."""
SHIFTS = 48
SHORTEST_SHIFT_M, LONGEST_SHIFT_M = 150.0, 700.0
MIN_LIKELIEST_SIGMAS = 4.0
MAX_DECLARED_SIGMAS = 2.0

_SPACING_DEGREES = 0.001
_GOLDEN_SHARE = 0.618034
"""Multiples of it spread evenly over [0, 1)."""


@dataclass(frozen=True)
class CoordinateDoubt:
    """How well positions fit what they should lie near, by coordinate system.

    Parameters
    ----------
    declared
        What the caller says they refer to.
    likeliest
        The system that fits clearly better, or `declared` where none does.
    position_count
        Positions that the comparison stands on.
    declared_distance_m, likeliest_distance_m
        Mean distance to what they should lie near, cut at `FAR_M`; NaN where there was nothing to compare.
    declared_beside, likeliest_beside
        Share that lies beside a road as doors do; NaN where the finding does not stand on it.
    """

    declared: CoordinateSystem
    likeliest: CoordinateSystem
    position_count: int
    declared_distance_m: float
    likeliest_distance_m: float
    declared_beside: float = math.nan
    likeliest_beside: float = math.nan

    @property
    def is_doubtful(self) -> bool:
        """Whether another system fits clearly better than the declared one."""
        return self.likeliest is not self.declared

    def sentence(self) -> str:
        """Say it to people, without coordinates.

        Returns
        -------
        str
            One sentence.
        """
        if not self.is_doubtful:
            return f"The positions fit {self.declared.value}."
        if not math.isnan(self.likeliest_beside):
            return (
                f"The positions look like {self.likeliest.value}, not {self.declared.value}: read so, "
                f"{self.likeliest_beside:.0%} of {self.position_count} lie beside a road as doors do, instead of "
                f"{self.declared_beside:.0%}."
            )
        return (
            f"The positions look like {self.likeliest.value}, not {self.declared.value}: read so, "
            f"{self.position_count} of them lie on average {self.likeliest_distance_m:.0f} m instead of "
            f"{self.declared_distance_m:.0f} m from what they should be near (both cut at {FAR_M:.0f} m)."
        )


def doubt_coordinate_system(
    latitude_degrees: ArrayLike,
    longitude_degrees: ArrayLike,
    *,
    declared: CoordinateSystem,
    distance_m: Callable[[FloatArray, FloatArray], FloatArray],
) -> CoordinateDoubt:
    """Compare the declared coordinate system of some positions with the others.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` degrees as they came, before any conversion; those that are not finite are left out.
    declared
        What the caller says they refer to.
    distance_m
        Takes ``(k,)`` WGS-84 latitudes and longitudes and gives ``(k,)`` metres to what such a position should lie
        near: a road, a stay. NaN or infinity where there is nothing.

    Returns
    -------
    CoordinateDoubt
        With the likeliest system.
    """
    latitude, longitude = _spread(np.asarray(latitude_degrees, np.float64), np.asarray(longitude_degrees, np.float64))
    if len(latitude) < MIN_POSITIONS:
        return CoordinateDoubt(declared, declared, len(latitude), math.nan, math.nan)

    def fit(system: CoordinateSystem) -> FloatArray:
        metres = distance_m(*convert(latitude, longitude, source=system, target=CoordinateSystem.WGS84))
        return np.minimum(np.nan_to_num(metres, nan=FAR_M), FAR_M)

    declared_fit = fit(declared)
    fits = {system: fit(system) for system in CoordinateSystem if system is not declared}
    best = min(fits, key=lambda system: float(fits[system].mean()))
    likeliest = best if _is_clear_gain(declared_fit - fits[best]) else declared
    mean_m = {**fits, declared: declared_fit}[likeliest].mean()
    return CoordinateDoubt(declared, likeliest, len(latitude), float(declared_fit.mean()), float(mean_m))


def doubt_coordinate_system_of_doors(
    latitude_degrees: ArrayLike,
    longitude_degrees: ArrayLike,
    *,
    declared: CoordinateSystem,
    road_distance_m: Callable[[FloatArray, FloatArray], FloatArray],
) -> CoordinateDoubt:
    """Compare the declared coordinate system of customers' places with the others.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` degrees as they came, before any conversion; those that are not finite are left out.
    declared
        What the caller says they refer to.
    road_distance_m
        Takes ``(k,)`` WGS-84 latitudes and longitudes and gives ``(k,)`` metres to the nearest road.

    Returns
    -------
    CoordinateDoubt
        With the likeliest system, by either of the two tests.
    """
    doubt = doubt_coordinate_system(latitude_degrees, longitude_degrees, declared=declared, distance_m=road_distance_m)
    if doubt.is_doubtful or doubt.position_count < MIN_DOORS:
        return doubt
    latitude, longitude = _spread(np.asarray(latitude_degrees, np.float64), np.asarray(longitude_degrees, np.float64))
    chosen = np.linspace(0, len(latitude) - 1, min(len(latitude), MAX_DOORS)).astype(np.int64)

    def beside(latitude_wgs84: FloatArray, longitude_wgs84: FloatArray) -> float:
        metres = road_distance_m(latitude_wgs84, longitude_wgs84)
        return float(np.mean((metres > DOOR_NEAREST_M) & (metres < DOOR_FARTHEST_M)))

    readings = {
        system: convert(latitude[chosen], longitude[chosen], source=system, target=CoordinateSystem.WGS84)
        for system in CoordinateSystem
    }
    shares = {system: beside(*reading) for system, reading in readings.items()}
    likeliest = max(shares, key=lambda system: shares[system])
    by_chance = np.array([beside(*_shifted(*readings[likeliest], number)) for number in range(SHIFTS)])
    sigma = max(float(by_chance.std(ddof=1)), 0.5 / math.sqrt(len(chosen)) / SHIFTS)
    sigmas = {system: (share - float(by_chance.mean())) / sigma for system, share in shares.items()}
    if likeliest is declared or sigmas[likeliest] < MIN_LIKELIEST_SIGMAS or sigmas[declared] > MAX_DECLARED_SIGMAS:
        return doubt
    return replace(doubt, likeliest=likeliest, declared_beside=shares[declared], likeliest_beside=shares[likeliest])


def _shifted(latitude: FloatArray, longitude: FloatArray, number: int) -> tuple[FloatArray, FloatArray]:
    """Move positions as a whole, in a direction and by a length that the number chooses: the same in every run."""
    angle = 2.0 * math.pi * (number + 0.5) / SHIFTS
    length_m = SHORTEST_SHIFT_M + (LONGEST_SHIFT_M - SHORTEST_SHIFT_M) * ((number * _GOLDEN_SHARE) % 1.0)
    north, east = length_m * math.cos(angle) / METRES_PER_DEGREE, length_m * math.sin(angle) / METRES_PER_DEGREE
    return latitude + north, longitude + east / np.cos(np.radians(latitude))


def _spread(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Keep one position in each field of about 100 m, inside the region where the systems differ at all."""
    with np.errstate(invalid="ignore"):
        usable = is_shifted_region(latitude, longitude)
    latitude, longitude = latitude[usable], longitude[usable]
    fields = np.round(np.column_stack([latitude, longitude]) / _SPACING_DEGREES).astype(np.int64)
    _, first = np.unique(fields, axis=0, return_index=True)
    first.sort()
    return latitude[first], longitude[first]


def _is_clear_gain(gain_m: FloatArray) -> bool:
    mean_m = float(gain_m.mean())
    standard_error_m = float(gain_m.std(ddof=1)) / math.sqrt(len(gain_m))
    return mean_m >= MIN_GAIN_M and mean_m >= MIN_STANDARD_ERRORS * standard_error_m
