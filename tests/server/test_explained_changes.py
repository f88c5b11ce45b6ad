"""Over a real channel: the smallest change that ExplainPlan names is one of the request, which admits the visit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.planning import EIGHT_S, HOUR_S, problem, visit, window, worker

pytestmark = pytest.mark.asyncio(loop_scope="session")

Change = Callable[[v1.Problem, int], object]


def moment(hour: float) -> Timestamp:
    """So many hours after eight."""
    return Timestamp(seconds=EIGHT_S + round(hour * HOUR_S))


def pinned(name: str, hour: float | None = None, event: str = "EVENT_UNSPECIFIED") -> v1.VisitPin:
    """Pin a visit to a worker, and to a moment or an event."""
    start = None if hour is None else moment(hour)
    return v1.VisitPin(worker_id=name, start_time=start, event=v1.VisitPin.Event.Value(event))


SHORT = worker("bo", shift=window(0, 0.2), max_visits=0)
"""For whom no single change is enough."""
GAS = v1.SkillLevel(skill="gas", level=2)
HERE = visit("here", 1, 1, pin=pinned("anna", 4, "EVENT_ARRIVED"))


def later_end(asked: v1.Problem, amount: int) -> None:
    """Let the only window of the first visit end later."""
    asked.visits[0].time_windows[0].end_time.seconds += amount


def later_shift(asked: v1.Problem, amount: int) -> None:
    """Let the first worker's shift end later."""
    asked.workers[0].shift.end_time.seconds += amount


def later_pin(asked: v1.Problem, amount: int) -> None:
    """Move the first visit's pin."""
    asked.visits[0].pin.start_time.seconds += amount


def other_pin(asked: v1.Problem, _: int) -> None:
    """Pin the first visit to Anna."""
    asked.visits[0].pin.worker_id = "anna"


def nobody_forbidden(asked: v1.Problem, _: int) -> None:
    """Allow everyone at the first visit."""
    asked.visits[0].ClearField("forbidden_worker_ids")


def higher_level(asked: v1.Problem, _: int) -> None:
    """Let the first worker have the level that is needed."""
    asked.workers[0].skill_levels[0].level = 3


CASES: dict[str, tuple[v1.Problem, str, Change]] = {
    "a pin to a moment before the worker can be there": (
        problem(visits=[visit("v", 4, 3, pin=pinned("anna", 0))]),
        "visits[0].pin.start_time",
        later_pin,
    ),
    "a pin to a worker who has no room": (
        problem(workers=[worker("anna"), SHORT], visits=[visit("v", 1, 1, pin=pinned("bo"))]),
        "visits[0].pin.worker_id",
        other_pin,
    ),
    "a worker who is forbidden": (
        problem(workers=[worker("anna"), SHORT], visits=[visit("v", 1, 1, forbidden_worker_ids=["anna"])]),
        "visits[0].forbidden_worker_ids",
        nobody_forbidden,
    ),
    "a level that is too low": (
        problem(
            workers=[worker("anna", skill_levels=[GAS])],
            visits=[visit("v", 1, 1, required_skill_levels=[v1.SkillLevel(skill="gas", level=3)])],
        ),
        "workers[0].skill_levels",
        higher_level,
    ),
    "a worker whose route has begun, and a window before that": (
        problem(workers=[worker("anna")], visits=[visit("v", 2, 2, time_windows=[window(0, 1)]), HERE]),
        "visits[0].time_windows",
        later_end,
    ),
    "a worker who would have to set out before what is left of the day": (
        problem(
            workers=[worker("anna")],
            visits=[visit("v", 4, 3, time_windows=[window(0, 2)])],
            not_before_time=moment(2),
        ),
        "visits[0].time_windows",
        later_end,
    ),
    "a day of which too little is left": (
        problem(workers=[worker("anna")], visits=[visit("v", 4, 3)], not_before_time=moment(7.999)),
        "workers[0].shift.end_time",
        later_shift,
    ),
}
"""What is asked for, the field that the smallest change is of, and how it is made."""


