"""What is asked to be planned, read from its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from odograph import v1

from optimizer.options import Engine
from optimizer.problem import BalanceMeasure
from server.messages.coordinates import declared_system, place_of_position
from server.messages.departures import departure_of_message
from server.messages.times import s_of_duration, span_of_window
from server.use_cases.freeze import FreezeLevel, FreezeRequest
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
    PinEvent,
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

BALANCE_MEASURES = {
    v1.Balance.MEASURE_TIME: BalanceMeasure.TIME,
    v1.Balance.MEASURE_VISITS: BalanceMeasure.VISITS,
    v1.Balance.MEASURE_DISTANCE: BalanceMeasure.DISTANCE,
    v1.Balance.MEASURE_SPREAD: BalanceMeasure.SPREAD,
}

PIN_EVENTS = {
    v1.VisitPin.EVENT_ARRIVED: PinEvent.ARRIVED,
    v1.VisitPin.EVENT_UNDER_WAY: PinEvent.UNDER_WAY,
}

_FREEZE_LEVELS = {
    v1.Freeze.LEVEL_ORDER: FreezeLevel.ORDER,
    v1.Freeze.LEVEL_WORKER: FreezeLevel.WORKER,
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
        different_worker_groups=tuple(tuple(group.visit_ids) for group in problem.different_worker_groups),
        separate_groups=tuple(tuple(group.visit_ids) for group in problem.separate_groups),
        sequences=tuple(SequenceRequest(tuple(one.visit_ids), one.direct) for one in problem.sequences),
        known_travels=tuple(_known_travel(travel) for travel in problem.known_travels),
        departure=departure_of_message(problem.departure) if problem.HasField("departure") else None,
        balance=_balance(problem.balance) if problem.HasField("balance") else None,
        lowest_strict_priority=problem.lowest_strict_priority,
        not_before_s=problem.not_before_time.seconds if problem.HasField("not_before_time") else None,
        precedences=tuple(
            PrecedenceRequest(one.before_visit_id, one.after_visit_id, one.min_gap.seconds)
            for one in problem.precedences
        ),
        deliveries=tuple(
            DeliveryRequest(one.pickup_visit_id, one.delivery_visit_id, one.load) for one in problem.deliveries
        ),
    )


def _balance(balance: v1.Balance) -> BalanceRequest:
    return BalanceRequest(BALANCE_MEASURES.get(balance.measure), balance.cost)


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


def freeze_of_message(request: v1.BuildPlanRequest | v1.CheckPlanRequest) -> FreezeRequest | None:
    """Read what stays of a stored plan; None is nothing."""
    if not request.HasField("freeze"):
        return None
    freeze = request.freeze
    before_s = freeze.before_time.seconds if freeze.HasField("before_time") else None
    return FreezeRequest(freeze.plan_id, before_s, _FREEZE_LEVELS.get(freeze.level, FreezeLevel.TIME))


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
        reload.cost,
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
    start_s = pin.start_time.seconds if pin.HasField("start_time") else None
    return PinRequest(pin.worker_id, start_s, PIN_EVENTS.get(pin.event))


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
