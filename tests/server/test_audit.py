"""MatchTrack and the AuditService over a real channel: a planned day is driven as planned, and then not."""

from __future__ import annotations

import math
from itertools import pairwise

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from tests.server.planning import EIGHT_S, WGS84, build, problem, visit, window, worker
from tests.server.rich_errors import violations_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

GCJ02 = v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02


def drive(route: v1.Route, *, skip: str = "", step_s: int = 2) -> v1.TrackPoints:
    """The track of a worker who follows a planned route to the second and then waits for the end of the shift.

    A visit that is to be skipped is driven past without a stop.
    """
    knots: list[tuple[float, float, float]] = []
    clock_s = float(route.start_time.seconds)
    for leg in route.legs:
        points = list(zip(leg.path.latitude_degrees, leg.path.longitude_degrees, strict=True))
        lengths = [math.dist(here, there) for here, there in pairwise(points)]
        total = sum(lengths) or 1.0
        for point, length in zip(points, [0.0, *lengths], strict=True):
            clock_s += leg.duration.seconds * length / total
            knots.append((clock_s, *point))
        if leg.HasField("to_stop"):
            stop = route.stops[leg.to_stop]
            if stop.visit_id != skip:
                clock_s = float(stop.departure_time.seconds)
                knots.append((clock_s, *points[-1]))
    knots.append((float(route.shift.end_time.seconds), *knots[-1][1:]))
    times = range(int(knots[0][0]), int(knots[-1][0]) + 1, step_s)
    places = [place_at(knots, time_s) for time_s in times]
    return v1.TrackPoints(
        unix_milliseconds=[time_s * 1000 for time_s in times],
        latitude_degrees=[place[0] for place in places],
        longitude_degrees=[place[1] for place in places],
        accuracy_meters=[4.0] * len(places),
    )


def place_at(knots: list[tuple[float, float, float]], time_s: float) -> tuple[float, float]:
    """Where the worker is at a time, between the knots of the way."""
    for (start_s, *start), (end_s, *end) in pairwise(knots):
        if start_s <= time_s <= end_s and end_s > start_s:
            share = (time_s - start_s) / (end_s - start_s)
            return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
    return knots[-1][1], knots[-1][2]


async def planned(channel: grpc.aio.Channel) -> v1.Plan:
    """A plan of one worker and four visits of ten minutes."""
    visits = [
        visit(f"v{number}", column, row, duration=Duration(seconds=600))
        for number, (column, row) in enumerate([(4, 0), (4, 3), (2, 3), (0, 3)])
    ]
    return (await build(channel, problem(workers=[worker("anna", shift=window(0, 1.5))], visits=visits)))[-1].plan


async def test_a_day_as_planned_is_found_as_planned(town: grpc.aio.Channel) -> None:
    """Every visit is found, the mileage is the planned distance within its interval, and an honest claim holds."""
    plan = await planned(town)
    route = plan.routes[0]
    request = v1.AuditTrackRequest(
        plan_id=plan.id,
        worker_id="anna",
        points=drive(route),
        coordinate_system=WGS84,
        claimed_distance_meters=route.distance_meters,
        label="first",
    )
    audit = await v1.AuditServiceStub(town).AuditTrack(request)
    assert [evidence.visit_id for evidence in audit.visits] == [stop.visit_id for stop in route.stops]
    assert {evidence.verdict for evidence in audit.visits} == {v1.VisitEvidence.VERDICT_VISITED}
    assert audit.mileage.low_meters <= route.distance_meters <= audit.mileage.high_meters
    assert audit.claim.finding == v1.ClaimCheck.FINDING_WITHIN_INTERVAL
    assert audit.mileage.total_meters == pytest.approx(
        audit.mileage.matched_meters + audit.mileage.gap_meters + audit.mileage.off_road_meters
    )
    assert (audit.label, audit.day, audit.plan_id) == ("first", "2026-03-02", plan.id)
    assert not audit.HasField("match")


async def test_a_missed_visit_and_a_padded_claim_are_found(town: grpc.aio.Channel) -> None:
    """A visit that was driven past is missed; a claim of twice the distance lies above the interval."""
    plan = await planned(town)
    route = plan.routes[0]
    request = v1.AuditTrackRequest(
        plan_id=plan.id,
        worker_id="anna",
        points=drive(route, skip=route.stops[1].visit_id),
        coordinate_system=WGS84,
        claimed_distance_meters=2 * route.distance_meters,
    )
    audit = await v1.AuditServiceStub(town).AuditTrack(request)
    assert audit.visits[1].verdict == v1.VisitEvidence.VERDICT_MISSED
    assert audit.claim.finding == v1.ClaimCheck.FINDING_ABOVE_INTERVAL
    assert audit.claim.excess_meters == pytest.approx(2 * route.distance_meters - audit.mileage.high_meters)


