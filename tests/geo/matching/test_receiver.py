"""What is known of a receiver, and what a track shows of it, add up."""

from __future__ import annotations

import math

import pytest

from geo.matching.receiver import UNKNOWN_RECEIVER, ReceiverError


def test_what_is_known_and_what_is_measured_count_by_their_fixes() -> None:
    """White noise is the mean by numbers of fixes; who knows nothing adds nothing."""
    known = ReceiverError(white_m=4.0, points=300.0)
    assert known.white_with(8.0, 100) == pytest.approx(5.0)
    assert known.white_with(math.nan, 100) == 4.0
    assert UNKNOWN_RECEIVER.white_with(8.0, 100) == 8.0
    assert math.isnan(UNKNOWN_RECEIVER.white_with(math.nan, 100))


def test_certain_errors_stay_as_they_are() -> None:
    """No track changes what is certain, however much of it is forgotten."""
    known = ReceiverError.known(white_m=4.0, drift_m=6.0)
    assert known.white_with(80.0, 10_000) == 4.0
    seen = ReceiverError(known.white_with(80.0, 10_000), math.inf, 6.0, math.inf)
    assert known.after(seen, 0.5) == known


def test_forgotten_fixes_leave_their_errors_behind() -> None:
    """Of what was seen, the forgotten share is remembered; what was known before stays."""
    before = ReceiverError(4.0, 100.0, 6.0, 10.0)
    after = before.after(ReceiverError(5.0, 300.0, 7.0, 30.0), share=0.25)
    assert after == ReceiverError(5.0, 150.0, 7.0, 15.0)
