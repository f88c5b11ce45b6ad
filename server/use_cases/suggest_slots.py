"""Finds the cheapest places in a stored plan for one more visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo.coordinates import CoordinateSystem
from optimizer.answers.slots import Slot, suggest_slots
from server.errors import FieldViolation, ViolationCode
from server.use_cases.check_planning_request import missing_coordinate_system
from server.use_cases.open_plan import OpenedPlan, open_plan_with_visit
from server.use_cases.planning_request import VisitRequest
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.workshop import Workshop

DEFAULT_SLOTS = 5
MOST_SLOTS = 1000


@dataclass(frozen=True)
class SuggestedSlot:
    """A place for one more visit; the names are those of `odograph.v1.Slot`, times are Unix seconds."""

    worker_id: str
    position: int
    arrival_s: int
    start_s: int
    added_cost: float
    added_distance_m: int
    added_duration_s: int
    delays: tuple[tuple[str, int], ...]
    shift_number: int


async def suggest_slots_in_plan(
    workshop: Workshop,
    plan_id: str,
    visit: VisitRequest,
    system: CoordinateSystem | None,
    max_slots: int,
    *,
    unreadable: Sequence[FieldViolation] = (),
) -> tuple[SuggestedSlot, ...]:
    """Find the cheapest places in a stored plan for one more visit.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id
        Which plan.
    visit, system
        The visit, and the coordinate system of its position; None is reported as missing.
    max_slots
        Most places to return.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    tuple[SuggestedSlot, ...]
        The cheapest first; empty where the visit fits nowhere.

    Raises
    ------
    NotFoundError
        There is no such plan.
    InvalidRequestError
        With every broken rule of the visit.
    """
    others = tuple(_violations(system, max_slots))
    opened = await open_plan_with_visit(workshop, plan_id, visit, system, others, unreadable=unreadable)
    return await workshop.threads.compute(_slots, opened, max_slots)


def _violations(system: CoordinateSystem | None, max_slots: int) -> Iterator[FieldViolation]:
    if system is None:
        yield missing_coordinate_system("coordinate_system")
    if not 1 <= max_slots <= MOST_SLOTS:
        yield FieldViolation(
            "max_slots", ViolationCode.OUT_OF_RANGE, f"must lie between 1 and {MOST_SLOTS} (got {max_slots})"
        )


def _slots(opened: OpenedPlan, max_slots: int) -> tuple[SuggestedSlot, ...]:
    problem = opened.prepared.problem
    added = len(problem.visits) - 1
    slots = suggest_slots(problem, opened.orders, added, max_slots)
    return tuple(_suggested(opened, slot) for slot in slots)


def _suggested(opened: OpenedPlan, slot: Slot) -> SuggestedSlot:
    request, origin_s = opened.prepared.request, opened.prepared.origin_s
    shift = opened.prepared.shifts[slot.worker]
    return SuggestedSlot(
        worker_id=shift.worker.id,
        position=slot.position,
        arrival_s=slot.route.stops[slot.position].arrival_s + origin_s,
        start_s=slot.start_s + origin_s,
        added_cost=slot.extra_cost / COST_UNITS_PER_MONEY,
        added_distance_m=slot.extra_distance_m,
        added_duration_s=slot.extra_duration_s,
        delays=tuple((request.visits[delay.visit].id, delay.delay_s) for delay in slot.delays),
        shift_number=shift.number,
    )