async def test_an_audit_of_a_recorded_track_is_kept_in_full(town: grpc.aio.Channel) -> None:
    """The stored track of the worker's day is audited without being named; the audit is kept, listed and given back."""
    plan = await planned(town)
    header = v1.TrackHeader(
        name=v1.TrackName(worker_id="anna", day=plan.day), coordinate_system=WGS84, working_hours=[window(0, 8)]
    )
    part = v1.TrackPart(points=drive(plan.routes[0]))
    tracks = v1.TrackServiceStub(town)
    await tracks.RecordTrack(iter([v1.RecordTrackRequest(header=header), v1.RecordTrackRequest(part=part)]))
    stub = v1.AuditServiceStub(town)
    full = v1.AuditView.AUDIT_VIEW_FULL
    audit = await stub.AuditTrack(v1.AuditTrackRequest(plan_id=plan.id, worker_id="anna", view=full))
    kept = await stub.GetAudit(v1.GetAuditRequest(audit_id=audit.id, view=full))
    assert kept == audit
    assert len(kept.match.points.states) == len(part.points.unix_milliseconds)
    listed = (await stub.ListAudits(v1.ListAuditsRequest(worker_id="anna", day=plan.day))).audits
    assert audit.id in [each.id for each in listed]
    assert not listed[0].visits
    in_gcj = await stub.GetAudit(v1.GetAuditRequest(audit_id=audit.id, coordinate_system=GCJ02))
    assert in_gcj.coordinate_system == GCJ02
    await tracks.DeleteTrack(v1.DeleteTrackRequest(name=header.name))


async def test_a_day_without_a_plan_is_audited_as_far_as_a_track_goes(town: grpc.aio.Channel) -> None:
    """Without a plan there are stays, a match, a mileage and a claim, and no visit is judged."""
    plan = await planned(town)
    request = v1.AuditTrackRequest(
        worker_id="anna", points=drive(plan.routes[0]), coordinate_system=WGS84, road_network="town-car"
    )
    audit = await v1.AuditServiceStub(town).AuditTrack(request)
    assert not audit.plan_id
    assert len(audit.stays) == 5  # four visits and the wait at the end
    assert audit.mileage.total_meters == pytest.approx(plan.routes[0].distance_meters, rel=0.03)
    assert not audit.HasField("working_hours")


async def test_a_worker_without_visits_is_audited_too(town: grpc.aio.Channel) -> None:
    """Whoever was planned to do nothing and stayed at home has nothing missed and no mileage."""
    asked = problem(workers=[worker("anna"), worker("bo", fixed_cost=1000.0)], visits=[visit("v", 1, 1)])
    plan = (await build(town, asked))[-1].plan
    times = range(EIGHT_S, EIGHT_S + 600, 5)
    points = v1.TrackPoints(
        unix_milliseconds=[time_s * 1000 for time_s in times],
        latitude_degrees=[59.998] * len(times),
        longitude_degrees=[25.0] * len(times),
    )
    request = v1.AuditTrackRequest(plan_id=plan.id, worker_id="bo", points=points, coordinate_system=WGS84)
    audit = await v1.AuditServiceStub(town).AuditTrack(request)
    assert not audit.visits
    assert audit.mileage.total_meters == 0
    assert audit.claim.finding == v1.ClaimCheck.FINDING_NOT_CLAIMED


