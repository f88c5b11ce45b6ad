"""The main path from a raw track to findings, with the real matcher and router on drawn roads."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from geo.audit.track_audit import ClaimFinding, DeviationCause, TrackAudit
from geo.audit_track import audit_track
from geo.coordinates import CoordinateSystem, convert
from geo.errors import InvalidGeoInputError
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import SegmentKind
from geo.routing.router import Router
from geo.tracks.track import Track
from tests.ascii_road_map import ascii_road_map
from tests.geo.audit.hand_made_day import MORNING_MS, HandMadeDay
from tests.geo.audit.planned_drive import MINUTE_MS, planned_drive

TOWN = ascii_road_map(
    """
    A---------B---------C---------D
              |         |         |
              |         |         |
              |         |         |
              E---------F---------G
                        |
                        H
    """,
    {"ABCD": {"highway": "primary"}, "EFG": {}, "BE": {}, "CFH": {}, "DG": {}},
    grid_m=60.0,
)
MATCHER, ROUTER = MapMatcher(TOWN.network), Router.build(TOWN.network)
PLAN = planned_drive(TOWN, "ABCDGFH", {"B": 2, "D": 14, "G": 25})
KM = PLAN.length_m


def day(**options: float) -> HandMadeDay:
    """Begin a day at the start of the plan."""
    return HandMadeDay(TOWN, "A", **options)  # type: ignore[arg-type]


def as_planned(**options: float) -> Track:
    """Record a day that follows the plan."""
    acts = day(**options).stay(minutes=2).drive("AB").stay(minutes=10).drive("BCD").stay(minutes=10)
    return acts.drive("DG").stay(minutes=10).drive("GFH").stay(minutes=85).finish().track


def audited(track: Track, **options: object) -> TrackAudit:
    """Audit against the plan."""
    return audit_track(track, PLAN, MATCHER, ROUTER, **options)  # type: ignore[arg-type]


def verdicts(audit: TrackAudit) -> list[tuple[str, str]]:
    """Visits with their verdicts."""
    return [(line.visit_id, line.verdict.value) for line in audit.visits]


@pytest.mark.parametrize("noise_m", [0.0, 8.0])
@pytest.mark.parametrize("every_s", [2.0, 15.0])
def test_a_day_as_planned_has_nothing_to_report(noise_m: float, every_s: float) -> None:
    """Who does what was planned has visited all, left the plan nowhere, and scores near 100."""
    audit = audited(as_planned(noise_m=noise_m, every_s=every_s), claimed_m=KM)
    assert verdicts(audit) == [("B", "visited"), ("D", "visited"), ("G", "visited")]
    assert audit.deviations == ()
    assert audit.mileage.low_m <= KM <= audit.mileage.high_m
    assert audit.mileage.total_m == pytest.approx(KM, rel=0.03)
    assert audit.claim.finding is ClaimFinding.WITHIN_INTERVAL
    assert audit.score.value > 98.0
    assert audit.observed_share > 0.99
    assert audit.network_fingerprint == TOWN.network.fingerprint


def test_a_detour_is_found_with_its_extra_metres() -> None:
    """A way around a block instead of straight on is one deviation with the metres that it adds."""
    acts = day(noise_m=4.0).stay(minutes=2).drive("AB").stay(minutes=10).drive("BEFCD").stay(minutes=10)
    audit = audited(acts.drive("DG").stay(minutes=10).drive("GFH").stay(minutes=60).finish().track)
    (deviation,) = audit.deviations
    assert deviation.cause is DeviationCause.UNEXPLAINED
    assert deviation.extra_m == pytest.approx(2 * 240.0, abs=120.0)
    assert deviation.peak_distance_m == pytest.approx(240.0, abs=70.0)
    assert audit.score.value < 98.0


def test_a_missed_and_an_unplanned_visit() -> None:
    """Driving past a customer is a missed visit; stopping where nobody asked for it is an unplanned one."""
    acts = day(noise_m=4.0).stay(minutes=2).drive("AB").stay(minutes=10).drive("BC").stay(minutes=9).drive("CD")
    audit = audited(acts.drive("DG").stay(minutes=10).drive("GFH").stay(minutes=90).finish().track)
    assert verdicts(audit) == [("B", "visited"), ("D", "missed"), ("G", "visited"), ("", "unplanned")]


def test_a_gap_is_counted_by_road_and_hides_visits() -> None:
    """Where the recording stops, the way is counted by the gap policy and a visit cannot be told."""
    acts = day().stay(minutes=2).drive("AB").stay(minutes=10).gap("G", minutes=20)
    audit = audited(acts.stay(minutes=10).drive("GFH").stay(minutes=75).finish().track)
    assert verdicts(audit) == [("B", "visited"), ("D", "cannot_tell"), ("G", "visited")]
    (gap,) = audit.mileage.gaps
    assert gap.length_m == pytest.approx(2 * 600.0 + 240.0, rel=0.1)
    assert audit.mileage.low_m < KM < audit.mileage.high_m
    assert audit.observed_share == pytest.approx(1 - 20 / 120, abs=0.05)


def test_nothing_outside_working_hours_is_looked_at() -> None:
    """Points before and after working hours change no finding and are only counted."""
    track = as_planned()
    private = day(start_ms=MORNING_MS - 90 * MINUTE_MS).drive("ABEFCD").stay(minutes=20).finish().track
    both = Track(*(np.append(getattr(private, name), getattr(track, name)) for name in Track.__dataclass_fields__))
    with_private, without = audited(both), audited(track)
    assert with_private.points_outside_working_hours == without.points_outside_working_hours + len(private)
    assert with_private.mileage == without.mileage
    assert with_private.visits == without.visits
    assert len(with_private.match.point_state) == len(track) - without.points_outside_working_hours


def test_a_track_without_a_plan_is_measured() -> None:
    """Without a plan there are stays, mileage and the claim, and the score says that nothing was planned."""
    audit = audit_track(as_planned(), None, MATCHER, ROUTER, claimed_m=1.5 * KM)
    assert audit.visits == ()
    assert audit.deviations == ()
    assert audit.mileage.total_m == pytest.approx(KM, rel=0.03)
    assert audit.claim.finding is ClaimFinding.ABOVE_INTERVAL
    assert audit.claim.excess_m == pytest.approx(1.5 * KM - audit.mileage.high_m)
    assert np.isnan(audit.score.value)
    assert np.isnan(audit.observed_share)
    assert {part.explanation for part in audit.score.parts} == {"Left out: nothing was planned."}


@pytest.mark.parametrize("count", [0, 1])
def test_a_track_of_no_or_one_point_accuses_nobody(count: int) -> None:
    """With next to no data all is unknown: visits, mileage, claim and score."""
    track = as_planned()
    stub = Track(*(getattr(track, name)[:count] for name in Track.__dataclass_fields__))
    audit = audited(stub, claimed_m=KM)
    assert {verdict for _, verdict in verdicts(audit)} == {"cannot_tell"}
    assert np.isnan(audit.mileage.total_m)
    assert audit.claim.finding is ClaimFinding.CANNOT_TELL
    assert np.isnan(audit.score.value)
    assert audit.observed_share == 0.0


def test_a_damaged_track_is_audited_as_far_as_it_goes() -> None:
    """Points without a place, out of order and far away are dropped and change no finding."""
    track = as_planned()
    spoiled = replace(
        track,
        latitude_degrees=track.latitude_degrees.copy(),
        longitude_degrees=track.longitude_degrees.copy(),
        time_ms=track.time_ms.copy(),
    )
    spoiled.latitude_degrees[10] = np.nan
    spoiled.longitude_degrees[200] += 2.0
    spoiled.time_ms[300] -= 600_000
    assert verdicts(audited(spoiled)) == verdicts(audited(track))
    assert audited(spoiled).mileage.total_m == pytest.approx(audited(track).mileage.total_m, abs=20.0)


def test_the_audit_covers_the_whole_track() -> None:
    """Segments follow one another from the first to the last point."""
    segments = audited(as_planned(noise_m=6.0)).match.segments
    assert [segment.start_ms for segment in segments[1:]] == [segment.end_ms for segment in segments[:-1]]
    assert {segment.kind for segment in segments} >= {SegmentKind.STAY, SegmentKind.MATCHED}


def test_all_that_is_wrong_with_the_input_is_said_at_once() -> None:
    """A plan with several mistakes and an impossible claim give one error with every field path."""
    stop = replace(PLAN.stops[0], latitude_degrees=np.nan, latest_arrival_ms=0, radius_m=-1.0)
    broken = replace(
        PLAN,
        stops=(stop, replace(PLAN.stops[1], visit_id="G"), PLAN.stops[2]),
        working_end_ms=0,
        length_m=np.nan,
        edges=np.array([TOWN.network.edge_count], np.int32),
    )
    with pytest.raises(InvalidGeoInputError) as caught:
        audit_track(as_planned(), broken, MATCHER, ROUTER, claimed_m=-5.0)
    assert {violation.field for violation in caught.value.violations} == {
        "claimed_m",
        "planned_day.working_end_ms",
        "planned_day.length_m",
        "planned_day.edges",
        "planned_day.stops",
        "planned_day.stops[0].latitude_degrees",
        "planned_day.stops[0].latest_arrival_ms",
        "planned_day.stops[0].radius_m",
    }


def test_matcher_and_router_must_stand_on_one_network() -> None:
    """A router on another map than the matcher's is refused."""
    other = Router.build(ascii_road_map("A---B", {"AB": {}}).network)
    with pytest.raises(InvalidGeoInputError, match="same road network"):
        audit_track(as_planned(), PLAN, MATCHER, other)


