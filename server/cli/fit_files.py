"""FIT files: what sports watches, bicycle computers and trackers record.

Every ``record`` message that has a position becomes a point; those without one (no fix, indoors) are no points.
Positions are semicircles: ``degrees = semicircles · 180 / 2³¹``. Speed, accuracy and heading are taken where the device
wrote them. Damaged files are refused as a whole: their checksum says so.
"""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

from fitdecode import CrcCheck, ErrorHandling, FitDataMessage, FitReader
from fitdecode.exceptions import FitError

from server.cli.table_files import invalid_file
from server.cli.track_points import TrackPoint

_DEGREES_PER_SEMICIRCLE = 180.0 / 2**31


def fit_points(path: Path) -> list[TrackPoint]:
    """Read the points of a FIT file.

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
        Where the file is no FIT file, or is damaged.
    """
    try:
        with FitReader(path, check_crc=CrcCheck.RAISE, error_handling=ErrorHandling.RAISE) as messages:
            records = [message for message in messages if isinstance(message, FitDataMessage)]
    except FitError as error:
        raise invalid_file(path, "is not a FIT file, or is damaged") from error
    points = (_point(record) for record in records if record.name == "record")
    return [point for point in points if point is not None]


def _point(record: FitDataMessage) -> TrackPoint | None:
    time = record.get_value("timestamp", fallback=None)
    latitude, longitude = (_number(record, name) for name in ("position_lat", "position_long"))
    if not isinstance(time, datetime) or math.isnan(latitude) or math.isnan(longitude):
        return None
    speed_mps = _number(record, "enhanced_speed")
    return TrackPoint(
        time_ms=round(time.timestamp() * 1000),
        latitude_degrees=latitude * _DEGREES_PER_SEMICIRCLE,
        longitude_degrees=longitude * _DEGREES_PER_SEMICIRCLE,
        accuracy_m=_number(record, "gps_accuracy"),
        speed_mps=_number(record, "speed") if math.isnan(speed_mps) else speed_mps,
        bearing_degrees=_number(record, "heading"),
    )


def _number(record: FitDataMessage, name: str) -> float:
    value = record.get_value(name, fallback=None)
    return float(value) if isinstance(value, int | float) else math.nan
