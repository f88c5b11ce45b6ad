"""What is compiled beforehand is what problems need."""

from __future__ import annotations

import pytest

from optimizer.problem import Problem
from optimizer.warm_up import compile_rare_rules, warm_up


def test_each_rare_rule_has_a_problem_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries, rests, soft windows and reloads are compiled, and a common warm-up has none of them."""
    solved: list[Problem] = []
    monkeypatch.setattr("optimizer.warm_up.solve", lambda problem, _: solved.append(problem))
    monkeypatch.setattr("optimizer.warm_up.search", lambda problem, _: solved.append(problem))
    warm_up()
    assert {_rules(problem) for problem in solved} == {(False, False, False, False)}
    solved.clear()
    compile_rare_rules()
    assert sorted(map(_rules, solved)) == [
        (False, False, False, True),
        (False, False, True, False),
        (False, True, False, False),
        (True, False, False, False),
    ]


def _rules(problem: Problem) -> tuple[bool, bool, bool, bool]:
    return (
        any(worker.driving_rest is not None for worker in problem.workers),
        any(visit.soft_windows for visit in problem.visits),
        any(worker.reload is not None for worker in problem.workers),
        bool(problem.deliveries),
    )
