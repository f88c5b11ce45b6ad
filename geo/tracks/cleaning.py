"""Decides which recorded points to believe. Raw points are never changed; each one dropped gets its reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.tracks.cleaning_kernels import CleaningLimits, believed_points
from geo.tracks.track import DropReason, Track


@dataclass(frozen=True)
class CleaningOptions:
    """What is not believed.

    Parameters
    ----------
    max_speed_mps
        No worker of the profile moves faster between two points; faster is a teleport.
    max_speed_unseen_mps
        The same across a hole in the recording of more than `unseen_s`: a flight or a train is possible there.
    unseen_s
        Seconds without a point after which the slower limit no longer holds.
    max_accuracy_m
        Points with a worse 68 % radius are dropped.
    jump_slack_m
        Metres that two points may lie too far apart for their time, by noise alone.
    jump_cost_s
        Two parts of a track that nobody could have joined are both kept, as a jump, where leaving the smaller out
        would lose more than so many seconds.
    max_acceleration_mps2
        A point that would need more to lie so far aside of its two neighbours is a spike.
    """

    max_speed_mps: float = 70.0
    max_speed_unseen_mps: float = 300.0
    unseen_s: float = 600.0
    max_accuracy_m: float = 200.0
    jump_slack_m: float = 60.0
    jump_cost_s: float = 120.0
    max_acceleration_mps2: float = 10.0

    def __post_init__(self) -> None:
        """Refuse limits that drop everything."""
        for name, value in vars(self).items():
            if not value > 0.0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)


@dataclass(frozen=True, eq=False)
class CleanedTrack:
    """A track with what is believed of it.

    Parameters
    ----------
    track
        The raw track, unchanged.
    drop_reason
        ``(n,)`` uint8 (`DropReason`) per raw point; `DropReason.NONE` for those believed.
    kept
        ``(k,)`` int64 indices of the believed points: strictly ascending in place and in time.
    noise_m
        Standard deviation per axis of the white part of the position noise; NaN where the points lie too far apart
        in time to tell.
    """

    track: Track
    drop_reason: NDArray[np.uint8]
    kept: NDArray[np.int64]
    noise_m: float

    @property
    def keep(self) -> NDArray[np.bool_]:
        """``(n,)`` bool: whether the raw point is believed."""
        return np.equal(self.drop_reason, DropReason.NONE)


def clean_track(track: Track, options: CleaningOptions | None = None) -> CleanedTrack:
    """Decide for every raw point whether to believe it.

    In this order: points that are no place on the earth or whose accuracy is too poor; points that break the order of
    time (the longest sequence with ascending times stays); points that no worker could have reached (the largest set
    of points that one worker could have recorded stays); single points far aside of neighbours that agree.

    Parameters
    ----------
    track
        Any recording, however damaged.
    options
        What is not believed.

    Returns
    -------
    CleanedTrack
        The same track with a reason for every point dropped.
    """
    options = options or CleaningOptions()
    limits = CleaningLimits(
        max_speed_mps=options.max_speed_mps,
        max_speed_unseen_mps=options.max_speed_unseen_mps,
        unseen_ms=options.unseen_s * 1000.0,
        max_accuracy_m=options.max_accuracy_m,
        jump_slack_m=options.jump_slack_m,
        jump_cost_ms=options.jump_cost_s * 1000.0,
        max_acceleration_mps2=options.max_acceleration_mps2,
    )
    kept, reasons, noise_m = believed_points(
        track.time_ms, track.latitude_degrees, track.longitude_degrees, track.accuracy_m, limits
    )
    return CleanedTrack(track, reasons, kept, noise_m)
