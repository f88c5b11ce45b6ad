"""PlanningService over a real channel, on the small town: from a request to a kept plan, and everything in between."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from odograph import v1

from server.application import running_server
from server.settings import Settings
from server.solving.solver_child import PROCESS_NAME
from tests.server.conftest import import_and_wait
from tests.server.planning import EIGHT_S, HOUR_S, WGS84, build, problem, visit, window, worker
from tests.server.rich_errors import detail_of, violations_of
from tests.server.town import write_town

pytestmark = pytest.mark.asyncio(loop_scope="session")


def long_search(channel: grpc.aio.Channel, **options: object) -> grpc.aio.UnaryStreamCall:
    """A BuildPlan stream of a problem that keeps its solver busy until somebody ends it."""
    visits = [visit(f"v{number}", number % 5, number % 4, duration=Duration(seconds=120)) for number in range(120)]
    asked = problem(workers=[worker(name) for name in ("anna", "bo", "cleo", "dan")], visits=visits)
    request = v1.BuildPlanRequest(problem=asked, time_limit=Duration(seconds=300))
    return v1.PlanningServiceStub(channel).BuildPlan(request, **options)


async def rest_of(call: grpc.aio.UnaryStreamCall) -> list[v1.BuildPlanResponse]:
    """The messages of a stream that are still to come."""
    return [message async for message in call]


async def test_a_plan_comes_in_stages_with_improvements_and_is_kept(town: grpc.aio.Channel) -> None:
    """The stream tells the stages in order, improvements (fewer left out, then cheaper), and last the plan, kept."""
    messages = await build(town, problem())
    stages = [message.progress.stage for message in messages if message.HasField("progress")]
    found = [message.improvement for message in messages if message.HasField("improvement")]
    ranks = [(improvement.unplanned_visit_count, improvement.cost) for improvement in found]
    plan = messages[-1].plan
    assert stages == [1, 2, 3, 4, 5]
    assert ranks == sorted(ranks, reverse=True)
    assert found[-1].cost == plan.cost
    stub = v1.PlanningServiceStub(town)
    assert await stub.GetPlan(v1.GetPlanRequest(plan_id=plan.id)) == plan
    listed = await stub.ListPlans(v1.ListPlansRequest(day="2026-03-02"))
    assert plan.id in [each.id for each in listed.plans]
    assert not listed.plans[0].routes


async def test_a_plan_adds_up(town: grpc.aio.Channel) -> None:
    """Times, distances, costs and totals of a plan follow from one another by the equations of the API."""
    plan = (await build(town, problem()))[-1].plan
    assert sorted(stop.visit_id for route in plan.routes for stop in route.stops) == [f"v{n}" for n in range(6)]
    for route in plan.routes:
        assert len(route.legs) == (len(route.stops) + 1 if route.stops else 0)
        assert route.distance_meters == pytest.approx(sum(leg.distance_meters for leg in route.legs))
        hours = (route.end_time.seconds - route.start_time.seconds) / HOUR_S
        assert route.cost == pytest.approx(60 * hours + route.distance_meters / 1000, abs=0.01)
        for stop, leg in zip(route.stops, route.legs, strict=False):
            assert stop.arrival_time.seconds - leg.duration.seconds >= route.start_time.seconds
            assert stop.departure_time.seconds - stop.start_time.seconds == 1800
        for here, there in pairwise(route.legs):
            assert here.path.latitude_degrees[-1] == pytest.approx(there.path.latitude_degrees[0], abs=1e-6)
    assert plan.cost == pytest.approx(sum(route.cost for route in plan.routes))
    assert plan.totals.planned_visit_count == 6
    assert plan.totals.route_duration.seconds == sum(
        getattr(plan.totals, f"{name}_duration").seconds for name in ("travel", "service", "waiting", "break")
    )
    assert (plan.day, plan.label, plan.time_zone) == ("2026-03-02", "monday", "Europe/Helsinki")


async def test_workers_travel_on_their_own_networks(town: grpc.aio.Channel) -> None:
    """A worker on foot and one by car share a problem, each on the roads of the own profile."""
    asked = problem(
        workers=[
            worker("anna", road_network="town-foot", skills=["walk"]),
            worker("bo", start_position=None, end_position=None, skills=["drive"]),
        ],
        visits=[
            visit("near", 1, 1, required_skills=["walk"]),
            visit("far", 3, 2, required_skills=["drive"], time_windows=[window(1, 2), window(5, 6)]),
        ],
    )
    plan = (await build(town, asked))[-1].plan
    assert [route.road_network for route in plan.routes] == ["town-foot", "town-car"]
    assert [[stop.visit_id for stop in route.stops] for route in plan.routes] == [["near"], ["far"]]
    assert not plan.routes[1].legs
    assert plan.routes[1].stops[0].time_window in (window(1, 2), window(5, 6))


async def test_a_plan_lies_where_its_places_are(town: grpc.aio.Channel) -> None:
    """A day on an island is planned there; a visit there that workers in the town shall do is laid in the town.

    A notice then names the visit, and the worker whose place was moved likewise, with the metres.
    """
    east, west = (v1.Position(latitude_degrees=59.998, longitude_degrees=25.1 + shift) for shift in (0.003, 0.001))
    islander = worker("anna", start_position=west, end_position=west)
    plan = (await build(town, problem(workers=[islander], visits=[visit("v", 0, 0, position=east)])))[-1].plan
    assert [stop.visit_id for stop in plan.routes[0].stops] == ["v"]
    assert plan.totals.distance_meters == pytest.approx(223, abs=2)
    assert not plan.notices
    visits = [visit("island", 0, 0, position=west), *(visit(f"v{number}", number, 0) for number in range(3))]
    workers = [worker("anna", end_position=east), worker("bo")]
    asked = problem(workers=workers, visits=visits, max_snap_distance_meters=6000.0)
    plan = (await build(town, asked))[-1].plan
    moved = [notice for notice in plan.notices if notice.code == v1.Notice.CODE_NEARER_ROAD_CUT_OFF]
    assert [notice.field for notice in moved] == ["problem.visits[0].position", "problem.workers[0].end_position"]
    assert all("(0 m)" in notice.description and "routable place is 4" in notice.description for notice in moved)


async def test_a_visit_that_nobody_can_do_is_explained(town: grpc.aio.Channel) -> None:
    """A mandatory visit that no worker has the skills for is left out with its reason, and a notice says so."""
    plan = (await build(town, problem(visits=[visit("a", 1, 1), visit("b", 2, 2, required_skills=["dive"])])))[-1].plan
    assert [left_out.visit_id for left_out in plan.unplanned_visits] == ["b"]
    assert plan.unplanned_visits[0].reason == v1.UnplannedVisit.REASON_NO_WORKER_WITH_SKILLS
    assert [(notice.code, notice.field) for notice in plan.notices] == [
        (v1.Notice.CODE_MANDATORY_VISIT_UNPLANNED, "problem.visits[1]")
    ]


BAD_FIELDS = [
    "time_zone",
    "workers[0].shift",
    "workers[1].cost_per_hour",
    "workers[1].id",
    "workers[1].max_visits",
    "workers[2].breaks[0].duration",
    "workers[2].breaks[0].earliest_start_time",
    "workers[2].breaks[0].latest_start_time",
    "workers[2].id",
    "workers[2].start_position",
    "visits[0].time_windows[0]",
    "visits[1].position.latitude_degrees",
    "visits[2].position",
    "visits[3].position",
    "visits[4].id",
    "visits[4].position",
    "visits[4].priority",
    "visits[5].duration",
    "visits[5].load",
    "visits[5].unserved_cost",
]


def bad_problem() -> tuple[v1.Problem, list[str]]:
    """A request in which nearly everything is wrong, and the fields that must be named."""
    nan, island = v1.Position(latitude_degrees=math.nan, longitude_degrees=25.0), v1.Position()
    island.latitude_degrees, island.longitude_degrees = 59.998, 25.102
    swapped = v1.Position(latitude_degrees=25.0, longitude_degrees=60.0)
    asked = problem(
        time_zone="Europe/Atlantis",
        workers=[
            worker("anna", shift=window(8, 0)),
            worker("anna", max_visits=-1, cost_per_hour=math.nan),
            worker("", start_position=island, breaks=[v1.Break()]),
        ],
        visits=[
            visit("a", 0, 0, time_windows=[window(3, 2)]),
            visit("b", 0, 0, position=nan),
            visit("c", 0, 0, position=swapped),
            visit("d", 0, 0, position=island),
            visit("a", 0, 0, position=None, priority=9),
            visit("e", 0, 0, duration=Duration(seconds=-1), load=-1, unserved_cost=-5.0),
        ],
    )
    return asked, sorted(f"problem.{field}" for field in BAD_FIELDS)


async def test_an_appointment_is_an_instant_and_a_shift_is_not(town: grpc.aio.Channel) -> None:
    """A window of one instant starts the visit exactly then; a shift without length, and ends before starts, are named.

    What is backward names both its times.
    """
    at_nine = window(1, 1)
    plan = (await build(town, problem(visits=[visit("a", 1, 1, time_windows=[at_nine])])))[-1].plan
    assert plan.routes[0].stops[0].start_time == at_nine.start_time
    asked = problem(
        workers=[worker("anna", shift=window(2, 2))], visits=[visit("a", 1, 1, time_windows=[window(3, 2)])]
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert violations_of(refused.value) == [
        ("problem.workers[0].shift", "must end after it starts (got 2026-03-02T10:00:00+00:00 for both): move its end"),
        (
            "problem.visits[0].time_windows[0]",
            (
                "must not end before it starts (got 2026-03-02T11:00:00+00:00 to 2026-03-02T10:00:00+00:00): exchange "
                "the two, or give the end its date where the span goes on past midnight"
            ),
        ),
    ]


async def test_windows_that_touch_or_overlap_are_one(town: grpc.aio.Channel) -> None:
    """A service may start inside any of a visit's windows, in whatever order and however close they are given."""
    windows = [window(3, 4), window(1, 2), window(2, 3.5)]
    plan = (await build(town, problem(visits=[visit("a", 1, 1, time_windows=windows)])))[-1].plan
    stop = plan.routes[0].stops[0] if plan.routes[0].stops else plan.routes[1].stops[0]
    assert EIGHT_S + HOUR_S <= stop.start_time.seconds <= EIGHT_S + 4 * HOUR_S


