"""What happens while a plan is built."""

from __future__ import annotations

from odograph import v1

from geo.coordinates import CoordinateSystem
from server.messages.coordinates import speak
from server.messages.plans import plan_message
from server.messages.times import duration_of_s
from server.use_cases.build_plan import PlanEvent, PlanImproved, StageBegun
from server.use_cases.day_plan import DayPlan
from server.use_cases.planning_request import PlanningRequest
from server.use_cases.shifts import shifts_of


def plan_event_message(event: PlanEvent | DayPlan, request: PlanningRequest) -> v1.BuildPlanResponse:
    """Write an event, or at last the plan, which speaks the coordinate system of its request."""
    if isinstance(event, StageBegun):
        stage = v1.PlanProgress.Stage.Value(f"STAGE_{event.stage.name}")
        return v1.BuildPlanResponse(progress=v1.PlanProgress(operation_id=event.operation_id, stage=stage))
    if isinstance(event, PlanImproved):
        return v1.BuildPlanResponse(improvement=_improvement_message(event, request))
    message = plan_message(event)
    speak(message, request.coordinate_system or CoordinateSystem.WGS84)
    return v1.BuildPlanResponse(plan=message)


def _improvement_message(event: PlanImproved, request: PlanningRequest) -> v1.PlanImprovement:
    return v1.PlanImprovement(
        cost=event.cost,
        elapsed=duration_of_s(event.elapsed_s),
        planned_visit_count=len(request.visits) - event.unplanned_count,
        unplanned_visit_count=event.unplanned_count,
        routes=[
            v1.VisitOrder(worker_id=shift.worker.id, visit_ids=order, shift_number=shift.number)
            for shift, order in zip(shifts_of(request), event.orders, strict=True)
        ],
    )
