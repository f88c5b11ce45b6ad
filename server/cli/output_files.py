"""Output files: the ending of a file's name chooses its form, and either all files are written or none."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.errors import FieldViolation, InvalidRequestError, ViolationCode

Writers = Mapping[str, Callable[[], str]]
"""Makes the text of each form, by the ending of a file's name."""


def check_outputs(outputs: Iterable[Path], endings: Iterable[str]) -> None:
    """Refuse output files that cannot be written, before any work is done.

    Parameters
    ----------
    outputs
        Files asked for.
    endings
        The forms that the command knows, for example ``.json``.

    Raises
    ------
    InvalidRequestError
        With every file of another form, or in a folder that is not there.
    """
    known = tuple(endings)
    violations = [
        FieldViolation(f"--output {path}", ViolationCode.UNKNOWN_VALUE, f"must end in one of {', '.join(known)}")
        for path in outputs
        if path.suffix.lower() not in known
    ]
    violations += [
        FieldViolation(f"--output {path}", ViolationCode.UNKNOWN_REFERENCE, "its folder does not exist")
        for path in outputs
        if not path.parent.is_dir()
    ]
    if violations:
        raise InvalidRequestError(tuple(violations))


def write_outputs(outputs: Iterable[Path], writers: Writers) -> None:
    """Write output files.

    Parameters
    ----------
    outputs
        Files asked for, of known forms.
    writers
        Makes the text of each form.
    """
    texts = [(path, writers[path.suffix.lower()]()) for path in outputs]
    for path, text in texts:
        path.write_text(text, encoding="utf-8")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        Cells; None is empty.

    Returns
    -------
    str
        With a byte order mark, so that spreadsheets read the names of people and streets right.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return "\ufeff" + text.getvalue()


def geojson_text(features: Iterable[Mapping[str, object]]) -> str:
    """Write features as a GeoJSON document (RFC 7946).

    Parameters
    ----------
    features
        Made by `line_feature` and `point_feature`.

    Returns
    -------
    str
        One FeatureCollection.
    """
    return json.dumps({"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False)


def line_feature(points: NDArray[np.float64], properties: Mapping[str, object]) -> dict[str, object]:
    """Make a line.

    Parameters
    ----------
    points
        ``(p, 2)`` latitude and longitude in degrees.
    properties
        What is said about it.

    Returns
    -------
    dict[str, object]
        A GeoJSON feature; coordinates are rounded to a centimetre.
    """
    coordinates = np.round(points[:, ::-1], 7).tolist()
    return _feature("LineString", coordinates, properties)


def point_feature(
    latitude_degrees: float, longitude_degrees: float, properties: Mapping[str, object]
) -> dict[str, object]:
    """Make a point.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        Where it is.
    properties
        What is said about it.

    Returns
    -------
    dict[str, object]
        A GeoJSON feature; coordinates are rounded to a centimetre.
    """
    return _feature("Point", [round(longitude_degrees, 7), round(latitude_degrees, 7)], properties)


def _feature(kind: str, coordinates: object, properties: Mapping[str, object]) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": dict(properties)}
