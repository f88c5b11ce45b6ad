"""Working hours: what lies outside is gone, not hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.audit.working_hours import cut_to_working_hours
from geo.tracks.track import Track


def track_at(times_ms: list[int]) -> Track:
    """Make a track whose every value tells its time."""
    time_ms = np.array(times_ms, np.int64)
    return Track(time_ms, *(time_ms + float(shift) for shift in range(5)))


@given(times_ms=st.lists(st.integers(0, 100), max_size=30), start_ms=st.integers(0, 100), length_ms=st.integers(0, 100))
def test_only_points_inside_remain(times_ms: list[int], start_ms: int, length_ms: int) -> None:
    """Exactly the points within both ends remain, in their order and with all their values; the others are counted."""
    working = cut_to_working_hours(track_at(times_ms), start_ms=start_ms, end_ms=start_ms + length_ms)
    inside = [time for time in times_ms if start_ms <= time <= start_ms + length_ms]
    assert working.track.time_ms.tolist() == inside
    assert working.outside == len(times_ms) - len(inside)
    for shift, name in enumerate(list(Track.__dataclass_fields__)[1:]):
        assert getattr(working.track, name).tolist() == [time + shift for time in inside]


@pytest.mark.parametrize("name", list(Track.__dataclass_fields__))
def test_nothing_of_the_rest_is_kept(name: str) -> None:
    """The arrays are copies: no memory of the points outside hangs on to them."""
    working = cut_to_working_hours(track_at(list(range(10))), start_ms=3, end_ms=5)
    values = getattr(working.track, name)
    assert values.base is None
    assert values.nbytes == 3 * 8
