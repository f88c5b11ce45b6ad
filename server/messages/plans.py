"""Plans, both ways: a plan is kept as its own message, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from odograph import v1

from geo.coordinates import CoordinateSystem
from optimizer.plan import Confirmation, UnplannedReason
from server.messages.coordinates import place_of_position, position_of_place, value_of_system
from server.messages.notices import notice_messages, notices_of_messages
from server.messages.times import (
    duration_of_s,
    ms_of_timestamp,
    s_of_duration,
    span_of_window,
    timestamp_of_ms,
    timestamp_of_s,
    window_of_span,
)
from server.use_cases.day_plan import (
    CostPart,
    DayBreak,
    DayLeg,
    DayPlan,
    DayReload,
    DayRoute,
    DayStop,
    DayUnplanned,
    PlanState,
    StopReason,
    TradeOff,
)


def plan_message(plan: DayPlan) -> v1.Plan:
    """Write a plan, in WGS-84."""
    message = v1.Plan(
        id=plan.id,
        label=plan.label,
        state=v1.Plan.State.Value(f"STATE_{plan.state.name}"),
        create_time=timestamp_of_ms(plan.create_ms),
        day=plan.day,
        time_zone=plan.time_zone,
        coordinate_system=value_of_system(CoordinateSystem.WGS84),
        unplanned_visits=unplanned_messages(plan.unplanned),
        cost=plan.cost,
        totals=_totals(plan),
        engine=plan.engine,
        search_duration=duration_of_s(plan.search_s),
        stop_reason=v1.Plan.StopReason.Value(f"STOP_REASON_{plan.stop_reason.name}"),
        notices=notice_messages(plan.notices),
        confirmation=v1.Plan.Confirmation.Value(f"CONFIRMATION_{plan.confirmation.name}"),
        cost_parts=[v1.CostPart(field=part.field, cost=part.cost) for part in plan.cost_parts],
        cost_lower_bound=plan.cost_lower_bound,
        trade_off=[v1.TradeOffPoint(largest_route=one.largest_route, cost=one.cost) for one in plan.trade_off],
    )
    for route in plan.routes:
        _write_route(message.routes.add(), route)
    return message


def unplanned_messages(visits: Iterable[DayUnplanned]) -> list[v1.UnplannedVisit]:
    """Write visits that are left out."""
    return [
        v1.UnplannedVisit(
            visit_id=unplanned.visit_id,
            visit_label=unplanned.visit_label,
            reason=v1.UnplannedVisit.Reason.Value(f"REASON_{unplanned.reason.name}"),
            explanation=unplanned.explanation,
        )
        for unplanned in visits
    ]


def plan_summary(plan: v1.Plan) -> v1.Plan:
    """Return a plan without its routes, unplanned visits and parts of the cost, for listings."""
    summary = v1.Plan()
    summary.CopyFrom(plan)
    summary.ClearField("routes")
    summary.ClearField("unplanned_visits")
    summary.ClearField("cost_parts")
    return summary


def plan_of_message(message: v1.Plan) -> DayPlan:
    """Read a plan that `plan_message` wrote."""
    return DayPlan(
        id=message.id,
        label=message.label,
        state=PlanState[v1.Plan.State.Name(message.state).removeprefix("STATE_")],
        create_ms=ms_of_timestamp(message.create_time),
        day=message.day,
        time_zone=message.time_zone,
        routes=tuple(_route(route) for route in message.routes),
        unplanned=tuple(
            DayUnplanned(
                unplanned.visit_id,
                unplanned.visit_label,
                UnplannedReason[v1.UnplannedVisit.Reason.Name(unplanned.reason).removeprefix("REASON_")],
                unplanned.explanation,
            )
            for unplanned in message.unplanned_visits
        ),
        cost=message.cost,
        engine=message.engine,
        search_s=s_of_duration(message.search_duration),
        stop_reason=StopReason[v1.Plan.StopReason.Name(message.stop_reason).removeprefix("STOP_REASON_")],
        notices=notices_of_messages(message.notices),
        confirmation=Confirmation[v1.Plan.Confirmation.Name(message.confirmation).removeprefix("CONFIRMATION_")],
        cost_parts=tuple(CostPart(part.field, part.cost) for part in message.cost_parts),
        cost_lower_bound=message.cost_lower_bound if message.HasField("cost_lower_bound") else None,
        trade_off=tuple(TradeOff(one.largest_route, one.cost) for one in message.trade_off),
    )


def polyline(latitude_degrees: NDArray[np.float64], longitude_degrees: NDArray[np.float64]) -> v1.Polyline:
    """Write a line."""
    return v1.Polyline(latitude_degrees=latitude_degrees.tolist(), longitude_degrees=longitude_degrees.tolist())


def _totals(plan: DayPlan) -> v1.PlanTotals:
    reload_s = sum(route.reload_s for route in plan.routes)
    setup_s = sum(route.setup_s for route in plan.routes)
    return v1.PlanTotals(
        used_worker_count=len({route.worker_id for route in plan.routes if route.stops}),
        planned_visit_count=plan.stop_count,
        unplanned_visit_count=len(plan.unplanned),
        distance_meters=sum(route.distance_m for route in plan.routes),
        route_duration=duration_of_s(sum(route.duration_s for route in plan.routes)),
        travel_duration=duration_of_s(sum(route.travel_s for route in plan.routes)),
        service_duration=duration_of_s(sum(route.service_s for route in plan.routes)),
        break_duration=duration_of_s(sum(route.break_s for route in plan.routes)),
        waiting_duration=duration_of_s(sum(route.waiting_s for route in plan.routes)),
        reload_duration=duration_of_s(reload_s) if reload_s else None,
        setup_duration=duration_of_s(setup_s) if setup_s else None,
    )


def _write_route(message: v1.Route, route: DayRoute) -> None:
    """Write a route into its place in the plan."""
    message.MergeFrom(_route_without_stops(route))
    for stop in route.stops:
        _write_stop(message.stops.add(), stop)
    for leg in route.legs:
        _write_leg(message.legs.add(), leg)


def _route_without_stops(route: DayRoute) -> v1.Route:
    return v1.Route(
        worker_id=route.worker_id,
        worker_label=route.worker_label,
        road_network=route.road_network,
        network_fingerprint=route.network_fingerprint,
        shift=window_of_span(route.shift),
        start_time=None if route.start_s is None else timestamp_of_s(route.start_s),
        end_time=None if route.end_s is None else timestamp_of_s(route.end_s),
        breaks=[
            v1.PlannedBreak(
                start_time=timestamp_of_s(pause.start_s),
                duration=duration_of_s(pause.duration_s),
                start_window=window_of_span(pause.start_window),
                rest=pause.is_rest,
            )
            for pause in route.breaks
        ],
        distance_meters=route.distance_m,
        travel_duration=duration_of_s(route.travel_s),
        service_duration=duration_of_s(route.service_s),
        break_duration=duration_of_s(route.break_s),
        waiting_duration=duration_of_s(route.waiting_s),
        cost=route.cost,
        start_position=None if route.start_position is None else position_of_place(route.start_position),
        end_position=None if route.end_position is None else position_of_place(route.end_position),
        shift_number=route.shift_number,
        reloads=[_reload_message(reload) for reload in route.reloads],
        reload_duration=duration_of_s(route.reload_s) if route.reloads else None,
        setup_duration=duration_of_s(route.setup_s) if route.setup_s else None,
    )


def _reload_message(reload: DayReload) -> v1.PlannedReload:
    return v1.PlannedReload(
        before_stop=reload.before_stop,
        position=position_of_place(reload.position),
        arrival_time=timestamp_of_s(reload.arrival_s),
        departure_time=timestamp_of_s(reload.departure_s),
        duration=duration_of_s(reload.duration_s),
    )


def _write_stop(message: v1.Stop, stop: DayStop) -> None:
    """Write a stop into its place in the route: a plan has hundreds, and what is made apart is copied."""
    message.visit_id, message.visit_label = stop.visit_id, stop.visit_label
    message.position.latitude_degrees = stop.position.latitude_degrees
    message.position.longitude_degrees = stop.position.longitude_degrees
    message.arrival_time.seconds = stop.arrival_s
    message.start_time.seconds = stop.start_s
    message.departure_time.seconds = stop.departure_s
    if stop.time_window is not None:
        message.time_window.CopyFrom(window_of_span(stop.time_window))
    if stop.slack_s is not None:
        message.slack.CopyFrom(duration_of_s(stop.slack_s))
    if stop.setup_s:
        message.setup_duration.CopyFrom(duration_of_s(stop.setup_s))
    if stop.waiting_s:
        message.waiting_duration.CopyFrom(duration_of_s(stop.waiting_s))


def _write_leg(message: v1.Leg, leg: DayLeg) -> None:
    """Write a leg into its place in the route."""
    if leg.from_stop is not None:
        message.from_stop = leg.from_stop
    if leg.to_stop is not None:
        message.to_stop = leg.to_stop
    message.duration.CopyFrom(duration_of_s(leg.duration_s))
    message.distance_meters = leg.distance_m
    message.path.SetInParent()  # also where there is no line
    message.path.latitude_degrees.extend(leg.latitude_degrees.tolist())
    message.path.longitude_degrees.extend(leg.longitude_degrees.tolist())


def _route(message: v1.Route) -> DayRoute:
    return DayRoute(
        worker_id=message.worker_id,
        worker_label=message.worker_label,
        road_network=message.road_network,
        network_fingerprint=message.network_fingerprint,
        shift=span_of_window(message.shift),
        start_s=message.start_time.seconds if message.HasField("start_time") else None,
        end_s=message.end_time.seconds if message.HasField("end_time") else None,
        stops=tuple(_stop(stop) for stop in message.stops),
        legs=tuple(_leg(leg) for leg in message.legs),
        breaks=tuple(
            DayBreak(pause.start_time.seconds, pause.duration.seconds, span_of_window(pause.start_window), pause.rest)
            for pause in message.breaks
        ),
        cost=message.cost,
        start_position=place_of_position(message.start_position) if message.HasField("start_position") else None,
        end_position=place_of_position(message.end_position) if message.HasField("end_position") else None,
        shift_number=message.shift_number,
        reloads=tuple(
            DayReload(
                before_stop=reload.before_stop,
                position=place_of_position(reload.position),
                arrival_s=reload.arrival_time.seconds,
                departure_s=reload.departure_time.seconds,
                duration_s=reload.duration.seconds,
            )
            for reload in message.reloads
        ),
    )


def _stop(message: v1.Stop) -> DayStop:
    return DayStop(
        visit_id=message.visit_id,
        visit_label=message.visit_label,
        position=place_of_position(message.position),
        arrival_s=message.arrival_time.seconds,
        start_s=message.start_time.seconds,
        departure_s=message.departure_time.seconds,
        time_window=span_of_window(message.time_window) if message.HasField("time_window") else None,
        slack_s=message.slack.seconds if message.HasField("slack") else None,
        setup_s=message.setup_duration.seconds,
        waiting_s=message.waiting_duration.seconds,
    )


def _leg(message: v1.Leg) -> DayLeg:
    return DayLeg(
        from_stop=message.from_stop if message.HasField("from_stop") else None,
        to_stop=message.to_stop if message.HasField("to_stop") else None,
        duration_s=message.duration.seconds,
        distance_m=message.distance_meters,
        latitude_degrees=np.array(message.path.latitude_degrees, np.float64),
        longitude_degrees=np.array(message.path.longitude_degrees, np.float64),
    )
