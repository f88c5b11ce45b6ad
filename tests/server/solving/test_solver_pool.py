"""The pool of solver processes: stops, kills, replaces, queues and refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from google.rpc.error_details_pb2 import RetryInfo

from optimizer.options import SolveOptions
from optimizer.problem import Problem
from server.errors import BusyError, SolverLostError
from server.solving.solver_child import ServeFunction
from server.solving.solver_pool import SearchResult, SolverPool
from tests.server.solving import children

PROBLEM = Problem((), (), ())


@asynccontextmanager
async def pool_of(serve_child: ServeFunction, *, queue: int = 1, grace_s: float = 5.0) -> AsyncIterator[SolverPool]:
    """A pool with one process."""
    pool = SolverPool(processes=1, queue=queue, grace_s=grace_s, serve_child=serve_child)
    pool.start()
    await pool.ready()
    yield pool
    await pool.close()


class Caller:
    """Someone who has asked for a search."""

    def __init__(self, pool: SolverPool) -> None:
        self.stop = asyncio.Event()
        self.improved = asyncio.Event()
        self.task: asyncio.Task[SearchResult] = asyncio.create_task(
            pool.solve(
                PROBLEM,
                SolveOptions(),
                stop=self.stop,
                on_start=lambda: None,
                on_improvement=lambda _: self.improved.set(),
            )
        )


async def test_a_stop_is_obeyed_with_the_plan() -> None:
    """A search that is asked to stop answers with its plan, by the same process."""
    async with pool_of(children.obedient) as pool:
        before = pool.process_ids
        caller = Caller(pool)
        await caller.improved.wait()
        caller.stop.set()
        assert (await caller.task).plan == children.PLAN
        assert pool.process_ids == before


async def test_a_cancelled_caller_leaves_a_free_process() -> None:
    """When its caller is cancelled, a search is stopped and its process takes the next one."""
    async with pool_of(children.obedient) as pool:
        before = pool.process_ids
        first = Caller(pool)
        await first.improved.wait()
        first.task.cancel()
        second = Caller(pool)
        await second.improved.wait()
        second.stop.set()
        assert (await second.task).plan == children.PLAN
        assert pool.process_ids == before


async def test_a_process_that_does_not_obey_is_replaced_and_the_best_is_kept() -> None:
    """After the grace time the process is ended; the caller gets the best that it had reported."""
    async with pool_of(children.deaf, grace_s=0.1) as pool:
        before = pool.process_ids
        caller = Caller(pool)
        await caller.improved.wait()
        caller.stop.set()
        assert await caller.task == SearchResult(None, children.IMPROVEMENT)
        again = Caller(pool)
        await again.improved.wait()
        assert pool.process_ids != before


async def test_a_process_that_dies_is_replaced() -> None:
    """Only the caller of the search that died with it hears of a dead process; the pool goes on."""
    async with pool_of(children.mortal) as pool:
        for _ in range(2):
            with pytest.raises(SolverLostError):
                await Caller(pool).task


async def test_a_full_queue_refuses_with_a_hint() -> None:
    """One search more than the queue holds is refused at once, and told when to come again."""
    async with pool_of(children.obedient, queue=1) as pool:
        running, waiting = Caller(pool), Caller(pool)
        await running.improved.wait()
        refused = Caller(pool)
        with pytest.raises(BusyError) as busy:
            await refused.task
        (hint,) = busy.value.details()
        assert isinstance(hint, RetryInfo)
        assert hint.retry_delay.seconds > 0
        running.stop.set()
        await running.task
        await waiting.improved.wait()
        waiting.stop.set()
        assert (await waiting.task).plan == children.PLAN


async def test_a_stop_while_waiting_ends_the_wait() -> None:
    """A search that is stopped before a process is free ends without a plan, and takes none from the queue."""
    async with pool_of(children.obedient) as pool:
        running, waiting = Caller(pool), Caller(pool)
        await running.improved.wait()
        waiting.stop.set()
        assert await waiting.task == SearchResult(None, None)
        running.stop.set()
        assert (await running.task).plan == children.PLAN


async def test_processes_that_never_start_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process starts, a search is refused instead of waiting for ever, and the pool is never ready."""
    monkeypatch.setattr("server.solving.solver_pool.RESTART_DELAY_S", 0.0)
    pool = SolverPool(processes=1, queue=1, grace_s=1.0, serve_child=children.stillborn)
    with pytest.raises(SolverLostError):
        await Caller(pool).task
    with pytest.raises(SolverLostError):
        await pool.ready()
    assert pool.process_ids == ()
    await pool.close()