async def test_a_bad_problem_gets_every_violation_at_once(town: grpc.aio.Channel) -> None:
    """NaN, swapped and missing places, an island, backward windows, duplicate ids: one error names them all."""
    asked, fields = bad_problem()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert sorted(field for field, _ in violations_of(refused.value)) == fields


async def test_validating_finds_what_building_refuses(town: grpc.aio.Channel) -> None:
    """ValidateProblem answers the same violations as BuildPlan refuses with, and none for a good problem."""
    asked, fields = bad_problem()
    stub = v1.PlanningServiceStub(town)
    found = await stub.ValidateProblem(v1.ValidateProblemRequest(problem=asked))
    assert sorted(violation.field for violation in found.violations) == fields
    good = await stub.ValidateProblem(v1.ValidateProblemRequest(problem=problem()))
    assert not good.violations


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"coordinate_system": 0}, "problem.coordinate_system"),
        ({"road_network": "mars"}, "problem.road_network"),
        ({"road_network": ""}, "problem.workers[0].road_network"),
        ({"workers": []}, "problem.workers"),
        ({"visits": []}, "problem.visits"),
        ({"visits": [visit(f"v{n}", 1, 1) for n in range(2001)]}, "problem.visits"),
    ],
)
async def test_a_request_without_a_ground_is_refused(
    town: grpc.aio.Channel, changes: dict[str, object], field: str
) -> None:
    """A missing coordinate system, network, worker or visit, or too many visits, are refused by their field."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, problem(**changes))
    assert field in [each for each, _ in violations_of(refused.value)]


async def test_breaks_that_run_into_each_other_are_named(town: grpc.aio.Channel) -> None:
    """Breaks that run into each other are named by the request's fields, before the optimizer sees them."""
    lunch = v1.Break(
        earliest_start_time=window(3, 4).start_time,
        latest_start_time=window(3, 4).end_time,
        duration=Duration(seconds=1800),
    )
    asked = problem(workers=[worker("anna", breaks=[lunch, lunch])])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    fields = [field for field, _ in violations_of(refused.value)]
    assert fields == [f"problem.workers[0].breaks[1].{name}_start_time" for name in ("earliest", "latest")]


