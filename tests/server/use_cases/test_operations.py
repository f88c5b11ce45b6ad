"""Long work: watched, cancelled, failed, and found again after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.compute.threads import WorkThreads
from server.errors import CancelledByCallerError, FieldViolation, InvalidRequestError, NotFoundError, ViolationCode
from server.storage.store import open_store
from server.use_cases.operations import OperationFailure, OperationKind, Operations, OperationState, RunningOperation

IMPORT = OperationKind.IMPORT_ROAD_NETWORK
IS_NO_MAP = FieldViolation("source_file", ViolationCode.MALFORMED, "is no map")


@pytest.fixture
async def operations() -> AsyncIterator[Operations]:
    """Operations that are kept in memory."""
    threads = WorkThreads(1)
    store = open_store("sqlite://")
    operations = Operations(store.operations, threads)
    yield operations
    await operations.close()
    threads.close()
    store.close()


async def last_state(operations: Operations, operation_id: str) -> str:
    """The state in which an operation ends, once it has."""
    records = [record async for record in operations.watch(operation_id, least_interval_s=0.0)]
    return records[-1].state


async def test_a_watcher_sees_progress_that_never_falls(operations: Operations) -> None:
    """Every change is seen in order, the share of work never falls, and the last word is how it ended."""
    go_on = asyncio.Event()

    async def work(operation: RunningOperation) -> None:
        operation.report(0.6, "first")
        await go_on.wait()
        operation.report(0.2, "second")
        operation.name_result("network")

    asked = await operations.start(IMPORT, "mine", work)
    watcher = operations.watch(asked.id, least_interval_s=0.0)
    seen = []
    async for record in watcher:
        seen.append(record)
        go_on.set()
    assert [record.progress for record in seen] == sorted(record.progress for record in seen)
    assert (seen[-1].state, seen[-1].result_id, seen[-1].label) == ("succeeded", "network", "mine")
    assert seen[-1] == await operations.get(asked.id)


async def test_a_cancel_is_a_wish_that_the_work_grants(operations: Operations) -> None:
    """Work that is asked to stop ends as cancelled, without a result; asking again changes nothing."""

    async def work(operation: RunningOperation) -> None:
        await operation.stop_asked.wait()
        raise CancelledByCallerError

    asked = await operations.start(IMPORT, "", work)
    await operations.cancel(asked.id)
    assert await last_state(operations, asked.id) == "cancelled"
    assert (await operations.cancel(asked.id)).state == "cancelled"


async def test_a_failure_keeps_what_was_wrong(operations: Operations) -> None:
    """A refused request keeps its violations; an unforeseen error keeps its kind and none of its words."""

    async def refuse(_operation: RunningOperation) -> None:
        raise InvalidRequestError((IS_NO_MAP,))

    async def break_down(_operation: RunningOperation) -> None:
        message = "60.17 is a secret"
        raise ZeroDivisionError(message)

    refused = await operations.start(IMPORT, "", refuse)
    broken = await operations.start(IMPORT, "", break_down)
    assert await last_state(operations, refused.id) == await last_state(operations, broken.id) == "failed"
    failure = OperationFailure.from_json((await operations.get(refused.id)).error)
    assert (failure.code, failure.violations) == (3, (IS_NO_MAP,))
    fault = OperationFailure.from_json((await operations.get(broken.id)).error)
    assert fault.code == 13
    assert "ZeroDivisionError" in fault.message
    assert "60.17" not in fault.message


async def test_what_a_stopped_service_left_is_cancelled_at_the_next_start() -> None:
    """Work that was under way when the service stopped is marked, not left running for ever."""
    threads = WorkThreads(1)
    store = open_store("sqlite://")
    stopped, started = Operations(store.operations, threads), Operations(store.operations, threads)
    asked = await stopped.start(IMPORT, "", lambda _: asyncio.sleep(600))
    await started.end_unfinished()
    left = await started.get(asked.id)
    assert left.state == OperationState.CANCELLED.value
    assert left.end_ms is not None
    await stopped.close()
    threads.close()
    store.close()


async def test_an_unknown_operation_is_not_found(operations: Operations) -> None:
    """Getting, cancelling and watching what is not there each say so."""
    with pytest.raises(NotFoundError):
        await operations.get("nope")
    with pytest.raises(NotFoundError):
        await operations.cancel("nope")
    with pytest.raises(NotFoundError):
        await last_state(operations, "nope")
