"""Packing durations and lengths into one integer."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.routing.travel_keys import NO_PATH, pack_keys, partial_key, unpack_keys

durations = st.integers(0, 2**29 - 1)
lengths = st.integers(0, 2**31 - 1)


@given(durations, lengths, durations, lengths)
def test_keys_compare_and_add_like_pairs(duration_a: int, length_a: int, duration_b: int, length_b: int) -> None:
    """Keys compare as (duration, length), add as pairs, stay below `NO_PATH` and come back unchanged."""
    first, second = pack_keys(np.array([duration_a, duration_b]), np.array([length_a, length_b])).tolist()
    assert (first < second) == ((duration_a, length_a) < (duration_b, length_b))
    assert max(first, second) < NO_PATH
    assert first + second == ((duration_a + duration_b) << 32) + length_a + length_b
    assert [int(part[0]) for part in unpack_keys(np.array([first]))] == [duration_a, length_a]


def test_no_path_unpacks_as_unreachable() -> None:
    """`NO_PATH` and sums with it unpack to -1 in both numbers."""
    duration_ms, length_cm = unpack_keys(np.array([NO_PATH, 2 * NO_PATH, NO_PATH + 5]))
    assert duration_ms.tolist() == length_cm.tolist() == [-1, -1, -1]


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_parts_of_an_edge_rise_to_the_whole(duration_ms: int, length_cm: int, first: float, second: float) -> None:
    """A part of an edge is never more than a longer part, and all of it is the edge."""
    key = int(pack_keys(np.array([duration_ms]), np.array([length_cm]))[0])
    near, far = sorted((first, second))
    assert 0 <= partial_key(key, near) <= partial_key(key, far) <= partial_key(key, 1.0) == key
