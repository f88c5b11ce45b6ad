"""Tracks in XML: GPX, KML and TCX.

========  ==============================================================================================================
ending    what is read
========  ==============================================================================================================
``.gpx``  1.0 and 1.1: every ``trkpt`` with its ``time``; segments are joined
``.kml``  every ``gx:Track`` (or ``Track``), whose ``when`` and ``coord`` follow one another, and every Placemark with a
          Point and a ``TimeStamp``; a moment without coordinates is no point. Lines hold no times, so they are no
          tracks
``.kmz``  the first ``.kml`` inside
``.tcx``  every ``Trackpoint`` with a ``Position``; those without one (no fix, indoors) are no points
========  ==============================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from server.cli.table_files import TableRow, invalid_file
from server.cli.track_points import TrackPoint, point_of_row
from server.cli.zip_files import opened_zip
from server.errors import FieldViolation, InvalidRequestError, ViolationCode

_Violations = list[FieldViolation]


def gpx_points(path: Path) -> list[TrackPoint]:
    """Read the points of a GPX file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list[TrackPoint]
        In the order of the file.

    Raises
    ------
    InvalidRequestError
        Where the file is no XML, or with every point that cannot be read.
    """
    violations: _Violations = []
    points = [
        _gpx_point(element, f"{path.name}, trkpt {number}", violations)
        for number, element in enumerate(_root(path, path.read_bytes(), "GPX").iterfind(".//{*}trkpt"), 1)
    ]
    return _unless_broken(points, violations)


def tcx_points(path: Path) -> list[TrackPoint]:
    """Read the points of a TCX file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list[TrackPoint]
        In the order of the file.

    Raises
    ------
    InvalidRequestError
        As in `gpx_points`.
    """
    violations: _Violations = []
    points = [
        _tcx_point(element, f"{path.name}, Trackpoint {number}", violations)
        for number, element in enumerate(_root(path, path.read_bytes(), "TCX").iterfind(".//{*}Trackpoint"), 1)
        if element.find("{*}Position") is not None
    ]
    return _unless_broken(points, violations)


def kml_points(path: Path) -> list[TrackPoint]:
    """Read the points of a KML file, or of a KMZ archive.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list[TrackPoint]
        In the order of the file.

    Raises
    ------
    InvalidRequestError
        As in `gpx_points`; also where a track has not as many moments as coordinates, or an archive holds no KML.
    """
    content = _kml_inside(path) if path.suffix.lower() == ".kmz" else path.read_bytes()
    root = _root(path, content, "KML")
    violations: _Violations = []
    points: list[TrackPoint] = []
    for number, track in enumerate(root.iterfind(".//{*}Track"), 1):
        points += _kml_track(track, f"{path.name}, Track {number}", violations)
    for number, placemark in enumerate(root.iterfind(".//{*}Placemark"), 1):
        place, when = placemark.find("{*}Point/{*}coordinates"), placemark.find("{*}TimeStamp/{*}when")
        if place is not None and when is not None:
            position = _text(place).replace(",", " ").split()
            points.append(_kml_point(position, _text(when), f"{path.name}, Placemark {number}", violations))
    if not points and not violations and root.find(".//{*}LineString") is not None:
        raise invalid_file(path, "holds lines without times: a track is a gx:Track, or Points with a TimeStamp")
    return _unless_broken(points, violations)


def _root(path: Path, content: bytes, kind: str) -> ET.Element:
    try:
        return ET.fromstring(content)  # noqa: S314 - a file of the caller's own, read in the caller's process
    except ET.ParseError as error:
        raise invalid_file(path, f"is not {kind}: line {error.position[0]} is not XML") from error
    except (ValueError, LookupError) as error:
        raise invalid_file(path, f"is not {kind}: its encoding is not known") from error


def _unless_broken(points: list[TrackPoint], violations: _Violations) -> list[TrackPoint]:
    if violations:
        raise InvalidRequestError(tuple(violations))
    return points


def _gpx_point(element: ET.Element, place: str, violations: _Violations) -> TrackPoint:
    text = _texts(element)
    cells = {
        "latitude_degrees": element.get("lat", ""),
        "longitude_degrees": element.get("lon", ""),
        "time": text.get("time", ""),
        "speed_mps": text.get("speed", ""),
        "bearing_degrees": text.get("course", ""),
    }
    return _point_of_cells(cells, place, violations)


def _tcx_point(element: ET.Element, place: str, violations: _Violations) -> TrackPoint:
    text = _texts(element)
    cells = {
        "latitude_degrees": text.get("LatitudeDegrees", ""),
        "longitude_degrees": text.get("LongitudeDegrees", ""),
        "time": text.get("Time", ""),
        "speed_mps": text.get("Speed", ""),
    }
    return _point_of_cells(cells, place, violations)


def _kml_track(track: ET.Element, place: str, violations: _Violations) -> Iterator[TrackPoint]:
    """Read a track, whose moments and coordinates follow one another in two lists."""
    moments = [_text(when) for when in track.iterfind("{*}when")]
    positions = [_text(coordinates).split() for coordinates in track.iterfind("{*}coord")]
    if len(moments) != len(positions):
        rule = f"must have as many when as coord (got {len(moments)} and {len(positions)})"
        violations.append(FieldViolation(place, ViolationCode.MALFORMED, rule))
        return
    for number, (when, position) in enumerate(zip(moments, positions, strict=True), 1):
        if position:
            yield _kml_point(position, when, f"{place}, coord {number}", violations)


def _kml_point(position: list[str], when: str, place: str, violations: _Violations) -> TrackPoint:
    cells = dict(zip(("longitude_degrees", "latitude_degrees"), position, strict=False))
    return _point_of_cells({**cells, "time": when}, place, violations)


def _kml_inside(path: Path) -> bytes:
    with opened_zip(path, (".kml",)) as entries:
        for entry in entries:
            return entry.read()
    raise invalid_file(path, "holds no .kml file")


def _point_of_cells(cells: dict[str, str], place: str, violations: _Violations) -> TrackPoint:
    return point_of_row(
        TableRow(place, {name: value for name, value in cells.items() if value}, tuple(cells)), violations
    )


def _texts(element: ET.Element) -> dict[str, str]:
    """Texts of an element and all inside it, by tag without its namespace."""
    return {child.tag.rpartition("}")[2]: _text(child) for child in element.iter() if isinstance(child.tag, str)}


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()
