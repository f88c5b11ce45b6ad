"""Long work that can be watched and cancelled, and its record.

An operation lives twice: here, while it runs, with everything that a watcher wants at once; and in the store, where it
is written when it is asked for and when it ends. Work that the service did not finish before it stopped is marked as
cancelled at the next start.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum

from server.compute.threads import WorkThreads
from server.errors import (
    CancelledByCallerError,
    FieldViolation,
    InvalidRequestError,
    NotFoundError,
    OdographError,
    Resource,
    ViolationCode,
    refuse,
)
from server.storage.records import OperationRecord
from server.storage.store import OperationTable
from server.use_cases.identity import id_violations, new_id, now_ms

MOST_INTERVAL_S = 3600

_log = logging.getLogger(__name__)


class OperationKind(Enum):
    """The kinds of long work."""

    IMPORT_ROAD_NETWORK = "import_road_network"
    BUILD_PLAN = "build_plan"


class OperationState(Enum):
    """Where the work stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OperationFailure:
    """How an operation failed: number of the gRPC status, message for people, broken rules of the request."""

    code: int
    message: str
    violations: tuple[FieldViolation, ...] = ()

    def to_json(self) -> str:
        """Write it for the store."""
        violations = [[each.field, each.code.name, each.description] for each in self.violations]
        return json.dumps({"code": self.code, "message": self.message, "violations": violations})

    @classmethod
    def from_json(cls, text: str) -> OperationFailure:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        # Those kept by earlier releases have no code; the message names them too.
        coded = (each for each in values["violations"] if len(each) == 3)  # noqa: PLR2004 - field, code, description
        violations = tuple(FieldViolation(field, ViolationCode[code], rule) for field, code, rule in coded)
        return cls(values["code"], values["message"], violations)

    @classmethod
    def of_error(cls, error: Exception) -> OperationFailure:
        """Describe an error without giving away what an unexpected one says."""
        if isinstance(error, OdographError):
            violations = error.violations if isinstance(error, InvalidRequestError) else ()
            return cls(error.status.value[0], str(error), violations)
        return cls(13, f"the service failed with {type(error).__name__}")


class RunningOperation:
    """One operation while it runs. Its methods belong to the event loop.

    Parameters
    ----------
    record
        The operation as it was asked for.
    """

    def __init__(self, record: OperationRecord) -> None:
        self.record = record
        self.stop_asked = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def id(self) -> str:
        """Id of the operation."""
        return self.record.id

    def name_result(self, result_id: str) -> None:
        """Say which resource the work has made."""
        self.record = replace(self.record, result_id=result_id)

    def report(self, progress: float, stage: str) -> None:
        """Say how far the work has come; the share never falls."""
        self.change(
            replace(
                self.record,
                state=OperationState.RUNNING.value,
                progress=min(max(progress, self.record.progress), 1.0),
                stage=stage,
                update_ms=now_ms(),
            )
        )

    def change(self, record: OperationRecord) -> None:
        """Put another record in place of this one and wake every watcher."""
        self.record = record
        self._changed.set()
        self._changed = asyncio.Event()

    async def watch(self, least_interval_s: float) -> AsyncIterator[OperationRecord]:
        """Yield the record now, after changes, and when the work has ended."""
        seen: OperationRecord | None = None
        while seen is None or seen.end_ms is None:
            if seen is self.record:
                await self._changed.wait()
            seen = self.record
            yield seen
            if seen.end_ms is None:
                await asyncio.sleep(least_interval_s)


