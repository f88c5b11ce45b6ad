"""How plans and audits are written for the store: the messages do it, this layer only knows that they can."""

from __future__ import annotations

from typing import Protocol

from server.storage.records import AuditRecord, PlanRecord
from server.use_cases.day_audit import DayAudit
from server.use_cases.day_plan import DayPlan
from server.use_cases.planning_request import PlanningRequest


class RecordCodec(Protocol):
    """Writes records for the store, and reads them back."""

    def plan_record(self, plan: DayPlan, request: PlanningRequest) -> PlanRecord:
        """Write a plan and the request that it answers."""
        ...

    def plan_of_record(self, record: PlanRecord) -> DayPlan:
        """Read a plan."""
        ...

    def request_of_record(self, record: PlanRecord) -> PlanningRequest:
        """Read the request that a plan answers."""
        ...

    def audit_record(self, audit: DayAudit) -> AuditRecord:
        """Write an audit."""
        ...
