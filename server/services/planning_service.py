"""PlanningService: builds, checks and keeps plans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from odograph import v1

from server.call_context import CallContext
from server.messages.coordinates import asked_system, speak
from server.messages.notices import notice_messages
from server.messages.operations import violation_messages
from server.messages.plan_events import plan_event_message
from server.messages.problems import planning_request_of_message, search_options_of_message
from server.services.event_stream import events_then_result
from server.use_cases.build_plan import OnEvent, build_plan
from server.use_cases.day_plan import DayPlan
from server.use_cases.listings import PageRequest, list_plans
from server.use_cases.read_plans import get_plan, validate_problem
from server.use_cases.workshop import Workshop


class PlanningService:
    """The methods of `odograph.v1.PlanningService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def BuildPlan(self, request: v1.BuildPlanRequest, call: CallContext) -> AsyncIterator[v1.BuildPlanResponse]:
        """Build a plan: progress, every improvement, then the plan."""
        wanted, options = planning_request_of_message(request.problem), search_options_of_message(request)

        async def build(tell: OnEvent) -> DayPlan:
            return await build_plan(self._workshop, wanted, options, deadline_s=call.deadline_s, on_event=tell)

        async with aclosing(events_then_result(build)) as events:
            async for event in events:
                yield plan_event_message(event, wanted)

    async def ValidateProblem(
        self, request: v1.ValidateProblemRequest, _call: CallContext
    ) -> v1.ValidateProblemResponse:
        """Check a problem."""
        violations, notices = await validate_problem(self._workshop, planning_request_of_message(request.problem))
        return v1.ValidateProblemResponse(violations=violation_messages(violations), notices=notice_messages(notices))

    async def GetPlan(self, request: v1.GetPlanRequest, _call: CallContext) -> v1.Plan:
        """Return one plan."""
        plan = v1.Plan.FromString((await get_plan(self._workshop, request.plan_id)).content)
        speak(plan, asked_system(request.coordinate_system))
        return plan

    async def ListPlans(self, request: v1.ListPlansRequest, _call: CallContext) -> v1.ListPlansResponse:
        """List plans, latest first."""
        found = await list_plans(self._workshop, PageRequest(request.page_size, request.page_token), day=request.day)
        plans = [v1.Plan.FromString(summary) for summary in found.records]
        return v1.ListPlansResponse(plans=plans, next_page_token=found.next_token)
