"""Decides whether the pins of a planning request can hold together: what people have put where it cannot be.

Only what no road could change is a broken rule: pins to someone who may not come or is not at work, and pins that
contradict each other or what binds their visits. Whether there is time for the ways is for the planner to find out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from server.errors import FieldViolation, ViolationCode
from server.use_cases.begun_routes import shift_of_event
from server.use_cases.check_planning_wishes import MAX_DURATION_S
from server.use_cases.planning_request import PinEvent, PinRequest, PlanningRequest, VisitRequest, WorkerRequest
from server.use_cases.shifts import WorkerShift, shifts_of


def pin_violations(request: PlanningRequest) -> Iterator[FieldViolation]:
    """Yield the pins that cannot be.

    Parameters
    ----------
    request
        The request.

    Yields
    ------
    FieldViolation
        Each with the path of its field: of a pin, or of the rule that pins contradict.
    """
    workers = {worker.id: worker for worker in request.workers}
    pinned: dict[str, tuple[VisitRequest, PinRequest]] = {}
    for index, visit in enumerate(request.visits):
        if visit.pin is not None:
            yield from _violations_of_pin(f"visits[{index}].pin", visit, visit.pin, workers.get(visit.pin.worker_id))
            pinned.setdefault(visit.id, (visit, visit.pin))
    if pinned:
        yield from _events(request, workers)
        yield from _overlaps(request, workers)
        yield from _people(request, pinned, workers)
        yield from _orders(request, pinned, workers)


def _violations_of_pin(
    path: str, visit: VisitRequest, pin: PinRequest, worker: WorkerRequest | None
) -> Iterator[FieldViolation]:
    if worker is None:
        yield FieldViolation(
            f"{path}.worker_id", ViolationCode.UNKNOWN_REFERENCE, f"there is no worker {pin.worker_id!r} in the problem"
        )
    elif pin.worker_id in visit.forbidden_worker_ids or (
        visit.allowed_worker_ids and pin.worker_id not in visit.allowed_worker_ids
    ):
        yield FieldViolation(
            f"{path}.worker_id", ViolationCode.CONTRADICTION, f"{pin.worker_id!r} may not serve this visit"
        )
    elif lacking := _lacking(visit, worker):
        description = f"{pin.worker_id!r} cannot serve this visit: {lacking}"
        yield FieldViolation(f"{path}.worker_id", ViolationCode.CONTRADICTION, description)
    windows, start_s = visit.time_windows, pin.start_s
    if start_s is None:
        return
    has_happened = pin.event is PinEvent.ARRIVED
    if windows and not has_happened and not any(one.start_s <= start_s <= one.end_s for one in windows):
        yield FieldViolation(
            f"{path}.start_time", ViolationCode.CONTRADICTION, "must lie in one of the visit's time windows"
        )
    # A moment in another year is named as such, once.
    if worker is not None and abs(start_s - worker.shift.start_s) <= MAX_DURATION_S:
        shifts = (worker.shift, *(one.window for one in worker.further_shifts))
        if not any(one.start_s <= start_s <= one.end_s for one in shifts):
            yield FieldViolation(
                f"{path}.start_time", ViolationCode.CONTRADICTION, f"must lie in a shift of {pin.worker_id!r}"
            )


def _lacking(visit: VisitRequest, worker: WorkerRequest) -> str:
    """Say which skill, level or zone of a visit a worker lacks; empty where none."""
    level_of: dict[str, int] = {}
    for one in worker.skill_levels:
        level_of[one.skill] = max(one.level, level_of.get(one.skill, 0))
    skills = [skill for skill in visit.required_skills if skill not in worker.skills and skill not in level_of]
    levels = [one for one in visit.required_skill_levels if level_of.get(one.skill, 0) < one.level]
    if skills:
        return f"the skill {skills[0]!r} is missing"
    if levels:
        return f"the skill {levels[0].skill!r} is needed at level {levels[0].level}"
    if visit.zone and worker.zones and visit.zone not in worker.zones:
        return f"the zone {visit.zone!r} is not the worker's"
    return ""


def _events(request: PlanningRequest, workers: dict[str, WorkerRequest]) -> Iterator[FieldViolation]:
    """Name events that lack what they need, two that begin one route, and what would have to come before one."""
    shifts = shifts_of(request)
    first: dict[int, str] = {}
    waiting = {one.after_visit_id: f"precedences[{index}]" for index, one in enumerate(request.precedences)}
    delivered = {one.delivery_visit_id: f"deliveries[{index}]" for index, one in enumerate(request.deliveries)}
    for index, visit in enumerate(request.visits):
        pin, path = visit.pin, f"visits[{index}].pin"
        if pin is None or pin.event is None or pin.worker_id not in workers:
            continue
        if pin.event is PinEvent.ARRIVED and pin.start_s is None:
            yield FieldViolation(
                f"{path}.start_time", ViolationCode.REQUIRED, "is required: when the worker began there"
            )
        if pin.event is PinEvent.UNDER_WAY and workers[pin.worker_id].start_position is None:
            owner = next(number for number, one in enumerate(request.workers) if one.id == pin.worker_id)
            rule = f"is required: {pin.worker_id!r} is on the way from there to {visit.id!r}"
            yield FieldViolation(f"workers[{owner}].start_position", ViolationCode.REQUIRED, rule)
        if visit.id in delivered:
            rule = f"the route begins with {visit.id!r}, which it must be picked up before: leave the delivery out"
            yield FieldViolation(delivered[visit.id], ViolationCode.CONTRADICTION, rule)
        if pin.start_s is None and visit.id in waiting:
            rule = f"{pin.worker_id!r} is on the way to {visit.id!r}, which waits: give its pin a start_time"
            yield FieldViolation(waiting[visit.id], ViolationCode.NOT_SUPPORTED, rule)
        shift = shift_of_event(pin, shifts)
        if shift is not None and shift in first:
            rule = f"the route of {pin.worker_id!r} begins with {first[shift]!r}: one event begins a route"
            yield FieldViolation(f"{path}.event", ViolationCode.CONTRADICTION, rule)
        elif shift is not None:
            first[shift] = visit.id
            yield from _before(request, pin, shifts[shift])


def _before(request: PlanningRequest, event: PinRequest, shift: WorkerShift) -> Iterator[FieldViolation]:
    """Name pins to a moment of the same shift before the visit with which its route begins."""
    for index, visit in enumerate(request.visits):
        pin = visit.pin
        if pin is None or pin is event or pin.start_s is None or event.start_s is None:
            continue
        if pin.worker_id == event.worker_id and shift.worker.shift.start_s <= pin.start_s < event.start_s:
            rule = f"lies before the visit with which the route of {pin.worker_id!r} begins: leave out what is done"
            yield FieldViolation(f"visits[{index}].pin.start_time", ViolationCode.CONTRADICTION, rule)


def _overlaps(request: PlanningRequest, workers: dict[str, WorkerRequest]) -> Iterator[FieldViolation]:
    """Name pins to moments at which the same worker is still at another pinned visit."""
    busy: dict[str, list[tuple[int, int, int]]] = {}
    for index, visit in enumerate(request.visits):
        pin = visit.pin
        if pin is not None and pin.start_s is not None and pin.worker_id in workers:
            over_s = pin.start_s + _least_service_s(visit, workers[pin.worker_id])
            busy.setdefault(pin.worker_id, []).append((pin.start_s, over_s, index))
    for worker_id, spans in busy.items():
        latest = (-math.inf, 0)
        for start_s, over_s, index in sorted(spans):
            if start_s < latest[0]:
                other = request.visits[latest[1]].id
                description = f"{worker_id!r} is still at {other!r} then, which is pinned too"
                yield FieldViolation(f"visits[{index}].pin.start_time", ViolationCode.CONTRADICTION, description)
            latest = max(latest, (over_s, index))


def _people(
    request: PlanningRequest,
    pinned: dict[str, tuple[VisitRequest, PinRequest]],
    workers: dict[str, WorkerRequest],
) -> Iterator[FieldViolation]:
    """Name what holds visits together that are pinned to different workers, or apart that are pinned to one."""
    together: list[tuple[str, Sequence[str]]] = [
        *((f"same_worker_groups[{index}]", group) for index, group in enumerate(request.same_worker_groups)),
        *((f"sequences[{index}]", one.visit_ids) for index, one in enumerate(request.sequences)),
        *(
            (f"deliveries[{index}]", (one.pickup_visit_id, one.delivery_visit_id))
            for index, one in enumerate(request.deliveries)
        ),
    ]
    for path, visit_ids in together:
        for one, other in _pairs(visit_ids, pinned):
            first, second = pinned[one][1].worker_id, pinned[other][1].worker_id
            if first != second:
                yield FieldViolation(
                    path, ViolationCode.CONTRADICTION, f"{one!r} is pinned to {first!r}, and {other!r} to {second!r}"
                )
                break
    apart = [
        *(
            (f"different_worker_groups[{index}]", one, True)
            for index, one in enumerate(request.different_worker_groups)
        ),
        *((f"separate_groups[{index}]", one, False) for index, one in enumerate(request.separate_groups)),
    ]
    for path, visit_ids, is_about_people in apart:
        for one, other in _pairs(visit_ids, pinned):
            worker = workers.get(pinned[one][1].worker_id)
            is_one_route = worker is not None and (is_about_people or not worker.further_shifts)
            if is_one_route and pinned[one][1].worker_id == pinned[other][1].worker_id:
                yield FieldViolation(
                    path,
                    ViolationCode.CONTRADICTION,
                    f"{one!r} and {other!r} are both pinned to {pinned[one][1].worker_id!r}",
                )
                break


def _orders(
    request: PlanningRequest,
    pinned: dict[str, tuple[VisitRequest, PinRequest]],
    workers: dict[str, WorkerRequest],
) -> Iterator[FieldViolation]:
    """Name orders in which a visit is pinned to a moment before the one that comes first is over."""
    orders: list[tuple[str, Sequence[str], int]] = [
        *((f"sequences[{index}]", one.visit_ids, 0) for index, one in enumerate(request.sequences)),
        *(
            (f"deliveries[{index}]", (one.pickup_visit_id, one.delivery_visit_id), 0)
            for index, one in enumerate(request.deliveries)
        ),
        *(
            (f"precedences[{index}]", (one.before_visit_id, one.after_visit_id), one.min_gap_s)
            for index, one in enumerate(request.precedences)
        ),
    ]
    for path, visit_ids, gap_s in orders:
        for one, other in _pairs(visit_ids, pinned):
            (visit, pin), start_s = pinned[one], pinned[other][1].start_s
            worker = workers.get(pin.worker_id)
            if pin.start_s is None or start_s is None or worker is None:
                continue
            if start_s < pin.start_s + _least_service_s(visit, worker) + gap_s:
                yield FieldViolation(
                    path,
                    ViolationCode.CONTRADICTION,
                    f"{other!r} is pinned to a moment at which {one!r}, pinned too, is not over",
                )
                break


def _pairs(visit_ids: Iterable[str], pinned: dict[str, tuple[VisitRequest, PinRequest]]) -> Iterator[tuple[str, str]]:
    """Yield each two different visits, in their order, that are both pinned."""
    return combinations(dict.fromkeys(one for one in visit_ids if one in pinned), 2)


def _least_service_s(visit: VisitRequest, worker: WorkerRequest) -> int:
    """Return how long a visit takes a worker at least, whatever the skills."""
    shortest_s = min([visit.duration_s, *(one.duration_s for one in visit.skill_durations)])
    return math.floor(max(0, shortest_s) * worker.service_factor) if math.isfinite(worker.service_factor) else 0
