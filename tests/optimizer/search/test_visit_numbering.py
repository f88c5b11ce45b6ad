"""The numbers that the search gives the visits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from optimizer.problem import Problem, Visit
from optimizer.search.visit_numbering import near_together, renumbered
from tests.optimizer.small_problems import day_worker, line_problem, random_problems


def mean_step(places: NDArray[np.int64]) -> float:
    """Return how far apart visits with neighbouring numbers are."""
    return float(np.abs(np.diff(places)).mean())


@pytest.mark.parametrize("count", [5, 64, 300])
def test_near_visits_get_near_numbers(count: int) -> None:
    """On a line on which the visits are shuffled, the next number is many times nearer than before."""
    places = np.random.default_rng(count).permutation(count)
    visits = [Visit(f"v{k}", int(place), 60) for k, place in enumerate(places)]
    problem = line_problem([day_worker()], visits, places=count)
    order = near_together(problem)
    in_order = np.array([visit.location for visit in renumbered(problem, order).visits])
    assert (in_order == places[order]).all()
    assert mean_step(in_order) <= max(2.0, mean_step(places) / 5)


def test_visits_at_one_place_are_numbered_too() -> None:
    """Where all are equally near, any numbering does, and each visit has one."""
    problem = line_problem([day_worker()], [Visit(f"v{k}", 3, 60) for k in range(40)])
    assert sorted(near_together(problem).tolist()) == list(range(40))


@settings(max_examples=50, deadline=None)
@given(random_problems().filter(lambda problem: problem.visits))
def test_every_visit_keeps_all_but_its_number(problem: Problem) -> None:
    """The numbers are a permutation, and what a visit asks for goes with it."""
    order = near_together(problem)
    assert sorted(order.tolist()) == list(range(len(problem.visits)))
    again = renumbered(problem, order)
    assert [again.visits[k] for k in range(len(order))] == [problem.visits[visit] for visit in order]
    assert again.workers == problem.workers
