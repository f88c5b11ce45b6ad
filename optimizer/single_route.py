"""Cuts one worker and the visits of one route out of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.problem import Problem, TravelMatrix


def problem_of_route(problem: Problem, worker: int, order: Sequence[int]) -> Problem:
    """Cut a problem down to one worker, the visits of a route and the places it touches.

    Parameters
    ----------
    problem
        The problem.
    worker, order
        The worker and the visits in order, as indices into it.

    Returns
    -------
    Problem
        Its only worker is the given one; its visits are those of the route, in their order.
    """
    owner = problem.workers[worker]
    matrix = problem.matrices[owner.matrix]
    visits = [problem.visits[visit] for visit in order]
    ends = (owner.start_location, owner.end_location)
    places = [visit.location for visit in visits] + [end for end in ends if end is not None]
    number_of = {place: number for number, place in enumerate(dict.fromkeys(places))}
    start, end = (None if one is None else number_of[one] for one in ends)
    rows = np.ix_(list(number_of), list(number_of))
    return Problem(
        (replace(owner, matrix=0, start_location=start, end_location=end),),
        tuple(replace(visit, location=number_of[visit.location]) for visit in visits),
        (TravelMatrix(matrix.duration_s[rows], matrix.distance_m[rows], matrix.reachable[rows]),),
        cost_units_per_money=problem.cost_units_per_money,
    )
