"""Tracks: reads the files of devices, apps and exports into the points of one worker's day.

* CSV, XLSX, JSON tables: one row per point with ``time``, ``latitude_degrees``, ``longitude_degrees`` and, where the
  device gave them, ``accuracy_m``, ``speed_mps``, ``bearing_degrees``.
* GPX, KML, KMZ, TCX: see `server.cli.xml_tracks`.
* GeoJSON: a LineString with the list ``times`` (or ``coordTimes``, or ``coordinateProperties.times``) in its
  properties, a MultiLineString with a list of such lists, or Points with ``time``.
* FIT: see `server.cli.fit_files`. Google location history, also as a ZIP archive: see `server.cli.takeout_files`.

A time is ISO 8601 with a zone or ``Z``, or Unix seconds or milliseconds. Points stay in the order of the file and are
not cleaned here: `geo.tracks.cleaning` judges them, and says why it drops one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geo.tracks.track import Track
from server.cli.cells import check_columns
from server.cli.fit_files import fit_points
from server.cli.table_files import TableRow, invalid_file, read_json, read_table
from server.cli.takeout_archive import takeout_archive_points
from server.cli.takeout_files import is_takeout, takeout_points
from server.cli.track_points import TRACK_COLUMNS, TrackPoint, point_of_row, track_of
from server.cli.xml_tracks import gpx_points, kml_points, tcx_points
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.storage.track_codec import PointColumns
from server.use_cases.check_track import MAX_LISTED_PER_RULE

TRACK_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".json", ".gpx", ".geojson", ".kml", ".kmz", ".tcx", ".fit", ".zip")
"""What a file of a track may end in."""

_INDEX = re.compile(r"\[\d+\]")


def read_track(path: Path) -> Track:
    """Read a track.

    Parameters
    ----------
    path
        A file with one of `TRACK_ENDINGS`.

    Returns
    -------
    Track
        The points as they stand in the file, in the coordinate system of the file.

    Raises
    ------
    InvalidRequestError
        Where the file is not of its kind, has no points, or points without a time; lists every such place.
    """
    points, _ = _read(path)
    return track_of(points)


def read_daily_tracks(path: Path, zone: ZoneInfo) -> dict[str, Track]:
    """Read the tracks of a file: one, or one per day where the file is the history of years.

    Parameters
    ----------
    path
        As in `read_track`.
    zone
        Where a day of a history begins.

    Returns
    -------
    dict[str, Track]
        By the name of the file; in a history with the date behind it.

    Raises
    ------
    InvalidRequestError
        As in `read_track`.
    """
    points, is_history = _read(path)
    if not is_history:
        return {path.name: track_of(points)}
    days: dict[str, list[TrackPoint]] = {}
    for point in points:
        date = datetime.fromtimestamp(point.time_ms / 1000, UTC).astimezone(zone).date()
        days.setdefault(f"{path.name} {date.isoformat()}", []).append(point)
    return {name: track_of(day) for name, day in days.items()}


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


def _read(path: Path) -> tuple[list[TrackPoint], bool]:
    """Read the points of a file, and whether it is the history of many days."""
    try:
        return _read_in_full(path)
    except InvalidRequestError as error:
        raise InvalidRequestError(tuple(_first_of_each_rule(error.violations, path.name))) from error


def _first_of_each_rule(violations: Iterable[FieldViolation], name: str) -> Iterator[FieldViolation]:
    """Yield the first points that break each rule, and how many more do: nobody reads a line for every second."""
    counts: Counter[tuple[str, ViolationCode, str]] = Counter()
    for violation in violations:
        column = _INDEX.sub("[…]", violation.field.rpartition(", ")[2])
        rule = column, violation.code, violation.description.partition(" (got")[0]
        counts[rule] += 1
        if counts[rule] <= MAX_LISTED_PER_RULE:
            yield violation
    for (column, code, description), count in counts.items():
        if count > MAX_LISTED_PER_RULE:
            yield FieldViolation(f"{name}, {column}", code, f"{description} ({count - MAX_LISTED_PER_RULE:,} more)")


def _read_in_full(path: Path) -> tuple[list[TrackPoint], bool]:
    if path.suffix.lower() not in TRACK_ENDINGS:
        raise invalid_file(path, f"must end in one of {', '.join(TRACK_ENDINGS)} (got {path.suffix!r})")
    is_history = path.suffix.lower() == ".zip"
    if path.suffix.lower() == ".json":
        document = read_json(path)
        is_history = is_takeout(document)
        if is_history:
            points = takeout_points(document, path.name)
        else:
            points = _geojson_points(path) if isinstance(document, dict) else _table_points(path)
    else:
        points = _READERS.get(path.suffix.lower(), _table_points)(path)
    if not points:
        raise invalid_file(path, "holds no track points")
    return points, is_history


def _table_points(path: Path) -> list[TrackPoint]:
    rows = read_table(path)
    required = ("time", "latitude_degrees", "longitude_degrees")
    check_columns(path, rows, required=required, aliases=TRACK_COLUMNS)
    violations: list[FieldViolation] = []
    points = [point_of_row(row, violations) for row in rows]
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _geojson_points(path: Path) -> list[TrackPoint]:
    document = read_json(path)
    if not isinstance(document, dict) or document.get("type") not in {"Feature", "FeatureCollection"}:
        raise invalid_file(path, "must be a GeoJSON Feature or FeatureCollection")
    features = document.get("features") if document["type"] == "FeatureCollection" else [document]
    violations: list[FieldViolation] = []
    points: list[TrackPoint] = []
    for number, feature in enumerate(_list(features)):
        points += _feature_points(feature, f"{path.name}, features[{number}]", violations)
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _feature_points(feature: object, place: str, violations: list[FieldViolation]) -> list[TrackPoint]:
    """Read the points of lines or of a Point; other shapes are not tracks and are passed over."""
    geometry, properties = (_members(_members(feature).get(name)) for name in ("geometry", "properties"))
    if geometry.get("type") == "Point":
        positions, times = [geometry.get("coordinates")], [properties.get("time")]
    elif geometry.get("type") in {"LineString", "MultiLineString"}:
        positions, times = _list(geometry.get("coordinates")), _line_times(properties)
        if geometry["type"] == "MultiLineString":
            positions, times = ([point for line in lines for point in _list(line)] for lines in (positions, times))
    else:
        return []
    if len(positions) != len(times):
        rule = f"must name one time per position (got {len(times)} for {len(positions)})"
        violations.append(FieldViolation(f"{place}.properties.times", ViolationCode.MALFORMED, rule))
        return []
    return [
        _position_point(position, time, f"{place}.geometry.coordinates[{number}]", violations)
        for number, (position, time) in enumerate(zip(positions, times, strict=True))
    ]


def _line_times(properties: dict[str, Any]) -> list[Any]:
    """Find the times of the positions of a line, under one of the names that exporters give them."""
    nested = _members(properties.get("coordinateProperties"))
    return _list(properties.get("times") or properties.get("coordTimes") or nested.get("times"))


def _position_point(position: object, time: object, place: str, violations: list[FieldViolation]) -> TrackPoint:
    cells = dict(zip(("longitude_degrees", "latitude_degrees"), map(str, _list(position)), strict=False))
    if time is not None:
        cells["time"] = str(time)
    return point_of_row(TableRow(place, cells, tuple(cells)), violations)


def _members(value: object) -> dict[str, Any]:
    """Members of a JSON object; none where it is something else."""
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    """Elements of a JSON list; none where it is something else."""
    return value if isinstance(value, list) else []


_READERS: dict[str, Callable[[Path], list[TrackPoint]]] = {
    ".gpx": gpx_points,
    ".kml": kml_points,
    ".kmz": kml_points,
    ".tcx": tcx_points,
    ".geojson": _geojson_points,
    ".fit": fit_points,
    ".zip": takeout_archive_points,
}
"""What reads a file of each ending that is no table and no JSON."""
