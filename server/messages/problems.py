"""What is asked to be planned, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from odograph import v1

from optimizer.options import Engine
from optimizer.problem import BalanceMeasure
from server.messages.coordinates import declared_system, place_of_position, position_of_place, value_of_system
from server.messages.departures import departure_message, departure_of_message
from server.messages.times import duration_of_s, s_of_duration, span_of_window, timestamp_of_s, window_of_span
from server.use_cases.planning_request import (
    DEFAULT_COST_PER_HOUR,
    DEFAULT_COST_PER_KILOMETER,
    DEFAULT_SNAP_DISTANCE_M,
    BalanceRequest,
    BreakRequest,
    DeliveryRequest,
    DrivingRestRequest,
    FurtherShiftRequest,
    KnownTravel,
    PinRequest,
    PlaceOfProblem,
    PlanningRequest,
    PrecedenceRequest,
    ReloadRequest,
    SearchOptions,
    SequenceRequest,
    SkillDurationRequest,
    SkillLevelRequest,
    SoftLimitsRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)

_MEASURES = {
    v1.Balance.MEASURE_TIME: BalanceMeasure.TIME,
    v1.Balance.MEASURE_VISITS: BalanceMeasure.VISITS,
    v1.Balance.MEASURE_DISTANCE: BalanceMeasure.DISTANCE,
}

_ENGINES = {
    v1.Engine.ENGINE_HYBRID: Engine.HYBRID,
    v1.Engine.ENGINE_SEARCH: Engine.SEARCH,
    v1.Engine.ENGINE_ORTOOLS: Engine.ORTOOLS,
}


def planning_request_of_message(problem: v1.Problem) -> PlanningRequest:
    """Read a problem.

    Parameters
    ----------
    problem
        The message. What is missing is read as such, and reported by the check of the request.

    Returns
    -------
    PlanningRequest
        The same, with the documented defaults filled in.
    """
    return PlanningRequest(
        workers=tuple(_worker(worker) for worker in problem.workers),
        visits=tuple(visit_of_message(visit) for visit in problem.visits),
        coordinate_system=declared_system(problem.coordinate_system),
        road_network=problem.road_network,
        time_zone=problem.time_zone or "UTC",
        label=problem.label,
        max_snap_distance_m=(
            problem.max_snap_distance_meters
            if problem.HasField("max_snap_distance_meters")
            else DEFAULT_SNAP_DISTANCE_M
        ),
        same_worker_groups=tuple(tuple(group.visit_ids) for group in problem.same_worker_groups),
        separate_groups=tuple(tuple(group.visit_ids) for group in problem.separate_groups),
        sequences=tuple(SequenceRequest(tuple(one.visit_ids), one.direct) for one in problem.sequences),
        known_travels=tuple(_known_travel(travel) for travel in problem.known_travels),
        departure=departure_of_message(problem.departure) if problem.HasField("departure") else None,
        balance=_balance(problem.balance) if problem.HasField("balance") else None,
        lowest_strict_priority=problem.lowest_strict_priority,
        precedences=tuple(
            PrecedenceRequest(one.before_visit_id, one.after_visit_id, one.min_gap.seconds)
            for one in problem.precedences
        ),
        deliveries=tuple(
            DeliveryRequest(one.pickup_visit_id, one.delivery_visit_id, one.load) for one in problem.deliveries
        ),
    )


def _balance(balance: v1.Balance) -> BalanceRequest:
    return BalanceRequest(_MEASURES.get(balance.measure), balance.cost)


def _balance_message(balance: BalanceRequest) -> v1.Balance:
    value = next(
        (one for one, measure in _MEASURES.items() if measure is balance.measure), v1.Balance.MEASURE_UNSPECIFIED
    )
    return v1.Balance(measure=value, cost=balance.cost)


def _known_travel(travel: v1.KnownTravel) -> KnownTravel:
    known = travel.known
    return KnownTravel(
        origin=PlaceOfProblem(travel.from_visit_id, travel.from_worker_id),
        destination=PlaceOfProblem(travel.to_visit_id, travel.to_worker_id),
        duration_s=known.duration.seconds if known.HasField("duration") else None,
        distance_m=known.distance_meters if known.HasField("distance_meters") else None,
        is_unreachable=travel.unreachable,
    )


def search_options_of_message(request: v1.BuildPlanRequest) -> SearchOptions:
    """Read how long is to be searched."""
    defaults = SearchOptions()
    has_limit = request.HasField("time_limit")
    time_limit_s = s_of_duration(request.time_limit) if has_limit else defaults.time_limit_s
    return SearchOptions(
        time_limit_s=time_limit_s,
        seed=request.seed,
        engine=_ENGINES.get(request.engine, Engine.HYBRID),
        work_limit=request.work_limit if request.HasField("work_limit") else None,
        threads=request.threads if request.HasField("threads") else defaults.threads,
    )


def _worker(worker: v1.Worker) -> WorkerRequest:
    return WorkerRequest(
        id=worker.id,
        shift=span_of_window(worker.shift),
        label=worker.label,
        road_network=worker.road_network,
        start_position=place_of_position(worker.start_position) if worker.HasField("start_position") else None,
        end_position=place_of_position(worker.end_position) if worker.HasField("end_position") else None,
        skills=tuple(worker.skills),
        max_visits=worker.max_visits if worker.HasField("max_visits") else None,
        max_distance_m=worker.max_distance_meters if worker.HasField("max_distance_meters") else None,
        max_duration_s=worker.max_duration.seconds if worker.HasField("max_duration") else None,
        capacity=worker.capacity if worker.HasField("capacity") else None,
        breaks=tuple(_break(pause) for pause in worker.breaks),
        fixed_cost=worker.fixed_cost,
        cost_per_hour=worker.cost_per_hour if worker.HasField("cost_per_hour") else DEFAULT_COST_PER_HOUR,
        cost_per_kilometer=(
            worker.cost_per_kilometer if worker.HasField("cost_per_kilometer") else DEFAULT_COST_PER_KILOMETER
        ),
        skill_levels=_levels(worker.skill_levels),
        travel_factor=worker.travel_factor if worker.HasField("travel_factor") else 1.0,
        service_factor=worker.service_factor if worker.HasField("service_factor") else 1.0,
        zones=tuple(worker.zones),
        max_travel_s=worker.max_travel_duration.seconds if worker.HasField("max_travel_duration") else None,
        soft_limits=_soft_limits(worker.soft_limits),
        regular_end_s=worker.regular_end_time.seconds if worker.HasField("regular_end_time") else None,
        overtime_cost_per_hour=worker.overtime_cost_per_hour,
        further_shifts=tuple(_further_shift(shift) for shift in worker.further_shifts),
        driving_rest=_driving_rest(worker.driving_rest) if worker.HasField("driving_rest") else None,
        area_center_position=(
            place_of_position(worker.area_center_position) if worker.HasField("area_center_position") else None
        ),
        cost_per_kilometer_from_center=worker.cost_per_kilometer_from_center,
        reload=_reload(worker.reload) if worker.HasField("reload") else None,
    )


def _reload(reload: v1.Reload) -> ReloadRequest:
    return ReloadRequest(
        place_of_position(reload.position) if reload.HasField("position") else None,
        reload.duration.seconds,
        reload.max_reloads if reload.HasField("max_reloads") else None,
    )


def _driving_rest(rest: v1.DrivingRest) -> DrivingRestRequest:
    return DrivingRestRequest(rest.max_driving_duration.seconds, rest.duration.seconds)


def _further_shift(shift: v1.FurtherShift) -> FurtherShiftRequest:
    return FurtherShiftRequest(
        span_of_window(shift.window),
        tuple(_break(pause) for pause in shift.breaks),
        shift.regular_end_time.seconds if shift.HasField("regular_end_time") else None,
    )


def _soft_limits(limits: v1.SoftLimits) -> SoftLimitsRequest:
    return SoftLimitsRequest(
        max_visits=limits.max_visits if limits.HasField("max_visits") else None,
        cost_per_extra_visit=limits.cost_per_extra_visit,
        max_distance_m=limits.max_distance_meters if limits.HasField("max_distance_meters") else None,
        cost_per_extra_kilometer=limits.cost_per_extra_kilometer,
        max_duration_s=limits.max_duration.seconds if limits.HasField("max_duration") else None,
        cost_per_extra_hour=limits.cost_per_extra_hour,
        max_travel_s=limits.max_travel_duration.seconds if limits.HasField("max_travel_duration") else None,
        cost_per_extra_travel_hour=limits.cost_per_extra_travel_hour,
    )


def _levels(levels: Iterable[v1.SkillLevel]) -> tuple[SkillLevelRequest, ...]:
    return tuple(SkillLevelRequest(one.skill, one.level) for one in levels)


def _break(pause: v1.Break) -> BreakRequest:
    return BreakRequest(pause.earliest_start_time.seconds, pause.latest_start_time.seconds, pause.duration.seconds)


def visit_of_message(visit: v1.Visit) -> VisitRequest:
    """Read a visit; only what is given is looked at, for there may be thousands."""
    given: dict[str, Any] = {"id": visit.id, "position": None}
    for field, value in visit.ListFields():
        name, read = _VISIT_FIELDS[field.name]
        given[name] = read(value)
    return VisitRequest(**given)


def _seconds(duration: Duration) -> int:
    return duration.seconds


def _spans(windows: Iterable[v1.TimeWindow]) -> tuple[TimeSpan, ...]:
    return tuple(span_of_window(window) for window in windows)


def _skill_durations(durations: Iterable[v1.SkillDuration]) -> tuple[SkillDurationRequest, ...]:
    return tuple(SkillDurationRequest(one.skill, one.duration.seconds) for one in durations)


def _pin(pin: v1.VisitPin) -> PinRequest:
    return PinRequest(pin.worker_id, pin.start_time.seconds if pin.HasField("start_time") else None)


_VISIT_FIELDS: Final[dict[str, tuple[str, Callable[[Any], object]]]] = {
    "id": ("id", str),
    "label": ("label", str),
    "position": ("position", place_of_position),
    "duration": ("duration_s", _seconds),
    "time_windows": ("time_windows", _spans),
    "required_skills": ("required_skills", tuple),
    "unserved_cost": ("unserved_cost", float),
    "priority": ("priority", int),
    "load": ("load", int),
    "required_skill_levels": ("required_skill_levels", _levels),
    "skill_durations": ("skill_durations", _skill_durations),
    "setup_duration": ("setup_s", _seconds),
    "zone": ("zone", str),
    "allowed_worker_ids": ("allowed_worker_ids", tuple),
    "forbidden_worker_ids": ("forbidden_worker_ids", tuple),
    "preferred_worker_ids": ("preferred_worker_ids", tuple),
    "not_preferred_cost": ("not_preferred_cost", float),
    "pin": ("pin", _pin),
    "soft_time_windows": ("soft_time_windows", _spans),
    "cost_per_hour_early": ("cost_per_hour_early", float),
    "cost_per_hour_late": ("cost_per_hour_late", float),
}
"""What each field of a visit is called in the request, and how it is read."""


def problem_message(request: PlanningRequest) -> v1.Problem:
    """Write a problem, so that the plan that answers it can be explained and revised later."""
    message = v1.Problem(
        label=request.label,
        time_zone=request.time_zone,
        road_network=request.road_network,
        workers=[_worker_message(worker) for worker in request.workers],
        visits=[_visit_message(visit) for visit in request.visits],
        max_snap_distance_meters=request.max_snap_distance_m,
        same_worker_groups=[v1.VisitGroup(visit_ids=group) for group in request.same_worker_groups],
        separate_groups=[v1.VisitGroup(visit_ids=group) for group in request.separate_groups],
        sequences=[v1.VisitSequence(visit_ids=one.visit_ids, direct=one.is_direct) for one in request.sequences],
        known_travels=[_known_travel_message(travel) for travel in request.known_travels],
        departure=None if request.departure is None else departure_message(request.departure),
        balance=None if request.balance is None else _balance_message(request.balance),
        lowest_strict_priority=request.lowest_strict_priority,
        precedences=[
            v1.Precedence(
                before_visit_id=one.before_visit_id,
                after_visit_id=one.after_visit_id,
                min_gap=duration_of_s(one.min_gap_s),
            )
            for one in request.precedences
        ],
        deliveries=[
            v1.Delivery(pickup_visit_id=one.pickup_visit_id, delivery_visit_id=one.delivery_visit_id, load=one.load)
            for one in request.deliveries
        ],
    )
    if request.coordinate_system is not None:
        message.coordinate_system = value_of_system(request.coordinate_system)
    return message


def _known_travel_message(travel: KnownTravel) -> v1.KnownTravel:
    message = v1.KnownTravel()
    for name in ("visit_id", "worker_id"):
        for end, place in (("from", travel.origin), ("to", travel.destination)):
            if value := getattr(place, name):
                setattr(message, f"{end}_{name}", value)
    if travel.is_unreachable:
        message.unreachable = True
    else:
        message.known.duration.seconds = travel.duration_s or 0
        message.known.distance_meters = travel.distance_m or 0.0
    return message


def _worker_message(worker: WorkerRequest) -> v1.Worker:
    start, end, center = worker.start_position, worker.end_position, worker.area_center_position
    return v1.Worker(
        id=worker.id,
        label=worker.label,
        road_network=worker.road_network,
        shift=window_of_span(worker.shift),
        start_position=None if start is None else position_of_place(start),
        end_position=None if end is None else position_of_place(end),
        skills=worker.skills,
        max_visits=worker.max_visits,
        max_distance_meters=worker.max_distance_m,
        max_duration=None if worker.max_duration_s is None else duration_of_s(worker.max_duration_s),
        capacity=worker.capacity,
        breaks=[_break_message(pause) for pause in worker.breaks],
        fixed_cost=worker.fixed_cost,
        cost_per_hour=worker.cost_per_hour,
        cost_per_kilometer=worker.cost_per_kilometer,
        skill_levels=_level_messages(worker.skill_levels),
        travel_factor=worker.travel_factor,
        service_factor=worker.service_factor,
        zones=worker.zones,
        max_travel_duration=None if worker.max_travel_s is None else duration_of_s(worker.max_travel_s),
        soft_limits=_soft_limits_message(worker.soft_limits),
        regular_end_time=None if worker.regular_end_s is None else timestamp_of_s(worker.regular_end_s),
        overtime_cost_per_hour=worker.overtime_cost_per_hour,
        further_shifts=[_further_shift_message(shift) for shift in worker.further_shifts],
        driving_rest=None if worker.driving_rest is None else _driving_rest_message(worker.driving_rest),
        area_center_position=None if center is None else position_of_place(center),
        cost_per_kilometer_from_center=worker.cost_per_kilometer_from_center,
        reload=None if worker.reload is None else _reload_message(worker.reload),
    )


def _reload_message(reload: ReloadRequest) -> v1.Reload:
    return v1.Reload(
        position=None if reload.position is None else position_of_place(reload.position),
        duration=duration_of_s(reload.duration_s),
        max_reloads=reload.max_reloads,
    )


def _break_message(pause: BreakRequest) -> v1.Break:
    return v1.Break(
        earliest_start_time=timestamp_of_s(pause.earliest_start_s),
        latest_start_time=timestamp_of_s(pause.latest_start_s),
        duration=duration_of_s(pause.duration_s),
    )


def _driving_rest_message(rest: DrivingRestRequest) -> v1.DrivingRest:
    return v1.DrivingRest(
        max_driving_duration=duration_of_s(rest.max_driving_s), duration=duration_of_s(rest.duration_s)
    )


def _further_shift_message(shift: FurtherShiftRequest) -> v1.FurtherShift:
    return v1.FurtherShift(
        window=window_of_span(shift.window),
        breaks=[_break_message(pause) for pause in shift.breaks],
        regular_end_time=None if shift.regular_end_s is None else timestamp_of_s(shift.regular_end_s),
    )


def _soft_limits_message(limits: SoftLimitsRequest) -> v1.SoftLimits:
    return v1.SoftLimits(
        max_visits=limits.max_visits,
        cost_per_extra_visit=limits.cost_per_extra_visit,
        max_distance_meters=limits.max_distance_m,
        cost_per_extra_kilometer=limits.cost_per_extra_kilometer,
        max_duration=None if limits.max_duration_s is None else duration_of_s(limits.max_duration_s),
        cost_per_extra_hour=limits.cost_per_extra_hour,
        max_travel_duration=None if limits.max_travel_s is None else duration_of_s(limits.max_travel_s),
        cost_per_extra_travel_hour=limits.cost_per_extra_travel_hour,
    )


def _level_messages(levels: Iterable[SkillLevelRequest]) -> list[v1.SkillLevel]:
    return [v1.SkillLevel(skill=one.skill, level=one.level) for one in levels]


def _visit_message(visit: VisitRequest) -> v1.Visit:
    return v1.Visit(
        id=visit.id,
        label=visit.label,
        position=None if visit.position is None else position_of_place(visit.position),
        duration=duration_of_s(visit.duration_s),
        time_windows=[window_of_span(window) for window in visit.time_windows],
        required_skills=visit.required_skills,
        unserved_cost=visit.unserved_cost,
        priority=visit.priority,
        load=visit.load,
        required_skill_levels=_level_messages(visit.required_skill_levels),
        skill_durations=[
            v1.SkillDuration(skill=one.skill, duration=duration_of_s(one.duration_s)) for one in visit.skill_durations
        ],
        setup_duration=duration_of_s(visit.setup_s),
        zone=visit.zone,
        allowed_worker_ids=visit.allowed_worker_ids,
        forbidden_worker_ids=visit.forbidden_worker_ids,
        preferred_worker_ids=visit.preferred_worker_ids,
        not_preferred_cost=visit.not_preferred_cost,
        pin=None if visit.pin is None else _pin_message(visit.pin),
        soft_time_windows=[window_of_span(window) for window in visit.soft_time_windows],
        cost_per_hour_early=visit.cost_per_hour_early,
        cost_per_hour_late=visit.cost_per_hour_late,
    )


def _pin_message(pin: PinRequest) -> v1.VisitPin:
    start = None if pin.start_s is None else timestamp_of_s(pin.start_s)
    return v1.VisitPin(worker_id=pin.worker_id, start_time=start)
