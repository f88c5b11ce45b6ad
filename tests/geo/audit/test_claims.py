"""A claim beside the evidence: one word that never says more than the evidence holds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.audit.claims import ClaimOptions, check_claim
from geo.audit.track_audit import ClaimFinding, Mileage


def mileage(total_m: float, low_m: float, high_m: float) -> Mileage:
    """Measured distance of which only the total and the interval matter."""
    return Mileage(total_m, total_m, 0.0, 0.0, low_m, high_m, total_m, 0.0, (), {})


DRIVEN = mileage(100_000.0, 98_000.0, 103_000.0)
UNKNOWN = mileage(math.nan, math.nan, math.nan)


@pytest.mark.parametrize(
    ("claimed_m", "unseen_m", "finding", "excess_m"),
    [
        (None, 0.0, ClaimFinding.NOT_CLAIMED, 0.0),
        (100_000.0, 0.0, ClaimFinding.WITHIN_INTERVAL, 0.0),
        (98_000.0, 0.0, ClaimFinding.WITHIN_INTERVAL, 0.0),
        (97_000.0, 0.0, ClaimFinding.WITHIN_INTERVAL, 0.0),
        (96_900.0, 0.0, ClaimFinding.BELOW_INTERVAL, 0.0),
        (103_900.0, 0.0, ClaimFinding.WITHIN_INTERVAL, 900.0),
        (104_100.0, 0.0, ClaimFinding.ABOVE_INTERVAL, 1_100.0),
        (125_000.0, 0.0, ClaimFinding.ABOVE_INTERVAL, 22_000.0),
        (125_000.0, 30_000.0, ClaimFinding.CANNOT_TELL, 22_000.0),
        (0.0, 0.0, ClaimFinding.BELOW_INTERVAL, 0.0),
    ],
)
def test_the_claim_is_held_against_the_interval(
    claimed_m: float | None, unseen_m: float, finding: ClaimFinding, excess_m: float
) -> None:
    """Within the interval and its tolerance is within; above it is said only where nothing unseen can explain it."""
    check = check_claim(DRIVEN, claimed_m=claimed_m, planned_m=90_000.0, unseen_m=unseen_m)
    assert check.finding is finding
    assert check.excess_m == pytest.approx(excess_m)
    assert (check.planned_m, check.driven_m) == (90_000.0, 100_000.0)


def test_a_short_day_has_a_tolerance_in_metres() -> None:
    """A claim in whole kilometres is not held against somebody who walked two of them."""
    walked = mileage(1_800.0, 1_700.0, 1_900.0)
    assert check_claim(walked, claimed_m=2_000.0, planned_m=None).finding is ClaimFinding.WITHIN_INTERVAL


@pytest.mark.parametrize("claimed_m", [0.0, 50_000.0])
def test_a_day_that_was_not_measured_proves_nothing(claimed_m: float) -> None:
    """Without a measured distance every claim can be neither confirmed nor doubted."""
    check = check_claim(UNKNOWN, claimed_m=claimed_m, planned_m=None)
    assert check.finding is ClaimFinding.CANNOT_TELL
    assert check.excess_m == 0.0
    assert math.isnan(check.planned_m)


@given(claimed_m=st.floats(0.0, 3e5), more_m=st.floats(0.0, 1e5), unseen_m=st.floats(0.0, 1e5))
def test_a_larger_claim_is_never_judged_more_kindly(claimed_m: float, more_m: float, unseen_m: float) -> None:
    """Findings follow the claim: below, within, cannot tell, above, in this order."""
    order = [
        ClaimFinding.BELOW_INTERVAL,
        ClaimFinding.WITHIN_INTERVAL,
        ClaimFinding.CANNOT_TELL,
        ClaimFinding.ABOVE_INTERVAL,
    ]
    smaller, larger = (
        order.index(check_claim(DRIVEN, claimed_m=metres, planned_m=None, unseen_m=unseen_m).finding)
        for metres in (claimed_m, claimed_m + more_m)
    )
    assert smaller <= larger


def test_senseless_options_are_refused() -> None:
    """A negative tolerance names itself."""
    with pytest.raises(ValueError, match="tolerance_share must not be negative"):
        ClaimOptions(tolerance_share=-0.1)
