"""Over a real channel: what a request may say of workers and visits is refused or priced as computed by hand.

The town has streets 222.4 m apart from south to north; a plan of people's is one route along its westernmost avenue, so
that every way is known. `tests.server.test_planning_rules` has the words that need a search or two workers.
"""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from tests.server.planning import EIGHT_S, HOUR_S, at, problem, visit, window, worker

pytestmark = pytest.mark.asyncio(loop_scope="session")

FREE: dict[str, Any] = {"cost_per_hour": 0, "cost_per_kilometer": 0}
SOFT = v1.SoftLimits


async def checked(
    town: grpc.aio.Channel, *, of_worker: dict[str, Any], of_visit: dict[str, Any], of_problem: dict[str, Any]
) -> v1.CheckPlanResponse:
    """Check the route of Anna up the avenue to two visits and back; Bo stays at home."""
    asked = problem(
        workers=[worker("anna", **{**FREE, **of_worker}), worker("bo", **FREE)],
        visits=[visit("near", 0, 1), visit("far", 0, 3, **of_visit)],
        **of_problem,
    )
    routes = [v1.VisitOrder(worker_id="anna", visit_ids=["near", "far"])]
    return await v1.PlanningServiceStub(town).CheckPlan(v1.CheckPlanRequest(problem=asked, routes=routes))


def known(seconds: int, metres: float) -> dict[str, Any]:
    """Say that each of the three ways takes so long and is so far."""
    travel = v1.KnownTravel.Travel(duration=Duration(seconds=seconds), distance_meters=metres)
    return {
        "known_travels": [
            v1.KnownTravel(from_worker_id="anna", to_visit_id="near", known=travel),
            v1.KnownTravel(from_visit_id="near", to_visit_id="far", known=travel),
            v1.KnownTravel(from_visit_id="far", to_worker_id="anna", known=travel),
        ]
    }


WAYS = known(600, 2000)
"""Three ways of ten minutes and two kilometres: with two services of half an hour the route takes 90 minutes."""

PRICED: list[tuple[dict[str, Any], dict[str, Any], str, float]] = [
    ({"cost_per_hour": 60}, {}, "workers[0].cost_per_hour", 90),
    ({"cost_per_kilometer": 2}, {}, "workers[0].cost_per_kilometer", 12),
    ({"fixed_cost": 7}, {}, "workers[0].fixed_cost", 7),
    (
        {"regular_end_time": Timestamp(seconds=EIGHT_S), "overtime_cost_per_hour": 10},
        {"time_windows": [window(2, 2)]},
        "workers[0].overtime_cost_per_hour",
        10 * (2 + 0.5 + 1 / 6),
    ),
    ({"soft_limits": SOFT(max_visits=1, cost_per_extra_visit=5)}, {}, "workers[0].soft_limits", 5),
    (
        {"soft_limits": SOFT(max_distance_meters=5000, cost_per_extra_kilometer=3)},
        {},
        "workers[0].soft_limits",
        3,
    ),
    (
        {"soft_limits": SOFT(max_duration=Duration(seconds=3600), cost_per_extra_hour=8)},
        {},
        "workers[0].soft_limits",
        4,
    ),
    (
        {"soft_limits": SOFT(max_travel_duration=Duration(seconds=900), cost_per_extra_travel_hour=12)},
        {},
        "workers[0].soft_limits",
        3,
    ),
    ({}, {"preferred_worker_ids": ["bo"], "not_preferred_cost": 4}, "visits[1].not_preferred_cost", 4),
    (
        {},
        {
            "time_windows": [window(3, 3)],
            "soft_time_windows": [window(1, 2), window(5, 6)],
            "cost_per_hour_late": 6,
            "cost_per_hour_early": 10,
        },
        "visits[1].cost_per_hour_late",
        6,
    ),
    (
        {},
        {"time_windows": [window(3, 3)], "soft_time_windows": [window(4, 5)], "cost_per_hour_early": 6},
        "visits[1].cost_per_hour_early",
        6,
    ),
    ({"travel_factor": 2, "cost_per_hour": 60}, {}, "workers[0].cost_per_hour", 120),
    ({"service_factor": 0.5, "cost_per_hour": 60}, {}, "workers[0].cost_per_hour", 60),
    (
        {"skills": ["lift"], "cost_per_hour": 60},
        {"skill_durations": [v1.SkillDuration(skill="lift", duration=Duration(seconds=600))]},
        "workers[0].cost_per_hour",
        70,
    ),
    ({"cost_per_hour": 60}, {"setup_duration": Duration(seconds=300)}, "workers[0].cost_per_hour", 95),
]
"""What Anna and the far visit are like, the field that causes a cost, and that cost."""

REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"max_visits": 1}, {}, "max_visits"),
    ({"max_distance_meters": 5999}, {}, "max_distance"),
    ({"max_duration": Duration(seconds=5399)}, {}, "max_duration"),
    ({"max_travel_duration": Duration(seconds=1799)}, {}, "max_travel"),
    ({"capacity": 4}, {"load": 5}, "capacity"),
    ({"shift": window(0, 1)}, {}, "shift"),
    ({}, {"time_windows": [window(0, 0.1)]}, "time_window"),
    ({}, {"required_skills": ["gas"]}, "skills"),
    (
        {"skill_levels": [v1.SkillLevel(skill="gas", level=2)]},
        {"required_skill_levels": [v1.SkillLevel(skill="gas", level=3)]},
        "skills",
    ),
    ({"zones": ["north"]}, {"zone": "south"}, "zone"),
    ({}, {"allowed_worker_ids": ["bo"]}, "allowed_worker"),
    ({}, {"forbidden_worker_ids": ["anna"]}, "allowed_worker"),
]
"""What Anna and the far visit are like, and the rule that her route then breaks."""

KEPT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"max_visits": 2, "max_distance_meters": 6000, "max_duration": Duration(seconds=5400)}, {}),
    ({"max_travel_duration": Duration(seconds=1800), "capacity": 5}, {"load": 5}),
    ({"skill_levels": [v1.SkillLevel(skill="gas", level=3)]}, {"required_skills": ["gas"]}),
    (
        {"skill_levels": [v1.SkillLevel(skill="gas", level=3)]},
        {"required_skill_levels": [v1.SkillLevel(skill="gas", level=3)]},
    ),
    ({"zones": ["north"]}, {"zone": "north"}),
    ({}, {"zone": "south"}),
    ({}, {"allowed_worker_ids": ["anna"], "forbidden_worker_ids": ["bo"]}),
    ({}, {"pin": v1.VisitPin(worker_id="anna", start_time=Timestamp(seconds=EIGHT_S + 2 * HOUR_S))}),
]
"""What is just possible."""


@pytest.mark.parametrize(("of_worker", "of_visit", "field", "cost"), PRICED)
async def test_a_price_is_that_computed_by_hand(
    town: grpc.aio.Channel, of_worker: dict[str, Any], of_visit: dict[str, Any], field: str, cost: float
) -> None:
    """The field causes that cost and nothing else costs anything."""
    answer = await checked(town, of_worker=of_worker, of_visit=of_visit, of_problem=WAYS)
    assert not answer.violations
    (part,) = (one for one in answer.plan.cost_parts if one.cost)
    assert part.field.startswith(field)
    assert part.cost == pytest.approx(cost, abs=0.002)
    assert answer.plan.cost == pytest.approx(cost, abs=0.002)


@pytest.mark.parametrize(("of_worker", "of_visit", "rule"), REFUSED)
async def test_a_limit_that_is_not_kept_is_named(
    town: grpc.aio.Channel, of_worker: dict[str, Any], of_visit: dict[str, Any], rule: str
) -> None:
    """The route breaks that rule; one unit less would not have."""
    answer = await checked(town, of_worker=of_worker, of_visit=of_visit, of_problem=WAYS)
    assert {one.rule for one in answer.violations} == {rule}


@pytest.mark.parametrize(("of_worker", "of_visit"), KEPT)
async def test_a_limit_that_is_just_kept_is_not_named(
    town: grpc.aio.Channel, of_worker: dict[str, Any], of_visit: dict[str, Any]
) -> None:
    """A limit that is just reached, a level that is just enough, an own zone, a pin that is obeyed: nothing breaks."""
    answer = await checked(town, of_worker=of_worker, of_visit=of_visit, of_problem=WAYS)
    assert list(answer.violations) == []


async def test_a_visit_far_from_the_middle_of_an_area_costs_its_way(town: grpc.aio.Channel) -> None:
    """The middle is Anna's home: 222 m to the one visit, 667 m to the other, at a price of 1,000 for a kilometre."""
    area = {"area_center_position": at(0, 0), "cost_per_kilometer_from_center": 1000}
    answer = await checked(town, of_worker=area, of_visit={}, of_problem={})
    (part,) = (one for one in answer.plan.cost_parts if one.cost)
    assert part.field == "workers[0].cost_per_kilometer_from_center"
    assert part.cost == pytest.approx(222.4 + 667.2, abs=3)
