"""What an audit answers: visits, deviations, mileage, claim and score of one worker's day, with their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from geo.coordinate_doubt import CoordinateDoubt
from geo.matching.match import Match
from geo.tracks.stays import Stay


class VisitVerdict(Enum):
    """What the track says about one planned visit, or about a stay that nobody planned."""

    VISITED = "visited"
    EARLY = "early"
    LATE = "late"
    TOO_SHORT = "too_short"
    MISSED = "missed"
    UNPLANNED = "unplanned"
    CANNOT_TELL = "cannot_tell"
    """The track has no data where the visit would show: never to be read as missed."""


class GapPolicy(Enum):
    """How kilometres in a gap are counted."""

    NOTHING = "nothing"
    STRAIGHT = "straight"
    SHORTEST = "shortest"
    """The fastest path by road between the two ends of the gap."""
    PLANNED = "planned"
    """The planned path where both ends lie on it, otherwise as SHORTEST."""


class DeviationCause(Enum):
    """The likeliest cause of a deviation. The first release knows the ones below; more follow."""

    UNPLANNED_STOP = "unplanned_stop"
    DATA_GAP = "data_gap"
    OFF_ROAD = "off_road"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class VisitEvidence:
    """One line of the visit table.

    Parameters
    ----------
    visit_id
        The planned visit; empty for an unplanned stay.
    verdict
        What the track says.
    stay
        The stay that shows it; None where there is none.
    planned_position
        Position of the visit in the planned order, from 0; None for an unplanned stay.
    distance_m
        Metres between the stay's centre and the customer; NaN without a stay.
    late_s
        Seconds after the end of the planned window; 0 where in time; NaN without a stay.
    reason
        The evidence in one sentence, without coordinates.
    """

    visit_id: str
    verdict: VisitVerdict
    stay: Stay | None
    planned_position: int | None
    distance_m: float
    late_s: float
    reason: str


@dataclass(frozen=True)
class Deviation:
    """An interval of the track off the plan.

    Parameters
    ----------
    start_ms, end_ms
        Unix milliseconds.
    length_m
        Metres travelled inside the interval.
    extra_m
        Those metres less the planned metres that they replace; negative where the way was shorter.
    peak_distance_m
        Greatest distance from the planned path.
    cause
        The likeliest cause.
    """

    start_ms: int
    end_ms: int
    length_m: float
    extra_m: float
    peak_distance_m: float
    cause: DeviationCause


@dataclass(frozen=True)
class GapMileage:
    """One gap and how its kilometres were counted."""

    start_ms: int
    end_ms: int
    policy: GapPolicy
    length_m: float
    is_capped: bool


@dataclass(frozen=True)
class Composition:
    """What a measured distance is made of, in metres: along roads, by the gap policy, and off the roads."""

    matched_m: float
    gap_m: float
    off_road_m: float

    @property
    def total_m(self) -> float:
        """Their sum."""
        return self.matched_m + self.gap_m + self.off_road_m


@dataclass(frozen=True)
class LegMileage:
    """The distance between two stays, or before the first or after the last.

    Parameters
    ----------
    start_ms, end_ms
        Unix milliseconds at which it was left and arrived.
    composition
        The measured distance and what it is made of; over all legs it adds up to that of the day.
    low_m, high_m
        The 95 % interval of the measured distance of this leg alone.
    """

    start_ms: int
    end_ms: int
    composition: Composition
    low_m: float
    high_m: float


@dataclass(frozen=True)
class Mileage:
    """Measured distance and its composition: ``total_m = matched_m + gap_m + off_road_m``.

    Parameters
    ----------
    total_m, matched_m, gap_m, off_road_m
        Metres.
    low_m, high_m
        The 95 % interval of `total_m`.
    raw_chords_m
        Straight-line sum of the raw points, as a comparison only.
    jitter_removed_m
        Straight-line sum inside stays, which is not mileage.
    gaps
        Every gap with its method and metres.
    by_road_class_m
        Matched metres per OSM road class name.
    legs
        The same distance from stay to stay.
    """

    total_m: float
    matched_m: float
    gap_m: float
    off_road_m: float
    low_m: float
    high_m: float
    raw_chords_m: float
    jitter_removed_m: float
    gaps: tuple[GapMileage, ...]
    by_road_class_m: dict[str, float]
    legs: tuple[LegMileage, ...] = ()


class ClaimFinding(Enum):
    """What the comparison of a claim with the evidence says."""

    NOT_CLAIMED = "not_claimed"
    WITHIN_INTERVAL = "within_interval"
    ABOVE_INTERVAL = "above_interval"
    BELOW_INTERVAL = "below_interval"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class ClaimCheck:
    """Planned, driven and claimed distance side by side.

    Parameters
    ----------
    claimed_m, planned_m, driven_m, driven_low_m, driven_high_m
        Metres; `claimed_m` is NaN where nothing was claimed, `planned_m` where nothing was planned.
    excess_m
        Claimed metres above the upper end of the interval; 0 where there are none.
    finding
        The comparison in one word. Evidence for a person to decide on, not a verdict on anyone.
    """

    claimed_m: float
    planned_m: float
    driven_m: float
    driven_low_m: float
    driven_high_m: float
    excess_m: float
    finding: ClaimFinding


@dataclass(frozen=True)
class ScorePart:
    """One part of the score: its value in [0, 100], its weight, and what it is made from. NaN where it is left out."""

    name: str
    value: float
    weight: float
    explanation: str


@dataclass(frozen=True)
class Score:
    """How well the day followed the plan: weighted mean of the parts that could be measured.

    Parameters
    ----------
    version
        Version of the weights and formulas, for example ``1``.
    value
        In [0, 100]; NaN where no part could be measured.
    parts
        Every part; those that could not be measured have a NaN value and say why.
    """

    version: str
    value: float
    parts: tuple[ScorePart, ...]


@dataclass(frozen=True, eq=False)
class TrackAudit:
    """The findings about one worker's day.

    Parameters
    ----------
    network_fingerprint
        Fingerprint of the road network that the audit stands on.
    match
        The track laid on roads.
    stays
        Where the track stood still, in order.
    visits
        One entry per planned visit in planned order, then the unplanned stays.
    deviations
        Intervals off the plan, in order of time.
    mileage, claim, score
        Measured distance; comparison with the claim; score.
    corridor_cells
        ``(c,)`` uint64 H3 cells of the corridor around the planned path, ascending.
    observed_share
        Share of the planned time for which there are believable points; NaN where no time was planned.
    points_outside_working_hours
        Recorded points that were not looked at. The match and its indices are about the others only.
    coordinate_doubt
        Whether the planned positions fit the stays clearly better in another coordinate system; None where nothing
        was planned.
    """

    network_fingerprint: str
    match: Match
    stays: tuple[Stay, ...]
    visits: tuple[VisitEvidence, ...]
    deviations: tuple[Deviation, ...]
    mileage: Mileage
    claim: ClaimCheck
    score: Score
    corridor_cells: NDArray[np.uint64]
    observed_share: float
    points_outside_working_hours: int
    coordinate_doubt: CoordinateDoubt | None
