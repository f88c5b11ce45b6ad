"""RecordTrack over a real channel: idempotent, resumable, within working hours only, all violations at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.rich_errors import violations_of

EIGHT_S = 1_772_438_400
"""2026-03-02 08:00 UTC."""
NAME = v1.TrackName(worker_id="anna", day="2026-03-02")


def header(**changes: object) -> v1.RecordTrackRequest:
    """The header of Anna's track, from eight to nine."""
    fields = {
        "name": NAME,
        "coordinate_system": v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84,
        "working_hours": [
            v1.TimeWindow(start_time=Timestamp(seconds=EIGHT_S), end_time=Timestamp(seconds=EIGHT_S + 3600))
        ],
        **changes,
    }
    return v1.RecordTrackRequest(header=v1.TrackHeader(**fields))


def part(first: int, count: int, *, start_s: int = EIGHT_S) -> v1.RecordTrackRequest:
    """Points ``first … first + count - 1`` of a track with one point a second."""
    sequence = range(first, first + count)
    return v1.RecordTrackRequest(
        part=v1.TrackPart(
            first_sequence=first,
            points=v1.TrackPoints(
                unix_milliseconds=[(start_s + number) * 1000 for number in sequence],
                latitude_degrees=[60.17 + number * 1e-5 for number in sequence],
                longitude_degrees=[24.94 + number * 1e-5 for number in sequence],
                accuracy_meters=[5.0] * count,
            ),
        )
    )


async def record(channel: grpc.aio.Channel, *requests: v1.RecordTrackRequest) -> v1.RecordTrackResponse:
    """Send one stream."""
    return await v1.TrackServiceStub(channel).RecordTrack(iter(requests))


async def stored(channel: grpc.aio.Channel) -> v1.Track:
    """Anna's track as it is kept."""
    return await v1.TrackServiceStub(channel).GetTrack(v1.GetTrackRequest(name=NAME, include_points=True))


async def test_a_track_comes_back_as_it_was_recorded(channel: grpc.aio.Channel) -> None:
    """What was recorded in parts is given back as one track."""
    answer = await record(channel, header(), part(0, 100), part(100, 50))
    track = await stored(channel)
    assert (answer.accepted_count, answer.duplicate_count, answer.track.next_sequence) == (150, 0, 150)
    sent = part(0, 150).part.points
    assert list(track.points.unix_milliseconds) == list(sent.unix_milliseconds)
    assert list(track.points.latitude_degrees) == pytest.approx(list(sent.latitude_degrees), abs=1e-7)
    assert list(track.points.accuracy_meters) == list(sent.accuracy_meters)
    assert not track.points.speed_meters_per_second


async def test_repeating_a_part_costs_nothing(channel: grpc.aio.Channel) -> None:
    """Points that were accepted before are counted as duplicates and stored once."""
    await record(channel, header(), part(0, 100))
    answer = await record(channel, header(), part(50, 100))
    assert (answer.accepted_count, answer.duplicate_count) == (50, 50)
    assert (await stored(channel)).point_count == 150


async def test_a_broken_stream_goes_on_where_it_stopped(channel: grpc.aio.Channel) -> None:
    """What was taken before the sender went away is kept, and the next sequence number says where to go on."""
    call = v1.TrackServiceStub(channel).RecordTrack()
    await call.write(header())
    await call.write(part(0, 100))
    await call.write(part(300, 1))  # refused, which proves that the part before it was read
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert (await stored(channel)).next_sequence == 100
    await record(channel, header(), part(100, 10))
    assert (await stored(channel)).point_count == 110


async def test_streams_that_break_anywhere_add_up_to_the_whole_track(channel: grpc.aio.Channel) -> None:
    """A sender whose connection breaks wherever, and who goes on from the next sequence, loses nothing."""
    await record(channel, header())
    for _ in range(5):
        first = (await stored(channel)).next_sequence
        call = v1.TrackServiceStub(channel).RecordTrack()
        await call.write(header())
        for start in range(first, first + 60, 20):
            await call.write(part(start, 20))
        call.cancel()
    first = (await stored(channel)).next_sequence
    await record(channel, header(), part(first, 400 - first))
    points = (await stored(channel)).points
    assert list(points.unix_milliseconds) == list(part(0, 400).part.points.unix_milliseconds)


async def test_points_outside_working_hours_are_never_stored(channel: grpc.aio.Channel) -> None:
    """Points before and after the working hours are counted, announced and thrown away."""
    answer = await record(channel, header(), part(0, 3700, start_s=EIGHT_S - 60))
    track = await stored(channel)
    assert (track.point_count, track.outside_working_hours_count, track.next_sequence) == (3601, 99, 3700)
    assert min(track.points.unix_milliseconds) == EIGHT_S * 1000
    assert max(track.points.unix_milliseconds) == (EIGHT_S + 3600) * 1000
    assert [notice.code for notice in answer.notices] == [v1.Notice.CODE_OUTSIDE_WORKING_HOURS]


