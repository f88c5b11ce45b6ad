"""Tracks: reads CSV, GPX and GeoJSON files into the points of one worker's day.

* CSV, XLSX, JSON tables: one row per point with ``time``, ``latitude_degrees``, ``longitude_degrees`` and, where the
  device gave them, ``accuracy_m``, ``speed_mps``, ``bearing_degrees``.
* GPX 1.0 and 1.1: every ``trkpt`` with its ``time``; segments are joined.
* GeoJSON: a LineString with the list ``times`` (or ``coordTimes``) in its properties, or Points with ``time``.

A time is ISO 8601 with a zone or ``Z``, or Unix seconds or milliseconds. Points stay in the order of the file and are
not cleaned here: `geo.tracks.cleaning` judges them, and says why it drops one.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from geo.tracks.track import Track
from server.cli.cells import RowReader, check_columns
from server.cli.table_files import TableRow, invalid_file, read_table, read_text
from server.errors import FieldViolation, InvalidRequestError
from server.storage.track_codec import PointColumns

TRACK_COLUMNS: dict[str, tuple[str, ...]] = {
    "time": ("timestamp", "time_ms", "time_s", "t_s", "unix_s", "时间"),
    "latitude_degrees": ("latitude", "lat", "纬度"),
    "longitude_degrees": ("longitude", "lon", "lng", "经度"),
    "accuracy_m": ("accuracy", "精度"),
    "speed_mps": ("speed", "速度"),
    "bearing_degrees": ("bearing", "course", "方向"),
}
"""Our name of each column, and the other names under which it is understood."""

# Unix seconds stay below this until the year 5138; Unix milliseconds are above it since 1973.
_FIRST_MILLISECONDS = 1e11


@dataclass(frozen=True)
class _Point:
    time_ms: int
    latitude_degrees: float
    longitude_degrees: float
    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    bearing_degrees: float = math.nan


def read_track(path: Path) -> Track:
    """Read a track.

    Parameters
    ----------
    path
        A file that ends in ``.gpx``, ``.geojson``, or as a table does (see `server.cli.table_files.read_table`).

    Returns
    -------
    Track
        The points as they stand in the file, in the coordinate system of the file.

    Raises
    ------
    InvalidRequestError
        Where the file is not of its kind, has no points, or points without a time; lists every such place.
    """
    readers = {".gpx": _gpx_points, ".geojson": _geojson_points}
    points = readers.get(path.suffix.lower(), _table_points)(path)
    if not points:
        raise invalid_file(path, "holds no track points")
    return Track(
        time_ms=np.array([point.time_ms for point in points], dtype=np.int64),
        latitude_degrees=np.array([point.latitude_degrees for point in points]),
        longitude_degrees=np.array([point.longitude_degrees for point in points]),
        accuracy_m=np.array([point.accuracy_m for point in points]),
        speed_mps=np.array([point.speed_mps for point in points]),
        bearing_degrees=np.array([point.bearing_degrees for point in points]),
    )


def read_points(path: Path) -> PointColumns:
    """Read a track in the form in which the use cases take it.

    Parameters
    ----------
    path
        As in `read_track`.

    Returns
    -------
    PointColumns
        The points as they stand in the file.

    Raises
    ------
    InvalidRequestError
        As in `read_track`.
    """
    return PointColumns(**vars(read_track(path)))


def unix_ms(text: str) -> int:
    """Turn a time as files write it into Unix milliseconds.

    Parameters
    ----------
    text
        ISO 8601 with a zone or ``Z``; or Unix seconds or milliseconds.

    Returns
    -------
    int
        Unix milliseconds.

    Raises
    ------
    ValueError
        Where the text is neither, or names no zone.
    """
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            message = "the time names no zone"
            raise ValueError(message) from None
        return round(moment.timestamp() * 1000)
    if not math.isfinite(number):
        message = "the time is not finite"
        raise ValueError(message)
    return round(number if abs(number) >= _FIRST_MILLISECONDS else number * 1000)


def _table_points(path: Path) -> list[_Point]:
    rows = read_table(path)
    required = ("time", "latitude_degrees", "longitude_degrees")
    check_columns(path, rows, required=required, aliases=TRACK_COLUMNS)
    violations: list[FieldViolation] = []
    points = [_row_point(row, violations) for row in rows]
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _row_point(row: TableRow, violations: list[FieldViolation]) -> _Point:
    reader = RowReader(row, TRACK_COLUMNS, violations)
    place = reader.place(required=True)
    extras = [reader.number(name) for name in ("accuracy_m", "speed_mps", "bearing_degrees")]
    return _Point(
        _time_cell(reader),
        math.nan if place is None else place.latitude_degrees,
        math.nan if place is None else place.longitude_degrees,
        *(math.nan if value is None else value for value in extras),
    )


def _time_cell(reader: RowReader) -> int:
    text = reader.required_text("time")
    if not text:
        return 0
    try:
        return unix_ms(text)
    except ValueError:
        reader.refuse("time", f"must be ISO 8601 with a zone, or Unix seconds or milliseconds (got {text!r})")
        return 0


def _gpx_points(path: Path) -> list[_Point]:
    try:
        root = ET.fromstring(path.read_bytes())  # noqa: S314 - a file of the caller's own, read in the caller's process
    except ET.ParseError as error:
        raise invalid_file(path, f"is not GPX: line {error.position[0]} is not XML") from error
    violations: list[FieldViolation] = []
    points = [
        _gpx_point(element, f"{path.name}, trkpt {number}", violations)
        for number, element in enumerate(root.iterfind(".//{*}trkpt"), 1)
    ]
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _gpx_point(element: ET.Element, place: str, violations: list[FieldViolation]) -> _Point:
    text = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element.iter()}
    cells = {
        "latitude_degrees": element.get("lat", ""),
        "longitude_degrees": element.get("lon", ""),
        "time": text.get("time", ""),
        "speed_mps": text.get("speed", ""),
        "bearing_degrees": text.get("course", ""),
    }
    return _row_point(TableRow(place, {name: value for name, value in cells.items() if value}), violations)


def _geojson_points(path: Path) -> list[_Point]:
    try:
        document = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise invalid_file(path, f"is not JSON: {error.msg} in line {error.lineno}") from error
    if not isinstance(document, dict) or document.get("type") not in {"Feature", "FeatureCollection"}:
        raise invalid_file(path, "must be a GeoJSON Feature or FeatureCollection")
    features = document.get("features", []) if document["type"] == "FeatureCollection" else [document]
    violations: list[FieldViolation] = []
    points: list[_Point] = []
    for number, feature in enumerate(features):
        points += _feature_points(feature, f"{path.name}, features[{number}]", violations)
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _feature_points(feature: object, place: str, violations: list[FieldViolation]) -> list[_Point]:
    """Read the points of one LineString or Point; other shapes are not tracks and are passed over."""
    members = feature if isinstance(feature, dict) else {}
    geometry, properties = members.get("geometry") or {}, members.get("properties") or {}
    if geometry.get("type") == "Point":
        positions, times = [geometry.get("coordinates")], [properties.get("time")]
    elif geometry.get("type") == "LineString":
        positions = geometry.get("coordinates") or []
        times = properties.get("times") or properties.get("coordTimes") or []
    else:
        return []
    if len(positions) != len(times):
        rule = f"must name one time per position (got {len(times)} for {len(positions)})"
        violations.append(FieldViolation(f"{place}.properties.times", rule))
        return []
    return [
        _position_point(position, time, f"{place}.geometry.coordinates[{number}]", violations)
        for number, (position, time) in enumerate(zip(positions, times, strict=True))
    ]


def _position_point(position: object, time: object, place: str, violations: list[FieldViolation]) -> _Point:
    longitude_latitude = position if isinstance(position, list) else []
    cells = dict(zip(("longitude_degrees", "latitude_degrees"), map(str, longitude_latitude), strict=False))
    if time is not None:
        cells["time"] = str(time)
    return _row_point(TableRow(place, cells), violations)
