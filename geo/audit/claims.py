"""Compares what is claimed with what was driven and what was planned: evidence for a person, no verdict on anyone.

The claim is held against the 95 % interval of the driven distance, widened by a tolerance for odometers. A claim
above it is called so only if what nobody saw cannot explain it: before the first and after the last fix a worker may
have driven as far as time and speed allow, and then the finding is that one cannot tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.audit.track_audit import ClaimCheck, ClaimFinding, Mileage


@dataclass(frozen=True)
class ClaimOptions:
    """How a claim is compared.

    Parameters
    ----------
    tolerance_share
        Share of the driven distance by which odometers and rounding may differ on both sides.
    tolerance_m
        The same in metres, for short days; the greater of the two counts.
    """

    tolerance_share: float = 0.01
    tolerance_m: float = 500.0

    def __post_init__(self) -> None:
        """Refuse negative tolerances."""
        for name, value in vars(self).items():
            if not value >= 0.0:
                message = f"{name} must not be negative (got {value})"
                raise ValueError(message)


def check_claim(
    mileage: Mileage,
    *,
    claimed_m: float | None,
    planned_m: float | None,
    unseen_m: float = 0.0,
    options: ClaimOptions | None = None,
) -> ClaimCheck:
    """Compare a claim with the evidence.

    Parameters
    ----------
    mileage
        What was driven.
    claimed_m
        What is claimed; None where nothing is.
    planned_m
        What was planned; None where nothing was.
    unseen_m
        The most that can have been driven in working hours before the first and after the last fix.
    options
        Tolerances.

    Returns
    -------
    ClaimCheck
        Planned, driven and claimed side by side, and the comparison in one word.
    """
    options = options or ClaimOptions()
    tolerance_m = max(options.tolerance_m, options.tolerance_share * mileage.total_m)
    return ClaimCheck(
        claimed_m=math.nan if claimed_m is None else claimed_m,
        planned_m=math.nan if planned_m is None else planned_m,
        driven_m=mileage.total_m,
        driven_low_m=mileage.low_m,
        driven_high_m=mileage.high_m,
        excess_m=_excess_m(claimed_m, mileage),
        finding=_finding(claimed_m, mileage, tolerance_m, unseen_m),
    )


def _excess_m(claimed_m: float | None, mileage: Mileage) -> float:
    if claimed_m is None or math.isnan(mileage.high_m):
        return 0.0
    return max(0.0, claimed_m - mileage.high_m)


def _finding(claimed_m: float | None, mileage: Mileage, tolerance_m: float, unseen_m: float) -> ClaimFinding:
    if claimed_m is None:
        return ClaimFinding.NOT_CLAIMED
    if math.isnan(mileage.total_m):
        return ClaimFinding.CANNOT_TELL
    if claimed_m < mileage.low_m - tolerance_m:
        return ClaimFinding.BELOW_INTERVAL
    if claimed_m <= mileage.high_m + tolerance_m:
        return ClaimFinding.WITHIN_INTERVAL
    is_explained_by_unseen = claimed_m <= mileage.high_m + tolerance_m + unseen_m
    return ClaimFinding.CANNOT_TELL if is_explained_by_unseen else ClaimFinding.ABOVE_INTERVAL
