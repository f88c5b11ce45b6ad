"""Says how well a day followed the plan: a weighted mean of parts that are each shown, each in [0, 100].

Fairness rules the formulas. A part that could not be measured is left out and says why; it is never counted as bad.
Times come in by ramps and not by limits, lengths from matched roads and not from fixes, so that a worse phone or a
slower recording of the same day gives the same score to about two points.

Version 1
---------
=========  ======  ===================================================================================================
part       weight  value
=========  ======  ===================================================================================================
visits     0.45    share of the planned visits that took place, of those that can be told; one that was too short
                   counts half
order      0.15    share of the pairs of visits that took place in the planned order (Kendall's tau, as a share)
time       0.15    mean over the visits of ``1 - lateness / 60 min``, not below 0; early by the window likewise
path       0.20    share of the observed way that lies in no deviation of 500 m or more: a slow recording does not see
                   shorter ones
mileage    0.05    1 where not more was driven than planned, falling to 0 at twice the plan
=========  ======  ===================================================================================================

Path and mileage are measured only where at least half of the planned time was observed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from geo.audit.planned_day import PlannedDay
from geo.audit.track_audit import Deviation, Mileage, Score, ScorePart, VisitEvidence, VisitVerdict

VERSION = "1"

HUNDRED = 100.0
MILLISECONDS = 1000.0

TOLERATED_LATENESS_S = 3600.0
"""Lateness that costs the whole of a visit's time."""

TOLERATED_EXCESS = 1.0
"""Share driven beyond the plan that costs the whole of the mileage part."""

LEAST_OBSERVED = 0.5

LEAST_DEVIATION_M = 500.0

_WEIGHTS = {"visits": 0.45, "order": 0.15, "time": 0.15, "path": 0.20, "mileage": 0.05}

_TOOK_PLACE = {
    VisitVerdict.VISITED: 1.0,
    VisitVerdict.EARLY: 1.0,
    VisitVerdict.LATE: 1.0,
    VisitVerdict.TOO_SHORT: 0.5,
    VisitVerdict.MISSED: 0.0,
}


@dataclass(frozen=True)
class ScoredFindings:
    """What a score is made from.

    Parameters
    ----------
    visits
        The visit table.
    deviations
        Intervals off the plan.
    mileage
        What was driven.
    travelled_m
        Observed metres of the way, of which the deviations are a part.
    observed_share
        Share of the planned time with believable points.
    """

    visits: Sequence[VisitEvidence]
    deviations: Sequence[Deviation]
    mileage: Mileage
    travelled_m: float
    observed_share: float


def score_day(planned_day: PlannedDay | None, findings: ScoredFindings) -> Score:
    """Score a day against its plan.

    Parameters
    ----------
    planned_day
        The plan; None where nothing was planned.
    findings
        What the audit found.

    Returns
    -------
    Score
        NaN where no part could be measured.
    """
    if planned_day is None:
        parts = tuple(_left_out(name, "nothing was planned") for name in _WEIGHTS)
    else:
        parts = (
            _visits_part(findings.visits),
            _order_part(findings.visits),
            _time_part(planned_day, findings.visits),
            _path_part(planned_day, findings),
            _mileage_part(planned_day, findings),
        )
    measured = [part for part in parts if not math.isnan(part.value)]
    weight = sum(part.weight for part in measured)
    value = sum(part.weight * part.value for part in measured) / weight if measured else math.nan
    return Score(VERSION, value, parts)


def _measured(name: str, share: float, explanation: str) -> ScorePart:
    return ScorePart(name, HUNDRED * min(max(share, 0.0), 1.0), _WEIGHTS[name], explanation)


def _left_out(name: str, why: str) -> ScorePart:
    return ScorePart(name, math.nan, _WEIGHTS[name], f"Left out: {why}.")


