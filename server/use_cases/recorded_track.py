"""What a device sends, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geo.coordinates import CoordinateSystem, convert
from server.errors import FieldViolation
from server.storage.records import TrackRecord
from server.storage.track_codec import PointColumns
from server.use_cases.notices import Notice


@dataclass(frozen=True)
class TrackName:
    """Names one stored track: the worker and the calendar date (ISO 8601)."""

    worker_id: str
    day: str

    def __str__(self) -> str:
        """Return it for messages."""
        return f"{self.worker_id} {self.day}"


@dataclass(frozen=True, eq=False)
class GivenTrack:
    """A track that a request brings along.

    Parameters
    ----------
    points
        Its points; none where they cannot be read.
    coordinate_system
        What they refer to; None is reported as missing.
    unreadable
        What keeps the points from being read.
    """

    points: PointColumns
    coordinate_system: CoordinateSystem | None
    unreadable: tuple[FieldViolation, ...] = ()


@dataclass(frozen=True)
class TrackHeader:
    """Whose track is recorded.

    Parameters
    ----------
    name
        The worker and the day.
    coordinate_system
        What the points refer to.
    working_hours
        ``(start_ms, end_ms)`` of each span, in order of time and without overlap.
    """

    name: TrackName
    coordinate_system: CoordinateSystem
    working_hours: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class TrackPart:
    """Points of a track, and the sequence number of the first of them."""

    first_sequence: int
    points: PointColumns


@dataclass(frozen=True, eq=False)
class RecordedTrack:
    """What was taken in: the track as it now stands, and what became of the points of this stream."""

    track: TrackRecord
    accepted_count: int
    duplicate_count: int
    outside_count: int
    notices: tuple[Notice, ...]


def converted_points(points: PointColumns, *, source: CoordinateSystem, target: CoordinateSystem) -> PointColumns:
    """Return the same points in another coordinate system.

    Parameters
    ----------
    points
        The points, in `source`.
    source, target
        What their degrees refer to, and what they shall refer to.

    Returns
    -------
    PointColumns
        The points, in `target`.
    """
    latitude, longitude = convert(points.latitude_degrees, points.longitude_degrees, source=source, target=target)
    return replace(points, latitude_degrees=latitude, longitude_degrees=longitude)
