"""How a report says things: numbers with their units, clock times, and the words for verdicts, causes and findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geo.audit.track_audit import ClaimFinding, DeviationCause, GapPolicy, VisitVerdict
from optimizer.plan import UnplannedReason

_KILOMETRE_M = 1000.0
_HOUR_MIN = 60


@dataclass(frozen=True)
class VerdictWords:
    """A verdict for people: a word, a mark that needs no colour, and the name of its style."""

    label: str
    mark: str
    style: str


VERDICTS = {
    VisitVerdict.VISITED: VerdictWords("Visited", "✓", "visited"),
    VisitVerdict.EARLY: VerdictWords("Early", "<", "late"),
    VisitVerdict.LATE: VerdictWords("Late", ">", "late"),
    VisitVerdict.TOO_SHORT: VerdictWords("Too short", "~", "late"),
    VisitVerdict.MISSED: VerdictWords("Missed", "✕", "missed"),
    VisitVerdict.UNPLANNED: VerdictWords("Unplanned", "+", "unplanned"),
    VisitVerdict.CANNOT_TELL: VerdictWords("Cannot tell", "?", "unknown"),
}
CAUSES = {
    DeviationCause.UNPLANNED_STOP: "unplanned stop",
    DeviationCause.DATA_GAP: "gap in the data",
    DeviationCause.OFF_ROAD: "off the road network",
    DeviationCause.UNEXPLAINED: "unexplained",
}
FINDINGS = {
    ClaimFinding.NOT_CLAIMED: "nothing claimed",
    ClaimFinding.WITHIN_INTERVAL: "within the measured interval",
    ClaimFinding.ABOVE_INTERVAL: "above the measured interval",
    ClaimFinding.BELOW_INTERVAL: "below the measured interval",
    ClaimFinding.CANNOT_TELL: "cannot tell",
}
GAP_POLICIES = {
    GapPolicy.NOTHING: "not counted",
    GapPolicy.STRAIGHT: "straight line",
    GapPolicy.SHORTEST: "fastest way by road",
    GapPolicy.PLANNED: "the planned way",
}
UNPLANNED_REASONS = {
    UnplannedReason.NO_WORKER_WITH_SKILLS: "no worker has the skills",
    UnplannedReason.NO_ALLOWED_WORKER: "no worker is allowed there",
    UnplannedReason.UNREACHABLE: "no way there and back",
    UnplannedReason.OUTSIDE_WORKING_TIME: "outside working time",
    UnplannedReason.IMPOSSIBLE_WITH_PINS: "no room beside the pinned visits",
    UnplannedReason.DISPLACED: "no room in any route",
    UnplannedReason.NOT_WORTH_ITS_COST: "costs more than leaving it out",
}
PROFILES = {"car": "by car", "foot": "on foot", "bicycle": "by bicycle", "e-bike": "by e-bike"}


def kilometres(length_m: float) -> str:
    """Write a length in kilometres.

    Parameters
    ----------
    length_m
        Metres.

    Returns
    -------
    str
        For example ``7.42 km``; a dash where the length is not known.
    """
    return f"{length_m / _KILOMETRE_M:.2f} km" if math.isfinite(length_m) else "—"


def metres(length_m: float) -> str:
    """Write a short length.

    Parameters
    ----------
    length_m
        Metres.

    Returns
    -------
    str
        For example ``430 m``, from 1,000 m on in kilometres; a dash where the length is not known.
    """
    return f"{length_m:.0f} m" if abs(length_m) < _KILOMETRE_M else kilometres(length_m)


def signed_metres(length_m: float) -> str:
    """Write a difference of lengths with its sign.

    Parameters
    ----------
    length_m
        Metres.

    Returns
    -------
    str
        For example ``+430 m``.
    """
    sign = "+" if length_m > 0 else "−" if length_m < 0 else ""  # noqa: RUF001 - the minus sign of typography
    return f"{sign}{metres(abs(length_m))}"


def duration(duration_s: float) -> str:
    """Write a duration.

    Parameters
    ----------
    duration_s
        Seconds.

    Returns
    -------
    str
        For example ``1 h 05 min`` or ``35 min``; a dash where it is not known.
    """
    if not math.isfinite(duration_s):
        return "—"
    hours, minutes = divmod(round(duration_s / 60), _HOUR_MIN)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def clock(time_ms: float, zone: ZoneInfo) -> str:
    """Write the time that a wall clock shows.

    Parameters
    ----------
    time_ms
        Unix milliseconds.
    zone
        Where the clock hangs.

    Returns
    -------
    str
        For example ``08:05``.
    """
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone):%H:%M}"


def date(time_ms: float, zone: ZoneInfo) -> str:
    """Write the date that a calendar shows.

    Parameters
    ----------
    time_ms
        Unix milliseconds.
    zone
        Where the calendar hangs.

    Returns
    -------
    str
        ISO 8601, for example ``2026-09-15``.
    """
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone).date().isoformat()


def moment(time_ms: float, zone: ZoneInfo) -> str:
    """Write a moment to the second.

    Parameters
    ----------
    time_ms
        Unix milliseconds.
    zone
        Where the clock hangs.

    Returns
    -------
    str
        For example ``2026-09-15 08:05:30``.
    """
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def clocks(start_ms: float, end_ms: float, zone: ZoneInfo) -> str:
    """Write a span of time.

    Parameters
    ----------
    start_ms, end_ms
        Unix milliseconds.
    zone
        Where the clocks hang.

    Returns
    -------
    str
        For example ``08:05-09:10``; with both dates where they differ.
    """
    start, end = clock(start_ms, zone), clock(end_ms, zone)
    first, last = date(start_ms, zone), date(end_ms, zone)
    return f"{start}-{end}" if first == last else f"{first} {start} to {last} {end}"


def percent(share: float) -> str:
    """Write a share.

    Parameters
    ----------
    share
        1 is all.

    Returns
    -------
    str
        For example ``93 %``; a dash where it is not known.
    """
    return f"{share * 100:.0f} %" if math.isfinite(share) else "—"


def score_text(value: float) -> str:
    """Write a score in whole points.

    Parameters
    ----------
    value
        Of 100; NaN where it is not known.

    Returns
    -------
    str
        Rounded down, so that 100 is said only where every part is full; a dash where it is not known.
    """
    return f"{math.floor(value + 1e-9)}" if math.isfinite(value) else "—"
