"""A bad track: every broken rule is listed at once, and nothing of it is kept."""

from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from odograph import v1

from tests.server.planning import EIGHT_S, WGS84, window
from tests.server.rich_errors import detail_of

NAME = v1.TrackName(worker_id="anna", day="2026-03-02")
HEADER = v1.TrackHeader(name=NAME, coordinate_system=WGS84, working_hours=[window(0, 8)])


def points(*, first_ms: int = EIGHT_S * 1000, **columns: list[float]) -> v1.TrackPoints:
    """Three points, a second apart."""
    fields = {"latitude_degrees": [60.0] * 3, "longitude_degrees": [25.0] * 3, **columns}
    return v1.TrackPoints(unix_milliseconds=[first_ms + 1000 * number for number in range(3)], **fields)  # type: ignore[arg-type]


async def record(channel: grpc.aio.Channel, header: v1.TrackHeader, *parts: v1.TrackPart) -> v1.RecordTrackResponse:
    """Record one stream."""
    requests = [v1.RecordTrackRequest(header=header), *(v1.RecordTrackRequest(part=part) for part in parts)]
    return await v1.TrackServiceStub(channel).RecordTrack(iter(requests))


async def test_all_that_is_wrong_with_a_header_is_said_at_once(channel: grpc.aio.Channel) -> None:
    """A missing coordinate system hides no other broken rule."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(channel, v1.TrackHeader(name=v1.TrackName(day="2026-13-77"), working_hours=[window(8, 0)]))
    fields = [each.field for each in detail_of(refused.value, BadRequest).field_violations]
    assert fields == [
        "header.coordinate_system",
        "header.name.worker_id",
        "header.name.day",
        "header.working_hours[0]",
    ]


async def test_all_that_keeps_points_from_being_read_is_said_at_once(channel: grpc.aio.Channel) -> None:
    """A missing coordinate system hides no column of another length."""
    request = v1.MatchTrackRequest(road_network="town-car", points=points(accuracy_meters=[5.0]))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(channel).MatchTrack(request)
    fields = [each.field for each in detail_of(refused.value, BadRequest).field_violations]
    assert fields == ["coordinate_system", "points.accuracy_meters", "road_network"]


async def test_all_that_is_wrong_with_an_audit_request_is_said_at_once(channel: grpc.aio.Channel) -> None:
    """Columns of another length hide neither the missing worker nor the impossible claim, and points hide nothing."""
    stub = v1.AuditServiceStub(channel)
    uneven = v1.AuditTrackRequest(points=points(accuracy_meters=[5.0]), claimed_distance_meters=-1.0)
    one = v1.TrackPoints(unix_milliseconds=[1000], latitude_degrees=[91.0], longitude_degrees=[190.0])
    single = v1.AuditTrackRequest(worker_id="anna", points=one, coordinate_system=WGS84, road_network="town-car")
    named = v1.MatchTrackRequest(stored_track=v1.TrackName(day="today"))
    found = []
    for call in (
        stub.AuditTrack(uneven),
        stub.AuditTrack(single),
        v1.RoadNetworkServiceStub(channel).MatchTrack(named),
        v1.RoadNetworkServiceStub(channel).MatchTrack(v1.MatchTrackRequest()),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        found.append([each.field for each in detail_of(refused.value, BadRequest).field_violations])
    assert found == [
        ["worker_id", "coordinate_system", "points.accuracy_meters", "road_network", "claimed_distance_meters"],
        ["points", "points.latitude_degrees[0]", "points.longitude_degrees[0]", "road_network"],
        ["stored_track.worker_id", "stored_track.day", "road_network"],
        ["track", "road_network"],
    ]


async def test_what_is_not_there_is_said_beside_all_else(channel: grpc.aio.Channel) -> None:
    """A broken rule hides neither a plan, nor a track, nor a road network that does not exist."""
    times = points()
    times.unix_milliseconds[2] = -1
    roads = v1.RoadNetworkServiceStub(channel)
    audits = v1.AuditServiceStub(channel)
    found = []
    for call in (
        roads.MatchTrack(v1.MatchTrackRequest(road_network="nowhere", coordinate_system=WGS84, points=times)),
        audits.AuditTrack(v1.AuditTrackRequest(plan_id="none", road_network="nowhere", stored_track=NAME)),
        audits.AuditTrack(v1.AuditTrackRequest(plan_id="n" * 201, road_network="no\0where", stored_track=NAME)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        found.append([each.field for each in detail_of(refused.value, BadRequest).field_violations])
    assert found == [
        ["points.unix_milliseconds[2]", "road_network"],
        ["worker_id", "plan_id", "stored_track", "road_network"],
        ["road_network", "worker_id", "plan_id", "stored_track"],
    ]


@pytest.mark.parametrize(
    ("worker_id", "hours", "field"),
    [
        ("an\0na", window(0, 8), "header.name.worker_id"),
        ("anna", window(10**12, 10**12 + 1), "header.working_hours[0]"),
    ],
)
async def test_a_header_that_no_database_could_keep_is_refused(
    channel: grpc.aio.Channel, worker_id: str, hours: v1.TimeWindow, field: str
) -> None:
    """An id with a zero in it and hours of no calendar are named, and nothing is kept."""
    name = v1.TrackName(worker_id=worker_id, day="2026-03-02")
    header = v1.TrackHeader(name=name, coordinate_system=WGS84, working_hours=[hours])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(channel, header, v1.TrackPart(points=points()))
    assert [each.field for each in detail_of(refused.value, BadRequest).field_violations] == [field]


async def test_what_a_later_version_may_mean_is_refused(channel: grpc.aio.Channel) -> None:
    """An unknown filter does not list everything, and an unknown policy does not count other kilometres."""
    audit = v1.AuditTrackRequest(worker_id="anna", stored_track=NAME, road_network="town-car", gap_policy=99)  # type: ignore[arg-type]
    listing = v1.ListOperationsRequest(kind=99)  # type: ignore[arg-type]
    for fields, call in (
        (["gap_policy", "stored_track", "road_network"], v1.AuditServiceStub(channel).AuditTrack(audit)),
        (["kind"], v1.OperationServiceStub(channel).ListOperations(listing)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert [each.field for each in detail_of(refused.value, BadRequest).field_violations] == fields


@pytest.mark.parametrize("first_ms", [-5000, 9 * 10**18])
async def test_a_time_of_no_calendar_is_refused(channel: grpc.aio.Channel, first_ms: int) -> None:
    """Times are Unix milliseconds between 1970 and 2200."""
    request = v1.MatchTrackRequest(road_network="town-car", coordinate_system=WGS84, points=points(first_ms=first_ms))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(channel).MatchTrack(request)
    *found, network = detail_of(refused.value, BadRequest).field_violations
    assert network.field == "road_network"
    assert [each.field for each in found] == [f"points.unix_milliseconds[{number}]" for number in range(3)]
    assert {each.description for each in found} == {"must lie between the years 1970 and 2200"}


@pytest.mark.parametrize(
    "part",
    [
        v1.TrackPart(points=points(latitude_degrees=[float("nan")] * 3)),
        v1.TrackPart(first_sequence=100, points=points()),
    ],
    ids=["nan", "hole"],
)
async def test_a_stream_whose_first_part_is_refused_leaves_nothing_behind(
    channel: grpc.aio.Channel, part: v1.TrackPart
) -> None:
    """No empty track is left where nothing was accepted."""
    with pytest.raises(grpc.aio.AioRpcError):
        await record(channel, HEADER, part)
    assert not (await v1.TrackServiceStub(channel).ListTracks(v1.ListTracksRequest())).tracks


async def test_parts_before_a_refused_one_stay_accepted(channel: grpc.aio.Channel) -> None:
    """What was accepted before the refused part is kept, and the track can go on from there."""
    with pytest.raises(grpc.aio.AioRpcError):
        await record(channel, HEADER, v1.TrackPart(points=points()), v1.TrackPart(first_sequence=9, points=points()))
    kept = await v1.TrackServiceStub(channel).GetTrack(v1.GetTrackRequest(name=NAME))
    assert (kept.point_count, kept.next_sequence) == (3, 3)
