"""What is asked to be planned, written as messages: it is kept with the plan that answers it."""

from __future__ import annotations

from collections.abc import Iterable

from odograph import v1

from server.messages.coordinates import position_of_place, value_of_system
from server.messages.departures import departure_message
from server.messages.problems import BALANCE_MEASURES, PIN_EVENTS
from server.messages.times import duration_of_s, timestamp_of_s, window_of_span
from server.use_cases.planning_request import (
    BalanceRequest,
    BreakRequest,
    DrivingRestRequest,
    FurtherShiftRequest,
    KnownTravel,
    PinRequest,
    PlanningRequest,
    ReloadRequest,
    SkillLevelRequest,
    SoftLimitsRequest,
    VisitRequest,
    WorkerRequest,
)


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
        different_worker_groups=[v1.VisitGroup(visit_ids=group) for group in request.different_worker_groups],
        separate_groups=[v1.VisitGroup(visit_ids=group) for group in request.separate_groups],
        sequences=[v1.VisitSequence(visit_ids=one.visit_ids, direct=one.is_direct) for one in request.sequences],
        known_travels=[_known_travel_message(travel) for travel in request.known_travels],
        departure=None if request.departure is None else departure_message(request.departure),
        balance=None if request.balance is None else _balance_message(request.balance),
        lowest_strict_priority=request.lowest_strict_priority,
        not_before_time=None if request.not_before_s is None else timestamp_of_s(request.not_before_s),
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
        cost=reload.cost or None,
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
    event = next((value for value, one in PIN_EVENTS.items() if one is pin.event), v1.VisitPin.EVENT_UNSPECIFIED)
    return v1.VisitPin(worker_id=pin.worker_id, start_time=start, event=event)


def _balance_message(balance: BalanceRequest) -> v1.Balance:
    value = next(
        (one for one, measure in BALANCE_MEASURES.items() if measure is balance.measure), v1.Balance.MEASURE_UNSPECIFIED
    )
    return v1.Balance(measure=value, cost=balance.cost)
