"""Questions about plans over gRPC: checking a human's plan, slots, explanations, differences, publishing, pins."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.planning import EIGHT_S, HOUR_S, WGS84, at, build, problem, visit, window, worker
from tests.server.rich_errors import violations_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


def orders(**routes: list[str]) -> list[v1.VisitOrder]:
    """Who visits whom."""
    return [v1.VisitOrder(worker_id=name, visit_ids=ids) for name, ids in routes.items()]


async def check(channel: grpc.aio.Channel, asked: v1.Problem, routes: list[v1.VisitOrder]) -> v1.CheckPlanResponse:
    """Recompute a plan."""
    return await v1.PlanningServiceStub(channel).CheckPlan(v1.CheckPlanRequest(problem=asked, routes=routes))


async def explained(channel: grpc.aio.Channel, plan: v1.Plan, *visit_ids: str) -> Mapping[str, v1.VisitExplanation]:
    """Explain a plan, by visit."""
    request = v1.ExplainPlanRequest(plan_id=plan.id, visit_ids=visit_ids)
    return {one.visit_id: one for one in (await v1.PlanningServiceStub(channel).ExplainPlan(request)).visits}


async def test_checking_the_services_own_plan_finds_nothing(town: grpc.aio.Channel) -> None:
    """A plan that the service built is recomputed to the same times and costs, without a broken rule."""
    asked = problem()
    plan = (await build(town, asked))[-1].plan
    routes = orders(**{route.worker_id: [stop.visit_id for stop in route.stops] for route in plan.routes})
    checked = await check(town, asked, routes)
    assert not checked.violations
    assert not checked.plan.id
    assert checked.plan.engine == "people"
    assert checked.plan.stop_reason == v1.Plan.STOP_REASON_NOT_SEARCHED
    assert checked.plan.cost == pytest.approx(plan.cost)
    assert [next(iter(route.stops)).start_time for route in checked.plan.routes if route.stops] == [
        next(iter(route.stops)).start_time for route in plan.routes if route.stops
    ]
    assert sum(part.cost for part in plan.cost_parts) == pytest.approx(plan.cost)
    assert plan.cost_lower_bound <= plan.cost
    assert plan.confirmation == v1.Plan.CONFIRMATION_CONFIRMED
    assert all(stop.HasField("slack") for route in plan.routes for stop in route.stops)


async def test_a_humans_plan_gets_every_violation_with_wall_clock_times(town: grpc.aio.Channel) -> None:
    """A late visit, a missing skill and a broken pin are named by worker, visit and rule, in the plan's time zone."""
    asked = problem(
        visits=[
            visit("early", 4, 3, time_windows=[window(0, 0.001)]),
            visit("skilled", 1, 1, required_skills=["dive"]),
            visit("pinned", 2, 1, pin=v1.VisitPin(worker_id="bo")),
        ]
    )
    checked = await check(town, asked, orders(anna=["early", "skilled", "pinned"]))
    found = {(one.worker_id, one.visit_id, one.rule) for one in checked.violations}
    assert {
        ("anna", "early", "time_window"),
        ("anna", "skilled", "skills"),
        ("anna", "pinned", "allowed_worker"),
    } <= found
    (late,) = [one for one in checked.violations if one.rule == "time_window"]
    # Ten o'clock in Helsinki is eight in UTC.
    assert late.description.startswith("the service would start at 10:")
    assert "10:00:00 to 10:00:03" in late.description or "10:00:00 to 10:00:04" in late.description


async def test_wrong_names_in_a_humans_plan_are_all_listed(town: grpc.aio.Channel) -> None:
    """Unknown and repeated workers and visits come in one error, together with what is wrong in the problem."""
    asked = problem(time_zone="Europe/Atlantis")
    routes = [*orders(anna=["v0", "v0", "nobody"], zoe=[]), v1.VisitOrder(worker_id="anna")]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await check(town, asked, routes)
    assert sorted(field for field, _ in violations_of(refused.value)) == [
        "problem.time_zone",
        "routes[0].visit_ids[1]",
        "routes[0].visit_ids[2]",
        "routes[1].worker_id",
        "routes[2].worker_id",
    ]


