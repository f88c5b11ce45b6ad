"""Decides where a track stood still.

A stay is a part of the track that keeps within a small area for at least a given time. Noise that leaves the area
for a moment and comes back does not end it; driving through does not begin it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.tracks.noise_kernels import white_noise_m
from geo.tracks.stay_kernels import StayLimits, stay_areas
from geo.tracks.track import Track


@dataclass(frozen=True)
class Stay:
    """A part of the track that stays within a small area for at least a given time.

    Parameters
    ----------
    first_point, last_point
        Indices of the first and last raw point (both included).
    start_ms, end_ms
        Unix milliseconds of arrival and departure.
    latitude_degrees, longitude_degrees
        Centre: the median of the believed points inside.
    radius_m
        Radius in metres that holds 95 % of them.
    """

    first_point: int
    last_point: int
    start_ms: int
    end_ms: int
    latitude_degrees: float
    longitude_degrees: float
    radius_m: float


@dataclass(frozen=True)
class StayOptions:
    """What counts as standing still.

    Parameters
    ----------
    min_duration_s
        Shortest stay; longer than a red light.
    radius_m
        How far a point may lie from the running centre of the stay. Where the track jitters more, the radius grows
        with it.
    radius_noises
        The radius is at least this many standard deviations of the white noise of the track.
    settle_radius_m, settle_noises
        Until the shortest stay is over, points lie within the first, or so many standard deviations of the white noise,
        but never farther than the radius: who manoeuvres in a yard or walks on is further apart. Receivers whose error
        wanders show a part of that as white noise. Where the noise is not known, the radius counts from the beginning.
    max_excursion_s
        Points outside the radius for no longer than this, or a single one of any duration, do not end the stay.
    max_hole_s
        A hole in the recording of more than this is not covered by a stay, even where the track goes on at the same
        place: nobody knows what happened in between.
    """

    min_duration_s: float = 120.0
    radius_m: float = 40.0
    radius_noises: float = 3.5
    settle_radius_m: float = 20.0
    settle_noises: float = 18.0
    max_excursion_s: float = 60.0
    max_hole_s: float = 900.0

    def __post_init__(self) -> None:
        """Refuse values under which nothing or everything is a stay."""
        for name, value in vars(self).items():
            if not value > 0.0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)


def find_stays(track: Track, keep: NDArray[np.bool_], options: StayOptions | None = None) -> tuple[Stay, ...]:
    """Find where a track stood still.

    Parameters
    ----------
    track
        Raw points.
    keep
        ``(n,)`` bool: the points to believe (`geo.tracks.cleaning.CleanedTrack.keep`).
    options
        What counts as standing still.

    Returns
    -------
    tuple[Stay, ...]
        In order of time; they do not overlap.
    """
    return stays_among(track, np.flatnonzero(keep), options or StayOptions())


def stays_among(
    track: Track, kept: NDArray[np.int64], options: StayOptions, noise_m: float | None = None
) -> tuple[Stay, ...]:
    """Find where the believed points of a track stood still.

    Parameters
    ----------
    track
        Raw points.
    kept
        ``(k,)`` indices of the points to believe, ascending in time.
    options
        What counts as standing still.
    noise_m
        White noise of the track where it is known already; measured where left out.

    Returns
    -------
    tuple[Stay, ...]
        In order of time; they do not overlap.
    """
    time_ms, latitude, longitude = track.time_ms, track.latitude_degrees, track.longitude_degrees
    if noise_m is None:
        noise_m = white_noise_m(time_ms, latitude, longitude, kept)
    radius_m = settle_radius_m = options.radius_m
    if not math.isnan(noise_m):
        radius_m = max(radius_m, options.radius_noises * noise_m)
        settle_radius_m = min(radius_m, max(options.settle_radius_m, options.settle_noises * noise_m))
    limits = StayLimits(
        min_duration_ms=options.min_duration_s * 1000.0,
        settle_radius_m=settle_radius_m,
        radius_m=radius_m,
        max_excursion_ms=options.max_excursion_s * 1000.0,
        max_hole_ms=options.max_hole_s * 1000.0,
    )
    first, last, places = stay_areas(time_ms, latitude, longitude, kept, limits)
    return tuple(
        Stay(
            first_point=int(kept[first[stay]]),
            last_point=int(kept[last[stay]]),
            start_ms=int(time_ms[kept[first[stay]]]),
            end_ms=int(time_ms[kept[last[stay]]]),
            latitude_degrees=float(places[stay, 0]),
            longitude_degrees=float(places[stay, 1]),
            radius_m=float(places[stay, 2]),
        )
        for stay in range(len(first))
    )
