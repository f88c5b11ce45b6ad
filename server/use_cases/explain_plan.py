"""Says of the visits of a stored plan why they are where they are, or why they are not planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.answers.placement import Placement, explain_placements
from optimizer.answers.refusal import Refusal, WorkerRefusal, explain_refusals
from optimizer.answers.relaxed_rules import Relaxation, Relaxed
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.use_cases.open_plan import OpenedPlan, open_plan
from server.use_cases.prepare_problem import PreparedProblem
from server.use_cases.problem_statement import COST_UNITS_PER_MONEY
from server.use_cases.request_leeway import leeway_of_request
from server.use_cases.request_words import request_path
from server.use_cases.workshop import Workshop


@dataclass(frozen=True)
class ExplainedRelaxation:
    """One rule made weaker; the names are those of `odograph.v1.Relaxation`."""

    field: str
    amount: float
    worker_id: str
    added_cost: float
    description: str


@dataclass(frozen=True)
class ExplainedWorker:
    """What it would take to have one worker serve a visit; the names are those of `odograph.v1.WorkerRefusal`."""

    worker_id: str
    added_cost: float | None
    relaxation: ExplainedRelaxation | None
    explanation: str
    shift_number: int


@dataclass(frozen=True)
class ExplainedVisit:
    """A visit with its sentence for people, and what is known of its placement or of its refusal.

    Parameters
    ----------
    visit_id, explanation
        The visit and the sentence.
    worker_id
        Who has it; empty where it is not planned.
    placement
        Of a planned visit; None also where its route breaks a rule.
    next_best_worker_id
        The other worker with whom the visit would be cheapest; empty where there is none.
    refusal
        Of a visit that is not planned.
    workers, smallest, smallest_pair
        What each worker lacks, the smallest change that admits it, or else the smallest two that do.
    """

    visit_id: str
    explanation: str
    worker_id: str = ""
    placement: Placement | None = None
    next_best_worker_id: str = ""
    refusal: Refusal | None = None
    workers: tuple[ExplainedWorker, ...] = ()
    smallest: ExplainedRelaxation | None = None
    smallest_pair: tuple[ExplainedRelaxation, ...] = ()


async def explain_stored_plan(
    workshop: Workshop, plan_id: str, visit_ids: Sequence[str] = (), *, unreadable: Sequence[FieldViolation] = ()
) -> tuple[ExplainedVisit, ...]:
    """Explain visits of a stored plan.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id
        Which plan.
    visit_ids
        Which visits; none is every one.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    tuple[ExplainedVisit, ...]
        In the order of the problem.

    Raises
    ------
    NotFoundError
        There is no such plan.
    InvalidRequestError
        Where a visit is not one of its problem.
    """
    opened = await open_plan(workshop, plan_id, unreadable=unreadable)
    known = {visit.id: index for index, visit in enumerate(opened.prepared.request.visits)}
    violations = tuple(
        FieldViolation(
            f"visit_ids[{index}]", ViolationCode.UNKNOWN_REFERENCE, f"there is no visit {visit_id!r} in the plan"
        )
        for index, visit_id in enumerate(visit_ids)
        if visit_id not in known
    )
    if violations:
        raise InvalidRequestError(violations)
    wanted = frozenset(known[visit_id] for visit_id in visit_ids) or frozenset(known.values())
    return await workshop.threads.compute(_explained, opened, wanted)


def _explained(opened: OpenedPlan, wanted: frozenset[int]) -> tuple[ExplainedVisit, ...]:
    problem, prepared = opened.prepared.problem, opened.prepared
    found = {
        placement.visit: _placed(prepared, placement)
        for placement in explain_placements(problem, opened.orders, sorted(wanted))
    }
    for worker, order in enumerate(opened.orders):
        for visit in wanted.intersection(order) - found.keys():
            text = "Its route breaks a rule on the roads as they are now."
            found[visit] = ExplainedVisit(prepared.request.visits[visit].id, text, prepared.shifts[worker].worker.id)
    unplanned = sorted(wanted - found.keys())
    if unplanned:
        for refusal in explain_refusals(problem, opened.orders, unplanned, leeway_of_request(prepared)):
            found[refusal.unplanned.visit] = _refused(prepared, refusal)
    return tuple(found[visit] for visit in sorted(wanted))


def _placed(prepared: PreparedProblem, placement: Placement) -> ExplainedVisit:
    worker = prepared.shifts[placement.worker].worker.id
    other = "" if placement.next_best is None else prepared.shifts[placement.next_best.worker].worker.id
    return ExplainedVisit(
        visit_id=prepared.request.visits[placement.visit].id,
        explanation=" ".join(_placement_sentences(placement, worker, other)),
        worker_id=worker,
        placement=placement,
        next_best_worker_id=other,
    )


def _placement_sentences(placement: Placement, worker: str, other: str) -> Iterator[str]:
    cost, duration_s, distance_m = (
        placement.marginal_cost,
        placement.marginal_duration_s,
        placement.marginal_distance_m,
    )
    if cost is None or duration_s is None or distance_m is None:
        yield f"Without it the route of {worker!r} would break a rule."
    else:
        size = f"{duration_s / 60:,.0f} minutes and {distance_m / 1000:,.1f} km more"
        yield f"It takes {worker!r} {size}, and costs {_money(cost)}."
    if placement.next_best is None:
        yield "It fits in no other route of this plan."
    elif placement.next_best_extra_cost is not None:
        yield f"Next best is {other!r}, at {_money(placement.next_best_extra_cost)} more for the plan."


def _refused(prepared: PreparedProblem, refusal: Refusal) -> ExplainedVisit:
    sentences = [refusal.unplanned.explanation]
    smallest = None if refusal.smallest is None else _relaxed(prepared, refusal.smallest)
    if smallest is not None:
        sentences.append(f"Smallest change that admits it: {smallest.description}")
    pair = refusal.smallest_pair or ()
    if pair:
        words = " and ".join(_words(prepared, one) for one in pair)
        sentences.append(f"Smallest two changes that admit it together: {words}; {_place_of(prepared, pair[0])}")
    return ExplainedVisit(
        visit_id=prepared.request.visits[refusal.unplanned.visit].id,
        explanation=" ".join(sentences),
        refusal=refusal,
        workers=tuple(_worker(prepared, one) for one in refusal.workers),
        smallest=smallest,
        smallest_pair=tuple(_relaxed(prepared, one) for one in pair),
    )


def _worker(prepared: PreparedProblem, one: WorkerRefusal) -> ExplainedWorker:
    relaxation = None if one.relaxation is None else _relaxed(prepared, one.relaxation)
    added_cost = None if one.insertion is None else one.insertion.extra_cost / COST_UNITS_PER_MONEY
    if relaxation is not None:
        text = relaxation.description
    elif added_cost is not None:
        text = f"It fits at {added_cost:,.2f} more."
    else:
        text = "No change of one rule alone admits it."
    shift = prepared.shifts[one.worker]
    return ExplainedWorker(shift.worker.id, added_cost, relaxation, text, shift.number)


_WORDS = {
    Relaxed.WINDOW_LATER: "the time windows of {visit} end {amount} later",
    Relaxed.WINDOW_EARLIER: "the time windows of {visit} begin {amount} earlier",
    Relaxed.SHIFT_LATER: "the shift of {worker} ends {amount} later",
    Relaxed.SHIFT_EARLIER: "the shift of {worker} begins {amount} earlier",
    Relaxed.MAX_DURATION: "the route of {worker} may take {amount} longer",
    Relaxed.MAX_TRAVEL: "{worker} may be {amount} longer on the road",
    Relaxed.DRIVING_REST: "{worker} may drive {amount} longer without a rest",
    Relaxed.BREAK_LATER: "break {number} of {worker} may start {amount} later",
    Relaxed.BREAK_EARLIER: "break {number} of {worker} may start {amount} earlier",
    Relaxed.MAX_DISTANCE: "the route of {worker} may be {amount} longer",
    Relaxed.MAX_VISITS: "{worker} may make {amount} more visits",
    Relaxed.CAPACITY: "the capacity of {worker} is {amount} larger",
    Relaxed.MAX_RELOADS: "{worker} may load anew {amount} more times",
    Relaxed.SKILLS: "{worker} has the skills for {visit}",
    Relaxed.ZONES: "{worker} serves the zone of {visit}",
    Relaxed.ALLOWED_WORKERS: "{worker} is allowed to serve {visit}",
    Relaxed.SAME_WORKER: "{visit} need not be with the same worker as the others of {field}",
    Relaxed.DIFFERENT_WORKER: "{visit} may be with the same worker as others of {field}",
    Relaxed.SEPARATE: "{visit} may be on one route with the others of {field}",
    Relaxed.SEQUENCE: "{visit} need not keep its place in {field}",
    Relaxed.PRECEDENCE: "{field} is dropped",
    Relaxed.UNSERVED_COST: "leaving {visit} out costs {amount} more",
}
_WORDS_OF_PIN = {
    Relaxed.WINDOW_LATER: "{visit} is pinned to a moment {amount} later",
    Relaxed.WINDOW_EARLIER: "{visit} is pinned to a moment {amount} earlier",
    Relaxed.ALLOWED_WORKERS: "{visit} is pinned to {worker}",
}
_COUNTS = (Relaxed.MAX_VISITS, Relaxed.CAPACITY, Relaxed.MAX_RELOADS)


def _relaxed(prepared: PreparedProblem, relaxation: Relaxation) -> ExplainedRelaxation:
    is_price = relaxation.rule is Relaxed.UNSERVED_COST
    return ExplainedRelaxation(
        field=_field(prepared, relaxation),
        amount=relaxation.amount / COST_UNITS_PER_MONEY if is_price else relaxation.amount,
        worker_id=prepared.shifts[relaxation.worker].worker.id,
        added_cost=relaxation.insertion.extra_cost / COST_UNITS_PER_MONEY,
        description=f"{_words(prepared, relaxation)}; {_place_of(prepared, relaxation)}",
    )


def _words(prepared: PreparedProblem, relaxation: Relaxation) -> str:
    """Say what is another way, with nothing around it."""
    rule, amount = relaxation.rule, relaxation.amount
    if rule is Relaxed.UNSERVED_COST:
        shown = _money(amount)
    elif rule is Relaxed.MAX_DISTANCE:
        shown = f"{amount / 1000:,.1f} km"
    elif rule in _COUNTS:
        shown = f"{amount:,}"
    else:
        shown = f"{-(-amount // 60):,} minutes" if amount > 60 else f"{amount} seconds"  # noqa: PLR2004 - a minute
    words = _WORDS_OF_PIN if _is_about_pin(prepared, relaxation) else _WORDS
    return words[rule].format(
        amount=shown,
        worker=repr(prepared.shifts[relaxation.worker].worker.id),
        number=relaxation.number + 1,
        visit=repr(prepared.request.visits[relaxation.relaxed_visit].id),
        field=_field(prepared, relaxation),
    )


def _place_of(prepared: PreparedProblem, relaxation: Relaxation) -> str:
    """Say where the visit fits then."""
    worker, extra = prepared.shifts[relaxation.worker].worker.id, relaxation.insertion.extra_cost
    return f"then it fits in the route of {worker!r} at {_money(extra)} more."


def _field(prepared: PreparedProblem, relaxation: Relaxation) -> str:
    name = relaxation.rule.value
    if _is_about_pin(prepared, relaxation):
        name = "worker_id" if relaxation.rule is Relaxed.ALLOWED_WORKERS else "start_time"
        return f"visits[{relaxation.relaxed_visit}].pin.{name}"
    if relaxation.rule is Relaxed.ALLOWED_WORKERS and _is_forbidden(prepared, relaxation):
        return f"visits[{relaxation.relaxed_visit}].forbidden_worker_ids"
    if relaxation.rule is Relaxed.SKILLS and _lacks_level(prepared, relaxation):
        name = "skill_levels"
    if name.startswith("visit."):
        path = f"visits[{relaxation.relaxed_visit}].{name.split('.')[1]}"
    elif name.startswith("problem."):
        return f"{name.removeprefix('problem.')}[{relaxation.number}]"
    elif name.startswith("breaks."):
        path = f"workers[{relaxation.worker}].breaks[{relaxation.number}].{name.partition('.')[2]}"
    else:
        path = f"workers[{relaxation.worker}].{name}"
    return request_path(path, prepared.shifts)


def _is_about_pin(prepared: PreparedProblem, relaxation: Relaxation) -> bool:
    """Tell whether it is a pin that keeps a visit from a worker or a moment."""
    pin = prepared.request.visits[relaxation.relaxed_visit].pin
    if relaxation.rule in (Relaxed.WINDOW_LATER, Relaxed.WINDOW_EARLIER):
        return pin is not None and pin.start_s is not None
    return relaxation.rule is Relaxed.ALLOWED_WORKERS and pin is not None


def _is_forbidden(prepared: PreparedProblem, relaxation: Relaxation) -> bool:
    worker = prepared.shifts[relaxation.worker].worker.id
    return worker in prepared.request.visits[relaxation.relaxed_visit].forbidden_worker_ids


def _lacks_level(prepared: PreparedProblem, relaxation: Relaxation) -> bool:
    """Tell whether the worker has the skills themselves, and only a level of one is missing."""
    problem = prepared.problem
    required = prepared.request.visits[relaxation.relaxed_visit].required_skills
    return problem.workers[relaxation.worker].skills >= frozenset(required)


def _money(cost: int) -> str:
    return f"{cost / COST_UNITS_PER_MONEY:,.2f}"
