"""Problems on the small town, for the tests of planning and of audits."""

from __future__ import annotations

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.town import crossing

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
EIGHT_S = 1_772_438_400
"""2026-03-02 08:00 UTC."""
HOUR_S = 3600


def at(column: float, row: float) -> v1.Position:
    """A place between the crossings of the town."""
    latitude, longitude = crossing(column, row)
    return v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)


def window(start_hour: float, end_hour: float) -> v1.TimeWindow:
    """Hours after eight o'clock."""
    return v1.TimeWindow(
        start_time=Timestamp(seconds=EIGHT_S + round(start_hour * HOUR_S)),
        end_time=Timestamp(seconds=EIGHT_S + round(end_hour * HOUR_S)),
    )


def worker(name: str, **changes: object) -> v1.Worker:
    """A worker from eight to sixteen who starts and ends in the south-west corner."""
    fields: dict[str, object] = {
        "shift": window(0, 8),
        "start_position": at(0, 0),
        "end_position": at(0, 0),
        **changes,
    }
    return v1.Worker(id=name, **fields)  # type: ignore[arg-type]


def visit(name: str, column: float, row: float, **changes: object) -> v1.Visit:
    """A visit of half an hour."""
    fields: dict[str, object] = {"position": at(column, row), "duration": Duration(seconds=1800), **changes}
    return v1.Visit(id=name, **fields)  # type: ignore[arg-type]


def problem(**changes: object) -> v1.Problem:
    """Two workers and six visits."""
    fields: dict[str, object] = {
        "label": "monday",
        "coordinate_system": WGS84,
        "road_network": "town-car",
        "time_zone": "Europe/Helsinki",
        "workers": [worker("anna"), worker("bo")],
        "visits": [visit(f"v{number}", number % 5, number % 4) for number in range(6)],
        **changes,
    }
    return v1.Problem(**fields)  # type: ignore[arg-type]


async def build(channel: grpc.aio.Channel, asked: v1.Problem, *, seconds: float = 0.3) -> list[v1.BuildPlanResponse]:
    """Every message of one BuildPlan stream."""
    limit = Duration()
    limit.FromMilliseconds(round(seconds * 1000))
    request = v1.BuildPlanRequest(problem=asked, time_limit=limit, seed=1)
    return [message async for message in v1.PlanningServiceStub(channel).BuildPlan(request)]
