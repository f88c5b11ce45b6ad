"""Decides whether a planning request makes sense by itself, before any road is looked at, and lists every broken rule.

What needs roads (a visit far from any, or on an island of the network) is decided by
`server.use_cases.prepare_problem`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, pairwise

from optimizer.bond_validation import contradictions
from server.errors import FieldViolation, ViolationCode
from server.settings import Settings
from server.use_cases.check_pins import pin_violations
from server.use_cases.check_planning_wishes import (
    MAX_COUNT,
    delivery_violations,
    group_violations,
    money_violations,
    precedence_violations,
    visit_wish_violations,
    worker_wish_violations,
)
from server.use_cases.departure import departure_violations, time_zone_violations
from server.use_cases.identity import MAX_ID_LENGTH
from server.use_cases.planning_request import (
    BreakRequest,
    Place,
    PlanningRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)
from server.use_cases.problem_statement import state_bonds
from server.use_cases.request_words import in_words_of_request
from server.use_cases.shifts import overlap_violations, shift_path, shifts_of

LATEST_TIME_S = 7_258_118_400
"""Start of the year 2200."""
MAX_SPREAD_S = 7 * 86_400
DAY_S = 86_400
LOWEST_PRIORITY = 5
FAR_OFF = "must lie within 7 days of the earliest shift start"


def check_planning_request(request: PlanningRequest, settings: Settings) -> tuple[FieldViolation, ...]:
    """Check everything that can be checked without roads.

    Parameters
    ----------
    request
        The request.
    settings
        Limits.

    Returns
    -------
    tuple[FieldViolation, ...]
        Every broken rule, by the field paths of `odograph.v1.Problem`.
    """
    return tuple(_violations(request, settings))


def place_violations(place: Place | None, path: str) -> Iterator[FieldViolation]:
    """Yield the broken rules of one position.

    Parameters
    ----------
    place
        The position; None is missing.
    path
        Path of its field.

    Yields
    ------
    FieldViolation
        A missing position, a coordinate that is not finite or out of range.
    """
    if place is None:
        yield FieldViolation(path, ViolationCode.REQUIRED, "is required")
        return
    latitude, longitude = place.latitude_degrees, place.longitude_degrees
    if not math.isfinite(latitude):
        yield FieldViolation(f"{path}.latitude_degrees", ViolationCode.OUT_OF_RANGE, "must be a finite number")
    elif abs(latitude) > 90:  # noqa: PLR2004 - the poles
        is_swapped = abs(latitude) <= 180 and abs(longitude) <= 90  # noqa: PLR2004 - the date line, the poles
        code = ViolationCode.COORDINATES_SWAPPED if is_swapped else ViolationCode.OUT_OF_RANGE
        hint = "; it looks swapped with the longitude: exchange the two" if is_swapped else ""
        yield FieldViolation(f"{path}.latitude_degrees", code, f"must lie in [-90, 90]{hint}")
    if not math.isfinite(longitude):
        yield FieldViolation(f"{path}.longitude_degrees", ViolationCode.OUT_OF_RANGE, "must be a finite number")
    elif abs(longitude) > 180:  # noqa: PLR2004 - the date line
        yield FieldViolation(f"{path}.longitude_degrees", ViolationCode.OUT_OF_RANGE, "must lie in [-180, 180]")


def missing_coordinate_system(path: str) -> FieldViolation:
    """Say that a request with positions declares no coordinate system."""
    return FieldViolation(path, ViolationCode.REQUIRED, "must be declared: COORDINATE_SYSTEM_WGS84, _GCJ02 or _BD09")


def _violations(request: PlanningRequest, settings: Settings) -> Iterator[FieldViolation]:
    if request.coordinate_system is None:
        yield missing_coordinate_system("coordinate_system")
    if not _is_positive(request.max_snap_distance_m):
        description = f"must be positive (got {request.max_snap_distance_m})"
        yield FieldViolation("max_snap_distance_meters", ViolationCode.OUT_OF_RANGE, description)
    yield from time_zone_violations(request.time_zone, "time_zone")
    if request.departure is not None:
        yield from departure_violations(request.departure)
    yield from _count_violations("workers", len(request.workers), settings.max_workers)
    yield from _id_violations("workers", request.workers)
    for index, worker in enumerate(request.workers):
        yield from _worker_violations(f"workers[{index}]", worker)
    yield from _count_violations("visits", len(request.visits), settings.max_visits)
    yield from _id_violations("visits", request.visits)
    worker_ids = frozenset(worker.id for worker in request.workers)
    for index, visit in enumerate(request.visits):
        yield from _visit_violations(f"visits[{index}]", visit)
        yield from visit_wish_violations(f"visits[{index}]", visit, worker_ids)
    yield from pin_violations(request)
    yield from group_violations(request)
    yield from delivery_violations(request)
    yield from precedence_violations(request)
    stated = state_bonds(request)
    yield from in_words_of_request(stated, shifts_of(request), contradictions(stated))
    if request.balance is not None:
        if request.balance.measure is None:
            yield FieldViolation("balance.measure", ViolationCode.REQUIRED, "is required")
        yield from money_violations("balance.cost", request.balance.cost)
    if not 0 <= request.lowest_strict_priority <= LOWEST_PRIORITY:
        description = f"must lie between 0 and {LOWEST_PRIORITY} (got {request.lowest_strict_priority})"
        yield FieldViolation("lowest_strict_priority", ViolationCode.OUT_OF_RANGE, description)
    yield from _spread_violations(request)


def _count_violations(path: str, count: int, limit: int) -> Iterator[FieldViolation]:
    if not 1 <= count <= limit:
        code = ViolationCode.LIMIT_EXCEEDED if count else ViolationCode.REQUIRED
        yield FieldViolation(path, code, f"must be at least one and at most {limit} (got {count})")


def _id_violations(path: str, owners: Sequence[WorkerRequest | VisitRequest]) -> Iterator[FieldViolation]:
    first_use: dict[str, int] = {}
    for index, owner in enumerate(owners):
        if not 1 <= len(owner.id) <= MAX_ID_LENGTH:
            code = ViolationCode.OUT_OF_RANGE if owner.id else ViolationCode.REQUIRED
            yield FieldViolation(f"{path}[{index}].id", code, f"must have 1 to {MAX_ID_LENGTH} characters")
        elif owner.id in first_use:
            yield FieldViolation(
                f"{path}[{index}].id",
                ViolationCode.DUPLICATE,
                f"{owner.id!r} is already the id of {path}[{first_use[owner.id]}]",
            )
        first_use.setdefault(owner.id, index)


def _worker_violations(path: str, worker: WorkerRequest) -> Iterator[FieldViolation]:
    yield from _span_violations(f"{path}.shift", worker.shift, may_be_empty=False)
    for name, place in (
        ("start_position", worker.start_position),
        ("end_position", worker.end_position),
        ("area_center_position", worker.area_center_position),
        ("reload.position", None if worker.reload is None else worker.reload.position),
    ):
        if place is not None:
            yield from place_violations(place, f"{path}.{name}")
    for name, limit in (
        ("max_visits", worker.max_visits),
        ("max_distance_meters", worker.max_distance_m),
        ("max_duration", worker.max_duration_s),
        ("capacity", worker.capacity),
    ):
        if limit is not None and not 0 <= limit <= MAX_COUNT:
            yield FieldViolation(
                f"{path}.{name}", ViolationCode.OUT_OF_RANGE, f"must lie between 0 and {MAX_COUNT} (got {limit})"
            )
    for name, money in (
        ("fixed_cost", worker.fixed_cost),
        ("cost_per_hour", worker.cost_per_hour),
        ("cost_per_kilometer", worker.cost_per_kilometer),
        ("cost_per_kilometer_from_center", worker.cost_per_kilometer_from_center),
    ):
        yield from money_violations(f"{path}.{name}", money)
    yield from _breaks_violations(f"{path}.breaks", worker.breaks)
    if worker.cost_per_kilometer_from_center and worker.area_center_position is None:
        yield FieldViolation(
            f"{path}.cost_per_kilometer_from_center", ViolationCode.NO_EFFECT, "is a price of nothing without a center"
        )
    yield from _further_shift_violations(path, worker)
    yield from worker_wish_violations(path, worker)


def _further_shift_violations(path: str, worker: WorkerRequest) -> Iterator[FieldViolation]:
    for number, shift in enumerate(worker.further_shifts):
        here = f"{path}.further_shifts[{number}]"
        yield from _span_violations(f"{here}.window", shift.window, may_be_empty=False)
        yield from _breaks_violations(f"{here}.breaks", shift.breaks)
        if shift.regular_end_s is not None and not shift.window.start_s <= shift.regular_end_s <= shift.window.end_s:
            yield FieldViolation(f"{here}.regular_end_time", ViolationCode.CONTRADICTION, "must lie inside the window")
    yield from overlap_violations(path, worker)


def _breaks_violations(path: str, breaks: Sequence[BreakRequest]) -> Iterator[FieldViolation]:
    wrong = [tuple(_break_violations(f"{path}[{index}]", pause)) for index, pause in enumerate(breaks)]
    yield from chain.from_iterable(wrong)
    for index, (before, after) in enumerate(pairwise(breaks), start=1):
        if wrong[index - 1] or wrong[index]:
            continue
        for field, before_s, after_s in (
            ("earliest_start_time", before.earliest_start_s, after.earliest_start_s),
            ("latest_start_time", before.latest_start_s, after.latest_start_s),
        ):
            if after_s < before_s + before.duration_s:
                late_s = before_s + before.duration_s - after_s
                description = f"must not lie before the end of the break before it (by {late_s} s)"
                yield FieldViolation(f"{path}[{index}].{field}", ViolationCode.OUT_OF_ORDER, description)


def _break_violations(path: str, pause: BreakRequest) -> Iterator[FieldViolation]:
    yield from _time_violations(f"{path}.earliest_start_time", pause.earliest_start_s)
    yield from _time_violations(f"{path}.latest_start_time", pause.latest_start_s)
    if 0 < pause.latest_start_s < pause.earliest_start_s:
        yield FieldViolation(
            f"{path}.latest_start_time", ViolationCode.EMPTY_WINDOW, "must not be before earliest_start_time"
        )
    if not 0 < pause.duration_s <= MAX_SPREAD_S:
        yield FieldViolation(
            f"{path}.duration",
            ViolationCode.OUT_OF_RANGE,
            f"must be positive and at most 7 days (got {pause.duration_s} s)",
        )


def _visit_violations(path: str, visit: VisitRequest) -> Iterator[FieldViolation]:
    yield from place_violations(visit.position, f"{path}.position")
    if not 0 <= visit.duration_s <= MAX_SPREAD_S:
        yield FieldViolation(
            f"{path}.duration", ViolationCode.OUT_OF_RANGE, f"must be between 0 and 7 days (got {visit.duration_s} s)"
        )
    for index, window in enumerate(visit.time_windows):
        yield from _span_violations(f"{path}.time_windows[{index}]", window, may_be_empty=True)
    for index, window in enumerate(visit.soft_time_windows):
        yield from _span_violations(f"{path}.soft_time_windows[{index}]", window, may_be_empty=True)
    if visit.unserved_cost is not None:
        yield from money_violations(f"{path}.unserved_cost", visit.unserved_cost)
    if not 1 <= visit.priority <= LOWEST_PRIORITY:
        yield FieldViolation(
            f"{path}.priority",
            ViolationCode.OUT_OF_RANGE,
            f"must lie between 1 and {LOWEST_PRIORITY} (got {visit.priority})",
        )
    if not 0 <= visit.load <= MAX_COUNT:
        yield FieldViolation(
            f"{path}.load", ViolationCode.OUT_OF_RANGE, f"must lie between 0 and {MAX_COUNT} (got {visit.load})"
        )


def _span_violations(path: str, span: TimeSpan, *, may_be_empty: bool) -> Iterator[FieldViolation]:
    yield from _time_violations(f"{path}.start_time", span.start_s)
    yield from _time_violations(f"{path}.end_time", span.end_s)
    if not 0 < min(span.start_s, span.end_s) <= max(span.start_s, span.end_s) < LATEST_TIME_S:
        return  # what is missing, or in no calendar, has no order
    start, end = (datetime.fromtimestamp(time_s, UTC).isoformat() for time_s in (span.start_s, span.end_s))
    if span.end_s < span.start_s:
        yield FieldViolation(
            path, ViolationCode.EMPTY_WINDOW, f"must not end before it starts (got {start} to {end}): {_mended(span)}"
        )
    elif span.end_s == span.start_s and not may_be_empty:
        yield FieldViolation(
            path, ViolationCode.EMPTY_WINDOW, f"must end after it starts (got {start} for both): move its end"
        )


def _mended(span: TimeSpan) -> str:
    """Say how a span that ends before it starts may have been meant."""
    if span.start_s - span.end_s < DAY_S:
        return "exchange the two, or give the end its date where the span goes on past midnight"
    return "exchange the two, or mend a date"


def _time_violations(path: str, time_s: int) -> Iterator[FieldViolation]:
    if not 0 < time_s < LATEST_TIME_S:
        code = ViolationCode.OUT_OF_RANGE if time_s else ViolationCode.REQUIRED
        yield FieldViolation(path, code, "is required, and must lie between the years 1970 and 2200")


def _spread_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Check that all times belong to one planning span: a time of another year is a slip of the pen."""
    starts = [worker.shift.start_s for worker in request.workers if 0 < worker.shift.start_s < LATEST_TIME_S]
    if not starts:
        return
    first_s = min(starts)
    for one in shifts_of(request):
        span = one.worker.shift
        if abs(span.end_s - first_s) > MAX_SPREAD_S and 0 < span.start_s <= span.end_s:
            yield FieldViolation(shift_path(one), ViolationCode.OUT_OF_RANGE, FAR_OFF)
        owner = shift_path(one).removesuffix(".shift").removesuffix(".window")
        for number, pause in enumerate(one.worker.breaks):
            if _is_far(TimeSpan(pause.earliest_start_s, pause.latest_start_s), first_s):
                yield FieldViolation(f"{owner}.breaks[{number}]", ViolationCode.OUT_OF_RANGE, FAR_OFF)
    if request.not_before_s is not None and abs(request.not_before_s - first_s) > MAX_SPREAD_S:
        yield FieldViolation("not_before_time", ViolationCode.OUT_OF_RANGE, FAR_OFF)
    for index, visit in enumerate(request.visits):
        if visit.pin and visit.pin.start_s is not None and abs(visit.pin.start_s - first_s) > MAX_SPREAD_S:
            yield FieldViolation(f"visits[{index}].pin.start_time", ViolationCode.OUT_OF_RANGE, FAR_OFF)
        for name in ("time_windows", "soft_time_windows"):
            for number, window in enumerate(getattr(visit, name)):
                if _is_far(window, first_s):
                    yield FieldViolation(f"visits[{index}].{name}[{number}]", ViolationCode.OUT_OF_RANGE, FAR_OFF)


def _is_far(span: TimeSpan, first_s: int) -> bool:
    """Tell whether a span that has a place in the calendar lies in another planning span."""
    farthest_s = max(abs(span.start_s - first_s), abs(span.end_s - first_s))
    return farthest_s > MAX_SPREAD_S and 0 < span.start_s <= span.end_s < LATEST_TIME_S


def _is_positive(value: float) -> bool:
    return math.isfinite(value) and value > 0
