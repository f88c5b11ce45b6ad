"""Decides why a visit is not planned. Every reason is verified by computation on the plan's own routes."""

from __future__ import annotations

import numpy as np

from optimizer.insertion import Orders, PossibleInsertion, find_insertion, route_value, unplanned_visits
from optimizer.plan import UnplannedReason, UnplannedVisit
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import NO_WAY, OUT_OF_TIME, POSSIBLE, TOO_FAR, TOO_MANY_VISITS, TOO_MUCH_LOAD

_ALONE = {
    NO_WAY: "no way there and back",
    TOO_MANY_VISITS: "no visit allowed",
    TOO_MUCH_LOAD: "too little capacity",
    TOO_FAR: "too far for the longest distance",
    OUT_OF_TIME: "no time window that fits the shift, its breaks and the longest duration",
}


def explain_unplanned(problem: Problem, arrays: ProblemArrays, orders: Orders) -> tuple[UnplannedVisit, ...]:
    """Give each visit that is left out its verified reason.

    Parameters
    ----------
    problem, arrays
        The problem in both forms.
    orders
        The routes of the plan, feasible.

    Returns
    -------
    tuple of UnplannedVisit
        Ascending by visit.
    """
    return tuple(_explain(problem, arrays, orders, visit) for visit in unplanned_visits(problem, orders))


def _explain(problem: Problem, arrays: ProblemArrays, orders: Orders, visit: int) -> UnplannedVisit:
    able = [int(worker) for worker in np.flatnonzero(arrays.has_skills[:, visit])]
    if not able:
        skills = ", ".join(sorted(problem.visits[visit].required_skills))
        return UnplannedVisit(
            visit, UnplannedReason.NO_WORKER_WITH_SKILLS, f"No worker has all the skills it requires: {skills}."
        )
    insertions = [find_insertion(arrays, worker, orders[worker], visit) for worker in able]
    feasible = [insertion for insertion in insertions if insertion is not None]
    if feasible:
        return _not_worth_its_cost(problem, visit, min(feasible, key=lambda insertion: insertion.extra_cost))
    verdicts = [route_value(arrays, worker, (visit,)).verdict for worker in able]
    if POSSIBLE in verdicts:
        return UnplannedVisit(
            visit,
            UnplannedReason.DISPLACED,
            f"It would fit alone on the route of {verdicts.count(POSSIBLE)} of the {len(able)} workers with the "
            "skills, but nowhere between the visits of this plan.",
        )
    reason = UnplannedReason.UNREACHABLE if set(verdicts) == {NO_WAY} else UnplannedReason.OUTSIDE_WORKING_TIME
    counts = "; ".join(
        f"{words} ({verdicts.count(verdict)} of {len(able)} workers)"
        for verdict, words in _ALONE.items()
        if verdict in verdicts
    )
    return UnplannedVisit(visit, reason, f"Even alone on a route it cannot be made: {counts}.")


def _not_worth_its_cost(problem: Problem, visit: int, cheapest: PossibleInsertion) -> UnplannedVisit:
    return UnplannedVisit(
        visit,
        UnplannedReason.NOT_WORTH_ITS_COST,
        f"The cheapest place for it, with worker {problem.workers[cheapest.worker].id!r}, costs "
        f"{_money(problem, cheapest.extra_cost)} more; leaving it out costs "
        f"{_money(problem, problem.visits[visit].unserved_cost or 0)}.",
    )


def _money(problem: Problem, cost: int) -> str:
    units = problem.cost_units_per_money
    return f"{cost:,}" if units == 1 else f"{cost / units:,.2f}"
