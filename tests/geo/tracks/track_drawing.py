"""Tracks drawn in metres around one place, for tests that think in metres and seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geo.geodesy import places_at
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

START_MS = 1_700_000_000_000
ORIGIN_LATITUDE_DEGREES = 41.15
ORIGIN_LONGITUDE_DEGREES = -8.61


def drawn_track(
    time_s: ArrayLike, east_m: ArrayLike, north_m: ArrayLike | float = 0.0, *, accuracy_m: ArrayLike | None = None
) -> Track:
    """Make a track of metres east and north of the origin at seconds after the start."""
    time = np.asarray(time_s, np.float64)
    latitude, longitude = places_at(
        ORIGIN_LATITUDE_DEGREES,
        ORIGIN_LONGITUDE_DEGREES,
        east_m=np.broadcast_to(east_m, time.shape),
        north_m=np.broadcast_to(north_m, time.shape),
    )
    return recorded_track(START_MS + np.round(time * 1000.0), latitude, longitude, accuracy_m=accuracy_m)
