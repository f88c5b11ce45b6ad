"""MatchTrack and AuditTrack take tracks as devices record them, and say of each point and each road what is odd."""

from __future__ import annotations

import math
from itertools import pairwise

import grpc
import pytest
from odograph import v1

from tests.server.planning import EIGHT_S, WGS84
from tests.server.town import crossing

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEP_S = 5
AGAINST = v1.ForbiddenPassage.KIND_AGAINST_ONE_WAY


def drive(*corners: tuple[float, float], step_s: int = STEP_S, steps: int = 8) -> v1.TrackPoints:
    """A drive over crossings of the town, each way between two of them in some steps."""
    places = [crossing(*corners[0])]
    for (column, row), (next_column, next_row) in pairwise(corners):
        for step in range(1, steps + 1):
            share = step / steps
            places.append(crossing(column + share * (next_column - column), row + share * (next_row - row)))
    latitude, longitude = zip(*places, strict=True)
    times = [1000 * (EIGHT_S + step_s * number) for number in range(len(places))]
    return v1.TrackPoints(unix_milliseconds=times, latitude_degrees=latitude, longitude_degrees=longitude)


async def matched(channel: grpc.aio.Channel, points: v1.TrackPoints) -> v1.Match:
    """Lay a track on the town's roads."""
    request = v1.MatchTrackRequest(road_network="town-car", points=points, coordinate_system=WGS84)
    return await v1.RoadNetworkServiceStub(channel).MatchTrack(request)


async def test_points_as_devices_record_them_are_dropped_one_by_one(town: grpc.aio.Channel) -> None:
    """A repeated time, one out of order, no fix and a spike cost their points, not the day, each with its reason."""
    points = drive((0, 0), (2, 0), (2, 3))
    clean = await matched(town, points)
    points.unix_milliseconds[3] = points.unix_milliseconds[2]
    points.unix_milliseconds[5] = 1000 * (EIGHT_S - 3600)
    points.latitude_degrees[7] = math.nan
    points.latitude_degrees[9] += 0.3
    damaged = await matched(town, points)
    reasons = {
        number: v1.DropReason.Name(reason) for number, reason in enumerate(damaged.points.drop_reasons) if reason
    }
    assert reasons == {
        3: "DROP_REASON_DUPLICATE_TIME",
        5: "DROP_REASON_OUT_OF_ORDER",
        7: "DROP_REASON_NOT_FINITE",
        9: "DROP_REASON_SPIKE",
    }
    assert damaged.mileage.total_meters == pytest.approx(clean.mileage.total_meters, abs=5.0)
    request = v1.AuditTrackRequest(worker_id="a", road_network="town-car", points=points, coordinate_system=WGS84)
    audit = await v1.AuditServiceStub(town).AuditTrack(request)
    assert audit.mileage == damaged.mileage


async def test_a_path_says_when_it_was_where(town: grpc.aio.Channel) -> None:
    """Each place of a path has its time, from the start of its segment to its end."""
    points = drive((0, 0), (2, 0), (2, 3))
    answer = await matched(town, points)
    (segment,) = answer.segments
    times = segment.path_unix_milliseconds
    assert len(times) == len(segment.path.latitude_degrees)
    assert list(times) == sorted(times)
    assert (times[0], times[-1]) == (points.unix_milliseconds[0], points.unix_milliseconds[-1])
    corner = crossing(2, 0)
    places = list(zip(segment.path.latitude_degrees, segment.path.longitude_degrees, strict=True))
    at_corner = min(range(len(places)), key=lambda number: math.dist(places[number], corner))
    assert times[at_corner] == pytest.approx(points.unix_milliseconds[8], abs=500 * STEP_S)


async def test_a_one_way_street_against_its_direction_is_reported(town: grpc.aio.Channel) -> None:
    """The street is matched as driven; the passage has its metres, its road, its time and the node where it began."""
    points = drive((4, 0), (4, 1), (1, 1), (1, 2))
    answer = await matched(town, points)
    (passage,) = answer.forbidden_passages
    assert (passage.kind, passage.segment, list(passage.osm_way_ids)) == (AGAINST, 0, [101])
    assert passage.distance_meters == pytest.approx(3 * 223, abs=5)
    assert passage.osm_node_id == 14
    entered_s, left_s = passage.start_time.seconds - EIGHT_S, passage.end_time.seconds - EIGHT_S
    assert (entered_s, left_s) == (pytest.approx(8 * STEP_S, abs=STEP_S), pytest.approx(16 * STEP_S, abs=STEP_S))
    assert answer.segments[0].forbidden_piece_count == 3
    assert not (await matched(town, drive((1, 1), (4, 1)))).forbidden_passages


async def test_a_track_beyond_the_map_is_told_so(town: grpc.aio.Channel) -> None:
    """Where the map ends, kilometres off the roads are no drive across fields: a notice names the road network."""
    inside = drive((0, 0), (2, 0), (2, 3))
    assert not (await matched(town, inside)).notices
    beyond = drive((0, 0), (-40, 0), steps=60)
    (notice,) = (await matched(town, beyond)).notices
    assert (notice.code, notice.field) == (v1.Notice.CODE_OUTSIDE_ROAD_NETWORK, "road_network")
    assert "points lie beyond the map of road network 'town-car'" in notice.description


async def test_an_accuracy_of_nothing_is_no_accuracy(town: grpc.aio.Channel) -> None:
    """Phones write 0 where they know none: no track gets more exact by it."""
    points = drive((0, 0), (2, 0), (2, 3))
    unknown = await matched(town, points)
    points.accuracy_meters.extend([0.0] * len(points.unix_milliseconds))
    assert (await matched(town, points)).mileage == unknown.mileage
