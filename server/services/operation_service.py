"""OperationService: watches and cancels long work."""

from __future__ import annotations

from collections.abc import AsyncIterator

from odograph import v1

from server.call_context import CallContext
from server.messages.operations import operation_kind_of_value, operation_message
from server.messages.times import s_of_duration
from server.messages.unreadable_fields import unreadable_fields
from server.storage.records import OperationRecord
from server.use_cases.listings import PageRequest, list_operations, operation_result
from server.use_cases.workshop import Workshop

DEFAULT_WATCH_INTERVAL_S = 0.2


class OperationService:
    """The methods of `odograph.v1.OperationService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._operations = workshop.operations

    async def GetOperation(self, request: v1.GetOperationRequest, _call: CallContext) -> v1.Operation:
        """Return one operation."""
        return await self._message(
            await self._operations.get(request.operation_id, unreadable=unreadable_fields(request))
        )

    async def ListOperations(self, request: v1.ListOperationsRequest, _call: CallContext) -> v1.ListOperationsResponse:
        """List operations, latest first."""
        page = PageRequest(request.page_size, request.page_token, unreadable_fields(request))
        kind = operation_kind_of_value(request.kind)
        found = await list_operations(self._workshop, page, kind=kind)
        operations = [operation_message(record) for record in found.records]
        return v1.ListOperationsResponse(operations=operations, next_page_token=found.next_token)

    async def CancelOperation(self, request: v1.CancelOperationRequest, _call: CallContext) -> v1.Operation:
        """Ask an operation to stop."""
        unreadable = unreadable_fields(request)
        return await self._message(await self._operations.cancel(request.operation_id, unreadable=unreadable))

    async def WatchOperation(
        self, request: v1.WatchOperationRequest, _call: CallContext
    ) -> AsyncIterator[v1.Operation]:
        """Send an operation now, after changes, and when it has ended."""
        has_interval = request.HasField("least_interval")
        interval_s = s_of_duration(request.least_interval) if has_interval else DEFAULT_WATCH_INTERVAL_S
        records = self._operations.watch(
            request.operation_id, least_interval_s=interval_s, unreadable=unreadable_fields(request)
        )
        async for record in records:
            yield await self._message(record)

    async def _message(self, record: OperationRecord) -> v1.Operation:
        return operation_message(record, await operation_result(self._workshop, record))
