"""Decides why a visit is not planned. Every reason is verified by computation on the plan's own routes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.insertion import (
    Orders,
    PossibleInsertion,
    places_that_tell,
    route_value,
    with_visit,
    worth_of,
)
from optimizer.insertion.joining import may_join_whole, partner_of
from optimizer.insertion.telling_places import fits_alone, room_beside
from optimizer.plan import UnplannedReason, UnplannedVisit
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import (
    NO_WAY,
    NOT_BEFORE,
    OUT_OF_TIME,
    TOO_FAR,
    TOO_MANY_VISITS,
    TOO_MUCH_LOAD,
    TOO_MUCH_TRAVEL,
)
from optimizer.routes.schedule_kernels import NEVER

_ALONE = {
    NO_WAY: "no way there and back",
    TOO_MANY_VISITS: "no visit allowed",
    TOO_MUCH_LOAD: "too little capacity",
    TOO_FAR: "too far for the longest distance",
    TOO_MUCH_TRAVEL: "too long on the road",
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
    found = places_that_tell(problem, arrays, orders)
    visits, in_plan = found.visits, found.places[:, :, 1]
    if len(visits) == 0:
        return ()
    without = np.flatnonzero(in_plan.min(axis=0) == NEVER)
    alone = fits_alone(arrays, visits[without])
    room = np.zeros((len(visits), 2), np.int64)
    room[without, 0] = np.count_nonzero(alone, axis=0)
    room[without, 1] = _has_room_beside_pins(problem, arrays, orders, visits[without], alone)
    cheapest = in_plan.argmin(axis=0)
    return tuple(
        _explain(problem, arrays, int(visit), (int(worker), int(in_plan[worker, number])), room[number].tolist())
        for number, (visit, worker) in enumerate(zip(visits, cheapest, strict=True))
    )


def _has_room_beside_pins(
    problem: Problem,
    arrays: ProblemArrays,
    orders: Orders,
    visits: NDArray[np.int64],
    alone: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Tell which visits would fit on some route beside the pinned visits alone: ``(visits,)`` bool.

    `alone` says on whose route each would fit were there nothing else.
    """
    pinned = tuple(tuple(visit for visit in order if is_pinned(problem, arrays, visit)) for order in orders)
    if not any(pinned):
        return np.ones(len(visits), np.bool_)
    joins = np.ones(alone.shape, np.bool_)
    if arrays.binds_routes:
        joins = np.array([may_join_whole(arrays, pinned, worker, visits.tolist()) for worker in range(len(orders))])
    has_pins = np.array([bool(order) for order in pinned])
    has_room: NDArray[np.bool_] = (alone & joins)[~has_pins].any(axis=0)
    # Most have room with somebody who has no pins; only the others are tried beside them.
    asked = np.flatnonzero(~has_room & alone.any(axis=0))
    if len(asked):
        has_room[asked] = (room_beside(arrays, pinned, visits[asked]) & joins[:, asked]).any(axis=0)
    return has_room


def is_pinned(problem: Problem, arrays: ProblemArrays, visit: int) -> bool:
    """Tell whether a visit is mandatory and only one person, in whichever shift, is allowed to serve it."""
    asked = problem.visits[visit]
    if asked.unserved_cost is not None or not asked.allowed_workers:
        return False
    return len({int(arrays.people[worker]) for worker in asked.allowed_workers}) == 1


def _explain(
    problem: Problem, arrays: ProblemArrays, visit: int, cheapest: tuple[int, int], room: Sequence[int]
) -> UnplannedVisit:
    """Give one visit its reason, from its cheapest place in the plan (worker and extra cost) and where else is room.

    `room` counts the workers on whose routes it would fit alone, and says whether it would beside the pinned visits.
    """
    if cheapest[1] < NEVER:
        return _not_worth_its_cost(problem, visit, cheapest, worth_of(problem, arrays, visit) or 0)
    alone_count, has_room_beside_pins = room
    partner = partner_of(arrays, visit)
    both = [visit] if partner is None else [visit, partner]
    able = [int(worker) for worker in np.flatnonzero(arrays.may_serve[:, both].all(axis=1))]
    if not able:
        return _nobody_may(problem, visit) if not arrays.may_serve[:, visit].any() else _nobody_may_both(visit)
    if alone_count:
        alone = f"It would fit alone on the route of {alone_count} of the {len(able)} workers who may serve it, but "
        if not has_room_beside_pins:
            sentence = f"{alone}on none of them beside the visits that are pinned there."
            return UnplannedVisit(visit, UnplannedReason.IMPOSSIBLE_WITH_PINS, sentence)
        return UnplannedVisit(visit, UnplannedReason.DISPLACED, f"{alone}nowhere between the visits of this plan.")
    return _impossible_alone(arrays, visit, able)


def _nobody_may(problem: Problem, visit: int) -> UnplannedVisit:
    required = problem.visits[visit].required_skills
    skilled = sum(required <= worker.skills for worker in problem.workers)
    if not skilled:
        sentence = f"No worker has all the skills it requires: {', '.join(sorted(required))}."
        return UnplannedVisit(visit, UnplannedReason.NO_WORKER_WITH_SKILLS, sentence)
    sentence = f"Of the {skilled} workers with the skills none is allowed there, by the customer's wishes or the zone."
    return UnplannedVisit(visit, UnplannedReason.NO_ALLOWED_WORKER, sentence)


def _impossible_alone(arrays: ProblemArrays, visit: int, able: Sequence[int]) -> UnplannedVisit:
    (alone,) = with_visit(arrays, ((),), visit, _alone(arrays, visit))
    verdicts = [route_value(arrays, worker, alone).verdict for worker in able]
    reason = UnplannedReason.UNREACHABLE if set(verdicts) == {NO_WAY} else UnplannedReason.OUTSIDE_WORKING_TIME
    counts = "; ".join(
        f"{words} ({verdicts.count(verdict)} of {len(able)} workers)"
        for verdict, words in _ALONE.items()
        if verdict in verdicts
    )
    return UnplannedVisit(visit, reason, f"Even alone on a route it cannot be made: {counts}.")


def _alone(arrays: ProblemArrays, visit: int) -> PossibleInsertion:
    """Return the only place in an empty route, beside the other visit of its delivery."""
    partner = partner_of(arrays, visit)
    if partner is None:
        return PossibleInsertion(0, 0, 0)
    is_pickup = arrays.visits_of[0].company[partner, visit] == NOT_BEFORE
    return PossibleInsertion(0, 1 - is_pickup, 0, int(is_pickup))


def _nobody_may_both(visit: int) -> UnplannedVisit:
    sentence = "No worker may serve both visits of its delivery, by skills, the customers' wishes or the zones."
    return UnplannedVisit(visit, UnplannedReason.NO_ALLOWED_WORKER, sentence)


def _not_worth_its_cost(problem: Problem, visit: int, cheapest: tuple[int, int], worth: int) -> UnplannedVisit:
    worker, extra_cost = cheapest
    return UnplannedVisit(
        visit,
        UnplannedReason.NOT_WORTH_ITS_COST,
        f"The cheapest place for it, with worker {problem.workers[worker].id!r}, costs "
        f"{_money(problem, extra_cost)} more; leaving it out costs "
        f"{_money(problem, worth)}.",
    )


def _money(problem: Problem, cost: int) -> str:
    units = problem.cost_units_per_money
    return f"{cost:,}" if units == 1 else f"{cost / units:,.2f}"
