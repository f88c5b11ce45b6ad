"""Lays a valid problem out as arrays, the form in which the kernels read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.route_kernels import OPEN, VisitArrays, WorkerArrays
from optimizer.schedule_kernels import NEVER, VisitTimes, WorkerTimes

ANY_TIME = TimeWindow(-NEVER, NEVER)


@dataclass(frozen=True, eq=False)
class ProblemArrays:
    """A problem in arrays.

    Parameters
    ----------
    visits
        All visits.
    workers
        One per worker.
    matrices
        As in the problem, with 0 where there is no way.
    has_skills
        ``(workers, visits)`` bool: whether a worker has all skills that a visit requires.
    """

    visits: VisitArrays
    workers: tuple[WorkerArrays, ...]
    matrices: tuple[TravelMatrix, ...]
    has_skills: NDArray[np.bool_]


def arrays_of_problem(problem: Problem) -> ProblemArrays:
    """Lay a problem out as arrays.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    ProblemArrays
        Workers that travel the same way share their matrices.
    """
    matrices = tuple(
        TravelMatrix(
            _whole(np.where(matrix.reachable, matrix.duration_s, 0)),
            _whole(np.where(matrix.reachable, matrix.distance_m, 0)),
            np.ascontiguousarray(matrix.reachable),
        )
        for matrix in problem.matrices
    )
    has_skills = np.array(
        [[visit.required_skills <= worker.skills for visit in problem.visits] for worker in problem.workers], np.bool_
    )
    return ProblemArrays(
        visits=_arrays_of_visits(problem.visits),
        workers=tuple(_arrays_of_worker(worker, matrices[worker.matrix]) for worker in problem.workers),
        matrices=matrices,
        has_skills=has_skills.reshape(len(problem.workers), len(problem.visits)),
    )


def _arrays_of_visits(visits: tuple[Visit, ...]) -> VisitArrays:
    windows = [visit.time_windows or (ANY_TIME,) for visit in visits]
    first_window = np.zeros(len(visits) + 1, np.int64)
    np.cumsum([len(some) for some in windows], out=first_window[1:])
    return VisitArrays(
        location=_whole([visit.location for visit in visits]),
        load=_whole([visit.load for visit in visits]),
        times=VisitTimes(
            service_s=_whole([visit.duration_s for visit in visits]),
            first_window=first_window,
            window_start_s=_whole([window.start_s for some in windows for window in some]),
            window_end_s=_whole([window.end_s for some in windows for window in some]),
        ),
    )


def _arrays_of_worker(worker: Worker, matrix: TravelMatrix) -> WorkerArrays:
    return WorkerArrays(
        travel_s=matrix.duration_s,
        distance_m=matrix.distance_m,
        reachable=matrix.reachable,
        start_location=OPEN if worker.start_location is None else int(worker.start_location),
        end_location=OPEN if worker.end_location is None else int(worker.end_location),
        max_visits=_limit(worker.max_visits),
        max_load=_limit(worker.capacity),
        max_distance_m=_limit(worker.max_distance_m),
        times=WorkerTimes(
            shift_start_s=int(worker.shift_start_s),
            shift_end_s=int(worker.shift_end_s),
            max_duration_s=_limit(worker.max_duration_s),
            break_earliest_s=_whole([pause.earliest_start_s for pause in worker.breaks]),
            break_latest_s=_whole([pause.latest_start_s for pause in worker.breaks]),
            break_duration_s=_whole([pause.duration_s for pause in worker.breaks]),
        ),
        fixed_cost=int(worker.fixed_cost),
        cost_per_hour=int(worker.cost_per_hour),
        cost_per_km=int(worker.cost_per_km),
    )


def _whole(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.ascontiguousarray(values, np.int64)


def _limit(value: int | None) -> int:
    return NEVER if value is None else int(value)
