"""Decides whether a problem can be planned at all, and lists every rule that it breaks with its field path.

A problem that passes has no value that a solver could stumble over: indices are in range, windows are in order,
matrices fit, and every sum of times, distances and costs stays far inside 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from optimizer.bond_validation import bond_violations
from optimizer.errors import InvalidProblemError, Violation, ViolationCode
from optimizer.field_rules import MAX_LOAD, MAX_TIME_S, in_range, index_violations, is_whole, ranges_kept
from optimizer.problem import Problem, Reload, SoftLimits, TimeWindow, TravelMatrix, Visit, Worker

MAX_DISTANCE_M = 100_000_000
MAX_COST = 1_000_000_000
LOWEST_PRIORITY = 5
MAX_PERCENT = 10_000
"""Of travel and service times: a hundred times as long."""
_RANGES_OF_VISITS: Final = (
    ("duration_s", 0, MAX_TIME_S),
    ("load", 0, MAX_LOAD),
    ("priority", 1, LOWEST_PRIORITY),
    ("setup_s", 0, MAX_TIME_S),
    ("not_preferred_cost", 0, MAX_COST),
    ("cost_per_hour_early", 0, MAX_COST),
    ("cost_per_hour_late", 0, MAX_COST),
)
_FOUND_VALID: Final[WeakSet[Problem]] = WeakSet()


def validate_problem(problem: Problem) -> None:
    """Check the problem as a whole.

    Parameters
    ----------
    problem
        The problem.

    Raises
    ------
    InvalidProblemError
        With every broken rule, in the order workers, visits, matrices.
    """
    violations = list_problem_violations(problem)
    if violations:
        raise InvalidProblemError(violations)


def list_problem_violations(problem: Problem) -> tuple[Violation, ...]:
    """List every broken rule of a problem.

    A problem is frozen, so one that was found valid stays it, and is not looked through again.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    tuple of Violation
        Each with the path of its field.
    """
    if problem in _FOUND_VALID:
        return ()
    violations = tuple(_problem_violations(problem))
    if not violations:
        _FOUND_VALID.add(problem)
    return violations


def _problem_violations(problem: Problem) -> Iterator[Violation]:
    if not problem.workers:
        yield Violation("workers", ViolationCode.REQUIRED, "at least one worker is needed")
    location_count = max((max(matrix.duration_s.shape, default=0) for matrix in problem.matrices), default=0)
    yield from _duplicate_ids("workers", [worker.id for worker in problem.workers])
    for index, worker in enumerate(problem.workers):
        yield from _worker_violations(f"workers[{index}]", worker, len(problem.matrices), location_count)
    yield from _shift_violations(problem.workers)
    yield from _duplicate_ids("visits", [visit.id for visit in problem.visits])
    for index, visit in enumerate(problem.visits):
        yield from _visit_violations(f"visits[{index}]", visit, location_count)
        yield from _person_violations(f"visits[{index}]", visit, len(problem.workers))
    yield from bond_violations(problem)
    if problem.balance is not None:
        yield from in_range("balance.cost", problem.balance.cost, 0, MAX_COST)
    yield from in_range("lowest_strict_priority", problem.lowest_strict_priority, 0, LOWEST_PRIORITY)
    if not problem.matrices:
        yield Violation("matrices", ViolationCode.REQUIRED, "at least one travel matrix is needed")
    for index, matrix in enumerate(problem.matrices):
        yield from _matrix_violations(f"matrices[{index}]", matrix, location_count)


def _duplicate_ids(field: str, ids: Sequence[str]) -> Iterator[Violation]:
    first_use: dict[str, int] = {}
    for index, one_id in enumerate(ids):
        if one_id in first_use:
            yield Violation(
                f"{field}[{index}].id",
                ViolationCode.DUPLICATE,
                f"{one_id!r} is already the id of {field}[{first_use[one_id]}]",
            )
        first_use.setdefault(one_id, index)


def _worker_violations(path: str, worker: Worker, matrix_count: int, location_count: int) -> Iterator[Violation]:
    yield from index_violations(f"{path}.matrix", worker.matrix, "matrices", matrix_count)
    for name in ("start_location", "end_location", "area_center"):
        location = getattr(worker, name)
        if location is not None:
            yield from index_violations(f"{path}.{name}", location, "locations", location_count)
    yield from in_range(f"{path}.shift_start_s", worker.shift_start_s, -MAX_TIME_S, MAX_TIME_S)
    yield from in_range(f"{path}.shift_end_s", worker.shift_end_s, -MAX_TIME_S, MAX_TIME_S)
    if worker.shift_end_s <= worker.shift_start_s:
        description = f"the shift must end after it starts (got {worker.shift_start_s} to {worker.shift_end_s})"
        yield Violation(f"{path}.shift_end_s", ViolationCode.EMPTY_WINDOW, description)
    for name, largest in (
        ("max_visits", MAX_LOAD),
        ("max_distance_m", MAX_DISTANCE_M),
        ("max_duration_s", MAX_TIME_S),
        ("max_travel_s", MAX_TIME_S),
        ("capacity", MAX_LOAD),
    ):
        limit = getattr(worker, name)
        if limit is not None:
            yield from in_range(f"{path}.{name}", limit, 0, largest)
    for name in ("fixed_cost", "cost_per_hour", "cost_per_km", "overtime_cost_per_hour", "cost_per_km_from_center"):
        yield from in_range(f"{path}.{name}", getattr(worker, name), 0, MAX_COST)
    for name in ("travel_percent", "service_percent"):
        yield from in_range(f"{path}.{name}", getattr(worker, name), 1, MAX_PERCENT)
    if worker.regular_end_s is not None and not worker.shift_start_s <= worker.regular_end_s <= worker.shift_end_s:
        description = (
            f"must lie inside the shift, {worker.shift_start_s} to {worker.shift_end_s} (got {worker.regular_end_s})"
        )
        yield Violation(f"{path}.regular_end_s", ViolationCode.CONTRADICTION, description)
    if worker.cost_per_km_from_center and worker.area_center is None:
        yield Violation(
            f"{path}.cost_per_km_from_center",
            ViolationCode.NO_EFFECT,
            "is a price of nothing where the area has no center",
        )
    yield from _soft_limit_violations(f"{path}.soft_limits", worker.soft_limits)
    if worker.reload is not None:
        yield from _reload_violations(f"{path}.reload", worker, worker.reload, location_count)
    yield from _break_violations(path, worker)


def _reload_violations(path: str, worker: Worker, reload: Reload, location_count: int) -> Iterator[Violation]:
    yield from index_violations(f"{path}.location", reload.location, "locations", location_count)
    yield from in_range(f"{path}.duration_s", reload.duration_s, 0, MAX_TIME_S)
    yield from in_range(f"{path}.cost", reload.cost, 0, MAX_COST)
    if reload.max_reloads is not None:
        yield from in_range(f"{path}.max_reloads", reload.max_reloads, 0, MAX_LOAD)
    if worker.capacity is None:
        yield Violation(path, ViolationCode.NO_EFFECT, "is of no use where the capacity has no limit")


def _shift_violations(workers: Sequence[Worker]) -> Iterator[Violation]:
    """Check that what is said to be another shift of somebody is one, and that nobody works two at once."""
    shifts_of: dict[int, list[int]] = {}
    for index, worker in enumerate(workers):
        first = worker.shift_of
        if first is None:
            shifts_of[index] = [index]
        elif not (is_whole(first) and first in shifts_of):
            description = f"must be the index of a worker before this one who is no further shift (got {first!r})"
            yield Violation(f"workers[{index}].shift_of", ViolationCode.UNKNOWN_REFERENCE, description)
        else:
            for other in shifts_of[first]:
                before, after = sorted((workers[other], worker), key=lambda one: one.shift_start_s)
                if after.shift_start_s < before.shift_end_s:
                    description = f"must not overlap the shift of workers[{other}], who is the same person"
                    yield Violation(f"workers[{index}].shift_start_s", ViolationCode.OUT_OF_ORDER, description)
            shifts_of[first].append(index)


def _soft_limit_violations(path: str, soft: SoftLimits) -> Iterator[Violation]:
    for limit_name, price_name, largest in (
        ("max_visits", "cost_per_extra_visit", MAX_LOAD),
        ("max_distance_m", "cost_per_extra_km", MAX_DISTANCE_M),
        ("max_duration_s", "cost_per_extra_hour", MAX_TIME_S),
        ("max_travel_s", "cost_per_extra_travel_hour", MAX_TIME_S),
    ):
        limit, price = getattr(soft, limit_name), getattr(soft, price_name)
        if limit is not None:
            yield from in_range(f"{path}.{limit_name}", limit, 0, largest)
        yield from in_range(f"{path}.{price_name}", price, 0, MAX_COST)
        if limit is None and price:
            yield Violation(
                f"{path}.{price_name}", ViolationCode.NO_EFFECT, f"is a price of nothing where {limit_name} is not set"
            )


def _break_violations(path: str, worker: Worker) -> Iterator[Violation]:
    if worker.driving_rest is not None:
        for name in ("max_driving_s", "duration_s"):
            yield from in_range(f"{path}.driving_rest.{name}", getattr(worker.driving_rest, name), 1, MAX_TIME_S)
    for index, pause in enumerate(worker.breaks):
        here = f"{path}.breaks[{index}]"
        yield from in_range(f"{here}.earliest_start_s", pause.earliest_start_s, -MAX_TIME_S, MAX_TIME_S)
        yield from in_range(f"{here}.latest_start_s", pause.latest_start_s, -MAX_TIME_S, MAX_TIME_S)
        if pause.latest_start_s < pause.earliest_start_s:
            yield Violation(
                f"{here}.latest_start_s",
                ViolationCode.EMPTY_WINDOW,
                f"must not be before the earliest start ({pause.latest_start_s} < {pause.earliest_start_s})",
            )
        yield from in_range(f"{here}.duration_s", pause.duration_s, 1, MAX_TIME_S)
    for index, (before, after) in enumerate(pairwise(worker.breaks), start=1):
        for name in ("earliest_start_s", "latest_start_s"):
            over_s = getattr(before, name) + before.duration_s
            if getattr(after, name) < over_s:
                description = f"must not lie before the end of the break before it ({getattr(after, name)} < {over_s})"
                yield Violation(f"{path}.breaks[{index}].{name}", ViolationCode.OUT_OF_ORDER, description)


def _visit_violations(path: str, visit: Visit, location_count: int) -> Iterator[Violation]:
    yield from index_violations(f"{path}.location", visit.location, "locations", location_count)
    yield from ranges_kept(path, visit, _RANGES_OF_VISITS)
    if visit.unserved_cost is not None:
        yield from in_range(f"{path}.unserved_cost", visit.unserved_cost, 0, MAX_COST)
    for index, one in enumerate(visit.skill_durations):
        yield from in_range(f"{path}.skill_durations[{index}].duration_s", one.duration_s, 0, MAX_TIME_S)
    if visit.time_windows:
        yield from _window_violations(f"{path}.time_windows", visit.time_windows)
    if visit.soft_windows:
        yield from _window_violations(f"{path}.soft_windows", visit.soft_windows)
        return
    for name in ("cost_per_hour_early", "cost_per_hour_late"):
        if getattr(visit, name):
            yield Violation(
                f"{path}.{name}", ViolationCode.NO_EFFECT, "is a price of nothing where there is no soft window"
            )


def _person_violations(path: str, visit: Visit, worker_count: int) -> Iterator[Violation]:
    for name in ("allowed_workers", "preferred_workers"):
        for worker in sorted(getattr(visit, name) or ()):
            yield from index_violations(f"{path}.{name}", worker, "workers", worker_count)
    if visit.not_preferred_cost and not visit.preferred_workers:
        yield Violation(
            f"{path}.not_preferred_cost", ViolationCode.NO_EFFECT, "is a price of nothing where nobody is preferred"
        )


def _window_violations(path: str, windows: tuple[TimeWindow, ...]) -> Iterator[Violation]:
    for index, window in enumerate(windows):
        here = f"{path}[{index}]"
        yield from in_range(f"{here}.start_s", window.start_s, -MAX_TIME_S, MAX_TIME_S)
        yield from in_range(f"{here}.end_s", window.end_s, -MAX_TIME_S, MAX_TIME_S)
        if window.end_s < window.start_s:
            yield Violation(
                here,
                ViolationCode.EMPTY_WINDOW,
                f"must not end before it starts (got {window.start_s} to {window.end_s})",
            )
    for index, (before, after) in enumerate(pairwise(windows), start=1):
        if after.start_s <= before.end_s:
            yield Violation(
                f"{path}[{index}].start_s",
                ViolationCode.OUT_OF_ORDER,
                f"windows must be in order of time and apart ({after.start_s} is not after {before.end_s})",
            )


def _matrix_violations(path: str, matrix: TravelMatrix, location_count: int) -> Iterator[Violation]:
    shape = (location_count, location_count)
    fits = True
    for name, kind in (("duration_s", np.integer), ("distance_m", np.integer), ("reachable", np.bool_)):
        values = getattr(matrix, name)
        if values.shape != shape:
            fits = False
            yield Violation(
                f"{path}.{name}",
                ViolationCode.MALFORMED,
                f"must have the shape {shape} of all matrices (got {values.shape})",
            )
        if not np.issubdtype(values.dtype, kind):
            fits = False
            yield Violation(
                f"{path}.{name}", ViolationCode.MALFORMED, f"must hold {kind.__name__} values (got {values.dtype})"
            )
    if fits:
        yield from _entry_violations(f"{path}.duration_s", matrix.duration_s, matrix.reachable, MAX_TIME_S)
        yield from _entry_violations(f"{path}.distance_m", matrix.distance_m, matrix.reachable, MAX_DISTANCE_M)


def _entry_violations(
    path: str, values: NDArray[np.int64], reachable: NDArray[np.bool_], largest: int
) -> Iterator[Violation]:
    """Name the first entry out of range and how many there are: a wrong matrix is wrong in thousands of places."""
    if values.size and values.min() >= 0 and values.max() <= largest:
        return
    wrong = np.argwhere(reachable & ((values < 0) | (values > largest)))
    if len(wrong):
        row, column = (int(index) for index in wrong[0])
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield Violation(
            f"{path}[{row}][{column}]",
            ViolationCode.OUT_OF_RANGE,
            f"must be within 0 and {largest} (got {values[row, column]}{more})",
        )
