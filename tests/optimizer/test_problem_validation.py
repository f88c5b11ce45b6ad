"""Validation: every broken rule of a problem is named with its field path, all at once."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from optimizer.errors import InvalidProblemError
from optimizer.field_rules import MAX_TIME_S
from optimizer.options import SolveOptions
from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit
from optimizer.problem_validation import MAX_COST, validate_problem
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, random_problems

VALID = line_problem([day_worker()], [Visit("a", 1, 60), Visit("b", 2, 60)], places=4)


def fields(problem: Problem) -> list[str]:
    """Return the field of every violation."""
    with pytest.raises(InvalidProblemError) as caught:
        validate_problem(problem)
    return [violation.field for violation in caught.value.violations]


@settings(max_examples=50, deadline=None)
@given(random_problems())
def test_valid_problems_pass(problem: Problem) -> None:
    """What the tests draw as valid is valid."""
    validate_problem(problem)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"matrix": 1}, "matrix"),
        ({"matrix": -1}, "matrix"),
        ({"start_location": 4}, "start_location"),
        ({"end_location": -1}, "end_location"),
        ({"end_location": 1.5}, "end_location"),
        ({"shift_start_s": 36_000}, "shift_end_s"),  # ends when it starts
        ({"shift_end_s": -1}, "shift_end_s"),  # ends before it starts
        ({"shift_end_s": float("nan")}, "shift_end_s"),
        ({"shift_start_s": -MAX_TIME_S - 1}, "shift_start_s"),
        ({"max_visits": -1}, "max_visits"),
        ({"max_distance_m": -1}, "max_distance_m"),
        ({"max_duration_s": -1}, "max_duration_s"),
        ({"capacity": -1}, "capacity"),
        ({"fixed_cost": -1}, "fixed_cost"),
        ({"cost_per_hour": MAX_COST + 1}, "cost_per_hour"),
        ({"cost_per_km": 0.5}, "cost_per_km"),
        ({"breaks": (Break(100, 99, 10),)}, "breaks[0].latest_start_s"),
        ({"breaks": (Break(100, 200, 0),)}, "breaks[0].duration_s"),
        ({"breaks": (Break(100, 200, 60), Break(159, 260, 10))}, "breaks[1].earliest_start_s"),
        ({"breaks": (Break(100, 200, 60), Break(160, 259, 10))}, "breaks[1].latest_start_s"),
    ],
)
def test_each_rule_of_a_worker(change: dict[str, Any], field: str) -> None:
    """One wrong value of a worker is one violation with its path."""
    assert fields(replace(VALID, workers=(replace(VALID.workers[0], **change),))) == [f"workers[0].{field}"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a"}, "id"),
        ({"location": 4}, "location"),
        ({"location": -1}, "location"),
        ({"duration_s": -1}, "duration_s"),
        ({"load": -1}, "load"),
        ({"priority": 0}, "priority"),
        ({"priority": 6}, "priority"),
        ({"unserved_cost": -1}, "unserved_cost"),
        ({"time_windows": (TimeWindow(10, 9),)}, "time_windows[0]"),
        ({"time_windows": (TimeWindow(0, float("nan")),)}, "time_windows[0].end_s"),  # type: ignore[arg-type]
        ({"time_windows": (TimeWindow(0, 10), TimeWindow(10, 20))}, "time_windows[1].start_s"),
        ({"time_windows": (TimeWindow(30, 40), TimeWindow(10, 20))}, "time_windows[1].start_s"),
    ],
)
def test_each_rule_of_a_visit(change: dict[str, Any], field: str) -> None:
    """One wrong value of a visit is one violation with its path."""
    first, second = VALID.visits
    assert fields(replace(VALID, visits=(first, replace(second, **change)))) == [f"visits[1].{field}"]


def test_a_window_of_one_moment_is_valid() -> None:
    """A window that ends when it starts leaves exactly one second to start in."""
    validate_problem(replace(VALID, visits=(Visit("a", 1, 0, (TimeWindow(5, 5), TimeWindow(6, 6))),)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"duration_s": np.zeros((4, 3), np.int64)}, "duration_s"),
        ({"distance_m": np.zeros(16, np.int64)}, "distance_m"),
        ({"reachable": np.ones((3, 3), np.bool_)}, "reachable"),
        ({"reachable": np.ones((4, 4), np.int64)}, "reachable"),
        ({"duration_s": np.zeros((4, 4))}, "duration_s"),
        ({"duration_s": np.eye(4, dtype=np.int64) * -1}, "duration_s[0][0]"),
        ({"distance_m": np.eye(4, dtype=np.int64) * 10**10}, "distance_m[0][0]"),
    ],
)
def test_each_rule_of_a_matrix(change: dict[str, Any], field: str) -> None:
    """One wrong array of a matrix is one violation, however many entries are wrong."""
    assert fields(replace(VALID, matrices=(replace(VALID.matrices[0], **change),))) == [f"matrices[0].{field}"]


def test_undefined_entries_of_unreachable_pairs_are_not_looked_at() -> None:
    """Where there is no way, duration and distance may hold anything."""
    matrix = VALID.matrices[0]
    reachable = np.ones((4, 4), np.bool_)
    reachable[1, 3] = False
    duration_s = matrix.duration_s.copy()
    duration_s[1, 3] = -(2**62)
    problem = replace(VALID, matrices=(TravelMatrix(duration_s, matrix.distance_m, reachable),))
    validate_problem(problem)
    assert solve(problem, SolveOptions(work_limit=100)).unplanned == ()


def test_matrices_of_different_size() -> None:
    """All matrices are over the same locations; the smaller one is named, and indices are held against the larger."""
    small = line_problem([], [], places=3).matrices[0]
    problem = replace(VALID, matrices=(*VALID.matrices, small))
    assert fields(problem) == ["matrices[1].duration_s", "matrices[1].distance_m", "matrices[1].reachable"]


def test_a_problem_without_workers_or_matrices() -> None:
    """Nobody to travel and no way to travel are both named."""
    assert fields(Problem((), (), ())) == ["workers", "matrices"]


def test_all_violations_come_at_once() -> None:
    """Violations of workers, visits and matrices are listed together, in this order."""
    problem = Problem(
        workers=(day_worker(shift_end_s=-1), day_worker(max_visits=-1)),
        visits=(Visit("a", 9, -1), Visit("a", 1, 0, (TimeWindow(5, 1),))),
        matrices=(replace(VALID.matrices[0], reachable=np.ones((2, 2), np.bool_)),),
    )
    assert fields(problem) == [
        "workers[1].id",
        "workers[0].shift_end_s",
        "workers[1].max_visits",
        "visits[1].id",
        "visits[0].location",
        "visits[0].duration_s",
        "visits[1].time_windows[0]",
        "matrices[0].reachable",
    ]


def test_solve_refuses_an_invalid_problem() -> None:
    """The main path validates first."""
    with pytest.raises(InvalidProblemError, match=r"^visits\[0\].location: must be an index into the 4 locations"):
        solve(replace(VALID, visits=(Visit("a", 4, 0),)), SolveOptions())


def test_the_error_survives_pickling() -> None:
    """The violations reach the parent process unharmed."""
    with pytest.raises(InvalidProblemError) as caught:
        validate_problem(Problem((), (), ()))
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - pickled one line above
    assert copy.violations == caught.value.violations
    assert str(copy) == str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time_limit_s": 0}, r"time_limit_s must be positive and finite \(got 0\)"),
        ({"time_limit_s": float("nan")}, r"time_limit_s must be positive and finite \(got nan\)"),
        ({"time_limit_s": float("inf")}, r"time_limit_s must be positive and finite \(got inf\)"),
        ({"seed": -1}, r"seed must not be negative \(got -1\)"),
        ({"work_limit": 0}, r"work_limit must be positive \(got 0\)"),
    ],
)
def test_options_check_their_ranges(change: dict[str, Any], message: str) -> None:
    """A wrong option is refused with its name and the received value."""
    with pytest.raises(ValueError, match=message):
        SolveOptions(**change)
