"""Decides whether what a device sends is a track, and lists every broken rule by its field path."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from server.errors import FieldViolation, ViolationCode
from server.storage.track_codec import PointColumns
from server.use_cases.identity import day_violations, id_violations
from server.use_cases.recorded_track import TrackHeader, TrackName, TrackPart

MAX_PART_POINTS = 50_000
MAX_LISTED_PER_RULE = 5
"""A status has room for some fifty violations: every rule must find a place among them."""
MAX_HOURS_SPREAD_MS = 48 * 3_600_000
LATEST_TIME_MS = 7_258_118_400_000
MAX_LATITUDE_DEGREES = 90.0
MAX_LONGITUDE_DEGREES = 180.0
MAX_BEARING_DEGREES = 360.0


def track_name_violations(name: TrackName, path: str) -> Iterator[FieldViolation]:
    """Yield the broken rules of a track's name.

    Parameters
    ----------
    name
        The name.
    path
        Path of its field.

    Yields
    ------
    FieldViolation
        A missing or overlong worker, a day that is no date.
    """
    yield from id_violations(name.worker_id, f"{path}.worker_id")
    yield from day_violations(name.day, f"{path}.day")


def header_violations(header: TrackHeader) -> Iterator[FieldViolation]:
    """Yield the broken rules of a header, by the field paths of `odograph.v1.RecordTrackRequest`.

    Parameters
    ----------
    header
        The header.

    Yields
    ------
    FieldViolation
        A bad name, working hours that are missing, of no calendar, out of order or too far apart.
    """
    yield from track_name_violations(header.name, "header.name")
    if not header.working_hours:
        yield FieldViolation("header.working_hours", ViolationCode.REQUIRED, "at least one span is required")
    latest_ms = 0
    for index, (start_ms, end_ms) in enumerate(header.working_hours):
        if not (start_ms > 0 and end_ms < LATEST_TIME_MS):
            yield FieldViolation(
                f"header.working_hours[{index}]", ViolationCode.OUT_OF_RANGE, "must lie between the years 1970 and 2200"
            )
        elif end_ms <= start_ms:
            yield FieldViolation(
                f"header.working_hours[{index}]", ViolationCode.EMPTY_WINDOW, "must end after it starts"
            )
        elif start_ms <= latest_ms:
            yield FieldViolation(
                f"header.working_hours[{index}]", ViolationCode.OUT_OF_ORDER, "must start after the span before it ends"
            )
        latest_ms = max(latest_ms, end_ms)
    if header.working_hours and latest_ms - header.working_hours[0][0] > MAX_HOURS_SPREAD_MS:
        yield FieldViolation("header.working_hours", ViolationCode.OUT_OF_RANGE, "all spans must lie within 48 hours")


def part_violations(part: TrackPart) -> Iterator[FieldViolation]:
    """Yield the broken rules of a part, by the field paths of `odograph.v1.RecordTrackRequest`.

    Parameters
    ----------
    part
        The part.

    Yields
    ------
    FieldViolation
        A negative sequence number, and what is wrong with its points.
    """
    if part.first_sequence < 0:
        yield FieldViolation(
            "part.first_sequence", ViolationCode.OUT_OF_RANGE, f"must not be negative (got {part.first_sequence})"
        )
    yield from (violation.inside("part") for violation in point_violations(part.points))


def point_violations(
    points: PointColumns, *, least: int = 1, most: int = MAX_PART_POINTS, may_be_damaged: bool = False
) -> Iterator[FieldViolation]:
    """Yield the broken rules of recorded points, by the field paths of `odograph.v1.TrackPoints`.

    Parameters
    ----------
    points
        The points; columns of equal length.
    least, most
        How many there may be.
    may_be_damaged
        Whether points may be in any order of time and without a place, as devices record them: cleaning then drops
        them one by one, each with its reason.

    Yields
    ------
    FieldViolation
        The first five points per rule, then how many more.
    """
    if not least <= len(points) <= most:
        code = ViolationCode.LIMIT_EXCEEDED if len(points) > most else ViolationCode.REQUIRED
        yield FieldViolation("points", code, f"must hold {least} to {most} points (got {len(points)})")
    if len(points) > most:
        return  # what is refused for its size is not worth looking through
    ascends = (np.diff(points.time_ms, prepend=points.time_ms[:1] - 1) > 0) | may_be_damaged
    is_no_fix = (np.isnan(points.latitude_degrees) | np.isnan(points.longitude_degrees)) & may_be_damaged
    is_of_our_time = (points.time_ms > 0) & (points.time_ms < LATEST_TIME_MS)
    is_known_time = (points.sent_ms >= 0) & (points.sent_ms < LATEST_TIME_MS)
    is_on_earth = (
        (np.abs(points.latitude_degrees) <= MAX_LATITUDE_DEGREES) | is_no_fix,
        (np.abs(points.longitude_degrees) <= MAX_LONGITUDE_DEGREES) | is_no_fix,
    )
    bearing = points.bearing_degrees
    rules = (
        ("unix_milliseconds", ascends, "must be later than the point before it"),
        ("unix_milliseconds", is_of_our_time, "must lie between the years 1970 and 2200"),
        ("sent_unix_milliseconds", is_known_time, "must lie between the years 1970 and 2200; 0 says unknown"),
        ("latitude_degrees", is_on_earth[0], "must lie in [-90, 90]"),
        ("longitude_degrees", is_on_earth[1], "must lie in [-180, 180]"),
        ("accuracy_meters", ~(points.accuracy_m < 0), "must not be negative; NaN says unknown"),
        ("speed_meters_per_second", ~(points.speed_mps < 0), "must not be negative; NaN says unknown"),
        ("bearing_degrees", ~((bearing < 0) | (bearing > MAX_BEARING_DEGREES)), "must lie in [0, 360] or be NaN"),
    )
    for name, is_right, description in rules:
        code = ViolationCode.OUT_OF_ORDER if is_right is ascends else ViolationCode.OUT_OF_RANGE
        wrong = np.flatnonzero(~is_right)
        for index in wrong[:MAX_LISTED_PER_RULE]:
            yield FieldViolation(f"points.{name}[{index}]", code, description)
        if len(wrong) > MAX_LISTED_PER_RULE:
            rest = f"{len(wrong) - MAX_LISTED_PER_RULE} more points break this rule"
            yield FieldViolation(f"points.{name}", ViolationCode.MORE_VIOLATIONS, rest)