async def test_slots_come_cheapest_first_and_hold_when_taken(town: grpc.aio.Channel) -> None:
    """The plan with the new visit in the first slot costs exactly what the slot says, and starts when it says."""
    asked = problem()
    plan = (await build(town, asked))[-1].plan
    added = visit("new", 3, 2)
    request = v1.SuggestSlotsRequest(plan_id=plan.id, visit=added, coordinate_system=WGS84, max_slots=3)
    slots = (await v1.PlanningServiceStub(town).SuggestSlots(request)).slots
    assert len(slots) == 3
    assert [slot.added_cost for slot in slots] == sorted(slot.added_cost for slot in slots)
    routes = {route.worker_id: [stop.visit_id for stop in route.stops] for route in plan.routes}
    routes[slots[0].worker_id].insert(slots[0].position, "new")
    wider = problem(visits=[*asked.visits, added])
    checked = await check(town, wider, orders(**routes))
    assert not checked.violations
    assert checked.plan.cost == pytest.approx(plan.cost + slots[0].added_cost)
    (route,) = [route for route in checked.plan.routes if route.worker_id == slots[0].worker_id]
    assert route.stops[slots[0].position].start_time == slots[0].start_time


async def test_a_bad_new_visit_is_named_by_its_own_fields(town: grpc.aio.Channel) -> None:
    """What is wrong with the new visit is told in the words of the request that brings it."""
    plan = (await build(town, problem()))[-1].plan
    bad = visit("v0", 1, 1, duration=Duration(seconds=-1), pin=v1.VisitPin(worker_id="zoe"))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.PlanningServiceStub(town).SuggestSlots(v1.SuggestSlotsRequest(plan_id=plan.id, visit=bad, max_slots=0))
    assert sorted(field for field, _ in violations_of(refused.value)) == [
        "coordinate_system",
        "max_slots",
        "visit.duration",
        "visit.id",
        "visit.pin.worker_id",
    ]


async def test_every_visit_of_a_plan_is_explained(town: grpc.aio.Channel) -> None:
    """A planned visit says what it costs and who is next best; one that is left out what would let it in."""
    asked = problem(
        workers=[worker("anna", skills=["key"]), worker("bo")],
        visits=[
            visit("near", 1, 1),
            visit("dive", 2, 2, required_skills=["dive"]),
            visit("cheap", 3, 3, unserved_cost=0.5),
        ],
    )
    plan = (await build(town, asked))[-1].plan
    found = await explained(town, plan)
    assert list(found) == ["near", "dive", "cheap"]
    near = found["near"].placement
    assert near.marginal_cost > 0
    assert {near.worker_id, near.next_best_worker_id} == {"anna", "bo"}
    dive = found["dive"].refusal
    assert getattr(dive, "class") == v1.VisitRefusal.CLASS_IMPOSSIBLE_ALONE
    assert dive.smallest_relaxation.field in ("workers[0].skills", "workers[1].skills")
    cheap = found["cheap"].refusal
    assert getattr(cheap, "class") == v1.VisitRefusal.CLASS_DISPLACED
    assert cheap.reason == v1.UnplannedVisit.REASON_NOT_WORTH_ITS_COST
    assert cheap.smallest_relaxation.field == "visits[2].unserved_cost"
    # Raised by as much, the visit is made.
    raised = problem(workers=asked.workers, visits=[*asked.visits[:2], visit("cheap", 3, 3)])
    raised.visits[2].unserved_cost = 0.5 + cheap.smallest_relaxation.amount
    again = (await build(town, raised))[-1].plan
    assert "cheap" not in {one.visit_id for one in again.unplanned_visits}


async def test_an_explanation_may_be_asked_for_some_visits(town: grpc.aio.Channel) -> None:
    """Only the named visits are explained, and one that the plan does not know is refused."""
    plan = (await build(town, problem()))[-1].plan
    assert list(await explained(town, plan, "v3", "v1")) == ["v1", "v3"]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await explained(town, plan, "v3", "nobody")
    assert [field for field, _ in violations_of(refused.value)] == ["visit_ids[1]"]


