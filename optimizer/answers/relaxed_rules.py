"""The rules that can give way to let a visit in, and how a problem looks where one of them has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any, Final

from optimizer.insertion.insertion import PossibleInsertion
from optimizer.problem import Problem, TimeWindow, Visit, VisitSequence, Worker


class Relaxed(Enum):
    """The rules that can give way. The value is the field: of the worker, or of what it begins with."""

    WINDOW_LATER = "visit.time_windows.end_s"
    WINDOW_EARLIER = "visit.time_windows.start_s"
    SHIFT_LATER = "shift_end_s"
    SHIFT_EARLIER = "shift_start_s"
    MAX_DURATION = "max_duration_s"
    MAX_TRAVEL = "max_travel_s"
    DRIVING_REST = "driving_rest.max_driving_s"
    BREAK_LATER = "breaks.latest_start_s"
    BREAK_EARLIER = "breaks.earliest_start_s"
    MAX_DISTANCE = "max_distance_m"
    MAX_VISITS = "max_visits"
    CAPACITY = "capacity"
    MAX_RELOADS = "reload.max_reloads"
    SKILLS = "skills"
    ZONES = "zones"
    ALLOWED_WORKERS = "visit.allowed_workers"
    SAME_WORKER = "problem.same_worker_groups"
    DIFFERENT_WORKER = "problem.different_worker_groups"
    SEPARATE = "problem.separate_groups"
    SEQUENCE = "problem.sequences"
    PRECEDENCE = "problem.precedences"
    UNSERVED_COST = "visit.unserved_cost"


Leeway = Mapping[tuple[Relaxed, int], int]
"""By how much a rule can give way at most, where that is less than the rule itself allows: of the visit with that index
where it is a visit's rule, else of the worker."""

BONDS: Final = (
    Relaxed.SAME_WORKER,
    Relaxed.DIFFERENT_WORKER,
    Relaxed.SEPARATE,
    Relaxed.SEQUENCE,
    Relaxed.PRECEDENCE,
)
"""Rules that bind a visit to others, which give way by letting it go."""
PERMISSIONS: Final = (Relaxed.SKILLS, Relaxed.ZONES, Relaxed.ALLOWED_WORKERS, *BONDS)
"""Rules that give way as a whole, by no amount."""
SECONDS_PER_UNIT: Final = {
    Relaxed.MAX_DISTANCE: 0.12,
    Relaxed.MAX_VISITS: 1800.0,
    Relaxed.CAPACITY: 1800.0,
    Relaxed.MAX_RELOADS: 1800.0,
    Relaxed.UNSERVED_COST: 0.0,
}
"""How changes of different kinds are compared: a kilometre counts like two minutes, a visit, a unit of load
or a reload more like half an hour. A price is asked for only where nothing else is in the way."""
PERMISSION_S: Final = 3600.0
"""A skill, a zone, a permission or a bond counts like an hour."""


@dataclass(frozen=True)
class Relaxation:
    """One rule made weaker, and the place where the visit then fits.

    Parameters
    ----------
    rule
        The rule.
    worker, visit
        Indices into the problem: who serves the visit then.
    number
        Of the break, or of the group, sequence or precedence, where the rule is about one; else 0.
    amount
        Seconds, metres, visits, units of load or cost units; 0 for a permission.
    insertion
        The place, and its extra cost.
    relaxed_visit
        The visit whose rule it is, where it is a visit's: `visit`, or the other one of its delivery.
    """

    rule: Relaxed
    worker: int
    visit: int
    number: int
    amount: int
    insertion: PossibleInsertion
    relaxed_visit: int

    @property
    def size(self) -> float:
        """How large the change is, in seconds or what counts like them."""
        if self.rule in PERMISSIONS:
            return PERMISSION_S
        return self.amount * SECONDS_PER_UNIT.get(self.rule, 1.0)


def relaxed_problem(problem: Problem, relaxation: Relaxation) -> Problem:
    """Apply a relaxation to the problem itself.

    Parameters
    ----------
    problem
        The problem.
    relaxation
        Found for it.

    Returns
    -------
    Problem
        With that one rule weaker.
    """
    if relaxation.rule in BONDS:
        return without_bond(problem, relaxation.rule, relaxation.number, relaxation.relaxed_visit)
    workers, visits = list(problem.workers), list(problem.visits)
    visits[relaxation.relaxed_visit] = _relaxed_visit(visits[relaxation.relaxed_visit], relaxation)
    required = visits[relaxation.relaxed_visit]
    workers[relaxation.worker] = _relaxed_worker(workers[relaxation.worker], relaxation, required)
    return replace(problem, workers=tuple(workers), visits=tuple(visits))


