"""Rules of field work over a real channel: shifts, windows at a price, rests, pairs."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.planning import build, problem, visit, window, worker
from tests.server.rich_errors import violations_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

TWO_SHIFTS = [v1.FurtherShift(window=window(5, 8))]


async def check(channel: grpc.aio.Channel, asked: v1.Problem, routes: list[v1.VisitOrder]) -> v1.CheckPlanResponse:
    """Recompute a plan."""
    return await v1.PlanningServiceStub(channel).CheckPlan(v1.CheckPlanRequest(problem=asked, routes=routes))


async def violations(channel: grpc.aio.Channel, asked: v1.Problem) -> list[str]:
    """Fields that the check of a problem names."""
    answer = await v1.PlanningServiceStub(channel).ValidateProblem(v1.ValidateProblemRequest(problem=asked))
    return [one.field for one in answer.violations]


async def test_a_worker_with_two_shifts_has_two_routes(town: grpc.aio.Channel) -> None:
    """Each shift has its route and its number; costs and explanations name the worker of the request."""
    anna = worker("anna", shift=window(0, 2), further_shifts=TWO_SHIFTS)
    late = visit("late", 2, 2, time_windows=[window(6, 7)])
    early = visit("early", 1, 1, time_windows=[window(0, 1)])
    asked = problem(workers=[anna, worker("bo", fixed_cost=900)], visits=[early, late])
    plan = (await build(town, asked))[-1].plan
    routes = [(one.worker_id, one.shift_number, [stop.visit_id for stop in one.stops]) for one in plan.routes]
    assert routes == [("anna", 0, ["early"]), ("anna", 1, ["late"]), ("bo", 0, [])]
    assert plan.totals.used_worker_count == 1
    assert {part.field for part in plan.cost_parts} == {"workers[0].cost_per_hour", "workers[0].cost_per_kilometer"}
    given = [v1.VisitOrder(worker_id=worker_id, shift_number=shift, visit_ids=ids) for worker_id, shift, ids in routes]
    checked = await check(town, asked, given)
    assert not checked.violations
    assert checked.plan.cost == pytest.approx(plan.cost)
    swapped = [v1.VisitOrder(worker_id="anna", shift_number=0, visit_ids=["late"])]
    rules = {one.rule for one in (await check(town, asked, swapped)).violations}
    assert "shift" in rules
    stub = v1.PlanningServiceStub(town)
    slots = await stub.SuggestSlots(
        v1.SuggestSlotsRequest(
            plan_id=plan.id,
            visit=visit("more", 2, 2, time_windows=[window(5, 8)]),
            coordinate_system=asked.coordinate_system,
        )
    )
    assert {(slot.worker_id, slot.shift_number) for slot in slots.slots} == {("anna", 1), ("bo", 0)}


async def test_shifts_that_cannot_be_are_named(town: grpc.aio.Channel) -> None:
    """Shifts in the wrong order, and a route for a shift that is not there, are named by their fields."""
    anna = worker("anna", further_shifts=[v1.FurtherShift(window=window(7, 9))])
    assert await violations(town, problem(workers=[anna])) == ["problem.workers[0].further_shifts[0].window"]
    late = v1.FurtherShift(
        window=window(9, 12),
        breaks=[
            v1.Break(
                earliest_start_time=window(10, 11).start_time,
                latest_start_time=window(10, 11).end_time,
                duration=Duration(seconds=0),
            )
        ],
    )
    assert await violations(town, problem(workers=[worker("anna", further_shifts=[late])])) == [
        "problem.workers[0].further_shifts[0].breaks[0].duration"
    ]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await check(town, problem(), [v1.VisitOrder(worker_id="anna", shift_number=1, visit_ids=["v0"])])
    assert [field for field, _ in violations_of(caught.value)] == ["routes[0].shift_number"]


async def test_times_of_another_year_are_named(town: grpc.aio.Channel) -> None:
    """A pin or a break in another year is a slip of the pen, named by its own field before any road is looked at."""

    def pause(unix_s: int) -> v1.Break:
        moment = Timestamp(seconds=unix_s)
        return v1.Break(earliest_start_time=moment, latest_start_time=moment, duration=Duration(seconds=60))

    anna = worker(
        "anna",
        breaks=[pause(40_000_000)],
        further_shifts=[v1.FurtherShift(window=window(9, 12), breaks=[pause(7_000_000_000)])],
    )
    pins = [v1.VisitPin(worker_id="anna", start_time=Timestamp(seconds=one)) for one in (6_950_000_000, -600_000_000)]
    visits = [visit(f"v{number}", 1, 1, pin=pin) for number, pin in enumerate(pins)]
    assert await violations(town, problem(workers=[anna], visits=visits)) == [
        "problem.workers[0].breaks[0]",
        "problem.workers[0].further_shifts[0].breaks[0]",
        "problem.visits[0].pin.start_time",
        "problem.visits[1].pin.start_time",
    ]


async def test_a_level_beyond_any_is_named(town: grpc.aio.Channel) -> None:
    """A level has a lower and an upper end, those of whole numbers in the API."""
    levels = [v1.SkillLevel(skill="gas", level=level) for level in (0, 1, 2_000_000_000)]
    asked = problem(workers=[worker("anna", skill_levels=levels)])
    assert await violations(town, asked) == [
        "problem.workers[0].skill_levels[0].level",
        "problem.workers[0].skill_levels[2].level",
    ]


async def test_a_start_outside_the_soft_windows_has_its_price(town: grpc.aio.Channel) -> None:
    """An appointment two hours after what the customer would like costs two hours of the price, and is named."""
    asked = problem(
        workers=[worker("anna")],
        visits=[
            visit("late", 1, 1, time_windows=[window(5, 5)], soft_time_windows=[window(2, 3)], cost_per_hour_late=15.0)
        ],
    )
    plan = (await build(town, asked))[-1].plan
    assert {part.field: part.cost for part in plan.cost_parts}["visits[0].cost_per_hour_late"] == 30.0
    wrong = problem(visits=[visit("a", 1, 1, soft_time_windows=[window(3, 2)], cost_per_hour_early=-1.0)])
    assert await violations(town, wrong) == [
        "problem.visits[0].soft_time_windows[0]",
        "problem.visits[0].cost_per_hour_early",
    ]


async def test_a_rest_is_put_where_it_is_due(town: grpc.aio.Channel) -> None:
    """A worker who may drive for a minute at a time rests on the way; the plan marks what is a rest."""
    rest = v1.DrivingRest(max_driving_duration=Duration(seconds=60), duration=Duration(seconds=300))
    asked = problem(workers=[worker("anna", driving_rest=rest)], visits=[visit("far", 4, 3)])
    (route,) = (await build(town, asked))[-1].plan.routes
    assert route.breaks
    assert all(pause.rest and pause.duration.seconds == 300 for pause in route.breaks)
    assert route.travel_duration.seconds > 60 * len(route.breaks)
    wrong = v1.DrivingRest(max_driving_duration=Duration(seconds=60))
    assert await violations(town, problem(workers=[worker("anna", driving_rest=wrong)])) == [
        "problem.workers[0].driving_rest.duration"
    ]


async def test_a_delivery_is_made_in_its_order(town: grpc.aio.Channel) -> None:
    """What is picked up is brought by the same worker afterwards; wrong deliveries are all named."""
    visits = [visit("shop", 1, 1), visit("store", 4, 3)]
    asked = problem(visits=visits, deliveries=[v1.Delivery(pickup_visit_id="store", delivery_visit_id="shop", load=2)])
    plan = (await build(town, asked))[-1].plan
    assert [[stop.visit_id for stop in route.stops] for route in plan.routes if route.stops] == [["store", "shop"]]
    wrong = [
        v1.Delivery(pickup_visit_id="store", delivery_visit_id="nowhere", load=-1),
        v1.Delivery(pickup_visit_id="store", delivery_visit_id="shop"),
    ]
    visits = [visit("shop", 1, 1, priority=1), visit("store", 4, 3, priority=2)]
    fine = [v1.Delivery(pickup_visit_id="store", delivery_visit_id="shop")]
    assert await violations(town, problem(visits=visits, deliveries=fine, lowest_strict_priority=2)) == []
    may_wait = [v1.Visit.FromString(one.SerializeToString()) for one in visits]
    for one in may_wait:
        one.unserved_cost = 10.0
    assert await violations(town, problem(visits=may_wait, deliveries=fine, lowest_strict_priority=2)) == [
        "problem.deliveries[0]"
    ]
    assert await violations(town, problem(visits=visits, deliveries=wrong)) == [
        "problem.deliveries[0].load",
        "problem.deliveries[0].delivery_visit_id",
        "problem.deliveries[1].pickup_visit_id",
    ]


async def test_one_worker_waits_for_another(town: grpc.aio.Channel) -> None:
    """The second visit starts after the first is over and the gap; a circle is named by its field."""
    visits = [visit("dig", 1, 1, allowed_worker_ids=["anna"]), visit("fit", 1, 1, allowed_worker_ids=["bo"])]
    wait = v1.Precedence(before_visit_id="dig", after_visit_id="fit", min_gap=Duration(seconds=600))
    asked = problem(visits=visits, precedences=[wait])
    plan = (await build(town, asked))[-1].plan
    stops = {stop.visit_id: stop for route in plan.routes for stop in route.stops}
    assert stops["fit"].start_time.seconds >= stops["dig"].departure_time.seconds + 600
    circle = [wait, v1.Precedence(before_visit_id="fit", after_visit_id="dig")]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await check(town, problem(visits=visits, precedences=circle), [])
    assert [field for field, _ in violations_of(caught.value)] == ["problem.precedences[1]"]
    assert await violations(town, problem(precedences=[v1.Precedence(before_visit_id="v0")])) == [
        "problem.precedences[0].after_visit_id"
    ]


async def test_two_visits_at_one_place_are_set_up_once(town: grpc.aio.Channel) -> None:
    """Ten minutes of setting up at the place of two visits, not twenty; stops and sums tell it from waiting."""
    setup = Duration(seconds=600)
    visits = [visit("shop", 2, 2, setup_duration=setup), visit("office", 2, 2, setup_duration=setup)]
    plan = (await build(town, problem(workers=[worker("anna")], visits=visits)))[-1].plan
    (route,) = plan.routes
    assert [stop.setup_duration.seconds for stop in route.stops] == [600, 0]
    assert route.setup_duration.seconds == plan.totals.setup_duration.seconds == 600
    assert route.waiting_duration.seconds == 0
    duration_s = route.end_time.seconds - route.start_time.seconds
    assert duration_s == route.travel_duration.seconds + 600 + 2 * 1800


async def test_stops_tell_how_long_one_waits(town: grpc.aio.Channel) -> None:
    """An appointment that ends long before the next one begins: the second stop tells the waiting in between."""
    visits = [visit("soon", 1, 1, time_windows=[window(1, 1)]), visit("later", 1, 1, time_windows=[window(4, 4)])]
    plan = (await build(town, problem(workers=[worker("anna")], visits=visits)))[-1].plan
    first, second = plan.routes[0].stops
    assert first.waiting_duration.seconds == 0
    assert second.waiting_duration.seconds == second.start_time.seconds - second.arrival_time.seconds > 2 * 3600
    assert plan.routes[0].waiting_duration == second.waiting_duration


async def test_what_needs_two_workers_gets_two(town: grpc.aio.Channel) -> None:
    """Two visits that one worker could make in two shifts go to two workers where they need different ones."""
    anna = worker("anna", shift=window(0, 2), further_shifts=TWO_SHIFTS)
    visits = [visit("early", 1, 1, time_windows=[window(0, 1)]), visit("late", 2, 2, time_windows=[window(6, 7)])]
    group = [v1.VisitGroup(visit_ids=["early", "late"])]
    asked = problem(workers=[anna, worker("bo", fixed_cost=900)], visits=visits, different_worker_groups=group)
    plan = (await build(town, asked))[-1].plan
    assert not plan.unplanned_visits
    assert len({route.worker_id for route in plan.routes if route.stops}) == 2
    both = [
        v1.VisitOrder(worker_id="anna", shift_number=number, visit_ids=[name])
        for number, name in ((0, "early"), (1, "late"))
    ]
    assert [one.rule for one in (await check(town, asked, both)).violations] == ["different_worker"]


async def test_contradictions_are_named_with_all_else(town: grpc.aio.Channel) -> None:
    """Orders in a circle, a group torn apart by pins, and a visit off every road: one answer names them, by ids."""
    visits = [
        visit("a", 1, 1, pin=v1.VisitPin(worker_id="anna")),
        visit("b", 1, 2, pin=v1.VisitPin(worker_id="bo")),
        visit("far", 900, 900),
    ]
    asked = problem(
        visits=visits,
        sequences=[v1.VisitSequence(visit_ids=["a", "far"]), v1.VisitSequence(visit_ids=["far", "a"])],
        same_worker_groups=[v1.VisitGroup(visit_ids=["a", "b"])],
    )
    answer = await v1.PlanningServiceStub(town).ValidateProblem(v1.ValidateProblemRequest(problem=asked))
    found = {one.field: one.description for one in answer.violations}
    assert set(found) == {
        "problem.sequences[1].visit_ids",
        "problem.same_worker_groups[0]",
        "problem.visits[2].position",
    }
    assert found["problem.sequences[1].visit_ids"] == (
        "visit 'far' would come before visit 'a', which comes before it by other rules"
    )


async def test_groups_that_no_memory_could_hold_are_refused(town: grpc.aio.Channel) -> None:
    """A group of thousands of visits binds millions of pairs; it is named before anything is laid out."""
    everyone = v1.VisitGroup(visit_ids=[f"v{number}" for number in range(1_500)])
    visits = [visit(f"v{number}", number % 5, number % 4) for number in range(1_500)]
    asked = problem(visits=visits, same_worker_groups=[everyone])
    assert await violations(town, asked) == ["problem.same_worker_groups[0].visit_ids"]


async def test_breaks_in_disorder_are_named_beside_roads(town: grpc.aio.Channel) -> None:
    """Breaks that run into each other are named in the same answer as a visit off every road."""
    noon = v1.Break(
        earliest_start_time=window(3, 4).start_time,
        latest_start_time=window(3, 4).end_time,
        duration=Duration(seconds=3600),
    )
    asked = problem(workers=[worker("anna", breaks=[noon, noon])], visits=[visit("far", 900, 900)])
    assert sorted(await violations(town, asked)) == [
        "problem.visits[0].position",
        "problem.workers[0].breaks[1].earliest_start_time",
        "problem.workers[0].breaks[1].latest_start_time",
    ]


async def test_even_routes_and_their_price_are_told(town: grpc.aio.Channel) -> None:
    """A high price makes two workers share the visits; the plan tells the trade-off, and what is wrong is named."""
    balance = v1.Balance(measure=v1.Balance.MEASURE_VISITS, cost=500.0)
    plan = (await build(town, problem(balance=balance)))[-1].plan
    assert [len(route.stops) for route in plan.routes] == [3, 3]
    assert {part.field: part.cost for part in plan.cost_parts}["balance.cost"] == 1500.0
    assert plan.trade_off[-1].largest_route == 3.0
    assert await violations(town, problem(balance=v1.Balance(cost=-1.0))) == [
        "problem.balance.measure",
        "problem.balance.cost",
    ]


async def test_strict_priorities_come_before_cost(town: grpc.aio.Channel) -> None:
    """With room for one visit, priority 1 is served, however much the other one costs; what is wrong is named."""
    dear = visit("dear", 1, 1, unserved_cost=900.0, priority=2)
    first = visit("first", 4, 3, unserved_cost=0.0, priority=1)
    asked = problem(workers=[worker("anna", max_visits=1)], visits=[dear, first])
    assert [one.visit_id for one in (await build(town, asked))[-1].plan.unplanned_visits] == ["first"]
    asked.lowest_strict_priority = 1
    assert [one.visit_id for one in (await build(town, asked))[-1].plan.unplanned_visits] == ["dear"]
    given = [v1.VisitOrder(worker_id="anna", visit_ids=["dear"])]
    broken = (await check(town, asked, given)).violations
    assert [(one.rule, one.worker_id, one.visit_id) for one in broken] == [("priority", "anna", "first")]
    pair = v1.Delivery(pickup_visit_id="dear", delivery_visit_id="first")
    wrong = problem(visits=[dear, first], deliveries=[pair], lowest_strict_priority=1)
    assert await violations(town, wrong) == ["problem.deliveries[0]"]
    assert await violations(town, problem(lowest_strict_priority=6)) == ["problem.lowest_strict_priority"]


async def test_a_worker_comes_by_to_load(town: grpc.aio.Channel) -> None:
    """With room for one visit's load the worker reloads in between; the leg leads by the depot, and the sums add up."""
    van = worker("anna", capacity=2, reload=v1.Reload(duration=Duration(seconds=300)))
    asked = problem(workers=[van], visits=[visit("near", 1, 1, load=2), visit("far", 4, 3, load=2)])
    plan = (await build(town, asked))[-1].plan
    (route,) = plan.routes
    assert len(route.stops) == 2
    (reload,) = route.reloads
    assert (reload.before_stop, reload.duration.seconds) == (1, 300)
    assert reload.position == route.start_position
    assert route.stops[0].departure_time.seconds < reload.arrival_time.seconds < route.stops[1].arrival_time.seconds
    assert reload.departure_time.seconds == reload.arrival_time.seconds + 300
    assert route.reload_duration == plan.totals.reload_duration == Duration(seconds=300)
    parts = (route.travel_duration, route.service_duration, route.waiting_duration, route.reload_duration)
    assert route.end_time.seconds - route.start_time.seconds == sum(part.seconds for part in parts)
    leg = next(leg for leg in route.legs if leg.to_stop == 1 and leg.HasField("from_stop"))
    points = set(zip(leg.path.latitude_degrees, leg.path.longitude_degrees, strict=True))
    first = route.legs[0].path
    assert (first.latitude_degrees[0], first.longitude_degrees[0]) in points
    assert any(one.code == v1.Notice.CODE_RULES_BEYOND_SEARCH for one in plan.notices)
    given = [v1.VisitOrder(worker_id="anna", visit_ids=["near", "far"])]
    assert not (await check(town, asked, given)).violations
    wrong = worker("anna", reload=v1.Reload(max_reloads=-1), start_position=None)
    wrong.ClearField("start_position")
    assert await violations(town, problem(workers=[wrong])) == [
        "problem.workers[0].reload.max_reloads",
        "problem.workers[0].reload.position",
        "problem.workers[0].reload",
    ]