def _visits_part(visits: Sequence[VisitEvidence]) -> ScorePart:
    planned = [line for line in visits if line.planned_position is not None]
    told = [line for line in planned if line.verdict in _TOOK_PLACE]
    if not planned:
        return _left_out("visits", "no visit was planned")
    if not told:
        return _left_out("visits", "the track can tell of none of the visits whether it took place")
    took_place = sum(_TOOK_PLACE[line.verdict] > 0.0 for line in told)
    share = sum(_TOOK_PLACE[line.verdict] for line in told) / len(told)
    untold = f"; of {len(planned) - len(told)} more the track cannot tell" if len(told) < len(planned) else ""
    return _measured("visits", share, f"{took_place} of {len(told)} visits took place{untold}.")


def _shown(visits: Sequence[VisitEvidence]) -> list[tuple[int, VisitEvidence]]:
    """Visits with a stay, with the start of the stay, in planned order."""
    return [(line.stay.start_ms, line) for line in visits if line.planned_position is not None and line.stay]


def _order_part(visits: Sequence[VisitEvidence]) -> ScorePart:
    starts = [start_ms for start_ms, _ in _shown(visits)]
    pairs = [(first, second) for first, second in combinations(starts, 2) if first != second]
    if not pairs:
        return _left_out("order", "fewer than two visits took place at times that can be told apart")
    in_order = sum(first < second for first, second in pairs)
    return _measured("order", in_order / len(pairs), f"{in_order} of {len(pairs)} pairs of visits in planned order.")


def _time_part(planned_day: PlannedDay, visits: Sequence[VisitEvidence]) -> ScorePart:
    shown = _shown(visits)
    if not shown:
        return _left_out("time", "no visit took place that the track shows")
    off_s = [_off_s(planned_day, line) for _, line in shown]
    share = sum(max(0.0, 1.0 - seconds / TOLERATED_LATENESS_S) for seconds in off_s) / len(off_s)
    in_time = sum(line.verdict not in {VisitVerdict.LATE, VisitVerdict.EARLY} for _, line in shown)
    return _measured("time", share, f"{in_time} of {len(shown)} visits in their window.")


def _off_s(planned_day: PlannedDay, line: VisitEvidence) -> float:
    """Seconds late; for a visit that was early, seconds before the window; 0 where neither is proven."""
    if line.verdict is VisitVerdict.LATE:
        return line.late_s
    if line.verdict is VisitVerdict.EARLY and line.stay and line.planned_position is not None:
        window_ms = planned_day.stops[line.planned_position].earliest_arrival_ms
        return max(0.0, (window_ms - line.stay.start_ms) / MILLISECONDS)
    return 0.0


def _path_part(planned_day: PlannedDay, findings: ScoredFindings) -> ScorePart:
    if len(planned_day.path_latitude_degrees) == 0:
        return _left_out("path", "the plan has no path")
    if not findings.observed_share >= LEAST_OBSERVED:
        return _left_out("path", "less than half of the planned time was observed")
    if not findings.travelled_m > 0.0:
        return _left_out("path", "no way was observed")
    lengths_m = (deviation.length_m for deviation in findings.deviations)
    off_m = sum(length_m for length_m in lengths_m if length_m >= LEAST_DEVIATION_M)
    kilometres = f"{off_m / 1000:.1f} of {findings.travelled_m / 1000:.1f} observed km"
    return _measured("path", 1.0 - off_m / findings.travelled_m, f"{kilometres} in long deviations.")


def _mileage_part(planned_day: PlannedDay, findings: ScoredFindings) -> ScorePart:
    driven_m, planned_m = findings.mileage.total_m, planned_day.length_m
    if not planned_m > 0.0:
        return _left_out("mileage", "the plan has no length")
    if not findings.observed_share >= LEAST_OBSERVED or math.isnan(driven_m):
        return _left_out("mileage", "less than half of the planned time was observed")
    excess = max(0.0, driven_m / planned_m - 1.0)
    explanation = f"{driven_m / 1000:.1f} km driven, {planned_m / 1000:.1f} km planned."
    return _measured("mileage", 1.0 - excess / TOLERATED_EXCESS, explanation)
