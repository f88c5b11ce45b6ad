"""Decides whether what a planning request says about skills, prices, people and groups of visits makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from server.errors import FieldViolation, ViolationCode
from server.use_cases.planning_request import (
    PlanningRequest,
    SkillLevelRequest,
    SoftLimitsRequest,
    VisitRequest,
    WorkerRequest,
)

MAX_MONEY = 1e6
MAX_COUNT = 1_000_000_000
MAX_DURATION_S = 7 * 86_400
SMALLEST_FACTOR = 0.01
LARGEST_FACTOR = 100.0
LEAST_IN_GROUP = 2
MAX_PAIRS = 1_000_000
"""Of visits that groups and sequences bind: each pair takes some hundred bytes."""


def worker_wish_violations(path: str, worker: WorkerRequest) -> Iterator[FieldViolation]:
    """Yield the broken rules of a worker's skill levels, factors, soft limits and overtime.

    Parameters
    ----------
    path
        Path of the worker.
    worker
        The worker.

    Yields
    ------
    FieldViolation
        Each with the path of its field.
    """
    yield from _skill_violations(f"{path}.skills", worker.skills)
    yield from _level_violations(f"{path}.skill_levels", worker.skill_levels)
    for name, factor in (("travel_factor", worker.travel_factor), ("service_factor", worker.service_factor)):
        if not SMALLEST_FACTOR <= factor <= LARGEST_FACTOR:
            description = f"must lie between {SMALLEST_FACTOR} and {LARGEST_FACTOR:.0f} (got {factor})"
            yield FieldViolation(f"{path}.{name}", ViolationCode.OUT_OF_RANGE, description)
    if worker.max_travel_s is not None:
        yield from _seconds_violations(f"{path}.max_travel_duration", worker.max_travel_s)
    if worker.driving_rest is not None:
        rest = worker.driving_rest
        for name, seconds in (("max_driving_duration", rest.max_driving_s), ("duration", rest.duration_s)):
            if not 0 < seconds <= MAX_DURATION_S:
                yield FieldViolation(
                    f"{path}.driving_rest.{name}",
                    ViolationCode.OUT_OF_RANGE,
                    f"must be positive, at most 7 days (got {seconds} s)",
                )
    yield from _reload_violations(f"{path}.reload", worker)
    yield from _soft_limit_violations(f"{path}.soft_limits", worker.soft_limits)
    yield from money_violations(f"{path}.overtime_cost_per_hour", worker.overtime_cost_per_hour)
    shift = worker.shift
    if worker.regular_end_s is None:
        if worker.overtime_cost_per_hour and not any(one.regular_end_s for one in worker.further_shifts):
            yield FieldViolation(
                f"{path}.overtime_cost_per_hour",
                ViolationCode.NO_EFFECT,
                "is a price of nothing without regular_end_time",
            )
    elif not shift.start_s <= worker.regular_end_s <= shift.end_s:
        yield FieldViolation(f"{path}.regular_end_time", ViolationCode.CONTRADICTION, "must lie inside the shift")


def visit_wish_violations(path: str, visit: VisitRequest, worker_ids: frozenset[str]) -> Iterator[FieldViolation]:
    """Yield the broken rules of what a visit says about skills, setup and people.

    Parameters
    ----------
    path
        Path of the visit.
    visit
        The visit.
    worker_ids
        Ids of all workers.

    Yields
    ------
    FieldViolation
        Each with the path of its field.
    """
    if visit.required_skills:
        yield from _skill_violations(f"{path}.required_skills", visit.required_skills)
    if visit.required_skill_levels:
        yield from _level_violations(f"{path}.required_skill_levels", visit.required_skill_levels)
    for index, one in enumerate(visit.skill_durations):
        here = f"{path}.skill_durations[{index}]"
        if not one.skill:
            yield FieldViolation(f"{here}.skill", ViolationCode.REQUIRED, "is required")
        yield from _seconds_violations(f"{here}.duration", one.duration_s)
    yield from _seconds_violations(f"{path}.setup_duration", visit.setup_s)
    for name in ("allowed_worker_ids", "forbidden_worker_ids", "preferred_worker_ids"):
        named = getattr(visit, name)
        if named:
            yield from _id_violations(f"{path}.{name}", named, worker_ids, "worker")
    yield from money_violations(f"{path}.not_preferred_cost", visit.not_preferred_cost)
    if visit.not_preferred_cost and not visit.preferred_worker_ids:
        yield FieldViolation(
            f"{path}.not_preferred_cost", ViolationCode.NO_EFFECT, "is a price of nothing without preferred_worker_ids"
        )
    for name in ("cost_per_hour_early", "cost_per_hour_late"):
        price = getattr(visit, name)
        yield from money_violations(f"{path}.{name}", price)
        if price and not visit.soft_time_windows:
            yield FieldViolation(
                f"{path}.{name}", ViolationCode.NO_EFFECT, "is a price of nothing without soft_time_windows"
            )


def group_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Yield the broken rules of groups and sequences of visits.

    Parameters
    ----------
    request
        The request.

    Yields
    ------
    FieldViolation
        Each with the path of its field.
    """
    visit_ids = frozenset(visit.id for visit in request.visits)
    yield from _pair_violations(request)
    for name in ("same_worker_groups", "different_worker_groups", "separate_groups"):
        for index, group in enumerate(getattr(request, name)):
            yield from _members_violations(f"{name}[{index}].visit_ids", group, visit_ids)
    for index, sequence in enumerate(request.sequences):
        yield from _members_violations(f"sequences[{index}].visit_ids", sequence.visit_ids, visit_ids)