async def test_a_wrong_time_limit_is_listed_with_the_rest(town: grpc.aio.Channel) -> None:
    """Fields beside the problem are listed in the same error."""
    asked, fields = bad_problem()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked, seconds=-1)
    assert sorted(field for field, _ in violations_of(refused.value)) == sorted([*fields, "time_limit"])


async def test_a_visit_that_cannot_be_left_again_is_refused(town: grpc.aio.Channel) -> None:
    """Where the roads allow no way there and back for any worker, the visit is named before the search."""
    far_worker = worker("bo", start_position=v1.Position(latitude_degrees=59.998, longitude_degrees=25.102))
    asked = problem(workers=[far_worker], max_snap_distance_meters=300)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert "problem.workers[0].start_position" in [field for field, _ in violations_of(refused.value)]


async def test_cancelling_a_search_gives_the_best_plan_so_far(town: grpc.aio.Channel) -> None:
    """CancelOperation ends the search; the stream still ends with a plan, kept like any other, that says why."""
    call = long_search(town)
    operations = v1.OperationServiceStub(town)
    last = v1.BuildPlanResponse()
    async for message in call:
        last = message
        if message.HasField("progress"):
            operation_id = message.progress.operation_id
        if message.HasField("improvement"):
            await operations.CancelOperation(v1.CancelOperationRequest(operation_id=operation_id))
    assert last.plan.stop_reason == v1.Plan.STOP_REASON_CANCELLED
    assert last.plan.totals.planned_visit_count == 120
    assert v1.Notice.CODE_SEARCH_CUT_SHORT in [notice.code for notice in last.plan.notices]
    operation = await operations.GetOperation(v1.GetOperationRequest(operation_id=operation_id))
    assert operation.state == v1.Operation.STATE_SUCCEEDED
    assert operation.plan == last.plan


