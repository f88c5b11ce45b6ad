"""Mileage: what counts and what does not, gap by gap, and an interval that says what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.audit.gap_mileage import GapOptions, fastest_mps
from geo.audit.planned_path import PlannedPath
from geo.audit.real_mileage import measure_mileage
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import GapPolicy, Mileage
from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.matching.match import SegmentKind
from geo.roads.profiles import FOOT
from geo.routing.router import Router
from geo.tracks.stays import Stay
from tests.ascii_road_map import ascii_road_map
from tests.geo.audit.hand_made_day import FinishedDay, HandMadeDay
from tests.geo.audit.planned_drive import planned_drive

TOWN = ascii_road_map(
    """
    A---------B---------C---------D     Y---Z
              |         |
              |         |    5
              E---------F
    """,
    {"ABCD": {"highway": "primary"}, "BE": {}, "EF": {}, "FC": {}, "YZ": {}},
    grid_m=50.0,
)
ROUTER = Router.build(TOWN.network)
STREET_M, DOWN_M = 500.0, 150.0
PLAN = planned_drive(TOWN, "ABEFCD")
PATH = PlannedPath.through(PLAN.path_latitude_degrees, PLAN.path_longitude_degrees)


def mileage_of(
    day: FinishedDay, *, path: PlannedPath | None = None, router: Router = ROUTER, **options: object
) -> Mileage:
    """Measure a hand-made day."""
    stays = tuple(
        Stay(part.first_point, part.last_point, part.start_ms, part.end_ms, *TOWN.place("A"), 5.0)
        for part in day.match.segments
        if len(part.edges) == 0 and part.length_m == 0.0
    )
    return measure_mileage(
        day.track,
        day.match,
        seen=SeenPoints.of_track(day.track, np.ones(len(day.track), dtype=bool), VisitOptions()),
        stays=stays,
        router=router,
        path=path,
        options=GapOptions(**options),  # type: ignore[arg-type]
    )


def test_the_total_is_the_sum_of_its_parts() -> None:
    """Matched, gap and off-road metres add up, and so do the road classes."""
    day = HandMadeDay(TOWN, "A").drive("AB").drive("BEF").off_road("5").gap("D", minutes=5).finish()
    mileage = mileage_of(day)
    assert mileage.total_m == pytest.approx(mileage.matched_m + mileage.gap_m + mileage.off_road_m)
    assert sum(mileage.by_road_class_m.values()) == pytest.approx(mileage.matched_m)
    assert list(mileage.by_road_class_m) == ["residential", "primary"]
    assert mileage.by_road_class_m["primary"] == pytest.approx(STREET_M, rel=0.01)
    assert mileage.off_road_m == pytest.approx(float(great_circles_m(*TOWN.place("F"), *TOWN.place("5"))))
    assert mileage.low_m < mileage.total_m < mileage.high_m


@pytest.mark.parametrize("noise_m", [0.0, 5.0, 15.0])
@pytest.mark.parametrize("every_s", [1.0, 10.0])
def test_standing_still_adds_nothing(noise_m: float, every_s: float) -> None:
    """An hour of standing adds no metre, whatever kilometres the raw points draw."""
    drive = HandMadeDay(TOWN, "A", noise_m=noise_m, every_s=every_s).drive("ABC")
    with_hour = HandMadeDay(TOWN, "A", noise_m=noise_m, every_s=every_s).drive("ABC").stay(minutes=60)
    without, parked = mileage_of(drive.finish()), mileage_of(with_hour.finish())
    assert parked.total_m == pytest.approx(without.total_m)
    assert parked.raw_chords_m >= without.raw_chords_m - 1e-6
    if noise_m:
        assert parked.jitter_removed_m > 1.2 * noise_m * 3600.0 / every_s


@pytest.mark.parametrize(
    ("policy", "used", "expected_m"),
    [
        (GapPolicy.NOTHING, GapPolicy.NOTHING, 0.0),
        (GapPolicy.STRAIGHT, GapPolicy.STRAIGHT, STREET_M),
        (GapPolicy.SHORTEST, GapPolicy.SHORTEST, STREET_M),
        (GapPolicy.PLANNED, GapPolicy.PLANNED, STREET_M + 2 * DOWN_M),
    ],
)
def test_each_policy_counts_its_own_metres(policy: GapPolicy, used: GapPolicy, expected_m: float) -> None:
    """Nothing, the straight line, the fastest road or the planned path through a gap, as the company chose."""
    day = HandMadeDay(TOWN, "A").drive("AB").gap("C", minutes=10).drive("CD").finish()
    (gap,) = mileage_of(_on_roads(day, "AB", "CD"), path=PATH, policy=policy).gaps
    assert gap.policy is used
    assert gap.length_m == pytest.approx(expected_m, rel=0.02)
    assert not gap.is_capped


@pytest.mark.parametrize(
    ("policy", "path", "used"),
    [
        (GapPolicy.PLANNED, None, GapPolicy.SHORTEST),
        (GapPolicy.PLANNED, PlannedPath.through(np.array([0.0, 1.0]), np.array([0.0, 1.0])), GapPolicy.SHORTEST),
    ],
)
def test_a_method_that_cannot_be_used_falls_back(policy: GapPolicy, path: PlannedPath | None, used: GapPolicy) -> None:
    """Without a planned path there the fastest road is taken, and the answer says so."""
    day = _on_roads(HandMadeDay(TOWN, "A").drive("AB").gap("C", minutes=10).drive("CD").finish(), "AB", "CD")
    (gap,) = mileage_of(day, path=path, policy=policy).gaps
    assert gap.policy is used


def test_without_a_road_between_the_ends_the_straight_line_counts() -> None:
    """An island cannot be reached by road, nor a place that lies on none."""
    to_island = HandMadeDay(TOWN, "A").drive("AB").gap("Y", minutes=10).drive("YZ").finish()
    off_road = HandMadeDay(TOWN, "A").drive("AB").gap("5", minutes=10).finish()
    for day in (_on_roads(to_island, "AB", "YZ"), off_road):
        (gap,) = mileage_of(day).gaps
        assert gap.policy is GapPolicy.STRAIGHT
        assert gap.length_m > STREET_M


def test_a_gap_at_one_place_counts_nothing() -> None:
    """A phone that slept while its owner stood still has driven nowhere, whatever loop the one-way roads make."""
    day = HandMadeDay(TOWN, "A").drive("AB").gap("B", minutes=60).drive("BC").finish()
    (gap,) = mileage_of(_on_roads(day, "AB", "BC")).gaps
    assert gap.policy is GapPolicy.NOTHING
    assert gap.length_m == 0.0


@pytest.mark.parametrize(
    ("options", "expected_m"),
    [({"max_gap_m": 200.0}, 200.0), ({"max_speed_mps": 0.5}, 300.0), ({"max_speed_mps": 10.0}, STREET_M)],
)
def test_a_gap_is_capped(options: dict[str, float], expected_m: float) -> None:
    """No gap counts more than its maximum, or than speed allows in its time; and it says that it was cut."""
    day = _on_roads(HandMadeDay(TOWN, "A").drive("AB").gap("C", minutes=10).drive("CD").finish(), "AB", "CD")
    (gap,) = mileage_of(day, **options).gaps
    assert gap.length_m == pytest.approx(expected_m, rel=0.02)
    assert gap.is_capped == (expected_m < 0.9 * STREET_M)


def test_the_interval_reaches_from_the_straight_line_to_what_speed_allows() -> None:
    """A gap widens the interval downwards to the straight line and upwards as far as a plausible way may be."""
    day = _on_roads(HandMadeDay(TOWN, "A").drive("AB").gap("C", minutes=60).drive("CD").finish(), "AB", "CD")
    seen = mileage_of(HandMadeDay(TOWN, "A").drive("ABCD").finish())
    nothing, planned = (mileage_of(day, path=PATH, policy=p) for p in (GapPolicy.NOTHING, GapPolicy.PLANNED))
    assert planned.low_m < seen.total_m < planned.high_m
    assert nothing.low_m < nothing.total_m < seen.total_m < nothing.high_m
    assert planned.high_m - planned.low_m > seen.high_m - seen.low_m


def test_a_noisier_recording_has_a_wider_interval() -> None:
    """The further points lie from their roads, the less is known of where the way began and ended."""
    day = HandMadeDay(TOWN, "A").drive("ABCD").finish()
    widths = [
        mileage.high_m - mileage.low_m
        for distance_m in (0.0, 5.0, 15.0)
        for mileage in [mileage_of(_with(day, point_distance_m=np.full(len(day.track), distance_m)))]
    ]
    assert 0.0 < widths[0] < widths[1] < widths[2]


def test_a_doubted_match_has_a_wider_interval() -> None:
    """The more metres the match itself doubts, the wider the interval."""
    day = HandMadeDay(TOWN, "A").drive("ABCD").finish()
    widths = [
        mileage.high_m - mileage.low_m
        for doubt_m in (0.0, 50.0, 500.0)
        for segments in [tuple(replace(part, doubt_m=doubt_m) for part in day.match.segments)]
        for mileage in [mileage_of(_with(day, segments=segments))]
    ]
    assert widths[0] < widths[1] < widths[2]


def test_a_straight_way_off_the_roads_may_have_been_a_road() -> None:
    """Where a road joins the ends of a part off the roads, its length lies in the interval if there was time for it."""
    day = _on_roads(HandMadeDay(TOWN, "A").drive("AB").gap("C", minutes=10).drive("CD").finish(), "AB", "CD")
    segments = tuple(
        replace(part, kind=SegmentKind.OFF_ROAD, length_m=0.3 * STREET_M) if part.kind is SegmentKind.GAP else part
        for part in day.match.segments
    )
    off_road = _with(day, segments=segments)
    slow, fast = (mileage_of(off_road, max_speed_mps=speed_mps) for speed_mps in (0.1, 20.0))
    assert slow.total_m == fast.total_m < 3.0 * STREET_M
    assert slow.high_m < 2.6 * STREET_M
    assert fast.high_m > 2.95 * STREET_M


@pytest.mark.parametrize(
    ("streets", "speed_mps", "leg", "is_doubted"),
    [
        (("AB", "BE", "EF"), 1.4, 1, True),
        (("AB", "BE", "EF"), 10.0, 1, False),
        (("AB", "BC", "CF"), 1.4, 1, False),
        (("BE", "EF"), 1.4, 0, False),
        (("AB", "BEB", "BE"), 1.4, 1, True),
        (("AB", "BEB", "BE"), 10.0, 1, False),
        (("AB", "BCFEB", "BE"), 10.0, 1, False),
        (("AB", "BCFEB", "BE"), 1.4, 1, False),
    ],
    ids=[
        "near and slow",
        "too fast for a walk",
        "too far for a walk",
        "no stay before it",
        "there and back, slow",
        "there and back, too fast",
        "a round of 1.3 km",
        "a round out of reach of a walk",
    ],
)
def test_a_leg_that_may_be_walked_may_be_nothing(
    streets: tuple[str, ...], speed_mps: float, leg: int, *, is_doubted: bool
) -> None:
    """What was measured between two stays, so near and so slow that it may be a walk, is in doubt as a whole."""
    day = HandMadeDay(TOWN, streets[0][0], speed_mps=speed_mps)
    for street in streets[:-1]:
        day = day.drive(street).stay(minutes=5)
    mileage = mileage_of(day.drive(streets[-1]).finish())
    judged = mileage.legs[leg]
    assert (judged.low_m == 0.0) is is_doubted
    assert (mileage.total_m - mileage.low_m > judged.composition.total_m) is is_doubted


def test_on_foot_every_walk_counts() -> None:
    """Where the profile walks, a walk between two near stays is mileage like every other way, and in no such doubt."""
    on_foot = replace(TOWN.network, profile=FOOT.name)
    day = HandMadeDay(TOWN, "A", speed_mps=1.4).drive("AB").stay(minutes=5).drive("BE").stay(minutes=5).drive("EF")
    mileage = mileage_of(day.finish(), router=Router.build(on_foot))
    assert mileage.legs[1].low_m > 0.5 * DOWN_M


def test_legs_add_up_to_the_day() -> None:
    """There is a leg before, between and after the stays; each has its composition and an interval of its own."""
    made = (
        HandMadeDay(TOWN, "A").drive("AB").stay(minutes=5).drive("BC").gap("D", minutes=3).stay(minutes=5).drive("DC")
    )
    mileage = mileage_of(made.finish())
    first, second, third = mileage.legs
    assert first.composition.total_m == pytest.approx(STREET_M, rel=0.02)
    assert first.composition.gap_m == 0.0 < second.composition.gap_m
    for name in ("matched_m", "gap_m", "off_road_m", "total_m"):
        legs_m = sum(getattr(leg.composition, name) for leg in mileage.legs)
        assert legs_m == pytest.approx(getattr(mileage, name))
    assert all(leg.low_m <= leg.composition.total_m <= leg.high_m for leg in mileage.legs)
    assert first.end_ms < second.start_ms < second.end_ms < third.start_ms
    assert first.high_m - first.low_m < mileage.high_m - mileage.low_m


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_points_are_no_measurement(count: int) -> None:
    """Nothing is known of a day with no or one fix, and that is not the same as zero kilometres."""
    day = HandMadeDay(TOWN, "A").drive("AB").finish()
    stub = replace(day.track, **{name: getattr(day.track, name)[:count] for name in day.track.__dataclass_fields__})
    mileage = mileage_of(FinishedDay(stub, replace(day.match, segments=())))
    assert np.isnan([mileage.total_m, mileage.low_m, mileage.high_m, mileage.raw_chords_m]).all()


@given(
    policy=st.sampled_from(GapPolicy),
    minutes=st.floats(0.1, 600.0),
    max_gap_m=st.floats(0.0, 1e5),
    max_speed_mps=st.one_of(st.none(), st.floats(0.0, 50.0)),
)
def test_the_total_lies_in_its_interval(
    policy: GapPolicy, minutes: float, max_gap_m: float, max_speed_mps: float | None
) -> None:
    """Whatever the policy and its limits, low <= total <= high, nothing is negative, and no gap exceeds its limits."""
    day = _on_roads(HandMadeDay(TOWN, "A").drive("AB").gap("F", minutes=minutes).drive("FC").finish(), "AB", "FC")
    mileage = mileage_of(day, path=PATH, policy=policy, max_gap_m=max_gap_m, max_speed_mps=max_speed_mps)
    assert 0.0 <= mileage.low_m <= mileage.total_m <= mileage.high_m
    speed_mps = fastest_mps("car") if max_speed_mps is None else max_speed_mps
    assert mileage.gap_m <= min(max_gap_m, speed_mps * minutes * 60.0) + 0.1


def test_points_without_a_place_do_not_spoil_the_comparison() -> None:
    """The straight-line sum of the raw points leaves out what is no place."""
    day = HandMadeDay(TOWN, "A").drive("AB").finish()
    latitude = day.track.latitude_degrees.copy()
    latitude[3] = np.nan
    spoiled = FinishedDay(replace(day.track, latitude_degrees=latitude), day.match)
    assert mileage_of(spoiled).raw_chords_m == pytest.approx(STREET_M, rel=0.01)


@pytest.mark.parametrize("name", ["max_speed_mps", "max_gap_m", "same_place_m"])
def test_senseless_gap_options_are_refused(name: str) -> None:
    """A negative limit names itself."""
    with pytest.raises(ValueError, match=f"{name} must not be negative"):
        GapOptions(**{name: -1.0})  # type: ignore[arg-type]


def _on_roads(day: FinishedDay, before: str, after: str) -> FinishedDay:
    """Say on which edges the two ends of the gap lie, as a matcher would."""
    edge, fraction = day.match.point_edge.copy(), day.match.point_fraction.copy()
    gap = next(part for part in day.match.segments if np.isnan(part.length_m))
    edge[gap.first_point], fraction[gap.first_point] = TOWN.edge(before), 1.0
    edge[gap.last_point], fraction[gap.last_point] = TOWN.edge(after), 0.0
    return FinishedDay(day.track, replace(day.match, point_edge=edge, point_fraction=fraction))


def _with(day: FinishedDay, **changes: object) -> FinishedDay:
    return FinishedDay(day.track, replace(day.match, **changes))  # type: ignore[arg-type]
