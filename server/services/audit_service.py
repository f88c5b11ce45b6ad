"""AuditService: compares plan, track and claim."""

from __future__ import annotations

from odograph import v1

from server.call_context import CallContext
from server.messages.audits import audit_request_of_message, view_audit
from server.messages.coordinates import asked_system, speak
from server.messages.unreadable_fields import read_request, unreadable_fields
from server.use_cases.audit_track import audit_track, get_audit
from server.use_cases.listings import PageRequest, list_audits
from server.use_cases.workshop import Workshop


class AuditService:
    """The methods of `odograph.v1.AuditService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def AuditTrack(self, request: v1.AuditTrackRequest, call: CallContext) -> v1.Audit:
        """Audit one worker's day and keep the audit."""
        wanted, unreadable = await self._workshop.threads.compute(read_request, request, audit_request_of_message)
        made = await audit_track(self._workshop, wanted, unreadable=unreadable)
        kept = v1.GetAuditRequest(audit_id=made.id, view=request.view, coordinate_system=request.coordinate_system)
        return await self.GetAudit(kept, call)

    async def GetAudit(self, request: v1.GetAuditRequest, _call: CallContext) -> v1.Audit:
        """Return one audit."""
        unreadable = unreadable_fields(request)
        audit = v1.Audit.FromString((await get_audit(self._workshop, request.audit_id, unreadable=unreadable)).content)
        view_audit(audit, request.view)
        speak(audit, asked_system(request.coordinate_system))
        return audit

    async def ListAudits(self, request: v1.ListAuditsRequest, _call: CallContext) -> v1.ListAuditsResponse:
        """List audits, latest first."""
        page = PageRequest(request.page_size, request.page_token, unreadable_fields(request))
        found = await list_audits(self._workshop, page, worker_id=request.worker_id, day=request.day)
        audits = [v1.Audit.FromString(summary) for summary in found.records]
        return v1.ListAuditsResponse(audits=audits, next_page_token=found.next_token)