def delivery_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Yield the broken rules of deliveries.

    Parameters
    ----------
    request
        The request.

    Yields
    ------
    FieldViolation
        Unknown visits, visits in two deliveries, loads out of range, and deliveries of which one half comes first.
    """
    visits = {visit.id: visit for visit in request.visits}
    used: dict[str, str] = {}
    for index, one in enumerate(request.deliveries):
        path = f"deliveries[{index}]"
        if not 0 <= one.load <= MAX_COUNT:
            yield FieldViolation(
                f"{path}.load", ViolationCode.OUT_OF_RANGE, f"must lie between 0 and {MAX_COUNT} (got {one.load})"
            )
        for name in ("pickup_visit_id", "delivery_visit_id"):
            visit_id, here = getattr(one, name), f"{path}.{name}"
            if visit_id not in visits:
                yield FieldViolation(
                    here, ViolationCode.UNKNOWN_REFERENCE, f"there is no visit {visit_id!r} in the problem"
                )
            elif visit_id in used:
                yield FieldViolation(here, ViolationCode.DUPLICATE, f"{visit_id!r} already belongs to {used[visit_id]}")
            used.setdefault(visit_id, here)
        known = [visits[visit_id] for visit_id in (one.pickup_visit_id, one.delivery_visit_id) if visit_id in visits]
        mandatory = [visit.unserved_cost is None or visit.pin is not None for visit in known]
        if len(set(mandatory)) > 1:
            yield FieldViolation(
                path, ViolationCode.CONTRADICTION, "must be of two mandatory visits, or of two that may be left out"
            )
        elif any(mandatory):
            continue  # both come before all priorities
        elif len({min(visit.priority, request.lowest_strict_priority + 1) for visit in known}) > 1:
            yield FieldViolation(
                path, ViolationCode.CONTRADICTION, "must be of two visits of one priority where priorities are strict"
            )


def precedence_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Yield the visits of precedences that are not there or wait for themselves, and gaps out of range.

    Longer circles are found by the optimizer.

    Parameters
    ----------
    request
        The request.

    Yields
    ------
    FieldViolation
        Each with the path of its field.
    """
    visit_ids = frozenset(visit.id for visit in request.visits)
    for index, one in enumerate(request.precedences):
        for name in ("before_visit_id", "after_visit_id"):
            if getattr(one, name) not in visit_ids:
                description = f"there is no visit {getattr(one, name)!r} in the problem"
                yield FieldViolation(f"precedences[{index}].{name}", ViolationCode.UNKNOWN_REFERENCE, description)
        if one.before_visit_id == one.after_visit_id:
            yield FieldViolation(
                f"precedences[{index}]",
                ViolationCode.CONTRADICTION,
                f"visit {one.after_visit_id!r} would wait for itself",
            )
        yield from _seconds_violations(f"precedences[{index}].min_gap", one.min_gap_s)


