"""Says what differs between two stored plans, and marks a plan as decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.errors import FieldViolation, refuse
from server.storage.records import PlanRecord
from server.use_cases.day_plan import DayPlan, PlanState
from server.use_cases.identity import id_violations
from server.use_cases.read_plans import get_plan
from server.use_cases.workshop import Workshop


@dataclass(frozen=True)
class VisitChange:
    """Who had a visit and who has it (empty: nobody), and when its service started and starts (Unix seconds)."""

    visit_id: str
    old_worker_id: str
    new_worker_id: str
    old_start_s: int | None
    new_start_s: int | None


@dataclass(frozen=True)
class PlanDifference:
    """The visits that differ, in the order of the new plan and then of the old one, and the difference of the cost."""

    changes: tuple[VisitChange, ...]
    added_cost: float


async def diff_plans(
    workshop: Workshop, old_plan_id: str, new_plan_id: str, *, unreadable: Sequence[FieldViolation] = ()
) -> PlanDifference:
    """Compare two stored plans.

    Parameters
    ----------
    workshop
        The service's tools.
    old_plan_id, new_plan_id
        Their ids.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    PlanDifference
        A visit differs where its worker or the start of its service does, or where only one plan knows it.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such plan.
    """
    ids = (*id_violations(old_plan_id, "old_plan_id"), *id_violations(new_plan_id, "new_plan_id"))
    refuse(unreadable, ids)
    old = workshop.codec.plan_of_record(await get_plan(workshop, old_plan_id, path="old_plan_id"))
    new = workshop.codec.plan_of_record(await get_plan(workshop, new_plan_id, path="new_plan_id"))
    before, after = _places(old), _places(new)
    nowhere = ("", None)
    changes = tuple(
        VisitChange(
            visit,
            before.get(visit, nowhere)[0],
            after.get(visit, nowhere)[0],
            before.get(visit, nowhere)[1],
            after.get(visit, nowhere)[1],
        )
        for visit in dict.fromkeys((*after, *before))
        if before.get(visit) != after.get(visit)
    )
    return PlanDifference(changes, new.cost - old.cost)


async def publish_plan(workshop: Workshop, plan_id: str, *, unreadable: Sequence[FieldViolation] = ()) -> PlanRecord:
    """Mark a plan as decided; one that already is stays so.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id
        Its id.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    PlanRecord
        The plan as it is now kept.

    Raises
    ------
    NotFoundError
        There is no such plan.
    """
    record = await get_plan(workshop, plan_id, unreadable=unreadable)
    plan = workshop.codec.plan_of_record(record)
    if plan.state is PlanState.PUBLISHED:
        return record
    published = workshop.codec.plan_record(
        replace(plan, state=PlanState.PUBLISHED), workshop.codec.request_of_record(record)
    )
    await workshop.threads.store(workshop.store.plans.replace, published)
    return published


def _places(plan: DayPlan) -> dict[str, tuple[str, int | None]]:
    """Say of each visit of a plan who has it and when it starts."""
    places: dict[str, tuple[str, int | None]] = {
        stop.visit_id: (route.worker_id, stop.start_s) for route in plan.routes for stop in route.stops
    }
    return places | {visit.visit_id: ("", None) for visit in plan.unplanned}
