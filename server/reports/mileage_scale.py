"""Planned, driven and claimed distance side by side on one scale, and what the driven distance is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.audit.track_audit import ClaimFinding, TrackAudit
from server.reports.wording import FINDINGS, kilometres, metres

_ROOM = 1.08
"""The scale ends a little after the greatest distance."""


@dataclass(frozen=True)
class ScaleMark:
    """One distance on the scale: where it stands in percent, its style, its name and its text."""

    percent: float
    style: str
    label: str
    text: str


@dataclass(frozen=True)
class MileagePart:
    """One part of the driven distance: its share in percent, its style, its name and its text."""

    percent: float
    style: str
    label: str
    text: str


@dataclass(frozen=True)
class MileageScale:
    """The distances of one day.

    Parameters
    ----------
    marks
        Planned, driven and claimed, those that are known.
    low_percent, high_percent
        Ends of the 95 % interval on the scale.
    parts
        What the driven distance is made of.
    sentence
        The same in words.
    finding
        The comparison with the claim in words; empty where nothing was claimed.
    """

    marks: tuple[ScaleMark, ...]
    low_percent: float
    high_percent: float
    parts: tuple[MileagePart, ...]
    sentence: str
    finding: str


def draw_mileage(audit: TrackAudit) -> MileageScale:
    """Lay the distances of one day on a scale.

    Parameters
    ----------
    audit
        The findings about the day.

    Returns
    -------
    MileageScale
        Percentages of the width of the scale.
    """
    mileage, claim = audit.mileage, audit.claim
    distances = [
        ("planned", "Planned", claim.planned_m),
        ("driven", "Driven", mileage.total_m),
        ("claimed", "Claimed", claim.claimed_m),
    ]
    known = [(style, label, length_m) for style, label, length_m in distances if math.isfinite(length_m)]
    full_m = max([mileage.high_m, 1.0, *(length_m for _, _, length_m in known)]) * _ROOM
    parts = [
        ("matched", "on matched roads", mileage.matched_m),
        ("gap", "in gaps, by policy", mileage.gap_m),
        ("off_road", "off the road network", mileage.off_road_m),
    ]
    return MileageScale(
        marks=tuple(
            ScaleMark(_percent(length_m, full_m), style, label, kilometres(length_m))
            for style, label, length_m in known
        ),
        low_percent=_percent(mileage.low_m, full_m),
        high_percent=_percent(mileage.high_m, full_m),
        parts=tuple(
            MileagePart(_percent(length_m, mileage.total_m), style, label, metres(length_m))
            for style, label, length_m in parts
            if length_m > 0
        ),
        sentence=_sentence(audit),
        finding=_finding(audit),
    )


def _percent(length_m: float, full_m: float) -> float:
    return round(length_m / full_m * 100, 2) if full_m > 0 else 0.0


def _sentence(audit: TrackAudit) -> str:
    mileage = audit.mileage
    return (
        f"Driven {kilometres(mileage.total_m)} (95 % interval {kilometres(mileage.low_m)} to "
        f"{kilometres(mileage.high_m)}) = {metres(mileage.matched_m)} on matched roads + {metres(mileage.gap_m)} "
        f"in gaps + {metres(mileage.off_road_m)} off the road network."
    )


def _finding(audit: TrackAudit) -> str:
    claim = audit.claim
    if not math.isfinite(claim.claimed_m):
        return ""
    addition = ""
    if claim.finding is ClaimFinding.ABOVE_INTERVAL:
        addition = f", by {metres(claim.excess_m)} more than its upper end"
    elif claim.finding is ClaimFinding.WITHIN_INTERVAL and claim.excess_m > 0:
        addition = f" with its tolerance, {metres(claim.excess_m)} above its upper end"
    return f"Claimed {kilometres(claim.claimed_m)}: {FINDINGS[claim.finding]}{addition}."