async def test_a_stored_track_is_matched_by_its_name(town: grpc.aio.Channel) -> None:
    """MatchTrack lays a stored track on roads, and says which field names one that is not there."""
    plan = await planned(town)
    name = v1.TrackName(worker_id="matched", day="2026-03-02")
    header = v1.TrackHeader(name=name, coordinate_system=WGS84, working_hours=[window(0, 8)])
    part = v1.TrackPart(points=drive(plan.routes[0]))
    await v1.TrackServiceStub(town).RecordTrack(
        iter([v1.RecordTrackRequest(header=header), v1.RecordTrackRequest(part=part)])
    )
    roads = v1.RoadNetworkServiceStub(town)
    stored = await roads.MatchTrack(v1.MatchTrackRequest(road_network="town-car", stored_track=name))
    given = await roads.MatchTrack(
        v1.MatchTrackRequest(road_network="town-car", points=part.points, coordinate_system=WGS84)
    )
    assert stored.matched_distance_meters == pytest.approx(given.matched_distance_meters, abs=0.5)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await roads.MatchTrack(
            v1.MatchTrackRequest(road_network="town-car", stored_track=v1.TrackName(worker_id="a", day="monday"))
        )
    assert [field for field, _ in violations_of(refused.value)] == ["stored_track.day"]


async def test_a_track_with_swapped_coordinates_is_refused(town: grpc.aio.Channel) -> None:
    """Neither match nor audit takes a track that lies on the roads only with latitude and longitude swapped."""
    plan = await planned(town)
    points = drive(plan.routes[0])
    swapped = v1.TrackPoints(
        unix_milliseconds=points.unix_milliseconds,
        latitude_degrees=points.longitude_degrees,
        longitude_degrees=points.latitude_degrees,
    )
    expected = [("points", "latitude and longitude look swapped (road network 'town-car')")]
    with pytest.raises(grpc.aio.AioRpcError) as unmatched:
        await v1.RoadNetworkServiceStub(town).MatchTrack(
            v1.MatchTrackRequest(road_network="town-car", points=swapped, coordinate_system=WGS84)
        )
    assert violations_of(unmatched.value) == expected
    request = v1.AuditTrackRequest(
        plan_id=plan.id, worker_id=plan.routes[0].worker_id, points=swapped, coordinate_system=WGS84
    )
    with pytest.raises(grpc.aio.AioRpcError) as unaudited:
        await v1.AuditServiceStub(town).AuditTrack(request)
    assert violations_of(unaudited.value) == expected


async def test_a_match_covers_the_whole_track(town: grpc.aio.Channel) -> None:
    """One entry per point in every column, segments that follow one another, and the length of the driven way."""
    plan = await planned(town)
    points = drive(plan.routes[0])
    answer = await v1.RoadNetworkServiceStub(town).MatchTrack(
        v1.MatchTrackRequest(road_network="town-car", points=points, coordinate_system=WGS84, label="m")
    )
    columns = [len(column) for _, column in answer.points.ListFields()]
    assert columns == [len(points.unix_milliseconds)] * len(v1.MatchedPoints.DESCRIPTOR.fields)
    assert v1.PointState.POINT_STATE_UNSPECIFIED not in answer.points.states
    for before, after in pairwise(answer.segments):
        assert before.end_time == after.start_time
    assert answer.matched_distance_meters == pytest.approx(plan.routes[0].distance_meters, rel=0.03)
    assert answer.label == "m"


async def test_every_point_is_named_by_edge_way_and_nodes(town: grpc.aio.Channel) -> None:
    """The nodes around a matched point follow one another on the path of its segment; a point on no road has none."""
    plan = await planned(town)
    request = v1.MatchTrackRequest(road_network="town-car", points=drive(plan.routes[0]), coordinate_system=WGS84)
    answer = await v1.RoadNetworkServiceStub(town).MatchTrack(request)
    points = answer.points
    nodes = list(zip(points.osm_from_node_ids, points.osm_to_node_ids, strict=True))
    for edge, offset_m, pair, way_id in zip(
        points.edges, points.edge_offset_meters, nodes, points.osm_way_ids, strict=True
    ):
        assert (edge >= 0) == (offset_m >= 0.0) == (pair != (0, 0)) == (way_id != 0)
    matched = [segment for segment in answer.segments if segment.kind == v1.MatchSegment.KIND_MATCHED]
    assert matched
    for segment in matched:
        steps = set(pairwise(segment.osm_node_ids))
        inside = range(segment.first_point + 1, segment.last_point)
        assert {nodes[point] for point in inside if points.edges[point] >= 0} <= steps


