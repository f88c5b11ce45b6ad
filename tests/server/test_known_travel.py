"""Travel times that the caller knows better than the roads, in a planning problem."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from tests.server.planning import build, problem, visit, worker
from tests.server.rich_errors import violations_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


def known(start: dict[str, str], end: dict[str, str], seconds: int, metres: float) -> v1.KnownTravel:
    """A travel time and distance between two places."""
    travel = v1.KnownTravel.Travel(duration=Duration(seconds=seconds), distance_meters=metres)
    return v1.KnownTravel(**start, **end, known=travel)  # type: ignore[arg-type]


async def test_a_plan_travels_as_the_caller_knows(town: grpc.aio.Channel) -> None:
    """Legs take the known times and lengths exactly."""
    out = known({"from_worker_id": "anna"}, {"to_visit_id": "v0"}, 1234, 5678.0)
    back = known({"from_visit_id": "v0"}, {"to_worker_id": "anna"}, 77, 88.0)
    asked = problem(workers=[worker("anna")], visits=[visit("v0", 3, 3)], known_travels=[out, back])
    (route,) = (await build(town, asked))[-1].plan.routes
    assert [(leg.duration.seconds, leg.distance_meters) for leg in route.legs] == [(1234, 5678.0), (77, 88.0)]
    assert len(route.legs[0].path.latitude_degrees) > 2  # still drawn along the roads


async def test_a_way_that_the_caller_rules_out_is_not_taken(town: grpc.aio.Channel) -> None:
    """With the way from the first visit to the second ruled out, the second comes first."""
    visits = [visit("near", 1, 0), visit("far", 4, 0)]
    ruled_out = v1.KnownTravel(from_visit_id="near", to_visit_id="far", unreachable=True)
    asked = problem(workers=[worker("anna")], visits=visits, known_travels=[ruled_out])
    (route,) = (await build(town, asked))[-1].plan.routes
    assert [stop.visit_id for stop in route.stops] == ["far", "near"]


async def test_every_wrong_known_travel_is_named(town: grpc.aio.Channel) -> None:
    """Unknown ids, missing ends, missing and impossible lengths, and pairs given twice are all named."""
    asked = problem(
        known_travels=[
            known({"from_visit_id": "nobody"}, {"to_worker_id": "v1"}, 1, 1.0),
            known({}, {"to_visit_id": "v1"}, -1, -1.0),
            v1.KnownTravel(from_visit_id="v0", to_visit_id="v1"),
            v1.KnownTravel(from_visit_id="v0", to_visit_id="v1", unreachable=True),
        ]
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert [field for field, _ in violations_of(refused.value)] == [
        "problem.known_travels[0].from_visit_id",
        "problem.known_travels[0].to_worker_id",
        "problem.known_travels[1].from_visit_id",
        "problem.known_travels[1].known.duration",
        "problem.known_travels[1].known.distance_meters",
        "problem.known_travels[2].known.duration",
        "problem.known_travels[2].known.distance_meters",
        "problem.known_travels[3]",
    ]