def without_bond(problem: Problem, rule: Relaxed, number: int, visit: int) -> Problem:
    """Let a visit go from what binds it to others.

    Parameters
    ----------
    problem
        The problem.
    rule, number
        One of `BONDS`, and which group, sequence or precedence.
    visit
        The visit, which is one of it.

    Returns
    -------
    Problem
        In which the others are bound to each other as before.
    """
    name = rule.value.partition(".")[2]
    bonds = list(getattr(problem, name))
    bonds[number : number + 1] = _loosened(bonds[number], visit)
    changes: dict[str, Any] = {name: tuple(bonds)}
    return replace(problem, **changes)


def _loosened(bond: object, visit: int) -> Iterator[object]:
    """Yield what is left of a group, sequence or precedence without a visit: as much as still binds two."""
    if isinstance(bond, frozenset):
        rest = bond - {visit}
        if len(rest) > 1:
            yield rest
    elif isinstance(bond, VisitSequence):
        others = tuple(one for one in bond.visits if one != visit)
        if len(others) > 1:
            yield VisitSequence(others)
        if bond.is_direct:
            # Who came directly before the visit need not come directly before who came after it.
            yield from (VisitSequence(pair, is_direct=True) for pair in pairwise(bond.visits) if visit not in pair)


def _relaxed_visit(visit: Visit, relaxation: Relaxation) -> Visit:
    rule, amount = relaxation.rule, relaxation.amount
    if rule is Relaxed.ALLOWED_WORKERS:
        return replace(visit, allowed_workers=(visit.allowed_workers or frozenset()) | {relaxation.worker})
    if rule is Relaxed.UNSERVED_COST:
        return replace(visit, unserved_cost=(visit.unserved_cost or 0) + amount)
    if rule in (Relaxed.WINDOW_LATER, Relaxed.WINDOW_EARLIER):
        return replace(visit, time_windows=_wider(visit.time_windows, rule, amount))
    return visit


def _relaxed_worker(worker: Worker, relaxation: Relaxation, visit: Visit) -> Worker:
    rule, amount = relaxation.rule, relaxation.amount
    owner, _, field = rule.value.partition(".")
    if owner == "visit":
        return worker
    changed: Any
    if rule is Relaxed.SKILLS:
        changed = worker.skills | visit.required_skills
    elif rule is Relaxed.ZONES:
        changed = worker.zones | {visit.zone or ""}
    elif rule in (Relaxed.BREAK_LATER, Relaxed.BREAK_EARLIER):
        pauses = list(worker.breaks)
        pauses[relaxation.number] = _raised(pauses[relaxation.number], field, amount * _sign(rule))
        changed = tuple(pauses)
    elif field:
        changed = _raised(getattr(worker, owner), field, amount)
    else:
        changed = getattr(worker, owner) + amount * _sign(rule)
    return replace(worker, **{owner: changed})


def _raised(part: Any, field: str, amount: int) -> Any:  # noqa: ANN401 - a break, a rest or a reload
    return replace(part, **{field: getattr(part, field) + amount})


def _sign(rule: Relaxed) -> int:
    return -1 if rule in (Relaxed.SHIFT_EARLIER, Relaxed.BREAK_EARLIER) else 1


def _wider(windows: tuple[TimeWindow, ...], rule: Relaxed, amount: int) -> tuple[TimeWindow, ...]:
    """Let every window begin earlier or end later; those that then touch become one."""
    wider: list[TimeWindow] = []
    for window in windows:
        earlier, later = (amount, 0) if rule is Relaxed.WINDOW_EARLIER else (0, amount)
        start_s, end_s = window.start_s - earlier, window.end_s + later
        if wider and start_s <= wider[-1].end_s:
            wider[-1] = TimeWindow(min(start_s, wider[-1].start_s), max(end_s, wider[-1].end_s))
        else:
            wider.append(TimeWindow(start_s, end_s))
    return tuple(wider)