async def test_pins_hold_worker_and_time(town: grpc.aio.Channel) -> None:
    """A visit pinned to a worker and a moment is served by that worker at that second."""
    start = Timestamp(seconds=EIGHT_S + 2 * HOUR_S)
    pinned = visit("pinned", 1, 1, unserved_cost=1.0, pin=v1.VisitPin(worker_id="bo", start_time=start))
    sequence = v1.VisitSequence(visit_ids=["late", "pinned"], direct=True)
    asked = problem(visits=[pinned, visit("late", 4, 3), visit("free", 2, 2)], sequences=[sequence])
    plan = (await build(town, asked))[-1].plan
    (bo,) = [route for route in plan.routes if route.worker_id == "bo"]
    ids = [stop.visit_id for stop in bo.stops]
    assert ids.index("pinned") == ids.index("late") + 1
    assert bo.stops[ids.index("pinned")].start_time == start


async def test_a_notice_names_rules_beyond_the_search(town: grpc.aio.Channel) -> None:
    """The search does not know rests, and the plan says so; soft limits and groups it knows, so nothing is said."""
    rest = v1.DrivingRest(max_driving_duration=Duration(seconds=3600), duration=Duration(seconds=300))
    limits = v1.SoftLimits(max_visits=1, cost_per_extra_visit=5.0)
    for fields, is_noticed in (({"driving_rest": rest}, True), ({"soft_limits": limits}, False)):
        asked = problem(workers=[worker("anna", **fields)], separate_groups=[v1.VisitGroup(visit_ids=["v0", "v1"])])
        plan = (await build(town, asked))[-1].plan
        codes = [notice.code for notice in plan.notices]
        assert (v1.Notice.CODE_RULES_BEYOND_SEARCH in codes) == is_noticed


