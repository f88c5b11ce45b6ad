"""What is asked to be planned, both ways."""

from __future__ import annotations

from odograph import v1

from server.messages.coordinates import declared_system, place_of_position, position_of_place, value_of_system
from server.messages.times import duration_of_s, s_of_duration, span_of_window, timestamp_of_s, window_of_span
from server.use_cases.planning_request import (
    DEFAULT_COST_PER_HOUR,
    DEFAULT_COST_PER_KILOMETER,
    DEFAULT_SNAP_DISTANCE_M,
    BreakRequest,
    KnownTravel,
    PlaceOfProblem,
    PlanningRequest,
    SearchOptions,
    VisitRequest,
    WorkerRequest,
)

DEFAULT_PRIORITY = 3


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
        visits=tuple(_visit(visit) for visit in problem.visits),
        coordinate_system=declared_system(problem.coordinate_system),
        road_network=problem.road_network,
        time_zone=problem.time_zone or "UTC",
        label=problem.label,
        max_snap_distance_m=(
            problem.max_snap_distance_meters
            if problem.HasField("max_snap_distance_meters")
            else DEFAULT_SNAP_DISTANCE_M
        ),
        known_travels=tuple(_known_travel(travel) for travel in problem.known_travels),
    )


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
    return SearchOptions(time_limit_s=time_limit_s, seed=request.seed)


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
    )


def _break(pause: v1.Break) -> BreakRequest:
    return BreakRequest(pause.earliest_start_time.seconds, pause.latest_start_time.seconds, pause.duration.seconds)


def _visit(visit: v1.Visit) -> VisitRequest:
    return VisitRequest(
        id=visit.id,
        position=place_of_position(visit.position) if visit.HasField("position") else None,
        label=visit.label,
        duration_s=visit.duration.seconds,
        time_windows=tuple(span_of_window(window) for window in visit.time_windows),
        required_skills=tuple(visit.required_skills),
        unserved_cost=visit.unserved_cost if visit.HasField("unserved_cost") else None,
        priority=visit.priority or DEFAULT_PRIORITY,
        load=visit.load,
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
        known_travels=[_known_travel_message(travel) for travel in request.known_travels],
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
    start, end = worker.start_position, worker.end_position
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
        breaks=[
            v1.Break(
                earliest_start_time=timestamp_of_s(pause.earliest_start_s),
                latest_start_time=timestamp_of_s(pause.latest_start_s),
                duration=duration_of_s(pause.duration_s),
            )
            for pause in worker.breaks
        ],
        fixed_cost=worker.fixed_cost,
        cost_per_hour=worker.cost_per_hour,
        cost_per_kilometer=worker.cost_per_kilometer,
    )


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
    )
