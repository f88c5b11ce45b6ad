"""Answers to questions about plans."""

from __future__ import annotations

from collections.abc import Iterable

from odograph import v1

from geo.coordinates import CoordinateSystem
from server.messages.coordinates import speak
from server.messages.plans import plan_message
from server.messages.times import duration_of_s, timestamp_of_s
from server.use_cases.check_plan import CheckedPlan, GivenRoute
from server.use_cases.compare_plans import PlanDifference
from server.use_cases.explain_plan import ExplainedRelaxation, ExplainedVisit, ExplainedWorker
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.suggest_slots import SuggestedSlot


def given_routes_of_messages(routes: Iterable[v1.VisitOrder]) -> tuple[GivenRoute, ...]:
    """Read who visits whom in which order."""
    return tuple(GivenRoute(route.worker_id, tuple(route.visit_ids), route.shift_number) for route in routes)


def checked_plan_message(checked: CheckedPlan, system: CoordinateSystem) -> v1.CheckPlanResponse:
    """Write a recomputed plan, in a coordinate system."""
    plan = plan_message(checked.plan)
    plan.ClearField("id")
    speak(plan, system)
    violations = [
        v1.PlanViolation(worker_id=one.worker_id, visit_id=one.visit_id, rule=one.rule, description=one.description)
        for one in checked.broken
    ]
    return v1.CheckPlanResponse(plan=plan, violations=violations)


def slots_message(slots: Iterable[SuggestedSlot]) -> v1.SuggestSlotsResponse:
    """Write places for one more visit."""
    return v1.SuggestSlotsResponse(
        slots=[
            v1.Slot(
                worker_id=slot.worker_id,
                position=slot.position,
                arrival_time=timestamp_of_s(slot.arrival_s),
                start_time=timestamp_of_s(slot.start_s),
                added_cost=slot.added_cost,
                added_distance_meters=slot.added_distance_m,
                added_duration=duration_of_s(max(0, slot.added_duration_s)),
                shift_number=slot.shift_number,
                delays=[v1.Delay(visit_id=visit_id, delay_seconds=delay_s) for visit_id, delay_s in slot.delays],
            )
            for slot in slots
        ]
    )


def explanation_message(visits: Iterable[ExplainedVisit]) -> v1.ExplainPlanResponse:
    """Write a plan explained."""
    return v1.ExplainPlanResponse(visits=[_explained_visit(visit) for visit in visits])


def _explained_visit(visit: ExplainedVisit) -> v1.VisitExplanation:
    message = v1.VisitExplanation(visit_id=visit.visit_id, explanation=visit.explanation)
    if visit.refusal is not None:
        message.refusal.CopyFrom(_refusal(visit))
    elif visit.worker_id:
        message.placement.CopyFrom(_placement(visit))
    return message


def _placement(visit: ExplainedVisit) -> v1.VisitPlacement:
    message = v1.VisitPlacement(worker_id=visit.worker_id, next_best_worker_id=visit.next_best_worker_id)
    placement = visit.placement
    if placement is None:
        return message
    if placement.marginal_cost is not None:
        message.marginal_cost = placement.marginal_cost / COST_UNITS_PER_MONEY
    if placement.marginal_duration_s is not None:
        message.marginal_duration.CopyFrom(duration_of_s(max(0, placement.marginal_duration_s)))
    if placement.marginal_distance_m is not None:
        message.marginal_distance_meters = placement.marginal_distance_m
    if placement.next_best_extra_cost is not None:
        message.next_best_added_cost = placement.next_best_extra_cost / COST_UNITS_PER_MONEY
    return message


def _refusal(visit: ExplainedVisit) -> v1.VisitRefusal:
    refusal = visit.refusal
    assert refusal is not None  # noqa: S101 - the caller has looked
    return v1.VisitRefusal(
        **{"class": v1.VisitRefusal.Class.Value(f"CLASS_{refusal.kind.name}")},
        reason=v1.UnplannedVisit.Reason.Value(f"REASON_{refusal.unplanned.reason.name}"),
        workers=[_worker(one) for one in visit.workers],
        smallest_relaxation=None if visit.smallest is None else _relaxation(visit.smallest),
        smallest_pair=[_relaxation(one) for one in visit.smallest_pair],
    )


def _worker(one: ExplainedWorker) -> v1.WorkerRefusal:
    return v1.WorkerRefusal(
        worker_id=one.worker_id,
        added_cost=one.added_cost,
        relaxation=None if one.relaxation is None else _relaxation(one.relaxation),
        explanation=one.explanation,
        shift_number=one.shift_number,
    )


def _relaxation(one: ExplainedRelaxation) -> v1.Relaxation:
    return v1.Relaxation(
        field=one.field,
        amount=one.amount,
        worker_id=one.worker_id,
        added_cost=one.added_cost,
        description=one.description,
    )


def difference_message(difference: PlanDifference) -> v1.DiffPlansResponse:
    """Write what differs between two plans."""
    return v1.DiffPlansResponse(
        changes=[
            v1.VisitChange(
                visit_id=change.visit_id,
                old_worker_id=change.old_worker_id,
                new_worker_id=change.new_worker_id,
                old_start_time=None if change.old_start_s is None else timestamp_of_s(change.old_start_s),
                new_start_time=None if change.new_start_s is None else timestamp_of_s(change.new_start_s),
            )
            for change in difference.changes
        ],
        added_cost=difference.added_cost,
    )