async def test_the_answer_comes_before_the_deadline(town: grpc.aio.Channel) -> None:
    """A call with a deadline shorter than its time limit gets the best plan so far, not DEADLINE_EXCEEDED."""
    messages = await rest_of(long_search(town, timeout=4))
    assert messages[-1].plan.stop_reason == v1.Plan.STOP_REASON_DEADLINE


async def test_a_client_that_goes_away_ends_its_search(town: grpc.aio.Channel) -> None:
    """When the stream is cancelled the operation ends as cancelled, and the solver is free for the next caller."""
    call = long_search(town)
    async for message in call:
        if message.HasField("progress"):
            operation_id = message.progress.operation_id
        if message.HasField("improvement"):
            break
    call.cancel()
    watched = v1.OperationServiceStub(town).WatchOperation(v1.WatchOperationRequest(operation_id=operation_id))
    states = [operation.state async for operation in watched]
    assert states[-1] == v1.Operation.STATE_CANCELLED
    assert (await build(town, problem()))[-1].HasField("plan")


async def test_a_killed_solver_is_a_clean_error_and_the_service_goes_on(town: grpc.aio.Channel) -> None:
    """Kill -9 of the solver process: its caller gets UNAVAILABLE, the next one a plan from the replacement."""
    call = long_search(town)
    async for message in call:
        if message.HasField("improvement"):
            break
    for child in multiprocessing.active_children():
        if child.name == PROCESS_NAME:
            child.kill()
    with pytest.raises(grpc.aio.AioRpcError) as lost:
        await rest_of(call)
    assert lost.value.code() is grpc.StatusCode.UNAVAILABLE
    assert detail_of(lost.value, RetryInfo).retry_delay.seconds == 1
    assert (await build(town, problem()))[-1].HasField("plan")


