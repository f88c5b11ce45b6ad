"""A plan for people and other programs: tables for the terminal, CSV, GeoJSON and HTML. Positions are WGS-84."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table

from geo.roads.network import RoadNetwork
from server.cli.output_files import line_feature, point_feature
from server.reports.day_report import DayReport, WorkerDay
from server.reports.html_report import html_report
from server.reports.wording import UNPLANNED_REASONS, clock, duration, kilometres
from server.use_cases.day_plan import DayPlan, DayRoute
from server.use_cases.planning_request import Place

STOP_COLUMNS = (
    "worker_id",
    "worker_label",
    "position",
    "visit_id",
    "visit_label",
    "latitude_degrees",
    "longitude_degrees",
    "arrival",
    "start",
    "departure",
    "travel_s",
    "distance_m",
    "not_planned_because",
    "shift",
)
RELOAD = "reload"
"""Stands where the label of a visit would."""


def plan_tables(plan: DayPlan) -> RenderableType:
    """Lay a plan out for a terminal.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    RenderableType
        Routes, visits that are not planned, notices, and the sum.
    """
    parts: list[RenderableType] = [route_table(plan)]
    if plan.unplanned:
        left_out = Table("not planned", "reason", "explanation", box=None, pad_edge=False, header_style="bold")
        for visit in plan.unplanned:
            left_out.add_row(visit.visit_label or visit.visit_id, UNPLANNED_REASONS[visit.reason], visit.explanation)
        parts += ["", left_out]
    parts += [f"note: {notice.field}: {notice.description}" for notice in plan.notices]
    asked = plan.stop_count + len(plan.unplanned)
    total_m = sum(route.distance_m for route in plan.routes)
    parts += ["", f"plan {plan.id}: {plan.stop_count} of {asked} visits, {kilometres(total_m)}, cost {plan.cost:,.2f}"]
    return Group(*parts)


def stop_rows(plan: DayPlan) -> Iterator[tuple[object, ...]]:
    """List the stops of a plan with its reloads, then the visits that are not planned: the columns of `STOP_COLUMNS`.

    Parameters
    ----------
    plan
        The plan.

    Yields
    ------
    tuple[object, ...]
        One row of the CSV file; times are ISO 8601 in the plan's time zone.
    """
    zone = ZoneInfo(plan.time_zone)
    for route in plan.routes:
        leg_to = {leg.to_stop: leg for leg in route.legs}
        reload_before = {reload.before_stop: reload for reload in route.reloads}
        worker = route.worker_id, route.worker_label
        for index, stop in enumerate(route.stops):
            if index in reload_before:
                reload = reload_before[index]
                times = (_iso(time_s, zone) for time_s in (reload.arrival_s, reload.arrival_s, reload.departure_s))
                place = _degrees(reload.position)
                yield (*worker, None, None, RELOAD, *place, *times, None, None, None, route.shift_number + 1)
            leg = leg_to.get(index)
            times = (_iso(time_s, zone) for time_s in (stop.arrival_s, stop.start_s, stop.departure_s))
            way = (leg.duration_s, round(leg.distance_m)) if leg else (None, None)
            asked = (index + 1, stop.visit_id, stop.visit_label, *_degrees(stop.position))
            yield (*worker, *asked, *times, *way, None, route.shift_number + 1)
    for visit in plan.unplanned:
        yield (None,) * 3 + (visit.visit_id, visit.visit_label) + (None,) * 7 + (visit.reason.value, None)


def plan_features(plan: DayPlan) -> Iterator[dict[str, object]]:
    """Draw a plan as GeoJSON features: one line per route, one point per stop and per reload.

    Parameters
    ----------
    plan
        The plan.

    Yields
    ------
    dict[str, object]
        A feature.
    """
    for route in plan.routes:
        if route.legs:
            lines = [np.column_stack([leg.latitude_degrees, leg.longitude_degrees]) for leg in route.legs]
            properties = {"worker": route.worker_id, "distance_m": round(route.distance_m), "travel_s": route.travel_s}
            yield line_feature(np.vstack(lines), properties)
        for index, stop in enumerate(route.stops):
            yield point_feature(
                stop.position.latitude_degrees,
                stop.position.longitude_degrees,
                {
                    "worker": route.worker_id,
                    "position": index + 1,
                    "visit": stop.visit_id,
                    "label": stop.visit_label,
                    "start_s": stop.start_s,
                    "departure_s": stop.departure_s,
                },
            )
        for reload in route.reloads:
            yield point_feature(
                reload.position.latitude_degrees,
                reload.position.longitude_degrees,
                {
                    "worker": route.worker_id,
                    "label": RELOAD,
                    "start_s": reload.arrival_s,
                    "departure_s": reload.departure_s,
                },
            )


def plan_html(plan: DayPlan, networks: Mapping[str, RoadNetwork]) -> str:
    """Write a plan as a report.

    Parameters
    ----------
    plan
        The plan.
    networks
        Road networks of its routes, by id.

    Returns
    -------
    str
        One HTML document; workers without stops are left out.
    """
    used = [route for route in plan.routes if route.stops] or list(plan.routes[:1])
    return html_report(DayReport(plan, tuple(WorkerDay(route, networks[route.road_network]) for route in used)))


def route_table(plan: DayPlan) -> Table:
    """Lay the routes of a plan out for a terminal.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Table
        One row per route.
    """
    table = Table("worker", box=None, pad_edge=False, header_style="bold")
    for column in ("visits", "start", "end", "distance", "travel", "waiting"):
        table.add_column(column, justify="right")
    for route in plan.routes:
        table.add_row(route.worker_label or route.worker_id, *_route_cells(route, ZoneInfo(plan.time_zone)))
    return table


def _route_cells(route: DayRoute, zone: ZoneInfo) -> tuple[str, ...]:
    if route.start_s is None or route.end_s is None:
        return ("0", "", "", "", "", "")
    return (
        str(len(route.stops)),
        clock(route.start_s * 1000, zone),
        clock(route.end_s * 1000, zone),
        kilometres(route.distance_m),
        duration(route.travel_s),
        duration(route.waiting_s),
    )


def _degrees(place: Place) -> tuple[str, str]:
    return f"{place.latitude_degrees:.7f}", f"{place.longitude_degrees:.7f}"


def _iso(time_s: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone).isoformat()
