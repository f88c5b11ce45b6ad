"""Says in words of the request what the optimizer says of its fields and visits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import Violation
from optimizer.problem import Problem
from optimizer.problem_validation import list_problem_violations
from server.errors import FieldViolation, ViolationCode
from server.use_cases.shifts import WorkerShift

_REQUEST_NAMES = {
    "shift_start_s": "shift.start_time",
    "shift_end_s": "shift.end_time",
    "start_location": "start_position",
    "end_location": "end_position",
    "earliest_start_s": "earliest_start_time",
    "latest_start_s": "latest_start_time",
    "max_distance_m": "max_distance_meters",
    "max_duration_s": "max_duration",
    "duration_s": "duration",
    "start_s": "start_time",
    "end_s": "end_time",
    "cost_per_km": "cost_per_kilometer",
    "cost_per_extra_km": "cost_per_extra_kilometer",
    "max_travel_s": "max_travel_duration",
    "travel_percent": "travel_factor",
    "service_percent": "service_factor",
    "regular_end_s": "regular_end_time",
    "setup_s": "setup_duration",
    "allowed_workers": "allowed_worker_ids",
    "preferred_workers": "preferred_worker_ids",
    "visits": "visit_ids",
    "location": "position",
    "soft_windows": "soft_time_windows",
    "area_center": "area_center_position",
    "cost_per_km_from_center": "cost_per_kilometer_from_center",
    "pickup": "pickup_visit_id",
    "delivery": "delivery_visit_id",
    "before": "before_visit_id",
    "after": "after_visit_id",
    "min_gap_s": "min_gap",
    "max_driving_s": "max_driving_duration",
}
"""What the optimizer calls the fields, and what the API calls them."""

_FIELDS_OF_SHIFT = ("start_time", "end_time", "breaks", "regular_end_time")
"""What a further shift of a worker has of its own."""


def unreachable_visits(problem: Problem) -> list[FieldViolation]:
    """List the visits that no worker can get to and come back from, whatever the time and the skills.

    Parameters
    ----------
    problem
        The problem, whose first locations are its visits.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    count = len(problem.visits)
    served: NDArray[np.bool_] = np.zeros(count, np.bool_)
    for worker in problem.workers:
        reachable = problem.matrices[worker.matrix].reachable
        goes = np.ones(count, np.bool_) if worker.start_location is None else reachable[worker.start_location, :count]
        comes = np.ones(count, np.bool_) if worker.end_location is None else reachable[:count, worker.end_location]
        served |= goes & comes
    return [
        FieldViolation(f"visits[{index}].position", ViolationCode.UNREACHABLE, "no worker has a way there and back")
        for index in np.flatnonzero(~served)
    ]


def optimizer_violations(problem: Problem, shifts: Sequence[WorkerShift]) -> list[FieldViolation]:
    """List what the optimizer would refuse.

    Parameters
    ----------
    problem
        The problem.
    shifts
        Whose shift each of its workers is.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    return in_words_of_request(problem, shifts, list_problem_violations(problem))


def in_words_of_request(
    problem: Problem, shifts: Sequence[WorkerShift], found: Iterable[Violation]
) -> list[FieldViolation]:
    """Say what the optimizer has found by the fields of the request.

    Parameters
    ----------
    problem, shifts
        As in `optimizer_violations`.
    found
        What breaks which rule.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    visit_ids = [visit.id for visit in problem.visits]
    return [
        FieldViolation(
            request_path(one.field, shifts), ViolationCode[one.code.name], with_visit_ids(one.description, visit_ids)
        )
        for one in found
    ]


def with_visit_ids(sentence: str, visit_ids: Sequence[str]) -> str:
    """Name the visits of a sentence of the optimizer by their ids instead of their indices.

    Parameters
    ----------
    sentence
        For example ``visit 3 would wait for itself``.
    visit_ids
        Of all visits of the problem.

    Returns
    -------
    str
        For example ``visit 'pump' would wait for itself``.
    """

    def named(found: re.Match[str]) -> str:
        return f"{found[1]} {re.sub(r'[0-9]+', id_of, found[2])}"

    def id_of(index: re.Match[str]) -> str:
        return repr(visit_ids[int(index[0])]) if int(index[0]) < len(visit_ids) else index[0]

    return re.sub(r"\b(visits?) (\d+(?: and \d+)?)\b", named, sentence)


def request_path(field: str, shifts: Sequence[WorkerShift]) -> str:
    """Say in words of `odograph.v1.Problem` which field of the optimizer's problem is meant.

    Parameters
    ----------
    field
        For example ``workers[0].cost_per_km``.
    shifts
        Whose shift each worker of the optimizer's problem is.

    Returns
    -------
    str
        For example ``workers[0].cost_per_kilometer``.
    """
    owner, _, name = field.rpartition(".")
    if not owner:
        return name
    named = f"{owner}.{_REQUEST_NAMES.get(name, name)}"
    found = re.match(r"workers\[(\d+)\]\.(.*)", named)
    if found is None:
        return named
    shift, rest = shifts[int(found[1])], found[2]
    if shift.number:
        rest = rest.removeprefix("shift.")
        is_of_shift = rest.startswith(_FIELDS_OF_SHIFT)
        where = "window." if rest in ("start_time", "end_time") else ""
        rest = f"further_shifts[{shift.number - 1}].{where}{rest}" if is_of_shift else rest
    return f"workers[{shift.index}].{rest}"
