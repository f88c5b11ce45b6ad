"""One recorded point as files write it: its cells, its time in any of the usual forms, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.tracks.track import Track
from server.cli.cells import RowReader
from server.cli.table_files import TableRow
from server.errors import FieldViolation
from server.use_cases.check_track import LATEST_TIME_MS, MAX_BEARING_DEGREES

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
class TrackPoint:
    """One recorded point; NaN where the device gave nothing."""

    time_ms: int
    latitude_degrees: float
    longitude_degrees: float
    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    bearing_degrees: float = math.nan


def track_of(points: Sequence[TrackPoint]) -> Track:
    """Make a track of points as they stand in a file.

    Parameters
    ----------
    points
        The points.

    Returns
    -------
    Track
        In the order of the points.
    """
    return Track(
        time_ms=np.array([point.time_ms for point in points], dtype=np.int64),
        latitude_degrees=np.array([point.latitude_degrees for point in points]),
        longitude_degrees=np.array([point.longitude_degrees for point in points]),
        accuracy_m=_known([point.accuracy_m for point in points]),
        speed_mps=_known([point.speed_mps for point in points]),
        bearing_degrees=_known([point.bearing_degrees for point in points], most=MAX_BEARING_DEGREES),
    )


def _known(values: Sequence[float], *, most: float = math.inf) -> NDArray[np.float64]:
    """Make NaN of what cannot be: phones write -1 for what they do not know."""
    known = np.array(values, np.float64)
    return np.where((known >= 0.0) & (known <= most), known, np.nan)


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
        Where the text is neither, names no zone, or a time after the year 2199 or as long before 1970.
    """
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            message = "the time names no zone"
            raise ValueError(message) from None
        time_ms = moment.timestamp() * 1000
    else:
        time_ms = number if abs(number) >= _FIRST_MILLISECONDS else number * 1000
    if not abs(time_ms) < LATEST_TIME_MS:
        message = "the time is not of our calendar"
        raise ValueError(message)
    return round(time_ms)


def point_of_row(row: TableRow, violations: list[FieldViolation]) -> TrackPoint:
    """Read the point of one row.

    Parameters
    ----------
    row
        Where it stands, and its cells.
    violations
        Every broken rule is added here.

    Returns
    -------
    TrackPoint
        Meant to be used only where no rule is broken.
    """
    reader = RowReader(row, TRACK_COLUMNS, violations)
    place = reader.place(required=True)
    extras = [reader.number(name) for name in ("accuracy_m", "speed_mps", "bearing_degrees")]
    return TrackPoint(
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
