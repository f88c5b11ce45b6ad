"""Mileages: how far a track led, and how its gaps were to be counted."""

from __future__ import annotations

from odograph import v1

from geo.audit.track_audit import GapPolicy, Mileage
from server.messages.times import timestamp_of_ms

_GAP_POLICIES = {
    v1.GapPolicy.GAP_POLICY_UNSPECIFIED: GapPolicy.SHORTEST,
    **{v1.GapPolicy.Value(f"GAP_POLICY_{policy.name}"): policy for policy in GapPolicy},
}


def gap_policy_of_value(value: int) -> GapPolicy | None:
    """Read how kilometres in gaps are counted; None where this version knows no such way."""
    return _GAP_POLICIES.get(v1.GapPolicy.ValueType(value))


def mileage_message(mileage: Mileage) -> v1.Mileage:
    """Write a mileage with its composition."""
    return v1.Mileage(
        total_meters=mileage.total_m,
        matched_meters=mileage.matched_m,
        gap_meters=mileage.gap_m,
        off_road_meters=mileage.off_road_m,
        low_meters=mileage.low_m,
        high_meters=mileage.high_m,
        raw_chords_meters=mileage.raw_chords_m,
        jitter_removed_meters=mileage.jitter_removed_m,
        gaps=[
            v1.GapMileage(
                start_time=timestamp_of_ms(gap.start_ms),
                end_time=timestamp_of_ms(gap.end_ms),
                policy=v1.GapPolicy.Value(f"GAP_POLICY_{gap.policy.name}"),
                distance_meters=gap.length_m,
                is_capped=gap.is_capped,
            )
            for gap in mileage.gaps
        ],
        meters_by_road_class=mileage.by_road_class_m,
        legs=[
            v1.LegMileage(
                start_time=timestamp_of_ms(leg.start_ms),
                end_time=timestamp_of_ms(leg.end_ms),
                total_meters=leg.composition.total_m,
                matched_meters=leg.composition.matched_m,
                gap_meters=leg.composition.gap_m,
                off_road_meters=leg.composition.off_road_m,
                low_meters=leg.low_m,
                high_meters=leg.high_m,
            )
            for leg in mileage.legs
        ],
    )
