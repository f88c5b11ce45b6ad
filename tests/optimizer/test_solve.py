"""The main path: solve, from a problem to a checked plan."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from optimizer.options import SolveOptions
from optimizer.plan_check import check_plan
from optimizer.problem import Problem
from optimizer.solve import solve
from tests.optimizer.small_problems import random_problems

QUICK = SolveOptions(time_limit_s=5, work_limit=500)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems())
def test_the_checker_accepts_every_plan(problem: Problem) -> None:
    """Whatever the problem, the plan keeps every rule."""
    assert check_plan(problem, solve(problem, QUICK)) == ()
