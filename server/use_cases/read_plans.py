"""Gives stored plans back, and checks problems without planning them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.answers.refusal import impossible_visits
from server.errors import FieldViolation, InvalidRequestError, NotFoundError, Resource, refuse
from server.storage.records import PlanRecord
from server.use_cases.day_plan import DayUnplanned
from server.use_cases.draw_plan import unplanned_of
from server.use_cases.identity import id_violations
from server.use_cases.notices import Notice
from server.use_cases.planning_request import PlanningRequest
from server.use_cases.prepare_problem import compute_matrices, doubts_of_refused, lay_problem_on_roads
from server.use_cases.workshop import Workshop


async def get_plan(
    workshop: Workshop, plan_id: str, *, path: str = "plan_id", unreadable: Sequence[FieldViolation] = ()
) -> PlanRecord:
    """Return one stored plan; `Workshop.codec` reads it.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id, path
        Its id, and the path of the field that names it.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    PlanRecord
        The plan and the problem that it answers, serialized.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such plan.
    """
    refuse(unreadable, id_violations(plan_id, path))
    record = await workshop.threads.store(workshop.store.plans.get, plan_id)
    if record is None:
        raise NotFoundError(Resource.PLAN, plan_id, field=path)
    return record


@dataclass(frozen=True)
class ProblemCheck:
    """What is wrong with a problem (nothing where it can be planned), what to look at, and whom nobody can serve."""

    violations: tuple[FieldViolation, ...]
    notices: tuple[Notice, ...]
    impossible: tuple[DayUnplanned, ...]


async def validate_problem(
    workshop: Workshop, request: PlanningRequest, *, unreadable: Sequence[FieldViolation] = ()
) -> ProblemCheck:
    """Check a problem as `build_plan` would, roads included.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        What would be planned.
    unreadable
        What cannot be read of it.

    Returns
    -------
    ProblemCheck
        Every broken rule, or what else there is to say of a problem that breaks none.
    """
    try:
        prepared = await compute_matrices(
            workshop, await lay_problem_on_roads(workshop, request, unreadable=unreadable)
        )
    except InvalidRequestError as error:
        return ProblemCheck(error.violations, await doubts_of_refused(workshop, request), ())
    impossible = await workshop.threads.compute(impossible_visits, prepared.problem)
    named = tuple(unplanned_of(request, one) for one in impossible)
    return ProblemCheck((), prepared.notices, named)
