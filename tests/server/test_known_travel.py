"""Travel times that the caller knows better than the roads, in a planning problem."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from tests.server.planning import WGS84, build, problem, visit, worker
from tests.server.rich_errors import violations_of
from tests.server.test_audit import drive

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


def every_way(visits: list[str], workers: list[str], seconds: int) -> list[v1.KnownTravel]:
    """Every way that anybody may drive, each as long as the others."""
    starts: list[dict[str, str]] = [{"from_visit_id": name} for name in visits]
    ends: list[dict[str, str]] = [{"to_visit_id": name} for name in visits]
    pairs = [(start, end) for start in starts for end in ends if start["from_visit_id"] != end["to_visit_id"]]
    pairs += [({"from_worker_id": name}, end) for name in workers for end in ends]
    pairs += [(start, {"to_worker_id": name}) for name in workers for start in starts]
    return [known(start, end, seconds, 1000.0) for start, end in pairs]


async def test_a_visit_without_a_road_is_planned_where_all_its_ways_are_known(town: grpc.aio.Channel) -> None:
    """A visit far from every road is refused while one of its ways is missing, and planned with all of them."""
    visits = [visit("near", 1, 0), visit("hut", 0, 0, position=v1.Position(latitude_degrees=61, longitude_degrees=25))]
    ways = every_way(["near", "hut"], ["anna"], 600)
    asked = problem(workers=[worker("anna")], visits=visits, known_travels=ways[:-1])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert [field for field, _ in violations_of(refused.value)] == ["problem.visits[1].position"]
    asked = problem(workers=[worker("anna")], visits=visits, known_travels=ways)
    plan = (await build(town, asked))[-1].plan
    assert not plan.unplanned_visits
    assert {leg.duration.seconds for leg in plan.routes[0].legs} == {600}
    assert plan.routes[0].road_network == "town-car"


async def test_a_plan_needs_no_network_where_every_way_is_known(town: grpc.aio.Channel) -> None:
    """With every way given, the plan needs no map; with one way missing, every worker without a network is named."""
    visits, names = [visit(name, 60 + number, 80) for number, name in enumerate("xyz")], ["anna", "bo"]
    ways = every_way(list("xyz"), names, 900)
    workers = [worker(name) for name in names]
    asked = problem(road_network="", workers=workers, visits=visits, known_travels=ways)
    (last,) = [message.plan for message in (await build(town, asked)) if message.HasField("plan")]
    stored = await v1.PlanningServiceStub(town).GetPlan(v1.GetPlanRequest(plan_id=last.id))
    assert stored == last
    assert not last.unplanned_visits
    assert {(route.road_network, route.network_fingerprint) for route in last.routes} == {("", "")}
    legs = [leg for route in last.routes for leg in route.legs]
    assert {leg.duration.seconds for leg in legs} == {900}
    assert {len(leg.path.latitude_degrees) for leg in legs} == {2}
    explained = await v1.PlanningServiceStub(town).ExplainPlan(v1.ExplainPlanRequest(plan_id=last.id))
    assert explained.visits
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.AuditServiceStub(town).AuditTrack(
            v1.AuditTrackRequest(
                plan_id=last.id,
                worker_id=last.routes[0].worker_id,
                points=drive(last.routes[0]),
                coordinate_system=WGS84,
            )
        )
    assert [field for field, _ in violations_of(refused.value)] == ["road_network"]
    del asked.known_travels[0]  # the way from x to y
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    fields = [field for field, _ in violations_of(refused.value)]
    assert fields == ["problem.workers[0].road_network", "problem.workers[1].road_network"]


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
