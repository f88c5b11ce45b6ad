"""Cuts a track to working hours: what lies outside is neither looked at nor kept, only counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.tracks.track import Track


@dataclass(frozen=True, eq=False)
class WorkingTrack:
    """The part of a track that may be looked at.

    Parameters
    ----------
    track
        Its points, renumbered.
    outside
        Number of points that were left out.
    """

    track: Track
    outside: int


def cut_to_working_hours(track: Track, *, start_ms: int, end_ms: int) -> WorkingTrack:
    """Leave out every point outside working hours.

    Parameters
    ----------
    track
        Raw points in any order of time.
    start_ms, end_ms
        Working hours, Unix milliseconds, both included.

    Returns
    -------
    WorkingTrack
        New arrays: nothing of what was left out hangs on to them.
    """
    is_inside = (track.time_ms >= start_ms) & (track.time_ms <= end_ms)
    inside = Track(
        track.time_ms[is_inside],
        track.latitude_degrees[is_inside],
        track.longitude_degrees[is_inside],
        accuracy_m=track.accuracy_m[is_inside],
        speed_mps=track.speed_mps[is_inside],
        bearing_degrees=track.bearing_degrees[is_inside],
    )
    return WorkingTrack(inside, int(np.count_nonzero(~is_inside)))