def orders_with(routes: dict[str, list[str]], name: str, visit_id: str) -> Iterator[list[v1.VisitOrder]]:
    """Put a visit into a worker's route at each place."""
    for place in range(len(routes[name]) + 1):
        longer = [*routes[name][:place], visit_id, *routes[name][place:]]
        yield [v1.VisitOrder(worker_id=one, visit_ids=ids) for one, ids in {**routes, name: longer}.items()]


async def is_possible(town: grpc.aio.Channel, asked: v1.Problem, routes: dict[str, list[str]], name: str) -> bool:
    """Tell whether the visit fits into a worker's route somewhere."""
    stub = v1.PlanningServiceStub(town)
    for orders in orders_with(routes, name, "v"):
        checked = await stub.CheckPlan(v1.CheckPlanRequest(problem=asked, routes=orders))
        if not checked.violations:
            return True
    return False


async def explained(town: grpc.aio.Channel, asked: v1.Problem) -> tuple[dict[str, list[str]], v1.VisitRefusal, str]:
    """Plan, and explain why the visit is left out: the routes, the refusal, and the sentence."""
    stub = v1.PlanningServiceStub(town)
    request = v1.BuildPlanRequest(problem=asked, work_limit=50, engine=v1.Engine.ENGINE_SEARCH)
    plan = [each async for each in stub.BuildPlan(request)][-1].plan
    assert [one.visit_id for one in plan.unplanned_visits] == ["v"]
    answer = await stub.ExplainPlan(v1.ExplainPlanRequest(plan_id=plan.id, visit_ids=["v"]))
    routes = {route.worker_id: [stop.visit_id for stop in route.stops] for route in plan.routes}
    return routes, answer.visits[0].refusal, answer.visits[0].explanation


@pytest.mark.parametrize("case", CASES)
async def test_the_smallest_change_of_the_request_admits_the_visit(town: grpc.aio.Channel, case: str) -> None:
    """The named field is what keeps the visit out: changed by the amount it lets it in, by a second less not."""
    asked, field, change = CASES[case]
    routes, refusal, sentence = await explained(town, asked)
    named = refusal.smallest_relaxation
    assert named.field == field
    assert not re.search("time window", sentence.partition("Smallest")[2]) or "time_windows" in field
    for amount, admits in ((round(named.amount), True), (round(named.amount) - 1, False)):
        if amount < 0:
            continue
        changed = v1.Problem.FromString(asked.SerializeToString())
        change(changed, amount)
        assert await is_possible(town, changed, routes, named.worker_id) == admits


async def test_no_change_is_named_where_the_windows_are_over(town: grpc.aio.Channel) -> None:
    """No longer shift and no earlier window brings a visit back whose windows were over when the rest was planned."""
    over = visit("v", 1, 1, time_windows=[window(0, 1)])
    _, refusal, _ = await explained(town, problem(visits=[over], not_before_time=moment(2)))
    assert not refusal.HasField("smallest_relaxation")
    assert not refusal.smallest_pair
    assert not any(one.HasField("relaxation") for one in refusal.workers)


async def test_a_pinned_visit_that_is_left_out_is_noticed(town: grpc.aio.Channel) -> None:
    """A pin makes a visit mandatory, whatever leaving it out would cost: that it is missing stands in the notices."""
    asked = problem(visits=[visit("v", 4, 3, pin=pinned("anna", 0), unserved_cost=5.0)])
    request = v1.BuildPlanRequest(problem=asked, work_limit=50, engine=v1.Engine.ENGINE_SEARCH)
    plan = [each async for each in v1.PlanningServiceStub(town).BuildPlan(request)][-1].plan
    codes = [(one.code, one.field) for one in plan.notices]
    assert (v1.Notice.CODE_MANDATORY_VISIT_UNPLANNED, "problem.visits[0]") in codes
