"""Recorded tracks, both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from odograph import v1

from geo.coordinates import CoordinateSystem
from server.errors import FieldViolation, InvalidRequestError, ViolationCode, beside
from server.messages.coordinates import declared_system, value_of_system
from server.messages.notices import notice_messages
from server.messages.times import ms_of_timestamp, timestamp_of_ms
from server.messages.unreadable_fields import unreadable_fields
from server.storage.records import TrackRecord
from server.storage.track_codec import PointColumns
from server.use_cases.check_planning_request import missing_coordinate_system
from server.use_cases.check_track import header_violations
from server.use_cases.recorded_track import (
    GivenTrack,
    RecordedTrack,
    TrackHeader,
    TrackName,
    TrackPart,
    converted_points,
)

PART = "part"


def points_of_message(points: v1.TrackPoints) -> PointColumns:
    """Read recorded points.

    Raises
    ------
    InvalidRequestError
        Where a column is of another length than the times.
    """
    violations = tuple(_length_violations(points))
    if violations:
        raise InvalidRequestError(violations)
    count = len(points.unix_milliseconds)
    return PointColumns(
        np.array(points.unix_milliseconds, np.int64),
        np.array(points.latitude_degrees, np.float64),
        np.array(points.longitude_degrees, np.float64),
        _optional_column(points.accuracy_meters, count),
        _optional_column(points.speed_meters_per_second, count),
        _optional_column(points.bearing_degrees, count),
        sent_ms=_optional_clock(points.sent_unix_milliseconds, count),
    )


def _length_violations(points: v1.TrackPoints) -> Iterator[FieldViolation]:
    count = len(points.unix_milliseconds)
    for name, column, may_be_empty in (
        ("latitude_degrees", points.latitude_degrees, False),
        ("longitude_degrees", points.longitude_degrees, False),
        ("accuracy_meters", points.accuracy_meters, True),
        ("speed_meters_per_second", points.speed_meters_per_second, True),
        ("bearing_degrees", points.bearing_degrees, True),
        ("sent_unix_milliseconds", points.sent_unix_milliseconds, True),
    ):
        if len(column) != count and (column or not may_be_empty):
            yield FieldViolation(
                f"points.{name}", ViolationCode.MALFORMED, f"must have one entry per point: {count} (got {len(column)})"
            )


def track_source_of_message(request: v1.MatchTrackRequest | v1.AuditTrackRequest) -> GivenTrack | TrackName | None:
    """Read the track that a request brings along, or the name of the stored one; None where there is neither."""
    kind = request.WhichOneof("track")
    if kind == "stored_track":
        return track_name_of_message(request.stored_track)
    if kind != "points":
        return None
    unreadable = tuple(_length_violations(request.points))
    points = points_of_message(v1.TrackPoints() if unreadable else request.points)
    return GivenTrack(points, declared_system(request.coordinate_system), unreadable)


def points_message(points: PointColumns) -> v1.TrackPoints:
    """Write recorded points; a column in which nothing is known stays empty."""
    return v1.TrackPoints(
        unix_milliseconds=points.time_ms.tolist(),
        latitude_degrees=points.latitude_degrees.tolist(),
        longitude_degrees=points.longitude_degrees.tolist(),
        accuracy_meters=_known_column(points.accuracy_m),
        speed_meters_per_second=_known_column(points.speed_mps),
        bearing_degrees=_known_column(points.bearing_degrees),
        sent_unix_milliseconds=_known_clock(points.sent_ms),
        received_unix_milliseconds=_known_clock(points.received_ms),
    )


def track_name_of_message(name: v1.TrackName) -> TrackName:
    """Read the name of a track."""
    return TrackName(name.worker_id, name.day)


def track_header_of_message(request: v1.RecordTrackRequest) -> TrackHeader:
    """Read whose track is recorded from the first message of the stream.

    Raises
    ------
    InvalidRequestError
        Where it is no header, cannot be read, or declares no coordinate system; then with all else that is wrong.
    """
    if request.WhichOneof("content") != "header":
        raise InvalidRequestError(
            (FieldViolation("header", ViolationCode.REQUIRED, "must be in the first message of the stream"),)
        )
    header = request.header
    system = declared_system(header.coordinate_system)
    read = TrackHeader(
        name=track_name_of_message(header.name),
        coordinate_system=system or CoordinateSystem.WGS84,
        working_hours=tuple(
            (ms_of_timestamp(span.start_time), ms_of_timestamp(span.end_time)) for span in header.working_hours
        ),
    )
    unreadable = unreadable_fields(request)
    missing = () if system else (missing_coordinate_system("header.coordinate_system"),)
    if unreadable or missing:
        raise InvalidRequestError(beside(unreadable, (*missing, *header_violations(read))))
    return read


async def track_parts_of_messages(requests: AsyncIterator[v1.RecordTrackRequest]) -> AsyncIterator[TrackPart]:
    """Read the parts of a track from the later messages of the stream.

    Raises
    ------
    InvalidRequestError
        Where a message is no part, or its columns do not fit together.
    """
    async for request in requests:
        if request.WhichOneof("content") != PART:
            raise InvalidRequestError(
                (FieldViolation(PART, ViolationCode.REQUIRED, "must be in every message after the first"),)
            )
        try:
            yield TrackPart(request.part.first_sequence, points_of_message(request.part.points))
        except InvalidRequestError as error:
            raise error.inside(PART) from error


def track_message(record: TrackRecord, system: CoordinateSystem = CoordinateSystem.WGS84) -> v1.Track:
    """Write a track, its points in `system` where the record has them."""
    recorded = CoordinateSystem(record.coordinate_system)
    message = v1.Track(
        name=v1.TrackName(worker_id=record.worker_id, day=record.day),
        create_time=timestamp_of_ms(record.create_ms),
        update_time=timestamp_of_ms(record.update_ms),
        working_hours=[
            v1.TimeWindow(start_time=timestamp_of_ms(start_ms), end_time=timestamp_of_ms(end_ms))
            for start_ms, end_ms in record.working_hours
        ],
        point_count=record.point_count,
        outside_working_hours_count=record.outside_count,
        next_sequence=record.next_sequence,
        recorded_coordinate_system=value_of_system(recorded),
        coordinate_system=value_of_system(system),
    )
    if record.points is not None:
        message.points.CopyFrom(points_message(converted_points(record.points, source=recorded, target=system)))
    return message


def recorded_track_message(recorded: RecordedTrack) -> v1.RecordTrackResponse:
    """Write what was taken in."""
    return v1.RecordTrackResponse(
        track=track_message(recorded.track),
        accepted_count=recorded.accepted_count,
        duplicate_count=recorded.duplicate_count,
        outside_working_hours_count=recorded.outside_count,
        notices=notice_messages(recorded.notices),
    )


def _optional_column(column: Sequence[float], count: int) -> NDArray[np.float64]:
    return np.array(column, np.float64) if column else np.full(count, np.nan)


def _optional_clock(column: Sequence[int], count: int) -> NDArray[np.int64]:
    return np.array(column, np.int64) if column else np.zeros(count, np.int64)


def _known_clock(column: NDArray[np.int64]) -> list[int]:
    return column.tolist() if column.any() else []


def _known_column(column: NDArray[np.float64]) -> list[float]:
    return [] if np.isnan(column).all() else column.tolist()
