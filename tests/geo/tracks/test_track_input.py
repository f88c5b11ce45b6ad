"""Rules of the strict door for tracks: what passes keeps every rule, and every broken one is named at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.errors import InvalidGeoInputError
from geo.tracks.track_input import MAX_VIOLATIONS_PER_RULE, recorded_track, track_from_arrays

GOOD = {"time_ms": [0, 1000, 2000], "latitude_degrees": [41.0, 41.1, 41.2], "longitude_degrees": [-8.0, -8.1, -8.2]}


def test_good_arrays_become_a_track_with_nan_for_what_the_device_left_out() -> None:
    """A track needs only times and places; the rest is NaN."""
    track = track_from_arrays(**GOOD)
    assert len(track) == 3
    assert track.time_ms.dtype == np.int64
    for values in (track.accuracy_m, track.speed_mps, track.bearing_degrees):
        assert np.isnan(values).all()


def test_the_track_is_a_copy() -> None:
    """Changing the caller's array afterwards does not change the track."""
    latitude = np.array([41.0, 41.1, 41.2])
    track = track_from_arrays(GOOD["time_ms"], latitude, GOOD["longitude_degrees"])
    latitude[0] = 0.0
    assert track.latitude_degrees[0] == 41.0


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"latitude_degrees": [41.0, math.nan, 41.2]}, "points[1].latitude_degrees", "NaN"),
        ({"longitude_degrees": [-8.0, math.nan, -8.2]}, "points[1].longitude_degrees", "NaN"),
        ({"latitude_degrees": [121.0, 41.1, 41.2]}, "points[0].latitude_degrees", "swapped"),
        ({"latitude_degrees": [math.inf, 41.1, 41.2]}, "points[0].latitude_degrees", "[-90, 90]"),
        ({"longitude_degrees": [-8.0, -8.1, 181.0]}, "points[2].longitude_degrees", "[-180, 180]"),
        ({"time_ms": [0, 2000, 1000]}, "points[2].time_ms", "goes back"),
        ({"time_ms": [0, 1000, 1000]}, "points[2].time_ms", "is the same"),
        ({"accuracy_m": [5.0, -1.0, 5.0]}, "points[1].accuracy_m", "negative"),
        ({"speed_mps": [5.0, -1.0, 5.0]}, "points[1].speed_mps", "negative"),
        ({"bearing_degrees": [0.0, 360.0, 361.0]}, "points[2].bearing_degrees", "[0, 360]"),
        ({"accuracy_m": [5.0]}, "accuracy_m", "3 points"),  # lengths differ
    ],
)
def test_a_broken_rule_is_named_with_its_field(changes: dict[str, list[float]], field: str, words: str) -> None:
    """Each rule has its own message at the path of the offending number."""
    with pytest.raises(InvalidGeoInputError) as caught:
        track_from_arrays(**{**GOOD, **changes})
    assert [violation.field for violation in caught.value.violations] == [field]
    assert words in caught.value.violations[0].description


def test_all_broken_rules_are_listed_at_once() -> None:
    """One error holds every violation, not only the first."""
    with pytest.raises(InvalidGeoInputError) as caught:
        track_from_arrays([0, 0], [math.nan, 95.0], [-8.0, 200.0])
    fields = {violation.field for violation in caught.value.violations}
    assert fields == {
        "points[0].latitude_degrees",
        "points[1].latitude_degrees",
        "points[1].longitude_degrees",
        "points[1].time_ms",
    }


@pytest.mark.parametrize("count", [0, 1])
def test_a_track_needs_two_points(count: int) -> None:
    """One point is a place, not a track."""
    with pytest.raises(InvalidGeoInputError, match="at least 2 points"):
        track_from_arrays(np.arange(count), np.zeros(count), np.zeros(count))


def test_many_broken_points_of_one_kind_are_counted() -> None:
    """After a hundred lines of one kind the rest is summed up in one."""
    count = MAX_VIOLATIONS_PER_RULE + 50
    with pytest.raises(InvalidGeoInputError) as caught:
        track_from_arrays(np.arange(count), np.full(count, np.nan), np.zeros(count))
    assert len(caught.value.violations) == MAX_VIOLATIONS_PER_RULE + 1
    assert "50 more" in caught.value.violations[-1].description


def test_messages_hold_no_coordinates() -> None:
    """A place is personal data and stays out of messages."""
    with pytest.raises(InvalidGeoInputError) as caught:
        track_from_arrays([0, 1], [123.456, 41.0], [-8.0, 234.567])
    assert "123" not in str(caught.value)
    assert "234" not in str(caught.value)


def test_a_damaged_recording_enters_as_it_is() -> None:
    """`recorded_track` takes what `track_from_arrays` refuses."""
    track = recorded_track([5, 5, 1], [math.nan, 95.0, 41.0], [0.0, 0.0, 0.0])
    assert len(track) == 3
