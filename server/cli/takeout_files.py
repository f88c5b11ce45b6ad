"""Google location history: what a person exports from their own account or phone.

====================================  =================================================================================
file                                  what is read
====================================  =================================================================================
``Records.json`` (Takeout)            ``locations``: every recorded fix with accuracy, speed and heading
``2024_MARCH.json`` (Takeout,         ``timelineObjects``: the raw path of each activity with its two ends, and each
Semantic Location History)            place visit as a point at its start and its end
``Timeline.json`` (Android)           ``rawSignals`` (fixes) and ``semanticSegments``: timeline paths, activities,
                                      visits
``location-history.json`` (iOS)       the list of the same segments, in ``geo:`` notation
``….zip`` (Takeout)                   the files above inside (`server.cli.takeout_archive`)
====================================  =================================================================================

Everything but the raw fixes was made by Google from fixes that are not in the file: a coarse line, some minutes apart.
Points come out in order of time; of points with the same time, the first in the table above stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.cli.track_points import TrackPoint, unix_ms
from server.errors import FieldViolation, InvalidRequestError, ViolationCode

_IOS = "segments"
"""Our name of the list that iOS writes without one."""

_KEYS = ("locations", "timelineObjects", "semanticSegments", "rawSignals")
_SEGMENT_KEYS = {"visit", "activity", "timelinePath", "timelineMemory"}
_OFFSET = "durationMinutesOffsetFromStartTime"
_MOST_OFFSET_MINUTES = 366 * 24 * 60
_E7 = 1e7
_TWO_NUMBERS = re.compile(r"(?:geo:)?\s*(-?\d+(?:\.\d+)?)\s*°?\s*,\s*(-?\d+(?:\.\d+)?)\s*°?\s*")


def is_takeout(document: object) -> bool:
    """Whether a JSON document is one of the forms above.

    Parameters
    ----------
    document
        What was read.

    Returns
    -------
    bool
        Decided by its outermost names.
    """
    if isinstance(document, dict):
        return any(isinstance(document.get(key), list) for key in _KEYS)
    if isinstance(document, list) and document and isinstance(document[0], dict):
        return "startTime" in document[0] and not _SEGMENT_KEYS.isdisjoint(document[0])
    return False


def holds_fixes(document: object) -> bool:
    """Whether a history holds recorded fixes, and not only what Google made of them.

    Parameters
    ----------
    document
        For which `is_takeout` holds.

    Returns
    -------
    bool
        True for ``Records.json``.
    """
    return isinstance(document, dict) and isinstance(document.get("locations"), list)


def takeout_points(document: object, name: str) -> list[TrackPoint]:
    """Read the points of a history.

    Parameters
    ----------
    document
        For which `is_takeout` holds.
    name
        Of the file, for messages.

    Returns
    -------
    list[TrackPoint]
        In order of time.

    Raises
    ------
    InvalidRequestError
        With every entry whose time or place cannot be read.
    """
    root = document if isinstance(document, dict) else {_IOS: document}
    violations: list[FieldViolation] = []
    by_time: dict[int, TrackPoint] = {}
    for key, read in _READERS.items():
        for entry in _Node(root, "").items(key):
            try:
                for point in read(entry):
                    by_time.setdefault(point.time_ms, point)
            except _UnreadableError as error:
                violations.append(FieldViolation(f"{name}, {error.path}", ViolationCode.MALFORMED, error.rule))
    if violations:
        raise InvalidRequestError(tuple(violations))
    return [by_time[time_ms] for time_ms in sorted(by_time)]


class _UnreadableError(ValueError):
    """A value that is not what its name says: its path in the document, and the rule that it breaks."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(rule)
        self.path = path
        self.rule = rule