def _pair_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Yield the first group or sequence with which more pairs of visits would be bound than can be kept in mind."""
    sizes = [
        (f"{name}[{index}].visit_ids", len(group))
        for name in ("same_worker_groups", "different_worker_groups", "separate_groups")
        for index, group in enumerate(getattr(request, name))
    ]
    sizes += [(f"sequences[{index}].visit_ids", len(one.visit_ids)) for index, one in enumerate(request.sequences)]
    pairs = 0
    for path, size in sizes:
        pairs += size * (size - 1) // 2
        if pairs > MAX_PAIRS:
            description = f"groups and sequences until here bind {pairs:,} pairs of visits, of at most {MAX_PAIRS:,}"
            yield FieldViolation(path, ViolationCode.LIMIT_EXCEEDED, description)
            return


def money_violations(path: str, money: float) -> Iterator[FieldViolation]:
    """Yield a violation where an amount of money is negative, too large or no number."""
    if not 0 <= money <= MAX_MONEY:
        yield FieldViolation(path, ViolationCode.OUT_OF_RANGE, f"must lie between 0 and {MAX_MONEY:.0f} (got {money})")


def _members_violations(path: str, members: Sequence[str], visit_ids: frozenset[str]) -> Iterator[FieldViolation]:
    if len(set(members)) < LEAST_IN_GROUP:
        yield FieldViolation(
            path,
            ViolationCode.REQUIRED,
            f"must name at least {LEAST_IN_GROUP} different visits (got {len(set(members))})",
        )
    if len(set(members)) < len(members):
        yield FieldViolation(path, ViolationCode.DUPLICATE, "must name each visit once")
    yield from _id_violations(path, members, visit_ids, "visit")


def _id_violations(path: str, named: Sequence[str], known: frozenset[str], what: str) -> Iterator[FieldViolation]:
    for index, one in enumerate(named):
        if one not in known:
            yield FieldViolation(
                f"{path}[{index}]", ViolationCode.UNKNOWN_REFERENCE, f"there is no {what} {one!r} in the problem"
            )


def _skill_violations(path: str, skills: Iterable[str]) -> Iterator[FieldViolation]:
    for index, skill in enumerate(skills):
        if not skill:
            yield FieldViolation(f"{path}[{index}]", ViolationCode.REQUIRED, "must not be empty")


def _level_violations(path: str, levels: Iterable[SkillLevelRequest]) -> Iterator[FieldViolation]:
    for index, one in enumerate(levels):
        if not one.skill:
            yield FieldViolation(f"{path}[{index}].skill", ViolationCode.REQUIRED, "is required")
        if not 1 <= one.level <= MAX_COUNT:
            yield FieldViolation(
                f"{path}[{index}].level",
                ViolationCode.OUT_OF_RANGE,
                f"must lie between 1 and {MAX_COUNT} (got {one.level})",
            )


def _reload_violations(path: str, worker: WorkerRequest) -> Iterator[FieldViolation]:
    reload = worker.reload
    if reload is None:
        return
    yield from _seconds_violations(f"{path}.duration", reload.duration_s)
    yield from money_violations(f"{path}.cost", reload.cost)
    if reload.max_reloads is not None and not 0 <= reload.max_reloads <= MAX_COUNT:
        yield FieldViolation(
            f"{path}.max_reloads",
            ViolationCode.OUT_OF_RANGE,
            f"must lie between 0 and {MAX_COUNT} (got {reload.max_reloads})",
        )
    if reload.position is None and worker.start_position is None:
        yield FieldViolation(
            f"{path}.position", ViolationCode.REQUIRED, "is required where the worker has no start_position"
        )
    if worker.capacity is None:
        yield FieldViolation(path, ViolationCode.NO_EFFECT, "is of no use where capacity has no limit")


def _soft_limit_violations(path: str, limits: SoftLimitsRequest) -> Iterator[FieldViolation]:
    for limit_name, limit, price_name, price in (
        ("max_visits", limits.max_visits, "cost_per_extra_visit", limits.cost_per_extra_visit),
        ("max_distance_meters", limits.max_distance_m, "cost_per_extra_kilometer", limits.cost_per_extra_kilometer),
        ("max_duration", limits.max_duration_s, "cost_per_extra_hour", limits.cost_per_extra_hour),
        ("max_travel_duration", limits.max_travel_s, "cost_per_extra_travel_hour", limits.cost_per_extra_travel_hour),
    ):
        if limit is not None and not 0 <= limit <= MAX_COUNT:
            yield FieldViolation(
                f"{path}.{limit_name}", ViolationCode.OUT_OF_RANGE, f"must lie between 0 and {MAX_COUNT} (got {limit})"
            )
        yield from money_violations(f"{path}.{price_name}", price)
        if limit is None and price:
            yield FieldViolation(
                f"{path}.{price_name}", ViolationCode.NO_EFFECT, f"is a price of nothing without {limit_name}"
            )


def _seconds_violations(path: str, seconds: int) -> Iterator[FieldViolation]:
    if not 0 <= seconds <= MAX_DURATION_S:
        yield FieldViolation(path, ViolationCode.OUT_OF_RANGE, f"must be between 0 and 7 days (got {seconds} s)")