async def test_a_gcj_track_is_stored_as_it_came_and_read_in_any_system(channel: grpc.aio.Channel) -> None:
    """Stored points keep the declared system; an answer speaks the system that was asked for."""
    gcj02 = v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02
    points = v1.TrackPoints(
        unix_milliseconds=[EIGHT_S * 1000 + 1], latitude_degrees=[31.23], longitude_degrees=[121.47]
    )
    await record(channel, header(coordinate_system=gcj02), v1.RecordTrackRequest(part=v1.TrackPart(points=points)))
    stub = v1.TrackServiceStub(channel)
    as_sent = await stub.GetTrack(v1.GetTrackRequest(name=NAME, include_points=True, coordinate_system=gcj02))
    as_wgs84 = await stored(channel)
    assert as_sent.points.longitude_degrees[0] == pytest.approx(121.47, abs=1e-8)
    assert as_wgs84.points.longitude_degrees[0] == pytest.approx(121.4655, abs=5e-4)
    assert as_wgs84.recorded_coordinate_system == gcj02


@pytest.mark.parametrize(
    ("requests", "expected_fields"),
    [
        ([], ["header"]),  # an empty stream
        ([part(0, 1)], ["header"]),  # no header
        ([header(), header()], ["part"]),  # two headers
        ([header(coordinate_system=0)], ["header.coordinate_system"]),
        (
            [header(name=v1.TrackName(day="2026-3-2"), working_hours=[])],
            ["header.name.worker_id", "header.name.day", "header.working_hours"],
        ),
        ([header(), v1.RecordTrackRequest(part=v1.TrackPart())], ["part.points"]),  # no points
        (
            [
                header(),
                v1.RecordTrackRequest(
                    part=v1.TrackPart(
                        first_sequence=-1,
                        points=v1.TrackPoints(
                            unix_milliseconds=[EIGHT_S * 1000 + 5, EIGHT_S * 1000 + 5, EIGHT_S * 1000 + 4],
                            latitude_degrees=[float("nan"), 91.0, 60.0],
                            longitude_degrees=[24.9, 24.9, 181.0],
                            accuracy_meters=[-1.0, float("nan"), 3.0],
                        ),
                    )
                ),
            ],
            [
                "part.first_sequence",
                "part.points.unix_milliseconds[1]",
                "part.points.unix_milliseconds[2]",
                "part.points.latitude_degrees[0]",
                "part.points.latitude_degrees[1]",
                "part.points.longitude_degrees[2]",
                "part.points.accuracy_meters[0]",
            ],
        ),
        (
            [header(), v1.RecordTrackRequest(part=v1.TrackPart(points=v1.TrackPoints(unix_milliseconds=[1, 2])))],
            ["part.points.latitude_degrees", "part.points.longitude_degrees"],
        ),
    ],
)
async def test_a_wrong_stream_lists_every_broken_rule(
    channel: grpc.aio.Channel, requests: Sequence[v1.RecordTrackRequest], expected_fields: list[str]
) -> None:
    """A wrong header or part is refused as a whole, with the path of every offending field."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(channel, *requests)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [field for field, _ in violations_of(refused.value)] == expected_fields


async def test_a_track_cannot_change_its_working_hours_midway(channel: grpc.aio.Channel) -> None:
    """A second stream with other working hours is refused, and the track stays as it was."""
    await record(channel, header(), part(0, 10))
    longer = [v1.TimeWindow(start_time=Timestamp(seconds=EIGHT_S), end_time=Timestamp(seconds=EIGHT_S + 7200))]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(channel, header(working_hours=longer), part(10, 10))
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert (await stored(channel)).point_count == 10


async def test_tracks_are_listed_and_deleted(channel: grpc.aio.Channel) -> None:
    """A listing goes page by page without points, and a deleted track is gone."""
    stub = v1.TrackServiceStub(channel)
    for worker in ("anna", "bo", "cleo"):
        await record(channel, header(name=v1.TrackName(worker_id=worker, day="2026-03-02")), part(0, 5))
    first = await stub.ListTracks(v1.ListTracksRequest(page_size=2))
    second = await stub.ListTracks(v1.ListTracksRequest(page_size=2, page_token=first.next_page_token))
    assert [track.name.worker_id for page in (first, second) for track in page.tracks] == ["anna", "bo", "cleo"]
    assert not first.tracks[0].HasField("points")
    assert second.next_page_token == ""
    await stub.DeleteTrack(v1.DeleteTrackRequest(name=NAME))
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await stored(channel)
    assert missing.value.code() is grpc.StatusCode.NOT_FOUND


async def test_several_clocks_are_kept(channel: grpc.aio.Channel) -> None:
    """The device's clock comes back as it was sent, the service's own as it was when the point came in."""
    request = part(0, 3)
    sent_ms = [(EIGHT_S + 100) * 1000, 0, (EIGHT_S - 100) * 1000]
    request.part.points.sent_unix_milliseconds.extend(sent_ms)
    request.part.points.received_unix_milliseconds.extend([1, 2, 3])
    before_ms = time.time_ns() // 1_000_000
    await record(channel, header(), request)
    points = (await stored(channel)).points
    assert list(points.sent_unix_milliseconds) == sent_ms
    received_ms = set(points.received_unix_milliseconds)
    assert len(received_ms) == 1
    assert before_ms <= received_ms.pop() <= time.time_ns() // 1_000_000


async def test_a_device_clock_of_no_calendar_is_refused(channel: grpc.aio.Channel) -> None:
    """A time before 1970 is refused with its field path."""
    request = part(0, 2)
    request.part.points.sent_unix_milliseconds.extend([-1, 0])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await record(channel, header(), request)
    assert [field for field, _ in violations_of(caught.value)] == ["part.points.sent_unix_milliseconds[0]"]
