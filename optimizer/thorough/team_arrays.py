"""Lays all workers of a problem out in the arrays of `optimizer.thorough.team_kernels`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import WorkerArrays
from optimizer.thorough.team_kernels import TeamArrays

_Element = TypeVar("_Element", bound=np.generic)


def team_of(arrays: ProblemArrays) -> TeamArrays:
    """Lay the workers out.

    Parameters
    ----------
    arrays
        A problem with workers.

    Returns
    -------
    TeamArrays
        One matrix is shared; several are copied.
    """
    workers = arrays.workers
    matrices, matrix = _alike([worker.travel_s for worker in workers])
    kinds, kind = _alike(arrays.visits_of)
    breaks = [worker.times.break_duration_s for worker in workers]
    first_break = np.zeros(len(workers) + 1, np.int64)
    np.cumsum([len(some) for some in breaks], out=first_break[1:])
    return TeamArrays(
        travel_s=_stacked([workers[one].travel_s for one in matrices]),
        distance_m=_stacked([workers[one].distance_m for one in matrices]),
        reachable=_stacked([workers[one].reachable for one in matrices]),
        matrix=matrix,
        numbers=np.array([_numbers_of(worker) for worker in workers], np.int64),
        first_break=first_break,
        break_earliest_s=np.concatenate([worker.times.break_earliest_s for worker in workers]),
        break_latest_s=np.concatenate([worker.times.break_latest_s for worker in workers]),
        break_duration_s=np.concatenate(breaks),
        reloads=np.array([worker.reload for worker in workers], np.int64),
        visits=arrays.visits_of[0],
        kind=kind,
        service_s=_stacked([arrays.visits_of[one].times.service_s for one in kinds]),
        extra_cost=_stacked([arrays.visits_of[one].extra_cost for one in kinds]),
    )


def _numbers_of(worker: WorkerArrays) -> tuple[int, ...]:
    times = worker.times
    return (
        worker.start_location,
        worker.end_location,
        worker.max_visits,
        worker.max_load,
        worker.max_distance_m,
        worker.max_travel_s,
        times.shift_start_s,
        times.shift_end_s,
        times.max_duration_s,
        times.max_driving_s,
        times.rest_s,
        *times.prices,
        *worker.prices,
    )


def _alike(parts: Sequence[object]) -> tuple[list[int], NDArray[np.int64]]:
    """Give one and the same object one number: where each first appears, and ``(parts,)`` the numbers."""
    firsts: dict[int, int] = {}
    numbers = np.array([firsts.setdefault(id(part), len(firsts)) for part in parts], np.int64)
    return [int(np.flatnonzero(numbers == number)[0]) for number in range(len(firsts))], numbers


def _stacked(parts: Sequence[NDArray[_Element]]) -> NDArray[_Element]:
    return parts[0][None] if len(parts) == 1 else np.stack(parts)
