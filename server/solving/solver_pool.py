"""A few warm solver processes, and a short queue in front of them.

Each search has a process of its own (see `optimizer.solver_process`). A search that is asked to stop gets a message
and some grace; a process that does not obey in time is ended and replaced, and its caller still gets the best orders
that it had reported. A process that dies is replaced, and only its own caller hears of it. One search more than the
queue holds is refused at once, with a hint when to come again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from optimizer.errors import OptimizerError
from optimizer.options import SolveOptions
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.progress import Improvement
from optimizer.solver_process import Done, Failed, Improved, Ready, Solve, Stop, serve
from server.errors import BusyError, SolverLostError
from server.solving.solver_child import ChildLostError, ServeFunction, SolverChild

RETRY_AFTER_S = 10.0
NO_START = "solver processes do not start; what they say is on the service's stderr"
DIED = "the process that solved this problem died; another has taken its place"
DISOBEYED = (
    "the search did not end in time and had found nothing yet; right after a start of the service the kernels of rare "
    "rules may still be compiled: try again later"
)
MAX_STARTS = 3
RESTART_DELAY_S = 1.0
START_TIMEOUT_S = 600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SearchResult:
    """How a search ended.

    Parameters
    ----------
    plan
        The plan; None where the process had to be ended after a stop, or where the stop came before the start.
    best
        The last improvement that was reported; None where there was none.
    """

    plan: Plan | None
    best: Improvement | None


class SolverPool:
    """The solver processes of one service. Its methods belong to the event loop.

    Parameters
    ----------
    processes
        Searches that run at the same time.
    queue
        Searches that may wait for a process.
    grace_s
        How long a search may take to obey a stop.
    serve_child
        What each process runs.
    """

    def __init__(self, *, processes: int, queue: int, grace_s: float, serve_child: ServeFunction = serve) -> None:
        self._process_count = processes
        self._queue = queue
        self._grace_s = grace_s
        self._serve_child = serve_child
        self._free: asyncio.Queue[SolverChild] = asyncio.Queue()
        self._children: set[SolverChild] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._jobs = 0
        self._is_started = False
        self._is_broken = asyncio.Event()

    def start(self) -> None:
        """Start all processes without waiting for them; done by the first search where nobody did it before."""
        if not self._is_started:
            self._is_started = True
            self._in_background(self._start_all())

    async def ready(self) -> None:
        """Wait until every process is warm.

        Raises
        ------
        SolverLostError
            Where processes do not start.
        """
        await asyncio.gather(*self._tasks)
        if self._is_broken.is_set():
            raise SolverLostError(NO_START, retry_after_s=RETRY_AFTER_S)

    async def close(self) -> None:
        """End all processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(child.end() for child in self._children))

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Numbers of the processes."""
        return tuple(child.process_id for child in self._children)

    async def solve(
        self,
        problem: Problem,
        options: SolveOptions,
        *,
        stop: asyncio.Event,
        on_start: Callable[[], None],
        on_improvement: Callable[[Improvement], None],
    ) -> SearchResult:
        """Search in a process of its own.

        Parameters
        ----------
        problem, options
            What is solved, and for how long.
        stop
            Once set, the best plan so far is the answer. Cancelling the caller does the same, without an answer.
        on_start
            Called when a process takes the problem.
        on_improvement
            Gets each better plan as it is found.

        Returns
        -------
        SearchResult
            The plan.

        Raises
        ------
        BusyError
            The queue is full.
        SolverLostError
            The process died.
        OptimizerError
            What the solver itself says about the problem.
        """
        self.start()
        child = await self._take(stop)
        if child is None:
            return SearchResult(None, None)
        self._jobs += 1
        job = Solve(self._jobs, problem, options)
        is_over = False
        try:
            on_start()
            result = await self._search(child, job, stop, on_improvement)
            is_over = result.plan is not None
        except OptimizerError:
            is_over = True
            raise
        finally:
            self._in_background(self._give_back(child, job.job, is_over=is_over))
        return result

    async def _search(
        self, child: SolverChild, job: Solve, stop: asyncio.Event, on_improvement: Callable[[Improvement], None]
    ) -> SearchResult:
        best: Improvement | None = None
        stopper = asyncio.create_task(self._stop_when_asked(child, job.job, stop))
        try:
            await child.send(job)
            while True:
                match await child.receive():
                    case Improved(job=job.job, improvement=improvement):
                        best = improvement
                        on_improvement(improvement)
                    case Done(job=job.job, plan=plan):
                        return SearchResult(plan, best)
                    case Failed(job=job.job, error=error):
                        raise error
        except ChildLostError as error:
            if stop.is_set() and best is not None:
                return SearchResult(None, best)
            message = DISOBEYED if stop.is_set() else DIED
            raise SolverLostError(message, retry_after_s=1.0) from error
        finally:
            stopper.cancel()

    async def _stop_when_asked(self, child: SolverChild, job: int, stop: asyncio.Event) -> None:
        await stop.wait()
        await child.send(Stop(job))
        await asyncio.sleep(self._grace_s)
        _log.warning("a search did not obey a stop within %.1f s; its process is ended", self._grace_s)
        child.kill()

    async def _take(self, stop: asyncio.Event) -> SolverChild | None:
        """Wait for a free process; None where the stop comes first."""
        if self._free.empty() and self._waiting >= self._queue:
            message = f"all solvers are busy and {self._waiting} searches wait already"
            raise BusyError(message, retry_after_s=RETRY_AFTER_S)
        free = asyncio.create_task(self._free.get())
        others = {asyncio.create_task(stop.wait()), asyncio.create_task(self._is_broken.wait())}
        self._waiting += 1
        try:
            await asyncio.wait({free, *others}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if free.done():
                self._free.put_nowait(free.result())
            raise
        finally:
            self._waiting -= 1
            for other in others:
                other.cancel()
            if not free.done():
                free.cancel()
        if free.done() and not free.cancelled():
            return free.result()
        if self._is_broken.is_set():
            raise SolverLostError(NO_START, retry_after_s=RETRY_AFTER_S)
        return None

    async def _give_back(self, child: SolverChild, job: int, *, is_over: bool) -> None:
        """Make a process free for the next search: at once, after it has obeyed a stop, or by replacing it."""
        try:
            if not is_over:
                async with asyncio.timeout(self._grace_s):
                    await child.send(Stop(job))
                    while not isinstance(await child.receive(), Done | Failed):
                        pass
            self._free.put_nowait(child)
        except (ChildLostError, TimeoutError):
            await self._replace(child)

    def _spawn(self) -> SolverChild:
        child = SolverChild(self._serve_child)
        self._children.add(child)
        return child

    async def _start_all(self) -> None:
        """Start one process and, once that is warm, the others: they load what it had to compile."""
        await self._welcome(self._spawn())
        if not self._is_broken.is_set():
            await asyncio.gather(*(self._welcome(self._spawn()) for _ in range(self._process_count - 1)))

    async def _welcome(self, child: SolverChild) -> None:
        """Wait until a process is warm, and offer it to the searches; give up after a few that do not start."""
        for _ in range(MAX_STARTS):
            try:
                async with asyncio.timeout(START_TIMEOUT_S):
                    while not isinstance(await child.receive(), Ready):
                        pass
            except (ChildLostError, TimeoutError):
                await self._discard(child)
                await asyncio.sleep(RESTART_DELAY_S)
                child = self._spawn()
            else:
                self._free.put_nowait(child)
                return
        await self._discard(child)
        _log.error("solver processes do not start; what they say is on stderr")
        self._is_broken.set()

    async def _replace(self, child: SolverChild) -> None:
        """End a process and start another in its place."""
        await self._discard(child)
        await self._welcome(self._spawn())

    async def _discard(self, child: SolverChild) -> None:
        self._children.discard(child)
        await child.end()

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