@dataclass(frozen=True)
class _Node:
    """A value of the document, and its path."""

    value: object
    path: str

    def child(self, *names: str) -> _Node:
        """Return the first member of these names; a node of None where there is none."""
        members = self.value if isinstance(self.value, dict) else {}
        name = next((name for name in names if members.get(name) is not None), names[0])
        return _Node(members.get(name), f"{self.path}.{name}" if self.path else name)

    def items(self, name: str) -> Iterator[_Node]:
        """Yield the elements of a list; none where there is no list."""
        node = self.child(name)
        for number, element in enumerate(node.value if isinstance(node.value, list) else ()):
            yield _Node(element, f"{node.path}[{number}]")

    def number(self, *names: str) -> float:
        """Return a number; NaN where it is missing."""
        node = self.child(*names)
        if node.value is None:
            return math.nan
        try:
            return float(str(node.value))
        except ValueError:
            raise _UnreadableError(node.path, "must be a number") from None

    def time_ms(self, *names: str) -> int:
        """Return a time that must be there."""
        node = self.child(*names)
        try:
            return unix_ms(str(node.value))
        except ValueError:
            rule = "must be ISO 8601 with a zone, or Unix milliseconds" if node.value is not None else "is missing"
            raise _UnreadableError(node.path, rule) from None

    def place(self) -> tuple[float, float] | None:
        """Return latitude and longitude in any of the notations; None where there is no value."""
        if self.value is None:
            return None
        if isinstance(self.value, dict):
            inner = self.child("latLng", "LatLng")
            if inner.value is not None:
                return inner.place()
            latitude, longitude = self.number("latitudeE7", "latE7"), self.number("longitudeE7", "lngE7")
            return None if math.isnan(latitude) or math.isnan(longitude) else (latitude / _E7, longitude / _E7)
        numbers = _TWO_NUMBERS.fullmatch(str(self.value))
        if numbers is None:
            raise _UnreadableError(self.path, "must be two degrees such as 60.17°, 24.94° or geo:60.17,24.94")
        return float(numbers[1]), float(numbers[2])


def _fix(entry: _Node) -> Iterator[TrackPoint]:
    """Read an entry of ``locations``; a few have no place."""
    place = entry.place()
    if place is not None:
        yield TrackPoint(
            entry.time_ms("timestamp", "timestampMs"),
            *place,
            accuracy_m=entry.number("accuracy"),
            speed_mps=entry.number("velocity"),
            bearing_degrees=entry.number("heading"),
        )


def _signal(entry: _Node) -> Iterator[TrackPoint]:
    """Read an entry of ``rawSignals``; those without a position are about Wi-Fi and movement."""
    position = entry.child("position")
    place = position.place()
    if place is not None:
        accuracy_m, speed_mps = position.number("accuracyMeters"), position.number("speedMetersPerSecond")
        yield TrackPoint(position.time_ms("timestamp"), *place, accuracy_m=accuracy_m, speed_mps=speed_mps)


def _timeline_object(entry: _Node) -> Iterator[TrackPoint]:
    """Read an entry of ``timelineObjects``."""
    activity, visit = entry.child("activitySegment"), entry.child("placeVisit")
    moved = activity.value is not None
    inner = activity if moved else visit
    span = inner.child("duration")
    ends = (inner.child("startLocation"), inner.child("endLocation")) if moved else (inner.child("location"),) * 2
    yield from _at_ends(ends, span, ("startTimestamp", "startTimestampMs"), ("endTimestamp", "endTimestampMs"))
    for point in inner.child("simplifiedRawPath").items("points"):
        place = point.place()
        if place is not None:
            yield TrackPoint(
                point.time_ms("timestamp", "timestampMs"), *place, accuracy_m=point.number("accuracyMeters")
            )


def _segment(entry: _Node) -> Iterator[TrackPoint]:
    """Read a segment of ``Timeline.json`` or of the list that iOS writes."""
    for point in entry.items("timelinePath"):
        place = point.place() if not isinstance(point.value, dict) else point.child("point").place()
        if place is not None:
            minutes = point.number(_OFFSET)
            if abs(minutes) > _MOST_OFFSET_MINUTES:
                raise _UnreadableError(point.child(_OFFSET).path, "must lie within a year of the start")
            time_ms = (
                point.time_ms("time") if math.isnan(minutes) else entry.time_ms("startTime") + round(minutes * 60_000)
            )
            yield TrackPoint(time_ms, *place)
    activity, visited = entry.child("activity"), entry.child("visit").child("topCandidate").child("placeLocation")
    for ends in ((activity.child("start"), activity.child("end")), (visited, visited)):
        yield from _at_ends(ends, entry, ("startTime",), ("endTime",))


def _at_ends(
    ends: tuple[_Node, ...], span: _Node, start: tuple[str, ...], end: tuple[str, ...]
) -> Iterator[TrackPoint]:
    """Put a point at each end of a span that has a place."""
    for node, names in zip(ends, (start, end), strict=True):
        place = node.place()
        if place is not None:
            yield TrackPoint(span.time_ms(*names), *place)


_READERS: dict[str, Callable[[_Node], Iterator[TrackPoint]]] = {
    "locations": _fix,
    "rawSignals": _signal,
    "timelineObjects": _timeline_object,
    "semanticSegments": _segment,
    _IOS: _segment,
}
