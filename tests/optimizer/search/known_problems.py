"""Random problems with every rule that the search knows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from optimizer.problem import Problem, Visit, Worker
from tests.optimizer.small_problems import (
    as_further_shifts,
    random_company,
    random_problems,
    random_soft_limits,
    without_contradictions,
)


@st.composite
def known_problems(draw: st.DrawFn, max_workers: int = 3, max_visits: int = 7) -> Problem:
    """Draw a problem with at least one visit, often with prices, limits, wishes, shifts, groups and sequences."""
    problem = draw(random_problems(max_workers, max_visits).filter(lambda one: one.visits))
    if draw(st.booleans()):
        return problem
    drawn = replace(
        problem,
        workers=as_further_shifts([_with_prices(draw, worker, problem) for worker in problem.workers]),
        visits=tuple(_with_wishes(draw, visit, len(problem.workers)) for visit in problem.visits),
        **draw(random_company(len(problem.visits))),
    )
    # The search is told of different workers by separate groups alone.
    return without_contradictions(replace(drawn, different_worker_groups=()))


def _with_prices(draw: st.DrawFn, worker: Worker, problem: Problem) -> Worker:
    center = draw(st.none() | st.integers(0, len(problem.matrices[0].duration_s) - 1))
    return replace(
        worker,
        regular_end_s=draw(st.none() | st.integers(worker.shift_start_s, worker.shift_end_s)),
        max_travel_s=draw(st.none() | st.integers(0, 120)),
        soft_limits=draw(random_soft_limits()),
        overtime_cost_per_hour=draw(st.sampled_from([0, 40, 3600])),
        area_center=center,
        cost_per_km_from_center=0 if center is None else draw(st.sampled_from([0, 7])),
    )


def _with_wishes(draw: st.DrawFn, visit: Visit, workers: int) -> Visit:
    preferred = draw(st.frozensets(st.integers(0, workers - 1)))
    return replace(visit, preferred_workers=preferred, not_preferred_cost=draw(st.integers(0, 90)) if preferred else 0)
