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

Limits: fewer than `MIN_POSITIONS` positions are never doubtful. Where roads lie closer together than the shift is
long, a wrong reading also lies near roads, and only many positions can tell: of real courier data from the centre of
Shanghai in GCJ-02, 145 positions of the couriers' phones are named (27 m from a car road on average instead of 43 m),
but the 217 customers' addresses are not (39 m and 41 m), as doors lie inside the blocks. Against stays they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.china_region import is_shifted_region
from geo.coordinates import CoordinateSystem, convert

FloatArray = NDArray[np.float64]

FAR_M = 100.0
"""Beyond this a position lies nowhere near; how far makes no difference."""

MIN_POSITIONS = 8
MIN_GAIN_M = 8.0
MIN_STANDARD_ERRORS = 3.0

_SPACING_DEGREES = 0.001


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
    """

    declared: CoordinateSystem
    likeliest: CoordinateSystem
    position_count: int
    declared_distance_m: float
    likeliest_distance_m: float

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
