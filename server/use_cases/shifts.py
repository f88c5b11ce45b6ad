"""Decides what the shifts of a worker are: each has a route of its own, and the optimizer gets a worker for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from server.errors import FieldViolation, ViolationCode
from server.use_cases.planning_request import PlanningRequest, TimeSpan, WorkerRequest


@dataclass(frozen=True)
class WorkerShift:
    """One shift of one worker.

    Parameters
    ----------
    worker
        The worker as if this were the only shift.
    index
        Of the worker in the request.
    number
        0 is `WorkerRequest.shift`, 1 the first further one.
    """

    worker: WorkerRequest
    index: int
    number: int


def shifts_of(request: PlanningRequest) -> tuple[WorkerShift, ...]:
    """List all shifts of a request: by worker, and in the order of the worker's shifts."""
    return tuple(
        WorkerShift(one, index, number)
        for index, worker in enumerate(request.workers)
        for number, one in enumerate(_shifts_of_worker(worker))
    )


def shift_path(shift: WorkerShift) -> str:
    """Return the path of a shift's hours in the request."""
    owner = f"workers[{shift.index}]"
    return f"{owner}.shift" if shift.number == 0 else f"{owner}.further_shifts[{shift.number - 1}].window"


def overlap_violations(path: str, worker: WorkerRequest) -> list[FieldViolation]:
    """List the further shifts of a worker that begin before the one before them is over."""
    spans: list[TimeSpan] = [one.shift for one in _shifts_of_worker(worker)]
    return [
        FieldViolation(
            f"{path}.further_shifts[{number}].window",
            ViolationCode.OUT_OF_ORDER,
            "must not begin before the shift before it is over",
        )
        for number, (before, after) in enumerate(pairwise(spans))
        if 0 < after.start_s < before.end_s
    ]


def _shifts_of_worker(worker: WorkerRequest) -> tuple[WorkerRequest, ...]:
    further = (
        replace(worker, shift=one.window, breaks=one.breaks, regular_end_s=one.regular_end_s)
        for one in worker.further_shifts
    )
    return (worker, *further)
