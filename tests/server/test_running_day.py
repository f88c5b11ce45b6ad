"""Over a real channel: a day that is under way is planned anew; what has happened or is frozen stays, bit by bit."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.planning import EIGHT_S, HOUR_S, problem, visit, window, worker
from tests.server.rich_errors import violations_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

Stops = list[tuple[str, int]]
WORK = 300


def moment(hour: float) -> Timestamp:
    """So many hours after eight."""
    return Timestamp(seconds=EIGHT_S + round(hour * HOUR_S))


def day(*more: v1.Visit, without: str = "", **changes: object) -> v1.Problem:
    """Two workers and ten visits, of which one may be called off, and more."""
    visits = [visit(f"v{number}", number % 5, number % 4) for number in range(10)]
    return problem(visits=[*(each for each in visits if each.id != without), *more], **changes)


async def planned(town: grpc.aio.Channel, asked: v1.Problem, freeze: v1.Freeze | None = None) -> v1.Plan:
    """Build a plan with limited work."""
    request = v1.BuildPlanRequest(problem=asked, work_limit=WORK, freeze=freeze, engine=v1.Engine.ENGINE_SEARCH)
    return [each async for each in v1.PlanningServiceStub(town).BuildPlan(request)][-1].plan


def stops_of(plan: v1.Plan) -> dict[str, Stops]:
    """Visits and starts of each worker, in order."""
    return {
        route.worker_id: [(stop.visit_id, stop.start_time.seconds) for stop in route.stops] for route in plan.routes
    }


def frozen_of(plan: v1.Plan, before: Timestamp, without: str) -> dict[str, Stops]:
    """Name what of each route stays: the stops towards which the worker sets out before the moment."""
    kept: dict[str, Stops] = {}
    for route in plan.routes:
        leaves = [route.start_time, *(stop.departure_time for stop in route.stops)]
        kept[route.worker_id] = [
            (stop.visit_id, stop.start_time.seconds)
            for stop, left in zip(route.stops, leaves, strict=False)
            if left.seconds < before.seconds and stop.visit_id != without
        ]
    return kept


@pytest.mark.parametrize("hour", [0.0, 0.4, 1.0, 1.7, 2.5, 8.0])
@pytest.mark.parametrize("level", ["LEVEL_UNSPECIFIED", "LEVEL_ORDER", "LEVEL_WORKER"])
async def test_what_lies_before_a_moment_stays(town: grpc.aio.Channel, hour: float, level: str) -> None:
    """Workers, orders and starts before the moment are those of the old plan; new visits start at it or later."""
    old = await planned(town, day())
    freeze = v1.Freeze(plan_id=old.id, before_time=moment(hour), level=v1.Freeze.Level.Value(level))
    added = [visit("new", 2, 1), visit("urgent", 4, 3)]
    new = stops_of(await planned(town, day(*added, without="v3"), freeze))
    kept = frozen_of(old, moment(hour), without="v3")
    assert any(kept.values()) == (hour > 0)
    for name, stops in kept.items():
        ids, found = [one for one, _ in stops], [one for one, _ in new[name]]
        assert set(ids) <= set(found)
        if level == "LEVEL_ORDER" and ids:
            first = found.index(ids[0])
            assert found[first : first + len(ids)] == ids
        if level == "LEVEL_UNSPECIFIED":
            assert new[name][: len(stops)] == stops
            assert all(start >= moment(hour).seconds for _, start in new[name][len(stops) :])
    assert sum(len(stops) for stops in new.values()) == (
        11 if level != "LEVEL_UNSPECIFIED" or hour < 8 else len(old.routes[0].stops) + len(old.routes[1].stops) - 1
    )


@pytest.mark.parametrize("level", ["LEVEL_TIME", "LEVEL_ORDER", "LEVEL_WORKER"])
async def test_what_people_pin_elsewhere_is_not_frozen(town: grpc.aio.Channel, level: str) -> None:
    """A visit in the middle of the frozen ones that is now pinned to the other worker goes there; the others stay."""
    plan = await planned(town, day())
    frozen = frozen_of(plan, moment(2), without="")
    name, ids = next((name, [one for one, _ in stops]) for name, stops in frozen.items() if len(stops) > 2)
    other = "bo" if name == "anna" else "anna"
    asked = day()
    next(one for one in asked.visits if one.id == ids[1]).pin.worker_id = other
    freeze = v1.Freeze(plan_id=plan.id, before_time=moment(2), level=v1.Freeze.Level.Value(level))
    new = {owner: [one for one, _ in stops] for owner, stops in stops_of(await planned(town, asked, freeze)).items()}
    assert ids[1] in new[other]
    kept = [one for one in new[name] if one in ids]
    assert sorted(kept) == sorted({*ids} - {ids[1]})
    if level != "LEVEL_WORKER":
        assert kept == [ids[0], *ids[2:]]


async def test_a_frozen_plan_can_be_frozen_again_and_asked_about(town: grpc.aio.Channel) -> None:
    """What was frozen is kept with the plan: it stays in the next one, and the plan can be explained."""
    first = await planned(town, day())
    second = await planned(town, day(visit("w", 2, 2)), v1.Freeze(plan_id=first.id, before_time=moment(1)))
    third = await planned(town, day(visit("w", 2, 2)), v1.Freeze(plan_id=second.id, before_time=moment(2)))
    for old, new, hour in ((first, second, 1), (second, third, 2), (first, third, 1)):
        for name, stops in frozen_of(old, moment(hour), without="").items():
            assert stops_of(new)[name][: len(stops)] == stops
    asked = v1.ExplainPlanRequest(plan_id=third.id, visit_ids=["w"])
    (explained,) = (await v1.PlanningServiceStub(town).ExplainPlan(asked)).visits
    assert explained.HasField("placement")


async def test_a_checked_plan_is_held_against_what_is_frozen(town: grpc.aio.Channel) -> None:
    """A plan of people's that gives a frozen visit to another worker breaks a rule; as it was, it breaks none."""
    old = await planned(town, day())
    freeze = v1.Freeze(plan_id=old.id, before_time=moment(1))
    orders = {name: [one for one, _ in stops] for name, stops in stops_of(old).items()}
    swapped = {"anna": orders["bo"], "bo": orders["anna"]}
    for given, is_kept in ((orders, True), (swapped, False)):
        routes = [v1.VisitOrder(worker_id=name, visit_ids=ids) for name, ids in given.items()]
        request = v1.CheckPlanRequest(problem=day(), routes=routes, freeze=freeze)
        checked = await v1.PlanningServiceStub(town).CheckPlan(request)
        assert (not checked.violations) == is_kept


