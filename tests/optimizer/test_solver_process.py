"""The child process: its protocol over a pipe."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from optimizer.errors import InvalidProblemError
from optimizer.options import SolveOptions
from optimizer.problem import Problem, Visit
from optimizer.solver_process import Answer, Done, Failed, Improved, Ready, Solve, Stop, serve
from tests.optimizer.small_problems import day_worker, line_problem, minutes

PATIENT = SolveOptions(time_limit_s=60)


@pytest.fixture(scope="module")
def child() -> Iterator[Connection]:
    """Start one child that serves all tests, and close its pipe at the end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == Ready()
    yield ours
    ours.close()
    process.join(timeout=30)
    assert process.exitcode == 0


def crowded_problem(visits: int) -> Problem:
    """Return a problem on which OR-Tools goes on searching for long."""
    return line_problem(
        [day_worker(id=f"worker {number}", end_location=None) for number in range(4)],
        [Visit(f"visit {place}", place, minutes(3), unserved_cost=100_000) for place in range(1, visits + 1)],
        places=visits + 1,
    )


def answers_until_over(pipe: Connection) -> list[Answer]:
    """Receive until the job is done or failed."""
    answers = [pipe.recv()]
    while not isinstance(answers[-1], Done | Failed):
        answers.append(pipe.recv())
    return answers


def test_improvements_come_before_the_plan(child: Connection) -> None:
    """Each improvement is streamed, ever better, and the plan costs what the last one costs."""
    child.send(Solve(1, crowded_problem(8), SolveOptions(work_limit=2000)))
    *improved, done = answers_until_over(child)
    assert isinstance(done, Done)
    assert done.job == 1
    costs = [answer.improvement.cost for answer in improved if isinstance(answer, Improved) and answer.job == 1]
    assert len(costs) == len(improved) >= 1
    assert costs == sorted(costs, reverse=True)
    assert done.plan.cost == costs[-1]


def test_stop_ends_the_search_with_the_best_so_far(child: Connection) -> None:
    """A stop in the middle of a long search brings the plan of the last improvement."""
    child.send(Solve(2, crowded_problem(60), PATIENT))
    assert isinstance(child.recv(), Improved)
    child.send(Stop(2))
    done = answers_until_over(child)[-1]
    assert isinstance(done, Done)
    assert sum(len(route.stops) for route in done.plan.routes) == 60


def test_a_late_stop_does_not_hurt_the_next_job(child: Connection) -> None:
    """A stop for a job that is over is ignored by the job after it."""
    child.send(Stop(2))
    child.send(Solve(3, crowded_problem(3), SolveOptions(work_limit=2000)))
    child.send(Stop(2))
    done = answers_until_over(child)[-1]
    assert isinstance(done, Done)
    assert sum(len(route.stops) for route in done.plan.routes) == 3


def test_an_invalid_problem_fails_with_its_violations(child: Connection) -> None:
    """The error reaches the parent whole, and the child goes on."""
    child.send(Solve(4, line_problem([day_worker(matrix=7)], []), PATIENT))
    (failed,) = answers_until_over(child)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, InvalidProblemError)
    assert [violation.field for violation in failed.error.violations] == ["workers[0].matrix"]
    child.send(Solve(5, crowded_problem(2), SolveOptions(work_limit=2000)))
    assert isinstance(answers_until_over(child)[-1], Done)
