"""Builds a plan and keeps it: the main path of planning.

The search stops early, and the best plan so far is the answer, where the operation is cancelled or the caller's
deadline is near. A caller who goes away ends the search, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from optimizer.options import MOST_THREADS, SolveOptions
from optimizer.plan import Plan
from optimizer.progress import Improvement
from optimizer.solve import finish_plan
from server.errors import CancelledByCallerError, DeadlineTooShortError, FieldViolation, ViolationCode
from server.solving.solver_pool import SearchResult
from server.use_cases.day_plan import DayPlan, StopReason
from server.use_cases.draw_plan import SearchStory, draw_plan
from server.use_cases.freeze import FreezeRequest, with_frozen
from server.use_cases.operations import OperationKind, RunningOperation
from server.use_cases.planning_request import PlanningRequest, SearchOptions
from server.use_cases.prepare_problem import PreparedProblem, compute_matrices, lay_problem_on_roads
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.workshop import Workshop

MARGIN_SHARE = 0.1
"""Share of the caller's time that is kept for drawing and storing the plan, where that is more than the margin."""
NO_TIME = "the deadline of the call leaves no time to find a plan"
NO_PLAN_YET = "cancelled before a plan was found"


class PlanStage(Enum):
    """The stages of building a plan, in their order, with the progress at their beginning."""

    SNAPPING = 0.0
    COMPUTING_MATRICES = 0.05
    QUEUED = 0.1
    SOLVING = 0.15
    FINISHING = 0.9


@dataclass(frozen=True)
class StageBegun:
    """A stage has begun; `operation_id` names the operation with which the search is cancelled and watched."""

    operation_id: str
    stage: PlanStage


@dataclass(frozen=True)
class PlanImproved:
    """A better plan was found: money, search seconds until now, and per worker and shift the visits in order."""

    cost: float
    elapsed_s: float
    unplanned_count: int
    orders: tuple[tuple[str, ...], ...]


PlanEvent = StageBegun | PlanImproved
OnEvent = Callable[[PlanEvent], None]


def _ignore(_event: PlanEvent) -> None:
    pass


async def build_plan(
    workshop: Workshop,
    request: PlanningRequest,
    options: SearchOptions,
    *,
    freeze: FreezeRequest | None = None,
    unreadable: Sequence[FieldViolation] = (),
    deadline_s: float | None = None,
    on_event: OnEvent = _ignore,
) -> DayPlan:
    """Build a plan and keep it.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        What is asked for.
    options
        How long is searched.
    freeze
        What stays of a stored plan; None is nothing.
    unreadable
        What cannot be read of the request.
    deadline_s
        When the caller stops waiting, on the clock of `time.monotonic`; None: it waits for ever.
    on_event
        Hears of stages as they begin and of improvements as they are found.

    Returns
    -------
    DayPlan
        The plan, as it is kept.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    BusyError
        The queue for solvers is full.
    SolverLostError
        The process that solved this problem died.
    DeadlineTooShortError
        The deadline leaves no time to search.
    CancelledByCallerError
        The operation was cancelled before there was any plan.
    NotFoundError
        There is no plan to freeze.
    """
    async with workshop.operations.running(OperationKind.BUILD_PLAN, request.label) as operation:

        def begin(stage: PlanStage) -> None:
            operation.report(stage.value, stage.name.lower().replace("_", " "))
            on_event(StageBegun(operation.id, stage))

        begin(PlanStage.SNAPPING)
        kept, violations = await with_frozen(workshop, request, freeze)
        violations = (*_option_violations(options), *violations)
        laid = await lay_problem_on_roads(workshop, kept, violations, unreadable=unreadable)
        begin(PlanStage.COMPUTING_MATRICES)
        prepared = await compute_matrices(workshop, laid)
        begin(PlanStage.QUEUED)
        search = _Search(workshop, operation, prepared, on_event)
        await search.run(options, deadline_s, lambda: begin(PlanStage.SOLVING))
        begin(PlanStage.FINISHING)
        plan = await draw_plan(workshop, prepared, await search.plan(), search.story())
        record = await workshop.threads.compute(workshop.codec.plan_record, plan, kept)
        await workshop.threads.store(workshop.store.plans.add, record)
        operation.name_result(plan.id)
        return plan


