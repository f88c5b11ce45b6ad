"""An audit for people and other programs: tables for the terminal, CSV and GeoJSON. Positions are WGS-84."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table

from geo.audit.track_audit import Deviation, VisitEvidence
from geo.matching.matched_geometry import segment_line
from server.cli.mileage_tables import leg_table
from server.cli.output_files import line_feature, point_feature
from server.reports.day_report import WorkerDay
from server.reports.mileage_scale import draw_mileage
from server.reports.wording import CAUSES, VERDICTS, clocks, metres, score_text, signed_metres
from server.use_cases.day_audit import DayAudit

VISIT_COLUMNS = (
    "worker_id",
    "visit_id",
    "visit_label",
    "verdict",
    "planned_start",
    "planned_departure",
    "recorded_arrival",
    "recorded_departure",
    "distance_m",
    "late_s",
    "reason",
)


def audit_tables(answer: DayAudit, day: WorkerDay, zone: ZoneInfo) -> RenderableType:
    """Lay an audit out for a terminal.

    Parameters
    ----------
    answer, day
        The audit, and what a report shows of the day.
    zone
        Where its clocks are read.

    Returns
    -------
    RenderableType
        Visits, deviations, mileage and score.
    """
    scale = draw_mileage(answer.audit)
    parts: list[RenderableType] = []
    if answer.audit.visits:
        parts += [_visit_table(day, zone), ""]
    if answer.audit.deviations:
        parts += [_deviation_table(answer.audit.deviations, zone), ""]
    if len(answer.audit.mileage.legs) > 1:
        parts += [leg_table(answer.audit.mileage.legs, zone), ""]
    parts += [scale.sentence, *([scale.finding] if scale.finding else [])]
    score = answer.audit.score
    if math.isfinite(score.value):
        parts.append(f"Score {score_text(score.value)} of 100 (version {score.version}).")
    parts += [f"note: {notice.description}" for notice in answer.notices]
    parts += ["", f"audit {answer.id}"]
    return Group(*parts)


def visit_rows(answer: DayAudit, day: WorkerDay, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """List the visits of an audit in the columns of `VISIT_COLUMNS`.

    Parameters
    ----------
    answer, day
        The audit, and what a report shows of the day.
    zone
        In which the times are written.

    Yields
    ------
    tuple[object, ...]
        One row of the CSV file; times are ISO 8601.
    """
    for visit in answer.audit.visits:
        stop = None if visit.planned_position is None else day.route.stops[visit.planned_position]
        planned = (None, None) if stop is None else (stop.start_s * 1000, stop.departure_s * 1000)
        recorded = (None, None) if visit.stay is None else (visit.stay.start_ms, visit.stay.end_ms)
        yield (
            answer.worker_id,
            visit.visit_id,
            None if stop is None else stop.visit_label,
            visit.verdict.value,
            *(_iso(time_ms, zone) for time_ms in (*planned, *recorded)),
            _finite(visit.distance_m),
            _finite(visit.late_s),
            visit.reason,
        )


def audit_features(answer: DayAudit, day: WorkerDay) -> Iterator[dict[str, object]]:
    """Draw an audit as GeoJSON features: the parts of the match as lines, stays and planned visits as points.

    Parameters
    ----------
    answer, day
        The audit, and what a report shows of the day.

    Yields
    ------
    dict[str, object]
        A feature.
    """
    if day.track is not None:
        for segment in answer.audit.match.segments:
            line = segment_line(day.network, day.track, answer.audit.match, segment)
            if len(line.points) > 1:
                properties = {
                    "worker": answer.worker_id,
                    "kind": segment.kind.name.lower(),
                    "start_ms": segment.start_ms,
                    "end_ms": segment.end_ms,
                    "length_m": _finite(segment.length_m),
                    "times": line.time_ms.tolist(),
                }
                yield line_feature(line.points, properties)
    for stay in answer.audit.stays:
        properties = {"worker": answer.worker_id, "kind": "stay", "start_ms": stay.start_ms, "end_ms": stay.end_ms}
        yield point_feature(stay.latitude_degrees, stay.longitude_degrees, properties)
    for visit in answer.audit.visits:
        if visit.planned_position is not None:
            yield _visit_feature(visit, day)


def _visit_feature(visit: VisitEvidence, day: WorkerDay) -> dict[str, object]:
    stop = day.route.stops[visit.planned_position or 0]
    properties = {
        "worker": day.route.worker_id,
        "kind": "visit",
        "visit": visit.visit_id,
        "label": stop.visit_label,
        "verdict": visit.verdict.value,
        "reason": visit.reason,
    }
    return point_feature(stop.position.latitude_degrees, stop.position.longitude_degrees, properties)


def _visit_table(day: WorkerDay, zone: ZoneInfo) -> Table:
    table = Table("visit", "planned", "recorded", "finding", "evidence", box=None, pad_edge=False, header_style="bold")
    for visit in day.audit.visits if day.audit else ():
        stop = None if visit.planned_position is None else day.route.stops[visit.planned_position]
        stay = visit.stay
        table.add_row(
            "—" if stop is None else stop.visit_label or stop.visit_id,
            "—" if stop is None else clocks(stop.start_s * 1000, stop.departure_s * 1000, zone),
            "—" if stay is None else clocks(stay.start_ms, stay.end_ms, zone),
            VERDICTS[visit.verdict].label,
            visit.reason,
        )
    return table


def _deviation_table(deviations: tuple[Deviation, ...], zone: ZoneInfo) -> Table:
    table = Table("deviation", "length", "extra", "likeliest cause", box=None, pad_edge=False, header_style="bold")
    for deviation in deviations:
        table.add_row(
            clocks(deviation.start_ms, deviation.end_ms, zone),
            metres(deviation.length_m),
            signed_metres(deviation.extra_m),
            CAUSES[deviation.cause],
        )
    return table


def _iso(time_ms: int | None, zone: ZoneInfo) -> str | None:
    if time_ms is None:
        return None
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone).isoformat(timespec="seconds")


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None
