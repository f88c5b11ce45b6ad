"""Stays: where a track stood still."""

from __future__ import annotations

from dataclasses import dataclass


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