class _Search:
    """One search: it ends before the caller's deadline, and tells what it finds."""

    def __init__(
        self, workshop: Workshop, operation: RunningOperation, prepared: PreparedProblem, on_event: OnEvent
    ) -> None:
        self._workshop = workshop
        self._operation = operation
        self._prepared = prepared
        self._on_event = on_event
        self._limit_s = 0.0
        self._search_s = 0.0
        self._is_deadline_near = False
        self._result = SearchResult(None, None)

    async def run(self, options: SearchOptions, deadline_s: float | None, on_start: Callable[[], None]) -> None:
        """Search until the time is over, the deadline is near, or a stop is asked for."""
        self._limit_s = min(options.time_limit_s, self._workshop.settings.max_time_limit_s)
        timer = self._set_timer(deadline_s)
        begun_s = time.monotonic()

        def begin() -> None:
            nonlocal begun_s
            begun_s = time.monotonic()
            on_start()

        try:
            self._result = await self._workshop.solvers.solve(
                self._prepared.problem,
                SolveOptions(
                    time_limit_s=self._limit_s,
                    seed=options.seed,
                    work_limit=options.work_limit,
                    engine=options.engine,
                    threads=options.threads,
                ),
                stop=self._operation.stop_asked,
                on_start=begin,
                on_improvement=self._tell,
            )
        finally:
            self._search_s = time.monotonic() - begun_s
            if timer is not None:
                timer.cancel()

    async def plan(self) -> Plan:
        """Return the plan that was found, or made of the best orders where the solver could not finish it."""
        if self._result.plan is not None:
            return self._result.plan
        if self._result.best is not None:
            return await self._workshop.threads.compute(finish_plan, self._prepared.problem, self._result.best)
        if self._is_deadline_near:
            raise DeadlineTooShortError(NO_TIME)
        raise CancelledByCallerError(NO_PLAN_YET)

    def story(self) -> SearchStory:
        """Say how the search went."""
        if self._is_deadline_near:
            reason = StopReason.DEADLINE
        elif self._operation.stop_asked.is_set():
            reason = StopReason.CANCELLED
        else:
            reason = StopReason.TIME_LIMIT if self._search_s >= self._limit_s else StopReason.EXHAUSTED
        return SearchStory(self._search_s, reason)

    def _set_timer(self, deadline_s: float | None) -> asyncio.TimerHandle | None:
        """Have the search stopped in time to draw and store the plan before the deadline."""
        if deadline_s is None:
            return None
        left_s = deadline_s - time.monotonic()
        search_s = left_s - max(self._workshop.settings.answer_margin_s, left_s * MARGIN_SHARE)
        if search_s <= 0:
            raise DeadlineTooShortError(NO_TIME)

        def stop() -> None:
            self._is_deadline_near = True
            self._operation.stop_asked.set()

        return asyncio.get_running_loop().call_later(search_s, stop)

    def _tell(self, improvement: Improvement) -> None:
        request = self._prepared.request
        planned = sum(len(order) for order in improvement.orders)
        share = PlanStage.FINISHING.value - PlanStage.SOLVING.value
        progress = PlanStage.SOLVING.value + share * min(improvement.elapsed_s / self._limit_s, 1.0)
        self._operation.report(progress, f"searching: {planned} of {len(request.visits)} visits planned")
        self._on_event(
            PlanImproved(
                cost=improvement.cost / COST_UNITS_PER_MONEY,
                elapsed_s=improvement.elapsed_s,
                unplanned_count=len(request.visits) - planned,
                orders=tuple(tuple(request.visits[visit].id for visit in order) for order in improvement.orders),
            )
        )


def _option_violations(options: SearchOptions) -> Iterator[FieldViolation]:
    if not 0 < options.time_limit_s < math.inf:
        yield FieldViolation(
            "time_limit", ViolationCode.OUT_OF_RANGE, f"must be positive (got {options.time_limit_s} s)"
        )
    if options.seed < 0:
        yield FieldViolation("seed", ViolationCode.OUT_OF_RANGE, f"must not be negative (got {options.seed})")
    if options.work_limit is not None and options.work_limit <= 0:
        yield FieldViolation("work_limit", ViolationCode.OUT_OF_RANGE, f"must be positive (got {options.work_limit})")
    if not 1 <= options.threads <= MOST_THREADS:
        yield FieldViolation(
            "threads", ViolationCode.OUT_OF_RANGE, f"must be from 1 to {MOST_THREADS} (got {options.threads})"
        )