async def test_wishes_that_make_no_sense_are_all_listed(town: grpc.aio.Channel) -> None:
    """Unknown people and visits, prices of nothing, factors and levels out of range come in one error."""
    asked = problem(
        workers=[
            worker(
                "anna",
                travel_factor=0.0,
                skill_levels=[v1.SkillLevel(skill="gas", level=0)],
                soft_limits=v1.SoftLimits(cost_per_extra_visit=3.0),
                overtime_cost_per_hour=5.0,
            ),
            worker("bo", regular_end_time=Timestamp(seconds=EIGHT_S + 9 * HOUR_S), overtime_cost_per_hour=5.0),
        ],
        visits=[
            visit("a", 1, 1, allowed_worker_ids=["zoe"], not_preferred_cost=2.0),
            visit("b", 2, 2, pin=v1.VisitPin(worker_id="bo"), forbidden_worker_ids=["bo"]),
        ],
        separate_groups=[v1.VisitGroup(visit_ids=["a"])],
        sequences=[v1.VisitSequence(visit_ids=["a", "nobody"])],
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    assert sorted(field for field, _ in violations_of(refused.value)) == [
        "problem.separate_groups[0].visit_ids",
        "problem.sequences[0].visit_ids[1]",
        "problem.visits[0].allowed_worker_ids[0]",
        "problem.visits[0].not_preferred_cost",
        "problem.visits[1].pin.worker_id",
        "problem.workers[0].overtime_cost_per_hour",
        "problem.workers[0].skill_levels[0].level",
        "problem.workers[0].soft_limits.cost_per_extra_visit",
        "problem.workers[0].travel_factor",
        "problem.workers[1].regular_end_time",
    ]


async def test_validating_names_visits_that_nobody_can_serve(town: grpc.aio.Channel) -> None:
    """Without solving, a visit beyond everyone's skills, levels or hours is listed with its reason."""
    asked = problem(
        workers=[worker("anna", skill_levels=[v1.SkillLevel(skill="gas", level=2)])],
        visits=[
            visit("fine", 1, 1, required_skill_levels=[v1.SkillLevel(skill="gas", level=2)]),
            visit("expert", 1, 1, required_skill_levels=[v1.SkillLevel(skill="gas", level=3)]),
            visit("night", 1, 1, time_windows=[window(12, 13)]),
        ],
    )
    answer = await v1.PlanningServiceStub(town).ValidateProblem(v1.ValidateProblemRequest(problem=asked))
    assert not answer.violations
    assert [(one.visit_id, one.reason) for one in answer.impossible_visits] == [
        ("expert", v1.UnplannedVisit.REASON_NO_WORKER_WITH_SKILLS),
        ("night", v1.UnplannedVisit.REASON_OUTSIDE_WORKING_TIME),
    ]


@pytest.mark.parametrize("engine", [v1.Engine.ENGINE_HYBRID, v1.Engine.ENGINE_SEARCH, v1.Engine.ENGINE_ORTOOLS])
async def test_the_same_work_gives_the_same_plan(town: grpc.aio.Channel, engine: v1.Engine.ValueType) -> None:
    """With a work limit, a request is answered with the same routes again, by the engine that is asked for."""
    stub = v1.PlanningServiceStub(town)
    limit = Duration(seconds=60)
    request = v1.BuildPlanRequest(problem=problem(), engine=engine, work_limit=200, time_limit=limit, threads=2)
    plans = [[message async for message in stub.BuildPlan(request)][-1].plan for _ in range(2)]
    first, second = ([[stop.visit_id for stop in route.stops] for route in plan.routes] for plan in plans)
    assert first == second
    names = {v1.Engine.ENGINE_SEARCH: {"search"}, v1.Engine.ENGINE_ORTOOLS: {"ortools"}}
    assert plans[0].engine in names.get(engine, {"search", "ortools"})


async def test_threads_out_of_range_are_refused(town: grpc.aio.Channel) -> None:
    """No request can have more threads than there are for one plan."""
    request = v1.BuildPlanRequest(problem=problem(), threads=17)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        _ = [message async for message in v1.PlanningServiceStub(town).BuildPlan(request)]
    assert [field for field, _ in violations_of(refused.value)] == ["threads"]


async def test_plans_are_compared_and_published(town: grpc.aio.Channel) -> None:
    """The difference names moved, added and removed visits; a published plan stays so, and is read back as such."""
    stub = v1.PlanningServiceStub(town)
    old = (await build(town, problem(workers=[worker("anna")], visits=[visit("a", 1, 1), visit("b", 2, 2)])))[-1].plan
    new = (await build(town, problem(workers=[worker("bo")], visits=[visit("b", 2, 2), visit("c", 3, 3)])))[-1].plan
    difference = await stub.DiffPlans(v1.DiffPlansRequest(old_plan_id=old.id, new_plan_id=new.id))
    changes = {one.visit_id: (one.old_worker_id, one.new_worker_id) for one in difference.changes}
    assert changes == {"a": ("anna", ""), "b": ("anna", "bo"), "c": ("", "bo")}
    assert difference.added_cost == pytest.approx(new.cost - old.cost)
    nothing = await stub.DiffPlans(v1.DiffPlansRequest(old_plan_id=old.id, new_plan_id=old.id))
    assert not nothing.changes
    assert old.state == v1.Plan.STATE_DRAFT
    for _ in range(2):
        published = await stub.PublishPlan(v1.PublishPlanRequest(plan_id=old.id))
        assert published.state == v1.Plan.STATE_PUBLISHED
    assert await stub.GetPlan(v1.GetPlanRequest(plan_id=old.id)) == published
    listed = (await stub.ListPlans(v1.ListPlansRequest(page_size=1000))).plans
    assert [plan.state for plan in listed if plan.id == old.id] == [v1.Plan.STATE_PUBLISHED]


@pytest.mark.parametrize("ask", ["SuggestSlots", "ExplainPlan", "DiffPlans", "PublishPlan"])
async def test_a_plan_that_is_not_there_is_not_found(town: grpc.aio.Channel, ask: str) -> None:
    """Every question about a plan that does not exist says so."""
    requests = {
        "SuggestSlots": v1.SuggestSlotsRequest(plan_id="none", visit=visit("x", 1, 1), coordinate_system=WGS84),
        "ExplainPlan": v1.ExplainPlanRequest(plan_id="none"),
        "DiffPlans": v1.DiffPlansRequest(old_plan_id="none", new_plan_id="none"),
        "PublishPlan": v1.PublishPlanRequest(plan_id="none"),
    }
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await getattr(v1.PlanningServiceStub(town), ask)(requests[ask])
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_gcj_visit_is_put_where_it_is(town: grpc.aio.Channel) -> None:
    """A new visit may come in another coordinate system than the plan's problem."""
    plan = (await build(town, problem()))[-1].plan
    here = v1.SuggestSlotsRequest(plan_id=plan.id, visit=v1.Visit(id="x", position=at(1, 1)), coordinate_system=WGS84)
    there = v1.SuggestSlotsRequest()
    there.CopyFrom(here)
    # Outside China the two systems agree.
    there.coordinate_system = v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02
    stub = v1.PlanningServiceStub(town)
    assert await stub.SuggestSlots(here) == await stub.SuggestSlots(there)
