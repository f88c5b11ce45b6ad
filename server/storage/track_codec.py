"""The points of one worker and day as one blob of a few bytes a point.

Layout: one version byte, then zlib over the columns one after another. Each column is rounded to whole steps, then
written as differences between neighbours, zigzag-coded (small negative numbers become small positive ones) and
byte-shuffled (all lowest bytes first, then all second bytes, …), which leaves long runs that zlib removes.

The steps are finer than any receiver: 1 ms, 1e-7 degrees (at most 11 mm), 1 cm, 1 cm/s, 0.01 degrees. A value that
the device did not give (NaN) is stored as -1 step; the three columns that may lack values are never negative. The
other clocks are stored as their distance from the fix, one more where it is not negative, so that 0 says unknown.
Version 1 had no other clocks; it is read, not written.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FORMAT_VERSION = 2
COLUMNS_OF_VERSION = {1: 6, 2: 8}
COMPRESSION_LEVEL = 6

_DEGREE_STEPS = 1e7
_HUNDREDTH_STEPS = 1e2
_UNKNOWN = -1


_LEFT_OUT: NDArray[np.int64] = np.empty(0, np.int64)


class DamagedBlobError(ValueError):
    """A stored blob is of another format version, or its bytes are not what was written."""


@dataclass(frozen=True, eq=False)
class PointColumns:
    """``n`` recorded points, in order of time, in the coordinate system in which the device recorded.

    Parameters
    ----------
    time_ms
        ``(n,)`` int64 Unix milliseconds.
    latitude_degrees, longitude_degrees
        ``(n,)`` float64.
    accuracy_m, speed_mps, bearing_degrees
        ``(n,)`` float64, not negative; NaN where the device gave none.
    sent_ms, received_ms
        ``(n,)`` int64 Unix milliseconds on the device's clock when it sent the point and on the service's when it came
        in; 0 where not known. Left out, they are not known for any point.
    """

    time_ms: NDArray[np.int64]
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    bearing_degrees: NDArray[np.float64]
    sent_ms: NDArray[np.int64] = field(default_factory=lambda: _LEFT_OUT)
    received_ms: NDArray[np.int64] = field(default_factory=lambda: _LEFT_OUT)

    def __post_init__(self) -> None:
        """Fill the clocks that were left out."""
        for name in ("sent_ms", "received_ms"):
            if getattr(self, name) is _LEFT_OUT:
                object.__setattr__(self, name, np.zeros(len(self.time_ms), np.int64))

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.time_ms)

    def chosen(self, choice: slice | NDArray[np.bool_]) -> PointColumns:
        """Return the points that a slice or a mask chooses."""
        return PointColumns(**{name: column[choice] for name, column in vars(self).items()})

    def followed_by(self, later: PointColumns) -> PointColumns:
        """Return these points and then the later ones."""
        both = {name: np.concatenate([column, getattr(later, name)]) for name, column in vars(self).items()}
        return PointColumns(**both)


def no_points() -> PointColumns:
    """Return columns without points."""
    none = np.empty(0)
    return PointColumns(np.empty(0, np.int64), none, none, none, none, none)


def encode_points(points: PointColumns) -> bytes:
    """Write points as a blob.

    Parameters
    ----------
    points
        The points; their values are rounded to the steps above.

    Returns
    -------
    bytes
        The blob.
    """
    steps = (
        points.time_ms,
        _to_steps(points.latitude_degrees, _DEGREE_STEPS),
        _to_steps(points.longitude_degrees, _DEGREE_STEPS),
        _to_steps(points.accuracy_m, _HUNDREDTH_STEPS),
        _to_steps(points.speed_mps, _HUNDREDTH_STEPS),
        _to_steps(points.bearing_degrees, _HUNDREDTH_STEPS),
        _after_fix(points.sent_ms, points.time_ms),
        _after_fix(points.received_ms, points.time_ms),
    )
    body = b"".join(_pack(column) for column in steps)
    return bytes([FORMAT_VERSION]) + zlib.compress(body, COMPRESSION_LEVEL)


def decode_points(blob: bytes, count: int) -> PointColumns:
    """Read points from a blob.

    Parameters
    ----------
    blob
        What `encode_points` wrote.
    count
        Number of points in it.

    Returns
    -------
    PointColumns
        The points, rounded to the steps above.

    Raises
    ------
    DamagedBlobError
        Where the blob is of another version, damaged, or holds another number of points.
    """
    columns = COLUMNS_OF_VERSION.get(blob[0]) if blob else None
    if columns is None:
        message = f"track points must be of format version 1 to {FORMAT_VERSION} (got {blob[:1].hex() or 'nothing'})"
        raise DamagedBlobError(message)
    try:
        body = np.frombuffer(zlib.decompress(blob[1:]), np.uint8)
    except zlib.error as error:
        message = "track points cannot be decompressed"
        raise DamagedBlobError(message) from error
    if len(body) != columns * 8 * count:
        message = f"track points must hold {columns * 8 * count} bytes for {count} points (got {len(body)})"
        raise DamagedBlobError(message)
    time_ms, latitude, longitude, accuracy, speed, bearing, *clocks = (
        _unpack(column) for column in body.reshape(columns, 8, count)
    )
    return PointColumns(
        time_ms,
        latitude / _DEGREE_STEPS,
        longitude / _DEGREE_STEPS,
        _from_steps(accuracy),
        _from_steps(speed),
        _from_steps(bearing),
        *(_clock_of(after, time_ms) for after in clocks),
    )


def _to_steps(values: NDArray[np.float64], steps_per_unit: float) -> NDArray[np.int64]:
    return np.where(np.isnan(values), _UNKNOWN, np.rint(np.nan_to_num(values) * steps_per_unit)).astype(np.int64)


def _from_steps(steps: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(steps == _UNKNOWN, np.nan, steps / _HUNDREDTH_STEPS)


def _after_fix(clock_ms: NDArray[np.int64], time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    after = clock_ms - time_ms
    return np.where(clock_ms == 0, 0, np.where(after >= 0, after + 1, after))


def _clock_of(after: NDArray[np.int64], time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(after == 0, 0, time_ms + np.where(after > 0, after - 1, after))


def _pack(column: NDArray[np.int64]) -> bytes:
    difference = np.diff(column, prepend=np.int64(0))
    zigzag = (difference << 1) ^ (difference >> 63)
    return zigzag.astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()


def _unpack(shuffled: NDArray[np.uint8]) -> NDArray[np.int64]:
    zigzag = np.ascontiguousarray(shuffled.T).view("<u8").ravel()
    difference = (zigzag >> np.uint64(1)).astype(np.int64) ^ -(zigzag & np.uint64(1)).astype(np.int64)
    return np.cumsum(difference, dtype=np.int64)
