"""An error must reach its caller: clients refuse trailers of more than 8 KiB."""

from __future__ import annotations

import base64
from urllib.parse import quote

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from odograph import v1

from server.errors import FieldViolation, InvalidRequestError, NotFoundError, OdographError, Resource, ViolationCode
from server.transport.rich_status import rich_status
from tests.server.planning import WGS84
from tests.server.rich_errors import detail_of

CLIENT_LIMIT_BYTES = 8192
COUNT = 2000
OUT_OF_RANGE = ViolationCode.OUT_OF_RANGE


def violations(count: int, description: str) -> tuple[FieldViolation, ...]:
    """Many broken rules."""
    return tuple(
        FieldViolation(f"problem.visits[{number}].position", OUT_OF_RANGE, description) for number in range(count)
    )


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequestError(violations(COUNT, "must be a finite number")),
        InvalidRequestError(violations(COUNT, "长" * 1000)),
        InvalidRequestError((FieldViolation("x" * 1_000_000, OUT_OF_RANGE, "y" * 1_000_000),)),
        NotFoundError(Resource.PLAN, "x" * 1_000_000),
        NotFoundError(Resource.PLAN, "长" * 1_000_000),
    ],
    ids=["many", "many-chinese", "long", "long-name", "long-chinese-name"],
)
def test_a_status_fits_into_the_trailers_of_every_client(error: OdographError) -> None:
    """However much is wrong, message and details stay below the limit that clients set."""
    status = rich_status(error)
    encoded = base64.b64encode(status.SerializeToString())
    assert len(encoded) + len(quote(status.message)) + 100 < CLIENT_LIMIT_BYTES


def test_what_was_left_out_of_a_status_is_counted() -> None:
    """The violations that fit are whole and in order, and the last entry says how many more there are."""
    error = InvalidRequestError(violations(COUNT, "must be a finite number"))
    found = BadRequest()
    rich_status(error).details[0].Unpack(found)
    *listed, last = found.field_violations
    assert [each.field for each in listed] == [each.field for each in error.violations[: len(listed)]]
    assert len(listed) > 30
    assert {each.reason for each in listed} == {"OUT_OF_RANGE"}
    assert last.reason == "MORE_VIOLATIONS"
    assert last.description.startswith(f"{COUNT - len(listed)} more violations")


async def test_a_caller_learns_that_every_point_is_wrong(channel: grpc.aio.Channel) -> None:
    """Hundreds of broken points arrive as INVALID_ARGUMENT that names every broken rule, and the missing network.

    Moments and places are no rules there: points that nobody can have recorded are dropped with their reason.
    """
    points = v1.TrackPoints(
        unix_milliseconds=[1000] * 300,
        latitude_degrees=[float("nan")] * 300,
        longitude_degrees=[999.0] * 300,
        accuracy_meters=[-1.0] * 300,
        speed_meters_per_second=[-1.0] * 300,
        bearing_degrees=[-1.0] * 300,
    )
    request = v1.MatchTrackRequest(road_network="town-car", points=points, coordinate_system=WGS84)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(channel).MatchTrack(request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    fields = {each.field.split("[")[0] for each in detail_of(refused.value, BadRequest).field_violations}
    columns = ("accuracy_meters", "speed_meters_per_second", "bearing_degrees")
    points_fields = {f"points.{name}" for name in columns}
    assert {"road_network", *points_fields} == fields