async def test_a_match_is_measured_like_an_audit_without_a_plan(town: grpc.aio.Channel) -> None:
    """MatchTrack answers the mileage that AuditTrack finds: interval, composition, legs, gaps and road classes."""
    plan = await planned(town)
    points = drive(plan.routes[0])
    at_hole = slice(len(points.unix_milliseconds) // 8, len(points.unix_milliseconds) // 2)
    for _, column in points.ListFields():
        del column[at_hole]
    asked = {"road_network": "town-car", "points": points, "coordinate_system": WGS84}
    straight = v1.GapPolicy.GAP_POLICY_STRAIGHT
    match = await v1.RoadNetworkServiceStub(town).MatchTrack(v1.MatchTrackRequest(**asked, gap_policy=straight))
    audit = await v1.AuditServiceStub(town).AuditTrack(
        v1.AuditTrackRequest(**asked, gap_policy=straight, worker_id="anna", view=v1.AuditView.AUDIT_VIEW_FULL)
    )
    assert match.mileage == audit.mileage
    assert not audit.match.HasField("mileage")
    mileage = match.mileage
    assert [gap.policy for gap in mileage.gaps] == [straight]
    assert mileage.low_meters < mileage.total_meters < mileage.high_meters
    assert sum(leg.total_meters for leg in mileage.legs) == pytest.approx(mileage.total_meters)
    assert sum(mileage.meters_by_road_class.values()) == pytest.approx(mileage.matched_meters)


@pytest.mark.parametrize("policy", [v1.GapPolicy.GAP_POLICY_PLANNED, 99])
async def test_a_match_refuses_gap_policies_that_it_cannot_follow(town: grpc.aio.Channel, policy: int) -> None:
    """There is no planned path without a plan, and an unknown policy or time zone is not taken for another one."""
    request = v1.MatchTrackRequest(
        road_network="town-car", coordinate_system=WGS84, gap_policy=policy, time_zone="Nowhere/At_All"
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).MatchTrack(request)
    assert sorted(field for field, _ in violations_of(refused.value)) == ["gap_policy", "time_zone", "track"]


@pytest.mark.parametrize(
    ("points", "fields"),
    [
        (v1.TrackPoints(), ["points"]),
        (
            v1.TrackPoints(unix_milliseconds=[1], latitude_degrees=[60.0], longitude_degrees=[25.0]),
            ["points"],
        ),  # one point
        (
            v1.TrackPoints(
                unix_milliseconds=[5, -5, 4], latitude_degrees=[60.0, 95.0, math.inf], longitude_degrees=[25.0] * 3
            ),
            ["points.unix_milliseconds[1]", "points.latitude_degrees[1]", "points.latitude_degrees[2]"],
        ),
    ],
)
async def test_a_wrong_track_lists_every_broken_rule(
    town: grpc.aio.Channel, points: v1.TrackPoints, fields: list[str]
) -> None:
    """A track of one point, times before all phones and places off the earth are named point by point."""
    request = v1.MatchTrackRequest(road_network="town-car", points=points, coordinate_system=WGS84)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).MatchTrack(request)
    assert [field for field, _ in violations_of(refused.value)] == fields


@pytest.mark.parametrize(
    ("changes", "code", "fields"),
    [
        ({"worker_id": ""}, "INVALID_ARGUMENT", ["worker_id"]),
        ({"worker_id": "zoe"}, "INVALID_ARGUMENT", ["worker_id"]),
        ({"plan_id": ""}, "INVALID_ARGUMENT", ["track", "road_network"]),
        ({"claimed_distance_meters": -1.0}, "INVALID_ARGUMENT", ["claimed_distance_meters"]),
        ({"claimed_distance_meters": math.nan}, "INVALID_ARGUMENT", ["claimed_distance_meters"]),
        ({"plan_id": "nope"}, "NOT_FOUND", None),
        ({"road_network": "mars", "stored_track": v1.TrackName(worker_id="a", day="x")}, "INVALID_ARGUMENT", None),
        ({}, "NOT_FOUND", None),  # nothing was recorded
    ],
)
async def test_a_wrong_audit_request_is_refused(
    town: grpc.aio.Channel, changes: dict[str, object], code: str, fields: list[str] | None
) -> None:
    """A request that names nobody, nothing, or what is not there is refused, and no audit is kept."""
    plan = await planned(town)
    stub = v1.AuditServiceStub(town)
    before = len((await stub.ListAudits(v1.ListAuditsRequest())).audits)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.AuditTrack(v1.AuditTrackRequest(**{"plan_id": plan.id, "worker_id": "anna", **changes}))
    assert refused.value.code().name == code
    if fields is not None:
        assert [field for field, _ in violations_of(refused.value)] == fields
    assert len((await stub.ListAudits(v1.ListAuditsRequest())).audits) == before
