"""PlanningService: builds, checks and keeps plans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from odograph import v1

from geo.coordinates import CoordinateSystem
from server.call_context import CallContext
from server.messages.coordinates import asked_system, declared_system, speak
from server.messages.notices import notice_messages
from server.messages.operations import violation_messages
from server.messages.plan_answers import (
    checked_plan_message,
    difference_message,
    explanation_message,
    given_routes_of_messages,
    slots_message,
)
from server.messages.plan_events import plan_event_message
from server.messages.plans import unplanned_messages
from server.messages.problems import (
    freeze_of_message,
    planning_request_of_message,
    search_options_of_message,
    visit_of_message,
)
from server.messages.unreadable_fields import read_request, unreadable_fields
from server.services.event_stream import events_then_result
from server.use_cases.build_plan import OnEvent, build_plan
from server.use_cases.check_plan import check_given_plan
from server.use_cases.compare_plans import diff_plans, publish_plan
from server.use_cases.day_plan import DayPlan
from server.use_cases.explain_plan import explain_stored_plan
from server.use_cases.freeze import FreezeRequest
from server.use_cases.listings import PageRequest, list_plans
from server.use_cases.planning_request import PlanningRequest, SearchOptions
from server.use_cases.read_plans import get_plan, validate_problem
from server.use_cases.suggest_slots import DEFAULT_SLOTS, suggest_slots_in_plan
from server.use_cases.workshop import Workshop


class PlanningService:
    """The methods of `odograph.v1.PlanningService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._threads = workshop.threads
        self._most = {
            "odograph.v1.Problem.visits": workshop.settings.max_visits,
            "odograph.v1.Problem.workers": workshop.settings.max_workers,
        }

    async def BuildPlan(self, request: v1.BuildPlanRequest, call: CallContext) -> AsyncIterator[v1.BuildPlanResponse]:
        """Build a plan: progress, every improvement, then the plan."""
        (wanted, options, freeze), unreadable = await self._threads.compute(
            read_request, request, _search_of, self._most
        )

        async def build(tell: OnEvent) -> DayPlan:
            return await build_plan(
                self._workshop,
                wanted,
                options,
                freeze=freeze,
                unreadable=unreadable,
                deadline_s=call.deadline_s,
                on_event=tell,
            )

        async with aclosing(events_then_result(build)) as events:
            async for event in events:
                yield await self._threads.compute(plan_event_message, event, wanted)

    async def ValidateProblem(
        self, request: v1.ValidateProblemRequest, _call: CallContext
    ) -> v1.ValidateProblemResponse:
        """Check a problem."""
        wanted, unreadable = await self._threads.compute(read_request, request, _problem_of, self._most)
        found = await validate_problem(self._workshop, wanted, unreadable=unreadable)
        return v1.ValidateProblemResponse(
            violations=violation_messages(found.violations),
            notices=notice_messages(found.notices),
            impossible_visits=unplanned_messages(found.impossible),
        )

    async def CheckPlan(self, request: v1.CheckPlanRequest, _call: CallContext) -> v1.CheckPlanResponse:
        """Recompute a plan made by people."""
        (wanted, freeze), unreadable = await self._threads.compute(read_request, request, _check_of, self._most)
        routes = await self._threads.compute(given_routes_of_messages, request.routes)
        checked = await check_given_plan(self._workshop, wanted, routes, freeze=freeze, unreadable=unreadable)
        system = wanted.coordinate_system or CoordinateSystem.WGS84
        return await self._threads.compute(checked_plan_message, checked, system)

    async def SuggestSlots(self, request: v1.SuggestSlotsRequest, _call: CallContext) -> v1.SuggestSlotsResponse:
        """Find the cheapest places for one more visit."""
        system = declared_system(request.coordinate_system)
        max_slots = request.max_slots if request.HasField("max_slots") else DEFAULT_SLOTS
        visit, unreadable = await self._threads.compute(
            read_request, request, lambda asked: visit_of_message(asked.visit)
        )
        slots = await suggest_slots_in_plan(
            self._workshop, request.plan_id, visit, system, max_slots, unreadable=unreadable
        )
        return slots_message(slots)

    async def ExplainPlan(self, request: v1.ExplainPlanRequest, _call: CallContext) -> v1.ExplainPlanResponse:
        """Say why visits are where they are, or why they are not planned."""
        unreadable = unreadable_fields(request)
        ids = tuple(request.visit_ids)
        explained = await explain_stored_plan(self._workshop, request.plan_id, ids, unreadable=unreadable)
        return explanation_message(explained)

    async def DiffPlans(self, request: v1.DiffPlansRequest, _call: CallContext) -> v1.DiffPlansResponse:
        """Say what differs between two plans."""
        unreadable = unreadable_fields(request)
        old_id, new_id = request.old_plan_id, request.new_plan_id
        return difference_message(await diff_plans(self._workshop, old_id, new_id, unreadable=unreadable))

    async def PublishPlan(self, request: v1.PublishPlanRequest, _call: CallContext) -> v1.Plan:
        """Mark a plan as decided."""
        unreadable = unreadable_fields(request)
        return v1.Plan.FromString((await publish_plan(self._workshop, request.plan_id, unreadable=unreadable)).content)

    async def GetPlan(self, request: v1.GetPlanRequest, _call: CallContext) -> v1.Plan:
        """Return one plan."""
        unreadable = unreadable_fields(request)
        plan = v1.Plan.FromString((await get_plan(self._workshop, request.plan_id, unreadable=unreadable)).content)
        speak(plan, asked_system(request.coordinate_system))
        return plan

    async def ListPlans(self, request: v1.ListPlansRequest, _call: CallContext) -> v1.ListPlansResponse:
        """List plans, latest first."""
        page = PageRequest(request.page_size, request.page_token, unreadable_fields(request))
        found = await list_plans(self._workshop, page, day=request.day)
        plans = [v1.Plan.FromString(summary) for summary in found.records]
        return v1.ListPlansResponse(plans=plans, next_page_token=found.next_token)


def _problem_of(request: v1.ValidateProblemRequest | v1.CheckPlanRequest | v1.BuildPlanRequest) -> PlanningRequest:
    return planning_request_of_message(request.problem)


def _check_of(request: v1.CheckPlanRequest) -> tuple[PlanningRequest, FreezeRequest | None]:
    return _problem_of(request), freeze_of_message(request)


def _search_of(request: v1.BuildPlanRequest) -> tuple[PlanningRequest, SearchOptions, FreezeRequest | None]:
    return _problem_of(request), search_options_of_message(request), freeze_of_message(request)