def test_a_plan_in_gcj02_is_named_and_no_visit_is_called_missed() -> None:
    """Visits that lie 430 m off for their coordinate system are recognised, and nobody is said to have missed them."""
    picture = "A" + "".join(f"----{letter}" for letter in "BCDEFGHIJ")
    street = ascii_road_map(picture, {"ABCDEFGHIJ": {}}, grid_m=75.0, origin_degrees=(31.2, 121.4))
    letters = "ABCDEFGHIJ"
    acts = HandMadeDay(street, "A")
    plan = planned_drive(street, "AJ", {letter: 2 + 12 * n for n, letter in enumerate(letters)}, hours=3.0)
    for first, second in pairwise(letters):
        acts = acts.stay(minutes=10, at=first).gap(second, minutes=0.7)
    track = acts.stay(minutes=90, at="J").finish().track
    latitude, longitude = convert(
        [stop.latitude_degrees for stop in plan.stops],
        [stop.longitude_degrees for stop in plan.stops],
        source=CoordinateSystem.WGS84,
        target=CoordinateSystem.GCJ02,
    )
    shifted = replace(
        plan,
        stops=tuple(
            replace(stop, latitude_degrees=float(latitude[n]), longitude_degrees=float(longitude[n]))
            for n, stop in enumerate(plan.stops)
        ),
    )
    matcher, router = MapMatcher(street.network), Router.build(street.network)
    right, wrong = (audit_track(track, day, matcher, router) for day in (plan, shifted))
    assert right.coordinate_doubt is not None
    assert not right.coordinate_doubt.is_doubtful
    assert {verdict for _, verdict in verdicts(right)} == {"visited"}
    assert wrong.coordinate_doubt is not None
    assert wrong.coordinate_doubt.likeliest is CoordinateSystem.GCJ02
    assert "missed" not in {verdict for _, verdict in verdicts(wrong)}
    assert "GCJ-02" in wrong.visits[0].reason
