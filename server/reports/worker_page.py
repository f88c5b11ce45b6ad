"""One worker's part of the report: everything that the template shows, already in words, percentages and metres."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.audit.track_audit import TrackAudit, VisitEvidence
from geo.matching.match import DropReason, PointState
from server.reports.day_map import DayMap, draw_day, visit_key
from server.reports.day_report import WorkerDay
from server.reports.forbidden_rows import ForbiddenRow, forbidden_rows
from server.reports.local_plane import LocalPlane
from server.reports.mileage_scale import MileageScale, draw_mileage
from server.reports.timeline import Timeline, draw_timeline
from server.reports.wording import (
    CAUSES,
    GAP_POLICIES,
    PROFILES,
    VERDICTS,
    clocks,
    duration,
    kilometres,
    metres,
    percent,
    score_text,
    signed_metres,
)
from server.use_cases.day_plan import DayStop


@dataclass(frozen=True)
class Fact:
    """A name and its value."""

    name: str
    text: str


@dataclass(frozen=True)
class Count:
    """How many visits had a verdict."""

    style: str
    mark: str
    label: str
    number: int


@dataclass(frozen=True)
class VisitRow:
    """One line of the visit table, every cell in words; `style` and `verdict` are empty before the day."""

    key: str
    number: str
    name: str
    planned: str
    recorded: str
    style: str
    mark: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class DeviationRow:
    """One line of the table of deviations."""

    time: str
    length: str
    extra: str
    distance: str
    cause: str


@dataclass(frozen=True)
class GapRow:
    """One line of the table of gaps."""

    time: str
    length: str
    policy: str


@dataclass(frozen=True)
class LegRow:
    """One line of the table of legs: the way from stay to stay."""

    time: str
    length: str
    interval: str
    made_of: str


@dataclass(frozen=True)
class ScoreRow:
    """One part of the score; `percent` is None where it could not be measured."""

    name: str
    percent: float | None
    weight: str
    explanation: str


@dataclass(frozen=True)
class WorkerPage:
    """One worker's part of the report.

    Parameters
    ----------
    key
        Unique in the report, fit for an HTML id.
    name, travels
        Whose day it is, and how the worker travels.
    is_audited, is_planned
        Whether there is a track and findings about it; whether anything was planned.
    score
        For example ``87``; a dash where nothing could be measured, empty before the day.
    facts, method
        Figures at the top; how they were measured.
    notices
        What its reader should know before the figures are believed.
    counts
        Visits by verdict, in the order of `VERDICTS`.
    day_map, timeline, mileage
        The drawings; `mileage` is None before the day.
    visits, deviations, gaps, forbidden, legs, score_parts
        The tables.
    road_classes
        The matched distance by class of road.
    """

    key: str
    name: str
    travels: str
    is_audited: bool
    is_planned: bool
    score: str
    facts: tuple[Fact, ...]
    method: tuple[Fact, ...]
    notices: tuple[str, ...]
    counts: tuple[Count, ...]
    day_map: DayMap
    timeline: Timeline
    mileage: MileageScale | None
    visits: tuple[VisitRow, ...]
    deviations: tuple[DeviationRow, ...]
    gaps: tuple[GapRow, ...]
    forbidden: tuple[ForbiddenRow, ...]
    legs: tuple[LegRow, ...]
    road_classes: tuple[Fact, ...]
    score_parts: tuple[ScoreRow, ...]


def worker_page(day: WorkerDay, plane: LocalPlane, zone: ZoneInfo, *, key: str) -> WorkerPage:
    """Put one worker's day into words and drawings.

    Parameters
    ----------
    day
        The worker's day.
    plane, zone
        Where to draw, and where clocks are read.
    key
        Unique in the report, fit for an HTML id.

    Returns
    -------
    WorkerPage
        What the template shows.
    """
    audit = day.audit
    return WorkerPage(
        key=key,
        name=day.route.worker_label or day.route.worker_id,
        travels=PROFILES.get(day.network.profile, day.network.profile),
        is_audited=audit is not None,
        is_planned=_is_planned(day),
        score=_score(audit),
        facts=_facts(day, zone),
        method=_method(day),
        notices=day.notices,
        counts=() if audit is None else _counts(audit),
        day_map=draw_day(day, plane, zone, day_key=key),
        timeline=draw_timeline(day, zone, day_key=key),
        mileage=None if audit is None else draw_mileage(audit),
        visits=_visit_rows(day, zone, key),
        deviations=() if audit is None else _deviation_rows(audit, zone),
        gaps=() if audit is None else _gap_rows(audit, zone),
        forbidden=() if audit is None else forbidden_rows(day.network, audit.match, zone),
        legs=() if audit is None else _leg_rows(audit, zone),
        road_classes=() if audit is None else _road_classes(audit),
        score_parts=() if audit is None else _score_rows(audit),
    )


def _is_planned(day: WorkerDay) -> bool:
    return bool(day.route.stops or day.route.legs)


def _score(audit: TrackAudit | None) -> str:
    return "" if audit is None else score_text(audit.score.value)


def _facts(day: WorkerDay, zone: ZoneInfo) -> tuple[Fact, ...]:
    route, audit = day.route, day.audit
    times = clocks(route.shift.start_s * 1000, route.shift.end_s * 1000, zone)
    is_planned = _is_planned(day)
    facts = [Fact("Planned", kilometres(route.distance_m))] if is_planned else []
    if audit is not None:
        interval = f"{kilometres(audit.mileage.low_m)} to {kilometres(audit.mileage.high_m)}"
        facts.append(Fact("Driven", f"{kilometres(audit.mileage.total_m)} ({interval})"))
        if is_planned or math.isfinite(audit.claim.claimed_m):
            facts.append(Fact("Claimed", kilometres(audit.claim.claimed_m)))
    if is_planned:
        facts.append(Fact("Visits planned", str(len(route.stops))))
    return (*facts, Fact("Shift" if is_planned else "Recorded", times))


def _method(day: WorkerDay) -> tuple[Fact, ...]:
    """Say what the figures stand on."""
    network = [Fact("Road network", f"{day.network.source}, fingerprint {day.network.fingerprint[:16]}")]
    audit = day.audit
    if audit is None:
        return tuple(network)
    states, reasons = audit.match.point_state, audit.match.point_drop_reason
    dropped = Counter(reasons[states == PointState.DROPPED].tolist())
    drops = ", ".join(f"{count} {DropReason(code).name.lower().replace('_', ' ')}" for code, count in dropped.items())
    plan = [
        Fact("Outside working hours", f"{audit.points_outside_working_hours} points, not looked at"),
        Fact("Planned time observed", percent(audit.observed_share)),
        Fact("Score", f"version {audit.score.version}"),
    ]
    return (
        *network,
        Fact("Points", f"{len(states)} recorded, {sum(dropped.values())} not believed{f' ({drops})' if drops else ''}"),
        Fact("Straight lines between raw points", f"{kilometres(audit.mileage.raw_chords_m)}, for comparison only"),
        Fact("Of these, jitter while standing still", kilometres(audit.mileage.jitter_removed_m)),
        *(plan if _is_planned(day) else []),
    )


def _counts(audit: TrackAudit) -> tuple[Count, ...]:
    numbers = Counter(visit.verdict for visit in audit.visits)
    return tuple(
        Count(words.style, words.mark, words.label, numbers[verdict])
        for verdict, words in VERDICTS.items()
        if numbers[verdict]
    )


def _visit_rows(day: WorkerDay, zone: ZoneInfo, key: str) -> tuple[VisitRow, ...]:
    if day.audit is None:
        return tuple(
            VisitRow(visit_key(key, index), str(index + 1), _name(stop), _planned_time(stop, zone), "", "", "", "", "")
            for index, stop in enumerate(day.route.stops)
        )
    return tuple(
        _audited_row(visit, day.route.stops, zone, visit_key(key, line)) for line, visit in enumerate(day.audit.visits)
    )


def _audited_row(visit: VisitEvidence, stops: tuple[DayStop, ...], zone: ZoneInfo, key: str) -> VisitRow:
    words, stay = VERDICTS[visit.verdict], visit.stay
    stop = None if visit.planned_position is None else stops[visit.planned_position]
    return VisitRow(
        key=key,
        number=words.mark if visit.planned_position is None else str(visit.planned_position + 1),
        name="Nobody planned this stop" if stop is None else _name(stop),
        planned="—" if stop is None else _planned_time(stop, zone),
        recorded="—" if stay is None else clocks(stay.start_ms, stay.end_ms, zone),
        style=words.style,
        mark=words.mark,
        verdict=words.label,
        reason=visit.reason,
    )


def _name(stop: DayStop) -> str:
    return stop.visit_label or stop.visit_id


def _planned_time(stop: DayStop, zone: ZoneInfo) -> str:
    return clocks(stop.start_s * 1000, stop.departure_s * 1000, zone)


def _deviation_rows(audit: TrackAudit, zone: ZoneInfo) -> tuple[DeviationRow, ...]:
    return tuple(
        DeviationRow(
            time=clocks(deviation.start_ms, deviation.end_ms, zone),
            length=metres(deviation.length_m),
            extra=signed_metres(deviation.extra_m),
            distance=metres(deviation.peak_distance_m),
            cause=CAUSES[deviation.cause],
        )
        for deviation in audit.deviations
    )


def _gap_rows(audit: TrackAudit, zone: ZoneInfo) -> tuple[GapRow, ...]:
    return tuple(
        GapRow(
            time=clocks(gap.start_ms, gap.end_ms, zone) + f" ({duration((gap.end_ms - gap.start_ms) / 1000)})",
            length=metres(gap.length_m),
            policy=GAP_POLICIES[gap.policy] + (", capped" if gap.is_capped else ""),
        )
        for gap in audit.mileage.gaps
    )


def _leg_rows(audit: TrackAudit, zone: ZoneInfo) -> tuple[LegRow, ...]:
    return tuple(
        LegRow(
            time=clocks(leg.start_ms, leg.end_ms, zone),
            length=kilometres(made_of.total_m),
            interval=f"{kilometres(leg.low_m).removesuffix(' km')} to {kilometres(leg.high_m)}",
            made_of=", ".join(
                f"{metres(length_m)} {name}"
                for length_m, name in (
                    (made_of.matched_m, "on roads"),
                    (made_of.gap_m, "in gaps"),
                    (made_of.off_road_m, "off the roads"),
                )
                if length_m > 0.0
            ),
        )
        for leg in audit.mileage.legs
        for made_of in (leg.composition,)
    )


def _road_classes(audit: TrackAudit) -> tuple[Fact, ...]:
    return tuple(
        Fact(name.replace("_", " "), metres(length_m)) for name, length_m in audit.mileage.by_road_class_m.items()
    )


def _score_rows(audit: TrackAudit) -> tuple[ScoreRow, ...]:
    return tuple(
        ScoreRow(
            name=part.name.replace("_", " "),
            percent=round(part.value, 1) if math.isfinite(part.value) else None,
            weight=percent(part.weight),
            explanation=part.explanation,
        )
        for part in audit.score.parts
    )