async def test_gcj_visits_are_planned_where_they_are(town: grpc.aio.Channel) -> None:
    """A plan speaks the coordinate system of its request, and is read back in any other."""
    asked = problem(coordinate_system=v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02)
    plan = (await build(town, asked))[-1].plan
    assert plan.coordinate_system == v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02
    kept = await v1.PlanningServiceStub(town).GetPlan(v1.GetPlanRequest(plan_id=plan.id))
    assert kept.coordinate_system == WGS84


async def test_two_searches_share_one_solver_in_turn(town: grpc.aio.Channel) -> None:
    """With one process, a second search waits in the queue and is then served."""
    answers = await asyncio.gather(build(town, problem()), build(town, problem()))
    assert all(messages[-1].HasField("plan") for messages in answers)


async def test_a_service_that_stops_gives_the_best_plan_so_far(town: grpc.aio.Channel, tmp_path: Path) -> None:
    """Whoever waits for a search when the service is stopped still gets a plan within the grace time."""
    assert town  # its kernels are compiled
    write_town(tmp_path / "maps" / "town.osm")
    settings = Settings(port=0, data_folder=tmp_path, map_folder=tmp_path / "maps", solver_processes=1)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(running_server(settings))
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await import_and_wait(channel, "town.osm", "car")
            call = long_search(channel)
            async for message in call:
                if message.HasField("improvement"):
                    break
            stopping = asyncio.create_task(stack.aclose())
            assert (await rest_of(call))[-1].plan.stop_reason == v1.Plan.STOP_REASON_CANCELLED
            await stopping


async def test_a_full_queue_is_refused_with_a_hint(town: grpc.aio.Channel, tmp_path: Path) -> None:
    """Where every solver is busy and nobody may wait, a second search is refused and told when to come again."""
    assert town  # its kernels are compiled
    write_town(tmp_path / "maps" / "town.osm")
    settings = Settings(port=0, data_folder=tmp_path, map_folder=tmp_path / "maps", solver_processes=1, solver_queue=0)
    async with running_server(settings) as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await import_and_wait(channel, "town.osm", "car")
        busy = long_search(channel)
        async for message in busy:
            if message.HasField("improvement"):
                break
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await build(channel, problem())
        busy.cancel()
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert detail_of(refused.value, RetryInfo).retry_delay.seconds > 0


async def test_operations_are_listed_by_kind(town: grpc.aio.Channel) -> None:
    """Listings come latest first, without the plans inside, and may be narrowed to one kind."""
    plan = (await build(town, problem()))[-1].plan
    stub = v1.OperationServiceStub(town)
    everything = (await stub.ListOperations(v1.ListOperationsRequest())).operations
    imports = (
        await stub.ListOperations(v1.ListOperationsRequest(kind=v1.Operation.KIND_IMPORT_ROAD_NETWORK))
    ).operations
    assert everything[0].kind == v1.Operation.KIND_BUILD_PLAN
    assert everything[0].label == plan.label
    assert not everything[0].HasField("plan")
    assert {operation.kind for operation in imports} == {v1.Operation.KIND_IMPORT_ROAD_NETWORK}