class Operations:
    """All operations of one service.

    Parameters
    ----------
    table
        Where they are kept.
    threads
        Where storage is called.
    """

    def __init__(self, table: OperationTable, threads: WorkThreads) -> None:
        self._table = table
        self._threads = threads
        self._running: dict[str, RunningOperation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def end_unfinished(self) -> None:
        """Mark what an earlier run of the service left unfinished as cancelled."""
        stage = "the service stopped before it was done"
        await self._threads.store(
            self._table.end_unfinished, state=OperationState.CANCELLED.value, stage=stage, end_ms=now_ms()
        )

    @asynccontextmanager
    async def running(self, kind: OperationKind, label: str) -> AsyncIterator[RunningOperation]:
        """Keep an operation for as long as the work inside the block takes.

        Parameters
        ----------
        kind
            What is done.
        label
            The caller's label.

        Yields
        ------
        RunningOperation
            To report progress to, and to name the result on.
        """
        operation = await self._begin(kind, label)
        async with self._ending(operation):
            yield operation

    async def start(
        self, kind: OperationKind, label: str, work: Callable[[RunningOperation], Awaitable[None]]
    ) -> OperationRecord:
        """Start work that goes on whether or not anyone waits for it.

        Parameters
        ----------
        kind
            What is done.
        label
            The caller's label.
        work
            Does it, and names the result on the operation.

        Returns
        -------
        OperationRecord
            The operation as it was asked for.
        """
        operation = await self._begin(kind, label)
        asked = operation.record

        async def run() -> None:
            async with self._ending(operation):
                await work(operation)

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return asked

    async def get(self, operation_id: str, *, unreadable: Sequence[FieldViolation] = ()) -> OperationRecord:
        """Return an operation as it now stands.

        Parameters
        ----------
        operation_id
            Which operation.
        unreadable
            What cannot be read of the request.

        Returns
        -------
        OperationRecord
            The operation.

        Raises
        ------
        InvalidRequestError
            With every broken rule.
        NotFoundError
            Where there is none of that id.
        """
        refuse(unreadable, id_violations(operation_id, "operation_id"))
        running = self._running.get(operation_id)
        if running is not None:
            return running.record
        record = await self._threads.store(self._table.get, operation_id)
        if record is None:
            raise NotFoundError(Resource.OPERATION, operation_id, field="operation_id")
        return record

    def as_they_stand(self, kept: Sequence[OperationRecord]) -> tuple[OperationRecord, ...]:
        """Put in place of kept records those of operations that still run."""
        return tuple(self._running[each.id].record if each.id in self._running else each for each in kept)

    async def cancel(self, operation_id: str, *, unreadable: Sequence[FieldViolation] = ()) -> OperationRecord:
        """Ask an operation to stop, and return it as it then stands; parameters and errors are those of `get`."""
        found = await self.get(operation_id, unreadable=unreadable)
        running = self._running.get(operation_id)
        if running is not None:
            running.stop_asked.set()
        return found if running is None else running.record

    async def watch(
        self, operation_id: str, *, least_interval_s: float, unreadable: Sequence[FieldViolation] = ()
    ) -> AsyncIterator[OperationRecord]:
        """Yield an operation now, after changes, and when it has ended.

        Parameters
        ----------
        operation_id
            Which operation.
        least_interval_s
            Seconds between two records.
        unreadable
            What cannot be read of the request.

        Yields
        ------
        OperationRecord
            The operation.

        Raises
        ------
        InvalidRequestError
            With every broken rule.
        NotFoundError
            Where there is none of that id.
        """
        is_interval = 0 <= least_interval_s <= MOST_INTERVAL_S
        rule = f"must lie between 0 and {MOST_INTERVAL_S} s (got {least_interval_s} s)"
        wrong = () if is_interval else (FieldViolation("least_interval", ViolationCode.OUT_OF_RANGE, rule),)
        refuse(unreadable, (*id_violations(operation_id, "operation_id"), *wrong))
        running = self._running.get(operation_id)
        if running is None:
            yield await self.get(operation_id)
            return
        async for record in running.watch(least_interval_s):
            yield record

    def stop_all(self) -> None:
        """Ask everything that runs to stop, so that who waits for it gets the best so far."""
        for operation in self._running.values():
            operation.stop_asked.set()

    async def close(self) -> None:
        """Cancel everything that runs by itself and wait for its end."""
        self.stop_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begin(self, kind: OperationKind, label: str) -> RunningOperation:
        time_ms = now_ms()
        record = OperationRecord(
            id=new_id(),
            kind=kind.value,
            state=OperationState.QUEUED.value,
            label=label,
            create_ms=time_ms,
            update_ms=time_ms,
            end_ms=None,
            progress=0.0,
            stage="waiting",
            result_id="",
            error="",
        )
        await self._threads.store(self._table.put, record)
        operation = RunningOperation(record)
        self._running[record.id] = operation
        return operation

    @asynccontextmanager
    async def _ending(self, operation: RunningOperation) -> AsyncIterator[None]:
        """Write how the work inside the block ended."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit, CancelledByCallerError):
            await asyncio.shield(self._end(operation, OperationState.CANCELLED, "cancelled"))
            raise
        except Exception as error:
            failure = OperationFailure.of_error(error)
            await self._end(operation, OperationState.FAILED, "failed", error=failure.to_json())
            raise
        else:
            await self._end(operation, OperationState.SUCCEEDED, "done")

    async def _end(self, operation: RunningOperation, state: OperationState, stage: str, *, error: str = "") -> None:
        time_ms = now_ms()
        progress = 1.0 if state is OperationState.SUCCEEDED else operation.record.progress
        ended = replace(
            operation.record,
            state=state.value,
            stage=stage,
            update_ms=time_ms,
            end_ms=time_ms,
            progress=progress,
            error=error,
        )
        await self._threads.store(self._table.put, ended)
        self._running.pop(ended.id, None)
        operation.change(ended)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, OdographError):
            _log.error("an operation failed with %s", type(error).__name__)
