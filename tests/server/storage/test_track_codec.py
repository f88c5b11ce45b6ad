"""The blob of a track's points: exact to its steps, small, and never silently wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from server.storage.track_codec import DamagedBlobError, PointColumns, decode_points, encode_points, no_points

MAX_TIME_MS = 7_258_118_400_000
OF_VERSION_1 = (
    "01789cbb7061073b3b37030670b87021979d7d1703833baa78c3850ba2ececbb19186451c55fbc5cc3cccc8a690e23a6100404bc6370"
    "bb84290c00ec810dc8"
)
"""Three points as version 1 wrote them."""


def optional_values(limit: float) -> st.SearchStrategy[float]:
    """Values that a device gives, or NaN."""
    return st.floats(0, limit) | st.just(np.nan)


@st.composite
def any_points(draw: st.DrawFn) -> PointColumns:
    """Points anywhere, at any time, with or without the device's own values."""
    count = draw(st.integers(0, 20))
    return PointColumns(
        draw(arrays.arrays(np.int64, count, elements=st.integers(0, MAX_TIME_MS))),
        draw(arrays.arrays(np.float64, count, elements=st.floats(-90, 90))),
        draw(arrays.arrays(np.float64, count, elements=st.floats(-180, 180))),
        draw(arrays.arrays(np.float64, count, elements=optional_values(1e6))),
        draw(arrays.arrays(np.float64, count, elements=optional_values(1e3))),
        draw(arrays.arrays(np.float64, count, elements=optional_values(360))),
        draw(arrays.arrays(np.int64, count, elements=st.integers(0, MAX_TIME_MS))),
        draw(arrays.arrays(np.int64, count, elements=st.integers(0, MAX_TIME_MS))),
    )


@given(any_points())
def test_points_come_back_to_the_step(points: PointColumns) -> None:
    """Every column comes back rounded to its step: 1 ms, 1e-7 degrees, 0.01 of the unit; NaN stays NaN."""
    read = decode_points(encode_points(points), len(points))
    for name in ("time_ms", "sent_ms", "received_ms"):
        np.testing.assert_array_equal(getattr(read, name), getattr(points, name))
    for name, step in (
        ("latitude_degrees", 1e-7),
        ("longitude_degrees", 1e-7),
        ("accuracy_m", 0.01),
        ("speed_mps", 0.01),
        ("bearing_degrees", 0.01),
    ):
        np.testing.assert_allclose(getattr(read, name), getattr(points, name), rtol=0, atol=step * 0.5001)


def test_points_of_the_first_version_are_read() -> None:
    """A blob that was stored before there were several clocks still gives its points."""
    read = decode_points(bytes.fromhex(OF_VERSION_1), 3)
    assert read.time_ms.tolist() == [1000, 2000, 3500]
    assert read.latitude_degrees.tolist() == pytest.approx([60.17, 60.1701, 60.1702], abs=1e-9)
    np.testing.assert_array_equal(read.accuracy_m, [5.0, np.nan, 7.25])
    assert read.bearing_degrees.tolist() == [0.0, 90.0, 359.99]
    assert not read.sent_ms.any()
    assert not read.received_ms.any()


def test_writing_what_was_read_changes_nothing() -> None:
    """Rounding happens once: a blob that is read and written again is the same blob."""
    random = np.random.default_rng(1)
    points = PointColumns(
        np.arange(50, dtype=np.int64), *(random.uniform(0, 60, 50) for _ in range(4)), np.full(50, np.nan)
    )
    blob = encode_points(points)
    assert encode_points(decode_points(blob, 50)) == blob


def test_a_day_at_one_hertz_takes_a_few_bytes_a_point() -> None:
    """A drive with 3 m of noise and whole metres of accuracy takes less than 6 bytes a point."""
    random = np.random.default_rng(2)
    count = 8 * 3600
    points = PointColumns(
        np.arange(count, dtype=np.int64) * 1000 + random.integers(0, 3, count),
        31.2 + np.cumsum(random.normal(0, 3e-5, count)),
        121.4 + np.cumsum(random.normal(0, 3e-5, count)),
        np.round(random.uniform(3, 12, count)),
        np.full(count, np.nan),
        np.full(count, np.nan),
    )
    assert len(encode_points(points)) / count < 6


@pytest.mark.parametrize(
    ("damage", "count"),
    [
        (lambda blob: blob[:0], 3),  # nothing
        (lambda blob: b"\x03" + blob[1:], 3),  # another version
        (lambda blob: blob[:-5], 3),  # cut off
        (lambda blob: blob[:9] + b"\x00" + blob[10:], 3),  # a changed byte
        (lambda blob: blob, 4),  # another number of points
    ],
)
def test_a_damaged_blob_is_refused(damage: object, count: int) -> None:
    """A blob of another version, a damaged one or one of another length is an error, never wrong points."""
    points = PointColumns(np.array([1, 2, 3], np.int64), *(np.array([1.0, 2.0, 3.0]) for _ in range(5)))
    with pytest.raises(DamagedBlobError):
        decode_points(damage(encode_points(points)), count)  # type: ignore[operator]


def test_no_points_are_points_too() -> None:
    """An empty track has a blob and comes back empty."""
    assert len(decode_points(encode_points(no_points()), 0)) == 0
