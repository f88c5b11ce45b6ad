"""Times whole calls about plans to a running service: a day of 500 visits and 40 workers on the demo's map."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from benchmarks.measure_service import (
    DAY_START_S,
    NETWORK,
    WGS84,
    import_map,
    milliseconds_of,
    random_places,
    service,
)

VISITS = 500
WORKERS = 40


async def call_times(folder: Path, repeats: int) -> dict[str, float]:
    """Build a plan, then time CheckPlan, SuggestSlots and ExplainPlan of one visit: medians in milliseconds."""
    async with service(folder) as channel:
        network = await import_map(channel)
        problem = day_on_map(network.bounds)
        stub = v1.PlanningServiceStub(channel)
        request = v1.BuildPlanRequest(problem=problem, time_limit=Duration(seconds=2))
        plan = [message async for message in stub.BuildPlan(request)][-1].plan
        routes = [
            v1.VisitOrder(worker_id=route.worker_id, visit_ids=[stop.visit_id for stop in route.stops])
            for route in plan.routes
        ]
        (place,) = random_places(network.bounds, 1, seed=9)
        visit = v1.Visit(id="new", position=place, duration=Duration(seconds=900))
        slots = v1.SuggestSlotsRequest(plan_id=plan.id, visit=visit, coordinate_system=WGS84)
        explain = v1.ExplainPlanRequest(plan_id=plan.id, visit_ids=[problem.visits[0].id])
        return {
            "check_plan_500_rpc_ms": await median_ms(
                repeats, stub.CheckPlan, v1.CheckPlanRequest(problem=problem, routes=routes)
            ),
            "suggest_slots_500_rpc_ms": await median_ms(repeats, stub.SuggestSlots, slots),
            "explain_visit_500_rpc_ms": await median_ms(repeats, stub.ExplainPlan, explain),
        }


async def median_ms(repeats: int, call: Callable[[object], Awaitable[object]], request: object) -> float:
    """Return the median time of some calls, after two to warm up."""
    for _ in range(2):
        await call(request)
    return statistics.median([await milliseconds_of(call, request) for _ in range(repeats)])


def day_on_map(bounds: v1.BoundingBox) -> v1.Problem:
    """Return a day of eight hours on foot with more visits than fit."""
    places = random_places(bounds, VISITS + 1, seed=4)
    shift = v1.TimeWindow(start_time=Timestamp(seconds=DAY_START_S), end_time=Timestamp(seconds=DAY_START_S + 8 * 3600))
    return v1.Problem(
        coordinate_system=WGS84,
        road_network=NETWORK,
        workers=[
            v1.Worker(id=f"w{number}", shift=shift, start_position=places[0], end_position=places[0])
            for number in range(WORKERS)
        ],
        visits=[
            v1.Visit(id=f"v{number}", position=places[number + 1], duration=Duration(seconds=2400), unserved_cost=100.0)
            for number in range(VISITS)
        ],
    )
