"""Audits: the findings about one worker's day."""

from __future__ import annotations

import math

from odograph import v1

from geo.audit.track_audit import ClaimCheck, Deviation, Score, TrackAudit, VisitEvidence
from geo.coordinates import CoordinateSystem
from geo.tracks.stays import Stay
from server.messages.coordinates import value_of_system
from server.messages.matches import match_message
from server.messages.mileages import gap_policy_of_value, mileage_message
from server.messages.notices import notice_messages
from server.messages.times import duration_of_s, timestamp_of_ms
from server.messages.tracks import track_source_of_message
from server.use_cases.day_audit import AuditRequest, DayAudit
from server.use_cases.match_track import MatchAnswer

LISTED_ELSEWHERE = ("visits", "stays", "deviations", "match")
"""What a summary leaves out."""


def audit_request_of_message(request: v1.AuditTrackRequest) -> AuditRequest:
    """Read what is to be audited."""
    return AuditRequest(
        worker_id=request.worker_id,
        plan_id=request.plan_id,
        source=track_source_of_message(request),
        claimed_m=request.claimed_distance_meters if request.HasField("claimed_distance_meters") else None,
        road_network=request.road_network,
        gap_policy=gap_policy_of_value(request.gap_policy),
        label=request.label,
        shift_number=request.shift_number,
    )


def audit_message(day: DayAudit) -> v1.Audit:
    """Write an audit in full, in WGS-84."""
    audit = day.audit
    message = v1.Audit(
        id=day.id,
        label=day.label,
        create_time=timestamp_of_ms(day.create_ms),
        worker_id=day.worker_id,
        day=day.day,
        plan_id=day.plan_id,
        road_network=day.opened.id,
        network_fingerprint=audit.network_fingerprint,
        coordinate_system=value_of_system(CoordinateSystem.WGS84),
        visits=[_visit_message(visit, audit) for visit in audit.visits],
        stays=[_stay_message(stay) for stay in audit.stays],
        deviations=[_deviation_message(deviation) for deviation in audit.deviations],
        mileage=mileage_message(audit.mileage),
        claim=_claim_message(audit.claim),
        score=_score_message(audit.score),
        observed_share=_known(audit.observed_share),
        match=match_message(MatchAnswer(day.opened, day.track, audit.match, zone=day.zone)),
        notices=notice_messages(day.notices),
        outside_working_hours_count=audit.points_outside_working_hours,
    )
    if day.planned_day is not None:
        message.working_hours.start_time.CopyFrom(timestamp_of_ms(day.planned_day.working_start_ms))
        message.working_hours.end_time.CopyFrom(timestamp_of_ms(day.planned_day.working_end_ms))
    return message


def audit_summary(audit: v1.Audit) -> v1.Audit:
    """Return an audit without its lists and its match, for listings."""
    summary = v1.Audit()
    summary.CopyFrom(audit)
    for field in LISTED_ELSEWHERE:
        summary.ClearField(field)  # type: ignore[arg-type]  # names of fields, as the stub wants them literally
    return summary


def view_audit(audit: v1.Audit, view: int) -> None:
    """Leave out of an answer what its view does not hold."""
    if view != v1.AuditView.AUDIT_VIEW_FULL:
        audit.ClearField("match")


def _stay_message(stay: Stay) -> v1.Stay:
    return v1.Stay(
        start_time=timestamp_of_ms(stay.start_ms),
        end_time=timestamp_of_ms(stay.end_ms),
        position=v1.Position(latitude_degrees=stay.latitude_degrees, longitude_degrees=stay.longitude_degrees),
        radius_meters=stay.radius_m,
    )


def _visit_message(visit: VisitEvidence, audit: TrackAudit) -> v1.VisitEvidence:
    return v1.VisitEvidence(
        visit_id=visit.visit_id,
        verdict=v1.VisitEvidence.Verdict.Value(f"VERDICT_{visit.verdict.name}"),
        stay=audit.stays.index(visit.stay) if visit.stay in audit.stays else None,
        planned_position=visit.planned_position,
        distance_meters=_known(visit.distance_m),
        lateness=None if math.isnan(visit.late_s) else duration_of_s(visit.late_s),
        reason=visit.reason,
    )


def _deviation_message(deviation: Deviation) -> v1.Deviation:
    return v1.Deviation(
        start_time=timestamp_of_ms(deviation.start_ms),
        end_time=timestamp_of_ms(deviation.end_ms),
        distance_meters=deviation.length_m,
        extra_meters=deviation.extra_m,
        peak_distance_meters=deviation.peak_distance_m,
        cause=v1.Deviation.Cause.Value(f"CAUSE_{deviation.cause.name}"),
    )


def _claim_message(claim: ClaimCheck) -> v1.ClaimCheck:
    return v1.ClaimCheck(
        claimed_meters=_known(claim.claimed_m),
        planned_meters=_known(claim.planned_m),
        driven_meters=claim.driven_m,
        driven_low_meters=claim.driven_low_m,
        driven_high_meters=claim.driven_high_m,
        excess_meters=claim.excess_m,
        finding=v1.ClaimCheck.Finding.Value(f"FINDING_{claim.finding.name}"),
    )


def _score_message(score: Score) -> v1.Score:
    return v1.Score(
        version=score.version,
        value=_known(score.value),
        parts=[
            v1.ScorePart(name=part.name, value=_known(part.value), weight=part.weight, explanation=part.explanation)
            for part in score.parts
        ],
    )


def _known(value: float) -> float | None:
    """Return a number, or None where it is not known (NaN)."""
    return None if math.isnan(value) else value
