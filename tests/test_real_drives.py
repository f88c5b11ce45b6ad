"""The truth of a thinned recording ends where its own last fix is."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.matching_data import TrueDrive
from benchmarks.real_drives import true_length_m
from geo.tracks.track_input import recorded_track

METRE_DEGREES = 1.0 / 111_194.93
SPEED_MPS = 10.0
"""North for 200 s, and back on the same road."""


@pytest.mark.parametrize("every_s", [1, 5, 30, 60, 90])
def test_a_thinned_recording_is_compared_with_what_it_saw(every_s: int) -> None:
    """From the first to the last fix that is left, on the right one of two ways along the same road."""
    at_s = np.arange(0.0, 401.0)
    north_m = SPEED_MPS * np.minimum(at_s, 400.0 - at_s)
    track = recorded_track((1000 * at_s).astype(np.int64), north_m * METRE_DEGREES, np.zeros(len(at_s)))
    corners_m = np.array([0.0, 1000.0, 2000.0, 1000.0, 0.0])
    arcs = {(0, 1): 1000.0, (1, 2): 1000.0, (2, 1): 1000.0, (1, 0): 1000.0}
    truth = np.column_stack([corners_m * METRE_DEGREES, np.zeros(5)])
    drive = TrueDrive("there and back", track, truth, arcs, ((0, 1), (1, 2), (2, 1), (1, 0)))
    seen_s = 400 // every_s * every_s
    assert true_length_m(drive, every_s) == pytest.approx(SPEED_MPS * seen_s, abs=2.0)
