"""The parts of a solve in rounds: each has its share, and where the work is limited the clock decides nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan
from optimizer.problem import Balance, BalanceMeasure, Precedence, Problem
from optimizer.progress import Progress
from optimizer.rounds.shares import Shares
from optimizer.solve import solve
from tests.optimizer.thorough.test_thorough_search import SlowProgress, deliveries_across_a_plane

WORK = 800


def plans_on_both_clocks(problem: Problem, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Solve with limited work as fast as it goes, and where each round has taken half of all time when it begins."""
    plans = []
    for progress in (Progress, SlowProgress):
        monkeypatch.setattr("optimizer.solve.Progress", progress)
        plans.append(solve(problem, SolveOptions(time_limit_s=600, work_limit=WORK, engine=engine)))
    return plans


@pytest.mark.parametrize("measure", [BalanceMeasure.TIME, BalanceMeasure.SPREAD])
def test_the_clock_does_not_decide_how_even_routes_are(
    measure: BalanceMeasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work finds the same plan with a balance on a machine so slow that a fourth of the time is too little."""
    problem = replace(deliveries_across_a_plane(), balance=Balance(measure, 500))
    fast, slow = plans_on_both_clocks(problem, Engine.SEARCH, monkeypatch)
    assert fast == slow


@pytest.mark.parametrize("engine", [Engine.SEARCH, Engine.HYBRID])
def test_the_clock_does_not_decide_who_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with visits that wait for others, also where there is a balance beside them."""
    problem = replace(deliveries_across_a_plane(), precedences=(Precedence(0, 5, 60), Precedence(8, 12)))
    fast, slow = plans_on_both_clocks(problem, engine, monkeypatch)
    assert fast == slow


def test_the_clock_does_not_decide_a_balance_with_precedences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds within rounds have all the time that is left, too."""
    problem = replace(
        deliveries_across_a_plane(),
        precedences=(Precedence(0, 5, 60),),
        balance=Balance(BalanceMeasure.VISITS, 50),
    )
    fast, slow = plans_on_both_clocks(problem, Engine.SEARCH, monkeypatch)
    assert fast == slow


def test_each_round_has_its_share() -> None:
    """An equal part of the time where that is limited alone; all that is left, and a part of the work, otherwise."""
    by_time = Shares(SolveOptions(time_limit_s=9), 3)
    assert [by_time.next().time_limit_s for _ in range(3)] == [3, 3, 3]
    by_work = Shares(SolveOptions(time_limit_s=9, work_limit=7), 3).next()
    assert by_work.work_limit == 2
    assert 8 < by_work.time_limit_s <= 9
    assert Shares(SolveOptions(time_limit_s=1e-9, work_limit=1), 3).next().time_limit_s > 0