async def test_a_freeze_that_lacks_something_is_refused(town: grpc.aio.Channel) -> None:
    """A plan that is not there is NOT_FOUND by its field; a missing moment stands among the other broken rules."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await planned(town, day(), v1.Freeze(plan_id="none", before_time=moment(1)))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert [field for field, _ in violations_of(refused.value)] == ["freeze.plan_id"]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await planned(town, day(time_zone="Europe/Atlantis"), v1.Freeze(plan_id="none"))
    assert [field for field, _ in violations_of(refused.value)] == ["problem.time_zone", "freeze.before_time"]


async def test_the_routes_begin_with_what_has_happened(town: grpc.aio.Channel) -> None:
    """Anna is at one visit since nine, Bo drives to another: their routes begin so, whatever would be cheaper."""
    arrived = v1.VisitPin(worker_id="anna", start_time=moment(1), event=v1.VisitPin.EVENT_ARRIVED)
    under_way = v1.VisitPin(worker_id="bo", event=v1.VisitPin.EVENT_UNDER_WAY)
    asked = day(visit("here", 4, 3, pin=arrived, setup_duration={"seconds": 600}), visit("there", 3, 3, pin=under_way))
    plan = await planned(town, asked)
    anna, bo = plan.routes
    assert (anna.stops[0].visit_id, anna.stops[0].start_time, anna.start_time) == ("here", moment(1), moment(1))
    assert anna.legs[0].distance_meters == 0
    assert not anna.stops[0].HasField("setup_duration") or anna.stops[0].setup_duration.seconds == 0
    assert bo.stops[0].visit_id == "there"
    assert bo.stops[0].start_time.seconds == EIGHT_S + bo.legs[0].duration.seconds
    assert not plan.unplanned_visits


async def test_an_event_that_cannot_be_is_named_with_its_code(town: grpc.aio.Channel) -> None:
    """Bo cannot be at a visit before its window is over: the pin is named, and validating names the same."""
    pin = v1.VisitPin(worker_id="bo", event=v1.VisitPin.EVENT_UNDER_WAY)
    asked = day(visit("there", 4, 3, pin=pin, time_windows=[window(0, 0.01)]))
    found = await v1.PlanningServiceStub(town).ValidateProblem(v1.ValidateProblemRequest(problem=asked))
    assert [(one.field, one.code) for one in found.violations] == [
        ("problem.visits[10].pin.event", v1.FieldViolation.CODE_CONTRADICTION)
    ]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await planned(town, asked)
    assert [field for field, _ in violations_of(refused.value)] == ["problem.visits[10].pin.event"]


async def test_nothing_starts_before_the_moment_that_is_left(town: grpc.aio.Channel) -> None:
    """With `not_before_time` only what is pinned to a time starts earlier; what had to be over by then is left out."""
    pinned = visit("early", 1, 1, pin=v1.VisitPin(worker_id="anna", start_time=moment(0.5)))
    over = visit("over", 1, 2, time_windows=[window(0, 1)])
    plan = await planned(town, day(pinned, over, not_before_time=moment(2)))
    starts = {one: start for stops in stops_of(plan).values() for one, start in stops}
    assert starts.pop("early") == moment(0.5).seconds
    assert min(starts.values()) >= moment(2).seconds
    assert [left_out.visit_id for left_out in plan.unplanned_visits] == ["over"]
    # Anna was on the way at half past eight; Bo has done nothing yet, and can only set out now.
    assert {route.worker_id for route in plan.routes if route.start_time.seconds < moment(2).seconds} == {"anna"}


async def test_who_waits_sets_out_when_the_rest_begins(town: grpc.aio.Channel) -> None:
    """The first service of a worker to whom nothing has happened comes the whole way after the moment."""
    alone = problem(workers=[worker("bo")], visits=[visit("far", 4, 3)], not_before_time=moment(2))
    (route,) = (await planned(town, alone)).routes
    assert route.start_time == moment(2)
    assert route.stops[0].start_time.seconds == moment(2).seconds + route.legs[0].duration.seconds
    assert route.legs[0].duration.seconds > 0
