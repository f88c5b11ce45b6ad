"""Writes plans and audits for the store as the messages of the API, and reads them back."""

from __future__ import annotations

from odograph import v1

from server.messages.audits import audit_message, audit_summary
from server.messages.plans import plan_message, plan_of_message, plan_summary
from server.messages.problems import planning_request_of_message
from server.messages.written_problems import problem_message
from server.storage.records import AuditRecord, PlanRecord
from server.use_cases.day_audit import DayAudit
from server.use_cases.day_plan import DayPlan
from server.use_cases.planning_request import PlanningRequest


class MessageRecordCodec:
    """The codec of `server.use_cases.record_codec`, by the messages of `odograph.v1`."""

    def plan_record(self, plan: DayPlan, request: PlanningRequest) -> PlanRecord:
        """Write a plan and the request that it answers."""
        message = plan_message(plan)
        return PlanRecord(
            id=plan.id,
            day=plan.day,
            create_ms=plan.create_ms,
            summary=plan_summary(message).SerializeToString(),
            content=message.SerializeToString(),
            problem=problem_message(request).SerializeToString(),
        )

    def plan_of_record(self, record: PlanRecord) -> DayPlan:
        """Read a plan."""
        return plan_of_message(v1.Plan.FromString(record.content))

    def request_of_record(self, record: PlanRecord) -> PlanningRequest:
        """Read the request that a plan answers."""
        return planning_request_of_message(v1.Problem.FromString(record.problem))

    def audit_record(self, audit: DayAudit) -> AuditRecord:
        """Write an audit."""
        message = audit_message(audit)
        return AuditRecord(
            id=audit.id,
            worker_id=audit.worker_id,
            day=audit.day,
            plan_id=audit.plan_id,
            create_ms=audit.create_ms,
            summary=audit_summary(message).SerializeToString(),
            content=message.SerializeToString(),
        )
